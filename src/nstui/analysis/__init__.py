"""Pure functions of a snapshot; no IO and no clock."""
