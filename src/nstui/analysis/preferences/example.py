"""A configuration with every setting, as the documentation shows it."""

from __future__ import annotations

EXAMPLE = """\
# A theme of the palette (ctrl+p, Theme).
theme = "nord"

# findings, name, state, age, cpu or memory
order = "memory"

# Seconds between two looks at the engine while it reports nothing: 0.1 to 3600.
interval = 10

# The columns of the tree beside name, state and finding: any of these.
columns = ["kinds", "image", "compose"]

[check]
# Findings that are known, and neither listed nor failed for: NAME, CODE or NAME:CODE.
# A name may have *, ? and [...].
ignore = ["lab-*", "restart-mismatch", "sonarr:unhealthy"]

# Sets of hosts, for nstui -c home: docker contexts and addresses.
[hosts]
home = ["nas", "pi", "tcp://10.0.0.3:2375"]

# What nstui watch does by itself. Durations: 500ms, 3s, 10m, 1h30m.
[watch]
mode = "heal"               # or "notify", which only tells, or "off"
settle = "3s"               # how long an owner must have run
health = "5m"               # how long its health check may take to pass
budget = "5 in 5m"          # attempts for a container until a person is needed
back-off = "10s to 10m"     # the wait after an attempt, doubled after each
circuit = "1h"              # or until nstui watch --reset NAME
notify = ["ntfy://ntfy.example/nstui"]
metrics = "127.0.0.1:9585"  # or a file for node_exporter
log-format = "text"         # or "json"

# For one container by its name, and what depends on it; like the labels nstui.watch,
# nstui.settle and nstui.stop-timeout.
[watch.names.vpn]
mode = "notify"
settle = "30s"
stop-timeout = "20s"

# Other keys for the main screen, one or several for each.
[keymap]
refresh = "f5"
remove = ["x", "delete"]
"""
