"""Projects of compose whose owner was recreated alone, and compose putting it right."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nstui.engine.compose import ComposeCli
from nstui.engine.compose_program import NEWEST_ENGINE_OF_V1
from nstui.engine.docker_engine import DockerEngine
from nstui.engine.endpoint import Endpoint
from nstui.errors import EngineRefused, HalfDone
from tests.support.compose_project import (
    ComposeProject,
    Form,
    available_forms,
    provide,
    require,
)

if TYPE_CHECKING:
    from pathlib import Path

    from nstui.model.container import Container
    from tests.support.private_engine import PrivateEngine

pytestmark = pytest.mark.docker

OWNER = """
version: "3.9"
services:
  vpn:
    image: bb:1
    command: sleep 1000
    stop_signal: SIGKILL
    ports: ["127.0.0.1::80"]
  web:
    image: bb:1
    command: sleep 1000
    stop_signal: SIGKILL
    network_mode: "service:vpn"
    volumes: ["/data"]
  far:
    image: bb:1
    command: sleep 1000
    stop_signal: SIGKILL
    network_mode: "service:web"
"""

NAMED = """
  named:
    image: bb:1
    command: sleep 1000
    stop_signal: SIGKILL
    network_mode: "container:{}"
    depends_on: [vpn]
"""

DEPENDENTS = ("web", "far", "named")


@pytest.fixture(params=available_forms(), ids=lambda form: form.value)
def project(
    request: pytest.FixtureRequest, engine_host: PrivateEngine, tmp_path: Path
) -> ComposeProject:
    """Start a project with an owner, a chain behind it, and one that joined a name."""
    form = Form(request.param)
    require(form)
    if form is Form.V1 and engine_major(engine_host) > NEWEST_ENGINE_OF_V1:
        pytest.skip("this engine is too new for compose v1")
    folder = tmp_path / "project"
    folder.mkdir()
    project = ComposeProject(engine_host, form, provide(form, tmp_path), folder)
    if form is Form.V1:
        # It wants everybody to be there who is joined by a name.
        project.write(OWNER)
        project.up("vpn")
    project.write(OWNER + NAMED.format(project.container("vpn")))
    project.up()
    return project


def engine_major(engine: PrivateEngine) -> int:
    """Return the first number of an engine's version."""
    return int(engine.client.version()["Version"].partition(".")[0])


def container_of(project: ComposeProject, service: str) -> Container:
    """Return what nstui knows of a service's container."""
    engine = DockerEngine(Endpoint(project.engine.url, None))
    try:
        name = project.container(service)
        (found,) = (c for c in engine.containers() if c.name == name)
    finally:
        engine.close()
    return found


def adapter(project: ComposeProject, **environ: str) -> ComposeCli:
    """Return what nstui finds where only this form of compose is."""
    endpoint = Endpoint(project.engine.url, None)
    return ComposeCli(endpoint, project.environ | environ)


def recreate(project: ComposeProject, service: str, **environ: str) -> tuple[str, ...]:
    """Recreate a service as nstui does; return what compose was to change of it."""
    compose = adapter(project, **environ)
    container = container_of(project, service)
    found = compose.recreation(container)
    assert found.command is not None
    compose.recreate(container, found.command, found.changes)
    return found.changes


def test_it_puts_the_dependents_of_a_recreated_owner_right(
    project: ComposeProject,
) -> None:
    before = {service: project.id(service) for service in DEPENDENTS}
    project.engine.docker(
        "exec", project.container("web"), "sh", "-c", "echo kept > /data/file"
    )
    old = project.id("vpn")
    project.recreate("vpn")
    owner = project.id("vpn")
    assert owner != old
    assert project.mode("web") == project.mode("named") == f"container:{old}"
    assert {service: project.id(service) for service in DEPENDENTS} == before

    changed = {service for service in DEPENDENTS if recreate(project, service)}

    # Compose v1 counts the id of an owner that is joined by its own name.
    assert changed == ({"named"} if project.form is Form.V1 else set())
    assert project.id("vpn") == owner
    assert project.mode("web") == project.mode("named") == f"container:{owner}"
    assert project.mode("far") == f"container:{project.id('web')}"
    for service in DEPENDENTS:
        shown = project.engine.docker("exec", project.container(service), "ip", "link")
        assert "eth0" in shown.stdout
    kept = project.engine.docker("exec", project.container("web"), "cat", "/data/file")
    assert kept.stdout == "kept\n"

    after = {service: project.id(service) for service in ("vpn", *DEPENDENTS)}
    project.up()
    same = {service for service in after if project.id(service) == after[service]}
    assert same == ({"vpn"} if project.forgets_dependencies else {*after})


