"""What an answer of compose's of today proves of the past."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from nstui.engine.compose_proof import are_older, with_grounds
from nstui.model.container import ComposeService
from nstui.model.healing import Ground
from tests.support.builders import container
from tests.support.compose_samples import model

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

OWN = {"network_mode": "service:own"}
NAMED = {"network_mode": "container:far"}
PID = {"network_mode": "bridge", "pid": "service:own"}
LABEL = "com.docker.compose.depends_on"


def ground(
    said: Mapping[str, object],
    needed: str = "",
    *,
    has_same_hash: bool = True,
    is_v1: bool = False,
) -> Ground:
    """Return what an answer proves of a project that may have been edited."""
    names = tuple(one.partition(":")[0] for one in needed.split(",") if one)
    dep = replace(container("dep"), compose=ComposeService("p", "dep", names))
    raw = {"Config": {"Labels": {LABEL: needed}}}
    now = replace(model(said), is_v1=is_v1)
    (join,) = with_grounds(now, None, dep, raw, has_same_hash=has_same_hash)
    return join.ground


@pytest.mark.parametrize(
    ("said", "needed", "has_same_hash", "expected"),
    [
        (OWN, "own:service_started:false", True, Ground.AS_MADE),
        (OWN, "own:x:false,oth:x:false", True, Ground.NEEDED),
        (OWN, "oth:x:false", True, Ground.TODAY),
        (OWN, "", True, Ground.TODAY),
        (OWN, "own:service_started:true", False, Ground.AS_MADE),
        (OWN, "own:service_started:false", False, Ground.TODAY),
        (OWN, "own:x:true,oth:x:true", False, Ground.TODAY),
        (NAMED, "oth:x:false", True, Ground.AS_MADE),
        (NAMED, "", False, Ground.TODAY),
    ],
)
def test_version_two_counts_the_name_only_of_what_is_no_service(
    said: Mapping[str, object], needed: str, expected: Ground, *, has_same_hash: bool
) -> None:
    assert ground(said, needed, has_same_hash=has_same_hash) is expected


@pytest.mark.parametrize(
    ("said", "has_same_hash", "expected"),
    [
        (OWN, True, Ground.AS_MADE),
        (OWN, False, Ground.TODAY),
        (PID, True, Ground.TODAY),
    ],
)
def test_version_one_counts_the_service_whose_network_is_joined(
    said: Mapping[str, object], expected: Ground, *, has_same_hash: bool
) -> None:
    assert ground(said, has_same_hash=has_same_hash, is_v1=True) is expected


@pytest.mark.parametrize(
    ("written", "name", "expected", "called"),
    [
        ("service:own", "it", Ground.AS_MADE, "it"),
        ("service:own", "", Ground.AS_MADE, ""),
        ("service:own", "${NAME}", Ground.AS_MADE, None),
        ("service:${X}", "it", Ground.TODAY, None),
    ],
)
def test_files_that_nobody_edited_say_what_they_said(
    written: str, name: str, expected: Ground, called: str | None
) -> None:
    unread = model({"network_mode": written})
    services = unread.document["services"]
    assert isinstance(services, dict)
    services["own"] = {"container_name": name} if name else {}
    dep = container("dep")
    (join,) = with_grounds(model(OWN), unread, dep, {}, has_same_hash=False)
    assert (join.ground, join.called) == (expected, called)


def test_files_are_as_they_were_if_nothing_of_them_changed_since(
    tmp_path: Path,
) -> None:
    file, link = tmp_path / "a.yml", tmp_path / "b.yml"
    file.write_text("services: {}")
    link.symlink_to(file)
    paths = (str(file), str(link))
    now = datetime.now(UTC)
    later, before = now + timedelta(seconds=9), now - timedelta(hours=1)
    assert are_older(paths, later)
    assert not are_older(paths, before)
    # Whoever puts the time of an edit back cannot put back that of the change.
    os.utime(file, (0, 0))
    assert not are_older((str(file),), before)
    assert not are_older(paths, None)
    assert not are_older((*paths, str(tmp_path / "gone.yml")), later)
    file.write_text("include: [other.yml]")
    assert not are_older(paths, later)
