"""The AsyncAPI 3 document of the register, from the message types and the topics: nothing in it is written by hand."""

from __future__ import annotations

from typing import Any

from pydantic.json_schema import models_json_schema

from contracts import catalogue, schemas, topics
from contracts.envelope import CONTENT_TYPE
from contracts.gateway.v1 import PoliciesAdded, RegisterOpened, TimePassed
from contracts.message import EVENTS, Audience, Command, Event, Message, ReceiptData
from contracts.meter_ingest.v1 import ExpectedEffect, SendMeterValues
from contracts.values import make_gln

VERSION = "1.0.0"
CONTROL = (RegisterOpened.type, PoliciesAdded.type, TimePassed.type)
"""What the gateway says on every commands topic."""

_REF = "#/components/schemas/{model}"


def document() -> dict[str, Any]:
    """The whole document; the same every time."""
    every: dict[str, type[Message]] = {**catalogue.commands(), **catalogue.events()}
    names, shared = models_json_schema([(model, "validation") for model in every.values()], ref_template=_REF)
    data = {model.type: names[model, "validation"]["$ref"] for model in every.values()}
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Flexregister",
            "version": VERSION,
            "description": (
                "A participant sends commands on its own ingress topic and is answered on its own egress topic. "
                "Every message is a CloudEvents 1.0 envelope in structured mode JSON."
            ),
        },
        "defaultContentType": CONTENT_TYPE,
        "channels": {_channel_name(topic): _channel(topic) for topic in _topics()},
        "operations": {**_taken(), **_said()},
        "components": {
            "schemas": {"Envelope": _plain(schemas.of_envelope()), **shared.get("$defs", {})},
            "messages": {type_: _message(model, data[type_]) for type_, model in every.items()},
        },
    }


def _topics() -> list[topics.Topic]:
    return [*topics.PER_PARTY, *topics.catalogue()]


def _channel_name(topic: topics.Topic) -> str:
    return topic.name.replace(".<gln>", "")


def _channel(topic: topics.Topic) -> dict[str, Any]:
    found: dict[str, Any] = {
        "address": topic.name.replace("<gln>", "{gln}"),
        "description": topic.what,
        "messages": {type_: {"$ref": f"#/components/messages/{type_}"} for type_ in sorted(messages_on(topic))},
        "bindings": {
            "kafka": {
                "partitions": topic.partitions,
                "topicConfiguration": {
                    "cleanup.policy": [topic.config(1)["cleanup.policy"]],
                    "max.message.bytes": topic.max_message_bytes,
                    **_retention(topic),
                },
            }
        },
        "x-owner": topic.owner,
        "x-consumers": list(topic.consumers),
        "x-key": topic.key,
    }
    if "<gln>" in topic.name:
        found["parameters"] = {"gln": {"description": "The party's GLN.", "examples": [make_gln(1)]}}
    if topic.roles is not None:
        found["x-roles"] = sorted(topic.roles)
    return found


def _retention(topic: topics.Topic) -> dict[str, int]:
    kept = topic.config(1).get("retention.ms")
    return {"retention.ms": int(kept)} if kept is not None else {}


def messages_on(topic: topics.Topic) -> list[str]:
    """The types that stand on a topic."""
    commands, events = catalogue.commands(), catalogue.events()
    kind, _, rest = topic.name.partition(".")
    service = rest.removesuffix(".v1")
    found: list[str] = []
    match kind:
        case "ingress" if topic.name == topics.ingress_values("<gln>"):
            found = [SendMeterValues.type]
        case "ingress":
            found = [type_ for type_ in commands if type_ != SendMeterValues.type]
        case "egress" if topic.name == topics.egress_activation("<gln>"):
            found = [ExpectedEffect.type]
        case "egress":
            found = [type_ for type_, event in events.items() if event.audience and event is not ExpectedEffect]
        case "commands":
            own = (type_ for type_, command in commands.items() if command.service == service)
            found = [*(type_ for type_ in own if type_ != SendMeterValues.type), *CONTROL]
        case "events":
            found = [type_ for type_, event in events.items() if event.service == service and event is not TimePassed]
        case _:
            pass
    return found


def _message(model: type[Message], data: str) -> dict[str, Any]:
    summary = (model.__doc__ or "").strip().partition("\n")[0]
    found: dict[str, Any] = {
        "name": model.type,
        "title": model.type.split(".")[-2],
        "summary": summary,
        "contentType": CONTENT_TYPE,
        "payload": {
            "allOf": [
                {"$ref": _REF.format(model="Envelope")},
                {"type": "object", "properties": {"type": {"const": model.type}, "data": {"$ref": data}}},
            ]
        },
    }
    if issubclass(model, Command):
        found["x-senders"] = sorted(model.senders)
    elif issubclass(model, Event):
        found["x-audience"] = [_seen_by(one) for one in model.audience]
    return found


def _seen_by(one: Audience) -> str:
    who = one.field or f"every {one.role}"
    return f"{who} (without {', '.join(one.without)})" if one.without else who


def _taken() -> dict[str, Any]:
    """One operation per command: it is received on an ingress topic, and answered by a receipt on the egress topic."""
    found: dict[str, Any] = {}
    for type_, command in catalogue.commands().items():
        channel = "ingress.meter-values.v1" if command is SendMeterValues else "ingress.v1"
        receipts = [one for one in EVENTS.values() if issubclass(one, ReceiptData)]
        answers = sorted(one.type for one in receipts if one.service in {command.service, "gateway"})
        found[f"receive-{type_.split('.')[-2]}.{type_.split('.')[-1]}"] = {
            "action": "receive",
            "channel": {"$ref": f"#/channels/{channel}"},
            "summary": (command.__doc__ or "").strip().partition("\n")[0],
            "messages": [{"$ref": f"#/channels/{channel}/messages/{type_}"}],
            "reply": {
                "channel": {"$ref": "#/channels/egress.v1"},
                "messages": [{"$ref": f"#/channels/egress.v1/messages/{answer}"} for answer in answers],
            },
        }
    return found


def _said() -> dict[str, Any]:
    """One operation per topic that the register writes."""
    return {
        f"send-{_channel_name(topic)}": {
            "action": "send",
            "channel": {"$ref": f"#/channels/{_channel_name(topic)}"},
            "summary": topic.what,
        }
        for topic in _topics()
        if topic.owner not in {"party", "operator"}
    }


def _plain(schema: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in schema.items() if not key.startswith("$")}
