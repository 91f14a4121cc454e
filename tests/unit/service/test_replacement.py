"""When a new container is taken for well."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from nstui.analysis.report import Report
from nstui.model.step import Step, Verb
from nstui.service.recompose import why_not_well
from tests.support.builders import cid, container, snapshot

if TYPE_CHECKING:
    from nstui.model.container import Container

STEP = Step(verb=Verb.RECREATE, container=cid("old"), name="dep")
OWN = container("own")
DEP = container("dep", joins=cid("own"))


def restarted(one: Container) -> Container:
    """Return a container that was restarted since it was created."""
    assert one.inspection is not None
    return replace(one, inspection=replace(one.inspection, restart_count=1))


@pytest.mark.parametrize(
    ("containers", "net", "problem"),
    [
        pytest.param((OWN, DEP), {"own": 1, "dep": 1}, None, id="well"),
        pytest.param((OWN, DEP), {}, None, id="namespaces not read"),
        pytest.param((OWN,), {}, "the new dep is gone again", id="gone"),
        pytest.param(
            (OWN, container("dep", joins=cid("own"), state="exited")),
            {},
            "the new dep ended with exit code 0",
            id="ended",
        ),
        pytest.param(
            (OWN, restarted(DEP)),
            {"own": 1, "dep": 1},
            "the new dep keeps exiting and being restarted",
            id="restart loop, up at the moment",
        ),
        pytest.param(
            (DEP,), {}, "the new dep joined what no longer exists", id="owner gone"
        ),
        pytest.param(
            (OWN, DEP),
            {"own": 1, "dep": 2},
            "the new dep is in net:[2], not in that of own, net:[1]",
            id="elsewhere",
        ),
    ],
)
def test_what_is_wrong_with_a_new_container(
    containers: tuple[Container, ...], net: dict[str, int], problem: str | None
) -> None:
    report = Report(snapshot(*containers, net=net))
    assert why_not_well(report, cid("dep"), STEP) == problem
