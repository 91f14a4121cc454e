"""Whether compose would make the same container, with every compose that is here."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nstui.engine.compose import ComposeCli
from nstui.engine.docker_engine import DockerEngine
from nstui.engine.endpoint import Endpoint
from nstui.model.healing import ComposeJoin, Ground, Recomposition
from nstui.model.namespace import NamespaceKind
from nstui.model.plan import Request
from nstui.model.step import Action, Verb
from tests.engine.attach import attached
from tests.engine.looking import wrong
from tests.support.compose_project import (
    ComposeProject,
    Form,
    available_forms,
    provide,
    require,
    require_engine_for,
)

if TYPE_CHECKING:
    from pathlib import Path

    from nstui.model.container import Container
    from tests.support.private_engine import PrivateEngine

pytestmark = pytest.mark.docker

NET, IPC = NamespaceKind.NET, NamespaceKind.IPC
HEAL = Request(action=Action.HEAL, targets=())
COMMON = "image: bb:1, command: sleep 1000, stop_signal: SIGKILL"
PROJECT = f"""
version: "3.9"
services:
  own: {{{COMMON}, ipc: shareable}}
  dep:
    image: "used:1"
    command: ["sleep", "1000"]
    stop_signal: SIGKILL
    network_mode: "service:own"
    environment: ["KEY=${{KEY:-unset}}", "DOLLAR=a$$b"]
    env_file: [more.env]
    volumes: ["vol:/vol", "/anon", "/usr:/host:ro"]
    labels: {{mine: "1"}}
    cap_add: [NET_ADMIN]
    secrets: [s]
volumes:
  vol: {{}}
secrets:
  s: {{file: /etc/hostname}}
"""
SHARED = f"""
version: "3.9"
services:
  own: {{{COMMON}, ipc: shareable}}
  dep: {{{COMMON}, ipc: "service:own", networks: [n]}}
networks:
  n: {{}}
"""
WRITTEN = f"""
services:
  own: {{{COMMON}}}
  dep:
    image: bb:1
    command: sleep 1000
    stop_signal: SIGKILL
    network_mode: "service:own"
    configs: [{{source: c, target: /etc/deep/conf}}]
    secrets: [s]
configs:
  c: {{content: "one $$ two"}}
secrets:
  s: {{environment: WORD}}
"""
PROFILED = f"""
version: "3.9"
services:
  own: {{{COMMON}, profiles: [one]}}
  dep: {{{COMMON}, network_mode: "service:own", profiles: [two]}}
