"""The rules about temporary limits and suspensions."""

from __future__ import annotations

from contracts.message import Rule

RESTRICTION_UNCLEAR = Rule(
    key="RESTRICTION_UNCLEAR",
    number="R38",
    text_nb="Det er ikke klart hva begrensningen eller suspensjonen gjelder ({actual}), eller den begrenser ingenting.",
    text_en="It is not clear what the limit or suspension is on ({actual}), or it limits nothing.",
    fix_nb="Oppgi bare det ene feltet som hører til, for et produkt også produktet, for en grense up_w eller down_w.",
    fix_en="Give exactly the one field that goes with it; for a product the product too; for a limit up_w or down_w.",
)
RESTRICTION_NOT_FOR_ROLE = Rule(
    key="RESTRICTION_NOT_FOR_ROLE",
    number="R38",
    text_nb="I din rolle kan du ikke begrense eller suspendere «{actual}».",
    text_en='In your role you cannot limit or suspend "{actual}".',
    fix_nb="En netteier begrenser i sitt eget nett og sin del av en gruppe; resten er systemansvarligs.",
    fix_en="A DSO limits within its own grid and its part of a group; the rest is the TSO's.",
)
NOT_IN_YOUR_GRID = Rule(
    key="NOT_IN_YOUR_GRID",
    number="R38",
    text_nb="{actual} er ikke kjent her, eller ligger ikke i ditt nett eller under det.",
    text_en="{actual} is not known here, or does not lie in your grid or below it.",
    fix_nb="Oppgi et målepunkt i en gruppe, en stasjon, et nettområde eller en gruppe som du er berørt av.",
    fix_en="Name a metering point in a group, a substation, a grid area or a group that concerns you.",
)
RESTRICTED_UNKNOWN = Rule(
    key="RESTRICTED_UNKNOWN",
    number="R38",
    text_nb="{actual} er ikke kjent her.",
    text_en="{actual} is not known here.",
    fix_nb="Oppgi en leverandør som har søkt eller har en gruppe, eller noe annet som finnes i registeret.",
    fix_en="Name a BSP that has applied or has a group, or something else that is in the register.",
)
LIMIT_WINDOW_INVALID = Rule(
    key="LIMIT_WINDOW_INVALID",
    number="R38",
    text_nb="{actual} er for tidlig: tidligst mulig er etter {limit}.",
    text_en="{actual} is too early: it must not be before {limit}, and an end comes after it.",
    fix_nb="La den begynne nå eller senere, og slutte etter det.",
    fix_en="Let it begin now or later, and end after that.",
)
LIMIT_OFF_QUARTER = Rule(
    key="LIMIT_OFF_QUARTER",
    number="R12",
    text_nb="{actual} er ikke på et helt kvarter. Det som kan bys inn, gjelder hele kvarter.",
    text_en="{actual} is not on a quarter of an hour. What may be bid holds for whole quarters.",
    fix_nb="Oppgi et helt kvarter, som {limit}. Utelates begynnelsen, gjelder en midlertidig begrensning straks.",
    fix_en="Give a quarter of an hour, such as {limit}. Without a beginning a temporary limit holds at once.",
)
LIMIT_TOO_LONG = Rule(
    key="LIMIT_TOO_LONG",
    number="R38",
    text_nb="En midlertidig begrensning varer høyst {limit} døgn, denne varer {actual}.",
    text_en="A temporary limit lasts at most {limit} days, this one lasts {actual}.",
    fix_nb="Oppgi en tidligere slutt, eller gi en varig grense i nettvurderingen.",
    fix_en="Give an earlier end, or a standing limit in the grid assessment.",
)
RESTRICTION_TEXT_REQUIRED = Rule(
    key="RESTRICTION_TEXT_REQUIRED",
    number="R37",
    text_nb="Årsaken «other» må forklares i teksten.",
    text_en='The reason "other" must be explained in the text.',
    fix_nb="Skriv en tekst, eller bruk en av de andre årsakene.",
    fix_en="Write a text, or use one of the other reasons.",
)
SUSPENSION_REASON_UNFIT = Rule(
    key="SUSPENSION_REASON_UNFIT",
    number="R39",
    text_nb="Årsaken «{actual}» gjelder ikke for en slik suspensjon.",
    text_en='The reason "{actual}" does not go with such a suspension.',
    fix_nb="Bruk en av: {limit}.",
    fix_en="Use one of: {limit}.",
)
ALREADY_SUSPENDED = Rule(
    key="ALREADY_SUSPENDED",
    number="R39",
    text_nb="{actual} er allerede suspendert av deg.",
    text_en="{actual} is already suspended by you.",
    fix_nb="Opphev den som står først, om den nye skal ha en annen slutt eller årsak.",
    fix_en="Lift the one that stands first, if the new one is to have another end or reason.",
)
RESTRICTION_UNKNOWN = Rule(
    key="RESTRICTION_UNKNOWN",
    number="R38",
    text_nb="Du har ikke satt noen slik begrensning eller suspensjon med denne id-en.",
    text_en="You have set no such limit or suspension with this id.",
    fix_nb="Bruk id-en du satte den med. Bare den som satte den, kan endre eller oppheve den.",
    fix_en="Use the id that you set it with. Only who set it can change or lift it.",
)
RESTRICTION_IS_OVER = Rule(
    key="RESTRICTION_IS_OVER",
    number="R38",
    text_nb="Begrensningen eller suspensjonen er allerede over.",
    text_en="The limit or suspension is over already.",
    fix_nb="Sett en ny om den fortsatt trengs.",
    fix_en="Set a new one if it is still needed.",
)
LIMIT_CHANGES_NOTHING = Rule(
    key="LIMIT_CHANGES_NOTHING",
    number="R38",
    text_nb="Begrensningen er allerede slik.",
    text_en="The limit is like this already.",
    fix_nb="Oppgi en annen grense eller en annen slutt.",
    fix_en="Give another cap or another end.",
)
BSP_SUSPENDED = Rule(
    key="BSP_SUSPENDED",
    number="R39",
    text_nb="Leverandøren {actual} er suspendert og kan ikke søke for nye grupper.",
    text_en="The BSP {actual} is suspended and cannot apply for groups.",
    fix_nb="Vent til suspensjonen er over eller opphevet.",
    fix_en="Wait until the suspension is over or lifted.",
)
