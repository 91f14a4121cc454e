"""A compose project whose owner was recreated alone, and nstui healing it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nstui.engine.compose import ComposeCli
from nstui.engine.compose_program import NEWEST_ENGINE_OF_V1
from nstui.engine.endpoint import Endpoint
from nstui.errors import EngineRefused
from nstui.model.plan import Request
from nstui.model.step import Action, Verb
from tests.engine.attach import attached
from tests.engine.looking import interfaces, namespace, of, wrong
from tests.support.compose_project import (
    ComposeProject,
    Form,
    available_forms,
    provide,
    require,
)

if TYPE_CHECKING:
    from pathlib import Path

    from nstui.analysis.report import Report
    from tests.support.private_engine import PrivateEngine

pytestmark = pytest.mark.docker

HEAL = Request(action=Action.HEAL, targets=())
PROJECT = """
version: "3.9"
services:
  vpn:
    image: bb:1
    command: sleep 1000
    stop_signal: SIGKILL
  web:
    image: bb:1
    command: sleep 1000
    stop_signal: SIGKILL
    network_mode: "service:vpn"
    depends_on: [vpn]
  far:
    image: bb:1
    command: sleep 1000
    stop_signal: SIGKILL
    network_mode: "service:web"
    depends_on: [web]
  apart:
    image: bb:1
    command: sleep 1000
    stop_signal: SIGKILL
"""
SERVICES = ("vpn", "web", "far", "apart")


@pytest.fixture(params=available_forms(), ids=lambda form: form.value)
def project(
    request: pytest.FixtureRequest, engine_host: PrivateEngine, tmp_path: Path
) -> ComposeProject:
    """Start a project of an owner with a chain behind it, and one that stands apart."""
    form = Form(request.param)
    require(form)
    major = int(engine_host.client.version()["Version"].partition(".")[0])
    if form is Form.V1 and major > NEWEST_ENGINE_OF_V1:
        pytest.skip("this engine is too new for compose v1")
    folder = tmp_path / "project"
    folder.mkdir()
    project = ComposeProject(engine_host, form, provide(form, tmp_path), folder)
    project.write(PROJECT)
    project.up()
    return project


SHARED = """
    volumes: ["./:/project", "data:/data"]
"""


def exposed(project: ComposeProject, text: str = "") -> ComposeProject:
    """Let a container of a project write all of it, and then change its file."""
    first = PROJECT.replace("    depends_on: [vpn]\n", SHARED, 1)
    project.down()
    project.write(f"{first}volumes:\n  data: {{}}\n")
    project.up()
    project.recreate("vpn")
    if text:
        project.engine.docker(
            *("exec", project.container("web"), "sh", "-c"),
            'echo "$0" > /project/docker-compose.yml',
            text,
        )
    return project


def ids(project: ComposeProject) -> dict[str, str]:
    """Return the id of each service's container."""
    return {service: project.id(service) for service in SERVICES}


def together(report: Report, project: ComposeProject) -> bool:
    """Tell whether all who joined the owner are in its namespace."""
    names = [project.container(service) for service in ("vpn", "web", "far")]
    return len({namespace(report, name) for name in names}) == 1


def test_compose_recreates_what_it_manages(project: ComposeProject) -> None:
    url = project.engine.url
    compose = ComposeCli(Endpoint(url, None), project.environ)
    with attached(url, compose=compose) as connection:
        connection.observer.look()
        project.recreate("vpn")
        before = ids(project)
        assert wrong(connection.observer.look_afresh())

        plan = connection.executor.plan(HEAL)
        assert [step.verb for step in plan.steps] == [Verb.COMPOSE, Verb.COMPOSE]
        connection.executor.carry_out(plan)

        report = connection.observer.look_afresh()
        assert wrong(report) == set()
        assert together(report, project)
        assert interfaces(report, project.container("far")) == ("lo", "eth0")
    after = ids(project)
    same = {service for service in SERVICES if before[service] == after[service]}
    assert same == {"vpn", "apart"}
    project.up()
    then = ids(project)
    unchanged = {"vpn", "apart"} if project.forgets_dependencies else {*SERVICES}
    assert {s for s in SERVICES if then[s] == after[s]} == unchanged


def test_the_engine_remembers_who_the_owner_was(project: ComposeProject) -> None:
    project.recreate("vpn")
    with attached(project.engine.url) as connection:
        plan = connection.executor.plan(HEAL)
        assert plan.choices == ()
        assert [one.owner for one in plan.recreations] == [
            project.container("vpn"),
            project.container("web"),
        ]


