"""What a failed read of ``/proc`` means."""

from __future__ import annotations

import errno

import pytest

from nstui.model.snapshot import ReadProblem
from nstui.procfs.process import problem_of


@pytest.mark.parametrize(
    ("number", "problem"),
    [
        (errno.ENOENT, ReadProblem.VANISHED),
        (errno.ESRCH, ReadProblem.VANISHED),
        # The file was found, but the network it tells of was ending.
        (errno.ENXIO, ReadProblem.VANISHED),
        (errno.EACCES, ReadProblem.DENIED),
        (errno.EPERM, ReadProblem.DENIED),
        # Out of files: the process may well be there.
        (errno.EMFILE, ReadProblem.DENIED),
    ],
)
def test_what_an_error_means(number: int, problem: ReadProblem) -> None:
    assert problem_of(OSError(number, "refused")) is problem
