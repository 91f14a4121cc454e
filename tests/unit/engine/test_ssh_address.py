"""What an address of ssh means."""

from __future__ import annotations

import pytest

from nstui.engine.ssh_address import parse_ssh
from nstui.model.ssh import SshTarget


@pytest.mark.parametrize(
    ("address", "meant"),
    [
        ("ssh://box", SshTarget(host="box")),
        # ssh compares its patterns with the name as it was given.
        ("ssh://NAS_1.lan", SshTarget(host="NAS_1.lan")),
        ("ssh://me@box", SshTarget(host="box", user="me")),
        ("ssh://me%40corp@box", SshTarget(host="box", user="me@corp")),
        ("ssh://me@box:22", SshTarget(host="box", user="me", port=22)),
        ("ssh://box:", SshTarget(host="box")),
        ("ssh://box/", SshTarget(host="box")),
        ("ssh://10.0.0.1:22/", SshTarget(host="10.0.0.1", port=22)),
        ("ssh://[::1]", SshTarget(host="::1")),
        (
            "ssh://me@[fe80::1%25eth0]:22",
            SshTarget(host="fe80::1%eth0", user="me", port=22),
        ),
        (
            "ssh://me@[fe80::1%eth0]:22",
            SshTarget(host="fe80::1%eth0", user="me", port=22),
        ),
        (
            "ssh://box/run/user/1000/docker.sock",
            SshTarget(host="box", socket="/run/user/1000/docker.sock"),
        ),
        ("ssh://box/a%2Bb", SshTarget(host="box", socket="/a+b")),
    ],
)
def test_addresses(address: str, meant: SshTarget) -> None:
    assert parse_ssh(address) == meant


def test_the_words_log_in_there() -> None:
    assert SshTarget(host="box").words == "box"
    assert SshTarget(host="box", user="me", port=22).words == "-p 22 me@box"
