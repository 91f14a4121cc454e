"""Hosts on which every finding is made, with names of any kind."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from nstui.analysis.report import Report
from nstui.model.container import ComposeService
from nstui.model.finding import FindingCode
from nstui.model.outcome import PlanRecord
from nstui.model.step import Action, Step, Verb
from tests.support.builders import NOON, cid, container, snapshot
from tests.unit.analysis.healing.hosts import failed_to_start

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nstui.model.container import Container
    from nstui.model.finding import Finding
    from nstui.model.snapshot import Snapshot


def findings(one: str, two: str, gone: str) -> list[Finding]:
    """Return findings of every code, with every remedy that there is.

    Args:
        one: The name of an owner.
        two: The name of a dependent.
        gone: What one is called that is not there.

    """
    found = [
        finding
        for seen in _hosts(container("one"), gone)
        for finding in Report(_renamed(seen, one, two)).findings
    ]
    assert {finding.code for finding in found} == set(FindingCode)
    return found


NEEDING = ComposeService("a", "b", depends_on=("c",))


def _hosts(own: Container, gone: str) -> Iterator[Snapshot]:
    dep = container("two", joins=own.id)
    yield snapshot(own, dep, net={"one": 1, "two": 2})
    yield snapshot(container("one", state="exited"), dep)
    yield snapshot(container("one", state="exited"), replace(dep, state=own.state))
    yield snapshot(own, dep, net={"one": 1, "two": 1}, interfaces={"two": ("lo",)})
    yield snapshot(own, container("two"), net={"one": 1, "two": 1})
    yield snapshot(container("one", health="unhealthy"))
    yield snapshot(container("one", oom_killed=True))
    yield snapshot(container("one", state="restarting"))
    yield snapshot(own, container("two", joins=own.id, restart="always"))
    fleeting = container("one", removes_itself=True)
    yield snapshot(fleeting, container("two", joins=own.id, restart="always"))
    yield snapshot(container("two", joins=gone))
    lost = container("two", joins=cid("lost"))
    yield snapshot(lost)
    yield snapshot(lost, former_containers={"lost": gone})
    yield snapshot(lost, own, former_containers={"lost": "one"})
    yield snapshot(container("two", joins=cid("lost"), compose="a/b"))
    yield snapshot(replace(lost, compose=NEEDING), container("one", compose="a/c"))
    yield snapshot(container("one", is_inspected=False))
    yield from _ends(own)
    stopped = container("two", joins=own.id, state="exited")
    yield replace(snapshot(own, stopped), unfinished=(_cut_off(stopped),))


def _ends(own: Container) -> Iterator[Snapshot]:
    """Yield hosts where something does not run that ran, or should."""
    spoiled = container("one", state="exited", start_error="exec: no such file")
    yield snapshot(spoiled)
    yield snapshot(failed_to_start(container("one", state="exited")))
    waiting = failed_to_start(container("two", joins=own.id, state="created"))
    yield snapshot(own, waiting)
    yield snapshot(spoiled, waiting)
    yield snapshot(container("one", state="exited", exit_code=3))
    yield snapshot(container("two", joins=cid("lost"), state="exited"))
    dep = container("two", joins=own.id)
    yield snapshot(spoiled, dep)
    yield snapshot(container("one", state="restarting"), dep)
    yield snapshot(container("one", state="dead"), dep)
    yield snapshot(container("one", state="exited", exit_code=3), dep)
    stopped = container("one", joins=cid("lost"), state="exited")
    yield snapshot(stopped, dep)


def _cut_off(old: Container) -> PlanRecord:
    """Return the record of a replacement that had stopped a container."""
    step = Step(verb=Verb.RECREATE, container=old.id, name=old.name, joins=old.joins)
    return PlanRecord(
        id="00000001",
        began_at=NOON,
        endpoint="unix:///var/run/docker.sock",
        action=Action.HEAL,
        steps=(step,),
        running=frozenset({old.id}),
        begun=1,
    )


def _renamed(seen: Snapshot, one: str, two: str) -> Snapshot:
    names = {"one": one, "two": two}
    renamed = (replace(each, name=names[each.name]) for each in seen.containers)
    former_containers = {
        key: replace(each, name=names.get(each.name, each.name))
        for key, each in seen.former_containers.items()
    }
    return replace(seen, containers=tuple(renamed), former_containers=former_containers)
