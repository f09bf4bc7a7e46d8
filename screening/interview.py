"""An interview: one person, question by question, until the verdict cannot change. The Python API of it.

Every answer is kept at once, in the profile that `screening check` reads, with who was asked by whom on which
day. The chaining engine takes it up in the session that it has, the law screens again, the verifier holds every
step against the record; where they do not agree there is no verdict, and the answer is kept all the same.
"""

from __future__ import annotations

import datetime
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from screening.errors import DefectError, Diagnostic, RecordError, UnreadableRecord
from screening.language.library import Library
from screening.outcome.determination import Determination
from screening.outcome.interview import Asking, Page, Progress, Step
from screening.record.subject import Subject

if TYPE_CHECKING:
    from screening.evaluation.answer_line import ReadBack
    from screening.outcome.trace import Trace
    from screening.reports.account import Account
    from screening.reports.line import Line
    from screening.sources.site import SiteDeclaration


class Interview:
    """One person and one protocol. `asking` is what is asked now; `answer`, `back` and `forward` move on.

    `text` is the profile with every answer so far; it is written to `path`, where there is one, after each of
    them. `alerts` are the criteria whose alert fired by an answer: what is asked then is nothing more. What was
    said in `text` not to be known is not asked, unless it is asked `again`, or one goes back to it.
    """

    def __init__(
        self,
        library: Library,
        text: str,
        as_of: datetime.date,
        by: str,
        *,
        path: Path | None = None,
        site: SiteDeclaration | None = None,
        name: str = "",
        burdens: Mapping[str, Decimal] | None = None,
        chances: Mapping[str, Decimal] | None = None,
        again: bool = False,
    ) -> None:
        from screening.evaluation.following import Following
        from screening.guidance.interview import Left, Pages
        from screening.output.kept_file import KeptFile
        from screening.sources.profile_unknown import evidence_of, not_known
        from screening.sources.site import adapted

        self.library, self.as_of, self.by, self.path, self.site = library, as_of, by, path, site
        self.text = self._begun = text
        self.file = KeptFile(path, text) if path is not None else None
        self._following = Following(library, as_of, site, name or (str(path) if path else "profile"))
        self._pages = Pages(adapted(library, site), declared=bool(burdens or chances))
        self._open = Left(library, burdens, chances)
        self._recorded = evidence_of(text)
        known = {requirement.name for requirement in library.requirements}
        said = {} if again else not_known(self._recorded)
        self._passed = {name: day for name, day in said.items() if name in known}
        self._steps: list[Step] = []
        self._at = 0
        self._rest: tuple[str, ...] = ()
        self._most = 0
        self.alerts: tuple[str, ...] = ()
        self._now = self._following.screened(text)
        self._left = self._open.ranked(self._now.subject, as_of, self._now.trace)
        self._look()

    # ------------------------------------------------------------------------------- what is asked

    @property
    def determination(self) -> Determination:
        """What the protocol says of the person by now."""
        return self._now.determination

    @property
    def subject(self) -> Subject:
        """The person by now, as of the day."""
        return self._now.subject.as_of(self.as_of)

    @property
    def trace(self) -> Trace:
        """Every step of the present verdict."""
        return self._now.trace

    @property
    def answers(self) -> int:
        """How many questions were answered, asked again or not."""
        return len({step.progress.question for step in self._steps})

    @property
    def passed(self) -> Mapping[str, str]:
        """What was said earlier not to be known, with the day, and is not asked again."""
        return dict(self._passed)

    @property
    def sessions(self) -> int:
        """How many sessions the chaining engine needed: one, and one more for each answer that was changed."""
        return self._following.sessions

    def _look(self) -> None:
        """Settles what is asked next."""
        if self._at < len(self._steps):
            step = self._steps[self._at]
            self._ask(step.page, step.progress, step.recorded)
            return
        done = {name for step in self._steps for name in step.answered.names}.union(self._passed)
        asked = [name for name in self._left if name not in done]
        number = self._steps[-1].progress.question + 1 if self._steps else 1
        last = self._steps[-1].page if self._rest else None
        rest = tuple(r for r in last.asked if r.name in self._rest and r.name in asked) if last else ()
        pages = self._pages.pages(asked, asked)
        page = self._undated(self._left) or (last.of(rest) if last and rest else None)
        if page is not None:
            # What a question left open is asked again, as the same question.
            number -= 1
        else:
            page = self._pages.now(pages, self._now.trace)
        if page is None:
            self._ask(None, Progress(0, 0, number, self._most, self._most), {})
            return
        first = self._pages.alternatives.asked(self._now.trace, asked)
        others = [name for name in asked if name not in page.names]
        known = [name for name in others if name in first]
        at_most, about = (number + len(self._pages.pages(names, names)) for names in (others, known))
        self._most = at_most
        ways = [*(step.page.obtain for step in self._steps), page.obtain, *(each.obtain for each in pages)]
        blocks = list(dict.fromkeys(ways))
        self._ask(page, Progress(blocks.index(page.obtain) + 1, len(blocks), number, at_most, about), {})

    def _ask(self, page: Page | None, progress: Progress, recorded: Mapping[str, str]) -> None:
        settled = page is None and not self._left
        page = None if self.alerts else page
        left = self._most - self.answers
        self.asking = Asking(self.determination, page, progress, settled, self.alerts, recorded, left)

    def _undated(self, left: Sequence[str]) -> Page | None:
        """What was just said to be so, without a date, where the date decides."""
        if not self._steps or self._steps[-1].page.shape == "when":
            return None
        last = self._steps[-1]
        asked = tuple(r for r in last.page.asked if r.name in left and last.answered.is_undated(r.name))
        return Page(last.page.obtain, "when", asked) if asked else None

    # --------------------------------------------------------------------------------------- answers

    def answer(self, line: str, **beside: Any) -> ReadBack:
        """What a line says of the page that is asked, taken and kept.

        Raises NotTaken where it cannot be taken (nothing is kept then), Wanting where one thing more has to be
        said (`who`, `judge`, `whole` or `sure`, given with the line once more), UnreadableRecord where something
        else wrote the file.
        """
        from screening.evaluation.answer_line import read
        from screening.evaluation.said import Beside

        page = self.asking.page
        if page is None:
            raise DefectError("nothing is asked any more")
        found = read(self.library, page, line, Beside(self.as_of, self.by, **beside))
        self._take(page, found)
        return found

    def _take(self, page: Page, found: ReadBack) -> None:
        from screening.evaluation.units import NotTaken

        steps, answered = list(self._steps), found.answered
        if self._at < len(steps):
            old = steps[self._at]
            steps[self._at] = Step(
                page, old.progress, old.answered.changed(answered), {**old.values, **found.values}
            )
        else:
            steps.append(Step(page, self.asking.progress, answered, found.values))
        text = self._written(steps)
        try:
            now = self._following.screened(text)
        except RecordError as refused:
            first = refused.diagnostics[0]
            raise NotTaken(first.kind, first.message, first.help) from None
        except DefectError:
            # There is no verdict then, and nothing more is asked; what was answered is kept all the same.
            self._keep(text)
            raise
        self._keep(text)
        before = {fired.criterion: fired.facts for fired in self.determination.alerts}
        fired = tuple(a.criterion for a in now.determination.alerts if before.get(a.criterion) != a.facts)
        at_front = self._at == len(self._steps)
        self._steps, self._now, self.text, self.alerts = steps, now, text, fired
        self._rest = tuple(n for n in page.names if n not in answered.names) if at_front else self._rest
        self._at = len(steps)
        self._left = self._open.ranked(now.subject, self.as_of, now.trace)
        self._look()

    def back(self) -> bool:
        """To the question before; from the first one to what was not known earlier; False where nothing was."""
        if self._at == 0 and not self._passed:
            return False
        if self._at == 0:
            self._passed = {}
        else:
            self._at -= 1
        self._look()
        return True

    def forward(self) -> bool:
        """Leaves an earlier question as it was answered; False where there is no answer to leave."""
        if self._at == len(self._steps):
            return False
        self._at += 1
        self._look()
        return True

    # ---------------------------------------------------------------------------------- record, verdict

    def _written(self, steps: Sequence[Step]) -> str:
        from screening.sources.profile_edit import added, edited
        from screening.sources.profile_unknown import marked, unmarked

        items: dict[str, Any] = {}
        unknown: set[str] = set()
        for step in steps:
            items.update(step.answered.items)
            unknown = unknown.difference(step.answered.items) | step.answered.unknown
        before = {name: unmarked(self._recorded.get(name)) for name in unknown.union(items)}
        one = {r.name for r in self.library.requirements if r.take in ("", "latest") and r.readings == 1}
        every = {n: added(said, items[n], n in one) if n in items else said for n, said in before.items()}
        # What was said stays beside what of it is not known: that it was so, and since when nobody knows.
        every |= {name: marked(every[name], self.as_of, self.by) for name in unknown}
        ordered = {n: every[n] for step in steps for n in step.page.names if n in every} | every
        return edited(self._begun, ordered) if ordered else self._begun

    def _keep(self, text: str) -> None:
        """Writes the profile whole or not at all. Raises UnreadableRecord where something else wrote it."""
        if self.file is not None:
            self.file.write(text)

    def begin(self) -> None:
        """Writes the profile before the first question, so that it is known that it can be written."""
        self._keep(self.text)

    def is_kept(self) -> bool:
        """Whether the file holds every answer; where it was deleted, it is written again."""
        return self.file is not None and self.file.holds(self.text)

    def close(self) -> None:
        """Gives back what the chaining engine holds."""
        self._following.close()

    def account(self) -> Account:
        """The present verdict as the reports read it."""
        from screening.reports.account import account
        from screening.sources.site import adapted

        alerts = frozenset(a.criterion for a in self.site.alerts) if self.site else frozenset()
        library = adapted(self.library, self.site)
        return account(library, self.subject, self.trace, self.determination, alerts)


