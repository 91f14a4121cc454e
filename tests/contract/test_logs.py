"""What an engine tells of what containers write."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nstui.demo.containers import Spec
from nstui.errors import ContainerVanished, EngineRefused
from nstui.model.audit import LogSource
from tests.contract.look import run
from tests.support.builders import cid
from tests.support.log_reader import LogReader

if TYPE_CHECKING:
    from collections.abc import Callable

    from nstui.model.container import ContainerId
    from nstui.ports import ContainerEngine
    from tests.contract.host import ContractHost


def test_the_past_and_what_follows(host: ContractHost) -> None:
    own = run(host, Spec("own"))
    host.say("own", "one")
    host.say("own", "two", LogSource.STDERR)
    everything = LogReader(host.engine.logs(own))
    one, two = everything.until("one", "two")
    assert (one.source, two.source) == (LogSource.STDOUT, LogSource.STDERR)
    assert one.time_ns is not None
    assert two.time_ns is not None
    assert one.time_ns < two.time_ns

    last = LogReader(host.engine.logs(own, tail=1))
    last.until("two")
    later = LogReader(host.engine.logs(own, since_ns=two.time_ns))
    later.until("two")
    after = LogReader(host.engine.logs(own, since_ns=two.time_ns + 1))
    host.say("own", "three")
    everything.until("one", "two", "three")
    last.until("two", "three")
    later.until("two", "three")
    after.until("three")


@pytest.mark.parametrize(
    "end",
    [
        lambda engine, own: engine.stop(own, timeout=0),
        lambda engine, own: engine.restart(own, timeout=0),
        lambda engine, own: engine.remove(own, force=True),
    ],
    ids=["stop", "restart", "rm"],
)
def test_the_stream_ends_with_the_run(
    host: ContractHost, end: Callable[[ContainerEngine, ContainerId], None]
) -> None:
    own = run(host, Spec("own"))
    host.say("own", "one")
    reader = LogReader(host.engine.logs(own))
    reader.until("one")

    end(host.engine, own)

    assert reader.ended()
    assert reader.texts == ["one"]


def test_what_a_stopped_container_wrote_is_kept(host: ContractHost) -> None:
    own = run(host, Spec("own"))
    host.say("own", "one")
    host.engine.stop(own, timeout=0)
    past = LogReader(host.engine.logs(own))
    assert past.ended()
    assert past.texts == ["one"]

    host.engine.start(own)
    host.say("own", "two")

    LogReader(host.engine.logs(own)).until("one", "two")


def test_a_container_that_was_never_started_has_written_nothing(
    host: ContractHost,
) -> None:
    reader = LogReader(host.engine.logs(host.create(Spec("own"))))
    assert reader.ended()
    assert reader.texts == []


def test_a_driver_that_cannot_be_read(host: ContractHost) -> None:
    own = run(host, Spec("own", log_driver="none"))
    with pytest.raises(
        EngineRefused, match=r"^configured logging driver does not support reading$"
    ):
        host.engine.logs(own)


def test_nobody_of_that_id(host: ContractHost) -> None:
    with pytest.raises(ContainerVanished, match=cid("nobody")):
        host.engine.logs(cid("nobody"))


def test_a_blocked_stream_ends_when_it_is_closed(host: ContractHost) -> None:
    own = run(host, Spec("own"))
    host.say("own", "one")
    streams = [host.engine.logs(own) for _ in range(2)]
    one, other = (LogReader(stream) for stream in streams)
    one.until("one")
    other.until("one")

    streams[0].close()
    assert one.ended()
    assert not other.ended(timeout=0)
    host.engine.close()
    assert other.ended()
