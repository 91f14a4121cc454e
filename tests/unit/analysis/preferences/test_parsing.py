"""What a configuration says, and what is said of its mistakes."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from nstui.analysis.findings.ignoring import IgnoreRule
from nstui.analysis.preferences.choices import Choices, Column
from nstui.analysis.preferences.parsing import check_keymap, parse_config
from nstui.analysis.tree.tree import SortOrder
from nstui.cli.show_config import EXAMPLE
from nstui.model.finding import FindingCode

DOCS = Path(__file__).parents[4] / "docs" / "configuration.md"


@pytest.mark.parametrize(
    ("text", "choices"),
    [
        ("", Choices()),
        ("\ufefftheme = 'nord'", Choices(theme="nord")),
        ("order = 'CPU'", Choices(order=SortOrder.CPU)),
        ("order = 'cpu'", Choices(order=SortOrder.CPU)),
        ("interval = 5", Choices(interval=5.0)),
        ("interval = 0.1", Choices(interval=0.1)),
        ("columns = []", Choices(columns=())),
        (
            "columns = ['image', 'kinds']",
            Choices(columns=(Column.KINDS, Column.IMAGE)),
        ),
        ("keymap.stop = 'x'", Choices(keymap={"stop": "x"})),
        ("keymap.tree.fold = 'x'", Choices(keymap={"tree.fold": "x"})),
        ("keymap.'tree.fold' = 'x'", Choices(keymap={"tree.fold": "x"})),
        ("keymap = {stop = ['x', 'f5']}", Choices(keymap={"stop": "x,f5"})),
        ("[check]\nignore = []", Choices(ignore=())),
        (
            "[check]\nignore = ['a', 'exited']",
            Choices(
                ignore=(IgnoreRule("a"), IgnoreRule("*", FindingCode.EXITED)),
            ),
        ),
        ("[check]", Choices()),
    ],
)
def test_what_is_set(text: str, choices: Choices) -> None:
    assert parse_config(text) == (choices, ())


SETTINGS = "theme, order, interval, columns, keymap, check.ignore and hosts"
ORDERS = "findings, name, state, age, cpu and memory"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("them = 'x'", "them is not a setting; did you mean theme?"),
        ("[check]\nignor = []", "check.ignor is not a setting; did you mean check.ig"),
        ("check = 1", "check is not a setting; there is theme, order, "),
        ("zzz = 1", f"zzz is not a setting; there is {SETTINGS}"),
        ("theme = 1", "theme: 1 is not a text"),
        ("theme = ''", "theme: it is empty"),
        ("order = 'nam'", "order: 'nam' is not an order; did you mean name?"),
        ("order = 'zzz'", f"order: 'zzz' is not an order; there is {ORDERS}"),
        ("order = 3", "order: 3 is not a text"),
        ("interval = 0", "interval: 0 is not a number of seconds from 0.1 to 3600"),
        ("interval = 4000", "interval: 4000 is not a number of seconds from 0.1 to"),
        ("interval = nan", "interval: nan is not a number of seconds from 0.1 to"),
        ("interval = true", "interval: True is not a number of seconds from 0.1 to"),
        ("interval = '5'", "interval: '5' is not a number of seconds from 0.1 to"),
        ("columns = 'image'", "columns: 'image' is not a list of texts"),
        ("columns = ['imag']", "columns: 'imag' is not a column; did you mean image?"),
        ("columns = [1]", "columns: 1 is not a text"),
        ("keymap = 'x'", "keymap: 'x' is not a table of keys"),
        ("keymap.stop = 1", "keymap: stop: 1 is neither a key nor a list of keys"),
        ("keymap.stop = []", "keymap: stop: [] is neither a key nor a list of keys"),
        ("keymap.stop = ''", "keymap: stop: '' is neither a key nor a list of keys"),
        ("[check]\nignore = 'a'", "check.ignore: 'a' is not a list of texts"),
        (
            "[check]\nignore = ['a:exitd']",
            "check.ignore: 'exitd' is not the code of a finding; did you mean exited?",
        ),
    ],
)
def test_a_mistake_is_one_sentence_and_the_default_counts(
    text: str, problem: str
) -> None:
    choices, (told,) = parse_config(f"{text}\n")
    assert told.startswith(problem)
    assert choices == Choices()


def test_what_is_right_counts_beside_a_mistake() -> None:
    choices, problems = parse_config("order = 'zzz'\ntheme = 'nord'\nx = 1")
    assert choices == Choices(theme="nord")
    assert len(problems) == 2


@pytest.mark.parametrize(
    "text", ["a = [", "a", "a = 1\na = 2", "\0", "a=" + "[" * 5000]
)
def test_what_is_not_toml_counts_for_nothing(text: str) -> None:
    choices, (told,) = parse_config(f"theme = 'nord'\n{text}")
    assert choices == Choices()
    assert told.startswith("it is not TOML, so none of it counts: ")


KEYS = {"remove": "d,delete", "stop": "s", "heal": "H", "fold": "enter"}


@pytest.mark.parametrize(
    ("wanted", "usable", "problems"),
    [
        ({}, {}, []),
        ({"stop": "f5"}, {"stop": "f5"}, []),
        ({"stop": "d", "remove": "s"}, {"stop": "d", "remove": "s"}, []),
        ({"stop": "s"}, {"stop": "s"}, []),
        (
            {"remove": "s"},
            {},
            ["keymap.remove: s is the key of stop, so remove keeps d and delete"],
        ),
        (
            {"stop": "x,H"},
            {},
            ["keymap.stop: H is the key of heal, so stop keeps s"],
        ),
        (
            {"stop": "delete"},
            {},
            ["keymap.stop: delete is the key of remove, so stop keeps s"],
        ),
        (
            {"stop": "x", "heal": "x"},
            {"heal": "x"},
            ["keymap.stop: x is the key of heal, so stop keeps s"],
        ),
        # That one keeps its key takes it from another that wanted it.
        (
            {"heal": "s", "stop": "enter"},
            {},
            [
                "keymap.stop: enter is the key of fold, so stop keeps s",
                "keymap.heal: s is the key of stop, so heal keeps H",
            ],
        ),
        (
            {"stpo": "x"},
            {},
            ["keymap.stpo: no binding has this id; did you mean stop?"],
        ),
        ({"zzz": "x"}, {}, ["keymap.zzz: no binding has this id"]),
    ],
)
def test_no_key_means_two_things(
    wanted: dict[str, str], usable: dict[str, str], problems: list[str]
) -> None:
    assert check_keymap(wanted, [KEYS]) == (usable, tuple(problems))


def test_in_another_context_a_key_may_mean_something_else() -> None:
    contexts = [KEYS, {"other.close": "q"}]
    wanted = {"other.close": "s"}
    assert check_keymap(wanted, contexts) == (wanted, ())


def test_the_example_sets_everything_and_has_no_mistake() -> None:
    choices, problems = parse_config(EXAMPLE)
    assert problems == ()
    names = ("theme", "order", "interval", "columns", "keymap", "ignore")
    assert all(getattr(choices, name) is not None for name in names)


def test_the_documentation_has_the_example() -> None:
    _, _, rest = DOCS.read_text().partition("```toml\n")
    shown = rest.partition("```")[0]
    assert shown == EXAMPLE
    assert tomllib.loads(shown)