def begun(subject: str, as_of: datetime.date, by: str) -> str:
    """The profile of somebody of whom nothing is known yet."""
    from screening.sources.profile_edit import begun as made

    return made(subject, subject.startswith("SYN-"), f"interview of {as_of.isoformat()} by {by}")


def taken_over(
    data: bytes, library: Library, name: str, site: SiteDeclaration | None = None, subject: str = ""
) -> str | None:
    """A FHIR bundle as the profile to which answers are added; None for a record that is none.

    It holds what the protocol asks of the bundle, with where it stands; the bundle is not touched. Raises
    RecordError as `screen.read_record`, UnsupportedError where it says what no profile can.
    """
    # INVARIANT: a profile imports nothing of FHIR's forms; cold start is the point of asking first.
    if data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] not in (b"{", b"[", b"<"):
        return None
    from screening.sources.fhir import read_bundle
    from screening.sources.fhir_version import looks_like_fhir
    from screening.sources.profile_written import profile_of

    if not looks_like_fhir(data):
        return None
    person = read_bundle(data, library, name=name, site=site, subject=subject)
    return profile_of(person, library, site, f"{name}, as far as {library.name} {library.version} asks")


@dataclass(frozen=True, slots=True)
class Refused:
    """An answer that was not taken: what is wrong, and what is accepted. `kind` is the class of the fault."""

    text: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """An answer of which one thing more has to be said: `who`, `judge`, `whole` or `sure`."""

    want: str
    text: str


