"""The tests of the commands that make a removed container again."""
