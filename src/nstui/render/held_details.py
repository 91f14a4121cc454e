"""What is known of a namespace that no container is in, in sections."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.analysis.ages import age_words
from nstui.model.container import short_id
from nstui.render.details import Entry, Section
from nstui.render.held_text import UNSEEN, mount_words
from nstui.render.text import Piece, Tone, printable
from nstui.render.top_sentences import top_sentence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nstui.analysis.forest import Branch
    from nstui.analysis.namespaces import Held
    from nstui.analysis.report import Report
    from nstui.model.holders import HoldingProcess


def held_sections(branch: Branch, held: Held, report: Report) -> tuple[Section, ...]:
    """Return what keeps a namespace alive, and whose it was."""
    sections = (
        Section(str(held.namespace), (_words(top_sentence(branch, report)),)),
        Section("Processes", tuple(_held_processes(held, report))),
        Section("Mounts", tuple(_words(mount_words(m)) for m in held.mounts)),
    )
    return tuple(section for section in sections if section.entries)


def _held_processes(held: Held, report: Report) -> Iterator[Entry]:
    if held.processes is None:
        yield _words("none" if held.is_empty else UNSEEN, Tone.MUTED)
        return
    for process in held.processes.first:
        name = Piece(printable(process.command or "name unknown"))
        more = Piece(_process_words(process, report), Tone.MUTED)
        yield Entry(str(process.pid), (name, more))
    others = held.processes.count - len(held.processes.first)
    if others:
        yield _words(f"and {others} more", Tone.MUTED)


def _process_words(process: HoldingProcess, report: Report) -> str:
    """Return for how long a process has been there, and in which container."""
    since, container = process.started_at, process.container
    now = report.snapshot.taken_at
    words = "" if since is None else f"  for {age_words(since, now)}"
    if container is not None:
        known = report.graph.containers.get(container)
        words += f"  of {short_id(container) if known is None else known.name}"
    return printable(words)


def _words(text: str, tone: Tone = Tone.PLAIN) -> Entry:
    return Entry("", (Piece(printable(text), tone),))
