"""The row of each person read off the columns: verdict, standing, reasons, what is missing."""

from __future__ import annotations

from typing import Any

import polars as pl

from screening.interpreters import cohort_days as days
from screening.interpreters import cohort_rows as rows
from screening.interpreters import cohort_truth as kleene
from screening.interpreters import cohort_value as values
from screening.interpreters import cohort_word as words
from screening.interpreters.cohort_meaning import Meaning
from screening.interpreters.cohort_truth import Known, Plain
from screening.interpreters.cohort_value import Ordered
from screening.interpreters.cohort_word import Word
from screening.language import expression as e
from screening.language.expression import AnyNode, Expression, parts
from screening.language.library import ROOTS, Criterion
from screening.language.types import Type
from screening.record.tables import Held
from screening.values.bounds import exactly
from screening.values.frozen import dataclass

NOT_APPLICABLE = "NOT APPLICABLE"
_OF_ROWS = e.Exists | e.Count | e.CountDistinct | e.RowValues | e.Select | e.DateOf | e.Silence


def verdict_column(meaning: Meaning) -> pl.Expr:
    """The four words, in the order of section 6."""
    eligible, favourable, review, arranged = (meaning.truth(root) for root in ROOTS)
    if isinstance(eligible, pl.Expr):
        eligible = meaning.people.keep(eligible)
    pending = kleene.conjoined((kleene.is_open(eligible), kleene.negated(kleene.is_true(favourable))))
    undetermined = kleene.disjoined((kleene.negated(kleene.is_true(arranged)), pending))
    for_review = kleene.disjoined((kleene.is_open(eligible), kleene.negated(kleene.is_false(review))))
    return (
        pl.when(kleene.column(kleene.is_false(eligible)))
        .then(pl.lit("INELIGIBLE"))
        .when(kleene.column(undetermined))
        .then(pl.lit("UNDETERMINED"))
        .when(kleene.column(for_review))
        .then(pl.lit("REVIEW"))
        .otherwise(pl.lit("ELIGIBLE"))
    )


@dataclass(frozen=True, slots=True)
class _Turns:
    """Whether a name or a criterion is kept open by Judgements, and by anything else."""

    on_judgement: Plain
    on_others: Plain


class _Open:
    """Which requirements keep criteria open: what is unsettled on the way down from an UNKNOWN criterion."""

    def __init__(self, meaning: Meaning) -> None:
        self.meaning = meaning
        self.turns: dict[str, _Turns] = {}
        self.reached: dict[str, list[Known]] = {}

    def unsettled(self, node: Expression) -> Plain:
        """Whether nothing is settled of a node: UNKNOWN, no coding, or bounds that are not exact."""
        if isinstance(node, e.Count):
            # INVARIANT: how many rows are apart matters to no count below a settled comparison; below one that is
            # open either way, it is exact neither way.
            counted = rows.count(self.meaning.listed(node.source))[0]
            return rows.plain(kleene.negated(values.is_exact(counted)))
        found = self.meaning.value(node)
        if isinstance(found, Ordered):
            return rows.plain(kleene.negated(values.is_exact(found)))
        return words.is_blank(found) if isinstance(found, Word) else kleene.is_open(found)

    def turns_on(self, node: AnyNode) -> _Turns:
        """What keeps a node open, from below."""
        meaning = self.meaning
        if isinstance(node, e.Retrieve | e.Where):
            return _Turns(False, False)
        open_here = self.unsettled(node)
        if open_here is False:
            return _Turns(False, False)
        if isinstance(node, e.Reference):
            found = self._named(node.name)
        elif isinstance(node, _OF_ROWS):
            kinds = {self._is_judgement(name) for name in sources(node)}
            found = _Turns(True in kinds, False in kinds)
        else:
            below = [self.turns_on(part) for part in parts(node)]
            found = _Turns(
                rows.plain(kleene.disjoined([each.on_judgement for each in below])),
                rows.plain(kleene.disjoined([each.on_others for each in below])),
            )
        planes = [kleene.conjoined((open_here, each)) for each in (found.on_judgement, found.on_others)]
        kept = [meaning.people.keep(each) if isinstance(each, pl.Expr) else each for each in planes]
        return _Turns(*(rows.plain(each) for each in kept))

    def _named(self, name: str) -> _Turns:
        if name in self.meaning.requirements:
            return _Turns(self._is_judgement(name), not self._is_judgement(name))
        if name not in self.turns:
            self.turns[name] = self.turns_on(self.meaning.entries[name])
        return self.turns[name]

    def _is_judgement(self, name: str) -> bool:
        return self.meaning.requirements[name][1].type.name == "Judgement"

    def reach(self, node: AnyNode, on_the_way: Known) -> None:
        """Notes, from above, under what an open name below a node is reached."""
        if isinstance(node, e.Retrieve | e.Where) or on_the_way is False:
            return
        here = kleene.conjoined((on_the_way, self.unsettled(node)))
        if here is False:
            return
        if isinstance(here, pl.Expr):
            here = self.meaning.people.keep(here)
        if isinstance(node, e.Reference):
            self.reached.setdefault(node.name, []).append(here)
        elif isinstance(node, _OF_ROWS):
            for name in sources(node):
                self.reached.setdefault(name, []).append(here)
        else:
            for part in parts(node):
                self.reach(part, here)

    def missing(self) -> dict[str, Known]:
        """Each requirement, and whether it keeps any criterion open."""
        meaning = self.meaning
        criteria = {criterion.id for criterion in meaning.library.criteria}
        for name in reversed([name for name, _ in meaning.library.order]):
            on_the_way = kleene.disjoined(self.reached.get(name, []))
            if name in criteria:
                # INVARIANT: what refers to a criterion comes after it; its own answer is open in its own right.
                on_the_way = kleene.is_open(meaning.truth(name))
            if name not in meaning.requirements and ":" not in name and name not in ROOTS:
                self.reach(meaning.entries[name], on_the_way)
        names = meaning.requirements
        return {name: kleene.disjoined(self.reached.get(name, [])) for name in names}


