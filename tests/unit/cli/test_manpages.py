"""The man pages say what the help texts say."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import click
import pytest

from nstui.cli.commands import cli
from scripts.manpages import FOLDER, write_pages

if TYPE_CHECKING:
    from pathlib import Path


def test_the_pages_are_those_of_the_present_commands(tmp_path: Path) -> None:
    write_pages(tmp_path)
    pages = {page.name: page.read_text() for page in tmp_path.iterdir()}
    kept = {page.name: page.read_text() for page in FOLDER.iterdir()}
    assert kept == pages, "make manpages writes them again"
    names = set(cli.list_commands(click.Context(cli)))
    shown = {name for name in names if not cli.commands[name].hidden}
    assert {f"nstui-{name}.1" for name in shown} < pages.keys()
    assert names - shown == {"as-docker"}


@pytest.mark.skipif(shutil.which("man") is None, reason="needs man")
@pytest.mark.parametrize("page", ["nstui.1", "nstui-heal.1"])
def test_man_shows_a_page(page: str) -> None:
    shown = subprocess.run(
        ("man", "--warnings", "--local-file", str(FOLDER / page)),
        capture_output=True,
        text=True,
        check=True,
        env={"PATH": "/usr/bin:/bin", "MANWIDTH": "80", "LANG": "C"},
    )
    assert "DESCRIPTION" in shown.stdout
    assert shown.stderr == ""
