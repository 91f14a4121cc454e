"""What the guard lets compose do: whole commands, and what each version is denied."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from nstui.guard.decisions import read_decisions
from nstui.model.namespace import NamespaceKind
from tests.support.compose_project import (
    ComposeProject,
    Form,
    available_forms,
    provide,
    require,
    require_engine_for,
    version_of,
)
from tests.support.guard_program import DENIED, guarding, wait_until
from tests.support.private_engine import IMAGE
from tests.support.registry import reference_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.guarded_engine import GuardedEngine
    from tests.support.registry import Registry

pytestmark = pytest.mark.docker

SERVICES = ("vpn", "web", "far")
"""The owner, and those that join it."""


PROJECT = f"""
services:
  vpn:
    image: {IMAGE}
    command: sleep 1000
    stop_signal: SIGKILL
    environment:
      ROUND: "%s"
  web:
    image: bb:web
    command: sleep 1000
    stop_signal: SIGKILL
    network_mode: service:vpn
  far:
    image: bb:far
    command: sleep 1000
    stop_signal: SIGKILL
    network_mode: service:web
  free:
    image: bb:free
    command: sleep 1000
    stop_signal: SIGKILL
"""


@pytest.fixture(params=available_forms())
def project(
    request: pytest.FixtureRequest, guarded_host: GuardedEngine, tmp_path: Path
) -> Iterator[ComposeProject]:
    """Yield a project of each form of compose that is here, on a guarded engine."""
    form: Form = request.param
    require(form)
    require_engine_for(form, guarded_host)
    for name in ("web", "far", "free"):
        guarded_host.docker("tag", IMAGE, f"bb:{name}")
    found = ComposeProject(guarded_host, form, provide(form, tmp_path), tmp_path)
    found.write(PROJECT % 1)
    found.up()
    try:
        with guarding(guarded_host, tmp_path):
            yield found
    finally:
        found.down()


def _compose(project: ComposeProject, words: str) -> str:
    """Run compose; return why it failed, empty if it did not."""
    try:
        project.compose(*words.split())
    except AssertionError as failed:
        return str(failed)
    return ""


def _await_denial(folder: Path) -> str:
    """Return what a client was told, once the guard has written it down."""
    file = folder / "decisions.jsonl"
    denied = wait_until(
        lambda: [one for one in read_decisions(file, 0) if one["denied"]]
    )
    return str(denied[0]["message"])


def _starts(project: ComposeProject) -> dict[str, object]:
    return {
        service: project.engine.inspect(project.container(service), "State")
        for service in SERVICES
    }


def _network(project: ComposeProject, service: str) -> int:
    return project.engine.namespace_of(project.container(service), NamespaceKind.NET)


@pytest.mark.parametrize("command", ["down -t 1", "stop -t 1", "rm -f -s", "kill"])
def test_a_whole_command_of_compose_is_done(
    project: ComposeProject, command: str
) -> None:
    assert not _compose(project, command)
    assert not project.engine.names()


@pytest.mark.parametrize(
    "command",
    ["stop -t 1 vpn", "kill vpn", "rm -f -s vpn", "up -d --force-recreate vpn"],
)
def test_a_single_owner_is_denied_to_compose(
    project: ComposeProject, command: str, tmp_path: Path
) -> None:
    before = _starts(project)
    # The first compose tells of a failed stop, and ends well.
    _compose(project, command)
    assert _starts(project) == before
    assert _await_denial(tmp_path).endswith("(accepts that)")


def test_a_whole_restart_is_done(project: ComposeProject) -> None:
    before = project.engine.inspect(project.container("vpn"), "State", "StartedAt")
    said = _compose(project, "restart -t 1")
    after = project.engine.inspect(project.container("vpn"), "State", "StartedAt")
    assert DENIED not in said
    assert after != before


def test_a_single_owner_is_restarted_where_its_dependents_are(
    project: ComposeProject, tmp_path: Path
) -> None:
    before = _starts(project)
    said = _compose(project, "restart -t 1 vpn")
    after = _starts(project)
    if version_of(project.form)[0] == 1:
        # It would leave them in the network of what is gone.
        assert after == before
        assert _await_denial(tmp_path).endswith("(accepts that)")
    else:
        assert not said
        assert not [name for name in SERVICES if after[name] == before[name]]
        assert len({_network(project, name) for name in SERVICES}) == 1


def test_a_guest_of_a_project_keeps_its_owner(
    project: ComposeProject, tmp_path: Path
) -> None:
    owner = project.container("vpn")
    project.engine.run("guest", f"--network=container:{owner}")
    _compose(project, "down -t 1")
    # What is of the project has ended by then.
    assert project.engine.names() == {owner, "guest"}
    denial = _await_denial(tmp_path)
    project.engine.docker("rm", "-f", "guest")
    assert f"stopping {owner} breaks guest (loses its network at once" in denial
    assert "web" not in denial


def test_a_pull_ends_nothing(
    project: ComposeProject, guarded_registry: Registry
) -> None:
    new = reference_of("tool:1")
    made = guarded_registry.publish("tool:1")
    before = _starts(project)
    project.write(re.sub("image: .*", f"image: {new}", PROJECT % 1))
    assert not _compose(project, "pull")
    assert project.engine.image_id(new) == made
    assert _starts(project) == before
    project.engine.docker("rmi", new)


def test_a_whole_up_is_done_where_it_makes_the_dependents_anew(
    project: ComposeProject,
) -> None:
    before = {name: project.id(name) for name in SERVICES}
    project.write(PROJECT % 2)
    said = _compose(project, "up -d -t 1")
    after = {name: project.id(name) for name in SERVICES}
    if version_of(project.form)[0] == 1:
        # It would leave them in the network of what is gone.
        assert "breaks" in said
        assert after == before
    else:
        assert not said
        assert not after.items() & before.items()
