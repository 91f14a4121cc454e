"""What is said where a library is not installed."""

from __future__ import annotations

import subprocess
import sys

import pytest

WITHOUT = """
import sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"apprise", "prometheus_client"}:
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Absent())
from nstui.telling.opening import check_notifiers, open_metrics
from nstui.telling.target import parse_target
from nstui.errors import UsageProblem

try:
    ACTION
except UsageProblem as problem:
    print(problem)
"""


@pytest.mark.parametrize(
    ("action", "sentence"),
    [
        (
            'check_notifiers(["json://127.0.0.1"])',
            "notifications need apprise: pip install 'nstui[notify]'",
        ),
        (
            'open_metrics(parse_target(":9090"), print)',
            "metrics need prometheus_client: pip install 'nstui[metrics]'",
        ),
    ],
)
def test_a_library_that_is_missing_is_named(action: str, sentence: str) -> None:
    ended = subprocess.run(
        (sys.executable, "-c", WITHOUT.replace("ACTION", action)),
        capture_output=True,
        text=True,
        check=True,
    )
    assert ended.stdout == f"{sentence}\n"
