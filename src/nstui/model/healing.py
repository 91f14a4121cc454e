"""What has to be known of a container before it can be replaced by an equal one."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What a recreation of one container takes, and what it would lose."""

    left_out: tuple[str, ...] = ()
    """What the new container cannot have, each in a few words."""

    changes: tuple[str, ...] | None = ()
    """The paths it wrote outside its mounts; None if they could not be read."""

    compose: tuple[str, ...] | None = None
    """Compose's own command for it, as words; None if it is not compose's to do."""
