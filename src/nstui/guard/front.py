"""What the guard answers the engine, and nstui at its own socket."""

from __future__ import annotations

import json
import os
import time
from collections import Counter, deque
from typing import TYPE_CHECKING, NamedTuple

from nstui.analysis.guarding.question import GRACE_S, Question, is_compose
from nstui.analysis.guarding.requests import read_request
from nstui.analysis.guarding.settings import Mode
from nstui.analysis.guarding.tickets import Ticket
from nstui.analysis.guarding.verdict import Reason, Verdict, by_ticket, cannot_look
from nstui.guard.latency import Latency
from nstui.guard.loop import fault, say
from nstui.guard.recent import RecentCalls
from nstui.guard.ticket_files import LONGEST_S, TicketRefused
from nstui.guard.wire import answer, read_question

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nstui.analysis.guarding.requests import AskedChange
    from nstui.analysis.guarding.settings import GuardSettings
    from nstui.guard.connections import Reply
    from nstui.guard.decisions import DecisionLog
    from nstui.guard.looks import Looks
    from nstui.guard.shared_count import SharedCount
    from nstui.guard.ticket_files import TicketFiles
    from nstui.guard.wire import Request

ACTIVATE = "/Plugin.Activate"
BEFORE = "/AuthZPlugin.AuthZReq"
"""Asked before the engine does what a client wants."""

AFTER = "/AuthZPlugin.AuthZRes"
"""Asked before the client gets the answer."""

PING = "/nstui.Ping"
"""Asked by who watches whether the guard answers."""

HOUR_S = 3600.0
MOST_COUNTED = 10_000
"""How many decisions of the last hour are counted."""

KINDS = ("allowed", "denied", "warned", "cannot_look")
"""As what decisions are counted: those of a warning would have been denied."""

UNREADABLE = "unreadable"
TICKET_KEPT = "ticket-kept"
"""Reasons of what is written down, beside those of `nstui.analysis.guarding`."""

LONGEST_TEXT = 300
"""Characters of what is written down of a client's words."""

PLAN_S = 60.0
"""How long a ticket may be valid that is not root's: it is for a step of a plan, which
follows at once."""

ROOTS_ALONE = "only root may allow more than the next step of a plan"
LOST_S = 20.0
"""An engine tries for less than this to put a question again."""

_ALLOWED = {"Allow": True}
_ALLOW = answer(_ALLOWED, keeps_alive=True)
_ALLOW_AND_CLOSE = answer(_ALLOWED, keeps_alive=False)


class Origin(NamedTuple):
    """Where a front comes from, which it tells beside what it counts."""

    decisions: str
    settings_problems: tuple[str, ...] = ()
    starts: int = 1
    """How often a front was started since its supervisor was."""

    lost: int = 0
    """How many calls the last front had not decided that are denied in such a case."""


