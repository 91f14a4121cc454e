"""Which engine a record is of."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nstui.analysis.same_engine import can_miss, is_of_engine, shared_endpoints
from tests.unit.audit.traces import removed

HERE, THERE = "unix:///var/run/docker.sock", "ssh://me@nas"


@pytest.mark.parametrize(
    ("kept", "now", "is_same"),
    [
        pytest.param((HERE, "A"), (HERE, "A"), True, id="nothing has changed"),
        pytest.param((HERE, "A"), (THERE, "A"), True, id="another address"),
        pytest.param((HERE, "A"), (HERE, "B"), False, id="a new engine"),
        pytest.param((HERE, "A"), (THERE, "B"), False, id="nothing in common"),
        pytest.param((HERE, "A"), (HERE, "a"), False, id="ids are exact"),
        pytest.param((HERE, ""), (HERE, "A"), True, id="an old record"),
        pytest.param((HERE, ""), (THERE, "A"), False, id="an old one elsewhere"),
        pytest.param((HERE, "A"), (HERE, ""), True, id="it has not said its id"),
        pytest.param((HERE, "A"), (THERE, ""), False, id="nor elsewhere"),
        pytest.param((HERE, ""), (HERE, ""), True, id="it has none"),
        pytest.param((HERE, ""), (THERE, ""), False, id="two have none"),
    ],
)
def test_the_ids_decide_where_both_are_known(
    kept: tuple[str, str], now: tuple[str, str], *, is_same: bool
) -> None:
    record = replace(removed(), endpoint=kept[0], engine_id=kept[1])

    assert is_of_engine(record, *now) is is_same
    # Several engines may have one id.
    assert can_miss(record, *now) is (is_same and kept[0] == now[0])
    assert can_miss(record, *now, has_part=True) is is_same


@pytest.mark.parametrize(
    ("kept", "shared"),
    [
        ([], set()),
        ([(HERE, "A"), (HERE, "A"), (HERE, ""), (THERE, "A")], set()),
        ([(HERE, "A"), (THERE, "B")], set()),
        ([(HERE, "A"), (HERE, "B"), (THERE, "B")], {HERE}),
    ],
)
def test_an_address_may_have_had_several_engines(
    kept: list[tuple[str, str]], shared: set[str]
) -> None:
    records = [replace(removed(), endpoint=e, engine_id=i) for e, i in kept]

    assert shared_endpoints(records) == shared
