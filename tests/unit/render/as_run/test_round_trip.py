"""Containers of a real engine, removed and made again by the commands that are said."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from typing import TYPE_CHECKING

import pytest

from nstui.analysis.text import shell_line
from nstui.model.container import SHORT_ID_LENGTH, is_id
from nstui.render.as_run import find_inexpressible, recreate_commands
from tests.support.private_engine import FOREVER, IMAGE
from tests.unit.render.as_run.options import (
    CHANGES,
    COMMANDS,
    OPTIONS,
    OWN_IMAGE,
    STARTED,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.private_engine import PrivateEngine

pytestmark = pytest.mark.docker


@pytest.fixture(scope="module")
def furnished(private_engine: PrivateEngine) -> Iterator[PrivateEngine]:
    """Yield the session's engine with what the containers refer to."""
    engine = private_engine
    engine.ensure_runs()
    engine.remove_all()
    engine.docker("network", "create", "--subnet=172.30.0.0/16", "one")
    engine.docker("network", "create", "--subnet=172.31.0.0/16", "two")
    engine.docker("network", "create", "Three")
    engine.run("base", "--ipc=shareable", "-v", "/shared")
    changes = [word for change in CHANGES for word in ("--change", change)]
    engine.docker("commit", *changes, "base", OWN_IMAGE)
    yield engine
    engine.remove_all()
    engine.docker("image", "rm", OWN_IMAGE)


@pytest.fixture
def engine(furnished: PrivateEngine) -> Iterator[PrivateEngine]:
    """Yield the engine, and remove what a test made."""
    yield furnished
    furnished.docker("rm", "-f", "-v", "it", check=False)


def fields(value: object) -> dict[str, object]:
    """Return an object of an inspect; null is an empty one."""
    assert value is None or isinstance(value, Mapping)
    return dict(value or {})


def texts(value: object) -> list[str]:
    """Return the texts of a list of an inspect; null is an empty one."""
    assert value is None or isinstance(value, list)
    return [str(one) for one in value or []]


def listed(value: object) -> list[dict[str, object]]:
    """Return the objects of a list of an inspect; null is an empty one."""
    assert value is None or isinstance(value, list)
    return [fields(one) for one in value or []]


def comparable(inspect: Mapping[str, object]) -> dict[str, object]:
    """Return what two equal containers have in common."""
    host, config = fields(inspect["HostConfig"]), fields(inspect["Config"])
    own = str(inspect["Id"])[:SHORT_ID_LENGTH]
    if config["Hostname"] == own:
        config["Hostname"] = None
    # The engine has them in any order.
    config["Env"] = sorted(texts(config["Env"]))
    # A program with arguments is said as a program and a command.
    config["Cmd"] = texts(config.pop("Entrypoint")) + texts(config["Cmd"])
    # Volumes without a name have one the second time: "Mounts" has to tell the same.
    config.pop("Volumes")
    binds = texts(host["Binds"])
    host["Binds"] = sorted(b for b in binds if not is_id(b.partition(":")[0]))
    host["Mounts"] = [
        mount if mount["Type"] != "volume" else {**mount, "Source": None}
        for mount in listed(host.get("Mounts"))
    ]
    if host["NetworkMode"] == "default":
        host["NetworkMode"] = "bridge"
    for key in ("Links", "SecurityOpt"):
        host[key] = sorted(texts(host[key]))
    # How a mount came to be read-only is what its "Mode" tells beside "RW".
    mounts = [{**mount, "Mode": None} for mount in listed(inspect["Mounts"])]
    return {
        "Name": inspect["Name"],
        "HostConfig": host,
        "Config": config,
        "Mounts": sorted(mounts, key=lambda mount: str(mount["Destination"])),
        "Networks": {
            name: endpoint(fields(found), own)
            for name, found in networks(inspect).items()
        },
    }


def networks(inspect: Mapping[str, object]) -> dict[str, object]:
    """Return the endpoints of a container by their networks."""
    return fields(fields(inspect["NetworkSettings"])["Networks"])


def endpoint(found: Mapping[str, object], own: str) -> dict[str, object]:
    """Return what somebody asked for on a network."""
    return {
        "IPAMConfig": found["IPAMConfig"] or None,
        "Aliases": sorted(a for a in texts(found["Aliases"]) if a != own),
        "Links": sorted(texts(found["Links"])),
        "DriverOpts": found["DriverOpts"] or None,
        "GwPriority": found.get("GwPriority"),
    }


def inspect_of(engine: PrivateEngine, name: str) -> dict[str, object]:
    """Return the whole inspect of a container."""
    return fields(engine.inspect(name))


def make(engine: PrivateEngine, *words: str) -> bool:
    """Run the docker command; tell whether this engine can have such a container."""
    done = engine.docker(*words, check=False)
    if "requires API version" in done.stderr:
        assert engine.docker("ps", "-aq", "--filter=name=^it$").stdout == ""
        return False
    assert done.returncode == 0, done.stderr
    return True


