"""What the sources of settings choose, and which of them wins."""

from __future__ import annotations

from dataclasses import field, fields, replace
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar

from nstui.analysis.tree.tree import RowKind, SortOrder
from nstui.model.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from nstui.analysis.findings.ignoring import IgnoreRule
    from nstui.analysis.preferences.watching import WatchSettings
    from nstui.analysis.tree.tree import TreeRow


Entry = TypeVar("Entry")

MAX_FOLDS = 500
"""How many folds are kept for each engine, the latest."""

MAX_ENGINES = 32
"""For how many engines folds are kept, the latest."""


class SettingSource(StrEnum):
    """Where a setting comes from, the strongest first."""

    OPTION = "option"
    ENVIRONMENT = "environment"
    FILE = "file"
    LAST_LEFT = "last left"
    DEFAULT = "default"


class Column(StrEnum):
    """The columns of the tree that can be left out."""

    KINDS = "kinds"
    """The other kinds of namespace that are shared, such as ``+pid``."""

    IMAGE = "image"
    COMPOSE = "compose"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What one source sets; None for what it leaves to weaker ones."""

    theme: str | None = None
    order: SortOrder | None = None
    interval: float | None = None
    columns: tuple[Column, ...] | None = None
    keymap: Mapping[str, str] | None = None
    """The keys, separated by commas, by the id of their binding."""

    ignore: tuple[IgnoreRule, ...] | None = None
    watch: WatchSettings | None = None
    hosts: Mapping[str, tuple[str, ...]] | None = None
    """The sets of hosts: docker contexts and addresses, by the name of the set."""


@dataclass(frozen=True, slots=True)
class Preferences:
    """The settings that apply."""

    choices: Choices = field(default_factory=Choices)
    """None for the default, where that is another part's to say."""

    sources: Mapping[str, SettingSource] = field(
        default_factory=lambda: MappingProxyType({})
    )
    """Where each setting comes from, by its name."""

    problems: tuple[str, ...] = ()
    """What was wrong with the sources, as sentences."""

    file: str = ""
    """The path of the configuration, whether it exists or not."""


DEFAULTS = Choices(
    order=SortOrder.FINDINGS, columns=tuple(Column), keymap=MappingProxyType({})
)


def decide_preferences(
    sources: Mapping[SettingSource, Choices],
    problems: Iterable[str] = (),
    file: str = "",
) -> Preferences:
    """Return the settings that apply: each from the strongest source that sets it.

    Args:
        sources: What each source sets; one that is missing sets nothing.
        problems: What was wrong with the sources, as sentences.
        file: The path of the configuration.

    """
    decided, origin = DEFAULTS, {}
    for setting in fields(Choices):
        name = setting.name
        origin[name] = SettingSource.DEFAULT
        for source in SettingSource:
            value = getattr(sources.get(source), name, None)
            if value is not None:
                decided = replace(decided, **{name: value})
                origin[name] = source
                break
    return Preferences(decided, MappingProxyType(origin), tuple(problems), file)


Folds = dict[str, bool]
"""Whether rows are unfolded, by `fold_name`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LastLeft:
    """The screen as the user last left it."""

    theme: str | None = None
    order: SortOrder | None = None
    folds: Mapping[str, Folds] = field(default_factory=dict)
    """The rows that were folded or unfolded, by the address of the engine."""

    @property
    def choices(self) -> Choices:
        """What it sets."""
        return Choices(theme=self.theme, order=self.order)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to keep."""
        return self == LastLeft()

    def updated(self, newer: LastLeft) -> LastLeft:
        """Return what is kept after another program, or this one, has ended."""
        folds = dict(self.folds)
        for endpoint, changed in newer.folds.items():
            before = folds.pop(endpoint, {})
            kept = {name: before[name] for name in before if name not in changed}
            folds[endpoint] = _latest(kept | changed, MAX_FOLDS)
        return LastLeft(
            theme=newer.theme or self.theme,
            order=newer.order or self.order,
            folds=_latest(folds, MAX_ENGINES),
        )


def _latest(entries: dict[str, Entry], most: int) -> dict[str, Entry]:
    return dict(list(entries.items())[-most:])


def fold_name(row: TreeRow) -> str:
    """Return what identifies a row after a restart of nstui or of its container.

    A container that is made again has another id, but its name and its place.
    """
    if row.kind in {RowKind.CONTAINER, RowKind.GONE}:
        return f"{row.kind}:{row.label}"
    return row.key
