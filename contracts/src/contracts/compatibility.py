"""Whether a schema may take the place of a stored one.

What a *command* took once it must always take: a field may be added if it may be left out, and what a field takes may
grow. An *event* is read by others and stays on the log for ever, so that old readers and new ones must both understand
both: the only change is a new field that may be left out.
"""

from __future__ import annotations

from typing import Any, Final, Literal

Schema = dict[str, Any]
Kind = Literal["command", "event"]

ADVICE: Final = (
    "A stored schema never changes in a breaking way: make a v2 (a new class in the service's v2 module, beside the "
    "old one). If this version was never released, delete its stored schema and run `python -m contracts.store` again."
)

_WORDS: Final = frozenset({"title", "description", "examples", "$schema", "$id", "$defs", "deprecated"})
_LOWER: Final = ("minimum", "minLength", "minItems", "exclusiveMinimum")
_UPPER: Final = ("maximum", "maxLength", "maxItems", "exclusiveMaximum")
_SEEN_APART: Final = frozenset(
    {"properties", "required", "items", "prefixItems", "anyOf", "enum", "const", "default", "type", "$ref"}
)


def breaks(old: Schema, new: Schema, kind: Kind) -> list[str]:
    """What a reader or writer of `old` could trip over in `new`, each with the JSON pointer to it; empty if nothing."""
    return _Comparison(old, new, grows=kind == "command").compare(old, new, "")


class _Comparison:
    def __init__(self, old: Schema, new: Schema, *, grows: bool) -> None:
        self.old, self.new, self.grows = old, new, grows

    def compare(self, old: Schema, new: Schema, path: str) -> list[str]:
        old, new = _resolved(old, self.old), _resolved(new, self.new)
        if "anyOf" in old or "anyOf" in new:
            return self._branches(old, new, path)
        found = [*self._values(old, new, path), *self._limits(old, new, path), *self._fields(old, new, path)]
        if "items" in old and "items" in new:
            found += self.compare(old["items"], new["items"], f"{path}/-")
        first, second = old.get("prefixItems", []), new.get("prefixItems", [])
        if len(first) != len(second):
            found.append(f"{path}: another number of items")
        for at, (one, other) in enumerate(zip(first, second, strict=False)):
            found += self.compare(one, other, f"{path}/{at}")
        return found

    def _branches(self, old: Schema, new: Schema, path: str) -> list[str]:
        olds, news = old.get("anyOf", [_bare(old)]), new.get("anyOf", [_bare(new)])
        found = [
            f"{path}: it no longer takes {_short(branch)}"
            for branch in olds
            if all(self.compare(branch, other, path) for other in news)
        ]
        if not self.grows:
            found += [
                f"{path}: it can now be {_short(branch)}, which old readers do not know"
                for branch in news
                if all(self.compare(other, branch, path) for other in olds)
            ]
        return found + _default(old, new, path)

    def _values(self, old: Schema, new: Schema, path: str) -> list[str]:
        found = _default(old, new, path)
        if old.get("type") != new.get("type"):
            found.append(f"{path}: the type was {old.get('type')} and is {new.get('type')}")
        olds, news = _allowed(old), _allowed(new)
        if news is not None and (olds is None or not olds <= news):
            gone = ", ".join(sorted(olds - news)) if olds is not None else "any other value"
            found.append(f"{path}: it no longer takes {gone}")
        if not self.grows and olds is not None and (news is None or not news <= olds):
            more = ", ".join(sorted(news - olds)) if news is not None else "any value"
            found.append(f"{path}: it can now be {more}, which old readers do not know")
        return found

    def _limits(self, old: Schema, new: Schema, path: str) -> list[str]:
        found: list[str] = []
        for keys, narrower in ((_LOWER, 1), (_UPPER, -1)):
            for key in keys:
                was, now = old.get(key), new.get(key)
                if was == now:
                    continue
                tighter = now is not None and (was is None or (now - was) * narrower > 0)
                if tighter or not self.grows:
                    found.append(f"{path}: {key} was {was} and is {now}")
        for key in (old.keys() | new.keys()) - _WORDS - _SEEN_APART - set(_LOWER) - set(_UPPER):
            was, now = old.get(key), new.get(key)
            dropped = self.grows and now is None
            if was != now and not dropped:
                found.append(f"{path}: {key} was {was!r} and is {now!r}")
        return found

    def _fields(self, old: Schema, new: Schema, path: str) -> list[str]:
        olds, news = old.get("properties", {}), new.get("properties", {})
        was, now = set(old.get("required", ())), set(new.get("required", ()))
        found = [f"{path}/{name}: the field is gone" for name in olds.keys() - news.keys()]
        found += [f"{path}/{name}: the field is new and required" for name in (news.keys() - olds.keys()) & now]
        found += [f"{path}/{name}: the field is now required" for name in (now - was) & olds.keys()]
        if not self.grows:
            found += [f"{path}/{name}: old readers need the field, and it may now be left out" for name in was - now]
        for name in sorted(olds.keys() & news.keys()):
            found += self.compare(olds[name], news[name], f"{path}/{name}")
        return sorted(found)


def _resolved(schema: Schema, root: Schema) -> Schema:
    while "$ref" in schema:
        name = schema["$ref"].removeprefix("#/$defs/")
        schema = {**root["$defs"][name], **{key: value for key, value in schema.items() if key != "$ref"}}
    return schema


def _allowed(schema: Schema) -> set[str] | None:
    if "const" in schema:
        return {repr(schema["const"])}
    return {repr(value) for value in schema["enum"]} if "enum" in schema else None


def _default(old: Schema, new: Schema, path: str) -> list[str]:
    # What is left out means the default. A field that may now be left out has no old meaning to keep.
    if "default" in old and old["default"] != new.get("default", old["default"]):
        return [f"{path}: left out it meant {old['default']!r} and means {new.get('default')!r}"]
    return []


def _bare(schema: Schema) -> Schema:
    return {key: value for key, value in schema.items() if key != "default"}


def _short(schema: Schema) -> str:
    return str(schema.get("type") or schema.get("$ref") or schema)
