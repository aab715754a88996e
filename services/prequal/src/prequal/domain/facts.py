"""What a BSP has shown of itself in an application for qualification (R41)."""

from __future__ import annotations

from dataclasses import dataclass

from contracts.prequal import v1


@dataclass(frozen=True, slots=True)
class Given:
    """The facts as they stand; an empty text is one that was not given."""

    contact_email: str
    contract_reference: str
    more: v1.BspFacts

    @property
    def names(self) -> frozenset[v1.BspFact]:
        """Those that are given."""
        texts: dict[v1.BspFact, str] = {
            "contact-email": self.contact_email,
            "contract-reference": self.contract_reference,
            "operations-contact": self.more.operations_contact,
            "settlement-agreement": self.more.settlement_agreement,
            "balance-responsibility": self.more.balance_responsibility,
            "trading-licence": self.more.trading_licence,
            "financial-security": self.more.financial_security,
            "user-agreement": self.more.user_agreement,
        }
        return frozenset(name for name, text in texts.items() if text)

    def without(self, wanted: tuple[v1.BspFact, ...]) -> tuple[v1.BspFact, ...]:
        """Those of `wanted` that are not given."""
        return tuple(name for name in wanted if name not in self.names)

    def updated(self, added: Given) -> Given:
        """With what is given in `added` in place of what was."""
        more = {name: text for name, text in added.more.model_dump().items() if text}
        return Given(
            contact_email=added.contact_email or self.contact_email,
            contract_reference=added.contract_reference or self.contract_reference,
            more=self.more.model_copy(update=more),
        )


def of(said: v1.QualificationRequested | v1.QualificationFactsAdded | v1.CompleteQualification) -> Given:
    """The facts that a message names."""
    return Given(said.contact_email, said.contract_reference, said.facts)
