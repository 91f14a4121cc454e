"""Pulls from a real registry that fail, and those that need a password."""

from __future__ import annotations

import base64
import json
import os
from typing import TYPE_CHECKING

import pytest

from nstui.engine.docker_engine import DockerEngine
from nstui.engine.endpoint import Endpoint
from nstui.errors import PullFailed
from tests.support.registry import ADDRESS, PASSWORD, USER, reference_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from nstui.model.image import Image
    from tests.support.private_engine import PrivateEngine
    from tests.support.registry import Registry

pytestmark = pytest.mark.docker

NAME = "tool:1"
TOOL = reference_of(NAME)


@pytest.fixture
def engine(engine_host: PrivateEngine) -> Iterator[DockerEngine]:
    """Yield an engine that has none of the registry's images."""
    asks = DockerEngine(Endpoint(engine_host.url, None))
    yield asks
    asks.close()
    engine_host.remove_all()
    engine_host.docker("rmi", TOOL, check=False)


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the path of docker's configuration, which is not there yet."""
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    return tmp_path / "config.json"


def pull(engine: DockerEngine) -> Image:
    return engine.pull(TOOL, lambda _: None)


def test_a_layer_that_ends_too_early(engine: DockerEngine, registry: Registry) -> None:
    registry.publish(NAME)
    old = pull(engine)
    registry.publish(NAME)
    registry.truncate(NAME)
    with pytest.raises(PullFailed, match=f"^{TOOL} cannot be pulled: .+"):
        pull(engine)
    assert engine.image(TOOL) == old


def test_a_registry_that_stops_answering(
    engine: DockerEngine, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry.publish(NAME)
    monkeypatch.setattr("nstui.engine.pulling.PULL_SILENCE_S", 1.0)
    registry.freeze()
    try:
        with pytest.raises(PullFailed, match=r"reported nothing about it for 1 s$"):
            pull(engine)
    finally:
        registry.resume()
    assert engine.image(TOOL) is None
    monkeypatch.undo()
    assert pull(engine).names == (TOOL,)


def test_a_registry_that_does_not_run(engine: DockerEngine, registry: Registry) -> None:
    registry.publish(NAME)
    registry.end()
    try:
        with pytest.raises(PullFailed, match=r"cannot be pulled: .*refused"):
            pull(engine)
    finally:
        registry.start()


def test_a_registry_that_asks_for_a_password(
    engine: DockerEngine, registry: Registry, config: Path
) -> None:
    registry.publish(NAME)
    registry.end()
    registry.start(asks_password=True)
    try:
        with pytest.raises(PullFailed, match=r"(?i)credentials|unauthorized"):
            pull(engine)
        for password, is_right in (("wrong", False), (PASSWORD, True)):
            words = base64.b64encode(f"{USER}:{password}".encode()).decode()
            config.write_text(json.dumps({"auths": {ADDRESS: {"auth": words}}}))
            if is_right:
                assert pull(engine).names == (TOOL,)
                continue
            with pytest.raises(PullFailed, match=r"(?i)credentials|unauthorized"):
                pull(engine)
    finally:
        registry.end()
        registry.start()


def test_the_password_of_a_credential_helper(
    engine: DockerEngine,
    registry: Registry,
    config: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    registry.publish(NAME)
    registry.end()
    registry.start(asks_password=True)
    config.write_text(json.dumps({"credHelpers": {ADDRESS: "ours"}}))
    answer = json.dumps({"Username": USER, "Secret": PASSWORD})
    helper = config.parent / "docker-credential-ours"
    try:
        with pytest.raises(PullFailed, match=r"credential-ours is not installed"):
            pull(engine)
        helper.write_text(f"#!/bin/sh\ncat >/dev/null\necho '{answer}'\n")
        helper.chmod(0o755)
        monkeypatch.setenv("PATH", f"{config.parent}:{os.environ['PATH']}")
        assert pull(engine).names == (TOOL,)
    finally:
        registry.end()
        registry.start()
