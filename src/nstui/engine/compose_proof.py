"""What compose's answer of today proves, and what it would make differently.

The hash is of the service alone. It does not cover what a project says elsewhere of a
volume, a network, a secret or a config, nor which image has the service's name now, nor
the settings of whoever runs compose. That is compared with what the engine has.

The name, the limits and the restart policy of a container can be changed after it was
made. Compose does not notice that, and would make one as its project says.
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from nstui.analysis.healing.recomposing import PERHAPS
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
    from nstui.engine.compose_model import Model
    from nstui.engine.compose_program import Ended
    from nstui.model.container import Container
    from nstui.model.healing import ComposeJoin

    Ask = Callable[[tuple[str, ...], str], Ended]
    """Runs compose with some words after those that name the project.
    With a text it is asked about the project that this is, instead of its files.
    """


_HASH = re.compile(r"(?m)^(\S+) ([0-9a-f]{64})\s*$")
_ANYTHING = {"image": "none"}
"""A service that stands for a container."""

_PROXIES = ("all_proxy", "ftp_proxy", "http_proxy", "https_proxy", "no_proxy")

_NANO = 1_000_000_000

_ELSEWHERE = ("include", "extends")
"""Words of a project that lead to files of which its labels say nothing."""

_VARIABLE = "$"
_RESTARTS_TOO = ":true"
"""The end of a dependency that compose v2 writes down for one who is joined."""


def is_as_made(
    ask: Ask, model: Model, container: Container, raw: Mapping[str, object]
) -> bool:
    """Tell whether compose would make a container of the same configuration.

    Compose v1 says the hash that it counts with. V2 does not: it counts with what the
    files of variables say and with the ids of the owners, and says one without. So it
    is given what it says of the project itself, which has the former, with the latter.

    Args:
        ask: Asks compose.
        model: The project.
        container: What compose made.
        raw: Its inspect.

    """
    made = container.compose
    if made is None or not made.config_hash:
        return False
    question = ("config", "--hash", model.service)
    found = [(model.service, made.config_hash)]
    if model.is_v1:
        ended = ask(question, "")
        return ended.code == 0 and _HASH.findall(ended.output) == found
    every = ("--profile", "*") if _has_profiles(model) else ()
    for document in _as_counted(model, container, raw):
        ended = ask((*every, *question), json.dumps(document))
        if ended.code == 0 and _HASH.findall(ended.output) == found:
            return True
    return False


def _as_counted(
    model: Model, container: Container, raw: Mapping[str, object]
) -> Iterator[dict[str, object]]:
    """Yield the project as compose counts it, in each way in which it does.

    Before 2.29.3 it counts what a service depends on, but only if it was not told to
    leave dependencies alone.
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
        services |= {lender.partition(":")[0]: _ANYTHING for lender in lenders}
    bare = {key: value for key, value in service.items() if key != "depends_on"}
    for each in (service, bare):
        yield {**model.document, "services": {**services, model.service: each}}
        if each == bare:
            return


def _has_profiles(model: Model) -> bool:
    services = inner(model.document, "services")
    return any(mapping(service).get("profiles") for service in services.values())


def find_unhashed(model: Model, present: ServiceContainers) -> Iterator[str]:
    """Yield what would be another, each in a few words."""
    if _bare(present.image_now) != _bare(text(present.container, "Image")):
        name = model.image or present.image_name
        yield f"image {name} (another one has that name now)"
    yield from _given(model, present)
    yield from _volumes(model, present)
    yield from _networks(model, present)
    yield from _proxies(model, present)


def _given(model: Model, present: ServiceContainers) -> Iterator[str]:
    """Compare secrets and configs: those that are files of the host are mounted."""
    mounts = present.mounts
    for given in model.given:
        word = f"{given.section.removesuffix('s')} {given.name}"
        if given.is_written and given.content is None:
            # It is in a variable, which may be set anywhere.
            yield f"{PERHAPS}{word}"
        elif given.is_written:
            if present.files.get(given.target) != given.content:
                yield word
        elif given.file and mounts.get(given.target) != ("bind", given.file):
            yield word


def _volumes(model: Model, present: ServiceContainers) -> Iterator[str]:
    """Compare volumes that have a name, and what the project says of each."""
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


def _networks(model: Model, present: ServiceContainers) -> Iterator[str]:
    for name, said in model.networks.items():
        there = present.networks.get(name, {})
        is_other = not said.get("external") and _is_other_network(said, there)
        if name not in present.attached or is_other:
            yield f"network {name}"
    if not text(model.config, "network_mode"):
        for name in sorted(present.attached - model.networks.keys()):
            yield f"network {name}"


def _is_other_network(said: Mapping[str, object], there: Mapping[str, object]) -> bool:
    """Tell whether a network is not as a project says; the engine fills in the rest."""
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


