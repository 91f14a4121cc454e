"""Frozen values that all layers share, without IO and without a clock."""
