"""`screening protocols`: what can be screened against."""

from __future__ import annotations

import click

from screening.cli import options
from screening.cli.options import examples

_HELP = f"""List every protocol and library of the rules folders, with version, status and digest.

{examples("screening protocols", "screening protocols --rules my-rules/")}
"""


@click.command("protocols", help=_HELP)
@options.rules_option
def command(rules: tuple[str, ...]) -> int:
    from screening import screen

    options.put_lines(screen.protocols(rules))
    return options.exit_status("done")