class Front:
    """Answers every request: what is harmless at once, the rest after a look."""

    def __init__(  # noqa: PLR0913, PLR0917 - one for each collaborator
        self,
        settings: GuardSettings,
        origin: Origin,
        looks: Looks,
        tickets: TicketFiles,
        decisions: DecisionLog,
        undecided: SharedCount,
    ) -> None:
        """Store the collaborators.

        Args:
            settings: How the guard is set up.
            origin: Where it comes from.
            looks: Decide about what is not harmless.
            tickets: Let calls through.
            decisions: Writes down what was decided.
            undecided: Is told how many calls wait that are denied if nobody can look.

        """
        self._settings = settings
        self._origin = origin
        self._looks = looks
        self._tickets = tickets
        self._decisions = decisions
        self._undecided = undecided
        self._lost = origin.lost
        self._lost_until = time.monotonic() + LOST_S
        self._since = time.time()
        self._asked = 0
        self._decided: deque[tuple[float, str]] = deque(maxlen=MOST_COUNTED)
        self._recent = RecentCalls()
        self._harmless, self._looked = Latency(), Latency()

    def take(self, request: Request, reply: Reply) -> None:
        """Answer the engine."""
        match request.path:
            case "/AuthZPlugin.AuthZReq":
                self._take_question(request, reply)
            case "/AuthZPlugin.AuthZRes":
                _allow(request, reply)
            case "/Plugin.Activate":
                self._send(request, reply, {"Implements": ["authz"]})
            case "/nstui.Ping":
                told = {"pid": os.getpid(), "asked": self._asked}
                self._send(request, reply, told)
            case _:
                words = {"Err": "this is the guard of nstui, which has no such path"}
                reply.send(
                    answer(words, "404 Not Found", keeps_alive=request.keeps_alive),
                    keeps_alive=request.keeps_alive,
                )

    def _take_question(self, request: Request, reply: Reply) -> None:
        self._asked += 1
        question = read_question(request.content) if request.content else None
        if question is None:
            self._answer_unreadable(request, reply)
            return
        asked = read_request(question.method, question.uri, question.headers)
        self._recent.add(question.method, question.uri, question.agent, reply.began)
        if asked is None:
            _allow(request, reply)
            self._harmless.add(time.monotonic() - reply.began)
        else:
            _Decision(self, request, reply, asked).begin()

    def _answer_unreadable(self, request: Request, reply: Reply) -> None:
        """Answer a question that cannot be told.

        An engine whose connection broke off asks again, without the question. It is
        taken for one of those that the last front had not decided, as long as there are
        some; otherwise it is let through.
        """
        is_lost = self._lost > 0 and time.monotonic() < self._lost_until
        is_denied = is_lost and self._settings.mode is Mode.ENFORCE
        words = ""
        if is_lost:
            self._lost -= 1
            words = (
                "the guard was restarted before it could tell what would break; nothing"
                " was changed: try again"
            )
        self.note(
            {
                "change": None,
                "allow": not is_lost,
                "denied": is_denied,
                "reason": UNREADABLE,
                "message": words,
            }
        )
        if is_denied:
            self._send(request, reply, {"Allow": False, "Msg": words})
        else:
            _allow(request, reply)

    def note(self, decision: Mapping[str, object]) -> None:
        """Count a decision, and have it written down."""
        kind = _kind(decision)
        if kind:
            self._decided.append((time.monotonic(), kind))
        self._decisions.add({"at": round(time.time(), 3), **decision})

    def decide(self, asked: AskedChange, decision: _Decision) -> None:
        """Have a decision made, by a ticket or by a look."""
        ticket = self._tickets.take(asked)
        if ticket is not None:
            decision.end(by_ticket(ticket))
            return
        self._undecided.add(decision.weight)
        self._looks.ask(
            lambda: self._question(asked, decision.began),
            decision.looked,
            began=decision.began,
            # What compose asks for at the same time belongs to it.
            after_s=GRACE_S if is_compose(asked.user_agent) else 0.0,
        )

    def _question(self, asked: AskedChange, began: float) -> Question:
        settings = self._settings
        recent = self._recent.beside(began, asked.user_agent)
        return Question(asked, recent, settings.heal_instead, settings.cannot_look)

    def looked(self, decision: _Decision, seconds: float) -> None:
        """Count a look that was waited for."""
        self._undecided.add(-decision.weight)
        self._looked.add(seconds)

    @property
    def settings(self) -> GuardSettings:
        """How the guard is set up."""
        return self._settings

    def _send(self, request: Request, reply: Reply, content: object) -> None:
        keeps_alive = request.keeps_alive
        reply.send(answer(content, keeps_alive=keeps_alive), keeps_alive=keeps_alive)

    def take_line(self, line: bytes, reply: Reply) -> None:
        """Answer a line of JSON at the guard's own socket."""
        try:
            wanted: object = json.loads(line)
        except (ValueError, RecursionError):
            wanted = None
        found: dict[str, object] = {"ok": False, "error": "this is no request"}
        if isinstance(wanted, dict):
            match wanted.get("do"):
                case "status":
                    found = self._status()
                case "ticket":
                    found = self._keep_ticket(_wanted_ticket(wanted), reply.uid)
                case _:
                    found["error"] = "this guard has no such request"
        reply.send(json.dumps(found).encode() + b"\n")

    def _keep_ticket(self, ticket: Ticket | None, uid: int | None) -> dict[str, object]:
        if ticket is None:
            return {"ok": False, "error": "this is no ticket"}
        if uid != os.geteuid() and not _is_of_plan(ticket):
            return {
                "ok": False,
                "error": "only root may allow more than the next step of a plan",
            }
        try:
            self._tickets.keep(ticket)
        except TicketRefused as problem:
            return {"ok": False, "error": str(problem)}
        changes = [str(change) for change in ticket.changes]
        note = {"reference": ticket.container, "message": ticket.why}
        told = {"change": changes, "allow": True, "denied": False, "uid": uid}
        self.note({"reason": TICKET_KEPT, "name": ticket.name, **told, **note})
        return {"ok": True}

    def _last_hour(self) -> dict[str, int]:
        """Return how many calls had which answer, since an hour or since the start."""
        since = time.monotonic() - HOUR_S
        found = Counter(kind for at, kind in self._decided if at >= since)
        return {kind: found[kind] for kind in KINDS}

    def _status(self) -> dict[str, object]:
        problems = [f"its settings: {one}" for one in self._origin.settings_problems]
        if self._decisions.problem:
            problems.append(f"decisions are not written: {self._decisions.problem}")
        return {
            "ok": True,
            "pid": os.getpid(),
            "since": round(self._since, 3),
            "starts": self._origin.starts,
            "asked": self._asked,
            "mode": str(self._settings.mode),
            "heal_instead": self._settings.heal_instead,
            "settings": self._settings.to_json(),
            "last_hour": self._last_hour(),
            "harmless": self._harmless.to_json(),
            "looked": self._looked.to_json(),
            "looks": {
                "under_way": self._looks.under_way,
                "waiting": self._looks.waiting,
            },
            "tickets": self._tickets.count(),
            "decisions": self._origin.decisions,
            "decisions_lost": self._decisions.lost,
            "problems": problems,
        }


