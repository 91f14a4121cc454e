"""Owners that are made anew from a registry's newer image, compared field by field."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nstui.errors import PullFailed, StepFailed
from nstui.model.namespace import NamespaceKind
from nstui.model.plan import Request
from nstui.model.step import Action
from tests.engine.looking import names, namespace, of, together, wrong
from tests.support.equality import Fields, asked_for, differing, fields
from tests.support.registry import reference_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from nstui.service.host import Host
    from tests.support.private_engine import PrivateEngine
    from tests.support.registry import Registry

pytestmark = [pytest.mark.docker, pytest.mark.one_engine]

NAME = "vpn:1"
VPN = reference_of(NAME)
SAYS = (
    *('CMD ["sleep", "1000"]', "EXPOSE 8000", "VOLUME /kept", "WORKDIR /tmp"),
    "LABEL maker=somebody",
)
OWN = (
    *("--network=one", "--ip=172.30.0.9", "--network-alias=gate", "--hostname=box"),
    *("--publish=127.0.0.1:8099:8000", "--volume=data:/data", "--env=OWN=mine"),
    *("--label=role=gate", "--memory=64m", "--cap-add=NET_ADMIN", "--read-only"),
)
GROUP = {
    "dep": ("--network=container:own", "--volume=dep:/data", "--env=A=1"),
    "far": ("--network=container:dep",),
    "spy": ("--pid=container:own", "--volumes-from=dep"),
}
APART = "apart"
EVERY = ("own", *GROUP, APART)
REJOINED = {
    "dep": {"HostConfig.NetworkMode"},
    "far": {"HostConfig.NetworkMode"},
    "spy": {"HostConfig.PidMode"},
    APART: set[str](),
}
"""The fields in which the dependents differ afterwards: whom they join."""


@pytest.fixture(autouse=True)
def _no_trial(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for no seconds to see whether what was recreated runs on."""
    monkeypatch.setattr("nstui.service.recompose.STEADY_S", 0.2)
    monkeypatch.setattr("nstui.service.recompose.MIN_STEADY_S", 0.2)


@pytest.fixture(scope="module")
def older(private_engine: PrivateEngine, registry: Registry) -> Iterator[str]:
    """Publish an image and pull it; yield its id."""
    image = registry.publish(NAME, *SAYS, "ENV WORD=one")
    private_engine.docker("pull", "--quiet", VPN)
    yield image
    private_engine.remove_all()
    private_engine.docker("rmi", VPN, image, check=False)


@pytest.fixture
def group(engine_host: PrivateEngine, older: str, connection: Host) -> Host:
    """Run an owner of the older image, with a chain and one in its processes."""
    engine_host.docker("tag", older, VPN)
    engine_host.docker("network", "create", "--subnet=172.30.0.0/16", "one")
    engine_host.docker("network", "create", "--subnet=172.31.0.0/16", "two")
    mortal = ("--stop-signal=SIGKILL", "--detach")
    engine_host.docker("run", "--name=own", *mortal, *OWN, VPN)
    engine_host.docker("network", "connect", "--alias=second", "two", "own")
    for name, options in GROUP.items():
        engine_host.run(name, *options)
    engine_host.run(APART, "--network=one")
    for place in ("/data", "/kept"):
        engine_host.docker("exec", "own", "sh", "-c", f"echo mine >{place}/note")
    assert wrong(connection.observer.look()) == set()
    return connection


def recreate(connection: Host, wait_s: int = 20) -> None:
    """Make the owner anew from what the registry has."""
    report = connection.observer.look_afresh()
    request = Request(
        action=Action.RECREATE,
        targets=(of(report, "own").id,),
        pull=True,
        wait_s=wait_s,
    )
    connection.executor.carry_out(connection.executor.plan(request))


def picture(engine: PrivateEngine) -> dict[str, Fields]:
    """Return the fields of every container."""
    return {name: fields(engine, name) for name in EVERY}


def addresses(found: Fields) -> set[object]:
    """Return the addresses that somebody asked for."""
    return {found["NetworkSettings.Networks.one.IPAddress"]}


