"""nstui on an engine that it reaches through a real ssh server."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.engine.program import HASTY, NSTUI, groups_in, read_json, run_nstui
from tests.engine.ssh.behind import explained, kill_master, seen, url_of
from tests.support.guard_program import wait_until
from tests.support.ssh_server import SshServer
from tests.support.terminal import Terminal

if TYPE_CHECKING:
    from tests.support.private_engine import PrivateEngine

pytestmark = [pytest.mark.docker, pytest.mark.one_engine]

EVERYBODY = 0o755
BUSY = "while :; do :; done"
SAYS_THAT_IT_IS_TO_END = (
    "trap 'echo to end' TERM; echo ready; while :; do sleep 0.1; done"
)
MIB = 2**20
SILENT_S = 90.0
"""Three times as long as a connection may be silent before it is given up."""


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


@pytest.mark.parametrize(
    ("user", "path", "settings", "sentence"),
    [
        ("root", "", ["HostKeyAlias other"], "is not known here: log in once with ssh"),
        ("root", "", ["IdentityFile none", "IdentityAgent none"], "refused the login"),
        ("root", "/run/none.sock", [], "there is no /run/none.sock; is it running?"),
        ("plain", "socket", [], "run sudo usermod -aG docker plain"),
        ("root", "", ["HostName none.invalid"], "its name has no address"),
        # The server listens at another address.
        ("root", "", ["HostName 127.0.0.2"], "no ssh server listens there"),
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
    said, *_demo = done.stderr.splitlines()
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
    with Terminal((*NSTUI, "-H", url, "--interval", "600")) as terminal:
        terminal.wait_for("● own", "● dep", "nothing wrong")
        kill_master(runtime)
        engine.run("later", "--network=container:own")
        terminal.wait_for("● own", "● dep", "● later", "nothing wrong")
        engine.docker("rm", "-f", "later")
        terminal.wait_until_gone("● later")
        terminal.press("q")
        assert terminal.wait_for_end() == 0


@pytest.mark.usefixtures("_client")
def test_a_connection_that_falls_silent_is_given_up_and_made_again(
    server: SshServer, engine: PrivateEngine
) -> None:
    with Terminal((*NSTUI, "-H", url_of(server, engine))) as terminal:
        terminal.wait_for("● own", "● dep", "nothing wrong")
        with server.asleep():
            # Nobody can log in again before it is seen that the connection was lost.
            with server.deaf():
                engine.run("later", "--network=container:own")
                # It takes as long as a laptop that slept has to tell that the network
                # is another one; what was seen last stays, with its time.
                terminal.wait_for(
                    *("did not answer to ssh in time", "shown is what was seen at"),
                    *("nothing was wrong when last seen", "● own"),
                    timeout=SILENT_S,
                )
            terminal.wait_for("● later", "✓ nothing wrong", timeout=SILENT_S)
        engine.docker("rm", "-f", "later")
        terminal.press("q")
        assert terminal.wait_for_end() == 0


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
    # Its restart lasts until it is killed.
    options = ("--network=container:own", "--stop-signal=TERM", "--stop-timeout=60")
    engine.run("at", *options, command=("sh", "-c", SAYS_THAT_IT_IS_TO_END))
    wait_until(lambda: "ready" in engine.docker("logs", "at").stdout, 60)
    first_start = engine.inspect("at", "State", "StartedAt")
    engine.docker("restart", "-t", "0", "own")
    command = (*HASTY, "-H", url_of(server, engine), "heal", "--yes")
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as nstui:
        wait_until(lambda: "to end" in engine.docker("logs", "at").stdout, 60)
        kill_master(runtime)
        done, said = nstui.communicate(timeout=60)

    assert (nstui.returncode, done) == (1, "dep\n")
    assert said.startswith("healed: dep\nfailed: the ssh connection to ")
    assert "was lost; may still happen: restart at" in said
    engine.docker("kill", "at")
    wait_until(lambda: engine.inspect("at", "State", "StartedAt") != first_start, 60)
    # Whether the restart came to pass is seen, and what it did not bring is healed.
    assert run_nstui("-H", engine.url, "heal", "--yes", program=HASTY).returncode == 0
    assert run_nstui("-H", engine.url, "check").returncode == 0
    engine.docker("rm", "-f", "at")


@pytest.mark.usefixtures("_client")
def test_what_is_recreated_and_removed_is_kept_here_and_comes_back(
    server: SshServer,
    engine: PrivateEngine,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    engine.run("more", "--network=container:own", "--env=WORD=kept")
    before = engine.inspect("more", "Id")
    where = ("-H", url_of(server, engine, "ash"))

    recreated = run_nstui(*where, "recreate", "--yes", "more", program=HASTY)
    assert (recreated.returncode, recreated.stdout) == (0, "more\n"), recreated.stderr
    assert engine.inspect("more", "Id") != before
    removed = run_nstui(*where, "rm", "-f", "-y", "more", program=HASTY)
    assert (removed.returncode, removed.stdout) == (0, "more\n"), removed.stderr
    restored = run_nstui(*where, "removed", "restore", "more", program=HASTY)
    assert restored.returncode == 0, restored.stderr

    assert "WORD=kept" in str(engine.inspect("more", "Config", "Env"))
    assert run_nstui("-H", engine.url, "check").returncode == 0
    engine.docker("rm", "-f", "more")


@pytest.mark.usefixtures("_client")
def test_the_logs_of_a_container(server: SshServer, engine: PrivateEngine) -> None:
    speaking = ("sh", "-c", "echo I-am-told-$((6*7)); exec sleep 1000")
    engine.run("talks", command=speaking)
    with Terminal((*NSTUI, "-H", url_of(server, engine, "ash"))) as terminal:
        terminal.wait_for("● own", "nothing wrong", "? Help")
        terminal.press("/", "talks", "\r", "l")
        terminal.wait_for("I-am-told-42")
        terminal.press("\x1b")
        terminal.wait_until_gone("I-am-told-42")
        terminal.press("q")
        assert terminal.wait_for_end() == 0
    engine.docker("rm", "-f", "talks")


Rows = dict[str, dict[str, Any]]
"""What JSON tells of several things, by their names."""


def namespaces_of(*arguments: str) -> Rows:
    """Return every namespace of the machine."""
    told = run_nstui(*arguments, "tree", "--all", "--kind", "all", "--json")
    document = json.loads(told.stdout)
    return {one["namespace"]: one for one in document["namespaces"]}


def differences(before: Rows, found: Rows, after: Rows) -> list[object]:
    """Return what was not found as it was, both before and after."""
    steady = {name: one for name, one in before.items() if after.get(name) == one}
    for each in Path("/proc/self/ns").iterdir():
        # The processes of ssh are in the namespaces of the machine itself.
        for rows in (steady, found):
            rows.get(each.readlink().name, {}).pop("processes", None)
    return [
        (name, key, value, found.get(name, {}).get(key))
        for name, one in steady.items()
        for key, value in one.items()
        if found.get(name, {}).get(key) != value
    ]


def assert_the_same_namespaces(here: str, there: str, *, has_mounts: bool) -> None:
    """Compare two addresses of an engine.

    Processes come and go, of others on the machine too: only what stays is compared.
    What is listed over there alone has come and gone meanwhile, unless it is listed so
    each time.
    """
    invented: set[str] | None = None
    for _ in range(5):
        before, found, after = (namespaces_of("-H", url) for url in (here, there, here))
        for rows in () if has_mounts else (before, found, after):
            for one in rows.values():
                del one["mounts"]
        different = differences(before, found, after)
        alone = found.keys() - before.keys() - after.keys()
        invented = alone if invented is None else invented & alone
        if not (different or invented):
            break
    assert not different
    assert not invented
    assert Path("/proc/self/ns/net").readlink().name in found
    steady = [one for name, one in before.items() if after.get(name) == one]
    assert any(one["containers"] for one in steady)


@pytest.mark.usefixtures("_client")
def test_every_namespace_of_the_machine_is_listed_as_on_the_host(
    server: SshServer,
    engine: PrivateEngine,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    own = engine.inspect("own", "Id")
    listed = namespaces_of("-H", engine.url).values()
    assert any(own in (one["containers"] or ()) and one["mounts"] for one in listed)

    # Where it has users of its own, it does not see what is mounted later.
    url = url_of(server, engine, "ash")
    assert_the_same_namespaces(engine.url, url, has_mounts=False)

    apart = folder / "plain"
    apart.mkdir()
    plain = SshServer(apart)
    with plain.serving():
        for name, value in plain.client().items():
            monkeypatch.setenv(name, value)
        url = url_of(plain, engine)
        assert_the_same_namespaces(engine.url, url, has_mounts=True)


def usage_of(*arguments: str) -> Rows:
    """Return what each container of a network uses."""
    document = json.loads(run_nstui(*arguments, "explain", "dep", "--json").stdout)
    return {one["name"]: one for one in document["members"]}


@pytest.mark.usefixtures("_client")
def test_what_containers_use_is_counted_as_on_the_host(
    server: SshServer, engine: PrivateEngine
) -> None:
    engine.run("busy", "--network=container:own", command=("sh", "-c", BUSY))
    before = usage_of("-H", engine.url)
    for user in ("root", "ash"):
        found = usage_of("-H", url_of(server, engine, user))
        after = usage_of("-H", engine.url)

        assert found.keys() == before.keys() == {"own", "dep", "busy"}
        assert before["busy"]["cpu_seconds"] < found["busy"]["cpu_seconds"]
        for name, one in found.items():
            assert one.keys() == before[name].keys()
            assert one["problem"] is None
            assert before[name]["cpu_seconds"] <= one["cpu_seconds"]
            assert one["cpu_seconds"] <= after[name]["cpu_seconds"]
            assert abs(one["memory"] - before[name]["memory"]) < MIB
        before = after
    engine.docker("rm", "-f", "busy")
