"""An engine asks the plugins in the folder that a test gives it, and no others."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.support.guarded_engine import ReloadFailed
from tests.support.servers import CreatingEngine, UnixServer, http_answer

if TYPE_CHECKING:
    from tests.support.guarded_engine import GuardedEngine

pytestmark = pytest.mark.docker


def _plugin() -> CreatingEngine:
    """Return a plugin that denies every ``DELETE``."""
    plugin = CreatingEngine(lambda _: b"")

    def answer(path: str) -> bytes:
        if path == "Plugin.Activate":
            return http_answer({"Implements": ["authz"]})
        body = plugin.bodies[-1]
        assert isinstance(body, dict)
        allow = body["RequestMethod"] != "DELETE"
        return http_answer({"Allow": allow, "Msg": "not this one"})

    plugin.answer = answer
    return plugin


def test_it_asks_a_plugin_until_it_is_taken_out(guarded_host: GuardedEngine) -> None:
    plugin = _plugin()
    guarded_host.create("one")

    with UnixServer(guarded_host.plugins / "saysno.sock", plugin):
        guarded_host.use_plugins("saysno")
        denied = guarded_host.docker("rm", "one", check=False)
        guarded_host.use_plugins()
        asked = len(plugin.asked)
        removed = guarded_host.docker("rm", "one", check=False)

    assert "authorization denied by plugin saysno: not this one" in denied.stderr
    assert removed.returncode == 0
    assert len(plugin.asked) == asked
    assert "/containers/one" in json.dumps(plugin.bodies)


def test_a_new_plugin_that_is_not_there_ends_it(guarded_host: GuardedEngine) -> None:
    """So a plugin must listen before it is written into the configuration."""
    with pytest.raises(ReloadFailed, match=r"fatal.*validating.*nobody.* not found"):
        guarded_host.use_plugins("nobody")

    assert not guarded_host.is_running


def test_it_reloads_and_takes_out_a_plugin_that_has_died(
    guarded_host: GuardedEngine,
) -> None:
    with UnixServer(guarded_host.plugins / "dies.sock", _plugin()):
        guarded_host.use_plugins("dies")

    guarded_host.reload()
    guarded_host.use_plugins()

    assert guarded_host.docker("ps").stdout


def test_it_begins_without_plugins(guarded_host: GuardedEngine) -> None:
    plugins = guarded_host.docker("info", "--format={{.Plugins.Authorization}}")

    assert plugins.stdout.strip() == "[]"
