"""nstui as a program of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.engine.looking import Wrong

NSTUI = (sys.executable, "-m", "nstui")
HASTY = (sys.executable, "-P", str(Path(__file__).with_name("hasty.py")))
"""The program without the seconds at the end of what changes something."""

PATIENT = (sys.executable, "-P", str(Path(__file__).with_name("patient.py")))
"""The program when it gives up no engine while a test lasts."""

LIMIT = 60.0


def run_nstui(
    *arguments: str, program: Sequence[str] = NSTUI
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, without a terminal."""
    return subprocess.run(
        [*program, *arguments],
        capture_output=True,
        check=False,
        env=os.environ,
        stdin=subprocess.DEVNULL,
        text=True,
        timeout=LIMIT,
    )


class EngineDocument(TypedDict):
    """Who answered, as JSON says it."""

    endpoint: str


class GroupDocument(TypedDict):
    """A group as JSON says it, without its namespace."""

    kind: str
    bond: str
    owner: str | None
    members: list[str]


class FindingDocument(TypedDict):
    """A finding as JSON says it, without its sentences."""

    code: str
    severity: str
    container: str
    name: str


class Document(TypedDict):
    """A host as JSON says it."""

    namespaces_read: str
    namespaces_note: str | None
    engine: EngineDocument
    groups: list[GroupDocument]
    findings: list[FindingDocument]


def read_json(*arguments: str, program: Sequence[str] = NSTUI) -> Document:
    """Run a command and return the document that it prints."""
    done = run_nstui(*arguments, "--json", program=program)
    assert done.stdout, done.stderr
    document: Document = json.loads(done.stdout)
    return document


def wrong_in(document: Document) -> Wrong:
    """Return each finding as `tests.engine.looking.wrong` does."""
    return {(f["name"], f["code"], f["severity"]) for f in document["findings"]}


def groups_in(document: Document) -> list[tuple[str, str, str | None, tuple[str, ...]]]:
    """Return each group without its namespace, which has a number of its own kind."""
    return [
        (group["kind"], group["bond"], group["owner"], tuple(group["members"]))
        for group in document["groups"]
    ]
