"""``nstui removed`` and ``nstui removed show``."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from nstui.cli.commands import removed as group
from nstui.model.container import ContainerId
from tests.support.builders import cid
from tests.unit.audit.traces import HOSTILE, removed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from nstui.audit.log import FileAuditLog
    from tests.unit.cli.answers import Nstui

SHOWS = ("removed", "show")


@pytest.fixture(autouse=True)
def _tokyo(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let the machine be where it is nine hours later than UTC."""
    with monkeypatch.context() as there:
        there.setenv("TZ", "Asia/Tokyo")
        time.tzset()
        yield
    time.tzset()


def test_nothing_was_removed(nstui: Nstui, folder: Path) -> None:
    answer = nstui("removed")
    assert (answer.code, answer.out) == (0, "")
    assert answer.err == "no removed containers to restore\n"
    assert json.loads(nstui("removed", "--json").out)["removed"] == []
    assert not folder.exists()


def test_the_list_has_the_newest_first_and_local_times(
    nstui: Nstui, audit_log: FileAuditLog
) -> None:
    audit_log.save(removed("web", 1))
    audit_log.save(replace(removed("database", 2), image="postgres:17"))
    answer = nstui("removed")
    assert (answer.code, answer.err) == (0, "")
    where = "unix:///var/run/docker.sock"
    assert answer.out.splitlines() == [
        f"database  2026-11-23 21:02:00  postgres:17  {cid('database')[:12]}  {where}",
        f"web       2026-11-23 21:01:00  busybox:1    {cid('web')[:12]}  {where}",
    ]


def test_the_list_as_json(nstui: Nstui, audit_log: FileAuditLog) -> None:
    audit_log.save(removed("web", 1))
    answer = nstui("removed", "--json")
    assert (answer.code, answer.err) == (0, "")
    assert json.loads(answer.out) == {
        "schema": "nstui/1",
        "removed": [
            {
                "removed_at": "2026-11-23T12:01:00Z",
                "endpoint": "unix:///var/run/docker.sock",
                "engine_id": None,
                "confirmed": True,
                "id": cid("web"),
                "name": "web",
                "image": "busybox:1",
                "restored": None,
            }
        ],
        "damaged": [],
    }


def test_the_engine_of_each_is_in_the_json(
    nstui: Nstui, audit_log: FileAuditLog
) -> None:
    audit_log.save(replace(removed(), engine_id="0c6f2a5e-1111"))
    (one,) = json.loads(nstui("removed", "--json").out)["removed"]
    assert one["engine_id"] == "0c6f2a5e-1111"


def test_two_engines_at_one_address_are_told_apart(
    nstui: Nstui, audit_log: FileAuditLog
) -> None:
    audit_log.save(replace(removed("old", 1), engine_id="0c6f2a5e-1111"))
    audit_log.save(removed("older", 0))
    assert "engine" not in nstui("removed").out
    audit_log.save(replace(removed("new", 2), engine_id="7d9f3a52-2222"))
    new, old, older = nstui("removed").out.splitlines()
    assert new.endswith("  unix:///var/run/docker.sock (engine 7d9f3a52)")
    assert old.endswith("  unix:///var/run/docker.sock (engine 0c6f2a5e)")
    assert older.endswith("  unix:///var/run/docker.sock")


def test_what_comes_from_outside_is_made_harmless(
    nstui: Nstui, audit_log: FileAuditLog
) -> None:
    audit_log.save(replace(removed(), name=HOSTILE, image=HOSTILE, endpoint=HOSTILE))
    listed = nstui("removed").out
    assert listed.count("\n") == 1
    assert listed[:-1].isprintable()
    for arguments in (("removed", "--json"), (*SHOWS, HOSTILE)):
        shown = nstui(*arguments).out
        assert shown.isascii()
        assert shown.replace("\n", "").isprintable()


def test_show_prints_the_inspect_as_it_was(
    nstui: Nstui, audit_log: FileAuditLog
) -> None:
    audit_log.save(removed())
    answer = nstui(*SHOWS, "web")
    assert (answer.code, answer.err) == (0, "")
    assert json.loads(answer.out) == removed().inspect


def test_show_takes_the_newest_of_a_name(nstui: Nstui, audit_log: FileAuditLog) -> None:
    old, new = removed("old", 1), removed("new", 2)
    audit_log.save(replace(old, name="web"))
    audit_log.save(replace(new, name="web"))
    assert json.loads(nstui(*SHOWS, "web").out)["Id"] == new.id
    assert json.loads(nstui(*SHOWS, old.id).out)["Id"] == old.id


