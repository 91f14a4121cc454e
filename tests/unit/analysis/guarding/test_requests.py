"""What a call to the engine asks for."""

from __future__ import annotations

import subprocess
import sys

import pytest

from nstui.analysis.guarding.requests import AskedChange, Change, read_request
from nstui.model.step import Action

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.mark.parametrize(
    ("method", "uri", "asked"),
    [
        ("DELETE", "/v1.41/containers/vpn", AskedChange(Change.RM, "vpn")),
        ("DELETE", "/containers/vpn", AskedChange(Change.RM, "vpn")),
        (
            "DELETE",
            "/v1.41/containers/vpn?force=1",
            AskedChange(Change.RM, "vpn", force=True),
        ),
        (
            "DELETE",
            "/v1.41/containers/vpn?v=1&force=true",
            AskedChange(Change.RM, "vpn", force=True, volumes=True),
        ),
        # What docker-py, and so compose 1.29, sends.
        (
            "DELETE",
            "/v1.41/containers/vpn?v=False&link=False&force=False",
            AskedChange(Change.RM, "vpn"),
        ),
        (
            "DELETE",
            "/v1.41/containers/vpn?force=no&v=None",
            AskedChange(Change.RM, "vpn"),
        ),
        # Of two values the engine takes the first.
        ("DELETE", "/containers/vpn?force=0&force=1", AskedChange(Change.RM, "vpn")),
        (
            "DELETE",
            "/containers/vpn?force=1&force=0",
            AskedChange(Change.RM, "vpn", force=True),
        ),
        ("DELETE", "/containers/vpn?link=1", None),
        ("DELETE", "/containers/web/db?link=1", None),
        ("POST", "/v1.41/containers/vpn/stop", AskedChange(Change.STOP, "vpn")),
        (
            "POST",
            "/v1.41/containers/vpn/stop?t=10",
            AskedChange(Change.STOP, "vpn", timeout=10),
        ),
        (
            "POST",
            "/containers/vpn/stop?t=-1",
            AskedChange(Change.STOP, "vpn", timeout=-1),
        ),
        ("POST", "/containers/vpn/stop?t=soon", AskedChange(Change.STOP, "vpn")),
        (
            "POST",
            f"/containers/vpn/stop?t={'9' * 5000}",
            AskedChange(Change.STOP, "vpn"),
        ),
        (
            "POST",
            "/v1.43/containers/vpn/stop?signal=HUP&t=3",
            AskedChange(Change.STOP, "vpn", signal="HUP", timeout=3),
        ),
        ("POST", "/v1.41/containers/vpn/restart", AskedChange(Change.RESTART, "vpn")),
        ("POST", "/v1.41/containers/vpn/kill", AskedChange(Change.KILL, "vpn")),
        ("POST", "/containers/vpn/kill?signal=", AskedChange(Change.KILL, "vpn")),
        (
            "POST",
            "/v1.41/containers/vpn/kill?signal=SIGHUP",
            AskedChange(Change.KILL, "vpn", signal="SIGHUP"),
        ),
        ("POST", "/v1.41/containers/prune", AskedChange(Change.PRUNE, None)),
        ("POST", "/containers/prune?filters=%7B%7D", AskedChange(Change.PRUNE, None)),
        # Every way to write the same.
        ("POST", "//v1.41//containers///vpn//stop/", AskedChange(Change.STOP, "vpn")),
        ("POST", "/v1.41/containers/%76pn/%73top", AskedChange(Change.STOP, "vpn")),
        ("POST", "/containers/vpn%2Fstop", AskedChange(Change.STOP, "vpn")),
        (
            "POST",
            "http://docker/v1.41/containers/vpn/stop",
            AskedChange(Change.STOP, "vpn"),
        ),
        ("POST", "HTTP://d/containers/vpn/stop", AskedChange(Change.STOP, "vpn")),
        ("DELETE", "/containers/%2Fvpn", AskedChange(Change.RM, "vpn")),
        ("POST", "/containers/stop/stop", AskedChange(Change.STOP, "stop")),
        ("POST", "/containers/a/stop/stop", AskedChange(Change.STOP, "a/stop")),
        ("POST", "/v2.0-rc1/containers/vpn/stop", AskedChange(Change.STOP, "vpn")),
        ("DELETE", "/containers/v%0An", AskedChange(Change.RM, "v\nn")),
        # A container may be called like this.
        ("DELETE", "/containers/prune", AskedChange(Change.RM, "prune")),
        ("POST", "/containers/prune/stop", AskedChange(Change.STOP, "prune")),
        # All else.
        ("GET", "/v1.41/containers/vpn/stop", None),
        ("HEAD", "/_ping", None),
        ("PUT", "/v1.41/containers/vpn/archive?path=/", None),
        ("POST", "/v1.41/containers/vpn/start", None),
        ("POST", "/v1.41/containers/vpn/pause", None),
        ("POST", "/v1.41/containers/vpn/rename?name=old", None),
        ("POST", "/v1.41/containers/vpn/update", None),
        ("POST", "/v1.41/containers/create?name=stop", None),
        ("POST", "/v1.41/images/prune", None),
        ("POST", "/v1.41/networks/prune", None),
        ("DELETE", "/v1.41/networks/net", None),
        ("DELETE", "/v1.41/images/bb", None),
        ("DELETE", "/v1.41/containers/", None),
        ("POST", "/v1.41/containers//stop", None),
        ("delete", "/v1.41/containers/vpn", None),
        ("", "", None),
        ("POST", "", None),
        ("POST", "*", None),
    ],
)
def test_what_is_asked_for(method: str, uri: str, asked: AskedChange | None) -> None:
    assert read_request(method, uri) == asked


@pytest.mark.parametrize(
    ("headers", "agent"),
    [
        ({"User-Agent": "compose/2.40.3"}, "compose/2.40.3"),
        ({"user-agent": "curl/8"}, "curl/8"),
        ({"Accept": "*/*"}, ""),
        ({}, ""),
        (None, ""),
    ],
)
@pytest.mark.parametrize(
    ("method", "uri"),
    [
        ("DELETE", "/containers/vpn"),
        ("POST", "/containers/vpn/stop"),
        ("POST", "/containers/prune"),
    ],
)
def test_what_the_client_calls_itself(
    method: str, uri: str, headers: dict[str, str] | None, agent: str
) -> None:
    asked = read_request(method, uri, headers)
    assert asked is not None
    assert asked.user_agent == agent


def test_a_form_may_say_otherwise_than_the_query() -> None:
    """The engine takes the values of the body first, which are not read here."""
    asked = read_request("POST", "/containers/vpn/kill?signal=HUP", FORM)
    assert asked == AskedChange(Change.KILL, "vpn")


def test_each_change_is_an_action_of_nstui() -> None:
    assert {change.value for change in Change} <= {action.value for action in Action}
    assert {change for change in Change if change.removes} == {Change.RM, Change.PRUNE}


def test_the_front_imports_little() -> None:
    """What reads a request is imported by a program that has to be there at once."""
    modules = "requests", "tickets", "verdict", "question"
    imports = ", ".join(f"nstui.analysis.guarding.{name}" for name in modules)
    code = f"import sys, {imports}; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    loaded = done.stdout.split()
    ours = {name for name in loaded if name.startswith("nstui")}
    assert ours == {
        "nstui",
        "nstui.analysis",
        "nstui.analysis.guarding",
        "nstui.analysis.text",
        *(f"nstui.analysis.guarding.{name}" for name in modules),
    }
    assert not {"dataclasses", "inspect", "click", "docker", "rich"} & set(loaded)
