"""What may be refused, or found, of evidence that the TSO asks for (R46), and how to mend it."""

from __future__ import annotations

from contracts.message import Rule

EVIDENCE_NOT_REQUIRED = Rule(
    "EVIDENCE_NOT_REQUIRED",
    "R46",
    "Dokumentasjonsplikten er ikke trådt i kraft.",
    "The duty to document activations is not in force.",
    "Sett policyen evidence.required når den gjelder.",
    "Set the policy evidence.required when it is.",
)
EVIDENCE_DUE_PAST = Rule(
    "EVIDENCE_DUE_PAST",
    "R46",
    "Fristen for dokumentasjonen er ikke fram i tid, eller ikke etter perioden.",
    "The deadline of the evidence does not lie ahead, or not behind the period.",
    "Oppgi en senere frist.",
    "Give a later deadline.",
)
EVIDENCE_RUN_UNKNOWN = Rule(
    "EVIDENCE_RUN_UNKNOWN",
    "R46",
    "Aktiveringen har ingen slik verifikasjon.",
    "The activation has no such verification.",
    "Oppgi en kjøring som finnes, eller ingen: da dokumenteres den som gjelder.",
    "Give a run that there is, or none: then the one that counts is documented.",
)
EVIDENCE_GROUP_UNKNOWN = Rule(
    "EVIDENCE_GROUP_UNKNOWN",
    "R46",
    "Gruppen er ikke kjent.",
    "The group is not known.",
    "Kontroller gruppens id.",
    "Check the group's id.",
)
EVIDENCE_NOT_QUARTERS = Rule(
    "EVIDENCE_NOT_QUARTERS",
    "R46",
    "Perioden begynner eller slutter ikke med et kvarter.",
    "The period does not begin or end with a quarter of an hour.",
    "Oppgi hele kvarter.",
    "Give whole quarters.",
)
EVIDENCE_TOO_LONG = Rule(
    "EVIDENCE_TOO_LONG",
    "R46",
    "Perioden er lengre enn 7 døgn: den kan vare til {limit}.",
    "The period is longer than 7 days: it may last until {limit}.",
    "Be om flere perioder, hver for seg.",
    "Ask for several periods, each by itself.",
)
EVIDENCE_GONE = Rule(
    "EVIDENCE_GONE",
    "R46",
    "Måleverdiene i dokumentasjonen er slettet; det som ble publisert om den, står.",
    "The values of the evidence are kept no longer; what was published of it stands.",
    "Bruk filen som ble hentet da verdiene fantes.",
    "Use the file that was fetched while there were values.",
)
METER_EVIDENCE_LATE = Rule(
    "METER_EVIDENCE_LATE",
    "R46",
    "Dokumentasjonen var først hel etter fristen.",
    "The evidence was whole only after its deadline.",
    "Be nettselskapene sende måleverdier i tide.",
    "Have the DSOs send values in time.",
)
METER_EVIDENCE_INCOMPLETE = Rule(
    "METER_EVIDENCE_INCOMPLETE",
    "R46",
    "Dokumentasjonen mangler noe: måleverdier, eller en verifikasjon.",
    "The evidence misses something: values, or a verification.",
    "Send det som mangler; dokumentasjonen lages da på nytt.",
    "Send what is missing; the evidence is then prepared again.",
)

ALL = (
    EVIDENCE_NOT_REQUIRED,
    EVIDENCE_DUE_PAST,
    EVIDENCE_RUN_UNKNOWN,
    EVIDENCE_GROUP_UNKNOWN,
    EVIDENCE_NOT_QUARTERS,
    EVIDENCE_TOO_LONG,
    EVIDENCE_GONE,
    METER_EVIDENCE_LATE,
    METER_EVIDENCE_INCOMPLETE,
)
