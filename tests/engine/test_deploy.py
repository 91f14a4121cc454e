"""nstui in a container, started from the files that are shipped for it."""

from __future__ import annotations

import io
import json
import subprocess
import tarfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from tests.support.compose_project import available_forms, provide, require
from tests.support.own_python import PROGRAM, ROOT, mounts
from tests.support.private_engine import IMAGE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.support.private_engine import PrivateEngine

pytestmark = [pytest.mark.docker, pytest.mark.one_engine]

DEPLOY = ROOT / "deploy"
PATIENCE_S = 60.0
TASK = "com.docker.swarm.task.id"
COMMAND = ["check", "--watch"]
"""What runs there until the end of a test."""

STALE = ["web", "stale-join"]


@pytest.fixture(autouse=True)
def broken(engine_host: PrivateEngine) -> None:
    """Run an owner and a dependent with a stale join."""
    engine_host.run("vpn")
    engine_host.run("web", "--network=container:vpn")
    engine_host.docker("restart", "vpn")


def shipped(name: str, folder: Path, **changes: object) -> Path:
    """Return a copy of a shipped file that runs this very nstui, with some changes."""
    document = yaml.safe_load((DEPLOY / name).read_text())
    service = document["services"]["watch"]
    assert service["command"] == ["watch"]
    service["entrypoint"] = list(PROGRAM)
    service["command"] = COMMAND
    # The image says this.
    service["environment"] |= {"XDG_STATE_HOME": "/var/lib", "XDG_CONFIG_HOME": "/etc"}
    service |= changes
    service["volumes"] += mounts()
    # It is the first process, and a signal that it does not handle is lost on it.
    service["stop_grace_period"] = "0s"
    path = folder / name
    path.write_text(yaml.safe_dump(document))
    return path


def settings(engine: PrivateEngine, folder: Path) -> dict[str, str]:
    """Return the variables of the shipped files."""
    for name in ("state", "configuration"):
        (folder / name).mkdir(mode=0o700)
    return {
        "DOCKER_HOST": engine.url,
        "DOCKER_SOCKET": str(engine.socket),
        "NSTUI_IMAGE": IMAGE,
        "NSTUI_STATE": str(folder / "state"),
        "NSTUI_CONFIG": str(folder / "configuration"),
    }


