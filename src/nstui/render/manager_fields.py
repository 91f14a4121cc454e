"""What a container is managed by, as fields of the JSON documents."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nstui.model.container import Container


def manager_fields(container: Container) -> dict[str, object] | None:
    """Return who manages a container, and whether that is proven; None if nobody."""
    manager = container.manager
    if manager is None:
        return None
    return {
        "kind": manager.kind.value,
        "name": manager.name,
        "user": manager.is_user,
        "proven": manager.is_proven,
    }


def pod_fields(container: Container) -> dict[str, object] | None:
    """Return the pod of Podman's that a container is in; None if there is none."""
    pod = container.pod
    return None if pod is None else {"name": pod.name, "infra": pod.is_infra}
