"""How long an owner that is started has to run before its dependents are touched.

A dependent that is restarted while its owner ends could not be started any more. A
health check tells when an owner is ready; of one without a check nothing is known but
that it runs on.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from nstui.analysis.exits import ended_with_error
from nstui.analysis.failed_starts import start_error
from nstui.model.plan import Verb

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nstui.analysis.graph import Graph
    from nstui.model.container import Container
    from nstui.model.plan import Step

TRIAL_S = 3
"""How long an owner has to run of which nothing is known."""

DOUBTFUL_S = 10
"""How long one has to that ended with an error before."""

IN_ALL_S = 15
"""How long those have to together of which nothing is known."""

LEAST_S = 1
"""How long each has to even then."""


def with_trials(steps: Iterable[Step], graph: Graph) -> tuple[Step, ...]:
    """Return the same steps, each wait with the time that its container has to run."""
    every = tuple(steps)
    count = sum(step.verb is Verb.WAIT and step.health is None for step in every)
    share = min(TRIAL_S, max(LEAST_S, IN_ALL_S // max(1, count)))
    return tuple(_with_trial(step, graph, share) for step in every)


def _with_trial(step: Step, graph: Graph, share: int) -> Step:
    if step.verb is not Verb.WAIT or step.health is not None:
        return step
    is_doubtful = _is_doubtful(graph.containers[step.container])
    seconds = DOUBTFUL_S if is_doubtful else share
    limit = seconds if step.timeout is None else step.timeout
    return replace(step, trial=min(seconds, limit))


def _is_doubtful(container: Container) -> bool:
    """Tell whether the program of a container has ended with an error before."""
    if start_error(container):
        # Its program has not even run.
        return False
    inspection = container.inspection
    has_ended = inspection is not None and inspection.restart_count > 0
    return has_ended or ended_with_error(container)
