"""Rules about parties, their roles, and who acts for them."""

from __future__ import annotations

from contracts.message import Rule

NO_SUCH_PARTY = Rule(
    key="NO_SUCH_PARTY",
    number="R27",
    text_nb="Registeret har ingen part {actual} som dere kan endre.",
    text_en="The register has no party {actual} that you can change.",
    fix_nb="Kontroller GLN. Registeroperatøren tar opp og endrer parter; en part styrer bare sine egne tilganger.",
    fix_en="Check the GLN. The register operator admits and changes parties; a party manages only its own access.",
)
EIC_TAKEN = Rule(
    key="EIC_TAKEN",
    number="R27",
    text_nb="En annen part har EIC-koden {actual}.",
    text_en="Another party has the EIC {actual}.",
    fix_nb="Kontroller koden. En EIC-kode tilhører én part.",
    fix_en="Check the code. An EIC belongs to one party.",
)
PARTY_UNCHANGED = Rule(
    key="PARTY_UNCHANGED",
    number="R35",
    text_nb="Det samme er allerede registrert. Ingenting er endret.",
    text_en="The same is already recorded. Nothing has changed.",
    fix_nb="Det er ikke noe å gjøre.",
    fix_en="There is nothing to do.",
)
PARTY_STATUS_NOT_NEXT = Rule(
    key="PARTY_STATUS_NOT_NEXT",
    number="R35",
    text_nb="Parten er «{actual}», og kan bare bli: {limit}.",
    text_en="The party is “{actual}”, and can only become: {limit}.",
    fix_nb="Velg en status som kan følge den parten har.",
    fix_en="Choose a status that may follow the one the party has.",
)
PARTY_IS_TERMINATED = Rule(
    key="PARTY_IS_TERMINATED",
    number="R35",
    text_nb="Parten har forlatt registeret. Det er endelig.",
    text_en="The party has left the register. That is final.",
    fix_nb="Ta parten opp med en ny GLN om den skal delta igjen.",
    fix_en="Onboard the party with another GLN if it is to take part again.",
)
OPERATOR_LOCKS_ITSELF_OUT = Rule(
    key="OPERATOR_LOCKS_ITSELF_OUT",
    number="R35",
    text_nb="En operatør kan ikke ta sin egen tilgang eller operatørrolle fra seg: da kunne ingen gi den tilbake.",
    text_en="An operator cannot take its own access or operator role away: nobody could give it back then.",
    fix_nb="La en annen operatør gjøre det.",
    fix_en="Let another operator do it.",
)
DSO_HAS_GRID_AREAS = Rule(
    key="DSO_HAS_GRID_AREAS",
    number="D12",
    text_nb="Nettselskapet har fortsatt nettavregningsområder ({limit}): {actual}.",
    text_en="The DSO still has metering grid areas ({limit}): {actual}.",
    fix_nb="La områdene gå over til et annet nettselskap først.",
    fix_en="Let the areas pass to another DSO first.",
    retryable=True,
)
BSP_HAS_MEMBERS = Rule(
    key="BSP_HAS_MEMBERS",
    number="R27",
    text_nb="Leverandøren har fortsatt fleksibilitetsgrupper med medlemmer ({limit}): {actual}.",
    text_en="The BSP still has flexibility groups with members ({limit}): {actual}.",
    fix_nb="La medlemmene forlate gruppene først, eller vent til medlemskapene er slutt.",
    fix_en="Let the members leave the groups first, or wait until the memberships have ended.",
    retryable=True,
)
BSP_HOLDS_POINTS = Rule(
    key="BSP_HOLDS_POINTS",
    number="R13",
    text_nb="Leverandøren disponerer fortsatt {actual} målepunkter, nå eller fra et varslet døgnskifte.",
    text_en="The BSP still holds {actual} metering points, now or from an announced midnight.",
    fix_nb="Vent til andre har tatt over målepunktene, eller til disposisjonen er slutt.",
    fix_en="Wait until others have taken the metering points over, or control of them has ended.",
    retryable=True,
)
NAMED_PARTY_NOT_ACTIVE = Rule(
    key="NAMED_PARTY_NOT_ACTIVE",
    number="R27",
    text_nb="Parten {limit} er ikke aktiv i registeret ({actual}).",
    text_en="The party {limit} is not active in the register ({actual}).",
    fix_nb="Bruk en aktiv part, eller vent til denne er aktiv.",
    fix_en="Name an active party, or wait until this one is active.",
    retryable=True,
)
ACCESS_UNKNOWN = Rule(
    key="ACCESS_UNKNOWN",
    number="R28",
    text_nb="Ingen person eller klient med denne id-en handler for parten.",
    text_en="No person or client with this id acts for the party.",
    fix_nb="Kontroller id-en.",
    fix_en="Check the id.",
)
ACCESS_OF_OTHER_KIND = Rule(
    key="ACCESS_OF_OTHER_KIND",
    number="R28",
    text_nb="Id-en tilhører noe annet: {limit}, ikke {actual}.",
    text_en="The id belongs to something else: {limit}, not {actual}.",
    fix_nb="Kontroller id-en, eller fjern den gamle tilgangen først.",
    fix_en="Check the id, or remove the former access first.",
)
ONLY_ONE_IN_ROLE = Rule(
    key="ONLY_ONE_IN_ROLE",
    number="R35",
    text_nb="Parten er den eneste aktive i rollen {limit}. Uten den kunne ingen lenger gjøre det rollen gjør.",
    text_en="The party is the only active one in the role {limit}. Without it nobody could do what the role does.",
    fix_nb="La en annen part være aktiv i rollen først.",
    fix_en="Let another party be active in the role first.",
    retryable=True,
)
STANDS_BEHIND_POINTS = Rule(
    key="STANDS_BEHIND_POINTS",
    number="R44",
    text_nb="Målepunkter kan fortsatt ha parten som {actual}. Det som gjelder dem, endres ikke av at parten går ut.",
    text_en="Metering points may still have the party as {actual}. What holds for them is not changed by its leaving.",
    fix_nb="La datahuben melde hvem som kommer etter. Den som tar slike punkter inn i en gruppe, får vite det.",
    fix_en="Let the datahub say who comes after. Whoever takes such points into a group is told.",
)
PARTY_NEEDS_NAME = Rule(
    key="PARTY_NEEDS_NAME",
    number="R27",
    text_nb="Parten må ha et navn.",
    text_en="The party must have a name.",
    fix_nb="Oppgi navnet i `name`.",
    fix_en="State the name in `name`.",
)