def run(*words: str, environ: dict[str, str]) -> str:
    """Run a command to its end; fail if it fails."""
    done = subprocess.run(
        words,
        env=environ,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def own(engine: PrivateEngine, container: str) -> dict[str, object]:
    """Return what nstui finds in a container, from inside."""
    words = (PROGRAM[0], str(ROOT / "tests" / "engine" / "own.py"))
    told = engine.docker("exec", container, *words).stdout
    found: dict[str, object] = json.loads(told)
    return found


def test_the_container_of_compose_sees_all_and_leaves_itself_alone(
    engine_host: PrivateEngine, tmp_path: Path
) -> None:
    form = available_forms()[0]
    require(form)
    environ = {**provide(form, tmp_path), **settings(engine_host, tmp_path)}
    file = shipped("compose.yaml", tmp_path)

    run(*form.words, "-f", str(file), "up", "-d", environ=environ)

    assert own(engine_host, "nstui-watch") == {
        "read": "inode",
        "protected": ["nstui-watch"],
        "wrong": [STALE],
    }
    held = engine_host.inspect("nstui-watch", "HostConfig")
    assert isinstance(held, dict)
    assert held["CapAdd"] in (["SYS_PTRACE"], ["CAP_SYS_PTRACE"])
    assert held["CapDrop"] == ["ALL"]
    assert (held["NetworkMode"], held["PidMode"]) == ("none", "host")
    assert held["ReadonlyRootfs"] is True
    assert held["Privileged"] is False


def test_a_watch_in_the_network_of_an_owner_heals_all_but_itself(
    engine_host: PrivateEngine, tmp_path: Path
) -> None:
    form = available_forms()[0]
    require(form)
    environ = {**provide(form, tmp_path), **settings(engine_host, tmp_path)}
    changes = {"network_mode": "container:vpn", "command": ["watch", "--settle=0s"]}
    file = shipped("compose.yaml", tmp_path, **changes)
    run(*form.words, "-f", str(file), "up", "-d", environ=environ)
    await_end(lambda: network(engine_host, "web") == network(engine_host, "vpn"))
    started = engine_host.inspect("nstui-watch", "State", "StartedAt")

    engine_host.docker("restart", "vpn")
    await_end(lambda: network(engine_host, "web") == network(engine_host, "vpn"))

    program = (*PROGRAM, "watch", "--status", "--json")
    await_end(lambda: '"hold": "own"' in output(engine_host, *program))
    assert engine_host.inspect("nstui-watch", "State", "StartedAt") == started
    assert network(engine_host, "nstui-watch") != network(engine_host, "vpn")
    engine_host.docker("stop", "-t", "30", "nstui-watch")
    assert engine_host.inspect("nstui-watch", "State", "ExitCode") == 0


def network(engine: PrivateEngine, name: str) -> int:
    """Return the inode of the network namespace that a container is in; 0 for none."""
    try:
        return Path(f"/proc/{engine.pid_of(name)}/ns/net").stat().st_ino
    except OSError:
        return 0


def output(engine: PrivateEngine, *words: str) -> str:
    """Return what a command in the container of the watch prints."""
    return engine.docker("exec", "nstui-watch", *words, check=False).stdout


@pytest.mark.parametrize(
    ("options", "read", "protected"),
    [
        pytest.param(
            ("--pid=host", "--cgroupns=private", "--network=container:vpn"),
            "inode",
            ["nstui", "vpn"],
            id="in the network of another",
        ),
        pytest.param(
            ("--cgroupns=private", "--network=none"),
            "declared",
            ["nstui"],
            id="without the machine's processes",
        ),
        pytest.param(
            ("--cgroupns=private", "--network=container:vpn"),
            "declared",
            ["nstui", "vpn", "web"],
            id="and in the network of another, where it may be any of the group",
        ),
    ],
)
def test_it_leaves_alone_what_it_runs_in(
    engine_host: PrivateEngine,
    options: tuple[str, ...],
    read: str,
    protected: list[str],
) -> None:
    socket = f"{engine_host.socket}:/run/docker.sock"
    places = (f"--volume={place}" for place in (socket, *mounts()))
    environ = ("--env=DOCKER_HOST=unix:///run/docker.sock", "--cap-add=SYS_PTRACE")
    done = engine_host.docker(
        *("run", "--rm", "--name=nstui", *environ, *options, *places, IMAGE),
        *(PROGRAM[0], str(ROOT / "tests" / "engine" / "own.py")),
    )

    told = json.loads(done.stdout)

    assert (told["read"], told["protected"]) == (read, protected)
    assert STALE in told["wrong"]


@pytest.mark.one_engine
@pytest.mark.parametrize(
    "words",
    [
        pytest.param(("stop", "nstui"), id="stop"),
        pytest.param(("rm", "-f", "nstui"), id="rm"),
        pytest.param(("recreate", "vpn"), id="along with its owner"),
        pytest.param(("restart", "--with-dependents", "vpn"), id="as a dependent"),
        pytest.param(("heal", "nstui"), id="heal"),
    ],
)
def test_from_inside_it_does_not_end_itself(
    engine_host: PrivateEngine, words: tuple[str, ...]
) -> None:
    places = (f"{engine_host.socket}:/run/docker.sock", *mounts())
    engine_host.docker(
        *("run", "-d", "--name=nstui", "--pid=host", "--network=container:vpn"),
        *("--cap-add=SYS_PTRACE", "--env=DOCKER_HOST=unix:///run/docker.sock"),
        *(f"--volume={place}" for place in places),
        *(IMAGE, "sleep", "1000"),
    )
    engine_host.docker("restart", "vpn")
    before = engine_host.inspect("nstui", "State", "StartedAt")

    done = engine_host.docker(
        *("exec", "nstui", *PROGRAM, *words, "--yes"), check=False
    )

    assert done.returncode == 4
    said = done.stderr if words[0] != "heal" else done.stdout + done.stderr
    assert "is the container in which this nstui runs, which would be" in said
    assert engine_host.inspect("nstui", "State", "StartedAt") == before
    assert engine_host.inspect("nstui", "State", "Running") is True


@pytest.fixture
def swarm(engine_host: PrivateEngine) -> Iterator[PrivateEngine]:
    """Yield an engine that manages a swarm, and leave it without."""
    at = ("--listen-addr=127.0.0.1:2377", "--advertise-addr=127.0.0.1")
    engine_host.docker("swarm", "init", *at)
    yield engine_host
    engine_host.docker("stack", "rm", "nstui", check=False)
    client = engine_host.client
    # The tasks of a service end by and by, and their network goes after them.
    await_end(lambda: not client.containers(all=True, filters={"label": TASK}))
    await_end(lambda: not client.networks(names=["nstui_default"]))
    engine_host.docker("swarm", "leave", "--force", check=False)
    await_end(lambda: not client.networks(filters={"type": "custom", "scope": "swarm"}))


def await_end(is_over: Callable[[], bool]) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + PATIENCE_S
    while not is_over():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def task_of(engine: PrivateEngine) -> str:
    """Return the container of the only task, once it runs."""

    def running() -> list[str]:
        listed = ("ps", "--quiet", f"--filter=label={TASK}", "--filter=status=running")
        return engine.docker(*listed).stdout.split()

    await_end(lambda: bool(running()))
    return running()[0]


def test_the_service_of_a_swarm_reads_the_machines_processes(
    swarm: PrivateEngine, tmp_path: Path
) -> None:
    environ = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(tmp_path)}
    environ |= settings(swarm, tmp_path)
    file = str(shipped("stack.yaml", tmp_path))

    deploy = ("stack", "deploy", "--resolve-image=never", "--compose-file", file)
    run("docker", *deploy, "nstui", environ=environ)
    task = task_of(swarm)

    name = str(swarm.inspect(task, "Name")).lstrip("/")
    assert own(swarm, task) == {
        "read": "inode",
        "protected": [name],
        "wrong": [STALE],
    }
    assert swarm.inspect(task, "HostConfig", "PidMode") == ""
    assert swarm.inspect(task, "HostConfig", "ReadonlyRootfs") is True


