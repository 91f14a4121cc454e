"""The settings that apply, and where each of them comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.analysis.preferences.choices import SettingSource
from nstui.analysis.preferences.host_sets import HOSTS
from nstui.analysis.preferences.watching import NOTHING_SET, watch_words
from nstui.render.document import SCHEMA
from nstui.render.text import printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from nstui.analysis.preferences.choices import LastLeft, Preferences

DEFAULTS = {
    "theme": "textual-dark",
    "interval": "30, or 2 without events",
}
"""The words for defaults that other parts decide."""

WATCH = "watch"
"""The setting that is a table of its own, in the configuration only."""

NAMES = {"ignore": "check.ignore"}
"""The names of settings in the configuration, where they differ."""

_ORIGINS = {
    ("theme", SettingSource.ENVIRONMENT): "TEXTUAL_THEME",
    ("order", SettingSource.ENVIRONMENT): "NSTUI_ORDER",
    ("interval", SettingSource.ENVIRONMENT): "NSTUI_INTERVAL",
    ("interval", SettingSource.OPTION): "--interval",
}
"""Where a setting comes from, in words."""


def setting_lines(
    preferences: Preferences, left: LastLeft, *, place: str, state: str
) -> Iterator[str]:
    """Yield the settings as lines of text.

    Args:
        preferences: The settings that apply.
        left: The screen as it was last left.
        place: The file of the configuration, in words.
        state: The file of what was last left, in words.

    """
    rows = [
        (name, printable(_words(name, value)), _origin(preferences, name))
        for name, value in _values(preferences).items()
    ]
    rows += [
        (f"{WATCH}.{key}", printable(words), _watch_origin(preferences, is_set=is_set))
        for key, (words, is_set) in _watch(preferences).items()
    ]
    folds = sum(map(len, left.folds.values()))
    source = SettingSource.LAST_LEFT if folds else SettingSource.DEFAULT
    rows.append(("folds", f"{folds or 'none'} kept", source.value))
    names, values, _ = (max(map(len, column)) for column in zip(*rows, strict=True))
    for name, value, origin in rows:
        yield f"{name:<{names}}  {value:<{values}}  {printable(origin)}"
    yield ""
    yield f"configuration  {printable(place)}"
    yield f"last left      {printable(state)}"


def settings_document(
    preferences: Preferences, left: LastLeft, *, place: str | None, state: str | None
) -> dict[str, object]:
    """Return the settings as JSON.

    Args:
        preferences: The settings that apply.
        left: The screen as it was last left.
        place: The file of the configuration; None without a home folder.
        state: The file of what was last left; None without a home folder.

    """
    return {
        "schema": SCHEMA,
        "file": place,
        "state_file": state,
        "settings": {
            NAMES.get(name, name): {
                "value": value,
                "source": source.value,
                "from": _origin(preferences, NAMES.get(name, name)),
            }
            for name, source in preferences.sources.items()
            if name != WATCH
            for value in [_values(preferences)[NAMES.get(name, name)]]
        }
        | {
            f"{WATCH}.{key}": {
                "value": words,
                "source": (
                    SettingSource.FILE if is_set else SettingSource.DEFAULT
                ).value,
                "from": _watch_origin(preferences, is_set=is_set),
            }
            for key, (words, is_set) in _watch(preferences).items()
        },
        "folds": {endpoint: dict(folds) for endpoint, folds in left.folds.items()},
        "problems": list(preferences.problems),
    }


def _values(preferences: Preferences) -> dict[str, object]:
    """Return the values by the names they have in the configuration."""
    choices = preferences.choices
    return {
        "theme": choices.theme,
        "order": None if choices.order is None else choices.order.value,
        "interval": choices.interval,
        "columns": [column.value for column in choices.columns or ()],
        "keymap": dict(choices.keymap or {}),
        "check.ignore": [str(rule) for rule in choices.ignore or ()],
        "hosts": {name: list(each) for name, each in (choices.hosts or {}).items()},
    }


def _watch(preferences: Preferences) -> Mapping[str, tuple[str, bool]]:
    return watch_words(preferences.choices.watch or NOTHING_SET)


def _watch_origin(preferences: Preferences, *, is_set: bool) -> str:
    return preferences.file if is_set else SettingSource.DEFAULT.value


def _words(name: str, value: object) -> str:
    if value is None:
        return DEFAULTS[name]
    if isinstance(value, dict):
        entries = (f"{key} = {_listed(each)}" for key, each in value.items())
        return ("; " if name == HOSTS else ", ").join(entries) or "none"
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _listed(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _origin(preferences: Preferences, name: str) -> str:
    """Return where a setting comes from: a file, an option, a variable, or a word."""
    key = next((key for key, shown in NAMES.items() if shown == name), name)
    source = preferences.sources.get(key, SettingSource.DEFAULT)
    if source is SettingSource.FILE:
        return preferences.file
    return _ORIGINS.get((key, source), source.value)
