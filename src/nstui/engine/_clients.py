"""Makes the docker SDK's clients, each for one concern; nothing else does.

They are for what changes a container, for logs and shells, and for engines at a port.
Importing the SDK takes a quarter of a whole start, and most runs need none of these.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

from docker import APIClient
from docker.tls import TLSConfig
from requests.utils import get_environ_proxies
from urllib3.exceptions import InsecureRequestWarning

from nstui.engine._errors import Call, check_status
from nstui.engine._sdk_errors import translated_sdk
from nstui.engine._transport import PortAdapter, UnixSocketAdapter

if TYPE_CHECKING:
    from collections.abc import Mapping

    import requests

    from nstui.engine.endpoint import Endpoint, Tls


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A request whose answer has no end."""

    path: str
    """From the address of the engine on, with the version of the API."""

    method: str = "GET"
    parameters: Mapping[str, str] | None = None
    headers: Mapping[str, str] | None = None
    body: Mapping[str, object] | None = None


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
    client.headers["Accept-Encoding"] = "identity"
    if endpoint.socket_path is not None:
        client.mount("http+docker://", UnixSocketAdapter(endpoint.socket_path))
    else:
        for scheme in ("http://", "https://"):
            client.mount(scheme, PortAdapter())
        client.proxies = get_environ_proxies(client.base_url)
    return client


def ask_without_end(
    client: APIClient, question: Question, timeout: float, call: Call
) -> requests.Response:
    """Ask for what has no end; return once an answer begins, and close it some time.

    The SDK's own calls wait without limit for an answer to begin, and take an error for
    the end of the stream.

    Args:
        client: Closed if there is no answer.
        question: What is asked.
        timeout: How many seconds an answer may take to begin.
        call: What it is called when it fails.

    """
    try:
        with translated_sdk(call):
            response = client.request(
                question.method,
                f"{client.base_url}{question.path}",
                params=question.parameters,
                headers=question.headers,
                json=question.body,
                stream=True,
                timeout=timeout,
            )
            body = b"" if response.ok else response.content
        check_status(response.status_code, body, call)
    except BaseException:
        client.close()
        raise
    return response


def _tls_config(tls: Tls) -> TLSConfig:
    if not tls.verify:
        # It was asked for; the warning would be written across the screen.
        warnings.simplefilter("ignore", InsecureRequestWarning)
    client_cert = (tls.cert, tls.key) if tls.cert and tls.key else None
    return TLSConfig(client_cert=client_cert, ca_cert=tls.ca, verify=tls.verify)
