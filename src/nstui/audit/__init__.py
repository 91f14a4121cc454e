"""Keeps the audit log in a folder of the user."""
