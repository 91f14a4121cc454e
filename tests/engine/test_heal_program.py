"""``nstui check`` and ``nstui heal`` as programs, against a real engine."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.engine.program import HASTY, run_nstui

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

    from tests.support.private_engine import PrivateEngine

pytestmark = pytest.mark.docker


class Host:
    """An engine, and nstui asked about it as a program."""

    def __init__(self, engine: PrivateEngine) -> None:
        self.engine = engine

    def nstui(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run nstui without a terminal."""
        return run_nstui("-H", self.engine.url, *arguments, program=HASTY)

    def is_well(self) -> bool:
        """Tell whether the glance finds nothing worse than a notice."""
        return self.nstui("check").returncode == 0


@pytest.fixture
def host(
    engine_host: PrivateEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Host:
    """Start an owner and a chain on it; keep the traces of this test alone."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    engine_host.run("own")
    engine_host.run("dep", "--network=container:own")
    engine_host.run("far", "--network=container:dep")
    return Host(engine_host)


def test_nothing_to_heal(host: Host) -> None:
    answer = host.nstui("heal")
    assert (answer.returncode, answer.stdout) == (0, "nothing to heal\n")
    assert answer.stderr == ""


@pytest.mark.parametrize("action", ["restart", "stop", "kill"])
def test_what_the_engine_broke_is_found_and_healed(host: Host, action: str) -> None:
    host.engine.docker(action, "own")
    found = host.nstui("check")
    assert found.returncode == 1
    assert "dep" in found.stdout

    planned = host.nstui("heal", "--dry-run", "--json")
    document = json.loads(planned.stdout)
    assert (planned.returncode, document["breaks"]) == (0, False)
    verbs = [step["verb"] for step in document["steps"]]
    start = [] if action == "restart" else ["start", "wait"]
    assert verbs == [*start, "restart", "wait", "restart"]
    assert not host.is_well()

    healed = host.nstui("heal", "--yes")
    first = [] if action == "restart" else ["own"]
    assert (healed.returncode, healed.stdout.split()) == (0, [*first, "dep", "far"])
    assert host.is_well()


def test_what_happens_behind_the_back_is_one_incident_with_one_remedy(
    host: Host,
) -> None:
    host.engine.run("other", "--network=container:own")
    host.engine.docker("restart", "-t", "0", "own")
    (incident,) = json.loads(host.nstui("check", "--json").stdout)["incidents"]
    assert (incident["cause"], incident["findings"]) == ("owner-restarted", [0, 1, 2])
    head, names = incident["message"].rsplit(": ", 1)
    assert head.endswith(
        "still sit in its old network and have no connection (only lo)"
    )
    assert names == "dep, far, other"
    short = host.nstui("check", "--short").stdout
    assert short == "nstui: 1 incident, 3 containers have no network\n"
    assert host.nstui("check").stdout.endswith("would repair 3 of 3 findings\n")

    program, *words = incident["remedy"].split()
    assert (program, host.nstui(*words, "--yes").returncode) == ("nstui", 0)
    assert json.loads(host.nstui("check", "--json").stdout)["incidents"] == []


def test_an_owner_that_nstui_removed_is_known_by_its_name(host: Host) -> None:
    host.nstui("rm", "-f", "--break-dependents", "--yes", "own")
    host.engine.run("own")
    assert not host.is_well()

    healed = host.nstui("heal", "--yes")

    assert (healed.returncode, healed.stdout.split()) == (0, ["dep", "far"])
    assert host.is_well()


def test_an_owner_whose_place_nobody_took_has_to_be_named(host: Host) -> None:
    host.engine.docker("rm", "-f", "own")
    host.engine.run("other")

    refused = host.nstui("heal", "--yes")
    assert (refused.returncode, refused.stdout) == (4, "nothing can be healed\n")
    assert "create own again, or choose its new owner with --onto" in refused.stderr
    assert "other could be it" in refused.stderr

    healed = host.nstui("heal", "--yes", "--onto", "other")
    assert (healed.returncode, healed.stdout.split()) == (0, ["dep", "far"])
    assert host.is_well()


def test_a_record_that_cannot_be_kept_costs_nothing_but_the_memory(
    host: Host, tmp_path: Path
) -> None:
    state = tmp_path / "nstui"
    state.mkdir(mode=0o700)
    state.joinpath("seen").touch()
    first = host.nstui("check")
    assert (first.returncode, first.stderr) == (0, "")
    state.joinpath("seen").unlink()
    second = host.nstui("check")
    assert (second.returncode, second.stdout, second.stderr) == (0, first.stdout, "")
    (kept,) = state.joinpath("seen").glob("*.json")
    assert '"name": "own"' in kept.read_text()


def test_looking_again_writes_nothing(host: Host, tmp_path: Path) -> None:
    host.nstui("tree")
    (kept,) = tmp_path.joinpath("nstui", "seen").glob("*.json")
    before = kept.stat()
    for command in ("tree", "check"):
        host.nstui(command)
    assert kept.stat().st_mtime_ns == before.st_mtime_ns
    assert kept.stat().st_ino == before.st_ino


def test_what_was_written_is_not_given_up_unasked(host: Host) -> None:
    host.engine.docker("exec", "dep", "touch", "/root/notes")
    host.engine.docker("rm", "-f", "own")
    host.engine.run("other")

    refused = host.nstui("heal", "--yes", "--onto", "other")
    assert (refused.returncode, refused.stdout) == (4, "")
    assert "dep wrote 1 path outside its volumes: /root/notes" in refused.stderr
    assert "--keep-changes" in refused.stderr

    healed = host.nstui("heal", "--yes", "--onto", "other", "--drop-changes")
    assert healed.returncode == 0
    assert host.is_well()


def test_read_only_heals_nothing(host: Host) -> None:
    host.engine.docker("restart", "own")
    refused = host.nstui("--read-only", "heal", "--yes")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "--read-only" in refused.stderr
    assert not host.is_well()
