"""The groups of the keys, in the order in which they are needed.

The help of each screen and the palette have the same groups in the same order.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from textual.binding import Binding
from textual.keys import format_key
from textual.widgets import Input

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from textual.dom import DOMNode


class KeyGroup(StrEnum):
    """What keys are for; the values are headings, in their order."""

    LOOK = "Look"
    ACT = "Act"
    FIND = "Find"
    SELECT = "Select"
    MOVE = "Move"
    DETAILS = "Details"
    ARRANGE = "Arrange"
    SCREEN = "Screen"


_IDS = {
    KeyGroup.LOOK: (
        "hosts.open hosts next_host previous_host context"
        " findings watch logs group_log inspect processes shell copy"
        " findings.go findings.unfold findings.open findings.fold findings.copy"
        " findings.ignored watch.go watch.copy"
        " log.follow logs.since logs.save inspect.copy"
    ),
    KeyGroup.ACT: (
        "heal restart recreate stop start pause kill remove restore prune findings.heal"
        " watch.reset"
    ),
    KeyGroup.FIND: (
        "filter next_finding previous_finding clear"
        " logs.search logs.filter logs.next logs.before"
        " inspect.search inspect.next inspect.before"
    ),
    KeyGroup.SELECT: "tree.select select_group",
    KeyGroup.MOVE: (
        "tree.fold tree.down tree.up tree.first tree.last"
        " findings.down findings.up findings.first findings.last"
        " watch.down watch.up watch.first watch.last"
        " hosts.down hosts.up hosts.first hosts.last"
        " log.down log.up log.forward log.back log.first log.right log.left"
        " document.fold document.open document.close document.all"
        " document.down document.up document.first document.last"
        " processes.down processes.up processes.first processes.last"
        " details.zoom details.down details.up details.half_down details.half_up"
        " details.forward details.back details.first details.last"
    ),
    KeyGroup.DETAILS: (
        "tab_overview tab_network tab_members tab_evidence next_tab previous_tab zoom"
    ),
    KeyGroup.ARRANGE: (
        "order previous_order kind all logs.times logs.wrap"
        " processes.by_cpu processes.by_memory processes.by_time processes.by_pid"
    ),
    KeyGroup.SCREEN: (
        "refresh hosts.refresh inspect.refresh redraw help findings.help logs.help"
        " inspect.help processes.help watch.help hosts.help quit findings.close"
        " logs.leave logs.close"
        " inspect.leave inspect.close processes.close processes.leave watch.close"
    ),
}
"""The ids of the bindings, in their order; a screen has some of them."""

_NAMES = {
    "escape": "esc",
    "enter": "enter",
    "pagedown": "pgdn",
    "pageup": "pgup",
    "delete": "delete",
    "backspace": "backspace",
    "minus": "-",
}
"""The names of keys that Textual shows in another way."""

_PLACES = {
    id_: (group, place)
    for group, ids in _IDS.items()
    for place, id_ in enumerate(ids.split())
}


def group_of(binding: Binding) -> KeyGroup | None:
    """Return the group of a binding; None if it has none."""
    found = _PLACES.get(binding.id or "")
    return None if found is None else found[0]


def grouped(
    keys: Iterable[tuple[DOMNode, Binding]],
) -> dict[KeyGroup, list[tuple[DOMNode, Binding]]]:
    """Return keys by their groups, both in their order.

    Keys without a group follow those of the screen, so that none is left out.

    Args:
        keys: The keys, each with the node whose key it is.

    """
    last = len(_PLACES)
    ordered = sorted(
        keys, key=lambda key: _PLACES.get(key[1].id or "", (KeyGroup.SCREEN, last))[1]
    )
    groups: dict[KeyGroup, list[tuple[DOMNode, Binding]]] = {g: [] for g in KeyGroup}
    for node, binding in ordered:
        groups[group_of(binding) or KeyGroup.SCREEN].append((node, binding))
    return {group: found for group, found in groups.items() if found}


def own_keys(
    screen: DOMNode, keymap: Mapping[str, str]
) -> Iterator[tuple[DOMNode, Binding]]:
    """Yield the keys that nstui defines on a screen, each with the node whose it is.

    The keys of inputs are not among them: they are for typing.

    Args:
        screen: The screen, with all its widgets.
        keymap: The user's own keys by the id of their binding.

    """
    seen = set()
    for node in (screen, *screen.walk_children(), screen.app):
        if isinstance(node, Input):
            continue
        for binding in _bindings_of(type(node)):
            mark = binding.id or (type(node), binding.key)
            if mark not in seen:
                seen.add(mark)
                keys = keymap.get(binding.id or "")
                yield node, binding if keys is None else binding.with_key(keys)


def _bindings_of(kind: type[DOMNode]) -> Iterator[Binding]:
    for each in kind.__mro__:
        if each.__module__.startswith("nstui."):
            for binding in each.__dict__.get("BINDINGS", ()):
                if isinstance(binding, Binding):
                    yield binding


def key_text(keys: str) -> str:
    """Return the keys of a binding as a user names them."""
    return " ".join(_key_name(key.strip()) for key in keys.split(","))


def _key_name(key: str) -> str:
    *modifiers, last = key.split("+")
    return "+".join((*modifiers, _NAMES.get(last) or format_key(last)))
