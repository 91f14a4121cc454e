"""Sends notifications by a program of its own, which ends when that is done.

apprise loads all its services, which takes more memory than the rest of a watch, and a
service may hang: a program gives back its memory, and can be ended.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import TYPE_CHECKING

from nstui.analysis.text import printable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from nstui.analysis.watching.outbox import Message

LIMIT_S = 120.0
"""How long the program may take: it is long on its way on a machine that is busy."""

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")

# Without -P, a folder of that name where nstui was started would be run instead.
_PROGRAM = (sys.executable, "-P", "-m", "nstui.telling.sending")


class NotificationProcess:
    """A service that takes notifications, at arm's length."""

    def __init__(self, url: str, number: int = 1, *, limit_s: float = LIMIT_S) -> None:
        """Take a URL; nothing is checked or sent.

        Args:
            url: The URL, as apprise documents it.
            number: Which of those that were given it is, from 1.
            limit_s: How long a message may take, in seconds.

        """
        self._url = url
        self._number = number
        self._limit_s = limit_s
        self.name = service_name(url, number)

    def send(self, message: Message, host: str = "") -> str:
        """Send a message; return why that failed, or nothing.

        Args:
            message: The message.
            host: The name of the host, which begins the title.

        """
        said = {
            "urgency": int(message.urgency),
            "title": message.title,
            "body": message.body,
            "host": host,
        }
        request = {"services": [[self._url, self._number]], "message": said}
        try:
            return _ask(request, self._limit_s)[0]
        except (OSError, ValueError, subprocess.SubprocessError) as error:
            return f"{self.name} failed: {_reason(error)}"


def check_urls(urls: Sequence[str], limit_s: float = LIMIT_S) -> tuple[str, ...]:
    """Return what is wrong with each URL as a sentence; empty if nothing is.

    Nothing is sent, and no secret is in a sentence.
    """
    services = [[url, number] for number, url in enumerate(urls, start=1)]
    request = {"services": services, "message": None}
    try:
        return tuple(_ask(request, limit_s))
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        why = f"could not be checked: {_reason(error)}"
        return tuple(f"{service_name(url, n)} {why}" for url, n in _numbered(urls))


def service_name(url: str, number: int) -> str:
    """Return how a service is called: what else is in its URL may be secret."""
    scheme = scheme_of(url)
    return f"notifier {number} ({scheme}://…)" if scheme else f"notifier {number}"


def scheme_of(url: str) -> str:
    """Return the scheme of a URL in small letters; empty if it has none."""
    found = _SCHEME.match(url)
    return found[1].lower() if found else ""


def _numbered(urls: Sequence[str]) -> list[tuple[str, int]]:
    return [(url, number) for number, url in enumerate(urls, start=1)]


def _ask(request: Mapping[str, object], limit_s: float) -> list[str]:
    """Run the program; return a sentence for each service.

    Raises:
        OSError: it could not be run.
        SubprocessError: it failed, or did not end in time.
        ValueError: it has answered with something else.

    """
    ended = subprocess.run(  # noqa: S603 - this very program
        _PROGRAM,
        # Secrets are in there: any user can read the arguments of a program.
        input=json.dumps(request),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        check=True,
        timeout=limit_s,
        # The ctrl+c that ends the watch does not lose its last message.
        start_new_session=True,
    )
    answer = json.loads(ended.stdout)
    if not isinstance(answer, list):
        raise ValueError("it has not answered with a list")  # noqa: TRY004 - as json does
    return [str(sentence) for sentence in answer]


def _reason(error: Exception) -> str:
    match error:
        case subprocess.TimeoutExpired():
            return f"it did not end within {error.timeout:g} s"
        case subprocess.CalledProcessError():
            return f"its program has ended with exit code {error.returncode}"
        case OSError():
            return printable(error.strerror or str(error))
    return "its program has answered with something else"
