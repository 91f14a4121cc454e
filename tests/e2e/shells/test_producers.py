"""Everything that prints a command, pasted into every shell."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from nstui.analysis.plans.commands import UNWRITABLE as NO_REMEDY
from nstui.analysis.plans.commands import after, commands, commands_line
from nstui.analysis.text import shell_line
from nstui.model.container import ContainerId
from nstui.model.step import Step, Verb
from nstui.render import plan_text
from nstui.render.as_run import recreate_commands
from nstui.render.entries import copies_of, inspect_command, template
from tests.e2e.shells.hosts import findings
from tests.e2e.shells.shells import HOSTILE, SHELLS, UNWRITABLE
from tests.support.builders import cid, container, report

if TYPE_CHECKING:
    from tests.e2e.shells.shells import Desk

NAMES = (*HOSTILE, *UNWRITABLE, "-f", "--all")


def word_of(name: str, plain: str) -> str:
    """Return how a container is called in a command: by its id where it has to be."""
    is_odd = name in UNWRITABLE or name.startswith("-") or not name
    return cid(plain)[:12] if is_odd else name


@pytest.mark.parametrize("shell", SHELLS)
def test_remedies(desk: Desk, shell: str) -> None:
    plain = findings("one", "two", "gone")
    usual = desk.paste(shell, [f.remedy for f in plain if f.is_command])
    assert ("docker", "restart", "two") in usual
    assert ("docker", "start", "one") in usual
    assert ("nstui", "heal", "two") in usual
    for name in NAMES:
        # No two are called the same, and what is odd stays odd.
        one, two = name, f"{name}2" if name in HOSTILE else f"{name}\n2"
        odd = two if name in HOSTILE else UNWRITABLE[0]
        names = {"one": word_of(one, "one"), "two": word_of(odd, "two")}
        found = findings(one, two, f"{name} gone")
        calls = desk.paste(shell, [f.remedy for f in found if f.is_command])
        expected = [tuple(names.get(word, word) for word in call) for call in usual]
        assert sorted(calls) == sorted(expected)


@pytest.mark.parametrize("shell", SHELLS)
def test_remedies_that_are_sentences_do_nothing(desk: Desk, shell: str) -> None:
    for name in ("web", "'; touch pwned; '", "$(touch pwned)", "a;touch pwned"):
        found = findings(name, f"{name}2", f"{name}3")
        sentences = {f.remedy for f in found if not f.is_command}
        assert len(sentences) == 15
        desk.misuse(shell, sorted(sentences))
    desk.misuse(shell, [NO_REMEDY, plan_text.NO_COMMAND])


def test_a_remedy_whose_container_cannot_be_told_is_a_sentence() -> None:
    restart = ("docker", "restart", None)
    assert commands(("docker", "ps"), restart).text == NO_REMEDY
    assert not commands(restart).is_command
    assert after("do this", restart).text == f"do this, then: {NO_REMEDY}"


def test_what_is_copied_as_a_remedy_is_a_command() -> None:
    lost = replace(container("web", joins="gone"), name="docker rm")
    seen = report(container("vpn"), container("b", joins="vpn"), lost)
    remedies = [
        copy.text
        for one in seen.snapshot.containers
        for copy in copies_of(seen, one)
        if copy.label == "remedy"
    ]
    assert remedies == [f.remedy for f in seen.findings if f.is_command]


def step(verb: Verb, name: str) -> Step:
    """Return a step for a container that has the id of ``plain``."""
    return Step(verb=verb, container=cid("plain"), name=name)


@pytest.mark.parametrize("shell", SHELLS)
def test_steps(desk: Desk, shell: str) -> None:
    for name in NAMES:
        word = word_of(name, "plain")
        steps = [
            replace(step(Verb.STOP, name), timeout=3),
            step(Verb.WAIT, name),
            replace(step(Verb.RM, name), force=True, volumes=True),
            replace(step(Verb.RM, f"{word}+"), force=True, volumes=True),
            replace(step(Verb.KILL, name), signal=word),
            replace(step(Verb.RECREATE, name), onto=word, keeps_layer=True),
            replace(
                step(Verb.COMPOSE, name), command=("podman", "-f", word, "up", word)
            ),
        ]
        line = commands_line(steps, "podman")
        assert line is not None
        onto = ("--onto", word) if word else ()
        assert desk.paste(shell, [line]) == [
            ("podman", "stop", "-t", "3", word),
            ("podman", "rm", "-f", "-v", word, f"{word}+"),
            ("podman", "kill", "-s", word, word),
            ("nstui", "heal", "--keep-changes", *onto, word),
            ("podman", "-f", word, "up", word),
        ]
        assert plan_text.commands_text(steps, "podman") == line


@pytest.mark.parametrize("word", UNWRITABLE)
def test_steps_that_cannot_be_written(word: str) -> None:
    nameless = replace(step(Verb.RM, word), container=ContainerId("--all"))
    for one in (
        nameless,
        replace(step(Verb.RECREATE, "web"), onto=word),
        replace(step(Verb.COMPOSE, "web"), command=("docker", word)),
    ):
        steps = (step(Verb.STOP, "web"), one)
        assert commands_line(steps) is None
        assert plan_text.commands_text(steps) == plan_text.NO_COMMAND


def test_a_new_owner_is_no_option() -> None:
    line = commands_line([replace(step(Verb.RECREATE, "web"), onto="--yes")])
    assert line == "nstui heal --onto=--yes web"


@pytest.mark.parametrize("shell", SHELLS)
def test_making_a_removed_container_again(desk: Desk, shell: str) -> None:
    lines, calls = [], []
    for word in HOSTILE:
        inspect = {
            "Name": f"/{word}",
            "State": {"Status": "running"},
            "Config": {
                "Image": word,
                "Cmd": [word, "-x", word],
                "Env": [word, f"A={word}"],
                "Labels": {word: word},
                "User": word,
                "Entrypoint": [word],
                "Healthcheck": {"Test": ["CMD-SHELL", word]},
            },
            "HostConfig": {"Binds": [f"/a:{word}"], "LogConfig": {"Type": word}},
            "NetworkSettings": {"Networks": {"bridge": {}, word: {"Aliases": [word]}}},
        }
        for call in recreate_commands(inspect):
            line = shell_line(call)
            assert line is not None
            lines.append(line)
            # A variable with a name alone is taken out of the shell's environment.
            calls.append(call[call.index("docker") :])
            assert set(call[: call.index("docker")]) <= {"env", "-u", word}
    assert desk.paste(shell, lines) == calls


def test_what_begins_like_an_option_is_none_where_it_would_be_one() -> None:
    inspect = {
        "Name": "/-n",
        "State": {"Status": "running"},
        "Config": {"Image": "-i", "Cmd": ["-c"]},
        "NetworkSettings": {"Networks": {"bridge": {}, "-w": {"Aliases": ["-a"]}}},
    }
    create, connect, start = recreate_commands(inspect)
    assert create[-3:] == ("--", "-i", "-c")
    assert connect == (
        "docker",
        "network",
        "connect",
        "--alias",
        "-a",
        "--",
        "-w",
        "-n",
    )
    assert start == ("docker", "start", "--", "-n")


@pytest.mark.parametrize("shell", SHELLS)
def test_the_command_of_an_entry(desk: Desk, shell: str) -> None:
    lines, calls = [], []
    for name in NAMES:
        key = name if name in HOSTILE else "a\tb"
        one = replace(container("plain"), name=name)
        line = inspect_command("docker", one, ("Config", key, 0))
        assert line is not None
        word = word_of(name, "plain")
        expression = template(("Config", key, 0))
        lines.append(line)
        calls.append(("docker", "inspect", "--format", expression, word))
    assert desk.paste(shell, lines) == calls


def test_the_template_is_one_of_go() -> None:
    assert template(("a b", "😀", "\n\x7f")) == (
        '{{json (index (index (index . "a b") "😀") "\\n\x7f")}}'
    )
    assert inspect_command("docker", container("web"), ("\x7f",)) is None
