"""Which verdicts follow from what was measured."""

from __future__ import annotations

import math
import re
from dataclasses import replace

import pytest

from bench.lines import judge
from bench.machine import Machine
from bench.measure.changes import Changes
from bench.measure.guard import Guard, Paired
from bench.measure.hosts import ManyHosts
from bench.measure.idle import Idle
from bench.measure.keys import Keys
from bench.measure.memory import Flatness
from bench.measure.real_hosts import RealHosts
from bench.measure.remote import Remote
from bench.measure.scan import Scan
from bench.measure.spread import Spread, exponent, spread
from bench.measure.ssh import FarAway
from bench.measure.startup import Startup
from bench.measure.storm import Storm
from bench.measure.watch import Rejoining, Watch
from bench.measurements import Measurements
from bench.plot import write_plot
from bench.promise import Line, Verdict, range_of
from bench.subjects import BARE, CHECK, HELP, LAZYDOCKER, LIST
from bench.table import write_table

MACHINE = Machine(
    date="2026-11-25",
    cores=2,
    memory_gib=4,
    kernel="6.1",
    python="3.11.7",
    engine="20.10.24",
    load=0,
    commit="0123456789",
)
IDLE = Idle(
    seconds=60,
    cpu_s=0.1,
    engine_cpu_s=0.02,
    sent_bytes=0,
    requests={"GET /containers/json": 2},
    streams={"GET /events": 1},
    memory_mib=50,
)

REJOINING = Rejoining(
    dependents=100, rejoined=100, seconds=40, most_at_once=4, memory_mib=60
)


def of(*values: float | None) -> Spread:
    return spread(values)


WATCHING = replace(IDLE, memory_mib=40)
WATCH = Watch(3, WATCHING, of(3_100, 3_150), REJOINING)


GUARD = Guard(
    list_ms=Paired(of(1, 2), of(1.5, 4)),
    docker_ps_ms=Paired(of(20), of(21)),
    answer_ms=of(0.2, 2),
    busy_ms=of(0.3, 50),
    removals=200,
    denied_ms=of(800),
    ticket_ms=of(1),
    killed_ms=of(100, 1_000),
    stopped_ms=of(100, 5_000),
    memory_mib=30,
)

HOSTS = ManyHosts(
    hosts=50,
    failing=10,
    containers=25,
    down=Keys(of(20), of(700)),
    quit_ms=300,
    host_mib=0.3,
    lists=40,
)

REAL_HOSTS = RealHosts(hosts=5, down=Keys(of(20), of(700)), host_mib=0.3, ssh_mib=8)

FAR = FarAway(
    containers=100,
    handshake_ms=of(800),
    local_ms=of(100),
    near_ms=of(300),
    first_ms={"nstui": of(1_100), LIST: of(1_300)},
    near_look_ms=of(30),
    look_ms=of(140),
    look_bytes=20 * 1024,
    near_whole_ms=of(60),
    whole_ms=of(170),
    near_down=Keys(of(10), of(600)),
    down=Keys(of(15), of(600)),
    rest_s=60,
    rest_bytes=1_000,
    rest_requests={"GET /containers/json": 3},
)

PROGRAMS = ("nstui", "docksurf", LAZYDOCKER)
COMMANDS = {HELP: of(60), BARE: of(10), CHECK: of(125), LIST: of(25)}


def startup(first_ms: float, sent: float = 9_000) -> Startup:
    return Startup(of(first_ms), of(first_ms), of(2 * sent), of(sent))


def resting(idle: Idle) -> Watch:
    """Return a watch that costs something else at rest."""
    return replace(WATCH, idle=idle)


def asking(*asked_ms: float | None) -> Watch:
    """Return a watch that restarts the first dependent at other times."""
    return replace(WATCH, asked_ms=of(*asked_ms))


def rejoining(rejoined: int = 100, most_at_once: int = 4) -> Watch:
    """Return a watch that heals many otherwise."""
    many = replace(REJOINING, rejoined=rejoined, most_at_once=most_at_once)
    return replace(WATCH, rejoining=many)


