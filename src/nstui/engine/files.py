"""Reads and copies single files in containers.

If a secret or config is defined by a text or a variable, compose v2 copies it as a file
into the container between its creation and its start. Such a file is in no image and no
volume, so a container that is created by another program lacks it.
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

MAX_FILE_BYTES = 16 << 20
"""The largest size in bytes of a file to copy; compose's own files are far smaller."""


def carry_file(
    connection: ApiClient, source: ContainerId, target: ContainerId, path: str
) -> bool:
    """Copy a file from one container to another; return whether it existed.

    The file keeps its owner, mode and time. The folders above it are created by the
    engine, as they are for compose.

    Raises:
        ContainerVanished: one of the containers no longer exists.
        EngineRefused: the file is not regular or too large, or the engine refuses.
        EngineUnreachable: the engine does not answer, or not in time.

    """
    found = _archive(connection, source, path)
    if found is None:
        return False
    archive = repack(found, path)
    with connection.acting(target) as client:
        client.put_archive(target, "/", archive)
    return True


def read_file(connection: ApiClient, container: ContainerId, path: str) -> bytes | None:
    """Return the content of a file in a container; None if it does not exist.

    Raises:
        ContainerVanished: the container no longer exists.
        EngineRefused: the file is not regular or too large, or the engine refuses.
        EngineUnreachable: the engine does not answer, or not in time.

    """
    found = _archive(connection, container, path)
    if found is None:
        return None
    with _open_archive(found, path) as (_, content):
        return content.read()


def repack(archive: bytes, path: str) -> bytes:
    """Return an archive of one file, with the file renamed to its full path.

    Raises:
        EngineRefused: the archive does not consist of one regular file.

    """
    made = io.BytesIO()
    with (
        _open_archive(archive, path) as (member, content),
        tarfile.open(fileobj=made, mode="w") as new,
    ):
        new.addfile(member.replace(name=path.lstrip("/")), content)
    return made.getvalue()


@contextmanager
def _open_archive(
    archive: bytes, path: str
) -> Iterator[tuple[tarfile.TarInfo, IO[bytes]]]:
    try:
        with tarfile.open(fileobj=io.BytesIO(archive)) as given:
            member = given.next()
            is_file = member is not None and member.isreg()
            content = given.extractfile(member) if member and is_file else None
            if member is None or content is None:
                raise EngineRefused(f"{path} is not a regular file")
            yield member, content
    except tarfile.TarError as problem:
        raise EngineRefused(f"{path} cannot be read: {problem}") from problem


def _archive(connection: ApiClient, container: ContainerId, path: str) -> bytes | None:
    with (
        connection.acting(container) as client,
        _request(client, container, path) as response,
    ):
        if response.ok:
            return _join_chunks(response.iter_content(_CHUNK), path)
        try:
            response.raise_for_status()
        except HTTPError as problem:
            if response.status_code != HTTPStatus.NOT_FOUND:
                create_api_error_from_http_exception(problem)
    # The answer to a missing file is the same as that to a missing container.
    connection.inspect(container)
    return None


def _request(client: APIClient, container: ContainerId, path: str) -> Response:
    """Request a file; the caller must close the response.

    The method of the SDK does not close a response that is not read to the end.
    """
    return client.get(
        f"{client.base_url}/v{client.api_version}/containers/{container}/archive",
        params={"path": path},
        stream=True,
        timeout=client.timeout,
    )


def _join_chunks(chunks: Iterable[bytes], path: str) -> bytes:
    found = bytearray()
    for chunk in chunks:
        found += chunk
        if len(found) > MAX_FILE_BYTES:
            raise EngineRefused(f"{path} is larger than {MAX_FILE_BYTES >> 20} MiB")
    return bytes(found)
