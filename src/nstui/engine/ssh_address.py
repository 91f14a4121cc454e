"""Reads an address ``ssh://[user@]host[:port][/path/of/the/socket]``.

What it consists of is passed to ``ssh`` and, by ssh's own configuration, to programs
such as a ``ProxyCommand``. So only characters are taken that no shell interprets.
"""

from __future__ import annotations

import re
from urllib.parse import unquote

from nstui.model.ssh import SshTarget

SSH_SCHEME = "ssh://"

_HOST = r"[A-Za-z0-9_][A-Za-z0-9_.-]*"
_IPV6 = r"\[([0-9A-Fa-f:.]+(?:%[A-Za-z0-9_.-]+)?)\]"
_USER = r"[A-Za-z0-9_.][A-Za-z0-9_.+@-]*"
_PATH = r"/[A-Za-z0-9_./@+,=-]+"
_LARGEST_PORT = 65_535


def parse_ssh(address: str, identity: str | None = None) -> SshTarget:
    """Return what an address means.

    Args:
        address: It begins with ``ssh://``.
        identity: The file with the key to log in with, if one is named beside it.

    Raises:
        ValueError: it makes no sense; the message says what is right.

    """
    rest = address.removeprefix(SSH_SCHEME)
    place, slash, path = rest.partition("/")
    login, at, server = place.rpartition("@")
    if ":" in login:
        raise ValueError("leave out the password: ssh asks for it")
    host, port = _split_port(server)
    user = unquote(login) if at else None
    if user is not None and re.fullmatch(_USER, user) is None:
        raise ValueError("that is no name of a user")
    socket = f"{slash}{unquote(path)}".rstrip("/")
    if socket and (re.fullmatch(_PATH, socket) is None or "?" in rest or "#" in rest):
        raise ValueError("use ssh://user@host:port/path/of/the/socket")
    return SshTarget(
        host=host, user=user, port=port, socket=socket or None, identity=identity
    )


def _split_port(server: str) -> tuple[str, int | None]:
    """Return host and port of ``host``, ``host:port`` or ``[address]:port``."""
    found = re.fullmatch(rf"(?:({_HOST})|{_IPV6})(?::([0-9]*))?", server)
    if found is None:
        raise ValueError("use ssh://user@host")
    # The scope of an address, as in fe80::1%eth0, is quoted in a URL: RFC 6874.
    host = found[1] or found[2].replace("%25", "%")
    if not found[3]:
        return host, None
    port = int(found[3])
    if not 0 < port <= _LARGEST_PORT:
        raise ValueError(f"{port} is not a port")
    return host, port