def good() -> Measurements:
    """Return measurements that keep every promise they are about."""
    return Measurements(
        machine=MACHINE,
        containers=100,
        is_quick=False,
        startups={
            "nstui": startup(400),
            "docksurf": startup(800),
            LAZYDOCKER: startup(310),
        },
        prompts_bytes={"help": 24 * 1024, "stop": 10_000},
        commands_ms=COMMANDS,
        idle=dict.fromkeys(PROGRAMS, IDLE),
        nobody=replace(IDLE, engine_cpu_s=0.0),
        changes={n: Changes(of(70), of(70), of(700)) for n in PROGRAMS},
        keys={n: Keys(of(10), of(600)) for n in PROGRAMS},
        quits_ms=of(300),
        slow_changes=Changes(of(90), of(90), of(500)),
        slow_keys=Keys(of(40), of(400)),
        storm=Storm(containers=100, seconds=9, lists=5, ends_right=True),
        scans=[Scan(8_000, of(50), of(370), of(45))],
        flatness=Flatness(7_200, 60, (40.0, 50.0, 50.0, 51.0)),
        remote=[
            Remote(
                way="ssh",
                delay_ms=0,
                first_ms=of(700),
                down=Keys(of(12), of(600)),
                is_equal=True,
            )
        ],
        watch=WATCH,
        guard=GUARD,
        hosts=HOSTS,
        real_hosts=REAL_HOSTS,
        far=FAR,
        polling=replace(IDLE, requests={"GET /containers/json": 12}),
    )


def verdicts(found: Measurements) -> dict[tuple[str, str], Verdict]:
    """Return the verdicts that are not good, by line and beginning of what it says."""
    return {
        (line.number, line.what.split(",")[0]): line.verdict
        for line in judge(found)
        if line.verdict is not Verdict.MET
    }


def test_what_keeps_every_promise() -> None:
    assert verdicts(good()) == {}


@pytest.mark.parametrize(
    ("change", "number"),
    [
        pytest.param({"startups": {"docksurf": startup(600)}}, "1", id="slow start"),
        pytest.param({"startups": {LAZYDOCKER: startup(300)}}, "1", id="late tree"),
        pytest.param(
            {"changes": {LAZYDOCKER: Changes(of(69), of(70), of(700))}},
            "3",
            id="later than another",
        ),
        pytest.param({"prompts_bytes": {"help": 24 * 1024 + 1}}, "7", id="long help"),
        pytest.param({"commands_ms": {HELP: of(61)}}, "1", id="slow help"),
        pytest.param({"commands_ms": {CHECK: of(126)}}, "1", id="slow check"),
        pytest.param({"idle": {"nstui": replace(IDLE, cpu_s=0.3)}}, "2", id="cpu"),
        pytest.param({"idle": {"nstui": replace(IDLE, sent_bytes=1)}}, "2", id="bytes"),
        pytest.param(
            {"idle": {"nstui": replace(IDLE, requests={"GET /containers/json": 4})}},
            "2",
            id="lists",
        ),
        pytest.param(
            {"idle": {"nstui": replace(IDLE, requests={"GET /info": 1})}},
            "2",
            id="another request",
        ),
        pytest.param({"idle": {"nstui": replace(IDLE, streams={})}}, "2", id="deaf"),
        pytest.param(
            {"idle": {"nstui": replace(IDLE, engine_cpu_s=0.2)}}, "2", id="engine"
        ),
        pytest.param({"idle": {"nstui": replace(IDLE, memory_mib=61)}}, "6", id="fat"),
        pytest.param(
            {"changes": {"nstui": Changes(of(70), of(70, 70, 401), of(700))}},
            "3",
            id="late once",
        ),
        pytest.param(
            {"changes": {"nstui": Changes(of(None, 70), of(70), of(700))}},
            "3",
            id="never shown",
        ),
        pytest.param(
            {"changes": {"nstui": Changes(of(70), of(70), of(1025))}}, "7", id="row"
        ),
        pytest.param({"keys": {"nstui": Keys(of(31), of(600))}}, "4", id="slow key"),
        pytest.param({"quits_ms": of(501)}, "4", id="slow end"),
        pytest.param({"quits_ms": of(300, None)}, "4", id="no end"),
        pytest.param({"startups": {"nstui": startup(400, 17_000)}}, "7", id="screen"),
        pytest.param(
            {"slow_keys": Keys(of(40), of(601))}, "7", id="a slow link gets more"
        ),
        pytest.param({"storm": Storm(100, 9, 6, ends_right=True)}, "3", id="asks"),
        pytest.param({"storm": Storm(100, 9, 3, ends_right=False)}, "3", id="wrong"),
        pytest.param({"scans": [Scan(99, of(50), of(150), of(1))]}, "5", id="scan"),
        pytest.param(
            {"flatness": Flatness(9, 9, (40.0, 50.0, 50.0, 53.0))}, "6", id="grows"
        ),
        pytest.param(
            {"watch": resting(replace(WATCHING, cpu_s=0.11))}, "watch", id="watch: cpu"
        ),
        pytest.param(
            {"watch": resting(replace(WATCHING, memory_mib=41))},
            "watch",
            id="watch: fat",
        ),
        pytest.param(
            {"watch": resting(replace(WATCHING, requests={"GET /containers/json": 3}))},
            "watch",
            id="watch: lists",
        ),
        pytest.param(
            {"watch": resting(replace(WATCHING, requests={"GET /info": 1}))},
            "watch",
            id="watch: asks",
        ),
        pytest.param(
            {"watch": resting(replace(WATCHING, streams={}))}, "watch", id="watch: deaf"
        ),
        pytest.param({"watch": asking(3_100, 3_151)}, "watch", id="watch: late"),
        pytest.param({"watch": asking(3_100, None)}, "watch", id="watch: never"),
        pytest.param(
            {"guard": replace(GUARD, list_ms=Paired(of(1, 2), of(1.5, 4.1)))},
            "guard",
            id="guard: adds",
        ),
        pytest.param(
            {"guard": replace(GUARD, answer_ms=of(0.2, 2.1))}, "guard", id="guard: slow"
        ),
        pytest.param(
            {"guard": replace(GUARD, busy_ms=of(0.2, 51))}, "guard", id="guard: busy"
        ),
        pytest.param(
            {"guard": replace(GUARD, killed_ms=of(100, 5_001))},
            "guard",
            id="guard: killed",
        ),
        pytest.param(
            {"guard": replace(GUARD, stopped_ms=of(100, None))},
            "guard",
            id="guard: stopped",
        ),
        pytest.param(
            {"guard": replace(GUARD, memory_mib=31)}, "guard", id="guard: fat"
        ),
        pytest.param({"watch": rejoining(rejoined=99)}, "watch", id="watch: not all"),
        pytest.param({"watch": rejoining(most_at_once=5)}, "watch", id="watch: many"),
        pytest.param({"watch": rejoining(most_at_once=1)}, "watch", id="watch: single"),
    ],
)
def test_what_misses_one(change: dict[str, object], number: str) -> None:
    found = good()
    for name, value in change.items():
        before = getattr(found, name)
        merged = {**before, **value} if isinstance(value, dict) else value
        setattr(found, name, merged)
    missed = verdicts(found)
    assert [key[0] for key in missed] == [number]
    assert set(missed.values()) == {Verdict.MISSED}


