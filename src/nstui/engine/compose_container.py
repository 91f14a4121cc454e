"""Compares the container of a compose service with the service's definition.

Only settings that have the same form on both sides are compared, so that no change is
reported that compose would not make.
"""

from __future__ import annotations

import json
import posixpath
import shlex
from dataclasses import field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from nstui.analysis.healing.recomposing import PERHAPS
from nstui.errors import EngineRefused
from nstui.model.frozen import dataclass
from nstui.model.json import inner, mapping, objects, strings, text, texts, texts_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from nstui.engine.client import ApiClient
    from nstui.engine.compose_model import ComposeModel
    from nstui.model.container import ContainerId


_PROXIES = {
    "allProxy": "ALL_PROXY",
    "ftpProxy": "FTP_PROXY",
    "httpProxy": "HTTP_PROXY",
    "httpsProxy": "HTTPS_PROXY",
    "noProxy": "NO_PROXY",
}
"""The names of the proxy variables, by their keys in the docker command's settings."""

UNKNOWN_CHANGE = f"{PERHAPS}something (its hash of the service is another)"
UNKNOWN_BY_VERSION = f"{PERHAPS}something (it is version {{}}, and {{}} made this one)"

_OF_COMPOSE = "com.docker.compose."
_VERSION = f"{_OF_COMPOSE}version"
_OF_TOOLS = (_OF_COMPOSE, "nstui.")

_V1_VARIABLE = "affinity:container"
"""An environment variable that compose v1 adds when it recreates a container."""

_STRINGS = (
    ("user", "User"),
    ("working_dir", "WorkingDir"),
    ("stop_signal", "StopSignal"),
)
_BOOLEANS = (("privileged", "Privileged"), ("read_only", "ReadonlyRootfs"))
_LISTS = (("cap_add", "CapAdd"), ("cap_drop", "CapDrop"))
_WITH_SOURCE = ("bind", "volume")
_USUAL_SIGNAL = "SIGTERM"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceContainers:
    """The container of a service, with all that the engine has for it."""

    container: Mapping[str, object]
    """The inspect of the container."""

    image: Mapping[str, object] = field(default_factory=dict)
    """The inspect of the image that it was made from; empty if that is gone."""

    image_now: str = ""
    """The id of the image that has its image's name now; empty if there is none."""

    volumes: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    """The inspects of the project's volumes for it, by name; empty if missing."""

    networks: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    """The inspects of the project's networks for it, by name; empty if missing."""

    files: Mapping[str, str] = field(default_factory=dict)
    """The content in the container of the files that the project contains, by path."""

    proxies: Mapping[str, str] = field(default_factory=dict)
    """The proxy variables that compose gives to every container, see `read_proxies`."""

    @property
    def config(self) -> Mapping[str, object]:
        """The container's ``Config``."""
        return inner(self.container, "Config")

    @property
    def host(self) -> Mapping[str, object]:
        """The container's ``HostConfig``."""
        return inner(self.container, "HostConfig")

    @property
    def of_image(self) -> Mapping[str, object]:
        """The ``Config`` of the image, with the defaults for the container."""
        return inner(self.image, "Config")

    @property
    def image_name(self) -> str:
        """The name of the image when the container was created."""
        return text(self.config, "Image")

    @property
    def labels(self) -> Mapping[str, str]:
        """All labels of the container, including those of its image."""
        return strings(self.config.get("Labels"))

    @property
    def variables(self) -> Mapping[str, str]:
        """The environment of the container."""
        return assignments(self.config.get("Env"))

    @property
    def mounts(self) -> Mapping[str, tuple[str, str]]:
        """The type and source of each mount, by target."""
        return dict(self._mounts())

    @property
    def attached(self) -> frozenset[str]:
        """The names of the networks of the container."""
        settings = inner(self.container, "NetworkSettings")
        return frozenset(inner(settings, "Networks"))

    def _mounts(self) -> Iterator[tuple[str, tuple[str, str]]]:
        for mount in objects(self.container, "Mounts"):
            kind = text(mount, "Type")
            source = text(mount, "Name" if kind == "volume" else "Source")
            yield text(mount, "Destination"), (kind, source)


def read_service_containers(
    connection: ApiClient,
    container: ContainerId,
    model: ComposeModel,
    proxies: Mapping[str, str],
) -> ServiceContainers:
    """Read a service's container, and all that is compared with the project.

    Raises:
        ContainerVanished: the container no longer exists.
        EngineUnreachable: the engine does not answer, or not in time.

    """
    raw = connection.inspect(container)
    name = model.image or text(inner(raw, "Config"), "Image")
    return ServiceContainers(
        container=raw,
        image=_image(connection, text(raw, "Image")),
        image_now=text(_image(connection, name), "Id"),
        volumes={n: _inspect(connection, "volumes", n) for n in model.volumes},
        networks={n: _inspect(connection, "networks", n) for n in model.networks},
        files=dict(_files(connection, container, model)),
        proxies=proxies,
    )


def _files(
    connection: ApiClient, container: ContainerId, model: ComposeModel
) -> Iterator[tuple[str, str]]:
    from nstui.engine.files import read_file  # noqa: PLC0415

    for file in model.service_files:
        if file.content is None:
            continue
        try:
            content = read_file(connection, container, file.target)
        except EngineRefused:
            continue
        if content is not None:
            yield file.target, content.decode(errors="replace")


def _image(connection: ApiClient, name: str) -> Mapping[str, object]:
    try:
        return connection.image(name) if name else {}
    except EngineRefused:
        return {}


