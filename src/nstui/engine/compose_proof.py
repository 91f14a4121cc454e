"""Checks whether a container is as compose made it, and what compose would change.

Compose's hash covers the service alone. It does not cover the definitions of volumes,
networks, secrets and configs, nor the image that has the service's image name now, nor
the settings of the user who runs compose. These are compared with what the engine has.

The name, the limits and the restart policy of a container can be changed after it was
made. Compose does not notice that, and would create a container as the project says.
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from nstui.analysis.healing.recomposing import PERHAPS, image_change
from nstui.analysis.managers import DEPENDS_ON
from nstui.engine.compose_container import read_pairs
from nstui.engine.compose_model import JOIN_KEYS, SERVICE_PREFIX
from nstui.model.container import JOIN_PREFIX
from nstui.model.healing import Ground
from nstui.model.json import inner, items, mapping, number, text, texts
from nstui.model.namespace import NamespaceKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from datetime import datetime

    from nstui.engine.compose_container import ServiceContainers
    from nstui.engine.compose_model import ComposeModel
    from nstui.engine.compose_program import ProgramResult
    from nstui.model.container import Container
    from nstui.model.healing import ComposeJoin

    Ask = Callable[[tuple[str, ...], str], ProgramResult]
    """Runs compose for the project, with the given arguments. If the text is not empty,
    compose reads it as the project instead of the project's files.
    """


_HASH = re.compile(r"(?m)^(\S+) ([0-9a-f]{64})\s*$")
_PLACEHOLDER = {"image": "none"}
"""The definition of a service that represents a container."""

_PROXIES = ("all_proxy", "ftp_proxy", "http_proxy", "https_proxy", "no_proxy")

_NANO = 1_000_000_000

_INCLUDING_KEYS = ("include", "extends")
"""The keys that make compose read files which are not named in the labels."""

_VARIABLE = "$"
_JOINED_SUFFIX = ":true"
"""How compose v2 ends the entry of a joined service in the ``depends_on`` label."""


def has_same_hash(
    ask: Ask, model: ComposeModel, container: Container, raw: Mapping[str, object]
) -> bool:
    """Tell whether compose would create a container with the same configuration.

    The hash in the container's label is compared with that of ``config --hash``. In v2,
    the former includes the variables from ``env_file`` and the ids of the owners, and
    the latter does not. So v2 is given its own resolved project, which includes the
    variables, with the ids of the owners added.

    Args:
        ask: Runs compose.
        model: The project.
        container: The container that compose made.
        raw: The inspect of that container.

    """
    made = container.compose
    if made is None or not made.config_hash:
        return False
    question = ("config", "--hash", model.service)
    found = [(model.service, made.config_hash)]
    if model.is_v1:
        result = ask(question, "")
        return result.code == 0 and _HASH.findall(result.output) == found
    every = ("--profile", "*") if _has_profiles(model) else ()
    for document in _hashed_projects(model, container, raw):
        result = ask((*every, *question), json.dumps(document))
        if result.code == 0 and _HASH.findall(result.output) == found:
            return True
    return False


def _hashed_projects(
    model: ComposeModel, container: Container, raw: Mapping[str, object]
) -> Iterator[dict[str, object]]:
    """Yield the projects that compose may have hashed when it made a container.

    Before 2.29.3 compose hashed the dependencies of a service as well, except with
    ``--no-deps``.
    """
    services = dict(inner(model.document, "services"))
    service = dict(inner(services, model.service))
    references = {join.kind: join.reference for join in container.joins}
    for kind, key in JOIN_KEYS.items():
        if text(service, key).startswith(SERVICE_PREFIX) and kind in references:
            service[key] = JOIN_PREFIX + references[kind]
    lenders = texts(inner(raw, "HostConfig"), "VolumesFrom")
    if len(lenders) == len(items(service.get("volumes_from"))) > 0:
        service["volumes_from"] = list(lenders)
        services |= {lender.partition(":")[0]: _PLACEHOLDER for lender in lenders}
    bare = {key: value for key, value in service.items() if key != "depends_on"}
    for each in (service, bare):
        yield {**model.document, "services": {**services, model.service: each}}
        if each == bare:
            return


def _has_profiles(model: ComposeModel) -> bool:
    services = inner(model.document, "services")
    return any(mapping(service).get("profiles") for service in services.values())


def find_unhashed_changes(
    model: ComposeModel, present: ServiceContainers
) -> Iterator[str]:
    """Yield the changes that compose's hash does not cover, each in a few words."""
    if _without_algorithm(present.image_now) != _without_algorithm(
        text(present.container, "Image")
    ):
        yield image_change(model.image or present.image_name)
    yield from _secrets_and_configs(model, present)
    yield from _volumes(model, present)
    yield from _networks(model, present)
    yield from _proxies(model, present)