def make_again(engine: PrivateEngine, name: str) -> dict[str, object]:
    """Remove a container, and run what is said to make it again.

    In a shell, except for what no shell can be told.
    """
    commands = recreate_commands(inspect_of(engine, name))
    engine.docker("rm", "-f", name)
    for command in commands:
        line = shell_line(command)
        done = subprocess.run(
            command if line is None else ("sh", "-c", line),
            env={
                **os.environ,
                "DOCKER_HOST": engine.url,
                "HOME": "/wrong",
                # One of the cases has it without a value.
                "NAME_ALONE": "wrong",
            },
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, f"{line}\n{done.stderr}"
    return inspect_of(engine, name)


def is_running(inspect: Mapping[str, object]) -> bool:
    """Tell whether a container runs."""
    return fields(inspect["State"])["Running"] is True


@pytest.mark.parametrize("case", OPTIONS)
def test_it_is_made_again_as_it_was(engine: PrivateEngine, case: str) -> None:
    command = ("run", "-d") if case in STARTED else ("create",)
    words = COMMANDS.get(case, FOREVER)
    if not make(engine, *command, "--name", "it", *OPTIONS[case], IMAGE, *words):
        return
    before = inspect_of(engine, "it")
    after = make_again(engine, "it")
    assert comparable(after) == comparable(before)
    assert find_inexpressible(before) == ()
    assert after["Id"] != before["Id"]
    assert is_running(after) is is_running(before) is (command[0] == "run")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ((), ()),
        ((), ("sleep", "999")),
        (("--entrypoint", ""), ("sleep", "999")),
        (("--entrypoint", "sleep"), ("999",)),
        (("--no-healthcheck", "-u", "0", "-w", "/", "-e", "FROM_IMAGE=no"), ()),
        (("--health-cmd", "true", "--stop-signal", "TERM", "-v", "xx:/from-image"), ()),
    ],
)
def test_what_comes_from_the_image_is_told_apart_from_what_does_not(
    engine: PrivateEngine, options: tuple[str, ...], words: tuple[str, ...]
) -> None:
    engine.docker("run", "-d", "--name", "it", *options, OWN_IMAGE, *words)
    before = inspect_of(engine, "it")
    after = make_again(engine, "it")
    expected = comparable(before)
    healthcheck = fields(fields(expected["Config"])["Healthcheck"])
    if texts(healthcheck["Test"])[0] == "CMD":
        # Nothing else can be said: see `health_words`.
        healthcheck["Test"] = ["CMD-SHELL", "test -e /etc"]
        expected["Config"] = {
            **fields(expected["Config"]),
            "Healthcheck": healthcheck,
        }
    assert comparable(after) == expected
    assert is_running(after)


@pytest.mark.parametrize("first", ["one", "bridge"])
@pytest.mark.parametrize("has_run", [True, False])
def test_further_networks_are_there_again(
    engine: PrivateEngine, first: str, *, has_run: bool
) -> None:
    command = ("run", "-d") if has_run else ("create",)
    engine.docker(*command, "--net", first, "--name", "it", IMAGE, *FOREVER)
    more = ("--ip", "172.31.0.9", "--alias", "x", "--alias", "Y", "--link", "base:b")
    engine.docker("network", "connect", *more, "two", "it")
    engine.docker("network", "connect", "Three", "it")
    before = inspect_of(engine, "it")
    after = make_again(engine, "it")
    assert set(networks(after)) == {first, "two", "Three"}
    ours, theirs = comparable(after), comparable(before)
    assert ours["Networks"] == theirs["Networks"]
    assert ours["HostConfig"] == theirs["HostConfig"]
    assert is_running(after) is has_run


@pytest.mark.parametrize("has_run", [True, False])
def test_a_network_that_was_left_is_left_again(
    engine: PrivateEngine, *, has_run: bool
) -> None:
    command = ("run", "-d") if has_run else ("create",)
    engine.docker(*command, "--net", "one", "--name", "it", IMAGE, *FOREVER)
    engine.docker("network", "connect", "two", "it")
    engine.docker("network", "disconnect", "one", "it")
    before = inspect_of(engine, "it")
    after = make_again(engine, "it")
    assert set(networks(after)) == {"two"}
    ours, theirs = comparable(after), comparable(before)
    assert ours["Networks"] == theirs["Networks"]
    assert ours["HostConfig"] == theirs["HostConfig"]
    assert is_running(after) is has_run


def test_several_networks_at_once_where_the_engine_can(engine: PrivateEngine) -> None:
    version = fields(engine.client.version())["ApiVersion"]
    if tuple(map(int, str(version).split("."))) < (1, 44):
        # Older than 25: only one network can be said at once, so it takes more.
        engine.docker("create", "--net", "one", "--name", "it", IMAGE, *FOREVER)
        engine.docker("network", "connect", "Three", "it")
        assert len(recreate_commands(inspect_of(engine, "it"))) > 1
        return
    two = "name=two,alias=x,alias=y,ip=172.31.0.9,mac-address=02:42:ac:1e:00:78"
    nets = ("--net", "one", "--net", two, "--net", "Three", "--network-alias", "Z")
    engine.docker("create", *nets, "--name", "it", IMAGE, *FOREVER)
    before = inspect_of(engine, "it")
    assert len(recreate_commands(before)) == 1
    after = make_again(engine, "it")
    assert comparable(after) == comparable(before)
    mac = fields(networks(after)["two"])["MacAddress"]
    assert mac == "02:42:ac:1e:00:78"
