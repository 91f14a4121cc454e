"""What is said of why the kernel's namespaces cannot be read where nstui runs."""

from __future__ import annotations

import pytest

from nstui.analysis.place import engine_obstacle, own_obstacle
from nstui.model.namespace import NamespacesRead
from nstui.model.own import Place
from nstui.model.snapshot import (
    EngineInfo,
    EngineMachine,
    HostReading,
    ProcessReading,
    ReadProblem,
)
from tests.support.builders import cid

OWN, OTHER = cid("own"), cid("other")
INODE, FINGERPRINT, DECLARED = NamespacesRead

INSIDE = Place(owners=(OWN,))
LONGEST_WORDS = 34
"""The columns beside ``nstui`` and ``partly verified ()`` in a terminal of 60."""


def reading(
    level: NamespacesRead, place: Place | None, problem: ReadProblem | None = None
) -> HostReading:
    """Return what was read of one container."""
    processes = {OTHER: ProcessReading(7, {}, None, problem)}
    return HostReading(level, processes=processes, place=place)


def inside(**lacks: bool | str) -> Place:
    """Return a place in a container of the engine that lacks something."""
    known: dict[str, object] = {"owners": (OWN,), **lacks}
    return Place(**known)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("level", "place", "words", "flags"),
    [
        pytest.param(
            DECLARED,
            inside(has_own_pids=True),
            "no --pid=host",
            "--pid=host",
            id="its own processes only",
        ),
        pytest.param(
            DECLARED,
            inside(has_own_pids=True, may_trace=False, profile="docker-default"),
            "no --pid=host",
            "--pid=host --cap-add=SYS_PTRACE --security-opt=apparmor=unconfined",
            id="and what would be missing next",
        ),
        pytest.param(
            FINGERPRINT,
            inside(may_trace=False),
            "no SYS_PTRACE",
            "--cap-add=SYS_PTRACE",
            id="a capability",
        ),
        pytest.param(
            FINGERPRINT,
            inside(profile="docker-default"),
            "AppArmor profile docker-default",
            "--security-opt=apparmor=unconfined",
            id="a profile",
        ),
        pytest.param(
            FINGERPRINT,
            inside(has_own_users=True),
            "own user namespace",
            "--userns=host",
            id="users",
        ),
        pytest.param(
            FINGERPRINT,
            inside(
                is_root=False,
                may_trace=False,
                profile="docker-default",
                has_own_users=True,
            ),
            "needs root",
            "--user=0 --cap-add=SYS_PTRACE --security-opt=apparmor=unconfined "
            "--userns=host",
            id="everything",
        ),
        pytest.param(
            FINGERPRINT,
            Place(is_container=True, may_trace=False),
            "no SYS_PTRACE",
            "--cap-add=SYS_PTRACE",
            id="a container that only its file system tells of",
        ),
    ],
)
def test_each_flag_that_is_missing_is_named(
    level: NamespacesRead, place: Place, words: str, flags: str
) -> None:
    found = own_obstacle(reading(level, place), [OWN, OTHER])

    assert found is not None
    assert found.words == words
    assert found.sentence.partition(": run it with ")[2] == flags
    assert len(found.words) <= LONGEST_WORDS


def test_the_sentences_tell_what_was_read() -> None:
    hidden = own_obstacle(reading(DECLARED, inside(has_own_pids=True)), [OWN])
    denied = own_obstacle(
        reading(FINGERPRINT, inside(may_trace=False, profile="mine")), [OWN]
    )

    assert hidden is not None
    assert hidden.sentence == (
        "nstui runs in a container of this engine and sees none of the engine's "
        "processes, so only what the engine declares is known: run it with --pid=host"
    )
    assert denied is not None
    assert denied.sentence == (
        "the kernel refuses namespace inodes to nstui in this container (no SYS_PTRACE,"
        " AppArmor profile mine): run it with --cap-add=SYS_PTRACE "
        "--security-opt=apparmor=unconfined"
    )


def test_a_refusal_of_all_is_one_of_a_right_too() -> None:
    place = inside(may_trace=False)

    found = own_obstacle(reading(DECLARED, place, ReadProblem.DENIED), [OWN])

    assert found is not None
    assert found.words == "no SYS_PTRACE"


@pytest.mark.parametrize(
    ("level", "place"),
    [
        pytest.param(INODE, inside(may_trace=False), id="all is read"),
        pytest.param(FINGERPRINT, None, id="nothing is known of the place"),
        pytest.param(FINGERPRINT, Place(may_trace=False), id="in no container"),
        pytest.param(FINGERPRINT, INSIDE, id="nothing is missing"),
        pytest.param(DECLARED, INSIDE, id="it sees the machine's processes"),
        pytest.param(DECLARED, Place(has_own_pids=True), id="in no container known"),
        pytest.param(
            DECLARED,
            Place(owners=(cid("strange"),), has_own_pids=True),
            id="in a container of another engine",
        ),
    ],
)
def test_what_is_not_certain_is_not_said(
    level: NamespacesRead, place: Place | None
) -> None:
    assert own_obstacle(reading(level, place), [OWN, OTHER]) is None