@pytest.mark.parametrize(
    ("changed", "what"),
    [
        (replace(HOSTS, down=Keys(of(31), of(700))), "from a key to the screen"),
        (replace(HOSTS, down=Keys(of(20, None), of(700))), "from a key to the screen"),
        (replace(HOSTS, quit_ms=501), "from the key to quit"),
        (replace(HOSTS, quit_ms=None), "from the key to quit"),
        (replace(HOSTS, host_mib=1.6), "memory for each host"),
    ],
)
def test_what_a_list_of_hosts_misses(changed: ManyHosts, what: str) -> None:
    missed = [
        line
        for line in judge(replace(good(), hosts=changed))
        if line.verdict is not Verdict.MET
    ]
    (line,) = missed
    assert line.number == "hosts"
    assert line.what.startswith(what)


@pytest.mark.parametrize(
    ("changed", "what"),
    [
        (replace(REAL_HOSTS, down=Keys(of(31), of(700))), "from a key to the screen"),
        (replace(REAL_HOSTS, host_mib=1.6), "memory for each host"),
    ],
)
def test_what_a_list_of_real_hosts_misses(changed: RealHosts, what: str) -> None:
    missed = [
        line
        for line in judge(replace(good(), real_hosts=changed))
        if line.verdict is not Verdict.MET
    ]
    (line,) = missed
    assert line.what.startswith(what)
    assert "5 real engines behind ssh" in line.what


@pytest.mark.parametrize(
    ("changed", "what"),
    [
        (replace(FAR, first_ms={"nstui": of(1_101)}), "start to the first"),
        (replace(FAR, first_ms={"nstui": of(900, None)}), "start to the first"),
        (replace(FAR, look_ms=of(190)), "namespaces of 100"),
        (replace(FAR, whole_ms=of(220)), "a look at 100"),
        (replace(FAR, look_bytes=20 * 1024 + 1), "bytes through ssh"),
        (replace(FAR, rest_bytes=3 * 20 * 1024 + 1), "bytes through ssh for a look"),
        (replace(FAR, down=Keys(of(16), of(600))), "from a key to the screen"),
        (replace(FAR, down=Keys(of(9, None), of(600))), "from a key to the screen"),
        (
            replace(FAR, rest_requests={"GET /containers/json": 1, "GET /info": 1}),
            "requests at rest",
        ),
        (
            replace(FAR, rest_requests={}),
            "bytes through ssh for a look at rest",
        ),
        (replace(FAR, rest_requests={"GET /containers/json": 4}), "requests at rest"),
    ],
)
def test_what_an_engine_behind_ssh_misses(changed: FarAway, what: str) -> None:
    missed = [
        line
        for line in judge(replace(good(), far=changed))
        if line.verdict is not Verdict.MET
    ]
    (line,) = missed
    assert line.number == "ssh"
    assert line.what.startswith(what)


