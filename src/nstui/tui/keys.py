"""The keys of the main screen, with their help texts."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from textual.binding import Binding

from nstui.model.step import Action

if TYPE_CHECKING:
    from textual.binding import BindingType


FILTER_KEY = "slash"

TREE_KEYS: list[BindingType] = [
    Binding(
        "enter",
        "select_cursor",
        "Fold",
        tooltip="Fold or unfold what is beneath the line",
        id="tree.fold",
    ),
    Binding(
        "space",
        "select_line",
        "Select",
        show=False,
        tooltip="Select the container, to act on several at once",
        id="tree.select",
    ),
    Binding(
        "j,down",
        "cursor_down",
        "Down",
        show=False,
        tooltip="Go to the next line; in a filter the next match",
        id="tree.down",
    ),
    Binding(
        "k,up",
        "cursor_up",
        "Up",
        show=False,
        tooltip="Go to the line before; in a filter the match before",
        id="tree.up",
    ),
    Binding(
        "g,home",
        "scroll_home",
        "First",
        show=False,
        tooltip="Go to the first line, or to the first match",
        id="tree.first",
    ),
    Binding(
        "G,end",
        "scroll_end",
        "Last",
        show=False,
        tooltip="Go to the last line, or to the last match",
        id="tree.last",
    ),
]

MAIN_KEYS: list[BindingType] = [
    Binding(
        "d,delete",
        f"act('{Action.RM}')",
        "Remove",
        tooltip="Remove, unless others depend on it",
        id="remove",
    ),
    Binding(
        "s",
        f"act('{Action.STOP}')",
        "Stop",
        tooltip="Stop, unless others depend on it",
        id="stop",
    ),
    Binding(
        "S",
        f"act('{Action.START}')",
        "Start",
        tooltip="Start, after what it joined",
        id="start",
    ),
    Binding(
        "R",
        f"act('{Action.RESTART}')",
        "Restart",
        tooltip="Restart, with its dependents after it",
        id="restart",
    ),
    Binding(
        "C",
        f"act('{Action.RECREATE}')",
        "Recreate",
        show=False,
        tooltip="Recreate from its image, pulled first or not, with its dependents",
        id="recreate",
    ),
    Binding(
        "u",
        f"act('{Action.PAUSE}')",
        "Pause",
        show=False,
        tooltip="Pause, or unpause what is paused",
        id="pause",
    ),
    Binding(
        "K",
        f"act('{Action.KILL}')",
        "Kill",
        show=False,
        tooltip="Kill, unless others depend on it",
        id="kill",
    ),
    Binding(
        "P",
        f"act('{Action.PRUNE}')",
        "Prune",
        show=False,
        tooltip="Prune: remove stopped containers nothing depends on",
        id="prune",
    ),
    Binding(
        "H",
        f"act('{Action.HEAL}')",
        "Heal",
        tooltip="Heal the group or the selection; H again: everything",
        id="heal",
    ),
    Binding(
        "U",
        "restore",
        "Undo removal",
        show=False,
        tooltip="Restore what nstui removed, the last one first",
        id="restore",
    ),
    Binding(
        "f",
        "findings",
        "Findings",
        tooltip="List the incidents",
        id="findings",
    ),
    Binding(
        "w",
        "watch",
        "Watch",
        show=False,
        tooltip="Show what the standing watch does, and its circuits",
        id="watch",
    ),
    Binding(
        "r",
        "refresh",
        "Refresh",
        show=False,
        tooltip="Read everything again now",
        id="refresh",
    ),
    Binding(
        "question_mark",
        "help",
        "Help",
        key_display="?",
        tooltip="Show the keys and the signs",
        id="help",
    ),
    Binding("q", "app.quit", "Quit", tooltip="Quit", id="quit"),
]
"""The keys that act on containers, and those that open another screen."""


CONTEXT_KEY = Binding(
    "colon",
    "context",
    "Open context",
    show=False,
    key_display=":",
    tooltip="Open another docker context",
    id="context",
)
HOST_KEYS: list[BindingType] = [
    Binding(
        "backspace",
        "hosts",
        "Hosts",
        tooltip="Go back to the list of hosts, if there are several",
        id="hosts",
    ),
    Binding(
        "greater_than_sign",
        "next_host(1)",
        "Next host",
        show=False,
        key_display=">",
        tooltip="Open the next host of the list",
        id="next_host",
    ),
    Binding(
        "less_than_sign",
        "next_host(-1)",
        "Previous host",
        show=False,
        key_display="<",
        tooltip="Open the host before",
        id="previous_host",
    ),
    CONTEXT_KEY,
]
"""The keys of the main screen that show another host."""


class Tab(StrEnum):
    """The tabs of the details; the values are their names."""

    OVERVIEW = "Overview"
    NETWORK = "Network"
    MEMBERS = "Members"
    EVIDENCE = "Evidence"

    @property
    def number(self) -> int:
        """Its position from 1, which is also the key that chooses it."""
        return list(Tab).index(self) + 1

    def step(self, by: int) -> Tab:
        """Return the tab that is `by` positions further, around the end."""
        tabs = list(Tab)
        return tabs[(tabs.index(self) + by) % len(tabs)]


class Opening(StrEnum):
    """What a key opens on the container under the cursor."""

    LOGS = "logs"
    GROUP_LOG = "group-log"
    INSPECT = "inspect"
    COPY = "copy"
    SHELL = "shell"
    PROCESSES = "processes"


OPEN_KEYS: list[BindingType] = [
    Binding(
        "l",
        f"open('{Opening.LOGS}')",
        "Log",
        tooltip="Log; on a heading, of its group",
        id="logs",
    ),
    Binding(
        "L",
        f"open('{Opening.GROUP_LOG}')",
        "Group log",
        show=False,
        tooltip="Log of the group, merged by time",
        id="group_log",
    ),
    Binding(
        "i",
        f"open('{Opening.INSPECT}')",
        "Inspect",
        show=False,
        tooltip="Its inspect: everything the engine knows",
        id="inspect",
    ),
    Binding(
        "p",
        f"open('{Opening.PROCESSES}')",
        "Processes",
        show=False,
        tooltip="Its processes, with their CPU and memory",
        id="processes",
    ),
    Binding(
        "e",
        f"open('{Opening.SHELL}')",
        "Shell",
        show=False,
        tooltip="Run a shell in it",
        id="shell",
    ),
    Binding(
        "y",
        f"open('{Opening.COPY}')",
        "Copy",
        show=False,
        tooltip="Copy its name, its id, its address, or what heals it",
        id="copy",
    ),
]
"""The keys that open something on the container under the cursor."""


BROWSE_KEYS: list[BindingType] = [
    Binding(
        "v",
        "select_group",
        "Select group",
        show=False,
        tooltip="Select the whole group or compose project, or deselect it",
        id="select_group",
    ),
    Binding(
        "t",
        "next_kind",
        "Next namespace kind",
        show=False,
        tooltip="Show another kind of namespace: net, pid, ipc",
        id="kind",
    ),
    Binding(
        "a",
        "with_all",
        "All namespaces",
        show=False,
        tooltip="Also show namespaces without a container",
        id="all",
    ),
    Binding(
        "o",
        "next_order(1)",
        "Next sort",
        show=False,
        tooltip="Sort by name, state, age, CPU or memory",
        id="order",
    ),
    Binding(
        "O",
        "next_order(-1)",
        "Previous sort",
        show=False,
        tooltip="Sort by the previous one",
        id="previous_order",
    ),
    Binding(
        "n",
        "jump(1)",
        "Next finding",
        show=False,
        tooltip="Go to the next finding; in a filter the next match",
        id="next_finding",
    ),
    Binding(
        "N",
        "jump(-1)",
        "Previous finding",
        show=False,
        tooltip="Go to the previous finding, or the previous match",
        id="previous_finding",
    ),
    Binding(
        FILTER_KEY,
        "filter",
        "Filter",
        key_display="/",
        tooltip="Show only what matches: name, port, address, image, …",
        id="filter",
    ),
    Binding(
        "escape",
        "clear",
        "Clear",
        show=False,
        tooltip="Clear the filter and the selection",
        id="clear",
    ),
    *(
        Binding(
            str(tab.number),
            f"tab('{tab}')",
            tab.value,
            show=False,
            tooltip=words,
            id=f"tab_{tab.name.lower()}",
        )
        for tab, words in (
            (Tab.OVERVIEW, "Show the overview"),
            (Tab.NETWORK, "Show its network from within"),
            (Tab.MEMBERS, "Show its group, and what each member uses"),
            (Tab.EVIDENCE, "Show what each source says of it"),
        )
    ),
    Binding(
        "right_square_bracket",
        "step_tab(1)",
        "Next tab",
        show=False,
        key_display="]",
        tooltip="Show the next tab of the details",
        id="next_tab",
    ),
    Binding(
        "left_square_bracket",
        "step_tab(-1)",
        "Tab before",
        show=False,
        key_display="[",
        tooltip="Show the tab before",
        id="previous_tab",
    ),
    Binding(
        "z",
        "zoom",
        "Zoom",
        show=False,
        tooltip="Give the details the whole screen, or go back",
        id="zoom",
    ),
]
"""The keys that choose what is shown, and those that move in it."""


DETAILS_KEYS: list[BindingType] = [
    Binding(
        "enter",
        "zoom",
        "Zoom",
        tooltip="In the details: give them the whole screen, or go back",
        id="details.zoom",
    ),
    *(
        Binding(keys, action, words, show=False, tooltip=tooltip, id=f"details.{name}")
        for name, keys, action, words, tooltip in (
            ("down", "j,down", "move(1)", "Down", "In the details: a line down"),
            ("up", "k,up", "move(-1)", "Up", "In the details: a line up"),
            ("first", "g,home", "first", "First", "In the details: to the beginning"),
            ("last", "G,end", "last", "Last", "In the details: to the end"),
            ("half_down", "ctrl+d", "half(1)", "Half down", "Half a page down"),
            ("half_up", "ctrl+u", "half(-1)", "Half up", "Half a page up"),
            ("forward", "space,pagedown", "page(1)", "Forward", "A page down"),
            ("back", "b,pageup", "page(-1)", "Back", "A page up"),
        )
    ),
]
"""The keys of the details while they have the focus."""


def help_binding(screen: str) -> Binding:
    """Return the binding of ``?``, with an id that begins with the screen's name."""
    return Binding(
        "question_mark",
        "help",
        "Help",
        key_display="?",
        tooltip="Show the keys and the signs",
        id=f"{screen}.help",
    )
