"""Whatever a dependent was created with, one that is equal to it has too."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nstui.engine.docker_engine import DockerEngine
from nstui.engine.endpoint import Endpoint
from tests.support.equality import copy, differing, fields, furnish, id_of
from tests.support.private_engine import FOREVER, IMAGE
from tests.unit.render.as_run.options import COMMANDS, OPTIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.private_engine import PrivateEngine

pytestmark = pytest.mark.docker

GENERATED_MODES = {"", "z", "ro"}
"""A mount's ``Mode`` tells beside ``RW`` how a volume came to be mounted."""

UNCOPIED = {"names", "ports", "IPv6 port", "mac", "mac on the bridge"}
"""Those that say what a dependent cannot have."""

JOINABLE = [
    case
    for case, options in OPTIONS.items()
    if not set(options) & {"--net", "--net=host", "--net=none", "--link", "--dns"}
    and case not in {*UNCOPIED, "joined"}
]


@pytest.fixture(scope="module")
def furnished(private_engine: PrivateEngine) -> Iterator[PrivateEngine]:
    """Yield the session's engine with what the containers refer to."""
    private_engine.ensure_runs()
    private_engine.remove_all()
    furnish(private_engine)
    yield private_engine
    private_engine.remove_all()


@pytest.fixture
def engine(furnished: PrivateEngine) -> Iterator[DockerEngine]:
    """Yield the adapter to it, and remove what a test made."""
    engine = DockerEngine(Endpoint(furnished.url, None))
    yield engine
    engine.close()
    furnished.docker("rm", "-f", "-v", "it", "copy", check=False)


@pytest.mark.parametrize("case", JOINABLE)
def test_every_option_of_a_dependent(
    furnished: PrivateEngine, engine: DockerEngine, case: str
) -> None:
    words = ("--net=container:base", *OPTIONS[case], IMAGE)
    command = COMMANDS.get(case, FOREVER)
    furnished.docker("create", "--name", "it", *words, *command)
    old = id_of(furnished, "it")
    base = id_of(furnished, "base")
    joins = tuple(engine.containers()[-1].joins)
    assert {join.reference for join in joins} == {base}

    new = copy(engine, old, *joins)

    before, after = fields(furnished, old), fields(furnished, new)
    allowed = {"HostConfig.Binds", "HostConfig.Mounts"}
    allowed |= {path for path in before if path.startswith("Mounts[")}
    assert differing(before, after) <= allowed
    mounted = {p: v for p, v in before.items() if p.startswith("Mounts[")}
    for path, value in mounted.items():
        if path.endswith(".Mode"):
            assert {value, after[path]} <= GENERATED_MODES or value == after[path]
        else:
            assert after[path] == value
