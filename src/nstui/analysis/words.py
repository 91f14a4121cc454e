"""Effects in words: one place, so that every screen says the same."""

from __future__ import annotations

from nstui.model.plan import EffectLater, EffectNow, ShareKind

_NOW = {
    EffectNow.KILLED: "is killed at once",
    EffectNow.LOSES_NETWORK: "loses its network at once",
    EffectNow.NAMESPACE_SPLIT: "is cut off from the {kind} namespace of {owner}",
    EffectNow.EXEC_FAILS: "docker exec into it fails",
}
_LATER = {
    EffectLater.MUST_BE_RECREATED: "can never start again, must be recreated",
    EffectLater.CANNOT_RESTART_UNTIL_OWNER_RUNS: (
        "cannot start again until {owner} runs"
    ),
    EffectLater.RESTART_REJOINS: "must be restarted to rejoin {owner}",
}


def effect_sentence(
    now: EffectNow,
    later: EffectLater,
    *,
    kind: ShareKind,
    owner: str,
    is_running: bool,
) -> str:
    """Say what happens to a dependent, at once and at its next start."""
    if kind is ShareKind.VOLUMES_FROM:
        return f"uses volumes of {owner}: they stay, nothing changes for it"
    if now is EffectNow.NONE and later is EffectLater.NONE:
        return "nothing changes for it"
    unchanged = "keeps running" if is_running else "is not running"
    parts = [_NOW.get(now, unchanged)]
    if later in _LATER:
        parts.append(_LATER[later])
    return "; ".join(parts).format(kind=kind, owner=owner)
