"""`screening explain`: one person of a cohort, screened again in full and held against the row."""

from __future__ import annotations

import datetime
import sys
from pathlib import Path

import click

from screening.cli import options
from screening.cli.options import examples
from screening.cli.person import Shown, document, screened

_HELP = f"""Show one person of a cohort: screened again from the source, verified, and held against the row.

DIR is what `screening cohort` wrote. Its manifest says where the source is and with what it was screened; what has
changed of source or rules since then is said. `screening check DIR --subject ID` is the same. DIR may also be what
`screening prepare` wrote: the person is then screened as the options say.

Exit status: that of the verdict (0, 2, 4), 5 where the row does not equal it, 3 wrong input, 1 not screened.

{
    examples(
        "screening explain out/ --subject SYN-0003",
        "screening explain out/ --subject SYN-0003 --all",
        "screening explain out/ --subject SYN-0003 --format json > certificate.json",
    )
}
"""


@click.command("explain", help=_HELP)
@click.argument("folder", metavar="DIR")
@click.option("--subject", required=True, metavar="ID", help="Which person, by the id in the source.")
@click.option(
    "--protocol",
    metavar="NAME",
    help="Of a prepared cohort, against which protocol; the first it was prepared for.",
)
@click.option("--as-of", type=options.Day(), help="Of a prepared cohort, as of which day; today if not given.")
@click.option("--site", metavar="FILE", help="Of a prepared cohort, the site declaration it was prepared with.")
@options.rules_option
@click.option(
    "--format",
    "form",
    type=click.Choice(("text", "json", "yaml", "bundle")),
    default="text",
    show_default=True,
    help="A screen for people; the certificate, for `screening verify`; or a bundle, verified by itself.",
)
@click.option("--trace", is_flag=True, help="Add every step of the reasoning, in words.")
@click.option("--all", "everything", is_flag=True, help="Shorten nothing; the fixed words in full.")
@click.option("--plain", is_flag=True, help="Prose for a voice: no marks, columns, signs or colour.")
def command(
    folder: str,
    subject: str,
    protocol: str | None,
    as_of: datetime.date | None,
    site: str | None,
    rules: tuple[str, ...],
    form: str,
    trace: bool,
    everything: bool,
    plain: bool,
) -> int:
    from screening import people

    if people.is_prepared(Path(folder)):
        name = protocol or people.prepared_for(Path(folder))
        shown = Shown(form, trace, everything, plain)
        return of_prepared(folder, subject, name, as_of, site, rules, {}, False, shown)
    if protocol or as_of or site or rules:
        raise click.UsageError("what was screened has its protocol, day and site already; leave these options out")
    return explain(folder, subject, form, trace, everything, plain)


def of_prepared(
    folder: str,
    subject: str,
    protocol: str,
    as_of: datetime.date | None,
    site: str | None,
    rules: tuple[str, ...],
    parameters: dict[str, str],
    retired: bool,
    shown: Shown,
) -> int:
    """One person of a prepared cohort, screened as the options say; the status to end with."""
    from screening import people, screen

    declared = options.read_site(site)
    library = screen.load_protocol(protocol, rules, declared, parameters)
    person = people.person_of(Path(folder), library, declared, subject)
    return screened(library, person, as_of or options.today(), declared, retired, shown)


def explain(folder: str, subject: str, form: str, trace: bool, everything: bool, plain: bool) -> int:
    """One person of the cohort in a folder; the status to end with."""
    from screening import folder as run
    from screening import people, screen

    made = run.manifest(folder)
    row = run.row(folder, subject)
    wanted = made["options"]
    declared = options.read_site(wanted["site"])
    library = screen.load_protocol(wanted["protocol"], wanted["rules"], declared, wanted["parameters"])
    source, changed = run.source_of(made)
    mapping = Path(wanted["map"]) if wanted["map"] is not None else None
    beside = options.names_beside(wanted["rules"])
    is_whole = run.is_whole(made, changed)
    everybody = people.people_with(subject, source, library, declared, mapping, beside, is_whole)
    person = run.person_of(everybody, subject)
    day = datetime.date.fromisoformat(made["as_of"])
    try:
        found = screen.screen(library, person, day, declared, wanted["retired"])
    except screen.NotScreened as fault:
        lines = screen.not_screened(library, person, day, fault)
        options.put(screen.plain_text(lines), sys.stdout if form == "text" else sys.stderr)
        return options.exit_status(fault)
    site = made["site"]["digest"] if made["site"] else ""
    rules_changed = library.digest != made["protocol"]["digest"] or (declared.digest if declared else "") != site
    said, agrees = run.explained(row, found, changed, rules_changed)
    if form == "text":
        shown = screen.told(found, plain=plain, everything=everything, steps=trace)
        options.put_lines([*shown, *said], plain)
    else:
        options.put(document(found, library, form))
        options.put(screen.plain_text(said).lstrip("\n"), sys.stderr)
    return options.exit_status(found.determination.verdict.value) if agrees else options.FAILED
