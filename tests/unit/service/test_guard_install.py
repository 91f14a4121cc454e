"""An installation of the guard, cut off or failing after each of its steps."""

from __future__ import annotations

from contextlib import suppress
from copy import deepcopy
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from nstui.analysis.guarding.engine_config import plugins_of
from nstui.analysis.guarding.installation import KEPT_SUFFIX, FileFacts
from nstui.analysis.guarding.units import STARTED_UNITS, unit_paths
from nstui.errors import EngineUnreachable, GuardFailed
from nstui.service.guard_install import (
    install,
    plan_install,
    plan_uninstall,
    uninstall,
)
from tests.support.guarded_machine import CONFIG, PLACES, FakeMachine

if TYPE_CHECKING:
    from collections.abc import Callable

    from nstui.analysis.guarding.installation import InstallStep

FILE = b'{\n  "debug": true,\n  "authorization-plugins": ["opa"]\n}'


class Killed(BaseException):
    """SIGKILL: nothing is put back."""


def install_on(machine: FakeMachine, **wanted: str) -> None:
    facts = machine.look()
    steps = plan_install(facts, machine.wanted(**wanted))
    install(machine, facts, steps, bool)


def uninstall_from(machine: FakeMachine) -> None:
    facts = machine.look()
    uninstall(machine, facts, plan_uninstall(facts), bool)


def cut_off(machine: FakeMachine, steps: tuple[InstallStep, ...], count: int) -> None:
    """Carry out only the first steps; the engine answers after each."""
    facts = machine.look()
    left = iter(range(count))

    def leave(step: InstallStep) -> None:
        assert not machine.is_strangled, step
        if next(left, None) is None:
            raise Killed

    # An uninstall carries steps out like an installation, and puts nothing back.
    with suppress(Killed):
        uninstall(machine, facts, steps, leave)
    assert not machine.is_strangled


def fresh() -> FakeMachine:
    return FakeMachine()


def with_file() -> FakeMachine:
    return FakeMachine(files={CONFIG: FILE}, loaded=("opa",))


def explicit() -> FakeMachine:
    command = ("dockerd", f"--config-file={CONFIG}")
    return FakeMachine(files={CONFIG: b"{}"}, command=command)


def without_systemd() -> FakeMachine:
    return FakeMachine(has_systemd=False, guard_runs=True)


HOSTS = [fresh, with_file, explicit, without_systemd]


def steps_of(machine: FakeMachine) -> tuple[InstallStep, ...]:
    return plan_install(machine.look(), machine.wanted())


def steps_out_of(machine: FakeMachine) -> tuple[InstallStep, ...]:
    install_on(machine)
    return plan_uninstall(machine.look())


def cuts(plan: Callable[[FakeMachine], tuple[InstallStep, ...]]) -> list[object]:
    """Return each host with each number of steps of a plan, up to all but the last."""
    return [
        pytest.param(host, count, id=f"{host.__name__}-{count}-{step.kind}")
        for host in HOSTS
        for count, step in enumerate(plan(host()))
    ]


def is_whole(machine: FakeMachine) -> bool:
    units = STARTED_UNITS if machine.has_systemd else ()
    return (
        plugins_of(machine.files[CONFIG])[-1] == "nstui"
        and machine.loaded == plugins_of(machine.files[CONFIG])
        and machine.guard_runs
        and machine.enabled >= {*units}
        and PLACES.settings in machine.files
    )


@pytest.mark.parametrize("host", HOSTS)
def test_it_is_installed_and_taken_out_without_a_trace(
    host: Callable[[], FakeMachine],
) -> None:
    machine = host()
    before = deepcopy(machine.files), machine.loaded, machine.enabled.copy()

    install_on(machine)
    assert is_whole(machine)
    assert machine.files.get(CONFIG + KEPT_SUFFIX) == before[0].get(CONFIG)

    uninstall_from(machine)
    assert (machine.files, machine.loaded, machine.enabled) == before


@pytest.mark.parametrize(("host", "count"), cuts(steps_of))
@pytest.mark.parametrize("then", [install_on, uninstall_from])
def test_killed_after_a_step_of_an_installation(
    host: Callable[[], FakeMachine], count: int, then: Callable[[FakeMachine], None]
) -> None:
    machine = host()
    before = deepcopy(machine.files), machine.loaded, machine.enabled.copy()
    cut_off(machine, steps_of(machine), count)

    then(machine)

    if then is install_on:
        assert is_whole(machine)
        uninstall_from(machine)
    assert (machine.files, machine.loaded, machine.enabled) == before


@pytest.mark.parametrize(("host", "count"), cuts(steps_out_of))
@pytest.mark.parametrize("then", [install_on, uninstall_from])
def test_killed_after_a_step_of_an_uninstall(
    host: Callable[[], FakeMachine], count: int, then: Callable[[FakeMachine], None]
) -> None:
    machine = host()
    before = deepcopy(machine.files), machine.loaded, machine.enabled.copy()
    cut_off(machine, steps_out_of(machine), count)

    then(machine)

    if then is install_on:
        assert is_whole(machine)
        uninstall_from(machine)
    assert (machine.files, machine.loaded, machine.enabled) == before


