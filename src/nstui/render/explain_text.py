"""The evidence for what a container shares, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.analysis.explanation import why_unread
from nstui.analysis.managers import management_words
from nstui.analysis.publishing import publisher
from nstui.render.interior_text import (
    interface_lines,
    listener_lines,
    published_lines,
    route_lines,
)
from nstui.render.member_text import member_lines, outsider_lines
from nstui.render.rows import finding_word
from nstui.render.source_words import (
    engine_words,
    file_words,
    kernel_words,
    runtime_words,
)
from nstui.render.text import Piece, Tone, printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from nstui.analysis.explanation import Explanation
    from nstui.analysis.report import Report

Line = tuple[Piece, ...]

_LABEL = 9
_FILE = len("resolv.conf") + 2


def explain_lines(report: Report, told: Explanation) -> Iterator[Line]:
    """Yield what is wrong first, then each kind with what each source says of it."""
    container = told.container
    yield (
        Piece(printable(container.name), Tone.STRONG),
        Piece(printable(f"  {container.image}  {container.state}"), Tone.MUTED),
    )
    if container.manager is not None:
        words = printable(management_words(container.manager))
        yield (Piece(f"managed by {words}"),)
    for finding in told.findings:
        message = Piece(f"  {printable(finding.message)}")
        yield (finding_word(finding), message)
        yield (Piece(f"    {printable(finding.remedy)}", Tone.MUTED),)
    for sentence in told.disagreements:
        yield (Piece("!", Tone.WARNING), Piece(f" {printable(sentence)}"))
    for share in told.shares:
        yield (Piece(share.kind.value, Tone.STRONG),)
        yield _labelled("engine", engine_words(report, share))
        yield _labelled("kernel", kernel_words(report, share))
        yield _labelled("runtime", runtime_words(report, share, told.evidence))
    yield (Piece("files", Tone.STRONG),)
    for line in _file_lines(report, told):
        yield _labelled("", line)
    yield from _titled("members", member_lines(report, told.members))
    yield from _titled("entered from outside", outsider_lines(report, told))
    yield from _inside(report, told)
    if told.evidence is not None and told.evidence.config is not None:
        yield (Piece("runtime's configuration", Tone.STRONG),)
        yield _labelled("", printable(told.evidence.config))


def _inside(report: Report, told: Explanation) -> Iterator[Line]:
    """Yield what is inside its network, under a title for each part."""
    if told.interior is None:
        return
    owner = publisher(report, told.container.id)
    parts = {
        "interfaces": interface_lines(told.interior),
        "ways out": route_lines(told.interior),
        "listening": listener_lines(report, told.interior),
        "published": ()
        if owner is None
        else published_lines(report, owner, told.interior),
    }
    for title, lines in parts.items():
        yield from _titled(title, ((Piece(words),) for words in lines))


def _titled(title: str, lines: Iterable[Line]) -> Iterator[Line]:
    """Yield lines under a title, and no title without any."""
    shown = tuple(lines)
    if shown:
        yield (Piece(title, Tone.STRONG),)
    yield from ((Piece("  "), *line) for line in shown)


def _labelled(label: str, words: str) -> Line:
    return (Piece(f"  {label.ljust(_LABEL if label else 0)}", Tone.MUTED), Piece(words))


def _file_lines(report: Report, told: Explanation) -> Iterator[str]:
    evidence = told.evidence
    if evidence is None:
        yield printable(why_unread(report, told.container.id))
    elif evidence.files is None:
        yield f"not read: {evidence.files_problem}"
    elif not evidence.files:
        yield "none of the engine's are mounted"
    else:
        for file in evidence.files:
            name = printable(file.name).ljust(_FILE)
            yield f"{name}{file_words(report, told.container.id, file)}"