def tried(interview: Interview, line: str, beside: Mapping[str, Any]) -> ReadBack | Refused | Wanted:
    """An answer, taken and kept, or why it was not, or what is wanting."""
    from screening.evaluation.said import Wanting
    from screening.evaluation.units import NotTaken

    try:
        return interview.answer(line, **beside)
    except NotTaken as wrong:
        said = f"{wrong.message}{f'; {wrong.help}' if wrong.help else ''}".replace("`", "")
        return Refused(said, wrong.kind.__name__)
    except OSError as wrong:
        why = os.strerror(wrong.errno).lower() if wrong.errno else "an error of the system"
        return Refused(f"this answer was not kept: {why}; answer again once that is mended", "OSError")
    except Wanting as wanting:
        return Wanted(wanting.want, wanting.text)


def beside(wanted: Wanted, said: str) -> dict[str, Any] | None:
    """What was answered to what was wanting; None where it is no answer to that."""
    from screening.evaluation.said import answer_to

    return answer_to(wanted.want, said)


def answered_by_name(interview: Interview, data: bytes, name: str) -> None:
    """Answers what a file answers by names; the others are not asked. Raises RecordError, NameFault."""
    from screening.evaluation.answer_file import Named

    named = Named(interview.library, data, name)
    while (page := interview.asking.page) is not None:
        for line, beside in named.lines(page):
            found = tried(interview, line, beside)
            if not isinstance(found, Refused | Wanted):
                break
            raise UnreadableRecord(Diagnostic(named.at(page), told_apart(interview, found), UnreadableRecord))


# ------------------------------------------------------------------------------ what is shown


def told_head(interview: Interview, width: int = 80) -> list[Line]:
    """Which rules, which person, the alerts that are on record, and what is not asked again."""
    from screening.reports import interview as report

    return report.head(interview.account(), interview.passed, width)


def told_page(interview: Interview, width: int = 80) -> list[Line]:
    """The question that is asked now."""
    from screening.reports import interview_page as report

    return report.page(interview.library, interview.asking, width)


def told_back(page: Page, found: ReadBack, width: int = 80) -> list[Line]:
    """An answer read back: what was recorded, and who says so."""
    from screening.reports import interview as report

    return report.read_back(page, found.answered, found.values, width)


def told_refused(why: str, width: int = 80) -> list[Line]:
    """Why an answer was not taken."""
    from screening.reports import interview as report

    return report.refused(why, width)


def told_apart(interview: Interview, found: Refused | Wanted) -> str:
    """Why an answer of a file was not taken, without what it says: which question, and what is accepted."""
    from screening.reports import interview_page as report

    return report.not_taken(interview.asking, found.kind if isinstance(found, Refused) else found.want)


def told_wanted(wanted: Wanted, width: int = 80) -> list[Line]:
    """What has to be said beside an answer."""
    from screening.reports import interview as report

    return report.wanted(wanted.want, wanted.text, width)


def told_end(interview: Interview, kept: str | None, width: int = 80) -> list[Line]:
    """What comes of an interview that is over or stopped: alert, verdict, bars, what was not asked."""
    from screening.reports import interview as report

    return report.end(interview.account(), interview.asking, interview.answers, kept, width, interview._open.anew)
