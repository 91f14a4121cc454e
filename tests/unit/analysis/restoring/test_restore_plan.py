"""The plan that brings back a removed container: what it takes, and what it refuses."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from nstui.analysis.restoring.plans import make_restore_plan
from nstui.model.audit import RemovedContainer, Restored
from nstui.model.container import ComposeService, ContainerId, Join
from nstui.model.namespace import NamespaceKind
from nstui.model.plan import Plan, Request
from nstui.model.restoration import Available
from nstui.model.snapshot import EngineInfo
from nstui.model.step import Action, Verb
from tests.support.builders import NOON, cid, container, snapshot

if TYPE_CHECKING:
    from nstui.model.container import Container
    from nstui.model.restoration import Restoration
    from nstui.model.snapshot import Snapshot

Json = dict[str, object]

ANONYMOUS = "f0" * 32
ALL = Available(
    has_image=True,
    volumes=frozenset({"data", ANONYMOUS}),
    networks=frozenset({"bridge", "media", "ab12" * 16}),
)
PORT: Json = {"80/tcp": [{"HostIp": "", "HostPort": "80"}], "1/udp": None}
NET = NamespaceKind.NET
ANY = Request(action=Action.RESTORE, targets=())


def record(  # noqa: PLR0913 - one for each thing a test may care about
    name: str = "web",
    *,
    joins: str = "",
    ran: bool | None = True,
    compose: str = "",
    running: bool = False,
    mounts: tuple[Json, ...] = (),
    labels: dict[str, str] | None = None,
    volumes: Json | None = None,
    **host: object,
) -> RemovedContainer:
    """Return the record of a removed container; `host` are fields of HostConfig."""
    mode = f"container:{joins}" if joins else "bridge"
    project, _, service = compose.partition("/")
    return RemovedContainer(
        removed_at=NOON,
        endpoint="unix:///var/run/docker.sock",
        id=cid(name),
        name=name,
        image="nginx:1",
        inspect={
            "Id": cid(name),
            "Name": f"/{name}",
            "Created": "2026-11-23T11:00:00.123456789Z",
            "Image": "sha256:" + "d" * 64,
            "State": {"Status": "running" if running else "exited", "Running": running},
            "Config": {
                "Image": "nginx:1",
                "Labels": labels or {},
                "Volumes": volumes or {},
            },
            "HostConfig": {"NetworkMode": mode, **host},
            "Mounts": list(mounts),
            "NetworkSettings": {"Networks": {} if joins else {"bridge": {}}},
        },
        compose=ComposeService(project, service) if compose else None,
        ran=ran,
    )


def volume(name: str, target: str) -> Json:
    """Return an entry of Mounts in an inspect."""
    return {"Type": "volume", "Name": name, "Destination": target, "RW": True}


def plan(
    removed: RemovedContainer,
    *there: Container,
    available: Available = ALL,
    former: dict[str, str] | None = None,
    on: Snapshot | None = None,
    how: Request = ANY,
) -> Plan:
    """Return the plan that restores a container on a host with some others."""
    request = replace(how, targets=(removed.id,))
    host = on or snapshot(*there, former_containers=former)
    return make_restore_plan(host, request, removed, available)


def onto(name: str) -> Request:
    """Return a request that names the new owner."""
    return Request(action=Action.RESTORE, targets=(), onto=cid(name))


def restoration(made: Plan) -> Restoration:
    """Return how a plan brings a container back."""
    assert made.restoration is not None
    return made.restoration


def test_one_that_needs_nobody_is_created_and_started() -> None:
    made = plan(record(), container("other"))
    (step,) = made.steps
    assert (step.verb, step.container, step.name) == (Verb.RESTORE, cid("web"), "web")
    assert (step.joins, step.starts, step.image) == ((), True, "")
    assert made.is_possible
    assert made.is_permitted
    assert restoration(made).undecided == ()
    assert restoration(made).emptied == ()
    assert restoration(made).left_out == ()
    assert [target.name for target in made.targets] == ["web"]


@pytest.mark.parametrize(
    ("ran", "running", "starts"),
    [
        pytest.param(True, False, True, id="it was stopped just before"),
        pytest.param(False, False, False, id="it did not run"),
        pytest.param(None, True, True, id="an old record of one that was forced"),
        pytest.param(None, False, False, id="an old record of a stopped one"),
    ],
)
def test_it_is_started_if_it_ran_before(
    ran: bool | None,  # noqa: FBT001 - a column of the table
    running: bool,  # noqa: FBT001 - as above
    starts: bool,  # noqa: FBT001 - as above
) -> None:
    made = plan(record(ran=ran, running=running))
    assert [step.starts for step in made.steps] == [starts]
    assert restoration(made).starts == starts


OTHER = ContainerId("9ab" + "0" * 61)
RESTORED = Restored(OTHER, "web", NOON)


@pytest.mark.parametrize(
    ("removed", "there", "sentence"),
    [
        pytest.param(
            record(),
            (container("web", id_=OTHER),),
            "there is another container called web (9ab000000000, running): rename or"
            " remove that first",
            id="the name is taken",
        ),
        pytest.param(
            replace(record(), restored=RESTORED),
            (container("blog", id_=OTHER),),
            "web was restored already: as blog (9ab000000000)",
            id="restored before, whatever it is called now",
        ),
        pytest.param(
            record(),
            (container("web"),),
            "web was not removed: it is there",
            id="it is there",
        ),
        pytest.param(
            record(NetworkMode="gone"),
            (),
            "its network gone no longer exists: create that first",
            id="a network is gone",
        ),
        pytest.param(
            record(NetworkMode="0fe1"),
            (),
            "its network 0fe1 no longer exists: create that first",
            id="a network that was given by its id is gone",
        ),
        pytest.param(
            record(PortBindings=PORT),
            (container("proxy", ports=(80,)),),
            "its port 80/tcp is published by proxy now: stop that first",
            id="a port is taken",
        ),
        pytest.param(
            record(PortBindings={"80": [{"HostIp": "0.0.0.0", "HostPort": "80"}]}),
            (container("proxy", ports=(80,)),),
            "its port 80/tcp is published by proxy now: stop that first",
            id="a port without its protocol is taken",
        ),
        pytest.param(
            record(Links=["/db:/web/db"]),
            (),
            "it links to db, which no longer exists: restore that first",
            id="a link leads nowhere",
        ),
        pytest.param(
            record(Links=["/db:/web/db"]),
            (container("db", state="exited"),),
            "web could not start: db is not running; start it first",
            id="a link leads to one that does not run",
        ),
        pytest.param(
            record(joins=cid("vpn")),
            (container("vpn", state="exited"),),
            "web could not start: vpn is not running; start it first",
            id="its owner does not run",
        ),
        pytest.param(
            record(joins=cid("vpn")),
            (container("vpn", mode="host"),),
            None,
            id="its owner is on the network of the host, as before",
        ),
    ],
)
def test_what_the_engine_would_refuse(
    removed: RemovedContainer, there: tuple[Container, ...], sentence: str | None
) -> None:
    objections = plan(removed, *there).objections
    if sentence is None:
        assert "vpn uses the network of the host itself, and web would too" in (
            objections
        )
    else:
        assert sentence in objections


@pytest.mark.parametrize(
    ("removed", "there"),
    [
        pytest.param(
            replace(record(), restored=RESTORED), (), id="the restored one is gone too"
        ),
        pytest.param(
            record(PortBindings=PORT, ran=False),
            (container("proxy", ports=(80,)),),
            id="a port is taken and it is not started",
        ),
        pytest.param(
            record(PortBindings=PORT),
            (container("proxy", ports=(80,), state="exited"),),
            id="a port was published by one that does not run",
        ),
        pytest.param(
            record(PortBindings={"80/tcp": [{"HostIp": "10.0.0.1", "HostPort": ""}]}),
            (container("proxy", ports=(80,)),),
            id="any port will do",
        ),
        pytest.param(record(NetworkMode="media"), (), id="a network is there"),
        pytest.param(record(NetworkMode="ab12ab"), (), id="a network by its id"),
        pytest.param(record(NetworkMode="none"), (), id="no network"),
        pytest.param(
            record(joins=cid("vpn"), ran=False),
            (container("vpn", state="exited"),),
            id="neither it nor its owner ran",
        ),
        pytest.param(
            record(joins=cid("vpn"), Links=["/db:/web/db"], PortBindings=PORT),
            (container("vpn", ports=(80,)),),
            id="one in another network publishes and links nothing",
        ),
        pytest.param(
            record(joins="vpn"), (container("vpn"),), id="it joined by a name"
        ),
        pytest.param(
            replace(record(), inspect={**record().inspect, "Created": "never"}),
            (),
            id="an inspect without a time",
        ),
    ],
)
def test_what_does_not_stand_in_the_way(
    removed: RemovedContainer, there: tuple[Container, ...]
) -> None:
    assert plan(removed, *there).objections == ()


@pytest.mark.parametrize(
    ("available", "image", "objects", "other"),
    [
        pytest.param(ALL, "", False, "", id="by its id"),
        pytest.param(
            replace(ALL, has_image=False, named_image="sha256:e"),
            "",
            False,
            "nginx:1",
            id="the name is another image now",
        ),
        pytest.param(
            replace(ALL, has_image=False, named_image="sha256:e"),
            "nginx:1",
            False,
            "",
            id="the user chose that",
        ),
        pytest.param(
            replace(ALL, has_image=False), "", True, "", id="there is none at all"
        ),
        pytest.param(
            replace(ALL, has_image=False), "app:2", False, "", id="the user names one"
        ),
    ],
)
def test_its_image_is_the_very_same_or_the_user_decides(
    available: Available,
    image: str,
    objects: bool,  # noqa: FBT001 - a column of the table
    other: str,
) -> None:
    made = plan(record(), available=available, how=replace(ANY, image=image))
    said = "its image nginx:1 no longer exists: pull or build it first"
    assert (said in made.objections) == objects
    assert restoration(made).other_image == other
    assert [one.option for one in restoration(made).undecided] == (
        ["--image nginx:1 uses that"] if other else []
    )
    assert made.steps[0].image == image
    assert restoration(made).image == (image or "nginx:1")


def test_volumes_that_are_gone_are_named_before_they_are_created_empty() -> None:
    removed = record(
        Binds=["data:/data", "lost:/lost"],
        volumes={"/anonymous": {}, "/gone": {}},
        mounts=(
            volume("data", "/data"),
            volume("lost", "/lost"),
            volume(ANONYMOUS, "/anonymous"),
            volume("e1" * 32, "/gone"),
            {"Type": "bind", "Source": "/srv", "Destination": "/srv"},
        ),
    )
    emptied = restoration(plan(removed)).emptied
    assert emptied == ("lost", "without a name at /gone")


def test_it_joins_the_owner_that_it_had() -> None:
    made = plan(record(joins=cid("vpn")), container("vpn"))
    assert made.steps[0].joins == (Join(NET, cid("vpn")),)
    assert restoration(made).owners == (("vpn", ""),)
    assert made.objections == ()


def test_it_joins_the_proven_successor_of_an_owner_that_is_gone() -> None:
    new = container("vpn", id_=OTHER)
    made = plan(record(joins=cid("old")), new, former={"old": "vpn"})
    assert made.steps[0].joins == (Join(NET, OTHER),)
    ((name, why),) = restoration(made).owners
    assert name == "vpn"
    assert "it has the name of the one that is gone" in why
    assert made.objections == ()
    assert made.choices == ()


def test_without_proof_the_user_chooses_the_owner() -> None:
    removed = record(joins=cid("old"))
    made = plan(removed, container("proxy"))
    (choice,) = made.choices
    assert choice.gone == cid("old")
    assert choice.candidates == ((cid("proxy"), "proxy"),)
    (undecided,) = restoration(made).undecided
    short = cid("old")[:12]
    assert undecided.sentence == (f"its owner {short} is gone, and its name is unknown")
    assert undecided.option == "--onto NAME chooses the new owner"
    assert made.objections == ()
    for how in (onto("proxy"), replace(ANY, chosen=((cid("old"), cid("proxy")),))):
        chosen = plan(removed, container("proxy"), how=how)
        assert chosen.steps[0].joins == (Join(NET, cid("proxy")),)
        assert restoration(chosen).undecided == ()
        assert restoration(chosen).owners == (("proxy", "you named it"),)
        assert chosen.objections == ()


def test_an_owner_that_was_joined_by_name_and_is_gone_is_chosen_too() -> None:
    made = plan(record(joins="vpn"), container("proxy"))
    (undecided,) = restoration(made).undecided
    assert undecided.sentence == (
        "its owner vpn is gone, and nothing proves which container took its place"
    )
    chosen = plan(record(joins="vpn"), container("proxy"), how=onto("proxy"))
    assert chosen.steps[0].joins == (Join(NET, cid("proxy")),)


def test_onto_moves_it_from_an_owner_that_is_there() -> None:
    there = (container("vpn"), container("proxy"))
    made = plan(record(joins=cid("vpn")), *there, how=onto("proxy"))
    assert made.steps[0].joins == (Join(NET, cid("proxy")),)
    assert restoration(made).owners == (("proxy", "you named it"),)


def test_it_joins_several_each_by_its_own_proof() -> None:
    removed = record(joins=cid("vpn"), PidMode=f"container:{cid('old')}")
    made = plan(removed, container("vpn"), container("new"))
    assert made.steps[0].joins == (
        Join(NET, cid("vpn")),
        Join(NamespaceKind.PID, cid("old")),
    )
    assert len(restoration(made).undecided) == 1
    chosen = plan(removed, container("vpn"), container("new"), how=onto("new"))
    assert chosen.steps[0].joins == (
        Join(NET, cid("vpn")),
        Join(NamespaceKind.PID, cid("new")),
    )


def test_those_that_joined_it_are_named() -> None:
    made = plan(record("vpn"), container("torrent", joins=cid("vpn")))
    assert restoration(made).left_behind == ("torrent",)


SWARM = {
    "com.docker.swarm.service.name": "web",
    "com.docker.swarm.service.id": "s1",
    "com.docker.swarm.task.id": "t1",
    "com.docker.swarm.task.name": "web.1.t1",
    "com.docker.swarm.node.id": "n1",
}
UNIT = {"PODMAN_SYSTEMD_UNIT": "web.service"}


@pytest.mark.parametrize(
    ("labels", "engine", "use"),
    [
        pytest.param(
            SWARM, "Docker", "docker service update --force web", id="a swarm task"
        ),
        pytest.param(UNIT, "Podman", "systemctl start web.service", id="a unit"),
        pytest.param(UNIT, "Docker", "", id="a unit that Docker knows nothing of"),
        pytest.param({"a": "b"}, "Docker", "", id="nobody's"),
    ],
)
def test_a_manager_creates_its_containers_itself(
    labels: dict[str, str], engine: str, use: str
) -> None:
    host = snapshot()
    info = EngineInfo(endpoint="", context=None, name=engine, version="1")
    made = plan(record(labels=labels), on=replace(host, engine=info))
    assert bool(made.managed) == bool(use)
    assert all(sentence.endswith(f"itself: use {use}") for sentence in made.managed)


def test_the_command_of_compose_is_said() -> None:
    labels = {
        "com.docker.compose.project.working_dir": "/srv/media",
        "com.docker.compose.project.config_files": "/srv/media/a.yml,/srv/media/b.yml",
    }
    made = restoration(plan(record(compose="media/web", labels=labels)))
    assert made.compose == "media/web"
    assert made.command == (
        "docker compose --project-name media --project-directory /srv/media"
        " --file /srv/media/a.yml --file /srv/media/b.yml up --detach --no-deps web"
    )
    alone = restoration(plan(record(labels=labels)))
    assert (alone.compose, alone.command) == ("", "")
    odd = {"com.docker.compose.project.working_dir": "/srv/\n"}
    assert restoration(plan(record(compose="a/b", labels=odd))).command == ""


def test_what_the_api_cannot_set_is_named() -> None:
    made = plan(record(), available=replace(ALL, left_out=("umask 0077",)))
    assert restoration(made).left_out == ("umask 0077",)