def _wanted_ticket(wanted: Mapping[str, object]) -> Ticket | None:
    """Return the ticket of a request, whose end may be told as seconds from now.

    Who asks from another machine has another clock.
    """
    ticket, valid_s = Ticket.from_json(wanted.get("ticket")), wanted.get("valid_s")
    if ticket is None or valid_s is None:
        return ticket
    if isinstance(valid_s, bool) or not isinstance(valid_s, int | float):
        return None
    if not 0 < valid_s <= LONGEST_S:
        return None
    return ticket._replace(expires=time.time() + valid_s)


def _is_of_plan(ticket: Ticket) -> bool:
    """Tell whether a ticket is for one call that is about to be made."""
    is_soon = ticket.expires <= time.time() + PLAN_S
    return is_soon and ticket.uses == 1 and len(ticket.changes) == 1


def _kind(decision: Mapping[str, object]) -> str:
    """Return as what a decision is counted; empty for none."""
    if decision["reason"] in {Reason.CANNOT_LOOK, UNREADABLE}:
        return "cannot_look"
    if decision["denied"]:
        return "denied"
    if not decision["allow"]:
        return "warned"
    return "" if decision["reason"] == TICKET_KEPT else "allowed"


class _Decision:
    """A call that is not harmless, until it is answered."""

    def __init__(
        self, front: Front, request: Request, reply: Reply, asked: AskedChange
    ) -> None:
        self.began = reply.began
        """When the call was there, by the clock that nobody moves."""

        self._front = front
        self._request = request
        self._reply = reply
        self._asked = asked
        settings = front.settings
        is_kept = settings.mode is Mode.ENFORCE and asked.change in settings.cannot_look
        self.weight = int(is_kept)
        """1 if it is denied if nobody can look, otherwise 0."""

    def begin(self) -> None:
        """Decide by a ticket or by a look; whatever fails, there is an answer."""
        try:
            self._front.decide(self._asked, self)
        except Exception as error:  # noqa: BLE001 - the engine waits
            say(f"a fault of its own: {fault(error)}")
            self.end(self._unseen(f"a fault of its own: {type(error).__name__}"))

    def looked(self, found: Verdict | str) -> None:
        """Take the verdict, or why there is none."""
        self._front.looked(self, time.monotonic() - self.began)
        self.end(found if isinstance(found, Verdict) else self._unseen(found))

    def end(self, verdict: Verdict) -> None:
        """Answer, and write it down."""
        is_denied = not verdict.allow and self._front.settings.mode is Mode.ENFORCE
        took = time.monotonic() - self.began
        if is_denied:
            content = {"Allow": False, "Msg": verdict.message}
            keeps_alive = self._request.keeps_alive
            data = answer(content, keeps_alive=keeps_alive)
            self._reply.send(data, keeps_alive=keeps_alive)
        else:
            _allow(self._request, self._reply)
        self._front.note(
            {
                **_shortened(self._asked._asdict()),
                "allow": verdict.allow,
                "denied": is_denied,
                "reason": str(verdict.reason),
                "message": verdict.message,
                "ms": round(took * 1000, 1),
            }
        )

    def _unseen(self, why: str) -> Verdict:
        return cannot_look(self._asked, why, self._front.settings.cannot_look)


def _shortened(values: Mapping[str, object]) -> dict[str, object]:
    """Return values without the ends of long texts, which a client may have sent."""
    return {
        key: value[:LONGEST_TEXT] if isinstance(value, str) else value
        for key, value in values.items()
    }


def _allow(request: Request, reply: Reply) -> None:
    if request.keeps_alive:
        reply.send(_ALLOW)
    else:
        reply.send(_ALLOW_AND_CLOSE, keeps_alive=False)
