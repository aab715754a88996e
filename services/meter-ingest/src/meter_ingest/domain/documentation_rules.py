"""What may be refused, or found, of evidence that the TSO asks for (R46), and how to mend it."""

from __future__ import annotations

from contracts.message import Rule

EVIDENCE_NOT_REQUIRED = Rule(
    "EVIDENCE_NOT_REQUIRED",
    "R46",
    "Dokumentasjonsplikten er ikke trådt i kraft.",
    "The duty to document what is delivered is not in force.",
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
    "Måleverdier i dokumentasjonen er slettet, på sluttbrukerens ønske eller etter lagringstiden; det som ble"
    " publisert om den, står: roten er {limit}.",
    "Values of the evidence were erased, as their end user wished, or are kept no longer; what was published of it"
    " stands: its root is {limit}.",
    "Bruk filen som ble hentet da verdiene fantes.",
    "Use the file that was fetched while there were values.",
)
EVIDENCE_NOT_PREPARED = Rule(
    "EVIDENCE_NOT_PREPARED",
    "R46",
    "Dokumentasjonen er ikke laget ennå; fristen er {limit}.",
    "The evidence has not been prepared yet; it is due by {limit}.",
    "Vent på evidence-prepared eller capacity-evidence-prepared: den lages når ingenting mangler, senest ved fristen.",
    "Wait for evidence-prepared or capacity-evidence-prepared: it is made when nothing misses, or at its deadline.",
    retryable=True,
)
EVIDENCE_NOT_FOUND = Rule(
    "EVIDENCE_NOT_FOUND",
    "R46",
    "Det er ikke bedt om dokumentasjon med denne id-en, eller den har ingen slik versjon.",
    "No evidence was asked for with this id, or it has no such version.",
    "Bruk id-en som request-evidence eller request-capacity-evidence hadde som subject.",
    "Use the id that request-evidence or request-capacity-evidence had as its subject.",
)
EVIDENCE_NOT_YOURS = Rule(
    "EVIDENCE_NOT_YOURS",
    "R46",
    "Filer med dokumentasjon hentes bare av systemansvarlig.",
    "Packets of evidence are fetched by the TSO alone.",
    "Be systemansvarlig om filen.",
    "Ask the TSO for the file.",
)
EVIDENCE_UNKNOWN = Rule(
    "EVIDENCE_UNKNOWN",
    "R46",
    "Avsenderen er ikke bedt om dokumentasjon med denne id-en.",
    "The sender was not asked for evidence with this id.",
    "Bruk id-en fra evidence-requested eller capacity-evidence-requested.",
    "Use the id of evidence-requested or capacity-evidence-requested.",
)
EVIDENCE_ANSWERED = Rule(
    "EVIDENCE_ANSWERED",
    "R46",
    "Forespørselen er besvart; svaret står.",
    "The request has been answered; the answer stands.",
    "Be systemansvarlig om en ny forespørsel hvis svaret må endres.",
    "Ask the TSO for another request if the answer must change.",
)
EVIDENCE_CLOSED = Rule(
    "EVIDENCE_CLOSED",
    "R46",
    "Forespørselen kunne besvares til {limit}, også for sent.",
    "The request could be answered until {limit}, late included.",
    "Be systemansvarlig om en ny forespørsel.",
    "Ask the TSO for another request.",
)
EVIDENCE_DOCUMENT_DIFFERS = Rule(
    "EVIDENCE_DOCUMENT_DIFFERS",
    "R46",
    "Dokumentet har SHA-256 {limit}, ikke {actual}.",
    "The document has the SHA-256 {limit}, not {actual}.",
    "Bruk id og SHA-256 slik døren svarte.",
    "Use the id and the SHA-256 as the door answered them.",
)
EVIDENCE_DOCUMENT_NOT_REFERRED = Rule(
    "EVIDENCE_DOCUMENT_NOT_REFERRED",
    "R46",
    "Svaret viser til {actual} dokument(er) som ikke er vist til i noen søknad; systemansvarlig kan ikke lese dem.",
    "The answer names {actual} document(s) that are referred to in no application; the TSO cannot read them.",
    "Lever dokumentene gjennom døren til prequal, og send refer-document på gruppens søknad.",
    "Bring in the documents through the door of prequal, and send refer-document on the group's application.",
)
METER_ANSWER_LATE = Rule(
    "METER_ANSWER_LATE",
    "R46",
    "Svaret kom etter fristen.",
    "The answer came after its deadline.",
    "Svar innen fristen; be systemansvarlig om mer tid før den.",
    "Answer by the deadline; ask the TSO for more time before it.",
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
    EVIDENCE_NOT_PREPARED,
    EVIDENCE_NOT_FOUND,
    EVIDENCE_NOT_YOURS,
    EVIDENCE_UNKNOWN,
    EVIDENCE_ANSWERED,
    EVIDENCE_CLOSED,
    EVIDENCE_DOCUMENT_DIFFERS,
    EVIDENCE_DOCUMENT_NOT_REFERRED,
    METER_ANSWER_LATE,
    METER_EVIDENCE_LATE,
    METER_EVIDENCE_INCOMPLETE,
)