"""


@pytest.fixture(params=available_forms(), ids=lambda form: form.value)
def project(
    request: pytest.FixtureRequest, engine_host: PrivateEngine, tmp_path: Path
) -> ComposeProject:
    """Make a folder for a project; nothing of it is up."""
    form = Form(request.param)
    require(form)
    require_engine_for(form, engine_host)
    folder = tmp_path / "project"
    folder.mkdir()
    folder.joinpath("more.env").write_text("MORE=$1\n")
    engine_host.docker("tag", "bb:1", "used:1")
    return ComposeProject(engine_host, form, provide(form, tmp_path), folder)


def cli(project: ComposeProject, **environ: str) -> ComposeCli:
    """Return what nstui finds where only this form of compose is."""
    return ComposeCli(Endpoint(project.engine.url, None), project.environ | environ)


def dependent(project: ComposeProject) -> Container:
    """Return what nstui knows of the dependent."""
    engine = DockerEngine(Endpoint(project.engine.url, None))
    try:
        name = project.container("dep")
        (found,) = (c for c in engine.containers() if c.name == name)
    finally:
        engine.close()
    return found


def judged(project: ComposeProject, **environ: str) -> Recomposition:
    """Return what compose would do with the dependent."""
    return cli(project, **environ).recreation(dependent(project))


def up(project: ComposeProject, text: str, **environ: str) -> None:
    """Start a project, and recreate its owner alone."""
    project.write(text)
    with_variables = ComposeProject(
        project.engine, project.form, project.environ | environ, project.folder
    )
    with_variables.up()
    with_variables.recreate("own")


def test_what_is_as_it_was_is_the_same(project: ComposeProject) -> None:
    up(project, PROJECT)
    found = judged(project)
    assert (found.changes, found.refused) == ((), "")
    assert found.command is not None


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('"1000"]', '"1001"]', {"command"}),
        ("DOLLAR=a$$b", "DOLLAR=c", {"environment DOLLAR"}),
        ('"vol:/vol", ', "", {"volume /vol"}),
        ("vol: {}", "vol: {name: other}", {"volume /vol"}),
        ("vol: {}", "vol: {driver_opts: {type: none}}", {"volume /vol"}),
        ("/usr:/host", "/etc:/host", {"volume /host"}),
        ("/etc/hostname", "/etc/hosts", {"secret s"}),
        ('mine: "1"', 'mine: "2"', {"label mine"}),
        ("NET_ADMIN", "NET_RAW", {"cap_add"}),
        ('image: "used:1"', "image: bb:1", {"image bb:1"}),
        ("cap_add", "privileged: true\n    cap_add", {"privileged"}),
        ("cap_add", "restart: always\n    cap_add", {"restart"}),
        ("cap_add", "cpus: 0.5\n    cap_add", {"cpus"}),
        ("cap_add", "container_name: other\n    cap_add", {"name"}),
        (
            "cap_add",
            "shm_size: 1m\n    cap_add",
            {"perhaps something (its hash of the service is another)"},
        ),
    ],
)
def test_what_was_edited_is_named(
    project: ComposeProject, old: str, new: str, expected: set[str]
) -> None:
    up(project, PROJECT)
    assert old in PROJECT
    project.write(PROJECT.replace(old, new, 1))
    found = judged(project)
    assert {*found.changes} == expected
    assert found.command is not None


def test_what_was_changed_of_the_container_since_is_named(
    project: ComposeProject,
) -> None:
    up(project, SHARED.replace("networks: [n]", "networks: [n], restart: always"))
    engine, name = project.engine, project.container("dep")
    words = ("--restart=no", "--memory=64m", "--memory-swap=64m", "--cpus=0.5")
    engine.docker("update", *words, name)
    engine.docker("network", "create", "more")
    engine.docker("network", "connect", "more", name)
    found = {*judged(project).changes}
    assert {"restart", "cpus", "mem_limit", "network more"} <= found
    engine.docker("network", "disconnect", "more", name)
    engine.docker("network", "rm", "more")


def test_variables_that_are_elsewhere_are_named(project: ComposeProject) -> None:
    up(project, PROJECT, KEY="known")
    assert judged(project, KEY="known").changes == ()
    assert judged(project).changes == ("environment KEY",)
    project.folder.joinpath("more.env").write_text("MORE=other\n")
    assert judged(project, KEY="known").changes == ("environment MORE",)


def test_what_proxies_would_be_added_is_named(project: ComposeProject) -> None:
    up(project, PROJECT)
    settings = project.folder.parent / "config" / "config.json"
    settings.write_text('{"proxies": {"default": {"httpProxy": "http://p:1"}}}')
    assert judged(project).changes == (
        "environment HTTP_PROXY",
        "environment http_proxy",
    )


def test_another_image_of_that_name_is_named_and_none_is_fetched(
    project: ComposeProject,
) -> None:
    up(project, PROJECT)
    project.engine.label_image("used:1", {"new": "one"})
    assert judged(project).changes[0] == "image used:1 (another one has that name now)"
    project.engine.docker("rmi", "used:1")
    found = judged(project)
    assert found.command is None
    assert found.refused == "there is no image used:1 here, and none is pulled or built"


def test_a_project_that_wants_several_has_none_replaced(
    project: ComposeProject,
) -> None:
    up(project, PROJECT)
    project.write(PROJECT.replace("labels:", "scale: 2\n    labels:"))
    assert judged(project).refused == "the project wants 2 containers of the service"


def test_networks_are_what_the_project_says(project: ComposeProject) -> None:
    up(project, SHARED)
    found = judged(project)
    # Compose v1 counts the id of an owner whose ipc namespace is joined.
    is_v1 = project.form is Form.V1
    assert bool(found.changes) == is_v1
    assert found.joins == (ComposeJoin(kind=IPC, service="own"),)
    project.write(SHARED.replace("n: {}", "n: {internal: true}"))
    assert judged(project).changes[0] == f"network {project.name}_n"


def test_whom_it_joins_is_what_the_files_of_variables_say(
    project: ComposeProject,
) -> None:
    """The name of that file is in the container's labels."""
    project.write(PROJECT.replace("service:own", "service:${OWNER:-nobody}"))
    project.folder.joinpath("their.env").write_text("OWNER=own\n")
    project.compose("--env-file", "their.env", "up", "-d")
    own = (ComposeJoin(kind=NET, service="own"),)
    assert cli(project).joins(dependent(project)) == own
    project.folder.joinpath("their.env").unlink()
    assert cli(project).joins(dependent(project)) is None


