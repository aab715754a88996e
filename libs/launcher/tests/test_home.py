from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from launcher.databases import UnableToNameDatabase, database_name
from launcher.home import Home, default_home

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.unit


def test_a_port_is_remembered(tmp_path: Path) -> None:
    assert Home(tmp_path).port("kafka") == Home(tmp_path).port("kafka")


def test_a_port_that_another_took_is_chosen_again(tmp_path: Path) -> None:
    home = Home(tmp_path)
    port = home.port("kafka")
    with socket.create_server(("127.0.0.1", port)):
        other = home.port("kafka")

    assert other != port
    assert home.port("kafka") == other


def test_two_homes_have_ports_of_their_own(tmp_path: Path) -> None:
    names = ("kafka", "postgres", "registry")
    one, two = Home(tmp_path / "one"), Home(tmp_path / "two")

    with socket.create_server(("127.0.0.1", one.port("kafka"))):
        assert one.port("postgres") not in {two.port(name) for name in names}


def test_secrets_are_made_once_and_are_the_owners_alone(tmp_path: Path) -> None:
    home = Home(tmp_path)

    assert home.secret("postgres") == Home(tmp_path).secret("postgres")
    assert home.secret("postgres") != home.secret("other")
    assert (tmp_path / "secrets.json").stat().st_mode & 0o777 == 0o600


def test_one_home_has_one_supervisor(tmp_path: Path) -> None:
    with Home(tmp_path).held() as first, Home(tmp_path).held() as second:
        assert (first, second) == (True, False)


def test_the_home_is_the_checkouts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FLEXREG_HOME", raising=False)
    (tmp_path / "libs" / "launcher").mkdir(parents=True)
    (tmp_path / "Makefile").touch()
    below = tmp_path / "services" / "registry"
    below.mkdir(parents=True)

    assert default_home(start=below) == tmp_path / ".flexreg"
    monkeypatch.setenv("FLEXREG_HOME", str(tmp_path / "mine"))
    assert default_home(start=below) == tmp_path / "mine"


@pytest.mark.parametrize(
    ("namespace", "name", "made"),
    [("", "bsp-switch", "bsp_switch"), ("t1.", "registry", "t1_registry"), ("Ab", "x", "ab_x")],
)
def test_a_database_is_named_after_namespace_and_service(namespace: str, name: str, made: str) -> None:
    assert database_name(namespace=namespace, name=name) == made


def test_a_name_that_would_be_cut_off_is_refused() -> None:
    with pytest.raises(UnableToNameDatabase):
        database_name(namespace="n" * 60, name="registry")