@pytest.mark.parametrize("length", [64, 12, 3])
def test_show_takes_an_id_or_its_beginning(
    nstui: Nstui, audit_log: FileAuditLog, length: int
) -> None:
    audit_log.save(removed("web", 1))
    audit_log.save(removed("db", 2))
    assert cid("web")[:3] != cid("db")[:3]
    found = json.loads(nstui(*SHOWS, cid("web")[:length]).out)
    assert found["Name"] == "/web"


def test_one_container_that_was_kept_twice_is_not_ambiguous(
    nstui: Nstui, audit_log: FileAuditLog
) -> None:
    audit_log.save(removed("web", 1))
    audit_log.save(removed("web", 2))
    assert nstui(*SHOWS, cid("web")[:5]).code == 0


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("wep", "no removed container is called 'wep'; did you mean web?"),
        ("zzz", "no removed container is called 'zzz'"),
        ("", "no removed container is called ''"),
        ("aaaa", "'aaaa' could be any of 2: aaaa00000000, aaaa11111111"),
    ],
)
def test_show_says_what_it_does_not_find(
    nstui: Nstui, audit_log: FileAuditLog, text: str, sentence: str
) -> None:
    audit_log.save(removed("web"))
    for digit in "10":
        id_ = ContainerId("aaaa" + digit * 60)
        audit_log.save(replace(removed("x", -int(digit)), id=id_))
    answer = nstui(*SHOWS, text)
    assert answer.code == 1
    assert answer.complaint == sentence


def test_as_run_is_for_the_host_that_was_named(
    nstui: Nstui, audit_log: FileAuditLog
) -> None:
    inspect = {"Name": "/web", "Config": {"Image": "bb", "Cmd": ["a && docker rm b"]}}
    audit_log.save(replace(removed(), inspect=inspect))
    alone = nstui(*SHOWS, "web", "--as-run").out
    assert alone.startswith("docker run ")
    assert alone.endswith(" bb 'a && docker rm b'\n")
    named = nstui("-H", "tcp://h:1", *SHOWS, "web", "--as-run").out
    assert named == alone.replace("docker run", "docker -H tcp://h:1 run")


def test_as_run_is_for_a_shell(nstui: Nstui, audit_log: FileAuditLog) -> None:
    odd = "it's \\' \"$(touch x)\" !!"
    inspect = {"Name": "/web", "Config": {"Image": "bb", "Cmd": ["a b", odd]}}
    audit_log.save(replace(removed(), inspect=inspect))
    answer = nstui(*SHOWS, "web", "--as-run")
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.count("\n") == 1
    assert answer.out[:-1].isprintable()
    ended = subprocess.run(
        ("sh", "-c", f"docker() {{ printf '%s\\0' \"$@\"; }}; {answer.out}"),
        capture_output=True,
        check=True,
    )
    assert ended.stdout.decode().split("\0") == [
        *("run", "-d", "--name", "web", "--entrypoint", "", "bb", "a b", odd, ""),
    ]


@pytest.mark.parametrize(
    ("config", "what"),
    [
        ({"Cmd": [HOSTILE]}, "its command"),
        ({"Env": ["A=1", "B=x\n'; touch y; '"]}, "-e B=…"),
        ({"Env": ["\x1b=1"]}, "-e"),
        ({"Labels": {"a b": "\x01"}}, "--label a b=…"),
    ],
)
def test_what_cannot_be_written_for_a_shell_is_no_command(
    nstui: Nstui, audit_log: FileAuditLog, config: dict[str, object], what: str
) -> None:
    inspect = {
        "Name": "/web",
        "Config": {"Image": "bb", "Entrypoint": ["run"], **config},
        "NetworkSettings": {"Networks": {"bridge": {}, "other": {}}},
    }
    audit_log.save(replace(removed(), inspect=inspect))
    answer = nstui(*SHOWS, "web", "--as-run")
    assert (answer.code, answer.out) == (1, "")
    assert answer.complaint == (
        f"no command recreates it: the value of {what} cannot be written for a"
        " shell; its inspect, printed without --as-run, contains it"
    )
    assert json.loads(nstui(*SHOWS, "web").out) == inspect


