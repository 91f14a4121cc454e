"""Containers in the control group of a systemd unit, and a program like systemctl.

A quadlet has its process in the group of its unit: so has a container here that is told
to, on the session's own engine. What stands for systemctl does what a quadlet's unit
does: it removes the container and makes another one.
"""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import pytest

from nstui.engine.endpoint import Endpoint
from nstui.engine.managers import ManagerPrograms
from nstui.errors import StepFailed
from nstui.model.container import ContainerId, Manager, ManagerKind, ManagerProof
from nstui.model.plan import Policy, Request
from nstui.model.step import Action, Verb
from tests.engine.attach import attached
from tests.engine.looking import of, together, wrong
from tests.engine.program import read_json, run_nstui
from tests.support.private_engine import IMAGE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from nstui.service.host import Host
    from tests.support.private_engine import PrivateEngine

pytestmark = pytest.mark.docker

GROUP = "--cgroup-parent=/system.slice/qbit.service"
UNIT = Manager(kind=ManagerKind.SYSTEMD, name="qbit.service", proof=ManagerProof.CGROUP)

SYSTEMCTL = """\
#!/bin/sh
echo "$@" >> {log}
case "$*" in
*refused*) echo "Access denied" >&2; exit 4;;
*"stop qbit.service") exec docker rm -f qbit;;
*"restart qbit.service")
    docker rm -f qbit
    exec docker run -d --name qbit {group} --network=container:own {image} sleep 1000;;
esac
echo "Failed: Unit $3 not found." >&2
exit 5
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with a program like systemctl, which is the first on PATH."""
    program = tmp_path / "systemctl"
    log = tmp_path / "log"
    program.write_text(SYSTEMCTL.format(log=log, group=GROUP, image=IMAGE))
    program.chmod(0o755)
    return tmp_path


def programs(host: PrivateEngine, folder: Path, path: str = "") -> ManagerPrograms:
    """Return the managers of a machine that systemd runs."""
    environ = {"PATH": f"{folder}:{path or os.environ['PATH']}"}
    endpoint = Endpoint(host.url, None)
    return ManagerPrograms(endpoint, lambda _: None, environ=environ, booted=folder)


@pytest.fixture
def quadlet(engine_host: PrivateEngine, folder: Path) -> Iterator[Host]:
    """Yield nstui on a host where a unit's container has joined another."""
    engine_host.run("own")
    engine_host.run("qbit", GROUP, "--network=container:own")
    managers = programs(engine_host, folder)
    with attached(engine_host.url, managers=managers) as connection:
        yield connection


def asked(folder: Path) -> list[str]:
    """Return what the program was asked for."""
    log = folder / "log"
    return log.read_text().splitlines() if log.exists() else []


def request(host: PrivateEngine, action: Action, name: str = "qbit") -> Request:
    """Return what is asked of one container."""
    policy = Policy.WITH_DEPENDENTS if name == "own" else Policy.PROTECT
    target = ContainerId(str(host.inspect(name, "Id")))
    return Request(action=action, targets=(target,), policy=policy)


def test_the_unit_is_the_kernels_word(quadlet: Host) -> None:
    report = quadlet.observer.look()

    assert of(report, "qbit").manager == UNIT
    assert of(report, "own").manager is None


def test_one_left_behind_is_healed_by_its_unit(
    engine_host: PrivateEngine, quadlet: Host, folder: Path
) -> None:
    engine_host.docker("restart", "--time=0", "own")
    before = of(quadlet.observer.look_afresh(), "qbit").id
    (finding,) = quadlet.observer.look_afresh().findings
    assert (finding.code, finding.remedy) == (
        "stale-join",
        "systemctl restart qbit.service",
    )
    plan = quadlet.executor.plan(Request(action=Action.HEAL, targets=()))
    assert [step.verb for step in plan.steps] == [Verb.MANAGER]

    quadlet.executor.carry_out(plan)

    report = quadlet.observer.look_afresh()
    assert asked(folder) == ["--no-ask-password restart qbit.service"]
    assert wrong(report) == set()
    assert together(report) == {("own", "qbit")}
    assert of(report, "qbit").id != before


