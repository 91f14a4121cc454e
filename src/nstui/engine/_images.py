"""What images say of themselves, which is asked once of each."""

from __future__ import annotations

import re
import threading
import time
from typing import TYPE_CHECKING

from nstui.analysis.labels import believed_labels, steers
from nstui.engine._json import mapping, text
from nstui.errors import EngineRefused, EngineUnreachable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

RETRY_S = 30.0
"""How long an image whose labels could not be read is not asked for again."""

UNPROVEN = "UnprovenLabels"
"""Where a row has those labels that may be somebody's, or merely its image's."""

_IMAGE_ID = re.compile(r"(?:sha256:)?[0-9a-f]{64}")
"""Podman says it without the name of the algorithm."""

_PLAIN = re.compile(r"[A-Za-z0-9._-]+")
"""A label whose name needs no quotes in a line of a Dockerfile."""

Labels = dict[str, object]


class ImageLabels:
    """Remembers the labels of images that say who manages a container.

    An id means one content for ever, so an answer holds for as long as nstui runs. A
    failure is none. Several threads may use it.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._known: dict[str, Labels] = {}
        self._failed_at: dict[str, float] = {}

    def find(
        self, image: str, ask: Callable[[str], Mapping[str, object]]
    ) -> Labels | None:
        """Return an image's labels, from memory if it has them; None: not readable."""
        with self._lock:
            known = self._known.get(image)
            failed_at = self._failed_at.get(image)
        if known is not None or not _IMAGE_ID.fullmatch(image):
            return known
        if failed_at is not None and self._clock() < failed_at + RETRY_S:
            return None
        found = _read(image, ask)
        with self._lock:
            if found is None:
                self._failed_at[image] = self._clock()
            else:
                self._known[image] = found
        return found

    def recall(self, image: str) -> Labels | None:
        """Return an image's labels if they are known."""
        with self._lock:
            return self._known.get(image)

    def forget_failures(self) -> None:
        """Have the next question asked although the last one failed."""
        with self._lock:
            self._failed_at.clear()


def proven(
    row: Mapping[str, object], find: Callable[[str], Mapping[str, object] | None]
) -> Mapping[str, object]:
    """Return a row of the engine's list with only those labels that are believed.

    Where the image's could not be read, those that steer are kept aside.

    Args:
        row: A container.
        find: Returns an image's labels; asked only if it matters.

    """
    labels = mapping(row.get("Labels"))
    if not any(map(steers, labels)):
        return row
    known = find(text(row, "ImageID"))
    aside = {k: v for k, v in labels.items() if steers(k)} if known is None else {}
    return {**row, "Labels": believed_labels(labels, known), UNPROVEN: aside}


def _read(image: str, ask: Callable[[str], Mapping[str, object]]) -> Labels | None:
    try:
        answer = ask(image)
    except (EngineRefused, EngineUnreachable):
        # If nobody answers at all, the next question about a container says so.
        return None
    if not text(answer, "Id"):
        return None
    labels = mapping(mapping(answer.get("Config")).get("Labels"))
    return {key: value for key, value in labels.items() if steers(key)}


def keeping_labels(
    raw: Mapping[str, object], find: Callable[[str], Mapping[str, object] | None]
) -> list[str]:
    """Return what a commit has to change for a container's labels to stay its own.

    A commit writes them into the image. One that is made from it with the same labels
    would have nothing but an image's words.

    Args:
        raw: An inspect of the container.
        find: Returns an image's labels.

    """
    labels = mapping(mapping(raw.get("Config")).get("Labels"))
    image_labels = find(text(raw, "Image")) if any(map(steers, labels)) else None
    if image_labels is None:
        return []
    return [
        f'LABEL {key}=""'
        for key, value in labels.items()
        if steers(key) and _PLAIN.fullmatch(key) and image_labels.get(key) != value
    ]
