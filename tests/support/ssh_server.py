"""An ssh server of the tests' own on the loopback, with users of its own."""

from __future__ import annotations

import fcntl
import os
import shlex
import shutil
import socket
import stat
import subprocess
import tempfile
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from tests.support.busybox_image import find_static_busybox

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_SYSTEM_PATH = "/usr/sbin:/usr/bin:/sbin:/bin"

_CONFIG = """\
ListenAddress 127.0.0.1:{port}
HostKey {folder}/host
AuthorizedKeysFile {folder}/user.pub
PidFile {folder}/sshd.pid
AuthenticationMethods publickey
StrictModes no
UsePAM no

Match User files
    ForceCommand internal-sftp
Match User no-session
    MaxSessions 0
Match User no-socket
    AllowStreamLocalForwarding no
"""

PRIVILEGES = Path("/run/sshd")
"""The empty folder that sshd requires."""

_MADE_BY_TESTS = 0o711
"""Its mode if the tests have made it: that of the distribution is another one."""

START_LIMIT_S = 60.0

OWN_USERS = 'mount --bind "$0" /etc/passwd && exec "$@"'

NOISY_SHELL = """\
#!/bin/sh
echo "* welcome to the noisy host *"
printf 'no line end'
exec /bin/sh "$@"
"""


class SshMissing(Exception):
    """There is no sshd here, or it does not start."""


class SshServer:
    """A server with its own keys and settings.

    With users of its own there are ``root``, ``ash`` (busybox is the login shell) and
    ``noisy`` (the login shell prints before it does anything), all three with root's
    rights, and ``plain``, who has none. Root's rights have also ``no-login`` (the login
    shell is ``nologin``), ``files`` (may only transfer files) and ``no-session`` (runs
    nothing), who have no shell, and ``no-socket``, who has one, and for whom no sockets
    are forwarded.

    Attributes:
        folder: Everything of the server is below it.
        port: Where it listens, on 127.0.0.1.

    """

    def __init__(self, folder: Path) -> None:
        """Take an empty folder."""
        self.folder = folder
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def key(self) -> Path:
        """The file with the key that it accepts."""
        return self.folder / "user"

    @contextmanager
    def serving(
        self,
        *settings: str,
        prefix: tuple[str, ...] = (),
        has_users: bool = False,
    ) -> Iterator[None]:
        """Run the server within the block.

        Args:
            settings: Lines for its configuration, which count before its own.
            prefix: What runs it.
            has_users: Whether it has users of its own.

        Raises:
            SshMissing: There is no sshd here, or it does not start.

        """
        program = shutil.which("sshd", path=_SYSTEM_PATH)
        if program is None or shutil.which("ssh") is None:
            raise SshMissing("openssh-server is not here")
        self._make_keys()
        config = self.folder / "sshd_config"
        given = "".join(f"{line}\n" for line in settings)
        config.write_text(given + _CONFIG.format(folder=self.folder, port=self.port))
        log = self.folder / "sshd.log"
        words = [program, "-D", "-f", str(config), "-E", str(log)]
        if has_users:
            words = [*self._with_users(), *words]
        with privileges():
            process = subprocess.Popen([*prefix, *words], stdin=subprocess.DEVNULL)
            self._process = process
            try:
                _await_answer(process, log)
                yield
            finally:
                self._process = None
                process.terminate()
                process.wait()
                log.unlink(missing_ok=True)

    @contextmanager
    def asleep(self) -> Iterator[None]:
        """Stop the processes of the connections that there are within the block."""
        daemon = self._daemon()
        sessions = [one for one in daemon.children(recursive=True) if one != daemon]
        assert sessions
        with _suspended(sessions):
            yield

    @contextmanager
    def deaf(self) -> Iterator[None]:
        """Let nobody log in within the block."""
        with _suspended([self._daemon()]):
            yield

    def client(self, *settings: str, has_key: bool = True) -> dict[str, str]:
        """Return the environment in which ``ssh`` has a configuration of its own.

        Args:
            settings: Lines of it.
            has_key: Whether it has the key that the server accepts.

        """
        folder = Path(tempfile.mkdtemp(prefix="client-", dir=self.folder))
        known = folder / "known_hosts"
        public = (self.folder / "host.pub").read_text()
        known.write_text(f"[127.0.0.1]:{self.port} {public}")
        lines = (
            *settings,
            f"IdentityFile {self.key if has_key else 'none'}",
            "IdentitiesOnly yes",
            f"UserKnownHostsFile {known}",
            "GlobalKnownHostsFile none",
        )
        config = folder / "config"
        config.write_text("".join(f"{line}\n" for line in lines))
        # ssh finds the home of its user in the list of users, not in $HOME.
        real = shlex.quote(shutil.which("ssh") or "ssh")
        program = folder / "ssh"
        program.write_text(f'#!/bin/sh\nexec {real} -F {config} "$@"\n')
        program.chmod(0o755)
        return {"PATH": f"{folder}:{os.environ['PATH']}"}

    def url(self, user: str = "root", path: str = "") -> str:
        """Return its address for nstui."""
        return f"ssh://{user}@127.0.0.1:{self.port}{path}"

    def _daemon(self) -> psutil.Process:
        assert self._process is not None
        return psutil.Process(self._process.pid)

    def _make_keys(self) -> None:
        for name in ("host", "user"):
            if not (self.folder / name).exists():
                keygen = ("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f")
                subprocess.run((*keygen, str(self.folder / name)), check=True)
        # It is read as the user who logs in, whatever the umask here is.
        self.folder.joinpath("user.pub").chmod(0o644)

    def _with_users(self) -> list[str]:
        """Return what runs a command with other users, whom nobody else sees."""
        busybox = find_static_busybox()
        if busybox is None:
            raise SshMissing("busybox-static is not here")
        ash, noisy = self.folder / "ash", self.folder / "noisy"
        ash.symlink_to(busybox)
        noisy.write_text(NOISY_SHELL)
        noisy.chmod(0o755)
        users = self.folder / "passwd"
        root = f"0:0::{self.folder}"
        users.write_text(
            f"root:x:{root}:/bin/bash\nash:x:{root}:{ash}\nnoisy:x:{root}:{noisy}\n"
            f"no-login:x:{root}:/usr/sbin/nologin\nfiles:x:{root}:/bin/sh\n"
            f"no-session:x:{root}:/bin/sh\nno-socket:x:{root}:/bin/sh\n"
            f"plain:x:4242:4242::/:/bin/sh\nsshd:x:65533:65534::/:/bin/false\n"
        )
        self.folder.chmod(0o755)
        return ["unshare", "--mount", "sh", "-c", OWN_USERS, str(users)]


