"""The user's own keys and theme: which of them can be used, and how they are shown."""

from __future__ import annotations

from dataclasses import replace
from difflib import get_close_matches
from types import MappingProxyType
from typing import TYPE_CHECKING

from textual.binding import Binding
from textual.keys import Keys, _character_to_key, format_key
from textual.theme import BUILTIN_THEMES

from nstui.analysis.preferences.choices import DEFAULTS, Preferences, SettingSource
from nstui.analysis.preferences.parsing import check_keymap
from nstui.tui.keys import BROWSE_KEYS, HOST_KEYS, MAIN_KEYS, OPEN_KEYS, TREE_KEYS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

TEXTUALS_KEYS = {
    "the focus": "tab,shift+tab",
    "the palette": "ctrl+p",
    "the end of the program": "ctrl+q",
    "copying": "ctrl+c",
}
"""Keys of every app, which a keymap cannot have."""

MODIFIERS = frozenset({"ctrl", "shift", "alt", "super", "hyper", "meta"})
THEMES = frozenset(BUILTIN_THEMES)


def main_keys() -> dict[str, str]:
    """Return the keys that are in force together on the main screen, by their ids."""
    bindings = (*MAIN_KEYS, *HOST_KEYS, *OPEN_KEYS, *BROWSE_KEYS, *TREE_KEYS)
    return TEXTUALS_KEYS | {
        binding.id: binding.key
        for binding in bindings
        if isinstance(binding, Binding) and binding.id
    }


def usable(preferences: Preferences, themes: Iterable[str] = THEMES) -> Preferences:
    """Return the preferences without a theme or keys that do not exist.

    What is wrong is told, unless it is only how the screen was last left.

    Args:
        preferences: The preferences.
        themes: The names of all themes.

    """
    themes = sorted(themes)
    choices, sources = preferences.choices, dict(preferences.sources)
    problems: list[str] = []
    theme = choices.theme
    # Textual reads the environment itself.
    is_ours = sources.get("theme") in {SettingSource.FILE, SettingSource.LAST_LEFT}
    if theme is not None and is_ours and theme not in themes:
        if sources["theme"] is SettingSource.FILE:
            close = get_close_matches(theme, themes, n=1)
            hint = f"; did you mean {close[0]}?" if close else ""
            problems.append(f"theme: {theme!r} is not a theme{hint}")
        choices, sources["theme"] = replace(choices, theme=None), SettingSource.DEFAULT
    if choices.keymap:
        keymap, wrong = _usable_keymap(choices.keymap)
        choices = replace(choices, keymap=MappingProxyType(keymap))
        problems += wrong
        if not keymap:
            choices = replace(choices, keymap=DEFAULTS.keymap)
            sources["keymap"] = SettingSource.DEFAULT
    told = (f"{preferences.file}: {problem}" for problem in problems)
    return replace(
        preferences,
        choices=choices,
        sources=MappingProxyType(sources),
        problems=(*preferences.problems, *told),
    )


def _usable_keymap(keymap: Mapping[str, str]) -> tuple[dict[str, str], tuple[str, ...]]:
    known, problems = {}, []
    for id_, keys in keymap.items():
        named = [_named(key.strip()) for key in keys.split(",")]
        strange = next((key for key in named if not _is_key(key)), None)
        if strange is None:
            known[id_] = ",".join(named)
        else:
            problems.append(f"keymap.{id_}: {strange!r} is not a key")
    for id_ in TEXTUALS_KEYS:
        known.pop(id_, None)
    rest, wrong = check_keymap(known, (main_keys(),), format_key)
    return rest, (*problems, *wrong)


def _named(key: str) -> str:
    """Return Textual's name of a key that may be given by its character."""
    *modifiers, last = key.split("+") if len(key) > 1 else [key]
    return "+".join((*modifiers, _character_to_key(last) if len(last) == 1 else last))


def _is_key(key: str) -> bool:
    *modifiers, last = key.split("+")
    is_known = last in _KEY_NAMES or (len(last) == 1 and last.isalnum())
    return is_known and MODIFIERS.issuperset(modifiers)


_KEY_NAMES = frozenset(
    {key.value for key in Keys}
    | {_character_to_key(chr(code)) for code in range(ord("!"), ord("~") + 1)}
)
