"""In which orders the tree can be listed, and what a line is ordered by."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nstui.model.container import ContainerId


class Order(StrEnum):
    """In which order groups, and the containers in them, are listed."""

    FINDINGS = "findings"
    """The worst first, then by name."""

    NAME = "name"
    STATE = "state"
    """Those that are down first."""

    AGE = "age"
    """What was started, or has ended, last comes first."""

    CPU = "CPU"
    """What uses most comes first."""

    MEMORY = "memory"

    @property
    def is_usage(self) -> bool:
        """Whether it is by what containers use, which has to be read for it."""
        return self in {Order.CPU, Order.MEMORY}


class Unknown(StrEnum):
    """Why there is no number where there could be one."""

    UNREAD = "unread"
    AWAITED = "awaited"
    """Not yet: a share of the CPU takes two readings."""


Amounts: TypeAlias = "Mapping[ContainerId, float | Unknown]"
"""Seconds, percent of one CPU, or bytes, of those containers that have any."""

NO_AMOUNTS: Amounts = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Measure:
    """What a line is ordered by, for it to be shown."""

    order: Order
    amount: float | Unknown | None
    """Seconds, percent of one CPU, or bytes; None where there is none of it, as of
    what does not run or is no container."""

    total: float | None = None
    """Of what containers use, that of the line and all beneath it; None if nothing is
    beneath it, or nothing of that is known."""

    is_partial: bool = False
    """Whether something is missing in the total."""
