"""`screening cohort`: everybody of a source, one row each."""

from __future__ import annotations

import datetime
import os
import sys
from pathlib import Path
from typing import Any

import click

from screening.cli import options
from screening.cli.options import examples
from screening.cli.questions import Asked, put_questions

_HELP = f"""Screen everybody of a source; one row a person, written whole or not at all.

SOURCE is a folder of records (profiles or FHIR R4 bundles), a FHIR bulk export (NDJSON), an OMOP CDM database
(tables in a folder, a DuckDB or SQLite file, `postgres://USER@HOST/DATABASE`), or tables with --map.
Every record is a row or a rejected row with its reason; the counts are printed and add up. An existing folder is
replaced only when the new one is complete.

DIR holds people.csv and people.ndjson (the same rows), rejected.csv, screening-log.csv and manifest.json. The log
names people by random pseudonyms, kept across runs in the file `DIR.identification.csv` beside DIR.

Exit status: 0 done, 3 wrong input or every record rejected, 1 somebody was not screened or a record not read
by a fault of this program, told by id or place.

{
    examples(
        "screening cohort rules/records --as-of 2026-11-22 --out out/",
        "screening cohort bulk/ --site site.yaml --jobs 2 --out out/",
        "screening cohort tables/ --map map.yaml --out out/",
        "screening explain out/ --subject SYN-0003",
        "screening cohort out/ --questions --near near.csv    of a run",
    )
}
"""


@click.command("cohort", help=_HELP)
@click.argument("source", metavar="SOURCE")
@options.protocol_option
@options.as_of_option
@options.site_option
@options.rules_option
@click.option("--map", "mapping", metavar="FILE", help="What the columns of tables are.")
@click.option("--out", metavar="DIR", help="The folder to write; replaced when all is complete.")
@click.option(
    "--jobs",
    type=click.IntRange(1, 64),
    default=1,
    show_default=True,
    help="So many processes screen at once; the rows are the same.",
)
@click.option(
    "--engine",
    metavar="ENGINE",
    default="auto",
    show_default=True,
    help="How people are screened: `one-by-one`, `polars` (columns, on this machine), or where the data is: "
    "`duckdb`, `postgres://...`, `spark`. `auto` takes polars for 10,000 people or more in a prepared cohort "
    "(for 2,001 with a million entries) or in Parquet tables that are plain.",
)
@click.option(
    "--memory",
    default="1G",
    show_default=True,
    metavar="SIZE",
    callback=options.size_of,
    help="About so much memory the process takes with people in columns (polars); 448M at least.",
)
@click.option(
    "--identification",
    metavar="FILE",
    help="The list of ids and random pseudonyms for the screening log; DIR.identification.csv if not given.",
)
@click.option(
    "--questions",
    is_flag=True,
    help="Which items to collect of whom, near misses, and whom time lets in; SOURCE may be the DIR of a run.",
)
@click.option("--items", metavar="FILE", help="With --questions: what collecting items could settle, as CSV.")
@click.option("--near", metavar="FILE", help="With --questions: everybody whom exactly one bar rules out, as CSV.")
@click.option("--all", "everything", is_flag=True, help="With --questions: shorten nothing.")
@options.parameter_option
@options.retired_option
def command(
    source: str,
    protocol: str,
    as_of: datetime.date | None,
    site: str | None,
    rules: tuple[str, ...],
    mapping: str | None,
    out: str | None,
    jobs: int,
    engine: str,
    memory: int,
    identification: str | None,
    questions: bool,
    items: str | None,
    near: str | None,
    everything: bool,
    parameters: dict[str, str],
    retired: bool,
) -> int:
    from screening import cohort, people, screen

    asked = Asked(items, near, everything)
    if not questions and any(asked):
        raise click.UsageError("--items, --near and --all go with --questions")
    if questions and out is None:
        return put_questions(source, asked)
    if out is None:
        raise click.UsageError("name the folder to write, --out DIR")
    declared = options.read_site(site)
    library = screen.load_protocol(protocol, rules, declared, parameters)
    cohort.refuse_retired(library, retired)
    columns, beside = Path(mapping) if mapping is not None else None, options.names_beside(rules)
    # Wrong sources are refused before anything is hashed or written.
    people.people_of(source, library, declared, columns, beside)
    wanted = {
        "protocol": protocol,
        "rules": [os.path.abspath(folder) for folder in rules],
        "parameters": parameters,
        "site": os.path.abspath(site) if site is not None else None,
        "map": os.path.abspath(mapping) if mapping is not None else None,
        "retired": retired,
    }
    if os.sep in protocol or os.path.exists(protocol):
        wanted["protocol"] = os.path.abspath(protocol)
    plan = cohort.Plan(library, as_of or options.today(), screen.screen, declared, retired)
    progress: Any = None

    def told(read: int, total: int | None) -> None:
        nonlocal progress
        if progress is None:
            from screening.cli.progress import Progress

            progress = Progress(total)
        progress(read)

    without = people.exclusions_without_source(source, library, declared, columns, beside)
    listed = identification if identification is not None else f"{os.path.normpath(out)}.identification.csv"
    run = cohort.Run(
        plan,
        source,
        lambda: people.people_of(source, library, declared, columns, beside),
        wanted,
        Path(listed),
        jobs,
        _in_columns(engine, source, plan, columns, memory, beside),
        without,
    )
    try:
        made = cohort.written(run, Path(out), told)
    finally:
        if progress is not None:
            progress.end()
    options.put_lines(cohort.summary(made, out))
    if questions:
        options.put("\n")
        put_questions(out, asked)
    if made["counts"]["not_screened"]:
        options.put("somebody was not screened; see the end of the counts\n", sys.stderr)
        return options.FAULT
    counts = made["counts"]
    reasons = f"the reasons stand in {os.path.join(out, 'rejected.csv')}"
    return options.of_records(
        counts["people"], counts["rejected"], reasons, cohort.failures(counts["rejected_by_kind"])
    )


def _in_columns(engine: str, source: str, plan: Any, mapping: Path | None, memory: int, beside: Any) -> Any:
    """How a source that lies in tables is screened there; None where everybody is screened one by one."""
    if engine == "one-by-one":
        return None
    from screening import columns
    from screening.errors import UnsupportedError

    if engine in (columns.AUTO, columns.POLARS) and memory < columns.LEAST_MEMORY:
        least = f"{columns.LEAST_MEMORY >> 20}M"
        raise click.BadParameter(f"so little cannot be held; {least} is the least", param_hint="--memory")
    try:
        return columns.screener(engine, source, plan, mapping, memory, beside)
    except UnsupportedError as gap:
        if engine != "auto":
            raise
        options.put(f"screened one by one: {gap}\n", sys.stderr)
        return None
