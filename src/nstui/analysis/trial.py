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

DOUBTFUL_IN_ALL_S = 60
"""How long those have to together that ended with an error before."""


def with_trials(steps: Iterable[Step], graph: Graph) -> tuple[Step, ...]:
    """Return the same steps, each wait with the time that its container has to run."""
    every = tuple(steps)
    tried = [s for s in every if s.verb is Verb.WAIT and s.health is None]
    doubted = [s for s in tried if _is_doubtful(graph.containers[s.container])]
    share = _share(TRIAL_S, IN_ALL_S, len(tried))
    longer = _share(DOUBTFUL_S, DOUBTFUL_IN_ALL_S, len(doubted))
    return tuple(_with_trial(step, graph, share, longer) for step in every)


def _share(most: int, in_all: int, count: int) -> int:
    """Return how long each of several is tried."""
    return min(most, max(LEAST_S, in_all // max(1, count)))


def _with_trial(step: Step, graph: Graph, share: int, longer: int) -> Step:
    if step.verb is not Verb.WAIT or step.health is not None:
        return step
    is_doubtful = _is_doubtful(graph.containers[step.container])
    seconds = longer if is_doubtful else share
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
