"""`screening funnel`: where the people of a cohort are lost, and why."""

from __future__ import annotations

from pathlib import Path

import click

from screening.cli import options
from screening.cli.options import examples

_HELP = f"""Show where people of a cohort are lost, in the order of the protocol beside whatever the order.

DIR is what `screening cohort` wrote; several are counted together where they are of the same rules. `in order`
counts each person once, at the first criterion that bars; `anywhere` at every criterion that bars; `only this one`
where no other bars. Only what is known bars. What is possible is an upper bound and no forecast.

What DIR remembers of dispositions (from `screening worklist`) is counted: who declined, who left otherwise.

{
    examples(
        "screening funnel out/",
        "screening funnel out/ --figure funnel.png         or .svg, or .html",
        "screening funnel a/ b/ --by site --suppress 5      for what leaves the site",
        "screening funnel out/ --format csv > funnel.csv    every criterion and item",
        "screening funnel out/ --against last/              what has changed since",
    )
}
"""


def _edges(ctx: click.Context, param: click.Parameter, given: str | None) -> tuple[int, ...] | None:
    if given is None:
        return None
    parts = given.split(",")
    if not all(part.strip().isdigit() for part in parts):
        raise click.BadParameter("write the ages at which bands begin as 18,65,85", ctx, param)
    edges = tuple(int(part) for part in parts)
    if list(edges) != sorted(set(edges)) or edges[0] < 1 or edges[-1] > 150:
        raise click.BadParameter("the ages at which bands begin rise, from 1 to 150", ctx, param)
    return edges


@click.command("funnel", help=_HELP)
@click.argument("folders", metavar="DIR...", nargs=-1, required=True)
@click.option(
    "--by",
    multiple=True,
    type=click.Choice(("site", "sex", "age")),
    help="Break the counts down; may be given more than once, and should be for tables that leave together.",
)
@click.option(
    "--age-bands",
    "bands",
    callback=_edges,
    metavar="AGES",
    help="Where age bands begin; 18,65,85 if not given: under 18, 18 to 64, 65 to 84, 85 and over.",
)
@click.option(
    "--suppress",
    type=click.IntRange(0, 1000),
    default=0,
    metavar="N",
    callback=options.limit_of,
    help="Hide cells from 1 to N-1, and those that a sum would give away; 3 or more.",
)
@click.option(
    "--dispositions",
    multiple=True,
    metavar="FILE",
    help="What was decided, beside what DIR remembers: a worklist, filled in; may be given more than once.",
)
@click.option("--against", metavar="DIR", help="An earlier run: who is new, gone or changed, by what, and why.")
@click.option("--all", "everything", is_flag=True, help="Every criterion and every missing item.")
@click.option(
    "--figure", metavar="FILE", help="Write a figure too: .svg, .png, or .html for a page with all numbers."
)
@click.option(
    "--format",
    "form",
    type=click.Choice(("text", "csv", "svg", "html")),
    default="text",
    show_default=True,
    help="A screen for people, the whole as a table, the figure, or the page.",
)
def command(
    folders: tuple[str, ...],
    by: tuple[str, ...],
    bands: tuple[int, ...] | None,
    suppress: int,
    dispositions: tuple[str, ...],
    against: str | None,
    everything: bool,
    figure: str | None,
    form: str,
) -> int:
    if against is not None:
        return _compared(folders, against, suppress, figure is not None or bool(by), form)
    from screening import funnel

    asked = funnel.Asked(
        [Path(folder) for folder in folders],
        [Path(each) for each in dispositions],
        suppress,
        tuple(dict.fromkeys(by)),
        *((bands,) if bands else ()),
    )
    made = funnel.counted(asked)
    if figure is not None:
        funnel.write_figure(made, Path(figure))
    match form:
        case "csv":
            options.put_data(made.table().replace("\r\n", "\n"))
        case "svg":
            options.put(made.figure("svg").decode())
        case "html":
            options.put(made.page())
        case _:
            options.put_lines(made.lines(everything))
    return options.DONE


def _compared(folders: tuple[str, ...], against: str, suppress: int, more: bool, form: str) -> int:
    """What has changed since an earlier run."""
    from screening import change

    if len(folders) > 1 or more or form not in ("text", "csv"):
        raise click.UsageError("--against compares one run with an earlier one, as text or csv")
    made = change.compared(Path(folders[0]), Path(against), suppress)
    if form == "csv":
        options.put_data(change.table_of(made).replace("\r\n", "\n"))
    else:
        options.put_lines(change.lines_of(made))
    return options.DONE
