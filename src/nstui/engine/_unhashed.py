"""What compose would change of a container without its hash of the service telling.

The hash is of the service alone. It does not cover what a project says elsewhere of a
volume, a network, a secret or a config, nor which image has the service's name now, nor
the settings of whoever runs compose. That is compared with what the engine has.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.analysis.recomposing import PERHAPS
from nstui.engine._json import items, mapping, text
from nstui.engine._present import pairs

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from nstui.engine._compose_model import Model
    from nstui.engine._present import Present

_PROXIES = ("all_proxy", "ftp_proxy", "http_proxy", "https_proxy", "no_proxy")


def find_unhashed(model: Model, present: Present) -> Iterator[str]:
    """Yield what would be another, each in a few words."""
    if _bare(present.image_now) != _bare(text(present.container, "Image")):
        name = model.image or present.image_name
        yield f"image {name} (another one has that name now)"
    yield from _given(model, present)
    yield from _volumes(model, present)
    yield from _networks(model, present)
    yield from _proxies(model, present)


def _given(model: Model, present: Present) -> Iterator[str]:
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


def _volumes(model: Model, present: Present) -> Iterator[str]:
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
    driver, options = text(said, "driver") or "local", pairs(said.get("driver_opts"))
    return (driver, options) != (text(there, "Driver"), pairs(there.get("Options")))


def _networks(model: Model, present: Present) -> Iterator[str]:
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
    wanted = pairs(said.get("driver_opts")).items()
    subnets = _subnets(said.get("ipam"), "config", "subnet")
    return (
        not there
        or driver != text(there, "Driver")
        or is_internal != (there.get("Internal") is True)
        or not wanted <= pairs(there.get("Options")).items()
        or not subnets <= _subnets(there.get("IPAM"), "Config", "Subnet")
    )


def _subnets(said: object, key: str, name: str) -> frozenset[str]:
    entries = map(mapping, items(mapping(said).get(key)))
    return frozenset(subnet for one in entries if (subnet := text(one, name)))


def _proxies(model: Model, present: Present) -> Iterator[str]:
    """Compare the variables that come from the settings of the docker command."""
    wanted = {
        **pairs(present.of_image.get("Env")),
        **present.proxies,
        **pairs(model.config.get("environment")),
    }
    there = present.variables
    for name in sorted(wanted.keys() | there.keys()):
        if name.lower() in _PROXIES and wanted.get(name) != there.get(name):
            yield f"environment {name}"


def _bare(image: str) -> str:
    """Return an image's id as Podman writes it: without the name of its algorithm."""
    return image.removeprefix("sha256:")
