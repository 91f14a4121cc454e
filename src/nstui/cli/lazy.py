"""A group of commands that imports one when it is wanted."""

from __future__ import annotations

from importlib import import_module

import click


class LazyGroup(click.Group):
    """Imports a command when it is run, or when all are listed.

    What a command needs takes longer to import than the text UI can wait for.
    """

    places: dict[str, str]
    """The module that each command is in, under its own name."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands."""
        return sorted({*super().list_commands(ctx), *self.places})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command; None if there is none of that name."""
        if cmd_name in self.places and cmd_name not in self.commands:
            module = import_module(self.places[cmd_name])
            self.add_command(getattr(module, cmd_name), cmd_name)
        return super().get_command(ctx, cmd_name)
