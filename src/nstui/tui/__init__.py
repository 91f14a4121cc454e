"""The text UI: the only package that knows Textual."""
