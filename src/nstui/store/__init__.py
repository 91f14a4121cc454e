"""Keeps the traces of actions in a folder of the user's."""
