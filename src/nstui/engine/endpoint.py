"""Finds the engine's endpoint from options, the environment and docker contexts.

The SDK could read the contexts, but it uses the local engine if a context does not
exist or its file is damaged. The engine that containers are removed from must not be a
guess. The layout is that of ``cli/context/store`` in github.com/docker/cli.
"""

from __future__ import annotations

import json
import os
import stat
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

from nstui.engine.podman_connections import podman_connections
from nstui.engine.ssh_address import SSH_SCHEME, parse_ssh
from nstui.errors import EngineUnreachable, Unreachable, UsageProblem
from nstui.model.frozen import dataclass
from nstui.model.json import inner, text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from nstui.model.ssh import SshTarget


DEFAULT_URL = "unix:///var/run/docker.sock"
DEFAULT_CONTEXT = "default"
"""The context that means the address in ``DOCKER_HOST``, or else the local engine."""

UNIX_SCHEME = "unix://"
_CONTEXT = "the docker context "
_CONNECTION = "the connection of Podman "
PLAIN_PORT = 2375
TLS_PORT = 2376
"""The default ports of the docker command, with and without TLS."""


@dataclass(frozen=True, slots=True)
class StoredContext:
    """A context, as stored by the docker command."""

    host: str
    skip_verify: bool
    tls_folder: Path
    """The folder of its certificates, if it has any."""


def config_folder(environ: Mapping[str, str]) -> Path:
    """Return the docker command's configuration folder."""
    chosen = environ.get("DOCKER_CONFIG")
    if chosen:
        return Path(chosen)
    home = environ.get("HOME")
    return (Path(home) if home else Path("~").expanduser()) / ".docker"


def current_context(folder: Path) -> str:
    """Return the context chosen by ``docker context use``; empty if none was."""
    path = folder / "config.json"
    return text(_read(path, f"the docker configuration {path}"), "currentContext")


def context_names(folder: Path) -> tuple[str, ...]:
    """Return the names of the stored contexts, in order; those that can be read.

    Args:
        folder: The docker command's configuration folder.

    """
    names = set()
    for path in (folder / "contexts" / "meta").glob("*/meta.json"):
        with suppress(EngineUnreachable):
            names.add(text(_read(path, str(path)), "Name"))
    return tuple(sorted(names - {""}))


def names_for_context(environ: Mapping[str, str]) -> frozenset[str]:
    """Return what ``--context`` takes: docker's contexts and Podman's connections.

    Args:
        environ: The environment.

    """
    names = context_names(config_folder(environ))
    return frozenset(names).union(podman_connections(environ))


def load_context(folder: Path, name: str, origin: str) -> StoredContext:
    """Return a context by its name.

    Args:
        folder: The docker command's configuration folder.
        name: The name of the context.
        origin: Where the name comes from, for error messages.

    Raises:
        EngineUnreachable: the context does not exist or cannot be used.

    """
    import hashlib  # noqa: PLC0415

    identity = hashlib.sha256(name.encode()).hexdigest()
    path = folder / "contexts" / "meta" / identity / "meta.json"
    subject = f"the docker context {name!r}"
    raw = _read(path, f"{subject} ({path})")
    if not raw:
        raise EngineUnreachable(
            f"{subject}, named by {origin}, does not exist; "
            "docker context ls lists those that do",
            Unreachable.UNKNOWN_CONTEXT,
        )
    docker = inner(inner(raw, "Endpoints"), "docker")
    host = text(docker, "Host")
    if not host:
        raise EngineUnreachable(f"{subject} names no Docker engine: see {path}")
    return StoredContext(
        host=host,
        skip_verify=docker.get("SkipTLSVerify") is True,
        tls_folder=folder / "contexts" / "tls" / identity / "docker",
    )


def _read(path: Path, subject: str) -> Mapping[str, object]:
    """Return the JSON object in a file; empty if the file does not exist."""
    try:
        content: object = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as problem:
        raise EngineUnreachable(
            f"{subject} cannot be read: {problem.strerror}"
        ) from problem
    except ValueError as problem:
        raise EngineUnreachable(f"{subject} is not valid JSON") from problem
    if not isinstance(content, dict):
        raise EngineUnreachable(f"{subject} is not a JSON object")
    return content


@dataclass(frozen=True, slots=True)
class Tls:
    """The TLS settings of a connection; files are given as paths of PEM files."""

    ca: str | None
    """The authority for the engine's certificate; None for those of the system."""

    cert: str | None
    key: str | None
    verify: bool


