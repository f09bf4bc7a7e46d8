"""Many people as one stream of subjects, whatever they come in: what a source is, and who reads it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from screening.language.library import Library
from screening.record.people import People
from screening.record.subject import Subject
from screening.sources import prepared
from screening.sources.opening import opened
from screening.sources.site import SiteDeclaration
from screening.sources.unread import people_through

if TYPE_CHECKING:
    from screening.outcome.coverage import Coverage
    from screening.reports.line import Line
    from screening.sources.proposal import Proposal


def people_of(
    source: Path, library: Library, site: SiteDeclaration | None = None, mapping: Path | None = None
) -> People:
    """Everybody in a source, as subjects of a library; a record that cannot be read stops no other.

    A mapping says what the columns of CSV tables are; every other source is recognised by its files. Raises
    UnreadableRecord where the source is none that is read, and RuleError where site or mapping do not hold,
    before the first person. The same source gives the same stream; memory does not grow with the people.
    """
    if source.exists() and prepared.is_prepared(source):
        return prepared.people_of_prepared(source, library, site)
    return people_through(opened(source, library, site, mapping))


def is_prepared(source: Path) -> bool:
    """Whether a source is a prepared cohort, made by `screening prepare`."""
    return prepared.is_prepared(source)


def prepared_for(source: Path) -> str:
    """The first protocol that a prepared cohort was made for."""
    return str(prepared.read_prepared(source)["libraries"][0]["name"])


def person_of(source: Path, library: Library, site: SiteDeclaration | None, id: str) -> Subject:
    """One person of a prepared cohort, by id. Raises UnreadableRecord where nobody has it."""
    return prepared.person_of_prepared(source, library, site, id)


# --------------------------------------------------------------------------- before screening


def coverage(
    source: Path, library: Library, site: SiteDeclaration | None = None, mapping: Path | None = None
) -> Coverage:
    """What a source holds for each requirement of a library; raises as `people_of` does."""
    from screening.outcome.coverage import measure

    return measure(people_of(source, library, site, mapping), library)


def covered(found: Coverage, source: str) -> list[Line]:
    """A coverage in lines for people."""
    from screening.reports.coverage import coverage as lines

    return lines(found, source)


def coverage_text(found: Coverage) -> str:
    """A coverage as JSON text."""
    from screening.outcome.coverage import coverage_data
    from screening.reports.data import as_json

    return as_json(coverage_data(found))


def proposed(tables: Sequence[Path], library: Library) -> Proposal:
    """A mapping file proposed from the names of columns; raises UnreadableRecord for what is no table."""
    from screening.sources.proposal import propose

    return propose(tables, library)
