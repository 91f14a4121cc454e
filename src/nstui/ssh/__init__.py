"""Reaches engines and files of other machines through the system's ``ssh``."""
