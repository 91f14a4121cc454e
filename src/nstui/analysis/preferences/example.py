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

# Other keys for the main screen, one or several for each.
[keymap]
refresh = "f5"
remove = ["x", "delete"]
"""
