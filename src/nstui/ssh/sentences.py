"""Turns what ssh says on stderr into one sentence.

ssh has one exit code for all of its failures. Its messages are those of OpenSSH's
sshconnect.c, ssh.c and packet.c, which are not translated; of the name resolution only
the beginning is ssh's own.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nstui.analysis.text import printable
from nstui.errors import EngineUnreachable, Unreachable

if TYPE_CHECKING:
    from nstui.model.ssh import SshTarget

_LONGEST = 200
"""How many characters of ssh's own words are shown."""

_SENTENCES: tuple[tuple[str, Unreachable, str], ...] = (
    (
        r"REMOTE HOST IDENTIFICATION HAS CHANGED",
        Unreachable.OTHER,
        (
            "the host key of {host} has changed: it was set up anew, or somebody is in"
            " between; compare the keys, then log in once with ssh {words}"
        ),
    ),
    (
        r"Host key verification failed|No .* host key is known",
        Unreachable.LOGIN,
        (
            "the host key of {host} is not known here: log in once with ssh {words},"
            " and compare it"
        ),
    ),
    (
        r"Permission denied \(|Too many authentication failures",
        Unreachable.LOGIN,
        (
            "{host} refused the login: {said}; nstui asks for passwords only before its"
            " start on a terminal, keys are best in an agent (ssh-add)"
        ),
    ),
    (
        r"Could not resolve hostname",
        Unreachable.OTHER,
        "there is no host {host}: its name has no address",
    ),
    (
        r"Connection refused",
        Unreachable.REFUSED,
        "{host} refused the connection: no ssh server listens there",
    ),
    (
        r"timed out|Timeout, server|during banner exchange",
        Unreachable.TIMED_OUT,
        "{host} did not answer to ssh in time",
    ),
    (
        r"No route to host|(?:Network|Host) is unreachable|Network is down",
        Unreachable.OTHER,
        "there is no way to {host} through the network: {said}",
    ),
    (
        r"Connection (?:closed|reset)|kex_exchange_identification|Broken pipe",
        Unreachable.OTHER,
        "{host} closed the connection: {said}",
    ),
)
"""Patterns with their reason and sentence; the first that is found counts."""


_WHERE = re.compile(
    r"connect to host (\S+) port|resolve hostname ([^\s:]+)"
    r"|^(?:\S+@)?([^\s:@]+): Permission denied|host key is known for (\S+)"
)
"""Which host ssh speaks of: it may be one on the way, or what a name stands for."""


def ssh_failure(said: str, target: SshTarget) -> EngineUnreachable:
    """Return the error for a connection that could not be made, or has ended.

    Args:
        said: What ssh has written on stderr; may be empty.
        target: The machine.

    """
    for pattern, reason, sentence in _SENTENCES:
        found = re.search(pattern, said)
        if found is not None:
            line = _line_at(said, found.start())
            return _error(sentence, reason, target, line)
    last = next((line for line in reversed(said.splitlines()) if line.strip()), "")
    if not last:
        return lost(target)
    sentence = "no ssh connection to {host}: {said}"
    return _error(sentence, Unreachable.OTHER, target, last)


def lost(target: SshTarget) -> EngineUnreachable:
    """Return the error for a connection that is no longer there."""
    return EngineUnreachable(f"the ssh connection to {target.name} was lost")


def as_unreachable(
    failure: EngineUnreachable | OSError, target: SshTarget
) -> EngineUnreachable:
    """Return the error for a failure that may be one of this machine."""
    if isinstance(failure, EngineUnreachable):
        return failure
    return EngineUnreachable(
        f"no ssh connection to {target.name}: {failure.strerror or failure}"
    )


def _line_at(said: str, place: int) -> str:
    start = said.rfind("\n", 0, place) + 1
    return said[start:].splitlines()[0]


def _host(line: str, target: SshTarget) -> str:
    """Return which host refused; it may be on the way, or what a name stands for."""
    found = _WHERE.search(line)
    name = next((one for one in found.groups() if one), "") if found else ""
    if name in {"", target.host}:
        return target.name
    return f"{printable(name[:_LONGEST])} (asked for {target.name})"


def _error(
    sentence: str, reason: Unreachable, target: SshTarget, line: str
) -> EngineUnreachable:
    # "user@host: Permission denied (publickey)." and "ssh: connect to host …".
    words = re.sub(r"^(?:ssh: )?(?:\S+@\S+: )?", "", " ".join(line.split()))
    return EngineUnreachable(
        sentence.format(
            host=_host(line, target),
            words=target.words,
            said=printable(words[:_LONGEST]).rstrip("."),
        ),
        reason,
    )
