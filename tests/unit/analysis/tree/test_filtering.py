"""What a filter matches, what it shows beside that, and which match is meant."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nstui.analysis.report import Report
from nstui.analysis.tree.filtering import best_match, filter_rows, list_matches
from nstui.analysis.tree.tree import RowKind, build_tree
from nstui.model.container import ContainerNetwork, Pod, PublishedPort
from tests.support.builders import cid, container, report, snapshot

VPN = replace(
    container(
        "vpn",
        image="qmcgaw/gluetun:v3",
        networks=("media_default",),
        compose="media/tunnel",
        id_="cafe" + "0" * 60,
    ),
    ports=(PublishedPort(8989, "tcp", "0.0.0.0", 18989),),
    endpoints=(ContainerNetwork("media_default", ("172.20.0.5", "fd00::5")),),
    pod=Pod("streaming", is_infra=False),
)
HOST = report(
    VPN,
    container("dep", joins="vpn", health="unhealthy"),
    container("vpn-exporter", image="exporter:1"),
    container("alone", state="exited", image="vpnish:1"),
)


def matched(text: str, of: Report = HOST) -> list[str]:
    """Return the labels of the matches, in the order of the tree."""
    return [row.label for row in list_matches(filter_rows(build_tree(of), of, text))]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        pytest.param("dep", ["dep"], id="name"),
        pytest.param("GLUETUN", ["vpn"], id="image"),
        pytest.param("media", ["vpn"], id="compose project"),
        pytest.param("tunnel", ["vpn"], id="compose service"),
        pytest.param("exited", ["alone"], id="state"),
        pytest.param("unhealthy", ["dep"], id="finding"),
        pytest.param("8989", ["vpn"], id="port"),
        pytest.param("18989->8989/tcp", ["vpn"], id="port as docker writes it"),
        pytest.param("172.20.0.5", ["vpn"], id="address"),
        pytest.param("172.20.", ["vpn"], id="beginning of an address"),
        pytest.param("fd00::5", ["vpn"], id="IPv6 address"),
        pytest.param("media_default", ["vpn"], id="network"),
        pytest.param("streaming", ["vpn"], id="pod"),
        pytest.param("cafe", ["vpn"], id="beginning of an id"),
        pytest.param("caf", [], id="too few digits for an id"),
        pytest.param("0000", [], id="not the middle of an id"),
        pytest.param("media 8989", ["vpn"], id="every word"),
        pytest.param("media 9090", [], id="not only some words"),
        pytest.param("vpn", ["vpn", "alone", "vpn-exporter"], id="the tree's order"),
    ],
)
def test_what_matches(text: str, names: list[str]) -> None:
    assert matched(text) == names


def test_a_dependent_matches_by_the_name_of_an_owner_that_is_gone() -> None:
    left = container("left", joins=cid("gluetun"))
    far = container("far", joins=cid("left"))
    known = Report(snapshot(left, far, former_containers={"gluetun": "gluetun"}))
    assert matched("gluetun", known) == ["left"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("dep", [("vpn", True), ("dep", False)]),
        ("8989", [("vpn", False), ("dep", True)]),
        ("alone", [("unshared", True), ("alone", False)]),
        ("", [("vpn", False), ("dep", False), ("unshared", False)]),
    ],
)
def test_the_rows_around_a_match_are_context(
    text: str, shown: list[tuple[str, bool]]
) -> None:
    rows = filter_rows(build_tree(HOST), HOST, text)
    found = [(r.label or r.kind.value, r.is_context) for t in rows for r in t.walk()]
    assert found[: len(shown)] == shown


def test_a_heading_has_the_worst_finding_of_what_is_shown() -> None:
    of = report(container("fine"), container("sick", health="unhealthy"))
    (whole,) = build_tree(of)
    (kept,) = filter_rows([whole], of, "fine")
    (sick,) = filter_rows([whole], of, "sick")
    assert kept.kind is RowKind.UNSHARED
    assert kept.finding is None
    assert sick.finding == whole.finding
    assert whole.finding is not None


@pytest.mark.parametrize(
    ("text", "name"),
    [
        pytest.param("vpn", "vpn", id="exactly the name"),
        pytest.param("VPN-EXPORTER", "vpn-exporter", id="in any case"),
        pytest.param("vpn-", "vpn-exporter", id="in the name"),
        pytest.param("exporter", "vpn-exporter", id="rather than in the image"),
        pytest.param("vpni", "alone", id="or else the first one"),
        pytest.param("nobody", None, id="nothing"),
    ],
)
def test_which_match_is_meant(text: str, name: str | None) -> None:
    found = best_match(filter_rows(build_tree(HOST), HOST, text), text)
    assert (None if found is None else found.label) == name


def test_a_name_is_meant_before_an_image_that_is_listed_first() -> None:
    of = report(container("a", image="redis:8"), container("my-redis"))
    rows = filter_rows(build_tree(of), of, "redis")
    assert [row.label for row in list_matches(rows)] == ["a", "my-redis"]
    found = best_match(rows, "redis")
    assert found is not None
    assert found.label == "my-redis"
