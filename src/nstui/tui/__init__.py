"""The text UI: the only package that imports Textual."""
