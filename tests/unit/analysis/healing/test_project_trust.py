"""Whose files compose may be run on."""

from __future__ import annotations

import pytest

from nstui.analysis.healing.recomposing import find_writer, why_distrusted
from nstui.model.healing import PathFact, PathKind, ProjectFacts

AMY = 1000


def fact(  # noqa: PLR0913 - one for each thing that is known
    kind: str = "folder",
    mode: int = 0o755,
    owner: int = 0,
    *,
    wanted: str = "",
    in_volume: bool = False,
    writer: str = "",
) -> PathFact:
    """Return what is known of ``/p``."""
    return PathFact(
        path="/p",
        kind=PathKind(kind),
        owner=owner,
        mode=mode,
        wanted=PathKind(wanted) if wanted else None,
        in_volume=in_volume,
        writer=writer,
    )


OTHERS = "/p is writable by others than its owner"
VOLUME = "/p is a volume or the engine's own folder"
NOBODYS = "/p belongs to neither root nor you, but to uid 33"


@pytest.mark.parametrize(
    ("known", "problem"),
    [
        (fact(), ""),
        (fact(owner=AMY), ""),
        (fact(owner=33), NOBODYS),
        (fact(mode=0o775), OTHERS),
        (fact(mode=0o757), OTHERS),
        # /tmp: what is in it belongs to somebody, and only they can replace it.
        (fact(mode=0o1777), ""),
        (fact(mode=0o1777, owner=33), NOBODYS),
        (fact(mode=0o1777, wanted="folder"), OTHERS),
        (fact(wanted="folder"), ""),
        (fact(wanted="file"), "/p is not a regular file"),
        (fact("file", 0o600, AMY, wanted="file"), ""),
        (fact("file", 0o644, wanted="file"), ""),
        (fact("file", 0o664, AMY, wanted="file"), OTHERS),
        (fact("file", 0o646, wanted="file"), OTHERS),
        (fact("file", 0o1646, wanted="file"), OTHERS),
        (fact("file", 0o600, 33, wanted="file"), NOBODYS),
        (fact("file", wanted="folder"), "/p is not a folder"),
        (fact("file"), "/p is not a folder"),
        (fact("other", 0o600, wanted="file"), "/p is not a regular file"),
        (fact("other", 0o600), "/p is not a folder"),
        # Everybody may write a link, and only its owner can make it another one.
        (fact("link", 0o777), ""),
        (fact("link", 0o777, AMY, wanted="file"), ""),
        (fact("link", 0o777, 33, wanted="file"), NOBODYS),
        (fact("link", 0o777, in_volume=True), VOLUME),
        (fact(in_volume=True), VOLUME),
        (fact("file", 0o600, wanted="file", in_volume=True), VOLUME),
        (fact("missing", wanted="file"), "/p is not there"),
        (fact("missing"), "/p is not there"),
        (fact("unreadable"), "/p cannot be read"),
        (fact(writer="web"), ""),
    ],
)
def test_one_path(known: PathFact, problem: str) -> None:
    assert why_distrusted(ProjectFacts(AMY, (known,))) == problem
    assert why_distrusted(ProjectFacts(AMY, (fact(), known, fact()))) == problem


def test_only_the_user_and_root_are_trusted() -> None:
    amys = (fact(owner=AMY),)
    assert why_distrusted(ProjectFacts(AMY, amys)) == ""
    assert why_distrusted(ProjectFacts(0, amys)).startswith("/p belongs to neither")


def test_the_first_who_can_write_is_named() -> None:
    facts = ProjectFacts(0, (fact(), fact(writer="web"), fact(writer="db")))
    assert find_writer(facts) == ("web", "/p")
    assert find_writer(ProjectFacts(0, (fact(),))) == ("", "")