class Via(Protocol):
    """The way to an engine that cannot be connected to directly."""

    @property
    def socket_path(self) -> str:
        """The path of the Unix socket on this machine that leads to the engine."""

    def problem(self) -> EngineUnreachable | None:
        """Return why a request has failed just now, if that is due to the way."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The address of an engine."""

    url: str
    """``unix:///path``, ``tcp://host:port`` or ``ssh://user@host:port/path``."""

    context: str | None
    """The docker context that names the address; None if it was given directly."""

    tls: Tls | None = None
    instead: str = ""
    """What else was tried, or would have to be named, as a part of a sentence; empty if
    the user chose the engine. For the error if nobody answers."""
    ssh: SshTarget | None = None
    """The machine to log in to, for an ``ssh://`` address."""

    via: Via | None = None
    """The way to an engine that ssh is needed for, once there is one."""

    is_connection: bool = False
    """Whether the name is that of a connection of Podman, and of no docker context."""

    @property
    def label(self) -> str:
        """The address, with the context unless that is the default one."""
        if self.context in {None, DEFAULT_CONTEXT}:
            return self.url
        return f"{self.url} (docker context {self.context!r})"

    @property
    def socket_path(self) -> str | None:
        """The path of the Unix socket to connect to; None for TCP."""
        if self.via is not None:
            return self.via.socket_path
        if not self.url.startswith(UNIX_SCHEME):
            return None
        return self.url.removeprefix(UNIX_SCHEME)

    def through(self, via: Via) -> Endpoint:
        """Return the endpoint with the way that leads there."""
        return replace(self, via=via)

    def at(self, path: str) -> Endpoint:
        """Return the endpoint of another socket on a machine behind ssh."""
        assert self.ssh is not None  # noqa: S101 - the caller has a way through ssh
        url = self.url.removesuffix(self.ssh.socket or "").rstrip("/")
        return replace(self, url=f"{url}{path}", ssh=replace(self.ssh, socket=path))

    @property
    def is_local_socket(self) -> bool:
        """Whether the engine itself listens on a Unix socket of this machine."""
        return self.url.startswith(UNIX_SCHEME)

    @property
    def transport_url(self) -> str:
        """The address for programs and libraries: that of the socket, if there is."""
        path = self.socket_path
        return self.url if path is None else f"{UNIX_SCHEME}{path}"


def resolve_endpoint(
    host: str | None,
    context: str | None,
    environ: Mapping[str, str],
    origin: str = "",
) -> Endpoint:
    """Return the endpoint of the engine to use, in the docker command's order.

    The order is ``--host``, ``--context``, ``DOCKER_HOST``, ``DOCKER_CONTEXT``, the
    context chosen by ``docker context use``, and last the local engine. If a context
    does not exist, the local engine is not used instead. If nothing names an engine and
    the machine's socket is missing or not for this user, it is the user's own rootless
    Docker, if that has a socket.

    Args:
        host: The value of ``--host``.
        context: The value of ``--context``.
        environ: The environment.
        origin: What names them, for error messages; empty for these options.

    Raises:
        UsageProblem: both a host and a context are given, or an address is malformed.
        EngineUnreachable: the context does not exist or cannot be used.

    """
    if host is not None and context is not None:
        raise UsageProblem("give either --host or --context, not both")
    if host is not None:
        return _by_address(host, origin or "--host", None, environ)
    folder = config_folder(environ)
    if context is not None:
        return _by_context(context, origin or "--context", folder, environ)
    if environ.get("DOCKER_HOST"):
        return _by_address(environ["DOCKER_HOST"], "DOCKER_HOST", None, environ)
    if environ.get("DOCKER_CONTEXT"):
        return _by_context(environ["DOCKER_CONTEXT"], "DOCKER_CONTEXT", folder, environ)
    chosen = current_context(folder)
    if not chosen:
        return choose_local(environ.get("XDG_RUNTIME_DIR", ""), _socket_problem)
    return _by_context(chosen, str(folder / "config.json"), folder, environ)


def choose_local(folder: str, problem_of: Callable[[str], str]) -> Endpoint:
    """Return the engine of a user who names none.

    Podman's socket is never chosen: a name there may be another container than the one
    that the user knows from Docker. If there is no other, it is told how to name it.

    Args:
        folder: ``XDG_RUNTIME_DIR``, where rootless engines listen; empty if unset.
        problem_of: Returns why a socket cannot be used, as ``does not exist``; empty if
            it can.

    """
    problem = problem_of(DEFAULT_URL.removeprefix(UNIX_SCHEME))
    if not problem or not folder.startswith("/"):
        return Endpoint(DEFAULT_URL, DEFAULT_CONTEXT)
    own = f"{folder.rstrip('/')}/docker.sock"
    own_problem = problem_of(own)
    if not own_problem:
        return Endpoint(f"{UNIX_SCHEME}{own}", None, None, f"{DEFAULT_URL} {problem}")
    instead = f"{UNIX_SCHEME}{own} {own_problem}"
    podman = f"{folder.rstrip('/')}/podman/podman.sock"
    if not problem_of(podman):
        instead += f"; for Podman give --host {UNIX_SCHEME}{podman}"
    return Endpoint(DEFAULT_URL, DEFAULT_CONTEXT, None, instead)