def sources(node: AnyNode) -> list[str]:
    """The requirements that a node lists rows of."""
    own = [node.requirement] if isinstance(node, e.Retrieve) else []
    return own + [name for part in parts(node) for name in sources(part)]


def joined(made: dict[str, Known]) -> pl.Expr:
    """The names for which something holds, in order, separated by `|`."""
    words_ = [
        pl.when(kleene.column(kleene.is_true(truth))).then(pl.lit(name))
        for name, truth in made.items()
        if truth is not False and truth is not None
    ]
    return pl.concat_str(words_, separator="|", ignore_nulls=True) if words_ else pl.lit("")


def row_columns(meaning: Meaning) -> dict[str, pl.Expr]:
    """The columns of the row of each person, but for its id."""
    library, keep = meaning.library, meaning.people.keep
    verdict = keep(verdict_column(meaning))
    open_ = _Open(meaning)
    anchors = kleene.conjoined([kleene.is_true(meaning.truth(name)) for name in library.anchors])
    standing = (
        pl.when(verdict == "INELIGIBLE")
        .then(pl.lit("RULED OUT"))
        .when(kleene.column(anchors))
        .then(pl.lit("NOT RULED OUT"))
        .otherwise(pl.lit("NO ANCHOR EVIDENCE"))
    )
    shown, deciding, reasons, barred = {}, {}, {}, []
    contradictions = {p.criterion: p for p in parts(meaning.entries["review"]) if isinstance(p, e.Contradicted)}
    for criterion in library.criteria:
        truth = meaning.truth(criterion.id)
        shown[criterion.id] = _shown(meaning, criterion, truth)
        turns = open_.turns_on(criterion.expression)
        contradiction = contradictions.get(criterion.id)
        is_contradicted: Any = False if contradiction is None else meaning.value(contradiction)
        is_open = kleene.is_open(truth)
        relative = criterion.strength == "relative"
        judged = kleene.conjoined((is_open, turns.on_judgement))
        to_review = kleene.disjoined(
            (judged, is_contradicted, kleene.negated(kleene.is_false(truth)) if relative else False)
        )
        bar = _is_bar(criterion, truth)
        barred.append((criterion, bar))
        unmet = kleene.negated(kleene.is_true(truth))
        if criterion.strength == "administrative":
            undetermined: Known = unmet
            reasons[criterion.id] = unmet
        else:
            turns_on_judgement = kleene.conjoined((turns.on_judgement, kleene.negated(turns.on_others)))
            undetermined = False if relative else kleene.conjoined((is_open, kleene.negated(turns_on_judgement)))
            is_absolute = criterion.strength == "absolute"
            reasons[criterion.id] = kleene.disjoined((bar, to_review, is_open if is_absolute else False))
        deciding[criterion.id] = kleene.disjoined(
            [
                kleene.conjoined((verdict == "INELIGIBLE", bar)),
                kleene.conjoined((verdict == "UNDETERMINED", undetermined)),
                kleene.conjoined((verdict == "REVIEW", kleene.disjoined((to_review, is_open)))),
            ]
        )
    alerts = {c.id: meaning.truth(c.alert.definition) for c in library.criteria if c.alert is not None}
    return {
        "standing": standing,
        "verdict": verdict,
        **shown,
        "deciding_reasons": joined(deciding),
        "all_reasons": joined(reasons),
        "missing_items": joined(open_.missing()),
        "alerts": joined(alerts),
        "not_before": _not_before(meaning, barred),
        "age_years": _age(meaning),
        "sex": _sex(meaning),
    }


