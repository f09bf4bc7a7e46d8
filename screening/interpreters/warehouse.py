"""The library as one query, run where the data is: DuckDB, PostgreSQL, Apache Spark.

`compile` makes a query of a library over tables; nothing is guessed in it: where columns cannot say what the law
would, the person is `odd` and is left to the law (ODDITIES lists every reason). The as-of date and the parameters
are constants of the query.
"""

from __future__ import annotations

import datetime
from typing import Any

from screening.interpreters import warehouse_term as t
from screening.interpreters.warehouse_meaning import ODDITIES as ODDITIES
from screening.interpreters.warehouse_meaning import Meanings
from screening.interpreters.warehouse_person import PersonRow, verdict
from screening.interpreters.warehouse_query import Built
from screening.interpreters.warehouse_source import ABSENCES, COMPLETE, ENTRIES
from screening.interpreters.warehouse_term import Term
from screening.language.library import ROOTS, Library
from screening.record import tables as roles
from screening.record.tables import Entries, Tables

REASON = "odd: "


class Query:
    """What a library says of everybody in the tables, as tables of Ibis, computed when they are asked for."""

    def __init__(self, library: Library, tables: Tables, as_of: datetime.date, warehouse: Any) -> None:
        self.library, self.tables, self.as_of, self.warehouse = library, tables, as_of, warehouse

    def _meanings(self) -> Meanings:
        return Meanings(self.library, self.tables, self.as_of, bits=self.warehouse.has_bits)

    def truths(self) -> Any:
        """`id`, `verdict`, one nullable Boolean for each criterion, and `odd` where anybody can be."""
        made = self._meanings()
        criteria = {c.id: made.truth(c.id) for c in self.library.criteria}
        outputs = {"id": t.column(self.tables.id, "text"), "verdict": verdict(made), **criteria}
        odd = t.disjunction(*made.notes.doubts.values())
        return self._table(outputs if odd is t.NO else {**outputs, "odd": odd})

    def rows(self) -> Any:
        """Everything of `outcome.row.Row` but `evidence` and `place`, with `subject` and `odd`."""
        return self._table(PersonRow(self._meanings(), self.tables).outputs())

    def rows_with_reasons(self) -> Any:
        """The same, and beside it a Boolean for each reason for which somebody is odd, named as REASON and it."""
        made = self._meanings()
        outputs = PersonRow(made, self.tables).outputs()
        return self._table(outputs | {REASON + name: truth for name, truth in made.notes.doubts.items()})

    def oddities(self) -> Any:
        """`id`, and a Boolean for each reason for which somebody is odd in `rows`."""
        made = self._meanings()
        PersonRow(made, self.tables).outputs()
        return self._table({"id": t.column(self.tables.id, "text"), **made.notes.doubts})

    def values(self, *names: str) -> Any:
        """`id`, and what names are worth: a truth or a word as one column, a value as `<name>.low` and `.high`."""
        made, outputs = self._meanings(), {"id": t.column(self.tables.id, "text")}
        for name in names or ROOTS:
            found = made.value(name)
            if isinstance(found, Term):
                outputs[name] = found
            else:
                outputs |= {f"{name}.low": found.low, f"{name}.high": found.high}
        return self._table({**outputs, "odd": t.disjunction(*made.notes.doubts.values())})

    def _table(self, outputs: dict[str, Term]) -> Any:
        places: dict[str, tuple[tuple[str, ...], str]] = {}
        for name, held in self.tables.requirements.items():
            if isinstance(held, Entries):
                own = held.columns.get(roles.SUBJECT, roles.SUBJECT)
                places[ENTRIES + name] = (held.table, *held.shared), own
                places[ABSENCES + name] = (held.absences,), roles.SUBJECT
                places[COMPLETE + name] = (held.complete,), roles.SUBJECT
        built = Built(self.warehouse, self.tables.people, self.tables.key, places)
        return built.query(outputs)


def compile(library: Library, tables: Tables, as_of: datetime.date, connection: Any) -> Query:
    """The query of a library on a day over tables that a connection (`warehouse_connection.connect`) reaches.

    Raises UnsupportedError, with the place of the node, for what has no form in columns: everybody of such a
    protocol is screened by the law.
    """
    query = Query(library, tables, as_of, connection)
    made = query._meanings()
    for name, _ in library.order:
        made.value(name)
    return query
