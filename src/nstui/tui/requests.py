"""From a key to what is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.model.plan import Action, Request

if TYPE_CHECKING:
    from nstui.model.container import ContainerId


def make_request(
    action: Action, selected: tuple[ContainerId, ...], at_cursor: ContainerId | None
) -> Request | None:
    """Return the request of an action; None if there is nobody to act on.

    Args:
        action: What the key means.
        selected: Those that were selected; they come before the one at the cursor.
        at_cursor: The container under the cursor, if it is on one.

    """
    if action is Action.PRUNE:
        return Request(action=action, targets=())
    if action is Action.HEAL:
        # Without a selection all that is broken is meant.
        return Request(action=action, targets=selected)
    targets = selected or ((at_cursor,) if at_cursor else ())
    if not targets:
        return None
    # What runs is stopped first, gently: the force of rm -f is for who asks for it.
    return Request(action=action, targets=targets, stop_first=action is Action.RM)
