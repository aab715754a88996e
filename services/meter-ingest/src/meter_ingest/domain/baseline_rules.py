"""What may be refused, or noticed, of baselines."""

from __future__ import annotations

from contracts.message import Rule

BASELINE_GROUP_UNKNOWN = Rule(
    "BASELINE_GROUP_UNKNOWN",
    "D20",
    "Fleksibilitetsgruppen finnes ikke, eller den er ikke din.",
    "There is no such flexibility group, or it is not yours.",
    "Kontroller gruppens id.",
    "Check the group's id.",
)
BASELINE_FROM_PAST = Rule(
    "BASELINE_FROM_PAST",
    "D20",
    "Valget kan ikke gjelde fra {actual}; tidligst {limit}.",
    "The choice cannot be valid from {actual}; {limit} at the earliest.",
    "Velg en midnatt som kommer, eller ingen: da gjelder det fra nå.",
    "Choose a midnight to come, or none: then it is valid from now.",
)
BASELINE_METHOD_TWICE = Rule(
    "BASELINE_METHOD_TWICE",
    "D20",
    "Metoden {actual} er nevnt to ganger.",
    "The method {actual} is named twice.",
    "Nevn hver metode én gang: den som teller, og de som vises ved siden av.",
    "Name each method once: the one that counts, and those that are shown beside it.",
)
BASELINE_UNCHANGED = Rule(
    "BASELINE_UNCHANGED",
    "D20",
    "Gruppen verifiseres allerede med disse metodene.",
    "The group is verified by these methods already.",
    "Ingenting er endret.",
    "Nothing was changed.",
)
BASELINE_NOT_QUARTERS = Rule(
    "BASELINE_NOT_QUARTERS",
    "D20",
    "Perioden er ikke hele kvarter: {actual}.",
    "The period is not of whole quarters: {actual}.",
    "La den begynne og slutte ved et helt kvarter.",
    "Let it begin and end with a quarter of an hour.",
)
BASELINE_BEGUN = Rule(
    "BASELINE_BEGUN",
    "D20",
    "Perioden begynner {actual}, som er passert; tidligst {limit}.",
    "The period begins at {actual}, which is past; {limit} at the earliest.",
    "En referanse meldes før kvarteret den gjelder. Begynn med neste kvarter.",
    "A baseline is submitted before the quarter that it is of. Begin with the next quarter.",
)
BASELINE_TOO_FAR = Rule(
    "BASELINE_TOO_FAR",
    "D20",
    "Perioden går til {actual}; senest {limit}.",
    "The period goes to {actual}; {limit} at the latest.",
    "Send det som er nærmere først, og resten senere.",
    "Send what is nearer first, and the rest later.",
)
BASELINE_COUNT = Rule(
    "BASELINE_COUNT",
    "D20",
    "Perioden har {limit} kvarter, men {actual} verdier er sendt.",
    "The period has {limit} quarters, but {actual} values were sent.",
    "Send én verdi per kvarter; et døgn har 92, 96 eller 100.",
    "Send one value per quarter; a day has 92, 96 or 100.",
)

ALL = tuple(value for value in list(globals().values()) if isinstance(value, Rule))
