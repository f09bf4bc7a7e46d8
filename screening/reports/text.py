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
    NOBODY_TOLD,
    NO_SITE_TEXT,
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
    seen = [_said(point, provenance=True) for point in alert_points(account, fired.facts)]
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


def _said(point: Point, provenance: bool) -> str:
    """One point on one line: label, value, date, limit, place."""
    value = joined((f"{point.label} {point.value}".strip(), point.gap, point.dated, point.passed))
    limit = f" (limit {point.limit})" if point.limit else ""
    origin = f"; {point.origin}" if provenance and point.origin else ""
    return value + limit + origin


def title_of(criterion: Criterion, width: int = _LONGEST_TITLE) -> str:
    """The sentence of a criterion, short enough to stand before its reasons."""
    text = shortened(safe(criterion.text)).rstrip(".")
    if len(text) > width:
        head, _, _ = text.partition("; ")
        text = head if len(head) <= width else head.partition(", ")[0] if ", " in head else head
    if text[1:2].islower() or text[1:2] == " ":
        text = text[:1].lower() + text[1:]
    return cut_to(text, width)


def marks_of(account: Account, criterion: Criterion) -> str:
    """The marks on the line of a limit: `[site choice]`, `[unverified]`."""
    chosen = is_chosen(criterion, account.library, account.expressions)
    unverified = is_unverified(criterion, account.library, account.expressions)
    return (f" {SITE_CHOICE}" if chosen else "") + (f" {UNVERIFIED}" if unverified else "")


def _mark_of(account: Account, criterion: Criterion, found: Sorted) -> tuple[str, str]:
    if criterion in found.bars:
        return AGAINST_MARK, AGAINST
    if criterion in found.review:
        return REVIEW_MARK, OPEN
    if criterion in found.not_applicable:
        return NOT_APPLICABLE_MARK, ""
    if criterion in found.open or criterion in found.not_arranged:
        return OPEN_MARK, OPEN
    return MET, ""


def reasons_text(account: Account, criterion: Criterion, shape: Shape) -> str:
    """State, sentence and reasons of a criterion in one text."""
    finding = account.findings[criterion.id]
    word = word_of(criterion, finding)
    every = points(account, criterion)
    gaps = [point for point in every if point.gap]
    parts = [_said(point, shape.provenance) for point in every if not point.gap] + gap_lines(gaps)
    body = "; ".join(parts)
    told = len(every) == 1 and bool(every[0].limit) and not gaps
    title = "" if told else title_of(criterion, WIDTH if shape.whole else _LONGEST_TITLE)
    if word == "unknown" and title:
        text = f"{title}: unknown; {body}"
    else:
        text = f"{word}: {joined((title, body), ': ')}"
    return shortened(text.rstrip("; :")) + marks_of(account, criterion)


def criterion_lines(account: Account, criterion: Criterion, found: Sorted, shape: Shape) -> list[Line]:
    """A criterion in full: its reasons, and what lifts it."""
    mark, token = _mark_of(account, criterion, found)
    texts = [reasons_text(account, criterion, shape)]
    finding = account.findings[criterion.id]
    if criterion in found.bars and criterion.until:
        texts.append(until_text(account, criterion))
    if criterion in found.review and finding.truth is TRUE and criterion.note:
        texts.append(_first_sentence(safe(criterion.note)))
    if finding.contradicted:
        texts.append("contradicted: what is recorded contradicts itself; correct the record or review it")
    return marked(mark, token, criterion.id, texts)


def _first_sentence(text: str) -> str:
    return text.partition(". ")[0].rstrip(".")


def one_line(
    account: Account, criterion: Criterion, found: Sorted, shape: Shape, more: str = ""
) -> list[Line]:
    """A criterion on one line, cut where it is too long; `more` is never cut."""
    mark, token = _mark_of(account, criterion, found)
    marks = marks_of(account, criterion)
    text = reasons_text(account, criterion, shape).removesuffix(marks)
    tail = marks + (f"; {more}" if more else "")
    return marked(mark, token, criterion.id, [cut_to(text, WIDTH - MARGIN - len(tail)) + tail])


