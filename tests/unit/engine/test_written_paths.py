"""Which of the changes an engine reports are a container's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nstui.engine.decode import written_paths

if TYPE_CHECKING:
    from tests.support.captured import Json


MODIFIED, ADDED, REMOVED = range(3)


def written(*changes: tuple[int, str], **raw: object) -> tuple[str, ...]:
    """Return what is a container's own of some changes."""
    answer = [{"Kind": kind, "Path": path} for kind, path in changes]
    return written_paths(answer, raw)


def test_what_was_written_is_there_in_order() -> None:
    assert written((ADDED, "/z"), (MODIFIED, "/bin/sh"), (REMOVED, "/www")) == (
        "/bin/sh",
        "/www",
        "/z",
    )


@pytest.mark.parametrize("kind", [MODIFIED, ADDED])
def test_folders_on_the_way_are_not(kind: int) -> None:
    found = written((kind, "/a"), (kind, "/a/b"), (ADDED, "/a/b/c"), (ADDED, "/ab"))
    assert found == ("/a/b/c", "/ab")


def test_a_folder_in_which_nothing_is_reported_is() -> None:
    assert written((ADDED, "/new"), (MODIFIED, "/etc/foo")) == ("/etc/foo", "/new")


def test_a_folder_that_was_removed_is() -> None:
    assert written((REMOVED, "/a"), (ADDED, "/a/b")) == ("/a", "/a/b")


@pytest.mark.parametrize(
    "path",
    [
        *("/.dockerenv", "/etc/hosts", "/etc/hostname", "/etc/resolv.conf"),
        *("/etc/mtab", "/dev", "/dev/console", "/proc/1", "/sys", "/sbin/docker-init"),
        "/run/.containerenv",
    ],
)
def test_what_the_engine_puts_there_is_not(path: str) -> None:
    folder = path.rpartition("/")[0] or "/"
    assert written((MODIFIED, folder), (ADDED, path)) == ()


@pytest.mark.parametrize("path", ["/etc/hosts2", "/device", "/etc/passwd"])
def test_what_only_looks_like_it_is(path: str) -> None:
    assert written((ADDED, path)) == (path,)


@pytest.mark.parametrize(
    "raw",
    [
        {"Mounts": [{"Type": "volume", "Destination": "/q/r/s"}]},
        {"Mounts": [{"Type": "bind", "Destination": "/q/r/s/"}]},
        {"HostConfig": {"Mounts": [{"Type": "tmpfs", "Target": "/q/r/s"}]}},
        {"HostConfig": {"Tmpfs": {"/q/r/s": "size=1m"}}},
    ],
)
def test_what_is_mounted_is_not_and_neither_are_the_folders_made_for_it(
    raw: Json,
) -> None:
    made = ((ADDED, "/q"), (ADDED, "/q/r"), (ADDED, "/q/r/s"), (ADDED, "/q/r/s/t"))
    assert written(*made, **raw) == ()
    assert written(*made, (ADDED, "/q/own"), **raw) == ("/q/own",)


def test_the_folder_to_work_in_is_made_but_not_what_is_in_it() -> None:
    raw: Json = {"Config": {"WorkingDir": "/srv/app/"}}
    made = ((ADDED, "/srv"), (ADDED, "/srv/app"))
    assert written(*made, **raw) == ()
    assert written(*made, (ADDED, "/srv/app/own"), **raw) == ("/srv/app/own",)


@pytest.mark.parametrize("answer", [None, [], {}, [None], [{"Kind": 1}]])
def test_no_changes(answer: object) -> None:
    assert written_paths(answer, {}) == ()


def test_a_mount_without_a_place_hides_nothing() -> None:
    mounts = [{"Type": "volume"}, {"Destination": None}, None]
    assert written((ADDED, "/own"), Mounts=mounts) == ("/own",)
