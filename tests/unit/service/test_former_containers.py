"""What containers were called that others joined and that are gone."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

import pytest

from nstui.audit.register import FileRegister
from nstui.demo.audit_log import MemoryAuditLog
from nstui.demo.containers import Spec
from nstui.demo.engine import SimEngine
from nstui.demo.host import SimHost
from nstui.demo.world import World
from nstui.errors import AuditFailed, EngineRefused
from nstui.model.audit import RemovedContainer
from nstui.model.container import ComposeService
from nstui.model.snapshot import FormerContainer, FormerContainerSource
from nstui.service.former import FormerContainers
from nstui.service.host import open_host
from tests.support.builders import NOON, cid, container

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from pathlib import Path

    from nstui.model.container import ContainerEvent, ContainerId

VPN = container("vpn", compose="media/gluetun")
DEP = container("dep", joins=cid("vpn"))
OTHER = container("other")
AS_DEP = FormerContainer(DEP.id, "dep", None)
AS_IT_WAS = FormerContainer(cid("vpn"), "vpn", ComposeService("media", "gluetun"))


class CountingAuditLog(MemoryAuditLog):
    """An audit log that counts how often it is read, and that may be unreadable."""

    def __init__(self, *, is_readable: bool = True) -> None:
        super().__init__()
        self.reads = 0
        self.is_readable = is_readable

    def removed(self) -> tuple[RemovedContainer, ...]:
        self.reads += 1
        if not self.is_readable:
            raise AuditFailed("cannot read it: permission denied")
        return super().removed()


def record(
    name: str, labels: object = None, compose: ComposeService | None = None
) -> RemovedContainer:
    """Return what is kept of a container."""
    inspect: Mapping[str, object] = {"Id": cid(name), "Config": {"Labels": labels}}
    return RemovedContainer(
        removed_at=NOON,
        endpoint="unix:///e",
        id=cid(name),
        name=name,
        image="busybox:1",
        inspect=MappingProxyType(inspect),
        compose=compose,
    )


def test_one_that_was_seen_while_it_was_joined_is_known_when_it_is_gone() -> None:
    former = FormerContainers()
    assert former.learn((VPN, DEP)) == {}
    assert former.learn((DEP,)) == {VPN.id: AS_IT_WAS}
    assert former.learn((DEP,)) == {VPN.id: AS_IT_WAS}


def test_the_last_name_counts() -> None:
    former = FormerContainers()
    former.learn((VPN, DEP))
    former.learn((container("gluetun", id_=VPN.id), DEP))
    assert former.learn((DEP,))[VPN.id].name == "gluetun"


def test_a_name_that_compose_gives_in_passing_is_not_noted() -> None:
    old = container(f"{cid('new')[:12]}_vpn", id_=VPN.id, compose="media/gluetun")
    former = FormerContainers()
    former.learn((VPN, DEP))
    former.learn((old, container("new"), DEP))
    assert former.learn((DEP,)) == {VPN.id: AS_IT_WAS}


def test_one_that_came_back_is_no_ancestor() -> None:
    former = FormerContainers()
    former.learn((VPN, DEP))
    former.learn((DEP,))
    assert former.learn((VPN, DEP)) == {}


def test_what_nobody_joins_any_more_is_forgotten() -> None:
    audit_log = CountingAuditLog()
    former = FormerContainers(audit_log)
    former.learn((VPN, DEP))
    former.learn((OTHER,))
    assert former.learn((DEP,)) == {}
    assert audit_log.reads == 1


def test_every_kind_of_join_counts_and_no_name_does() -> None:
    former = FormerContainers()
    one = container("one", joins_pid=cid("vpn"), joins="other")
    former.learn((VPN, OTHER, one))
    assert set(former.learn((one,))) == {VPN.id}


def test_what_was_removed_before_is_found_in_the_audit_log() -> None:
    audit_log = CountingAuditLog()
    audit_log.save(record("vpn", compose=ComposeService("media", "gluetun")))
    audit_log.save(record("else"))
    kept = replace(AS_IT_WAS, source=FormerContainerSource.REMOVED)
    assert FormerContainers(audit_log).learn((DEP,)) == {VPN.id: kept}


LABELLED = {
    "com.docker.compose.config-hash": "f" * 64,
    "com.docker.compose.project": "media",
    "com.docker.compose.service": "gluetun",
}


@pytest.mark.parametrize("labels", [None, LABELLED])
def test_labels_in_a_record_may_be_the_images_and_make_no_service(
    labels: object,
) -> None:
    audit_log = MemoryAuditLog()
    audit_log.save(record("vpn", labels))
    kept = FormerContainer(VPN.id, "vpn", None, FormerContainerSource.REMOVED)
    assert FormerContainers(audit_log).learn((DEP,)) == {VPN.id: kept}


def test_the_audit_log_is_not_read_at_every_look() -> None:
    audit_log = CountingAuditLog()
    former = FormerContainers(audit_log)
    for _ in range(3):
        assert former.learn((DEP, OTHER)) == {}
    assert audit_log.reads == 1
    # Another one that nobody knows is another question.
    former.learn((DEP, container("two", joins=cid("gone"))))
    assert audit_log.reads == 2


def test_a_name_is_no_question_to_the_audit_log() -> None:
    audit_log = CountingAuditLog()
    assert FormerContainers(audit_log).learn((container("dep", joins="vpn"),)) == {}
    assert audit_log.reads == 0


def test_the_audit_log_is_not_read_where_everybody_is_there_or_known() -> None:
    audit_log = CountingAuditLog()
    former = FormerContainers(audit_log)
    former.learn((VPN, DEP))
    former.learn((DEP,))
    assert audit_log.reads == 0


def test_an_audit_log_that_cannot_be_read_is_no_failure_and_hides_nothing() -> None:
    audit_log = CountingAuditLog(is_readable=False)
    former = FormerContainers(audit_log)
    two = container("two", joins=cid("gone"))
    former.learn((VPN, DEP))
    assert former.learn((DEP, two)) == {VPN.id: AS_IT_WAS}
    assert audit_log.reads == 1


def test_the_names_of_those_that_are_gone_are_in_the_snapshot() -> None:
    world, audit_log = World(lambda: NOON), MemoryAuditLog()
    world.run(Spec("vpn", compose=ComposeService("media", "gluetun")))
    world.run(Spec("dep", network="container:vpn"))
    vpn = world.records.get("vpn").id
    observer = open_host(
        SimEngine(world), SimHost(world), audit_log, endpoint="e"
    ).observer
    observer.look()
    world.remove("vpn", force=True)

    report = observer.look()

    known = {vpn: FormerContainer(vpn, "vpn", ComposeService("media", "gluetun"))}
    assert report.snapshot.former_containers == known
    assert report.findings[0].message == (
        f"joined vpn ({vpn[:12]}), which no longer exists;"
        " deleted with it: resolv.conf, hosts, hostname"
    )


def test_a_program_that_starts_later_finds_the_names_in_the_audit_log() -> None:
    world, audit_log = World(lambda: NOON), MemoryAuditLog()
    world.run(Spec("vpn"))
    world.run(Spec("dep", network="container:vpn"))
    engine, host = SimEngine(world), SimHost(world)
    vpn = world.records.get("vpn").id
    inspect = engine.inspect(vpn)
    audit_log.save(
        RemovedContainer(
            removed_at=NOON,
            endpoint="e",
            id=vpn,
            name="vpn",
            image="busybox",
            inspect=inspect,
        )
    )
    world.remove("vpn", force=True)

    report = open_host(engine, host, audit_log, endpoint="e").observer.look()

    kept = FormerContainer(vpn, "vpn", None, FormerContainerSource.REMOVED)
    assert report.snapshot.former_containers == {vpn: kept}


class CountingRegister(FileRegister):
    """A register that counts what is asked of it."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, "unix:///e")
        self.finds = 0
        self.notes = 0

    def find(
        self, wanted: Collection[ContainerId]
    ) -> Mapping[ContainerId, FormerContainer]:
        self.finds += 1
        return super().find(wanted)

    def note(self, seen: Iterable[FormerContainer]) -> None:
        self.notes += 1
        super().note(seen)


