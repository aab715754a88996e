"""A receipt in EMIF's own form: one `Acknowledgement` document for each thing that is acknowledged."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from lxml import etree  # pyright: ignore[reportAttributeAccessIssue] - compiled, without types

from contracts import values
from contracts.emif import names
from contracts.emif.names import abie
from contracts.meter_ingest.v1 import Acknowledgement

_MAP = {"rsm": names.ACKNOWLEDGEMENT, "abie": names.ENTITIES}


def acknowledgement(
    said: Acknowledgement, *, id_: str, document: str, sender: str, recipient: str, at: datetime
) -> bytes:
    """An acknowledgement as XML: of `document`, from `sender` to `recipient`; `id_` is a new UUID."""
    root = etree.Element(f"{{{names.ACKNOWLEDGEMENT}}}Acknowledgement", nsmap=_MAP)
    header = etree.SubElement(root, f"{{{names.ACKNOWLEDGEMENT}}}Header")
    _put(header, "Identification", id_)
    _put(header, "DocumentType", "294", listAgencyIdentifier="6")
    _put(header, "Creation", values.time_text(at))
    for role, gln in (
        ("PhysicalSenderEnergyParty", sender),
        ("JuridicalSenderEnergyParty", sender),
        ("JuridicalRecipientEnergyParty", recipient),
    ):
        _put(_put(header, role), "Identification", gln, schemeAgencyIdentifier="9")
    context = etree.SubElement(root, f"{{{names.ACKNOWLEDGEMENT}}}ProcessEnergyContext")
    _put(context, "EnergyBusinessProcess", names.PROCESS, listAgencyIdentifier="89")
    _put(context, "EnergyBusinessProcessRole", names.ROLE, listAgencyIdentifier="6")
    _put(context, "EnergyIndustryClassification", "23")
    event = etree.SubElement(root, f"{{{names.ACKNOWLEDGEMENT}}}PayloadResponseEvent")
    _put(event, "StatusType", said.status, listAgencyIdentifier="6")
    for code in said.reasons:
        _put(event, "ResponseReasonType", code, listAgencyIdentifier="260")
    _put(event, "OriginalBusinessDocumentReference", document)
    if said.payload:
        _put(event, "OriginalPayloadReference", said.payload)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _put(parent: Any, name: str, text: str | None = None, **attributes: str) -> Any:
    element = etree.SubElement(parent, abie(name), attributes)
    element.text = text
    return element