def _settled(account: Account, found: Sorted, shape: Shape) -> Iterator[Line]:
    """Inclusions that are met and criteria that do not apply, so many of them, the others counted."""
    shown = found.met[: shape.met]
    for position, criterion in enumerate(shown):
        last = position == len(shown) - 1
        left = len(found.met) - len(shown)
        more = f"{left} more met" if last and left else ""
        if shape.whole:
            yield from criterion_lines(account, criterion, found, shape)
        else:
            yield from one_line(account, criterion, found, shape, more)
    if shape.met and found.not_applicable:
        first, others = found.not_applicable[0], [c.id for c in found.not_applicable[1:]]
        more = (
            f"{' and '.join(others)} too" if 0 < len(others) < 3 else f"{len(others)} more" if others else ""
        )
        if shape.whole:
            for criterion in found.not_applicable:
                yield from criterion_lines(account, criterion, found, shape)
        else:
            yield from one_line(account, first, found, shape, more)


def _open(account: Account, found: Sorted, shape: Shape) -> Iterator[Line]:
    """Criteria that are unknown, so many of them, the others counted with what was searched at all."""
    waiting = (*found.not_arranged, *found.open)
    for criterion in waiting[: shape.open]:
        if shape.whole:
            yield from criterion_lines(account, criterion, found, shape)
        else:
            yield from one_line(account, criterion, found, shape)
    rest = waiting[shape.open :]
    if not rest:
        return
    more = " more" if shape.open else ""
    text = f"? {sentences.categories(rest)}{more}, not settled."
    if account.determination.verdict is Verdict.UNDETERMINED:
        text += f" {sentences.searched_sentence(account)}"
    lines = folded(text, "", " " * MARGIN)
    yield Line(lines[0], OPEN, 1)
    yield from (Line(line) for line in lines[1:])


def _obtain(account: Account, shape: Shape) -> list[Line]:
    groups = sentences.to_obtain(account)
    if not groups:
        return []
    total = counted(sum(group.count for group in groups), "item")
    parts = []
    for group in groups:
        way = SHORT_OBTAINED.get(group.way, group.way)
        names = group.labels[: shape.names]
        left = len(group.labels) - len(names)
        listed = ", ".join((*(shortened(n) for n in names), *([f"{left} more"] if left and names else [])))
        parts.append(f"{way} {group.count}{f' ({listed})' if listed else ''}")
    return paragraph(f"To obtain, {total}: {', '.join(parts)}.", "", "  ")


# ----------------------------------------------------------------------------------- the screen


def screenful(account: Account, everything: bool = False) -> list[Line]:
    """The whole screen; with `everything` nothing is shortened and the fixed words stand in full."""
    found = sentences.sort(account)
    for shape in [_whole(found)] if everything else _shapes(account, found):
        lines = _composed(account, found, shape)
        if len(lines) <= ROWS:
            break
    return lines


def _whole(found: Sorted) -> Shape:
    return Shape(len(found.met), len(found.open) + len(found.not_arranged), 1000, True, True)


def _shapes(account: Account, found: Sorted) -> Iterator[Shape]:
    """From all to the least that may be shown, in the order of rule 1.2."""
    met, waiting = len(found.met), len(found.open) + len(found.not_arranged)
    names = max((len(group.labels) for group in sentences.to_obtain(account)), default=0)
    few = min(met, 1)
    least = min(waiting, 3)
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


def _composed(account: Account, found: Sorted, shape: Shape) -> list[Line]:
    lines = [*head(account), Line("")]
    for fired in account.determination.alerts:
        lines += alert(account, fired)
    lines += verdict(account, found)
    outcome = account.determination.verdict
    if outcome is Verdict.ELIGIBLE or shape.whole:
        lines += paragraph(sentences.counts_sentence(found), "  ", "  ")
    for criterion in (*found.bars, *found.review):
        lines += criterion_lines(account, criterion, found, shape)
    if shape.met == 0 and found.met and outcome is not Verdict.ELIGIBLE:
        lines.append(Line(f"{MET} {counted(len(found.met), 'inclusion')} met, not listed here"))
    lines += _settled(account, found, shape)
    if shape.whole:
        for criterion in (*found.absent, *found.in_place):
            lines += criterion_lines(account, criterion, found, shape)
    lines += _open(account, found, shape)
    rescreen = sentences.rescreen_sentence(account, found)
    if rescreen:
        lines += titled("Rescreen", rescreen)
    lines += _obtain(account, shape)
    if outcome is Verdict.INELIGIBLE:
        lines += paragraph(NOT_A_JUDGEMENT, "  ", "  ")
    if outcome is Verdict.REVIEW:
        lines += paragraph("A review is closed by two named people, with a reason.")
    lines += titled("Sign-off", sentences.sign_off_sentence(account.library))
    lines += titled("Assumed", sentences.assumed_sentence(account))
    lines += _noticed(account, shape)
    return [*lines, Line(""), *fixed_words(account, shape.whole)]


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
