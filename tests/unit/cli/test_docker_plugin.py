"""nstui in the user's docker command: put there, looked at, taken out again."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from nstui.cli.docker_files import find_places

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.cli.answers import Nstui

KEPT = '{\n\t"auths": {\n\t\t"é": {}\n\t},\n\t"credsStore": "pass"\n}\n'


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return docker's folder, which does not exist yet, with a docker of version 28."""
    programs = tmp_path / "bin"
    programs.mkdir()
    put_docker(programs, "Docker version 28.2.2, build e6534b4")
    monkeypatch.setenv("PATH", f"{programs}:/usr/bin:/bin")
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "docker"))
    return tmp_path / "docker"


def put_docker(programs: Path, says: str) -> None:
    docker = programs / "docker"
    docker.write_text(f"#!/bin/sh\necho '{says}'\n")
    docker.chmod(0o755)


def script_of(folder: Path) -> Path:
    return folder / "cli-plugins" / "docker-nstui"


def tree_of(folder: Path) -> dict[str, str]:
    """Return every file below a folder with its text."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_text() for path in files}


def run_script(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [script_of(folder), *words],
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )


def test_there_and_back_again(nstui: Nstui, folder: Path) -> None:
    done = nstui("docker-plugin", "install")
    assert (done.code, done.err) == (0, "")
    assert done.out == (
        f"docker nstui: {script_of(folder)}\nhooks: {folder / 'config.json'}\n"
    )
    kept = tree_of(folder)
    assert set(kept) == {"cli-plugins/docker-nstui", "config.json"}
    assert script_of(folder).stat().st_mode & 0o777 == 0o755
    assert (folder / "config.json").stat().st_mode & 0o777 == 0o600

    assert nstui("docker-plugin", "status") == done
    assert nstui("docker-plugin", "install") == done
    assert tree_of(folder) == kept

    done = nstui("docker-plugin", "uninstall")
    assert (done.code, done.err) == (0, "")
    assert tree_of(folder) == {"config.json": "{}"}
    done = nstui("docker-plugin", "uninstall")
    assert (done.code, done.out) == (0, "")
    assert done.err == "docker nstui is not installed\n"
    done = nstui("docker-plugin", "status")
    assert (done.code, done.out) == (1, "docker nstui: not installed\n")


def test_a_dry_run(nstui: Nstui, folder: Path) -> None:
    done = nstui("docker-plugin", "install", "--dry-run")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(f"would write {script_of(folder)}\nwould set in ")
    assert not folder.exists()
    nstui("docker-plugin", "install")
    kept = tree_of(folder)
    done = nstui("docker-plugin", "uninstall", "--dry-run")
    assert (done.code, done.err) == (0, "")
    assert done.out == (
        f"would remove nstui's hooks from {folder / 'config.json'}\n"
        f"would remove {script_of(folder)}\n"
    )
    assert tree_of(folder) == kept


def test_what_else_docker_was_told_stays(nstui: Nstui, folder: Path) -> None:
    folder.mkdir()
    real = folder.parent / "dotfiles.json"
    real.write_text(KEPT)
    real.chmod(0o640)
    (folder / "config.json").symlink_to(real)
    assert nstui("docker-plugin", "install").code == 0
    assert (folder / "config.json").is_symlink()
    assert real.stat().st_mode & 0o777 == 0o640
    assert real.read_text().startswith(KEPT.removesuffix("\n}\n"))
    assert nstui("docker-plugin", "uninstall").code == 0
    assert real.read_text() == KEPT


@pytest.mark.parametrize("kind", ["file", "folder", "link", "empty file"])
def test_a_plugin_that_is_not_ours(nstui: Nstui, folder: Path, kind: str) -> None:
    script = script_of(folder)
    script.parent.mkdir(parents=True)
    if kind == "folder":
        script.mkdir()
    elif kind == "link":
        script.symlink_to(folder.parent / "bin" / "docker")
    else:
        script.write_text("" if kind == "empty file" else "#!/bin/sh\necho mine\n")
    kept = tree_of(folder)
    for command in ("install", "uninstall", "status"):
        done = nstui("docker-plugin", command)
        assert done.code == 4
        assert done.complaint == (
            f"refused, nothing was changed: {script} is not nstui's; move it away first"
        )
    assert tree_of(folder) == kept


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "is not valid JSON"),
        ("[]", "is not a JSON object"),
        ('{"plugins": 1}', "'plugins' in it is not an object"),
    ],
)
def test_a_configuration_that_cannot_be_used(
    nstui: Nstui, folder: Path, text: str, said: str
) -> None:
    folder.mkdir()
    (folder / "config.json").write_text(text)
    for command in ("install", "uninstall"):
        done = nstui("docker-plugin", command)
        assert done.code == 1
        assert "nothing was changed: " in done.complaint
        assert said in done.complaint
    assert tree_of(folder) == {"config.json": text}


def test_a_folder_that_cannot_be_written(nstui: Nstui, folder: Path) -> None:
    folder.write_text("a file")
    done = nstui("docker-plugin", "install")
    assert done.code == 1
    assert (
        done.complaint == f"nothing was changed: {script_of(folder)}: Not a directory"
    )
    assert folder.read_text() == "a file"


def test_a_configuration_that_cannot_be_written(nstui: Nstui, folder: Path) -> None:
    # Where root can write everywhere, a link to nowhere is what it cannot.
    folder.mkdir()
    (folder / "config.json").symlink_to("/proc/nowhere/config.json")
    done = nstui("docker-plugin", "install")
    assert done.code == 1
    assert "/proc/nowhere/config.json: " in done.complaint
    assert tree_of(folder) == {}


def test_what_was_there_is_put_back(nstui: Nstui, folder: Path) -> None:
    nstui("docker-plugin", "install")
    script = script_of(folder)
    earlier = script.read_text().replace("Python only", "Python, but only")
    script.write_text(earlier)
    (folder / "config.json").unlink()
    (folder / "config.json").symlink_to("/proc/nowhere/config.json")
    assert nstui("docker-plugin", "install").code == 1
    assert script.read_text() == earlier
    assert script.stat().st_mode & 0o777 == 0o755


def test_a_plugin_that_does_not_run(
    nstui: Nstui, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/it's/python")
    done = nstui("docker-plugin", "install")
    assert done.code == 1
    assert done.complaint.endswith(
        "does not run: nstui: there is no /nowhere/it's/python any more:"
        " nstui docker-plugin install"
    )
    assert tree_of(folder) == {}


def test_an_older_one_is_told_and_replaced(nstui: Nstui, folder: Path) -> None:
    nstui("docker-plugin", "install")
    now = script_of(folder).read_text()
    script_of(folder).write_text(now.replace("python=", "python=/old"))
    done = nstui("docker-plugin", "status")
    assert "    of another nstui: nstui docker-plugin install\n" in done.out
    assert nstui("docker-plugin", "install").code == 0
    assert script_of(folder).read_text() == now


@pytest.mark.parametrize(
    ("config", "says", "told"),
    [
        pytest.param(
            {"features": {"hooks": "false"}},
            "Docker version 28.2.2, build x",
            "hooks: turned off; ",
            id="turned off",
        ),
        pytest.param(
            {},
            "Docker version 20.10.24+dfsg1, build x",
            "; docker has them from 26.0 on, this is 20",
            id="an old docker",
        ),
        pytest.param({}, "podman 5", "; there is no docker command here", id="none"),
    ],
)
def test_hooks_that_do_nothing_are_told(
    nstui: Nstui, folder: Path, config: dict[str, object], says: str, told: str
) -> None:
    folder.mkdir()
    put_docker(folder.parent / "bin", says)
    (folder / "config.json").write_text(json.dumps(config))
    assert told in nstui("docker-plugin", "install").out
    assert told in nstui("docker-plugin", "status").out


def test_hooks_that_somebody_has_removed(nstui: Nstui, folder: Path) -> None:
    nstui("docker-plugin", "install")
    (folder / "config.json").write_text("{}")
    done = nstui("docker-plugin", "status")
    assert f"hooks: not in {folder / 'config.json'}: nstui docker" in done.out
    (folder / "config.json").write_text('{"plugins": []}')
    assert "cannot be used: 'plugins' in it" in nstui("docker-plugin", "status").out


def test_without_docker_config_it_is_the_home_folder() -> None:
    places = find_places({"HOME": "/home/ada"})
    assert str(places.script) == "/home/ada/.docker/cli-plugins/docker-nstui"
    assert find_places({"DOCKER_CONFIG": "c"}).folder.is_absolute()


def test_the_metadata(nstui: Nstui, folder: Path) -> None:
    nstui("docker-plugin", "install")
    done = run_script(folder, "docker-cli-plugin-metadata")
    assert (done.returncode, done.stderr) == (0, "")
    told = json.loads(done.stdout)
    assert (told["SchemaVersion"], told["Vendor"]) == ("0.1.0", "nstui")


@pytest.mark.parametrize(
    "request_",
    ["", "no JSON", "[]", '{"RootCmd":"compose"}', '{"RootCmd":"rm"}'],
)
def test_a_hook_is_silent_whatever_it_is_told(
    nstui: Nstui, folder: Path, request_: str
) -> None:
    nstui("docker-plugin", "install")
    done = run_script(folder, "nstui", "docker-cli-plugin-hooks", request_)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    # docker itself would give it more.
    done = run_script(folder, "nstui", "docker-cli-plugin-hooks")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_what_is_gone_says_so_but_never_in_a_hook(nstui: Nstui, folder: Path) -> None:
    nstui("docker-plugin", "install")
    text = script_of(folder).read_text()
    script_of(folder).write_text(text.replace(f"'{sys.executable}'", "/nowhere/python"))
    done = run_script(folder, "nstui", "docker-cli-plugin-hooks", "{}")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    done = run_script(folder, "nstui", "tree")
    assert done.returncode == 1
    assert done.stderr == (
        "nstui: there is no /nowhere/python any more: nstui docker-plugin install\n"
    )


def test_as_docker_calls_it(nstui: Nstui, folder: Path, tmp_path: Path) -> None:
    nstui("docker-plugin", "install")
    nowhere = f"unix://{tmp_path}/none.sock"
    for words in (
        ("-H", nowhere, "nstui", "tree"),
        (f"-H{nowhere}", "-D", "nstui", "tree"),
        ("nstui", "--host", nowhere, "tree"),
    ):
        done = run_script(folder, *words)
        assert done.returncode == 3
        assert f"{tmp_path}/none.sock does not exist" in done.stderr
    done = run_script(folder, "--context", "far", "nstui", "tree")
    assert done.returncode == 3
    assert "'far', named by --context, does not exist" in done.stderr
    done = run_script(folder, "--tlscacert", "ca.pem", "nstui", "tree")
    assert done.returncode == 2
    assert done.stderr.startswith("nstui: nstui does not know --tlscacert: ")
    done = run_script(folder, "--bogus", "nstui")
    assert done.returncode == 2
    done = run_script(folder, "--config", str(tmp_path), "--tls", "nstui", "--demo")
    assert done.returncode == 0
    assert "vpn" in done.stdout
    done = run_script(folder, "nstui", "rm")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.endswith("(see docker nstui rm --help)\n")


def test_help_as_docker_asks_for_it(nstui: Nstui, folder: Path) -> None:
    nstui("docker-plugin", "install")
    for words in (("help", "nstui", "rm"), ("nstui", "rm", "--help")):
        done = run_script(folder, *words)
        assert done.returncode == 0
        assert done.stdout.startswith("Usage: docker nstui rm ")


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (("__completeNoDesc", "nstui", "tr"), ["tree", ":4"]),
        (
            ("__complete", "nstui", "tr"),
            ["tree\tPrint who shares a namespace, as a tree.", ":4"],
        ),
        (("__completeNoDesc", "nstui", "--demo", "rm", "vp"), ["vpn", ":4"]),
        (("__completeNoDesc", "nstui", "tree", "--kind", "i"), ["ipc", ":4"]),
        (("__completeNoDesc", "nstui", "rm", "--bogus", "x"), [":4"]),
    ],
)
def test_completion_as_docker_asks_for_it(
    nstui: Nstui, folder: Path, words: tuple[str, ...], offered: list[str]
) -> None:
    nstui("docker-plugin", "install")
    done = run_script(folder, *words)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == offered
