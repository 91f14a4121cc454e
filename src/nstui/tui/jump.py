"""Going from one line with a finding to the next."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from nstui.analysis.forest import Branch
    from nstui.model.container import ContainerId


def next_wrong(
    lines: Sequence[Branch],
    at: Branch | None,
    wrong: Collection[ContainerId],
    step: int,
) -> ContainerId | None:
    """Return the container of the nearest line with a finding, around the end.

    Args:
        lines: All lines, also those that a fold hides.
        at: The line to go from; None: from before the first.
        wrong: The containers that have findings.
        step: 1 for the next, -1 for the one before.

    Returns:
        None if no line has a finding.

    """
    start = lines.index(at) if at in lines else (-1 if step > 0 else 0)
    for distance in range(1, len(lines) + 1):
        container = lines[(start + step * distance) % len(lines)].container
        if container is not None and container in wrong:
            return container
    return None
