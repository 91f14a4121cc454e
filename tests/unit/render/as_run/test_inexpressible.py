"""What is named because no option can say it."""

from __future__ import annotations

import pytest

from nstui.render.as_run import find_inexpressible
from tests.unit.render.as_run.inspects import endpoint, inspect
from tests.unit.render.as_run.test_commands import FULL
from tests.unit.render.as_run.test_mounts import mount


def test_all_of_a_plain_container_is_said() -> None:
    assert find_inexpressible(inspect()) == ()
    assert find_inexpressible({}) == ()


def test_all_that_has_an_option_is_said() -> None:
    """One of the cases has a health check and a profile that are said otherwise."""
    assert set(find_inexpressible(FULL)) <= {
        "Config.Healthcheck.Test without a shell",
        "HostConfig.SecurityOpt: the seccomp profile",
    }


@pytest.mark.parametrize(
    ("config", "host", "expected"),
    [
        ({"NetworkDisabled": True}, {}, "Config.NetworkDisabled"),
        ({"ToCome": {"a": 1}}, {}, "Config.ToCome"),
        ({"ToCome": {}}, {"ToCome": 0}, None),
        ({}, {"Umask": "0077"}, "HostConfig.Umask"),
        ({}, {"Cgroup": "x"}, "HostConfig.Cgroup"),
        ({}, {"MaskedPaths": []}, "HostConfig.MaskedPaths"),
        ({}, {"ReadonlyPaths": []}, "HostConfig.ReadonlyPaths"),
        ({}, {"ReadonlyPaths": [], "MaskedPaths": []}, None),
        ({}, {"ReadonlyPaths": None, "MaskedPaths": None}, None),
        ({}, {"ReadonlyPaths": ["/proc/own"]}, "HostConfig.ReadonlyPaths"),
        ({}, {"MaskedPaths": ["/proc/own"]}, "HostConfig.MaskedPaths"),
        (
            {},
            {"SecurityOpt": ["label=disable", 'seccomp={"a":1}']},
            "HostConfig.SecurityOpt: the seccomp profile",
        ),
        ({}, {"SecurityOpt": ["seccomp=unconfined"]}, None),
        (
            {"Healthcheck": {"Test": ["CMD", "true"]}},
            {},
            "Config.Healthcheck.Test without a shell",
        ),
        (
            {},
            mount("tmpfs", TmpfsOptions={"Options": [["noexec"]]}),
            "HostConfig.Mounts[/b].TmpfsOptions.Options",
        ),
        (
            {},
            mount("cluster", ClusterOptions={"a": 1}),
            "HostConfig.Mounts[/b].ClusterOptions",
        ),
    ],
)
def test_what_no_option_says(
    config: dict[str, object], host: dict[str, object], expected: str | None
) -> None:
    named = () if expected is None else (expected,)
    assert find_inexpressible(inspect(config, host)) == named


def test_a_platform_that_the_engine_does_not_tell() -> None:
    platform = {"os": "linux", "architecture": "arm64"}
    hidden = inspect(GraphDriver={"Name": "overlayfs"})
    told = {**hidden, "ImageManifestDescriptor": {"platform": platform}}
    assert find_inexpressible(hidden) == ("platform, unless it is the machine's own",)
    assert find_inexpressible(told) == ()


def test_what_is_asked_of_a_network_and_no_option_says() -> None:
    networks = {"bridge": endpoint(ToCome=1), "two": endpoint(MacAddress="02:00::")}
    assert find_inexpressible(inspect(networks=networks)) == (
        "NetworkSettings.Networks.bridge.ToCome",
        # It is connected afterwards, which has no option for it.
        "NetworkSettings.Networks.two.MacAddress",
    )
    first = {"One": endpoint(DriverOpts={"a": "B"}), "two": endpoint()}
    assert find_inexpressible(inspect(host={"NetworkMode": "One"}, networks=first)) == (
        "NetworkSettings.Networks.One with capital letters",
    )
    small = {"one": endpoint(DriverOpts={"a": "b"}, GwPriority=1)}
    assert (
        find_inexpressible(inspect(host={"NetworkMode": "one"}, networks=small)) == ()
    )
    first = {"one": endpoint(), "two": endpoint(MacAddress="02:00::")}
    assert (
        find_inexpressible(inspect(host={"NetworkMode": "one"}, networks=first)) == ()
    )
