"""`screening mutate`: one slip after another in a rule file, and whether a worked case notices."""

from __future__ import annotations

import sys

import click

from screening.cli import options
from screening.cli.new_file import new_file
from screening.cli.options import examples

_HELP = f"""Try the worked cases: put one slip at a time into the rules, and see whether a case notices.

PROTOCOL is the name of a library or a rule file. A slip is what an author may have written instead: `<` for `<=`,
a limit one step off, `and` for `or`, a part left out, a window turned round. Of each that no case notices a person
is shown whom it would judge otherwise, as a case to paste into the case file; what it expects is what the rules
say, and a clinician has to confirm it. A slip that is proved to change nothing for anybody is left out of the
score; one of which neither a person nor a proof was found counts as not noticed.

Exit status: 0 done, 5 fewer are noticed than `--at-least` asks for, 3 a file is
wrong, or the one to write is there already.

{
    examples(
        "screening mutate ketamine-ra-fm --at-least 95",
        "screening mutate my-rules/trial.yaml --name EXC01",
        "screening mutate my-rules/trial.yaml --write my-rules/trial.edges.cases.yaml",
    )
}
"""


@click.command("mutate", help=_HELP)
@click.argument("protocol", nargs=-1, required=True, metavar="PROTOCOL...")
@options.rules_option
@click.option("--name", default="", metavar="NAME", help="Only the slips of one criterion, definition or input.")
@click.option("--at-least", type=click.IntRange(0, 100), default=0, metavar="PERCENT", help="End with 5 below it.")
@click.option(
    "--write",
    metavar="FILE",
    callback=new_file,
    help="Write the people whom no case shows yet as a case file.",
)
@click.option("--json", "as_json", is_flag=True, help="Everything as data.")
def command(
    protocol: tuple[str, ...], rules: tuple[str, ...], name: str, at_least: int, write: str | None, as_json: bool
) -> int:
    from screening import mutating, screen

    if write is not None and len(protocol) > 1:
        raise click.UsageError("--write is for one PROTOCOL at a time")
    found = []
    for one in protocol:
        trial = mutating.Trial(one, screen.rules_folders(rules), options.today())
        mutation, survivors = trial.mutation(name)
        if not mutation.slips:
            message = f"`{options.printable(name)}` names nothing of {mutation.library} that could hold a slip"
            raise click.UsageError(message if name else f"{mutation.library} holds nothing that could be a slip")
        if write is None:
            mutation = trial.shown(mutation, survivors)
        else:
            with open(write, "x", encoding="utf-8", newline="\n") as file:
                file.write(trial.case_file(survivors))
            options.put(f"Wrote {options.printable(write)}: nobody has signed it off yet.\n", sys.stderr)
        found.append(mutation)
        if not as_json:
            options.put_lines(mutating.told(mutation, options.near))
    if as_json:
        options.put(mutating.as_json(found, options.near) + "\n")
    return options.FAILED if any(one.percent < at_least for one in found) else options.DONE
