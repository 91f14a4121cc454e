"""Commands in a text, for the host that was named."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import nstui
from nstui.analysis.text import on_host, shell_line, words_on_host
from nstui.model.host_options import HERE, HostOptions

if TYPE_CHECKING:
    from collections.abc import Iterator

NAS = HostOptions.of(("-c", "nas"), "tcp://h:1")
FAR = HostOptions.of(("-H", "ssh://ada@h:2222"), "ssh://ada@h:2222")
POD = HostOptions.of(("-c", "box"), "ssh://core@box/x.sock", is_connection=True)
ODD = HostOptions.of(("-c", "a'\n"), "tcp://h:1")


@pytest.mark.parametrize(
    ("options", "text", "told"),
    [
        (HERE, "nstui heal vpn", "nstui heal vpn"),
        (NAS, "nstui heal vpn", "nstui -c nas heal vpn"),
        (FAR, "docker logs web", "docker -H ssh://ada@h:2222 logs web"),
        (
            NAS,
            "docker start a && nstui heal b",
            "docker -c nas start a && nstui -c nas heal b",
        ),
        (
            NAS,
            "docker run a\ndocker start a",
            "docker -c nas run a\ndocker -c nas start a",
        ),
        (NAS, "docker compose up a", "docker -c nas compose up a"),
        (NAS, "docker-compose up a", "docker-compose --context nas up a"),
        (FAR, "docker-compose up a", "docker-compose -H ssh://ada@h:2222 up a"),
        (NAS, "podman restart a", "podman --url tcp://h:1 restart a"),
        (FAR, "podman restart a", "podman --url ssh://ada@h:2222 restart a"),
        (POD, "podman restart a", "podman --connection box restart a"),
        (POD, "nstui heal a", "nstui -c box heal a"),
        (ODD, "nstui heal vpn", "nstui -c NAME heal vpn"),
    ],
)
def test_a_command_has_the_options_of_its_program(
    options: HostOptions, text: str, told: str
) -> None:
    assert on_host(text, options) == told
    assert on_host(told, options) == told


@pytest.mark.parametrize(
    ("options", "words", "told"),
    [
        (HERE, ("docker", "run", "a"), ("docker", "run", "a")),
        (
            NAS,
            ("docker", "run", "a", "echo", "x,", "use", "docker", "ps"),
            ("docker", "-c", "nas", "run", "a", "echo", "x,", "use", "docker", "ps"),
        ),
        (NAS, ("docker-compose", "up"), ("docker-compose", "--context", "nas", "up")),
        (POD, ("podman", "run"), ("podman", "--connection", "box", "run")),
        (ODD, ("nstui", "heal"), ("nstui", "-c", "NAME", "heal")),
        (NAS, ("systemctl", "stop", "docker"), ("systemctl", "stop", "docker")),
        (NAS, (None, "docker"), (None, "docker")),
    ],
)
def test_a_command_in_words_has_options_after_its_program_alone(
    options: HostOptions, words: tuple[str | None, ...], told: tuple[str | None, ...]
) -> None:
    assert words_on_host(words, options) == told


@pytest.mark.parametrize(
    "said",
    [
        "nstui works again",
        "nstui failed here: KeyError; please report it",
        "nstui heal was cut off after 1 of 2 steps",
        "nstui was ended",
    ],
)
def test_a_sentence_about_nstui_is_no_command(said: str) -> None:
    assert on_host(said, NAS) == said


def test_a_socket_that_was_found_is_named_to_podman() -> None:
    assert FAR.at("ssh://ada@h:2222/p.sock").podman == (
        "--url",
        "ssh://ada@h:2222/p.sock",
    )
    assert FAR.at("ssh://ada@h:2222/p.sock").words == FAR.words
    assert POD.at("ssh://x") == POD
    assert HERE.at("ssh://x") == HERE


@pytest.mark.parametrize(
    "template",
    [
        "could not stop a: gone; to go on, fix that, then: {docker} rm a",
        "create a again, then: {nstui} heal b",
        "ask compose with {nstui} heal b, or choose its owner, then: {nstui} heal b",
        "a is run by the swarm service web: use {docker} service update web",
        "which only labels say: if it is, use {docker} a; if it is not, {docker} b",
        "compose made a: change it there, then use {nstui} recreate --compose",
        "web-new is of another restore: if that was cut off, use {nstui} heal first",
        "1 record could not be read: see {nstui} removed",
        "the old a is gone; what makes it again: {nstui} removed show --as-run 0a",
        "a is a task; swarm never starts a task again: {nstui} heal --onto c b",
        "made by compose, which would recreate it with: {docker} compose up a",
        "a breaks b. Instead: {nstui} rm -f a (b too), or {nstui} rm a (accepts that)",
    ],
)
def test_a_sentence_has_them_in_its_commands(template: str) -> None:
    text = template.format(nstui="nstui", docker="docker")
    told = template.format(nstui="nstui -c nas", docker="docker -c nas")
    assert on_host(text, NAS) == told
    assert on_host(told, NAS) == told


@pytest.mark.parametrize(
    "text",
    [
        "look at nstui itself",
        "a is run by the unit a.service: use systemctl restart a.service",
        "run nstui with sudo",
        "sudo nstui guard install",
        "stopping a breaks b. Instead: nstui guard allow a before it",
        "docker context ls",
        "could not stop a: docker daemon is not there",
        "nstui -c other heal a",
        "docker -H tcp://other:1 rm a",
    ],
)
def test_what_is_no_command_for_the_host_stays(text: str) -> None:
    assert on_host(text, NAS) == text


@pytest.mark.parametrize("value", ["A=x && docker rm b", "it's && nstui heal b"])
def test_a_word_of_a_command_stays(value: str) -> None:
    line = shell_line(("nstui", "recreate", "--env", value, "vpn"))
    told = shell_line(("nstui", "-c", "nas", "recreate", "--env", value, "vpn"))
    assert line is not None
    assert on_host(line, NAS) == told


_COMMAND_IN_A_SENTENCE = re.compile(
    r"\b(?:use|see|then:?|with:?|again:|Instead:) (?:nstui|docker|podman)"
    r" (?!guard|context)[a-z]"
)

_PERHAPS = (
    r"(?:use|see|then|with|again|Instead):?[\s\"']+f?[\s\"']*(?:nstui|docker|podman)"
)
"""Matches code that may have such a sentence, in one line or two."""


def sentences() -> Iterator[str]:
    """Yield the texts of such code, with X for what is filled in."""
    for path in Path(str(nstui.__file__)).parent.rglob("*.py"):
        code = path.read_text()
        if not re.search(_PERHAPS, code):
            continue
        for node in ast.walk(ast.parse(code)):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value
            elif isinstance(node, ast.JoinedStr):
                parts = (getattr(part, "value", "X") for part in node.values)
                yield "".join(one if isinstance(one, str) else "X" for one in parts)


def test_no_sentence_of_nstui_keeps_a_command_without_them() -> None:
    found = [one for one in sentences() if _COMMAND_IN_A_SENTENCE.search(one)]
    # What has several lines is no sentence: a file, or a comment of the code.
    found = [one for one in found if "\n" not in one]
    assert len(found) > 5
    told = [on_host(one, NAS) for one in found]
    assert [one for one in told if _COMMAND_IN_A_SENTENCE.search(one)] == []
