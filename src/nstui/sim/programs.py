"""What runs in simulated containers and serves there, by their images."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nstui.sim.spec import Spec

_COMMAND_BYTES = 15
"""How much of a program's name the kernel keeps."""

_USER = "1000"
"""Most images of this sort take a number that has no name on the machine."""

Port = tuple[int, str]
"""Its number, and ``tcp`` or ``udp``."""


@dataclass(frozen=True, slots=True)
class Program:
    """One process of a container."""

    command: str
    user: str = "root"
    weight: int = 1
    """How much of what the container uses is its."""

    serves: tuple[Port, ...] = ()

    @property
    def name(self) -> str:
        """What the kernel calls it, as in ``/proc/PID/comm``."""
        return command_name(self.command)


_S6 = Program("/package/admin/s6/command/s6-svscan -d4 -- /run/service")

_PROGRAMS = {
    "app": (Program("/usr/local/bin/app --listen=:3000", _USER, 1, ((3000, "tcp"),)),),
    "caddy": (
        Program(
            "caddy run --config /etc/caddy/Caddyfile --adapter caddyfile",
            serves=((80, "tcp"), (443, "tcp"), (443, "udp")),
        ),
    ),
    "gluetun": (
        Program("/gluetun-entrypoint", weight=3, serves=((8000, "tcp"),)),
        Program("/usr/sbin/openvpn2.6 --config /etc/openvpn/target.ovpn", weight=7),
    ),
    "nginx": (
        Program("nginx: master process nginx -g daemon off;", serves=((8081, "tcp"),)),
        Program("nginx: worker process", "101", 4, ((8081, "tcp"),)),
        Program("nginx: worker process", "101", 3, ((8081, "tcp"),)),
    ),
    "node-exporter": (Program("/bin/node_exporter", "nobody", 1, ((9100, "tcp"),)),),
    "paperless-ngx": (
        _S6,
        Program(
            "granian --interface asginl paperless.asgi:application",
            _USER,
            6,
            ((8000, "tcp"),),
        ),
        Program("celery --app paperless worker", _USER, 5),
        Program("celery --app paperless beat", _USER, 2),
    ),
    "pause": (Program("/pause", "65535"),),
    "pihole": (
        Program("/bin/bash /usr/bin/start.sh"),
        Program("pihole-FTL -f", "999", 5, ((53, "tcp"), (8053, "tcp"), (53, "udp"))),
    ),
    "postgres": (
        Program("postgres", "999", 4, ((5432, "tcp"),)),
        Program("postgres: checkpointer", "999"),
        Program("postgres: background writer", "999"),
        Program("postgres: walwriter", "999"),
    ),
    "prometheus-qbittorrent-exporter": (
        Program("python -m qbittorrent_exporter.exporter", serves=((9707, "tcp"),)),
    ),
    "prowlarr": (
        _S6,
        Program(
            "/app/prowlarr/bin/Prowlarr -nobrowser -data=/config",
            _USER,
            9,
            ((9696, "tcp"),),
        ),
    ),
    "qbittorrent": (
        _S6,
        Program(
            "/usr/bin/qbittorrent-nox --webui-port=8080",
            _USER,
            9,
            ((8080, "tcp"), (6881, "tcp"), (6881, "udp")),
        ),
    ),
    "redis": (Program("redis-server *:6379", "999", 1, ((6379, "tcp"),)),),
    "server": (Program("/vaultwarden", serves=((80, "tcp"),)),),
    "slskd": (Program("./slskd", _USER, 1, ((5030, "tcp"),)),),
    "sonarr": (
        _S6,
        Program(
            "/app/sonarr/bin/Sonarr -nobrowser -data=/config",
            _USER,
            9,
            ((8989, "tcp"),),
        ),
    ),
    "tailscale": (
        Program("/usr/local/bin/containerboot"),
        Program(
            "tailscaled --tun=tailscale0 --statedir=/var/lib/tailscale",
            weight=5,
            serves=((41641, "udp"),),
        ),
    ),
    "wireguard": (_S6, Program("/bin/coredns -dns.port=53", weight=2)),
}

_BY_KERNEL: dict[str, tuple[Port, ...]] = {"wireguard": ((51820, "udp"),)}
"""What is served there, but by no process."""


def programs_of(spec: Spec) -> tuple[Program, ...]:
    """Return the processes of a container, the first one first.

    That of an image which is not known here serves every port that is published.
    """
    name = _name_of(spec.image)
    known = _PROGRAMS.get(name)
    if known is not None:
        return known
    published = {(port.container_port, port.protocol) for port in spec.ports}
    return (Program(name, serves=tuple(sorted(published))),)


def served_by_kernel(spec: Spec) -> tuple[Port, ...]:
    """Return the ports that a container's tunnel has."""
    return _BY_KERNEL.get(_name_of(spec.image), ())


def command_name(command: str) -> str:
    """Return what the kernel calls a process with such a command line."""
    return command.partition(" ")[0].rstrip(":").rpartition("/")[2][:_COMMAND_BYTES]


def _name_of(image: str) -> str:
    """Return what an image is called, without its registry and its tag."""
    return image.rpartition("/")[2].partition(":")[0]
