"""The world of ``nstui --demo``: a home server, made by doing what led to it.

There is one group of each sort, two of them broken the way they break in practice:
`pihole` was left behind by a restart, `soulseek` by a removal.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from nstui.model.container import ComposeService, Health, PublishedPort
from nstui.model.namespace import NamespaceKind
from nstui.sim.accidents import crash, loop, set_health, visit
from nstui.sim.clock import SimClock, utc_now
from nstui.sim.spec import Spec
from nstui.sim.strangers import leave_sandbox, name_network, unshare
from nstui.sim.world import World

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

_KEEP_UP = "unless-stopped"


def demo_world(now: Callable[[], datetime] = utc_now) -> World:
    """Return the world as it is now, with a past of some weeks.

    Ids, inodes and pids are always the same; times are relative to `now`.
    """
    clock = SimClock(now)
    world = World(clock)
    for ago, act in (*_HISTORY, *_STRANGERS):
        clock.behind = ago
        act(world)
    clock.behind = timedelta()
    # An engine keeps few events, and those of some weeks ago are long gone.
    world.journal.forget()
    return world


def _published(*ports: int, protocol: str = "tcp") -> tuple[PublishedPort, ...]:
    """Publish ports under their own numbers, as ``-p 80:80`` does."""
    return tuple(
        PublishedPort(port, protocol, address, port)
        for port in ports
        for address in ("0.0.0.0", "::")  # noqa: S104 - shown, not bound
    )


def _run_monitoring(world: World) -> None:
    exporter = Spec(
        "node-exporter",
        "prom/node-exporter:v1.9.1",
        network="host",
        pid="host",
        restart=_KEEP_UP,
        compose=ComposeService("monitoring", "node-exporter"),
    )
    agent = Spec(
        "alloy",
        "grafana/alloy:v1.8.3",
        network="monitoring_default",
        restart=_KEEP_UP,
        compose=ComposeService("monitoring", "alloy"),
    )
    world.run(exporter)
    world.run(agent)


def _run_web(world: World) -> None:
    compose = {
        name: ComposeService("web", name)
        for name in ("caddy", "nginx", "postgres", "redis", "vaultwarden")
    }
    specs = (
        Spec("caddy", "caddy:2.10-alpine", network="host", compose=compose["caddy"]),
        Spec(
            "nginx",
            "nginx:1.28-alpine",
            network="web_default",
            ports=_published(8081),
            compose=compose["nginx"],
        ),
        Spec(
            "postgres",
            "postgres:17-alpine",
            network="web_default",
            has_health_check=True,
            compose=compose["postgres"],
        ),
        Spec("redis", "redis:8", network="web_default", compose=compose["redis"]),
        Spec(
            "vaultwarden",
            "vaultwarden/server:1.34.1",
            network="web_default",
            has_health_check=True,
            compose=compose["vaultwarden"],
        ),
    )
    for spec in specs:
        world.run(spec)
    set_health(world, "postgres", Health.HEALTHY)
    set_health(world, "vaultwarden", Health.HEALTHY)


def _run_soulseek(world: World) -> None:
    world.run(
        Spec(
            "nordvpn-old",
            "bubuntux/nordvpn:latest",
            ports=_published(5030),
            devices=("nordlynx",),
        )
    )
    world.run(Spec("soulseek", "slskd/slskd:0.22.5", network="container:nordvpn-old"))


def _run_pihole(world: World) -> None:
    world.run(
        Spec(
            "wg-home",
            "linuxserver/wireguard:1.0.20210914",
            ports=(*_published(51820, protocol="udp"), *_published(8053)),
            devices=("wg0",),
            restart=_KEEP_UP,
        )
    )
    world.run(
        Spec(
            "pihole",
            "pihole/pihole:2025.04.0",
            network="container:wg-home",
            restart=_KEEP_UP,
        )
    )


def _run_paperless(world: World) -> None:
    world.run(
        Spec(
            "ts-paperless",
            "tailscale/tailscale:v1.82.5",
            network="paperless_default",
            devices=("tailscale0",),
            restart=_KEEP_UP,
            compose=ComposeService("paperless", "tailscale"),
        )
    )
    world.run(
        Spec(
            "paperless",
            "paperlessngx/paperless-ngx:2.15",
            network="container:ts-paperless",
            has_health_check=True,
            restart=_KEEP_UP,
            compose=ComposeService("paperless", "webserver"),
        )
    )
    set_health(world, "paperless", Health.HEALTHY)


def _run_media(world: World) -> None:
    world.run(
        Spec(
            "vpn",
            "qmcgaw/gluetun:v3.40",
            network="media_default",
            ports=_published(8080, 8989, 9696, 9707),
            devices=("tun0",),
            has_health_check=True,
            restart=_KEEP_UP,
            compose=ComposeService("media", "vpn"),
        )
    )
    set_health(world, "vpn", Health.HEALTHY)
    riders = (
        ("qbittorrent", "linuxserver/qbittorrent:5.1.0", "vpn"),
        ("prowlarr", "linuxserver/prowlarr:1.35.1", "vpn"),
        ("sonarr", "linuxserver/sonarr:4.0.14", "vpn"),
        (
            "qbit-exporter",
            "esanchezm/prometheus-qbittorrent-exporter:1.6",
            "qbittorrent",
        ),
    )
    for name, image, joined in riders:
        world.run(
            Spec(
                name,
                image,
                network=f"container:{joined}",
                restart=_KEEP_UP,
                compose=ComposeService("media", name),
            )
        )


def _run_pod(world: World) -> None:
    world.run(Spec("pod-infra", "pause:3.10", ipc="shareable"))
    for name, image in (
        ("app", "example/app:2.7"),
        ("log-shipper", "fluent/fluent-bit:4.0"),
    ):
        mode = "container:pod-infra"
        world.run(Spec(name, image, network=mode, pid=mode, ipc=mode))


def _run_backup(world: World) -> None:
    world.run(
        Spec(
            "backup-nightly",
            "restic/restic:0.18.0",
            network="web_default",
            volumes_from=("postgres:ro",),
        )
    )


_HISTORY: tuple[tuple[timedelta, Callable[[World], None]], ...] = (
    (timedelta(weeks=5), _run_monitoring),
    (timedelta(days=23), _run_web),
    (timedelta(days=16), _run_soulseek),
    (timedelta(days=9), _run_pihole),
    (timedelta(days=5), _run_paperless),
    (timedelta(days=3), _run_media),
    (timedelta(days=2), lambda world: world.remove("nordvpn-old", force=True)),
    (timedelta(hours=30), _run_pod),
    (timedelta(hours=9, minutes=6), _run_backup),
    (timedelta(hours=9), lambda world: crash(world, "backup-nightly", 0)),
    (timedelta(hours=7), lambda world: world.restart("wg-home")),
    (
        timedelta(minutes=48),
        lambda world: set_health(world, "vaultwarden", Health.UNHEALTHY),
    ),
    (timedelta(seconds=20), lambda world: loop(world, "alloy")),
    (timedelta(seconds=15), lambda world: visit(world, "vpn", "tcpdump -n -i tun0")),
)
"""What was done how long ago, the oldest first."""

_STRANGERS: tuple[tuple[timedelta, Callable[[World], None]], ...] = (
    (timedelta(weeks=5), lambda world: name_network(world, "lab", "dnsmasq", "radvd")),
    (timedelta(days=23), lambda world: leave_sandbox(world, "5f2d0c9a7b1e")),
    (timedelta(hours=2), lambda world: unshare(world, NamespaceKind.NET, "python3")),
)
"""What else lives there, last, so that it takes no number from a container."""
