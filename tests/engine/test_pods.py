"""What the kubelet leaves behind of a pod, on a real engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nstui.analysis.managers import POD_CONTAINER
from tests.engine.looking import await_report, wrong
from tests.engine.program import run_nstui
from tests.support.managers import POD_LABELS
from tests.support.private_engine import FOREVER

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nstui.service.host import Host
    from tests.support.private_engine import PrivateEngine

pytestmark = pytest.mark.docker


def run(
    engine: PrivateEngine,
    part: str,
    attempt: int,
    *options: str,
    command: Sequence[str] = FOREVER,
) -> None:
    """Run a container of a pod as the kubelet does."""
    labels = POD_LABELS | {POD_CONTAINER: part}
    words = [f"--label={key}={value}" for key, value in labels.items()]
    name = f"k8s_{part}_qbit-0_{attempt}"
    engine.run(name, *words, *options, command=command)


@pytest.mark.one_engine
@pytest.mark.parametrize("part", ["POD", "app"])
def test_what_a_pod_consists_of_is_not_made_anew(
    engine_host: PrivateEngine, part: str
) -> None:
    run(engine_host, "POD", 0)
    run(engine_host, "app", 0, "--network=container:k8s_POD_qbit-0_0")
    names = ("k8s_POD_qbit-0_0", "k8s_app_qbit-0_0")
    before = [engine_host.inspect(name, "Id") for name in names]

    words = ("recreate", "--pull", "--yes", f"k8s_{part}_qbit-0_0")
    done = run_nstui("-H", engine_host.url, *words)

    assert done.returncode == 4
    assert (
        f"k8s_{part}_qbit-0_0 is run by Kubernetes pod media/qbit-0: use kubectl delete"
        " pod --namespace media qbit-0" in done.stderr
    )
    assert [engine_host.inspect(name, "Id") for name in names] == before


def test_what_a_pod_has_replaced_is_no_matter_of_check_or_heal(
    engine_host: PrivateEngine, connection: Host
) -> None:
    run(engine_host, "POD", 0)
    old = "--network=container:k8s_POD_qbit-0_0"
    run(engine_host, "app", 0, old, command=("sh", "-c", "exit 1"))
    engine_host.docker("wait", "k8s_app_qbit-0_0")
    ended = {("k8s_app_qbit-0_0", "exited", "warning")}
    report = await_report(connection, lambda r: wrong(r) == ended)
    (finding,) = report.findings
    assert not finding.is_command
    assert "kubectl" not in finding.remedy

    run(engine_host, "app", 1, old)
    assert wrong(connection.observer.look_afresh()) == set()

    engine_host.docker("rm", "-f", "k8s_app_qbit-0_1", "k8s_POD_qbit-0_0")
    run(engine_host, "POD", 1)
    run(engine_host, "app", 2, "--network=container:k8s_POD_qbit-0_1")
    assert wrong(connection.observer.look_afresh()) == set()
    healed = run_nstui("-H", engine_host.url, "heal", "--yes")
    assert (healed.returncode, healed.stdout) == (0, "nothing to heal\n")