def test_the_command_is_one_that_its_user_could_have_given(
    project: ComposeProject,
) -> None:
    command = adapter(project).recreation(container_of(project, "web")).command

    assert command == (
        *project.form.words,
        *("--project-directory", str(project.folder)),
        *("-p", project.name),
        *("-f", str(project.folder / "docker-compose.yml")),
        *("up", "-d", "--no-deps", "--no-build", "--force-recreate"),
        *(() if project.form is Form.V1 else ("--pull", "never")),
        "web",
    )


def test_the_users_environment_leads_to_no_other_engine_or_project(
    project: ComposeProject,
) -> None:
    before = project.id("web")

    recreate(
        project,
        "web",
        DOCKER_HOST="unix:///nobody",
        DOCKER_CONTEXT="elsewhere",
        DOCKER_TLS_VERIFY="1",
        COMPOSE_FILE="/nothing.yml",
        COMPOSE_PROJECT_NAME="other",
    )

    assert project.id("web") != before


def test_those_that_the_file_knows_nothing_of_stay(project: ComposeProject) -> None:
    project.write(OWNER)
    project.folder.joinpath(".env").write_text("COMPOSE_REMOVE_ORPHANS=1\n")
    before = project.id("named")

    recreate(project, "web")

    assert project.id("named") == before


def test_one_whose_owner_does_not_run_is_never_passed_for_well(
    project: ComposeProject,
) -> None:
    project.engine.docker("stop", project.container("vpn"))
    # Compose v1 gives it a network of its own, and says that all is well.
    problem = HalfDone if project.form is Form.V1 else EngineRefused

    with pytest.raises(problem, match=r"that is not running|non running container"):
        recreate(project, "web")


def test_a_service_that_is_no_longer_in_the_file_is_left_as_it_is(
    project: ComposeProject,
) -> None:
    before = project.id("named")
    container = container_of(project, "named")
    compose = adapter(project)
    command = compose.recreation(container).command
    assert command is not None
    project.write(OWNER)

    refused = compose.recreation(container).refused

    assert refused.endswith("no such service: named")
    with pytest.raises(EngineRefused, match=r"no such service: named$"):
        compose.recreate(container, command)

    assert project.id("named") == before


def test_a_file_that_cannot_be_read_is_not_used(project: ComposeProject) -> None:
    container = container_of(project, "web")
    assert adapter(project).recreation(container).command is not None

    project.write("services: [")

    found = adapter(project).recreation(container)
    assert found.command is None
    assert found.refused.startswith("compose cannot read the project: ")


def test_only_a_variable_of_its_own_makes_a_service_another(
    project: ComposeProject,
) -> None:
    container = container_of(project, "web")
    vpn, web, rest = OWNER.partition("  web:")
    unset = ("sleep 1000", "sleep $NOBODY_SET_THIS")

    project.write(vpn.replace(*unset) + web + rest)
    assert adapter(project).recreation(container).changes == ()

    project.write(vpn + web + rest.replace(*unset, 1))
    found = adapter(project).recreation(container)
    assert found.changes == (
        "command",
        "variable NOBODY_SET_THIS (it is not set here)",
    )
    with pytest.raises(EngineRefused, match=r"^compose now would change command, "):
        adapter(project).recreate(container, found.command or ())


def test_v1_is_not_let_loose_on_an_engine_that_it_fails_on(
    engine_host: PrivateEngine, tmp_path: Path
) -> None:
    require(Form.V1)
    folder = tmp_path / "project"
    folder.mkdir()
    project = ComposeProject(engine_host, Form.V1, provide(Form.V1, tmp_path), folder)
    project.write(OWNER)
    project.up()

    command = adapter(project).recreation(container_of(project, "web")).command

    assert (command is None) == (engine_major(engine_host) > NEWEST_ENGINE_OF_V1)
