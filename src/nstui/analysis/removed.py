"""From what somebody typed to a container that was removed."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from nstui.errors import AmbiguousContainer, UnknownContainer
from nstui.model.container import HEX_DIGITS, short_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nstui.model.trace import RemovedContainer


def find_removed(records: Sequence[RemovedContainer], text: str) -> RemovedContainer:
    """Return the newest with this name, this id, or the beginning of exactly one id.

    Args:
        records: The newest first.
        text: What was typed.

    Raises:
        UnknownContainer: there is none.
        AmbiguousContainer: several ids begin like that.

    """
    reference = text.removeprefix("/")
    for record in records:
        if reference and reference in {record.id, record.name}:
            return record
    is_prefix = bool(reference) and set(reference) <= HEX_DIGITS
    begin = [one for one in records if is_prefix and one.id.startswith(reference)]
    ids = dict.fromkeys(record.id for record in begin)
    if len(ids) == 1:
        return begin[0]
    if ids:
        shown = ", ".join(map(short_id, ids))
        raise AmbiguousContainer(f"{text!r} could be any of {len(ids)}: {shown}")
    close = get_close_matches(reference, [record.name for record in records], n=1)
    hint = f"; did you mean {close[0]}?" if close else ""
    raise UnknownContainer(f"no removed container is called {text!r}{hint}")