HERE = "6.12.0-amd64"
ON_HERE = Place(kernel=HERE)


def beside(kernel: str = HERE, place: Place = ON_HERE, **says: str) -> tuple[str, str]:
    """Return what is said of an engine with this kernel; empty if nothing is."""
    engine = EngineInfo(
        endpoint="unix:///d.sock",
        context=None,
        name="Docker",
        version="28",
        kernel=kernel,
    )
    found = engine_obstacle(place, engine, EngineMachine(**says))
    return ("", "") if found is None else (found.words, found.sentence)


THERE = (
    "so only what the engine declares is known: run nstui there, through ssh "
    "(-H ssh://HOST), or in a container of that engine with --pid=host "
    "--cap-add=SYS_PTRACE"
)


@pytest.mark.parametrize(
    ("kernel", "says", "words", "begins"),
    [
        ("6.1.0", {"cgroup_driver": "none"}, "no cgroups", "the engine runs"),
        ("", {"system": "Docker Desktop"}, "engine in a VM", "Docker Desktop runs"),
        ("6.1.0", {"name": "colima"}, "perhaps in a VM", "the engine may run in a VM"),
        ("6.10.14-linuxkit", {}, "perhaps in a VM", "the engine may run in a VM"),
        ("6.1.0-30-amd64", {"system": "Debian GNU/Linux 12"}, "", ""),
        ("", {}, "", ""),
    ],
)
def test_behind_ssh_the_engine_alone_tells_why(
    kernel: str, says: dict[str, str], words: str, begins: str
) -> None:
    engine = EngineInfo(
        endpoint="ssh://nas", context=None, name="Docker", version="28", kernel=kernel
    )
    found = engine_obstacle(None, engine, EngineMachine(**says))
    told = ("", "") if found is None else (found.words, found.sentence)
    assert told[0] == words
    assert told[1].startswith(begins)
    assert "another machine" not in told[1]


@pytest.mark.parametrize("product", ["Docker Desktop", "OrbStack", "Rancher Desktop"])
def test_an_engine_that_says_that_it_is_in_a_vm_is_believed(product: str) -> None:
    # In WSL all distributions have one kernel.
    for kernel in (HERE, "6.10.14-linuxkit", ""):
        assert beside(kernel, system=f"{product} 4") == (
            "engine in a VM",
            f"{product} runs the engine in a VM, {THERE}",
        )


@pytest.mark.parametrize(
    ("kernel", "says", "looks"),
    [
        ("6.1.0-30-amd64", {}, ""),
        ("6.1.0-30-amd64", {"system": "Debian GNU/Linux 12", "name": "nas"}, ""),
        ("6.8.0-31-generic", {"name": "colima-work"}, "it looks like colima: "),
        ("6.6.14-0-virt", {"name": "lima-rancher-desktop"}, "it looks like Rancher"),
        ("6.10.14-linuxkit", {}, "it looks like Docker Desktop or another LinuxKit"),
        ("6.13.7-orbstack-00283", {}, "it looks like OrbStack: "),
        ("5.15.167.4-microsoft-standard-WSL2", {}, "it looks like WSL: "),
    ],
)
def test_another_kernel_is_another_machine_or_a_vm(
    kernel: str, says: dict[str, str], looks: str
) -> None:
    words, sentence = beside(kernel, ON_HERE, **says)

    assert words == "engine elsewhere"
    assert sentence.startswith(
        f"the engine runs on another machine or in a VM ({looks}"
    )
    assert sentence.endswith(f"its kernel is {kernel}, this one {HERE}), {THERE}")


@pytest.mark.parametrize("name", ["colima", "lima-rancher-desktop"])
def test_beside_the_same_kernel_a_name_says_nothing(name: str) -> None:
    assert beside(name=name) == ("", "")


@pytest.mark.parametrize(
    ("kernel", "place"),
    [("", Place(kernel=HERE)), ("6.1", Place()), (HERE, Place(kernel=HERE))],
)
def test_kernels_that_are_not_known_to_differ_say_nothing(
    kernel: str, place: Place
) -> None:
    assert beside(kernel, place) == ("", "")


def test_missing_cgroups_are_no_other_machine() -> None:
    words, sentence = beside(cgroup_driver="none")

    assert words == "no cgroups"
    assert "without cgroups" in sentence
    assert "machine" not in sentence
    assert beside(cgroup_driver="systemd") == ("", "")


def test_in_a_container_of_any_engine_the_flag_is_named() -> None:
    place = Place(kernel=HERE, is_container=True, has_own_pids=True, may_trace=False)

    words, sentence = beside(place=place, cgroup_driver="none")

    assert words == "no --pid=host"
    assert sentence == (
        "nstui runs in a container and sees none of the engine's processes, so only "
        "what the engine declares is known: run it with --pid=host "
        "--cap-add=SYS_PTRACE"
    )


def test_a_pid_namespace_outside_of_a_container_is_told() -> None:
    words, sentence = beside(place=Place(kernel=HERE, has_own_pids=True))

    assert words == "own pid namespace"
    assert "LXC or WSL" in sentence
