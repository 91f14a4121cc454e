"""Where nstui itself runs: in a container, beside a rootless engine."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.support.engine_daemon import EngineDidNotStart
from tests.support.own_python import PROGRAM, mounts
from tests.support.private_engine import IMAGE, missing_requirement
from tests.support.rootless_engine import RootlessEngine

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.private_engine import PrivateEngine

pytestmark = pytest.mark.docker

LIMIT_S = 60


@pytest.mark.parametrize(
    ("options", "read", "flags"),
    [
        pytest.param(
            ("--pid=host", "--cap-add=SYS_PTRACE"), "inode", "", id="with both"
        ),
        pytest.param(
            ("--pid=host",),
            "fingerprint",
            "--cap-add=SYS_PTRACE",
            id="without the right",
        ),
        pytest.param(
            (), "declared", "--pid=host --cap-add=SYS_PTRACE", id="with neither"
        ),
    ],
)
def test_a_container_names_the_flags_that_it_lacks(
    engine_host: PrivateEngine, options: tuple[str, ...], read: str, flags: str
) -> None:
    # The kernel shows processes with the same rights without SYS_PTRACE.
    engine_host.run("vpn", "--cap-add=NET_ADMIN")
    places = (f"{engine_host.socket}:/run/docker.sock", *mounts())
    done = engine_host.docker(
        *("run", "--rm", "--name=nstui", "--cgroupns=private"),
        *("--security-opt=apparmor=unconfined",),
        *("--env=DOCKER_HOST=unix:///run/docker.sock", "--env=HOME=/tmp"),
        *(f"--volume={place}" for place in places),
        *(*options, IMAGE, *PROGRAM, "tree", "--json"),
    )

    told = json.loads(done.stdout)

    assert told["namespaces_read"] == read
    note = told["namespaces_note"] or ""
    assert note.partition(": run it with ")[2] == flags
    if read == "declared":
        assert "runs in a container of this engine" in note
        assert "machine" not in note


@pytest.fixture(scope="module")
def rootless() -> Iterator[RootlessEngine]:
    """Yield a running engine without control groups."""
    reason = missing_requirement()
    if reason is not None:
        pytest.skip(f"no private engine: {reason}")
    engine = RootlessEngine()
    try:
        engine.start()
        yield engine
    except EngineDidNotStart as problem:
        pytest.skip(f"no rootless engine: {problem}")
    finally:
        engine.stop()


def nstui(engine: RootlessEngine, home: Path, *words: str) -> str:
    """Return what nstui prints for a user who names no engine.

    The machine may have one, which is hidden.
    """
    hide = 'mount -t tmpfs run /run && exec "$@"'
    done = subprocess.run(
        ["unshare", "--mount", "sh", "-c", hide, "sh", *PROGRAM, *words],
        env={"XDG_RUNTIME_DIR": str(engine.folder), "HOME": str(home)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    assert done.returncode in {0, 1}, done.stderr
    return done.stdout


def test_a_rootless_engine_without_cgroups_is_found_and_verified(
    rootless: RootlessEngine, tmp_path: Path
) -> None:
    rootless.run("vpn")
    rootless.run("web", "--network=container:vpn")
    assert rootless.client.info()["CgroupDriver"] == "none"
    rootless.docker("restart", "vpn")

    broken = json.loads(nstui(rootless, tmp_path, "tree", "--json"))
    evidence = nstui(rootless, tmp_path, "explain", "web")
    assert nstui(rootless, tmp_path, "heal", "--yes") == "web\n"
    healed = json.loads(nstui(rootless, tmp_path, "tree", "--json"))

    assert broken["engine"]["endpoint"] == rootless.url
    assert broken["engine"]["context"] is None
    assert (broken["namespaces_read"], broken["namespaces_note"]) == ("inode", None)
    assert [each["code"] for each in broken["findings"]] == ["stale-join"]
    assert "no container's" not in evidence
    assert healed["findings"] == []
