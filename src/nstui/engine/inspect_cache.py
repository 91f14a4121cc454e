"""Caches the inspections of containers, and the labels of images."""

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
"""Matches what is not a time in ``Up 3 hours (healthy)`` and ``Exited (137) …``."""

Signature = tuple[object, ...]

RETRY_S = 30.0
"""Seconds before the labels of an image are read again after a failure."""

UNPROVEN = "UnprovenLabels"
"""The key in a row for labels that may be the container's or only its image's."""

ALL_LABELS = "AllLabels"
"""The key in a row for all labels, if ``Labels`` has only those that are believed."""

_IMAGE_ID = r"(?:sha256:)?[0-9a-f]{64}"
"""Podman leaves out ``sha256:``."""

_PLAIN = r"[A-Za-z0-9._-]+"
"""Matches a name that needs no quotes in an instruction of a Dockerfile."""

Labels = dict[str, object]


def signature(row: Mapping[str, object]) -> Signature:
    """Return the parts of a row of the list that change when the inspect changes.

    A start gives a container new endpoints in its networks. So a restart without an
    event changes the signature, except for a container without a network.
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
    """Caches inspections by container. May be used from several threads.

    If an entry is dropped during a request to inspect, the answer may be older than
    that, and is not stored. For this, `store` needs the time before the request.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: dict[ContainerId, _CachedInspect] = {}
        self._clock = 0
        self._forgotten_at: dict[ContainerId, int] = {}
        self._all_forgotten_at = 0

    def now(self) -> int:
        """Return the logical time for `store`; call it before the request."""
        with self._lock:
            return self._clock

    def recall(self, container: ContainerId, seen: Signature) -> Inspection | None:
        """Return the inspection of a container; None if its signature has changed."""
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
        """Store an inspection, unless its container was dropped since `began`."""
        with self._lock:
            forgotten_at = self._forgotten_at.get(container, 0)
            if max(forgotten_at, self._all_forgotten_at) <= began:
                self._entries[container] = _CachedInspect(seen, inspection)

    def forget(self, containers: Iterable[ContainerId] | None) -> None:
        """Drop some containers; None: all."""
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
        """Drop all other containers."""
        present = set(containers)
        with self._lock:
            for known in (self._entries, self._forgotten_at):
                for container in known.keys() - present:
                    del known[container]


class ImageLabels:
    """Caches the labels of images that tell the manager of a container.

    An image id always means the same content, so an entry never expires. Failures are
    cached for `RETRY_S`. May be used from several threads.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._known: dict[str, Labels] = {}
        self._failed_at: dict[str, float] = {}

    def find(
        self, image: str, ask: Callable[[str], Mapping[str, object]]
    ) -> Labels | None:
        """Return an image's labels, reading them if needed; None if unreadable."""
        with self._lock:
            known = self._known.get(image)
            failed_at = self._failed_at.get(image)
        if known is not None or not re.fullmatch(_IMAGE_ID, image):
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
        """Return an image's labels if they are cached; otherwise None."""
        with self._lock:
            return self._known.get(image)

    def forget_failures(self) -> None:
        """Let the next call of `find` read labels again that could not be read."""
        with self._lock:
            self._failed_at.clear()


def without_image_labels(
    row: Mapping[str, object], find: Callable[[str], Mapping[str, object] | None]
) -> Mapping[str, object]:
    """Return a row of the engine's list without the labels that come from its image.

    This concerns the labels that tell the manager of the container. If the image's
    labels cannot be read, such labels are moved to the key `UNPROVEN`.

    Args:
        row: The row.
        find: Returns an image's labels, or None; called only if needed.

    """
    labels = inner(row, "Labels")
    if not any(map(steers, labels)):
        return row
    known = find(text(row, "ImageID"))
    aside = {k: v for k, v in labels.items() if steers(k)} if known is None else {}
    own = believed_labels(labels, known)
    return {**row, "Labels": own, UNPROVEN: aside, ALL_LABELS: labels}


def _read(image: str, ask: Callable[[str], Mapping[str, object]]) -> Labels | None:
    try:
        answer = ask(image)
    except (EngineRefused, EngineUnreachable):
        # If the engine is unreachable, the next request about a container raises.
        return None
    if not text(answer, "Id"):
        return None
    labels = inner(inner(answer, "Config"), "Labels")
    return {key: value for key, value in labels.items() if steers(key)}


def label_changes(
    raw: Mapping[str, object], find: Callable[[str], Mapping[str, object] | None]
) -> list[str]:
    """Return the changes for a commit that keep labels out of the new image.

    A commit writes the container's labels into the image. For a container created from
    that image with the same labels, they would be indistinguishable from the image's.

    Args:
        raw: The inspect of the container.
        find: Returns an image's labels, or None.

    Returns:
        Instructions of a Dockerfile that empty the labels.

    """
    labels = inner(inner(raw, "Config"), "Labels")
    image_labels = find(text(raw, "Image")) if any(map(steers, labels)) else None
    if image_labels is None:
        return []
    return [
        f'LABEL {key}=""'
        for key, value in labels.items()
        if steers(key) and re.fullmatch(_PLAIN, key) and image_labels.get(key) != value
    ]
