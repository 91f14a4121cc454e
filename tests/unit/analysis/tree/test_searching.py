"""Words are found as they are; capitals count only where they are typed."""

from __future__ import annotations

import pytest

from nstui.analysis.tree.arrangement import find_all


@pytest.mark.parametrize(
    ("words", "text", "found"),
    [
        ("", "text", ()),
        ("x", "text", ((2, 3),)),
        ("t", "text", ((0, 1), (3, 4))),
        ("error", "ERROR Error error", ((0, 5), (6, 11), (12, 17))),
        ("Error", "ERROR Error error", ((6, 11),)),
        ("a.b", "a.b acb", ((0, 3),)),
        ("[", "[[", ((0, 1), (1, 2))),
        ("(?", "a(?b", ((1, 3),)),
        ("ä", "Ä ä", ((0, 1), (2, 3))),
        ("stanbul", "İstanbul İSTANBUL", ((1, 8), (10, 17))),
        ("aa", "aaaa", ((0, 2), (2, 4))),
        (" ", "a b", ((1, 2),)),
    ],
)
def test_words(words: str, text: str, found: tuple[tuple[int, int], ...]) -> None:
    assert find_all(words, text) == found
