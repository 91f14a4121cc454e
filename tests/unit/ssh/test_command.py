"""What ssh is told."""

from __future__ import annotations

import pytest

from nstui.model.ssh import SshTarget
from nstui.ssh.command import master_command, run_command

NAS = SshTarget(host="nas", user="me", port=2222, identity="/home/me/key")
CONTROL = "/run/x/master"


@pytest.mark.parametrize(("may_ask", "batch"), [(True, "no"), (False, "yes")])
def test_the_master_asks_only_if_it_may(
    may_ask: bool,  # noqa: FBT001 - a parameter of the test
    batch: str,
) -> None:
    words = master_command(NAS, CONTROL, may_ask=may_ask)

    assert f"BatchMode={batch}" in words
    assert words[-8:] == ("-i", "/home/me/key", "-p", "2222", "-l", "me", "--", "nas")


def test_what_is_not_given_is_left_to_the_configuration() -> None:
    words = master_command(SshTarget(host="nas"), CONTROL, may_ask=True)

    assert not {"-i", "-p", "-l", "-F"} & {*words}
    assert words[-2:] == ("--", "nas")


def test_a_command_makes_no_connection_of_its_own() -> None:
    words = run_command(NAS, CONTROL, "exec /bin/sh")

    assert {"BatchMode=yes", "ControlMaster=no", "ProxyCommand=false"} <= {*words}
    assert words[words.index("-S") + 1] == CONTROL
    assert words[-3:] == ("--", "nas", "exec /bin/sh")
