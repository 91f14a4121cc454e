"""Notifications as they arrive, and what is said of URLs that make no sense."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from nstui.analysis.watching.outbox import Message, Urgency
from nstui.errors import UsageProblem
from nstui.telling.sending import Service
from tests.support.sinks import mail_server, web_hook

if TYPE_CHECKING:
    from collections.abc import Iterator

SECRET = "s3cr3t-t0ken"  # noqa: S105 - of no service
MESSAGE = Message(
    urgency=Urgency.NEEDED,
    title="Needs you: vpn",
    body="vpn is gone\nTo heal it: nstui heal <vpn> *now*",
    notices=(),
)


@pytest.fixture
def closed_port() -> Iterator[int]:
    """Yield a port at which nothing listens, and nothing else will."""
    with socket.socket() as kept:
        kept.bind(("127.0.0.1", 0))
        yield kept.getsockname()[1]


@pytest.mark.parametrize(
    ("urgency", "kind"),
    [
        (Urgency.GOOD, "success"),
        (Urgency.BROKEN, "warning"),
        (Urgency.FAILED, "failure"),
        (Urgency.NEEDED, "failure"),
    ],
)
def test_a_web_hook_gets_a_notification(urgency: Urgency, kind: str) -> None:
    with web_hook() as hook:
        service = Service(f"json://127.0.0.1:{hook.port}/{SECRET}")
        one = Message(urgency=urgency, title="a", body="b\nc", notices=())
        assert service.send(one, "nas") == ""
        post = hook.next()
    assert (post["title"], post["message"], post["type"]) == ("[nas] a", "b\nc", kind)


def test_a_mail_server_gets_a_mail() -> None:
    with mail_server() as server:
        service = Service(
            f"mailto://127.0.0.1:{server.port}?mode=insecure"
            f"&from=nstui@example.org&to=ops@example.org&smtp=127.0.0.1"
        )
        assert service.send(MESSAGE, "nas") == ""
        mail = server.next()
    assert mail["Subject"] == "[nas] Needs you: vpn"
    assert mail["To"] == "ops@example.org"
    plain = mail.get_body(("plain",))
    assert plain is not None
    # Nothing of it is taken for HTML or Markdown.
    assert plain.get_content().splitlines() == MESSAGE.body.splitlines()


def test_what_fails_is_said_without_the_secrets(
    closed_port: int, capfd: pytest.CaptureFixture[str]
) -> None:
    url = f"json://me:{SECRET}@127.0.0.1:{closed_port}/{SECRET}?+X-Key={SECRET}"
    why = Service(url, 2).send(MESSAGE)
    assert why.startswith("notifier 2 (json://…) failed: ")
    assert not why.endswith(".")
    assert SECRET not in why
    assert capfd.readouterr() == ("", "")


def test_what_a_service_says_is_masked(closed_port: int) -> None:
    # Another way to write 127.0.0.1. Where others have a host, some have a token.
    host = "2130706433"
    why = Service(f"json://{host}:{closed_port}").send(MESSAGE)
    assert "••••" in why
    assert host not in why
    assert str(closed_port) not in why


def test_a_service_that_refuses_has_failed() -> None:
    with web_hook() as hook:
        hook.code = 403
        why = Service(f"json://127.0.0.1:{hook.port}/{SECRET}").send(MESSAGE)
    assert "failed" in why
    assert "403" in why
    assert SECRET not in why


def test_a_service_that_never_answers_has_failed() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        why = Service(f"json://127.0.0.1:{port}/?rto=0.2").send(MESSAGE)
    assert why.startswith("notifier 1 (json://…) failed: ")


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("", "notifier 3 is not a URL such as ntfy://HOST/TOPIC or mailto://…"),
        (SECRET, "notifier 3 is not a URL such as ntfy://HOST/TOPIC or mailto://…"),
        (
            f"ntfi://{SECRET}/x",
            (
                "notifier 3 (ntfi://…) is of no kind that apprise knows; did you mean "
                "ntfy://?"
            ),
        ),
        (
            f"https://example.org/{SECRET}",
            "notifier 3 (https://…) is a web page: a web hook is jsons://…",
        ),
        (
            f"qqqqqqqq://{SECRET}",
            "notifier 3 (qqqqqqqq://…) is of no kind that apprise knows",
        ),
        (
            f"mqtt://{SECRET}/x",
            "notifier 3 (mqtt://…) needs a library that is not installed",
        ),
        (
            f"discord://{SECRET}",
            (
                "notifier 3 (discord://…) is not complete, or something in it makes no "
                "sense"
            ),
        ),
        (
            f"json://:bad:{SECRET}@:99999999",
            "notifier 3 (json://…) is not complete, or something in it makes no sense",
        ),
        (
            f"JSON://{SECRET}:notaport/",
            "notifier 3 (json://…) is not complete, or something in it makes no sense",
        ),
    ],
)
def test_a_url_that_makes_no_sense_is_one_sentence_without_secrets(
    url: str, problem: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(UsageProblem) as raised:
        Service(url, 3)
    assert str(raised.value) == problem
    assert capfd.readouterr() == ("", "")
