"""What compose would change without its hash of a service telling."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nstui.engine.compose_proof import find_unhashed_changes
from tests.support.compose_samples import IMAGE, MOUNTS, NETWORK, VOLUME, model, present

if TYPE_CHECKING:
    from collections.abc import Mapping

ON_NETWORK: Mapping[str, object] = {"networks": {"n": None}, "ipc": "service:own"}


def test_nothing_is_another() -> None:
    assert [*find_unhashed_changes(model(), present())] == []


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (IMAGE, []),
        (IMAGE.removeprefix("sha256:"), []),
        (f"sha256:{'2e' * 32}", ["image alpine (another one has that name now)"]),
    ],
)
def test_the_name_of_an_image_may_have_come_to_be_anothers(
    now: str, expected: list[str]
) -> None:
    assert [*find_unhashed_changes(model(), present(image_now=now))] == expected
    unnamed = model(without=("image",))
    assert [*find_unhashed_changes(unnamed, present(image_now=now))] == expected


@pytest.mark.parametrize(
    ("said", "there", "expected"),
    [
        ({"name": "p_vol", "driver": "local"}, VOLUME, []),
        ({"name": "p_vol", "driver": "nfs"}, VOLUME, ["volume /vol"]),
        ({"name": "p_vol", "driver_opts": {"o": "bind"}}, VOLUME, ["volume /vol"]),
        (
            {"name": "p_vol", "driver_opts": {"size": 1}},
            {"Driver": "local", "Options": {"size": "1"}},
            [],
        ),
        (
            {"name": "p_vol"},
            {"Driver": "local", "Options": {"o": "x"}},
            ["volume /vol"],
        ),
        ({"name": "p_vol", "external": True}, {"Driver": "nfs", "Options": None}, []),
        ({"name": "p_vol"}, {}, ["volume /vol"]),
        ({"name": "other"}, VOLUME, ["volume /vol"]),
        ({}, VOLUME, []),
    ],
)
def test_a_volume_is_what_the_project_says(
    said: Mapping[str, object], there: Mapping[str, object], expected: list[str]
) -> None:
    project = model(project={"volumes": {"vol": said}})
    assert [
        *find_unhashed_changes(project, present(volumes={"p_vol": there}))
    ] == expected


@pytest.mark.parametrize(
    ("said", "there", "attached", "expected"),
    [
        ({}, NETWORK, "p_n", []),
        ({"name": "x"}, NETWORK, "p_n", ["network x", "network p_n"]),
        ({}, NETWORK, "other", ["network p_n", "network other"]),
        ({}, {}, "p_n", ["network p_n"]),
        ({"driver": "bridge"}, NETWORK, "p_n", []),
        ({"driver": "macvlan"}, NETWORK, "p_n", ["network p_n"]),
        ({"internal": True}, NETWORK, "p_n", ["network p_n"]),
        ({}, {**NETWORK, "Internal": True}, "p_n", ["network p_n"]),
        ({"driver_opts": {"a": "b"}}, NETWORK, "p_n", ["network p_n"]),
        ({"ipam": {"config": [{"subnet": "10.1.0.0/24"}]}}, NETWORK, "p_n", []),
        (
            {"ipam": {"config": [{"subnet": "10.2.0.0/24"}]}},
            NETWORK,
            "p_n",
            ["network p_n"],
        ),
        ({"name": "p_n", "external": True, "internal": True}, NETWORK, "p_n", []),
    ],
)
def test_a_network_is_what_the_project_says(
    said: Mapping[str, object],
    there: Mapping[str, object],
    attached: str,
    expected: list[str],
) -> None:
    project = model(ON_NETWORK, {"networks": {"n": said}}, without=("network_mode",))
    networks = {"p_n": there} if there else {}
    found = find_unhashed_changes(
        project, present(attached=(attached,), networks=networks)
    )
    assert [*found] == expected


@pytest.mark.parametrize(
    ("section", "source", "mounted", "expected"),
    [
        ({"file": "/p/s"}, "/p/s", True, []),
        ({"file": "/p/t"}, "/p/s", True, ["secret s"]),
        ({"file": "/p/s"}, "/p/s", False, ["secret s"]),
        ({"environment": "S"}, "/p/s", False, ["perhaps secret s"]),
        ({"external": True}, "/p/s", False, []),
    ],
)
def test_a_secret_of_a_file_is_mounted(
    section: Mapping[str, object],
    source: str,
    mounted: bool,  # noqa: FBT001 - a row
    expected: list[str],
) -> None:
    mount = {"Type": "bind", "Source": source, "Destination": "/run/secrets/s"}
    there = present(mounts=(*MOUNTS, mount) if mounted else MOUNTS)
    said = model({"secrets": [{"source": "s"}]}, {"secrets": {"s": section}})
    assert [*find_unhashed_changes(said, there)] == expected


@pytest.mark.parametrize(
    ("content", "expected"),
    [("a $ b", []), ("other", ["config c"]), (None, ["config c"])],
)
def test_what_the_project_says_the_content_of_is_compared(
    content: str | None, expected: list[str]
) -> None:
    said = model(
        {"configs": [{"source": "c", "target": "/etc/c"}]},
        {"configs": {"c": {"content": "a $$ b"}}},
    )
    files = {} if content is None else {"/etc/c": content}
    assert [*find_unhashed_changes(said, present(files=files))] == expected


@pytest.mark.parametrize(
    ("there", "settings", "service", "expected"),
    [
        ([], {}, {}, []),
        (["HTTP_PROXY=p"], {"HTTP_PROXY": "p"}, {}, []),
        (["HTTP_PROXY=p"], {}, {}, ["environment HTTP_PROXY"]),
        ([], {"no_proxy": "p"}, {}, ["environment no_proxy"]),
        (["HTTP_PROXY=p"], {"HTTP_PROXY": "q"}, {"HTTP_PROXY": "p"}, []),
    ],
)
def test_proxies_come_from_the_settings_of_whoever_runs_compose(
    there: list[str],
    settings: Mapping[str, str],
    service: Mapping[str, str],
    expected: list[str],
) -> None:
    said = model({"environment": {"KEY": "other", **service}})
    made = present(config={"Env": ["KEY=a", *there]}, proxies=settings)
    assert [*find_unhashed_changes(said, made)] == expected
