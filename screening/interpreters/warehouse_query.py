"""Terms as a query of Ibis: aggregates of entries joined to the people, and what is shared computed once.

Aggregates of one source stand in one table of their own; one that rests on others (the rows that come last) is
made of the entries joined with those. What several terms need, and is no trifle, is a column of an earlier step.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from typing import Any

from screening.interpreters import warehouse_engine as engine
from screening.interpreters.warehouse_term import PERSON, Term, disjunction, nested, packed

_LEAVES = ("literal", "column", "aggregate")
_AT_ONCE = 40  # tables joined in one statement
_TOGETHER = 8  # requirements whose entries are gathered in one statement
_TRIFLE = 6  # an expression of so few nodes is written again where it is needed again
_LARGEST = 150  # a longer one is cut: engines walk their expressions recursively
_MOST_COLUMNS = 300  # with more aggregates, they are not all brought into one table
_KEPT_EVERY = 4  # steps within each other in one statement
_PEELED = ("not", "coalesce", "known", "if")
KEY = "subject key"
Place = str | tuple[str, int]  # a column, or the place of a truth in a column of packed truths


class Built:
    """The tables of a query under construction, in a warehouse (`warehouse_connection.Warehouse`)."""

    def __init__(
        self, warehouse: Any, people: str, key: str, tables: Mapping[str, tuple[tuple[str, ...], str]]
    ) -> None:
        self.warehouse, self.tables, self.key = warehouse, tables, key
        self.fenced = warehouse.writes_steps_out
        self.opened: dict[str, Any] = {}
        self.people = self._opened(people)
        self.stages: dict[Term, int] = {}
        self.made: dict[tuple[str, int], Any] = {}
        self.names: dict[Term, str] = {}
        self.groups: dict[tuple[str, int], list[Term]] = {}

    def _opened(self, name: str) -> Any:
        if name not in self.opened:
            self.opened[name] = self.warehouse.table(name).op()
        return self.opened[name]

    def query(self, outputs: Mapping[str, Term]) -> Any:
        """One row for each person, with these columns."""
        for term in outputs.values():
            self._gather(term)
        groups = sorted({self._group(a) for a in _aggregates(outputs.values())})
        if len(_aggregates(outputs.values())) <= _MOST_COLUMNS:
            people = self._joined(self.people, self.key, groups)
            return engine.table(_projected(people, outputs, self._leaf, self.fenced))
        return self._condensed(outputs, groups)

    def _condensed(self, outputs: Mapping[str, Term], groups: Sequence[tuple[str, int]]) -> Any:
        """The same where there are more aggregates than a table may have columns: what rests on one requirement
        alone is worked out first, beside the people, and only that is brought together. Each step is a table that
        the database keeps until the connection closes: no engine plans hundreds of joins within each other."""
        keep, drop = self.warehouse.kept, self.warehouse.dropped
        outputs = {name: _by_source(term) for name, term in outputs.items()}
        own = _of_one_source(outputs.values())
        beside, given = [], dict[Term, Place]()
        names = sorted({_requirement(group) for group in groups})
        for number, first in enumerate(range(0, len(names), _TOGETHER)):
            some = names[first : first + _TOGETHER]
            mine = [group for group in groups if _requirement(group) in some]
            terms, places = self._packed(f"r{number}", [term for term, of in own.items() if of in some])
            keys = engine.projected(self.people, {KEY: engine.field(self.people, self.key)})
            key = f"{KEY} of {number}"
            found = self._joined(keys, KEY, mine)
            made = _projected(found, terms, self._leaf, self.fenced, keep={key: engine.field(found, KEY)})
            beside.append((keep(made), key))
            given |= places
        people = self.people
        for first in range(0, len(beside), _AT_ONCE):
            others, before = beside[first : first + _AT_ONCE], people
            people = keep(engine.joined(people, self.key, others))
            drop([table for table, _ in others] + ([before] if first else []))
        made = _projected(people, outputs, self._leaf, self.fenced, given=given, stepped=self.warehouse)
        last = keep(made)
        return engine.table(last)

    def _packed(self, name: str, terms: Sequence[Term]) -> tuple[dict[str, Term], dict[Term, Place]]:
        """What stands in the columns of some requirements, and where each term is found there again. Where a table
        may have few columns, truths are packed into whole numbers."""
        truths = [term for term in terms if term.type == "bool"] if self.warehouse.has_few_columns else []
        plain = [term for term in terms if term not in truths]
        columns = {f"{name}.{n}": term for n, term in enumerate(plain)}
        places: dict[Term, Place] = {term: column for column, term in columns.items()}
        for first in range(0, len(truths), engine.PACKED):
            some, column = truths[first : first + engine.PACKED], f"{name}.p{first}"
            columns[column] = packed(some)
            places |= {term: (column, n) for n, term in enumerate(some)}
        return columns, places

    # ---------------------------------------------------------------------------------- aggregates

    def _group(self, aggregate: Term) -> tuple[str, int]:
        return aggregate.extra[0], self._stage(aggregate)

    def _stage(self, aggregate: Term) -> int:
        if aggregate not in self.stages:
            below = _aggregates(aggregate.args)
            self.stages[aggregate] = 1 + max((self._stage(a) for a in below), default=0)
        return self.stages[aggregate]

    def _gather(self, term: Term) -> None:
        waiting = list(_aggregates([term]))
        while waiting:
            aggregate = waiting.pop()
            if aggregate in self.names:
                continue
            self.names[aggregate] = f"a{len(self.names)}"
            self.groups.setdefault(self._group(aggregate), []).append(aggregate)
            waiting += _aggregates(aggregate.args)

    def _grouped(self, group: tuple[str, int]) -> Any:
        """The table of the aggregates of one source: one row for each person who has entries."""
        if group in self.made:
            return self.made[group]
        source, members = group[0], self.groups[group]
        paths, key = self.tables[source]
        rows = engine.together([self._opened(path) for path in paths])
        below = sorted({self._group(a) for member in members for a in _aggregates(member.args)})
        wanted = dict.fromkeys(_people_columns(arg for member in members for arg in member.args))
        if wanted:
            columns = {f"people.{name}": engine.field(self.people, name) for name in wanted}
            people = engine.projected(self.people, {KEY: engine.field(self.people, self.key), **columns})
            rows = engine.joined(rows, key, [(people, KEY)], "inner")
        rows = self._joined(rows, key, below)
        arguments = dict.fromkeys(arg for member in members for arg in member.args if not arg.is_constant)
        outputs = {f"x{n}": arg for n, arg in enumerate(arguments)}
        named = {arg: name for name, arg in outputs.items()}
        rows = _projected(rows, outputs, self._leaf, self.fenced, keep={KEY: engine.field(rows, key)})

        def argument(term: Term) -> Any:
            return engine.field(rows, named[term]) if term in named else engine.constant(term)

        found = {self.names[member]: engine.aggregated(member, argument, rows) for member in members}
        self.made[group] = engine.grouped(rows, KEY, f"{KEY} {len(self.made)}", found)
        return self.made[group]

    def _joined(self, rows: Any, key: str, groups: Iterable[tuple[str, int]]) -> Any:
        others = [self._grouped(group) for group in groups]
        return engine.joined(rows, key, [(other, other.schema.names[0]) for other in others])

    def _leaf(self, table: Any, term: Term) -> Any:
        if term.op == "aggregate":
            found = engine.field(table, self.names[term])
            return engine.never_null(found, term) if term.sure else found
        if term.scope == PERSON and f"people.{term.extra}" in table.schema:
            return engine.typed(engine.field(table, f"people.{term.extra}"), term.type)
        return engine.typed(engine.field(table, term.extra), term.type)


def _aggregates(terms: Iterable[Term]) -> list[Term]:
    """The aggregates that terms rest on directly."""
    return [term for term in _below(terms) if term.op == "aggregate"]


def _people_columns(terms: Iterable[Term]) -> list[str]:
    return [term.extra for term in _below(terms) if term.op == "column" and term.scope == PERSON]


def _below(terms: Iterable[Term], given: Container[Term] = ()) -> list[Term]:
    """Terms and everything in them, aggregates and what is given not entered, parts before the whole."""
    found: dict[Term, None] = {}
    waiting = [(term, False) for term in reversed(list(terms))]
    while waiting:
        term, done = waiting.pop()
        if done:
            found[term] = None
        elif term not in found:
            waiting.append((term, True))
            if term.op != "aggregate" and term not in given:
                waiting += [(arg, False) for arg in term.args if arg not in found]
    return list(found)


def _requirement(group: tuple[str, int]) -> str:
    return group[0].partition(": ")[2]


def _by_source(term: Term) -> Term:
    """An `or` of many things with what rests on one requirement side by side."""
    if term.op != "or":
        return term
    groups: dict[frozenset[str], list[Term]] = {}
    for part in term.args:
        groups.setdefault(frozenset(_requirement((a.extra[0], 0)) for a in _aggregates([part])), []).append(part)
    return nested("or", [disjunction(*parts) for parts in groups.values()])


def _of_one_source(outputs: Iterable[Term]) -> dict[Term, str]:
    """The largest terms that rest on the entries of one requirement alone, with its name."""
    roots = list(outputs)
    of: dict[Term, str | None] = {}  # "" rests on nothing recorded, None on more than one thing
    every = _below(roots)
    for term in every:
        if term.op == "aggregate":
            of[term] = _requirement((term.extra[0], 0))
        elif term.op == "column":
            of[term] = None
        else:
            names = {of[arg] for arg in term.args} - {""}
            of[term] = "" if not names else names.pop() if len(names) == 1 else None
    found: dict[Term, str] = {}
    for term in every:
        if term.op == "aggregate":
            continue
        for arg in term.args:
            name = of[arg]
            if name and of[term] is None:
                found[arg] = name
    for term in roots:
        name = of[term]
        if name:
            found[term] = name
    return {_peeled(term): name for term, name in found.items()}


def _peeled(term: Term) -> Term:
    """What a term rests on, without what is done with it beside constants: that is done where it is used."""
    while term.op in _PEELED:
        inner = [arg for arg in term.args if not arg.is_constant]
        if len(inner) != 1:
            return term
        (term,) = inner
    return term


def _column(place: Place) -> str:
    return place if isinstance(place, str) else place[0]


def _projected(
    table: Any,
    outputs: Mapping[str, Term],
    leaf: Any,
    fenced: bool,
    keep: Mapping[str, Any] | None = None,
    given: Mapping[Term, Place] | None = None,
    stepped: Any = None,
) -> Any:
    """A table of the outputs; what they share stands as a column in a step before. `given` are terms that stand
    as columns already; `stepped` is the warehouse that keeps the table of every few steps."""
    given = given or {}
    steps = _steps(outputs, given)
    last = max(steps.values(), default=0)
    last_use: dict[Term, int] = {}
    for term, step in [*steps.items(), *((term, last + 1) for term in outputs.values())]:
        for atom in _atoms(term, steps, given, enter=step <= last):
            last_use[atom] = max(last_use.get(atom, 0), step)
    names: dict[Term, Place] = dict(given)
    kept = None
    values: dict[str, Any] = dict(keep or {})
    for number in range(1, last + 1):
        values = {name: engine.field(table, name) for name in keep or ()} if number > 1 else values
        known: dict[Term, Any] = {}
        carried: dict[Term, Place] = {}
        for atom, use in last_use.items():
            if use > number and steps.get(atom, 0) < number:
                carried[atom] = names.get(atom) or f"l{len(carried)}"
                column = _column(carried[atom])
                values[column] = engine.field(table, column) if atom in names else leaf(table, atom)
        for term, step in steps.items():
            if step == number:
                place = carried[term] = f"s{number}.{len(carried)}"
                values[place] = _expression(term, table, names, leaf, known)
        keeping = set(keep or ()) | {_column(place) for place in carried.values()}
        chosen = {name: value for name, value in values.items() if name in keeping}
        if stepped is None or number % _KEPT_EVERY:
            table = engine.stepped(table, chosen, fenced)
        else:
            table = stepped.kept(engine.projected(table, chosen))
            stepped.dropped([kept] if kept is not None else [])
            kept = table
        names, values = carried, {name: engine.field(table, name) for name in keep or ()}
    known = {}
    for name, term in outputs.items():
        values[name] = _expression(term, table, names, leaf, known)
    return engine.projected(table, values)


def _steps(outputs: Mapping[str, Term], given: Mapping[Term, Place]) -> dict[Term, int]:
    """The terms that are worth a column of their own, each with the number of its step."""
    every = _below(outputs.values(), given)
    uses: dict[Term, int] = {}
    for arg in [arg for term in every if term.op != "aggregate" and term not in given for arg in term.args] + list(
        outputs.values()
    ):
        uses[arg] = uses.get(arg, 0) + 1
    size: dict[Term, int] = {}
    step: dict[Term, int] = {}
    found: dict[Term, int] = {}
    for term in every:
        if term.op in _LEAVES or term in given:
            size[term], step[term] = 1, 0
            continue
        size[term] = 1 + sum(size[arg] for arg in term.args)
        step[term] = max(step[arg] for arg in term.args)
        if (uses[term] > 1 and size[term] > _TRIFLE) or size[term] > _LARGEST:
            step[term] += 1
            size[term] = 1
            found[term] = step[term]
    return found


def _atoms(root: Term, steps: Mapping[Term, int], given: Mapping[Term, Place], enter: bool) -> list[Term]:
    """What a term is made of: columns, aggregates, and terms that stand as columns."""
    if not enter and root in steps:
        return [root]
    found: dict[Term, None] = {}
    seen: set[Term] = set()
    waiting = list(root.args) if enter else [root]
    while waiting:
        term = waiting.pop()
        if term in seen:
            continue
        seen.add(term)
        if term in steps or term in given or term.op in ("column", "aggregate"):
            found[term] = None
        elif term.op != "literal":
            waiting += term.args
    return list(found)


def _expression(root: Term, table: Any, names: Mapping[Term, Place], leaf: Any, known: dict[Term, Any]) -> Any:
    waiting = [(root, False)]
    while waiting:
        term, done = waiting.pop()
        if term in known:
            continue
        if term in names:
            place = names[term]
            known[term] = engine.field(table, place) if isinstance(place, str) else engine.unpacked(table, *place)
        elif term.op == "literal":
            known[term] = engine.constant(term)
        elif term.op in ("column", "aggregate"):
            known[term] = leaf(table, term)
        elif done:
            known[term] = engine.operation(term, [known[arg] for arg in term.args])
        else:
            waiting.append((term, True))
            waiting += [(arg, False) for arg in term.args if arg not in known]
    return known[root]
