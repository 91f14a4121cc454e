"""Keeps the snapshot current, and carries a plan out."""
