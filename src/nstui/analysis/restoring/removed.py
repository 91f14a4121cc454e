"""A removed container, read from its kept inspect as if it were there and stopped."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from nstui.analysis.managers import (
    ENV_FILES,
    FILES,
    FOLDER,
    claimed_manager,
    manager_text,
)
from nstui.analysis.plans.managed import ManagerAction, command_text
from nstui.analysis.recipe import read_recipe
from nstui.analysis.text import shell_line
from nstui.model.container import (
    Container,
    ContainerState,
    Inspection,
    Join,
    Link,
    ManagerKind,
    is_id,
)
from nstui.model.json import flag, inner, mapping, objects, strings, text, texts
from nstui.model.namespace import NamespaceKind

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from nstui.model.audit import RemovedContainer
    from nstui.model.healing import Mounted, Recipe
    from nstui.model.snapshot import EngineInfo

    Json = Mapping[str, object]


def as_stopped(
    removed: RemovedContainer, joins: tuple[Join, ...] | None = None
) -> Container:
    """Return a removed container as it would be if it were there and stopped.

    It publishes and shares nothing, so that only what it needs counts.

    Args:
        removed: The record of the container.
        joins: What it joins; None for what it joined before.

    """
    inspect = removed.inspect
    recipe = read_recipe(inspect)
    # One in the network of another has no links.
    declared = () if NamespaceKind.NET in recipe.joins else recipe.host
    links = (link.partition(":") for link in texts(mapping(declared), "Links"))
    return Container(
        id=removed.id,
        name=removed.name,
        image=removed.image,
        state=ContainerState.EXITED,
        status="Removed",
        created_at=_moment(text(inspect, "Created")),
        network_mode=recipe.network_mode,
        networks=tuple(one.network for one in recipe.networks),
        ports=(),
        compose=removed.compose,
        inspection=Inspection(
            pid=None,
            started_at=None,
            finished_at=None,
            exit_code=None,
            health=None,
            oom_killed=False,
            restart_policy="",
            restart_count=0,
            joins=_own_joins(recipe) if joins is None else joins,
            links=tuple(Link(target, alias) for target, _, alias in links),
            volumes_from=(),
            shared_files=(),
        ),
    )


def _own_joins(recipe: Recipe) -> tuple[Join, ...]:
    return tuple(Join(kind, ref.lstrip("/")) for kind, ref in recipe.joins.items())


def _moment(value: str) -> datetime | None:
    """Return the time in an inspect; its nanoseconds are cut to microseconds."""
    head, dot, rest = value.partition(".")
    digits = rest[: len(rest) - len(rest.lstrip("0123456789"))]
    try:
        moment = datetime.fromisoformat(
            f"{head}.{digits[:6]}{rest[len(digits) :]}" if dot else head
        )
    except ValueError:
        return None
    return None if moment.tzinfo is None else moment


def has_run(removed: RemovedContainer) -> bool:
    """Tell whether a container ran before it was removed.

    Records of older versions only have the inspect, which may have been taken after the
    container was stopped.
    """
    if removed.ran is not None:
        return removed.ran
    state = inner(removed.inspect, "State")
    return bool(flag(state, "Running") or flag(state, "Restarting"))


def find_gone_volumes(recipe: Recipe, volumes: Collection[str]) -> tuple[Mounted, ...]:
    """Return the volumes of a container that no longer exist."""
    return tuple(m for m in recipe.mounted if m.name and m.name not in volumes)


def is_renewed(recipe: Recipe, volume: Mounted) -> bool:
    """Tell whether the engine makes a volume that is gone anew by itself.

    It does so for a volume that was declared without a name. Such a volume is not
    declared by its old name, which would make it one with a name.
    """
    if not is_id(volume.name):
        return False
    places = {*inner(recipe.config, "Volumes")}
    places |= {bind for bind in texts(recipe.host, "Binds") if ":" not in bind}
    places |= {
        text(mount, "Target")
        for mount in objects(recipe.host, "Mounts")
        if not text(mount, "Source")
    }
    return volume.target in places


def as_now(inspect: Json, volumes: Collection[str]) -> dict[str, object]:
    """Return an inspect without the volumes that the engine has to make anew.

    Args:
        inspect: The kept inspect.
        volumes: The names of the volumes that exist.

    """
    recipe = read_recipe(inspect)
    gone = {
        (volume.name, volume.target)
        for volume in find_gone_volumes(recipe, volumes)
        if is_renewed(recipe, volume)
    }
    mounted = zip(recipe.mounted, objects(inspect, "Mounts"), strict=True)
    kept = [mount for read, mount in mounted if (read.name, read.target) not in gone]
    return {**inspect, "Mounts": kept} if gone else dict(inspect)


def why_managed(removed: RemovedContainer, engine: EngineInfo) -> tuple[str, ...]:
    """Return why a removed container is left to its manager; empty if it is not.

    The labels may be the image's, which may be gone, so they prove nothing; but what
    they name would make a second container or remove this one.
    """
    labels = strings(inner(removed.inspect, "Config").get("Labels"))
    manager = claimed_manager({}, labels)
    if manager is None:
        return ()
    is_unit = manager.kind is ManagerKind.SYSTEMD
    if is_unit and not engine.is_podman:
        return ()
    action = ManagerAction.START if is_unit else ManagerAction.RESTART
    said = f"was a container of {manager_text(manager)}, by its labels"
    use = f"which creates its containers itself: use {command_text(manager, action)}"
    return (f"{removed.name} {said}, {use}",)


def compose_command(removed: RemovedContainer) -> str:
    """Return compose's own command for a container that compose provably made.

    Returns an empty string if compose did not, or if it cannot be written for a shell.
    """
    if removed.compose is None:
        return ""
    labels = strings(inner(removed.inspect, "Config").get("Labels"))
    words = ["docker", "compose", "--project-name", removed.compose.project]
    for option, label in (
        ("--project-directory", FOLDER),
        ("--file", FILES),
        ("--env-file", ENV_FILES),
    ):
        for value in filter(None, labels.get(label, "").split(",")):
            words += [option, value]
    words += ["up", "--detach", "--no-deps", removed.compose.service]
    return shell_line(words) or ""
