"""What a plan says about the removed container that it brings back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.analysis.text import on_host
from nstui.model.host_options import HERE, HostOptions
from nstui.render.text import Piece, Tone, printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime, tzinfo

    from nstui.model.audit import RemovedContainer
    from nstui.model.restoration import Restoration


MAX_NAME_WIDTH = 30
"""A longer name than this moves the other columns of its line only."""


def local_time(moment: datetime, zone: tzinfo | None = None) -> str:
    """Return a time to the second, by default in the time zone of this machine."""
    return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")


def removed_text(one: Restoration) -> str:
    """Return the container to bring back, its image, and when it was removed."""
    when = local_time(one.removed_at)
    return printable(f"{one.name}: {one.image}, removed {when}")


def record_lines(records: Sequence[RemovedContainer]) -> tuple[str, ...]:
    """Return removed containers for a list to choose from, in columns."""
    names = [printable(record.name) for record in records]
    width = min(MAX_NAME_WIDTH, max(map(len, names), default=0))
    return tuple(
        f"{name:{width}}  {local_time(record.removed_at)}  {printable(record.image)}"
        for name, record in zip(names, records, strict=True)
    )


def image_question(name: str) -> str:
    """Return the question whether another image of the same name may be used."""
    return printable(f"Its image is gone, and {name} is another image now. Use that?")


def restoration_lines(
    one: Restoration, options: HostOptions = HERE
) -> Iterator[tuple[Piece, ...]]:
    """Yield what the new container is like, and what does not come back.

    Args:
        one: The restoration.
        options: The options that select the host, for compose's command.

    """
    for name, why in one.owners:
        # The first of several reasons is enough here.
        because = f": {why.partition('; ')[0]}" if why else ""
        yield (
            Piece("joins "),
            Piece(printable(name), Tone.STRONG),
            Piece(printable(because), Tone.MUTED),
        )
    if one.starts:
        yield (Piece("is started, as it was running before"),)
    else:
        yield (Piece("is not started: it was not running before"),)
    for line in (*_losses(one), *_open_decisions(one)):
        yield (Piece(printable(line), Tone.WARNING),)
    if one.command:
        said = f"made by compose, which would recreate it with: {one.command}"
        yield (Piece(printable(on_host(said, options)), Tone.MUTED),)
    if one.left_behind:
        names = ", ".join(one.left_behind)
        said = f"joined it, to be healed afterwards: {names}"
        yield (Piece(printable(said), Tone.MUTED),)


def _losses(one: Restoration) -> Iterator[str]:
    for volume in one.emptied:
        yield f"volume {volume} no longer exists: it is created empty"
    if one.left_out:
        yield f"leaves out: {', '.join(one.left_out)}"
    yield "not restored: changes outside volumes"


def _open_decisions(one: Restoration) -> Iterator[str]:
    for decision in one.undecided:
        yield f"undecided: {decision.sentence}; {decision.option}"