def test_what_another_program_saw_is_known(tmp_path: Path) -> None:
    register = CountingRegister(tmp_path)
    FormerContainers(None, register).learn((VPN, DEP, OTHER))

    former = FormerContainers(None, CountingRegister(tmp_path))
    later = FormerContainers(None, register)
    assert former.learn((DEP,)) == {VPN.id: AS_IT_WAS}
    # Nobody had joined it when it was seen.
    late = container("late", joins=OTHER.id)
    assert later.learn((late,)) == {OTHER.id: FormerContainer(OTHER.id, "other", None)}


def test_a_quiet_host_is_noted_once(tmp_path: Path) -> None:
    register = CountingRegister(tmp_path)
    former = FormerContainers(None, register)
    for _ in range(3):
        former.learn((VPN, DEP))
    assert (register.notes, register.finds) == (1, 0)
    former.learn((container("gluetun", id_=VPN.id), DEP))
    assert (register.notes, register.finds) == (2, 0)
    for _ in range(3):
        assert former.learn((DEP,))[VPN.id].name == "gluetun"
    known = register.find((VPN.id,))[VPN.id]
    assert (known.name, known.earlier) == ("gluetun", ("vpn",))
    assert register.notes == 3


def test_a_glimpse_notes_nothing_and_asks_no_engine(tmp_path: Path) -> None:
    register = CountingRegister(tmp_path)
    asked: list[object] = []

    def past(wanted: Collection[ContainerId]) -> tuple[ContainerEvent, ...]:
        asked.append(wanted)
        return ()

    former = FormerContainers(None, register, past)
    assert former.learn((DEP, OTHER), is_glimpse=True) == {}
    assert (register.notes, asked) == (0, [])
    former.learn((DEP, OTHER))
    assert (register.notes, asked) == (1, [[VPN.id]])


