"""Rules about end users, the persons behind them, and lookups. Some are answered by the HTTP door, not in a receipt."""

from __future__ import annotations

from contracts.message import Rule

END_USER_END_UNCHANGED = Rule(
    key="END_USER_END_UNCHANGED",
    number="R31",
    text_nb="Det samme er registrert om sluttbrukeren fra før ({actual}).",
    text_en="The same is recorded of the end user already ({actual}).",
    fix_nb="Det er ikke noe å gjøre.",
    fix_en="There is nothing to do.",
)
PERSON_UNKNOWN = Rule(
    key="PERSON_UNKNOWN",
    number="R30",
    text_nb="Personregisteret vet ikke noe om denne sluttbrukeren.",
    text_en="The person store knows nothing of this end user.",
    fix_nb="Kontroller id-en. Er personen slettet, er det ikke noe å gjøre.",
    fix_en="Check the id. If the person was erased there is nothing to do.",
)
PERSON_NOT_FOUND = Rule(
    key="PERSON_NOT_FOUND",
    number="R30",
    text_nb="Det finnes ingen person her som aktøren kan se.",
    text_en="There is no person here that the party may see.",
    fix_nb="Bare datahuben og den systemansvarlige leser, oppgir og sletter personer.",
    fix_en="Only the datahub and the TSO read, enter and erase persons.",
)
PERSON_INVALID = Rule(
    key="PERSON_INVALID",
    number="R30",
    text_nb="Dette er ikke en person slik den oppgis ({actual}).",
    text_en="This is no person as one is entered ({actual}).",
    fix_nb="Oppgi `name` og enten `birth_date` eller `organisation_number`, og ikke noe annet.",
    fix_en="Give `name` and either `birth_date` or `organisation_number`, and nothing else.",
)
NATIONAL_ID_NOT_TAKEN = Rule(
    key="NATIONAL_ID_NOT_TAKEN",
    number="R30",
    text_nb="Her står det noe som ser ut som et fødselsnummer. Slike tas ikke imot.",
    text_en="There is something here that looks like a national identity number. None is taken.",
    fix_nb="Oppgi fødselsdatoen alene.",
    fix_en="Give the birth date alone.",
)
LOOKUP_NOT_FOR_ROLE = Rule(
    key="LOOKUP_NOT_FOR_ROLE",
    number="R30",
    text_nb="Bare en BSP slår opp målepunkter.",
    text_en="Only a BSP looks up metering points.",
    fix_nb="Spør som en aktør som er BSP.",
    fix_en="Ask as a party that is a BSP.",
)
LOOKUP_INVALID = Rule(
    key="LOOKUP_INVALID",
    number="R30",
    text_nb="Dette er ikke et oppslag slik det skrives ({actual}).",
    text_en="This is no lookup as one is written ({actual}).",
    fix_nb="Oppgi `metering_point_id` og enten `birth_date` eller `organisation_number`, og ikke noe annet.",
    fix_en="Give `metering_point_id` and either `birth_date` or `organisation_number`, and nothing else.",
)
LOOKUP_WITHOUT_MATCH = Rule(
    key="LOOKUP_WITHOUT_MATCH",
    number="R30",
    # The same for a point that does not exist and for one that another stands behind.
    text_nb="Det finnes ikke noe målepunkt med dette nummeret og denne sluttbrukeren.",
    text_en="There is no metering point with this number and this end user.",
    fix_nb="Kontroller nummeret og datoen eller organisasjonsnummeret sammen med sluttbrukeren.",
    fix_en="Check the number and the date or organisation number with the end user.",
)
HISTORY_NOT_FOUND = Rule(
    key="HISTORY_NOT_FOUND",
    number="R13",
    # The same for a point that does not exist and for one that was never the asker's.
    text_nb="Det finnes ingen historikk her som aktøren kan se.",
    text_en="There is no history here that the party may see.",
    fix_nb="Kontroller målepunktets nummer. En BSP ser bare sine egne perioder.",
    fix_en="Check the number of the metering point. A BSP sees its own periods alone.",
)
LOOKUPS_TOO_MANY = Rule(
    key="LOOKUPS_TOO_MANY",
    number="R30",
    text_nb="Dere har slått opp for ofte: høyst {limit} {unit}.",
    text_en="You have looked up too often: at most {limit} {unit}.",
    fix_nb="Vent, og slå bare opp det sluttbrukeren har bedt dere om.",
    fix_en="Wait, and look up only what the end user has asked you to.",
    retryable=True,
)