def _secrets_and_configs(
    model: ComposeModel, present: ServiceContainers
) -> Iterator[str]:
    """Compare secrets and configs; those made from files of the host are mounts."""
    mounts = present.mounts
    for file in model.service_files:
        word = f"{file.section.removesuffix('s')} {file.name}"
        if file.is_written and file.content is None:
            # The content is that of a variable, of which the value is unknown.
            yield f"{PERHAPS}{word}"
        elif file.is_written:
            if present.files.get(file.target) != file.content:
                yield word
        elif file.file and mounts.get(file.target) != ("bind", file.file):
            yield word


def _volumes(model: ComposeModel, present: ServiceContainers) -> Iterator[str]:
    """Compare the named volumes and their definitions."""
    mounts, defined = present.mounts, model.volumes
    for target, (kind, source) in model.mounts.items():
        if kind != "volume" or not source:
            continue
        said, there = defined.get(source, {}), present.volumes.get(source, {})
        is_other = not said.get("external") and _is_other_volume(said, there)
        if mounts.get(target) != (kind, source) or is_other:
            yield f"volume {target}"


def _is_other_volume(said: Mapping[str, object], there: Mapping[str, object]) -> bool:
    driver, options = (
        text(said, "driver") or "local",
        read_pairs(said.get("driver_opts")),
    )
    return (driver, options) != (
        text(there, "Driver"),
        read_pairs(there.get("Options")),
    )


def _networks(model: ComposeModel, present: ServiceContainers) -> Iterator[str]:
    for name, said in model.networks.items():
        there = present.networks.get(name, {})
        is_other = not said.get("external") and _is_other_network(said, there)
        if name not in present.attached or is_other:
            yield f"network {name}"
    if not text(model.config, "network_mode"):
        for name in sorted(present.attached - model.networks.keys()):
            yield f"network {name}"


def _is_other_network(said: Mapping[str, object], there: Mapping[str, object]) -> bool:
    """Tell whether a network differs in one of the settings in its definition."""
    driver = text(said, "driver") or text(there, "Driver")
    is_internal = said.get("internal") is True
    wanted = read_pairs(said.get("driver_opts")).items()
    subnets = _subnets(said.get("ipam"), "config", "subnet")
    return (
        not there
        or driver != text(there, "Driver")
        or is_internal != (there.get("Internal") is True)
        or not wanted <= read_pairs(there.get("Options")).items()
        or not subnets <= _subnets(there.get("IPAM"), "Config", "Subnet")
    )


def _subnets(said: object, key: str, name: str) -> frozenset[str]:
    entries = map(mapping, items(mapping(said).get(key)))
    return frozenset(subnet for one in entries if (subnet := text(one, name)))


def _proxies(model: ComposeModel, present: ServiceContainers) -> Iterator[str]:
    """Compare the variables that come from the docker command's proxy settings."""
    wanted = {
        **read_pairs(present.of_image.get("Env")),
        **present.proxies,
        **read_pairs(model.config.get("environment")),
    }
    there = present.variables
    for name in sorted(wanted.keys() | there.keys()):
        if name.lower() in _PROXIES and wanted.get(name) != there.get(name):
            yield f"environment {name}"


def _without_algorithm(image: str) -> str:
    """Return an image id without the ``sha256:`` that Podman leaves out."""
    return image.removeprefix("sha256:")


def find_manual_changes(
    model: ComposeModel, present: ServiceContainers
) -> Iterator[str]:
    """Yield the changes to a container since its creation, each in a few words."""
    if not _is_named(model, text(present.container, "Name").lstrip("/")):
        yield "name"
    said, host = model.config, present.host
    if said.get("deploy"):
        # It can set the same limits in another form.
        return
    policy = text(inner(host, "RestartPolicy"), "Name")
    if _policy(text(said, "restart")) != _policy(policy):
        yield "restart"
    memory = _bytes(said.get("mem_limit"))
    if memory is not None and memory != (number(host, "Memory") or 0):
        yield "mem_limit"
    cpus, nano = said.get("cpus", 0), number(host, "NanoCpus") or 0
    if isinstance(cpus, int | float) and round(cpus * _NANO) != nano:
        yield "cpus"


def _is_named(model: ComposeModel, name: str) -> bool:
    """Tell whether a name is one that compose gives; v2 can be told to use v1's."""
    if own := text(model.config, "container_name"):
        return name == own
    separator = "_" if model.is_v1 else "[-_]"
    parts = (re.escape(model.project), re.escape(model.service), r"\d+")
    return re.fullmatch(separator.join(parts), name) is not None


