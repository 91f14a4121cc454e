"""The units that `nstui guard install` writes, as systemd and sh read them."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from nstui.analysis.guarding.engine_config import plugins_of, without_plugin
from nstui.analysis.guarding.places import Places, places_below
from nstui.analysis.guarding.units import (
    CHECK_TIMER,
    OPEN_SOCKET,
    OPEN_UNIT,
    RESCUE_UNIT,
    SERVICE_UNIT,
    SOCKET_UNIT,
    UNITS,
    Engine,
    unit_files,
    unit_paths,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

PROGRAM = (sys.executable, "-P", "-m")
ENGINE = Engine(
    "/etc/docker/daemon.json", "/run/docker.pid", "docker.service", "dockerd"
)
EXPOSURE = 30
"""In tenths: of 100, which is a service without any protection."""


def analyze(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run systemd-analyze, which needs no systemd that runs."""
    return subprocess.run(
        ["systemd-analyze", "--no-pager", *arguments],
        capture_output=True,
        check=False,
        text=True,
        timeout=60,
    )


def write_units(
    folder: Path, engine: Engine = ENGINE, program: tuple[str, ...] = PROGRAM
) -> Path:
    """Write the units and the script; return the folder of the units."""
    places = Places()._replace(
        units=str(folder), rescue=str(folder / "guard rescue.sh")
    )
    for path, text in unit_files(places, engine, program).items():
        Path(path).write_text(text)
    return folder


@pytest.fixture
def units(tmp_path: Path) -> Path:
    """Return a folder with the units."""
    if shutil.which("systemd-analyze") is None:
        message = "needs systemd-analyze"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    return write_units(tmp_path)


def verify(units: Path) -> subprocess.CompletedProcess[str]:
    """Have systemd check all of them together."""
    # A template is checked as one of its instances.
    names = (name.replace("@.", "@1.") for name in UNITS)
    shutil.copy(units / OPEN_UNIT, units / OPEN_UNIT.replace("@.", "@1."))
    return analyze("verify", "--man=no", *(str(units / name) for name in names))


def test_systemd_finds_nothing_wrong_in_them(units: Path) -> None:
    done = verify(units)

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize(
    ("unit", "right", "wrong"),
    [
        (SERVICE_UNIT, "WatchdogSec=", "WatchDogSec="),
        (SOCKET_UNIT, "ListenStream=/", "ListenStream=run/"),
        (CHECK_TIMER, "OnActiveSec=15s", "OnActiveSec=often"),
        (RESCUE_UNIT, "ExecStart=/bin/sh", "ExecStart=/bin/no-shell"),
        (OPEN_SOCKET, "Accept=yes", "Accept=perhaps"),
    ],
)
def test_a_mistake_in_one_is_found(
    units: Path, unit: str, right: str, wrong: str
) -> None:
    path = units / unit
    assert right in path.read_text()
    path.write_text(path.read_text().replace(right, wrong))

    done = verify(units)

    assert done.stderr, done


@pytest.mark.parametrize("unit", [SERVICE_UNIT, OPEN_UNIT.replace("@.", "@1.")])
def test_what_clients_talk_to_may_do_little(units: Path, unit: str) -> None:
    verify(units)
    offline = ("security", "--offline=yes", f"--threshold={EXPOSURE}")

    done = analyze(*offline, str(units / unit))

    assert done.returncode == 0, done.stdout


def test_what_the_guard_cannot_do_without_stays_open() -> None:
    service = unit_files(Places(), ENGINE, PROGRAM)[f"{Places().units}/{SERVICE_UNIT}"]

    lines = service.splitlines()
    assert {
        "Type=notify",
        "CapabilityBoundingSet=CAP_SYS_PTRACE CAP_CHOWN",
        "SystemCallFilter=setpriority @chown",
        "RuntimeDirectoryMode=0711",
        "ProtectProc=default",
        "RuntimeDirectoryPreserve=yes",
        "OnFailure=nstui-guard-rescue.service",
        "WatchdogSignal=SIGKILL",
    } <= {*lines}
    forbidden = ("PrivateUsers=", "ProtectHome=yes", "PrivateNetwork=", "BindsTo=")
    assert [line for line in lines if line.startswith(forbidden)] == []
    # The engine waits for the guard: one that waited for the engine would hang both.
    assert not [line for line in lines if line.startswith("After=docker")]


