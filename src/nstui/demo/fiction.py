"""The fiction: the past of the demo's machine, and what its programs do.

It is read from ``fiction.toml`` when it is first needed.
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
"""A port's number, and ``tcp`` or ``udp``."""

_Table = dict[str, Any]
"""A table of TOML, as `tomllib` returns it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """One process of a container."""

    command: str
    user: str = "root"
    weight: int = 1
    """Its share of what the container uses, relative to the other processes."""

    serves: tuple[Port, ...] = ()

    @property
    def name(self) -> str:
        """The kernel's name for it, as in ``/proc/PID/comm``."""
        return command_name(self.command)


@dataclass(frozen=True, slots=True, kw_only=True)
class LogScript:
    """What one program writes to its log."""

    every_s: float
    """About how many seconds are between two lines."""

    says: tuple[str, ...]
    """The lines that it writes from time to time, the rarest last."""

    starts: tuple[str, ...] = ()
    """The lines that it writes when it starts."""

    ends: tuple[str, ...] = ()
    """The lines that it writes when it ends."""

    def choose(self, seed: str) -> str:
        """Return one of the lines that it writes from time to time."""
        chance = crc32(f"{seed}:which".encode())
        common = len(self.says) - (1 if chance % 4 else 0)
        return self.says[chance // 4 % max(1, common)]


@dataclass(frozen=True, slots=True, kw_only=True)
class PastAction:
    """Something that was done on the machine."""

    ago: timedelta
    act: str = ""
    """A name in `nstui.demo.home`; empty if only containers were started."""

    on: str = ""
    """What the action was applied to."""

    argument: str = ""
    """Its argument."""

    run: tuple[Spec, ...] = ()
    """Containers that were started."""

    health: tuple[tuple[str, Health], ...] = ()
    """The health of some of them from then on, by name."""


def history() -> tuple[PastAction, ...]:
    """Return what was done on the demo's machine, the oldest first."""
    return tuple(_past_action(table) for table in _tables()["history"])


def programs_of(spec: Spec) -> tuple[Program, ...]:
    """Return the processes of a container, its first process first.

    The program of an unknown image serves every published port.
    """
    name = _name_of(spec.image)
    known = _programs(name)
    if known:
        return known
    published = {(port.container_port, port.protocol) for port in spec.ports}
    return (Program(command=name, serves=tuple(sorted(published))),)


def served_by_kernel(spec: Spec) -> tuple[Port, ...]:
    """Return the ports on which the kernel itself listens for a container's tunnel."""
    return _ports(_image(_name_of(spec.image)).get("kernel_serves", ()))


def script_of(spec: Spec) -> LogScript | None:
    """Return the log script of a container's program; None if it writes nothing."""
    return _script(_name_of(spec.image))


def command_name(command: str) -> str:
    """Return the kernel's name for a process with such a command line."""
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
    log: _Table = image.get("log") or _tables()["log"]
    return LogScript(**_with_tuples(log))


def _name_of(image: str) -> str:
    """Return the name of an image without its registry and its tag."""
    return image.rpartition("/")[2].partition(":")[0]


def _past_action(table: _Table) -> PastAction:
    runs = table.get("run", ())
    return PastAction(
        ago=timedelta(**table["ago"]),
        act=table.get("act", ""),
        on=table.get("on", ""),
        argument=table.get("with", ""),
        run=tuple(_spec(run) for run in runs),
        health=tuple(
            (run["name"], Health(run["health"])) for run in runs if "health" in run
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
    """Parse ports that are written as ``80/tcp``."""
    parts = (text.partition("/") for text in texts)
    return tuple((int(number), protocol) for number, _, protocol in parts)


def _with_tuples(table: _Table) -> _Table:
    return {
        key: tuple(value) if isinstance(value, list) else value
        for key, value in table.items()
    }