def notes(engine: PrivateEngine) -> list[str]:
    """Return what the owner wrote to its volumes."""
    read = ("cat", "/data/note", "/kept/note")
    return engine.docker("exec", "own", *read).stdout.split()


def require_together(connection: Host) -> None:
    """Require that all are there, run, and share what they are to share."""
    report = connection.observer.look_afresh()
    assert wrong(report) == set()
    assert names(report) == set(EVERY)
    assert ("own", "dep", "far") in together(report)
    pid = NamespaceKind.PID
    assert namespace(report, "spy", pid) == namespace(report, "own", pid)


def test_a_new_image_under_the_same_tag(
    engine_host: PrivateEngine, registry: Registry, group: Host
) -> None:
    before = picture(engine_host)
    newer = registry.publish(NAME, *SAYS, "ENV WORD=two", "LABEL since=today")

    recreate(group)

    after = picture(engine_host)
    own, was = after["own"], before["own"]
    assert own["Image"] == newer
    assert own["Id"] != was["Id"]
    expected = {"Image", "Config.Env", "Config.Labels.since"}
    # The anonymous volume is asked for by its name now.
    expected |= {"HostConfig.Binds", "Mounts[/kept].Mode"}
    # Newer engines describe the platform's manifest, which is another one.
    found = {p for p in differing(was, own) if not p.startswith("ImageManifest")}
    assert found == expected
    assert {"WORD=two", "OWN=mine"} <= set(as_list(own["Config.Env"]))
    assert "WORD=one" not in as_list(own["Config.Env"])
    assert asked_for(own) == asked_for(was)
    assert addresses(own) == addresses(was) == {"172.30.0.9"}
    assert notes(engine_host) == ["mine", "mine"]
    for name, joins in REJOINED.items():
        assert differing(before[name], after[name]) == joins, name
    assert after["dep"]["HostConfig.NetworkMode"] == f"container:{own['Id']}"
    assert after[APART]["State.StartedAt"] == before[APART]["State.StartedAt"]
    require_together(group)


def as_list(value: object) -> list[object]:
    """Return a field that is a list."""
    assert isinstance(value, list)
    return value


@pytest.mark.parametrize(
    "spoil",
    [lambda r: r.withdraw(NAME), lambda r: r.truncate(NAME)],
    ids=["tag", "layer"],
)
def test_a_pull_that_fails_touches_no_container(
    engine_host: PrivateEngine,
    registry: Registry,
    group: Host,
    spoil: Callable[[Registry], None],
) -> None:
    before = picture(engine_host)
    registry.publish(NAME, *SAYS)
    spoil(registry)

    with pytest.raises((PullFailed, StepFailed), match=f"{VPN} cannot be pulled"):
        recreate(group)

    assert picture(engine_host) == before
    require_together(group)


@pytest.mark.parametrize(
    ("says", "why"),
    [
        ('ENTRYPOINT ["/no/such"]', "no such file"),
        ('CMD ["false"]', "exit"),
        ("HEALTHCHECK --interval=1s --retries=1 CMD false", "not healthy within 3 s"),
    ],
    ids=["does not start", "ends", "never healthy"],
)
def test_an_image_that_is_no_good_leaves_everything_as_it_was(
    engine_host: PrivateEngine, registry: Registry, group: Host, says: str, why: str
) -> None:
    before = picture(engine_host)
    registry.publish(NAME, *SAYS, says)

    with pytest.raises(StepFailed, match=f"(?i){why}"):
        recreate(group, wait_s=3)

    after = picture(engine_host)
    for name in EVERY:
        assert after[name]["Id"] == before[name]["Id"]
        assert after[name]["Image"] == before[name]["Image"]
        assert differing(before[name], after[name]) == set()
        assert asked_for(after[name]) == asked_for(before[name])
    assert addresses(after["own"]) == addresses(before["own"])
    assert notes(engine_host) == ["mine", "mine"]
    assert after[APART]["State.StartedAt"] == before[APART]["State.StartedAt"]
    require_together(group)
