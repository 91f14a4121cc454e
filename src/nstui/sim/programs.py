"""What runs in simulated containers, by their images."""

from __future__ import annotations

from dataclasses import dataclass

_S6 = "/package/admin/s6/command/s6-svscan -d4 -- /run/service"
_USER = "1000"
"""Most images of this sort take a number that has no name on the machine."""


@dataclass(frozen=True, slots=True)
class Program:
    """One process of a container."""

    command: str
    user: str = "root"
    weight: int = 1
    """How much of what the container uses is its."""


_PROGRAMS = {
    "gluetun": (
        Program("/gluetun-entrypoint", weight=3),
        Program("/usr/sbin/openvpn2.6 --config /etc/openvpn/target.ovpn", weight=7),
    ),
    "nginx": (
        Program("nginx: master process nginx -g daemon off;"),
        Program("nginx: worker process", "101", weight=4),
        Program("nginx: worker process", "101", weight=3),
    ),
    "nordvpn": (Program("/usr/sbin/nordvpnd", weight=4),),
    "paperless-ngx": (
        Program(_S6),
        Program("granian --interface asginl paperless.asgi:application", _USER, 6),
        Program("celery --app paperless worker", _USER, 5),
        Program("celery --app paperless beat", _USER, 2),
    ),
    "pause": (Program("/pause", "65535"),),
    "pihole": (Program("/bin/bash /usr/bin/start.sh"), Program("pihole-FTL -f", "999")),
    "postgres": (
        Program("postgres", "999", weight=4),
        Program("postgres: checkpointer", "999"),
        Program("postgres: background writer", "999"),
        Program("postgres: walwriter", "999"),
    ),
    "prowlarr": (
        Program(_S6),
        Program("/app/prowlarr/bin/Prowlarr -nobrowser -data=/config", _USER, 9),
    ),
    "qbittorrent": (
        Program(_S6),
        Program("/usr/bin/qbittorrent-nox --webui-port=8080", _USER, 9),
    ),
    "redis": (Program("redis-server *:6379", "999"),),
    "sonarr": (
        Program(_S6),
        Program("/app/sonarr/bin/Sonarr -nobrowser -data=/config", _USER, 9),
    ),
    "tailscale": (
        Program("/usr/local/bin/containerboot"),
        Program("tailscaled --tun=tailscale0 --statedir=/var/lib/tailscale", weight=5),
    ),
    "wireguard": (Program(_S6), Program("/bin/coredns -dns.port=53", weight=2)),
}


def name_of(image: str) -> str:
    """Return what an image is called, without its registry and its tag."""
    return image.rpartition("/")[2].partition(":")[0]


def programs_of(image: str) -> tuple[Program, ...]:
    """Return the processes of a container, the first one first."""
    name = name_of(image)
    return _PROGRAMS.get(name, (Program(name),))
