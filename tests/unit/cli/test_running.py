"""What is called at the end of a command."""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from nstui.cli.running import AtEnd


def test_the_last_comes_first_and_one_that_fails_holds_up_no_other() -> None:
    called = []

    def fail() -> None:
        called.append("fails")
        raise KeyboardInterrupt

    with ExitStack() as end:
        at_end = AtEnd(end.callback)
        at_end.add(lambda: called.append("first"))
        at_end.add(fail)
        at_end.add(lambda: called.append("last"))
        with pytest.raises(KeyboardInterrupt):
            end.close()
    assert called == ["last", "fails", "first"]


def test_what_is_forgotten_is_not_called() -> None:
    called: list[str] = []

    def call() -> None:
        called.append("called")

    with ExitStack() as end:
        at_end = AtEnd(end.callback)
        at_end.add(call)
        at_end.forget(call)
        at_end.forget(call)
    assert not called


def test_after_the_end_it_is_called_at_once() -> None:
    called: list[str] = []
    with ExitStack() as end:
        at_end = AtEnd(end.callback)
    at_end.add(lambda: called.append("late"))
    assert called == ["late"]
