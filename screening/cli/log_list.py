"""`screening log list` and `log table`: a ledger looked through, and the screening log as a table."""

from __future__ import annotations

from pathlib import Path

import click

from screening.cli import options
from screening.cli.options import examples
from screening.cli.signer import opened_until_the_end

_HELP = f"""List entries, as a review of the audit trail asks for them.

Several options together: what meets all of them. The reasons that people gave are shown; records are not.

Exit status: 0 listed, 3 wrong input.

{
    examples(
        "screening log list site.ledger --late 7",
        "screening log list site.ledger --after-decision",
        "screening log list site.ledger --roles",
    )
}
"""


@click.command("list", help=_HELP, short_help="List entries: late ones, after a decision, of roles.")
@click.argument("ledger", metavar="LEDGER")
@click.option("--code", "about", default="", metavar="CODE", help="About this participant.")
@click.option("--kind", default="", metavar="KIND", help="Of this kind, as entries call it: screened, event.")
@click.option("--late", type=click.IntRange(0), metavar="DAYS", help="Made more days after what they are about.")
@click.option("--after-decision", is_flag=True, help="Changes about somebody who was decided on before.")
@click.option("--roles", is_flag=True, help="Keys, approvals, their withdrawals, exceptions.")
def entries(ledger: str, about: str, kind: str, late: int | None, after_decision: bool, roles: bool) -> int:
    from screening import listing

    if kind and kind not in listing.KINDS:
        raise click.BadParameter(f"the kinds are: {', '.join(listing.KINDS)}", param_hint="--kind")
    opened = opened_until_the_end(Path(ledger), is_read_only=True)
    asked = listing.Asked(about, kind, late, after_decision, roles)
    options.put_lines(listing.told(listing.found(opened, asked)))
    return options.exit_status("done")


_TABLE_HELP = f"""Print the screening log as CSV: a row for each screening, and for who declined without one.

The primary reason is the first in the order of the protocol. Under participant codes; no record is in it.

Exit status: 0 printed, 3 wrong input.

{examples("screening log table site.ledger > screening-log.csv")}
"""


@click.command("table", help=_TABLE_HELP, short_help="Print the screening log as CSV.")
@click.argument("ledger", metavar="LEDGER")
def table(ledger: str) -> int:
    from screening import listing

    opened = opened_until_the_end(Path(ledger), is_read_only=True)
    options.put_data(listing.screening_log(opened))
    return options.exit_status("done")
