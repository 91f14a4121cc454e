"""Reads a compose project and one of its services from the output of compose.

``compose config`` prints JSON in v2 and YAML in v1, and some fields differ in form.
"""

from __future__ import annotations

import json
import posixpath
from typing import TYPE_CHECKING

from nstui.model.container import JOIN_PREFIX
from nstui.model.frozen import dataclass
from nstui.model.healing import ComposeJoin
from nstui.model.json import inner, items, mapping, number, text
from nstui.model.namespace import NamespaceKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


JOIN_KEYS = {
    NamespaceKind.NET: "network_mode",
    NamespaceKind.PID: "pid",
    NamespaceKind.IPC: "ipc",
}
SERVICE_PREFIX = "service:"

SECRETS_FOLDER = "/run/secrets"
_SECTIONS = {"secrets": SECRETS_FOLDER, "configs": "/"}
"""The default folders in the container for the files of each section."""

_KEYS_OF_CONTENT = ("content", "environment")
"""The keys of a secret or config that is not made from a file of the host."""

_VOLUME_PARTS = 2
"""The number of required parts in the short form of a mount: source and target."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceFile:
    """A secret or config of a service, which its containers see as a file."""

    section: str
    """``secrets`` or ``configs``."""

    name: str
    target: str
    """The path in the container."""

    file: str
    """The path on the host; empty if it is not made from a file of the host."""

    is_written: bool
    """Whether compose writes it into the container's writable layer."""

    content: str | None = None
    """The content that compose writes; None if the project does not contain it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ComposeModel:
    """A compose project as compose resolves it, and the name of one service."""

    document: Mapping[str, object]
    """The output of ``compose config``, in which ``$$`` stands for ``$``."""

    project: str
    service: str
    is_v1: bool
    unset: tuple[str, ...] = ()
    """The variables that the project uses and that are not set here."""

    @property
    def config(self) -> Mapping[str, object]:
        """The definition of the service, with ``$$`` replaced by ``$``."""
        services = inner(self.document, "services")
        return mapping(_unescape(services.get(self.service)))

    @property
    def has_service(self) -> bool:
        """Whether the project has the service."""
        return self.service in inner(self.document, "services")

    @property
    def image(self) -> str:
        """The image name of the service; empty if it is derived from the service."""
        return text(self.config, "image")

    @property
    def scale(self) -> int:
        """The number of containers that the service should have."""
        config = self.config
        replicas = number(inner(config, "deploy"), "replicas")
        said = number(config, "scale")
        return said if said is not None else 1 if replicas is None else replicas

    @property
    def joins(self) -> tuple[ComposeJoin, ...]:
        """The joins of the service."""
        return tuple(_joins(self.config))

    @property
    def mounts(self) -> Mapping[str, tuple[str, str]]:
        """The type and source of each mount, by target; "" for an unnamed volume."""
        entries = items(self.config.get("volumes"))
        return dict(found for e in entries if (found := self._mount(e)) is not None)

    @property
    def volumes(self) -> Mapping[str, Mapping[str, object]]:
        """The definitions of the volumes of the service, by full name."""
        keys = {source for kind, source in self._sources() if kind == "volume"}
        return {self.full_name("volumes", k): self._defined("volumes", k) for k in keys}

    @property
    def networks(self) -> Mapping[str, Mapping[str, object]]:
        """The definitions of the networks of the service, by full name."""
        config = self.config
        if text(config, "network_mode"):
            return {}
        said = config.get("networks")
        keys = [*mapping(said), *(k for k in items(said) if isinstance(k, str))]
        if not keys and self.is_v1:
            keys = ["default"]
        defined = ((k, self._defined("networks", k)) for k in keys)
        return {self.full_name("networks", k): said for k, said in defined}

    @property
    def service_files(self) -> tuple[ServiceFile, ...]:
        """The secrets and configs of the service."""
        return tuple(self._service_files())

    @property
    def written(self) -> tuple[str, ...]:
        """The paths of the files that compose writes into the service's containers."""
        return tuple(file.target for file in self.service_files if file.is_written)

    def full_name(self, section: str, key: str) -> str:
        """Return the engine's name for a volume or network of the project.

        Args:
            section: ``volumes`` or ``networks``.
            key: The name in that section.

        """
        defined = self._defined(section, key)
        external = defined.get("external")
        if name := text(defined, "name") or text(mapping(external), "name"):
            return name
        return key if external else f"{self.project}_{key}"

    def _defined(self, section: str, key: str) -> Mapping[str, object]:
        return mapping(_unescape(inner(self.document, section).get(key)))

    def _sources(self) -> Iterator[tuple[str, str]]:
        """Yield the type and source of each mount; a volume is given by its key."""
        for entry in items(self.config.get("volumes")):
            kind, source, _ = _mount_parts(entry)
            if source:
                yield kind, source

    def _mount(self, entry: object) -> tuple[str, tuple[str, str]] | None:
        kind, source, target = _mount_parts(entry)
        if not target:
            return None
        if kind == "volume" and source:
            source = self.full_name("volumes", source)
        return posixpath.normpath(target), (kind, source)

    def _service_files(self) -> Iterator[ServiceFile]:
        for section, folder in _SECTIONS.items():
            for entry in items(self.config.get(section)):
                name = (
                    entry if isinstance(entry, str) else text(mapping(entry), "source")
                )
                target = text(mapping(entry), "target") or name
                defined = self._defined(section, name)
                yield ServiceFile(
                    section=section,
                    name=name,
                    target=posixpath.normpath(posixpath.join(folder, target)),
                    file=text(defined, "file"),
                    is_written=any(key in defined for key in _KEYS_OF_CONTENT),
                    content=text(defined, "content") or None,
                )


