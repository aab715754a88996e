"""Why a message is refused at the door, before any service sees it: rules of form, not of the business.

`{limit}` is what was expected, `{actual}` what came.
"""

from __future__ import annotations

from contracts.message import Rule

MESSAGE_TOO_LARGE = Rule(
    key="MESSAGE_TOO_LARGE",
    number="",
    text_nb="Meldingen er på {actual} byte; en sender kan høyst sende {limit}.",
    text_en="The message has {actual} bytes; a sender may send at most {limit}.",
    fix_nb="Del den opp i flere meldinger, eller send en liste i flere deler.",
    fix_en="Split it into several messages, or send a list in several parts.",
)
NOT_UTF8 = Rule(
    key="NOT_UTF8",
    number="",
    text_nb="Meldingen er ikke gyldig UTF-8 uten byterekkefølgemerke: {actual}.",
    text_en="The message is not valid UTF-8 without a byte order mark: {actual}.",
    fix_nb="Skriv meldingen som UTF-8, uten BOM.",
    fix_en="Write the message as UTF-8, without a BOM.",
)
NOT_JSON = Rule(
    key="NOT_JSON",
    number="",
    text_nb="Meldingen er ikke JSON: {actual}.",
    text_en="The message is not JSON: {actual}.",
    fix_nb="Send ett JSON-objekt, eller en JSON-liste av slike, etter RFC 8259.",
    fix_en="Send one JSON object, or a JSON array of them, by RFC 8259.",
)
DUPLICATE_KEY = Rule(
    key="DUPLICATE_KEY",
    number="",
    text_nb="Navnet «{actual}» forekommer to ganger i samme objekt.",
    text_en="The name “{actual}” occurs twice in one object.",
    fix_nb="La hvert navn forekomme bare én gang.",
    fix_en="Let each name occur only once.",
)
NUMBER_NOT_ALLOWED = Rule(
    key="NUMBER_NOT_ALLOWED",
    number="",
    text_nb="Tallet {actual} er ikke tillatt: tall er hele, uten eksponent, og mellom ±{limit}.",
    text_en="The number {actual} is not allowed: numbers are whole, without an exponent, and within ±{limit}.",
    fix_nb="Bruk hele W, Wh, øre eller sekunder; en pris skrives som desimaltekst.",
    fix_en="Use whole W, Wh, øre or seconds; a price is written as a decimal string.",
)
CHARACTER_NOT_ALLOWED = Rule(
    key="CHARACTER_NOT_ALLOWED",
    number="",
    text_nb="En tekst inneholder tegnet {actual}, som ikke kan lagres.",
    text_en="A text contains the character {actual}, which cannot be stored.",
    fix_nb="Fjern tegnet.",
    fix_en="Remove the character.",
)
NESTED_TOO_DEEP = Rule(
    key="NESTED_TOO_DEEP",
    number="",
    text_nb="Meldingen er nøstet dypere enn {limit} nivåer.",
    text_en="The message is nested deeper than {limit} levels.",
    fix_nb="Se skjemaet: ingen melding trenger så mange nivåer.",
    fix_en="See the schema: no message needs that many levels.",
)
PARCEL_TOO_LARGE = Rule(
    key="PARCEL_TOO_LARGE",
    number="",
    text_nb="Pakken inneholder {actual} meldinger; høyst {limit} er tillatt.",
    text_en="The parcel holds {actual} messages; at most {limit} are allowed.",
    fix_nb="Send resten i en ny pakke.",
    fix_en="Send the rest in another parcel.",
)
PARCEL_EMPTY = Rule(
    key="PARCEL_EMPTY",
    number="",
    text_nb="Pakken er tom.",
    text_en="The parcel is empty.",
    fix_nb="Legg minst én melding i pakken.",
    fix_en="Put at least one message into the parcel.",
)
NOT_AN_ENVELOPE = Rule(
    key="NOT_AN_ENVELOPE",
    number="",
    text_nb="Dette er ikke en gyldig CloudEvents-konvolutt: «{limit}» ventet, «{actual}» funnet.",
    text_en="This is no valid CloudEvents envelope: “{limit}” expected, “{actual}” found.",
    fix_nb="Sett attributtet slik eksemplene viser; `flexreg check` prøver en fil uten å sende den.",
    fix_en="Set the attribute as in the examples; `flexreg check` tries a file without sending it.",
)
ATTRIBUTE_RESERVED = Rule(
    key="ATTRIBUTE_RESERVED",
    number="",
    text_nb="Attributtet «{actual}» settes bare av registeret.",
    text_en="The attribute “{actual}” is set by the register alone.",
    fix_nb="Fjern det.",
    fix_en="Remove it.",
)
ATTRIBUTE_UNKNOWN = Rule(
    key="ATTRIBUTE_UNKNOWN",
    number="",
    text_nb="Attributtet «{actual}» finnes ikke i konvolutten.",
    text_en="The envelope has no attribute “{actual}”.",
    fix_nb="Fjern det. En sender kan sette: {limit}.",
    fix_en="Remove it. A sender may set: {limit}.",
)
ID_MISSING = Rule(
    key="ID_MISSING",
    number="",
    text_nb="Meldingen har ingen id.",
    text_en="The message has no id.",
    fix_nb="Gi hver ny melding en ny UUID (helst versjon 7), og behold den når den sendes på nytt.",
    fix_en="Give each new message a new UUID (version 7 if you can), and keep it when you send it again.",
)
ID_REUSED = Rule(
    key="ID_REUSED",
    number="",
    text_nb="Id-en {actual} er brukt før, om en melding med annet innhold.",
    text_en="The id {actual} was used before, for a message with other content.",
    fix_nb="Gi den nye meldingen en ny id.",
    fix_en="Give the new message a new id.",
)
TYPE_UNKNOWN = Rule(
    key="TYPE_UNKNOWN",
    number="",
    text_nb="«{actual}» er ingen kommando som registeret tar imot.",
    text_en="“{actual}” is no command that the register takes.",
    fix_nb="Mente du {limit}? `flexreg types` viser alle.",
    fix_en="Did you mean {limit}? `flexreg types` lists all.",
)
TYPE_VERSION_UNKNOWN = Rule(
    key="TYPE_VERSION_UNKNOWN",
    number="",
    text_nb="Registeret kjenner ikke denne versjonen av typen: {actual}.",
    text_en="The register does not know this version of the type: {actual}.",
    fix_nb="Bruk {limit}.",
    fix_en="Use {limit}.",
)
ROLE_MISSING = Rule(
    key="ROLE_MISSING",
    number="",
    text_nb="Typen sendes bare av {limit}; avsenderen er {actual}.",
    text_en="This type is sent only by {limit}; the sender is {actual}.",
    fix_nb="Send den som en part med rollen, og si i `actingas` hvilken rolle det gjelder om parten har flere.",
    fix_en="Send it as a party with the role, and say in `actingas` which one is meant if the party has several.",
)
SOURCE_NOT_SENDER = Rule(
    key="SOURCE_NOT_SENDER",
    number="",
    text_nb="`source` er {actual}, men avsenderen er {limit}.",
    text_en="`source` is {actual}, but the sender is {limit}.",
    fix_nb="Sett `source` til {limit}.",
    fix_en="Set `source` to {limit}.",
)
WRONG_TOPIC = Rule(
    key="WRONG_TOPIC",
    number="",
    text_nb="Typen hører ikke til på denne kanalen, men på {limit}.",
    text_en="The type does not belong on this topic but on {limit}.",
    fix_nb="Send den på {limit}.",
    fix_en="Send it on {limit}.",
)
SENDER_UNKNOWN = Rule(
    key="SENDER_UNKNOWN",
    number="",
    text_nb="Registeret kjenner ingen part {actual}.",
    text_en="The register knows no party {actual}.",
    fix_nb="Be registeroperatøren om å ta parten opp.",
    fix_en="Ask the operator of the register to onboard the party.",
)
PARTY_NOT_ACTIVE = Rule(
    key="PARTY_NOT_ACTIVE",
    number="",
    text_nb="Parten kan ikke sende noe nå: den er «{actual}» i registeret.",
    text_en="The party may not send anything now: it is “{actual}” in the register.",
    fix_nb="Ta kontakt med registeroperatøren. Send meldingen med en ny id når parten er aktiv.",
    fix_en="Contact the operator of the register. Send the message with a new id when the party is active.",
    retryable=True,
)
SUBJECT_INVALID = Rule(
    key="SUBJECT_INVALID",
    number="",
    text_nb="`subject` «{actual}» passer ikke til typen: {limit}.",
    text_en="The `subject` “{actual}” does not fit the type: {limit}.",
    fix_nb="Sett `subject` til id-en som kommandoen gjelder; `flexreg types` sier hvilken det er.",
    fix_en="Set `subject` to the id that the command is about; `flexreg types` says which one.",
)
SCHEMA_INVALID = Rule(
    key="SCHEMA_INVALID",
    number="",
    text_nb="Innholdet følger ikke skjemaet: {limit}.",
    text_en="The data does not follow the schema: {limit}.",
    fix_nb="Rett verdien der `path` peker; `flexreg types` viser skjemaet og et eksempel.",
    fix_en="Mend the value that `path` points to; `flexreg types` shows the schema and an example.",
)

