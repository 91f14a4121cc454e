"""The connections that Podman keeps."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nstui.engine.podman_connections import PodmanConnection, podman_connections

NONE = Path("/nonexistent")


def _json(uri: str) -> str:
    return json.dumps({"Connection": {"Connections": {"one": {"URI": uri}}}})


def _toml(name: str, uri: str, more: str = "") -> str:
    return f'[engine.service_destinations.{name}]\nuri = "{uri}"\n{more}'


def test_what_podman_itself_keeps_comes_first(tmp_path: Path) -> None:
    folder = tmp_path / ".config" / "containers"
    folder.mkdir(parents=True)
    folder.joinpath("podman-connections.json").write_text(_json("ssh://first"))
    folder.joinpath("containers.conf").write_text(
        _toml("one", "ssh://second") + _toml("two", "ssh://two", 'identity = "/key"')
    )
    system = tmp_path / "containers.conf"
    system.write_text(_toml("two", "ssh://system") + _toml("three", "ssh://three"))

    assert podman_connections({"HOME": str(tmp_path)}, system) == {
        "one": PodmanConnection("ssh://first", None),
        "two": PodmanConnection("ssh://two", "/key"),
        "three": PodmanConnection("ssh://three", None),
    }


def test_files_that_are_named_are_the_only_ones(tmp_path: Path) -> None:
    connections, conf = tmp_path / "c.json", tmp_path / "c.conf"
    connections.write_text(_json("ssh://named"))
    conf.write_text(_toml("two", "ssh://two"))
    environ = {
        "HOME": str(tmp_path),
        "PODMAN_CONNECTIONS_CONF": str(connections),
        "CONTAINERS_CONF": str(conf),
    }
    system = tmp_path / "system.conf"
    system.write_text(_toml("three", "ssh://three"))

    assert podman_connections(environ, system) == {
        "one": PodmanConnection("ssh://named", None),
        "two": PodmanConnection("ssh://two", None),
    }


@pytest.mark.parametrize("content", [b"{", b"\xff", b"[]", b'{"Connection": 7}'])
def test_damaged_files_are_none(tmp_path: Path, content: bytes) -> None:
    folder = tmp_path / "containers"
    folder.mkdir()
    folder.joinpath("podman-connections.json").write_bytes(content)
    folder.joinpath("containers.conf").write_bytes(content)

    assert podman_connections({"XDG_CONFIG_HOME": str(tmp_path)}, NONE) == {}
