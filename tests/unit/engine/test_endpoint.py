"""Which engine is meant."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from nstui.engine.endpoint import Endpoint, names_for_context, resolve_endpoint
from nstui.errors import EngineUnreachable, Unreachable, UsageProblem
from nstui.model.ssh import SshTarget
from tests.support.context_store import add_context, add_host

if TYPE_CHECKING:
    from pathlib import Path

LOCAL = "unix:///var/run/docker.sock"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a configuration with three contexts, the third of them chosen."""
    add_host(tmp_path, "one", "unix:///one.sock")
    add_host(tmp_path, "two", "tcp://two:2375")
    add_host(tmp_path, "chosen", "unix:///chosen.sock")
    tmp_path.joinpath("config.json").write_text('{"currentContext": "chosen"}')
    return tmp_path


@pytest.mark.parametrize(
    ("host", "context", "environ", "expected"),
    [
        ("unix:///h.sock", None, {}, Endpoint("unix:///h.sock", None)),
        (
            "unix:///h.sock",
            None,
            {"DOCKER_HOST": "tcp://e:1", "DOCKER_CONTEXT": "one"},
            Endpoint("unix:///h.sock", None),
        ),
        (None, "one", {}, Endpoint("unix:///one.sock", "one")),
        (
            None,
            "one",
            {"DOCKER_HOST": "tcp://e:1", "DOCKER_CONTEXT": "two"},
            Endpoint("unix:///one.sock", "one"),
        ),
        (
            None,
            None,
            {"DOCKER_HOST": "tcp://e:1", "DOCKER_CONTEXT": "two"},
            Endpoint("tcp://e:1", None),
        ),
        (None, None, {"DOCKER_CONTEXT": "two"}, Endpoint("tcp://two:2375", "two")),
        (None, None, {"DOCKER_HOST": ""}, Endpoint("unix:///chosen.sock", "chosen")),
        (None, None, {}, Endpoint("unix:///chosen.sock", "chosen")),
        (None, "default", {}, Endpoint(LOCAL, "default")),
        # As the docker command has it: DOCKER_HOST is what the default context is.
        (
            None,
            "default",
            {"DOCKER_HOST": "tcp://e:1"},
            Endpoint("tcp://e:1", "default"),
        ),
        (None, None, {"DOCKER_CONTEXT": "default"}, Endpoint(LOCAL, "default")),
    ],
)
def test_the_order(
    folder: Path,
    host: str | None,
    context: str | None,
    environ: dict[str, str],
    expected: Endpoint,
) -> None:
    environ = {"DOCKER_CONFIG": str(folder), **environ}

    assert resolve_endpoint(host, context, environ) == expected


@pytest.mark.parametrize("variable", ["DOCKER_CONFIG", "HOME"])
def test_without_configuration_it_is_the_local_engine(
    tmp_path: Path, variable: str
) -> None:
    environ = {variable: str(tmp_path / "nothing")}

    assert resolve_endpoint(None, None, environ) == Endpoint(LOCAL, "default")


def test_the_configuration_is_below_home(tmp_path: Path) -> None:
    add_host(tmp_path / ".docker", "one", "unix:///one.sock")
    tmp_path.joinpath(".docker/config.json").write_text('{"currentContext": "one"}')

    assert resolve_endpoint(None, None, {"HOME": str(tmp_path)}).context == "one"


def test_host_and_context_together_make_no_sense() -> None:
    with pytest.raises(UsageProblem, match="either --host or --context, not both"):
        resolve_endpoint(LOCAL, "default", {})


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("tcp://box", "tcp://box:2375"),
        ("tcp://box:", "tcp://box:2375"),
        ("tcp://box:4000/", "tcp://box:4000"),
        ("tcp://10.0.0.1:4000/prefix", "tcp://10.0.0.1:4000/prefix"),
        ("tcp://[::1]:4000", "tcp://[::1]:4000"),
        ("unix:///run/user/1000/docker.sock", "unix:///run/user/1000/docker.sock"),
    ],
)
def test_addresses(host: str, url: str) -> None:
    assert resolve_endpoint(host, None, {}).url == url


