"""Many people as one stream of subjects, whatever they come in: what a source is, and who reads it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from screening.language.library import Library
from screening.record.people import People
from screening.record.people import Rejected as Rejected
from screening.record.people import failures as failures
from screening.record.subject import Subject
from screening.sources import prepared
from screening.sources import site as declarations
from screening.sources.database import shown
from screening.sources.opening import looked_for, opened, read_mapped
from screening.sources.site import SiteDeclaration, adapted
from screening.sources.unread import people_through

if TYPE_CHECKING:
    from screening.outcome.coverage import Coverage
    from screening.reports.line import Line
    from screening.sources.files import Beside
    from screening.sources.proposal import Proposal


def people_of(
    source: Path | str,
    library: Library,
    site: SiteDeclaration | None = None,
    mapping: Path | None = None,
    beside: Beside | None = None,
    coded: Counter[tuple[str, str]] | None = None,
) -> People:
    """Everybody in a source, as subjects of a library; a record that cannot be read stops no other.

    A source is a path, or the name of a database (`postgres://...`). A mapping says what the columns of tables
    are; every other source is recognised by what it holds. In profiles the names that `beside` gives are no slips;
    in `coded` the codes are counted that a mapping declares for what is missing. Raises UnreadableRecord where the
    source is none that is read, and RuleError where site or mapping do not hold, before the first person. The same
    source gives the same stream; memory does not grow with the people.
    """
    if is_prepared(source):
        return prepared.people_of_prepared(Path(source), library, site)
    return people_through(opened(source, library, site, mapping, beside, coded))


def is_prepared(source: Path | str) -> bool:
    """Whether a source is a prepared cohort, made by `screening prepare`."""
    return prepared.is_prepared(Path(source))


def prepared_for(source: Path) -> str:
    """The first protocol that a prepared cohort was made for."""
    return str(prepared.read_prepared(source)["libraries"][0]["name"])


def person_of(source: Path, library: Library, site: SiteDeclaration | None, id: str) -> Subject:
    """One person of a prepared cohort, by id. Raises UnreadableRecord where nobody has it."""
    return prepared.person_of_prepared(source, library, site, id)


def people_with(
    id: str,
    source: Path | str,
    library: Library,
    site: SiteDeclaration | None = None,
    mapping: Path | None = None,
    beside: Beside | None = None,
    is_whole: bool = False,
) -> People:
    """Everybody in a source, but somebody of an id comes first where the source can be asked for them alone.

    `is_whole` says that every row of it is known to be somebody's. One that may be of anybody stands in none of
    the rows that are asked for, and leaves no list complete: beside one, everybody is read.
    """
    from itertools import chain

    everybody = people_of(source, library, site, mapping, beside)
    if is_prepared(source):
        return iter([prepared.person_of_prepared(Path(source), library, site, id)])
    if is_whole and mapping is not None and Path(source).exists():
        from screening.sources.in_place import person_in_place
        from screening.sources.mapping import read_mapping
        from screening.sources.opening import data_of

        meant = read_mapping(data_of(mapping), mapping.as_posix())
        first = person_in_place(Path(source), meant, adapted(library, site), site, id)
        return chain(first, everybody)
    return everybody


# --------------------------------------------------------------------------- before screening


def coverage(
    source: Path | str,
    library: Library,
    site: SiteDeclaration | None = None,
    mapping: Path | None = None,
    beside: Beside | None = None,
) -> Coverage:
    """What a source holds for each requirement of a library; raises as `people_of` does."""
    from screening.outcome.coverage import measure

    if is_prepared(source):
        from screening.everybody import covering

        found = covering.measure(Path(source), library, site)
        found.unasked = prepared.unasked_in(Path(source))
        return found
    coded: Counter[tuple[str, str]] = Counter()
    people = people_of(source, library, site, mapping, beside, coded)
    library = declarations.adapted(library, site)
    from screening.sources.unasked import unasked

    known = _looked_for(source, library, mapping, beside)
    found = measure(people, library, coded, known)
    found.unasked = unasked([library], read_mapped(mapping), site, known, beside)
    return found


def _looked_for(
    source: Path | str, library: Library, mapping: Path | None, beside: Beside | None
) -> frozenset[str] | None:
    """The requirements that are looked for in a source, `library` with the site's codes; None: any may be."""
    if is_prepared(source):
        return prepared.looked_for(Path(source))
    return looked_for(source, library, mapping, beside)


def exclusions_without_source(
    source: Path | str,
    library: Library,
    site: SiteDeclaration | None = None,
    mapping: Path | None = None,
    beside: Beside | None = None,
) -> list[dict[str, Any]]:
    """The absolute exclusions of which nothing is looked for in a source, for the manifest of a run."""
    from screening.outcome.coverage import unmapped_absolute_exclusions

    library = declarations.adapted(library, site)
    known = _looked_for(source, library, mapping, beside)
    found = () if known is None else unmapped_absolute_exclusions(library, known)
    return [{"id": one.criterion, "requirements": list(one.requirements)} for one in found]


def covered(found: Coverage, source: str) -> list[Line]:
    """A coverage in lines for people."""
    from screening.reports.coverage import coverage as lines

    return lines(found, shown(source))


def coverage_text(found: Coverage) -> str:
    """A coverage as JSON text."""
    from screening.outcome.coverage import coverage_data
    from screening.reports.data import as_json

    return as_json(coverage_data(found))


def proposed(tables: Sequence[Path], library: Library) -> Proposal:
    """A mapping file proposed from the names of columns; raises UnreadableRecord for what is no table."""
    from screening.sources.proposal import propose

    return propose(tables, library)
