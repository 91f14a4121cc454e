"""The docker command's configuration: its current context, and its contexts' store.

Read here and not by the SDK, which takes an unknown context for the local engine and
a damaged file for none: whoever removes containers must know whose they are. The
layout is that of ``cli/context/store`` in github.com/docker/cli.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from nstui.engine._json import mapping, text
from nstui.errors import EngineUnreachable, Unreachable

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class StoredContext:
    """What the store says of one context."""

    host: str
    skip_verify: bool
    tls_folder: Path
    """Where its certificates are, if it has any."""


def config_folder(environ: Mapping[str, str]) -> Path:
    """Return the folder of the docker command's configuration."""
    chosen = environ.get("DOCKER_CONFIG")
    if chosen:
        return Path(chosen)
    home = environ.get("HOME")
    return (Path(home) if home else Path("~").expanduser()) / ".docker"


def current_context(folder: Path) -> str:
    """Return the context that ``docker context use`` chose, or ``""``."""
    path = folder / "config.json"
    return text(_read(path, f"the docker configuration {path}"), "currentContext")


def load_context(folder: Path, name: str, origin: str) -> StoredContext:
    """Return a context by its name.

    Args:
        folder: The folder of the docker command's configuration.
        name: The context.
        origin: Who named it, for the sentence that says it does not exist.

    """
    # Most runs name no context: they do without the import of OpenSSL.
    import hashlib  # noqa: PLC0415 - as above

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
    docker = mapping(mapping(raw.get("Endpoints")).get("docker"))
    host = text(docker, "Host")
    if not host:
        raise EngineUnreachable(f"{subject} names no Docker engine: see {path}")
    return StoredContext(
        host=host,
        skip_verify=docker.get("SkipTLSVerify") is True,
        tls_folder=folder / "contexts" / "tls" / identity / "docker",
    )


def _read(path: Path, subject: str) -> Mapping[str, object]:
    """Return the JSON object in a file; an empty one if there is no such file."""
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
