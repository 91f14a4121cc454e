"""nstui on an engine that it reaches through a real ssh server."""

from __future__ import annotations

import json
import os
import re
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.engine.program import HASTY, NSTUI, groups_in, read_json, run_nstui
from tests.support.guard_program import wait_until
from tests.support.ssh_server import SshMissing, SshServer
from tests.support.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.private_engine import PrivateEngine

pytestmark = [pytest.mark.docker, pytest.mark.one_engine]

EVERYBODY = 0o755
FORBIDDEN = "AllowStreamLocalForwarding no"


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """Yield an empty folder."""
    with tempfile.TemporaryDirectory(prefix="nstui-") as made:
        yield Path(made)


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[SshServer]:
    """Yield a server with users of its own."""
    made = SshServer(folder)
    try:
        with made.serving(has_users=True):
            yield made
    except SshMissing as problem:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(str(problem))


@pytest.fixture(scope="module")
def engine(private_engine: PrivateEngine) -> PrivateEngine:
    """Return the session's engine with an owner and its dependent."""
    private_engine.ensure_runs()
    private_engine.remove_all()
    private_engine.run("own")
    private_engine.run("dep", "--network=container:own")
    return private_engine


@pytest.fixture
def runtime(monkeypatch: pytest.MonkeyPatch, folder: Path) -> Iterator[Path]:
    """Yield where nstui makes its private folders; in the end there are none."""
    with tempfile.TemporaryDirectory(prefix="r-", dir=folder) as made:
        monkeypatch.setenv("XDG_RUNTIME_DIR", made)
        yield Path(made)
        wait_until(lambda: not processes(made), 20)
        assert not list(Path(made).iterdir())


