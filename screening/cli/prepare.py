"""`screening prepare`: a source of many people read once, for any number of screenings."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from screening.cli import options
from screening.cli.options import examples

_HELP = f"""Read a source of many people once, and keep what the protocols ask of it in tables.

SOURCE is anything that `screening cohort` reads. OUT may then be screened in its place, by each of the protocols
it was prepared for, without SOURCE being read again. Every record is a person or a rejected record with its
reason; the counts are printed and add up.

Run again, it reads only what has changed, and after a run that was killed only what that had not finished. For
that a folder `.OUT.parts` is kept beside OUT. While SOURCE, rules, this program and OUT have the sizes, times and
places on the disk that they had, nothing is read at all, and that is said; --checksum compares contents.
Both folders hold records of people, for their owner alone. OUT is replaced only when the new one is complete.

Exit status: 0 done, 3 wrong input or every record rejected, 1 a fault of this program or of the disk.

{
    examples(
        "screening prepare rules/records prepared/",
        "screening prepare bulk/ out/ --protocol nct05639322 --protocol phq-9",
        "screening prepare tables/ prepared/ --map map.yaml --site site.yaml",
        "screening cohort prepared/ --as-of 2026-11-22 --out out/",
        "screening check prepared/ --subject SYN-0003 --as-of 2026-11-22",
    )
}
"""

_ROOMY = 1 << 30


@click.command("prepare", help=_HELP)
@click.argument("source", metavar="SOURCE")
@click.argument("out", metavar="OUT")
@click.option(
    "--protocol",
    "protocols",
    multiple=True,
    default=("ketamine-ra-fm",),
    show_default=True,
    metavar="NAME",
    shell_complete=options.protocol_names,
    help="A protocol by name or the path of its rule file; may be given more than once.",
)
@options.site_option
@options.rules_option
@click.option("--map", "mapping", metavar="FILE", help="What the columns of tables are.")
@click.option(
    "--memory",
    default="1G",
    show_default=True,
    metavar="SIZE",
    callback=options.size_of,
    help="About so much memory is used by each process at most; the tables are the same.",
)
@click.option(
    "--jobs",
    type=click.IntRange(1, 64),
    default=1,
    show_default=True,
    help="So many processes read at once; the tables are the same.",
)
@click.option(
    "--checksum", is_flag=True, help="Tell what has not changed by the contents of files, not by their times."
)
@options.parameter_option
@options.retired_option
def command(
    source: str,
    out: str,
    protocols: tuple[str, ...],
    site: str | None,
    rules: tuple[str, ...],
    mapping: str | None,
    memory: int,
    jobs: int,
    parameters: dict[str, str],
    retired: bool,
    checksum: bool,
) -> int:
    from screening import unchanged

    words = (out, site, rules, mapping, sorted(parameters.items()), retired)
    named = [str(path) for path in (site, mapping) if path is not None]
    call = unchanged.asked(words, source, named, rules, protocols)
    stands = unchanged.unchanged(call, Path(out)) if not checksum else None
    if stands is not None:
        options.put(stands.text(out))
        return _status(stands.manifest, out)
    before = unchanged.inputs(call)
    if memory >= _ROOMY:
        # ENGINE: read once, when polars is loaded. What one block needed is not given back before the next.
        os.environ.setdefault("_RJEM_MALLOC_CONF", "narenas:2,dirty_decay_ms:10000,muzzy_decay_ms:10000")
    from screening import prepare, screen

    declared = options.read_site(site)
    names = list(dict.fromkeys(protocols))
    libraries = tuple(screen.load_protocol(name, rules, declared, parameters) for name in names)
    for library in libraries:
        prepare.refuse_retired(library, retired)
    wanted = prepare.Preparation(
        source,
        libraries,
        declared,
        Path(mapping) if mapping is not None else None,
        jobs,
        memory,
        options.names_beside(rules),
        options.stamp_beside(rules),
    )
    progress: Any = None

    def told(read: int, total: int | None) -> None:
        nonlocal progress
        if progress is None:
            from screening.cli.progress import Progress

            progress = Progress(total)
        progress(read)

    try:
        made = prepare.prepared(wanted, Path(out), told)
    finally:
        if progress is not None:
            progress.end()
    if prepare.is_told_by_files(wanted):
        unchanged.remember(Path(out), before, made.manifest)
    options.put_lines(prepare.summary(made, out))
    return _status(made.manifest, out)


def _status(manifest: Mapping[str, Any], out: str) -> int:
    from screening import unchanged

    counts = manifest["counts"]
    reasons = f"`screening coverage {out}` tells some of the reasons"
    failures = unchanged.failures(counts["rejected_by_kind"])
    return options.of_records(counts["people"], counts["rejected"], reasons, failures)
