"""What the configuration says about the watch, and what is said of its mistakes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from nstui.analysis.preferences.parsing import parse_config
from nstui.analysis.preferences.watching import (
    NOTHING_SET,
    LogFormat,
    WatchSettings,
    masked,
    seconds_text,
    watch_limits,
    watch_options,
    watch_words,
)
from nstui.analysis.watching.decisions import WatchChoice, WatchLimits, WatchOptions
from nstui.analysis.watching.durations import parse_duration
from nstui.cli.show_config import EXAMPLE
from nstui.model.watch import WatchMode

if TYPE_CHECKING:
    from collections.abc import Mapping


def parsed(text: str) -> tuple[WatchSettings, tuple[str, ...]]:
    choices, problems = parse_config(text)
    return choices.watch or NOTHING_SET, problems


@pytest.mark.parametrize(
    ("text", "settings"),
    [
        ("mode = 'notify'", WatchSettings(mode=WatchMode.NOTIFY)),
        ("settle = '500ms'", WatchSettings(settle_s=0.5)),
        ("settle = 7", WatchSettings(settle_s=7.0)),
        ("settle = 0.5", WatchSettings(settle_s=0.5)),
        ("health = '1m'", WatchSettings(health_s=60.0)),
        ("budget = 3", WatchSettings(budget=(3, 300.0))),
        ("budget = '3 in 1h'", WatchSettings(budget=(3, 3600.0))),
        ("back-off = '20s'", WatchSettings(back_off=(20.0, 600.0))),
        ("back-off = 20", WatchSettings(back_off=(20.0, 600.0))),
        ("back-off = '20m'", WatchSettings(back_off=(1200.0, 1200.0))),
        ("back-off = '1s to 5s'", WatchSettings(back_off=(1.0, 5.0))),
        ("circuit = '2h'", WatchSettings(circuit_s=7200.0)),
        ("notify = 'ntfy://x'", WatchSettings(notify=("ntfy://x",))),
        ("notify = ['a://', 'b://']", WatchSettings(notify=("a://", "b://"))),
        ("metrics = ':9585'", WatchSettings(metrics=":9585")),
        ("log-format = 'json'", WatchSettings(log_format=LogFormat.JSON)),
        (
            "names.vpn.settle = '9s'\nnames.vpn.stop-timeout = 20",
            WatchSettings(
                by_name={"vpn": WatchChoice(settle_s=9.0, stop_timeout_s=20)}
            ),
        ),
        (
            "names.a.mode = 'off'\nnames.b.watch = 'heal'",
            WatchSettings(
                by_name={
                    "a": WatchChoice(mode=WatchMode.OFF),
                    "b": WatchChoice(mode=WatchMode.HEAL),
                }
            ),
        ),
    ],
)
def test_what_is_set(text: str, settings: WatchSettings) -> None:
    assert parsed(f"[watch]\n{text}") == (settings, ())


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("watch = 1", "watch is not a setting"),
        (
            "[watch]\nsetle = 1",
            "watch.setle is not a setting; did you mean settle?",
        ),
        ("[watch]\nzzz = 1", "watch.zzz is not a setting; there is mode, settle, he"),
        (
            "[watch]\nmode = 'hael'",
            "watch.mode: 'hael' is not one of off, notify, heal",
        ),
        ("[watch]\nmode = 1", "watch.mode: 1 is not a text"),
        ("[watch]\nsettle = 'soon'", "watch.settle: 'soon' is not a duration"),
        ("[watch]\nsettle = true", "watch.settle: True is not a text"),
        ("[watch]\nsettle = -1", "watch.settle: '-1' is not a duration"),
        ("[watch]\nsettle = nan", "watch.settle: 'nan' is not a duration"),
        (
            "[watch]\nbudget = 0",
            "watch.budget: 0 is not a budget: write it like 5 in 5m",
        ),
        ("[watch]\nbudget = true", "watch.budget: True is not a budget"),
        ("[watch]\nbudget = 'many'", "watch.budget: 'many' is not a budget"),
        ("[watch]\nbudget = '5 in 0s'", "watch.budget: '5 in 0s' is not a budget"),
        ("[watch]\nbudget = '5 in x'", "watch.budget: 'x' is not a duration"),
        ("[watch]\nback-off = '9s to 1s'", "watch.back-off: '9s to 1s' ends with less"),
        ("[watch]\nback-off = '9s to x'", "watch.back-off: 'x' is not a duration"),
        ("[watch]\nnotify = [1]", "watch.notify: 1 is not a text"),
        ("[watch]\nnotify = 1", "watch.notify: 1 is not a text"),
        ("[watch]\nmetrics = ''", "watch.metrics: it is empty"),
        ("[watch.names.vpn]\nwatch = 'x'", "watch.names: vpn: watch 'x' is not one of"),
        ("[watch]\nmetrics = 9585", "watch.metrics: 9585 is not a text"),
        (
            "[watch]\nlog-format = 'xml'",
            "watch.log-format: 'xml' is not one of text, js",
        ),
        ("[watch]\nnames = 1", "watch.names: 1 is not a table with a table for each"),
        ("[watch.names]\nvpn = 1", "watch.names: vpn: 1 is not a table"),
        ("[watch.names.vpn]\nmode = 'x'", "watch.names: vpn: mode 'x' is not one of"),
        (
            "[watch.names.vpn]\nmod = 'x'",
            "watch.names: vpn: mod is not one of mode, settle, stop-",
        ),
    ],
)
def test_a_mistake_is_one_sentence(text: str, problem: str) -> None:
    settings, (told,) = parsed(text)
    assert told.startswith(problem)
    assert replace(settings, by_name=None) == NOTHING_SET
    assert settings.by_name in (None, {}, {"vpn": WatchChoice()})


def test_what_is_right_about_a_container_counts_beside_a_mistake() -> None:
    settings, problems = parsed(
        "[watch.names.vpn]\nmode = 'x'\nsettle = '9s'\n[watch.names.web]\nmode = 'off'"
    )
    assert settings.by_name == {
        "vpn": WatchChoice(settle_s=9.0),
        "web": WatchChoice(mode=WatchMode.OFF),
    }
    assert len(problems) == 1


def test_the_example_sets_everything() -> None:
    settings, problems = parsed(EXAMPLE)
    assert problems == ()
    assert all(is_set for _, is_set in watch_words(settings).values())


def test_what_is_not_set_is_the_default() -> None:
    assert watch_limits(NOTHING_SET) == WatchLimits()
    assert watch_options(NOTHING_SET, ()) == WatchOptions()
    words = watch_words(NOTHING_SET)
    assert not any(is_set for _, is_set in words.values())
    assert words["settle"][0] == "3s"
    assert words["budget"][0] == "5 in 5m"
    assert words["back-off"][0] == "10s to 10m"
    assert words["circuit"][0] == "1h"


def test_what_is_set_applies() -> None:
    settings, _ = parsed(
        "[watch]\nmode='notify'\nsettle=1\nhealth=2\nbudget='3 in 4s'\n"
        "back-off='5s to 6s'\ncircuit=7\n[watch.names.a]\nmode='heal'"
    )
    options = watch_options(settings, ("x",))
    limits = options.limits
    assert options.mode is WatchMode.NOTIFY
    assert options.only == ("x",)
    assert options.by_name == {"a": WatchChoice(mode=WatchMode.HEAL)}
    assert (limits.settle_s, limits.health_s) == (1, 2)
    assert (limits.budget, limits.budget_s) == (3, 4)
    assert (limits.back_off_s, limits.longest_back_off_s) == (5, 6)
    assert limits.circuit_s == 7


def words(text: str) -> Mapping[str, tuple[str, bool]]:
    return watch_words(parsed(f"[watch]\n{text}")[0])


def test_no_password_is_shown() -> None:
    shown, is_set = words("notify = ['tgram://123:secret/42', 'odd']")["notify"]
    assert shown == "tgram://…, …"
    assert is_set
    assert masked("mailto://me:secret@x") == "mailto://…"


def test_containers_are_shown_with_what_is_set() -> None:
    text = "names.vpn = {mode = 'off', settle = '90s', stop-timeout = 5}\nnames.b = {}"
    shown = words(text)["names"][0]
    assert shown == "vpn: off, settle 90s, stop-timeout 5s; b: nothing"


@pytest.mark.parametrize("seconds", [0, 0.5, 3, 60, 90, 300, 3600, 5400, 604800])
def test_a_duration_is_written_as_it_is_read(seconds: float) -> None:
    assert parse_duration(seconds_text(seconds)) == seconds
