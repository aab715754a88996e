"""What a party's command line makes of a door's answers."""

from __future__ import annotations

import functools

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from chassis.door.proof import Signer
from contracts.values import make_gln
from flexreg.doorway import Doorway, TurnedAway

pytestmark = pytest.mark.unit

LINES = b'{"part": "manifest"}\n{"part": "members"}\n'


@pytest.fixture(name="door")
def _door(monkeypatch: pytest.MonkeyPatch) -> Doorway:
    def answer(request: httpx.Request) -> httpx.Response:
        assert request.headers["authorization"].startswith("Bearer ")
        if request.url.path == "/evidence/1":
            return httpx.Response(200, headers={"content-type": "application/jsonl"}, content=LINES)
        return httpx.Response(404, json={"code": "VALUES_NOT_FOUND", "text_en": "No such.", "fix_en": "Look."})

    mocked = functools.partial(httpx.AsyncClient, transport=httpx.MockTransport(answer))
    monkeypatch.setattr("flexreg.doorway.httpx.AsyncClient", mocked)
    signer = Signer(make_gln(1), ec.generate_private_key(ec.SECP256R1()))
    return Doorway("meter-ingest", "http://door", "flexregister/meter-ingest", signer)


async def test_a_file_of_lines_of_json_is_a_file(door: Doorway) -> None:
    assert (await door.ask("GET", "/evidence/1")).content == LINES


async def test_what_the_door_refuses_is_said_in_its_own_words(door: Doorway) -> None:
    with pytest.raises(TurnedAway, match="No such") as refused:
        await door.ask("GET", "/evidence/2")
    assert refused.value.todo == "Look."
