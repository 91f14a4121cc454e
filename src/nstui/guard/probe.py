"""Checks whether the engine answers, and whether it asks the guard."""

from __future__ import annotations

import os
import signal
import time
from contextlib import suppress
from http import HTTPStatus
from secrets import token_hex
from typing import TYPE_CHECKING, NamedTuple

from nstui.analysis.guarding.places import Places
from nstui.analysis.guarding.settings import read_settings
from nstui.errors import GuardFailed
from nstui.guard import files
from nstui.guard.asking import NoAnswer, ask_control, ask_front, call, ping_front
from nstui.guard.engine_process import command_line, is_socket_of, parent_of
from nstui.model.json import inner, number, objects, text

if TYPE_CHECKING:
    from collections.abc import Mapping

ENGINE_S = 5.0
"""How many seconds a call to the engine may take."""

FRONT_S = 5.0
PROOF_S = 30.0
"""How many seconds an engine may take until it has read its configuration."""

PAUSE_S = 0.1
FRONT = "nstui.guard"
"""The word that the guard's process was started with."""


class AskedCount(NamedTuple):
    """How often a front was asked by the engine so far."""

    pid: int
    """The front's process: another one counts anew."""

    calls: int


class GuardProbe:
    """Asks the engine and the guard, and compares what they say.

    Args:
        places: The paths of the guard.
        socket: The path of the engine's socket.

    """

    def __init__(self, places: Places, socket: str) -> None:
        self._places = places
        self._socket = socket

    def greet(self) -> tuple[str, str]:
        """Return what the engine is, and why it does not answer, as a sentence."""
        try:
            status, answer = call(self._socket, "GET", "/version", timeout_s=ENGINE_S)
        except NoAnswer as problem:
            return "", f"the engine at {self._socket} does not answer: {problem}"
        if status != HTTPStatus.OK or not isinstance(answer, dict):
            return "", f"what listens at {self._socket} is no engine"
        names = {text(row, "Name") for row in objects(answer, "Components")}
        if "Podman Engine" in names:
            return "Podman", ""
        return ("Docker" if "Engine" in names or "Version" in answer else ""), ""

    def front_problem(self) -> str:
        """Say why the guard does not answer the engine; empty if it does."""
        try:
            self._count()
        except NoAnswer as problem:
            return str(problem)
        return ""

    def is_asked(self) -> bool | None:
        """Tell whether the engine asks the guard; None if that cannot be told.

        An engine that asks a guard which does not answer does not answer either.
        """
        before = self._count_if_any()
        try:
            call(self._socket, "GET", "/version", timeout_s=ENGINE_S)
        except NoAnswer:
            return None
        after = self._count_if_any()
        if before is None or after is None:
            return False if before is after else None
        return None if before.pid != after.pid else before.calls != after.calls

    def await_asked(self, *, wanted: bool) -> None:
        """Return once the engine has answered, and has asked the guard or not.

        Args:
            wanted: Whether it is to ask.

        Raises:
            GuardFailed: It does not answer in time, or does the other.

        """
        deadline = time.monotonic() + PROOF_S
        while (found := self.is_asked()) is not wanted:
            if time.monotonic() > deadline:
                raise GuardFailed(_without_proof(found))
            time.sleep(PAUSE_S)

    def require_front(self, pid: int | None) -> None:
        """Return once the guard answers by its settings, and has looked once.

        Args:
            pid: The engine's process; None if it is not known.

        Raises:
            GuardFailed: It does not answer where the engine asks it, has other
                settings, or cannot look.

        """
        deadline = time.monotonic() + PROOF_S
        while problem := self.front_problem() or self._settings_problem():
            if time.monotonic() > deadline:
                raise GuardFailed(f"the guard does not answer: {problem}")
            time.sleep(PAUSE_S)
        socket, seen_at = self._places.plugin_socket, Places().plugin_socket
        if pid is not None and not is_socket_of(pid, socket, seen_at):
            raise GuardFailed(f"the engine does not see {socket} as {seen_at}")
        self._require_look()

    def renew(self) -> None:
        """Make the guard read its settings again; `require_front` tells if it has."""
        with suppress(NoAnswer, OSError):
            supervisor = parent_of(self._count().pid)
            if supervisor is not None and FRONT in command_line(supervisor):
                os.kill(supervisor, signal.SIGHUP)

    def _require_look(self) -> None:
        """Ask the guard about a container that nobody has: it has to look for it."""
        uri = f"/containers/nstui-guard-check-{token_hex(8)}"
        try:
            answer = ask_front(self._places.plugin_socket, "DELETE", uri, FRONT_S)
        except NoAnswer as error:
            raise GuardFailed(
                f"the guard does not answer what it has to look at: {error}"
            ) from error
        if answer.get("Allow") is not True:
            raise GuardFailed(f"the guard cannot look: {answer.get('Msg')}")

    def _settings_problem(self) -> str:
        """Say that the guard has not read its settings; empty if it has."""
        content = files.examine(self._places.settings).content or b"{}"
        wanted, _ = read_settings(content)
        try:
            told = inner(self._status(), "settings")
        except NoAnswer as problem:
            return str(problem)
        if told != wanted.to_json():
            return "it has other settings than its file: restart it"
        return ""

    def _status(self) -> Mapping[str, object]:
        return ask_control(self._places.control_socket, {"do": "status"}, FRONT_S)

    def _count(self) -> AskedCount:
        answer = ping_front(self._places.plugin_socket, FRONT_S)
        pid, calls = number(answer, "pid"), number(answer, "asked")
        if pid is None or calls is None:
            raise NoAnswer("it does not say how often it was asked")
        return AskedCount(pid, calls)

    def _count_if_any(self) -> AskedCount | None:
        try:
            return self._count()
        except NoAnswer:
            return None


def _without_proof(is_asked: bool | None) -> str:  # noqa: FBT001 - what was found
    if is_asked is None:
        return (
            f"the engine did not answer within {PROOF_S:g} s of reading its"
            " configuration"
        )
    verb = "still asks" if is_asked else "does not ask"
    return f"the engine answers, but {verb} the guard"
