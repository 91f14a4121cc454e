"""Files that are taken from one container into another, on a real engine."""

from __future__ import annotations

import io
import tarfile
from typing import TYPE_CHECKING

import pytest

from nstui.engine.docker_engine import DockerEngine
from nstui.engine.endpoint import Endpoint
from nstui.engine.files import MAX_FILE_BYTES, repack
from nstui.errors import ContainerVanished, EngineRefused
from nstui.model.container import ContainerId
from tests.support.builders import cid

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.private_engine import PrivateEngine

LOOK = "stat -c '%n %a %u:%g %Y' /deep/er/secret; cat /deep/er/secret"


def archive(kind: bytes = tarfile.REGTYPE) -> bytes:
    """Return an archive of one thing."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as new:
        member = tarfile.TarInfo("c")
        member.type, member.size, member.mode = kind, 0, 0o440
        new.addfile(member)
    return made.getvalue()


def test_an_archive_is_of_one_plain_file_under_its_whole_path() -> None:
    with tarfile.open(fileobj=io.BytesIO(repack(archive(), "/etc/c"))) as found:
        assert [(m.name, m.mode) for m in found] == [("etc/c", 0o440)]


@pytest.mark.parametrize("kind", [tarfile.DIRTYPE, tarfile.SYMTYPE, tarfile.FIFOTYPE])
def test_what_is_no_plain_file_is_refused(kind: bytes) -> None:
    with pytest.raises(EngineRefused, match=r"^/c is not a regular file$"):
        repack(archive(kind), "/c")


@pytest.mark.parametrize("content", [b"", b"no archive"])
def test_what_is_no_archive_is_refused(content: bytes) -> None:
    with pytest.raises(EngineRefused, match=r"^/c cannot be read: "):
        repack(content, "/c")


@pytest.fixture
def engine(engine_host: PrivateEngine) -> Iterator[DockerEngine]:
    """Yield the adapter to an engine without containers."""
    engine = DockerEngine(Endpoint(engine_host.url, None))
    yield engine
    engine.close()


@pytest.fixture
def two(engine_host: PrivateEngine) -> tuple[ContainerId, ...]:
    """Return a container with a file of its own, and one that was only created."""
    one = engine_host.run("one")
    script = (
        "mkdir -p /deep/er; echo hidden > /deep/er/secret; chown 7:8 /deep/er/secret;"
        " chmod 640 /deep/er/secret; touch -d '2020-01-02 03:04:05' /deep/er/secret"
    )
    engine_host.docker("exec", "one", "sh", "-c", script)
    return ContainerId(one), ContainerId(engine_host.create("other"))


@pytest.mark.docker
def test_a_file_keeps_content_owner_mode_and_time(
    engine: DockerEngine,
    engine_host: PrivateEngine,
    two: tuple[ContainerId, ContainerId],
) -> None:
    paths = ("/deep/er/secret", "/not/there")
    assert engine.carry_files(*two, paths) == ("/deep/er/secret",)
    engine.start(two[1])
    seen = [engine_host.docker("exec", c, "sh", "-c", LOOK).stdout for c in two]
    assert seen[0] == seen[1]
    assert "640 7:8" in seen[0]
    assert engine.changes(two[1]) == ("/deep/er/secret",)


@pytest.mark.docker
def test_what_cannot_be_carried_is_refused(
    engine: DockerEngine,
    engine_host: PrivateEngine,
    two: tuple[ContainerId, ContainerId],
) -> None:
    with pytest.raises(EngineRefused, match=r"^/deep is not a regular file$"):
        engine.carry_files(*two, ("/deep",))
    with pytest.raises(ContainerVanished):
        engine.carry_files(cid("nobody"), two[1], ("/deep/er/secret",))
    with pytest.raises(ContainerVanished):
        engine.carry_files(two[0], cid("nobody"), ("/deep/er/secret",))
    blocks = str((MAX_FILE_BYTES >> 20) + 1)
    words = ("dd", "if=/dev/zero", "of=/large", "bs=1M", f"count={blocks}")
    engine_host.docker("exec", "one", *words)
    with pytest.raises(EngineRefused, match=r"^/large is larger than 16 MiB$"):
        engine.carry_files(*two, ("/large",))
    assert engine.changes(two[1]) == ()
