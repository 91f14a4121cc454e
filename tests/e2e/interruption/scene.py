"""A group that can be acted on, and an engine that fails on request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.analysis.plans.interruptions import request_after
from nstui.demo.audit_log import MemoryAuditLog
from nstui.demo.containers import Spec
from nstui.model.container import ContainerId
from nstui.model.plan import Policy, Request
from nstui.model.step import Action
from nstui.service.host import open_host
from tests.contract.look import run
from tests.support.sim_faults import FaultyEngine

if TYPE_CHECKING:
    from nstui.analysis.report import Report
    from nstui.model.plan import Plan
    from nstui.service.host import Host
    from tests.contract.host import ContractHost

Picture = dict[str, tuple[ContainerId, str]]
"""The id and the state of each container, by its name."""


class Scene:
    """An owner ``own`` with a chain ``dep``, ``far`` on it, and one apart."""

    def __init__(self, host: ContractHost) -> None:
        """Start the containers."""
        self._host = host
        self.engine = FaultyEngine(host.engine)
        self.audit_log = MemoryAuditLog()
        for spec in (
            Spec("own"),
            Spec("dep", network="container:own"),
            Spec("far", network="container:dep"),
            Spec("apart"),
        ):
            run(host, spec)
        self.connection = self.connect()
        self.connection.observer.look()

    def connect(self) -> Host:
        """Connect as a program that has just been started, with the same records."""
        endpoint = self.engine.info().endpoint
        return open_host(
            self.engine, self._host.namespaces, self.audit_log, endpoint=endpoint
        )

    def orphan(self, *, is_stopped: bool = False) -> None:
        """Make ``own`` anew, so that who joined it has to be recreated."""
        if is_stopped:
            for name in ("far", "dep"):
                self._host.engine.stop(self.id(name), 0)
        self._host.engine.remove(self.id("own"), force=True)
        run(self._host, Spec("own"))

    def id(self, name: str) -> ContainerId:
        """Return the id of a container."""
        return next(c.id for c in self._host.engine.containers() if c.name == name)

    def plan(self, action: Action) -> Plan:
        """Plan an action on the owner and all that depend on it, or a heal."""
        is_heal = action is Action.HEAL
        targets = () if action in {Action.HEAL, Action.PRUNE} else (self.id("own"),)
        request = Request(
            action=action,
            targets=targets,
            policy=Policy.WITH_DEPENDENTS,
            onto=self.id("own") if is_heal and "own" in self.picture() else None,
            timeout=0,
            stop_first=True,
        )
        return self.connection.executor.plan(request)

    def carry_out(self, plan: Plan) -> None:
        """Carry a plan out."""
        self.connection.executor.carry_out(plan)

    def end(self) -> None:
        """Let the program be gone, however it ended, and start it again."""
        self.audit_log.release_all()
        self.engine.recover()
        self.connection = self.connect()

    def heal(self) -> None:
        """Heal as the command does: first what was cut off, then the rest."""
        plan = self.plan(Action.HEAL)
        while plan.steps:
            self.carry_out(plan)
            left = request_after(self.look().graph, plan)
            if left is None:
                return
            plan = self.connection.executor.plan(left)

    def look(self) -> Report:
        """Look afresh."""
        return self.connection.observer.look_afresh()

    def picture(self) -> Picture:
        """Return which containers there are, and in which state."""
        self._host.engine.forget()
        return {c.name: (c.id, c.state.value) for c in self._host.engine.containers()}

    def wrong(self) -> set[tuple[str, str]]:
        """Return the findings worse than a notice: the container's name, the code."""
        report = self.look()
        return {
            (report.graph.name(finding.container), finding.code.value)
            for finding in report.findings
            if finding.severity.value != "notice"
        }
