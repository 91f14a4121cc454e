"""Tells what keeps the kernel's namespaces from being read where nstui runs.

Only what was read is said: in a container of which engine, without which right, beside
which kernel. Where that does not tell, nothing is said, and the adapter's own sentence
about the level remains.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.model.frozen import dataclass
from nstui.model.namespace import NamespacesRead
from nstui.model.snapshot import ReadProblem

if TYPE_CHECKING:
    from collections.abc import Collection

    from nstui.model.container import ContainerId
    from nstui.model.own import Place
    from nstui.model.snapshot import EngineInfo, EngineMachine, HostReading


@dataclass(frozen=True, slots=True)
class Obstacle:
    """What keeps the level from being the best."""

    words: str
    """For the top of the screen."""

    sentence: str
    """With what would change it."""


_PID_HOST = "--pid=host"
_CAP = "--cap-add=SYS_PTRACE"
_UNCONFINED = "--security-opt=apparmor=unconfined"
_AS_ROOT = "--user=0"
_USERS_OF_HOST = "--userns=host"

_ONLY = "so only what the engine declares is known"
_THERE = (
    "run nstui there, through ssh (-H ssh://HOST), or in a container of that engine "
    f"with {_PID_HOST} {_CAP}"
)

_VMS = ("Docker Desktop", "OrbStack", "Rancher Desktop")
"""What engines that run in a VM give as their operating system."""

_NAMES = (("lima-rancher-desktop", "Rancher Desktop"), ("colima", "colima"))
"""How the VMs of some products are named by default. Any machine may be named so."""

_KERNELS = (
    ("-orbstack", "OrbStack"),
    ("-linuxkit", "Docker Desktop or another LinuxKit VM"),
    ("-microsoft-", "WSL"),
)
"""What is in the names of the kernels of some products."""

_NO_CGROUPS = "none"
_WITHOUT_CGROUPS = Obstacle(
    "no cgroups",
    "the engine runs without cgroups, and nothing else proves that a process "
    f"is a container's, {_ONLY}: give the engine cgroup v2 with systemd",
)


def own_obstacle(
    host: HostReading, containers: Collection[ContainerId]
) -> Obstacle | None:
    """Return what nstui lacks where it runs; None if that is not certain.

    Args:
        host: What was read, and where.
        containers: The containers of the engine.

    """
    place = host.place
    if place is None or host.level is NamespacesRead.INODE:
        return None
    problems = {each.problem for each in host.processes.values()}
    if host.level is NamespacesRead.FINGERPRINT or ReadProblem.DENIED in problems:
        return _refusal(place)
    if place.has_own_pids and not {*containers}.isdisjoint(place.owners):
        return _hidden(place, "a container of this engine")
    return None


def engine_obstacle(
    place: Place | None, engine: EngineInfo, machine: EngineMachine
) -> Obstacle | None:
    """Return why no process of a container was found; None if that is not certain.

    Args:
        place: Where nstui runs; None if it reads another machine, through a shell.
        engine: The engine.
        machine: What the engine says of where it runs.

    """
    vm = next((each for each in _VMS if machine.system.startswith(each)), None)
    if vm is not None:
        return Obstacle(
            "engine in a VM", f"{vm} runs the engine in a VM, {_ONLY}: {_THERE}"
        )
    if place is None:
        return _behind_shell(engine, machine)
    return _beside(place, engine, machine)


def _beside(
    place: Place, engine: EngineInfo, machine: EngineMachine
) -> Obstacle | None:
    """Return why the machine that nstui runs on shows no process of a container."""
    if place.kernel and engine.kernel and place.kernel != engine.kernel:
        return _elsewhere(place, engine, machine)
    if place.has_own_pids and place.is_inside:
        return _hidden(place, "a container")
    if machine.cgroup_driver == _NO_CGROUPS:
        return _WITHOUT_CGROUPS
    if place.has_own_pids:
        return Obstacle(
            "own pid namespace",
            "nstui has a pid namespace of its own here, as in LXC or WSL, where no "
            f"process is proven to be a container's, {_ONLY}: {_THERE}",
        )
    return None


def _behind_shell(engine: EngineInfo, machine: EngineMachine) -> Obstacle | None:
    """Return why the machine that a shell leads to shows no process of a container."""
    if machine.cgroup_driver == _NO_CGROUPS:
        return _WITHOUT_CGROUPS
    products = _products(engine, machine)
    if not products:
        return None
    return Obstacle(
        # Any machine may be called so.
        "perhaps in a VM",
        "the engine may run in a VM of the machine that ssh leads to (it looks like "
        f"{products[0]}), {_ONLY}: {_THERE}",
    )


def _products(engine: EngineInfo, machine: EngineMachine) -> tuple[str, ...]:
    """Return what an engine's machine looks like, by its name and its kernel."""
    by_name = (what for name, what in _NAMES if machine.name.startswith(name))
    by_kernel = (what for part, what in _KERNELS if part in engine.kernel)
    return (*by_name, *by_kernel)


def _hidden(place: Place, where: str) -> Obstacle:
    flags = " ".join((_PID_HOST, *(flag for _, flag in _missing(place))))
    return Obstacle(
        f"no {_PID_HOST}",
        f"nstui runs in {where} and sees none of the engine's processes, {_ONLY}: "
        f"run it with {flags}",
    )


def _refusal(place: Place) -> Obstacle | None:
    """Return what a refusal may be due to in a container; None if nothing is seen."""
    missing = _missing(place) if place.is_inside else ()
    if not missing:
        return None
    lacks = ", ".join(what for what, _ in missing)
    flags = " ".join(flag for _, flag in missing)
    return Obstacle(
        missing[0][0],
        f"the kernel refuses namespace inodes to nstui in this container ({lacks}): "
        f"run it with {flags}",
    )


def _missing(place: Place) -> tuple[tuple[str, str], ...]:
    """Return what a container lacks for reading others, each with its flag."""
    found = (
        (not place.is_root, "needs root", _AS_ROOT),
        (not place.may_trace, "no SYS_PTRACE", _CAP),
        (bool(place.profile), f"AppArmor profile {place.profile}", _UNCONFINED),
        (place.has_own_users, "own user namespace", _USERS_OF_HOST),
    )
    return tuple((what, flag) for is_missing, what, flag in found if is_missing)


def _elsewhere(place: Place, engine: EngineInfo, machine: EngineMachine) -> Obstacle:
    products = _products(engine, machine)
    looks = f"it looks like {products[0]}: " if products else ""
    return Obstacle(
        "engine elsewhere",
        f"the engine runs on another machine or in a VM ({looks}its kernel is "
        f"{engine.kernel}, this one {place.kernel}), {_ONLY}: {_THERE}",
    )
