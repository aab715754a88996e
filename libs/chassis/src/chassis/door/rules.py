"""Why a door refuses. What a rule cannot say is in the HTTP status."""

from __future__ import annotations

from contracts.message import Reason, Rule, Scalar


class Turned(Exception):
    """A request is refused: the HTTP status, and the reason in the words of a receipt."""

    def __init__(
        self,
        status: int,
        rule: Rule,
        *,
        path: str = "",
        limit: Scalar = None,
        actual: Scalar = None,
        unit: str | None = None,
    ) -> None:
        super().__init__(rule.key)
        self.status = status
        self.reason: Reason = rule.reason(path=path, limit=limit, actual=actual, unit=unit)

    @classmethod
    def because(cls, status: int, reason: Reason) -> Turned:
        """For a reason that is known already."""
        turned = cls.__new__(cls)
        Exception.__init__(turned, reason.code)
        turned.status, turned.reason = status, reason
        return turned


PROOF_MISSING = Rule(
    key="PROOF_MISSING",
    number="",
    text_nb="Forespørselen sier ikke hvem den kommer fra.",
    text_en="The request does not say who it comes from.",
    fix_nb="Send en JWS i `Authorization: Bearer`, undertegnet med en nøkkel som er registrert på aktøren.",
    fix_en="Send a JWS in `Authorization: Bearer`, signed with a key that is registered to the party.",
)
PROOF_INVALID = Rule(
    key="PROOF_INVALID",
    number="",
    text_nb="Beviset gjelder ikke for denne forespørselen ({actual}).",
    text_en="The proof does not hold for this request ({actual}).",
    fix_nb="Undertegn hver forespørsel for seg: dør, metode, sti, innhold, tid og et nytt `jti`.",
    fix_en="Sign each request by itself: door, method, path, content, time and a new `jti`.",
)
PROOF_EXPIRED = Rule(
    key="PROOF_EXPIRED",
    number="",
    text_nb="Beviset gjelder ikke nå. Det gjelder i høyst {limit} {unit} etter at det ble laget.",
    text_en="The proof does not hold now. It holds for at most {limit} {unit} after it was made.",
    fix_nb="Still klokken, og lag et nytt bevis.",
    fix_en="Set the clock and make a new proof.",
    retryable=True,
)
PROOF_USED = Rule(
    key="PROOF_USED",
    number="",
    text_nb="Beviset er brukt før.",
    text_en="The proof has been used before.",
    fix_nb="Lag et nytt bevis med et nytt `jti`.",
    fix_en="Make a new proof with a new `jti`.",
    retryable=True,
)
SIGNER_UNKNOWN = Rule(
    key="SIGNER_UNKNOWN",
    number="",
    text_nb="Nøkkelen er ikke kjent her, eller aktøren kan ikke handle nå.",
    text_en="The key is not known here, or the party may not act now.",
    fix_nb="Registrer nøkkelen med `register-party-key`. Døren kjenner den like etter kvitteringen.",
    fix_en="Register the key with `register-party-key`. The door knows it right after the receipt.",
    retryable=True,
)
TOO_MANY_REQUESTS = Rule(
    key="TOO_MANY_REQUESTS",
    number="",
    text_nb="Døren har for mye å gjøre: høyst {limit} {unit}.",
    text_en="The door has too much to do: at most {limit} {unit}.",
    fix_nb="Vent så lenge som `Retry-After` sier, og prøv igjen.",
    fix_en="Wait for as long as `Retry-After` says and try again.",
    retryable=True,
)
NO_SUCH_PLACE = Rule(
    key="NO_SUCH_PLACE",
    number="",
    text_nb="Det finnes ingenting på denne adressen.",
    text_en="There is nothing at this address.",
    fix_nb="Kontroller stien, som ikke slutter med skråstrek; deltakerveiledningen nevner dem som finnes.",
    fix_en="Check the path, which does not end with a slash; the participants' guide names those that there are.",
)
METHOD_NOT_TAKEN = Rule(
    key="METHOD_NOT_TAKEN",
    number="",
    text_nb="Adressen tar ikke imot metoden {actual}, bare {limit}.",
    text_en="The address does not take the method {actual}, only {limit}.",
    fix_nb="Bruk en metode som står i `Allow`.",
    fix_en="Use a method that stands in `Allow`.",
)
LENGTH_REQUIRED = Rule(
    key="LENGTH_REQUIRED",
    number="",
    text_nb="Forespørselen sier ikke hvor stort dokumentet er.",
    text_en="The request does not say how large the document is.",
    fix_nb="Send `Content-Length`.",
    fix_en="Send `Content-Length`.",
)
DOCUMENT_TOO_LARGE = Rule(
    key="DOCUMENT_TOO_LARGE",
    number="",
    text_nb="Dokumentet er på {actual} {unit}, og det kan være på {limit}.",
    text_en="The document is of {actual} {unit}, and it may be of {limit}.",
    fix_nb="Del det opp, eller lag det mindre.",
    fix_en="Divide it or make it smaller.",
)
DOCUMENT_TOO_SLOW = Rule(
    key="DOCUMENT_TOO_SLOW",
    number="",
    text_nb="Dokumentet kom ikke fram innen {limit} {unit}, eller stanset underveis.",
    text_en="The document did not come through within {limit} {unit}, or stopped on its way.",
    fix_nb="Prøv igjen over en bedre forbindelse.",
    fix_en="Try again over a better connection.",
    retryable=True,
)
DOCUMENT_NOT_AS_SIGNED = Rule(
    key="DOCUMENT_NOT_AS_SIGNED",
    number="",
    text_nb="Det som kom fram, er ikke det som ble undertegnet.",
    text_en="What came through is not what was signed.",
    fix_nb="Undertegn SHA-256 av nøyaktig de bytene som sendes.",
    fix_en="Sign the SHA-256 of exactly the bytes that are sent.",
    retryable=True,
)
DOCUMENT_OF_OTHER_TYPE = Rule(
    key="DOCUMENT_OF_OTHER_TYPE",
    number="",
    text_nb="Innholdet er ikke et helt dokument av en type som tas imot ({limit}).",
    text_en="The content is not one whole document of a type that is taken ({limit}).",
    fix_nb="Send PDF, PNG, JPEG eller CSV (UTF-8), uten noe foran eller bak. En PDF begynner med %PDF-1. eller "
    "%PDF-2. og slutter med startxref, et tall og %%EOF. Filnavnet har ingenting å si.",
    fix_en="Send PDF, PNG, JPEG or CSV (UTF-8), with nothing before or behind it. A PDF begins with %PDF-1. or %PDF-2. "
    "and ends with startxref, a number and %%EOF. The name of the file does not matter.",
)
DOCUMENT_ID_REUSED = Rule(
    key="DOCUMENT_ID_REUSED",
    number="",
    text_nb="Id-en er brukt for et annet dokument.",
    text_en="The id has been used for another document.",
    fix_nb="Send dokumentet med en ny id.",
    fix_en="Send the document with a new id.",
)
DOCUMENT_IN_USE = Rule(
    key="DOCUMENT_IN_USE",
    number="",
    text_nb="Dokumentet er bevis i en sak, og blir der.",
    text_en="The document is evidence in a case, and stays there.",
    fix_nb="Det er ikke noe å gjøre.",
    fix_en="There is nothing to do.",
)
DOCUMENT_NOT_FOUND = Rule(
    key="DOCUMENT_NOT_FOUND",
    number="",
    text_nb="Det finnes ikke noe dokument her som aktøren kan lese.",
    text_en="There is no document here that the party may read.",
    fix_nb="Bruk id-en fra hendelsen som nevner dokumentet.",
    fix_en="Use the id from the event that names the document.",
)
NOT_DECIDED_YET = Rule(
    key="NOT_DECIDED_YET",
    number="",
    text_nb="Ønsket er tatt imot, men ikke avgjort ennå.",
    text_en="The wish has been taken, but is not decided yet.",
    fix_nb="Send det samme på nytt om litt.",
    fix_en="Send the same again in a moment.",
    retryable=True,
)

ALL = tuple(value for value in tuple(vars().values()) if isinstance(value, Rule))
"""Every rule, in the order above."""
