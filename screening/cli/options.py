"""What the commands share: options, exit statuses, reading of files, and how text reaches the console."""

from __future__ import annotations

import datetime
import hashlib
import os
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import IO, TYPE_CHECKING, Any, TypeVar

import click

from screening.errors import (
    DefectError,
    Diagnostic,
    EngineFault,
    RecordError,
    RequirementMismatch,
    ScreeningError,
    UnreadableRecord,
    VerificationError,
)

DONE, FAULT, INELIGIBLE, WRONG, OPEN, FAILED, INTERRUPTED = 0, 1, 2, 3, 4, 5, 130
MOST_BYTES = 256 * 1024 * 1024
_SIZES = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30}
_LEAST = 64 << 20
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}\Z", re.ASCII)

# Click types its parameters since 8.4 only; older ones are no generics at run time.
if TYPE_CHECKING:
    _ParamType = click.ParamType[datetime.date]
else:
    _ParamType = click.ParamType

Command = TypeVar("Command", bound=Callable[..., Any])


def exit_status(outcome: str | BaseException) -> int:
    """The status that a command ends with: of a verdict, of `done`, or of what stopped it.

    >>> [exit_status(word) for word in ("ELIGIBLE", "INELIGIBLE", "UNDETERMINED", "REVIEW", "done")]
    [0, 2, 4, 4, 0]
    """
    # SPEC: semantics, the last paragraph. A typo must never read as INELIGIBLE, so click's own 2 is 3 here.
    match outcome:
        case "ELIGIBLE" | "done":
            return DONE
        case "INELIGIBLE":
            return INELIGIBLE
        case "UNDETERMINED" | "REVIEW":
            return OPEN
        case VerificationError():
            return FAILED
        case EngineFault() | DefectError():
            return FAULT
        case ScreeningError() | click.ClickException():
            return WRONG
        case KeyboardInterrupt() | click.Abort():
            return INTERRUPTED
    return FAULT


# ------------------------------------------------------------------------------------- options


class Day(_ParamType):
    """A day as ISO 8601 writes it."""

    name = "YYYY-MM-DD"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime.date:
        if isinstance(value, datetime.date):
            return value
        if _DAY.match(value):
            try:
                return datetime.date.fromisoformat(value)
            except ValueError:
                self.fail("there is no such day", param, ctx)
        self.fail("a day is written as 2026-11-22", param, ctx)


def today() -> datetime.date:
    """The local day; the only place where the program looks at a clock."""
    return datetime.datetime.now(datetime.UTC).astimezone().date()


def now() -> datetime.datetime:
    """This moment, with its offset from UTC: for entries of a ledger, never for a verdict."""
    return datetime.datetime.now(datetime.UTC).astimezone()


