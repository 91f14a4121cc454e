"""Looks at what would break, each in a fresh process, a few at a time.

A look that hangs, or cannot even be started, holds up nobody: who waits for it gets an
answer at the deadline.
"""

from __future__ import annotations

import json
import os
import selectors
import signal
import subprocess
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from nstui.analysis.guarding.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from nstui.analysis.guarding.question import Question
    from nstui.guard.loop import Loop

AT_ONCE = 4
MOST_LOST = 16
"""How many looks may be left alone that do not even end when they are killed."""

MOST_WAITING = 2000
ANSWER_BYTES = 4_000_000
ERROR_BYTES = 4096
NICE = 0
"""A look is in less of a hurry than the front that has started it."""

_GRACE_S = 0.5
_PAUSE_S = 0.005
_PIECE = 65_536


class LookFailed(Exception):
    """It cannot be told what would break; the message is the end of a sentence."""


class _Waiting:
    """A call that waits for a look."""

    def __init__(
        self,
        ask: Callable[[], Question],
        due: float,
        done: Callable[[Verdict | str], None],
    ) -> None:
        self.ask = ask
        self.due = due
        self._done = done
        self.is_over = False

    def finish(self, found: Verdict | str) -> None:
        """Hand on a verdict, or why there is none; only the first counts."""
        if not self.is_over:
            self.is_over = True
            self._done(found)


class Looks:
    """Decides about calls by asking a fresh process, before a deadline.

    One look serves all calls that wait when it begins. A call that comes later waits
    for the next: what the first has read may be older than the call.
    """

    def __init__(self, loop: Loop, command: Sequence[str], deadline_s: float) -> None:
        """Store how to look.

        Args:
            loop: Where the answers are handed on.
            command: Takes questions as lines of JSON on its stdin, and prints a verdict
                for each in the same order.
            deadline_s: Seconds after which there must be an answer.

        """
        self._loop = loop
        self._command = tuple(command)
        self._deadline_s = deadline_s
        self._late = f"it took longer than {deadline_s:g} s"
        self._waiting: list[_Waiting] = []
        self._under_way = self._lost = 0

    @property
    def waiting(self) -> int:
        """How many calls wait for a look to begin."""
        return len(self._waiting)

    @property
    def under_way(self) -> int:
        """How many looks have begun, and not ended."""
        return self._under_way + self._lost

    def ask(
        self,
        ask: Callable[[], Question],
        done: Callable[[Verdict | str], None],
        *,
        began: float,
        after_s: float = 0.0,
    ) -> None:
        """Have a call looked at.

        Args:
            ask: Returns the question; called from the loop when the look begins.
            done: Is given the verdict, or why there is none, before the deadline; from
                the loop.
            began: When the call came, as `time.monotonic` has it.
            after_s: How many seconds the look has to wait for.

        """
        due = began + self._deadline_s
        one = _Waiting(ask, due, done)
        self._loop.after(due - time.monotonic(), lambda: self._expire(one))
        if after_s:
            self._loop.after(after_s, lambda: self._wait(one))
        else:
            self._wait(one)

    def _wait(self, one: _Waiting) -> None:
        if len(self._waiting) >= MOST_WAITING:
            one.finish("too many calls wait for a look")
            return
        self._waiting.append(one)
        self._begin()

    def _expire(self, one: _Waiting) -> None:
        if one in self._waiting:
            self._waiting.remove(one)
            one.finish("too many other calls wait for a look")
        else:
            one.finish(self._late)

    def _begin(self) -> None:
        """Begin a look for all that wait, if there may be another."""
        if not self._waiting or self._under_way >= AT_ONCE:
            return
        if self._lost >= MOST_LOST:
            self._finish(self._take_waiting(), "too many looks hang")
            return
        look = _Look(self, self._take_waiting())
        self._under_way += 1
        self._loop.after(max(0.0, look.due - time.monotonic()) + _GRACE_S, look.lose)
        try:
            threading.Thread(target=look.run, daemon=True).start()
        except RuntimeError as error:
            look.end(f"it could not be started: {error}")

    def _take_waiting(self) -> list[_Waiting]:
        taken, self._waiting = self._waiting, []
        return taken

    def _finish(self, calls: Iterable[_Waiting], found: Verdict | str) -> None:
        for one in calls:
            one.finish(found)

    def look(self, questions: Sequence[Question], due: float) -> list[Verdict]:
        """Look, and wait for it; from any thread.

        Raises:
            LookFailed: There is no answer, or not in time.

        """
        lines = "".join(json.dumps(one.to_json()) + "\n" for one in questions)
        try:
            out = _run(self._command, lines.encode(), due)
        except TimeoutError:
            raise LookFailed(self._late) from None
        found = [_read_verdict(line) for line in out.splitlines() if line.strip()]
        verdicts = [verdict for verdict in found if verdict is not None]
        if len(verdicts) != len(questions) or len(found) != len(questions):
            raise LookFailed("its answer cannot be read")
        return verdicts

    def ended(self, *, was_lost: bool) -> None:
        """Count a look that has ended, and begin another; from the loop."""
        if was_lost:
            self._lost -= 1
        else:
            self._under_way -= 1
        self._begin()

    def lose(self) -> None:
        """Count a look that does not end no longer; from the loop."""
        self._under_way -= 1
        self._lost += 1
        self._begin()

    def hand_on(self, call: Callable[[], object]) -> None:
        """Have something called from the loop."""
        self._loop.call_from_thread(call)


