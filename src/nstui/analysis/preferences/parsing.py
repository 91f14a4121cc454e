"""Reads the text of a configuration, key by key.

A value that makes no sense is left out and told in a sentence; the others count.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING

from nstui.analysis.findings.ignoring import IgnoreRule, parse_rule
from nstui.analysis.preferences.choices import Choices, Column
from nstui.analysis.preferences.host_sets import HOSTS, parse_sets
from nstui.analysis.preferences.watching import NOTHING_SET, WATCH_KEYS, parse_names
from nstui.analysis.tree.tree import SortOrder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence


MIN_INTERVAL_S = 0.1
MAX_INTERVAL_S = 3600.0

CHECK = "check"
"""The table of settings of ``nstui check``."""

WATCH = "watch"
"""The table of settings of ``nstui watch``."""

NAMES = f"{WATCH}.names"
"""The table in it with a table for each container."""


class ValueProblem(Exception):
    """A value makes no sense; the message is the end of a sentence."""


def parse_config(text: str) -> tuple[Choices, tuple[str, ...]]:
    """Return what a configuration sets, and a sentence for everything wrong in it."""
    try:
        document: Mapping[str, object] = tomllib.loads(text.removeprefix("\ufeff"))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        return Choices(), (f"it is not TOML, so none of it counts: {error}",)
    problems: list[str] = []
    choices = Choices()
    for key, value in _settings(document):
        if key == NAMES:
            # A mistake about one container must not hide what is right about it.
            by_name, wrong = parse_names(value)
            watch = replace(choices.watch or NOTHING_SET, by_name=by_name)
            choices = replace(choices, watch=watch)
            problems += [f"{key}: {problem}" for problem in wrong]
            continue
        if key == HOSTS:
            # Nor must one about a set.
            sets, wrong = parse_sets(value)
            choices = replace(choices, hosts=sets or None)
            problems += [f"{key}: {problem}" for problem in wrong]
            continue
        if key not in _PARSERS:
            problems.append(f"{key} is not a setting{_similar_setting(key)}")
            continue
        try:
            choices = _PARSERS[key](choices, value)
        except ValueProblem as problem:
            problems.append(f"{key}: {problem}")
    return choices, tuple(problems)


def _settings(document: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    """Yield each setting with its full name."""
    for key, value in document.items():
        if key in {CHECK, WATCH} and isinstance(value, Mapping):
            yield from ((f"{key}.{name}", each) for name, each in value.items())
        else:
            yield key, value


def _similar_setting(key: str) -> str:
    """Return which setting may have been meant, as the end of a sentence."""
    prefix = f"{WATCH}."
    if not key.startswith(prefix):
        known = [one for one in _PARSERS if not one.startswith(prefix)]
        return hint(key, [*known, HOSTS])
    # What they have in common would make any two of them similar.
    return hint(key.removeprefix(prefix), [*WATCH_KEYS, NAMES.removeprefix(prefix)])


def hint(word: str, known: Sequence[str]) -> str:
    """Return the end of a sentence with the most similar word, or with all of them."""
    from difflib import get_close_matches  # noqa: PLC0415

    close = get_close_matches(word.casefold(), known, n=1)
    if close:
        return f"; did you mean {close[0]}?"
    return f"; there is {_listed(known)}"


def _listed(words: Sequence[str]) -> str:
    *others, last = words
    return f"{', '.join(others)} and {last}" if others else last


def parse_order(value: object) -> SortOrder:
    """Return the order of a name, in any case.

    Raises:
        ValueProblem: no order has this name.

    """
    names = {order.value.casefold(): order for order in SortOrder}
    text = _text(value).casefold()
    if text not in names:
        raise ValueProblem(f"{value!r} is not an order{hint(text, list(names))}")
    return names[text]


def parse_interval(value: object) -> float:
    """Return a number of seconds between two looks.

    Raises:
        ValueProblem: it is not a number, or out of range.

    """
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not MIN_INTERVAL_S <= float(str(value)) <= MAX_INTERVAL_S:
        raise ValueProblem(
            f"{value!r} is not a number of seconds from"
            f" {MIN_INTERVAL_S:g} to {MAX_INTERVAL_S:g}"
        )
    return float(str(value))


def parse_theme(value: object) -> str:
    """Return the name of a theme, which only the screen knows to exist.

    Raises:
        ValueProblem: it is not a name.

    """
    return _text(value)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueProblem(f"{value!r} is not a text")
    if not value:
        raise ValueProblem("it is empty")
    return value


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value)


def _texts(value: object) -> list[str]:
    if not isinstance(value, list):
        raise ValueProblem(f"{value!r} is not a list of texts")
    return [_text(each) for each in value]


def _parse_columns(value: object) -> tuple[Column, ...]:
    names = [column.value for column in Column]
    for word in _texts(value):
        if word not in names:
            raise ValueProblem(f"{word!r} is not a column{hint(word, names)}")
    return tuple(column for column in Column if column.value in _texts(value))


def _parse_ignore(value: object) -> tuple[IgnoreRule, ...]:
    rules = []
    for word in _texts(value):
        try:
            rules.append(parse_rule(word))
        except ValueError as problem:
            raise ValueProblem(str(problem)) from problem
    return tuple(rules)


def _parse_keymap(value: object) -> Mapping[str, str]:
    if not isinstance(value, Mapping):
        raise ValueProblem(f"{value!r} is not a table of keys")
    found = {}
    for key, keys in _entries(value):
        words = [keys] if isinstance(keys, str) else keys
        if not (isinstance(words, list) and words and all(map(_is_text, words))):
            raise ValueProblem(f"{key}: {keys!r} is neither a key nor a list of keys")
        found[key] = ",".join(words)
    return MappingProxyType(found)


def _entries(
    table: Mapping[str, object], prefix: str = ""
) -> Iterator[tuple[str, object]]:
    """Yield the entries of a table and of those in it: TOML nests at a point."""
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from _entries(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def _parse_watch(key: str, choices: Choices, value: object) -> Choices:
    try:
        return replace(
            choices, watch=WATCH_KEYS[key](choices.watch or NOTHING_SET, value)
        )
    except ValueError as problem:
        raise ValueProblem(str(problem)) from problem


_PARSERS: Mapping[str, Callable[[Choices, object], Choices]] = {
    "theme": lambda choices, value: replace(choices, theme=parse_theme(value)),
    "order": lambda choices, value: replace(choices, order=parse_order(value)),
    "interval": lambda choices, value: replace(choices, interval=parse_interval(value)),
    "columns": lambda choices, value: replace(choices, columns=_parse_columns(value)),
    "keymap": lambda choices, value: replace(choices, keymap=_parse_keymap(value)),
    f"{CHECK}.ignore": lambda choices, value: replace(
        choices, ignore=_parse_ignore(value)
    ),
    **{f"{WATCH}.{key}": partial(_parse_watch, key) for key in WATCH_KEYS},
}
"""What reads the value of each setting."""


def check_keymap(
    keymap: Mapping[str, str],
    contexts: Iterable[Mapping[str, str]],
    show: Callable[[str], str] = str,
) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return the part of a keymap that can be used, and what is wrong with the rest.

    Args:
        keymap: The keys wanted, separated by commas, by the id of their binding.
        contexts: The keys of the bindings that are in force together, by their ids.
        show: Returns a key as the user knows it.

    Returns:
        The usable part, and a sentence for each entry that is left out.

    """
    contexts = tuple(contexts)
    known = [id_ for context in contexts for id_ in context]
    usable = {id_: keys for id_, keys in keymap.items() if id_ in known}
    problems = [
        f"keymap.{id_}: no binding has this id{_similar(id_, known)}"
        for id_ in keymap
        if id_ not in usable
    ]
    for context in contexts:
        problems += (
            f"keymap.{id_}: {show(key)} is the key of {other}, so {id_} keeps"
            f" {' and '.join(map(show, context[id_].split(',')))}"
            for id_, key, other in _drop_clashes(usable, context)
        )
    return usable, tuple(problems)


def _similar(word: str, known: Sequence[str]) -> str:
    from difflib import get_close_matches  # noqa: PLC0415

    close = get_close_matches(word, known, n=1)
    return f"; did you mean {close[0]}?" if close else ""


def _drop_clashes(
    usable: dict[str, str], context: Mapping[str, str]
) -> list[tuple[str, str, str]]:
    """Remove the entries that take a key of another binding.

    Removing one gives its own key back, with which another entry may clash.

    Returns:
        For each of them its id, the key, and the id of the other binding.

    """
    dropped: list[tuple[str, str, str]] = []
    while True:
        wanted = {id_: usable.get(id_, keys) for id_, keys in context.items()}
        clash = _first_clash(usable, wanted)
        if clash is None:
            return dropped
        del usable[clash[0]]
        dropped.append(clash)


def _first_clash(
    usable: Mapping[str, str], wanted: Mapping[str, str]
) -> tuple[str, str, str] | None:
    """Return an entry of the keymap, its key, and the other binding of that key."""
    for id_ in usable:
        for key in wanted.get(id_, "").split(","):
            for other, keys in wanted.items():
                if key and other != id_ and key in keys.split(","):
                    return id_, key, other
    return None
