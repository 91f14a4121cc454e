"""The facts about one container: each is told once, and no default is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from nstui.analysis.report import Report
from nstui.analysis.secrets import MASK
from nstui.model.container import Container, ContainerNetwork
from nstui.model.particulars import Mount, Particulars, Probe, Variable
from nstui.render.container_sections import MOST_ROWS, MOST_WIDTH
from tests.support.builders import NOON, cid, container, report, snapshot
from tests.unit.render.paper import HARMLESS, HOSTILE
from tests.unit.render.test_details import told


def inspected(one: Container, **changes: object) -> Container:
    """Return a container whose inspect says something else."""
    assert one.inspection is not None
    return replace(one, inspection=replace(one.inspection, **changes))  # type: ignore[arg-type]  # the test names fields of it


def facts(one: Container, *, minutes: int = 0) -> dict[str, str]:
    """Return what is told of a container some minutes after noon, by the labels."""
    of = Report(snapshot(one, minutes=minutes))
    rows = (line.partition(": ") for line in told(of, one.name)["Container"])
    return {label: words for label, _, words in rows}


AN_HOUR_AGO = NOON - timedelta(hours=1)


@pytest.mark.parametrize(
    ("one", "words"),
    [
        pytest.param(container("a"), "● running  up since 12:00", id="running"),
        pytest.param(
            container("a", state="paused"), "◐ paused  up since 12:00", id="paused"
        ),
        pytest.param(
            container("a", started=None), "● running  Up 3 hours", id="since when?"
        ),
        pytest.param(
            replace(container("a", state="created", started=None), status="Created"),
            "◌ created",
            id="created",
        ),
        pytest.param(
            inspected(
                container("a", state="exited", exit_code=137),
                finished_at=AN_HOUR_AGO,
            ),
            "○ exited  with code 137 (SIGKILL) at 11:00",
            id="killed",
        ),
        pytest.param(
            inspected(container("a", state="exited"), exit_code=None),
            "○ exited  (0) 2 hours ago",
            id="nobody knows how",
        ),
        pytest.param(
            container("a", is_inspected=False), "● running  Up 3 hours", id="unread"
        ),
    ],
)
def test_the_state_and_how_it_ended(one: Container, words: str) -> None:
    assert facts(one, minutes=3)["state"].rstrip() == words


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (container("a"), "no"),
        (container("a", removes_itself=True), "no, removed when it stops"),
        (container("a", restart="always", restart_count=2), "always, 2 so far"),
        (
            container("a", restart="on-failure", restart_limit=5),
            "on-failure, at most 5 times",
        ),
    ],
)
def test_the_restart_policy(one: Container, words: str) -> None:
    assert facts(one)["restart"] == words


def test_an_error_is_told_once() -> None:
    error = "exec: no-such-program: not found"
    one = container("a", state="created", start_error=error)
    sections = told(report(one), "a")
    assert "\n".join(line for s in sections.values() for line in s).count(error) == 1


ONE_LINE = HARMLESS.replace(r"\r\n", "")
PROBED_AT = NOON + timedelta(minutes=1)


@pytest.mark.parametrize(
    ("health", "probe", "lines"),
    [
        pytest.param("starting", None, ["health: starting"], id="none yet"),
        pytest.param(
            "healthy",
            Probe(PROBED_AT, 0, ""),
            ["health: healthy  as of 12:01"],
            id="silent",
        ),
        pytest.param(
            "unhealthy",
            Probe(PROBED_AT, 7, "\n  % Total\n 0\r 100\ncurl: (7) refused\n"),
            [
                "health: unhealthy  exit code 7, as of 12:01",
                ": …",
                ": 0",
                ": 100",
                ": curl: (7) refused",
            ],
            id="the last lines",
        ),
        pytest.param(
            "unhealthy",
            Probe(None, 1, "x" * (MOST_WIDTH + 1)),
            ["health: unhealthy  exit code 1", f": {'x' * MOST_WIDTH}…"],
            id="one endless line",
        ),
        pytest.param(
            "unhealthy",
            Probe(PROBED_AT, None, HOSTILE.replace("\r\n", "")),
            [
                "health: unhealthy  as of 12:01",
                f": {ONE_LINE}",
            ],
            id="hostile",
        ),
    ],
)
def test_health_with_what_the_check_wrote(
    health: str, probe: Probe | None, lines: list[str]
) -> None:
    one = inspected(container("a", health=health), particulars=Particulars(probe=probe))
    rows = told(Report(snapshot(one, minutes=5)), "a")["Container"]
    (start,) = (i for i, row in enumerate(rows) if row.startswith("health"))
    assert rows[start : start + len(lines)] == lines
    assert rows[start + len(lines)] == "restart: no"


def test_the_command_when_it_was_created_and_the_mounts() -> None:
    found = Particulars(
        command=("sh", "-c", "echo 'a b'"),
        mounts=(
            Mount("media", "/config", "volume"),
            Mount(cid("x"), "/data", "volume"),
            Mount("/srv", "/srv", "bind", is_read_only=True),
            Mount("", "/run", "tmpfs"),
        ),
    )
    one = inspected(container("a"), particulars=found)
    shown = facts(one, minutes=120)
    assert shown["command"] == r"sh -c 'echo '\''a b'\'"
    assert shown["created"] == "2026-11-23 12:00"
    assert told(report(one), "a")["Mounts"] == [
        ": media → /config",
        f": {cid('x')[:12]} (anonymous) → /data",
        ": /srv → /srv, read-only",
        ": tmpfs → /run",
    ]


def test_the_environment() -> None:
    found = Particulars(environment=(Variable("TZ", "UTC"), Variable("KEY", MASK)))
    one = inspected(container("a"), particulars=found)
    assert told(report(one), "a")["Environment"] == [": TZ=UTC", f": KEY={MASK}"]


def test_what_is_too_much_is_counted() -> None:
    many = tuple(Variable(f"V{n}", "") for n in range(MOST_ROWS + 7))
    one = inspected(container("a"), particulars=Particulars(environment=many))
    rows = told(report(one), "a")["Environment"]
    assert len(rows) == MOST_ROWS + 1
    assert rows[-1] == ": … and 7 more, which Inspect shows"


def test_what_a_container_wrote_does_nothing_to_the_terminal() -> None:
    found = Particulars(
        command=(HOSTILE,),
        mounts=(Mount(HOSTILE, HOSTILE, HOSTILE),),
        environment=(Variable(HOSTILE, HOSTILE),),
    )
    one = inspected(container("a"), particulars=found)
    one = replace(
        one, endpoints=(ContainerNetwork(HOSTILE, (HOSTILE,)),), networks=(HOSTILE,)
    )
    sections = told(report(one), "a")
    for title in ("Container", "Mounts", "Environment", "Networks"):
        assert all(line.isprintable() for line in sections[title])
        assert any(HARMLESS in line for line in sections[title])


def own(*ends: ContainerNetwork, mode: str = "media") -> Container:
    one = container("own", mode=mode, networks=tuple(end.network for end in ends))
    return replace(one, endpoints=ends)


MEDIA = ContainerNetwork("media", ("172.20.0.5", "fd00::5"))
DEP = container("dep", joins=cid("own"))


@pytest.mark.parametrize(
    ("owner", "of_owner", "of_dependent"),
    [
        (
            own(MEDIA, ContainerNetwork("proxy", ("172.21.0.2",))),
            ["media: 172.20.0.5, fd00::5", "proxy: 172.21.0.2"],
            ["media: 172.20.0.5, fd00::5  of own", "proxy: 172.21.0.2  of own"],
        ),
        (own(ContainerNetwork("media", ())), [": media"], [": media  of own"]),
        (own(mode="lan"), [": lan"], [": lan  of own"]),
        (
            own(ContainerNetwork("host", ()), mode="host"),
            [": the host's own"],
            [": the host's own  of own"],
        ),
        (
            own(mode="none"),
            [": none: it has no network"],
            [": none: it has no network  of own"],
        ),
    ],
)
def test_networks_with_their_addresses(
    owner: Container, of_owner: list[str], of_dependent: list[str]
) -> None:
    of = report(owner, DEP)
    assert told(of, "own")["Networks"] == of_owner
    assert told(of, "dep")["Networks"] == of_dependent


def test_who_was_left_behind_has_neither_address_nor_port() -> None:
    owner = replace(own(MEDIA), ports=container("x", ports=(80,)).ports)
    apart = told(report(owner, DEP, net={"own": 8, "dep": 7}), "dep")
    assert "Networks" not in apart
    assert "Published ports" not in apart
    together = told(report(owner, DEP, net={"own": 7, "dep": 7}), "dep")
    assert {"Networks", "Published ports"} <= together.keys()


def test_ports_are_in_the_order_of_the_hosts() -> None:
    ports = container("x", ports=(9000, 80, 443)).ports
    swapped = tuple(replace(p, host_port=10_000 - p.host_port) for p in ports)
    one = replace(container("a"), ports=swapped)
    assert told(report(one), "a")["Published ports"] == [
        ": 0.0.0.0:1000->9000/tcp",
        ": 0.0.0.0:9557->443/tcp",
        ": 0.0.0.0:9920->80/tcp",
    ]