class _Look:
    """One look, for all calls that waited when it began."""

    def __init__(self, looks: Looks, calls: list[_Waiting]) -> None:
        self._looks = looks
        self._calls = [(one, one.ask()) for one in calls]
        self.due = max(one.due for one in calls)
        self._is_lost = self._has_ended = False

    def run(self) -> None:
        """Look; from a thread of its own."""
        different = list(dict.fromkeys(question for _, question in self._calls))
        try:
            verdicts = self._looks.look(different, self.due)
        except LookFailed as problem:
            words = str(problem)
            self._looks.hand_on(lambda: self.end(words))
        except Exception as error:  # noqa: BLE001 - a thread would end without a word
            words = f"it failed: {type(error).__name__}"
            self._looks.hand_on(lambda: self.end(words))
        else:
            found = dict(zip(different, verdicts, strict=True))
            self._looks.hand_on(lambda: self.end(found))

    def end(self, found: dict[Question, Verdict] | str) -> None:
        """Hand on what was found."""
        self._has_ended = True
        for one, question in self._calls:
            one.finish(found if isinstance(found, str) else found[question])
        self._looks.ended(was_lost=self._is_lost)

    def lose(self) -> None:
        """Go on without it, if it has not ended."""
        if not self._has_ended:
            self._is_lost = True
            self._looks.lose()


def _read_verdict(line: bytes) -> Verdict | None:
    try:
        return Verdict.from_json(json.loads(line))
    except (ValueError, RecursionError):
        return None


def _run(command: Sequence[str], sent: bytes, due: float) -> bytes:
    """Run a program; return what it prints.

    Raises:
        LookFailed: It cannot be started, fails, or prints too much.
        TimeoutError: It takes too long.

    """
    try:
        process = subprocess.Popen(  # noqa: S603 - the command is nstui's own
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd="/",
            start_new_session=True,
        )
    except OSError as error:
        raise LookFailed(f"it could not be started: {error.strerror}") from error
    with suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, process.pid, NICE)
    try:
        out, errors = _talk(process, sent, due)
        _await_end(process, due)
    finally:
        code = _end(process)
    if code:
        lines = errors.decode(errors="replace").split("\n")
        said = next((line.strip() for line in reversed(lines) if line.strip()), "")
        words = "".join(one if one.isprintable() else " " for one in said)
        how = f"signal {-code}" if code < 0 else f"exit code {code}"
        raise LookFailed(f"nstui ended with {how}{f': {words}' if words else ''}")
    return out


def _talk(
    process: subprocess.Popen[bytes], sent: bytes, due: float
) -> tuple[bytes, bytes]:
    """Send, and return what comes on stdout and the end of what comes on stderr.

    Raises:
        TimeoutError: It took too long.
        LookFailed: It prints too much.

    """
    assert process.stdin and process.stdout and process.stderr  # noqa: PT018, S101 - all are pipes
    got = {process.stdout.fileno(): bytearray(), process.stderr.fileno(): bytearray()}
    out, errors = got.values()
    left = memoryview(sent)
    with selectors.DefaultSelector() as ready:
        stdin = process.stdin.fileno()
        os.set_blocking(stdin, False)
        ready.register(stdin, selectors.EVENT_WRITE)
        for end in got:
            ready.register(end, selectors.EVENT_READ)
        while len(ready.get_map()):
            left_s = due - time.monotonic()
            if left_s <= 0:
                raise TimeoutError
            for key, _ in ready.select(left_s):
                if key.fd == stdin:
                    with suppress(BrokenPipeError):
                        left = left[os.write(stdin, left[:_PIECE]) :]
                        if left:
                            continue
                    ready.unregister(stdin)
                    process.stdin.close()
                elif data := os.read(key.fd, _PIECE):
                    got[key.fd] += data
                else:
                    ready.unregister(key.fd)
            del errors[:-ERROR_BYTES]
            if len(out) > ANSWER_BYTES:
                raise LookFailed("its answer is too long")
    return bytes(out), bytes(errors)


def _await_end(process: subprocess.Popen[bytes], due: float) -> None:
    """Wait until a program has ended; its number stays taken.

    Raises:
        TimeoutError: It took too long.

    """
    wanted = os.WEXITED | os.WNOWAIT | os.WNOHANG
    while os.waitid(os.P_PID, process.pid, wanted) is None:
        if time.monotonic() > due:
            raise TimeoutError
        time.sleep(_PAUSE_S)


def _end(process: subprocess.Popen[bytes]) -> int | None:
    """Kill a program and whatever it has started; wait for its end, but not long.

    Returns:
        Its exit code; None if it does not end.

    """
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    with suppress(subprocess.TimeoutExpired):
        process.wait(_GRACE_S / 2)
    _close_pipes(process)
    return process.returncode


def _close_pipes(process: subprocess.Popen[bytes]) -> None:
    for pipe in (process.stdin, process.stdout, process.stderr):
        if pipe is not None:
            with suppress(OSError):
                pipe.close()
