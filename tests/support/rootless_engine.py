"""A Docker engine in a user namespace, without control groups, as a user runs one."""

from __future__ import annotations

import os

from tests.support.private_engine import PrivateEngine

_FIRST_USER, _USERS = 100_000, 65_536
"""The users of this machine that those in the namespace are, and their number."""

_ENTER = """
unshare --user --net --mount sleep 5 &
holder=$!
map="0 {first} {users}"
while kill -0 $holder && ! echo "$map" >/proc/$holder/uid_map; do
    "$0" sleep 0.05
done 2>"{folder}/mapping"
echo "$map" >/proc/$holder/gid_map
export ROOTLESSKIT_STATE_DIR="{folder}" ROOTLESSKIT_PARENT_EUID={first}
export XDG_RUNTIME_DIR="{folder}" HOME="{folder}" PATH="{folder}/bin:$PATH"
exec nsenter --target=$holder --user --net --mount --setuid=0 --setgid=0 \\
    sh -c 'mount --make-rprivate / && mount -t tmpfs run /run &&
        ip link set lo up && exec "$@"' sh "$@"
"""
"""What rootlesskit does, but for its network: the maps are written from outside. An
engine in it that sees no systemd leaves control groups alone."""


class RootlessEngine(PrivateEngine):
    """An engine of the tests' own whose root is an ordinary user of the machine."""

    def __init__(self) -> None:
        super().__init__()
        self.settings = {"group": "0", "storage-driver": "vfs"}
        proxy = self.folder / "bin" / "rootlesskit-docker-proxy"
        proxy.parent.mkdir()
        # It forwards ports, of which the tests publish none.
        proxy.symlink_to("/bin/true")
        os.chown(self.folder, _FIRST_USER, _FIRST_USER)
        self.folder.chmod(0o755)

    def _isolated(self) -> list[str]:
        """Return what runs a command apart; the path of busybox comes before it."""
        script = _ENTER.format(folder=self.folder, first=_FIRST_USER, users=_USERS)
        return ["sh", "-c", script]
