"""`screening boundary`: people at the edges of a protocol, as cases for a clinician to sign off."""

from __future__ import annotations

import sys

import click

from screening.cli import options
from screening.cli.new_file import new_file
from screening.cli.options import examples

_HELP = f"""Write people at the edges of a protocol as a case file, with what the rules say of each.

PROTOCOL is the name of a library or a rule file. Of each criterion there is somebody for each truth, of each of
its limits somebody just below, at and just above it. They are made up, and what is expected is what the rules say:
a clinician reads the file once and signs it off, or says where the rules are wrong.

Exit status: 0 done, 3 the rules are wrong or FILE is there already.

{examples("screening boundary my-trial.yaml --into my-trial.edges.cases.yaml")}
"""


@click.command("boundary", help=_HELP)
@click.argument("protocol", metavar="PROTOCOL")
@options.rules_option
@click.option("--into", metavar="FILE", callback=new_file, help="Where to write it; without it, the screen.")
def command(protocol: str, rules: tuple[str, ...], into: str | None) -> int:
    from screening import mutating, screen

    text, number = mutating.Trial(protocol, screen.rules_folders(rules), options.today()).boundary()
    if into is None:
        options.put(text)
    else:
        with open(into, "x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    options.put(f"{number} people at the edges; nobody has signed them off yet.\n", sys.stderr)
    return options.DONE