def _inspect(connection: ApiClient, kind: str, name: str) -> Mapping[str, object]:
    try:
        return mapping(connection.ask(f"{kind}/{quote(name, safe='')}"))
    except EngineRefused:
        return {}


def read_proxies(environ: Mapping[str, str]) -> Mapping[str, str]:
    """Return the proxy variables for containers in the docker command's settings."""
    folder = environ.get("DOCKER_CONFIG") or f"{environ.get('HOME', '')}/.docker"
    try:
        said: object = json.loads(Path(folder, "config.json").read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    every = mapping(mapping(said).get("proxies"))
    host = environ.get("DOCKER_HOST", "")
    chosen = inner(every, host) or inner(every, "default")
    found = {_PROXIES[k]: v for k, v in strings(chosen).items() if k in _PROXIES}
    return found | {name.lower(): value for name, value in found.items()}


def assignments(said: object) -> Mapping[str, str]:
    """Return the values of a list of ``name=value``, by name."""
    parts = (entry.partition("=") for entry in texts_in(said))
    return {name: value for name, _, value in parts if name}


def read_pairs(said: object) -> Mapping[str, str]:
    """Return the values of a mapping or of a list of ``name=value``, by name.

    Null values are left out, and a boolean becomes ``true`` or ``false``.
    """
    if isinstance(said, list | tuple):
        return assignments(said)
    return {
        name: _scalar_text(value)
        for name, value in mapping(said).items()
        if value is not None
    }


def _scalar_text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def find_hashed_changes(
    model: ComposeModel, present: ServiceContainers
) -> tuple[str, ...]:
    """Return the changes that can be named, each in a few words."""
    return (
        *_image_name(model, present),
        *_commands(model, present),
        *_variables(model, present),
        *_mounts(model, present),
        *_labels(model, present),
        *_settings(model, present),
        *(f"variable {name} (it is not set here)" for name in model.unset),
    )


def unnamed_change_text(present: ServiceContainers, version: str) -> str:
    """Return the text for a change that cannot be named, with its probable cause.

    Args:
        present: The container.
        version: The version of compose that would recreate it.

    """
    made_by = present.labels.get(_VERSION, "")
    if version and made_by and made_by.partition("-")[0].removeprefix("v") != version:
        return UNKNOWN_BY_VERSION.format(version, made_by)
    return UNKNOWN_CHANGE


def _image_name(model: ComposeModel, present: ServiceContainers) -> Iterator[str]:
    if model.image and model.image != present.image_name:
        yield f"image {model.image}"


def _commands(model: ComposeModel, present: ServiceContainers) -> Iterator[str]:
    """Compare the commands; an own entrypoint overrides the image's command too."""
    has_own_entrypoint = model.config.get("entrypoint") is not None
    for key, name in (("entrypoint", "Entrypoint"), ("command", "Cmd")):
        said = model.config.get(key)
        of_image = () if has_own_entrypoint else texts(present.of_image, name)
        wanted = of_image if said is None else _split_words(said)
        if wanted is not None and wanted != texts(present.config, name):
            yield key


def _split_words(said: object) -> tuple[str, ...] | None:
    """Return the words of a command; None if it is not valid shell syntax."""
    if not isinstance(said, str):
        return texts_in(said)
    try:
        return tuple(shlex.split(said))
    except ValueError:
        return None


def _variables(model: ComposeModel, present: ServiceContainers) -> Iterator[str]:
    wanted = {
        **assignments(present.of_image.get("Env")),
        **present.proxies,
        **read_pairs(model.config.get("environment")),
    }
    for name in _differing(wanted, present.variables):
        if name != _V1_VARIABLE:
            yield f"environment {name}"


def _mounts(model: ComposeModel, present: ServiceContainers) -> Iterator[str]:
    said, there = model.mounts, present.mounts
    for target, (kind, source) in sorted(said.items()):
        found_kind, found = there.get(target, ("", ""))
        is_elsewhere = kind in _WITH_SOURCE and source not in {"", found}
        if kind != found_kind or is_elsewhere:
            yield f"volume {target}"
    others = {file.target for file in model.service_files}
    others |= {posixpath.normpath(p) for p in inner(present.of_image, "Volumes")}
    if not present.host.get("VolumesFrom"):
        for target in sorted(there.keys() - said.keys() - others):
            yield f"volume {target}"


def _labels(model: ComposeModel, present: ServiceContainers) -> Iterator[str]:
    of_image = strings(present.of_image.get("Labels"))
    wanted = {**of_image, **read_pairs(model.config.get("labels"))}
    for name in _differing(wanted, present.labels):
        if not name.startswith(_OF_TOOLS):
            yield f"label {name}"


def _settings(model: ComposeModel, present: ServiceContainers) -> Iterator[str]:
    said, config, host = model.config, present.config, present.host
    for key, name in _STRINGS:
        wanted = text(said, key) or text(present.of_image, name)
        if _without_default(wanted) != _without_default(text(config, name)):
            yield key
    for key, name in _BOOLEANS:
        if (said.get(key) is True) != (host.get(name) is True):
            yield key
    for key, name in _LISTS:
        if _capabilities(said.get(key)) != _capabilities(host.get(name)):
            yield key


def _without_default(word: str) -> str:
    return "" if word == _USUAL_SIGNAL else word


def _capabilities(said: object) -> frozenset[str]:
    return frozenset(word.upper().removeprefix("CAP_") for word in texts_in(said))


def _differing(wanted: Mapping[str, str], there: Mapping[str, str]) -> Iterator[str]:
    names = sorted(wanted.keys() | there.keys())
    return (name for name in names if wanted.get(name) != there.get(name))
