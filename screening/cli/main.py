"""The command `screening`: a group that imports a command when it is asked for, and what ends it."""

from __future__ import annotations

import gc
import importlib
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, NoReturn

import click
from click.shell_completion import CompletionItem

import screening
from screening.cli import options
from screening.errors import ScreeningError, is_panic

# One line each, so that `--help` and completion import no command.
COMMANDS = {
    "check": "Screen one person against a protocol, and say why.",
    "compare": "Screen one person under every edition of a family.",
    "match": "Screen one person against every protocol.",
    "prepare": "Read a source of many people once, for many screenings.",
    "near": "Show how near the verdict is to another one.",
    "ask": "Ask what is not known of one person, until it is decided.",
    "next": "Show which missing answers could settle an open verdict.",
    "when": "Show when the verdict of one person changes by itself.",
    "cohort": "Screen everybody of a source.",
    "explain": "Show one person of a cohort, screened again.",
    "funnel": "Show where people of a cohort are lost, and why.",
    "what-if": "Try other limits and criteria on a cohort.",
    "worklist": "List the people of a cohort to look at.",
    "log": "Keep a ledger of screenings, corrections and decisions.",
    "sign": "Review or decide as a named person, beside the verdict.",
    "report": "Write one person, a cohort or a ledger as one HTML page.",
    "worksheet": "Print one person with a line to sign for each criterion.",
    "replay": "Do the screenings of a ledger again.",
    "validation-pack": "Pack what whoever validates has to see.",
    "verify": "Hold a certificate against rules and record.",
    "protocols": "List the protocols.",
    "show": "Show a protocol, or one criterion with its source.",
    "new": "Write a rule file and its first cases, to be filled in.",
    "lint": "Check rule files.",
    "analyse": "Prove rule files, and find what cannot be meant.",
    "diff": "Show what a new edition of a rule file changes.",
    "test": "Run the worked cases beside the rule files.",
    "mutate": "Try the worked cases with one slip at a time in the rules.",
    "boundary": "Write people at the edges of a protocol as cases to sign off.",
    "eval": "Evaluate an expression for one person.",
    "calculate": "Compute one definition from the inputs given.",
    "template": "Print an empty profile, to be filled in.",
    "validate": "List every fact drawn from a record.",
    "map": "Propose what the columns of tables are.",
    "coverage": "Count what a source of many people holds.",
    "export": "Print a protocol as an HL7 CQL library.",
    "schema": "Print a JSON Schema of what is read or printed.",
    "demo": "Screen the published index case and a complete variant.",
}

_HELP = f"""Screen one person against a trial protocol: ELIGIBLE, INELIGIBLE, UNDETERMINED or REVIEW, and why.

Missing data never turns into eligible. Decision support for qualified health professionals; the responsible
physician decides.

{
    options.examples(
        "screening demo",
        "screening check person.yaml",
        "screening show ketamine-ra-fm SCV01A",
        'eval "$(_SCREENING_COMPLETE=bash_source screening)"    completion; zsh_source, fish_source too',
    )
}
"""


class Lazy(click.Group):
    """A group whose commands are imported one by one."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        found: click.Command = importlib.import_module(f"screening.cli.{cmd_name.replace('-', '_')}").command
        return found

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            import difflib

            near = difflib.get_close_matches(args[0], COMMANDS, n=1)
            help = f"; did you mean `{near[0]}`" if near else ""
            ctx.fail(f"there is no command `{options.printable(args[0])}`{help}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        if incomplete.startswith("-"):
            return super().shell_complete(ctx, incomplete)
        named = [(name, help) for name, help in COMMANDS.items() if name.startswith(incomplete)]
        return [CompletionItem(name, help=help) for name, help in named]


def _version(ctx: click.Context, param: click.Parameter, wanted: bool) -> None:
    """The program's version, and the digest of every rule file shipped with it."""
    if not wanted or ctx.resilient_parsing:
        return
    from screening import screen

    lines = [f"screening {screening.__version__}"]
    for stamp in screen.stamps():
        digest = " ".join(stamp.digest[i : i + 4] for i in (0, 4, 8))
        lines.append(f"{f'{stamp.name} {stamp.version}':<40}{stamp.status.upper():<10}rules {digest}")
    options.put("\n".join(lines) + "\n")
    ctx.exit()


