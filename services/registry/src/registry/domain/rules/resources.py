"""Rules about resources and devices."""

from __future__ import annotations

from contracts.message import Rule

DEVICE_ALREADY_REGISTERED = Rule(
    key="DEVICE_ALREADY_REGISTERED",
    number="R2",
    text_nb=(
        "En enhet med samme fabrikat, modell og serienummer er allerede registrert, eller står to ganger i meldingen."
    ),
    text_en=(
        "A device with the same make, model and serial number is already registered, or stands twice in the message."
    ),
    fix_nb="Kontroller serienummeret. En fysisk enhet hører til én ressurs.",
    fix_en="Check the serial number. A physical device belongs to one resource.",
)
DEVICE_SERIAL_SEEN = Rule(
    key="DEVICE_SERIAL_SEEN",
    number="R2",
    text_nb="En enhet med samme serienummer, men ellers skrevet annerledes, er allerede registrert.",
    text_en="A device with the same serial number, but otherwise spelt differently, is already registered.",
    fix_nb="Kontroller at det ikke er den samme enheten, skrevet på en annen måte. Er det den, ta den ut igjen.",
    fix_en="Check that it is not the same device, spelt otherwise. If it is, take it out again.",
)
DEVICE_NOT_IN_RESOURCE = Rule(
    key="DEVICE_NOT_IN_RESOURCE",
    number="R47",
    text_nb="Ressursen har ingen slik enhet, eller enheten står to ganger i meldingen.",
    text_en="The resource has no such device, or the device stands twice in the message.",
    fix_nb="Skriv fabrikat, modell og serienummer som da enheten ble registrert.",
    fix_en="Write make, model and serial number as when the device was registered.",
)
RESOURCE_HAS_TOO_MANY_DEVICES = Rule(
    key="RESOURCE_HAS_TOO_MANY_DEVICES",
    number="R34",
    text_nb="En ressurs har høyst {limit} enheter.",
    text_en="A resource has at most {limit} devices.",
    fix_nb="Registrer flere ressurser bak målepunktet.",
    fix_en="Register several resources behind the metering point.",
)
RESOURCE_NOT_YOURS = Rule(
    key="RESOURCE_NOT_YOURS",
    number="R13",
    text_nb="Dere disponerer ingen ressurs med denne id-en nå.",
    text_en="You do not hold a resource with this id now.",
    fix_nb="Kontroller id-en. En ressurs følger målepunktet: den som disponerer punktet, endrer den.",
    fix_en="Check the id. A resource belongs to its metering point: whoever holds the point changes it.",
    retryable=True,
)
RESOURCE_STATUS_DIFFERENT = Rule(
    key="RESOURCE_STATUS_DIFFERENT",
    number="R27",
    text_nb="Ressursen har status {actual}; dette kan bare gjøres med en ressurs som er {limit}.",
    text_en="The resource is {actual}; this can only be done with one that is {limit}.",
    fix_nb="En ny eller pauset ressurs aktiveres, en aktiv pauses. En avsluttet registreres på nytt.",
    fix_en="A new or paused resource is activated, an active one paused. A terminated one is registered anew.",
)
RESOURCE_NEEDS_DEVICE = Rule(
    key="RESOURCE_NEEDS_DEVICE",
    number="R47",
    text_nb="En aktiv ressurs har minst én enhet.",
    text_en="An active resource has at least one device.",
    fix_nb="Legg til enheten, og aktiver ressursen. Skal den siste enheten ut, sett ressursen på pause først.",
    fix_en="Add the device, and activate the resource. To take out the last device, pause the resource first.",
)
RESOURCE_NEEDS_POWER = Rule(
    key="RESOURCE_NEEDS_POWER",
    number="D3",
    text_nb="En aktiv ressurs kan regulere opp eller ned: minst én av effektene er over 0.",
    text_en="An active resource can regulate up or down: at least one of its powers is above 0.",
    fix_nb="Oppgi effekten, og aktiver ressursen. Kan den ikke regulere nå, sett den på pause.",
    fix_en="State the power, and activate the resource. If it cannot regulate now, pause it.",
)
RESOURCE_ABOVE_DEVICES = Rule(
    key="RESOURCE_ABOVE_DEVICES",
    number="D3",
    text_nb="Ressursens effekt er {actual} {unit}, mer enn enhetenes samlede merkeeffekt på {limit} {unit}.",
    text_en="The resource's power is {actual} {unit}, more than the {limit} {unit} its devices are rated at together.",
    fix_nb="Senk effekten, rett merkeeffektene, eller legg til enheten som mangler.",
    fix_en="Lower the power, correct the rated powers, or add the device that is missing.",
)
RESOURCES_ABOVE_AGREED_POWER = Rule(
    key="RESOURCES_ABOVE_AGREED_POWER",
    number="R2",
    text_nb=(
        "Ressursene bak målepunktet er til sammen {actual} {unit}, mer enn punktets avtalte effekt på {limit} {unit}."
    ),
    text_en=(
        "The resources behind the metering point add up to {actual} {unit}, more than its agreed power of "
        "{limit} {unit}."
    ),
    fix_nb="Kontroller effektene. Er de riktige, er det ikke mer å gjøre.",
    fix_en="Check the powers. If they are right, there is nothing more to do.",
)
RESOURCE_ALREADY_REGISTERED = Rule(
    key="RESOURCE_ALREADY_REGISTERED",
    number="R1",
    text_nb="Ressursen er registrert fra før, slik den står i meldingen ({actual}). Ingenting ble endret.",
    text_en="The resource is registered already, just as the message says ({actual}). Nothing was changed.",
    fix_nb="Det er ikke mer å gjøre.",
    fix_en="There is nothing more to do.",
)
RESOURCE_REGISTERED_OTHERWISE = Rule(
    key="RESOURCE_REGISTERED_OTHERWISE",
    number="R1",
    text_nb="Ressursen er registrert fra før, men med noe annet enn det meldingen sier: {limit}, ikke {actual}.",
    text_en="The resource is registered already, with something else than the message says: {limit}, not {actual}.",
    fix_nb=(
        "Endre den med `update-resource`, og enhetene med `change-devices`. Er det en annen ressurs, gi den en egen id."
    ),
    fix_en=(
        "Change it with `update-resource`, its devices with `change-devices`. If it is another resource, give it an id "
        "of its own."
    ),
)
RESOURCE_IS_TERMINATED = Rule(
    key="RESOURCE_IS_TERMINATED",
    number="R1",
    text_nb="Id-en hører til en ressurs som er avsluttet.",
    text_en="The id belongs to a resource that is terminated.",
    fix_nb="Registrer ressursen på nytt med en ny id (i et regneark: kolonnen `resource_id`).",
    fix_en="Register the resource anew with another id (in a table: the column `resource_id`).",
)
RESOURCE_COMMAND_LATER = Rule(
    key="RESOURCE_COMMAND_LATER",
    number="D26",
    text_nb="Dere disponerer målepunktet fra {limit}. Meldingen gjelder fra da av, hvis den fortsatt kan gjøres.",
    text_en="You hold the metering point from {limit}. The message takes effect then, if it still can.",
    fix_nb="Det er ikke noe å gjøre. Dere får vite da hva det ble til, og før det om dere ikke får målepunktet.",
    fix_en="There is nothing to do. You are told then what came of it, and before that if you do not get the point.",
)
RESOURCE_COMMANDS_WAIT = Rule(
    key="RESOURCE_COMMANDS_WAIT",
    number="D26",
    text_nb="Det venter {actual} meldinger om ressursene bak målepunktet på at dere får det; høyst {limit} kan vente.",
    text_en="{actual} messages about the resources behind the metering point wait until you get it; {limit} may wait.",
    fix_nb="Send på nytt når dere disponerer målepunktet.",
    fix_en="Send again when you hold the metering point.",
    retryable=True,
)
