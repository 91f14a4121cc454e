"""The engine's configuration file, ``daemon.json``, with the guard and without it."""

from __future__ import annotations

import json
import re

PLUGIN = "nstui"
"""The name by which the engine finds the guard's socket."""

PLUGINS_KEY = "authorization-plugins"

_INDENT = re.compile(r"\{\s*\n([ \t]+)\S")
_DEFAULT_INDENT = 4


class UnusableConfig(ValueError):
    """It cannot be changed; the message says why, as the end of a sentence."""


def read_config(content: bytes) -> dict[str, object]:
    """Return what a configuration file says; empty for one without a word in it.

    Raises:
        UnusableConfig: The file is none that the engine reads.

    """
    if not content.strip():
        return {}
    try:
        document: object = json.loads(
            content.decode("utf-8"),
            object_pairs_hook=_unambiguous,
            parse_constant=_refuse_constant,
        )
    except UnusableConfig:
        raise
    except (ValueError, RecursionError) as problem:
        raise UnusableConfig(f"is not valid JSON{_place(problem)}") from problem
    if not isinstance(document, dict):
        raise UnusableConfig("is not a JSON object")
    _require_names(document.get(PLUGINS_KEY, []))
    return document


def _unambiguous(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Return an object; refuse one with a key twice, of which one would be lost."""
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise UnusableConfig(f"has the key {twice!r} twice")
    return found


def _refuse_constant(word: str) -> object:
    """Refuse what Python reads and the engine does not: NaN and the infinities."""
    raise ValueError(word)


def _place(problem: BaseException) -> str:
    if isinstance(problem, json.JSONDecodeError):
        return f": line {problem.lineno}, column {problem.colno}"
    return ""


def _require_names(value: object) -> None:
    names = value if isinstance(value, list) else [None]
    if value is not None and not all(isinstance(name, str) for name in names):
        raise UnusableConfig(f"has a key {PLUGINS_KEY!r} that is not a list of names")


def plugins_of(content: bytes) -> tuple[str, ...]:
    """Return the authorization plugins that a file names, in their order.

    Raises:
        UnusableConfig: The file is none that the engine reads.

    """
    named = read_config(content).get(PLUGINS_KEY)
    return tuple(map(str, named)) if isinstance(named, list) else ()


def may_name_plugin(content: bytes) -> bool:
    """Tell whether a file may name the guard, also one that cannot be read."""
    # A letter may be spelled \u006e, and has a zero beside it in UTF-16.
    text = content.replace(b"\0", b"")
    return PLUGIN.encode() in text or b"\\u" in text


def with_plugin(content: bytes) -> bytes:
    """Return a file that names the guard too, as the last of the plugins.

    The engine asks them in their order: the guard hears only what the others permit.
    All else stays, in its order. A file that names it already stays as it is.

    Raises:
        UnusableConfig: The file is none that the engine reads.

    """
    names = plugins_of(content)
    if PLUGIN in names:
        return content
    document = {**read_config(content), PLUGINS_KEY: [*names, PLUGIN]}
    return _written(document, content)


def without_plugin(content: bytes) -> bytes:
    """Return a file that does not name the guard; all else stays, in its order.

    A list without another plugin goes, too.

    Raises:
        UnusableConfig: The file is none that the engine reads.

    """
    names = plugins_of(content)
    if PLUGIN not in names:
        return content
    document = read_config(content)
    others = [name for name in names if name != PLUGIN]
    document[PLUGINS_KEY] = others
    if not others:
        del document[PLUGINS_KEY]
    return _written(document, content)


def _written(document: dict[str, object], like: bytes) -> bytes:
    """Return a document as text, indented as another one is."""
    found = _INDENT.match(like.decode("utf-8").lstrip())
    indent = found[1] if found else _DEFAULT_INDENT
    text = json.dumps(document, indent=indent, ensure_ascii=False)
    return f"{text}\n".encode()