@pytest.mark.parametrize(
    "host",
    [
        "",
        "foo",
        "/var/run/docker.sock",
        "unix://",
        "unix://var/run/docker.sock",
        "unix:///a?b",
        "unix:/a",
        "tcp://",
        "tcp://:2375",
        "tcp://box:0",
        "tcp://box:many",
        "tcp://box:70000",
        "tcp://box?x=1",
        "tcp://me@box:2375",
        "tcp://[::1",
        "http://box:2375",
        "npipe:////./pipe/docker_engine",
        "fd://",
    ],
)
def test_malformed_addresses(host: str) -> None:
    with pytest.raises(UsageProblem) as caught:
        resolve_endpoint(host, None, {})

    assert repr(host) in str(caught.value)
    assert "--host" in str(caught.value)


def test_a_malformed_address_of_the_environment_is_said_to_be_its() -> None:
    with pytest.raises(UsageProblem, match="DOCKER_HOST 'foo'"):
        resolve_endpoint(None, None, {"DOCKER_HOST": "foo"})


FAR = SshTarget(host="box", user="me")


@pytest.mark.parametrize(
    ("arguments", "label"),
    [
        (("ssh://me@box", None, {}), "ssh://me@box"),
        ((None, None, {"DOCKER_HOST": "ssh://me@box"}), "ssh://me@box"),
        # ssh has no use for docker's certificates.
        (
            ("ssh://me@box", None, {"DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": "/"}),
            "ssh://me@box",
        ),
        ((None, "far", {}), "ssh://me@box (docker context 'far')"),
    ],
)
def test_ssh_is_meant_by_whatever_names_an_address(
    tmp_path: Path,
    arguments: tuple[str | None, str | None, dict[str, str]],
    label: str,
) -> None:
    host, context, environ = arguments
    add_host(tmp_path, "far", "ssh://me@box")

    found = resolve_endpoint(host, context, {"DOCKER_CONFIG": str(tmp_path), **environ})

    assert found.ssh == FAR
    assert found.tls is None
    assert found.label == label
    assert found.socket_path is None
    assert not found.is_local_socket


class _Way:
    """A way to an engine."""

    socket_path = "/run/way.sock"

    def problem(self) -> EngineUnreachable | None:
        return None


def test_what_is_behind_a_way_is_asked_there_and_called_by_its_address() -> None:
    found = resolve_endpoint("ssh://me@box", None, {}).through(_Way())

    assert found.socket_path == "/run/way.sock"
    assert found.transport_url == "unix:///run/way.sock"
    assert (found.url, found.label) == ("ssh://me@box", "ssh://me@box")
    assert not found.is_local_socket


@pytest.mark.parametrize(
    "host",
    [
        "ssh://",
        "ssh://@box",
        "ssh:///var/run/docker.sock",
        "ssh://-oProxyCommand=x",
        "ssh://me@-box",
        "ssh://-l@box",
        "ssh://box:0",
        "ssh://box:65536",
        "ssh://box:many",
        "ssh://a b@box",
        "ssh://$(id)@box",
        "ssh://`id`",
        "ssh://box;id",
        "ssh://box\n",
        "ssh://me@box\x1b[0m",
        "ssh://box/run/a.sock?x=1",
        "ssh://box/run/a.sock#x",
        "ssh://box?x=1",
        "ssh://box/run/a:b.sock",
        "ssh://box/run/a b.sock",
        "ssh://box/run/$(id).sock",
        "ssh://box/run/%0a.sock",
        "ssh://[::1",
        "ssh://[fe80::1%eth0;id]",
    ],
)
def test_malformed_addresses_of_ssh(host: str) -> None:
    with pytest.raises(UsageProblem) as caught:
        resolve_endpoint(host, None, {})

    assert repr(host) in str(caught.value)


@pytest.mark.parametrize(
    "host", ["ssh://me:secret@box", "ssh://me:sec@ret@box", "ssh://:secret@box"]
)
def test_a_password_is_refused_and_not_repeated(host: str) -> None:
    with pytest.raises(UsageProblem, match="leave out the password") as caught:
        resolve_endpoint(host, None, {})

    assert "sec" not in str(caught.value)
    assert "@box" in str(caught.value)


