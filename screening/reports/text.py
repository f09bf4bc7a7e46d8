"""A determination for a terminal: at most 22 rows of 80 columns where that cuts nothing that must be seen.

Shortened, in this order, are met inclusions, open criteria, names of what is to be obtained, what is near a limit,
and provenance; whatever is left out is counted. DRAFT, alerts, verdict, bars, causes of review, sign-off and
fixed words are never cut: if they need more rows, the screen is longer.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from screening.language.library import Criterion
from screening.outcome.determination import AlertFired, Verdict
from screening.reports import verdict as sentences
from screening.reports.account import Account
from screening.reports.ahead import ahead_sentence
from screening.reports.criterion import Wording, in_brief, said, wording
from screening.reports.label import called, closing_sentence, has_standing, outputs_sentence
from screening.reports.line import AGAINST, OPEN, Line, marked, paragraph, titled
from screening.reports.margin import near_sentence
from screening.reports.reason import alert_points, until_text
from screening.reports.verdict import Sorted
from screening.reports.words import (
    AGAINST as AGAINST_MARK,
)
from screening.reports.words import (
    ALERT_MARK,
    DECISION_SUPPORT,
    DECISION_SUPPORT_FULL,
    MARGIN,
    MET,
    NO_SITE_TEXT,
    NOBODY_TOLD,
    NOT_A_JUDGEMENT,
    NOT_APPLICABLE_MARK,
    OPEN_MARK,
    REVIEW_MARK,
    ROWS,
    SHORT_OBTAINED,
    SITE_CHOICE,
    columns,
    counted,
    folded,
    grouped_digest,
    joined,
    safe,
    shortened,
    sided,
    window,
)
from screening.values.frozen import dataclass
from screening.values.truth import TRUE

HINT = "More: --all, --trace, --help"
_VERDICTS = {
    Verdict.ELIGIBLE: (MET, ""),
    Verdict.INELIGIBLE: (AGAINST_MARK, AGAINST),
    Verdict.UNDETERMINED: (OPEN_MARK, OPEN),
    Verdict.REVIEW: (REVIEW_MARK, OPEN),
}
_MOST_NAMES = 1000


@dataclass(frozen=True, slots=True)
class Shape:
    """How much of what may be shortened is shown."""

    met: int
    open: int
    names: int
    aside: bool = True
    provenance: bool = True
    near: bool = True
    full: bool = False
    whole: bool = False


LEAST = Shape(0, 0, 0, near=False)


def head(account: Account) -> list[Line]:
    """Which rules and which person, in the first two lines."""
    library = account.library
    left = f"{safe(library.name)} {safe(library.version)}  {sentences.status_of(library)}"
    lines = sided(left, f"rules {grouped_digest(library.digest)}")
    lines += sided(sentences.person_of(account), f"site: {safe(account.subject.site) or 'none declared'}")
    changed = sentences.changed_sentence(library)
    found = [Line(text) for text in lines]
    found += titled("Changed", changed) if changed else []
    found += titled("Not yet", early) if (early := sentences.not_yet_sentence(library, account.as_of)) else []
    return [*found, *(titled("Missing", missing) if (missing := sentences.missing_sentence(library)) else [])]


def alert(account: Account, fired: AlertFired) -> list[Line]:
    """What was seen, when, the limit, what to do, and that nobody was told."""
    criterion = account.criteria[fired.criterion]
    seen = [said(p, provenance=True) for p in in_brief(account, alert_points(account, criterion, fired.facts))]
    what = criterion.alert
    texts = ["; ".join(seen) or shortened(safe(criterion.text))]
    told: list[str] = []
    if what is not None and what.text:
        text = safe(what.text)
        told.append(_sentence(f"limit: {text[:1].lower()}{text[1:]}", SITE_CHOICE if criterion.chosen else ""))
    act = _sentence(safe(what.escalate)) if what is not None and what.escalate else ""
    own = fired.criterion in account.site_alerts
    texts.append(joined((*told, f"Site text: {act}" if own else joined((act, NO_SITE_TEXT), " ")), " "))
    texts.append(NOBODY_TOLD)
    indent = " " * MARGIN
    first = folded(texts[0], f"{ALERT_MARK} ALERT  {criterion.id:<8}", indent)
    rest = [line for text in texts[1:] for line in folded(text, indent, indent)]
    return [Line(first[0], AGAINST, len(ALERT_MARK), is_alert=True), *map(Line, [*first[1:], *rest])]


def _sentence(text: str, mark: str = "") -> str:
    text = text.rstrip(".")
    return f"{text[:1].upper()}{text[1:]}{f' {mark}' if mark else ''}."


def verdict(account: Account, found: Sorted) -> list[Line]:
    """The verdict with its standing, the sentences that belong to it, and what is told beside it."""
    determination = account.determination
    mark, token = _VERDICTS[determination.verdict]
    word = called(account)
    # Two blanks at least, so that a label of several words does not run into what follows.
    left = f"{mark} {f'{word}  ':<14}{sentences.verdict_phrase(account, found)}"
    standing = sentences.standing_phrase(determination.standing) if has_standing(account.library) else ""
    lines = sided(left, standing) if standing else folded(left, rest="  ")
    first = Line(lines[0], token, 1, (2, 2 + len(word)))
    under = sentences.verdict_sentence(account, found)
    told = outputs_sentence(account)
    below = [*(paragraph(under, "  ", "  ") if under else []), *(titled("Outputs", told) if told else [])]
    return [first, *(Line(text) for text in lines[1:]), *below]


# ------------------------------------------------------------------------------------ criteria


class Screen:
    """One screen in the making; what is said of a criterion is said once and only cut afterwards."""

    def __init__(self, account: Account) -> None:
        self.account, self.found = account, sentences.sort(account)
        self.waiting = (*self.found.not_arranged, *self.found.open)
        self.groups = sentences.to_obtain(account)
        self.wordings: dict[tuple[str, bool, bool], Wording] = {}
        self.named: dict[int, list[Line]] = {}
        near = near_sentence(account)
        self.near = titled("Near", near) if near else []
        found = self.found
        groups: tuple[tuple[tuple[Criterion, ...], str, str], ...] = (
            (found.bars, AGAINST_MARK, AGAINST),
            (found.review, REVIEW_MARK, OPEN),
            (found.not_applicable, NOT_APPLICABLE_MARK, ""),
            (self.waiting, OPEN_MARK, OPEN),
        )
        self.marks = {c.id: (mark, token) for criteria, mark, token in groups for c in criteria}

    def mark(self, criterion: Criterion) -> tuple[str, str]:
        return self.marks.get(criterion.id, (MET, ""))

    def wording(self, criterion: Criterion, provenance: bool, whole: bool) -> Wording:
        key = (criterion.id, provenance, whole)
        if key not in self.wordings:
            self.wordings[key] = wording(self.account, criterion, provenance, whole)
        return self.wordings[key]

    @property
    def is_lone(self) -> bool:
        """Whether the protocol is a single criterion (a score with its limit): there is room for its note."""
        return len(self.account.criteria) == 1

    def full(self, criterion: Criterion, shape: Shape) -> list[Line]:
        """A criterion in full: its reasons, what lifts it, and what is to be done about it."""
        worded = self.wording(criterion, shape.provenance, shape.whole)
        texts = [worded.full(2)]
        finding = self.account.findings[criterion.id]
        if criterion in self.found.bars and criterion.until:
            texts.append(until_text(self.account, criterion))
        # Among many criteria a note ("ends the series") below one that is open would read as a finding.
        if self.is_lone:
            texts += [safe(criterion.note)] if criterion.note else []
        elif criterion in self.found.review and finding.truth is TRUE and criterion.note:
            texts.append(safe(criterion.note).partition(". ")[0].rstrip("."))
        if finding.contradicted:
            texts.append("what is recorded contradicts itself: correct the record, or review it")
        mark, token = self.mark(criterion)
        return marked(mark, token, criterion.id, texts)

    def short(self, criterion: Criterion, provenance: bool, more: str = "") -> Line:
        """A criterion on one line; marks and counts are never cut."""
        mark, token = self.mark(criterion)
        text = self.wording(criterion, provenance, False).within(window() - MARGIN - len(more)) + more
        return marked(mark, token, criterion.id, [text])[0]

    def settled(self, shape: Shape) -> list[Line]:
        """Inclusions that are met and criteria that do not apply, so many of them, the others counted."""
        found = self.found
        if shape.whole:
            every = (*found.met, *found.not_applicable, *found.absent, *found.in_place)
            return [line for criterion in every for line in self.full(criterion, shape)]
        left = [
            f"{len(found.met) - shape.met} more met" if shape.met < len(found.met) else "",
            f"{len(found.not_applicable)} not applicable" if found.not_applicable and not shape.aside else "",
        ]
        more = joined(left)
        if self.is_lone and found.met:
            return self.full(found.met[0], shape)
        shown = found.met[: shape.met]
        lines = [
            self.short(criterion, False, f"; {more}" if more and criterion is shown[-1] else "")
            for criterion in shown
        ]
        if not shown and self.account.determination.verdict is not Verdict.ELIGIBLE and more:
            counts = more.replace(" more met", " inclusions met").replace("1 inclusions", "1 inclusion")
            lines.append(Line(f"{MET} {counts}, not listed here"))
        if shape.aside and found.not_applicable:
            first, *others = found.not_applicable
            too = " and ".join(c.id for c in others)
            others_text = f"; {too} too" if 0 < len(others) < 3 else f"; {len(others)} more" if others else ""
            lines.append(self.short(first, False, others_text))
        return lines

    def open(self, shape: Shape) -> list[Line]:
        """Criteria that are unknown, so many of them, the others counted with what was searched at all."""
        if shape.whole or shape.full:
            return [line for criterion in self.waiting for line in self.full(criterion, shape)]
        # What is known not to be in place is no open question: it is never left out.
        lines = [line for criterion in self.found.not_arranged for line in self.full(criterion, shape)]
        count = max(0, shape.open - len(self.found.not_arranged))
        lines += [self.short(criterion, shape.provenance) for criterion in self.found.open[:count]]
        rest = self.found.open[count:]
        if not rest:
            return lines
        more, verb = "more " if count else "", "is" if len(rest) == 1 else "are"
        text = f"? {sentences.categories(rest)} {more}{verb} unknown."
        counts = folded(text, "", " " * MARGIN)
        if self.account.determination.verdict is Verdict.UNDETERMINED:
            counts += folded(sentences.searched_sentence(self.account), " " * MARGIN, " " * MARGIN)
        return [*lines, Line(counts[0], OPEN, 1), *(Line(line) for line in counts[1:])]

    def obtain(self, names: int) -> list[Line]:
        """What is to be obtained, grouped by how, with so many names of each way."""
        if not self.groups or names in self.named:
            return self.named.get(names, [])
        total = counted(sum(group.count for group in self.groups), "item")
        parts = []
        for group in self.groups:
            shown = [shortened(name) for name in group.labels[:names]]
            left = len(group.labels) - len(shown)
            if left and shown:
                shown.append(f"{left} more")
            named = f" ({', '.join(shown)})" if shown else ""
            parts.append(f"{SHORT_OBTAINED.get(group.way, group.way)} {group.count}{named}")
        text, ahead = f"To obtain, {total}: {', '.join(parts)}.", self.account.ahead
        if ahead is None or names:
            self.named[names] = paragraph(text, "", "  ")
            self.named[names] += paragraph(ahead_sentence(self.account, ahead), "  ", "  ") if ahead else []
        else:
            # Where no room is left for names, none is left for a row of its own either.
            self.named[names] = paragraph(f"{text} {ahead_sentence(self.account, ahead, True)}", "", "  ")
        return self.named[names]

    # ------------------------------------------------------------------------------- the whole

    def before(self, shape: Shape) -> list[Line]:
        """What is never cut, down to the causes of review."""
        lines = [*head(self.account), Line("")]
        for fired in self.account.determination.alerts:
            lines += alert(self.account, fired)
        lines += verdict(self.account, self.found)
        if self.account.determination.verdict is Verdict.ELIGIBLE or shape.whole:
            lines += paragraph(sentences.counts_sentence(self.found), "  ", "  ")
        for criterion in (*self.found.bars, *self.found.review):
            lines += self.full(criterion, shape)
        return lines

    def after(self, shape: Shape) -> list[Line]:
        """What is never cut, from the verdict's own words to the fixed ones."""
        outcome = self.account.determination.verdict
        lines = []
        if outcome is Verdict.INELIGIBLE:
            lines += paragraph(NOT_A_JUDGEMENT, "  ", "  ")
        closing = closing_sentence(self.account)
        lines += paragraph(closing) if closing else []
        lines += titled("Sign-off", sentences.sign_off_sentence(self.account.library, shape.whole))
        lines += titled("Assumed", sentences.assumed_sentence(self.account))
        lines += _noticed(self.account, shape)
        return [*lines, Line(""), *fixed_words(self.account, shape.whole)]

    def between(self, shape: Shape) -> list[Line]:
        rescreen = sentences.rescreen_sentence(self.account, self.found)
        lines = titled("Rescreen", rescreen) if rescreen else []
        lines += self.near if shape.near else []
        return [*self.settled(shape), *self.open(shape), *lines, *self.obtain(shape.names)]

    def shapes(self, room: int) -> Iterator[Shape]:
        """From all to the least that may be shown in so many rows, in the order of rule 1.2."""
        met, every = min(len(self.found.met), room), len(self.waiting)
        # Each takes a row at least, and one more counts those that are left out.
        waiting = every if every <= room else max(0, room - 1)
        names = max((len(group.labels) for group in self.groups), default=0)
        few, least, some = min(met, 1), min(waiting, 3), min(names, 3)
        if every <= room:
            yield Shape(met, waiting, names, full=True)
        for n in range(met, few - 1, -1):
            yield Shape(n, waiting, names)
        for n in range(waiting, least - 1, -1):
            yield from (Shape(few, n, names), Shape(few, n, some))
        for n in range(some, 0, -1):
            yield Shape(few, least, n)
        tight = Shape(few, least, 1, near=False)
        yield tight
        yield replace(tight, aside=False)
        for n in range(least, -1, -1):
            yield replace(tight, open=n, aside=False)
        for n in (1, 0):
            yield replace(tight, open=0, names=n, aside=False)
        yield replace(LEAST, aside=False)
        yield replace(LEAST, aside=False, provenance=False)

    def with_names(self, shape: Shape) -> Shape:
        """The same shape with as many names of what is to be obtained as take no further row."""
        rows = len(self.obtain(shape.names))
        most = max((len(group.labels) for group in self.groups), default=0)
        fitting = (n for n in range(most, shape.names, -1) if len(self.obtain(n)) <= rows)
        return replace(shape, names=next(fitting, shape.names))


