"""One determination as a page that carries everything with it: verdict, criteria that unfold, data, rules.

The verdict of the program and what people decided stand apart. It evaluates nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from screening.language.library import Criterion
from screening.outcome.determination import AlertFired, Verdict, is_bar
from screening.outcome.question import Question
from screening.reports import recorded
from screening.reports import value as values
from screening.reports import verdict as sentences
from screening.reports.account import Account
from screening.reports.ahead import ahead_sentence, label
from screening.reports.branch import Branch, Tree
from screening.reports.criterion import gap_texts, marks_of, merged, said, title_of, wording
from screening.reports.gap import Point
from screening.reports.html import embedded, filled, packaged
from screening.reports.label import called, closing_sentence, has_standing, outputs_sentence
from screening.reports.margin import full as margin_text
from screening.reports.margin import near_margins
from screening.reports.page import Fact, Section, Table
from screening.reports.reading_copy import Copy
from screening.reports.reason import alert_points, points, until_text, word_of
from screening.reports.seal import sealed
from screening.reports.verdict import Sorted
from screening.reports.words import (
    DECISION_SUPPORT_FULL,
    LONG_OBTAINED,
    NO_SITE_TEXT,
    NOBODY_TOLD,
    NOT_A_JUDGEMENT,
    SITE_CHOICE,
    counted,
    grouped_digest,
    joined,
    safe,
)
from screening.values.frozen import dataclass

# Group of criteria: its title, its shape, the word of the filter. Shapes stand beside words, never alone.
_GROUPS = (
    ("bars", "Against", "\u25a0", "against"),
    ("review", "To be reviewed", "\u25c6", "open"),
    ("not_arranged", "Arrangements not in place", "\u25a1", "open"),
    ("open", "Unknown", "\u25a1", "open"),
    ("met", "Inclusions met", "\u00b7", ""),
    ("absent", "Exclusions absent", "\u00b7", ""),
    ("in_place", "Arrangements in place", "\u00b7", ""),
    ("not_applicable", "Not applicable", "\u2013", ""),
)
_SHAPES = {
    Verdict.ELIGIBLE: ("\u00b7", ""),
    Verdict.INELIGIBLE: ("\u25a0", "against"),
    Verdict.UNDETERMINED: ("\u25a1", "open"),
    Verdict.REVIEW: ("\u25c6", "open"),
}
_LONGEST = 400
_LABELS = 4
CONTRADICTED = "what is recorded contradicts itself: correct the record, or review it"
_REASONS = ("what", "value, or what is missing", "date", "held against", "where it stands")
PRIVACY = (
    "This page holds personal data of the person named by the pseudonym above, as recorded and as concluded. It "
    "asks for nothing from outside and sends nothing anywhere; keep it as you keep the record."
)
ELSEWHERE = (
    "To check it elsewhere: the certificate, the rules and what was read of the record stand in this file, in the "
    "element `bundle`. With rules and record, `screening verify` holds every step against them; the digests above "
    "say which rules, which record and which certificate."
)
LICENCES = "SNOMED CT, LOINC, RxNorm and ICD-10-CM codes carry their owners' terms."


@dataclass(frozen=True, slots=True)
class Alarm:
    """An alert that fired: its criterion, what was seen, the limit and what to do, that nobody was told."""

    criterion: str
    seen: str
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unfolded:
    """A criterion, or a value that criteria name, as it unfolds: in one line, then all that stands behind it."""

    anchor: str
    id: str
    word: str
    title: str
    marks: str
    brief: str
    reasons: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...]
    section: Section
    steps: tuple[Branch, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Criteria of one state."""

    key: str
    title: str
    shape: str
    token: str
    criteria: tuple[Unfolded, ...]


@dataclass(frozen=True, slots=True)
class Made:
    """What stands on the page beside the determination.

    `certificate` and what else the second verifier reads are the `bundle`; `decided` are decisions of people,
    None where no ledger was looked into; `questions` what to ask first; `at` when the page was made, in the words
    of whoever made it; `verifier` is the text of the second verifier, "" if none is shipped.
    """

    certificate: Mapping[str, Any]
    bundle: Any
    decided: Table | None = None
    questions: Sequence[Question] = ()
    at: str = ""
    verifier: str = ""


