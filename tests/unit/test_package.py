"""What is published beside the code agrees with it."""

from __future__ import annotations

import re
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_newest_version_in_the_changelog_is_this_one() -> None:
    changelog = ROOT.joinpath("CHANGELOG.md").read_text(encoding="utf-8")
    released = re.findall(
        r"^## \[(\d[^\]]*)\] - \d{4}-\d\d-\d\d$", changelog, re.MULTILINE
    )
    assert released[0] == version("nstui")
    for heading in ("Unreleased", *released):
        assert f"\n[{heading}]: https://" in changelog


def test_links_of_the_readme_lead_somewhere_from_anywhere() -> None:
    readme = ROOT.joinpath("README.md").read_text(encoding="utf-8")
    addresses = re.findall(r"^\[[^\]]+\]: (.*)$", readme, re.MULTILINE)
    addresses += re.findall(r"\]\(([^)]*)\)", readme)
    assert addresses
    assert [each for each in addresses if not each.startswith("https://")] == []
