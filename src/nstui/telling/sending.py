"""The program that checks or sends to notification services, for `courier`.

It reads one request as JSON, and writes a list with a sentence for each service: what
is wrong with it, or nothing.
"""

from __future__ import annotations

import json
import sys

from nstui.analysis.watching.outbox import Message, Urgency
from nstui.errors import UsageProblem
from nstui.telling.services import Service


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
