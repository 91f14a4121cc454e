"""What is made up: the past of the demo's machine, and what its programs do.

All of it stands in ``fiction.toml``, which is read when it is first needed.
"""

from __future__ import annotations

import tomllib
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zlib import crc32

from nstui.demo.containers import Spec
from nstui.model.container import ComposeService, Health, PublishedPort
from nstui.model.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


_FILE = Path(__file__).with_suffix(".toml")

_COMMAND_BYTES = 15
"""How much of a program's name the kernel keeps."""

_EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104 - shown, not bound

Port = tuple[int, str]
"""Its number, and ``tcp`` or ``udp``."""

_Table = dict[str, Any]
"""A table of TOML, as `tomllib` returns it."""


@dataclass(frozen=True, slots=True, kw_only=True)
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


@dataclass(frozen=True, slots=True, kw_only=True)
class LogScript:
    """What one program writes to its log."""

    every_s: float
    """About how many seconds are between two lines."""

    says: tuple[str, ...]
    """What it says from time to time, the rarest last."""

    starts: tuple[str, ...] = ()
    """What it says when it starts."""

    ends: tuple[str, ...] = ()
    """What it says when it ends."""

    def choose(self, seed: str) -> str:
        """Return one of the sentences that it says from time to time."""
        chance = crc32(f"{seed}:which".encode())
        common = len(self.says) - (1 if chance % 4 else 0)
        return self.says[chance // 4 % max(1, common)]


@dataclass(frozen=True, slots=True, kw_only=True)
class PastAct:
    """Something that was done on the machine."""

    ago: timedelta
    act: str = ""
    """A name that `nstui.demo.home` knows; empty: only containers were started."""

    on: str = ""
    """On what."""

    argument: str = ""
    """With what."""

    run: tuple[Spec, ...] = ()
    """Containers that were started."""

    health: tuple[tuple[str, Health], ...] = ()
    """What the health checks of some of them report since then, by their names."""


def history() -> tuple[PastAct, ...]:
    """Return what was done on the machine of the demo, in the order of doing it."""
    return tuple(_past_act(table) for table in _tables()["history"])


def programs_of(spec: Spec) -> tuple[Program, ...]:
    """Return the processes of a container, the first one first.

    That of an image which is not known here serves every port that is published.
    """
    name = _name_of(spec.image)
    known = _programs(name)
    if known:
        return known
    published = {(port.container_port, port.protocol) for port in spec.ports}
    return (Program(command=name, serves=tuple(sorted(published))),)


def served_by_kernel(spec: Spec) -> tuple[Port, ...]:
    """Return the ports that a container's tunnel has."""
    return _ports(_image(_name_of(spec.image)).get("kernel_serves", ()))


def script_of(spec: Spec) -> LogScript | None:
    """Return what a container's program writes to its log; None if it writes none."""
    return _script(_name_of(spec.image))


def command_name(command: str) -> str:
    """Return what the kernel calls a process with such a command line."""
    return command.partition(" ")[0].rstrip(":").rpartition("/")[2][:_COMMAND_BYTES]


@cache
def _tables() -> _Table:
    return tomllib.loads(_FILE.read_text("utf-8"))


def _image(name: str) -> _Table:
    images: Mapping[str, _Table] = _tables()["programs"]
    return images.get(name, {})


@cache
def _programs(name: str) -> tuple[Program, ...]:
    return tuple(_program(table) for table in _image(name).get("processes", ()))


@cache
def _script(name: str) -> LogScript | None:
    image = _image(name)
    if image.get("is_silent"):
        return None
    talk: _Table = image.get("log") or _tables()["log"]
    return LogScript(**_with_tuples(talk))


def _name_of(image: str) -> str:
    """Return what an image is called, without its registry and its tag."""
    return image.rpartition("/")[2].partition(":")[0]


def _past_act(table: _Table) -> PastAct:
    started = table.get("run", ())
    return PastAct(
        ago=timedelta(**table["ago"]),
        act=table.get("act", ""),
        on=table.get("on", ""),
        argument=table.get("with", ""),
        run=tuple(_spec(one) for one in started),
        health=tuple(
            (one["name"], Health(one["health"])) for one in started if "health" in one
        ),
    )


def _spec(table: _Table) -> Spec:
    fields = {key: value for key, value in table.items() if key != "health"}
    fields["ports"] = tuple(
        PublishedPort(number, protocol, address, number)
        for number, protocol in _ports(table.get("ports", ()))
        for address in _EVERYWHERE
    )
    if "compose" in fields:
        fields["compose"] = ComposeService(*fields["compose"].split("/"))
    return Spec(**_with_tuples(fields))


def _program(table: _Table) -> Program:
    return Program(**table | {"serves": _ports(table.get("serves", ()))})


def _ports(texts: Iterable[str]) -> tuple[Port, ...]:
    """Return ports that are written as ``80/tcp``."""
    parts = (text.partition("/") for text in texts)
    return tuple((int(number), protocol) for number, _, protocol in parts)


def _with_tuples(table: _Table) -> _Table:
    return {
        key: tuple(value) if isinstance(value, list) else value
        for key, value in table.items()
    }