def _is_bar(criterion: Criterion, truth: Known) -> Plain:
    if criterion.strength != "absolute":
        return False
    return kleene.is_false(truth) if criterion.category == "inclusion" else kleene.is_true(truth)


def _shown(meaning: Meaning, criterion: Criterion, truth: Known) -> pl.Expr:
    known = kleene.column(truth)
    text = pl.when(known).then(pl.lit("TRUE")).when(~known).then(pl.lit("FALSE")).otherwise(pl.lit("UNKNOWN"))
    if not criterion.applies:
        return text
    applies: Any = meaning.value(parts(criterion.expression)[0])  # type: ignore[arg-type]
    return pl.when(kleene.column(kleene.is_false(applies))).then(pl.lit(NOT_APPLICABLE)).otherwise(text)


def _not_before(meaning: Meaning, barred: list[tuple[Criterion, Plain]]) -> pl.Expr:
    """The first day on which every bar is over by its date; nothing if one of them has none."""
    endless: list[Known] = []
    days: list[pl.Expr] = []
    for criterion, bar in barred:
        lifted = meaning.name(f"until:{criterion.id}") if f"until:{criterion.id}" in meaning.entries else None
        high = values.ends(lifted)[1] if isinstance(lifted, Ordered) and lifted.high is not None else None
        if high is None:
            endless.append(bar)
            continue
        endless.append(kleene.conjoined((bar, high.is_null())))
        days.append(pl.when(kleene.column(bar)).then(high))
    if not days:
        return pl.lit("")
    last = pl.when(~kleene.column(kleene.disjoined(endless))).then(pl.max_horizontal(days))
    return last.dt.to_string("%Y-%m-%d").fill_null("")


def _age(meaning: Meaning) -> pl.Expr:
    """Completed years as the first entry that has a date of birth says."""
    for _, requirement in meaning.requirements.values():
        if requirement.kind != "birth date":
            continue
        found = _first(meaning, requirement.name, Type("Date"))
        if isinstance(found, Ordered):
            age = days.age(found, values.of_bounds(exactly(meaning.as_of)), meaning.doubt)
            low, high = (x.cast(pl.String) for x in values.ends(age))
            text = pl.when(low == high).then(low).otherwise(low + ".." + high)
            return text.fill_null("")
    return pl.lit("")


def _sex(meaning: Meaning) -> pl.Expr:
    for _, requirement in meaning.requirements.values():
        if requirement.says_sex:
            found = _first(meaning, requirement.name, Type("String"))
            if isinstance(found, Word):
                return words.full(found).str.replace(r"^[^|]*\|", "").fill_null("")
    return pl.lit("")


def _first(meaning: Meaning, name: str, type: Type) -> Any:
    """The first entry of a requirement that has a value."""
    source = meaning.source(e.Retrieve(name))
    if source.at is None:
        return None
    value = meaning.kept(source.scope().field("value", type)) if isinstance(source.at, Held) else None
    if value is not None:
        return value
    listed = meaning.listed(e.Retrieve(name))
    value = source.scope().field("value", type)
    assert isinstance(listed.rows, rows.Entered)
    asked = listed.rows.child.ask
    if isinstance(value, Ordered):
        if value.low is None or value.high is None:
            return None
        there = value.low.is_not_null()
        return Ordered(
            asked(value.low.filter(there).first(), there), asked(value.high.filter(there).first(), there)
        )
    assert isinstance(value, Word)
    assert isinstance(value.word, pl.Expr)
    return Word(asked(value.word.drop_nulls().first(), value.word.is_not_null()), value.is_plain)