def test_a_connection_of_podman_is_a_context(tmp_path: Path) -> None:
    folder = tmp_path / "containers"
    folder.mkdir()
    one = {"URI": "ssh://me@box:2222/run/podman/podman.sock", "Identity": "/home/key"}
    connections = {"far": one, "one": one, "bad": {"URI": "ssh://"}}
    folder.joinpath("podman-connections.json").write_text(
        json.dumps({"Connection": {"Default": "far", "Connections": connections}})
    )
    add_host(tmp_path, "one", "unix:///one.sock")
    environ = {"DOCKER_CONFIG": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)}

    found = resolve_endpoint(None, "far", environ)
    assert found.ssh == SshTarget(
        host="box",
        user="me",
        port=2222,
        socket="/run/podman/podman.sock",
        identity="/home/key",
    )
    assert found.context == "far"
    assert resolve_endpoint(None, "one", environ).url == "unix:///one.sock"
    assert names_for_context(environ) == {"bad", "far", "one"}
    with pytest.raises(UsageProblem, match="of the connection of Podman 'bad'"):
        resolve_endpoint(None, "bad", environ)
    with pytest.raises(EngineUnreachable, match="does not exist"):
        resolve_endpoint(None, "gone", environ)


@pytest.mark.parametrize(
    ("context", "environ", "chosen", "sentence"),
    [
        ("gone", {}, "one", "'gone', named by --context, does not exist"),
        ("", {}, "one", "'', named by --context, does not exist"),
        (
            None,
            {"DOCKER_CONTEXT": "gone"},
            "one",
            "'gone', named by DOCKER_CONTEXT, does not exist",
        ),
        (None, {}, "gone", "config.json, does not exist"),
    ],
)
def test_an_unknown_context_is_never_the_local_engine(
    folder: Path,
    context: str | None,
    environ: dict[str, str],
    chosen: str,
    sentence: str,
) -> None:
    folder.joinpath("config.json").write_text(json.dumps({"currentContext": chosen}))

    with pytest.raises(EngineUnreachable, match=re.escape(sentence)) as caught:
        resolve_endpoint(None, context, {"DOCKER_CONFIG": str(folder), **environ})

    assert caught.value.reason is Unreachable.UNKNOWN_CONTEXT


@pytest.mark.parametrize(
    "content",
    [
        "{",
        "[]",
        "null",
        '"text"',
        "\x00\xff",
        '{"Endpoints": null}',
        '{"Endpoints": []}',
        '{"Endpoints": {"docker": null}}',
        '{"Endpoints": {"docker": {"Host": 7}}}',
        '{"Endpoints": {"kubernetes": {"Host": "https://k"}}}',
    ],
)
def test_a_damaged_context_is_one_clear_sentence(tmp_path: Path, content: str) -> None:
    add_context(tmp_path, "bad", content)

    with pytest.raises(EngineUnreachable, match="docker context 'bad'") as caught:
        resolve_endpoint(None, "bad", {"DOCKER_CONFIG": str(tmp_path)})

    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("content", [b"{", b"[]", b"\xff\xfe"])
def test_a_damaged_configuration_is_one_clear_sentence(
    tmp_path: Path, content: bytes
) -> None:
    tmp_path.joinpath("config.json").write_bytes(content)

    with pytest.raises(EngineUnreachable, match=r"docker configuration .*config\.json"):
        resolve_endpoint(None, None, {"DOCKER_CONFIG": str(tmp_path)})


def test_a_configuration_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    tmp_path.joinpath("config.json").mkdir()

    with pytest.raises(EngineUnreachable, match="cannot be read: Is a directory"):
        resolve_endpoint(None, None, {"DOCKER_CONFIG": str(tmp_path)})


def test_a_damaged_configuration_does_not_matter_to_who_names_an_address(
    tmp_path: Path,
) -> None:
    tmp_path.joinpath("config.json").write_text("{")

    assert resolve_endpoint(LOCAL, None, {"DOCKER_CONFIG": str(tmp_path)}).url == LOCAL


@pytest.mark.parametrize(
    ("context", "label"),
    [(None, LOCAL), ("default", LOCAL), ("prod", f"{LOCAL} (docker context 'prod')")],
)
def test_a_label_names_a_context_that_was_chosen(
    context: str | None, label: str
) -> None:
    assert Endpoint(LOCAL, context).label == label


def test_neither_resolving_nor_making_an_engine_imports_the_sdk() -> None:
    code = (
        "import sys\n"
        "from nstui.engine.docker_engine import DockerEngine\n"
        "from nstui.engine.endpoint import resolve_endpoint\n"
        "DockerEngine(resolve_endpoint('unix:///x', None, {}))\n"
        "assert not {'docker', 'requests', 'urllib3'} & set(sys.modules)\n"
    )

    subprocess.run([sys.executable, "-c", code], check=True)
