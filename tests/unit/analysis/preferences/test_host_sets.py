"""The sets of hosts in a configuration."""

from __future__ import annotations

import pytest

from nstui.analysis.preferences.parsing import parse_config


@pytest.mark.parametrize(
    ("text", "sets"),
    [
        ("", None),
        ("[hosts]", None),
        ("[hosts]\nhome = ['nas']", {"home": ("nas",)}),
        ("[hosts]\nhome = ['nas', 'pi', 'nas']", {"home": ("nas", "pi")}),
        (
            "hosts = {a = ['unix:///x'], b = ['pi']}",
            {"a": ("unix:///x",), "b": ("pi",)},
        ),
    ],
)
def test_sets(text: str, sets: dict[str, tuple[str, ...]] | None) -> None:
    choices, problems = parse_config(text)
    assert (choices.hosts, problems) == (sets, ())


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("hosts = 'nas'", "hosts: 'nas' is not a table of sets"),
        (
            "[hosts]\nlab = 'nas'",
            "hosts: lab: 'nas' is not a list of contexts and addresses",
        ),
        ("[hosts]\nlab = []", "hosts: lab: it names no host"),
        (
            "[hosts]\nlab = ['nas', 1]",
            "hosts: lab: 1 is neither a context nor an address",
        ),
        ("[hosts]\nlab = ['']", "hosts: lab: '' is neither a context nor an address"),
        ("[hosts]\n'' = ['nas']", "hosts: '': a set needs a name"),
        (
            "[hosts]\ndefault = ['nas']",
            "hosts: default: this is the name of a docker context, which always exists",
        ),
    ],
)
def test_what_is_wrong_is_told_and_the_other_sets_count(
    text: str, problem: str
) -> None:
    choices, problems = parse_config(text)
    assert (choices.hosts, problems) == (None, (problem,))
    if text.startswith("["):
        choices, problems = parse_config(f"{text}\nhome = ['pi']")
        assert (choices.hosts, problems) == ({"home": ("pi",)}, (problem,))
