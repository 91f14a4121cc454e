"""The platform of an image that there is for several."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from nstui.analysis.recipe import read_recipe
from nstui.engine.docker_engine import DockerEngine
from nstui.engine.endpoint import Endpoint
from nstui.model.container import ContainerId
from tests.support.everything import api_of
from tests.support.platform_image import platform_image
from tests.support.private_engine import PrivateEngine

if TYPE_CHECKING:
    from collections.abc import Iterator

SEVERAL = "several:1"
CONTAINERD_STORE: dict[str, object] = {
    "features": {"containerd-snapshotter": True},
    # The only one that needs nothing of the kernel.
    "storage-driver": "native",
}
KEEPS_SEVERAL = (1, 44)
TELLS_THE_PLATFORM = (1, 48)


@pytest.mark.parametrize(
    ("platform", "expected"),
    [
        ({"os": "linux", "architecture": "arm64"}, "linux/arm64"),
        ({"os": "linux", "architecture": "arm", "variant": "v7"}, "linux/arm/v7"),
        ({"os": "linux"}, ""),
        ({"architecture": "arm64"}, ""),
        (None, ""),
        ("linux/arm64", ""),
    ],
)
def test_the_platform_is_that_of_the_manifest(platform: object, expected: str) -> None:
    found: dict[str, object] = {"ImageManifestDescriptor": {"platform": platform}}
    assert read_recipe(found).platform == expected
    found = {"ImageManifestDescriptor": None, "Platform": "linux"}
    assert read_recipe(found).platform == ""


@pytest.fixture(scope="module")
def host(private_engine: PrivateEngine) -> Iterator[PrivateEngine | None]:
    """Yield an engine that keeps images of several platforms; None if it cannot."""
    if api_of(private_engine) < KEEPS_SEVERAL:
        yield None
        return
    engine = PrivateEngine()
    engine.settings = CONTAINERD_STORE
    try:
        engine.start()
        archive = platform_image(SEVERAL, "amd64", "arm64", "s390x")
        load = ["docker", "--host", engine.url, "load"]
        subprocess.run(load, input=archive, check=True, timeout=60)
        yield engine
    finally:
        engine.stop()


@pytest.mark.docker
@pytest.mark.parametrize("architecture", ["amd64", "arm64", "s390x"])
def test_a_copy_is_of_the_same_platform(
    host: PrivateEngine | None, architecture: str
) -> None:
    if host is None:
        return
    asked = (f"--platform=linux/{architecture}", SEVERAL, "sleep", "1000")
    old = ContainerId(host.docker("create", *asked).stdout.strip())
    engine = DockerEngine(Endpoint(host.url, None))
    if api_of(host) < TELLS_THE_PLATFORM:
        assert engine.left_out(old, ()) == ("platform, unless it is the machine's own",)
        engine.close()
        return
    assert engine.left_out(old, ()) == ()

    new = engine.create_like(old, "copy", ())

    try:
        manifest = host.inspect(old, "ImageManifestDescriptor")
        assert host.inspect(new, "ImageManifestDescriptor") == manifest
        assert f"BUILT_FOR={architecture}" in str(host.inspect(new, "Config", "Env"))
        assert host.inspect(new, "Image") == host.inspect(old, "Image")

        # Also if the name means another image now.
        host.docker("tag", "bb:1", SEVERAL)
        engine.remove(new)
        new = engine.create_like(old, "copy", ())
        assert host.inspect(new, "ImageManifestDescriptor") == manifest
    finally:
        host.docker("tag", str(host.inspect(old, "Image")), SEVERAL)
        host.docker("rm", "-f", old, new)
        engine.close()
