"""What of a container is worth copying."""

from __future__ import annotations

from nstui.render.entries import Copy, address_holder, addresses_in, copies_of
from tests.support.builders import cid, container, report


def test_a_container_with_something_wrong() -> None:
    seen = report(
        container("vpn"),
        container("web", joins="vpn", image="nginx:1"),
        net={"vpn": 1, "web": 2},
    )
    address = Copy("address", "172.17.0.2")
    assert copies_of(seen, seen.graph.containers[cid("web")], (address,)) == (
        Copy("name", "web"),
        Copy("remedy", "docker restart web"),
        Copy("short id", cid("web")[:12]),
        Copy("id", cid("web")),
        address,
        Copy("image", "nginx:1"),
    )


def test_a_remedy_that_is_a_sentence_is_no_command() -> None:
    seen = report(container("web", joins="gone"))
    (finding,) = seen.findings
    assert finding.remedy.startswith("create gone again, then: ")
    found = copies_of(seen, seen.graph.containers[cid("web")])
    assert "remedy" not in {copy.label for copy in found}


def test_whose_addresses_a_container_has() -> None:
    seen = report(
        container("vpn"),
        container("web", joins="vpn"),
        container("exporter", joins="web"),
        container("orphan", joins="gone"),
    )
    assert address_holder(seen, cid("vpn")) == cid("vpn")
    assert address_holder(seen, cid("exporter")) == cid("vpn")
    assert address_holder(seen, cid("orphan")) is None


def test_addresses() -> None:
    networks = {
        "a": {"IPAddress": "172.18.0.2", "GlobalIPv6Address": "fd00::2"},
        "b": {"IPAddress": "", "GlobalIPv6Address": None},
        "c": None,
    }
    inspect = {"NetworkSettings": {"Networks": networks}}
    assert addresses_in(inspect, "") == (
        Copy("address", "172.18.0.2", "on a"),
        Copy("address", "fd00::2", "on a"),
    )
    assert addresses_in(inspect, "vpn")[0].note == "of vpn, on a"
    assert addresses_in({"NetworkSettings": None}, "") == ()