def screenful(account: Account, everything: bool = False) -> list[Line]:
    """The whole screen; with `everything` nothing is shortened and the fixed words stand in full."""
    screen = Screen(account)
    if everything:
        whole = Shape(len(screen.found.met), len(screen.waiting), _MOST_NAMES, whole=True)
        return [*screen.before(whole), *screen.between(whole), *screen.after(whole)]
    last = screen.after(LEAST)
    edges = {told: screen.before(replace(LEAST, provenance=told)) for told in (True, False)}
    tried = [LEAST]
    for shape in screen.shapes(max(0, ROWS - len(edges[True]) - len(last))):
        tried.append(shape)
        if len(edges[shape.provenance]) + len(screen.between(shape)) + len(last) <= ROWS:
            break
    shape = screen.with_names(tried[-1])
    return [*edges[shape.provenance], *screen.between(shape), *last]


def _noticed(account: Account, shape: Shape) -> list[Line]:
    """What was set aside, merged or left out; how old the extract is, the others counted."""
    notices = account.subject.notices
    if shape.whole:
        texts = [_notice(n.requirement, n.place, n.text) for n in notices]
        return [line for n, text in enumerate(texts) for line in titled("" if n else "Noticed", text)]
    late = [n for n in notices if n.text.startswith("the as-of date is ")]
    shown = late[:1] or (notices if len(notices) == 1 else ())
    text = joined(shortened(_notice(n.requirement, "" if late else n.place, n.text)) for n in shown)
    left = len(notices) - len(shown)
    more = f"{counted(left, 'notice')} (set aside, merged, left out): --all" if left else ""
    told = joined((text, f"{left} more: --all" if text and left else more), "; ")
    return titled("Noticed", told) if told else []


def _notice(requirement: str, place: str, text: str) -> str:
    return joined((safe(requirement), joined((safe(text), safe(place)), "; ")), ": ")


def fixed_words(account: Account, whole: bool) -> list[Line]:
    """The words that stand on every screen, print and export."""
    own = sentences.protocol_words(account.library)
    if whole:
        return [line for text in (DECISION_SUPPORT_FULL, *own) for line in paragraph(text)]
    lines = paragraph(DECISION_SUPPORT)
    if own:
        lines += paragraph(shortened(" ".join(own)))
    roomy = [n for n, line in enumerate(lines) if columns(line.text) + 2 + len(HINT) <= window()]
    if roomy:
        text = lines[roomy[-1]].text
        lines[roomy[-1]] = Line(text + " " * (window() - columns(text) - len(HINT)) + HINT)
    return lines