def test_what_was_seen_at_another_address_is_known_once_the_engine_tells_its_id(
    tmp_path: Path,
) -> None:
    told: list[str] = []
    asked: list[str] = []

    def find_engine_id() -> str:
        asked.append("id")
        return "".join(told)

    by_name = FileRegister(tmp_path, "ssh://nas", find_engine_id=lambda: "A")
    FormerContainers(None, by_name).learn((VPN, DEP))
    here = FileRegister(tmp_path, "unix:///e", find_engine_id=find_engine_id)
    here.note((AS_DEP,))
    asked.clear()
    former = FormerContainers(None, here)
    assert former.learn((DEP,), is_glimpse=True) == {}
    assert asked == []
    # It is late.
    assert former.learn((DEP,)) == {}
    assert former.find((VPN.id,)) == {}
    told.append("A")
    assert former.learn((DEP,)) == {VPN.id: AS_IT_WAS}
    asked.clear()
    assert former.learn((DEP,)) == {VPN.id: AS_IT_WAS}
    assert asked == []
    # From then on it is known without the other's file.
    known = FileRegister(tmp_path, "unix:///e").find((VPN.id,))
    assert known == {VPN.id: AS_IT_WAS}


def test_one_that_nobody_joined_is_found_at_another_address(tmp_path: Path) -> None:
    by_name = FileRegister(tmp_path, "ssh://nas", find_engine_id=lambda: "A")
    FormerContainers(None, by_name).learn((VPN,))
    here = FileRegister(tmp_path, "unix:///e", find_engine_id=lambda: "A")
    assert FormerContainers(None, here).find((VPN.id,)) == {VPN.id: AS_IT_WAS}


def lost(world: World) -> ContainerId:
    """Fill a host with a dependent whose owner nstui never saw; return the owner."""
    owner = world.run(
        Spec("vpn", compose=ComposeService("media", "gluetun"), labels=(("a", "b"),))
    )
    world.run(Spec("dep", network="container:vpn"))
    world.rename("vpn", "gluetun")
    world.remove("gluetun", force=True)
    return owner


