"""What a standing watch says of an incident that is over."""

from __future__ import annotations

import pytest

from nstui.analysis.watching.words import past_sentence
from nstui.model.finding import Incident, IncidentCause, Severity
from tests.support.builders import cid


def incident(event: str, *names: str, cause: IncidentCause) -> Incident:
    """Return an incident of the VPN that hits some containers."""
    return Incident(
        cause=cause,
        severity=Severity.ERROR,
        owner=cid("vpn"),
        containers=tuple(map(cid, names)),
        all_names=names,
        findings=(),
        subject="vpn",
        event=event,
        since=None,
        effect="2 containers that joined it have no connection (only lo)",
        remedy="nstui heal vpn",
        is_command=True,
    )


@pytest.mark.parametrize(
    ("event", "words"),
    [
        ("stopped", "stopped"),
        ("was restarted", "was restarted"),
        ("is being removed", "was being removed"),
        ("is in another network", "was in another network"),
        ("is not running", "was not running"),
        ("no longer exists", "no longer existed"),
        ("has no connection (only lo)", "had no connection (only lo)"),
        ("issues\x1b", "issues\\x1b"),
    ],
)
def test_what_is_over_is_said_as_past_and_of_whom(event: str, words: str) -> None:
    over = incident(event, "a", "b", cause=IncidentCause.OWNER_STOPPED)
    assert past_sentence(over, ("a", "b")) == f"vpn {words}: a, b"


@pytest.mark.parametrize(
    ("event", "words"),
    [
        ("ended with exit code 3", "ended with exit code 3"),
        ("keeps exiting and being restarted", "kept exiting and being restarted"),
        (
            "its health check fails; is not running: its last start failed",
            "its health check failed; was not running: its last start failed",
        ),
        ("runs, and cannot be read", "ran, and cannot be read"),
    ],
)
def test_what_a_container_had_of_its_own_is_said_as_past(
    event: str, words: str
) -> None:
    over = incident(event, "vpn", cause=IncidentCause.OWN)
    assert past_sentence(over, ("vpn",)) == f"vpn: {words}"
