"""The program that sends, and what becomes of one that hangs or fails."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nstui.analysis.watching.outbox import Message, Urgency
from nstui.telling import notification_process
from nstui.telling.notification_process import NotificationProcess, check_urls
from tests.support.sinks import mail_server, web_hook

if TYPE_CHECKING:
    from pathlib import Path

MESSAGE = Message(
    urgency=Urgency.NEEDED, title="Needs you: vpn", body="ä\nb", notices=()
)


def test_a_web_hook_and_a_mail_server_get_it() -> None:
    with web_hook() as hook, mail_server() as server:
        mail = f"mailto://127.0.0.1:{server.port}?mode=insecure&smtp=127.0.0.1"
        mail += "&from=nstui@example.org&to=ops@example.org"
        assert (
            NotificationProcess(f"json://127.0.0.1:{hook.port}").send(MESSAGE, "nas")
            == ""
        )
        assert NotificationProcess(mail).send(MESSAGE, "nas") == ""
        post, mailed = hook.next(), server.next()
    assert (post["title"], post["message"]) == ("[nas] Needs you: vpn", "ä\nb")
    assert post["type"] == "failure"
    assert mailed["Subject"] == "[nas] Needs you: vpn"


def test_what_fails_is_said() -> None:
    with web_hook() as hook:
        hook.code = 500
        why = NotificationProcess(f"json://127.0.0.1:{hook.port}", 2).send(MESSAGE)
    assert why.startswith("notifier 2 (json://…) failed: ")


def test_each_url_is_checked() -> None:
    assert check_urls(["json://127.0.0.1", "nonsense", "nfty://x"]) == (
        "",
        "notifier 2 is not a URL such as ntfy://HOST/TOPIC or mailto://…",
        "notifier 3 (nfty://…) is of no kind that apprise knows; did you mean ntfy://?",
    )


def test_one_that_hangs_is_ended() -> None:
    assert NotificationProcess("json://s3cr3t", limit_s=0.01).send(MESSAGE) == (
        "notifier 1 (json://…) failed: it did not end within 0.01 s"
    )
    assert check_urls(["s3cr3t"], limit_s=0.01) == (
        "notifier 1 could not be checked: it did not end within 0.01 s",
    )


@pytest.mark.parametrize(
    ("program", "why"),
    [
        (("false",), "its program has ended with exit code 1"),
        (("/nowhere",), "No such file or directory"),
        (("echo", "nonsense"), "its program has answered with something else"),
        (("echo", "{}"), "its program has answered with something else"),
    ],
)
def test_a_program_that_fails(
    program: tuple[str, ...], why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notification_process, "_PROGRAM", program)
    sent = NotificationProcess("json://s3cr3t").send(MESSAGE)
    assert sent == f"notifier 1 (json://…) failed: {why}"


def test_a_folder_of_that_name_is_not_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "nstui"
    package.mkdir()
    package.joinpath("__init__.py").write_text("raise SystemExit(7)")
    monkeypatch.chdir(tmp_path)
    assert check_urls(["json://127.0.0.1"]) == ("",)
