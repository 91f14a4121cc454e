"""A list to choose from, on terminals of any size."""

from __future__ import annotations

from textual.widgets import OptionList


class Options(OptionList):
    """A list whose cursor stays where it is while there is no room to show any of it.

    Textual's own looks for lines that have not been laid out, and fails.
    """

    def action_page_up(self) -> None:
        """Move the cursor up by as much as there is room for."""
        if self.scrollable_content_region:
            super().action_page_up()  # type: ignore[no-untyped-call]

    def action_page_down(self) -> None:
        """Move the cursor down by as much as there is room for."""
        if self.scrollable_content_region:
            super().action_page_down()  # type: ignore[no-untyped-call]
