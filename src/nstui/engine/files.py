"""Reads and copies single files in containers.

Compose v2 makes files of what a project's own text or a variable holds: it copies them
into the container between its creation and its start. They are in no image and in no
volume, so a container that is made by somebody else is without them.
"""

from __future__ import annotations

import io
import tarfile
from contextlib import contextmanager
from http import HTTPStatus
from typing import IO, TYPE_CHECKING

from docker.errors import create_api_error_from_http_exception
from requests import HTTPError

from nstui.errors import EngineRefused

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from docker import APIClient
    from requests import Response

    from nstui.engine.client import ApiClient
    from nstui.model.container import ContainerId


_CHUNK = 1 << 16

LARGEST_FILE = 16 << 20
"""As many bytes a file may have that is carried; compose's own have far fewer."""


def carry_file(
    connection: ApiClient, source: ContainerId, target: ContainerId, path: str
) -> bool:
    """Put one file of a container into another one; return whether there was one.

    Its owner, its mode and its time stay; the folders above it are made as compose has
    them made.

    Raises:
        ContainerVanished: one of the containers is no longer there.
        EngineRefused: it is no plain file, or too large, or the engine refuses it.
        EngineUnreachable: nobody answers, or not in time.

    """
    found = _archive(connection, source, path)
    if found is None:
        return False
    archive = repacked(found, path)
    with connection.acting(target) as client:
        client.put_archive(target, "/", archive)
    return True


def read_file(connection: ApiClient, container: ContainerId, path: str) -> bytes | None:
    """Return the content of a file of a container; None if it is not there.

    Raises:
        ContainerVanished: the container is no longer there.
        EngineRefused: it is no plain file, or too large, or the engine refuses it.
        EngineUnreachable: nobody answers, or not in time.

    """
    found = _archive(connection, container, path)
    if found is None:
        return None
    with _opened(found, path) as (_, content):
        return content.read()


def repacked(archive: bytes, path: str) -> bytes:
    """Return an archive of one file, as it was and under its whole path.

    Raises:
        EngineRefused: it is an archive of something else.

    """
    made = io.BytesIO()
    with (
        _opened(archive, path) as (member, content),
        tarfile.open(fileobj=made, mode="w") as new,
    ):
        new.addfile(member.replace(name=path.lstrip("/")), content)
    return made.getvalue()


@contextmanager
def _opened(archive: bytes, path: str) -> Iterator[tuple[tarfile.TarInfo, IO[bytes]]]:
    try:
        with tarfile.open(fileobj=io.BytesIO(archive)) as given:
            member = given.next()
            is_file = member is not None and member.isreg()
            content = given.extractfile(member) if member and is_file else None
            if member is None or content is None:
                raise EngineRefused(f"{path} is no plain file")
            yield member, content
    except tarfile.TarError as problem:
        raise EngineRefused(f"{path} cannot be read: {problem}") from problem


def _archive(connection: ApiClient, container: ContainerId, path: str) -> bytes | None:
    with (
        connection.acting(container) as client,
        _asked(client, container, path) as response,
    ):
        if response.ok:
            return _joined(response.iter_content(_CHUNK), path)
        try:
            response.raise_for_status()
        except HTTPError as problem:
            if response.status_code != HTTPStatus.NOT_FOUND:
                create_api_error_from_http_exception(problem)
    # Nothing tells a file that is not there from a container that is not.
    connection.inspect(container)
    return None


def _asked(client: APIClient, container: ContainerId, path: str) -> Response:
    """Ask for a file; the SDK's own call leaves an answer open that it does not read.

    The answer has to be closed.
    """
    return client.get(
        f"{client.base_url}/v{client.api_version}/containers/{container}/archive",
        params={"path": path},
        stream=True,
        timeout=client.timeout,
    )


def _joined(chunks: Iterable[bytes], path: str) -> bytes:
    found = bytearray()
    for chunk in chunks:
        found += chunk
        if len(found) > LARGEST_FILE:
            raise EngineRefused(f"{path} is larger than {LARGEST_FILE >> 20} MiB")
    return bytes(found)
