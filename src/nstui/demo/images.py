"""The images of a simulated engine, and those of the registries that it pulls from."""

from __future__ import annotations

import hashlib
from dataclasses import field, replace
from typing import TYPE_CHECKING

from nstui.errors import PullFailed
from nstui.model.frozen import dataclass
from nstui.model.image import Image, PullProgress, is_image_id
from nstui.model.json import strings, text, texts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from nstui.demo.containers import Spec


LAYERS = 3
"""How many layers each image has."""

LAYER_BYTES = 4_000_000
_LATEST = "latest"


@dataclass(frozen=True, slots=True, kw_only=True)
class SimImage:
    """An image: what it makes of its containers."""

    id: str
    config: Mapping[str, object] = field(default_factory=dict)
    """See `nstui.model.image.Image.config`."""

    start_error: str = ""
    """Why its containers fail to start; empty if they do not."""

    is_sick: bool = False
    """Whether the health checks of its containers fail."""


class Images:
    """What names refer to, on the engine and in registries.

    A container may be made of any name, which is that of an image from then on.
    """

    def __init__(self) -> None:
        self._local: dict[str, SimImage] = {}
        self._published: dict[str, SimImage] = {}
        self._refusals: dict[str, str] = {}
        self._by_id: dict[str, SimImage] = {}

    def publish(self, name: str, image: SimImage) -> None:
        """Push an image to a registry under a name; no engine has it yet."""
        self._refusals.pop(_full(name), None)
        self._published[_full(name)] = image

    def refuse(self, name: str, sentence: str) -> None:
        """Let pulls of a name fail half way, with this message of the engine."""
        self._refusals[_full(name)] = sentence

    def take(self, reference: str) -> SimImage:
        """Return the image that a name or an id refers to; there is always one."""
        found = self._find(reference)
        if found is None:
            name = _full(reference)
            is_id = is_image_id(reference)
            found = SimImage(id=reference if is_id else f"sha256:{_digits(name)}")
            self._by_id[found.id] = found
            if not is_id:
                self._local[name] = found
        return found

    def describe(self, reference: str) -> Image | None:
        """Return what an engine says of an image; None if it has none."""
        image = self._find(reference)
        return None if image is None else self._describe(image)

    def pull(
        self, reference: str, on_progress: Callable[[PullProgress], None]
    ) -> Image:
        """Pull what was published under a name.

        Raises:
            PullFailed: It is to fail.

        """
        if is_image_id(reference):
            raise PullFailed(f"{reference} is the id of an image: no registry knows it")
        name = _full(reference)
        found = self._published.get(name) or self._local.get(name)
        refusal = self._refusals.get(name, "")
        if found is None:
            refusal = f"manifest for {name} not found: manifest unknown"
        steps = _steps()
        on_progress(next(steps))
        if found is None or refusal:
            raise PullFailed(f"{reference} cannot be pulled: {refusal}")
        for step in steps:
            on_progress(step)
        self._local[name] = self._by_id[found.id] = found
        return self._describe(found)

    def _describe(self, image: SimImage) -> Image:
        names = sorted(name for name, one in self._local.items() if one == image)
        digest = f"@sha256:{_digits(image.id)}"
        return Image(
            id=image.id,
            names=tuple(names),
            digests=tuple(dict.fromkeys(_repository(name) + digest for name in names)),
            platform="linux/amd64",
            config=image.config,
        )

    def _find(self, reference: str) -> SimImage | None:
        if is_image_id(reference):
            return self._by_id.get(reference)
        return self._local.get(_full(reference))


def with_image(spec: Spec, image: SimImage) -> Spec:
    """Return a declaration with the defaults of its image."""
    if not image.config:
        return spec
    labels = strings(image.config.get("Labels"))
    own = {entry.partition("=")[0] for entry in spec.environment}
    further = (
        entry
        for entry in texts(image.config, "Env")
        if entry.partition("=")[0] not in own
    )
    return replace(
        spec,
        image_labels=tuple(labels.items()),
        environment=(*spec.environment, *further),
        stop_signal=spec.stop_signal or text(image.config, "StopSignal"),
        has_health_check=spec.has_health_check or "Healthcheck" in image.config,
    )


def without_image(spec: Spec, image: SimImage) -> Spec:
    """Return a declaration without the defaults of its image."""
    given = texts(image.config, "Env")
    is_own_check = spec.has_health_check and "Healthcheck" not in image.config
    given_signal = text(image.config, "StopSignal")
    return replace(
        spec,
        image_labels=(),
        environment=tuple(line for line in spec.environment if line not in given),
        stop_signal="" if spec.stop_signal == given_signal else spec.stop_signal,
        has_health_check=is_own_check,
    )


def _steps() -> Iterator[PullProgress]:
    whole = LAYERS * LAYER_BYTES
    for done in range(LAYERS + 1):
        there = done * LAYER_BYTES
        yield PullProgress(LAYERS, done, there, whole, there)


def _digits(word: str) -> str:
    return hashlib.sha256(word.encode()).hexdigest()


def _full(name: str) -> str:
    """Return a name with its tag."""
    has_tag = ":" in name.rpartition("/")[2] or "@" in name
    return name if has_tag else f"{name}:{_LATEST}"


def _repository(name: str) -> str:
    bare = name.partition("@")[0]
    start, slash, last = bare.rpartition("/")
    return f"{start}{slash}{last.partition(':')[0]}"