@pytest.mark.parametrize(("host", "failing"), cuts(steps_of))
def test_a_step_that_fails_puts_everything_back(
    host: Callable[[], FakeMachine], failing: int
) -> None:
    machine = host()
    before = deepcopy(machine.files), machine.loaded, machine.enabled.copy()
    machine.failing = failing
    facts = machine.look()
    steps = plan_install(facts, machine.wanted())
    if steps[failing].may_fail:
        install(machine, facts, steps, bool)
        assert is_whole(machine)
        return

    with pytest.raises(GuardFailed, match=r"a full disk; everything is as it was$"):
        install(machine, facts, steps, bool)

    assert (machine.files, machine.loaded, machine.enabled) == before
    assert machine.engine_runs


@pytest.mark.parametrize(("host", "reached"), cuts(steps_of))
def test_ctrl_c_in_the_midst_puts_everything_back(
    host: Callable[[], FakeMachine], reached: int
) -> None:
    machine = host()
    before = deepcopy(machine.files), machine.loaded, machine.enabled.copy()
    facts = machine.look()
    left = iter(range(reached))

    def interrupt(_step: InstallStep) -> None:
        if next(left, None) is None:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        install(machine, facts, plan_install(facts, machine.wanted()), interrupt)

    assert (machine.files, machine.loaded, machine.enabled) == before
    assert machine.engine_runs


def renewed(machine: FakeMachine) -> tuple[InstallStep, ...]:
    install_on(machine)
    return plan_install(machine.look(), machine.wanted(version="2"))


@pytest.mark.parametrize("failing", range(len(renewed(with_file()))))
def test_a_newer_version_that_fails_leaves_the_older_one_guarding(failing: int) -> None:
    machine = with_file()
    install_on(machine)
    before = deepcopy(machine.files), machine.loaded, machine.enabled.copy()
    machine.failing, machine.calls = failing, 0
    facts = machine.look()
    steps = plan_install(facts, machine.wanted(version="2"))
    if steps[failing].may_fail:
        install(machine, facts, steps, bool)
        assert is_whole(machine)
        return

    with pytest.raises(GuardFailed, match="a full disk"):
        install(machine, facts, steps, bool)

    assert not machine.is_strangled
    last = failing == len(steps) - 1
    # Where the engine was not seen to ask the guard, it asks it no more.
    assert machine.loaded == (("opa",) if last else before[1])
    if not last:
        assert (machine.files, machine.enabled) == (before[0], before[2])


@pytest.mark.parametrize("count", range(len(renewed(with_file()))))
def test_the_engine_answers_while_a_newer_version_is_installed(count: int) -> None:
    machine = with_file()

    cut_off(machine, renewed(machine), count)

    assert machine.loaded == ("opa", "nstui")
    install_on(machine)
    assert is_whole(machine)


def test_a_second_installation_does_nothing() -> None:
    machine = with_file()
    install_on(machine)

    assert plan_install(machine.look(), machine.wanted()) == ()


def test_another_mode_is_read_by_the_guard_and_not_by_the_engine() -> None:
    machine = with_file()
    install_on(machine)

    steps = plan_install(machine.look(), machine.wanted(mode="warn"))

    assert [(step.kind.value, step.path, step.words) for step in steps] == [
        ("write", PLACES.settings, ()),
        ("renew", "", ()),
        ("front", "", ()),
        ("asked", "", ()),
    ]


def test_what_was_edited_since_stays_when_it_is_taken_out() -> None:
    machine = with_file()
    install_on(machine)
    edited = machine.files[CONFIG].replace(b'"debug": true', b'"debug": false')
    machine.files[CONFIG] = edited

    uninstall_from(machine)

    assert b'"debug": false' in machine.files[CONFIG]
    assert machine.loaded == ("opa",)
    assert CONFIG + KEPT_SUFFIX not in machine.files


def test_a_guard_that_is_dead_is_taken_out() -> None:
    machine = with_file()
    install_on(machine)
    machine.guard_runs = False
    assert machine.is_strangled

    uninstall_from(machine)

    assert machine.files == {CONFIG: FILE}
    assert machine.loaded == ("opa",)


def test_a_guard_that_is_dead_is_not_installed_over() -> None:
    machine = with_file()
    install_on(machine)
    machine.guard_runs = False
    before = deepcopy(machine.files)

    with pytest.raises(EngineUnreachable, match="nothing was changed"):
        install_on(machine)

    assert machine.files == before


def test_an_engine_that_has_ended_has_its_file_put_back() -> None:
    machine = with_file()
    install_on(machine)
    machine.engine_runs = False

    uninstall_from(machine)

    assert machine.files == {CONFIG: FILE}
    assert not machine.enabled


