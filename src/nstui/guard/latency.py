"""Measures how long recent answers took."""

from __future__ import annotations

from collections import deque

KEPT = 2000
_MS = 1000


class Latency:
    """Keeps how long the last answers took."""

    def __init__(self) -> None:
        """Have no answer yet."""
        self._seconds: deque[float] = deque(maxlen=KEPT)

    def add(self, seconds: float) -> None:
        """Take in an answer."""
        self._seconds.append(seconds)

    def to_json(self) -> dict[str, object]:
        """Return how many they are, and their percentiles in milliseconds."""
        ordered = sorted(self._seconds)
        if not ordered:
            return {"answers": 0, "p50_ms": None, "p99_ms": None, "most_ms": None}
        last = len(ordered) - 1
        return {
            "answers": len(ordered),
            "p50_ms": round(ordered[round(last * 0.5)] * _MS, 3),
            "p99_ms": round(ordered[round(last * 0.99)] * _MS, 3),
            "most_ms": round(ordered[-1] * _MS, 3),
        }
