"""Which project compose is asked for the hash of, and what counts as the same."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from nstui.engine.compose_model import read_model
from nstui.engine.compose_program import ProgramResult
from nstui.engine.compose_proof import has_same_hash
from nstui.model.container import ComposeService
from tests.support.builders import cid, container

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nstui.engine.compose_model import ComposeModel

HASH, OTHER = "ab" * 32, "cd" * 32
GONE = cid("gone")
LENDER = cid("lender")
DEP = replace(
    container("dep", joins=GONE),
    compose=ComposeService("p", "dep", config_hash=HASH),
)


class Asked:
    """Answers with one hash after the other; keeps what it was asked."""

    def __init__(self, *hashes: str, code: int = 0) -> None:
        """Take the hashes."""
        self.hashes = list(hashes)
        self.code = code
        self.words: list[tuple[str, ...]] = []
        self.services: list[Mapping[str, Mapping[str, object]]] = []

    def __call__(self, words: tuple[str, ...], given: str) -> ProgramResult:
        """Answer."""
        self.words.append(words)
        self.services.append(json.loads(given)["services"] if given else {})
        return ProgramResult(self.code, f"dep {self.hashes.pop(0)}\n", "")


def model(**service: object) -> ComposeModel:
    """Return a project with one service that is looked at."""
    services = {"dep": {"network_mode": "service:own", **service}, "own": {}}
    found = read_model(json.dumps({"services": services}), "p", "dep", is_v1=False)
    assert found is not None
    return found


def test_the_owner_is_the_one_that_it_was_made_with() -> None:
    asked = Asked(HASH)
    assert has_same_hash(asked, model(ipc="container:x"), DEP, {})
    assert asked.services == [
        {
            "dep": {"network_mode": f"container:{GONE}", "ipc": "container:x"},
            "own": {},
        }
    ]
    assert asked.words == [("config", "--hash", "dep")]


def test_dependencies_may_have_been_left_alone() -> None:
    asked = Asked(OTHER, HASH)
    assert has_same_hash(asked, model(depends_on={"own": {}}), DEP, {})
    assert ["depends_on" in services["dep"] for services in asked.services] == [
        True,
        False,
    ]


@pytest.mark.parametrize("hashes", [(OTHER, OTHER), ("", "")])
def test_another_hash_is_another_container(hashes: tuple[str, ...]) -> None:
    assert not has_same_hash(Asked(*hashes), model(depends_on={"own": {}}), DEP, {})


def test_an_answer_of_a_failure_is_none() -> None:
    assert not has_same_hash(Asked(HASH, code=1), model(), DEP, {})


def test_one_without_a_hash_is_never_the_same() -> None:
    made = replace(DEP, compose=ComposeService("p", "dep"))
    assert not has_same_hash(Asked("", ""), model(), made, {})


def test_profiles_that_nobody_named_are_taken_along() -> None:
    asked = Asked(HASH)
    assert has_same_hash(asked, model(profiles=["a"]), DEP, {})
    assert asked.words == [("--profile", "*", "config", "--hash", "dep")]


def test_lenders_of_volumes_are_services_called_by_their_ids() -> None:
    asked = Asked(HASH)
    raw = {"HostConfig": {"VolumesFrom": [LENDER]}}
    assert has_same_hash(asked, model(volumes_from=["data"]), DEP, raw)
    (services,) = asked.services
    assert services["dep"]["volumes_from"] == [LENDER]
    assert LENDER in services


def test_compose_v1_says_the_hash_that_it_counts_with() -> None:
    v1 = replace(model(), is_v1=True)
    asked = Asked(HASH)
    assert has_same_hash(asked, v1, DEP, {})
    assert (asked.words, asked.services) == ([("config", "--hash", "dep")], [{}])
    assert not has_same_hash(Asked(OTHER), v1, DEP, {})
