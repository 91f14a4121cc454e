"""What is opened on the container under the cursor, and what cannot be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.widgets import OptionList

from nstui.demo.home import demo_world
from nstui.demo.host import SimHost
from nstui.model.snapshot import ReadProblem
from nstui.tui.keys import OPEN_KEYS
from nstui.tui.screens.help import HelpScreen
from nstui.tui.screens.processes import ProcessesScreen, ProcessTable
from nstui.tui.screens.prompts import QuestionScreen
from tests.support.builders import NOON
from tests.unit.tui.stage import Stage

if TYPE_CHECKING:
    from textual.binding import Binding


async def ask_to_copy(stage: Stage, name: str) -> list[str]:
    """Press the key to copy; return what there is."""
    await stage.until(lambda: len(stage.lines()) > 2)
    await stage.goto(name)
    await stage.press("y")
    await stage.until(lambda: isinstance(stage.app.screen, QuestionScreen))
    answers = stage.app.screen.query_one("#answers", OptionList)
    return [str(option.prompt) for option in answers.options]


def address_within(stage: Stage, name: str) -> str:
    """Return the address that a container's first card has, as the kernel tells."""
    record = stage.world.records.get(name)
    interfaces = SimHost(stage.world).interior(record.id, record.pid or 0).interfaces
    assert not isinstance(interfaces, ReadProblem)
    (card,) = (each for each in interfaces.interfaces if each.name == "eth0")
    return card.ipv4[0].text


async def test_copying(demo: Stage) -> None:
    async with demo.open():
        answers = await ask_to_copy(demo, "pihole")
        container = demo.world.records.get("pihole").id
        assert [" ".join(answer.split()) for answer in answers] == [
            "name pihole",
            "remedy docker restart pihole",
            f"short id {container[:12]}",
            f"id {container}",
            f"address {address_within(demo, 'wg-home')} of wg-home, on bridge",
            "image pihole/pihole:2025.04.0",
        ]
        await demo.press("enter")
        await demo.until(lambda: demo.notices() == ["copied the name: pihole"])
        assert demo.app.clipboard == "pihole"
        await demo.press("y")
        await demo.until(lambda: isinstance(demo.app.screen, QuestionScreen))
        await demo.press("down", "enter")
        await demo.until(lambda: demo.app.clipboard == "docker restart pihole")


async def test_nothing_is_copied_by_leaving(demo: Stage) -> None:
    async with demo.open(80, 24):
        answers = await ask_to_copy(demo, "backup-nightly")
        assert not [answer for answer in answers if answer.startswith("address")]
        assert max(len(answer) for answer in answers) <= 68
        await demo.press("escape")
        await demo.until(lambda: demo.app.screen is demo.main)
        assert demo.app.clipboard == ""
        assert demo.notices() == []


async def test_addresses_that_are_not_known(demo: Stage) -> None:
    async with demo.open():
        await demo.until(lambda: len(demo.lines()) > 2)
        demo.engine.hang()
        answers = await ask_to_copy(demo, "redis")
        assert not [answer for answer in answers if answer.startswith("address")]
        assert demo.text("#question-lines").startswith("the addresses are not known: ")


async def test_a_shell_where_there_is_none(demo: Stage) -> None:
    async with demo.open():
        await demo.until(lambda: len(demo.lines()) > 2)
        await demo.goto("redis")
        await demo.press("e")
        no_shell = "the demo has no shell: nothing runs in its containers"
        await demo.until(lambda: demo.notices() == [no_shell])


async def test_a_shell_could_change_something() -> None:
    stage = Stage(demo_world(lambda: NOON), is_read_only=True)
    async with stage.open():
        await stage.until(lambda: len(stage.lines()) > 2)
        await stage.goto("redis")
        await stage.press("e")
        refused = "refused: nstui was started with --read-only"
        await stage.until(lambda: stage.notices() == [refused])


async def test_what_runs_in_no_container_that_has_stopped(demo: Stage) -> None:
    async with demo.open():
        await demo.until(lambda: len(demo.lines()) > 2)
        await demo.goto("backup-nightly")
        await demo.press("e", "p")
        await demo.until(
            lambda: (
                demo.notices()
                == [
                    "backup-nightly is exited: a shell needs a running container",
                    "backup-nightly is exited: nothing runs in it",
                ]
            )
        )


def table(stage: Stage) -> list[tuple[str, ...]]:
    """Return the rows of the processes as they are drawn."""
    shown = stage.app.screen.query_one(ProcessTable)
    rows = (shown.get_row_at(number) for number in range(shown.row_count))
    return [tuple(str(cell).strip() for cell in row) for row in rows]


async def open_processes(stage: Stage, name: str) -> None:
    await stage.until(lambda: len(stage.lines()) > 2)
    await stage.goto(name)
    await stage.press("p")
    await stage.until(lambda: isinstance(stage.app.screen, ProcessesScreen))


async def test_processes() -> None:
    world = demo_world()
    stage = Stage(world, evidence=SimHost(world))
    async with stage.open(100, 30):
        await open_processes(stage, "nginx")
        await stage.until(lambda: len(table(stage)) == 3)
        await stage.until(lambda: "% of one CPU" in stage.text("#container-title"))
        busiest, *_ = table(stage)
        assert busiest[1:3] == ("101", "sleeping")
        assert busiest[3].endswith("%")
        assert busiest[6] == "nginx: worker process"
        await stage.press("i")
        await stage.until(lambda: "master" in table(stage)[0][6])
        await stage.until(lambda: "master" in stage.text("#process-words"))
        await stage.press("G")
        await stage.until(lambda: "worker" in stage.text("#process-words"))
        (last,) = table(stage)[-1:]
        await stage.press("c")
        await stage.until(lambda: "master" in table(stage)[-1][6])
        row = stage.app.screen.query_one(ProcessTable).row_at_cursor()
        assert row is not None
        assert row.pid == last[0]
        world.stop("nginx")
        nothing = "it is exited: nothing runs in it"
        await stage.until(lambda: stage.text("#processes-problem") == nothing)
        assert table(stage) == []
        world.start("nginx")
        await stage.until(lambda: len(table(stage)) == 3)
        await stage.press("q")
        await stage.until(lambda: stage.app.screen is stage.main)


async def test_processes_that_cannot_be_read() -> None:
    world = demo_world(lambda: NOON)
    host = SimHost(world)
    host.inject_problem("nginx", ReadProblem.NOT_THE_CONTAINER)
    stage = Stage(world, evidence=host)
    async with stage.open():
        await open_processes(stage, "nginx")
        words = "its cgroup does not name the container"
        await stage.until(lambda: stage.text("#processes-problem") == words)


async def test_processes_of_an_engine_elsewhere(demo: Stage) -> None:
    async with demo.open():
        await demo.until(lambda: len(demo.lines()) > 2)
        await demo.goto("nginx")
        await demo.press("p")
        await demo.until(lambda: len(demo.notices()) == 1)
        assert demo.notices() == ["the processes of this engine are not read"]


async def test_help_and_palette_offer_all_of_it(demo: Stage) -> None:
    async with demo.open(80, 24):
        await demo.until(lambda: len(demo.lines()) > 2)
        bindings: list[Binding] = OPEN_KEYS  # type: ignore[assignment]  # all are
        offered = {c.title for c in demo.app.get_system_commands(demo.app.screen)}
        assert {f"Look: {binding.description}" for binding in bindings} <= offered
        await demo.press("question_mark")
        await demo.until(lambda: isinstance(demo.app.screen, HelpScreen))
        words = " ".join(demo.text("#help-text").split())
        assert all(binding.tooltip in words for binding in bindings)
