"""The keys that parties sign with."""

import pytest
from pydantic import ValidationError

from contracts.public_key import PublicKey
from contracts.registry import v1
from registry import store
from registry.domain import signing

pytestmark = pytest.mark.unit

# The curve's base point, and its double.
KEY = PublicKey(x="axfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpY", y="T-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU")
OTHER = PublicKey(x="fPJ7GI0DT36KUjgDBLUaw8CJaeJ38hs1pgtI_EdmmXg", y="B3dVENuO0EApPZrGn3Qw27p9reY86YIpngS3nSJ4c9E")


def add(world, register, party, key=KEY, *, sender="", role="operator"):
    return register.when(v1.RegisterPartyKey(key=key), subject=party, sender=sender or world.OPERATOR, role=role)


def revoke(world, register, party, key=KEY, *, sender="", role="operator"):
    wish = v1.RevokePartyKey(key_id=key.thumbprint)
    return register.when(wish, subject=party, sender=sender or world.OPERATOR, role=role)


def registered(party, key=KEY):
    return v1.PartyKeyRegistered(party=party, key_id=key.thumbprint, key=key)


def test_a_party_registers_its_own_key_and_the_operator_anybodys(world, register):
    add(world, register, world.BSP, sender=world.BSP, role="bsp").then(registered(world.BSP))
    add(world, register, world.DSO, OTHER).then(registered(world.DSO, OTHER))
    assert register.state(store.PARTY_KEY, KEY.thumbprint).party == world.BSP


@pytest.mark.rule("NO_SUCH_PARTY")
def test_nobody_registers_or_revokes_a_key_of_another(world, register):
    add(world, register, world.DSO, sender=world.BSP, role="bsp").refused("NO_SUCH_PARTY")
    add(world, register, world.DSO)
    revoke(world, register, world.DSO, sender=world.BSP, role="bsp").refused("NO_SUCH_PARTY")


@pytest.mark.rule("PARTY_UNCHANGED")
def test_the_same_again_changes_nothing(world, register):
    add(world, register, world.BSP)
    outcome = add(world, register, world.BSP)
    outcome.then()
    assert [reason.code for reason in outcome.reasons] == ["PARTY_UNCHANGED"]


@pytest.mark.rule("KEY_NOT_AVAILABLE")
def test_a_key_is_one_partys_and_is_not_used_again(world, register):
    add(world, register, world.BSP)
    add(world, register, world.DSO).refused("KEY_NOT_AVAILABLE", path="/key")
    revoke(world, register, world.BSP).then(v1.PartyKeyRevoked(party=world.BSP, key_id=KEY.thumbprint))
    assert register.state(store.PARTY_KEY, KEY.thumbprint).revoked
    add(world, register, world.BSP).refused("KEY_NOT_AVAILABLE")


@pytest.mark.rule("KEY_UNKNOWN")
def test_what_is_no_key_of_the_party_is_not_revoked(world, register):
    add(world, register, world.BSP)
    revoke(world, register, world.DSO).refused("KEY_UNKNOWN", actual=KEY.thumbprint)
    revoke(world, register, world.BSP)
    revoke(world, register, world.BSP).refused("KEY_UNKNOWN")


@pytest.mark.rule("TOO_MANY_KEYS")
def test_a_party_has_so_many_keys_and_a_revoked_one_does_not_count(world, register, monkeypatch):
    monkeypatch.setattr(signing, "MOST_KEYS", 1)
    add(world, register, world.BSP)
    add(world, register, world.BSP, OTHER).refused("TOO_MANY_KEYS", limit=1, actual=1)
    revoke(world, register, world.BSP)
    add(world, register, world.BSP, OTHER).then(registered(world.BSP, OTHER))


@pytest.mark.parametrize(
    ("x", "y"),
    [
        (KEY.x, OTHER.y),
        (KEY.x, KEY.y[:-1]),
        (KEY.x, KEY.y + "="),
        # The last letter has two bits too many: another way to write the same bytes.
        (KEY.x[:-1] + "Z", KEY.y),
        ("A" * 43, "A" * 43),
    ],
)
def test_what_is_no_point_on_the_curve_is_no_key(x, y):
    with pytest.raises(ValidationError, match="P-256"):
        PublicKey(x=x, y=y)


def test_the_thumbprint_is_that_of_rfc_7638():
    assert KEY.thumbprint == "xx0BcA-wMohw8atYDJOe6peGModklG2wRHBlXHMvl0M"
