"""What the watcher's thread tells the screen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from nstui.analysis.report import Report
    from nstui.errors import NstuiError


@dataclass
class Looked(Message):
    """A look at the host succeeded."""

    report: Report

    def can_replace(self, message: Message) -> bool:
        """Skip a look that was not shown yet when a newer one is here."""
        return isinstance(message, Looked)


@dataclass
class LookFailed(Message):
    """A look at the host failed; what was seen before is kept."""

    error: NstuiError
