"""Frozen values that every layer shares; no IO and no clock."""
