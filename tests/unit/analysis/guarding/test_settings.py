"""What the guard's settings say, and what becomes of those that make no sense."""

from __future__ import annotations

import json

import pytest

from nstui.analysis.guarding.requests import Change
from nstui.analysis.guarding.settings import (
    DEFAULTS,
    GuardSettings,
    Mode,
    read_settings,
)


def test_settings_are_read_as_they_were_written() -> None:
    settings = GuardSettings(
        Mode.WARN, "unix:///x.sock", 1.5, (Change.STOP,), heal_instead=True
    )
    content = json.dumps(settings.to_json()).encode()
    assert read_settings(content) == (settings, ())


def test_what_is_missing_or_unknown_is_the_default() -> None:
    assert read_settings(b'{"of a newer version": 1}') == (DEFAULTS, ())


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("mode", "off"),
        ("mode", 1),
        ("engine", ""),
        ("engine", None),
        ("deadline_s", "3"),
        ("deadline_s", True),
        ("deadline_s", 0),
        ("deadline_s", 4),
        ("deadline_s", float("nan")),
        ("cannot_look", "rm"),
        ("cannot_look", ["dance"]),
        ("heal_instead", 1),
    ],
)
def test_what_makes_no_sense_is_the_default_and_said(key: str, value: object) -> None:
    content = json.dumps({"mode": "warn", key: value}).encode()
    found, problems = read_settings(content)
    assert problems == (f"has no usable {key!r}",)
    assert getattr(found, key) == getattr(DEFAULTS, key)
    assert found.mode is (Mode.ENFORCE if key == "mode" else Mode.WARN)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff", b"[" * 100_000])
def test_a_damaged_file_is_the_defaults(content: bytes) -> None:
    assert read_settings(content) == (DEFAULTS, ("is not a JSON object",))