def rescue(machine: FakeMachine) -> None:
    """Take the guard out as the script does."""
    machine.guard_runs = False
    text = machine.files[CONFIG].decode()
    text = text.replace(',\n    "nstui"', "").replace('"nstui"', "")
    machine.files[CONFIG] = text.encode()
    machine.loaded = plugins_of(machine.files[CONFIG])
    assert "nstui" not in machine.loaded


@pytest.mark.parametrize("host", [fresh, with_file, explicit])
@pytest.mark.parametrize("then", [install_on, uninstall_from])
def test_what_was_rescued_is_installed_again_or_removed(
    host: Callable[[], FakeMachine], then: Callable[[FakeMachine], None]
) -> None:
    machine = host()
    before = deepcopy(machine.files), machine.loaded
    install_on(machine)
    rescue(machine)

    then(machine)

    if then is install_on:
        assert is_whole(machine)
        uninstall_from(machine)
    assert (machine.files, machine.loaded) == before


def test_a_list_without_plugins_that_was_there_before_stays() -> None:
    content = b'{"authorization-plugins": []}'
    machine = FakeMachine(files={CONFIG: content})
    install_on(machine)
    rescue(machine)

    uninstall_from(machine)

    assert machine.files == {CONFIG: content}


@pytest.mark.parametrize("content", [b"{", b"[]", b'{"authorization-plugins": 1}'])
def test_a_file_that_cannot_be_read_is_left_alone(content: bytes) -> None:
    machine = with_file()
    install_on(machine)
    machine.files[CONFIG] = content
    before = deepcopy(machine.files)

    for do in (install_on, uninstall_from):
        with pytest.raises(GuardFailed, match="nothing was changed"):
            do(machine)
        assert machine.files == before
    assert machine.guard_runs


def test_a_file_that_was_not_read_is_not_taken_for_none() -> None:
    machine = with_file()
    install_on(machine)
    rescue(machine)
    facts = machine.look()
    config = FileFacts(path=CONFIG, problem="is larger than 1 MB", is_unread=True)

    with pytest.raises(GuardFailed, match="is larger than 1 MB, and may name the"):
        plan_uninstall(replace(facts, config=config))

    uninstall_from(machine)
    facts = machine.look()
    assert plan_uninstall(replace(facts, config=config)) == ()


@pytest.mark.parametrize("content", [b"{", b"[]", b'{"hosts": 1, "hosts": 2}'])
def test_a_file_that_cannot_be_read_stays_if_nothing_has_to_be_taken_out(
    content: bytes,
) -> None:
    machine = with_file()
    install_on(machine)
    rescue(machine)
    machine.files[CONFIG] = content

    uninstall_from(machine)

    # What the file was before helps who mends it, and goes with the next uninstall.
    assert machine.files == {CONFIG: content, CONFIG + KEPT_SUFFIX: FILE}
    assert not machine.enabled
    assert machine.loaded == ("opa",)
    machine.files[CONFIG] = FILE
    uninstall_from(machine)
    assert machine.files == {CONFIG: FILE}


@pytest.mark.parametrize(
    ("content", "loaded", "runs", "words"),
    [
        pytest.param(
            b'{"authorization-plugins": ["opa", "nstui"',
            ("opa",),
            True,
            "is not valid JSON: line 1, column 42, and may name the guard",
            id="it may be in the file",
        ),
        pytest.param(
            b'{"debug',
            ("opa", "nstui"),
            True,
            "and the engine asks the guard until it can read the file",
            id="the engine asks it",
        ),
        pytest.param(
            b'{"debug',
            (),
            False,
            "and it is not known whether the engine asks the guard",
            id="the engine does not answer",
        ),
    ],
)
def test_a_file_has_to_be_mended_before_the_guard_is_taken_out(
    content: bytes, loaded: tuple[str, ...], words: str, *, runs: bool
) -> None:
    machine = with_file()
    install_on(machine)
    machine.files[CONFIG], machine.loaded = content, loaded
    machine.engine_runs = runs
    before = deepcopy(machine.files)

    with pytest.raises(GuardFailed) as caught:
        uninstall_from(machine)

    assert str(caught.value).startswith(CONFIG)
    assert str(caught.value).endswith(
        f"{words}: mend the file, then run this again; nothing was changed"
    )
    assert machine.files == before


def test_an_engine_that_cannot_be_told_keeps_its_guard() -> None:
    machine = with_file()
    install_on(machine)
    machine.is_hidden = True
    before = deepcopy(machine.files)

    with pytest.raises(GuardFailed, match=r"was not found; nothing was changed$"):
        uninstall_from(machine)

    assert machine.files == before
    assert machine.guard_runs


def test_units_are_among_those_that_are_removed() -> None:
    machine = fresh()
    install_on(machine)

    assert {*unit_paths(PLACES)} <= {*machine.files}
