"""What installing the guard and taking it out again will do, step by step.

Every step can be the last one: `install_steps` and `uninstall_steps` are told what is
there, and begin where an interrupted run has ended.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from nstui.analysis.guarding.engine_config import (
    PLUGIN,
    UnusableConfig,
    may_name_plugin,
    plugins_of,
    read_config,
    with_plugin,
    without_plugin,
)
from nstui.analysis.guarding.installation import InstallStep, StepKind
from nstui.analysis.guarding.units import (
    RUNNING_UNITS,
    STARTED_UNITS,
    STOPPED_UNITS,
)
from nstui.model.json import mapping

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from nstui.analysis.guarding.installation import MachineFacts, Wanted


def settings_content(
    there: bytes | None, given: Mapping[str, object], default: Mapping[str, object]
) -> bytes:
    """Return the settings' file: what is there stays, unless something is given.

    Args:
        there: What the file says; None if there is none.
        given: What the file is to say.
        default: What it says where neither it nor *given* says anything.

    """
    try:
        document = mapping(json.loads(there or b"{}"))
    except (ValueError, RecursionError):
        document = {}
    return f"{json.dumps({**default, **document, **given}, indent=2)}\n".encode()


def install_steps(facts: MachineFacts, wanted: Wanted) -> tuple[InstallStep, ...]:
    """Return the steps that are left to do; empty if everything is there.

    Args:
        facts: What was found; nothing stands in the way.
        wanted: What is to be there.

    """
    files = {**wanted.files, facts.settings.path: wanted.settings.decode()}
    steps = [*_writes(facts, files)]
    units_changed = any(step.path in wanted.files for step in steps)
    is_ready = facts.is_enabled and not facts.front_problem
    if wanted.has_units and (units_changed or not is_ready):
        steps += _starting()
    elif any(step.path == facts.settings.path for step in steps):
        steps.append(InstallStep(kind=StepKind.RENEW))
    content = facts.config.content or b""
    named = PLUGIN in plugins_of(content)
    if not steps and named and facts.is_asked:
        return ()
    steps.append(InstallStep(kind=StepKind.FRONT))
    if not named:
        before = None
        if facts.config.content is not None:
            before = _before(facts, content)
        if before != facts.kept.content:
            steps.append(_restored(facts.kept.path, before))
        steps.append(_write(facts.config.path, with_plugin(content)))
    if not (named and facts.is_asked):
        steps.append(_reload(facts))
    steps.append(InstallStep(kind=StepKind.ASKED))
    return tuple(steps)


def _writes(facts: MachineFacts, files: Mapping[str, str]) -> Iterable[InstallStep]:
    there = {file.path: file.content for file in (*facts.units, facts.settings)}
    for path, text in files.items():
        if there.get(path) != text.encode():
            yield _write(path, text.encode())


def _starting() -> Iterable[InstallStep]:
    """Yield what starts the units, in whichever state they were left.

    They are stopped and started by one command: an interruption in between would leave
    an engine that asks a guard that is not there.
    """
    yield _systemctl("daemon-reload")
    # One that has failed too often is not started otherwise.
    yield _systemctl("reset-failed", *STOPPED_UNITS, may_fail=True)
    yield _systemctl("enable", *STARTED_UNITS)
    yield _systemctl("restart", *RUNNING_UNITS)


def uninstall_steps(facts: MachineFacts) -> tuple[InstallStep, ...]:
    """Return the steps that take the guard out: the engine first, then the rest.

    Args:
        facts: What was found; it may be anything that an install, an uninstall or a
            rescue has left.

    """
    steps = []
    content = facts.config.content
    stays = bool(left_alone(facts))
    if content is not None and not stays and (out := _out(facts, content)) is not None:
        steps.append(out)
    if facts.engine.pid is not None and (steps or facts.is_asked is not False):
        steps += [_reload(facts), InstallStep(kind=StepKind.UNASKED)]
    there = [file.path for file in facts.units if file.content is not None]
    if there and facts.has_systemd:
        steps += _stopping()
    steps += map(_remove, there)
    if there and facts.has_systemd:
        steps.append(_systemctl("daemon-reload"))
    # Who mends a file that cannot be read is helped by what it was before.
    for file in (facts.settings,) if stays else (facts.settings, facts.kept):
        if file.content is not None:
            steps.append(_remove(file.path))
    return tuple(steps)


def left_alone(facts: MachineFacts) -> str:
    """Say why the engine's file stays as it is, though it cannot be read.

    There is nothing to take out of one that cannot name the guard, as long as the
    engine was seen not to ask it.

    Args:
        facts: What was found.

    Returns:
        What is wrong with the file, as the end of a sentence; empty if it can be read,
        or has to be.

    """
    content = facts.config.content or b""
    try:
        read_config(content)
    except UnusableConfig as problem:
        is_free = facts.is_asked is False and not may_name_plugin(content)
        return str(problem) if is_free else ""
    return ""


def _out(facts: MachineFacts, content: bytes) -> InstallStep | None:
    """Return the step that takes the guard out of a file; None if it is not in it."""
    before = _before(facts, content)
    if before == content:
        return None
    return _restored(facts.config.path, before)


def _before(facts: MachineFacts, content: bytes) -> bytes | None:
    """Return a configuration file as it was without the guard; None if there was none.

    A rescue leaves a list without plugins behind, which was not there before.

    Args:
        facts: What was found.
        content: The file as it is.

    """
    kept = facts.kept.content
    if kept is not None and _is_same(kept, content):
        return kept
    is_ours = facts.settings.content is not None or PLUGIN in plugins_of(content)
    command = facts.engine.command
    # An engine that was told which file to read wants one.
    is_needed = command is not None and command.is_explicit
    if is_ours and kept is None and not is_needed and _is_same(b"", content):
        return None
    return without_plugin(content)


def _is_same(one: bytes, other: bytes) -> bool:
    """Tell whether two files differ in nothing but the guard, and their layout."""
    return read_config(with_plugin(one)) == read_config(with_plugin(other))


def way_back(
    facts: MachineFacts, begun: Iterable[InstallStep]
) -> tuple[InstallStep, ...]:
    """Return the steps that put everything back after a failed installation.

    Args:
        facts: What was found before it.
        begun: The steps that were begun, in order, the failed one as the last.

    """
    done = tuple(begun)
    files = (facts.config, facts.settings, facts.kept, *facts.units)
    before = {file.path: file.content for file in files}
    config = facts.config
    steps = []
    written = [step.path for step in done if step.path]
    is_told = any(step.kind in {StepKind.RELOAD, StepKind.ASKED} for step in done)
    if config.path in written:
        steps.append(_restored(config.path, config.content))
    elif is_told:
        # The file named the guard before, but the engine was not seen to ask it.
        steps += filter(None, [_out(facts, config.content or b"")])
    if is_told:
        steps += [_reload(facts), InstallStep(kind=StepKind.UNASKED)]
    systemctl = any(step.kind is StepKind.SYSTEMCTL for step in done)
    was_there = any(file.content is not None for file in facts.units)
    if systemctl and not was_there:
        steps += _stopping()
    others = dict.fromkeys(path for path in reversed(written) if path != config.path)
    steps += [_restored(path, before.get(path)) for path in others]
    if systemctl:
        steps.append(_systemctl("daemon-reload"))
    if systemctl and was_there:
        steps.append(_systemctl("restart", *RUNNING_UNITS))
    elif any(step.kind is StepKind.RENEW for step in done):
        steps.append(InstallStep(kind=StepKind.RENEW))
    return tuple(steps)


def _stopping() -> Iterable[InstallStep]:
    # Some of them may be missing after an interruption.
    yield _systemctl("disable", *STARTED_UNITS, may_fail=True)
    yield _systemctl("stop", *STOPPED_UNITS, may_fail=True)


def _restored(path: str, content: bytes | None) -> InstallStep:
    return _remove(path) if content is None else _write(path, content)


def _write(path: str, content: bytes) -> InstallStep:
    return InstallStep(kind=StepKind.WRITE, path=path, content=content)


def _remove(path: str) -> InstallStep:
    return InstallStep(kind=StepKind.REMOVE, path=path)


def _systemctl(*words: str, may_fail: bool = False) -> InstallStep:
    return InstallStep(kind=StepKind.SYSTEMCTL, words=words, may_fail=may_fail)


def _reload(facts: MachineFacts) -> InstallStep:
    return InstallStep(kind=StepKind.RELOAD, pid=facts.engine.pid)
