"""What a run over many people keeps of one of them, as columns: verdict, standing, reasons, what is missing.

The same as `outcome.row` reads off a determination. Which requirements keep a criterion open is found from the
criteria down: a node is asked about if what it belongs to is open and it is not settled itself.
"""

from __future__ import annotations

from collections.abc import Iterable

from screening.interpreters import warehouse_term as t
from screening.interpreters.warehouse_meaning import Meanings
from screening.interpreters.warehouse_rows import ENTRY, Rows
from screening.interpreters.warehouse_source import Source, source_of
from screening.interpreters.warehouse_term import NO, YES, Term
from screening.interpreters.warehouse_value import PERHAPS_ONE, Range, settled
from screening.language import expression as e
from screening.language.expression import AnyNode, parts
from screening.language.library import Criterion
from screening.language.types import DATE
from screening.record.tables import Tables

_TAKING = e.Exists | e.Count | e.CountDistinct | e.RowValues | e.Select | e.DateOf | e.Silence

Flags = dict[str, list[Term]]


def text(word: str) -> Term:
    return t.literal(word, "text")


def verdict(made: Meanings) -> Term:
    """The four verdicts, in the order of section 6 of the semantics."""
    eligible, favourable, review, arranged = (
        made.truth(root) for root in ("eligible", "favourable", "review", "arranged")
    )
    is_open = t.unknown(eligible)
    not_arranged = t.negation(t.surely(arranged))
    not_turning = (
        t.conjunction(is_open, t.negation(t.surely(favourable))) if favourable is not eligible else is_open
    )
    return t.cases(
        (t.negation(eligible), text("INELIGIBLE")),
        (t.disjunction(not_arranged, not_turning), text("UNDETERMINED")),
        (t.disjunction(is_open, t.perhaps(review)), text("REVIEW")),
        otherwise=text("ELIGIBLE"),
    )


