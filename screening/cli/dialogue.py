"""A person at a terminal, or a file of answers, answering one question after the other.

The terminal stays in its own line mode: what it shows is what was typed, and whatever ends the program, it is
left as it was. A line is read as bytes, so that nothing that is typed or pasted can break the reading of it.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from typing import Any

from screening.cli import options
from screening.errors import Diagnostic, Span, UnreadableRecord

LONGEST = 4000
NARROWEST = 30


class Stopped(Exception):
    """Whoever answers has gone: by the end of input (`q` and Ctrl-D alike), or by an interrupt."""

    def __init__(self, interrupted: bool = False) -> None:
        super().__init__()
        self.interrupted = interrupted


class Terminal:
    """Reads lines of a terminal."""

    @property
    def width(self) -> int:
        return max(NARROWEST, min(80, shutil.get_terminal_size((80, 24)).columns))

    def line(self, prompt: str = "> ") -> str:
        """One line as text. Raises Stopped at its end or interrupt.

        A line that is there already was typed or pasted before its question was shown, and answers nothing.
        """
        if _is_ahead():
            options.put("What was typed before this question was shown was not read.\n")
        options.put(prompt)
        try:
            data = sys.stdin.buffer.readline(1 << 20)
        except KeyboardInterrupt:
            options.put("\n")
            raise Stopped(interrupted=True) from None
        if not data:
            options.put("\n")
            raise Stopped
        return data.decode("utf-8", "replace").rstrip("\r\n")

    def goes_back(self) -> bool:
        """Whether the last answer was a slip; asked once the verdict is shown, which would otherwise end it."""
        options.put("b goes back to the last answer, Enter ends.\n")
        return self.line().strip() == "b"

    def refused(self, why: str, apart: str = "") -> None:
        """Why an answer was not taken; the question stays."""
        from screening import interview

        options.put_lines(interview.told_refused(why, self.width))


def _is_ahead() -> bool:
    """Whether lines were waiting at the terminal; they are gone then."""
    if sys.platform == "win32":
        return False
    import select
    import termios

    descriptor = sys.stdin.fileno()
    try:
        if not select.select([descriptor], [], [], 0)[0]:
            return False
        termios.tcflush(descriptor, termios.TCIFLUSH)
    except (OSError, termios.error):
        return False
    return True


class Lines:
    """Answers line by line out of a file; what is read is shown, as if it had been typed.

    A line that is refused ends it: the next one was meant for another question.
    """

    width = 80

    def __init__(self, lines: Sequence[str], name: str) -> None:
        self.name, self.number = options.printable(name), 0
        self.lines = [(n, line) for n, line in enumerate(lines, 1) if line.strip() and line.lstrip()[:1] != "#"]

    def line(self, prompt: str = "> ") -> str:
        """The next line. Raises Stopped after the last one."""
        if not self.lines:
            raise Stopped
        self.number, found = self.lines.pop(0)
        options.put(f"{prompt}{options.printable(found)}\n")
        return found

    def goes_back(self) -> bool:
        """Whether the file goes back from the verdict to the last answer."""
        return bool(self.lines) and self.lines[0][1].strip() == "b" and self.line() == "b"

    def refused(self, why: str, apart: str = "") -> None:
        """Raises UnreadableRecord: no answer may be taken for that of another question.

        `apart` says it without what was answered: a message of a program is kept where answers are not.
        """
        said = apart or f"this answer was not taken: {why.rstrip('.')}"
        raise UnreadableRecord(Diagnostic(Span(self.name, self.number, 1), said, UnreadableRecord))


def carried_on(talk: Any, source: Any) -> int:
    """Asks until nothing more can matter, somebody stops, or an alert fires; the status to end with."""
    from screening import interview

    options.put_lines(interview.told_head(talk, source.width))
    interrupted = is_shown = False
    try:
        while True:
            while talk.asking.page is not None:
                options.put("\n")
                options.put_lines(interview.told_page(talk, source.width))
                is_shown = False
                _answered(talk, source)
            _end(talk, source.width)
            is_shown = True
            if talk.alerts or not source.goes_back() or not talk.back():
                break
    except Stopped as stopped:
        interrupted = stopped.interrupted
    except KeyboardInterrupt:
        interrupted = True
    if not is_shown:
        _end(talk, source.width)
    if interrupted:
        return options.INTERRUPTED
    return options.exit_status(talk.determination.verdict.value)


def _end(talk: Any, width: int) -> None:
    from screening import interview

    options.put("\n")
    options.put_lines(interview.told_end(talk, _kept(talk), width))


def _kept(talk: Any) -> str | None:
    """Where the answers are; None where they are not there."""
    if talk.path is None:
        return ""
    name = options.printable(options.near(str(talk.path)))
    if not talk.is_kept():
        return None
    if talk.file.restored:
        options.put(f"{name} had been deleted meanwhile, and was written again.\n")
    return name


def _answered(talk: Any, source: Any) -> None:
    """One question: lines until one of them answers it or leads elsewhere."""
    while True:
        line = source.line()
        said = line.strip()
        if said == "q":
            raise Stopped
        if not said:
            if talk.forward():
                return
        elif said == "b":
            if talk.back():
                return
            options.put("This is the first question.\n")
        elif wrong := _unfit(line):
            source.refused(wrong)
        elif _taken(talk, source, said):
            return


def _taken(talk: Any, source: Any, text: str) -> bool:
    """Whether an answer was taken, once what was wanting beside it has been said."""
    from screening import interview

    page = talk.asking.page
    beside: dict[str, Any] = {}
    while True:
        found = interview.tried(talk, text, beside)
        if isinstance(found, interview.Refused):
            source.refused(found.text, interview.told_apart(talk, found))
            return False
        if not isinstance(found, interview.Wanted):
            options.put_lines(interview.told_back(page, found, source.width))
            return True
        options.put_lines(interview.told_wanted(found, source.width))
        said = source.line().strip()
        if said == "q":
            raise Stopped
        more = interview.beside(found, said)
        if more is not None:
            beside = {**beside, **more}
        elif said == "b":
            options.put("The answer was not taken; answer it again.\n")
            return False
        elif found.want == "sure" and said:
            text, beside = said, {}
        else:
            source.refused("that is none of the answers", interview.told_apart(talk, found))


def _unfit(line: str) -> str:
    """Why a line is no answer at all: too long, or with characters that are no text."""
    if len(line) > LONGEST:
        return f"That line is longer than {LONGEST:,} characters; nothing of it was taken."
    if not line.replace("\t", " ").isprintable() or "\ufffd" in line:
        return "That line holds characters that are no text; nothing of it was taken."
    return ""


def is_by_name(name: str) -> bool:
    """Whether a file answers by the names of requirements, and not line by line."""
    return name.lower().endswith((".yaml", ".yml", ".json"))


def scripted(talk: Any, data: bytes, name: str) -> int:
    """Answers from a file: lines in the order of the questions, or answers by name."""
    from screening import interview

    if not is_by_name(name):
        return carried_on(talk, Lines(data.decode("utf-8", "replace").splitlines(), name))
    options.put_lines(interview.told_head(talk))
    interview.answered_by_name(talk, data, name)
    _end(talk, Lines.width)
    return options.exit_status(talk.determination.verdict.value)
