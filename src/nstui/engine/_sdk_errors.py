"""The one translator of what the docker SDK raises into `nstui.errors`."""

from __future__ import annotations

import http.client
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import requests
import urllib3
from docker.errors import APIError, DockerException

from nstui.engine._answer import BadAnswer
from nstui.engine._errors import Call, Wrappers, not_docker, unreachable
from nstui.engine._refusals import refusal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nstui.errors import NstuiError

_WRAPPERS = Wrappers(
    any=(requests.RequestException,),
    timeouts=(requests.Timeout,),
    broken=(requests.ConnectionError,),
)


@contextmanager
def translated_sdk(call: Call) -> Iterator[None]:
    """Raise only errors of `nstui.errors`.

    KeyError and TypeError: the SDK raises them when an error's JSON is not what it
    expects (``docker.errors.create_api_error_from_http_exception``).
    """
    # What the caller is handling has no part in what fails here.
    handled = sys.exception()
    try:
        yield
    except APIError as problem:
        raise _refusal(problem, call) from problem
    except RecursionError as problem:
        deep = BadAnswer("JSON that is nested too deeply")
        raise unreachable(deep, call) from problem
    except (
        requests.RequestException,
        urllib3.exceptions.HTTPError,
        http.client.HTTPException,
        DockerException,
        OSError,
        ValueError,
        KeyError,
        TypeError,
    ) as problem:
        raise unreachable(problem, call, handled, _WRAPPERS) from problem


def _refusal(problem: APIError, call: Call) -> NstuiError:
    response = problem.response
    if response is None:
        return not_docker(call)
    return refusal(response.status_code, response.content, call)
