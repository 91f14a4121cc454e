"""Accounts behind ssh that may not do all that nstui would use."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.engine.program import HASTY, NSTUI, groups_in, read_json, run_nstui
from tests.engine.ssh.behind import explained, kill_master, processes, seen, url_of
from tests.support.ssh_server import SshServer
from tests.support.terminal import Terminal

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.private_engine import PrivateEngine

pytestmark = [pytest.mark.docker, pytest.mark.one_engine]

WITHOUT_SHELL = {
    "no-login": "This account is currently not available",
    "files": "This service allows sftp connections only",
    "no-session": "Session open refused by peer",
}
"""What is said of accounts that run no shell."""


@pytest.mark.usefixtures("_client")
@pytest.mark.parametrize("user", WITHOUT_SHELL)
def test_without_a_shell_what_the_engine_declares_is_shown(
    server: SshServer, engine: PrivateEngine, user: str
) -> None:
    found = read_json("-H", url_of(server, engine, user), "tree")

    assert found["namespaces_read"] == "declared"
    said = f"no shell runs on {user}@127.0.0.1 ({WITHOUT_SHELL[user]}), so only what"
    assert (found["namespaces_note"] or "").startswith(said)
    assert groups_in(found) == groups_in(read_json("-H", engine.url, "tree"))


@pytest.mark.usefixtures("_client")
def test_without_a_shell_the_engine_is_used_and_the_rest_says_why_it_is_not(
    server: SshServer, engine: PrivateEngine
) -> None:
    url = url_of(server, engine, "no-login")
    words = ("restart", "-t", "0", "--with-dependents", "-y", "own")

    tree = run_nstui("-H", url, "--sudo", "tree")
    told = explained("-H", url)
    done = run_nstui("-H", url, *words, program=HASTY)
    missing = run_nstui("-H", server.url("no-login", "/run/none.sock"), "tree")

    assert tree.returncode == 0
    assert tree.stderr == (
        "nstui: --sudo has no effect: no shell runs on no-login@127.0.0.1"
        f" ({WITHOUT_SHELL['no-login']})\n"
    )
    assert "not verified (no shell there)" in tree.stdout
    assert "not read: no shell runs there" in told
    assert "CPU and memory: no shell runs there" in told
    assert (done.returncode, done.stdout.split()) == (0, ["own", "dep"]), done.stderr
    assert (missing.returncode, missing.stdout) == (3, "")
    assert "no engine answers at /run/none.sock on no-login@" in missing.stderr


@pytest.mark.usefixtures("_client")
def test_without_a_shell_the_screen_says_so(
    server: SshServer, engine: PrivateEngine
) -> None:
    with Terminal((*NSTUI, "-H", url_of(server, engine, "files"))) as terminal:
        terminal.wait_for("● own", "● dep", "not verified (no shell there)")
        terminal.press("q")
        assert terminal.wait_for_end() == 0


@pytest.mark.usefixtures("_client")
def test_where_sockets_are_not_forwarded_all_is_as_on_the_host(
    server: SshServer, engine: PrivateEngine
) -> None:
    url = url_of(server, engine, "no-socket")
    engine.docker("restart", "-t", "0", "own")

    found = read_json("-H", url, "tree")
    assert found["engine"]["endpoint"] == url
    assert seen("-H", url) == seen("-H", engine.url)
    assert "✗ stale join" in explained("-H", url)
    healed = run_nstui("-H", url, "heal", "--yes", program=HASTY)
    assert (healed.returncode, healed.stdout) == (0, "dep\n"), healed.stderr
    assert run_nstui("-H", engine.url, "check").returncode == 0
    assert explained("-H", url) == explained("-H", engine.url)
    missing = run_nstui("-H", server.url("no-socket", "/run/none.sock"), "tree")
    assert missing.returncode == 3
    assert "there is no /run/none.sock" in missing.stderr


@pytest.mark.usefixtures("_client")
def test_where_sockets_are_not_forwarded_a_lost_connection_is_made_again(
    server: SshServer, engine: PrivateEngine, runtime: Path
) -> None:
    command = (*NSTUI, "-H", url_of(server, engine, "no-socket"), "--interval", "600")
    with Terminal(command) as terminal:
        terminal.wait_for("● own", "● dep", "nothing wrong", "? Help")
        assert processes("system dial-stdio")
        kill_master(runtime)
        engine.run("later", "--network=container:own")
        terminal.wait_for("● later", "✓ nothing wrong")
        # Events arrive again, too: the next regular look is 600 s away.
        engine.docker("rm", "-f", "later")
        terminal.wait_until_gone("● later")
        terminal.press("q")
        assert terminal.wait_for_end() == 0


@pytest.mark.usefixtures("runtime")
def test_a_login_shell_that_prints_before_the_engine_answers_is_quoted(
    engine: PrivateEngine, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = folder / "noise"
    own.mkdir()
    strict = SshServer(own)
    with strict.serving("AllowStreamLocalForwarding no", has_users=True):
        for name, value in strict.client().items():
            monkeypatch.setenv(name, value)
        found = run_nstui("-H", url_of(strict, engine, "noisy"), "tree")

    assert (found.returncode, found.stdout, found.stderr.count("\n")) == (3, "", 1)
    assert "says '* welcome to the noisy host *" in found.stderr
    assert "must print nothing" in found.stderr
