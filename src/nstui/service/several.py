"""Carries out several steps at the same time, where none of them needs another."""

from __future__ import annotations

import threading
from functools import partial
from queue import SimpleQueue
from typing import TYPE_CHECKING, Generic, TypeVar

from nstui.errors import NstuiError
from nstui.model.step import Verb

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from nstui.analysis.graph.graph import Graph
    from nstui.model.container import ContainerId
    from nstui.model.step import Step

Item = TypeVar("Item")
Given = TypeVar("Given")
Result = TypeVar("Result")

_SIMPLE = frozenset({Verb.START, Verb.RESTART})
"""The steps that leave nothing over that must be known to finish them.

What a replacement has done so far is in the record of the plan, which has room for one.
"""


def count_independent(steps: Iterable[Step], graph: Graph) -> int:
    """Return how many of the first steps could be carried out at the same time.

    Only the starts and restarts of containers that no other depends on count: those
    end nothing but themselves.

    Args:
        steps: The steps, in order.
        graph: The dependencies before the first step.

    """
    seen: set[ContainerId] = set()
    for step in steps:
        is_simple = step.verb in _SIMPLE and not step.removes
        if not is_simple or step.container in seen or not seen.isdisjoint(step.needs):
            break
        if graph.dependents(step.container) or graph.residents(step.container):
            break
        seen.add(step.container)
    return len(seen)


class _Turn(Generic[Result]):
    """One call for all who wait for it."""

    def __init__(self) -> None:
        self.is_over = threading.Event()
        self.result: Result | None = None
        self.error: NstuiError | None = None


class Shared(Generic[Result]):
    """Calls a function for all that ask for its result at the same time.

    Each gets the result of a call that began after it had asked, so that it is as new
    as one of its own: those that ask while a call is under way share the next one.
    """

    def __init__(self, call: Callable[[], Result]) -> None:
        """Store the function, which may raise `NstuiError`."""
        self._call = call
        self.latest: Result | None = None
        """The result of the last call; None before the first."""

        self._lock = threading.Lock()
        self._is_calling = threading.Lock()
        self._next: _Turn[Result] | None = None
        """The turn that has not begun; None if nobody waits for one."""

    def __call__(self) -> Result:
        """Return a new result; several threads may ask."""
        while True:
            with self._lock:
                is_own, turn = self._next is None, self._next or _Turn()
                self._next = turn
            if is_own:
                return self._take(turn)
            turn.is_over.wait()
            if turn.error is not None:
                raise turn.error
            if turn.result is not None:
                return turn.result
            # Something else has ended that call, which is for its own thread to tell.

    def _take(self, turn: _Turn[Result]) -> Result:
        """Make the call of a turn, once the call under way has ended."""
        with self._is_calling:
            with self._lock:
                self._next = None
            try:
                turn.result = self.latest = self._call()
            except NstuiError as error:
                turn.error = error
                raise
            finally:
                turn.is_over.set()
        return turn.result


class Several(Generic[Item, Given, Result]):
    """Works through items, some at the same time; used once."""

    def __init__(
        self,
        at_once: int,
        *,
        begin: Callable[[Item], Given | None],
        run: Callable[[Item, Given], Result],
        end: Callable[[Item, Result | NstuiError], object],
    ) -> None:
        """Begin with nothing under way.

        Args:
            at_once: How many items may be under way at the same time.
            begin: Called in the caller's thread; returns what `run` needs, or None to
                leave the item out.
            run: Called in a thread of its own.
            end: Called in the caller's thread, with the result or the error of `run`.

        """
        self._at_once = at_once
        self._begin = begin
        self._run = run
        self._end = end
        self._ended: SimpleQueue[tuple[Item, Result | BaseException]] = SimpleQueue()
        self._under_way = 0
        self._problem: BaseException | None = None

    def work_through(self, items: Iterable[Item]) -> None:
        """Begin the items in order; return when all have ended.

        If `begin`, `run` or `end` raises what is no `NstuiError` of `run`, no further
        item is begun; the first such exception is raised once those under way have
        ended.
        """
        for item in items:
            if self._under_way == self._at_once:
                self._await_one()
            if self._problem is None:
                self._start(item)
        while self._under_way:
            self._await_one()
        if self._problem is not None:
            raise self._problem

    def _start(self, item: Item) -> None:
        try:
            given = self._begin(item)
        except BaseException as error:  # noqa: BLE001 - raised at the end
            self._problem = error
            return
        if given is not None:
            work = partial(self._work, item, given)
            threading.Thread(target=work, name="step", daemon=True).start()
            self._under_way += 1

    def _work(self, item: Item, given: Given) -> None:
        try:
            result: Result | BaseException = self._run(item, given)
        except BaseException as error:  # noqa: BLE001 - the other thread has it
            result = error
        self._ended.put((item, result))

    def _await_one(self) -> None:
        item, result = self._ended.get()
        self._under_way -= 1
        if isinstance(result, BaseException) and not isinstance(result, NstuiError):
            self._problem = self._problem or result
            return
        try:
            self._end(item, result)
        except BaseException as error:  # noqa: BLE001 - raised at the end
            self._problem = self._problem or error
