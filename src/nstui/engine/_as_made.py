"""Whether compose's own hash of a service is that on the container it made."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from nstui.engine._compose_model import JOIN_KEYS, SERVICE_PREFIX
from nstui.engine._json import items, mapping, text, texts
from nstui.model.container import JOIN_PREFIX

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from nstui.engine._command import Ended
    from nstui.engine._compose_model import Model
    from nstui.model.container import Container

    Ask = Callable[[tuple[str, ...], str], Ended]
    """Runs compose with some words after those that name the project.

    With a text it is asked about the project that this is, instead of its files.
    """

_HASH = re.compile(r"(?m)^(\S+) ([0-9a-f]{64})\s*$")
_ANYTHING = {"image": "none"}
"""A service that stands for a container."""


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
    services = dict(mapping(model.document.get("services")))
    service = dict(mapping(services.get(model.service)))
    references = {join.kind: join.reference for join in container.joins}
    for kind, key in JOIN_KEYS.items():
        if text(service, key).startswith(SERVICE_PREFIX) and kind in references:
            service[key] = JOIN_PREFIX + references[kind]
    lenders = texts(mapping(raw.get("HostConfig")).get("VolumesFrom"))
    if len(lenders) == len(items(service.get("volumes_from"))) > 0:
        service["volumes_from"] = list(lenders)
        services |= {lender.partition(":")[0]: _ANYTHING for lender in lenders}
    bare = {key: value for key, value in service.items() if key != "depends_on"}
    for each in (service, bare):
        yield {**model.document, "services": {**services, model.service: each}}
        if each == bare:
            return


def _has_profiles(model: Model) -> bool:
    services = mapping(model.document.get("services"))
    return any(mapping(service).get("profiles") for service in services.values())
