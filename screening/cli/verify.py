"""`screening verify`: a certificate against the rules and the record, by a program that trusts no engine."""

from __future__ import annotations

import click

from screening.cli import options
from screening.cli.options import examples
from screening.errors import VerificationError

_HELP = f"""Hold a certificate against the rules and the record it names, step by step.

TRACE is what `screening check --format json` printed. Nothing in it is believed: each leaf is looked up in
the record, each step follows from its parts, and every other field is written again and compared.

Exit status: 0 all agrees, 5 refused, 3 wrong input.

{
    examples(
        "screening verify certificate.json --record person.yaml",
        "screening verify certificate.json --record bundle.json --site site.yaml",
    )
}
"""


@click.command("verify", help=_HELP)
@click.argument("trace", metavar="TRACE")
@click.option("--record", required=True, metavar="RECORD", help="The record that the verdict was made from.")
@options.rules_option
@options.site_option
def command(trace: str, record: str, rules: tuple[str, ...], site: str | None) -> int:
    from screening import screen

    data, _ = options.read_input(trace)
    try:
        certificate, library = screen.certificate_of(data, rules)
    except VerificationError as refused:
        options.put_lines(screen.refused(refused))
        return options.exit_status(refused)
    declared = options.read_site(site)
    of = certificate.get("subject")
    content, name = options.read_input(record)
    person = options.read_shared(content, library, name, declared, of if isinstance(of, str) else "", rules)
    try:
        screen.verify(certificate, library, person)
    except VerificationError as refused:
        options.put_lines(screen.refused(refused, library, person))
        return options.exit_status(refused)
    options.put_lines(screen.agreed(certificate, library, person))
    return options.exit_status("done")
