"""What an equal container is created with, from inspects that were written down."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nstui.analysis.recipe import find_left_out, read_recipe
from nstui.engine.recreate import copy_body
from nstui.model.container import Join
from nstui.model.json import mapping
from nstui.model.namespace import NamespaceKind
from tests.support.captured import ID, OTHER, inspect_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.support.captured import Json

NET, PID, IPC, UTS = (
    Join(kind, OTHER)
    for kind in (
        NamespaceKind.NET,
        NamespaceKind.PID,
        NamespaceKind.IPC,
        NamespaceKind.UTS,
    )
)
JOINED = f"container:{OTHER}"


def copied(
    *joins: Join,
    config: Mapping[str, object] | None = None,
    host: Mapping[str, object] | None = None,
) -> tuple[Json, Json]:
    """Return ``Config`` and ``HostConfig`` of a copy of a container with some fields.

    It has a network of its own unless they say otherwise.
    """
    raw = written(config, host)
    body = copy_body(read_recipe(raw), joins, "web:1", {})
    return body, dict(mapping(body["HostConfig"]))


def written(
    config: Mapping[str, object] | None, host: Mapping[str, object] | None
) -> Json:
    return {
        "Id": ID,
        "Config": {"Image": "web:1", **(config or {})},
        "HostConfig": {"NetworkMode": "bridge", **(host or {})},
    }


def test_everything_else_is_as_it_was() -> None:
    raw = inspect_of("dependent")
    before, after = (
        dict(mapping(raw["Config"])),
        copy_body(read_recipe(raw), (NET,), "x:2", {"owner": ()}),
    )
    host_before, host_after = mapping(raw["HostConfig"]), mapping(after["HostConfig"])
    assert {key for key in before if after.get(key, "gone") != before[key]} == {
        "Image",
        "Hostname",
        # It has none, which has to be said.
        "Entrypoint",
    }
    assert {
        key for key in host_before if host_after.get(key, "gone") != host_before[key]
    } == {"NetworkMode", "PidMode", "IpcMode"}
    assert after.keys() - before.keys() == {"HostConfig"}


@pytest.mark.parametrize(
    ("join", "key"),
    [(NET, "NetworkMode"), (PID, "PidMode"), (IPC, "IpcMode"), (UTS, "UTSMode")],
    ids=lambda value: getattr(value, "kind", value),
)
def test_a_join_takes_the_place_of_the_old_one(join: Join, key: str) -> None:
    assert copied(join, host={key: "container:old"})[1][key] == JOINED
    assert copied(join)[1][key] == JOINED
    assert copied(host={key: "container:old"})[1][key] == ""
    assert copied(host={key: "host"})[1][key] == "host"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("PortBindings", {"80/tcp": [{"HostPort": "80"}]}),
        ("PublishAllPorts", True),
        ("Dns", ["10.0.0.1"]),
        ("ExtraHosts", ["a:10.0.0.2"]),
        ("Links", ["/base:/web/alias"]),
    ],
)
def test_what_a_joined_network_forbids_is_left_out(field: str, value: object) -> None:
    assert field not in copied(NET, host={field: value})[1]
    assert field in copied(IPC, host={field: value})[1]


@pytest.mark.parametrize("field", ["Hostname", "ExposedPorts", "MacAddress"])
def test_so_is_what_config_has_of_it(field: str) -> None:
    assert field not in copied(NET, config={field: "x"})[0]
    assert copied(IPC, config={field: "x"})[0][field] == "x"


@pytest.mark.parametrize(
    "fields",
    [
        {"Dns": [], "ExtraHosts": None, "PortBindings": {}, "Links": None},
        {"DnsSearch": ["example"], "DnsOptions": ["ndots:2"]},
        {"Binds": None, "Mounts": [], "MaskedPaths": [], "ReadonlyPaths": None},
        {"SecurityOpt": ["label=level:s0", "seccomp=unconfined"]},
    ],
)
def test_what_conflicts_with_nothing_stays_as_it_is(fields: Json) -> None:
    after = copied(NET, PID, host=fields)[1]
    assert {key: after[key] for key in fields} == fields


@pytest.mark.parametrize(
    ("hostname", "host", "joins", "expected"),
    [
        ("given", {}, (IPC,), "given"),
        (ID[:12], {}, (IPC,), None),
        ("given", {}, (NET,), None),
        ("given", {}, (UTS,), None),
        ("the-machine", {"UTSMode": "host"}, (IPC,), None),
        ("the-machine", {"NetworkMode": "host"}, (IPC,), "the-machine"),
        ("of-the-owner", {"NetworkMode": JOINED}, (IPC,), None),
        ("of-the-owner", {"UTSMode": JOINED}, (IPC,), None),
    ],
)
def test_a_hostname_stays_if_it_was_given(
    hostname: str, host: Json, joins: tuple[Join, ...], expected: str | None
) -> None:
    config, _ = copied(*joins, config={"Hostname": hostname}, host=host)
    assert config.get("Hostname") == expected


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("/base:/web/alias", "base:alias"),
        ("base:alias", "base:alias"),
        ("/base", "base:base"),
    ],
)
def test_a_link_is_said_as_a_create_wants_it(before: str, after: str) -> None:
    assert copied(host={"Links": [before]})[1]["Links"] == [after]


@pytest.mark.parametrize(
    ("entrypoint", "command", "expected"),
    [
        (None, ["sleep"], [""]),
        ([], ["sleep"], [""]),
        (["env"], ["sleep"], ["env"]),
        (["env"], None, ["env"]),
        (None, None, None),
    ],
)
def test_no_entrypoint_is_not_that_of_the_image(
    entrypoint: object, command: object, expected: object
) -> None:
    config, _ = copied(NET, config={"Entrypoint": entrypoint, "Cmd": command})
    assert config["Entrypoint"] == expected


def test_the_file_with_the_id_of_the_other_is_not_this_ones() -> None:
    assert copied(host={"ContainerIDFile": "/run/id"})[1]["ContainerIDFile"] == ""
    assert "ContainerIDFile" not in copied()[1]


COPIED_LABEL = ["label=user:u", "label=role:r", "label=type:t", "label=level:s0:c1"]


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ({"IpcMode": JOINED, "SecurityOpt": COPIED_LABEL}, None),
        (
            {"PidMode": JOINED, "SecurityOpt": ["apparmor=x", *COPIED_LABEL]},
            ["apparmor=x"],
        ),
        ({"NetworkMode": JOINED, "SecurityOpt": COPIED_LABEL}, COPIED_LABEL),
        ({"PidMode": JOINED, "SecurityOpt": COPIED_LABEL[:2]}, COPIED_LABEL[:2]),
        ({"PidMode": JOINED, "SecurityOpt": None}, None),
    ],
)
def test_a_label_that_the_engine_copied_from_the_owner_goes_with_it(
    host: Json, expected: object
) -> None:
    assert copied(PID, host=host)[1]["SecurityOpt"] == expected


def test_an_answer_without_anything_is_survived() -> None:
    assert copy_body(read_recipe({}), (NET,), "web:1", {})["Image"] == "web:1"
    assert find_left_out(read_recipe({}), (NET,)) == ()


@pytest.mark.parametrize(
    ("config", "host", "expected"),
    [
        ({}, {}, ()),
        ({"Hostname": "web1"}, {}, ("hostname web1",)),
        ({"Hostname": ID[:12], "Domainname": ""}, {}, ()),
        ({"Domainname": "example"}, {}, ("domainname example",)),
        ({"MacAddress": "02:42:00:00:00:01"}, {}, ("mac address 02:42:00:00:00:01",)),
        (
            {"ExposedPorts": {"70/tcp": {}}},
            {"PortBindings": {"8080/tcp": None, "53/udp": []}},
            ("ports 8080/tcp 53/udp",),
        ),
        ({}, {"PublishAllPorts": True}, ("ports all that are exposed",)),
        ({}, {"Dns": ["1.1.1.1"], "DnsSearch": ["example"]}, ("dns 1.1.1.1",)),
        ({}, {"ExtraHosts": ["a:1.2.3.4"]}, ("extra hosts a:1.2.3.4",)),
        ({}, {"Links": ["/base:/web/alias"]}, ("links base:alias",)),
        ({"Hostname": "web1"}, {"NetworkMode": JOINED}, ()),
        ({"Hostname": "machine"}, {"UTSMode": "host"}, ()),
    ],
)
def test_what_is_lost_is_said(
    config: Json, host: Json, expected: tuple[str, ...]
) -> None:
    raw = written(config, host)
    assert find_left_out(read_recipe(raw), (NET, IPC)) == expected
    assert find_left_out(read_recipe(raw), (IPC, PID)) == ()
    assert find_left_out(read_recipe(raw), ()) == ()


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({"GraphDriver": {"Name": "overlay2", "Data": {}}}, ()),
        ({"GraphDriver": {"Name": "vfs", "Data": None}}, ()),
        (
            {"GraphDriver": {"Name": "overlayfs", "Data": None}},
            ("platform, unless it is the machine's own",),
        ),
        (
            {
                "GraphDriver": {"Name": "overlayfs", "Data": None},
                "ImageManifestDescriptor": {
                    "platform": {"os": "linux", "architecture": "arm64"}
                },
            },
            (),
        ),
    ],
)
def test_a_platform_that_the_engine_does_not_tell_may_be_lost(
    told: Json, expected: tuple[str, ...]
) -> None:
    raw = {**written({}, {}), **told}
    assert find_left_out(read_recipe(raw), (IPC,)) == expected
    assert find_left_out(read_recipe(raw), (NET,)) == expected


def test_a_dependent_loses_nothing() -> None:
    raw = inspect_of("dependent")
    assert mapping(raw["Config"])["Hostname"]
    assert find_left_out(read_recipe(raw), (NET,)) == ()