@pytest.fixture
def _client(runtime: Path, server: SshServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let ssh log in there."""
    assert runtime.exists()
    for name, value in server.client().items():
        monkeypatch.setenv(name, value)


def processes(part: str) -> list[list[str]]:
    """Return pid and words of the processes with something in their words."""
    listed = subprocess.run(
        ["ps", "axwwo", "pid=,args="], check=True, capture_output=True, text=True
    )
    lines = [line.split(None, 1) for line in listed.stdout.splitlines()]
    return [line for line in lines if len(line) > 1 and part in line[1]]


def url_of(server: SshServer, engine: PrivateEngine, user: str = "root") -> str:
    """Return the address of the engine behind the server."""
    return server.url(user, str(engine.socket))


@pytest.mark.usefixtures("_client")
@pytest.mark.parametrize("user", ["root", "ash", "noisy"])
def test_the_same_tree_whatever_the_login_shell(
    server: SshServer, engine: PrivateEngine, user: str
) -> None:
    url = url_of(server, engine, user)
    found = read_json("-H", url, "tree")

    assert found["engine"]["endpoint"] == url
    assert groups_in(found) == groups_in(read_json("-H", engine.url, "tree"))


@pytest.mark.usefixtures("_client")
def test_actions(server: SshServer, engine: PrivateEngine) -> None:
    url = url_of(server, engine)
    engine.run("more", "--network=container:own")

    refused = run_nstui("-H", url, "rm", "-f", "-y", "own", program=HASTY)
    assert (refused.returncode, refused.stdout) == (4, "")
    removed = run_nstui("-H", url, "rm", "-f", "-y", "more", program=HASTY)
    assert (removed.returncode, removed.stdout) == (0, "more\n")
    words = ("restart", "-t", "0", "--with-dependents", "-y", "own")
    done = run_nstui("-H", url, *words, program=HASTY)
    assert (done.returncode, done.stdout.split()) == (0, ["own", "dep"])
    assert run_nstui("-H", engine.url, "check").returncode == 0


@pytest.mark.usefixtures("runtime")
def test_where_sockets_are_not_forwarded(
    engine: PrivateEngine, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = folder / "strict"
    own.mkdir()
    strict = SshServer(own)
    with strict.serving(FORBIDDEN):
        for name, value in strict.client().items():
            monkeypatch.setenv(name, value)
        url = url_of(strict, engine)
        found = read_json("-H", url, "tree")
        missing = run_nstui("-H", strict.url(path="/run/none.sock"), "tree")

    assert found["engine"]["endpoint"] == url
    assert groups_in(found) == groups_in(read_json("-H", engine.url, "tree"))
    assert missing.returncode == 3
    assert "there is no /run/none.sock" in missing.stderr


@pytest.mark.parametrize(
    ("user", "path", "settings", "sentence"),
    [
        ("root", "", ["HostKeyAlias other"], "is not known here: log in once with ssh"),
        ("root", "", ["IdentityFile none", "IdentityAgent none"], "refused the login"),
        ("root", "/run/none.sock", [], "there is no /run/none.sock; is it running?"),
        ("plain", "socket", [], "add plain to the docker group"),
    ],
)
@pytest.mark.usefixtures("runtime")
def test_what_goes_wrong_is_one_sentence(  # noqa: PLR0913, PLR0917 - parameters of the test
    server: SshServer,
    engine: PrivateEngine,
    monkeypatch: pytest.MonkeyPatch,
    user: str,
    path: str,
    settings: list[str],
    sentence: str,
) -> None:
    for name, value in server.client(*settings, has_key=len(settings) < 2).items():
        monkeypatch.setenv(name, value)
    engine.folder.chmod(EVERYBODY)
    where = str(engine.socket) if path == "socket" else path

    done = run_nstui("-H", server.url(user, where), "tree")

    assert (done.returncode, done.stdout) == (3, "")
    said, _demo = done.stderr.splitlines()
    assert sentence in said


@pytest.mark.usefixtures("runtime")
def test_ssh_asks_on_the_terminal_before_the_screen_opens(
    server: SshServer, engine: PrivateEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in server.client("HostKeyAlias other").items():
        monkeypatch.setenv(name, value)
    with Terminal((*NSTUI, "-H", url_of(server, engine))) as terminal:
        terminal.wait_for("Are you sure you want to continue connecting")
        terminal.press("yes\r")
        terminal.wait_for("● own", "● dep", "nothing wrong", "? Help")
        terminal.press("q")
        assert terminal.wait_for_end() == 0


@pytest.mark.usefixtures("_client")
def test_the_screen_goes_on_after_the_connection_was_lost(
    server: SshServer, engine: PrivateEngine, runtime: Path
) -> None:
    url = url_of(server, engine)
    with Terminal((*NSTUI, "-H", url)) as terminal:
        terminal.wait_for("● own", "● dep", "nothing wrong")
        (master,) = [
            int(pid) for pid, words in processes(str(runtime)) if is_master(words)
        ]
        os.kill(master, 9)
        engine.run("later", "--network=container:own")
        terminal.wait_for("● own", "● dep", "● later", "nothing wrong", timeout=30)
        engine.docker("rm", "-f", "later")
        terminal.wait_until_gone("● later", timeout=30)
        terminal.press("q")
        assert terminal.wait_for_end() == 0


def is_master(words: str) -> bool:
    """Tell whether a process is ssh itself, with the one connection."""
    return "ControlMaster=yes" in words and "read -r" not in words


@pytest.mark.usefixtures("_client")
def test_a_shell_in_a_container(server: SshServer, engine: PrivateEngine) -> None:
    with Terminal((*NSTUI, "-H", url_of(server, engine))) as terminal:
        terminal.wait_for("● own", "nothing wrong", "? Help")
        terminal.press("e")
        terminal.wait_for("shell in own")
        terminal.press("echo is-$((6*7))\r")
        terminal.wait_for("is-42")
        terminal.press("exit\r")
        terminal.wait_for("● own", "nothing wrong", "? Help")
        # What is typed is heard again once what happens is seen again.
        engine.docker("pause", "own")
        terminal.wait_for("paused")
        engine.docker("unpause", "own")
        terminal.press("q")
        assert terminal.wait_for_end() == 0


def seen(*arguments: str) -> dict[str, object]:
    """Return a tree without its address and what is by the clock."""
    document = json.loads(run_nstui(*arguments, "tree", "--json").stdout)
    del document["engine"]["endpoint"], document["taken_at"]
    for container in document["containers"]:
        del container["status"]
    found: dict[str, object] = document
    return found


def explained(*arguments: str) -> str:
    """Return the evidence about the dependent without what is by the clock.

    Who asks its neighbours for an address sends bytes, at any time.
    """
    text = run_nstui(*arguments, "explain", "dep").stdout
    text = re.sub(r"\S+ (?:bytes|[kMGT]B) (in|out)", r"\1", text)
    return re.sub(r"  up .*", "", text, count=1)


@pytest.mark.usefixtures("_client")
def test_what_is_broken_is_seen_and_healed_as_on_the_host(
    server: SshServer, engine: PrivateEngine
) -> None:
    url = url_of(server, engine, "ash")
    engine.docker("restart", "-t", "0", "own")
    assert run_nstui("-H", url, "check").returncode == 1
    assert seen("-H", url) == seen("-H", engine.url)

    healed = run_nstui("-H", url, "heal", "--yes", program=HASTY)

    assert (healed.returncode, healed.stdout) == (0, "dep\n"), healed.stderr
    assert run_nstui("-H", url, "check").returncode == 0
    assert explained("-H", url) == explained("-H", engine.url)


@pytest.mark.usefixtures("_client")
def test_a_plan_goes_on_after_the_connection_was_lost_in_its_middle(
    server: SshServer,
    engine: PrivateEngine,
    runtime: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    log = tmp_path / "nstui" / "actions.jsonl"
    engine.run(
        "at", "--network=container:own", "--stop-signal=TERM", "--stop-timeout=4"
    )
    engine.docker("restart", "-t", "0", "own")
    command = (*HASTY, "-H", url_of(server, engine), "heal", "--yes")
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as nstui:
        wait_until(lambda: log.exists() and '"begun"' in log.read_text())
        (master,) = [
            int(pid) for pid, words in processes(str(runtime)) if is_master(words)
        ]
        os.kill(master, 9)
        done, said = nstui.communicate(timeout=60)

    assert (nstui.returncode, done) == (1, "dep\n")
    assert said.startswith("healed: dep\nfailed: the ssh connection to ")
    assert "was lost; may still happen: restart at" in said
    # Whether the restart came to pass is seen, and what it did not bring is healed.
    assert run_nstui("-H", engine.url, "heal", "--yes", program=HASTY).returncode == 0
    assert run_nstui("-H", engine.url, "check").returncode == 0
    engine.docker("rm", "-f", "at")
