"""What the screen says of the engine, and of what it shows, in words."""

from __future__ import annotations

from textual.widgets import Static


class Banner(Static):
    """A line above the tree; there only when there is something to say."""

    def __init__(self) -> None:
        super().__init__(id="banner", markup=False)
        self._words = ""

    def say(self, words: str) -> None:
        """Show a line, which must be safe to show, or nothing if it is empty."""
        if words != self._words:
            self._words = words
            self.display = bool(words)
            self.update(f"! {words}")


class ViewLine(Static):
    """What is shown, and in which way; there only when that is not as at first."""

    def __init__(self) -> None:
        super().__init__(id="view-line", markup=False)
        self._words = ""

    def say(self, words: str) -> None:
        """Show words, or nothing if they are empty."""
        if words != self._words:
            self._words = words
            self.display = bool(words)
            self.update(words)


class NoEngine(Static):
    """What there is to see while no engine has answered yet."""

    def __init__(self) -> None:
        super().__init__(id="no-engine", markup=False)

    def explain(self, words: str) -> None:
        """Say why, and what can be done; the words must be safe to show."""
        end = "" if words.endswith((".", "?", "!")) else "."
        self.update(
            f"{words[:1].upper()}{words[1:]}{end}\n\n"
            "nstui keeps trying, and shows the host as soon as it answers.\n"
            "Press D for a simulated host, as nstui --demo shows it, or q to quit."
        )
        self.display = True