TEXT_HAS_NATIONAL_ID = Rule(
    key="TEXT_HAS_NATIONAL_ID",
    number="R30",
    text_nb="Teksten har noe som ser ut som et fødselsnummer. Det som sendes, kan ikke slettes, og det nevner ingen.",
    text_en="The text has what looks like a national identity number. What is sent cannot be erased, and names nobody.",
    fix_nb="Skriv om saken uten å si hvem den gjelder: sluttbrukere nevnes med den tilfeldige id-en.",
    fix_en="Write of the matter without saying whom it is about: end users are named by their random id.",
)
UNPACKED_INVALID = Rule(
    key="UNPACKED_INVALID",
    number="",
    text_nb="Innholdet er pakket med {limit}, men kan ikke pakkes ut.",
    text_en="The content is packed with {limit}, but cannot be unpacked.",
    fix_nb="Pakk innholdet på nytt, eller send det upakket.",
    fix_en="Pack the content again, or send it as it is.",
)
NOT_XML = Rule(
    key="NOT_XML",
    number="",
    text_nb="Innholdet er ikke XML slik det tas imot: {actual}.",
    text_en="The content is not XML as it is taken: {actual}.",
    fix_nb="Send ett velformet dokument i UTF-8, uten DTD og uten entiteter.",
    fix_en="Send one well-formed document in UTF-8, without a DTD and without entities.",
)
COLUMNS_INVALID = Rule(
    key="COLUMNS_INVALID",
    number="",
    text_nb="Verdiene i kolonneform er ikke slik de skal være: {actual}, forventet {limit}.",
    text_en="The values by column are not as they should be: {actual}, expected {limit}.",
    fix_nb="Send én Arrow IPC-strøm uten egen komprimering, med kolonnene og typene i deltakerveiledningen.",
    fix_en="Send one Arrow IPC stream without compression of its own, with the columns and types in the guide.",
)
EMIF_DOCUMENT_INVALID = Rule(
    key="EMIF_DOCUMENT_INVALID",
    number="",
    text_nb="EMIF-dokumentet er ikke slik BRS-NO-313 krever: {actual}, forventet {limit}.",
    text_en="The EMIF document is not as BRS-NO-313 asks: {actual}, expected {limit}.",
    fix_nb="Rett meldingshodet eller prosessen, og send dokumentet med en ny id.",
    fix_en="Mend the header or the process, and send the document with a new id.",
)
EMIF_SERIES_INVALID = Rule(
    key="EMIF_SERIES_INVALID",
    number="",
    text_nb="En serie i EMIF-dokumentet er ikke slik standarden krever: {actual}, forventet {limit}.",
    text_en="A series of the EMIF document is not as the standard asks: {actual}, expected {limit}.",
    fix_nb="Rett serien, og send den på nytt i et nytt dokument; de andre er avgjort hver for seg.",
    fix_en="Mend the series, and send it again in a new document; the others are decided each by itself.",
)
RULES = {rule.key: rule for rule in list(globals().values()) if isinstance(rule, Rule)}
"""Every rule of the door by its key."""
