"""Caches of what the engine said of containers, and of the labels of images."""

from __future__ import annotations

import re
import threading
import time
from typing import TYPE_CHECKING

from nstui.analysis.managers import believed_labels, steers
from nstui.errors import EngineRefused, EngineUnreachable
from nstui.model.frozen import dataclass
from nstui.model.json import inner, items, mapping, number, text, texts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from nstui.model.container import ContainerId, Inspection


_PARENTHESES = re.compile(r"\([^)]*\)")
"""In ``Up 3 hours (healthy)`` and ``Exited (137) 5 minutes ago`` what is no time."""

Signature = tuple[object, ...]

RETRY_S = 30.0
"""How long an image whose labels could not be read is not asked for again."""

UNPROVEN = "UnprovenLabels"
"""Where a row has those labels that may be somebody's, or merely its image's."""

_IMAGE_ID = re.compile(r"(?:sha256:)?[0-9a-f]{64}")
"""Podman says it without the name of the algorithm."""

_PLAIN = re.compile(r"[A-Za-z0-9._-]+")
"""A label whose name needs no quotes in a line of a Dockerfile."""

Labels = dict[str, object]


def signature(row: Mapping[str, object]) -> Signature:
    """Return what in a row of the list changes when an inspect would.

    A start gives a container new endpoints in its networks, so that even a restart
    which nobody saw is noticed, except that of a container without a network.
    """
    networks = inner(inner(row, "NetworkSettings"), "Networks")
    return (
        text(row, "State"),
        texts(row, "Names"),
        tuple(_PARENTHESES.findall(text(row, "Status"))),
        tuple(
            sorted(
                (name, text(mapping(value), "EndpointID"))
                for name, value in networks.items()
            )
        ),
        tuple(sorted(_port_text(mapping(port)) for port in items(row.get("Ports")))),
    )


def _port_text(port: Mapping[str, object]) -> str:
    inside, outside = number(port, "PrivatePort"), number(port, "PublicPort")
    return f"{inside} {outside} {text(port, 'Type')} {text(port, 'IP')}"


@dataclass(frozen=True, slots=True)
class _CachedInspect:
    signature: Signature
    inspection: Inspection


class InspectCache:
    """Remembers inspections by container; several threads may use it.

    What is forgotten while an inspect is under way must not come back with its
    answer, which may be older: `store` wants to know when the inspect began.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: dict[ContainerId, _CachedInspect] = {}
        self._clock = 0
        self._forgotten_at: dict[ContainerId, int] = {}
        self._all_forgotten_at = 0

    def now(self) -> int:
        """Return the moment for `store`: ask before the inspect."""
        with self._lock:
            return self._clock

    def recall(self, container: ContainerId, seen: Signature) -> Inspection | None:
        """Return what is remembered of a container if its row still looks the same."""
        with self._lock:
            entry = self._entries.get(container)
        if entry is None or entry.signature != seen:
            return None
        return entry.inspection

    def store(
        self,
        container: ContainerId,
        seen: Signature,
        inspection: Inspection,
        *,
        began: int,
    ) -> None:
        """Remember an inspection, unless it was forgotten since it began."""
        with self._lock:
            forgotten_at = self._forgotten_at.get(container, 0)
            if max(forgotten_at, self._all_forgotten_at) <= began:
                self._entries[container] = _CachedInspect(seen, inspection)

    def forget(self, containers: Iterable[ContainerId] | None) -> None:
        """Drop some containers, or all."""
        with self._lock:
            self._clock += 1
            if containers is None:
                self._all_forgotten_at = self._clock
                self._entries.clear()
                return
            for container in containers:
                self._forgotten_at[container] = self._clock
                self._entries.pop(container, None)

    def retain(self, containers: Iterable[ContainerId]) -> None:
        """Drop all that are not among these."""
        present = set(containers)
        with self._lock:
            for known in (self._entries, self._forgotten_at):
                for container in known.keys() - present:
                    del known[container]


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
    labels = inner(row, "Labels")
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
    labels = inner(inner(answer, "Config"), "Labels")
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
    labels = inner(inner(raw, "Config"), "Labels")
    image_labels = find(text(raw, "Image")) if any(map(steers, labels)) else None
    if image_labels is None:
        return []
    return [
        f'LABEL {key}=""'
        for key, value in labels.items()
        if steers(key) and _PLAIN.fullmatch(key) and image_labels.get(key) != value
    ]
