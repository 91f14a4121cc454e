"""Commands that are printed to be pasted, where a host was named."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from nstui.analysis.findings.ignoring import REPORT_ALL, Reporting
from nstui.analysis.preferences.watching import LogFormat
from nstui.cli.heal import conclude
from nstui.cli.main import run
from nstui.cli.watch_host import LogSink, SinkForPeople
from nstui.demo.audit_log import MemoryAuditLog
from nstui.demo.containers import Spec
from nstui.demo.engine import SimEngine
from nstui.demo.host import SimHost
from nstui.demo.images import SimImage
from nstui.demo.world import World
from nstui.model.container import Pod
from nstui.model.host_options import HostOptions
from nstui.model.plan import Request
from nstui.model.step import Action
from nstui.model.watch import WatchEvent, WatchEventKind
from nstui.service.host import open_host
from tests.support.builders import NOON
from tests.support.managers import swarm_labels
from tests.support.sim_faults import Fault, FaultyEngine
from tests.support.sim_podman import PodmanWorld
from tests.unit.cli.test_agreement import Person, nothing
from tests.unit.render.paper import Terminal

if TYPE_CHECKING:
    from nstui.service.host import Host
    from tests.unit.cli.answers import Nstui

NAMED = HostOptions.of(("-c", "nas"), "tcp://h:1")


class Named:
    """A simulated host that the user has named, behind ``--demo``."""

    def __init__(self) -> None:
        self.audit_log = MemoryAuditLog()
        self.set(World())

    def set(self, world: World) -> None:
        """Put a world there: an owner that one joined."""
        world.run(Spec("vpn"))
        world.run(Spec("dep", network="container:vpn"))
        self.world = world
        self.engine = FaultyEngine(SimEngine(world))

    def connect(self, *, reporting: Reporting = REPORT_ALL) -> Host:
        """Return the adapters."""
        return open_host(
            self.engine,
            SimHost(self.world),
            self.audit_log,
            endpoint="tcp://h:1",
            reporting=replace(reporting, options=NAMED),
        )


@pytest.fixture
def nas(monkeypatch: pytest.MonkeyPatch) -> Named:
    """Return the host."""
    found = Named()
    monkeypatch.setattr("nstui.cli.wiring.connect_demo", found.connect)
    monkeypatch.setattr("nstui.demo.audit_log.MemoryAuditLog", lambda: found.audit_log)
    return found


def last(text: str) -> str:
    """Return the last line."""
    return text.splitlines()[-1]


def ask(
    monkeypatch: pytest.MonkeyPatch, *arguments: str, answer: str = ""
) -> list[str]:
    """Run nstui for a person; return the lines of all that was said."""
    screen = Terminal()
    monkeypatch.setattr(sys, "stdin", Person(answer, nothing))
    monkeypatch.setattr(sys, "stderr", screen)
    run(("--demo", *arguments))
    return screen.getvalue().splitlines()


@pytest.mark.parametrize(
    ("words", "command"),
    [
        (("heal",), "docker -c nas restart dep"),
        (("stop", "--break-dependents", "vpn"), "docker -c nas stop vpn"),
        (("recreate", "dep"), "nstui -c nas recreate dep"),
        (
            ("rm", "-f", "--with-dependents", "vpn"),
            "docker -c nas rm -f dep vpn",
        ),
    ],
)
def test_a_plan(nstui: Nstui, nas: Named, words: tuple[str, ...], command: str) -> None:
    nas.world.restart("vpn")
    answer = nstui("--demo", *words, "--dry-run")
    assert last(answer.out) == command
    document = json.loads(nstui("--demo", *words, "--dry-run", "--json").out)
    assert "nas" not in json.dumps(document)


def test_a_question(nas: Named, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = ask(monkeypatch, "restart", "vpn")
    assert nas.engine.asked == []
    assert "docker -c nas restart vpn" in lines
    assert "vpn and its dependents: docker -c nas restart vpn dep" in lines


def test_what_brings_back_what_was_broken(nstui: Nstui, nas: Named) -> None:
    answer = nstui("--demo", "restart", "--break-dependents", "vpn")
    assert nas.engine.asked == ["restart"]
    assert answer.err == (
        "to bring back what depends on it: docker -c nas restart dep\n"
    )


def test_a_failure_half_way(nstui: Nstui, nas: Named) -> None:
    nas.engine.fail(2, Fault.REFUSED)
    answer = nstui("--demo", "restart", "--with-dependents", "vpn")
    assert answer.code == 1
    assert answer.err.endswith(
        "; to go on, fix that, then: docker -c nas restart dep\n"
    )


def test_a_failure_of_a_plan_that_goes_back(
    nstui: Nstui, nas: Named, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nstui.service.recompose.STEADY_S", 0)
    broken = SimImage(id=f"sha256:{'2' * 64}", start_error="no such file")
    nas.world.image_store.publish(nas.world.records.get("dep").spec.image, broken)
    answer = nstui("--demo", "recreate", "--pull", "-y", "dep")
    assert answer.code == 1
    assert "then: nstui -c nas recreate --pull dep" in answer.err


def test_a_failure_of_healing(nstui: Nstui, nas: Named) -> None:
    nas.world.restart("vpn")
    nas.engine.fail(1, Fault.REFUSED)
    answer = nstui("--demo", "heal", "--yes")
    assert last(answer.err) == "to go on, fix that, then: docker -c nas restart dep"


def test_a_failure_that_was_not_seen(nstui: Nstui, nas: Named) -> None:
    nas.world.restart("vpn")
    nas.engine.fail(1, Fault.LIED)
    answer = nstui("--demo", "heal", "--yes")
    assert last(answer.err) == "to go on, fix that, then: docker -c nas restart dep"


def test_a_refusal_that_names_another_command(nstui: Nstui, nas: Named) -> None:
    nas.set(PodmanWorld())
    nas.world.run(Spec("media-infra", pod=Pod("media", is_infra=True)))
    use = "podman --url tcp://h:1 pod rm media"
    words = f"media-infra holds the pod media together: use {use}"
    answer = nstui("--demo", "rm", "-f", "media-infra")
    assert (answer.code, answer.complaint) == (1, words)
    answer = nstui("--demo", "rm", "-f", "--dry-run", "media-infra")
    assert f"not possible: {words}" in answer.out.splitlines()


def test_what_a_manager_has_to_do(nstui: Nstui, nas: Named) -> None:
    nas.world.run(Spec("web.1.t1", labels=tuple(swarm_labels().items())))
    use = "use docker -c nas service rm web"
    answer = nstui("--demo", "rm", "-f", "-y", "web.1.t1")
    assert answer.code == 4
    assert use in answer.complaint
    assert use in nstui("--demo", "rm", "-f", "--dry-run", "web.1.t1").out


def test_what_is_still_broken(nas: Named, capsys: pytest.CaptureFixture[str]) -> None:
    plan = nas.connect().executor.plan(Request(action=Action.HEAL, targets=()))
    assert conclude((), plan, ("dep",)) == 1
    said = capsys.readouterr().err
    assert said == "still broken: dep: see nstui -c nas check\n"


@pytest.mark.usefixtures("nas")
def test_what_was_removed(nstui: Nstui) -> None:
    assert nstui("--demo", "rm", "-f", "dep").code == 0
    answer = nstui("--demo", "removed", "restore", "--dry-run", "dep")
    assert last(answer.out).startswith("nstui -c nas removed restore ")
    answer = nstui("--demo", "removed", "restore", "--at", "1999", "dep")
    assert answer.complaint == (
        "nothing was removed at '1999': see nstui -c nas removed"
    )


def test_what_a_watch_tells_people(capsys: pytest.CaptureFixture[str]) -> None:
    event = WatchEvent(
        kind=WatchEventKind.FAILED,
        at=NOON,
        message="healing dep failed; to go on, fix that, then: docker restart dep",
        command="nstui heal dep",
    )
    SinkForPeople(LogSink(LogFormat.TEXT), NAMED).take(event)
    assert capsys.readouterr().out.endswith(
        "then: docker -c nas restart dep → nstui -c nas heal dep\n"
    )


def test_what_was_removed_on_another_engine_is_shown_there(
    nas: Named, nstui: Nstui
) -> None:
    nas.world.run(Spec("apart"))
    assert nstui("--demo", "rm", "-f", "apart").code == 0
    (kept,) = nas.audit_log.removed()
    nas.audit_log.save(replace(kept, engine_id="of the one before"))
    refused = nstui("--demo", "removed", "restore", "apart")
    assert ": nstui -c nas removed show --as-run apart prints" in refused.complaint
