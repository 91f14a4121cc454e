"""When an image is asked for its labels, and what follows if it does not tell."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from nstui.engine.decode import decode_container
from nstui.engine.docker_engine import DockerEngine
from nstui.engine.endpoint import Endpoint
from nstui.engine.inspect_cache import (
    RETRY_S,
    ImageLabels,
    label_changes,
    without_image_labels,
)
from nstui.errors import EngineRefused, EngineUnreachable, NstuiError, Unreachable
from nstui.model.container import ManagerProof
from tests.support.managers import SWARM, swarm_labels
from tests.support.servers import Relay, UnixServer

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from nstui.model.container import ComposeService
    from tests.support.private_engine import PrivateEngine

C = "com.docker.compose."
LABELS = {f"{C}config-hash": "c0ffee", f"{C}project": "p", f"{C}service": "web"}
ID = "sha256:" + "a1" * 32
SILENT = EngineUnreachable("not in time", Unreachable.TIMED_OUT)


class Image:
    """What is asked for an image."""

    def __init__(self, *answers: Mapping[str, object] | NstuiError) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []
        self.now = 0.0

    def __call__(self, image: str) -> Mapping[str, object]:
        self.asked.append(image)
        answer = self.answers.pop(0)
        if isinstance(answer, NstuiError):
            raise answer
        return answer


def answer(labels: object) -> Mapping[str, object]:
    return {"Id": ID, "Config": {"Labels": labels}}


@pytest.mark.parametrize("image", [ID, ID.removeprefix("sha256:")])
@pytest.mark.parametrize(
    ("said", "found"),
    [
        (answer(LABELS), LABELS),
        (answer({**LABELS, "maintainer": "x"}), LABELS),
        (answer({}), {}),
        (answer(None), {}),
        ({"Id": ID, "Config": None}, {}),
    ],
)
def test_an_answer_holds_for_ever(
    image: str, said: Mapping[str, object], found: dict[str, object]
) -> None:
    ask = Image(said)
    images = ImageLabels(lambda: ask.now)
    assert images.recall(image) is None
    for _ in range(2):
        assert images.find(image, ask) == found
    images.forget_failures()
    assert images.find(image, ask) == images.recall(image) == found
    assert ask.asked == [image]


@pytest.mark.parametrize("failure", [EngineRefused("no"), SILENT, {}, {"Id": None}])
def test_a_failure_does_not(failure: Mapping[str, object] | NstuiError) -> None:
    ask = Image(failure, failure, answer(LABELS))
    images = ImageLabels(lambda: ask.now)
    assert images.find(ID, ask) is None
    ask.now = RETRY_S - 1
    assert images.find(ID, ask) is None
    assert len(ask.asked) == 1
    ask.now = RETRY_S
    assert images.find(ID, ask) is None
    images.forget_failures()
    assert images.find(ID, ask) == LABELS


@pytest.mark.parametrize("image", ["", "busybox", "sha256:12", "../containers/x"])
def test_only_an_id_means_one_content(image: str) -> None:
    assert ImageLabels().find(image, Image()) is None


def test_an_image_is_asked_only_if_a_label_of_the_container_steers() -> None:
    row = {"ImageID": ID, "Labels": {"maintainer": "x"}}
    assert without_image_labels(row, Image()) == row
    assert without_image_labels({"Labels": None}, Image()) == {"Labels": None}
    with pytest.raises(IndexError):
        without_image_labels(
            {"ImageID": ID, "Labels": {"nstui.heal": "never"}}, Image()
        )


def test_a_commit_blanks_only_the_containers_own_labels() -> None:
    odd = 'nstui.a="" evil'
    labels = {**LABELS, "nstui.heal": "never", odd: "1", "maintainer": "x"}
    raw = {"Image": ID, "Config": {"Labels": labels}}
    assert label_changes(raw, lambda _: {f"{C}project": "p"}) == [
        f'LABEL {C}config-hash=""',
        f'LABEL {C}service=""',
        'LABEL nstui.heal=""',
    ]
    assert label_changes(raw, lambda _: None) == []


@pytest.mark.docker
class TestRealEngine:
    """What is asked of a real engine."""

    def test_an_image_is_asked_once(
        self, engine_host: PrivateEngine, tmp_path: Path
    ) -> None:
        options = [f"--label={key}={value}" for key, value in LABELS.items()]
        for name in ("one", "two", "three"):
            engine_host.create(name, *options)
        engine_host.create("plain")
        relay = Relay(engine_host.socket)
        with UnixServer(tmp_path / "d.sock", relay) as server:
            engine = DockerEngine(Endpoint(server.url, None))
            for _ in range(2):
                engine.forget()
                found = {c.name: c.compose for c in engine.containers()}
                engine.listed()
            engine.close()
        assert [n for n, service in found.items() if service] == ["one", "three", "two"]
        assert sum("/images/" in request for request in relay.requests) == 1

    def test_no_image_is_asked_where_no_label_steers(
        self, engine_host: PrivateEngine, tmp_path: Path
    ) -> None:
        engine_host.create("plain", "--label=maintainer=x")
        relay = Relay(engine_host.socket)
        with UnixServer(tmp_path / "d.sock", relay) as server:
            engine = DockerEngine(Endpoint(server.url, None))
            engine.containers()
            engine.close()
        assert not any("/images/" in request for request in relay.requests)

    def test_an_image_that_is_gone_proves_nothing_until_it_is_back(
        self, engine_host: PrivateEngine
    ) -> None:
        def service() -> ComposeService | None:
            (only,) = engine.containers()
            return only.compose

        engine_host.label_image("going:1", {"a": "b"})
        options = [f"--label={key}={value}" for key, value in LABELS.items()]
        name = engine_host.docker("create", *options, "going:1", "true").stdout.strip()
        saved = engine_host.folder / "going.tar"
        engine_host.docker("save", "--output", str(saved), "going:1")
        engine_host.docker("rmi", "--force", "going:1")
        engine = DockerEngine(Endpoint(engine_host.url, None))
        try:
            assert service() is None
            engine_host.docker("load", "--input", str(saved))
            engine.forget()
            found = service()
        finally:
            engine.close()
            engine_host.docker("rm", name)
            engine_host.docker("rmi", "going:1")
            saved.unlink()
        assert found is not None
        assert found.service == "web"


def test_labels_that_may_be_the_images_still_claim_a_manager() -> None:
    row = {"Id": ID, "ImageID": ID, "Labels": {**swarm_labels(), "other": "x"}}

    unread = decode_container(without_image_labels(row, lambda _: None), None)
    read = decode_container(without_image_labels(row, lambda _: {}), None)

    assert unread.manager == replace(SWARM, proof=ManagerProof.NONE)
    assert read.manager == SWARM
