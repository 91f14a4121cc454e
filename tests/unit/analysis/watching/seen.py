"""A standing watch on a VPN and what joined it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from nstui.demo.containers import Spec
from tests.support.sim_compose import SimCompose
from tests.support.sim_watch import SimWatch

if TYPE_CHECKING:
    from nstui.analysis.watching.decisions import WatchOptions
    from nstui.model.watch import Hold


def watch(
    options: WatchOptions | None = None,
    *,
    vpn: Spec | None = None,
    web: Spec | None = None,
    others: tuple[Spec, ...] = (),
    compose: bool = False,
) -> SimWatch:
    """Return a watch on a VPN and what joined it, which have run for a minute."""
    seen = SimWatch(options, find_compose=SimCompose if compose else None)
    seen.world.run(vpn or Spec("vpn", restart="unless-stopped"))
    joined = Spec("web", network="container:vpn", restart="unless-stopped")
    for spec in (web or joined, *others):
        seen.world.run(spec)
    seen.pass_time(60, 30)
    return seen


def dependent(name: str, **more: object) -> Spec:
    """Return a container that joins the VPN."""
    spec = Spec(name, network="container:vpn", restart="unless-stopped")
    return replace(spec, **more)  # type: ignore[arg-type]


def holds(seen: SimWatch) -> dict[str, Hold | None]:
    """Return why each incident is not healed, by its names."""
    return {",".join(one.names): one.hold for one in seen.decision.incidents}


def reasons(seen: SimWatch) -> list[str]:
    """Return why the incidents are not healed."""
    return [one.reason for one in seen.decision.incidents]
