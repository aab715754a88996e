"""Rules about groups and their members."""

from __future__ import annotations

from contracts.message import Rule

GROUP_NOT_YOURS = Rule(
    key="GROUP_NOT_YOURS",
    number="R28",
    text_nb="Dere har ingen fleksibilitetsgruppe med denne id-en.",
    text_en="You have no flexibility group with this id.",
    fix_nb="Kontroller id-en, eller dann gruppen først.",
    fix_en="Check the id, or form the group first.",
)
GROUP_UNKNOWN = Rule(
    key="GROUP_UNKNOWN",
    number="R28",
    text_nb="Det finnes ingen fleksibilitetsgruppe med denne id-en.",
    text_en="There is no flexibility group with this id.",
    fix_nb="Kontroller id-en.",
    fix_en="Check the id.",
)
GROUP_NEEDS_SEVERAL_POINTS = Rule(
    key="GROUP_NEEDS_SEVERAL_POINTS",
    number="R6",
    text_nb="En fleksibilitetsgruppe dannes av minst {limit} målepunkter.",
    text_en="A flexibility group is formed of at least {limit} metering points.",
    fix_nb="Ta med flere målepunkter. Ett stort målepunkt (1 MW eller mer) deltar enkeltvis.",
    fix_en="Include more metering points. One large point (1 MW or more) takes part individually.",
)
GROUP_ABOVE_MAX = Rule(
    key="GROUP_ABOVE_MAX",
    number="R10",
    text_nb="Gruppens samlede regulerkapasitet ville blitt over grensen på {limit} {unit}{over_nb}.",
    text_en="The group's total regulating capacity would be above the limit of {limit} {unit}{over_en}.",
    fix_nb=(
        "Ta med færre målepunkter, eller la noen forlate gruppen først. En gruppe som finnes, kan deles: "
        "`propose-split` foreslår hvordan."
    ),
    fix_en=(
        "Include fewer metering points, or let some leave the group first. A group that there is can be split: "
        "`propose-split` says how."
    ),
)
METERING_POINT_REPEATED = Rule(
    key="METERING_POINT_REPEATED",
    number="R14",
    text_nb="Målepunktet står flere ganger i meldingen.",
    text_en="The metering point stands more than once in the message.",
    fix_nb="Ta det med én gang.",
    fix_en="Include it once.",
)
METERING_POINT_WRONG_ZONE = Rule(
    key="METERING_POINT_WRONG_ZONE",
    number="R11",
    text_nb="Målepunktet ligger i et annet budområde enn gruppen ({limit}).",
    text_en="The metering point lies in another bidding zone than the group ({limit}).",
    fix_nb="Bruk en gruppe i målepunktets budområde.",
    fix_en="Use a group in the metering point's bidding zone.",
)
METERING_POINT_HAS_NO_RESOURCE = Rule(
    key="METERING_POINT_HAS_NO_RESOURCE",
    number="R26",
    text_nb="Det er ingen aktiv ressurs bak målepunktet.",
    text_en="There is no active resource behind the metering point.",
    fix_nb="Registrer eller aktiver ressursene bak målepunktet først.",
    fix_en="Register or activate the resources behind the metering point first.",
    retryable=True,
)
METERING_POINT_TOO_LARGE_FOR_GROUP = Rule(
    key="METERING_POINT_TOO_LARGE_FOR_GROUP",
    number="R4",
    text_nb=(
        "Ressursene bak målepunktet er til sammen {limit} {unit} eller mer. Da må de delta enkeltvis, ikke i en gruppe."
    ),
    text_en=(
        "The resources behind the metering point add up to {limit} {unit} or more. They must take part "
        "individually, not in a group."
    ),
    fix_nb=(
        "La målepunktet delta for seg selv med `form-regulation-object`. Er det med i en gruppe, la det forlate den "
        "først (`remove-members`)."
    ),
    fix_en=(
        "Let the point take part by itself with `form-regulation-object`. If it is in a group, let it leave that group "
        "first (`remove-members`)."
    ),
)
METERING_POINT_ALREADY_IN_GROUP = Rule(
    key="METERING_POINT_ALREADY_IN_GROUP",
    number="R14",
    text_nb="Målepunktet er allerede medlem av en gruppe.",
    text_en="The metering point is already a member of a group.",
    fix_nb="La det forlate gruppen først; et medlemskap som er varslet avsluttet varer til sin midnatt.",
    fix_en="Let it leave that group first; a membership announced to end lasts until its midnight.",
)
METERING_POINT_BRP_UNKNOWN = Rule(
    key="METERING_POINT_BRP_UNKNOWN",
    number="R27",
    text_nb="Registeret vet ikke hvem som er balanseansvarlig for målepunktet nå.",
    text_en="The register does not know who is balance responsible for the metering point now.",
    fix_nb="Vent til datahuben har sendt hvem som står bak målepunktet, og send på nytt.",
    fix_en="Wait until the datahub has sent who stands behind the metering point, and send again.",
    retryable=True,
)
BRP_DIFFERENT = Rule(
    key="BRP_DIFFERENT",
    number="R44",
    text_nb="Målepunktet har, eller får, en annen balanseansvarlig enn gruppens medlemmer ({limit}).",
    text_en=(
        "The metering point has, or will have, another balance responsible party than the group's members ({limit})."
    ),
    fix_nb="Bruk en gruppe med den samme balanseansvarlige i begge retninger.",
    fix_en="Use a group with the same balance responsible party in both directions.",
)
NOT_A_MEMBER = Rule(
    key="NOT_A_MEMBER",
    number="D10",
    text_nb="Målepunktet er ikke medlem av gruppen.",
    text_en="The metering point is not a member of the group.",
    fix_nb="Kontroller målepunkt-id-en, og hvilken gruppe den er i.",
    fix_en="Check the metering point id, and which group it is in.",
)
MEMBER_NOT_LEAVING = Rule(
    key="MEMBER_NOT_LEAVING",
    number="D26",
    text_nb="Dere har ikke varslet at medlemmet skal forlate gruppen; det er ikke noe å trekke tilbake.",
    text_en="You have not announced that this member leaves the group; there is nothing to take back.",
    fix_nb="Et bytte av BSP, eller en frist for å forlate gruppen, oppheves ikke her.",
    fix_en="A BSP switch, or a date by which a member must leave, is not undone here.",
)
LEAVE_DATE_NOT_AHEAD = Rule(
    key="LEAVE_DATE_NOT_AHEAD",
    number="D26",
    text_nb="Medlemskap og reguleringsobjekter avsluttes ved en midnatt som ikke har vært, tidligst {limit}.",
    text_en="Memberships and regulation objects end at a midnight to come, at {limit} at the earliest.",
    fix_nb="Velg en senere midnatt, eller utelat `valid_to` for den neste.",
    fix_en="Choose a later midnight, or leave out `valid_to` for the next one.",
)
LEAVE_DATE_TOO_FAR = Rule(
    key="LEAVE_DATE_TOO_FAR",
    number="D26",
    text_nb="Datoen ligger for langt fram: medlemskap og reguleringsobjekter avsluttes senest {limit}.",
    text_en="The date is too far ahead: memberships and regulation objects end at {limit} at the latest.",
    fix_nb="Kontroller årstallet. Skal det ikke avsluttes ennå, er det ikke noe å sende.",
    fix_en="Check the year. If it is not to end yet, there is nothing to send.",
)
GROUP_ENDED = Rule(
    key="GROUP_ENDED",
    number="D26",
    text_nb="Gruppen er avsluttet, eller varslet avsluttet. Den tar ikke opp medlemmer og endres ikke mer.",
    text_en="The group has ended, or is announced to end. It takes no members and is not changed any more.",
    fix_nb=(
        "Bruk en annen gruppe, eller dann en ny. Er gruppen bare varslet avsluttet, kan medlemmer flyttes ut av den, "
        "og `keep-group` tar varselet tilbake."
    ),
    fix_en=(
        "Use another group, or form a new one. If it is only announced to end, members can be moved out of it, and "
        "`keep-group` takes the end back."
    ),
)
GROUP_NOT_ENDING = Rule(
    key="GROUP_NOT_ENDING",
    number="D26",
    text_nb="Gruppen er ikke varslet avsluttet.",
    text_en="The group is not announced to end.",
    fix_nb="Det er ikke noe å ta tilbake. Enkelte medlemmer beholdes med `keep-members`.",
    fix_en="There is nothing to take back. Single members are kept with `keep-members`.",
)
GROUP_ALREADY_ACTIVE = Rule(
    key="GROUP_ALREADY_ACTIVE",
    number="R6",
    text_nb="Gruppen er ikke et utkast; den er allerede aktiv.",
    text_en="The group is no draft; it is active already.",
    fix_nb="Det er ikke noe å gjøre.",
    fix_en="There is nothing to do.",
)
GROUP_REPEATED = Rule(
    key="GROUP_REPEATED",
    number="R14",
    text_nb="Den samme gruppen står flere ganger i meldingen.",
    text_en="The same group stands more than once in the message.",
    fix_nb="Ta den med én gang. En gruppe kan ikke flyttes til eller slås sammen med seg selv.",
    fix_en="Include it once. A group cannot be moved to or merged with itself.",
)
BRP_HAS_LEFT = Rule(
    key="BRP_HAS_LEFT",
    number="R44",
    text_nb="Den balanseansvarlige {actual} har forlatt registeret. Målepunktet er tatt med.",
    text_en="The balance responsible party {actual} has left the register. The metering point is taken in.",
    fix_nb="Avklar hvem som er balanseansvarlig: når datahuben melder en annen, må punktet ut av gruppen.",
    fix_en="Find out who is balance responsible: when the datahub names another, the point must leave the group.",
)
GROUP_CATEGORY_DIFFERENT = Rule(
    key="GROUP_CATEGORY_DIFFERENT",
    number="R6",
    text_nb="Gruppen er meldt som {limit}, men bak målepunktet er det også {actual}.",
    text_en="The group is declared as {limit}, but behind the metering point there is {actual}.",
    fix_nb="Bruk en annen gruppe, eller en ny som er `mixed` eller ikke sier hva den består av.",
    fix_en="Use another group, or a new one that is `mixed` or does not say what it is made of.",
)
MEMBER_TOO_LARGE_NOW = Rule(
    key="MEMBER_TOO_LARGE_NOW",
    number="D1",
    text_nb="Bak målepunktet er det nå {actual} W. Det er for mye for en gruppe, og det må ut av sin innen {limit}.",
    text_en="There is {actual} W behind the metering point now: too large for a group, it must leave by {limit}.",
    fix_nb="La det delta enkeltvis (`form-regulation-object`), eller få det som er bak det, under grensen før da.",
    fix_en="Let it take part individually (`form-regulation-object`), or shrink what is behind it before that date.",
)
MEMBER_CATEGORY_DIFFERENT = Rule(
    key="MEMBER_CATEGORY_DIFFERENT",
    number="R6",
    text_nb="Målepunktet er med i en gruppe som er meldt som {limit}. Nå er det også {actual} bak det.",
    text_en="The metering point is in a group that is declared as {limit}. Now there is {actual} behind it, too.",
    fix_nb="Ressursen er registrert. Stemmer det, flytt målepunktet til en gruppe som er `mixed`.",
    fix_en="The resource is registered. If it is right, move the metering point to a group that is `mixed`.",
)