def _socket_problem(path: str) -> str:
    try:
        is_socket = stat.S_ISSOCK(os.stat(path).st_mode)  # noqa: PTH116 - a string
    except PermissionError:
        return "is closed to this user"
    except OSError:
        return "does not exist"
    if not is_socket:
        return "is not a socket"
    return "" if os.access(path, os.R_OK | os.W_OK) else "is closed to this user"


def _by_context(
    name: str, origin: str, folder: Path, environ: Mapping[str, str]
) -> Endpoint:
    if name == DEFAULT_CONTEXT:
        address = environ.get("DOCKER_HOST") or DEFAULT_URL
        return _by_address(address, "DOCKER_HOST", DEFAULT_CONTEXT, environ)
    try:
        stored = load_context(folder, name, origin)
    except EngineUnreachable as missing:
        found = podman_connections(environ).get(name)
        if found is None or missing.reason is not Unreachable.UNKNOWN_CONTEXT:
            raise
        subject = f"{_CONNECTION}{name!r}"
        named = _endpoint(found.uri, subject, name, None, found.identity)
        return replace(named, is_connection=True)
    tls = None
    if not stored.host.startswith((UNIX_SCHEME, SSH_SCHEME)):
        tls = _tls(stored.tls_folder, verify=not stored.skip_verify)
        if tls == Tls(None, None, None, verify=True):
            tls = None
    return _endpoint(stored.host, f"{_CONTEXT}{name!r}", name, tls)


def _by_address(
    address: str, origin: str, context: str | None, environ: Mapping[str, str]
) -> Endpoint:
    tls = None
    verify = bool(environ.get("DOCKER_TLS_VERIFY"))
    without = (UNIX_SCHEME, SSH_SCHEME)
    if (verify or environ.get("DOCKER_TLS")) and not address.startswith(without):
        folder = Path(environ.get("DOCKER_CERT_PATH") or config_folder(environ))
        tls = _tls(folder, verify=verify)
        if verify and tls.ca is None:
            raise UsageProblem(
                f"DOCKER_TLS_VERIFY is set, but {folder / 'ca.pem'} cannot be read"
            )
    return _endpoint(address, origin, context, tls)


def _tls(folder: Path, *, verify: bool) -> Tls:
    names = ("ca.pem", "cert.pem", "key.pem")
    paths = (str(folder / name) for name in names)
    ca, cert, key = (path if os.access(path, os.R_OK) else None for path in paths)
    return Tls(ca, cert, key, verify)


def _endpoint(
    address: str,
    origin: str,
    context: str | None,
    tls: Tls | None,
    identity: str | None = None,
) -> Endpoint:
    """Return the endpoint for an address, after checking and completing it."""
    problem = f"{origin} {address!r} is not an engine address"
    if origin.startswith((_CONTEXT, _CONNECTION)):
        problem = f"{address!r} of {origin} is not an engine address"
    if address.startswith(SSH_SCHEME):
        try:
            target = parse_ssh(address, identity)
        except ValueError as reason:
            raise UsageProblem(f"{_shown(problem, address)}: {reason}") from reason
        return Endpoint(address.rstrip("/"), context, ssh=target)
    if address.startswith(UNIX_SCHEME):
        path = address.removeprefix(UNIX_SCHEME)
        if not path.startswith("/") or set(path) & set("?#\0"):
            raise UsageProblem(f"{problem}: use unix:///path/of/the/socket")
        return Endpoint(address, context)
    if not address.startswith("tcp://"):
        raise UsageProblem(
            f"{problem}: use unix:///path/of/the/socket, tcp://host:port or"
            " ssh://user@host"
        )
    return Endpoint(_complete_tcp(address, problem, tls), context, tls)


def _shown(problem: str, address: str) -> str:
    """Return what is said of an address, without a password that is part of it."""
    login, at, place = address.removeprefix(SSH_SCHEME).partition("@")
    user, colon, _ = login.partition(":")
    if not (at and colon):
        return problem
    return problem.replace(repr(address), repr(f"{SSH_SCHEME}{user}:…@{place}"))


def _complete_tcp(address: str, problem: str, tls: Tls | None) -> str:
    """Return a ``tcp://`` address with the default port if it has none."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError as reason:
        raise UsageProblem(f"{problem}: {reason}") from reason
    if not parts.hostname or "@" in parts.netloc or parts.query or parts.fragment:
        raise UsageProblem(f"{problem}: use tcp://host:port")
    if port == 0:
        raise UsageProblem(f"{problem}: 0 is not a port")
    if port is None:
        port = PLAIN_PORT if tls is None else TLS_PORT
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"tcp://{host}:{port}{parts.path.rstrip('/')}"
