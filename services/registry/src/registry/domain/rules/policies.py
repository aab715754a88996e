"""Rules about policies."""

from __future__ import annotations

from contracts.message import Rule

POLICY_UNKNOWN = Rule(
    key="POLICY_UNKNOWN",
    number="R35",
    text_nb="Registeret har ingen policy med nøkkelen «{actual}».",
    text_en="The register has no policy with the key “{actual}”.",
    fix_nb="Bruk en av nøklene i docs/rules/policies.md.",
    fix_en="Use one of the keys in docs/rules/policies.md.",
)
POLICY_VALUE_NOT_ALLOWED = Rule(
    key="POLICY_VALUE_NOT_ALLOWED",
    number="R35",
    text_nb="Policyen kan ikke ha verdien {actual}. Den kan være: {limit}.",
    text_en="The policy cannot have the value {actual}. It may be: {limit}.",
    fix_nb="Velg en verdi innenfor det som er tillatt, av samme slag som standardverdien.",
    fix_en="Choose a value within what is allowed, of the same kind as the default.",
)
POLICY_VALUE_OF_OTHER_KIND = Rule(
    key="POLICY_VALUE_OF_OTHER_KIND",
    number="R35",
    text_nb="Policyens verdi skrives {limit} i JSON; meldingen har {actual}.",
    text_en="The policy's value is written {limit} in JSON; the message has {actual}.",
    fix_nb="Skriv tall uten anførselstegn, tekst med anførselstegn, og true eller false uten.",
    fix_en="Write a number without quotes, a text with quotes, and true or false without.",
)
POLICY_IN_THE_PAST = Rule(
    key="POLICY_IN_THE_PAST",
    number="R35",
    text_nb="En policy endres ikke for det som allerede er avgjort: {actual} er før {limit}.",
    text_en="A policy is not changed for what has been decided already: {actual} is before {limit}.",
    fix_nb="Sett `valid_from` til et tidspunkt som kommer.",
    fix_en="Set `valid_from` to a moment to come.",
)
POLICIES_CONTRADICT = Rule(
    key="POLICIES_CONTRADICT",
    number="R35",
    text_nb="Verdien kan ikke stå sammen med en annen policy: {limit} må gjelde, og da er {actual}.",
    text_en="The value cannot stand beside another policy: {limit} must hold, and then {actual}.",
    fix_nb="Endre den andre policyen først, eller velg en annen verdi.",
    fix_en="Change the other policy first, or choose another value.",
)