def _proxies(model: Model, present: ServiceContainers) -> Iterator[str]:
    """Compare the variables that come from the settings of the docker command."""
    wanted = {
        **read_pairs(present.of_image.get("Env")),
        **present.proxies,
        **read_pairs(model.config.get("environment")),
    }
    there = present.variables
    for name in sorted(wanted.keys() | there.keys()):
        if name.lower() in _PROXIES and wanted.get(name) != there.get(name):
            yield f"environment {name}"


def _bare(image: str) -> str:
    """Return an image's id as Podman writes it: without the name of its algorithm."""
    return image.removeprefix("sha256:")


def find_adjusted(model: Model, present: ServiceContainers) -> Iterator[str]:
    """Yield what would be as the project says again, each in a few words."""
    if not _is_named(model, text(present.container, "Name").lstrip("/")):
        yield "name"
    said, host = model.config, present.host
    if said.get("deploy"):
        # It can say the same in another way.
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


def _is_named(model: Model, name: str) -> bool:
    """Tell whether a name is one that compose gives; v2 may give that of v1."""
    if own := text(model.config, "container_name"):
        return name == own
    separator = "_" if model.is_v1 else "[-_]"
    parts = (re.escape(model.project), re.escape(model.service), r"\d+")
    return re.fullmatch(separator.join(parts), name) is not None


def _policy(word: str) -> str:
    """Return a restart policy without its count; one that says no is none."""
    name = word.partition(":")[0]
    return "" if name == "no" else name


def _bytes(said: object) -> int | None:
    """Return a limit in bytes; None if it is said in another unit."""
    if said is None:
        return 0
    if isinstance(said, str) and said.isdecimal():
        return int(said)
    return said if isinstance(said, int) else None


def with_grounds(
    model: Model,
    unread: Model | None,
    container: Container,
    raw: Mapping[str, object],
    *,
    is_as_made: bool,
) -> tuple[ComposeJoin, ...]:
    """Return what a service joins, each with what proves that it always did.

    Compose v1 counts the name of the service whose network is joined. V2 counts the id
    of an owner that is a service, which is the same for each service that it could be,
    and the name of one that is not.

    Args:
        model: The project as it is now.
        unread: The same with the names of variables instead of their values, if its
            files are as they were when the container was made; otherwise None.
        container: Who has lost an owner.
        raw: Its inspect.
        is_as_made: Whether compose's hash of the service is the container's.

    """
    if unread is not None and _is_literal(model, unread):
        return tuple(
            replace(join, called=_called(unread, join.service)) for join in model.joins
        )
    return tuple(
        replace(join, ground=_ground(model, join, container, raw, is_as_made))
        for join in model.joins
    )


def _ground(
    model: Model,
    join: ComposeJoin,
    container: Container,
    raw: Mapping[str, object],
    is_as_made: bool,  # noqa: FBT001 - named in the only call
) -> Ground:
    if model.is_v1:
        tells = is_as_made and join.kind is NamespaceKind.NET
        return Ground.AS_MADE if tells else Ground.TODAY
    if not join.service:
        return Ground.AS_MADE if is_as_made else Ground.TODAY
    needed = set() if container.compose is None else {*container.compose.depends_on}
    if needed == {join.service} and (is_as_made or _is_joined(raw)):
        return Ground.AS_MADE
    is_needed = is_as_made and join.service in needed
    return Ground.NEEDED if is_needed else Ground.TODAY


def _is_joined(raw: Mapping[str, object]) -> bool:
    """Tell whether what a container depends on is what it joined, by its label."""
    labels = inner(inner(raw, "Config"), "Labels")
    return text(labels, DEPENDS_ON).endswith(_RESTARTS_TOO)


def _is_literal(model: Model, unread: Model) -> bool:
    """Tell whether no variable decides what a service joins."""
    said = [join.service or join.container for join in unread.joins]
    return unread.joins == model.joins and not any(_VARIABLE in name for name in said)


def _called(unread: Model, service: str) -> str | None:
    """Return the name that a project gives the container of another service of it."""
    services = inner(unread.document, "services")
    if service not in services:
        return None
    name = text(mapping(services[service]), "container_name")
    return None if _VARIABLE in name else name


def are_older(paths: Iterable[str], moment: datetime | None) -> bool:
    """Tell whether files are as they were at a moment, for all that they say.

    The time of the last change of a file is that of its name and its links too, and
    nobody can put it back.
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
    return max(times) < moment and not any(word in said for word in _ELSEWHERE)


def _statuses(path: str) -> Iterator[os.stat_result]:
    """Yield what there is at a path, and the links on the way there."""
    yield os.stat(path)  # noqa: PTH116 - a string
    while path not in {"", "/"}:
        if os.path.islink(path):  # noqa: PTH114 - a string
            yield os.lstat(path)
            target = os.readlink(path)  # noqa: PTH115 - a string
            yield from _statuses(
                os.path.normpath(os.path.join(os.path.dirname(path), target))  # noqa: PTH118, PTH120
            )
        path = os.path.dirname(path)  # noqa: PTH120 - a string
