"""What the engine's list alone tells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.demo.containers import Spec
from tests.contract.look import run

if TYPE_CHECKING:
    from tests.contract.host import ContractHost


def test_the_list_tells_all_but_what_an_inspect_does(host: ContractHost) -> None:
    run(host, Spec("own"))
    run(host, Spec("dep", network="container:own"))
    host.create(Spec("still"))
    host.engine.forget()
    listed = host.engine.listed()
    assert [each.name for each in listed] == ["dep", "own", "still"]
    assert {each.inspection for each in listed} == {None}
    assert {each.inspection_problem for each in listed} == {"that is still to come"}
    whole = host.engine.containers()
    for quick, slow in zip(listed, whole, strict=True):
        assert (quick.id, quick.state, quick.network_mode, quick.networks) == (
            slow.id,
            slow.state,
            slow.network_mode,
            slow.networks,
        )
        assert quick.joins == slow.joins
