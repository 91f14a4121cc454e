"""Whoever is equal has the same volumes, wherever they came from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nstui.engine.docker_engine import DockerEngine
from nstui.engine.endpoint import Endpoint
from tests.support.equality import copy, differing, fields, id_of, orphaned
from tests.support.private_engine import FOREVER, IMAGE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.private_engine import PrivateEngine

pytestmark = pytest.mark.docker


@pytest.fixture
def engine(engine_host: PrivateEngine) -> Iterator[DockerEngine]:
    """Yield the adapter to an engine without containers."""
    engine = DockerEngine(Endpoint(engine_host.url, None))
    yield engine
    engine.close()


def test_volumes_of_one_that_is_gone_and_of_one_that_was_made_anew(
    engine_host: PrivateEngine, engine: DockerEngine
) -> None:
    host = engine_host
    host.run("gone", "-v", "/a", "-v", "/usr:/b:ro")
    host.run("anew", "-v", "/c")
    host.run("stays", "-v", "/d", "-v", "named:/e")
    lenders = ("gone:ro", "anew", "stays:ro")
    borrowed = [f"--volumes-from={lender}" for lender in lenders]
    old, join = orphaned(host, *borrowed, "-v", "/own")
    host.docker("exec", "dep", "sh", "-c", "echo kept >/c/file")
    host.docker("rm", "-f", "gone", "anew")
    host.run("anew", "-v", "/c")
    before = fields(host, old)

    new = copy(engine, old, join)

    engine.start(new)
    after = fields(host, new)
    assert host.docker("exec", "copy", "cat", "/c/file").stdout == "kept\n"
    assert after["HostConfig.VolumesFrom"] == ["anew", "stays:ro"]
    different = {path for path in differing(before, after) if "Mounts[" in path}
    assert different <= {
        *("Mounts[/a].Mode", "Mounts[/b].Mode", "Mounts[/b].Propagation"),
        *("Mounts[/c].Mode", "Mounts[/own].Mode"),
    }


def test_a_bind_without_a_source_is_the_same_volume(
    engine_host: PrivateEngine, engine: DockerEngine
) -> None:
    """Clients other than the docker command send such."""
    body = {"Image": IMAGE, "Cmd": list(FOREVER), "HostConfig": {"Binds": ["/data"]}}
    engine_host.client.create_container_from_config(body, "it")  # type: ignore[no-untyped-call]  # the stubs lack it
    engine_host.docker("start", "it")
    engine_host.docker("exec", "it", "sh", "-c", "echo kept >/data/file")
    old = id_of(engine_host, "it")

    engine.start(copy(engine, old))

    assert engine_host.docker("exec", "copy", "cat", "/data/file").stdout == "kept\n"
