"""Which calls a ticket lets through."""

from __future__ import annotations

import json

import pytest

from nstui.analysis.guarding.requests import AskedChange, Change
from nstui.analysis.guarding.tickets import Ticket, matches
from tests.support.builders import cid

NOW = 1000.0
VPN = Ticket(
    container=cid("vpn"),
    name="vpn",
    changes=(Change.STOP, Change.RM),
    expires=NOW + 60,
    why="an update",
)


@pytest.mark.parametrize(
    ("ticket", "asked", "lets_through"),
    [
        (VPN, AskedChange(Change.STOP, "vpn"), True),
        (VPN, AskedChange(Change.RM, "/vpn"), True),
        (VPN, AskedChange(Change.RM, cid("vpn"), force=True), True),
        (VPN, AskedChange(Change.RM, cid("vpn")[:12]), True),
        (VPN, AskedChange(Change.RM, cid("vpn")[:11]), False),
        (VPN, AskedChange(Change.RM, cid("vpn")[:1]), False),
        (VPN, AskedChange(Change.RESTART, "vpn"), False),
        (VPN, AskedChange(Change.STOP, "web"), False),
        (VPN, AskedChange(Change.STOP, "vpn2"), False),
        (VPN, AskedChange(Change.STOP, ""), False),
        (VPN, AskedChange(Change.PRUNE, None), False),
        (VPN._replace(changes=(Change.PRUNE,)), AskedChange(Change.PRUNE, None), False),
        (VPN._replace(expires=NOW), AskedChange(Change.STOP, "vpn"), False),
        (VPN._replace(expires=NOW + 0.1), AskedChange(Change.STOP, "vpn"), True),
        (VPN._replace(uses=0), AskedChange(Change.STOP, "vpn"), False),
    ],
)
def test_what_a_ticket_lets_through(
    ticket: Ticket, asked: AskedChange, *, lets_through: bool
) -> None:
    assert matches(ticket, asked, NOW) is lets_through


def test_a_ticket_is_the_same_after_a_restart() -> None:
    assert Ticket.from_json(json.loads(json.dumps(VPN.to_json()))) == VPN


def test_what_may_be_missing() -> None:
    kept = {k: v for k, v in VPN.to_json().items() if k not in {"uses", "why"}}
    assert Ticket.from_json(kept) == VPN._replace(why="")


@pytest.mark.parametrize(
    "value",
    [
        None,
        [],
        "ticket",
        {},
        *(
            {k: v for k, v in VPN.to_json().items() if k != key}
            for key in ("container", "name", "changes", "expires")
        ),
        VPN.to_json() | {"container": 7},
        VPN.to_json() | {"why": None},
        VPN.to_json() | {"changes": ["stop", "explode"]},
        VPN.to_json() | {"changes": 3},
        VPN.to_json() | {"expires": "never"},
        VPN.to_json() | {"expires": True},
        VPN.to_json() | {"uses": [1]},
    ],
)
def test_what_is_no_ticket(value: object) -> None:
    assert Ticket.from_json(value) is None
