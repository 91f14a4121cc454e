"""What installing the guard and taking it out again will do, step by step.

Every step can be the last one: `install_steps` and `uninstall_steps` are told what is
there, and begin where an interrupted run has ended.
"""

from __future__ import annotations

import json
from enum import StrEnum
from typing import TYPE_CHECKING

from nstui.analysis.guarding.engine_command import conflicting, forbids_plugin
from nstui.analysis.guarding.engine_config import (
    PLUGIN,
    PLUGINS_KEY,
    UnusableConfig,
    plugins_of,
    read_config,
    with_plugin,
    without_plugin,
)
from nstui.analysis.guarding.units import (
    RUNNING_UNITS,
    STARTED_UNITS,
    STOPPED_UNITS,
)
from nstui.model.frozen import dataclass
from nstui.model.json import mapping

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from nstui.analysis.guarding.engine_command import EngineCommand

DOCKER = "Docker"
KEPT_SUFFIX = ".before-nstui"
"""What the name of the old configuration file ends with, which is kept beside."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFacts:
    """A file, as it was found."""

    path: str
    content: bytes | None = None
    """None if there is none."""

    problem: str = ""
    """Why it cannot be changed, as the end of a sentence; empty if it can be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineFacts:
    """The engine that listens at a socket, as far as it is known."""

    pid: int | None = None
    """Its process, which the kernel names; None if that is not known."""

    command: EngineCommand | None = None
    name: str = ""
    """``Docker`` or ``Podman Engine``; empty if it does not answer."""

    problem: str = ""
    """Why it does not answer, as a sentence; empty if it does."""

    sees_files: bool = True
    """Whether it sees the same files under the same paths as this process."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineFacts:
    """What installing depends on, as it was found."""

    engine: EngineFacts
    config: FileFacts
    kept: FileFacts
    """The configuration file as it was before the guard was installed."""

    settings: FileFacts
    units: tuple[FileFacts, ...] = ()
    """The units and the script, those that may be there from an older version too."""

    is_root: bool = True
    has_systemd: bool = True
    is_enabled: bool = False
    """Whether the next boot starts the guard's units."""

    front_problem: str = ""
    """Why the guard does not answer, as the end of a sentence; empty if it does."""

    is_asked: bool | None = None
    """Whether the engine asks the guard; None if that could not be told."""

    open_to: str = ""
    """Whose files nstui runs from, if that is not root; empty if it is root."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is to be there afterwards."""

    settings: bytes
    files: Mapping[str, str]
    """The text of the script, and of each unit, by path."""

    has_units: bool
    """Whether systemd keeps the guard running; otherwise somebody else does."""


class StepKind(StrEnum):
    """What a step does."""

    WRITE = "write"
    REMOVE = "remove"
    SYSTEMCTL = "systemctl"
    RENEW = "renew"
    """Make the guard read its settings again."""

    FRONT = "front"
    """See that the guard answers by its settings, and can look."""

    RELOAD = "reload"
    """Make the engine read its configuration file again."""

    ASKED = "asked"
    """See that the engine answers, and asks the guard."""

    UNASKED = "unasked"
    """See that the engine answers, and does not ask the guard."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InstallStep:
    """One step; what it is to bring about is there already or not at all."""

    kind: StepKind
    path: str = ""
    content: bytes = b""
    words: tuple[str, ...] = ()
    """The arguments of systemctl."""

    may_fail: bool = False
    """Whether the rest goes on if it fails."""

    pid: int | None = None
    """The engine that reads its file again."""


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


def find_obstacles(facts: MachineFacts, wanted: Wanted) -> tuple[str, ...]:
    """Return what stands in the way of an installation, each as a sentence.

    Args:
        facts: What was found; the engine answers, if it could be asked.
        wanted: What is to be there.

    """
    engine = facts.engine
    if not facts.is_root:
        return ("the guard is a service of the machine: run this as root",)
    if engine.name != DOCKER:
        name = engine.name or "none that says its name"
        return (f"this engine is {name}: only Docker asks a plugin",)
    found = [*_engine_obstacles(facts), *_file_obstacles(facts)]
    if wanted.has_units:
        found += _unit_obstacles(facts)
    elif facts.front_problem:
        found.append(
            f"the guard does not answer ({facts.front_problem}): without units, start"
            " it first, and keep it running: nstui guard serve --socket PATH"
        )
    return tuple(found)


def _engine_obstacles(facts: MachineFacts) -> Iterable[str]:
    engine = facts.engine
    if engine.pid is None or engine.command is None:
        yield (
            "no process of this machine was found to be the engine: it runs elsewhere,"
            " or behind a proxy"
        )
        return
    if not engine.sees_files:
        yield (
            f"the engine (process {engine.pid}) sees other files than this shell:"
            " it runs in a container or a snap, or without root"
        )
    if forbids_plugin(engine.command):
        yield (
            "the engine was started with --authorization-plugin, so it refuses the same"
            f" in {facts.config.path}: add --authorization-plugin={PLUGIN} there"
            " instead, or move the plugins into the file"
        )


def _file_obstacles(facts: MachineFacts) -> Iterable[str]:
    config = facts.config
    if config.problem:
        yield f"{config.path} {config.problem}"
        return
    try:
        document = read_config(config.content or b"")
    except UnusableConfig as problem:
        yield f"{config.path} {problem}"
        return
    command = facts.engine.command
    both = () if command is None else conflicting(command, document)
    others = [key for key in both if key != PLUGINS_KEY]
    if others:
        yield (
            f"the engine refuses to read {config.path} again: {', '.join(others)} is"
            " there and on its command line"
        )
    for file in (facts.settings, facts.kept):
        if file.problem:
            yield f"{file.path} {file.problem}"


def _unit_obstacles(facts: MachineFacts) -> Iterable[str]:
    if facts.open_to:
        yield (
            f"nstui is in files that {facts.open_to} can change, and the guard runs as"
            " root: install nstui for root, as docs/watch.md shows, or use --no-units"
        )
    for file in facts.units:
        if file.problem:
            yield f"{file.path} {file.problem}"


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
    if content is not None and (out := _out(facts, content)) is not None:
        steps.append(out)
    if facts.engine.pid is not None and (steps or facts.is_asked is not False):
        steps += [_reload(facts), InstallStep(kind=StepKind.UNASKED)]
    there = [file.path for file in facts.units if file.content is not None]
    if there and facts.has_systemd:
        steps += _stopping()
    steps += map(_remove, there)
    if there and facts.has_systemd:
        steps.append(_systemctl("daemon-reload"))
    for file in (facts.settings, facts.kept):
        if file.content is not None:
            steps.append(_remove(file.path))
    return tuple(steps)


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
