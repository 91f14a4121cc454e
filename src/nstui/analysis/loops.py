"""Who is in a restart loop, also while it happens to run."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from nstui.model.container import ContainerState

if TYPE_CHECKING:
    from nstui.model.container import Container, Inspection
    from nstui.model.snapshot import Snapshot

ENOUGH = 2
"""How often the engine has started a container again before that is called a loop: one
end may have been an accident."""

LONG_RUN = timedelta(seconds=10)
"""What the engine itself takes for a good start: then it forgets how long it waited
before it started the container again."""

LONGEST_PERIOD = timedelta(minutes=10)
"""Ends that are further apart are accidents, each with a cause of its own."""


BACK_OFF = timedelta(seconds=0.4)
"""How long Docker waits at least from an end to the next start after several short
runs, that start included. It waits 100 ms after a long run, and twice as long after
each short one as before."""


def is_looping(snapshot: Snapshot, container: Container) -> bool:
    """Tell whether a container keeps exiting and being started again.

    The engine's word ``restarting`` is proof. It is said only between two runs, so
    that of one that runs for some seconds each time, or ends at once and is looked at
    in between, something else has to tell: that its restart count is not small, and
    that its present run is still too young to be told from those before.

    How long those were is known by watching. At a single look it is known how long
    they can have been at most: the count is how often it was started again since its
    last start by hand, which was not before it was created. What has run for twice as
    long is well again. Of one that was created long ago that says nothing. What tells
    there is how long the engine waited before it started it: longer after each run that
    was shorter than 10 seconds. It has not forgotten that before the present run is as
    long.

    Args:
        snapshot: What was seen.
        container: One of its containers.

    """
    if container.state is ContainerState.RESTARTING:
        return True
    inspection = container.inspection
    if inspection is None or inspection.started_at is None:
        return False
    if not container.state.has_process or inspection.restart_count < ENOUGH:
        return False
    age = snapshot.taken_at - inspection.started_at
    if age < LONG_RUN and _was_held_back(snapshot, inspection):
        return True
    period = snapshot.restart_periods.get(container.id, _average(container))
    if period is None or period > LONGEST_PERIOD:
        return False
    return age < max(LONG_RUN, 2 * period)


def _was_held_back(snapshot: Snapshot, inspection: Inspection) -> bool:
    """Tell whether the engine waited with a start as it does after short runs."""
    started, finished = inspection.started_at, inspection.finished_at
    if started is None or finished is None or snapshot.engine.name != "Docker":
        return False
    return started - finished >= BACK_OFF


def _average(container: Container) -> timedelta | None:
    """Return how long a run was at most, on the average of all but the present one."""
    inspection = container.inspection
    if inspection is None or inspection.started_at is None:
        return None
    if container.created_at is None or inspection.restart_count < 1:
        return None
    return (inspection.started_at - container.created_at) / inspection.restart_count
