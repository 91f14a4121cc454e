"""How the level of a look follows from what it saw."""

from __future__ import annotations

from types import MappingProxyType

import pytest

from nstui.model.namespace import Namespace, NamespaceKind, NamespacesRead
from nstui.model.snapshot import ProcessReading, ReadProblem
from nstui.procfs.namespaces import NamespaceReading, choose_level

INODE, FINGERPRINT, DECLARED = NamespacesRead

NET = MappingProxyType({NamespaceKind.NET: Namespace(NamespaceKind.NET, 4, 5)})


def unread(problem: ReadProblem, *, believed: bool = False) -> NamespaceReading:
    """Return a container of whose process nothing could be read."""
    return NamespaceReading(
        ProcessReading(1, MappingProxyType({}), None, problem), believed
    )


READ = NamespaceReading(ProcessReading(1, NET, ("lo",)), is_confirmed=True)
FINGERPRINTED = NamespaceReading(
    ProcessReading(1, NET, ("lo",), ReadProblem.DENIED), is_confirmed=True
)
NO_INTERFACES = NamespaceReading(
    ProcessReading(1, NET, None, ReadProblem.DENIED), is_confirmed=True
)
ABSENT = unread(ReadProblem.VANISHED)
ENDED = unread(ReadProblem.VANISHED, believed=True)
STRANGER = unread(ReadProblem.NOT_THE_CONTAINER)
SECRET = unread(ReadProblem.DENIED)
REFUSED = unread(ReadProblem.DENIED, believed=True)


@pytest.mark.parametrize(
    ("level", "seen", "first", "expected"),
    [
        (INODE, [READ, READ], INODE, INODE),
        (FINGERPRINT, [FINGERPRINTED], FINGERPRINT, FINGERPRINT),
        # With no containers it is what could be read.
        (INODE, [], INODE, INODE),
        (INODE, [], FINGERPRINT, FINGERPRINT),
        (INODE, [], DECLARED, DECLARED),
        # The first process is root's: it may be refused while a container's is not.
        (INODE, [READ], FINGERPRINT, INODE),
        (INODE, [READ], DECLARED, INODE),
        # Interfaces alone do not count.
        (INODE, [NO_INTERFACES], INODE, INODE),
        # A process that ended, or was never this container's, lowers nothing.
        (INODE, [READ, ABSENT, ENDED, STRANGER], INODE, INODE),
        (FINGERPRINT, [FINGERPRINTED, ABSENT], FINGERPRINT, FINGERPRINT),
        (INODE, [ENDED], INODE, INODE),
        (INODE, [ENDED, STRANGER], FINGERPRINT, FINGERPRINT),
        # But it may be hidden, and then nobody knows.
        (INODE, [READ, ABSENT], DECLARED, DECLARED),
        (INODE, [READ, STRANGER], DECLARED, INODE),
        # A process that the kernel keeps to itself leaves a gap.
        (INODE, [READ, SECRET], INODE, DECLARED),
        (FINGERPRINT, [FINGERPRINTED, REFUSED], FINGERPRINT, DECLARED),
        # Nothing was read, and nothing says that the pids are this machine's.
        (INODE, [ABSENT, ABSENT], INODE, DECLARED),
        (INODE, [STRANGER], INODE, DECLARED),
        (INODE, [STRANGER, ABSENT], INODE, DECLARED),
    ],
)
def test_the_level_of_a_look(
    level: NamespacesRead,
    seen: list[NamespaceReading],
    first: NamespacesRead,
    expected: NamespacesRead,
) -> None:
    assert choose_level(level, seen, first) is expected
