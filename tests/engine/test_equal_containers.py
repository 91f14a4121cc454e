"""Equal containers on a real engine, field by field, and what they were made from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nstui.engine.docker_engine import DockerEngine
from nstui.engine.endpoint import Endpoint
from nstui.errors import ContainerVanished
from nstui.model.container import ContainerId, Join
from nstui.model.namespace import NamespaceKind
from tests.support.captured import ID
from tests.support.equality import binds, copy, differing, fields, id_of, orphaned
from tests.unit.render.as_run.options import CHANGES, OWN_IMAGE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.private_engine import PrivateEngine

pytestmark = pytest.mark.docker

EVERYTHING = (
    *("-v", "/data", "-v", "named:/named:ro", "-v", "/usr:/host:ro,z"),
    *("--mount", "type=volume,dst=/mounted", "--tmpfs", "/scratch:size=2m"),
    *("-e", "COLOUR=green", "-e", "EMPTY=", "--label", "team=net", "--init"),
    *("--memory", "64m", "--memory-reservation", "32m", "--cpus", "0.5"),
    *("--pids-limit", "50", "--cpu-shares", "512", "--oom-score-adj", "7"),
    *("--ulimit", "nofile=100:200", "--cap-add", "NET_ADMIN", "--cap-drop", "MKNOD"),
    *("--log-driver", "json-file", "--log-opt", "max-size=1m", "--shm-size", "1m"),
    *("--restart", "on-failure:3", "--stop-timeout", "3", "--stop-signal", "SIGKILL"),
    *("--health-cmd", "true", "--health-interval", "90m", "--health-retries", "2"),
    *("--user", "7:8", "--group-add", "9", "-w", "/etc", "-t", "-i", "--read-only"),
    *("--device", "/dev/null:/dev/nothing:r", "--security-opt", "no-new-privileges"),
    *("--security-opt", "seccomp=unconfined", "--dns-search", "example"),
    *("--ipc", "shareable", "--cgroupns", "private"),
)


@pytest.fixture
def engine(engine_host: PrivateEngine) -> Iterator[DockerEngine]:
    """Yield the adapter to an engine without containers."""
    engine = DockerEngine(Endpoint(engine_host.url, None))
    yield engine
    engine.close()


def test_an_orphan_with_everything(
    engine_host: PrivateEngine, engine: DockerEngine
) -> None:
    old, join = orphaned(engine_host, *EVERYTHING)
    write = "echo kept >/data/file; echo too >/mounted/file"
    engine_host.docker("exec", "-u0", "dep", "sh", "-c", write)
    before = fields(engine_host, old)
    names = {
        place: str(before[f"Mounts[{place}].Name"]) for place in ("/data", "/mounted")
    }
    assert engine.left_out(old, (join,)) == ()

    new = copy(engine, old, join)

    created = fields(engine_host, new)
    assert engine_host.inspect(new, "State", "Status") == "created"
    engine_host.docker("stop", "dep")
    engine.start(new)
    after = fields(engine_host, new)
    for found in (created, after):
        assert differing(before, found) == {
            "Config.Hostname",
            "HostConfig.NetworkMode",
            "HostConfig.Binds",
            "HostConfig.Mounts",
            "Mounts[/data].Mode",
        }
        assert found["HostConfig.NetworkMode"] == f"container:{join.reference}"
        assert binds(found) == [*binds(before), f"{names['/data']}:/data"]
        assert found["HostConfig.Mounts"] == [
            {"Type": "volume", "Source": names["/mounted"], "Target": "/mounted"}
        ]
    read = ("exec", "copy", "cat", "/data/file", "/mounted/file")
    assert engine_host.docker(*read).stdout.split() == ["kept", "too"]
    assert len(engine_host.client.volumes()["Volumes"]) == 3
    assert after["Config.Hostname"] == "owner"


def test_a_copy_of_a_copy_is_no_different(
    engine_host: PrivateEngine, engine: DockerEngine
) -> None:
    old, join = orphaned(engine_host, *EVERYTHING)
    first = copy(engine, old, join)
    second = engine.create_like(first, "second", (join,))
    assert differing(fields(engine_host, first), fields(engine_host, second)) == set()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ((), ()),
        (("--entrypoint", ""), ("sleep", "999")),
        (("--entrypoint", "sleep"), ("999",)),
        (("--no-healthcheck", "-u", "0", "-w", "/", "-e", "FROM_IMAGE=no"), ()),
    ],
)
def test_what_the_image_says_and_what_was_said_instead(
    engine_host: PrivateEngine,
    engine: DockerEngine,
    options: tuple[str, ...],
    words: tuple[str, ...],
) -> None:
    host = engine_host
    host.run("own")
    changes = [word for change in CHANGES for word in ("--change", change)]
    host.docker("commit", *changes, "own", OWN_IMAGE)
    named = ("--name", "it", "--net=container:own")
    host.docker("create", *named, *options, OWN_IMAGE, *words)
    old = id_of(host, "it")
    join = Join(NamespaceKind.NET, id_of(host, "own"))
    before = fields(host, old)
    assert engine.left_out(old, (join,)) == ()

    after = fields(host, copy(engine, old, join))
    assert differing(before, after) == {
        "HostConfig.Binds",
        "Mounts[/from-image].Mode",
    }

    # The name is another image's now: the copy is still made from the one it had.
    host.docker("commit", "own", OWN_IMAGE)
    engine.remove(ContainerId(str(after["Id"])))
    after = fields(host, copy(engine, old, join))
    assert after["Image"] == after["Config.Image"] == before["Image"]
    assert differing(before, after) == {
        "Config.Image",
        "HostConfig.Binds",
        "Mounts[/from-image].Mode",
    }


def test_what_was_written_is_in_an_image_of_it(
    engine_host: PrivateEngine, engine: DockerEngine
) -> None:
    options = ("-v", "/q/r/s", "-w", "/made/here", "--tmpfs", "/scratch", "--init")
    old, join = orphaned(engine_host, *options)
    assert engine.changes(old) == ()
    engine_host.docker("exec", "dep", "sh", "-c", "echo >/q/r/s/x; echo >/scratch/x")
    assert engine.changes(old) == ()
    write = "mkdir -p /new/dir; echo mine >/new/dir/file; rmdir /www; echo >/etc/foo"
    engine_host.docker("exec", "dep", "sh", "-c", write)

    assert engine.changes(old) == ("/etc/foo", "/new/dir/file", "/www")
    engine_host.docker("stop", "dep")
    assert engine.changes(old) == ("/etc/foo", "/new/dir/file", "/www")
    engine.commit(old, "kept/dep:one")
    engine.start(copy(engine, old, join, image="kept/dep:one"))

    read = ("exec", "copy", "cat", "/new/dir/file")
    assert engine_host.docker(*read).stdout == "mine\n"
    assert engine_host.inspect("copy", "Config", "Image") == "kept/dep:one"
    engine_host.docker("rm", "-f", "copy", "dep")
    engine_host.docker("image", "rm", "kept/dep:one")


def test_a_copy_of_nobody(engine: DockerEngine) -> None:
    nobody = ContainerId(ID)
    for ask in (
        lambda: engine.create_like(nobody, "copy", ()),
        lambda: engine.left_out(nobody, ()),
        lambda: engine.changes(nobody),
        lambda: engine.commit(nobody, "kept:1"),
        lambda: engine.rename(nobody, "other"),
    ):
        with pytest.raises(ContainerVanished, match=ID):
            ask()
