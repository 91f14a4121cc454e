"""Who keeps exiting and being started again, and who merely did once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from types import MappingProxyType

import pytest

from nstui.analysis.exits import is_looping
from nstui.analysis.report import Report
from nstui.model.container import ContainerState
from tests.support.builders import NOON, cid, container, snapshot


def loops(  # noqa: PLR0913 - one for each thing that tells
    count: int,
    created: float,
    started: float,
    *,
    period: float | None = None,
    waited: float | None = None,
    engine: str = "Docker",
) -> bool:
    """Tell whether a container that runs at noon is in a loop.

    Args:
        count: How often the engine has started it again.
        created: Seconds before noon.
        started: The same, of its last start.
        period: How long its runs were seen to be, if they were.
        waited: How long before its last start its last end was, if it had one.
        engine: Who started it again.

    """
    sick = container("sick", restart="always", restart_count=count)
    assert sick.inspection is not None
    start = NOON - timedelta(seconds=started)
    end = None if waited is None else start - timedelta(seconds=waited)
    sick = replace(
        sick,
        created_at=NOON - timedelta(seconds=created),
        inspection=replace(sick.inspection, started_at=start, finished_at=end),
    )
    seen = snapshot(sick)
    seen = replace(seen, engine=replace(seen.engine, name=engine))
    if period is not None:
        periods = {sick.id: timedelta(seconds=period)}
        seen = replace(seen, restart_periods=MappingProxyType(periods))
    codes = [finding.code.value for finding in Report(seen).findings]
    assert codes == (["restarting"] if is_looping(seen, sick) else [])
    return is_looping(seen, sick)


@pytest.mark.parametrize(
    ("count", "created", "started", "expected"),
    [
        pytest.param(12, 60, 1, True, id="started again every five seconds"),
        pytest.param(12, 500, 30, True, id="every forty seconds, for thirty now"),
        pytest.param(2, 15, 3, True, id="twice at the beginning, and young"),
        pytest.param(2, 12, 9.9, True, id="not as long as a good run"),
        pytest.param(2, 12, 10, False, id="as long as the engine wants for a good run"),
        pytest.param(12, 500, 200, False, id="longer than ever before"),
        pytest.param(1, 15, 3, False, id="one accident"),
        pytest.param(0, 15, 3, False, id="never"),
        pytest.param(50, 8640000, 5, False, id="now and then for months"),
    ],
)
def test_at_a_single_look(
    count: int, created: float, started: float, *, expected: bool
) -> None:
    assert loops(count, created, started) is expected


@pytest.mark.parametrize(
    ("count", "waited", "started", "expected"),
    [
        pytest.param(300, 60.3, 3, True, id="a minute, the longest"),
        pytest.param(2, 0.625, 3, True, id="what was measured of the second"),
        pytest.param(2, 0.625, 9.9, True, id="not well yet"),
        pytest.param(2, 0.625, 10, False, id="well again"),
        pytest.param(2, 0.4, 3, True, id="the least after short runs"),
        pytest.param(2, 0.39, 3, False, id="no longer than after a long run"),
        pytest.param(1, 0.625, 3, False, id="one accident, and a slow start"),
        pytest.param(0, 500, 3, False, id="started by hand"),
        pytest.param(2, -4, 3, False, id="a clock that was set"),
    ],
)
def test_the_engine_waits_after_short_runs(
    count: int, waited: float, started: float, *, expected: bool
) -> None:
    days = 3 * 24 * 3600
    assert loops(count, days, started, waited=waited) is expected
    # Podman does not wait.
    assert not loops(count, days, started, waited=waited, engine="Podman")


@pytest.mark.parametrize(
    ("period", "started", "expected"),
    [
        pytest.param(30, 5, True, id="shorter than before"),
        pytest.param(30, 59.9, True, id="not long enough to tell"),
        pytest.param(30, 60, False, id="long enough"),
        pytest.param(1, 9.9, True, id="longer, but no good run"),
        pytest.param(1, 10, False, id="a good run"),
        pytest.param(600, 5, True, id="ends that are not too far apart"),
        pytest.param(601, 5, False, id="ends that are far apart"),
    ],
)
def test_what_was_watched_counts_for_more(
    period: float, started: float, *, expected: bool
) -> None:
    assert loops(50, 8640000, started, period=period) is expected


def test_the_engines_word_is_enough() -> None:
    sick = container("sick", state="restarting")
    assert is_looping(snapshot(sick), sick)


def test_one_that_could_not_be_inspected_is_not_known_to_loop() -> None:
    one = container("one", is_inspected=False)
    assert not is_looping(snapshot(one), one)


@pytest.mark.parametrize("missing", ["started_at", "created_at"])
def test_one_of_unknown_age_is_not_known_to_loop(missing: str) -> None:
    one = container("sick", restart_count=9)
    assert is_looping(snapshot(one), one)
    assert one.inspection is not None
    if missing == "started_at":
        one = replace(one, inspection=replace(one.inspection, started_at=None))
    else:
        one = replace(one, created_at=None)
    assert not is_looping(snapshot(one), one)


def test_one_that_was_stopped_in_its_loop_is_out_of_it() -> None:
    sick = container("sick", state="exited", exit_code=3, restart_count=9)
    assert sick.state is ContainerState.EXITED
    assert not is_looping(snapshot(sick), sick)
    assert cid("sick") == sick.id


def test_it_says_how_often() -> None:
    sick = container("sick", state="restarting", restart_count=9)
    (finding,) = Report(snapshot(sick)).findings
    assert finding.message == (
        "keeps exiting and being restarted: 9 times since it was last started by hand"
    )
