"""Readable ways to write down a trace."""

from __future__ import annotations

from datetime import timedelta

from nstui.model.audit import ActionEntry, RemovedContainer, StepPhase
from nstui.model.container import ComposeService, ContainerId
from nstui.model.step import Verb
from tests.support.builders import NOON, cid

HOSTILE = "a'b\"c $HOME \\ \n\x1b[2J\u202e\udcff é"
"""What a label or a variable may hold, and what an engine's JSON may."""


def removed(name: str = "web", minute: float = 0) -> RemovedContainer:
    """Return a container that was removed some minutes after noon."""
    return RemovedContainer(
        removed_at=NOON + timedelta(minutes=minute),
        endpoint="unix:///var/run/docker.sock",
        id=cid(name),
        name=name,
        image="busybox:1",
        inspect={
            "Id": cid(name),
            "Name": f"/{name}",
            "Config": {"Env": [HOSTILE], "Cmd": None, "Labels": {HOSTILE: ""}},
            "HostConfig": {"Memory": 2**60, "Init": True, "CpuShare": 0.5},
        },
        compose=ComposeService("media", name),
    )


def entry(number: int = 1, *, error: str | None = None) -> ActionEntry:
    """Return the end of a step."""
    return ActionEntry(
        at=NOON + timedelta(seconds=number, microseconds=250),
        endpoint="unix:///var/run/docker.sock",
        who="root (sudo: amy)",
        plan="3f2a",
        number=number,
        total=9,
        action="rm",
        verb=Verb.STOP,
        container=ContainerId(cid("web")),
        name="web",
        why="nothing depends on it",
        phase=StepPhase.DONE if error is None else StepPhase.FAILED,
        error=error,
    )