def _policy(word: str) -> str:
    """Return a restart policy without its count; empty for ``no``."""
    name = word.partition(":")[0]
    return "" if name == "no" else name


def _bytes(said: object) -> int | None:
    """Return a limit in bytes; 0 if there is none, None if it has a unit."""
    if said is None:
        return 0
    if isinstance(said, str) and said.isdecimal():
        return int(said)
    return said if isinstance(said, int) else None


def with_grounds(
    model: ComposeModel,
    uninterpolated: ComposeModel | None,
    container: Container,
    raw: Mapping[str, object],
    *,
    has_same_hash: bool,
) -> tuple[ComposeJoin, ...]:
    """Return the joins of a service, each with what proves that it has not changed.

    The hash of compose v1 covers the name of the service with the joined network. That
    of v2 covers the container's id in its place, which tells nothing about the name of
    the service. For a joined container that is no service, it covers the name.

    Args:
        model: The project as it is now.
        uninterpolated: The project with the names of variables in place of their
            values; None if the files have changed since the container was made.
        container: The container that has lost its owner.
        raw: The inspect of that container.
        has_same_hash: Whether compose's hash of the service is that of the container.

    """
    if uninterpolated is not None and _is_literal(model, uninterpolated):
        return tuple(
            replace(join, called=_container_name(uninterpolated, join.service))
            for join in model.joins
        )
    return tuple(
        replace(join, ground=_ground(model, join, container, raw, has_same_hash))
        for join in model.joins
    )


def _ground(
    model: ComposeModel,
    join: ComposeJoin,
    container: Container,
    raw: Mapping[str, object],
    has_same_hash: bool,  # noqa: FBT001 - named in the only call
) -> Ground:
    if model.is_v1:
        tells = has_same_hash and join.kind is NamespaceKind.NET
        return Ground.AS_MADE if tells else Ground.TODAY
    if not join.service:
        return Ground.AS_MADE if has_same_hash else Ground.TODAY
    needed = set() if container.compose is None else {*container.compose.depends_on}
    if needed == {join.service} and (has_same_hash or _is_joined(raw)):
        return Ground.AS_MADE
    is_needed = has_same_hash and join.service in needed
    return Ground.NEEDED if is_needed else Ground.TODAY


def _is_joined(raw: Mapping[str, object]) -> bool:
    """Tell whether a container joined the service in its ``depends_on`` label."""
    labels = inner(inner(raw, "Config"), "Labels")
    return text(labels, DEPENDS_ON).endswith(_JOINED_SUFFIX)


def _is_literal(model: ComposeModel, uninterpolated: ComposeModel) -> bool:
    """Tell whether the joins of a service contain no variables."""
    said = [join.service or join.container for join in uninterpolated.joins]
    return uninterpolated.joins == model.joins and not any(
        _VARIABLE in name for name in said
    )


def _container_name(uninterpolated: ComposeModel, service: str) -> str | None:
    """Return the ``container_name`` of a service; None if it depends on a variable."""
    services = inner(uninterpolated.document, "services")
    if service not in services:
        return None
    name = text(mapping(services[service]), "container_name")
    return None if _VARIABLE in name else name


def are_older(paths: Iterable[str], moment: datetime | None) -> bool:
    """Tell whether files, and all that they lead to, are unchanged since a moment.

    This uses the ctime (inode(7)), which is also updated when a file is renamed or
    linked, and which cannot be set by a program. A file that includes others is never
    regarded as unchanged.
    """
    if moment is None:
        return False
    try:
        return all(_is_older(path, moment.timestamp()) for path in paths)
    except OSError:
        return False


def _is_older(path: str, moment: float) -> bool:
    times = [status.st_ctime for status in _statuses(path)]
    with open(path, encoding="utf-8", errors="replace") as file:  # noqa: PTH123 - a string
        said = file.read()
    return max(times) < moment and not any(word in said for word in _INCLUDING_KEYS)


def _statuses(path: str) -> Iterator[os.stat_result]:
    """Yield the status of the file at a path, and of all links on the way to it."""
    yield os.stat(path)  # noqa: PTH116 - a string
    while path not in {"", "/"}:
        if os.path.islink(path):  # noqa: PTH114 - a string
            yield os.lstat(path)
            target = os.readlink(path)  # noqa: PTH115 - a string
            yield from _statuses(
                os.path.normpath(os.path.join(os.path.dirname(path), target))  # noqa: PTH118, PTH120
            )
        path = os.path.dirname(path)  # noqa: PTH120 - a string
