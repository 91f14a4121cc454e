"""The program that checks or sends to services, for `notification_process`.

It reads one request as JSON, and writes a list with a sentence for each service: what
is wrong with it, or nothing.
"""

from __future__ import annotations

import difflib
import json
import logging
import re
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import apprise
from apprise.manager_plugins import NotificationManager

from nstui.analysis.secrets import MASK
from nstui.analysis.text import printable
from nstui.analysis.watching.outbox import Message, Urgency
from nstui.errors import UsageProblem
from nstui.telling.notification_process import scheme_of, service_name

if TYPE_CHECKING:
    from collections.abc import Iterator


_SHORT = 3
"""Parts of a URL that are no longer than this are no secret by themselves, and would
be found in any sentence."""

_LONGEST_REASON = 200
_WEB = {"http": "json", "https": "jsons"}
_TYPES = {
    Urgency.GOOD: apprise.NotifyType.SUCCESS,
    Urgency.BROKEN: apprise.NotifyType.WARNING,
    Urgency.FAILED: apprise.NotifyType.FAILURE,
    Urgency.NEEDED: apprise.NotifyType.FAILURE,
}

_logger = logging.getLogger("apprise")
# Without any handler, Python prints what is said.
_logger.addHandler(logging.NullHandler())


class Service:
    """A service that takes notifications."""

    def __init__(self, url: str, number: int = 1) -> None:
        """Prepare a service; nothing is sent yet.

        Args:
            url: Its URL, as apprise documents it.
            number: Which of those that were given it is, from 1.

        Raises:
            UsageProblem: the URL makes no sense.

        """
        self._url = url
        self.name = service_name(url, number)
        scheme = scheme_of(url)
        if not scheme:
            raise UsageProblem(
                f"{self.name} is not a URL such as ntfy://HOST/TOPIC or mailto://…"
            )
        with _said_by_apprise() as said:
            plugin = apprise.Apprise.instantiate(url, asset=_asset())
        if plugin is None:
            raise UsageProblem(self._problem(scheme, said))
        self._apprise = apprise.Apprise(plugin)

    def send(self, message: Message, host: str = "") -> str:
        """Send a message; return why that failed, or nothing.

        Args:
            message: The message.
            host: The name of the host, which begins the title.

        """
        title = f"[{host}] {message.title}" if host else message.title
        with _said_by_apprise() as said:
            is_sent = self._apprise.notify(
                body=message.body or message.title,
                title=title,
                notify_type=_TYPES[message.urgency],
                body_format=apprise.NotifyFormat.TEXT,
            )
        if is_sent:
            return ""
        reason = self._without_secrets(said[-1]) if said else "no reason was given"
        return f"{self.name} failed: {reason}"

    def _problem(self, scheme: str, said: list[str]) -> str:
        """Return why the URL makes no sense."""
        manager = NotificationManager()  # type: ignore[no-untyped-call]  # it has no types
        known = sorted(manager.schemas())  # type: ignore[no-untyped-call]  # as above
        if scheme not in known:
            if scheme in _WEB:
                return f"{self.name} is a web page: a web hook is {_WEB[scheme]}://…"
            near = difflib.get_close_matches(scheme, known, n=1)
            hint = f"; did you mean {near[0]}://?" if near else ""
            return f"{self.name} is of no kind that apprise knows{hint}"
        if any("disabled" in line for line in said):
            return f"{self.name} needs a library that is not installed"
        return f"{self.name} is not complete, or something in it makes no sense"

    def _without_secrets(self, text: str) -> str:
        """Return what apprise said, without anything that stands in the URL."""
        shown = " ".join(text.split())
        for part in sorted(_parts(self._url), key=len, reverse=True):
            shown = shown.replace(part, MASK)
        return printable(shown[:_LONGEST_REASON].rstrip("."))


def _asset() -> apprise.AppriseAsset:
    """Return how apprise is to behave."""
    return apprise.AppriseAsset(
        app_id="nstui",
        app_desc="nstui",
        app_url="",
        # The thread of the service sends by itself: a pool would be waited for at the
        # end of the program, however long it takes.
        async_mode=False,
        service_timeout=0,
        secure_logging=True,
        storage_mode="memory",
        allow_templates=False,
        http_redirects=False,
        pgp_autogen=False,
        pem_autogen=False,
    )


def _parts(url: str) -> Iterator[str]:
    """Yield the parts of a URL that may be secrets.

    For some services the host is a token. Only a host that is an address or has a
    domain is left out: it is what a connection failed to.
    """
    try:
        split = urlsplit(url)
        host = split.hostname or ""
    except ValueError:
        yield url
        return
    words = re.split(r"[/?&=:@,#]+", url.partition("://")[2])
    for word in words:
        if len(word) > _SHORT and word.lower() != _plain(host):
            yield word
            yield unquote(word)


def _plain(host: str) -> str:
    """Return a host that is an address or has a domain; empty for anything else."""
    return host if "." in host or ":" in host or host == "localhost" else ""


class _Ears(logging.Handler):
    """Keeps what apprise says in one thread."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.said: list[str] = []
        self._thread = threading.get_ident()

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a line."""
        if record.thread == self._thread:
            self.said.append(record.getMessage())


@contextmanager
def _said_by_apprise() -> Iterator[list[str]]:
    """Yield a list to which the warnings of apprise in the block are added.

    They go nowhere else: without a handler, Python prints them.
    """
    ears = _Ears()
    _logger.propagate = False
    _logger.addHandler(ears)
    try:
        yield ears.said
    finally:
        _logger.removeHandler(ears)


def answer_request() -> None:
    """Answer the request on stdin."""
    request = json.load(sys.stdin)
    said = request["message"]
    answer = []
    for url, number in request["services"]:
        try:
            service = Service(url, number)
        except UsageProblem as problem:
            answer.append(str(problem))
            continue
        answer.append("" if said is None else _send(service, said))
    json.dump(answer, sys.stdout)


def _send(service: Service, said: dict[str, str]) -> str:
    message = Message(
        urgency=Urgency(int(said["urgency"])),
        title=said["title"],
        body=said["body"],
        notices=(),
    )
    return service.send(message, said["host"])


if __name__ == "__main__":
    answer_request()
