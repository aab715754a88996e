"""What may be refused, or noticed, of profiles."""

from __future__ import annotations

from contracts.message import Rule

PROFILE_NOT_WHOLE_HOURS = Rule(
    "PROFILE_NOT_WHOLE_HOURS",
    "D18",
    "Profilen dekker ikke hele timer: {actual}.",
    "The profile does not cover whole hours: {actual}.",
    "Begynn på en hel time, og send fire vekter per time.",
    "Begin on a whole hour, and send four weights an hour.",
)
PROFILE_TOO_LONG = Rule(
    "PROFILE_TOO_LONG",
    "D18",
    "Profilen har {actual} kvarter; en melding har høyst én måned: {limit} herfra.",
    "The profile has {actual} quarters; a message has a month at most: {limit} from there.",
    "Del den i flere meldinger.",
    "Divide it into several messages.",
)
PROFILE_NOT_OVER = Rule(
    "PROFILE_NOT_OVER",
    "D18",
    "Profilen går til {actual}, som ikke er over ennå.",
    "The profile goes to {actual}, which is not over yet.",
    "Publiser en profil når timene den gjelder er over.",
    "Publish a profile when the hours that it is of are over.",
)
PROFILE_WITHOUT_SHAPE = Rule(
    "PROFILE_WITHOUT_SHAPE",
    "D18",
    "Et volum kan ikke fordeles etter denne profilen: minste vekt er {actual}, og summen må være over 0.",
    "A volume cannot be spread by this profile: its least weight is {actual}, and the sum must be above 0.",
    "Send vekter som ikke er negative, og minst én over 0. Bare JIP kan være negativ.",
    "Send weights that are not negative, and one above 0 at least. Only the JIP may be negative.",
)
PROFILE_AREA_UNKNOWN = Rule(
    "PROFILE_AREA_UNKNOWN",
    "D18",
    "Nettavregningsområdet {actual} er ikke kjent; profilen er lagret, og brukes hvis området blir kjent.",
    "The metering grid area {actual} is not known; the profile is kept, and used if the area becomes known.",
    "Kontroller EIC-koden.",
    "Check the EIC.",
)

ALL = tuple(value for value in list(globals().values()) if isinstance(value, Rule))
