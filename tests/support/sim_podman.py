"""A simulated host whose engine is Podman, as far as it refuses what Docker does."""

from __future__ import annotations

from dataclasses import replace

from nstui.demo.world import World
from nstui.errors import EngineRefused


class PodmanWorld(World):
    """Nobody is removed whom others joined, nor what holds a pod together.

    The sentences are what nstui makes of Podman's own.
    """

    engine_name = "Podman"

    def remove(self, reference: str, *, force: bool = False) -> None:
        """Remove a container, as ``podman rm``."""
        with self.lock:
            self._require_removable(reference)
            super().remove(reference, force=force)

    def stop(self, reference: str) -> None:
        """Stop a container, as ``podman stop``.

        One that removes itself is stopped, and is still there if others joined it.
        """
        with self.lock:
            record = self.records.get(reference)
            spec = record.spec
            if not spec.removes_itself or not self._joined_by(reference):
                super().stop(reference)
                return
            record.spec = replace(spec, removes_itself=False)
            super().stop(reference)
            record.spec = spec
            self._require_removable(reference)

    def _require_removable(self, reference: str) -> None:
        record = self.records.get(reference)
        left = self._joined_by(reference)
        if record.spec.pod is not None and record.spec.pod.is_infra:
            raise EngineRefused(
                f"it holds a pod together: use podman pod rm {record.spec.pod.name}"
            )
        if left:
            raise EngineRefused(
                f"Podman removes it only after what joined it: {', '.join(left)}"
            )

    def _joined_by(self, reference: str) -> tuple[str, ...]:
        record = self.records.get(reference)
        return tuple(
            other.id[:12]
            for other in self.records
            if other is not record
            and any(self.records.find(j.reference) is record for j in other.joins)
        )
