"""Prints, from inside a container, what a watch there must leave alone, as JSON."""

from __future__ import annotations

import json
import sys

from nstui.analysis.own import protected_containers
from nstui.cli.settings import Settings
from nstui.cli.wiring import find_own_process, wire

settings = Settings()
report = wire(settings).observer.look()
found = protected_containers(report.snapshot, report.graph, find_own_process(settings))
json.dump(
    {
        "read": report.snapshot.namespaces_read,
        "protected": sorted(map(report.graph.name, found)),
        "wrong": sorted(
            [report.graph.name(each.container), each.code] for each in report.findings
        ),
    },
    sys.stdout,
)
