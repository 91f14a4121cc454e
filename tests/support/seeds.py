"""How many of the random tests are run."""

from __future__ import annotations

import os

THOROUGH = "NSTUI_TEST_THOROUGH"
"""The environment variable with which all of them are run, as every night."""


def seeds(count: int) -> range:
    """Return the seeds of a random test: half of them, unless all are wanted."""
    return range(count if os.environ.get(THOROUGH) else (count + 1) // 2)
