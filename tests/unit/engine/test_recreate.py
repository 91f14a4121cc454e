"""What an engine is asked for when a container is created like another one."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from nstui.analysis.recipe.networks import ENDPOINT_SYSCTLS
from nstui.engine.docker_engine import DockerEngine
from nstui.engine.endpoint import Endpoint
from nstui.errors import EngineRefused, EngineUnreachable
from nstui.model.container import ContainerId, Join
from nstui.model.healing import Renewal
from nstui.model.json import mapping
from nstui.model.namespace import NamespaceKind
from tests.support.captured import ID, OTHER
from tests.support.servers import CreatingEngine, UnixServer, http_answer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from tests.support.captured import Json

IMAGE = "sha256:" + "d" * 64
NEW = ContainerId("ab" * 32)
MARTIANS = "net.ipv4.conf.eth0.log_martians"
MOVED = "net.ipv4.conf.IFNAME.log_martians=1"
ONE: Json = {"Aliases": ["a"], "IPAMConfig": {"IPv4Address": "10.0.1.9"}}
TWO: Json = {"Aliases": ["b"], "NetworkID": "chosen by the engine"}


class Docker:
    """Answers as Docker does, for one container and what it is to be like."""

    def __init__(
        self, version: str = "1.51", host: Json | None = None, **networks: Json
    ) -> None:
        self.version = version
        self.host: Json = {"NetworkMode": "one", **(host or {})}
        self.networks = networks
        self.images = {"app:1": IMAGE}
        self.others: dict[str, Json] = {}
        """What other containers are, by their references."""

        self.elsewhere: dict[str, object] = {}
        """What it answers at other places."""

        self.missing = "No such container: {}"
        """What it says of what is not there."""

        self.new: Json = {}
        """The networks of the new one."""

        self.refuses: set[str] = set()
        """The ends of paths that it refuses."""

        self.requests = CreatingEngine(self)

    def __call__(self, path: str) -> bytes:
        """Answer a question."""
        _, _, place = path.partition("/")
        last = place.rpartition("/")[2]
        if self.refuses & {place, last}:
            return http_answer({"message": f"no {last}"}, "500 Server Error")
        if place in self.elsewhere:
            return http_answer(self.elsewhere[place])
        found = self._known().get(place or path)
        if found is None and last == "json":
            name = place.split("/")[1]
            message = {"message": self.missing.format(name)}
            return http_answer(message, "404 Not Found")
        return http_answer(found or {})

    @property
    def body(self) -> Json:
        """The body of the create."""
        return dict(mapping(self.requests.bodies[0]))

    @property
    def copied_host(self) -> Json:
        """What the new one is to have of its host."""
        return dict(mapping(self.body["HostConfig"]))

    @property
    def attached(self) -> Json:
        """The networks that the new one is created on."""
        return dict(mapping(mapping(self.body["NetworkingConfig"])["EndpointsConfig"]))

    @property
    def changes(self) -> list[str]:
        """The requests for changes, without the version."""
        return [
            question.replace(f"/v{self.version}", "").replace(NEW, "NEW")
            for question in self.requests.asked
            if not question.startswith("GET")
        ]

    def _known(self) -> Mapping[str, Json]:
        """Return what it answers at which place."""
        old: Json = {
            "Id": ID,
            "Name": "/dep",
            "Image": IMAGE,
            "Config": {"Image": "app:1"},
            "HostConfig": self.host,
            "NetworkSettings": {"Networks": self.networks},
        }
        new: Json = {"NetworkSettings": {"Networks": self.new}}
        return {
            "version": {"ApiVersion": self.version, "MinAPIVersion": "1.24"},
            "containers/create": {"Id": NEW, "Warnings": []},
            f"containers/{ID}/json": old,
            f"containers/{NEW}/json": new,
            **{f"containers/{name}/json": one for name, one in self.others.items()},
            **{f"images/{name}/json": {"Id": i} for name, i in self.images.items()},
        }


@contextmanager
def connected(docker: Docker, folder: Path) -> Iterator[DockerEngine]:
    """Yield the adapter to what answers."""
    with UnixServer(folder / "d.sock", docker.requests) as server:
        engine = DockerEngine(Endpoint(server.url, None))
        try:
            yield engine
        finally:
            engine.close()


def copy(docker: Docker, folder: Path, *joins: Join) -> ContainerId:
    """Create a container like the one that there is."""
    with connected(docker, folder) as engine:
        return engine.create_like(ContainerId(ID), "copy", joins)


CREATE = "POST /containers/create?name=copy"


@pytest.mark.parametrize("version", ["1.44", "1.51"])
def test_a_newer_engine_attaches_it_to_all_networks_at_once(
    version: str, tmp_path: Path
) -> None:
    docker = Docker(version, one=ONE, two=TWO)
    assert copy(docker, tmp_path) == NEW
    assert docker.changes == [CREATE]
    assert docker.attached == {"one": ONE, "two": {"Aliases": ["b"]}}
    # What is known to be right is not looked at again.
    assert f"GET /v{version}/containers/{NEW}/json" not in docker.requests.asked


def test_an_older_engine_attaches_it_to_one_network_after_the_other(
    tmp_path: Path,
) -> None:
    docker = Docker("1.43", **{"one": ONE, "th#ree": {}, "two": TWO})
    assert copy(docker, tmp_path) == NEW
    assert docker.changes == [
        CREATE,
        "POST /networks/th%23ree/connect",
        "POST /networks/two/connect",
    ]
    assert docker.attached == {"one": ONE}
    assert docker.requests.bodies[2] == {
        "Container": NEW,
        "EndpointConfig": {"Aliases": ["b"]},
    }


@pytest.mark.parametrize("is_removed", [True, False])
def test_one_that_cannot_be_attached_is_removed_and_the_reason_is_told(
    tmp_path: Path, *, is_removed: bool
) -> None:
    docker = Docker("1.43", one=ONE, three=TWO, two=TWO)
    docker.refuses = {"connect"}
    if not is_removed:
        docker.refuses.add(f"containers/{NEW}")
    with pytest.raises(EngineRefused, match=r"^no connect$"):
        copy(docker, tmp_path)
    removal = "DELETE /containers/NEW?v=False&link=False&force=True"
    assert docker.changes == [CREATE, "POST /networks/three/connect", removal]


def test_one_that_is_not_created_is_not_removed(tmp_path: Path) -> None:
    docker = Docker(one=ONE)
    docker.refuses = {"create"}
    with pytest.raises(EngineRefused, match="no create"):
        copy(docker, tmp_path)
    assert docker.changes == [CREATE]


def test_one_without_an_id_is_not_removed(tmp_path: Path) -> None:
    docker = Docker(one=ONE)
    docker.requests.answer = lambda path: (
        http_answer({"Warnings": []}) if path.endswith("create") else docker(path)
    )
    with pytest.raises(EngineUnreachable, match="no id of the new object"):
        copy(docker, tmp_path)
    assert docker.changes == [CREATE]


def test_it_leaves_the_network_that_the_old_one_had_left(tmp_path: Path) -> None:
    """The engine attaches what has a mode to its network."""
    docker = Docker("1.51", {"NetworkMode": "gone"}, two=TWO)
    docker.new = {"gone": {}, "two": {}}
    assert copy(docker, tmp_path) == NEW
    assert docker.changes == [CREATE, "POST /networks/gone/disconnect"]
    assert docker.attached == {"two": {"Aliases": ["b"]}}
    assert docker.requests.bodies[1] == {"Container": NEW}


def test_one_on_the_hosts_network_is_left_there(tmp_path: Path) -> None:
    docker = Docker("1.51", {"NetworkMode": "host"})
    docker.new = {"host": {}}
    copy(docker, tmp_path)
    assert docker.changes == [CREATE]
    assert docker.attached == {}


def test_one_that_joins_another_has_no_networks(tmp_path: Path) -> None:
    docker = Docker("1.51", {"NetworkMode": f"container:{OTHER}"}, one=ONE)
    copy(docker, tmp_path, Join(NamespaceKind.NET, NEW))
    assert docker.changes == [CREATE]
    assert docker.attached == {}
    assert docker.copied_host["NetworkMode"] == f"container:{NEW}"


def test_a_new_engine_is_told_of_an_interface_at_its_network(tmp_path: Path) -> None:
    host: Json = {"Sysctls": {MARTIANS: "1", "kernel.msgmax": "9"}}
    docker = Docker("1.48", host, one=ONE)
    copy(docker, tmp_path)
    assert docker.copied_host["Sysctls"] == {"kernel.msgmax": "9"}
    assert docker.attached == {"one": {**ONE, "DriverOpts": {ENDPOINT_SYSCTLS: MOVED}}}


@pytest.mark.parametrize(
    ("version", "networks"),
    [
        pytest.param("1.47", {"one": ONE}, id="an older engine"),
        pytest.param("1.48", {}, id="no network"),
    ],
)
def test_what_is_said_of_an_interface_stays_where_it_was(
    version: str, networks: dict[str, Json], tmp_path: Path
) -> None:
    docker = Docker(version, {"Sysctls": {MARTIANS: "1"}}, **networks)
    copy(docker, tmp_path)
    assert docker.copied_host["Sysctls"] == {MARTIANS: "1"}
    assert docker.attached == networks


@pytest.mark.parametrize(
    ("images", "image"),
    [
        pytest.param({"app:1": IMAGE}, "app:1", id="the same"),
        pytest.param({"app:1": IMAGE.removeprefix("sha256:")}, "app:1", id="Podman's"),
        pytest.param({"app:1": "sha256:" + "e" * 64}, IMAGE, id="another by now"),
        pytest.param({}, IMAGE, id="no name any more"),
    ],
)
def test_it_is_made_from_the_same_image(
    images: dict[str, str], image: str, tmp_path: Path
) -> None:
    docker = Docker(one=ONE)
    docker.images = images
    copy(docker, tmp_path)
    assert docker.body["Image"] == image


def test_it_is_made_from_another_image(tmp_path: Path) -> None:
    other = "sha256:" + "e" * 64
    docker = Docker(one=ONE)
    docker.images = {"app:2": other}
    old = {"Config": {"Env": ["A=1"]}}
    docker.elsewhere = {f"images/{IMAGE}/json": old}
    with connected(docker, tmp_path) as engine:
        renewal = Renewal("app:2", ("B=2",))
        engine.create_renewed(ContainerId(ID), "copy", (), renewal)
    assert (docker.body["Image"], docker.body["Env"]) == ("app:2", ["B=2"])


@pytest.mark.parametrize("reference", [IMAGE, "app:2"])
def test_without_one_of_the_images_it_is_not_made(
    reference: str, tmp_path: Path
) -> None:
    docker = Docker(one=ONE)
    docker.missing = "No such image: {}"
    docker.images = {IMAGE: IMAGE, "app:2": IMAGE}
    del docker.images[reference]
    with connected(docker, tmp_path) as engine, pytest.raises(EngineRefused):
        engine.create_renewed(ContainerId(ID), "copy", (), Renewal("app:2"))
    assert docker.changes == []


def test_volumes_are_borrowed_from_those_who_are_there_still(tmp_path: Path) -> None:
    data: Json = {"Type": "volume", "Name": "data", "Destination": "/data"}
    docker = Docker("1.51", {"VolumesFrom": ["lender:ro", "gone"]}, one=ONE)
    docker.others = {"lender": {"Mounts": [data]}}
    copy(docker, tmp_path)
    assert docker.copied_host["VolumesFrom"] == ["lender:ro"]
    assert "GET /v1.51/containers/gone/json" in docker.requests.asked


def test_a_placeholder_sleeps_and_has_no_network(tmp_path: Path) -> None:
    docker = Docker()
    with connected(docker, tmp_path) as engine:
        assert engine.create_placeholder(OTHER, "app:1") == NEW
    assert docker.changes == [f"POST /containers/create?name={OTHER}"]
    assert docker.body == {
        "Image": "app:1",
        "Entrypoint": ["sleep"],
        "Cmd": ["60"],
        "Healthcheck": {"Test": ["NONE"]},
        "HostConfig": {
            "AutoRemove": True,
            "IpcMode": "shareable",
            "NetworkMode": "none",
        },
    }


KEPT: Json = {
    "Id": ID,
    "Name": "/dep",
    "Image": IMAGE,
    "Config": {"Image": "app:1", "Volumes": {"/anonymous": {}}},
    "HostConfig": {"NetworkMode": "one", "Binds": ["data:/data"]},
    "Mounts": [
        {"Type": "volume", "Name": "data", "Destination": "/data"},
        {"Type": "volume", "Name": "ee" * 32, "Destination": "/anonymous"},
    ],
    "NetworkSettings": {"Networks": {"one": ONE, "two": TWO}},
}
"""What was kept of a container that is gone."""


def of_volumes(docker: Docker, *names: str) -> None:
    """Let an engine have these volumes."""
    docker.elsewhere["volumes"] = {"Volumes": [{"Name": name} for name in names]}


@pytest.mark.parametrize(
    ("volumes", "binds"),
    [
        pytest.param(("data",), ["data:/data"], id="the anonymous one is gone"),
        pytest.param(
            ("ee" * 32,),
            ["data:/data", f"{'ee' * 32}:/anonymous"],
            id="the one with a name is gone",
        ),
    ],
)
def test_a_removed_one_is_created_from_what_was_kept_of_it(
    volumes: tuple[str, ...], binds: list[str], tmp_path: Path
) -> None:
    docker = Docker()
    of_volumes(docker, *volumes)
    with connected(docker, tmp_path) as engine:
        join = Join(NamespaceKind.PID, OTHER)
        assert engine.create_from(KEPT, "copy", (join,)) == NEW
    assert docker.changes == [CREATE]
    assert docker.body["Image"] == "app:1"
    assert docker.copied_host["Binds"] == binds
    assert docker.copied_host["PidMode"] == f"container:{OTHER}"
    assert docker.attached == {"one": ONE, "two": {"Aliases": ["b"]}}


def test_what_there_still_is_is_read(tmp_path: Path) -> None:
    docker = Docker()
    of_volumes(docker, "data")
    docker.elsewhere["networks"] = [{"Name": "one", "Id": "1"}]
    docker.images = {"app:1": "sha256:other", IMAGE: IMAGE}
    with connected(docker, tmp_path) as engine:
        found = engine.available(KEPT)
    assert found.has_image
    assert found.named_image == "sha256:other"
    assert sorted(found.volumes) == ["data"]
    assert sorted(found.networks) == ["1", "one"]
    assert found.left_out == ()


@pytest.mark.parametrize("message", ["No such image: app:1", "app:1: image not known"])
def test_an_image_that_is_not_there_is_not_one_that_cannot_be_looked_at(
    message: str, tmp_path: Path
) -> None:
    docker = Docker()
    of_volumes(docker)
    docker.elsewhere["networks"] = []
    docker.images = {}
    docker.missing = message
    with connected(docker, tmp_path) as engine:
        found = engine.available(KEPT)
        assert (found.has_image, found.named_image) == (False, "")
        without = {**KEPT, "Image": "", "Config": {}}
        assert not engine.available(without).has_image
        docker.missing = "not allowed by the proxy"
        with pytest.raises(EngineRefused, match="not allowed by the proxy"):
            engine.available(KEPT)


def test_volumes_without_a_list_are_no_answer(tmp_path: Path) -> None:
    docker = Docker()
    docker.elsewhere["volumes"] = {"Warnings": None}
    with connected(docker, tmp_path) as engine, pytest.raises(EngineUnreachable):
        engine.create_from(KEPT, "copy", ())