def test_an_owner_is_restarted_before_the_unit_that_joined_it(
    engine_host: PrivateEngine, quadlet: Host, folder: Path
) -> None:
    plan = quadlet.executor.plan(request(engine_host, Action.RESTART, "own"))

    quadlet.executor.carry_out(plan)

    assert asked(folder) == ["--no-ask-password restart qbit.service"]
    assert wrong(quadlet.observer.look_afresh()) == set()


def test_it_is_stopped_by_its_unit(
    engine_host: PrivateEngine, quadlet: Host, folder: Path
) -> None:
    quadlet.executor.carry_out(quadlet.executor.plan(request(engine_host, Action.STOP)))

    assert asked(folder) == ["--no-ask-password stop qbit.service"]
    names = {c.name for c in quadlet.observer.look_afresh().snapshot.containers}
    assert names == {"own"}


def test_a_unit_that_refuses_leaves_all_as_it_was(
    engine_host: PrivateEngine, quadlet: Host, folder: Path
) -> None:
    (folder / "systemctl").write_text("#!/bin/sh\necho Access denied >&2\nexit 4\n")
    before = engine_host.inspect("qbit", "State", "StartedAt")
    plan = quadlet.executor.plan(request(engine_host, Action.RESTART))

    with pytest.raises(StepFailed, match="systemctl: Access denied"):
        quadlet.executor.carry_out(plan)

    assert engine_host.inspect("qbit", "State", "StartedAt") == before


def test_a_program_that_does_nothing_is_not_believed(
    engine_host: PrivateEngine,
    quadlet: Host,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("nstui.service.step_runner.SETTLING_S", 0.5)
    (folder / "systemctl").write_text("#!/bin/sh\nexit 0\n")
    plan = quadlet.executor.plan(request(engine_host, Action.STOP))

    with pytest.raises(StepFailed, match="has ended well, but qbit is running"):
        quadlet.executor.carry_out(plan)


@pytest.mark.parametrize("is_owner", [True, False])
def test_without_systemd_the_command_is_named_and_nothing_is_done(
    engine_host: PrivateEngine, *, is_owner: bool
) -> None:
    engine_host.run("own")
    engine_host.run("qbit", GROUP, "--network=container:own")
    engine_host.docker("restart", "--time=0", "own")
    before = engine_host.inspect("qbit", "State", "StartedAt")
    use = "is run by systemd unit qbit.service: use systemctl "
    at = ("-H", engine_host.url)

    if is_owner:
        done = run_nstui(*at, "restart", "--with-dependents", "-y", "own")
        assert (done.returncode, f"qbit {use}restart" in done.stderr) == (4, True)
    else:
        for words in (("restart",), ("stop",), ("kill",), ("rm", "-f")):
            done = run_nstui(*at, *words, "-y", "qbit")
            assert (done.returncode, f"qbit {use}" in done.stderr) == (4, True), words
        healed = run_nstui(*at, "heal", "-y")
        assert f"not healed: qbit: it {use}restart qbit.service" in healed.stderr
    assert engine_host.inspect("qbit", "State", "StartedAt") == before
    document = read_json(*at, "tree")
    assert [f["code"] for f in document["findings"]] == ["stale-join"]


def test_who_can_be_asked(engine_host: PrivateEngine, folder: Path) -> None:
    here = programs(engine_host, folder)
    me = os.geteuid()

    assert here.reaches(UNIT) == (me == 0)
    assert here.reaches(_of_user(me))
    assert not here.reaches(_of_user(me + 1))
    assert not here.reaches(_inside())
    (folder / "systemctl").unlink()
    empty = folder / "empty"
    empty.mkdir()
    bare = ManagerPrograms(
        Endpoint(engine_host.url, None),
        lambda _: None,
        environ={"PATH": str(empty)},
        booted=folder,
    )
    assert shutil.which("systemctl", path=str(empty)) is None
    assert not bare.reaches(_of_user(me))
    unbooted = ManagerPrograms(
        Endpoint(engine_host.url, None),
        lambda _: None,
        environ={"PATH": str(folder)},
        booted=folder / "none",
    )
    assert not unbooted.reaches(_of_user(me))


def _of_user(uid: int) -> Manager:
    return Manager(
        kind=ManagerKind.SYSTEMD, name="x.service", proof=ManagerProof.CGROUP, uid=uid
    )


def _inside() -> Manager:
    return Manager(
        kind=ManagerKind.SYSTEMD,
        name="x.service",
        proof=ManagerProof.CGROUP,
        inside=ContainerId("a" * 64),
    )
