"""What ``compose config`` says of a service, in the form of v1 and in that of v2."""

from __future__ import annotations

import pytest

from nstui.engine.compose_model import ComposeModel, ServiceFile, read_model
from nstui.model.healing import ComposeJoin
from nstui.model.namespace import NamespaceKind
from tests.support.compose_samples import model

NET, PID, IPC = NamespaceKind.NET, NamespaceKind.PID, NamespaceKind.IPC

OF_V1 = """
networks:
  "n": {driver_opts: {a: b}}
  out: {external: true, name: other}
secrets:
  s: {file: /p/e.env}
services:
  dep:
    command: sleep $$A
    network_mode: service:own
    ipc: container:/x
    secrets:
    - source: s
    volumes:
    - /p/x:/data:rw
    - vol:/vol:ro
    - kept:/kept
    - /anon
  alone: {scale: 3, image: a}
  wired: {networks: {n: null, out: null}}
version: '3.9'
volumes:
  vol: {}
  kept: {external: {name: elsewhere}}
"""


def of_v1(service: str = "dep", text: str = OF_V1) -> ComposeModel:
    """Return what compose v1 said."""
    found = read_model(text, "p", service, is_v1=True)
    assert found is not None
    return found


def test_v1_says_mounts_in_short() -> None:
    assert of_v1().mounts == {
        "/data": ("bind", "/p/x"),
        "/vol": ("volume", "p_vol"),
        "/kept": ("volume", "elsewhere"),
        "/anon": ("volume", ""),
    }
    assert {*of_v1().volumes} == {"p_vol", "elsewhere"}
    assert of_v1().config["command"] == "sleep $A"


def test_v2_says_them_at_length() -> None:
    assert model().mounts == {
        "/data": ("bind", "/p/prod"),
        "/vol": ("volume", "p_vol"),
        "/anon": ("volume", ""),
        "/tmp": ("tmpfs", ""),  # noqa: S108 - in a container
    }


def test_joins_are_of_a_service_or_of_a_container() -> None:
    assert of_v1().joins == (
        ComposeJoin(kind=NET, service="own"),
        ComposeJoin(kind=IPC, container="x"),
    )
    assert model({"pid": "service:a"}, without=("network_mode",)).joins == (
        ComposeJoin(kind=PID, service="a"),
    )
    assert model({"network_mode": "host", "ipc": "shareable"}).joins == ()


def test_networks_have_full_names() -> None:
    assert {*of_v1("wired").networks} == {"p_n", "other"}
    assert {*of_v1("alone").networks} == {"p_default"}
    assert of_v1().networks == {}
    on = model({"networks": {"n": None}}, without=("network_mode",))
    assert {*on.networks} == {"p_n"}


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({}, 1),
        ({"scale": 2}, 2),
        ({"scale": 0}, 0),
        ({"deploy": {"replicas": 3}}, 3),
        ({"deploy": {}}, 1),
    ],
)
def test_how_many_it_is_to_have(said: dict[str, object], expected: int) -> None:
    assert model(said).scale == expected


def test_what_is_given_as_files() -> None:
    said = model(
        {
            "secrets": [{"source": "f"}, {"source": "e", "target": "x"}],
            "configs": [{"source": "c"}, {"source": "d", "target": "/etc/d"}],
        },
        {
            "secrets": {"f": {"file": "/p/f"}, "e": {"environment": "E"}},
            "configs": {"c": {"content": "a$$b"}, "d": {"external": True}},
        },
    )
    secret, config = "secrets", "configs"
    assert said.service_files == (
        ServiceFile(
            section=secret, name="f", target="/run/secrets/f", file="/p/f",
            is_written=False,
        ),
        ServiceFile(
            section=secret, name="e", target="/run/secrets/x", file="",
            is_written=True,
        ),
        ServiceFile(
            section=config, name="c", target="/c", file="",
            is_written=True, content="a$b",
        ),
        ServiceFile(
            section=config, name="d", target="/etc/d", file="", is_written=False,
        ),
    )  # fmt: skip
    assert said.written == ("/run/secrets/x", "/c")


@pytest.mark.parametrize(
    ("text", "is_v1"),
    [("{", False), ("[]", False), ("- a", True), ("a: [", True), ("", True)],
)
def test_what_is_no_project(text: str, is_v1: bool) -> None:  # noqa: FBT001 - a row
    assert read_model(text, "p", "dep", is_v1=is_v1) is None


def test_a_service_that_it_does_not_have() -> None:
    assert not of_v1("nobody").has_service
    assert of_v1().has_service
