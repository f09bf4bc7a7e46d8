"""`screening what-if`: what other limits and criteria would do to the counts of a cohort."""

from __future__ import annotations

import datetime
import sys
from pathlib import Path
from typing import Any

import click

from screening.cli import options
from screening.cli.options import examples

_HELP = f"""Try other limits and criteria on a cohort: counts, who would enter and leave, how groups would shift.

PROTOCOL is a protocol by name or the path of its rule file. COHORT is a prepared cohort, tables with --map, or any
source that `screening cohort` takes; several are counted as sites.

--set with a range gives a curve, exact at every value of it. Certain is ELIGIBLE, possible is not RULED OUT.
A single value, --drop and --add are tried one at a time. With none of them, or with --attribution, the people who
are ruled out are shared among the criteria that bar them. Nobody's verdict changes by it, and no rule file does: a
count under another limit is no forecast of recruitment.

Exit status: 0 done, 3 wrong input or every record rejected.

{
    examples(
        'screening what-if ketamine-ra-fm ready/ --set "Upper Systolic=140..180"',
        'screening what-if ketamine-ra-fm ready/ --set "Lowest Pain=5" --people m.csv',
        "screening what-if ketamine-ra-fm ready/ --drop SCV01A --drop SCV07A",
        "screening what-if ketamine-ra-fm ready/ --add 'exclusion: Age > 75'",
        'screening what-if ketamine-ra-fm ready/ --set "Pain Days=7..60" --all',
    )
}
"""
FIGURES = (".svg", ".png", ".html")


@click.command("what-if", help=_HELP)
@click.argument("protocol", metavar="PROTOCOL", shell_complete=options.protocol_names)
@click.argument("cohorts", metavar="COHORT...", nargs=-1, required=True)
@click.option(
    "--set", "settings", multiple=True, metavar="PARAMETER=VALUE", help="A value, or LOW..HIGH; repeatable."
)
@click.option("--drop", "dropped", multiple=True, metavar="CRITERION", help="Without this criterion; repeatable.")
@click.option(
    "--add",
    "added",
    multiple=True,
    metavar="FILE",
    help="With the criteria of a file, or with `inclusion: EXPRESSION` or `exclusion: EXPRESSION`; repeatable.",
)
@click.option("--attribution", is_flag=True, help="To which criteria the people who are ruled out are owed.")
@options.as_of_option
@options.site_option
@options.rules_option
@click.option("--map", "mapping", metavar="FILE", help="What the columns of tables are.")
@click.option(
    "--suppress",
    type=click.IntRange(0, 1000),
    default=0,
    metavar="N",
    callback=options.limit_of,
    help="Hide cells from 1 to N-1, and those that a sum would give away; 3 or more.",
)
@click.option("--people", metavar="FILE", help="Write whose verdict would be another one, as CSV.")
@click.option(
    "--identification", metavar="FILE", help="Name people in --people by the pseudonyms of this list, not by id."
)
@click.option("--figure", metavar="FILE", help="Write the curves too: .svg, .png, or .html for a page of all.")
@click.option(
    "--format",
    "form",
    type=click.Choice(("text", "csv", "svg", "html")),
    default="text",
    show_default=True,
    help="A screen for people, the whole as tables, the figure, or the page.",
)
@click.option("--all", "everything", is_flag=True, help="Every step and every criterion.")
@options.parameter_option
@options.retired_option
def command(
    protocol: str,
    cohorts: tuple[str, ...],
    settings: tuple[str, ...],
    dropped: tuple[str, ...],
    added: tuple[str, ...],
    attribution: bool,
    as_of: datetime.date | None,
    site: str | None,
    rules: tuple[str, ...],
    mapping: str | None,
    suppress: int,
    people: str | None,
    identification: str | None,
    figure: str | None,
    form: str,
    everything: bool,
    parameters: dict[str, str],
    retired: bool,
) -> int:
    from screening import amendment, screen

    if figure is not None and Path(figure).suffix.lower() not in FIGURES:
        raise click.BadParameter(f"its name ends with {', '.join(FIGURES)}", param_hint="--figure")
    declared = options.read_site(site)
    library = screen.load_protocol(protocol, rules, declared, parameters)
    amendment.refuse_retired(library, retired)
    wanted = [amendment.setting(library, text) for text in settings]
    others = [
        (f"{each.name} = {each.written}", amendment.changed(library, each.name, each.written))
        for each in wanted
        if not each.is_range
    ]

    def amended(title: str, without: tuple[str, ...], more: Any) -> None:
        with amendment.rule_file(library, without, more) as path:
            folders = [*rules, str(Path(library.path).parent)]
            others.append((title, screen.load_protocol(str(path), folders, declared, parameters)))

    for id in dropped:
        amended(f"without {id}", (id,), None)
    for text in added:
        amended(f"with {text}", (), amendment.added(text))
    origins = [
        amendment.Origin(
            source, declared, Path(mapping) if mapping is not None else None, options.names_beside(rules)
        )
        for source in cohorts
    ]
    day = as_of or options.today()
    laboratory = amendment.Laboratory(library, origins, day)
    asked = attribution or not (wanted or others)
    answers = amendment.Answers(
        amendment.manifest(library, origins, day),
        [laboratory.curve(each) for each in wanted if each.is_range],
        [laboratory.effect(title, other, suppress) for title, other in others],
        laboratory.attribution() if asked else None,
        suppress,
    )
    if people is not None:
        amendment.write_moves(answers, Path(people), Path(identification) if identification else None)
    if figure is not None:
        amendment.write_figure(answers, Path(figure))
    match form:
        case "csv":
            options.put_data(answers.table().replace("\r\n", "\n"))
        case "svg":
            options.put(answers.figure("svg").decode())
        case "html":
            options.put(answers.page())
        case _:
            options.put_lines(answers.lines(everything))
    if laboratory.rejected:
        options.put(f"records that were rejected, and are not counted: {laboratory.rejected:,}\n", sys.stderr)
    reasons = "`screening cohort` writes the reasons beside the rows"
    return options.of_records(laboratory.people, laboratory.rejected, reasons)
