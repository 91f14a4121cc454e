"""What an inspect told is remembered exactly as long as it may be."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nstui.engine.decode import decode_inspection
from nstui.engine.inspect_cache import InspectCache, signature
from nstui.model.container import ContainerId
from nstui.model.json import mapping
from tests.support.captured import ID, OTHER, Json, inspect_of, row_of

ONE, TWO = ContainerId(ID), ContainerId(OTHER)
SEEN = ("as it was",)
_decoded = decode_inspection(inspect_of("owner"))
assert _decoded is not None
INSPECTION = _decoded


@pytest.fixture
def memory() -> InspectCache:
    memory = InspectCache()
    for container in (ONE, TWO):
        memory.store(container, SEEN, INSPECTION, began=memory.now())
    return memory


def test_it_remembers(memory: InspectCache) -> None:
    assert memory.recall(ONE, SEEN) is INSPECTION


def test_it_recalls_nothing_for_a_row_that_looks_different(
    memory: InspectCache,
) -> None:
    assert memory.recall(ONE, ("otherwise",)) is None


def test_it_forgets_one(memory: InspectCache) -> None:
    memory.forget([ONE])

    assert memory.recall(ONE, SEEN) is None
    assert memory.recall(TWO, SEEN) is INSPECTION


def test_it_forgets_all(memory: InspectCache) -> None:
    memory.forget(None)

    assert memory.recall(ONE, SEEN) is None
    assert memory.recall(TWO, SEEN) is None


def test_it_drops_who_vanished(memory: InspectCache) -> None:
    memory.retain([TWO])

    assert memory.recall(ONE, SEEN) is None
    assert memory.recall(TWO, SEEN) is INSPECTION


@pytest.mark.parametrize("forgotten", [[ONE], None])
def test_what_is_forgotten_during_an_inspect_stays_forgotten(
    memory: InspectCache, forgotten: list[ContainerId] | None
) -> None:
    began = memory.now()
    memory.forget(forgotten)
    memory.store(ONE, SEEN, INSPECTION, began=began)
    assert memory.recall(ONE, SEEN) is None

    newer = replace(INSPECTION, restart_count=1)
    memory.store(ONE, SEEN, newer, began=memory.now())

    assert memory.recall(ONE, SEEN) is newer


def networks(endpoint: str) -> Json:
    return {"Networks": {"bridge": {"EndpointID": endpoint, "IPAddress": "1.2.3.4"}}}


@pytest.mark.parametrize(
    ("change", "same"),
    [
        ({"Status": "Up 4 minutes (healthy)"}, True),
        ({"Created": 0}, True),
        ({"Status": "Up 3 minutes (unhealthy)"}, False),
        ({"Status": "Up 3 minutes"}, False),
        ({"State": "paused"}, False),
        ({"Names": ["/other"]}, False),
        ({"Ports": [{"PrivatePort": 1, "PublicPort": 2}]}, False),
        ({"NetworkSettings": networks("b")}, False),
        ({"NetworkSettings": {"Networks": {}}}, False),
        ({"NetworkSettings": None}, False),
    ],
)
def test_what_makes_a_row_look_different(change: Json, same: object) -> None:
    row = {
        **row_of("owner"),
        "Status": "Up 3 minutes (healthy)",
        "NetworkSettings": networks("a"),
    }

    assert (signature(row) == signature({**row, **change})) is same


def test_an_exit_code_is_part_of_it_and_its_age_is_not() -> None:
    looks = [
        signature({"Status": status})
        for status in (
            "Exited (1) 3 minutes ago",
            "Exited (1) 4 minutes ago",
            "Exited (137) 3 minutes ago",
        )
    ]

    assert looks[0] == looks[1] != looks[2]


def test_the_order_of_ports_and_networks_does_not_matter() -> None:
    row = row_of("owner")
    ports = row["Ports"]
    assert isinstance(ports, list)
    settings = {"Networks": {"b": {"EndpointID": "1"}, "a": {"EndpointID": "2"}}}
    turned = dict(reversed(list(mapping(settings["Networks"]).items())))

    assert signature({**row, "NetworkSettings": settings}) == signature(
        {**row, "Ports": ports[::-1], "NetworkSettings": {"Networks": turned}}
    )
