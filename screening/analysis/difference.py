"""What two editions say differently of one record: proved the same, or otherwise, with a person for each way.

Asked of each criterion, of its alert, and of the verdict.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import reduce

from screening.analysis.editions import (
    beside_the_truths,
    matched,
    steps,
)
from screening.analysis.pair import ROUNDS, Holds, Of, Pair, other_days
from screening.analysis.proofs import formula_of, is_eligible, statements, truth_of_name
from screening.analysis.witness import Values
from screening.interpreters.symbolic import Reading
from screening.interpreters.symbolic_term import Formula, afresh, both, either, opposite
from screening.language import expression as e
from screening.language.library import ROOTS, Criterion, Library
from screening.language.types import ORDERED
from screening.outcome.determination import verdict_of
from screening.outcome.finding import EVERY_RECORD, MADE_UP, NOT_DECIDED, SHOWN, Changed, Editions, Otherwise
from screening.record.subject import Subject
from screening.values.bounds import Bounds, is_exact
from screening.values.truth import FALSE, TRUE, UNKNOWN, Truth

_TOLD = 6
_SAME = ("equivalent", "renamed")
WEIGHED = "weighed otherwise"
# Somebody ELIGIBLE shows best what an edition changes, and is dear to make up where much is asked: tried a little
# before anybody else is, and to the end only where nobody else shows it.
FEW_ROUNDS = 3


def difference(old: Library, new: Library, as_of: datetime.date) -> Editions:
    """Everything in which two editions differ, each direction with the smallest person that was found."""
    afresh()
    pair, both_have = Pair(old, new, as_of), matched(old, new)
    criteria = tuple(_changed(before, after, pair) for before, after in both_have)
    # What a criterion shows on another day alone the verdict may show on that day too.
    verdict = _verdict(pair, criteria)
    criteria += tuple(found for before, after in both_have if (found := _alert(before, after, pair)) is not None)
    made, why = steps(old.version, new.version)
    is_otherwise = any(c.state != "equivalent" for c in (*criteria, verdict) if c.state != "renamed")
    asked = "none" if old.digest == new.digest else "patch"
    if is_otherwise:
        asked = "major"
    elif any(c.state == "renamed" for c in criteria) or beside_the_truths(old, new, pair.same):
        asked = "minor"
    first, second = (f"{library.name} {library.version}" for library in (old, new))
    return Editions(first, second, criteria, verdict, asked, made, why, as_of)


def _changed(before: Criterion | None, after: Criterion | None, pair: Pair) -> Changed:
    if before is None or after is None:
        only = before or after
        assert only is not None
        return Changed(only.id, "removed" if after is None else "added", EVERY_RECORD)
    was = before.id if before.id != after.id else ""
    weight = [(c.category, c.strength) for c in (before, after)]
    if not was and after.id in pair.same and weight[0] == weight[1]:
        return Changed(after.id, "equivalent", EVERY_RECORD)
    good = [TRUE if c.category == "inclusion" else FALSE for c in (before, after)]
    bad = [FALSE if g is TRUE else TRUE for g in good]
    names = before.id, after.id
    hows: dict[str, str] = {}
    shown = []
    part = pair.part(names)
    for direction, wanted in (
        ("tightened", ((good[0], bad[1]), (good[0], UNKNOWN), (UNKNOWN, bad[1]))),
        ("loosened", ((bad[0], good[1]), (UNKNOWN, good[1]), (bad[0], UNKNOWN))),
    ):
        found, hows[direction] = _shown(direction, names, wanted, part, pair)
        shown += [found] if found else []
    changed = _as_shown(after.id, shown, hows, pair.inputs(names), was)
    # The same of everybody, with another weight in the verdict.
    return replace(changed, state=WEIGHED) if changed.state in _SAME and weight[0] != weight[1] else changed


def _alert(before: Criterion | None, after: Criterion | None, pair: Pair) -> Changed | None:
    """What became of the alert of a criterion, which no verdict shows; None where it is the same or there is none.

    Who is warned of now and was not is `tightened`, who is not any more `loosened`.
    """
    was, now = (one.alert.definition if one is not None and one.alert else "" for one in (before, after))
    if before is None or after is None or was == now == "" or (was == now and now in pair.same):
        return None
    about = f"alert of {after.id}"
    if not was or not now:
        return Changed(about, "removed" if was else "added", EVERY_RECORD)
    shown, hows, part = [], {}, pair.part((was, now))
    for direction, wanted in (
        ("tightened", ((FALSE, TRUE), (UNKNOWN, TRUE))),
        ("loosened", ((TRUE, FALSE), (TRUE, UNKNOWN))),
    ):
        found, hows[direction] = _shown(direction, (was, now), wanted, part, pair)
        shown += [found] if found else []
    changed = _as_shown(about, shown, hows, pair.inputs((was, now)))
    return None if changed.state == "equivalent" else changed


def _as_shown(
    about: str, shown: list[Otherwise], hows: dict[str, str], inputs: tuple[str, ...], was: str = ""
) -> Changed:
    """What became of a thing, by who was found for each direction, and how sure it is that there is nobody."""
    # Of people who have none of these inputs nothing follows for those who do.
    hows = {d: NOT_DECIDED if inputs and how != SHOWN else how for d, how in hows.items()}
    # That nobody was found among people with few entries is no proof beside what somebody shows.
    open_ways = (NOT_DECIDED, MADE_UP) if shown else (NOT_DECIDED,)
    undecided = tuple(direction for direction, how in hows.items() if how in open_ways)
    if shown:
        state = "both" if len(shown) > 1 else shown[0].direction
        return Changed(about, state, SHOWN, tuple(shown), was, inputs, undecided)
    sure = less_sure(*hows.values())
    state = NOT_DECIDED if sure == NOT_DECIDED else "renamed" if was else "equivalent"
    return Changed(about, state, sure, (), was, inputs, undecided)


def _shown(
    direction: str, names: tuple[str, str], wanted: tuple[tuple[Truth, Truth], ...], part: Pair, pair: Pair
) -> tuple[Otherwise | None, str]:
    """The first of the changes of a direction that somebody shows; else how sure it is that nobody does.

    A change that no record shows on any day is granted where it is asked what becomes of the verdict.
    """
    sure = EVERY_RECORD
    for old, new in wanted:

        def of(one: Reading, other: Reading, old: Truth = old, new: Truth = new) -> Formula:
            first, second = truth_of_name(one, names[0]), truth_of_name(other, names[1])
            return both((formula_of(first, old), formula_of(second, new)))

        def holds(before: Values, after: Values, old: Truth = old, new: Truth = new) -> bool:
            return before[names[0]] is old and after[names[1]] is new

        found, how = _asked(direction, names, of, holds, lambda *_, old=old, new=new: (old.value, new.value), part)
        if found is not None:
            return found, SHOWN
        if how == EVERY_RECORD:
            pair.grant(of)
        sure = less_sure(sure, how)
    return None, sure


def _asked(
    direction: str,
    names: tuple[str, str],
    of: Of,
    holds: Holds,
    said: Callable[..., tuple[str, str]],
    pair: Pair,
    days: Sequence[datetime.date] | None = None,
    rounds: int = ROUNDS,
) -> tuple[Otherwise | None, str]:
    """Somebody of whom something is so, on the day of the pair or another; else how sure it is that nobody is."""
    of_criteria = names[0] not in ROOTS
    # What was granted of the criteria soon proves what nobody shows of the verdict.
    if not of_criteria and pair.is_never_on_any_day(of):
        return None, EVERY_RECORD
    subject, none = pair.person(of, holds, pair.granting(names) if of_criteria else True, rounds)
    if subject is not None:
        return _otherwise(direction, names, subject, said, pair), SHOWN
    if of_criteria and pair.is_never_on_any_day(of):
        return None, EVERY_RECORD
    if days is None:
        days = tuple(other_days(pair.as_of)) if pair.rests_on_the_day(names) else ()
    for other in pair.elsewhen(days):
        subject, none_then = other.person(of, holds, other.granting(names) if of_criteria else True, rounds)
        if subject is not None:
            return replace(_otherwise(direction, names, subject, said, other), as_of=other.as_of), SHOWN
        none = none and none_then
    return None, MADE_UP if none else NOT_DECIDED


def _otherwise(
    direction: str, names: tuple[str, str], subject: Subject, said: Callable[..., tuple[str, str]], pair: Pair
) -> Otherwise:
    old, new = said(*pair.values(subject))
    return Otherwise(direction, old, new, subject, tuple(_told(names, subject, pair)))


def less_sure(one: str, other: str) -> str:
    """The less sure of two."""
    order = (EVERY_RECORD, MADE_UP, NOT_DECIDED)
    return max(one, other, key=order.index)


def _verdict(pair: Pair, criteria: Sequence[Changed]) -> Changed:
    """Who is ELIGIBLE under one edition and not under the other; who is ruled out under one alone."""
    if set(ROOTS) <= pair.same:
        return Changed("verdict", "equivalent", EVERY_RECORD)
    days = sorted({s.as_of for c in criteria for s in c.shown if s.as_of is not None})
    shown: list[Otherwise] = []
    hows: dict[str, str] = {}
    for direction, at in (("tightened", 0), ("loosened", 1)):
        asked = [(_lets_in, FEW_ROUNDS), (_bars, ROUNDS), (_leaves_to_review, ROUNDS)]
        if any(_may_have(direction, c) for c in criteria):
            asked.append((_lets_in, ROUNDS))
        each: dict[object, str] = {}
        for asks, rounds in asked:
            found, each[asks] = asks(direction, at, pair, days, rounds)
            if found is not None:
                shown.append(found)
                break
        hows[direction] = SHOWN if found else reduce(less_sure, each.values())
    inputs = tuple(sorted({name for root in ROOTS for name in pair.inputs((root, root))}))
    return _as_shown("verdict", shown, hows, inputs)


def _may_have(direction: str, criterion: Changed) -> bool:
    """Whether a criterion went that way, or may have for all that was found out."""
    sure = "equivalent", "renamed", *({"tightened", "loosened"} - {direction})
    return criterion.state not in sure or direction in criterion.undecided


def _lets_in(
    direction: str, at: int, pair: Pair, days: Sequence[datetime.date], rounds: int
) -> tuple[Otherwise | None, str]:
    """Somebody is ELIGIBLE under the edition of that number, and not under the other."""

    def of(one: Reading, other: Reading) -> Formula:
        readers = (one, other)
        return both((is_eligible(readers[at]), opposite(is_eligible(readers[1 - at]))))

    return _person(direction, of, lambda *v: _word(v[at]) == "ELIGIBLE" != _word(v[1 - at]), pair, days, rounds)


def _bars(
    direction: str, at: int, pair: Pair, days: Sequence[datetime.date], rounds: int
) -> tuple[Otherwise | None, str]:
    """Somebody is not ruled out under the edition of that number, and is under the other."""

    def of(one: Reading, other: Reading) -> Formula:
        rails = truth_of_name(one, "eligible"), truth_of_name(other, "eligible")
        return both((opposite(rails[at].unmet), rails[1 - at].unmet))

    return _person(direction, of, lambda *v: _word(v[at]) != "INELIGIBLE" == _word(v[1 - at]), pair, days, rounds)


def _leaves_to_review(
    direction: str, at: int, pair: Pair, days: Sequence[datetime.date], rounds: int
) -> tuple[Otherwise | None, str]:
    """Somebody is ELIGIBLE or at REVIEW under the edition of that number, and UNDETERMINED under the other."""

    def is_ready(reader: Reading) -> Formula:
        eligible, favourable, arranged = (truth_of_name(reader, n) for n in ("eligible", "favourable", "arranged"))
        return both((opposite(eligible.unmet), arranged.met, either((eligible.met, favourable.met))))

    def of(one: Reading, other: Reading) -> Formula:
        readers = (one, other)
        others = truth_of_name(readers[1 - at], "eligible")
        return both((is_ready(readers[at]), opposite(is_ready(readers[1 - at])), opposite(others.unmet)))

    ready = ("ELIGIBLE", "REVIEW")
    return _person(
        direction, of, lambda *v: _word(v[at]) in ready and _word(v[1 - at]) == "UNDETERMINED", pair, days, rounds
    )


def _person(
    direction: str, of: Of, holds: Holds, pair: Pair, days: Sequence[datetime.date], rounds: int
) -> tuple[Otherwise | None, str]:
    names = ("eligible", "eligible")
    return _asked(direction, names, of, holds, lambda old, new: (_word(old), _word(new)), pair, days, rounds)


def _word(values: Values) -> str:
    """The verdict by its four nodes (semantics 6)."""
    eligible, favourable, review, arranged = (values[root] for root in ROOTS)
    assert isinstance(eligible, Truth)
    assert isinstance(favourable, Truth)
    assert isinstance(review, Truth)
    assert isinstance(arranged, Truth)
    return verdict_of(eligible, favourable, review, arranged).value


def _told(names: tuple[str, str], subject: Subject, pair: Pair) -> Iterator[tuple[str, str]]:
    """Numbers that both editions take into account, as the person has them."""
    told: dict[str, str] = {}
    twin = {old: new for new, old in pair.twins.items()}
    both_have = {n for n, _ in pair.libraries[0].order} & {n for n, _ in pair.libraries[1].order}
    for library, values, name in reversed(list(zip(pair.libraries, pair.values(subject), names, strict=True))):
        defined = {d.name: d for d in library.definitions if d.origin == "definition"}
        for reached in _below(library, name):
            value = values.get(reached)
            is_number = reached in defined and defined[reached].type.name in ORDERED
            is_shared = reached in both_have or reached in twin or reached in pair.twins
            if is_number and is_shared and isinstance(value, Bounds) and is_exact(value):
                told.setdefault(twin.get(reached, reached), str(value.low))
    yield from list(told.items())[:_TOLD]


def _below(library: Library, name: str) -> Iterator[str]:
    """The names that a name rests on, the nearest first."""
    expressions = dict(library.order)
    waiting, seen = [name], {name}
    while waiting:
        for node in statements(expressions[waiting.pop(0)]):
            if isinstance(node, e.Reference) and node.name not in seen:
                seen.add(node.name)
                waiting.append(node.name)
                yield node.name
