"""What is said to be another where compose's hash of a service is another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nstui.engine.compose_container import (
    UNKNOWN_BY_VERSION,
    UNKNOWN_CHANGE,
    find_hashed_changes,
    unnamed_change_text,
)
from tests.support.compose_samples import CONFIG, MOUNTS, model, present

if TYPE_CHECKING:
    from collections.abc import Mapping

VOLUMES = [{"type": "bind", "source": "/p/dev", "target": "/data"}]


def test_nothing_is_named_where_nothing_is_another() -> None:
    assert find_hashed_changes(model(), present()) == ()


@pytest.mark.parametrize(
    ("service", "expected"),
    [
        ({"image": "alpine:2"}, ["image alpine:2"]),
        ({"command": ["sleep", "8"]}, ["command"]),
        ({"command": "sleep 9"}, []),
        ({"command": "sleep '9"}, []),
        ({"command": None}, ["command"]),
        ({"entrypoint": ["sh"]}, ["entrypoint"]),
        ({"environment": {"KEY": "x"}}, ["environment KEY"]),
        ({"environment": {"KEY": "a$$b", "NEW": "1"}}, ["environment NEW"]),
        ({"environment": {"NEW": True}}, ["environment KEY", "environment NEW"]),
        ({"environment": ["KEY=a$$b"]}, []),
        ({"environment": {}}, ["environment KEY"]),
        ({"labels": {"mine": "2", "x": ""}}, ["label mine", "label x"]),
        ({"labels": {}}, ["label mine"]),
        ({"user": "0"}, ["user"]),
        ({"user": None}, ["user"]),
        ({"privileged": True}, ["privileged"]),
        ({"read_only": True}, ["read_only"]),
        ({"cap_add": ["CAP_NET_ADMIN"]}, []),
        ({"cap_add": []}, ["cap_add"]),
        ({"stop_signal": "SIGTERM"}, []),
        ({"stop_signal": "SIGKILL"}, ["stop_signal"]),
        ({"volumes": [*VOLUMES]}, ["volume /anon", "volume /tmp", "volume /vol"]),
        ({"volumes": []}, [f"volume /{p}" for p in ("anon", "data", "tmp", "vol")]),
    ],
    ids=str,
)
def test_what_is_another_is_named(
    service: Mapping[str, object], expected: list[str]
) -> None:
    found = find_hashed_changes(model(service), present())
    if service.get("volumes") == VOLUMES:
        expected = ["volume /data", *expected]
    assert list(found) == expected


@pytest.mark.parametrize(
    ("service", "expected"),
    [
        ({"type": "volume", "source": "other", "target": "/vol"}, ["volume /vol"]),
        ({"type": "bind", "source": "/vol", "target": "/vol"}, ["volume /vol"]),
        ({"type": "volume", "source": "vol", "target": "/more"}, ["volume /more"]),
    ],
)
def test_a_mount_from_elsewhere_is_named(
    service: Mapping[str, object], expected: list[str]
) -> None:
    said = [*model().config["volumes"], service]  # type: ignore[misc]  # it is a list
    assert [*find_hashed_changes(model({"volumes": said}), present())] == expected


def test_secrets_and_what_another_container_lends_are_no_mounts_of_a_service() -> None:
    secret = {"Type": "bind", "Source": "/p/s", "Destination": "/run/secrets/s"}
    there = present(mounts=(*MOUNTS, secret))
    project = {"secrets": {"s": {"file": "/p/s"}}}
    assert find_hashed_changes(model(), there) == ("volume /run/secrets/s",)
    assert (
        find_hashed_changes(model({"secrets": [{"source": "s"}]}, project), there) == ()
    )

    lent = present(host={"VolumesFrom": ["x"]}, mounts=(*MOUNTS, secret))
    assert find_hashed_changes(model(), lent) == ()


def test_what_compose_v1_and_the_docker_command_put_in_is_nobodys_doing() -> None:
    there = ["KEY=a$b", "PATH=/bin", "affinity:container==x", "http_proxy=p"]
    found = find_hashed_changes(
        model(), present(config={"Env": there}, proxies={"http_proxy": "p"})
    )
    assert found == ()


def test_variables_that_are_not_set_are_named() -> None:
    said = model({"environment": {"KEY": ""}})
    unset = type(said)(
        document=said.document, project="p", service="dep", is_v1=False, unset=("K",)
    )
    assert find_hashed_changes(unset, present()) == (
        "environment KEY",
        "variable K (it is not set here)",
    )


@pytest.mark.parametrize(
    ("made_by", "version", "expected"),
    [
        ("2.26.1", "2.26.1", UNKNOWN_CHANGE),
        ("v2.26.1", "2.26.1", UNKNOWN_CHANGE),
        ("2.26.1-4", "2.26.1", UNKNOWN_CHANGE),
        ("2.26.1", "2.40.3", UNKNOWN_BY_VERSION.format("2.40.3", "2.26.1")),
        ("", "2.40.3", UNKNOWN_CHANGE),
        ("2.26.1", "", UNKNOWN_CHANGE),
    ],
)
def test_what_cannot_be_named_may_come_of_another_version(
    made_by: str, version: str, expected: str
) -> None:
    labels = {"com.docker.compose.version": made_by}
    there = present(config={**CONFIG, "Labels": labels})
    assert unnamed_change_text(there, version) == expected
