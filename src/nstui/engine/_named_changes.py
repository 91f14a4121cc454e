"""What of a service is another than in its container, where compose's hash is another.

Only what both sides say in the same words is compared, so that nothing is named that
would stay as it is.
"""

from __future__ import annotations

import posixpath
import shlex
from typing import TYPE_CHECKING

from nstui.analysis.recomposing import PERHAPS
from nstui.engine._json import mapping, strings, text, texts
from nstui.engine._present import assignments, pairs

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from nstui.engine._compose_model import Model
    from nstui.engine._present import Present

SOMETHING = f"{PERHAPS}something (its hash of the service is another)"
OTHER_VERSION = f"{PERHAPS}something (it is version {{}}, and {{}} made this one)"

_OF_COMPOSE = "com.docker.compose."
_VERSION = f"{_OF_COMPOSE}version"
_OF_TOOLS = (_OF_COMPOSE, "nstui.")

_OF_V1 = "affinity:container"
"""What compose v1 puts among the variables of a container that it recreated."""

_WORDS = (
    ("user", "User"),
    ("working_dir", "WorkingDir"),
    ("stop_signal", "StopSignal"),
)
_SWITCHES = (("privileged", "Privileged"), ("read_only", "ReadonlyRootfs"))
_LISTS = (("cap_add", "CapAdd"), ("cap_drop", "CapDrop"))
_WITH_SOURCE = ("bind", "volume")
_USUAL_SIGNAL = "SIGTERM"


def name_changes(model: Model, present: Present) -> tuple[str, ...]:
    """Return what is another, each in a few words; nothing if that cannot be told."""
    return (
        *_image(model, present),
        *_commands(model, present),
        *_variables(model, present),
        *_mounts(model, present),
        *_labels(model, present),
        *_settings(model, present),
        *(f"variable {name} (it is not set here)" for name in model.unset),
    )


def unnamed_change(present: Present, version: str) -> str:
    """Return the words for what cannot be named, with what may be the cause of it.

    Args:
        present: What there is.
        version: Which compose would make the container.

    """
    made_by = present.labels.get(_VERSION, "")
    if version and made_by and made_by.partition("-")[0].removeprefix("v") != version:
        return OTHER_VERSION.format(version, made_by)
    return SOMETHING


def _image(model: Model, present: Present) -> Iterator[str]:
    if model.image and model.image != present.image_name:
        yield f"image {model.image}"


def _commands(model: Model, present: Present) -> Iterator[str]:
    """Compare what is run; an entrypoint of its own leaves out the image's command."""
    has_own_entrypoint = model.config.get("entrypoint") is not None
    for key, name in (("entrypoint", "Entrypoint"), ("command", "Cmd")):
        said = model.config.get(key)
        of_image = () if has_own_entrypoint else texts(present.of_image.get(name))
        wanted = of_image if said is None else _split(said)
        if wanted is not None and wanted != texts(present.config.get(name)):
            yield key


def _split(said: object) -> tuple[str, ...] | None:
    """Return the words of a command; None if they cannot be told apart."""
    if not isinstance(said, str):
        return texts(said)
    try:
        return tuple(shlex.split(said))
    except ValueError:
        return None


def _variables(model: Model, present: Present) -> Iterator[str]:
    wanted = {
        **assignments(present.of_image.get("Env")),
        **present.proxies,
        **pairs(model.config.get("environment")),
    }
    for name in _unequal(wanted, present.variables):
        if name != _OF_V1:
            yield f"environment {name}"


def _mounts(model: Model, present: Present) -> Iterator[str]:
    said, there = model.mounts, present.mounts
    for target, (kind, source) in sorted(said.items()):
        found_kind, found = there.get(target, ("", ""))
        is_elsewhere = kind in _WITH_SOURCE and source not in {"", found}
        if kind != found_kind or is_elsewhere:
            yield f"volume {target}"
    others = {given.target for given in model.given}
    others |= {posixpath.normpath(p) for p in mapping(present.of_image.get("Volumes"))}
    if not present.host.get("VolumesFrom"):
        for target in sorted(there.keys() - said.keys() - others):
            yield f"volume {target}"


def _labels(model: Model, present: Present) -> Iterator[str]:
    of_image = strings(present.of_image.get("Labels"))
    wanted = {**of_image, **pairs(model.config.get("labels"))}
    for name in _unequal(wanted, present.labels):
        if not name.startswith(_OF_TOOLS):
            yield f"label {name}"


def _settings(model: Model, present: Present) -> Iterator[str]:
    said, config, host = model.config, present.config, present.host
    for key, name in _WORDS:
        wanted = text(said, key) or text(present.of_image, name)
        if _unusual(wanted) != _unusual(text(config, name)):
            yield key
    for key, name in _SWITCHES:
        if (said.get(key) is True) != (host.get(name) is True):
            yield key
    for key, name in _LISTS:
        if _capabilities(said.get(key)) != _capabilities(host.get(name)):
            yield key


def _unusual(word: str) -> str:
    return "" if word == _USUAL_SIGNAL else word


def _capabilities(said: object) -> frozenset[str]:
    return frozenset(word.upper().removeprefix("CAP_") for word in texts(said))


def _unequal(wanted: Mapping[str, str], there: Mapping[str, str]) -> Iterator[str]:
    names = sorted(wanted.keys() | there.keys())
    return (name for name in names if wanted.get(name) != there.get(name))
