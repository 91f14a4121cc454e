"""The program, ``nstui``; also ``python -m nstui``."""

from __future__ import annotations

import gc


def start() -> None:
    """Run nstui and end the process with the exit code of what it did."""
    # What is imported stays, and what a command makes it needs until it ends. Those
    # that go on for longer collect again.
    gc.disable()
    from nstui.cli.main import main  # noqa: PLC0415

    main()


if __name__ == "__main__":
    start()
