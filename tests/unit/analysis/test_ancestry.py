"""What is remembered of a container for the time when it no longer exists."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from nstui.analysis.ancestry import as_seen, from_past, newer, with_past
from nstui.model.container import ComposeService
from nstui.model.snapshot import FormerContainer, FormerContainerSource
from tests.support.builders import NOON, cid, container

OWN = cid("own")
OTHER = cid("other")
SHORT = OWN[:12]
SERVICE = ComposeService("media", "vpn")


@pytest.mark.parametrize(
    ("name", "remembered"),
    [
        ("own", "own"),
        (f"own-old-{SHORT}", "own"),
        (f"{SHORT}_media_vpn_1", "media_vpn_1"),
        (f"own-old-{OTHER[:12]}", f"own-old-{OTHER[:12]}"),
        (f"own-new-{OTHER[:12]}", None),
        (f"{OTHER[:12]}_media-vpn-1", None),
        ("own-new-0123456789ab", "own-new-0123456789ab"),
        ("0123456789ab_x", "0123456789ab_x"),
    ],
    ids=[
        "plain", "nstui's own old", "compose's old", "of another", "nstui's new",
        "compose's new", "like a new one of nobody", "like compose's of nobody",
    ],
)  # fmt: skip
def test_a_name_in_passing_is_not_remembered(name: str, remembered: str | None) -> None:
    seen = as_seen(container(name, id_=OWN), {OWN, OTHER})
    assert (None if seen is None else seen.name) == remembered


def test_of_its_service_only_the_name_is_remembered() -> None:
    made = replace(SERVICE, folder="/p", files=("/p/c.yml",), depends_on=("x",))
    assert as_seen(replace(container("own"), compose=made), {OWN}) == FormerContainer(
        OWN, "own", SERVICE
    )
    once = replace(made, is_oneoff=True)
    assert as_seen(replace(container("own"), compose=once), {OWN}) == FormerContainer(
        OWN, "own", None
    )


def test_what_was_proven_once_holds() -> None:
    known = FormerContainer(OWN, "own", SERVICE, earlier=("a",))
    assert newer(None, known) == known
    assert newer(known, FormerContainer(OWN, "own", None)) == known
    renamed = newer(known, FormerContainer(OWN, "b", None))
    assert renamed == FormerContainer(OWN, "b", SERVICE, earlier=("own", "a"))
    assert newer(renamed, FormerContainer(OWN, "own", None)).earlier == ("b", "a")


@pytest.mark.parametrize(
    ("names", "last", "earlier"),
    [
        (("own", "own"), "own", ()),
        (("a", "", "b", "c", "a", "d"), "d", ("a", "c", "b")),
        (("own", f"own-old-{SHORT}"), "own", ()),
        (("media_vpn_1", f"{SHORT}_media_vpn_1"), "media_vpn_1", ()),
        ((f"{OTHER[:12]}_media-vpn-1", "media-vpn-1"), "media-vpn-1", ()),
        ((f"own-new-{OTHER[:12]}", "own"), "own", ()),
        ((f"{OTHER[:12]}_x",), f"{OTHER[:12]}_x", ()),
    ],
)
def test_the_last_name_of_the_past_counts(
    names: tuple[str, ...], last: str, earlier: tuple[str, ...]
) -> None:
    told = [(OWN, name, NOON + timedelta(minutes=n)) for n, name in enumerate(names)]
    known = from_past([*told, (OTHER, "other", NOON)])[OWN]
    assert (known.name, known.earlier) == (last, earlier)
    assert (known.compose, known.source) == (None, FormerContainerSource.EVENTS)


@pytest.mark.parametrize(
    ("names", "minute"),
    [
        (("a", "b"), 1),
        (("a", "b", "b"), 1),
        (("b", "a", "b", "b"), 2),
        (("a", "a"), None),
    ],
)
def test_when_it_got_its_last_name(names: tuple[str, ...], minute: int | None) -> None:
    told = [(OWN, name, NOON + timedelta(minutes=n)) for n, name in enumerate(names)]
    moment = None if minute is None else NOON + timedelta(minutes=minute)
    assert from_past(told)[OWN].renamed_at == moment


def test_without_a_name_nothing_is_known() -> None:
    assert from_past([(OWN, "", NOON)]) == {}


PAST = FormerContainerSource.EVENTS


@pytest.mark.parametrize(
    ("known", "past", "expected"),
    [
        (None, ("b", "a"), FormerContainer(OWN, "b", None, PAST, ("a",))),
        (("a",), ("a",), FormerContainer(OWN, "a", SERVICE)),
        (("a",), ("a", "c"), FormerContainer(OWN, "a", SERVICE, earlier=("c",))),
        (("a", "z"), ("b",), FormerContainer(OWN, "b", SERVICE, PAST, ("a", "z"))),
        (("a",), ("b", "a"), FormerContainer(OWN, "b", SERVICE, PAST, ("a",))),
    ],
    ids=["unknown", "as recorded", "and one before", "renamed since", "renamed twice"],
)  # fmt: skip
def test_the_last_events_have_the_last_name(
    known: tuple[str, ...] | None, past: tuple[str, ...], expected: FormerContainer
) -> None:
    told = FormerContainer(
        OWN, past[0], None, FormerContainerSource.EVENTS, past[1:], NOON
    )
    expected = replace(expected, renamed_at=NOON)
    recorded = None
    if known is not None:
        recorded = FormerContainer(OWN, known[0], SERVICE, earlier=known[1:])
    assert with_past(recorded, told) == expected
