"""What a user without privileges is told, beside what root is told."""

from __future__ import annotations

import json
import os
import shutil
import sys
from typing import TYPE_CHECKING

import pytest

from tests.engine import nobody
from tests.engine.looking import errors
from tests.engine.program import groups_in, read_json, run_nstui, wrong_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.private_engine import PrivateEngine

pytestmark = pytest.mark.docker

AS_NOBODY = (sys.executable, nobody.__file__)
HIDING = (
    *("unshare", "--mount", "sh", "-c"),
    'mount -t proc -o hidepid=2 proc /proc && exec "$@"',
    *("sh", *AS_NOBODY),
)


@pytest.fixture
def engine(engine_host: PrivateEngine) -> Iterator[PrivateEngine]:
    """Yield the session's engine, with something wrong, for everybody to ask."""
    for program in ("unshare", "mount"):
        if shutil.which(program) is None:
            cannot(f"needs {program}")
    tried = run_nstui("--help", program=AS_NOBODY)
    if tried.returncode:
        cannot(f"nobody cannot run {sys.executable}: {tried.stderr.strip()}")
    engine_host.run("own", "--ipc=shareable")
    engine_host.run("dep", "--network=container:own", "--ipc=container:own")
    engine_host.run("stale", "--network=container:own")
    engine_host.run("bystander")
    engine_host.run("orphan-of")
    engine_host.run("orphan", "--network=container:orphan-of")
    engine_host.docker("rm", "-f", "orphan-of")
    engine_host.docker("restart", "-t", "0", "own")
    engine_host.docker("restart", "-t", "0", "dep")
    modes = {
        path: path.stat().st_mode for path in (engine_host.folder, engine_host.socket)
    }
    engine_host.folder.chmod(0o711)
    engine_host.socket.chmod(0o666)
    yield engine_host
    for path, mode in modes.items():
        path.chmod(mode)


def cannot(reason: str) -> None:
    """Skip, unless this is where a skip would hide that nothing was tested."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


WRONG = errors("stale-join", "stale") | errors("owner-gone", "orphan")


def test_nobody_sees_the_same_groups_and_findings_as_root(
    engine: PrivateEngine,
) -> None:
    command = ("-H", engine.url, "tree", "--kind=all")
    root = read_json(*command)
    unprivileged = read_json(*command, program=AS_NOBODY)

    assert (root["namespaces_read"], root["namespaces_note"]) == ("inode", None)
    assert unprivileged["namespaces_read"] == "fingerprint"
    assert "needs root" in f"{unprivileged['namespaces_note']}"
    assert groups_in(unprivileged) == groups_in(root)
    assert len(groups_in(root)) == 3
    assert wrong_in(unprivileged) == wrong_in(root) == WRONG


def test_check_as_nobody(engine: PrivateEngine) -> None:
    checked = run_nstui("-H", engine.url, "check", program=AS_NOBODY)
    document = read_json("-H", engine.url, "check", program=AS_NOBODY)

    assert checked.returncode == 1
    # The home folder is root's: what may be configured there is not known.
    (told,) = checked.stderr.splitlines()
    assert told.endswith("config.toml could not be read: Permission denied")
    assert "stale" in checked.stdout
    assert document["namespaces_read"] == "fingerprint"
    assert wrong_in(document) == WRONG


def test_where_processes_are_hidden_the_order_of_starts_tells(
    engine: PrivateEngine,
) -> None:
    command = ("-H", engine.url, "tree")
    hidden = read_json(*command, program=HIDING)

    assert hidden["namespaces_read"] == "declared"
    assert "hidepid=" in f"{hidden['namespaces_note']}"
    assert groups_in(hidden) == groups_in(read_json(*command))
    assert wrong_in(hidden) == WRONG


def test_nobody_is_told_which_namespaces_are_without_a_container(
    engine: PrivateEngine,
) -> None:
    command = ("-H", engine.url, "tree", "--all", "--json")
    found = json.loads(run_nstui(*command, program=AS_NOBODY).stdout)
    hidden = json.loads(run_nstui(*command, program=HIDING).stdout)

    # The engine's mounts of its containers' networks are for everybody to see.
    assert len(found["namespaces"]) >= 2
    assert {one["containers"] is None for one in found["namespaces"]} == {True}
    assert {one["left"] for one in found["namespaces"]} == {False}
    assert "needs root" in found["namespaces_unread"][0]
    assert "could not be read" in found["namespaces_unread"][1]
    assert hidden["namespaces"] == []
    assert "hidepid=" in hidden["namespaces_unread"][0]


def test_a_socket_that_nobody_may_use(engine: PrivateEngine) -> None:
    engine.socket.chmod(0o660)

    refused = run_nstui("-H", engine.url, "tree", program=AS_NOBODY)

    assert (refused.returncode, refused.stdout) == (3, "")
    assert "no permission" in refused.stderr
    assert "docker group" in refused.stderr


def test_a_plan_names_who_is_seen_by_fingerprint_and_says_what_is_not(
    engine: PrivateEngine,
) -> None:
    engine.create("named", "--network=container:owner")
    engine.run("owner")
    engine.docker("start", "named")
    engine.docker("rename", "owner", "renamed")
    plan = ("-H", engine.url, "rm", "-f", "--dry-run", "renamed")
    told = run_nstui(*plan, "--json", program=AS_NOBODY)
    document = json.loads(told.stdout)
    assert document["namespaces_read"] == "fingerprint"
    (effect,) = document["effects"]
    assert (effect["name"], effect["now"]) == ("named", "loses_network")
    assert effect["known_by"] == "fingerprint"
    said = run_nstui(*plan, program=AS_NOBODY).stdout
    assert "pid and ipc sharing only from declarations" in said
