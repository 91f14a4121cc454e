"""What nstui has in the docker command's ``config.json``.

docker asks a plugin after the commands that ``plugins.NAME.hooks`` lists, from 26.0 on,
if ``features.hooks`` is ``"true"``, which it is not by default. All values are strings:
see ``cli/config/configfile`` in github.com/docker/cli.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.analysis.docker_cli.words import COMPOSE, GUARDED, START

if TYPE_CHECKING:
    from collections.abc import Mapping

    Json = Mapping[str, object]

NAME = "nstui"

_VERBS = (*sorted(GUARDED), START)
HOOKS = ",".join((*_VERBS, *(f"container {verb}" for verb in _VERBS), COMPOSE))
"""The commands after which docker asks."""

COMPOSE_VERBS = ("down", "kill", "restart", "rm", "start", "stop", "up")
"""The commands of compose that can take a network away."""

_MARK = "turned-hooks-on"
"""The key that says that hooks were off before nstui was installed."""

_ON = "true"


def with_hooks(config: Json) -> dict[str, object]:
    """Return a configuration by which docker asks nstui after commands.

    Hooks that were turned off on purpose stay off.

    Raises:
        ValueError: a part of it is not what docker takes; the message names it.

    """
    plugins, features = _part(config, "plugins"), _part(config, "features")
    own = _part(plugins, NAME)
    mark = {_MARK: _ON} if _MARK in own or "hooks" not in features else {}
    plugins[NAME] = {"hooks": HOOKS, **mark}
    return {
        **config,
        "plugins": plugins,
        "features": {**features, "hooks": features.get("hooks", _ON)},
    }


def without_hooks(config: Json) -> dict[str, object]:
    """Return a configuration without what `with_hooks` adds.

    Hooks stay on if another plugin has some.

    Raises:
        ValueError: as for `with_hooks`.

    """
    plugins, features = _part(config, "plugins"), _part(config, "features")
    own = plugins.pop(NAME, {})
    is_needed = any(isinstance(p, dict) and "hooks" in p for p in plugins.values())
    if isinstance(own, dict) and _MARK in own and not is_needed:
        features.pop("hooks", None)
    left = {**config, "plugins": plugins, "features": features}
    return {
        key: value
        for key, value in left.items()
        if value or (key in config and config[key] == value)
    }


def has_hooks(config: Json) -> bool:
    """Tell whether docker asks nstui after commands, if it can.

    Raises:
        ValueError: as for `with_hooks`.

    """
    return _part(_part(config, "plugins"), NAME).get("hooks") == HOOKS


def hooks_are_on(config: Json, environ: Mapping[str, str]) -> bool:
    """Tell whether docker asks plugins at all.

    Args:
        config: The configuration.
        environ: The environment, which counts before it.

    Raises:
        ValueError: as for `with_hooks`.

    """
    from_config = _part(config, "features").get("hooks", "")
    chosen = (
        environ.get("DOCKER_CLI_HOOKS")
        or environ.get("DOCKER_CLI_HINTS")
        or from_config
    )
    # What Go's strconv.ParseBool takes for true.
    return chosen in {"1", "t", "T", "true", "TRUE", "True"}


def _part(config: Json, key: str) -> dict[str, object]:
    """Return a copy of an object in a configuration; empty if it is missing."""
    part = config.get(key)
    if part is None:
        return {}
    if not isinstance(part, dict):
        raise ValueError(f"{key!r} in it is not an object")  # noqa: TRY004 - bad JSON
    return dict(part)