def determination_page(account: Account, made: Made) -> str:
    """The page as one file."""
    page = _Page(account, made)
    scripts = [packaged("unfold.js")]
    if made.verifier:
        scripts += [made.verifier, packaged("seal.js"), packaged("self_check.js")]
    library = account.library
    title = f"{'Eligibility report' if has_standing(library) else 'Report'} {safe(account.subject.id)}"
    status = joined(
        (
            f"{sentences.status_of(library)}. {title}",
            f"as of {account.as_of.isoformat()}",
            f"certificate {grouped_digest(str(made.certificate['digest']))}",
        )
    )
    found = sentences.sort(account)
    shape, token = _SHAPES[account.determination.verdict]
    made_page = filled(
        "determination.html",
        {
            "title": title,
            "head": page.head(),
            "alerts": tuple(page.alarm(fired) for fired in account.determination.alerts),
            "shape": shape,
            "token": token,
            "verdict": called(account),
            "standing": sentences.standing_phrase(account.determination.standing) if has_standing(library) else "",
            "phrase": sentences.verdict_phrase(account, found),
            "under": tuple(page.under(found)),
            "deciding": tuple(page.deciding(found)),
            "criteria_count": len(library.criteria),
            "reason_columns": _REASONS,
            "groups": tuple(page.groups(found)),
            "sections": tuple(page.sections()),
            "values": tuple(page.values()),
            "facts_recorded": tuple(recorded.recorded(account)),
            "data": page.data(),
            "rules": page.rules(),
            "decided": made.decided,
            "has_verifier": bool(made.verifier),
            "bundle": embedded(made.bundle),
            "footer": page.footer(),
        },
        status,
        styles=("page.css", "report.css"),
        scripts=scripts,
    )
    return sealed(made_page)


