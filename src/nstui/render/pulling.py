"""How far the pull of an image has got, as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.analysis.plans.commands import step_text
from nstui.render.text import plural, printable
from nstui.render.usage import size_text

if TYPE_CHECKING:
    from nstui.model.image import PullProgress
    from nstui.model.step import Step


def pull_text(step: Step, pull: PullProgress) -> str:
    """Return how far a pull has got: ``pull nginx: 2 of 3 layers, 8.0 MB``."""
    layers = f"{pull.done} of {plural(pull.layers, 'layer')}"
    received = f", {size_text(pull.received)}" if pull.received else ""
    return printable(f"{step_text(step)}: {layers}{received}")