def test_without_the_projects_files_nstui_does_it_itself(
    project: ComposeProject,
) -> None:
    url = project.engine.url
    compose = ComposeCli(Endpoint(url, None), project.environ)
    with attached(url, compose=compose) as connection:
        connection.observer.look()
        project.recreate("vpn")
        file = next(project.folder.iterdir())
        text = file.read_text()
        file.unlink()

        plan = connection.executor.plan(HEAL)
        assert [step.verb for step in plan.steps] == [Verb.RECREATE, Verb.RECREATE]
        connection.executor.carry_out(plan)

        report = connection.observer.look_afresh()
        assert wrong(report) == set()
        assert together(report, project)
        web = of(report, project.container("web"))
        assert web.compose is not None
        assert web.compose.service == "web"
    after = ids(project)
    project.write(text)
    project.up()
    # Compose v2 counts the owner's id as part of a service's configuration, and so
    # makes these anew once.
    unchanged = set(SERVICES) if project.form is Form.V1 else {"vpn", "apart"}
    now = ids(project)
    assert {service for service in SERVICES if now[service] == after[service]} == (
        unchanged
    )


RENAMED = """
volumes:
  data:
    name: other
    driver_opts: {type: none, o: bind, device: /}
"""
UNCHANGED = PROJECT.replace("    depends_on: [vpn]\n", SHARED, 1)


@pytest.mark.parametrize(
    ("text", "verb"),
    [
        ("", Verb.COMPOSE),
        (f"{UNCHANGED}volumes:\n  data: {{}}\n", Verb.COMPOSE),
        (
            f"{UNCHANGED}volumes:\n  data: {{}}\n".replace(
                '"data:/data"', '"data:/data", "/:/host"'
            ),
            Verb.RECREATE,
        ),
        (
            UNCHANGED + RENAMED,
            Verb.RECREATE,
        ),
        (
            UNCHANGED.replace('"service:vpn"', '"service:vpn"\n    privileged: true')
            + "volumes:\n  data: {}\n",
            Verb.RECREATE,
        ),
        (
            UNCHANGED.replace('"service:vpn"', '"service:vpn"\n    secrets: [s]')
            + "volumes:\n  data: {}\nsecrets:\n  s: {file: /etc/shadow}\n",
            Verb.RECREATE,
        ),
    ],
    ids=["as it was", "written again", "mount", "volume", "privileged", "secret"],
)
def test_what_a_container_can_write_is_used_while_nothing_has_changed(
    project: ComposeProject, text: str, verb: Verb
) -> None:
    url = project.engine.url
    compose = ComposeCli(Endpoint(url, None), project.environ)
    with attached(url, compose=compose) as connection:
        exposed(project, text)
        report = connection.observer.look_afresh()
        broken = of(report, project.container("web"))
        found = compose.recreation(broken)
        assert (found.command is not None) == (verb is Verb.COMPOSE)
        if found.command is None:
            assert found.refused.startswith(f"{broken.name} can write {project.folder}")
            with pytest.raises(EngineRefused, match="can write"):
                compose.recreate(broken, ("docker", "compose"))
        else:
            compose.recreate(broken, found.command)
            assert project.mode("web") == f"container:{project.id('vpn')}"


def test_what_compose_built_is_composes_although_the_image_says_so_too(
    project: ComposeProject,
) -> None:
    """``docker compose build`` puts the project and the service into an image."""
    engine = project.engine
    labels = {"project": "project", "service": "web", "version": "2.26.1"}
    built = {f"com.docker.compose.{key}": value for key, value in labels.items()}
    engine.label_image("built:1", built)
    compose = ComposeCli(Endpoint(engine.url, None), project.environ)
    with attached(engine.url, compose=compose) as connection:
        project.down()
        head, web, tail = PROJECT.partition("  web:\n    image: ")
        project.write(head + web + "built:1" + tail.removeprefix("bb:1"))
        project.up()
        connection.observer.look()
        project.recreate("vpn")

        plan = connection.executor.plan(HEAL)

        assert [step.verb for step in plan.steps] == [Verb.COMPOSE, Verb.COMPOSE]
        connection.executor.carry_out(plan)
        assert wrong(connection.observer.look_afresh()) == set()
