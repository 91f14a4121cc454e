"""``nstui config``, and a configuration's effect on other commands."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

from nstui.analysis.preferences.choices import Choices, LastLeft
from nstui.analysis.preferences.parsing import parse_config
from nstui.analysis.tree.tree import SortOrder
from nstui.audit.last_left import FileLastLeft
from nstui.cli.config import preferences, read_config, read_environment
from nstui.cli.settings import Settings
from nstui.tui.keymap import TEXTUALS_KEYS, main_keys

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.unit.cli.answers import Nstui


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the place of the configuration, which does not exist yet."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    (tmp_path / "nstui").mkdir()
    return tmp_path / "nstui" / "config.toml"


@pytest.fixture
def kept(file: Path) -> FileLastLeft:
    """Return what keeps the screen as last left."""
    return FileLastLeft(file.parents[1] / "state" / "nstui")


def rows(out: str) -> dict[str, tuple[str, ...]]:
    """Return the value and the origin of each setting."""
    lines = [line.split("  ") for line in out.splitlines()]
    cells = [[cell.strip() for cell in line if cell.strip()] for line in lines]
    return {line[0]: tuple(line[1:]) for line in cells if line}


def test_without_a_file_everything_is_by_default(nstui: Nstui, file: Path) -> None:
    answer = nstui("config")
    assert (answer.code, answer.err) == (0, "")
    found = rows(answer.out)
    place = found.pop("configuration")
    assert place == (f"{file} (does not exist)",)
    found.pop("last left")
    assert {origin for _, origin in found.values()} == {"default"}
    assert found["interval"][0] == "30, or 2 without events"


def test_where_each_setting_comes_from(
    nstui: Nstui, file: Path, kept: FileLastLeft, monkeypatch: pytest.MonkeyPatch
) -> None:
    folds = {"unix:///x": {"container:vpn": False}}
    kept.update(LastLeft(theme="nord", order=SortOrder.AGE, folds=folds))
    monkeypatch.setenv("NSTUI_ORDER", "cpu")
    file.write_text(
        'order = "name"\ninterval = 7\ncolumns = ["image"]\n'
        '[keymap]\nstop = ["x", "ctrl+r"]\n[check]\nignore = ["a:exited", "exited"]\n'
    )
    answer = nstui("--interval", "3", "config")
    assert (answer.code, answer.err) == (0, "")
    found = rows(answer.out)
    assert {name: each for name, each in found.items() if "watch" not in name} == {
        "theme": ("nord", "last left"),
        "order": ("CPU", "NSTUI_ORDER"),
        "interval": ("3", "--interval"),
        "columns": ("image", str(file)),
        "keymap": ("stop = x,ctrl+r", str(file)),
        "check.ignore": ("a:exited, exited", str(file)),
        "hosts": ("none", "default"),
        "folds": ("1 kept", "last left"),
        "configuration": (str(file),),
        "last left": (str(kept.path),),
    }
    document = json.loads(nstui("config", "--json").out)
    assert document["file"] == str(file)
    assert document["state_file"] == str(kept.path)
    assert document["folds"] == folds
    assert document["problems"] == []
    assert document["settings"]["interval"] == {
        "value": 7,
        "source": "file",
        "from": str(file),
    }
    assert document["settings"]["keymap"]["value"] == {"stop": "x,ctrl+r"}
    assert document["settings"]["order"]["from"] == "NSTUI_ORDER"
    assert document["settings"]["check.ignore"]["value"] == ["a:exited", "exited"]


def test_the_sets_of_hosts(nstui: Nstui, file: Path) -> None:
    file.write_text('[hosts]\nhome = ["nas", "tcp://10.0.0.3:2375"]\nlab = ["pi"]\n')
    answer = nstui("config")
    assert (answer.code, answer.err) == (0, "")
    assert rows(answer.out)["hosts"] == (
        "home = nas, tcp://10.0.0.3:2375; lab = pi",
        str(file),
    )
    assert json.loads(nstui("config", "--json").out)["settings"]["hosts"] == {
        "value": {"home": ["nas", "tcp://10.0.0.3:2375"], "lab": ["pi"]},
        "source": "file",
        "from": str(file),
    }


def test_a_set_that_makes_no_sense_is_told_and_the_others_count(
    nstui: Nstui, file: Path
) -> None:
    file.write_text('[hosts]\nhome = ["nas"]\nlab = "pi"\n')
    answer = nstui("config")
    assert answer.code == 1
    assert rows(answer.out)["hosts"] == ("home = nas", str(file))
    assert answer.err == (
        f"nstui: {file}: hosts: lab: 'pi' is not a list of contexts and addresses\n"
    )


def test_what_is_set_for_the_watch(nstui: Nstui, file: Path) -> None:
    file.write_text('[watch]\nsettle = "9s"\nnotify = "tgram://secret/1"\n')
    answer = nstui("config")
    assert (answer.code, answer.err) == (0, "")
    found = rows(answer.out)
    assert found["watch.settle"] == ("9s", str(file))
    assert found["watch.notify"] == ("tgram://…", str(file))
    assert found["watch.mode"] == ("heal", "default")
    assert found["watch.names"] == ("none", "default")
    printed = nstui("config", "--json").out
    assert "secret" not in answer.out + printed
    settings = json.loads(printed)["settings"]
    assert settings["watch.settle"] == {
        "value": "9s",
        "source": "file",
        "from": str(file),
    }
    assert settings["watch.budget"]["source"] == "default"


def test_the_configuration_wins_over_what_was_last_left(
    nstui: Nstui, file: Path, kept: FileLastLeft
) -> None:
    kept.update(LastLeft(theme="nord", order=SortOrder.AGE))
    file.write_text('theme = "dracula"\n')
    found = rows(nstui("config").out)
    assert found["theme"] == ("dracula", str(file))
    assert found["order"] == ("age", "last left")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("them = 1", "them is not a setting; did you mean theme?"),
        ("theme = 'nrod'", "theme: 'nrod' is not a theme; did you mean nord?"),
        ("keymap.refrsh = 'f5'", "keymap.refrsh: no binding has this id; did you"),
        ("keymap.stop = 'ctlr+x'", "keymap.stop: 'ctlr+x' is not a key"),
        ("keymap.stop = 'd'", "keymap.stop: d is the key of remove, so stop keeps s"),
        ("keymap.stop = '?'", "keymap.stop: ? is the key of help, so stop keeps s"),
        ("keymap.stop = 'ctrl+p'", "keymap.stop: ctrl+p is the key of the palette"),
        ("a = [", "it is not TOML, so none of it counts: "),
    ],
)
def test_a_mistake_is_one_line_that_names_the_file(
    nstui: Nstui, file: Path, text: str, problem: str
) -> None:
    file.write_text(text)
    answer = nstui("config")
    assert answer.code == 1
    (line,) = answer.err.splitlines()
    assert line.startswith(f"nstui: {file}: {problem}")
    found = rows(answer.out)
    assert found["theme"] == ("textual-dark", "default")
    assert found["keymap"] == ("none", "default")
    document = json.loads(nstui("config", "--json").out)
    assert document["problems"] == [line.removeprefix("nstui: ")]


def test_a_theme_that_was_left_and_is_gone_is_not_told(
    nstui: Nstui, kept: FileLastLeft
) -> None:
    kept.update(LastLeft(theme="of yesterday"))
    answer = nstui("config")
    assert (answer.code, answer.err) == (0, "")
    assert rows(answer.out)["theme"] == ("textual-dark", "default")


def make_folder(file: Path) -> None:
    file.mkdir()


def make_pipe(file: Path) -> None:
    os.mkfifo(file)


def make_large(file: Path) -> None:
    file.write_text("#" * 1_000_001)


def make_latin(file: Path) -> None:
    file.write_bytes(b"theme = '\xe4'")


def make_loop(file: Path) -> None:
    file.symlink_to(file)


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (make_folder, "Is a directory"),
        (make_pipe, "it is not a regular file"),
        (make_large, "it is larger than 1 MB"),
        (make_latin, "it is not UTF-8"),
        (make_loop, "Too many levels of symbolic links"),
    ],
    ids=lambda one: getattr(one, "__name__", ""),
)
def test_what_cannot_be_read_is_not_called_missing(
    nstui: Nstui, file: Path, make: Callable[[Path], None], why: str
) -> None:
    make(file)
    answer = nstui("config")
    assert answer.code == 1
    assert answer.err == f"nstui: {file} could not be read: {why}\n"
    assert rows(answer.out)["configuration"] == (f"{file} (not read)",)
    check = nstui("--demo", "check")
    assert check.err == answer.err
    assert check.code == 1


def test_a_link_to_a_file_elsewhere_is_followed(nstui: Nstui, file: Path) -> None:
    elsewhere = file.with_name("dotfile")
    elsewhere.write_text("interval = 9")
    file.symlink_to(elsewhere)
    assert rows(nstui("config").out)["interval"] == ("9", str(file))


def test_a_mistake_is_told_by_what_reads_it(nstui: Nstui, file: Path) -> None:
    file.write_text("them = 1")
    for command in ("check", "tree"):
        answer = nstui("--demo", command)
        assert answer.err.startswith(f"nstui: {file}: them is not a setting")
        assert len(answer.err.splitlines()) == 1


@pytest.mark.parametrize("home", ["", "relative"])
def test_a_relative_folder_is_ignored(
    nstui: Nstui, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, home: str
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", home)
    monkeypatch.setenv("HOME", str(tmp_path))
    place = f"{tmp_path}/.config/nstui/config.toml"
    assert json.loads(nstui("config", "--json").out)["file"] == place


def test_the_example_is_a_configuration(nstui: Nstui, file: Path) -> None:
    answer = nstui("config", "--example")
    assert (answer.code, answer.err) == (0, "")
    file.write_text(answer.out)
    assert nstui("config").err == ""
    # Each id is there with its keys, to be uncommented.
    _, _, listed = answer.out.partition("# All ids, with their keys:\n")
    choices, problems = parse_config("[keymap]\n" + listed.replace("# ", ""))
    assert problems == ()
    own = {k: v for k, v in main_keys().items() if k not in TEXTUALS_KEYS}
    assert choices.keymap == own
    file.write_text("[keymap]\n" + listed.replace("# ", ""))
    assert nstui("config").err == ""


@pytest.mark.parametrize(
    ("variables", "choices", "problems"),
    [
        ({}, Choices(), []),
        ({"TEXTUAL_THEME": "nord"}, Choices(theme="nord"), []),
        ({"NSTUI_ORDER": "", "NSTUI_INTERVAL": ""}, Choices(), []),
        ({"NSTUI_ORDER": "Age"}, Choices(order=SortOrder.AGE), []),
        ({"NSTUI_INTERVAL": "0.5"}, Choices(interval=0.5), []),
        (
            {"NSTUI_ORDER": "agee", "NSTUI_INTERVAL": "fast"},
            Choices(),
            [
                "NSTUI_ORDER: 'agee' is not an order; did you mean age?",
                "NSTUI_INTERVAL: 'fast' is not a number of seconds from 0.1 to 3600",
            ],
        ),
    ],
)
def test_the_environment(
    variables: dict[str, str], choices: Choices, problems: list[str]
) -> None:
    assert read_environment(variables) == (choices, tuple(problems))


def test_an_option_wins_over_all(file: Path) -> None:
    file.write_text("interval = 5")
    read = read_config()
    env = {"NSTUI_INTERVAL": "4"}
    assert preferences(Settings(), read).choices.interval == 5
    assert preferences(Settings(), read, None, env).choices.interval == 4
    asked = Settings(interval=3)
    assert preferences(asked, read, None, env).choices.interval == 3


def test_columns_apply_to_the_tree(nstui: Nstui, file: Path) -> None:
    assert "+pid" in nstui("--demo", "tree").out
    file.write_text("columns = []")
    assert "+pid" not in nstui("--demo", "tree").out
