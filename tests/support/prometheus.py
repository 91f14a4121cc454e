"""A Prometheus of the test's own, which scrapes one page on loopback, and itself."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from tests.support.sinks import LONG_S

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

CONFIG = """
global: {{scrape_interval: 2s, scrape_timeout: 2s, evaluation_interval: 500ms}}
rule_files: ['{rules}']
scrape_configs:
  - job_name: nstui
    static_configs: [{{targets: ['{page}']}}]
  - job_name: another
    static_configs: [{{targets: ['127.0.0.1:{port}']}}]
"""


def program(name: str) -> str:
    """Return the path of a program of Debian's package; skip without it."""
    found = shutil.which(name)
    if found is None:
        message = f"needs {name}, of the package prometheus"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    return found


def promtool(*arguments: str, stdin: str = "") -> None:
    """Run promtool, which has to find nothing wrong."""
    ended = subprocess.run(
        (program("promtool"), *arguments),
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr


class Prometheus:
    """A running Prometheus, as its API shows it."""

    def __init__(self, port: int) -> None:
        self._api = f"http://127.0.0.1:{port}/api/v1"

    def ask(self, path: str, **parameters: str) -> dict[str, object] | None:
        """Return its answer to a request; None while it does not answer."""
        url = f"{self._api}/{path}?{urllib.parse.urlencode(parameters)}"
        try:
            with urllib.request.urlopen(url, timeout=LONG_S) as answer:  # noqa: S310 - of this test
                document = json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                if error.code == 503:
                    return None
                raise AssertionError(error.read().decode()) from error
        except OSError:
            return None
        assert isinstance(document, dict)
        assert document["status"] == "success"
        data = document["data"]
        return data if isinstance(data, dict) else {"list": data}

    def series(self, query: str) -> list[tuple[dict[str, str], float]]:
        """Return what a query finds: labels, and the value that is there now."""
        data = self.ask("query", query=query) or {}
        found = data.get("result", [])
        assert isinstance(found, list)
        return [(one["metric"], float(one["value"][1])) for one in found]

    def values(self, query: str) -> dict[str, float]:
        """Return the values of a query, by the labels that are not its own."""
        return {
            " ".join(
                value
                for name, value in labels.items()
                if name not in {"job", "instance"}
            ): found
            for labels, found in self.series(query)
        }

    def wait_for(self, query: str) -> dict[str, float]:
        """Wait until a query has an answer, and return it."""
        end = time.monotonic() + LONG_S
        while time.monotonic() < end:
            found = self.values(query)
            if found:
                return found
            time.sleep(0.2)
        raise AssertionError(f"Prometheus never had an answer to {query}")

    def wait_for_series(self, query: str) -> list[tuple[dict[str, str], float]]:
        """Wait until a query finds a number; return all that it finds then."""
        end = time.monotonic() + LONG_S
        while time.monotonic() < end:
            found = self.series(query)
            if any(value >= 0 for _, value in found):
                return found
            time.sleep(0.2)
        raise AssertionError(f"Prometheus never had a number for {query}")

    def until(self, query: str, expected: Mapping[str, float]) -> None:
        """Wait until a query has exactly this answer.

        While the machine is busy with something else a scrape may fail, and what the
        page says is gone until the next one.
        """
        end = time.monotonic() + LONG_S
        while (found := self.values(query)) != expected:
            assert time.monotonic() < end, f"{query}: {found}, not {expected}"
            time.sleep(0.2)


@contextmanager
def running_prometheus(folder: Path, page: str, rules: Path) -> Iterator[Prometheus]:
    """Run a Prometheus in a folder, until it is no longer needed."""
    # It cannot say which port it was given, so that it has to be told one.
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    config = folder / "prometheus.yml"
    config.write_text(CONFIG.format(page=page, rules=rules, port=port))
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            (
                program("prometheus"),
                f"--config.file={config}",
                f"--storage.tsdb.path={folder / 'data'}",
                f"--web.listen-address=127.0.0.1:{port}",
            ),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=folder,
        )
        try:
            yield Prometheus(port)
        except AssertionError as error:
            error.add_note((folder / "log").read_text()[-2000:])
            raise
        finally:
            process.terminate()
            process.wait(LONG_S)