def read_model(
    answer: str, project: str, service: str, *, is_v1: bool
) -> ComposeModel | None:
    """Return the project in the output of ``compose config``; None if malformed."""
    try:
        document = _parse_yaml(answer) if is_v1 else json.loads(answer)
    except (ValueError, RecursionError):
        return None
    if not isinstance(document, dict):
        return None
    return ComposeModel(
        document=document, project=project, service=service, is_v1=is_v1
    )


def _parse_yaml(answer: str) -> object:
    # Only compose v1 needs it, which few use.
    import yaml  # noqa: PLC0415

    try:
        return yaml.safe_load(answer)
    except yaml.YAMLError as problem:
        raise ValueError(str(problem)) from problem


def _joins(config: Mapping[str, object]) -> Iterator[ComposeJoin]:
    for kind, key in JOIN_KEYS.items():
        value = text(config, key)
        if value.startswith(SERVICE_PREFIX):
            yield ComposeJoin(kind=kind, service=value.removeprefix(SERVICE_PREFIX))
        elif value.startswith(JOIN_PREFIX):
            named = value.removeprefix(JOIN_PREFIX).lstrip("/")
            yield ComposeJoin(kind=kind, container=named)


def _mount_parts(entry: object) -> tuple[str, str, str]:
    """Return the type, source and target of a mount, in its short or long form."""
    if not isinstance(entry, str):
        long = mapping(entry)
        return text(long, "type"), text(long, "source"), text(long, "target")
    parts = entry.split(":")
    if len(parts) < _VOLUME_PARTS:
        return "volume", "", entry
    source, target = parts[:_VOLUME_PARTS]
    return ("bind" if source.startswith("/") else "volume"), source, target


def _unescape(value: object) -> object:
    """Return a value of the output with ``$$`` replaced by ``$``, recursively."""
    if isinstance(value, str):
        return value.replace("$$", "$")
    if isinstance(value, list):
        return [_unescape(item) for item in value]
    if isinstance(value, dict):
        return {key: _unescape(item) for key, item in value.items()}
    return value
