"""Effects in words: one place, so that every screen says the same."""

from __future__ import annotations

from nstui.model.plan import EffectLater, EffectNow, ShareKind

_NOW = {
    EffectNow.KILLED: "is killed at once",
    EffectNow.LOSES_NETWORK: "loses its network at once",
    EffectNow.NAMESPACE_SPLIT: "is cut off from the {kind} namespace of {owner}",
    EffectNow.EXEC_FAILS: "docker exec into it fails",
}
_MAYBE_NOW = {
    EffectNow.KILLED: "may be killed at once",
    EffectNow.LOSES_NETWORK: "may lose its network at once",
    EffectNow.NAMESPACE_SPLIT: "may be cut off from the {kind} namespace of {owner}",
}
_LATER = {
    EffectLater.MUST_BE_RECREATED: "can never start again, must be recreated",
    EffectLater.CANNOT_RESTART_UNTIL_OWNER_RUNS: (
        "cannot start again until {needed} runs"
    ),
    EffectLater.RESTART_REJOINS: "must be restarted to rejoin {needed}",
}
_UNDECLARED_LATER = {
    **_LATER,
    EffectLater.RESTART_REJOINS: "its next start joins {needed}",
    EffectLater.NONE: "nothing declares that it is there",
}


def now_words(
    now: EffectNow,
    *,
    kind: ShareKind,
    owner: str,
    is_running: bool,
    is_certain: bool = True,
) -> str:
    """Say what happens to a dependent at once.

    Args:
        now: What it is.
        kind: Through what.
        owner: The name of the one that it comes from.
        is_running: Whether the dependent runs, and would if nothing happened.
        is_certain: Whether it is known that the namespace is that one's.

    """
    words = _NOW if is_certain else {**_NOW, **_MAYBE_NOW}
    unchanged = "keeps running" if is_running else "is not running"
    return words.get(now, unchanged).format(kind=kind, owner=owner)


def later_words(later: EffectLater, *, needed: str, is_declared: bool = True) -> str:
    """Say what a dependent's next start takes; nothing if it is as before.

    Args:
        later: What it is.
        needed: Who has to run for it.
        is_declared: Whether it declares that it depends on what ends.

    """
    words = _LATER if is_declared else _UNDECLARED_LATER
    return words.get(later, "").format(needed=needed)


def volumes_words(owner: str, *, is_killed: bool = False) -> str:
    """Say what is left of volumes that a dependent uses: all of them."""
    unchanged = "" if is_killed else ", nothing changes for it"
    return f"uses volumes of {owner}: they stay{unchanged}"
