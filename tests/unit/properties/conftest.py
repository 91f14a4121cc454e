"""How long the properties are searched for a counterexample."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

PROFILE_VARIABLE = "NSTUI_PROPERTIES"
"""Names a profile: ``search`` looks for much longer, and elsewhere each time."""

# Most hosts that are drawn cannot be narrowed down to one that a property is about.
_PATIENT = [HealthCheck.filter_too_much, HealthCheck.too_slow]

settings.register_profile(
    "same",
    database=None,
    deadline=None,
    derandomize=True,
    max_examples=100,
    suppress_health_check=_PATIENT,
)
settings.register_profile(
    "search",
    database=None,
    deadline=None,
    max_examples=3000,
    suppress_health_check=_PATIENT,
)
settings.load_profile(os.environ.get(PROFILE_VARIABLE, "same"))