class PersonRow:
    """The columns of one person's row."""

    def __init__(self, made: Meanings, tables: Tables) -> None:
        self.made, self.tables, self.library = made, tables, made.library
        self.asked: dict[str, Term] = {}  # by the place of a node, whether it keeps somebody's criterion open
        self.behind: dict[tuple[str, bool], Term] = {}

    def outputs(self) -> dict[str, Term]:
        """Every column by name; what each criterion comes to, as a word."""
        made, library = self.made, self.library
        for name, _ in library.order:
            made.value(name)
        decided = verdict(made)
        ruled_out = t.compared("eq", decided, text("INELIGIBLE"))
        anchored = t.conjunction(*(t.surely(made.truth(name)) for name in library.anchors))
        standing = t.cases(
            (ruled_out, text("RULED OUT")), (anchored, text("NOT RULED OUT")), otherwise=text("NO ANCHOR EVIDENCE")
        )
        bars = {c.id: _is_bar(c, made.truth(c.id)) for c in library.criteria}
        return {
            "id": t.column(self.tables.id, "text"),
            "standing": standing,
            "verdict": decided,
            **{c.id: self._shown(c) for c in library.criteria},
            "deciding_reasons": _listed((c.id, self._decides(c, decided, bars[c.id])) for c in library.criteria),
            "all_reasons": _listed((c.id, self._keeps_open(c, bars[c.id])) for c in library.criteria),
            "missing_items": _listed(self._missing()),
            "alerts": _listed(
                (c.id, t.surely(made.truth(c.alert.definition))) for c in library.criteria if c.alert is not None
            ),
            "not_before": self._not_before(bars),
            "age_years": self._age(),
            "sex": self._sex(),
            "subject": t.column(self.tables.key, "any"),
            "odd": t.perhaps(t.disjunction(*made.notes.doubts.values())),
        }

    def _shown(self, criterion: Criterion) -> Term:
        truth = self.made.truth(criterion.id)
        shown = t.cases((truth, text("TRUE")), (t.negation(truth), text("FALSE")), otherwise=text("UNKNOWN"))
        if not criterion.applies:
            return shown
        applies = self.made.at[parts(criterion.expression)[0].place]
        assert isinstance(applies, Term)
        return t.chosen(t.negation(applies), text("NOT APPLICABLE"), shown)

    # --------------------------------------------------------------------------------- reasons

    def _contradicted(self, criterion: Criterion) -> Term:
        review = self.made.expressions["review"]
        found = [
            part for part in parts(review) if isinstance(part, e.Contradicted) and part.criterion == criterion.id
        ]
        return t.disjunction(*(self.made.of(node, {}, self.made.notes) for node in found))

    def _to_review(self, criterion: Criterion) -> Term:
        truth = self.made.truth(criterion.id)
        relative = t.perhaps(truth) if criterion.strength == "relative" else NO
        judged = t.conjunction(t.unknown(truth), self._opened(criterion.expression, True))
        return t.disjunction(relative, judged, self._contradicted(criterion))

    def _decides(self, criterion: Criterion, decided: Term, bar: Term) -> Term:
        truth = self.made.truth(criterion.id)
        is_open = t.unknown(truth)

        def when(word: str, condition: Term) -> Term:
            return t.conjunction(t.compared("eq", decided, text(word)), condition)

        if criterion.strength == "administrative":
            undetermined = t.negation(t.surely(truth))
        elif criterion.strength == "relative":
            undetermined = NO
        else:
            judged, other = (self._opened(criterion.expression, x) for x in (True, False))
            undetermined = t.conjunction(is_open, t.negation(t.conjunction(judged, t.negation(other))))
        return t.disjunction(
            when("INELIGIBLE", bar),
            when("UNDETERMINED", undetermined),
            when("REVIEW", t.disjunction(is_open, self._to_review(criterion))),
        )

    def _keeps_open(self, criterion: Criterion, bar: Term) -> Term:
        truth = self.made.truth(criterion.id)
        if criterion.strength == "administrative":
            return t.negation(t.surely(truth))
        is_open = t.unknown(truth) if criterion.strength == "absolute" else NO
        return t.disjunction(bar, is_open, self._to_review(criterion))

    def _opened(self, node: AnyNode, judged: bool) -> Term:
        """Whether a Judgement (or anything else) keeps a node open."""
        key = node.place, judged
        if key not in self.behind:
            self.behind[key] = NO
            self.behind[key] = t.conjunction(self._is_unsettled(node, YES), self._opened_below(node, judged))
        return self.behind[key]

    def _opened_below(self, node: AnyNode, judged: bool) -> Term:
        if isinstance(node, e.Reference):
            if node.name in self.made.requirements:
                return YES if self._is_judged(node.name) is judged else NO
            return self._opened(self.made.expressions[node.name], judged)
        if isinstance(node, _TAKING):
            return YES if any(self._is_judged(name) is judged for name in _sources(node)) else NO
        return t.disjunction(*(self._opened(part, judged) for part in parts(node) if part.place in self.made.at))

    def _is_judged(self, name: str) -> bool:
        return self.made.requirements[name].type.name == "Judgement"

    def _is_unsettled(self, node: AnyNode, asked: Term) -> Term:
        found = self.made.at[node.place]
        if isinstance(found, Rows):
            return t.disjunction(found.source.any(found.possible), found.unlisted)
        if isinstance(found, Range) and found.least is not None:
            loose = t.surely(t.compared("lt", found.least, found.low))
            self.made.notes.doubt(PERHAPS_ONE, t.conjunction(asked, loose))
        return t.negation(settled(found))

    # ------------------------------------------------------------------------- what is missing

    def _missing(self) -> Iterable[tuple[str, Term]]:
        """Each requirement with whether it keeps a criterion open, in the order of the library."""
        active: dict[str, list[Term]] = {}
        wanted: dict[str, list[Term]] = {}
        for criterion in self.library.criteria:
            active.setdefault(criterion.id, []).append(YES)
        # Names are taken from the last to the first: each only refers to names before it.
        for name, expression in reversed(self.library.order):
            if name not in active:
                continue
            self._ask(expression, t.disjunction(*active[name]), active, wanted)
        return [(r.name, t.disjunction(*wanted.get(r.name, [NO]))) for r in self.library.requirements]

    def _ask(
        self, node: AnyNode, asked: Term, active: dict[str, list[Term]], wanted: dict[str, list[Term]]
    ) -> None:
        if asked is NO or node.place not in self.made.at:
            return
        found = t.conjunction(asked, self._is_unsettled(node, asked))
        if isinstance(node, e.Reference):
            into = wanted if node.name in self.made.requirements else active
            into.setdefault(node.name, []).append(found)
        elif isinstance(node, _TAKING):
            for name in _sources(node):
                wanted.setdefault(name, []).append(found)
        else:
            for part in parts(node):
                self._ask(part, found, active, wanted)

    # ------------------------------------------------------------------------- days, age, sex

    def _not_before(self, bars: dict[str, Term]) -> Term:
        """The first day on which every bar is over by its date; "" where one has none."""
        latest: Term = t.null("date")
        endless: list[Term] = []
        for criterion in self.library.criteria:
            bar = bars[criterion.id]
            if bar is NO:
                continue
            name = f"until:{criterion.id}"
            until = self.made.value(name) if name in self.made.expressions else None
            day = until.high if isinstance(until, Range) else t.null("date")
            endless.append(t.conjunction(bar, t.unknown(day)))
            latest = t.greater_of(latest, t.chosen(bar, day, t.null("date")))
        usable = t.conjunction(t.negation(t.disjunction(*endless)), t.known(latest))
        return t.chosen(usable, t.plain("text", latest, type="text"), text(""))

    def _sources_of(self, kind: str) -> list[Source]:
        return [
            source_of(r, self.tables.requirements.get(r.name), self.made.as_of)
            for r in self.library.requirements
            if r.kind == kind
        ]

    def _age(self) -> Term:
        """Completed years on the day, `64..65` where the date of birth leaves it open."""
        from screening.interpreters import warehouse_day as days

        found: Term = text("")
        for requirement in reversed([r for r in self.library.requirements if r.kind == "birth date"]):
            source = source_of(requirement, self.tables.requirements.get(requirement.name), self.made.as_of)
            born = source.row.value(DATE)
            assert isinstance(born, Range)
            there = t.conjunction(source.visible, t.known(born.low))
            first = self._only(source, born.low, there)
            last = first if born.is_plane else self._only(source, born.high, there)
            today = t.literal(self.made.as_of, "date")
            years = days.age(Range(first, last), Range(today, today))
            low, high = (t.plain("text", end, type="text") for end in (years.low, years.high))
            both = t.conjunction(t.known(years.low), t.known(years.high))
            span = t.chosen(t.surely(t.compared("eq", years.low, years.high)), low,
                            t.plain("join", low, text(".."), high))  # fmt: skip
            found = t.chosen(source.any(there), t.chosen(both, span, text("")), found)
        return found

    def _only(self, source: Source, value: Term, among: Term) -> Term:
        """What all entries say; where they differ, only the law knows which comes first."""
        first, last = source.over("min", value, among), source.over("max", value, among)
        missing = source.any(t.conjunction(among, t.unknown(value)))
        self.made.notes.doubt(ENTRY, t.disjunction(t.negation(t.same(first, last)),
                                                   t.conjunction(missing, t.known(first))))  # fmt: skip
        return first

    def _sex(self) -> Term:
        found: Term = text("")
        for requirement in reversed([r for r in self.library.requirements if r.says_sex]):
            source = source_of(requirement, self.tables.requirements.get(requirement.name), self.made.as_of)
            value = source.row.value(requirement.type)
            if not isinstance(value, Term) or value.type != "text":
                continue
            there = t.conjunction(source.visible, t.known(value))
            word = t.plain("without_system", self._only(source, value, there), type="text")
            found = t.chosen(source.any(there), word, found)
        return found


def _is_bar(criterion: Criterion, truth: Term) -> Term:
    """Whether a criterion speaks against."""
    if criterion.strength != "absolute":
        return NO
    return t.surely(t.negation(truth) if criterion.category == "inclusion" else truth)


def _sources(node: AnyNode) -> Iterable[str]:
    if isinstance(node, e.Retrieve):
        yield node.requirement
    for part in parts(node):
        yield from _sources(part)


def _listed(flags: Iterable[tuple[str, Term]]) -> Term:
    """Names of which a truth holds, joined with `|`."""
    pieces = [t.chosen(flag, text(f"{name}|"), text("")) for name, flag in flags if flag is not NO]
    if not pieces:
        return text("")
    joined = t.plain("join", *pieces, type="text") if len(pieces) > 1 else pieces[0]
    return t.chosen(t.compared("eq", joined, text("")), text(""), t.plain("without_last", joined))
