"""Which containers of Podman's are in a pod, and which hold one together.

Its Docker API does not tell; its own, on the same socket, does.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from nstui.engine._json import items, mapping, text
from nstui.errors import EngineRefused, EngineUnreachable
from nstui.model.container import ContainerId
from nstui.model.manager import Pod

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from nstui.model.container import Container

LIST = "/v5.0.0/libpod/containers/json?all=1"
"""Podman's own list of containers. It asks no version of the path to be its own."""

_INFRA = "-infra"
"""How the name of a container ends that holds a pod together, unless somebody has
chosen another one; without any there is most likely no pod."""


def with_pods(
    containers: Sequence[Container], ask: Callable[[str], object]
) -> Sequence[Container]:
    """Return containers with the pods that they are in.

    Where that cannot be read nothing is known of pods, and the rest holds.

    Args:
        containers: All of Podman's.
        ask: Asks Podman a question, by a whole path.

    """
    if not any(one.name.endswith(_INFRA) for one in containers):
        return containers
    try:
        pods = decode_pods(ask(LIST))
    except (EngineRefused, EngineUnreachable):
        return containers
    return [replace(one, pod=pods.get(one.id)) for one in containers]


def decode_pods(answer: object) -> dict[ContainerId, Pod]:
    """Return the pod of each container that is in one, by Podman's own list."""
    found = {}
    for item in items(answer):
        row = mapping(item)
        name = text(row, "PodName") or text(row, "Pod")
        if name:
            is_infra = row.get("IsInfra") is True
            found[ContainerId(text(row, "Id"))] = Pod(name, is_infra)
    return found
