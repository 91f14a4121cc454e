"""Decodes what only the details of a container show, and masks the secrets in it.

The environment of a container usually has passwords. They are masked here, so that
nothing keeps them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.analysis.secrets import masked_value, masked_words, without_secrets
from nstui.engine.times import decode_time
from nstui.model.json import flag, inner, number, objects, strings, text, texts
from nstui.model.particulars import Mount, Particulars, Probe, Variable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


MOST_CHARACTERS = 1000
"""How much is kept of a command, of a value, and of what a health check wrote."""

_CUT = "…"


def decode_particulars(raw: Mapping[str, object]) -> Particulars:
    """Return what an inspect says beside what decides something."""
    return Particulars(
        command=tuple(_command(raw)),
        mounts=tuple(sorted(_mounts(raw), key=lambda mount: mount.destination)),
        environment=tuple(_environment(raw)),
        probe=_probe(raw),
    )


def _command(raw: Mapping[str, object]) -> Iterator[str]:
    room = MOST_CHARACTERS
    program = text(raw, "Path")
    words = (program, *texts(raw, "Args")) if program else ()
    for word in masked_words(words):
        if len(word) > room:
            yield word[:room] + _CUT
            return
        yield word
        room -= len(word)


def _mounts(raw: Mapping[str, object]) -> Iterator[Mount]:
    seen = set()
    for mount in objects(raw, "Mounts"):
        destination, kind = text(mount, "Destination"), text(mount, "Type")
        if destination:
            seen.add(destination)
            source = text(mount, "Name") if kind == "volume" else ""
            is_read_only = flag(mount, "RW") is False
            source = source or ("" if kind == "tmpfs" else text(mount, "Source"))
            yield Mount(source, destination, kind, is_read_only)
    # Docker lists what `--tmpfs` mounts only here, Podman in both places.
    for destination, options in strings(inner(raw, "HostConfig").get("Tmpfs")).items():
        if destination not in seen:
            yield Mount("", destination, "tmpfs", "ro" in options.split(","))


def _environment(raw: Mapping[str, object]) -> Iterator[Variable]:
    for entry in texts(inner(raw, "Config"), "Env"):
        name, _, value = entry.partition("=")
        shown = masked_value(name, value)
        if len(shown) > MOST_CHARACTERS:
            shown = shown[:MOST_CHARACTERS] + _CUT
        yield Variable(name, shown)


def _probe(raw: Mapping[str, object]) -> Probe | None:
    """Return the last probe; Podman calls the part with them otherwise."""
    state = inner(raw, "State")
    check = inner(state, "Health") or inner(state, "Healthcheck")
    probes = tuple(objects(check, "Log"))
    if not probes or not probes[-1]:
        return None
    last = probes[-1]
    output = without_secrets(text(last, "Output"))
    return Probe(
        ended_at=decode_time(text(last, "End")),
        exit_code=number(last, "ExitCode"),
        output=output[-MOST_CHARACTERS:],
    )