@click.group(
    cls=Lazy,
    help=_HELP,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80, "color": False},
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_version,
    help="Show the version and the digests of the shipped rules, and end.",
)
@click.pass_context
def group(ctx: click.Context) -> None:
    if ctx.invoked_subcommand is None:
        options.put(ctx.get_help() + "\n")


def run(arguments: Sequence[str] | None = None) -> int:
    """One call of the program, and the status it ends with."""
    try:
        given = list(arguments) if arguments is not None else None
        status: Any = group.main(args=given, prog_name="screening", standalone_mode=False)
        return status if isinstance(status, int) else options.DONE
    except click.ClickException as wrong:
        options.put(options.harmless(_usage(wrong)), sys.stderr)
        return options.exit_status(wrong)
    except ScreeningError as wrong:
        options.put_fault(wrong)
        return options.exit_status(wrong)
    except BrokenPipeError:
        options.silence(sys.stdout)
        return options.DONE
    except OSError as wrong:
        reason = os.strerror(wrong.errno).lower() if wrong.errno else type(wrong).__name__
        what = f"error: the output cannot be written, or a file cannot be read: {reason}{_place(wrong)}\n"
        options.put(options.harmless(what), sys.stderr)
        return options.exit_status(wrong)
    except (KeyboardInterrupt, click.Abort) as stopped:
        with suppress(OSError):  # the terminal may be gone
            options.put("interrupted; no file or folder is half written\n", sys.stderr)
        return options.exit_status(stopped)
    except Exception as fault:
        return _own_fault(fault)
    except BaseException as fault:
        if not is_panic(fault):
            raise
        return _own_fault(fault)


def _place(wrong: OSError) -> str:
    """Which file it was, where the system says so; of a full disk it does not."""
    return f": `{os.fsdecode(wrong.filename)}`" if isinstance(wrong.filename, (str, bytes, os.PathLike)) else ""


def _end_as_interrupted() -> None:
    """A request to end, or a terminal that closes, ends the program as Ctrl-C does: what it has begun is removed.

    A signal that is not to reach it, as under `nohup`, does not.
    """
    for name in ("SIGTERM", "SIGHUP"):
        asked = getattr(signal, name, None)
        if asked is not None and signal.getsignal(asked) == signal.SIG_DFL:
            signal.signal(asked, signal.default_int_handler)


def _usage(wrong: click.ClickException) -> str:
    context = getattr(wrong, "ctx", None)
    path = context.command_path if context is not None else "screening"
    message = wrong.format_message().rstrip(".")
    return f"error: {message[:1].lower()}{message[1:]}\n   help: {path} --help\n"


def _own_fault(fault: BaseException) -> int:
    """One honest line without a value of anybody; where it happened only for who asks."""
    if os.environ.get("SCREENING_DEBUG") == "1":
        import traceback

        options.put("".join(traceback.format_exception(fault)), sys.stderr)
    name = type(fault).__name__
    options.put(
        f"a fault in this program ({name}); nothing was concluded. SCREENING_DEBUG=1 shows where\n",
        sys.stderr,
    )
    return options.exit_status(fault)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """The console script."""
    # What a library is made of lives as long as the program. Looking through it for what could be given back,
    # every 700 objects, takes a tenth of a start; a long run is still looked through, but less often.
    gc.set_threshold(100_000)
    _end_as_interrupted()
    status = run(arguments)
    # ENGINE: the interpreter flushes standard output once more at its end; a closed pipe would be reported.
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except (OSError, ValueError):
        options.silence(sys.stdout)
    # What is still held goes with the process; the interpreter need not look through it once more.
    gc.freeze()
    sys.exit(status)
