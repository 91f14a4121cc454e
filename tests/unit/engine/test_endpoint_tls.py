"""How a connection is encrypted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nstui.engine.endpoint import Endpoint, Tls, resolve_endpoint
from nstui.errors import UsageProblem
from tests.support.context_store import add_host, certificates

if TYPE_CHECKING:
    from pathlib import Path

LOCAL = "unix:///var/run/docker.sock"


@pytest.mark.parametrize("origin", ["--host", "DOCKER_HOST"])
def test_tls_by_the_environment(tmp_path: Path, origin: str) -> None:
    files = certificates(tmp_path, "ca", "cert", "key")
    environ = {"DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": str(tmp_path)}
    host = "tcp://box" if origin == "--host" else None
    environ |= {"DOCKER_HOST": "tcp://box"} if host is None else {}

    assert resolve_endpoint(host, None, environ) == Endpoint(
        "tcp://box:2376", None, Tls(**files, verify=True)
    )


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"DOCKER_TLS_VERIFY": ""}, None),
        ({}, None),
        ({"DOCKER_TLS": "1"}, False),
        ({"DOCKER_TLS_VERIFY": "1"}, True),
        ({"DOCKER_TLS_VERIFY": "1", "DOCKER_TLS": "1"}, True),
    ],
)
def test_when_tls_is_asked_for(
    tmp_path: Path, environ: dict[str, str], expected: object
) -> None:
    certificates(tmp_path, "ca")
    environ = {**environ, "DOCKER_CERT_PATH": str(tmp_path)}

    found = resolve_endpoint("tcp://box:1", None, environ).tls

    assert (None if found is None else found.verify) == expected


def test_tls_without_authority_is_refused(tmp_path: Path) -> None:
    environ = {"DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": str(tmp_path)}

    with pytest.raises(UsageProblem, match=r"ca\.pem"):
        resolve_endpoint("tcp://box:1", None, environ)
    assert resolve_endpoint(LOCAL, None, environ).tls is None


def test_tls_of_a_context(tmp_path: Path) -> None:
    identity = add_host(tmp_path, "safe", "tcp://box:2376")
    store = tmp_path / "contexts" / "tls" / identity / "docker"
    files = certificates(store, "ca", "cert", "key")
    add_host(tmp_path, "lax", "tcp://box:2376", SkipTLSVerify=True)
    add_host(tmp_path, "plain", "tcp://box:2375")
    environ = {"DOCKER_CONFIG": str(tmp_path), "DOCKER_TLS_VERIFY": "1"}

    tls = {
        name: resolve_endpoint(None, name, environ).tls
        for name in ("safe", "lax", "plain")
    }

    assert tls == {
        "safe": Tls(**files, verify=True),
        "lax": Tls(None, None, None, verify=False),
        "plain": None,
    }