PYTHON = """\
#!/bin/sh
# In the place of Python: notes how it is called, and makes what is called later.
case "$*" in
    '-m venv /opt/nstui') mkdir -p "$3/bin" && cp "$0" "$3/bin/python" ;;
    '-m pip install '*)
        echo "$*" >/opt/nstui/installed
        printf '#!/bin/sh\\necho nstui "$@"\\n' >/opt/nstui/bin/nstui
        chmod +x /opt/nstui/bin/nstui ;;
    '-m pip uninstall --yes pip') ;;
    *) exit 1 ;;
esac
"""


def context() -> bytes:
    """Return the shipped Dockerfile in a folder with wheels and something else."""
    files = {
        "Dockerfile": (DEPLOY / "Dockerfile").read_bytes(),
        "nstui-1.0-py3-none-any.whl": b"",
        "click-8.2-py3-none-any.whl": b"",
        "secret.txt": b"",
    }
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def test_the_image_is_built_from_wheels_on_any_base(engine_host: PrivateEngine) -> None:
    base = engine_host.create("base")
    entry = tarfile.TarInfo("bin/python3")
    entry.size, entry.mode = len(PYTHON), 0o755
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        archive.addfile(entry, io.BytesIO(PYTHON.encode()))
    engine_host.client.put_archive(base, "/", buffer.getvalue())
    engine_host.client.commit(base, "python", "base")

    told = engine_host.client.build(
        fileobj=io.BytesIO(context()),
        custom_context=True,
        tag="nstui:built",
        buildargs={"BASE": "python:base", "PIP_OPTIONS": "--no-index"},
        forcerm=True,
        decode=True,
    )
    assert [one["error"] for one in told if "error" in one] == []

    def output(*words: str) -> str:
        return engine_host.docker("run", "--rm", "--network=none", *words).stdout

    try:
        assert output("nstui:built") == "nstui watch\n"
        assert output("nstui:built", "check", "--short") == "nstui check --short\n"
        assert output("--entrypoint=cat", "nstui:built", "/opt/nstui/installed") == (
            "-m pip install --no-index --find-links /wheels"
            " /wheels/nstui-1.0-py3-none-any.whl[notify,metrics]\n"
        )
        left = output("--entrypoint=ls", "nstui:built", "/")
        assert "wheels" not in left.split()
        shown = ("image", "inspect", "--format={{json .Config}}", "nstui:built")
        made = json.loads(engine_host.docker(*shown).stdout)
        assert made["Labels"]["org.opencontainers.image.title"] == "nstui"
        assert {"XDG_STATE_HOME=/var/lib", "XDG_CONFIG_HOME=/etc"} <= {*made["Env"]}
    finally:
        engine_host.docker("rmi", "--force", "nstui:built", "python:base")
        engine_host.docker("image", "prune", "--force")
