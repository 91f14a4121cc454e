"""Pulls images from registries, with the credentials that docker uses."""

from __future__ import annotations

import shutil
import threading
from typing import TYPE_CHECKING

from docker.auth import (
    encode_header,
    get_credential_store,
    load_config,
    resolve_authconfig,
    resolve_repository_name,
)
from docker.credentials.constants import PROGRAM_PREFIX
from docker.errors import DockerException
from docker.utils import parse_repository_tag

from nstui.engine.images import PullReport, find_image
from nstui.errors import EngineRefused, EngineUnreachable, PullFailed, Unreachable
from nstui.model.frozen import dataclass
from nstui.model.image import PullProgress, is_image_id
from nstui.model.json import inner, text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from nstui.engine.client import ApiClient
    from nstui.model.image import Image


PULL_SILENCE_S = 120.0
"""Maximum time in seconds for which an engine may report nothing during a pull.

Docker itself waits without limit for a registry that has stopped in a layer.
"""

CREDENTIALS_S = 20.0
"""Maximum time in seconds for a credential helper, which may wait for a person."""


@dataclass(frozen=True, slots=True)
class _NoCredentials:
    """The reason why the credentials of a registry cannot be read."""

    why: str


def pull_image(
    connection: ApiClient,
    reference: str,
    on_progress: Callable[[PullProgress], None],
    platform: str = "",
) -> Image:
    """Pull an image; see `ports.ContainerEngine.pull`."""
    if is_image_id(reference):
        raise PullFailed(f"{reference} is the id of an image: no registry knows it")
    repository, tag = parse_repository_tag(reference)
    parameters = {"fromImage": repository, "tag": tag or "latest"}
    if platform:
        parameters["platform"] = platform
    credentials = _credentials(repository)
    problem = ""
    if isinstance(credentials, _NoCredentials):
        # Most images need none, and the docker command ignores this as well.
        problem = f" (and the credentials for it cannot be read: {credentials.why})"
        credentials = {}
    try:
        _follow(connection, parameters, credentials, on_progress)
    except EngineRefused as refusal:
        raise PullFailed(
            f"{reference} cannot be pulled: {refusal}{problem}"
        ) from refusal
    except EngineUnreachable as error:
        if error.reason is not Unreachable.TIMED_OUT:
            raise
        raise PullFailed(
            f"{reference} cannot be pulled: the engine has reported nothing about it "
            f"for {PULL_SILENCE_S:g} s"
        ) from error
    found = find_image(connection, reference)
    if found is None:
        raise PullFailed(f"{reference} was pulled, and the engine has it no longer")
    return found


def _follow(
    connection: ApiClient,
    parameters: Mapping[str, str],
    headers: Mapping[str, str],
    on_progress: Callable[[PullProgress], None],
) -> None:
    """Request a pull, and follow it to its end."""
    report, last = PullReport(), PullProgress()
    with connection.reporting(
        "images/create", parameters, headers, PULL_SILENCE_S
    ) as lines:
        for line in lines:
            problem = text(inner(line, "errorDetail"), "message") or text(line, "error")
            if problem:
                raise EngineRefused(" ".join(problem.split()))
            progress = report.add(line)
            if progress != last:
                last = progress
                on_progress(progress)


def _credentials(repository: str) -> Mapping[str, str] | _NoCredentials:
    """Return the headers that authenticate at a repository's registry."""
    found: list[Mapping[str, str] | _NoCredentials] = []

    def look() -> None:
        try:
            found.append(_read_credentials(repository))
        except (DockerException, OSError, ValueError, LookupError) as problem:
            found.append(_NoCredentials(" ".join(str(problem).split())))

    # The SDK waits without limit for a credential helper.
    reader = threading.Thread(target=look, name="credentials", daemon=True)
    reader.start()
    reader.join(CREDENTIALS_S)
    return (
        found[0] if found else _NoCredentials(f"no answer within {CREDENTIALS_S:g} s")
    )


def _read_credentials(repository: str) -> Mapping[str, str]:
    registry, _ = resolve_repository_name(repository)
    config = load_config()
    helper = get_credential_store(config, registry)
    program = f"{PROGRAM_PREFIX}{helper}"
    if helper and shutil.which(program) is None:
        # The SDK would write a warning across the screen as well.
        raise FileNotFoundError(f"{program} is not installed")
    found = resolve_authconfig(config, registry)
    return {"X-Registry-Auth": encode_header(found).decode()} if found else {}
