"""Writes what the docker command keeps: contexts and certificates."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def add_context(folder: Path, name: str, content: object) -> str:
    """Put a context into the store as the docker command does; return its hash."""
    identity = hashlib.sha256(name.encode()).hexdigest()
    meta = folder / "contexts" / "meta" / identity
    meta.mkdir(parents=True)
    text = content if isinstance(content, str) else json.dumps(content)
    meta.joinpath("meta.json").write_text(text)
    return identity


def add_host(folder: Path, name: str, host: str, **more: object) -> str:
    """Put a context of a host into the store."""
    docker = {"Host": host, "SkipTLSVerify": False, **more}
    return add_context(
        folder, name, {"Name": name, "Metadata": {}, "Endpoints": {"docker": docker}}
    )


def certificates(folder: Path, *names: str) -> dict[str, str]:
    """Write certificates, of which only the names matter here."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        folder.joinpath(f"{name}.pem").write_text("")
    return {name: str(folder / f"{name}.pem") for name in names}
