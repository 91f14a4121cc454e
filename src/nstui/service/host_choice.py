"""The hosts that the user asked for, before any of them is connected."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.model.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable

    from nstui.service.host import Host


@dataclass(frozen=True, slots=True)
class HostChoice:
    """A host that was asked for, and how to connect to it."""

    name: str
    """The context, or the address as it was given: unique among those asked for."""

    connect: Callable[[], Host]
    """Returns the host; raises `NstuiError` if its address makes no sense."""
