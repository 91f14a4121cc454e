"""The user's configuration: where it is, what it says, and what else sets a setting."""

from __future__ import annotations

import errno
import os
import stat
from typing import TYPE_CHECKING

from nstui.audit.folders import default_folder, user_folder
from nstui.cli.exits import complain
from nstui.errors import AuditFailed
from nstui.model.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from nstui.analysis.findings.ignoring import IgnoreRule
    from nstui.analysis.preferences.choices import (
        Choices,
        Column,
        LastLeft,
        Preferences,
    )
    from nstui.audit.last_left import FileLastLeft
    from nstui.cli.settings import Settings


FILE = "config.toml"
MAX_BYTES = 1_000_000

THEME_VARIABLE = "TEXTUAL_THEME"
"""Textual's own environment variable."""

ORDER_VARIABLE = "NSTUI_ORDER"
INTERVAL_VARIABLE = "NSTUI_INTERVAL"


def config_file() -> Path | None:
    """Return where the configuration is looked for; None without a home folder."""
    try:
        return user_folder("XDG_CONFIG_HOME", ".config") / FILE
    except AuditFailed:
        return None


def last_left_file() -> FileLastLeft | None:
    """Return what keeps the screen as last left; None without a home folder."""
    from nstui.audit.last_left import FileLastLeft  # noqa: PLC0415

    try:
        return FileLastLeft(default_folder())
    except AuditFailed:
        return None


@dataclass(frozen=True, slots=True)
class ConfigFile:
    """The configuration, as far as it could be read."""

    path: Path | None
    """None without a home folder."""

    choices: Choices | None = None
    """What it sets; None if there is no such file, or if it cannot be read."""

    problems: tuple[str, ...] = ()
    """What is wrong with it, as sentences."""

    @property
    def rules(self) -> tuple[IgnoreRule, ...]:
        """The findings that it has ignored."""
        return (self.choices and self.choices.ignore) or ()

    @property
    def columns(self) -> tuple[Column, ...] | None:
        """The columns of the tree that it names; None for all."""
        return None if self.choices is None else self.choices.columns

    @property
    def sets(self) -> Mapping[str, tuple[str, ...]]:
        """The sets of hosts that it names."""
        return (self.choices and self.choices.hosts) or {}


def configured() -> ConfigFile:
    """Return the configuration; say on stderr what is wrong with it."""
    read = read_config()
    for problem in read.problems:
        complain(problem)
    return read


def read_config() -> ConfigFile:
    """Return the configuration. Where there is no file nothing is imported for it."""
    path = config_file()
    if path is None:
        return ConfigFile(None)
    try:
        text = _read(path).decode()
    except FileNotFoundError:
        return ConfigFile(path)
    except OSError as error:
        return ConfigFile(path, None, (f"{path} could not be read: {error.strerror}",))
    except UnicodeDecodeError:
        return ConfigFile(path, None, (f"{path} could not be read: it is not UTF-8",))
    from nstui.analysis.preferences.parsing import parse_config  # noqa: PLC0415

    choices, problems = parse_config(text)
    return ConfigFile(path, choices, tuple(f"{path}: {each}" for each in problems))


def _read(path: Path) -> bytes:
    """Return the content of a file; opening a pipe would wait for its other end."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY)
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "it is not a regular file")
        content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise OSError(errno.EFBIG, "it is larger than 1 MB")
    return content


def preferences(
    settings: Settings,
    read: ConfigFile,
    left: LastLeft | None = None,
    environment: Mapping[str, str] = os.environ,
) -> Preferences:
    """Return the settings that apply, and what is wrong with their sources.

    Args:
        settings: The global options.
        read: The configuration.
        left: The screen as it was last left; None where there is no screen.
        environment: The environment variables.

    """
    from nstui.analysis.preferences.choices import (  # noqa: PLC0415
        Choices,
        SettingSource,
        decide_preferences,
    )

    from_environment, problems = read_environment(environment)
    sources = {
        SettingSource.OPTION: Choices(interval=settings.interval),
        SettingSource.ENVIRONMENT: from_environment,
        SettingSource.FILE: read.choices or Choices(),
        SettingSource.LAST_LEFT: Choices() if left is None else left.choices,
    }
    path = "" if read.path is None else str(read.path)
    return decide_preferences(sources, (*problems, *read.problems), path)


def read_environment(
    environment: Mapping[str, str],
) -> tuple[Choices, tuple[str, ...]]:
    """Return what environment variables set, and what is wrong with them."""
    from nstui.analysis.preferences.choices import Choices  # noqa: PLC0415

    theme = environment.get(THEME_VARIABLE) or None
    if not (environment.get(ORDER_VARIABLE) or environment.get(INTERVAL_VARIABLE)):
        return Choices(theme=theme), ()
    from nstui.analysis.preferences.parsing import (  # noqa: PLC0415
        ValueProblem,
        parse_interval,
        parse_order,
    )

    order, interval, problems = None, None, []
    try:
        if environment.get(ORDER_VARIABLE):
            order = parse_order(environment[ORDER_VARIABLE])
    except ValueProblem as problem:
        problems.append(f"{ORDER_VARIABLE}: {problem}")
    try:
        if environment.get(INTERVAL_VARIABLE):
            interval = parse_interval(_number(environment[INTERVAL_VARIABLE]))
    except ValueProblem as problem:
        problems.append(f"{INTERVAL_VARIABLE}: {problem}")
    return Choices(theme=theme, order=order, interval=interval), tuple(problems)


def _number(word: str) -> float | str:
    """Return the number that a word is, or the word."""
    try:
        return float(word)
    except ValueError:
        return word
