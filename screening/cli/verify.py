"""`screening verify`: a certificate against the rules and the record, by a program that trusts no engine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from screening.cli import options
from screening.cli.options import examples
from screening.errors import VerificationError

_HELP = f"""Hold a certificate against the rules and the record it names, step by step.

TRACE is what `screening check --format json` printed. Nothing in it is believed: each leaf is looked up in
the record, each step follows from its parts, and every other field is written again and compared.

Or TRACE is a bundle, what `screening check --format bundle` printed. It is verified from itself alone, without
rule files or a record; --rules holds its tree against rule files, too, and --record its record against the
person's. `screening schema bundle` and screening/certificate.md say what is in it.

Exit status: 0 all agrees, 5 refused, 3 wrong input.

{
    examples(
        "screening verify certificate.json --record person.yaml",
        "screening verify certificate.json --record bundle.json --site site.yaml",
        "screening verify bundle.json",
        "screening verify bundle.json --rules rules --record person.yaml",
    )
}
"""


@click.command("verify", help=_HELP)
@click.argument("trace", metavar="TRACE")
@click.option("--record", metavar="RECORD", help="The record that the verdict was made from.")
@options.rules_option
@options.site_option
def command(trace: str, record: str | None, rules: tuple[str, ...], site: str | None) -> int:
    from screening import verifying

    data, _ = options.read_input(trace)
    library: Any = None
    person: Any = None
    if record is None and b'"bundle"' not in data:
        raise click.UsageError("a certificate is held against a record: name it with --record")
    try:
        found = verifying.document_of(data)
        alone = "bundle" in found
        if not alone and record is None:
            raise click.UsageError("a certificate is held against a record: name it with --record")
        certificate = verifying.certificate_in(found) if alone else found
        if rules or record is not None:
            library, person = _named(certificate, record, rules, site)
        if alone:
            library, person = verifying.verify_bundle(found, library if rules else None, person)
            held = bool(rules), record is not None
            options.put_lines(verifying.agreed_alone(found, library, person, held))
        else:
            from screening import screen

            screen.verify(certificate, library, person)
            options.put_lines(verifying.agreed(certificate, library, person))
    except VerificationError as refused:
        options.put_lines(verifying.refused(refused, library, person))
        return options.exit_status(refused)
    return options.exit_status("done")


def _named(
    certificate: Mapping[str, Any], record: str | None, rules: tuple[str, ...], site: str | None
) -> tuple[Any, Any]:
    """The library that a certificate names, and the person of a record if there is one."""
    from screening import screen

    library = screen.library_of(certificate, rules)
    if record is None:
        return library, None
    declared = options.read_site(site)
    of = certificate.get("subject")
    content, name = options.read_input(record)
    subject = of if isinstance(of, str) else ""
    return library, options.read_shared(content, library, name, declared, subject, rules)
