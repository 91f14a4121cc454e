"""Who may log in, and what ssh asks for before."""

from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.engine import nobody
from tests.engine.program import HASTY, NSTUI, run_nstui
from tests.engine.ssh.behind import explained, seen, url_of
from tests.support.guard_program import wait_until
from tests.support.ssh_server import SshServer
from tests.support.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.private_engine import PrivateEngine

pytestmark = [pytest.mark.docker, pytest.mark.one_engine]

SAID = "sudo: a password is required"
SECRET = "correct horse"  # noqa: S105 - of a key that exists while the tests run


def log_in(
    monkeypatch: pytest.MonkeyPatch,
    server: SshServer,
    *settings: str,
    has_key: bool = True,
) -> None:
    """Let ssh log in with settings of its own."""
    for name, value in server.client(*settings, has_key=has_key).items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def locked(server: SshServer, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let ssh log in with a key that has a passphrase; return its file."""
    key = server.folder / "locked"
    if not key.exists():
        keygen = ("ssh-keygen", "-q", "-t", "ed25519", "-N", SECRET, "-f", str(key))
        subprocess.run(keygen, check=True)
        with (server.folder / "user.pub").open("a") as accepted:
            accepted.write(key.with_suffix(".pub").read_text())
    settings = (f"IdentityFile {key}", "IdentityAgent none")
    log_in(monkeypatch, server, *settings, has_key=False)
    return key


@pytest.fixture
def for_everybody(engine: PrivateEngine) -> Iterator[PrivateEngine]:
    """Yield the engine while each user may ask it."""
    modes = {path: path.stat().st_mode for path in (engine.folder, engine.socket)}
    engine.folder.chmod(0o755)
    engine.socket.chmod(0o666)
    yield engine
    for path, mode in modes.items():
        path.chmod(mode)


@pytest.mark.usefixtures("runtime", "locked")
def test_a_passphrase_is_asked_for_before_the_screen_and_never_in_a_script(
    server: SshServer, engine: PrivateEngine
) -> None:
    url = url_of(server, engine)
    with Terminal((*NSTUI, "-H", url)) as terminal:
        terminal.wait_for("Enter passphrase for key")
        terminal.press(f"{SECRET}\r")
        terminal.wait_for("● own", "● dep", "nothing wrong", "? Help")
        terminal.press("q")
        assert terminal.wait_for_end() == 0

    silent = run_nstui("-H", url, "tree")

    assert (silent.returncode, silent.stdout) == (3, "")
    assert "refused the login" in silent.stderr


def test_a_key_of_the_agent_is_used(
    server: SshServer,
    engine: PrivateEngine,
    runtime: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    agent = server.folder / "agent"
    words = (f"IdentityAgent {agent}", "IdentitiesOnly no")
    log_in(monkeypatch, server, *words, has_key=False)
    url = url_of(server, engine)
    with subprocess.Popen(
        ("ssh-agent", "-D", "-a", str(agent)), stdout=subprocess.DEVNULL
    ) as running:
        try:
            wait_until(agent.exists)
            environ = {**os.environ, "SSH_AUTH_SOCK": str(agent)}
            add = ("ssh-add", "-q", str(server.key))
            subprocess.run(add, check=True, env=environ, stdin=subprocess.DEVNULL)
            found = run_nstui("-H", url, "check")
        finally:
            running.terminate()
    without = run_nstui("-H", url, "check")

    assert (found.returncode, found.stderr) == (0, "")
    assert without.returncode == 3
    assert "refused the login" in without.stderr
    assert not list(runtime.iterdir())


@pytest.mark.usefixtures("runtime", "locked")
def test_of_several_hosts_each_asks_in_turn_before_the_list(
    server: SshServer, engine: PrivateEngine
) -> None:
    first, second = url_of(server, engine), url_of(server, engine, "ash")
    hosts = ("-H", first, "-H", second, "-H", engine.url)
    with Terminal((*NSTUI, *hosts)) as terminal:
        terminal.wait_for("Enter passphrase for key")
        terminal.press(f"{SECRET}\r")
        terminal.wait_until(lambda s: s.count("Enter passphrase") == 2, "asked twice")
        terminal.press(f"{SECRET}\r")
        terminal.wait_until(lambda s: s.count("nothing wrong") == 3, "three hosts")
        terminal.press("q")
        assert terminal.wait_for_end() == 0


@pytest.mark.usefixtures("runtime")
def test_another_host_key_than_before_is_one_sentence(
    server: SshServer,
    engine: PrivateEngine,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    former = (server.folder / "user.pub").read_text().splitlines()[0]
    known = tmp_path / "known_hosts"
    known.write_text(f"[127.0.0.1]:{server.port} {former}\n")
    log_in(monkeypatch, server, f"UserKnownHostsFile {known}")

    told = run_nstui("-H", url_of(server, engine), "tree")

    assert (told.returncode, told.stdout) == (3, "")
    sentence, *_hint = told.stderr.splitlines()
    assert "the host key of root@127.0.0.1 has changed" in sentence
    assert f"log in once with ssh -p {server.port} root@127.0.0.1" in sentence


@pytest.mark.usefixtures("runtime")
def test_a_name_of_the_ssh_configuration_behind_another_host(
    server: SshServer, engine: PrivateEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = server.folder / "sshd.log"
    log_in(
        monkeypatch,
        server,
        *("Host nas", "HostName 127.0.0.1", f"Port {server.port}", "User ash"),
        *(f"ProxyJump root@127.0.0.1:{server.port}", "Host *"),
    )
    before = log.read_text().count("Accepted publickey")

    found = seen("-H", f"ssh://nas{engine.socket}")

    assert found == seen("-H", engine.url)
    assert log.read_text().count("Accepted publickey") == before + 2


@pytest.mark.usefixtures("runtime")
def test_a_connection_of_podman_is_used_with_its_key(
    server: SshServer,
    engine: PrivateEngine,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    url, key = url_of(server, engine), str(server.key)
    kept = {"nas": {"URI": url, "Identity": key}, "keyless": {"URI": url}}
    connections, conf = tmp_path / "connections.json", tmp_path / "containers.conf"
    connections.write_text(json.dumps({"Connection": {"Connections": kept}}))
    table = "[engine.service_destinations.old]"
    conf.write_text(f"{table}\nuri = {json.dumps(url)}\nidentity = {json.dumps(key)}\n")
    monkeypatch.setenv("PODMAN_CONNECTIONS_CONF", str(connections))
    monkeypatch.setenv("CONTAINERS_CONF", str(conf))
    log_in(monkeypatch, server, "IdentityAgent none", has_key=False)

    keyless = run_nstui("-c", "keyless", "tree")
    assert (keyless.returncode, keyless.stdout) == (3, "")
    assert "refused the login" in keyless.stderr
    for name in ("nas", "old"):
        found = run_nstui("-c", name, "tree", "--json")
        assert found.returncode == 0, found.stderr
        told = json.loads(found.stdout)
        asked = told["engine"]["endpoint"], told["engine"]["context"]
        assert asked == (url, name)
        assert [one["name"] for one in told["containers"]] == ["dep", "own"]
        assert told["namespaces_read"] == "inode"


SUDO = """\
#!/bin/sh
echo "$*" >>{folder}/calls
if [ -e {folder}/refuses ]; then
    echo "sudo: a password is required" >&2
    exit 1
fi
shift
exec "$@"
"""


@pytest.mark.usefixtures("runtime")
def test_sudo_is_used_where_it_is_asked_for_alone(
    engine: PrivateEngine, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = folder / "sudo"
    own.mkdir()
    program = own / "sudo"
    program.write_text(SUDO.format(folder=own))
    program.chmod(0o755)
    server = SshServer(own)
    with server.serving(f"SetEnv PATH={own}:/usr/bin:/bin"):
        log_in(monkeypatch, server)
        url = url_of(server, engine)
        plain = seen("-H", url)
        assert not (own / "calls").exists()
        privileged = seen("--sudo", "-H", url)
        calls = (own / "calls").read_text()
        (own / "refuses").touch()
        refused = run_nstui("--sudo", "-H", url, "tree")

    assert plain == privileged
    assert calls == "-n /bin/sh\n"
    assert refused.returncode == 0
    assert f"sudo was refused on root@127.0.0.1: {SAID}; /proc is" in refused.stderr


@pytest.mark.usefixtures("_client")
def test_a_user_without_rights_sees_and_heals_as_on_the_host(
    server: SshServer, for_everybody: PrivateEngine
) -> None:
    url = url_of(server, for_everybody, "plain")
    there = (*NSTUI[:1], nobody.__file__)
    for_everybody.docker("restart", "-t", "0", "own")

    found = seen("-H", url)

    on_the_host = seen("-H", for_everybody.url, program=there)
    assert found["namespaces_read"] == "fingerprint"
    # Each names the way to more that there is.
    assert "use --sudo" in str(found.pop("namespaces_note"))
    assert "needs root" in str(on_the_host.pop("namespaces_note"))
    assert found == on_the_host
    assert "✗ stale join" in explained("-H", url)
    healed = run_nstui("-H", url, "heal", "--yes", program=HASTY)
    assert (healed.returncode, healed.stdout) == (0, "dep\n"), healed.stderr
    assert run_nstui("-H", for_everybody.url, "check").returncode == 0
    there_too = explained("-H", for_everybody.url, program=there)
    way, way_there = "connect as root, or use --sudo", "run nstui with sudo"
    assert explained("-H", url).replace(way, way_there) == there_too