def test_a_program_in_a_strange_folder_is_found_there(
    units: Path, tmp_path: Path
) -> None:
    # systemd itself wants none of the other signs in the path of a program.
    strange = tmp_path / "50% of it is $HOME"
    strange.mkdir()
    program = strange / "python"
    program.symlink_to(sys.executable)
    write_units(units, program=(str(program), "-m"))

    done = verify(units)

    assert (done.returncode, done.stderr) == (0, "")


def test_every_file_is_known_to_the_uninstall() -> None:
    places = places_below("/x")

    assert {*unit_files(places, ENGINE, PROGRAM)} == {*unit_paths(places)}


class Rescue:
    """The script, with an engine in a shell of its own and no systemd."""

    def __init__(self, folder: Path) -> None:
        self.config = folder / "the engine's" / "daemon.json"
        self.config.parent.mkdir()
        self.pidfile = folder / "pid"
        self.calls = folder / "calls"
        self.calls.write_text("")
        self.stubs = folder / "stubs"
        self.stubs.mkdir()
        for name in ("systemctl", "wall", "sleep"):
            stub = self.stubs / name
            stub.write_text(f'#!/bin/sh\necho "{name} $*" >>{self.calls}\n')
            stub.chmod(0o755)
        engine = Engine(str(self.config), str(self.pidfile), "docker.service", "sleep")
        program = ("/bin/false",)
        self.script = folder / "rescue.sh"
        self.socket = plugin = folder / "nstui.sock"
        with socket.socket(socket.AF_UNIX) as there:
            there.bind(str(plugin))
        places = Places(plugin_socket=str(plugin), rescue=str(self.script))
        self.script.write_text(unit_files(places, engine, program)[places.rescue])

    def run(self, verb: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        """Run it to its end."""
        return subprocess.run(
            ["sh", str(self.script), verb],
            input=stdin,
            capture_output=True,
            check=False,
            timeout=30,
            env={"PATH": f"{self.stubs}:{os.environ['PATH']}"},
        )


@pytest.fixture
def rescue(tmp_path: Path) -> Rescue:
    return Rescue(tmp_path)


@pytest.fixture
def engine(rescue: Rescue) -> Iterator[subprocess.Popen[bytes]]:
    """A process that SIGHUP ends."""
    with subprocess.Popen(["/bin/sleep", "60"]) as process:
        rescue.pidfile.write_text(f"{process.pid}")
        yield process
        process.kill()


LAYOUTS = [
    '{"authorization-plugins": ["nstui"]}',
    '{"authorization-plugins":["opa","nstui"],"debug":true}',
    '{"authorization-plugins":["nstui","opa"]}',
    '{\n  "authorization-plugins" : [\n    "opa",\n    "nstui",\n    "aaa"\n  ]\n}',
    '{\n\t"a": ["nstui"],\n\t"authorization-plugins": [\n\t\t"nstui"\n\t],\n\t"b": 1}',
    '{"authorization-plugins": ["x/nstui", "nstui"], "labels": ["nstui"]}',
]


@pytest.mark.parametrize("text", LAYOUTS)
def test_the_script_takes_it_out_of_any_layout(
    rescue: Rescue, engine: subprocess.Popen[bytes], text: str
) -> None:
    rescue.config.write_text(text)
    rescue.config.chmod(0o640)

    done = rescue.run("take-out")

    assert done.returncode == 0, done.stderr
    written = rescue.config.read_bytes()
    expected = json.loads(without_plugin(text.encode()))
    expected.setdefault("authorization-plugins", [])
    found = json.loads(written)
    found.setdefault("authorization-plugins", [])
    assert found == expected
    assert "nstui" not in plugins_of(written)
    assert rescue.config.stat().st_mode & 0o777 == 0o640
    assert [path.name for path in rescue.config.parent.iterdir()] == ["daemon.json"]
    # Told: the engine, and loudly everybody.
    assert engine.wait(10) == -1
    assert b"NOT guarded any more" in done.stderr
    calls = rescue.calls.read_text().splitlines()
    assert "wall " in calls
    opened = calls.index("systemctl start nstui-guard-open.socket")
    assert calls.index("sleep 60") > opened
    assert calls[-1] == "systemctl stop nstui-guard-open.socket"


def test_the_script_tells_an_engine_that_was_not_told_before(
    rescue: Rescue, engine: subprocess.Popen[bytes]
) -> None:
    rescue.config.write_text('{"debug": true, "labels": ["nstui"]}')

    done = rescue.run("take-out")

    assert done.returncode == 0
    assert rescue.config.read_text() == '{"debug": true, "labels": ["nstui"]}'
    assert engine.wait(10) == -1


def test_the_script_never_signals_another_process(
    rescue: Rescue, engine: subprocess.Popen[bytes]
) -> None:
    rescue.config.write_text(LAYOUTS[0])
    script = rescue.script.read_text()
    rescue.script.write_text(script.replace("PROGRAM='sleep'", "PROGRAM='dockerd'"))

    done = rescue.run("take-out")

    assert (
        b"if it runs, send it SIGHUP" in done.stderr or b"is started now" in done.stderr
    )
    assert engine.poll() is None


def test_the_script_lets_calls_through_where_the_file_cannot_be_written(
    rescue: Rescue, engine: subprocess.Popen[bytes]
) -> None:
    rescue.config.write_text(LAYOUTS[1])
    (rescue.stubs / "mv").write_text("#!/bin/sh\nexit 1\n")
    (rescue.stubs / "mv").chmod(0o755)

    done = rescue.run("take-out")

    assert done.returncode == 1
    assert b"by hand" in done.stderr
    assert rescue.config.read_text() == LAYOUTS[1]
    assert [path.name for path in rescue.config.parent.iterdir()] == ["daemon.json"]
    calls = rescue.calls.read_text().splitlines()
    assert "systemctl start nstui-guard-open.socket" in calls
    assert "systemctl stop nstui-guard-open.socket" not in calls
    assert engine.poll() is None


def test_the_script_makes_a_socket_anew_that_was_removed(
    rescue: Rescue, engine: subprocess.Popen[bytes]
) -> None:
    rescue.config.write_text(LAYOUTS[0])
    rescue.socket.unlink()

    done = rescue.run("take-out")

    assert done.returncode == 0
    assert b"is there again" in done.stderr
    assert rescue.config.read_text() == LAYOUTS[0]
    assert rescue.calls.read_text().splitlines()[-1] == (
        "systemctl restart nstui-guard.socket nstui-guard.service"
    )
    assert engine.poll() is None


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/Plugin.Activate", {"Implements": ["authz"]}),
        ("/AuthZPlugin.AuthZReq", {"Allow": True}),
    ],
)
@pytest.mark.parametrize("size", [0, 1, 100_000])
def test_the_script_answers_a_call(
    rescue: Rescue, path: str, answer: dict[str, object], size: int
) -> None:
    body = b"\0" * size
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {size}\r\n\r\n"

    done = rescue.run("let-through", head.encode() + body)

    top, _, rest = done.stdout.partition(b"\r\n\r\n")
    assert top.startswith(b"HTTP/1.1 200 OK\r\n")
    assert f"Content-Length: {len(rest)}".encode() in top
    assert json.loads(rest) == answer


def test_the_script_reads_the_whole_call_before_it_answers(
    rescue: Rescue, tmp_path: Path
) -> None:
    # The engine takes it for a failure if its words were not read.
    question = tmp_path / "question"
    question.write_bytes(b"POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello")

    with question.open("rb") as stdin:
        done = subprocess.run(
            ["sh", str(rescue.script), "let-through"],
            stdin=stdin,
            capture_output=True,
            check=False,
            timeout=30,
        )
        left = stdin.read()

    assert done.stdout.endswith(b'{"Allow":true}')
    assert left == b""


def test_the_script_says_how_it_is_used(rescue: Rescue) -> None:
    assert rescue.run("now").returncode == 2
