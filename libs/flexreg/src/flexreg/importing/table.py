"""A file as rows: CSV in either habit, or JSON lines, found out by content.

CSV may be delimited by `;`, `,` or tabs and be UTF-8, UTF-16 or what Norwegian spreadsheets save (Windows-1252).
"""

from __future__ import annotations

import codecs
import csv
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from flexreg.problem import Problem

MOST_BYTES = 200 * 1024 * 1024
DELIMITERS = ";,\t"


class UnreadableTable(Problem):
    """The file as a whole cannot be read."""


@dataclass(frozen=True, slots=True)
class Unread:
    """Why something in the file cannot be read, and what to do, in both languages."""

    text_nb: str
    text_en: str
    fix_nb: str = "Rett raden, og importer filen på nytt."
    fix_en: str = "Correct the row, and import the file again."


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its line in the file, its cells by canonical column, and as they stood."""

    line: int
    cells: dict[str, Any]
    raw: dict[str, str]
    unread: Unread | None = None
    """Why the line itself cannot be read."""


@dataclass(frozen=True, slots=True)
class Table:
    """All rows, and the columns as the file names them. Without columns it is JSON lines."""

    rows: list[Row]
    columns: tuple[str, ...] = ()
    delimiter: str = ";"


def read(content: bytes, columns: dict[str, str]) -> Table:
    """The rows of a file. `columns`: canonical names by every name that a column may have (lower case)."""
    if len(content) > MOST_BYTES:
        limit = MOST_BYTES // 1024**2
        raise UnreadableTable(f"the file has {len(content)} bytes, more than {limit} MiB", "divide it")
    text = _text(content)
    if text.lstrip().startswith("{"):
        return Table(list(_json_rows(text)))
    return _csv(text, columns)


def _text(content: bytes) -> str:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16", "replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def _json_rows(text: str) -> Iterator[Row]:
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            found = json.loads(line, parse_float=str, parse_constant=_no_number, object_pairs_hook=_once)
        except (ValueError, RecursionError) as error:
            yield Row(number, {}, {"": line}, Unread(f"dette er ikke JSON: {error}", f"this is no JSON: {error}"))
            continue
        if not isinstance(found, dict):
            yield Row(number, {}, {"": line}, Unread("dette er ikke et JSON-objekt", "this is no JSON object"))
            continue
        yield Row(number, found, {"": line})


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        message = "a name stands twice in one object"
        raise ValueError(message)
    return found


def _no_number(name: str) -> None:
    message = f"{name} is no number"
    raise ValueError(message)


def _csv(text: str, columns: dict[str, str]) -> Table:
    header = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(DELIMITERS, key=header.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        names = next((row for row in reader if any(map(str.strip, row))), [])
    except csv.Error as error:
        raise UnreadableTable(f"the header cannot be read ({error})", "") from None
    known = [columns.get(_word(name), "") for name in names]
    _check_header(names, known, columns)
    rows: list[Row] = []
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            break
        except csv.Error as error:
            raise UnreadableTable(
                f"line {reader.line_num} cannot be read ({error})", "look for a stray quote"
            ) from None
        if any(map(str.strip, cells)):
            rows.append(_row(reader.line_num, names, known, cells))
    return Table(rows, tuple(names), delimiter)


def _row(line: int, names: Sequence[str], known: Sequence[str], cells: list[str]) -> Row:
    raw = dict(zip(names, cells, strict=False))
    if len(cells) > len(names) and any(map(str.strip, cells[len(names) :])):
        unread = Unread(
            f"{len(cells)} celler under {len(names)} kolonner",
            f"{len(cells)} cells under {len(names)} columns",
            "Sett anførselstegn rundt tall med desimalkomma når komma skiller cellene.",
            "Put quotes round numbers with a decimal comma where commas divide the cells.",
        )
        return Row(line, {}, raw, unread)
    values = {name: cell.strip() for name, cell in zip(known, cells, strict=False) if name and cell.strip()}
    return Row(line, values, raw)


def _check_header(names: Sequence[str], known: Sequence[str], columns: dict[str, str]) -> None:
    twice = {name for name in known if name and known.count(name) > 1}
    if twice:
        raise UnreadableTable(f"more than one column is {', '.join(sorted(twice))}", "leave one of them out")
    if not any(known):
        said = ", ".join(dict.fromkeys(columns.values()))
        raise UnreadableTable(f"no column of {', '.join(names)[:200] or 'the file'} is known", f"name them {said}")


def _word(name: str) -> str:
    """A column's name without case, space and what stands between words."""
    return "".join(character for character in name.casefold() if character.isalnum())


def written(table: Table, rows: Sequence[tuple[Row, str, str, str]]) -> str:
    """A file of the same form with these rows, each with its code and why it did not pass, in English and Norwegian."""
    out = io.StringIO(newline="")
    if not table.columns:
        for row, code, why, why_nb in rows:
            try:
                found = json.loads(row.raw[""])
            except ValueError:
                found = {"line": row.raw[""]}
            out.write(json.dumps({**found, "code": code, "why": why, "why_nb": why_nb}, ensure_ascii=False) + "\n")
        return out.getvalue()
    writer = csv.writer(out, delimiter=table.delimiter)
    kept = [name for name in table.columns if _word(name) not in {"code", "why", "whynb"}]
    writer.writerow([*kept, "code", "why", "why_nb"])
    for row, code, why, why_nb in rows:
        writer.writerow([*(row.raw.get(name, "") for name in kept), code, why, why_nb])
    return out.getvalue()
