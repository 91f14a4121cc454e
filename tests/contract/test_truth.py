"""Every row of the table of what was observed on real engines."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from nstui.demo.containers import Spec
from nstui.errors import ContainerVanished, EngineRefused
from nstui.model.namespace import NamespaceKind
from tests.contract.look import await_look, look_at, run

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nstui.model.container import ContainerId
    from tests.contract.host import ContractHost
    from tests.contract.look import Look

TABLE = Path(__file__).parents[1] / "data" / "engine-truth.json"

DEPENDENTS = {
    "net": Spec("dep", network="container:own"),
    "pid": Spec("dep", pid="container:own"),
    "ipc": Spec("dep", ipc="container:own"),
    "volumes-from": Spec("dep", volumes_from=("own",)),
    "link": Spec("dep", links=("own",)),
}

UNKNOWN_EXIT = "exited/255"
"""What containerd tells of a process whose end it could not wait for, as on a busy
machine: ``UnknownExitStatus``."""

ACTIONS = {"stop", "restart", "kill", "rm -f", "stop+rm", "pause"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of the table, without what nstui concludes from it."""

    share: str
    action: str
    owner_after: str
    dependent_after: str
    dependent_interfaces: tuple[str, ...] | None
    dependent_in_owner_namespace: bool
    dependent_restart: str
    effect_later: str
    restart_errors: Mapping[str, str]

    @property
    def kind(self) -> NamespaceKind:
        """The namespace to compare; any will do where none is shared."""
        is_kind = self.share in set(NamespaceKind)
        return NamespaceKind(self.share) if is_kind else NamespaceKind.NET


def read_rows() -> list[Row]:
    """Return the table's rows."""
    rows = []
    for row in json.loads(TABLE.read_text())["rows"]:
        interfaces = row["dependent_interfaces"]
        rows.append(
            Row(
                share=row["share"],
                action=row["action"],
                owner_after=row["owner_after"],
                dependent_after=row["dependent_after"],
                dependent_interfaces=None if interfaces is None else tuple(interfaces),
                dependent_in_owner_namespace=row["dependent_in_owner_namespace"],
                dependent_restart=row["dependent_restart"],
                effect_later=row["effect_later"],
                restart_errors=row["restart_errors"],
            )
        )
    return rows


ROWS = read_rows()


def test_the_table_is_whole() -> None:
    assert {(row.share, row.action) for row in ROWS} == {
        (share, action) for share in DEPENDENTS for action in ACTIONS
    }


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.share}-{row.action}")
def test_row(host: ContractHost, row: Row) -> None:
    owner = run(host, Spec("own", ipc="shareable"))
    dependent = run(host, DEPENDENTS[row.share])
    if row.share in set(NamespaceKind):
        assert look_at(host).share(row.kind, "own", "dep")

    act(host, row.action, owner)

    # An engine answers before all that follows is to be seen: an exit is noticed and
    # interfaces are taken away after it.
    look = await_look(host, lambda look: is_as_observed(look, row))
    assert look.state("own") == row.owner_after
    assert look.state("dep") == row.dependent_after
    assert look.share(row.kind, "own", "dep") == row.dependent_in_owner_namespace
    # Where it runs and the table has none, they could not be read: exec failed.
    if row.dependent_interfaces is not None:
        assert look.interfaces("dep") == row.dependent_interfaces
    check_restart(host, row, dependent)


def is_as_observed(look: Look, row: Row) -> bool:
    """Tell whether everything has come to what a row says."""
    return (
        look.state("own") == row.owner_after
        and look.state("dep") == row.dependent_after
        and look.share(row.kind, "own", "dep") == row.dependent_in_owner_namespace
        and row.dependent_interfaces in {None, look.interfaces("dep")}
    )


def act(host: ContractHost, action: str, owner: ContainerId) -> None:
    """Do to the owner what a row says."""
    engine = host.engine
    match action:
        case "stop":
            engine.stop(owner, timeout=0)
        case "restart":
            engine.restart(owner, timeout=0)
        case "kill":
            engine.kill(owner)
        case "rm -f":
            engine.remove(owner, force=True)
        case "stop+rm":
            engine.stop(owner, timeout=0)
            engine.remove(owner)
        case "pause":
            host.pause(owner)
        case _:
            pytest.fail(f"the table has a new action: {action}")


def check_restart(host: ContractHost, row: Row, dependent: ContainerId) -> None:
    """Restart the dependent and see whether it works as a row says."""
    if row.dependent_restart == "ok":
        host.engine.restart(dependent, timeout=0)
        check_rejoined(look_at(host), row)
        return
    with pytest.raises(EngineRefused) as refusal:
        host.engine.restart(dependent, timeout=0)
    # It is the owner that is not there.
    assert not isinstance(refusal.value, ContainerVanished)
    assert look_at(host).state("dep") in {"exited/137", UNKNOWN_EXIT}
    version = ".".join(host.engine.info().version.split(".")[:2])
    if (sentence := row.restart_errors.get(version)) is not None:
        assert reason(str(refusal.value)) == reason(sentence)
    if row.effect_later == "cannot_restart_until_owner_runs":
        host.start("own")
        host.engine.restart(dependent, timeout=0)
        check_rejoined(look_at(host), row)


def check_rejoined(look: Look, row: Row) -> None:
    """See that a restarted dependent is where it belongs."""
    assert look.is_running("dep")
    assert look.interfaces("dep") == ("lo", "eth0")
    is_shared = row.share in set(NamespaceKind)
    assert look.share(row.kind, "own", "dep") == is_shared


def reason(sentence: str) -> str:
    """Return what an engine says after the name of the container to restart."""
    with_ids = re.sub(r"[0-9a-f]{64}", "<id>", sentence)
    return re.sub(r"^.*?(dep|container <id>): ", "", with_ids, count=1)
