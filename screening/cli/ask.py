"""`screening ask`: the questions that decide, one person, until the verdict cannot change."""

from __future__ import annotations

import datetime
import gc
import getpass
import os
import sys
from pathlib import Path
from typing import Any

import click

from screening.cli import options
from screening.cli.options import examples
from screening.errors import DefectError, RuleError, UnreadableRecord

_HELP = f"""Ask what is not known of one person, until no answer can change the verdict.

RECORD is a profile; its answers are added to it, and a record that was left is gone on with. Of a FHIR bundle
what it says is taken over into a profile beside it, NAME.answers.yaml or --save. Without RECORD, --save names the
file of somebody of whom nothing is known yet. Every answer is kept at once, with the day and who asked.
Questionnaires are recorded as they were filled in, never put to anybody here. An alert ends the interview.

`?` is not known, and not asked again unless --again; `s` not asked, `b` goes back, `q` stops and keeps; Ctrl-C and
Ctrl-D keep everything, too.

--answers FILE answers without a terminal: lines in the order of the questions, or answers by the names of
requirements (.yaml, .json). What it does not answer is not asked.

Exit status: that of the verdict (0, 2, 4), 3 wrong input, 1 not screened, 130 interrupted.

{
    examples(
        "screening ask --protocol ketamine-ra-fm --save SYN-0021.yaml --by K7",
        "screening ask SYN-0021.yaml --by K7 --as-of 2026-11-22",
        "screening ask --save SYN-0022.yaml --by K7 --answers answers.txt",
    )
}
"""


@click.command("ask", help=_HELP)
@click.argument("record", metavar="[RECORD]", default="")
@options.protocol_option
@click.option("--save", metavar="FILE", default="", help="Where the answers are kept; RECORD itself if not given.")
@click.option(
    "--by", metavar="KEY", default="", help="Who asks: a role or key; the name of the account if not given."
)
@click.option("--answers", metavar="FILE", default="", help="Answers from a file; `-` is standard input.")
@click.option("--burdens", metavar="FILE", help="What questions cost, for their order; as of `screening next`.")
@click.option("--frequencies", metavar="DIR", help="A run, for their order; as of `screening next`.")
@click.option("--again", is_flag=True, help="Ask again what was said not to be known.")
@options.as_of_option
@options.site_option
@options.rules_option
@options.parameter_option
@options.subject_option
@options.retired_option
def command(
    record: str,
    protocol: str,
    save: str,
    by: str,
    answers: str,
    burdens: str | None,
    frequencies: str | None,
    again: bool,
    as_of: datetime.date | None,
    site: str | None,
    rules: tuple[str, ...],
    parameters: dict[str, str],
    subject: str,
    retired: bool,
) -> int:
    from screening import decide, interview, screen
    from screening.cli.dialogue import Terminal, carried_on, is_by_name, scripted

    if not answers and not (sys.stdin is not None and sys.stdin.isatty()):
        help = "ask at a terminal, or give the answers: `--answers FILE`"
        raise click.UsageError(f"questions are never read from a pipe; {help}")
    if not record and not save:
        raise click.UsageError("say where the answers are kept: `--save FILE`, or a RECORD that is gone on with")
    declared = options.read_site(site)
    library = screen.load_protocol(protocol, rules, declared, parameters)
    if library.status == "retired" and not retired:
        raise RuleError(f"`{library.name}` is retired; --retired screens against it all the same")
    day, who = as_of or options.today(), _asker(by)
    text, path = _profile(record, save, subject, answers, day, who, library, declared)
    given = options.read_input(answers) if answers else None
    talk = interview.Interview(
        library,
        text,
        day,
        who,
        path=path,
        site=declared,
        name=options.printable(str(path)),
        burdens=decide.read_burdens(Path(burdens), library) if burdens else None,
        chances=decide.chances_of(Path(frequencies), library) if frequencies else None,
        # A file that answers by names may well know by now what was not known.
        again=again or (given is not None and is_by_name(given[1])),
    )
    # What is loaded by now stays: no collection has to walk through it while somebody waits for a question.
    gc.freeze()
    try:
        talk.begin()
        return scripted(talk, *given) if given is not None else carried_on(talk, Terminal())
    except DefectError as fault:
        lines = screen.not_screened(library, talk.subject, day, screen.NotScreened(str(fault)))
        options.put_lines(lines)
        return options.exit_status(fault)
    finally:
        talk.close()


def _asker(by: str) -> str:
    """Who asks, as a key: what stands beside every answer."""
    if not by:
        try:
            by = getpass.getuser()
        except (KeyError, OSError):
            by = ""
    by = " ".join(by.split())
    if not by or not by.isprintable() or len(by) > 60:
        raise click.BadParameter("say who asks, as a role or key of at most 60 characters", param_hint="--by")
    return by


def _profile(
    record: str, save: str, subject: str, answers: str, day: datetime.date, by: str, library: Any, site: Any
) -> tuple[str, Path]:
    """The profile as it is, and where it is kept. Raises RecordError for what cannot be read."""
    from screening import interview

    if record == "-" and (not save or answers in ("", "-")):
        raise click.UsageError("a record from standard input cannot be kept; give a file, or --save and --answers")
    path = Path(save or record)
    if record and save and path.exists() and (record == "-" or not os.path.samefile(record, save)):
        raise UnreadableRecord(f"`{options.printable(save)}` exists already; give it as RECORD to go on with it")
    source = record or (save if path.exists() else "")
    if not source:
        if not path.parent.is_dir():
            raise UnreadableRecord(f"`{options.printable(save)}` cannot be written: there is no such folder")
        return interview.begun(subject or path.stem, day, by), path
    data, name = options.read_input(source)
    of_bundle = interview.taken_over(data, library, options.printable(Path(name).name), site, subject)
    if of_bundle is not None:
        # Answers never stand in somebody else's record: they are kept beside what it says.
        path = path if save and not path.exists() else path.with_suffix(".answers.yaml")
        if path.exists():
            help = f"go on with it: `screening ask {options.printable(str(path))}`"
            raise UnreadableRecord(f"`{options.printable(str(path))}` exists already; {help}")
        return of_bundle, path
    try:
        return data.decode("utf-8-sig"), path
    except UnicodeDecodeError:
        raise UnreadableRecord(f"`{options.printable(name)}` is not written in UTF-8") from None
