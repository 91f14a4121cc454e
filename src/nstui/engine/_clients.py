"""Makes the docker SDK's clients, each for one concern; nothing else does."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

from docker import APIClient
from docker.constants import DEFAULT_DOCKER_API_VERSION
from docker.tls import TLSConfig
from docker.utils import version_lt
from requests.utils import get_environ_proxies
from urllib3.exceptions import InsecureRequestWarning

from nstui.engine._json import text
from nstui.engine._transport import UnixSocketAdapter

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nstui.engine.endpoint import Endpoint, Tls


def build_client(endpoint: Endpoint, version: str, timeout: float) -> APIClient:
    """Make a client; it connects when it is first used.

    Args:
        endpoint: Where the engine is.
        version: Of the API that the client speaks.
        timeout: How many seconds an answer may take.

    """
    client = APIClient(
        base_url=endpoint.url,
        version=version,
        timeout=timeout,  # type: ignore[arg-type]  # requests takes a float
        tls=_tls_config(endpoint.tls) if endpoint.tls else False,
    )
    # The environment's certificates (REQUESTS_CA_BUNDLE) would win over those of
    # the endpoint, and a netrc would add a password.
    client.trust_env = False
    if endpoint.socket_path is not None:
        client.mount("http+docker://", UnixSocketAdapter(endpoint.socket_path))
    else:
        client.proxies = get_environ_proxies(client.base_url)
    return client


def common_version(answer: Mapping[str, object]) -> str | None:
    """Choose the newest version of the API that both sides know."""
    newest, oldest = text(answer, "ApiVersion"), text(answer, "MinAPIVersion")
    if not newest:
        return None
    ours = DEFAULT_DOCKER_API_VERSION
    version = newest if version_lt(newest, ours) else ours
    return oldest if oldest and version_lt(version, oldest) else version


def _tls_config(tls: Tls) -> TLSConfig:
    if not tls.verify:
        # It was asked for; the warning would be written across the screen.
        warnings.simplefilter("ignore", InsecureRequestWarning)
    client_cert = (tls.cert, tls.key) if tls.cert and tls.key else None
    return TLSConfig(client_cert=client_cert, ca_cert=tls.ca, verify=tls.verify)
