"""The image of a container, and how far the pull of one has got."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.model.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """An image that an engine has."""

    id: str
    """As in the ``Image`` of a container's inspect, with its ``sha256:``."""

    names: tuple[str, ...] = ()
    """Its names with their tags; empty if other images have them by now."""

    digests: tuple[str, ...] = ()
    """What registries call it, each as ``name@sha256:…``; empty if it was built or
    imported on the engine."""

    platform: str = ""
    """``os/architecture`` and, if there is one, ``/variant``."""

    config: Mapping[str, object]
    """The defaults for its containers, in the engine's own words.

    These are the fields of a container's ``Config``: ``Env``, ``Cmd``, ``Entrypoint``,
    ``Labels``, ``User``, ``WorkingDir``, ``Healthcheck``, ``ExposedPorts``,
    ``Volumes``, ``StopSignal``, ``Shell``. Each may be absent or null.
    """


@dataclass(frozen=True, slots=True)
class PullProgress:
    """How far a pull has got; each number only grows."""

    layers: int = 0
    """How many layers of the image are known so far."""

    done: int = 0
    """How many of them are complete, or were there before."""

    received: int = 0
    """How many bytes of layers have arrived."""

    size: int = 0
    """How many bytes those layers have whose size is known so far."""

    unpacked: int = 0
    """How many bytes of the layers have been unpacked."""


_ID_DIGITS = 64
_ID_PREFIX = "sha256:"


def is_image_id(reference: str) -> bool:
    """Return whether a reference is an image's id, which no registry can be asked for.

    An engine would look for a repository that is called ``sha256``.
    """
    digits = reference.removeprefix(_ID_PREFIX)
    return len(digits) == _ID_DIGITS and set(digits) <= set("0123456789abcdef")
