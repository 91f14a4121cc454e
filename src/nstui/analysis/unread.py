"""Why the kernel's word about a process is missing, in words."""

from __future__ import annotations

from nstui.model.snapshot import ReadProblem

_WORDS = {
    ReadProblem.VANISHED: "its process has gone, or is hidden from this user",
    ReadProblem.NOT_THE_CONTAINER: "its cgroup does not name the container",
    ReadProblem.NO_SHELL: "no shell runs there",
    ReadProblem.UNANSWERED: "its machine does not answer",
}


def unread_text(problem: ReadProblem, remedy: str) -> str:
    """Return why something could not be read.

    Args:
        problem: What kept it from being read.
        remedy: What gives the rights of root; see `HostReading.remedy`.

    """
    if problem is ReadProblem.DENIED:
        return f"needs root: {remedy}"
    return _WORDS[problem]
