"""How long new containers are looked at before they are taken for well."""

from __future__ import annotations

import pytest

from nstui.model.step import Step, Verb
from nstui.service.recompose import steady_time
from tests.support.builders import cid


@pytest.mark.parametrize(
    ("recreated", "restarted", "seconds"),
    [(1, 0, 3.0), (1, 20, 3.0), (5, 0, 3.0), (10, 0, 1.5), (40, 0, 1.0), (0, 3, 3.0)],
)
def test_many_have_less_time_each(
    recreated: int, restarted: int, seconds: float
) -> None:
    verbs = [Verb.RECREATE] * recreated + [Verb.RESTART] * restarted
    steps = [Step(verb=verb, container=cid("a"), name="a") for verb in verbs]
    assert steady_time(steps) == seconds
