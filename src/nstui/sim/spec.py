"""What ``docker create`` is told about a container."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nstui.model.container import ComposeService, PublishedPort
    from nstui.model.manager import Manager, Pod


@dataclass(frozen=True, slots=True)
class Spec:
    """A container as somebody declares it."""

    name: str
    image: str = "busybox:1.36"
    _: KW_ONLY
    network: str = "bridge"
    """``bridge``, ``host``, ``none``, ``container:<ref>`` or the name of a network."""

    more_networks: tuple[str, ...] = ()
    """Networks that it is connected to besides."""

    pid: str = ""
    """Nothing, ``host`` or ``container:<ref>``."""

    ipc: str = "private"
    """``private``, ``shareable``, ``host`` or ``container:<ref>``."""

    links: tuple[str, ...] = ()
    """Each ``<ref>`` or ``<ref>:<alias>``."""

    volumes_from: tuple[str, ...] = ()
    ports: tuple[PublishedPort, ...] = ()
    restart: str = "no"
    compose: ComposeService | None = None
    """What compose made it of; beside it, or without it, `labels` are somebody's."""

    labels: tuple[tuple[str, str], ...] = ()
    """Labels that it is given when it is created."""

    image_labels: tuple[tuple[str, str], ...] = ()
    """Labels that its image has, and that it has from there."""

    runs_in: Manager | None = None
    """In whose control group it runs."""

    pod: Pod | None = None
    has_health_check: bool = False
    devices: tuple[str, ...] = ()
    """Interfaces that its program makes, such as the ``tun0`` of a VPN."""

    removes_itself: bool = False
    """Whether it is removed when it stops, as with ``--rm``."""

    log_driver: str = "json-file"
    """``json-file``, or ``none``: then its log cannot be read."""

    stop_signal: str = ""
    """What it is stopped by; empty: the engine's, ``TERM``."""

    stop_code: int = 137
    """How it exits when it is stopped; 137 if it has to be killed."""
