"""What an engine says of an image, and how it reports a pull."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nstui.engine.images import PullReport, decode_image
from nstui.model.image import Image, PullProgress, is_image_id

if TYPE_CHECKING:
    from collections.abc import Mapping

DIGITS = "a1" * 32
ID = f"sha256:{DIGITS}"


@pytest.mark.parametrize(
    ("raw", "image"),
    [
        ({"Id": ID}, Image(id=ID, config={})),
        ({"Id": DIGITS, "Config": None}, Image(id=ID, config={})),
        (
            {
                "Id": ID,
                "RepoTags": ["app:1", "<none>:<none>"],
                "RepoDigests": [f"app@{ID}", "<none>@<none>"],
                "Os": "linux",
                "Architecture": "arm",
                "Variant": "v7",
                "Config": {"User": "1000"},
            },
            Image(
                id=ID,
                names=("app:1",),
                digests=(f"app@{ID}",),
                platform="linux/arm/v7",
                config={"User": "1000"},
            ),
        ),
        (
            {"Id": ID, "RepoTags": None, "Os": "linux", "Architecture": "amd64"},
            Image(id=ID, platform="linux/amd64", config={}),
        ),
    ],
    ids=["bare", "podman", "whole", "untagged"],
)
def test_an_image(raw: Mapping[str, object], image: Image) -> None:
    assert decode_image(raw) == image


def line(word: str, layer: str, *numbers: int, **more: object) -> Mapping[str, object]:
    """Return a line of the report on a layer."""
    detail = dict(zip(("current", "total"), numbers, strict=False))
    return {"status": word, "id": layer, "progressDetail": {**detail, **more}}


@pytest.mark.parametrize(
    ("lines", "progress"),
    [
        ([], PullProgress()),
        ([{"status": "Pulling from library/app", "id": "1"}], PullProgress()),
        ([{"status": "Digest: sha256:a1"}, {"status": "Status: Done"}], PullProgress()),
        ([line("Pulling fs layer", "a"), line("Waiting", "b")], PullProgress(layers=2)),
        ([line("Already exists", "a")], PullProgress(layers=1, done=1)),
        (
            [line("Downloading", "a", 3, 9), line("Downloading", "b", 1, 5)],
            PullProgress(layers=2, received=4, size=14),
        ),
        (
            [line("Downloading", "a", 3, 9), line("Download complete", "a")],
            PullProgress(layers=1, received=9, size=9),
        ),
        (
            [line("Downloading", "a", 8, 9), line("Downloading", "a", 2, 9)],
            PullProgress(layers=1, received=8, size=9),
        ),
        (
            [line("Downloading", "a", 8, 9), line("Retrying in 5 seconds", "a")],
            PullProgress(layers=1, received=8, size=9),
        ),
        (
            [line("Downloading", "a", 9, 9), line("Extracting", "a", 4, 9)],
            PullProgress(layers=1, received=9, size=9, unpacked=4),
        ),
        (
            [line("Downloading", "a", 7), line("Extracting", "a", 4, units="s")],
            PullProgress(layers=1, received=7, size=7),
        ),
        (
            [line("Downloading", "a", 9, 9), line("Pull complete", "a")],
            PullProgress(layers=1, done=1, received=9, size=9),
        ),
        (
            [line("Downloading", "a", 1, 9), line("Pull complete", "a")],
            PullProgress(layers=1, done=1, received=9, size=9),
        ),
        (
            [{"status": "Downloading", "id": "a", "progressDetail": None}],
            PullProgress(layers=1),
        ),
        (
            [{"status": 7, "id": "a"}, {"status": "Waiting"}, {"id": "a"}],
            PullProgress(),
        ),
    ],
)
def test_how_far_a_pull_has_got(
    lines: list[Mapping[str, object]], progress: PullProgress
) -> None:
    report = PullReport()
    reached = PullProgress()
    for each in lines:
        reached = report.add(each)
    assert reached == progress


@pytest.mark.parametrize(
    ("reference", "is_id"),
    [
        (ID, True),
        (DIGITS, True),
        (ID.upper(), False),
        (DIGITS[:12], False),
        (f"app@{ID}", False),
        ("app:1", False),
        ("sha256:app", False),
        ("", False),
    ],
)
def test_an_id_of_an_image(reference: str, *, is_id: bool) -> None:
    assert is_image_id(reference) is is_id
