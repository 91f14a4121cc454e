"""An engine behind TLS, with certificates made for the test."""

from __future__ import annotations

import json
import shutil
import subprocess
import threading
from typing import TYPE_CHECKING

import pytest

from nstui.engine.docker_engine import DockerEngine
from nstui.engine.endpoint import resolve_endpoint
from nstui.errors import EngineUnreachable
from tests.support.busy import PATIENT_S
from tests.support.captured import CAPTURED, ID
from tests.support.servers import ScriptedEngine, TlsServer, http_answer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.skipif(
    shutil.which("openssl") is None, reason="needs openssl, to make certificates"
)


def make_certificate(folder: Path) -> None:
    """Write a key, and a certificate that it signed itself."""
    key, certificate = folder / "key.pem", folder / "cert.pem"
    subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    files = ["-keyout", str(key), "-out", str(certificate)]
    options = ["-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1"]
    subprocess.run(
        ["openssl", "req", *options, *subject, *files], check=True, capture_output=True
    )
    shutil.copy(certificate, folder / "ca.pem")


def first_event() -> bytes:
    """Return the beginning of an answer that goes on."""
    line = json.dumps({"Action": "start", "Actor": {"ID": ID}, "timeNano": 1}) + "\n"
    head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    return f"{head}{len(line):x}\r\n{line}\r\n".encode()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[TlsServer]:
    """Yield an engine without containers that speaks TLS only."""
    make_certificate(tmp_path)
    script = ScriptedEngine(
        {
            "/version": http_answer(CAPTURED["version"]),
            "/containers/json": http_answer([]),
            "/events": first_event(),
        }
    )
    with TlsServer(tmp_path / "cert.pem", tmp_path / "key.pem", script) as server:
        yield server


@pytest.mark.parametrize("variable", ["DOCKER_TLS_VERIFY", "DOCKER_TLS"])
def test_an_engine_behind_tls(
    server: TlsServer, tmp_path: Path, variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The certificates of the environment are not those of the engine.
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nonexistent.pem")
    environ = {variable: "1", "DOCKER_CERT_PATH": str(tmp_path)}
    engine = DockerEngine(
        resolve_endpoint(server.url, None, environ), timeout=PATIENT_S
    )

    assert engine.info().name == "Docker"
    assert engine.containers() == ()
    events = engine.events()
    assert next(events).action == "start"
    threading.Timer(0.1, engine.close).start()
    assert list(events) == []


def test_an_engine_that_nobody_vouches_for(server: TlsServer, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    make_certificate(other)
    environ = {"DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": str(other)}
    engine = DockerEngine(
        resolve_endpoint(server.url, None, environ), timeout=PATIENT_S
    )

    with pytest.raises(EngineUnreachable, match="CERTIFICATE_VERIFY_FAILED") as caught:
        engine.info()

    engine.close()
    assert "\n" not in str(caught.value)