class _Page:
    def __init__(self, account: Account, made: Made) -> None:
        self.account, self.made, self.copy = account, made, Copy(account.library)
        shown = (name for name, _ in account.library.order if self._is_value(name))
        self.anchors = {name: f"value-{number}" for number, name in enumerate(shown, 1)}
        self.anchors |= {criterion.id: _anchor(criterion) for criterion in account.library.criteria}
        self.tree = Tree(account, self.anchors, recorded.anchors(account))

    def _is_value(self, name: str) -> bool:
        """Whether a name is a definition or an input, so that it stands among the values."""
        return name in self.account.definitions or name in self.account.requirements

    def head(self) -> tuple[Fact, ...]:
        account, library = self.account, self.account.library
        told = (
            ("Person", sentences.person_of(account)),
            ("Protocol", f"{safe(library.name)} {safe(library.version)}, {safe(library.title)}"),
            ("Not yet", sentences.not_yet_sentence(library, account.as_of)),
            ("Missing", sentences.missing_sentence(library)),
            ("Changed", sentences.changed_sentence(library)),
            ("Site", safe(account.subject.site) or "none declared"),
            ("Page made", safe(self.made.at)),
        )
        return tuple(Fact(name, (text,)) for name, text in told if text)

    def alarm(self, fired: AlertFired) -> Alarm:
        criterion = self.account.criteria[fired.criterion]
        seen = [said(point, provenance=True) for point in alert_points(self.account, criterion, fired.facts)]
        what = criterion.alert
        limit = f"Limit: {safe(what.text)}{f' {SITE_CHOICE}' if criterion.chosen else ''}" if what else ""
        act = safe(what.escalate) if what else ""
        own = (
            f"Site text: {act}"
            if fired.criterion in self.account.site_alerts
            else joined((act, NO_SITE_TEXT), " ")
        )
        texts = tuple(text for text in (limit, own, NOBODY_TOLD) if text)
        return Alarm(criterion.id, "; ".join(seen) or safe(criterion.text), texts)

    # -------------------------------------------------------------------------------- verdict

    def under(self, found: Sorted) -> Iterator[str]:
        """The sentences below the verdict."""
        account = self.account
        outputs = outputs_sentence(account)
        rescreen = sentences.rescreen_sentence(account, found)
        told = (
            sentences.verdict_sentence(account, found),
            sentences.counts_sentence(found),
            f"Outputs: {outputs}." if outputs else "",
            f"Rescreen: {rescreen}." if rescreen else "",
            NOT_A_JUDGEMENT if account.determination.verdict is Verdict.INELIGIBLE else "",
            closing_sentence(account),
            f"Assumed: {sentences.assumed_sentence(account)}.",
        )
        return (text for text in told if text)

    def deciding(self, found: Sorted) -> Iterator[tuple[str, str, str]]:
        """The criteria that make the verdict: where each stands, its id, why it is as it is."""
        groups: tuple[tuple[Criterion, ...], ...] = (found.bars, found.review, found.not_arranged)
        if self.account.determination.verdict is Verdict.UNDETERMINED:
            groups = (*groups, found.open)
        if self.account.determination.verdict is Verdict.INELIGIBLE:
            groups = (found.bars,)
        for criterion in (each for group in groups for each in group):
            yield _anchor(criterion), criterion.id, wording(self.account, criterion, True, whole=True).full(1)

    # ------------------------------------------------------------------------------- criteria

    def groups(self, found: Sorted) -> Iterator[Group]:
        for key, title, shape, token in _GROUPS:
            criteria: tuple[Criterion, ...] = getattr(found, key)
            if criteria:
                yield Group(key, title, shape, token, tuple(map(self.criterion, criteria)))

    def criterion(self, criterion: Criterion) -> Unfolded:
        account = self.account
        finding = account.findings[criterion.id]
        every = points(account, criterion)
        gaps, rest = [p for p in every if p.gap], merged([p for p in every if not p.gap])
        brief = "; ".join((*(said(p, provenance=False) for p in rest), *gap_texts(gaps, _LABELS)))
        notes = (
            until_text(account, criterion) if is_bar(criterion, finding.truth) else "",
            CONTRADICTED if finding.contradicted else "",
        )
        return Unfolded(
            anchor=_anchor(criterion),
            id=criterion.id,
            word=word_of(criterion, finding),
            title=title_of(criterion, _LONGEST),
            marks=marks_of(account, criterion).strip(),
            brief=brief,
            reasons=tuple(_reason(point) for point in (*rest, *gaps)),
            notes=tuple(note for note in notes if note),
            section=self.copy.criterion(criterion),
            steps=self.tree.of(dict(account.library.order)[criterion.id]),
        )

    def values(self) -> Iterator[Unfolded]:
        """Every definition and every input that is read as a value, once; criteria refer to them."""
        account = self.account
        for name, expression in account.library.order:
            if name not in self.anchors or name in account.criteria:
                continue
            steps = self.tree.of(expression)
            requirement = account.requirements.get(name)
            if requirement is not None:
                title, section = label(account, name), self.copy.requirement(requirement)
            else:
                definition = account.definitions[name]
                title, section = safe(definition.text), self.copy.definition(definition)
            marks = " ".join(_marks(section))
            worth = steps[0].worth
            yield Unfolded(
                self.anchors[name], safe(name), worth, title, marks, steps[0].why, (), (), section, steps
            )

    # ---------------------------------------------------------------------------- what is left

    def sections(self) -> Iterator[Section]:
        """What is missing, what is near, what nobody has signed."""
        account = self.account
        yield self.to_obtain()
        near = tuple(f"{m.criterion}: {margin_text(account, m)}" for m in near_margins(account))
        none = () if near else ("No number that decided lies near its limit.",)
        yield Section("Near a limit", texts=none, items=near)
        questions = self.copy.questions()
        yield Section("Needs sign-off", questions.aside, questions.texts, items=questions.items)

    def to_obtain(self) -> Section:
        account = self.account
        items = account.determination.to_obtain
        if not items:
            return Section("To obtain", texts=("Nothing is missing.",))
        texts = [f"{counted(len(items), 'item')} to be obtained."]
        if account.ahead is not None:
            texts.append(ahead_sentence(account, account.ahead))
        rows = tuple(
            (LONG_OBTAINED.get(i.obtain, safe(i.obtain)), label(account, i.requirement), ", ".join(i.criteria))
            for i in items
        )
        tables = [Table("What is missing, and how it is obtained", ("how", "item", "keeps open"), rows)]
        if asked := tuple(self.asked()):
            columns = ("order", "item", "how", "for", "one answer alone settles it for")
            tables.insert(0, Table("What to ask next", columns, asked))
        return Section("To obtain", texts=tuple(texts), tables=tuple(tables))

    def asked(self) -> Iterator[tuple[str, ...]]:
        for number, question in enumerate(self.made.questions, 1):
            how = LONG_OBTAINED.get(question.obtain, safe(question.obtain))
            what = label(self.account, question.requirement)
            yield str(number), what, how, ", ".join(question.criteria), ", ".join(question.against) or "none"

    def data(self) -> Section:
        """What was searched beside the facts."""
        account = self.account
        tables = (recorded.complete(account), recorded.notices(account), recorded.silent(account))
        texts = (sentences.searched_sentence(account),)
        return Section("What was searched", texts=texts, tables=tuple(t for t in tables if t.rows))

    def rules(self) -> Section:
        account, library, certificate = self.account, self.account.library, self.made.certificate
        program, engine = certificate["program"], certificate["engine"]
        steps = f"{len(account.trace.steps):,}"
        told = (
            Fact("Rules", (f"{safe(library.name)} {safe(library.version)}, {library.digest}",)),
            Fact("Includes", tuple(f"{safe(i.name)} {safe(i.version)}, {i.digest}" for i in library.includes)),
            Fact("Record", (joined((account.subject.digest, safe(account.subject.source)), "; "),)),
            Fact("Certificate", (str(certificate["digest"]),)),
            Fact("Approved", (sentences.signed_sentence(library) or "by nobody yet",)),
            Fact("Program", (f"{safe(program['name'])} {safe(program['version'])}",)),
            Fact("Engine", (f"{safe(engine['name'])} {safe(engine['version'])}",)),
            Fact("Held", (f"{steps} of {steps} steps agree with rules and record",)),
        )
        rows = tuple(
            (
                safe(p.name),
                values.value_text(p.value, p.type),
                safe(p.origin),
                SITE_CHOICE if p.chosen else "",
            )
            for p in library.parameters
        )
        sources = tuple((safe(key), safe(text)) for key, text in library.sources)
        tables = (
            Table("Parameters in force", ("parameter", "value", "set by", "mark"), rows),
            Table("Sources", ("key", "source"), sources),
        )
        facts = tuple(fact for fact in told if fact.texts)
        return Section("Rules, record, certificate", facts=facts, tables=tuple(t for t in tables if t.rows))

    def footer(self) -> tuple[str, ...]:
        words = (DECISION_SUPPORT_FULL, *map(safe, self.account.library.fixed_words), PRIVACY, ELSEWHERE, LICENCES)
        return tuple(dict.fromkeys(words))


def _anchor(criterion: Criterion) -> str:
    return f"criterion-{criterion.id}"


def _marks(section: Section) -> list[str]:
    """The marks of a thing, each once."""
    texts = [text for fact in section.facts if fact.name == "Marks" for text in fact.texts]
    found = [mark for mark in (SITE_CHOICE, "[unverified]") if any(text.endswith(mark) for text in texts)]
    return found


def _reason(point: Point) -> tuple[str, ...]:
    """One thing behind a criterion, in columns; a computed value is not told as if it were recorded."""
    if point.gap:
        missing = joined((point.gap, point.value))
        return point.label, missing, joined((point.dated, point.passed)), point.limit, point.origin
    value = f"{point.value or 'yes'}{point.scale}"
    return point.label, value, joined((point.dated, point.passed)), point.limit, point.origin
