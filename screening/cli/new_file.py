"""A file that a command is to make: what it could not take is said before any work is done."""

from __future__ import annotations

import os

import click

from screening.cli.options import printable


def new_file(context: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    """The place of a file that is not there yet. Raises BadParameter where one is, or where its folder is not.

    Worked cases that somebody has read are worth more than any that can be made again.
    """
    if value is not None and os.path.lexists(value):
        raise click.BadParameter(f"{printable(value)} is there already and is left as it is")
    if value is not None and not os.path.isdir(os.path.dirname(value) or "."):
        raise click.BadParameter(f"the folder of {printable(value)} is not there; make it first")
    return value
