"""Every command that prints, on terminals as narrow as one column."""

from __future__ import annotations

from functools import partial

import pytest

from nstui.model.namespace import NamespaceKind
from nstui.render.terminal import print_check
from nstui.render.tree_text import print_tree
from tests.support.builders import container, report
from tests.unit.cli.keyboard import Keyboard
from tests.unit.render.paper import STYLE, on_terminal

COMMANDS = (
    ("tree",),
    ("tree", "--kind", "all", "--all"),
    ("check",),
    ("explain", "vpn"),
    ("rm", "--dry-run", "vpn"),
    ("heal", "--dry-run"),
    ("removed",),
    ("--help",),
    ("rm", "nobody"),
)


@pytest.mark.parametrize("width", [1, 2, 10])
@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_a_command_on_a_narrow_terminal(words: tuple[str, ...], width: int) -> None:
    with Keyboard("--demo", *words, width=width) as user:
        # 4: of one of the demo's containers somebody has to say which owner is meant,
        # and others depend on vpn.
        assert user.end() in ({4} if "--dry-run" in words else {0, 1})
        assert user.shown.strip()
        assert "Traceback" not in user.shown


@pytest.mark.parametrize("width", range(1, 11))
def test_wide_names_on_a_narrow_terminal(
    monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    owner = container("日本語コンテナ", image="画像:最新", health="unhealthy")
    pile = "e" + 50 * "\u0301"
    seen = report(owner, container(pile, joins=owner.id, image="👍🏿" * 9))
    tree = partial(print_tree, report=seen, kind=NamespaceKind.NET, unfold=True)
    for draw in (tree, partial(print_check, report=seen)):
        shown = STYLE.sub("", on_terminal(draw, width, monkeypatch))
        assert shown.strip()
        assert 3 * "\u0301" not in shown
