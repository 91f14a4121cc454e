"""Where traces are kept on this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.errors import TraceFailed

if TYPE_CHECKING:
    from pathlib import Path


def default_folder() -> Path:
    """Return the user's folder for state: ``$XDG_STATE_HOME/nstui`` or its default.

    Raises:
        TraceFailed: the user has no home folder.

    """
    from platformdirs import user_state_path  # noqa: PLC0415 - only traces need it

    try:
        folder = user_state_path("nstui")
    except RuntimeError as problem:
        raise _homeless() from problem
    # Some versions return "~/…" where there is no home.
    if not folder.is_absolute():
        raise _homeless()
    return folder


def _homeless() -> TraceFailed:
    return TraceFailed(
        "you have no home folder; set XDG_STATE_HOME to the full path of a folder"
    )
