"""The tabs of the details on a real engine, in a terminal."""

from __future__ import annotations

import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from tests.engine.program import NSTUI
from tests.support.terminal import PATIENCE, Terminal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.private_engine import PrivateEngine

pytestmark = pytest.mark.docker


@pytest.fixture
def engine(engine_host: PrivateEngine) -> PrivateEngine:
    """Return the session's engine with an owner whose port a dependent serves."""
    engine_host.run("own", "-p", "127.0.0.1::80", "-p", "127.0.0.1::99")
    serve = ("httpd", "-f", "-p", "80")
    engine_host.run("web", "--network=container:own", command=serve)
    return engine_host


@pytest.fixture
def visitor(engine: PrivateEngine) -> Iterator[int]:
    """Yield a process of the machine that has entered the network."""
    pid = str(engine.pid_of("own"))
    with subprocess.Popen(("nsenter", "-t", pid, "-n", "sleep", "1000")) as process:
        yield process.pid
        process.kill()


def test_what_is_inside_who_uses_what_and_how_that_is_known(
    engine: PrivateEngine, visitor: int
) -> None:
    own, web = engine.pid_of("own"), engine.pid_of("web")
    command = (*NSTUI, "-H", engine.url)
    with Terminal(command, columns=120, lines=40) as terminal:
        terminal.wait_for("● own", "name     own")
        terminal.press("2")
        terminal.wait_for(
            "eth0  up  172.",
            "0.0.0.0/0 via 172.",
            f"[::]:80/tcp  web: httpd ({web})",
            "->99/tcp  no listener",
            f"{visitor}  sleep 1000, no container's",
        )
        # Two readings make a rate.
        terminal.wait_for("/s")
        terminal.press("j")
        terminal.wait_for("own  net:[", "httpd")

        terminal.press("3")
        terminal.wait_for("memory", " kB")
        terminal.wait_for("%")

        terminal.press("4")
        terminal.wait_for(f"/proc/{own}/ns/net, the")
        engine.docker("restart", "-t", "0", "own")
        terminal.wait_for(
            "Where the sources disagree", f"namespace of process {own}, which"
        )


def await_unhealthy(engine: PrivateEngine, name: str) -> None:
    """Wait until the engine says that the health check of a container fails."""
    deadline = time.monotonic() + PATIENCE
    while engine.inspect(name, "State", "Health", "Status") != "unhealthy":
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_what_the_overview_tells_and_how_it_gets_the_screen(
    engine_host: PrivateEngine,
) -> None:
    engine_host.docker("network", "create", "--subnet=10.79.1.0/24", "media")
    engine_host.run(
        "own",
        *("--network=media", "--ip=10.79.1.7", "--restart=on-failure:3"),
        *("--env=API_TOKEN=hunter2", "--env=TZ=UTC", "--tmpfs=/scratch"),
        *("--health-cmd=echo no luck; exit 7", "--health-interval=1s"),
        "--health-retries=1",
    )
    # The cursor starts at what is wrong, which unfolds it; later nothing moves it.
    await_unhealthy(engine_host, "own")
    command = (*NSTUI, "-H", engine_host.url)
    with Terminal(command, columns=80, lines=40) as terminal:
        terminal.wait_for("● own", "name     own")
        terminal.press("z")
        terminal.wait_for("z: back", "unhealthy  exit code 7, as of", "no luck")
        terminal.wait_for("media  10.79.1.7", "on-failure, at most 3 times")
        terminal.wait_for("tmpfs → /scratch", "API_TOKEN=••••", "TZ=UTC")
        terminal.press("2")
        terminal.wait_for("127.0.0.11:", "no process (Docker's DNS)")
        terminal.press("z")
        terminal.wait_for("● own")
