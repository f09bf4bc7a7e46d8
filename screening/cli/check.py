"""`screening check`: one person, one verdict, every reason."""

from __future__ import annotations

import datetime
import os
from pathlib import Path

import click

from screening.cli import options
from screening.cli.options import examples
from screening.cli.person import Shown, screened

_HELP = f"""Screen one person against a protocol, and say why.

RECORD is a profile (YAML or JSON) or a FHIR R4 bundle; `-` reads it from standard input. What is not in the
record is unknown, and unknown never turns into eligible. RECORD may also be what `screening cohort` wrote: the
person of --subject is then screened again from the source, with that run's settings. Or it is what
`screening prepare` wrote, for this protocol among others; --subject says who of it.

Exit status: 0 ELIGIBLE, 2 INELIGIBLE, 4 UNDETERMINED or REVIEW, 3 wrong input, 1 not screened. A protocol may
call its verdicts otherwise (on the day of infusion: no hold found, HOLD, STOP); the status is that of the verdict.

{
    examples(
        "screening check rules/records/index-2018.yaml --as-of 2018-02-05",
        "screening check bundle.json --site site.yaml --all",
        "screening check day.yaml --protocol ketamine-infusion-day",
        "screening check person.yaml --format json > certificate.json",
        "screening check person.yaml --format bundle > bundle.json",
        'screening check person.yaml --parameter "Lowest Pain=5"',
    )
}
"""


@click.command("check", help=_HELP)
@click.argument("record", metavar="RECORD")
@options.protocol_option
@options.as_of_option
@options.site_option
@options.rules_option
@click.option(
    "--format",
    "form",
    type=click.Choice(("text", "json", "yaml", "bundle")),
    default="text",
    show_default=True,
    help="A screen for people; the certificate, to be checked by `screening verify`; or a bundle of it with "
    "everything it rests on, to be checked by itself.",
)
@click.option("--trace", is_flag=True, help="Add every step of the reasoning, in words.")
@click.option("--all", "everything", is_flag=True, help="Shorten nothing; the fixed words in full.")
@click.option("--plain", is_flag=True, help="Prose for a voice: no marks, columns, signs or colour.")
@options.parameter_option
@options.subject_option
@options.retired_option
def command(
    record: str,
    protocol: str,
    as_of: datetime.date | None,
    site: str | None,
    rules: tuple[str, ...],
    form: str,
    trace: bool,
    everything: bool,
    plain: bool,
    parameters: dict[str, str],
    subject: str,
    retired: bool,
) -> int:
    from screening import screen

    if os.path.isfile(os.path.join(record, "manifest.json")):
        if not subject:
            raise click.UsageError("a cohort holds many people; name one of them with --subject")
        from screening.cli.explain import explain, of_prepared
        from screening.people import is_prepared

        shown = Shown(form, trace, everything, plain)
        if is_prepared(Path(record)):
            return of_prepared(record, subject, protocol, as_of, site, rules, parameters, retired, shown)
        return explain(record, subject, form, trace, everything, plain)
    declared = options.read_site(site)
    library = screen.load_protocol(protocol, rules, declared, parameters)
    person, _ = options.read_person(record, library, declared, subject, rules)
    day = as_of or options.today()
    return screened(library, person, day, declared, retired, Shown(form, trace, everything, plain))
