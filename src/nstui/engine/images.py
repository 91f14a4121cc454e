"""Reads the images that an engine has, and the lines with which it reports a pull."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.errors import EngineRefused
from nstui.model.image import Image, PullProgress
from nstui.model.json import inner, number, text, texts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nstui.engine.client import ApiClient


_NO_SUCH_IMAGE = ("no such image", "image not known")
"""Messages of Docker and Podman for a missing image, in lower case."""

_NO_NAME = "<none>"
_PREFIX = "sha256:"


def image_inspect(connection: ApiClient, reference: str) -> Mapping[str, object] | None:
    """Return the inspect of an image, by name or id; None if the engine has none."""
    if not reference:
        return None
    try:
        return connection.image(reference)
    except EngineRefused as refusal:
        if any(words in str(refusal).lower() for words in _NO_SUCH_IMAGE):
            return None
        raise


def find_image(connection: ApiClient, reference: str) -> Image | None:
    """Return an image by name or id; see `ports.ContainerEngine.image`."""
    raw = image_inspect(connection, reference)
    return None if raw is None else decode_image(raw)


def decode_image(raw: Mapping[str, object]) -> Image:
    """Return the image that an inspect of it describes."""
    # Podman writes the id without its prefix.
    digits = text(raw, "Id").removeprefix(_PREFIX)
    return Image(
        id=f"{_PREFIX}{digits}",
        names=_named(raw, "RepoTags"),
        digests=_named(raw, "RepoDigests"),
        platform="/".join(
            filter(None, (text(raw, key) for key in ("Os", "Architecture", "Variant")))
        ),
        config=inner(raw, "Config"),
    )


def _named(raw: Mapping[str, object], key: str) -> tuple[str, ...]:
    return tuple(name for name in texts(raw, key) if not name.startswith(_NO_NAME))


_COMPLETE = {"Pull complete", "Already exists"}
_RECEIVED = {"Verifying Checksum", "Download complete"}
_OF_A_LAYER = {
    *_COMPLETE,
    *_RECEIVED,
    *("Pulling fs layer", "Waiting", "Downloading", "Extracting"),
}
"""The words with which Docker and Podman report on one layer."""


class PullReport:
    """Adds up what an engine reports on each layer."""

    def __init__(self) -> None:
        self._layers: set[str] = set()
        self._done: set[str] = set()
        self._sizes: dict[str, int] = {}
        self._received: dict[str, int] = {}
        self._unpacked: dict[str, int] = {}

    def add(self, line: Mapping[str, object]) -> PullProgress:
        """Take in a line of the report; return how far the pull has got."""
        word, layer = text(line, "status"), text(line, "id")
        if word in _OF_A_LAYER and layer:
            self._layers.add(layer)
            self._add_layer(word, layer, inner(line, "progressDetail"))
        return PullProgress(
            layers=len(self._layers),
            done=len(self._done),
            received=sum(self._received.values()),
            size=sum(self._sizes.values()),
            unpacked=sum(self._unpacked.values()),
        )

    def _add_layer(self, word: str, layer: str, detail: Mapping[str, object]) -> None:
        if word in _COMPLETE:
            self._done.add(layer)
        if word in _COMPLETE | _RECEIVED and layer in self._sizes:
            self._received[layer] = self._sizes[layer]
        # Containerd reports how many seconds it has been unpacking.
        if text(detail, "units"):
            return
        current = number(detail, "current") or 0
        if word == "Downloading":
            size = max(number(detail, "total") or 0, current)
            # A layer that is retried starts again from its beginning.
            self._sizes[layer] = max(self._sizes.get(layer, 0), size)
            self._received[layer] = max(self._received.get(layer, 0), current)
        elif word == "Extracting":
            self._unpacked[layer] = max(self._unpacked.get(layer, 0), current)
