"""An image's labels make no container one of compose's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nstui.demo.containers import Spec
from nstui.model.container import ComposeService
from nstui.model.plan import Layer
from tests.contract.look import look_at, run
from tests.support.managers import (
    CLAIMED_UNIT,
    POD,
    POD_LABELS,
    SWARM,
    UNIT_LABELS,
    swarm_labels,
)

if TYPE_CHECKING:
    from nstui.model.container import Manager
    from tests.contract.host import ContractHost

Pairs = tuple[tuple[str, str], ...]

C = "com.docker.compose."
HASH: Pairs = ((f"{C}config-hash", "c0ffee"),)
NAMES: Pairs = ((f"{C}project", "p"), (f"{C}service", "web"))
ALL = HASH + NAMES
MADE = ComposeService("p", "web", config_hash="c0ffee")


def services(host: ContractHost) -> set[ComposeService | None]:
    """Return what both kinds of list say of the only container, forgotten or not."""
    host.engine.forget()
    host.engine.containers()
    listed = (host.engine.listed(), host.engine.containers())
    return {container.compose for each in listed for container in each}


IGNORED = ("nstui.ignore", "exited")


@pytest.mark.parametrize(
    ("labels", "image_labels", "compose"),
    [
        (ALL, (), MADE),
        ((), ALL, None),
        (ALL, ALL, None),
        (NAMES, HASH, None),
        (HASH, NAMES, MADE),
        (ALL, ((f"{C}config-hash", "old"), (f"{C}project", "x")), MADE),
        (NAMES, (), None),
        ((), (), None),
    ],
)
def test_only_what_the_image_does_not_say_makes_it_composes(
    host: ContractHost, labels: Pairs, image_labels: Pairs, compose: ComposeService
) -> None:
    host.create(Spec("one", labels=labels, image_labels=image_labels))

    assert services(host) == {compose}


def test_the_first_glimpse_shows_nothing_unproven(host: ContractHost) -> None:
    host.create(Spec("one", labels=NAMES, image_labels=ALL))

    assert [each.compose for each in host.engine.listed()] == [None]


@pytest.mark.parametrize(
    ("labels", "image_labels"), [(ALL, ()), (HASH, NAMES), ((), ALL), (NAMES, HASH)]
)
@pytest.mark.parametrize("layer", [Layer.DROP, Layer.KEEP])
def test_a_copy_is_composes_if_the_first_was(
    host: ContractHost, labels: Pairs, image_labels: Pairs, layer: Layer
) -> None:
    one = run(host, Spec("one", labels=labels, image_labels=image_labels))
    before = look_at(host).containers["one"].compose
    kept = "kept:1" if layer is Layer.KEEP else None
    if kept is not None:
        host.engine.commit(one, kept)

    host.engine.create_like(one, "two", (), kept)

    assert look_at(host).containers["two"].compose == before


@pytest.mark.parametrize(
    ("labels", "image_labels", "manager"),
    [
        (swarm_labels(), {}, SWARM),
        ({}, swarm_labels(), None),
        (swarm_labels(), swarm_labels(), None),
        (POD_LABELS, {}, POD),
        (POD_LABELS, POD_LABELS, None),
        # What it is worth, the kernel or the engine's name decides.
        (UNIT_LABELS, {}, CLAIMED_UNIT),
    ],
)
def test_only_what_the_image_does_not_say_makes_it_managed(
    host: ContractHost,
    labels: dict[str, str],
    image_labels: dict[str, str],
    manager: Manager | None,
) -> None:
    host.create(
        Spec(
            "one",
            labels=tuple(labels.items()),
            image_labels=tuple(image_labels.items()),
        )
    )

    assert look_at(host).containers["one"].manager == manager


@pytest.mark.parametrize(
    ("labels", "image_labels", "value"),
    [
        ((IGNORED,), (), "exited"),
        ((), (IGNORED,), ""),
        ((IGNORED,), (IGNORED,), ""),
        ((IGNORED,), (("nstui.ignore", "unhealthy"),), "exited"),
        ((), (), ""),
    ],
)
def test_only_a_containers_own_label_has_findings_ignored(
    host: ContractHost, labels: Pairs, image_labels: Pairs, value: str
) -> None:
    host.create(Spec("one", labels=labels, image_labels=image_labels))
    (one,) = host.engine.containers()
    assert one.ignore_label == value
