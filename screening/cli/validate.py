"""`screening validate`: what is drawn from a record, before anybody is screened."""

from __future__ import annotations

import click

from screening.cli import options
from screening.cli.options import examples

_HELP = f"""Read a record; list every fact drawn from it with its entry, and what was set aside.

Exit status: 0 the record can be read, 3 it cannot.

{examples("screening validate person.yaml", "screening validate bundle.json --protocol ketamine-ra-fm")}
"""


@click.command("validate", help=_HELP)
@click.argument("record", metavar="RECORD")
@options.protocol_option
@options.rules_option
@options.site_option
@options.subject_option
def command(record: str, protocol: str, rules: tuple[str, ...], site: str | None, subject: str) -> int:
    from screening import screen

    declared = options.read_site(site)
    library = screen.load_protocol(protocol, rules, declared)
    person, name = options.read_person(record, library, declared, subject, rules)
    options.put_lines(screen.drawn(library, person, name))
    return options.exit_status("done")