def test_whom_it_joins_is_known_of_profiles_that_nobody_names(
    project: ComposeProject,
) -> None:
    project.write(PROFILED)
    project.compose("--profile", "one", "--profile", "two", "up", "-d")
    own = (ComposeJoin(kind=NET, service="own", called=""),)
    assert cli(project).joins(dependent(project)) == own
    project.folder.joinpath("docker-compose.yml").unlink()
    assert cli(project).joins(dependent(project)) is None


def test_an_owner_that_it_did_not_depend_on_is_no_proof(
    project: ComposeProject,
) -> None:
    if project.form is Form.V1:
        pytest.skip("compose v1 does not write down what a service depends on")
    up(project, PROJECT)
    other = PROJECT.replace("service:own", "service:oth")
    project.write(other.replace("  own:", f"  oth: {{{COMMON}}}\n  own:"))
    assert judged(project).joins == (ComposeJoin(kind=NET, service="oth"),)
    today = (ComposeJoin(kind=NET, service="oth", ground=Ground.TODAY),)
    assert cli(project).joins(dependent(project)) == today


def test_files_that_compose_wrote_survive(project: ComposeProject) -> None:
    if project.form is Form.V1:
        pytest.skip("compose v1 writes no files into containers")
    project.environ["WORD"] = "hidden"
    up(project, WRITTEN)
    assert judged(project).changes == ("perhaps secret s",)
    project.write(WRITTEN.replace("one $$ two", "three"))
    assert {*judged(project).changes} == {"perhaps secret s", "config c"}
    name, old = project.container("dep"), project.id("dep")
    with attached(project.engine.url, compose=cli(project)) as connection:
        plan = connection.executor.plan(HEAL)
        assert [step.verb for step in plan.steps] == [Verb.RECREATE]
        assert plan.losing == ()
        connection.executor.carry_out(plan)
        assert wrong(connection.observer.look_afresh()) == set()
    assert project.id("dep") != old
    shown = project.engine.docker(
        "exec", name, "cat", "/etc/deep/conf", "/run/secrets/s"
    )
    assert shown.stdout == "one $ twohidden"


def test_files_that_compose_wrote_survive_in_each_of_several(
    project: ComposeProject,
) -> None:
    if project.form is Form.V1:
        pytest.skip("compose v1 writes no files into containers")
    project.environ["WORD"] = "hidden"
    up(project, WRITTEN.replace("configs: [", "scale: 2\n    configs: ["))
    with attached(project.engine.url, compose=cli(project)) as connection:
        plan = connection.executor.plan(HEAL)
        assert [step.verb for step in plan.steps] == [Verb.RECREATE] * 2
        assert plan.losing == ()
        connection.executor.carry_out(plan)
        assert wrong(connection.observer.look_afresh()) == set()
    for number in ("1", "2"):
        name = f"{project.container('dep')[:-1]}{number}"
        shown = project.engine.docker("exec", name, "cat", "/etc/deep/conf")
        assert shown.stdout == "one $ two"