@contextmanager
def privileges() -> Iterator[None]:
    """Keep the empty folder that sshd requires at each login.

    All servers of the machine share it. If the tests have made it, the last of them
    removes it.
    """
    kept = _kept_folder()
    try:
        yield
    finally:
        with suppress(OSError):
            if stat.S_IMODE(os.fstat(kept).st_mode) == _MADE_BY_TESTS:
                fcntl.flock(kept, fcntl.LOCK_EX | fcntl.LOCK_NB)
                PRIVILEGES.rmdir()
        os.close(kept)


def _kept_folder() -> int:
    """Return a descriptor of the folder, locked along with those who keep it, too."""
    while True:
        with suppress(FileExistsError):
            PRIVILEGES.mkdir(mode=_MADE_BY_TESTS)
        with suppress(FileNotFoundError):
            kept = os.open(PRIVILEGES, os.O_RDONLY | os.O_DIRECTORY)
            fcntl.flock(kept, fcntl.LOCK_SH)
            # Until it was locked, somebody else may have removed it.
            if (
                PRIVILEGES.exists()
                and PRIVILEGES.stat().st_ino == os.fstat(kept).st_ino
            ):
                return kept
            os.close(kept)


@contextmanager
def _suspended(processes: Sequence[psutil.Process]) -> Iterator[None]:
    for process in processes:
        process.suspend()
    try:
        yield
    finally:
        for process in processes:
            with suppress(psutil.NoSuchProcess):
                process.resume()


def _await_answer(server: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + START_LIMIT_S
    while time.monotonic() < end and server.poll() is None:
        if log.exists() and "listening on" in log.read_text():
            return
        time.sleep(0.02)
    said = log.read_text().splitlines()[-1:] if log.exists() else ()
    raise SshMissing(" ".join(["sshd does not start:", *said]))


def free_port() -> int:
    """Return a port of the loopback that nobody uses."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
        assert isinstance(port, int)
        return port
