"""What ssh says, in one sentence."""

from __future__ import annotations

import pytest

from nstui.errors import Unreachable
from nstui.model.ssh import SshTarget
from nstui.ssh.sentences import ssh_failure

NAS = SshTarget(host="nas", user="me", port=2222)

CHANGED = """\
@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@
@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @
@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@
IT IS POSSIBLE THAT SOMEONE IS DOING SOMETHING NASTY!
Host key verification failed.
"""


@pytest.mark.parametrize(
    ("said", "reason", "sentence"),
    [
        (CHANGED, Unreachable.OTHER, "the host key of me@nas has changed"),
        (CHANGED, Unreachable.OTHER, "log in once with ssh -p 2222 me@nas"),
        (
            "No ED25519 host key is known for nas and you have requested strict c\n",
            Unreachable.LOGIN,
            "not known here: log in once with ssh -p 2222 me@nas, and compare it",
        ),
        (
            "banner of the host\nme@nas: Permission denied (publickey,password).\r\n",
            Unreachable.LOGIN,
            "me@nas refused the login: Permission denied (publickey,password);",
        ),
        (
            "Received disconnect from ::1: 2: Too many authentication failures\n",
            Unreachable.LOGIN,
            "refused the login",
        ),
        (
            "ssh: Could not resolve hostname nas: Name or service not known\n",
            Unreachable.OTHER,
            "there is no host me@nas: its name has no address",
        ),
        (
            "ssh: connect to host nas port 2222: Connection refused\n",
            Unreachable.REFUSED,
            "me@nas refused the connection: no ssh server listens there",
        ),
        (
            "ssh: connect to host nas port 2222: Connection timed out\n",
            Unreachable.TIMED_OUT,
            "me@nas did not answer to ssh in time",
        ),
        (
            "Timeout, server nas not responding.\r\n",
            Unreachable.TIMED_OUT,
            "me@nas did not answer to ssh in time",
        ),
        (
            "Connection timed out during banner exchange\n",
            Unreachable.TIMED_OUT,
            "me@nas did not answer to ssh in time",
        ),
        (
            "ssh: connect to host nas port 22: No route to host\n",
            Unreachable.OTHER,
            "no way to me@nas through the network: connect to host nas port 22: No",
        ),
        (
            "kex_exchange_identification: read: Connection reset by peer\n",
            Unreachable.OTHER,
            "me@nas closed the connection: kex_exchange_identification",
        ),
        (
            "/config: line 3: Bad option: prox\n/config: terminating, 1 bad option\n",
            Unreachable.OTHER,
            "no ssh connection to me@nas: /config: terminating, 1 bad option",
        ),
        (
            "ssh: connect to host jump port 22: Connection refused\nclosed\n",
            Unreachable.REFUSED,
            "jump (asked for me@nas) refused the connection: no ssh server",
        ),
        (
            "ssh: Could not resolve hostname jump: Name or service not known\n",
            Unreachable.OTHER,
            "there is no host jump (asked for me@nas): its name has no address",
        ),
        (
            "ada@jump: Permission denied (publickey).\n",
            Unreachable.LOGIN,
            "jump (asked for me@nas) refused the login: Permission denied",
        ),
        ("", Unreachable.OTHER, "the ssh connection to me@nas was lost"),
        ("\n \n", Unreachable.OTHER, "connection to me@nas was lost"),
    ],
)
def test_each_failure_is_one_sentence(
    said: str, reason: Unreachable, sentence: str
) -> None:
    error = ssh_failure(said, NAS)

    assert error.reason is reason
    assert sentence in str(error)
    assert "\n" not in str(error)


def test_what_the_other_side_says_cannot_reach_the_terminal() -> None:
    error = ssh_failure(f"\x1b]0;x\x07{'long ' * 1000}\x1b[2J\n", NAS)

    assert str(error).isprintable()
    assert len(str(error)) < 300
