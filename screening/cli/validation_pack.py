"""`screening validation-pack`: requirements with their tests, the ledger, rules and software, packed."""

from __future__ import annotations

from pathlib import Path

import click

from screening.cli import options
from screening.cli.options import examples
from screening.cli.signer import opened_until_the_end

_HELP = f"""Pack what whoever validates or inspects has to see, with the SHA-256 of every member.

Requirements with their tests and limits, schemas, pages, the ledger with its verification, keys and approvals,
rules by digest, the software inventory. The same ledger and results give the same bytes. Without --coded the
records of people are in it.

Exit status: 0 packed, 5 the ledger does not hold or a test has failed, 3 wrong input.

{
    examples(
        "screening validation-pack site.ledger --out pack.zip --results junit.xml",
        "screening validation-pack site.ledger --out pack.zip --coded",
    )
}
"""


@click.command("validation-pack", help=_HELP)
@click.argument("ledger", metavar="LEDGER")
@click.option("--out", required=True, metavar="FILE", help="The archive, for its owner alone.")
@click.option(
    "--results", metavar="FILE", help="A test run: `pytest --junitxml FILE`; without it nothing was run."
)
@click.option("--coded", is_flag=True, help="Without records, names and free text: the coded export instead.")
@click.option("--expect-head", "heads", multiple=True, metavar="HEAD", help="A head that was kept elsewhere.")
def command(ledger: str, out: str, results: str | None, coded: bool, heads: tuple[str, ...]) -> int:
    from screening import coded as of_codes
    from screening import intact, screen, validation

    junit = options.read_input(results)[0] if results else None
    opened = opened_until_the_end(Path(ledger), is_read_only=True)
    lines, is_whole = intact.told_verification(Path(ledger), heads)
    if not is_whole:
        options.put_lines(lines)
        return options.FAILED
    export = of_codes.lines(opened, years_only=False) if coded else opened.exported()
    packed = validation.pack(opened, screen.plain_text(lines), junit, export, coded)
    validation.write(packed, Path(out))
    failed, not_run = (", ".join(each) or "none" for each in (packed.failed, packed.not_run))
    options.put(f"  {packed.requirements} requirements; failed: {failed}\n  not run or left out: {not_run}\n")
    return options.FAILED if packed.failed else options.DONE
