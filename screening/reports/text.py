"""A determination for a terminal: at most 22 rows of 80 columns where that cuts nothing that must be seen.

Shortened, in this order, are met inclusions, open criteria, names of what is to be obtained, and
provenance; whatever is left out is counted. DRAFT, alerts, verdict, bars, causes of review, sign-off and
fixed words are never cut: if they need more rows, the screen is longer.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from screening.language.library import Criterion
from screening.outcome.determination import AlertFired, Verdict
from screening.reports import verdict as sentences
from screening.reports.account import Account, is_chosen, is_unverified
from screening.reports.line import AGAINST, OPEN, Line, marked, paragraph, titled
from screening.reports.reason import Point, alert_points, gap_lines, points, until_text, word_of
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
    UNVERIFIED,
    WIDTH,
    counted,
    cut_to,
    folded,
    grouped_digest,
    joined,
    safe,
    shortened,
    sided,
)
from screening.values.truth import TRUE

HINT = "More: --all, --trace, --help"
_VERDICTS = {
    Verdict.ELIGIBLE: (MET, ""),
    Verdict.INELIGIBLE: (AGAINST_MARK, AGAINST),
    Verdict.UNDETERMINED: (OPEN_MARK, OPEN),
    Verdict.REVIEW: (REVIEW_MARK, OPEN),
}
_LONGEST_TITLE = 44


@dataclass(frozen=True, slots=True)
class Shape:
    """How much of what may be shortened is shown."""

    met: int
    open: int
    names: int
    provenance: bool
    full: bool = False
    whole: bool = False


def head(account: Account) -> list[Line]:
    """Which rules and which person, in the first two lines."""
    library = account.library
    left = f"{safe(library.name)} {safe(library.version)}  {sentences.status_of(library)}"
    lines = sided(left, f"rules {grouped_digest(library.digest)}")
    lines += sided(sentences.person_of(account), f"site: {safe(account.subject.site) or 'none declared'}")
    changed = sentences.changed_sentence(library)
    found = [Line(text) for text in lines]
    return [*found, *(titled("Changed", changed) if changed else [])]


def alert(account: Account, fired: AlertFired) -> list[Line]:
    """What was seen, when, the limit, what to do, and that nobody was told."""
    criterion = account.criteria[fired.criterion]
    seen = [said(point, provenance=True) for point in alert_points(account, fired.facts)]
    what = criterion.alert
    texts = ["; ".join(seen) or shortened(safe(criterion.text))]
    if what is not None and what.text:
        texts.append(_sentence(safe(what.text), f" {SITE_CHOICE}" if criterion.chosen else ""))
    escalate = _sentence(safe(what.escalate)) + " " if what is not None and what.escalate else ""
    own = fired.criterion in account.site_alerts
    texts.append(f"Site text: {escalate}".strip() if own else f"{escalate}{NO_SITE_TEXT}")
    texts.append(NOBODY_TOLD)
    indent = " " * MARGIN
    first = folded(texts[0], f"{ALERT_MARK} ALERT  {criterion.id:<8}", indent)
    rest = [line for text in texts[1:] for line in folded(text, indent, indent)]
    return [Line(text, AGAINST, len(ALERT_MARK), is_alert=n == 0) for n, text in enumerate([*first, *rest])]


def _sentence(text: str, mark: str = "") -> str:
    text = text.rstrip(".")
    return f"{text[:1].upper()}{text[1:]}{mark}."


def verdict(account: Account, found: Sorted) -> list[Line]:
    """The verdict with its standing, and the sentence that belongs to it."""
    determination = account.determination
    mark, token = _VERDICTS[determination.verdict]
    word = determination.verdict.value
    left = f"{mark} {word:<13} {sentences.verdict_phrase(account, found)}"
    lines = sided(left, sentences.standing_phrase(determination.standing))
    first = Line(lines[0], token, 1, (2, 2 + len(word)))
    under = sentences.verdict_sentence(account, found)
    return [first, *(Line(text) for text in lines[1:]), *(paragraph(under, "  ", "  ") if under else [])]


# ------------------------------------------------------------------------------------ criteria


def said(point: Point, provenance: bool, alone: bool = False) -> str:
    """One point on one line: label, value, date, limit, place."""
    value = point.value + (point.scale if alone else "")
    named = f"{point.label}: {value}" if value in ("yes", "no") else f"{point.label} {value}".strip()
    text = joined((named, point.gap, point.dated, point.passed))
    limit = f" (limit {point.limit})" if point.limit else ""
    origin = f"; {point.origin}" if provenance and point.origin else ""
    return text + limit + origin


def title_of(criterion: Criterion, width: int = _LONGEST_TITLE) -> str:
    """The sentence of a criterion, short enough to stand before its reasons."""
    text = shortened(safe(criterion.text)).rstrip(".")
    if len(text) > width:
        head, _, _ = text.partition("; ")
        text = head if len(head) <= width else head.partition(", ")[0] if ", " in head else head
    if text[1:2].islower() or text[1:2] == " ":
        text = text[:1].lower() + text[1:]
    return cut_to(text, width)


class Screen:
    """One screen in the making; what is said of a criterion is said once and only cut afterwards."""

    def __init__(self, account: Account) -> None:
        self.account, self.found = account, sentences.sort(account)
        self.texts: dict[tuple[str, bool, bool], tuple[str, str]] = {}

    def mark(self, criterion: Criterion) -> tuple[str, str]:
        found = self.found
        if criterion in found.bars:
            return AGAINST_MARK, AGAINST
        if criterion in found.review:
            return REVIEW_MARK, OPEN
        if criterion in found.not_applicable:
            return NOT_APPLICABLE_MARK, ""
        if criterion in found.open or criterion in found.not_arranged:
            return OPEN_MARK, OPEN
        return MET, ""

    def text(self, criterion: Criterion, shape: Shape) -> tuple[str, str]:
        """State, sentence and reasons of a criterion, and the marks on the line of its limit."""
        key = (criterion.id, shape.provenance, shape.whole)
        if key not in self.texts:
            self.texts[key] = self._text(criterion, shape)
        return self.texts[key]

    def _text(self, criterion: Criterion, shape: Shape) -> tuple[str, str]:
        account, finding = self.account, self.account.findings[criterion.id]
        word = word_of(criterion, finding)
        every = points(account, criterion)
        gaps = [point for point in every if point.gap]
        alone = len(every) == 1 and bool(every[0].limit) and not gaps
        parts = [said(point, shape.provenance, alone) for point in every if not point.gap] + gap_lines(gaps)
        title = "" if alone else title_of(criterion, 10 * WIDTH if shape.whole else _LONGEST_TITLE)
        body = "; ".join(parts)
        text = f"{title}: {word}; {body}" if word == "unknown" else f"{word}: {joined((title, body), ': ')}"
        chosen = is_chosen(criterion, account.library, account.expressions)
        unverified = is_unverified(criterion, account.library, account.expressions)
        marks = (f" {SITE_CHOICE}" if chosen else "") + (f" {UNVERIFIED}" if unverified else "")
        return shortened(text.rstrip("; :")), marks

    def whole(self, criterion: Criterion, shape: Shape, more: str = "") -> list[Line]:
        """A criterion in full: its reasons, what lifts it, and what is to be done about it."""
        text, marks = self.text(criterion, shape)
        texts = [f"{text}{marks}{more}"]
        finding = self.account.findings[criterion.id]
        if criterion in self.found.bars and criterion.until:
            texts.append(until_text(self.account, criterion))
        if criterion in self.found.review and finding.truth is TRUE and criterion.note:
            texts.append(safe(criterion.note).partition(". ")[0].rstrip("."))
        if finding.contradicted:
            texts.append("what is recorded contradicts itself: correct the record, or review it")
        mark, token = self.mark(criterion)
        return marked(mark, token, criterion.id, texts)

    def short(self, criterion: Criterion, shape: Shape, more: str = "") -> list[Line]:
        """A criterion on one line, cut where it is too long; marks and counts are never cut."""
        text, marks = self.text(criterion, shape)
        mark, token = self.mark(criterion)
        tail = marks + more
        return marked(mark, token, criterion.id, [cut_to(text, WIDTH - MARGIN - len(tail)) + tail])

    def listed(
        self, criteria: tuple[Criterion, ...], shape: Shape, full: bool, more: str = ""
    ) -> Iterator[Line]:
        """Criteria one after the other; `more` counts, on the last of them, those that are left out."""
        for position, criterion in enumerate(criteria):
            tail = f"; {more}" if more and position == len(criteria) - 1 else ""
            yield from (self.whole if full else self.short)(criterion, shape, tail)

    def settled(self, shape: Shape) -> Iterator[Line]:
        """Inclusions that are met and criteria that do not apply, so many of them, the others counted."""
        found = self.found
        left = len(found.met) - shape.met
        if shape.met or shape.whole:
            more = f"{left} more met" if left > 0 else ""
            yield from self.listed(found.met[: shape.met], shape, shape.full, more)
        elif found.met and self.account.determination.verdict is not Verdict.ELIGIBLE:
            yield Line(f"{MET} {counted(len(found.met), 'inclusion')} met, not listed here")
        if shape.whole:
            yield from self.listed(found.not_applicable, shape, True)
        elif shape.met and found.not_applicable:
            others = [c.id for c in found.not_applicable[1:]]
            more = f"{' and '.join(others)} too" if len(others) < 3 else f"{len(others)} more"
            yield from self.listed(found.not_applicable[:1], shape, False, more if others else "")
        if shape.whole:
            yield from self.listed((*found.absent, *found.in_place), shape, True)

    def open(self, shape: Shape) -> Iterator[Line]:
        """Criteria that are unknown, so many of them, the others counted with what was searched at all."""
        waiting = (*self.found.not_arranged, *self.found.open)
        yield from self.listed(waiting[: shape.open], shape, shape.full)
        rest = waiting[shape.open :]
        if not rest:
            return
        kinds = sentences.categories(rest)
        text = (
            f"? {kinds} {'more are' if shape.open else 'are'} unknown."
            if len(rest) > 1
            else f"? {kinds} more."
        )
        if self.account.determination.verdict is Verdict.UNDETERMINED:
            text += f" {sentences.searched_sentence(self.account)}"
        lines = folded(text, "", " " * MARGIN)
        yield Line(lines[0], OPEN, 1)
        yield from (Line(line) for line in lines[1:])

    def obtain(self, shape: Shape) -> list[Line]:
        """What is to be obtained, grouped by how, with names as far as there is room."""
        groups = sentences.to_obtain(self.account)
        if not groups:
            return []
        total = counted(sum(group.count for group in groups), "item")
        parts = []
        for group in groups:
            names = [shortened(name) for name in group.labels[: shape.names]]
            left = len(group.labels) - len(names)
            if left and names:
                names.append(f"{left} more")
            named = f" ({', '.join(names)})" if names else ""
            parts.append(f"{SHORT_OBTAINED.get(group.way, group.way)} {group.count}{named}")
        return paragraph(f"To obtain, {total}: {', '.join(parts)}.", "", "  ")

    # ------------------------------------------------------------------------------- the whole

    def shapes(self) -> Iterator[Shape]:
        """From all to the least that may be shown, in the order of rule 1.2."""
        met, waiting = len(self.found.met), len(self.found.open) + len(self.found.not_arranged)
        names = max((len(group.labels) for group in sentences.to_obtain(self.account)), default=0)
        few, least = min(met, 1), min(waiting, 3)
        yield Shape(met, waiting, names, True, full=True)
        for n in range(met, few, -1):
            yield Shape(n, waiting, names, True)
        for n in range(waiting, least, -1):
            yield Shape(few, n, names, True)
        for n in range(min(names, 8), 0, -1):
            yield Shape(few, least, n, True)
        for n in range(least, -1, -1):
            yield Shape(few, n, 1, True)
        yield Shape(few, 0, 0, True)
        yield Shape(0, 0, 0, True)
        yield Shape(0, 0, 0, False)

    def composed(self, shape: Shape) -> list[Line]:
        account, found = self.account, self.found
        outcome = account.determination.verdict
        lines = [*head(account), Line("")]
        for fired in account.determination.alerts:
            lines += alert(account, fired)
        lines += verdict(account, found)
        if outcome is Verdict.ELIGIBLE or shape.whole:
            lines += paragraph(sentences.counts_sentence(found), "  ", "  ")
        lines += self.listed((*found.bars, *found.review), shape, True)
        lines += self.settled(shape)
        lines += self.open(shape)
        rescreen = sentences.rescreen_sentence(account, found)
        if rescreen:
            lines += titled("Rescreen", rescreen)
        lines += self.obtain(shape)
        if outcome is Verdict.INELIGIBLE:
            lines += paragraph(NOT_A_JUDGEMENT, "  ", "  ")
        if outcome is Verdict.REVIEW:
            lines += paragraph("A review is closed by two named people, with a reason.")
        lines += titled("Sign-off", sentences.sign_off_sentence(account.library))
        lines += titled("Assumed", sentences.assumed_sentence(account))
        lines += _noticed(account, shape)
        return [*lines, Line(""), *fixed_words(account, shape.whole)]


def screenful(account: Account, everything: bool = False) -> list[Line]:
    """The whole screen; with `everything` nothing is shortened and the fixed words stand in full."""
    screen = Screen(account)
    if everything:
        found = screen.found
        waiting = len(found.open) + len(found.not_arranged)
        return screen.composed(Shape(len(found.met), waiting, 1000, True, True, True))
    lines: list[Line] = []
    for shape in screen.shapes():
        lines = screen.composed(shape)
        if len(lines) <= ROWS:
            break
    return lines


def _noticed(account: Account, shape: Shape) -> list[Line]:
    """What was set aside, merged or passed over; the first of it, the others counted."""
    notices = [_notice(n.requirement, n.place, n.text) for n in account.subject.notices]
    if not notices:
        return []
    if shape.whole:
        return [line for n, text in enumerate(notices) for line in titled("" if n else "Noticed", text)]
    more = f"; {len(notices) - 1} more: screening validate" if len(notices) > 1 else ""
    first = next((n for n in notices if "as-of date is" in n), notices[0])
    return titled("Noticed", cut_to(shortened(first), WIDTH - MARGIN - len(more)) + more)


def _notice(requirement: str, place: str, text: str) -> str:
    return joined((safe(requirement), joined((safe(text), safe(place)), "; ")), ": ")


def fixed_words(account: Account, whole: bool) -> list[Line]:
    """The words that stand on every screen, print and export."""
    own = [safe(words) for words in account.library.fixed_words]
    if whole:
        return [line for text in (DECISION_SUPPORT_FULL, *own) for line in paragraph(text)]
    lines = paragraph(DECISION_SUPPORT)
    if own:
        lines += paragraph(shortened(" ".join(own)))
    if len(lines[-1].text) + 2 + len(HINT) <= WIDTH:
        last = lines[-1].text
        return [*lines[:-1], Line(last + " " * (WIDTH - len(last) - len(HINT)) + HINT)]
    return lines
