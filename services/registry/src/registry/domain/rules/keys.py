"""The rules about the keys that parties sign with."""

from __future__ import annotations

from contracts.message import Rule

KEY_NOT_AVAILABLE = Rule(
    key="KEY_NOT_AVAILABLE",
    number="R34",
    text_nb="Nøkkelen er eller var allerede i bruk.",
    text_en="The key is or was in use already.",
    fix_nb="Lag et nytt nøkkelpar, og registrer den offentlige nøkkelen i det.",
    fix_en="Make a new pair of keys and register its public key.",
)
KEY_UNKNOWN = Rule(
    key="KEY_UNKNOWN",
    number="R34",
    text_nb="Aktøren har ingen gyldig nøkkel med denne id-en.",
    text_en="The party has no valid key with this id.",
    fix_nb="Bruk avtrykket (RFC 7638) av nøkkelen, slik det sto i hendelsen om at den ble registrert.",
    fix_en="Use the key's thumbprint (RFC 7638) as it stood in the event that said it was registered.",
)
TOO_MANY_KEYS = Rule(
    key="TOO_MANY_KEYS",
    number="R34",
    text_nb="Aktøren har {actual} gyldige nøkler; {limit} er det meste.",
    text_en="The party has {actual} valid keys; {limit} is the most.",
    fix_nb="Trekk tilbake en nøkkel som ikke brukes lenger.",
    fix_en="Revoke a key that is not used any more.",
)
