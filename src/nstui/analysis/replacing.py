"""Whether a tool that was asked to replace a container did just that."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nstui.model.container import ComposeService, Container


def containers_of(
    containers: Iterable[Container], service: ComposeService
) -> tuple[Container, ...]:
    """Return a service's own containers, without those that ``compose run`` left."""
    return tuple(
        each
        for each in containers
        if each.compose is not None
        and not each.compose.is_oneoff
        and (each.compose.project, each.compose.service)
        == (service.project, service.service)
    )


def why_not_replaced(
    old: Container, before: Iterable[Container], after: Iterable[Container]
) -> str:
    """Return why a container of compose's was not replaced by a new one; "" if it was.

    Args:
        old: The container.
        before: All that there were.
        after: All that there are.

    """
    known = {each.id for each in before}
    now = tuple(after)
    made = [each.name for each in now if each.id not in known]
    others = f"; it made {', '.join(made)}" if made else ""
    if any(each.id == old.id for each in now):
        return f"compose did not replace {old.name}, which is there as before{others}"
    mine = () if old.compose is None else containers_of(now, old.compose)
    if not mine:
        return f"compose removed {old.name} and made no new one{others}"
    if len(mine) > 1 or mine[0].id in known:
        names = ", ".join(each.name for each in mine)
        return f"{old.name} is gone, and {names} stands in its place{others}"
    (new,) = mine
    if new.name != old.name:
        return f"compose recreated {old.name} under the name {new.name}"
    # Compose v1 gives one whose owner does not run a network of its own: traffic that
    # was to go through the owner would not.
    if not {j.kind for j in old.joins} <= {j.kind for j in new.joins}:
        return (
            f"compose recreated {new.name} without what it joined:"
            f" it is on {new.network_mode} now; stop it"
        )
    return ""
