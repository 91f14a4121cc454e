"""The CPU time, memory, addresses, routes and traffic of simulated containers."""

from __future__ import annotations

import math
import zlib
from typing import TYPE_CHECKING

from nstui.demo.fiction import programs_of
from nstui.demo.kernel import LOOPBACK
from nstui.model.container import ContainerState
from nstui.model.frozen import dataclass
from nstui.model.namespace import NamespaceKind
from nstui.model.network import (
    Address,
    Interface,
    Interfaces,
    ProcessUsage,
    Route,
    Routes,
    Usage,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from nstui.demo.containers import Record
    from nstui.demo.kernel import SimNamespace


_MIB = 2**20
_PAGE = 4096
_AMPLITUDE = 0.7
"""How far a rate departs from its average, as a fraction of it."""

_LOCALHOST = Address("127.0.0.1", 8)
_HOST_ADDRESSES = {
    "eth0": Address("192.168.1.10", 24),
    "docker0": Address("172.17.0.1", 16),
}
_HOST_GATEWAY = "192.168.1.1"
_CARD = "eth"
_TUNNEL = "tun"
"""OpenVPN creates such interfaces, and routes all traffic by its two halves."""

_WIREGUARD_TABLE = 51820
_LOOPBACK_RATES = (300.0, 300.0)
"""Bytes per second received and sent; on the loopback both are the same."""

_ALL = "0.0.0.0/0"
_HALVES = ("0.0.0.0/1", "128.0.0.0/1")


@dataclass(frozen=True, slots=True)
class _Load:
    """The typical resource usage of the programs of an image."""

    share: float
    """The average share of one CPU."""

    memory: int
    period_s: float
    """How long a cycle of its CPU share takes, in seconds."""


def usage_of(record: Record, now: datetime) -> Usage:
    """Return the CPU time and memory of a running container."""
    load = _load(record)
    age = age_s(record, now)
    return Usage(
        taken_s=now.timestamp(),
        cpu_s=accumulated(load.share, age, load.period_s),
        memory=_memory(load, age),
    )


def processes_of(record: Record, now: datetime) -> tuple[ProcessUsage, ...]:
    """Return the processes of a running container."""
    total = usage_of(record, now)
    programs = programs_of(record.spec)
    weights = sum(program.weight for program in programs)
    is_paused = record.state is ContainerState.PAUSED
    return tuple(
        ProcessUsage(
            pid=(record.pid or 0) + number,
            command=program.command,
            user=program.user,
            state="disk-sleep" if is_paused else "sleeping",
            started_at=record.started_at or now,
            taken_s=total.taken_s,
            cpu_s=total.cpu_s * program.weight / weights,
            memory=_pages(total.memory * program.weight / weights),
        )
        for number, program in enumerate(programs)
    )


def age_s(record: Record, now: datetime) -> float:
    """Return how long a container has been running, in seconds."""
    return max(0.0, (now - (record.started_at or now)).total_seconds())


def accumulated(rate: float, age_s: float, period_s: float) -> float:
    """Return the integral of a rate that oscillates, which never decreases.

    Args:
        rate: The average rate per second.
        age_s: The duration in seconds.
        period_s: The period of the oscillation in seconds.

    """
    angular_speed = 2 * math.pi / period_s
    return rate * (age_s + _AMPLITUDE * math.sin(angular_speed * age_s) / angular_speed)


def _load(record: Record) -> _Load:
    number = zlib.crc32(record.spec.image.encode())
    return _Load(
        # Most programs are idle most of the time.
        share=0.002 + (number % 1000 / 1000) ** 4 * 0.3,
        memory=(6 + number // 1000 % 250) * _MIB,
        period_s=20 + number // 7 % 40,
    )


def _memory(load: _Load, age: float) -> int:
    return _pages(load.memory * (1 + 0.03 * math.sin(age / 60)))


def _pages(number: float) -> int:
    return int(number) // _PAGE * _PAGE


def interfaces_of(
    network: SimNamespace, members: Sequence[Record], now: datetime
) -> Interfaces:
    """Return the interfaces of a network that some containers are in."""
    age = max((age_s(member, now) for member in members), default=0.0)
    owner = _owner(members)
    found = {name: _address(name, network, owner) for name in network.interfaces}
    return Interfaces(
        tuple(
            _interface(name, address, network.inode, age)
            for name, address in found.items()
        ),
        # As on a real host, an address without a network has no interface.
        tuple(
            each for each in found.values() if each is not None and each.prefix is None
        ),
    )


def routes_of(network: SimNamespace, members: Iterable[Record]) -> Routes:
    """Return the routes out of a network that some containers are in."""
    if network.is_host:
        return Routes((_route(_ALL, _HOST_GATEWAY, "eth0"),), (), ())
    found, tables = [], []
    owner = _owner(members)
    for name in network.interfaces:
        if name.startswith(_TUNNEL):
            found += [_route(half, "10.8.0.1", name) for half in _HALVES]
        elif name == "nordlynx":
            tables.append(_WIREGUARD_TABLE)
    if owner is not None and f"{_CARD}0" in network.interfaces:
        found.append(_route(_ALL, f"{_subnet(owner.networks[0])}.0.1", f"{_CARD}0"))
    return Routes(tuple(found), (), tuple(tables))


def address_of(record: Record, number: int) -> str:
    """Return the address of a container on one of its networks; empty if it has none.

    Args:
        record: The container.
        number: The index of the network.

    """
    network = record.namespaces.get(NamespaceKind.NET)
    if network is None or network.is_host:
        return ""
    found = _address(f"{_CARD}{number}", network, record)
    return "" if found is None else found.text


def _owner(members: Iterable[Record]) -> Record | None:
    """Return the container that the engine created a network for."""
    return next((member for member in members if member.networks), None)


def _address(name: str, network: SimNamespace, owner: Record | None) -> Address | None:
    if name in LOOPBACK:
        return _LOCALHOST
    if network.is_host:
        return _HOST_ADDRESSES.get(name)
    last = 2 + network.inode % 250
    if name.startswith(_CARD):
        number = int(name.removeprefix(_CARD))
        subnet = None if owner is None else _subnet(owner.networks[number])
        return None if subnet is None else Address(f"{subnet}.0.{last}", 16)
    return _tunnel_address(name, last)


def _tunnel_address(name: str, last: int) -> Address:
    """Return an address as the server of a tunnel assigns it; WireGuard's is fixed."""
    if name.startswith(_TUNNEL):
        return Address(f"10.8.0.{last}", 24)
    if name.startswith("tailscale"):
        return Address(f"100.101.7.{last}", None)
    return Address("10.13.13.1", 24)


def _subnet(network: str) -> str:
    """Return the first two bytes of a docker network's addresses, as text."""
    if network == "bridge":
        return "172.17"
    return f"172.{18 + zlib.crc32(network.encode()) % 14}"


def _interface(name: str, address: Address | None, seed: int, age: float) -> Interface:
    number = zlib.crc32(str(seed).encode())
    period = 15 + number % 23
    received, sent = _LOOPBACK_RATES
    if name not in LOOPBACK:
        # The traffic of a tunnel also passes the container's interface, encapsulated.
        scale = 1.0 if name.startswith(_CARD) else 0.94
        received = (900 + number % 90_000) * scale
        sent = received / (2 + number % 11)
    has_network = address is not None and address.prefix is not None
    return Interface(
        name=name,
        ipv4=(address,) if address is not None and has_network else (),
        ipv6=(),
        is_up=True,
        received=int(accumulated(received, age, period)),
        sent=int(accumulated(sent, age, period)),
    )


def _route(destination: str, gateway: str, interface: str) -> Route:
    return Route(
        destination=destination,
        gateway=gateway,
        is_direct=False,
        interface=interface,
        metric=0,
    )