def protocol_names(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Protocols, for completion."""
    from screening import screen

    return [stamp.name for stamp in screen.stamps() if stamp.name.startswith(incomplete)]


def protocol_option(command: Command) -> Command:
    return click.option(
        "--protocol",
        default="ketamine-ra-fm",
        show_default=True,
        metavar="NAME",
        shell_complete=protocol_names,
        help="A protocol by name or the path of its rule file.",
    )(command)


def as_of_option(command: Command) -> Command:
    return click.option(
        "--as-of", type=Day(), help="The day as of which the person is screened; today if not given."
    )(command)


def rules_option(command: Command) -> Command:
    return click.option(
        "--rules",
        multiple=True,
        metavar="DIR",
        help="A folder with further rule files, searched first; may be given more than once.",
    )(command)


def site_option(command: Command) -> Command:
    return click.option(
        "--site",
        metavar="FILE",
        help="A signed site declaration: complete lists, local codes, parameters, alert texts.",
    )(command)


def subject_option(command: Command) -> Command:
    return click.option(
        "--subject", default="", metavar="ID", help="Which person, where a record holds more than one."
    )(command)


def retired_option(command: Command) -> Command:
    return click.option(
        "--retired", is_flag=True, help="Screen against retired rules too; RETIRED is said on every output."
    )(command)


def text_or_json_option(command: Command) -> Command:
    return click.option(
        "--format",
        "form",
        type=click.Choice(("text", "json")),
        default="text",
        show_default=True,
        help="A screen for people, or everything as data.",
    )(command)


def parameter_option(command: Command) -> Command:
    return click.option(
        "--parameter",
        "parameters",
        multiple=True,
        metavar="NAME=VALUE",
        callback=named_values("parameter", "NAME=VALUE"),
        help="Another value of a parameter, shown with the verdict; may be given more than once.",
    )(command)


def size_of(ctx: click.Context, param: click.Parameter, text: str) -> int:
    """A size in bytes: `512M`, `2G`."""
    found = re.fullmatch(r"([0-9]{1,12})([KMG]?)I?B?", text.strip().upper(), re.ASCII)
    size = int(found[1]) * _SIZES[found[2]] if found else 0
    if size < _LEAST:
        raise click.BadParameter("write it as 512M or 2G; 64M is the least", ctx, param)
    return size


def named_values(
    what: str, form: str
) -> Callable[[click.Context, click.Parameter, tuple[str, ...]], dict[str, str]]:
    """Reads what is given as NAME=VALUE, each name once."""

    def read(ctx: click.Context, param: click.Parameter, given: tuple[str, ...]) -> dict[str, str]:
        found: dict[str, str] = {}
        for each in given:
            name, sign, value = each.partition("=")
            if not sign or not name.strip() or not value.strip():
                raise click.BadParameter(f"write it as {form}", ctx, param)
            if name.strip() in found:
                raise click.BadParameter(f"one {what} is given twice", ctx, param)
            found[name.strip()] = value.strip()
        return found

    return read


def limit_of(ctx: click.Context, param: click.Parameter, given: int) -> int:
    """The least number of people that is shown, 0 for every number."""
    if given in (1, 2):
        raise click.BadParameter("a cell that is hidden as <2 is 1; hide at least those under 3", ctx, param)
    return given


def examples(*lines: str) -> str:
    """The examples that end a help text."""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)


# --------------------------------------------------------------------------------------- files


def read_input(path: str) -> tuple[bytes, str]:
    """The bytes of a file, or of standard input for `-`, and how to name it."""
    name = "<stdin>" if path == "-" else path
    try:
        if path == "-":
            data = sys.stdin.buffer.read(MOST_BYTES + 1)
        else:
            with open(path, "rb") as file:
                data = file.read(MOST_BYTES + 1)
    except IsADirectoryError:
        what = "it is a folder; `screening cohort` screens everybody in one"
        raise UnreadableRecord(f"`{printable(name)}` cannot be read: {what}") from None
    except OSError as wrong:
        reason = (os.strerror(wrong.errno) if wrong.errno else "an error of the system").lower()
        raise UnreadableRecord(f"`{printable(name)}` cannot be read: {reason}") from None
    if len(data) > MOST_BYTES:
        raise UnreadableRecord(f"`{printable(name)}` is larger than 256 MiB")
    return data, name


def read_site(path: str | None) -> Any:
    """A site's declaration, if one is given."""
    from screening import screen

    if path is None:
        return None
    try:
        return screen.read_site(path)
    except OSError as wrong:
        reason = (os.strerror(wrong.errno) if wrong.errno else "an error of the system").lower()
        raise UnreadableRecord(f"`{printable(path)}` cannot be read: {reason}") from None


def printable(text: str) -> str:
    """A name given by the user, without what could move the cursor."""
    return "".join(c if c.isprintable() else "?" for c in text[:500])


def harmless(text: str) -> str:
    r"""A text of several lines of which a terminal does nothing but show it.

    >>> print(harmless("no screening of `\x1b[2J`"))
    no screening of `\x1b[2J`
    """
    if text.isascii() and text.replace("\n", "").isprintable():
        return text
    return "".join(c if c == "\n" or c.isprintable() else c.encode("unicode_escape").decode() for c in text)


# ------------------------------------------------------------------------------------- console


def put(text: str, file: IO[str] | None = None) -> None:
    """Writes a text; what the console cannot show is replaced, and a closed pipe ends it in silence."""
    stream = file or sys.stdout
    if stream is None:  # a console that was closed before the program began
        return
    encoding = getattr(stream, "encoding", None) or "ascii"
    try:
        stream.write(text.encode(encoding, "replace").decode(encoding))
        stream.flush()
    except BrokenPipeError:
        silence(stream)


def put_data(text: str) -> None:
    """Data as it is, for a file or another program; on a terminal, which would run some of it, only shown."""
    is_terminal = sys.stdout is not None and sys.stdout.isatty()
    put(harmless(text.replace("\r\n", "\n")) if is_terminal else text)


def silence(stream: IO[str]) -> None:
    """Sends the rest of a stream nowhere, so that the interpreter's last flush cannot fail either."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def is_coloured(environment: Mapping[str, str], is_terminal: bool) -> bool:
    """Whether somebody looks at a terminal that shows colours and wants them.

    >>> is_coloured({"TERM": "xterm"}, True), is_coloured({"TERM": "xterm", "NO_COLOR": "1"}, True)
    (True, False)
    """
    return is_terminal and not environment.get("NO_COLOR") and environment.get("TERM") != "dumb"


def put_lines(lines: Sequence[Any], plain: bool = False) -> None:
    """Lines to standard output, in colour only where a person looks."""
    from screening import screen

    if plain or sys.stdout is None or not is_coloured(os.environ, sys.stdout.isatty()):
        put(screen.plain_text(lines))
        return
    try:
        screen.print_coloured(lines, sys.stdout, os.environ)
    except (BrokenPipeError, UnicodeEncodeError) as wrong:
        if isinstance(wrong, BrokenPipeError):
            silence(sys.stdout)
        else:
            put(screen.plain_text(lines))


def near(file: str) -> str:
    """A file's path from here, where it lies below the present folder."""
    if not os.path.isabs(file):
        return file
    relative = os.path.relpath(file)
    return file if relative.startswith(os.pardir) else relative


def nearer(diagnostic: Diagnostic) -> Diagnostic:
    """A diagnostic whose file is named from here."""
    return replace(diagnostic, span=replace(diagnostic.span, file=printable(near(diagnostic.span.file))))


def is_left_out(name: str) -> bool:
    """Whether an option was not given, so that its value is the one that it has by itself."""
    return click.get_current_context().get_parameter_source(name) is click.core.ParameterSource.DEFAULT


def of_records(people: int, rejected: int, reasons: str, failures: int = 0) -> int:
    """The status of what was read of a source: a fault of this program, or all was rejected; it is said."""
    if failures:
        put(f"this program failed at {failures:,} of the records, no fault of theirs; {reasons}\n", sys.stderr)
        return FAULT
    if people or not rejected:
        return DONE
    put(f"every record of the source was rejected, and nobody is left; {reasons}\n", sys.stderr)
    return WRONG


def put_fault(error: ScreeningError) -> None:
    """Everything that was refused, on standard error."""
    put(harmless("".join(f"{nearer(d)}\n" for d in error.diagnostics)), sys.stderr)


def read_shared(data: bytes, library: Any, name: str, site: Any, subject: str, rules: Sequence[str] = ()) -> Any:
    """A record as a subject; what another protocol of the rules folders asks of it by name is no slip.

    Only where a record does not fit are the other protocols looked at: one that fits is read at once.
    """
    from screening import screen

    try:
        return screen.read_record(data, library, name, site, subject)
    except RecordError as wrong:
        if not any(issubclass(diagnostic.kind, RequirementMismatch) for diagnostic in wrong.diagnostics):
            raise
        return screen.read_record(data, library, name, site, subject, names_beside(rules)())


def names_beside(rules: Sequence[str] = ()) -> Callable[[], frozenset[str]]:
    """What gives the names that any protocol of the rules folders asks of a record, once it is asked."""
    # A process of its own may be given this, which it could not be a function that stands in another one.
    return partial(_names_of, tuple(rules))


def _names_of(rules: Sequence[str]) -> frozenset[str]:
    from screening import matching, screen

    return matching.shelf(screen.rules_folders(rules)).names


def stamp_beside(rules: Sequence[str] = ()) -> str:
    """A digest of all that these names rest on: it changes with any rule file of the folders, and asks none."""
    from screening import screen

    found = hashlib.sha256()
    for folder in screen.rules_folders(rules):
        for path in sorted(folder.glob("*.y*ml")) if folder.is_dir() else ():
            if path.is_file() and not path.stem.endswith(".cases"):
                found.update(path.name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return found.hexdigest()


def read_person(record: str, library: Any, site: Any, subject: str, rules: Sequence[str] = ()) -> tuple[Any, str]:
    """A record as a subject, and the record's name."""
    data, name = read_input(record)
    found = read_shared(data, library, name, site, subject, rules)
    if subject and found.id != subject:
        raise UnreadableRecord(f"`{printable(name)}` holds no person `{printable(subject)}`")
    return found, name
