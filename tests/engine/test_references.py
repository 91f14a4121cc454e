"""Whom a join means, on a real engine: by id, by name, and by names that are alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nstui.model.finding import GroupBond
from tests.engine.looking import errors, namespace, of, together, wrong

if TYPE_CHECKING:
    from nstui.service.host import Host
    from tests.support.private_engine import PrivateEngine

pytestmark = pytest.mark.docker


def test_a_join_by_id_survives_a_new_name_of_the_owner(
    engine_host: PrivateEngine, connection: Host
) -> None:
    engine_host.run("own")
    engine_host.run("dep", "--network=container:own")
    assert together(connection.observer.look()) == {("own", "dep")}

    engine_host.docker("rename", "own", "renamed")

    report = connection.observer.look()
    assert together(report) == {("renamed", "dep")}
    assert wrong(report) == set()


def test_a_name_that_was_given_before_its_owner_existed(
    engine_host: PrivateEngine, connection: Host
) -> None:
    engine_host.create("dep", "--network=container:later")
    report = connection.observer.look()
    assert wrong(report) == {("dep", "owner-gone", "warning")}
    (group,) = report.groups()
    assert (group.bond, group.gone_reference) == (GroupBond.GONE, "later")

    engine_host.run("later")
    report = connection.observer.look()
    assert wrong(report) == set()
    assert together(report) == {("later", "dep")}

    engine_host.docker("start", "dep")
    report = connection.observer.look()
    assert namespace(report, "dep") == namespace(report, "later") is not None
    assert wrong(report) == set()

    engine_host.docker("rename", "later", "earlier")
    report = connection.observer.look()
    # It is with its owner still, and no declaration says so any more.
    assert wrong(report) == {("dep", "undeclared-share", "warning")}
    assert report.findings[0].remedy == "docker rename earlier later"


def test_names_that_begin_alike(engine_host: PrivateEngine, connection: Host) -> None:
    engine_host.create("dep", "--network=container:vpn")
    engine_host.run("vpn2")
    engine_host.run("dep2", "--network=container:vpn2")
    report = connection.observer.look()
    assert together(report) == {("dep",), ("vpn2", "dep2")}
    assert wrong(report) == {("dep", "owner-gone", "warning")}

    engine_host.run("vpn")
    engine_host.docker("start", "dep")

    report = connection.observer.look()
    assert together(report) == {("vpn", "dep"), ("vpn2", "dep2")}
    assert namespace(report, "dep") == namespace(report, "vpn")
    assert namespace(report, "dep2") == namespace(report, "vpn2")
    assert namespace(report, "vpn") != namespace(report, "vpn2")
    assert wrong(report) == set()

    engine_host.docker("restart", "-t", "0", "vpn2")
    assert wrong(connection.observer.look()) == errors("stale-join", "dep2")


def test_a_new_container_of_the_owners_name_is_not_the_owner(
    engine_host: PrivateEngine, connection: Host
) -> None:
    owner = engine_host.run("own")
    engine_host.run("dep", "--network=container:own")
    engine_host.docker("rm", "-f", "own")
    engine_host.run("own")

    report = connection.observer.look()

    assert wrong(report) == errors("owner-gone", "dep")
    assert together(report) == {("dep",)}
    assert of(report, "own").id != owner
