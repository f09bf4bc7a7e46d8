"""Where the evidence of many people lies in tables, so that it can be screened there, column by column.

One table holds the people, one row each. What is recorded of them lies in a column of that table (at most one
reading a person), or in a table of entries of its own for each requirement. Values are in the requirement's unit
already. A prepared cohort has all roles of an entry as columns; tables of a site that are plain enough to be
screened in place have a few, and the rest is what stands here as the default.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from screening.record.subject import Completeness
from screening.values.frozen import dataclass

# ------------------------------------------------------------------------- the roles of an entry
#
# The column that a role lies in has the role's own name in a prepared cohort. What a table does not hold is as the
# comment says. Numbers are 64-bit floats: a number as written has at most 15 significant digits there, so that its
# comparison with another such number is that of the decimals; one of more digits makes its entry odd.
SUBJECT = "subject"  # whose entry it is: the number of the person
CERTAIN = "certain"  # truth: false for an entry that is only possible; true by default
SET_ASIDE = "set_aside"  # truth: true for a value that is there and cannot be used; false by default
TRUTH = "truth"  # Boolean and Judgement: null is UNKNOWN
LOW, HIGH = "low", "high"  # numbers, and days or instants: both ends, null is open; equal if exact
WORD = "word"  # String and Code: the one coding as `system|code` (a plain word has system ""); null is none
WHEN_LOW, WHEN_HIGH = "when_low", "when_high"  # days: the first and the last day it may be of; null is open
CLOCK = "clock"  # whole number, 1 or more: a later clock time of one list has a larger one; null or 0 is none
CONCEPT = "concept"  # whole number: the one listed concept that its codes name; null is none
CODE = "code"  # the one coding of the entry as `system|code`; null is none
APART = "apart"  # truth: no two entries of this person's list may turn out to be one; true by default
ODD = "odd"  # truth: something about the entry does not fit these columns, so that the law has to be asked


# What a prepared cohort says beside these columns, as text, in two more of its own: a value or a field exactly,
# and a clock time that is written otherwise. A table of which no row says it has no such column.
EXACT, TIME = "exact", "time"


def of_field(name: str, role: str) -> str:
    """The role of a field of a record: `weeks.low`, `outcome.word`, `stopped.truth`, `weeks.set_aside`."""
    return f"{name}.{role}"


@dataclass(frozen=True, slots=True)
class Held:
    """A requirement that a column of the people's table answers: exact, certain, undated unless `date` is one.

    Null is no entry at all. `words` gives the meaning of the answers of a String as `system|code`, or of a Boolean
    as `true` and `false`; without it a word is itself, of no system, and a truth is one.
    """

    column: str
    date: str = ""
    words: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Entries:
    """A requirement whose entries are the rows of a table; `columns` has the column of each role that it holds.

    A role given twice by one column (`low` and `high`) is exact. `absences` is the table of attested absences:
    `subject`, `when_low`, `when_high`, `concepts` (a list of positions, null for the whole requirement).
    `complete` is the table of lists that a record itself calls complete: `subject`, `since` (null is ever).
    `shared` are further tables with these columns, whose rows are entries of other requirements as well.
    `is_exact` says that these are tables of a prepared cohort: an entry that is odd, of which neither EXACT nor
    TIME says anything, and none of whose numbers is long, has several codings and is said by its columns else.
    """

    table: str
    columns: Mapping[str, str]
    absences: str = ""
    complete: str = ""
    shared: tuple[str, ...] = ()
    is_exact: bool = False


@dataclass(frozen=True, slots=True)
class Tables:
    """A cohort in tables: paths of Parquet files, or names of tables in a database.

    `key` is the column of the people's table by which entries name a person (the number in a prepared cohort),
    `id` that of the person's id. A requirement that is not in `requirements` is recorded of nobody. `complete` is
    what is said of everybody's lists (a site declaration); what one record says goes before it.
    """

    people: str
    key: str
    id: str
    requirements: Mapping[str, Held | Entries]
    complete: Mapping[str, Completeness] = field(default_factory=dict)