def test_an_engine_behind_ssh_is_beside_others_in_the_table() -> None:
    section = write_table(good()).partition("## An engine behind ssh")[2]
    assert "| **nstui** | 1,100 ms |" in section
    assert "| docker ps -a | 1,300 ms |" in section
    assert "## An engine behind ssh" not in write_table(replace(good(), far=None))


def test_hosts_that_were_not_measured_are_not_judged() -> None:
    lines = judge(replace(good(), hosts=None, real_hosts=None))
    assert not [line for line in lines if line.number == "hosts"]


def test_without_a_rival_nothing_is_said() -> None:
    found = good()
    del found.startups["docksurf"]
    assert list(verdicts(found).values()) == [Verdict.UNKNOWN]


def test_a_screen_that_differs_behind_ssh_is_told() -> None:
    found = good()
    found.remote = [replace(found.remote[0], is_equal=False)]
    line = next(line for line in judge(found) if line.number == "ssh")
    assert line.verdict is Verdict.MISSED
    assert "DIFFERS" in line.measured


def test_the_table_and_the_picture_show_everybody() -> None:
    found = good()
    found.missing = {"ctop": "not on PATH"}
    table, picture = write_table(found), write_plot(found)
    for name in ("nstui", "docksurf"):
        assert name in table
        assert name in picture
    assert "docker ps -a" in table
    assert "ctop: not on PATH" in table
    lines: tuple[Line, ...] = judge(found)
    assert all(f"| {line.measured} |" in table for line in lines)


def test_a_watch_beside_others_at_rest() -> None:
    found = good()
    section = write_table(found).partition("## A standing watch")[2].partition("##")[0]
    rows = re.findall(
        r"^\| ([^|]*[^-: |]) +\|.*\| ([0-9]+) \|[^|]*\|$", section, re.MULTILINE
    )
    assert rows == [
        ("**nstui watch**", "2"),
        ("docker-autoheal's way of asking", "12"),
        (LAZYDOCKER, "2"),
    ]
    assert "docker-autoheal itself is not run" in section


def test_a_watch_that_was_not_measured_is_not_judged() -> None:
    found = good()
    found.watch = None
    assert "watch" not in {line.number for line in judge(found)}
    assert "## A standing watch" not in write_table(found)


@pytest.mark.parametrize("minutes", [1, 5])
def test_what_a_watch_may_cost_grows_with_the_time(minutes: int) -> None:
    found = good()
    lists = {"GET /containers/json": 2 * minutes}
    seconds, cpu_s = 60.0 * minutes + 0.1, 0.1 * minutes
    idle = replace(WATCHING, seconds=seconds, cpu_s=cpu_s, requests=lists)
    found.watch = resting(idle)
    assert verdicts(found) == {}
    found.watch = resting(replace(idle, cpu_s=cpu_s + 0.01))
    assert list(verdicts(found).values()) == [Verdict.MISSED]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ((1.4,), "1 ms"),
        ((1, 3, 2), "2 ms (1-3)"),
        ((1, None), "1 ms, 1 never"),
        ((None,), "never"),
    ],
)
def test_how_numbers_are_written(values: tuple[float | None, ...], words: str) -> None:
    assert range_of(spread(values)) == words


@pytest.mark.parametrize("power", [0.0, 0.5, 1.0, 2.0])
def test_the_exponent_of_a_growth(power: float) -> None:
    sizes = [10.0, 20.0, 40.0, 100.0]
    costs = [3 * size**power for size in sizes]
    assert math.isclose(exponent(sizes, costs), power, abs_tol=1e-9)


def test_what_a_guard_adds_is_in_the_table() -> None:
    section = write_table(good()).partition("## The guard of an engine")[2]
    rows = [line for line in section.partition("##")[0].splitlines() if line]
    assert (
        "| `docker ps`, with the guard | 21.00 ms | 21.00 ms | 21.00 ms | 1 |" in rows
    )
    found = good()
    found.guard = None
    assert "guard" not in {line.number for line in judge(found)}
    assert "## The guard" not in write_table(found)
