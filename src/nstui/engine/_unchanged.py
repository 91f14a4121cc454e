"""Whether compose would make a container again as it made it."""

from __future__ import annotations

import json
import re
import tempfile
from typing import TYPE_CHECKING

from nstui.engine._json import items, mapping, text
from nstui.model.container import JOIN_PREFIX
from nstui.model.healing import ComposeJoin
from nstui.model.namespace import NamespaceKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from nstui.engine._command import Ended
    from nstui.model.container import Container

    Ask = Callable[[tuple[str, ...]], Ended]
    """Runs compose with some words after those that name the project."""

CHANGED = "its hash of the project is not that of the container"
NOT_HASHED = "it uses {}, which the hash does not cover"

_HASH = re.compile(r"(?m)^(\S+) ([0-9a-f]{64})\s*$")
_SECRETS_OF_V1 = re.compile(r"(?m)^(secrets|configs):")
_JOIN_KEYS = {
    NamespaceKind.NET: "network_mode",
    NamespaceKind.PID: "pid",
    NamespaceKind.IPC: "ipc",
}
_SERVICE_PREFIX = "service:"


def why_changed(
    ask: Ask, container: Container, volumes: frozenset[str], *, is_v1: bool
) -> str:
    """Return why compose would not make a container as it was; "" if it would.

    Compose's hash is of the service alone. What a project says elsewhere of a volume,
    a network or a secret is compared with what the container has, or not believed.

    Args:
        ask: Asks compose.
        container: What compose made.
        volumes: The names of the volumes that it has.
        is_v1: Whether it is compose v1 that is asked.

    """
    ended = ask(("config",) if is_v1 else ("config", "--format", "json"))
    if ended.code != 0:
        return CHANGED
    config = {} if is_v1 else parsed_config(ended.output)
    name = "" if container.compose is None else container.compose.service
    service = mapping(mapping(config.get("services")).get(name))
    uncovered = (
        (bool(_SECRETS_OF_V1.search(ended.output)) and is_v1, "secrets or configs"),
        (bool(service.get("secrets")), "secrets"),
        (bool(service.get("configs")), "configs"),
        (not _volumes(config, service) <= volumes, "another volume"),
        (not _networks(config, service) <= {*container.networks}, "another network"),
    )
    for is_so, what in uncovered:
        if is_so:
            return NOT_HASHED.format(what)
    return "" if _is_as_made(ask, service, container) else CHANGED


def resolved_joins(
    config: Mapping[str, object], service: str
) -> tuple[ComposeJoin, ...]:
    """Return what a service joins, by what ``compose config`` says of the project."""
    subject = mapping(mapping(config.get("services")).get(service))
    found = []
    for kind, key in _JOIN_KEYS.items():
        value = text(subject, key)
        if value.startswith(_SERVICE_PREFIX):
            named = value.removeprefix(_SERVICE_PREFIX)
            found.append(ComposeJoin(kind=kind, service=named))
        elif value.startswith(JOIN_PREFIX):
            named = value.removeprefix(JOIN_PREFIX)
            found.append(ComposeJoin(kind=kind, container=named))
    return tuple(found)


def _is_as_made(ask: Ask, service: Mapping[str, object], container: Container) -> bool:
    """Tell whether the hash is the same, with the owners that the container has.

    Compose v2 takes it when it knows the ids of the owners; asked for it, it does not.
    """
    joins = dict(_joins(service, container))
    if not joins:
        return _is_hash(ask, (), container)
    override: dict[str, object] = {**joins}
    if service.get("depends_on"):
        # What follows from a join is dropped with it, and some versions count it.
        override["depends_on"] = service["depends_on"]
    name = "" if container.compose is None else container.compose.service
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump({"services": {name: override}}, file)
        file.flush()
        return _is_hash(ask, ("-f", file.name), container)


def _is_hash(ask: Ask, more: tuple[str, ...], container: Container) -> bool:
    made = container.compose
    if made is None:
        return False
    ended = ask((*more, "config", "--hash", made.service))
    found = _HASH.findall(ended.output)
    return ended.code == 0 and found == [(made.service, made.config_hash)]


def _joins(
    service: Mapping[str, object], container: Container
) -> Iterator[tuple[str, str]]:
    references = {join.kind: join.reference for join in container.joins}
    for kind, key in _JOIN_KEYS.items():
        if text(service, key).startswith(_SERVICE_PREFIX) and kind in references:
            yield key, JOIN_PREFIX + references[kind]


def _volumes(
    config: Mapping[str, object], service: Mapping[str, object]
) -> frozenset[str]:
    """Return the names of the volumes that a service would get."""
    defined = mapping(config.get("volumes"))
    used = (mapping(mount) for mount in items(service.get("volumes")))
    sources = (text(m, "source") for m in used if text(m, "type") == "volume")
    return frozenset(text(mapping(defined.get(s)), "name") for s in sources if s)


def _networks(
    config: Mapping[str, object], service: Mapping[str, object]
) -> frozenset[str]:
    """Return the names of the networks that a service would get."""
    if text(service, "network_mode"):
        return frozenset()
    defined = mapping(config.get("networks"))
    used = mapping(service.get("networks"))
    return frozenset(text(mapping(defined.get(key)), "name") for key in used)


def parsed_config(answer: str) -> Mapping[str, object]:
    """Return what ``compose config --format json`` says; nothing if it is no JSON."""
    try:
        return mapping(json.loads(answer))
    except (ValueError, RecursionError):
        return {}
