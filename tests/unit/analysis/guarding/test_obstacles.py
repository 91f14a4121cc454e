"""What stands in the way of an installation, and what is said of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from nstui.analysis.guarding.engine_command import read_command
from nstui.analysis.guarding.installation import (
    EngineFacts,
    FileFacts,
    MachineFacts,
    Wanted,
)
from nstui.analysis.guarding.installing import settings_content
from nstui.analysis.guarding.obstacles import find_obstacles

CONFIG = "/etc/docker/daemon.json"
COMMAND = read_command(["dockerd", "-H", "fd://"])
ENGINE = EngineFacts(pid=1, command=COMMAND, name="Docker")
FACTS = MachineFacts(
    engine=ENGINE,
    config=FileFacts(path=CONFIG, content=b'{"debug": true}'),
    kept=FileFacts(path=f"{CONFIG}.before-nstui"),
    settings=FileFacts(path="/etc/nstui/guard.json"),
)
WANTED = Wanted(settings=b"{}", files={"/u": "x"}, has_units=True)
BARE = Wanted(settings=b"{}", files={}, has_units=False)


def engine(**changes: Any) -> MachineFacts:  # noqa: ANN401 - as `replace` takes it
    return replace(FACTS, engine=replace(ENGINE, **changes))


def config(**changes: Any) -> MachineFacts:  # noqa: ANN401 - as above
    return replace(FACTS, config=replace(FACTS.config, **changes))


@pytest.mark.parametrize(
    ("facts", "wanted", "words"),
    [
        pytest.param(FACTS, WANTED, (), id="nothing"),
        pytest.param(FACTS, BARE, (), id="nothing, without units"),
        pytest.param(
            config(content=None), WANTED, (), id="the engine has no such file"
        ),
        pytest.param(
            replace(FACTS, is_root=False), WANTED, ("run this as root",), id="not root"
        ),
        pytest.param(
            engine(name="Podman"),
            WANTED,
            ("this engine is Podman: only Docker asks a plugin",),
            id="Podman",
        ),
        pytest.param(
            engine(name=""), WANTED, ("none that says its name",), id="no name"
        ),
        pytest.param(
            engine(pid=None, command=None),
            WANTED,
            ("no process of this machine was found to be the engine",),
            id="behind a proxy",
        ),
        pytest.param(
            engine(sees_files=False),
            WANTED,
            ("the engine (process 1) sees other files than this shell",),
            id="in a container",
        ),
        pytest.param(
            engine(command=read_command(["dockerd", "--authorization-plugin=opa"])),
            WANTED,
            ("the engine was started with --authorization-plugin",),
            id="plugins on its command line",
        ),
        pytest.param(
            config(content=b'{"hosts": [], "debug": true}'),
            WANTED,
            (f"the engine refuses to read {CONFIG} again: hosts is there and",),
            id="the same twice",
        ),
        pytest.param(
            config(problem="is a symbolic link"),
            WANTED,
            (f"{CONFIG} is a symbolic link",),
            id="a link",
        ),
        pytest.param(
            config(content=b"{"),
            WANTED,
            (f"{CONFIG} is not valid JSON",),
            id="no JSON",
        ),
        pytest.param(
            replace(FACTS, settings=FileFacts(path="/s", problem="is a folder")),
            WANTED,
            ("/s is a folder",),
            id="settings that cannot be written",
        ),
        pytest.param(
            replace(FACTS, units=(FileFacts(path="/u", problem="is a folder"),)),
            WANTED,
            ("/u is a folder",),
            id="units that cannot be written",
        ),
        pytest.param(
            replace(FACTS, open_to="ada"),
            WANTED,
            ("nstui is in files that ada can change",),
            id="somebody else's nstui",
        ),
        pytest.param(
            replace(FACTS, open_to="ada"), BARE, (), id="which runs as it is, then"
        ),
        pytest.param(
            replace(FACTS, front_problem="it has no socket"),
            BARE,
            ("the guard does not answer (it has no socket): without units, start",),
            id="no guard",
        ),
        pytest.param(
            replace(FACTS, front_problem="it has no socket"),
            WANTED,
            (),
            id="no guard yet",
        ),
    ],
)
def test_what_stands_in_the_way(
    facts: MachineFacts, wanted: Wanted, words: tuple[str, ...]
) -> None:
    found = find_obstacles(facts, wanted)

    assert len(found) == len(words)
    for sentence, part in zip(found, words, strict=True):
        assert part in sentence


@pytest.mark.parametrize(
    ("there", "expected"),
    [
        (None, '{\n  "mode": "warn",\n  "deadline_s": 3\n}\n'),
        (b"broken", '{\n  "mode": "warn",\n  "deadline_s": 3\n}\n'),
        (b"[]", '{\n  "mode": "warn",\n  "deadline_s": 3\n}\n'),
        (
            b'{"deadline_s": 1, "mine": 2}',
            '{\n  "mode": "warn",\n  "deadline_s": 1,\n  "mine": 2\n}\n',
        ),
    ],
)
def test_settings_that_were_changed_stay(there: bytes | None, expected: str) -> None:
    default = {"mode": "enforce", "deadline_s": 3}

    assert settings_content(there, {"mode": "warn"}, default).decode() == expected