def test_whom_nobody_saw_the_engine_may_remember(tmp_path: Path) -> None:
    world = World(lambda: NOON)
    gone = lost(world)
    register = FileRegister(tmp_path, "e")
    asked: list[object] = []

    class Counting(SimEngine):
        def past_events(
            self, containers: Iterable[ContainerId]
        ) -> tuple[ContainerEvent, ...]:
            asked.append(containers)
            return super().past_events(containers)

    def look() -> Mapping[ContainerId, FormerContainer]:
        host = open_host(
            Counting(world), SimHost(world), MemoryAuditLog(), endpoint="e",
            register=register,
        )  # fmt: skip
        host.observer.glimpse()
        host.observer.look()
        return host.observer.look().snapshot.former_containers

    # Its labels are not believed: they may be those of its image.
    known = look()[gone]
    assert (known.name, known.earlier) == ("gluetun", ("vpn",))
    assert (known.compose, known.source) == (None, FormerContainerSource.EVENTS)
    assert known.renamed_at is not None
    assert len(asked) == 1
    for number in range(256):
        world.create(Spec(f"c{number}"))
    assert look() == {gone: known}
    assert len(asked) == 1


def test_a_new_name_between_the_last_look_and_the_end_counts(tmp_path: Path) -> None:
    world = World(lambda: NOON)
    owner = world.run(Spec("vpn"))
    world.run(Spec("dep", network="container:vpn"))
    register = FileRegister(tmp_path, "e")

    def look() -> Mapping[ContainerId, FormerContainer]:
        host = open_host(
            SimEngine(world), SimHost(world), MemoryAuditLog(), endpoint="e",
            register=register,
        )  # fmt: skip
        return host.observer.look().snapshot.former_containers

    assert look() == {}
    world.rename("vpn", "gluetun")
    world.run(Spec("vpn"))
    world.remove("gluetun", force=True)

    (known,) = look().values()
    assert (known.id, known.name, known.earlier) == (owner, "gluetun", ("vpn",))
    # It is known from now on, whatever the engine forgets.
    for number in range(256):
        world.create(Spec(f"c{number}"))
    assert list(look().values()) == [known]


def test_what_the_engine_forgot_is_asked_for_once() -> None:
    world = World(lambda: NOON)
    lost(world)
    for number in range(256):
        world.create(Spec(f"c{number}"))
    asked: list[object] = []

    def past(wanted: Collection[ContainerId]) -> tuple[ContainerEvent, ...]:
        asked.append(wanted)
        return SimEngine(world).past_events(wanted)

    former = FormerContainers(None, None, past)
    for _ in range(3):
        assert former.learn(SimEngine(world).containers()) == {}
    assert len(asked) == 1


def test_an_engine_that_tells_no_past_hides_nothing() -> None:
    def past(wanted: Collection[ContainerId]) -> tuple[ContainerEvent, ...]:
        raise EngineRefused(f"403 Forbidden: {wanted}")

    former = FormerContainers(None, None, past)
    two = container("two", joins=cid("gone"))
    former.learn((VPN, DEP))
    assert former.learn((DEP, two)) == {VPN.id: AS_IT_WAS}


def test_of_many_that_are_gone_the_engine_is_asked_by_and_by() -> None:
    asked: list[int] = []

    def past(wanted: Collection[ContainerId]) -> tuple[ContainerEvent, ...]:
        asked.append(len(wanted))
        return ()

    former = FormerContainers(None, None, past)
    many = [container(f"c{n}", joins=cid(f"gone{n}")) for n in range(250)]
    for _ in range(4):
        former.learn(many)
    assert asked == [100, 100, 50]


def test_one_that_nobody_joins_is_found_in_every_source(tmp_path: Path) -> None:
    """The container that joined it may have been removed as well."""
    register = FileRegister(tmp_path, "unix:///e")
    first = FormerContainers(None, register)
    first.learn((VPN, OTHER))
    later = FormerContainers(None, register)
    assert later.find({VPN.id, cid("unknown")}) == {VPN.id: AS_IT_WAS}
    # It was there at the last look.
    assert first.find({VPN.id}) == {VPN.id: AS_IT_WAS}
    audit_log = CountingAuditLog()
    audit_log.save(record("gone"))
    found = FormerContainers(audit_log).find({cid("gone")})
    assert found[cid("gone")].source is FormerContainerSource.REMOVED
    world = World()
    old = world.run(Spec("old"))
    world.rename("old", "new")
    world.remove("new", force=True)
    told = FormerContainers(None, None, SimEngine(world).past_events).find({old})
    assert (told[old].name, told[old].earlier) == ("new", ("old",))
    assert FormerContainers().find(set()) == {}
