"""What an engine has of a service: its container, and what that is made of."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from nstui.engine._json import items, mapping, strings, text, texts
from nstui.errors import EngineRefused

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from nstui.engine._compose_model import Model
    from nstui.engine._connection import Connection
    from nstui.model.container import ContainerId

_PROXIES = {
    "allProxy": "ALL_PROXY",
    "ftpProxy": "FTP_PROXY",
    "httpProxy": "HTTP_PROXY",
    "httpsProxy": "HTTPS_PROXY",
    "noProxy": "NO_PROXY",
}
"""What the docker command's settings call them, and what containers do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Present:
    """What there is of one service."""

    container: Mapping[str, object]
    """An inspect of its container."""

    image: Mapping[str, object] = field(default_factory=dict)
    """An inspect of the image that it was made from; empty if that is gone."""

    image_now: str = ""
    """The id of the image that has its image's name now; empty if there is none."""

    volumes: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    """The volumes that the project says it has, by name; empty for one that is not
    there."""

    networks: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    """The networks that the project says it is on, in the same way."""

    files: Mapping[str, str] = field(default_factory=dict)
    """The content of those files that the project says the content of, if they are
    there."""

    proxies: Mapping[str, str] = field(default_factory=dict)
    """The variables that compose gives to every container of whoever runs it."""

    @property
    def config(self) -> Mapping[str, object]:
        """What the container was created with."""
        return mapping(self.container.get("Config"))

    @property
    def host(self) -> Mapping[str, object]:
        """What it was created with that is about its host."""
        return mapping(self.container.get("HostConfig"))

    @property
    def of_image(self) -> Mapping[str, object]:
        """What it has from its image unless it was told otherwise."""
        return mapping(self.image.get("Config"))

    @property
    def image_name(self) -> str:
        """What its image was called when it was created."""
        return text(self.config, "Image")

    @property
    def labels(self) -> Mapping[str, str]:
        """Its labels, of whomever they are."""
        return strings(self.config.get("Labels"))

    @property
    def variables(self) -> Mapping[str, str]:
        """Its environment."""
        return assignments(self.config.get("Env"))

    @property
    def mounts(self) -> Mapping[str, tuple[str, str]]:
        """What is mounted where: its type, and where it is from."""
        return dict(self._mounts())

    @property
    def attached(self) -> frozenset[str]:
        """The names of the networks that it is on."""
        settings = mapping(self.container.get("NetworkSettings"))
        return frozenset(mapping(settings.get("Networks")))

    def _mounts(self) -> Iterator[tuple[str, tuple[str, str]]]:
        for mount in map(mapping, items(self.container.get("Mounts"))):
            kind = text(mount, "Type")
            source = text(mount, "Name" if kind == "volume" else "Source")
            yield text(mount, "Destination"), (kind, source)


def read_present(
    connection: Connection,
    container: ContainerId,
    model: Model,
    proxies: Mapping[str, str],
) -> Present:
    """Ask an engine for what it has of a service.

    Raises:
        ContainerVanished: the container is no longer there.
        EngineUnreachable: nobody answers, or not in time.

    """
    raw = connection.inspect(container)
    name = model.image or text(mapping(raw.get("Config")), "Image")
    return Present(
        container=raw,
        image=_image(connection, text(raw, "Image")),
        image_now=text(_image(connection, name), "Id"),
        volumes={n: _found(connection, "volumes", n) for n in model.volumes},
        networks={n: _found(connection, "networks", n) for n in model.networks},
        files=dict(_files(connection, container, model)),
        proxies=proxies,
    )


def _files(
    connection: Connection, container: ContainerId, model: Model
) -> Iterator[tuple[str, str]]:
    from nstui.engine._carried import read_file  # noqa: PLC0415 - imports the SDK

    for given in model.given:
        if given.content is None:
            continue
        try:
            content = read_file(connection, container, given.target)
        except EngineRefused:
            continue
        if content is not None:
            yield given.target, content.decode(errors="replace")


def _image(connection: Connection, name: str) -> Mapping[str, object]:
    try:
        return connection.image(name) if name else {}
    except EngineRefused:
        return {}


def _found(connection: Connection, kind: str, name: str) -> Mapping[str, object]:
    try:
        return mapping(connection.ask(f"{kind}/{quote(name, safe='')}"))
    except EngineRefused:
        return {}


def read_proxies(environ: Mapping[str, str]) -> Mapping[str, str]:
    """Return the variables that the docker command's settings want in containers."""
    folder = environ.get("DOCKER_CONFIG") or f"{environ.get('HOME', '')}/.docker"
    try:
        said: object = json.loads(Path(folder, "config.json").read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    every = mapping(mapping(said).get("proxies"))
    host = environ.get("DOCKER_HOST", "")
    chosen = mapping(every.get(host)) or mapping(every.get("default"))
    found = {_PROXIES[k]: v for k, v in strings(chosen).items() if k in _PROXIES}
    return found | {name.lower(): value for name, value in found.items()}


def assignments(said: object) -> Mapping[str, str]:
    """Return a list of ``name=value`` as a mapping."""
    parts = (entry.partition("=") for entry in texts(said))
    return {name: value for name, _, value in parts if name}


def pairs(said: object) -> Mapping[str, str]:
    """Return what is given as a mapping or as such a list, without what has no value.

    A truth value is a word.
    """
    if isinstance(said, list | tuple):
        return assignments(said)
    return {
        name: _word(value) for name, value in mapping(said).items() if value is not None
    }


def _word(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
