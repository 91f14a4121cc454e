"""What a real engine said, recorded."""

from __future__ import annotations

import json
from pathlib import Path

from nstui.model.json import mapping

Json = dict[str, object]

ID = "0123456789abcdef" * 4
OTHER = "fedcba9876543210" * 4

CAPTURED = json.loads(
    Path(__file__).with_name("payloads").joinpath("docker-20.10.json").read_text()
)
"""What Docker Engine 20.10.24 said of seven containers; without storage details."""


def row_of(name: str) -> Json:
    return dict(mapping(CAPTURED["containers"][name]["row"]))


def inspect_of(name: str) -> Json:
    return dict(mapping(CAPTURED["containers"][name]["inspect"]))


def id_of(name: str) -> str:
    return str(row_of(name)["Id"])