def test_as_run_says_what_no_option_can_say(
    nstui: Nstui, audit_log: FileAuditLog
) -> None:
    host = {"Umask": "0077\x1b", "To\x1bCome": 1}
    audit_log.save(replace(removed(), inspect={"Name": "/web", "HostConfig": host}))
    answer = nstui(*SHOWS, "web", "--as-run")
    assert (answer.code, answer.out.count("\n")) == (0, 1)
    assert answer.err.isprintable() or answer.err[:-1].isprintable()
    assert "no option of docker run for this: HostConfig.To" in answer.err
    assert answer.err.endswith("Come, HostConfig.Umask\n")


def test_as_run_is_several_commands_where_one_cannot_say_it(
    nstui: Nstui, audit_log: FileAuditLog
) -> None:
    inspect = {
        "Name": "/web",
        "Config": {"Image": "bb"},
        "NetworkSettings": {"Networks": {"bridge": {}, "other": {}}},
    }
    audit_log.save(replace(removed(), inspect=inspect))
    assert nstui(*SHOWS, "web", "--as-run").out.splitlines() == [
        "docker create --name web --entrypoint '' bb",
        "docker network connect other web",
        "docker start web",
    ]


def test_a_damaged_record_is_told_of(
    nstui: Nstui, audit_log: FileAuditLog, folder: Path
) -> None:
    audit_log.save(removed("web", 1))
    audit_log.save(removed("db", 2))
    damaged = max(folder.joinpath("removed").iterdir())
    damaged.write_text("{")
    warning = f"nstui: skipped {damaged}: it is no valid JSON\n"
    answer = nstui("removed")
    assert (answer.code, answer.err) == (0, warning)
    assert answer.out.startswith("web ")
    answer = nstui("removed", "--json")
    assert (answer.code, answer.err) == (0, warning)
    assert json.loads(answer.out)["damaged"] == [
        {"place": str(damaged), "problem": "it is no valid JSON"}
    ]
    answer = nstui(*SHOWS, "web")
    assert (answer.code, answer.err) == (0, warning)
    answer = nstui(*SHOWS, "db")
    assert (answer.code, answer.out) == (1, "")
    assert answer.err.startswith(warning)


def test_a_folder_that_cannot_be_read(
    nstui: Nstui, audit_log: FileAuditLog, folder: Path
) -> None:
    audit_log.save(removed())
    folder.chmod(0o777)
    for arguments in (("removed",), ("removed", "--json"), (*SHOWS, "web")):
        answer = nstui(*arguments)
        assert answer.code == 1
        assert answer.complaint == (
            f"cannot read {folder}/removed: others may write in {folder}; run chmod"
            " go-w on it"
        )


def test_a_demo_keeps_its_own(nstui: Nstui, audit_log: FileAuditLog) -> None:
    audit_log.save(removed())
    assert nstui("--demo", "removed").out == ""
    assert nstui("--demo", *SHOWS, "web").code == 1


def test_json_is_for_the_list(nstui: Nstui) -> None:
    answer = nstui("removed", "--json", "show", "web")
    assert answer.code == 2
    assert "show always prints JSON" in answer.complaint


@pytest.mark.parametrize("command", [(), ("show",)])
def test_help(nstui: Nstui, command: tuple[str, ...]) -> None:
    answer = nstui("removed", *command, "--help")
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.startswith("Usage: nstui removed")


def test_names_are_completed(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    audit_log: FileAuditLog,
) -> None:
    audit_log.save(removed("web", 1))
    audit_log.save(removed("web-2", 2))
    audit_log.save(removed("db", 3))
    monkeypatch.setenv("COMP_WORDS", "removed show we")
    monkeypatch.setenv("COMP_CWORD", "2")
    monkeypatch.setenv("_REMOVED_COMPLETE", "bash_complete")
    with pytest.raises(SystemExit):
        group.main((), prog_name="removed", complete_var="_REMOVED_COMPLETE")
    assert capsys.readouterr().out.splitlines() == ["plain,web-2", "plain,web"]


HOMELESS = """
import os, sys
from nstui.audit import log
from nstui.cli import removed
from nstui.cli.main import run
from nstui.demo import audit_log
os.setuid(54321)
sys.exit(run(["removed"]))
"""


def test_where_nothing_can_be_kept_that_is_said() -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can become a user that has no home")
    ended = subprocess.run(
        (sys.executable, "-c", HOMELESS),
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr == (
        "nstui: what was removed cannot be read: you have no home folder; set"
        " XDG_STATE_HOME to the full path of a folder\n"
    )
