"""A prepared cohort, read again: its manifest, its people as subjects of a library, and where its tables are.

It answers a library only where every requirement was read as that library asks for it, with the same site
declaration; anything else would be the evidence of other rules.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from screening.errors import Diagnostic, RequirementMismatch, Span, UnreadableRecord
from screening.language.library import Library
from screening.record.people import People, Rejected
from screening.record.subject import Absence, Completeness, Evidence, Subject
from screening.record.tables import Entries, Tables
from screening.record.unasked import Unasked, unasked_of
from screening.sources.joint import Asked, declared_as
from screening.sources.prepared_columns import Rebuilding, columns_of, in_one_list
from screening.sources.prepared_folder import REJECTS, SUBJECTS, listed
from screening.sources.prepared_rest import Rest
from screening.sources.site import SiteDeclaration, adapted
from screening.values.bounds import Bounds

if TYPE_CHECKING:
    import polars

    Frame: TypeAlias = polars.DataFrame

FORMAT, FORMATS = "screening-prepared-2", "screening-prepared-"
MANIFEST = "manifest.json"
FILES = (MANIFEST, f"{SUBJECTS}.parquet", f"{REJECTS}.parquet", "evidence", "shared", "absences", "complete")
_AGAIN = "run `screening prepare` again"
# So many people are held at once, or fewer of whom so many entries are recorded on average.
_BATCH, _ENTRIES = 8192, 1 << 18


def is_prepared(path: Path) -> bool:
    """Whether a path is the folder of a prepared cohort, of this release or another one."""
    try:
        return path.is_dir() and str(_data(path).get("format", "")).startswith(FORMATS)
    except (OSError, ValueError):
        return False


def _data(folder: Path) -> dict[str, Any]:
    found = json.loads((folder / MANIFEST).read_bytes())
    if not isinstance(found, dict):
        raise ValueError("no manifest")
    return found


def read_prepared(folder: Path, by_digest: bool = False) -> dict[str, Any]:
    """The manifest of a prepared cohort whose files are all there.

    They are held against the manifest by their size, and by their digests where it is asked for. Raises
    UnreadableRecord where one of them is another, and where the folder was written by another release.
    """
    try:
        data = _data(folder)
        form, files = data["format"], {each["file"]: each for each in data["files"]}
    except (OSError, ValueError, LookupError, TypeError):
        raise _refused(folder, f"its `{MANIFEST}` is broken or missing") from None
    if form != FORMAT:
        raise _refused(folder, f"it is of the format `{str(form)[:40]}`, and `{FORMAT}` is read")
    for name, each in files.items():
        path = folder / name
        if not path.is_file() or path.stat().st_size != each["bytes"]:
            raise _refused(folder, f"`{name}` is not the file that was written")
    if by_digest:
        for found in listed(folder):
            if files.get(found["file"]) != found:
                raise _refused(folder, f"`{found['file']}` is not the file that was written")
    return data


def looked_for(folder: Path) -> frozenset[str] | None:
    """The requirements that were looked for in the source of a prepared cohort; None: any may have been there."""
    found = read_prepared(folder).get("looked_for")
    return None if found is None else frozenset(found)


def unasked_in(folder: Path) -> tuple[Unasked, ...]:
    """The names of mapping and site declaration that no protocol asks for which a cohort was prepared."""
    return tuple(map(unasked_of, read_prepared(folder).get("unasked", ())))


def _refused(folder: Path, message: str, help: str = _AGAIN) -> UnreadableRecord:
    return UnreadableRecord(Diagnostic(Span(folder.as_posix()), message, UnreadableRecord, help=help))


# ------------------------------------------------------------------------------------- answers


def answered(
    folder: Path, manifest: Mapping[str, Any], library: Library, site: SiteDeclaration | None = None
) -> list[Asked]:
    """Which files answer the requirements of a library, in its order.

    Raises RequirementMismatch naming those requirements that were not read, or were read as something else.
    """
    declared = manifest["site"]["digest"] if manifest["site"] else ""
    if declared != (site.digest if site is not None else ""):
        was = f"with the site declaration of {manifest['site']['name']}" if manifest["site"] else "without a site"
        raise _mismatch(folder, f"it was prepared {was}", "name the same site declaration, or prepare it again")
    library = adapted(library, site)
    known = {(each["name"], each["declared"]): each for each in manifest["requirements"]}
    names = {each["name"] for each in manifest["requirements"]}
    found: list[Asked] = []
    missing: list[str] = []
    differing: list[str] = []
    for requirement in library.requirements:
        as_asked = declared_as(requirement, library)
        each = known.get((requirement.name, as_asked))
        if each is not None:
            found.append(Asked(each["file"], requirement, as_asked, each["layer"]))
        else:
            (differing if requirement.name in names else missing).append(requirement.name)
    if missing or differing:
        said = [f"{_named(differing)} read for another declaration"] if differing else []
        said += [f"{_named(missing)} not read"] if missing else []
        help = f"run `screening prepare` again with --protocol {library.name}"
        raise _mismatch(folder, f"it was prepared for other rules: {'; '.join(said)}", help)
    return found


def _named(names: list[str]) -> str:
    shown = ", ".join(f"`{name}`" for name in names[:5])
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return f"{shown}{more} {'was' if len(names) == 1 else 'were'}"


def _mismatch(folder: Path, message: str, help: str) -> RequirementMismatch:
    return RequirementMismatch(Diagnostic(Span(folder.as_posix()), message, RequirementMismatch, help=help))


def tables_of(folder: Path, library: Library | None = None, site: SiteDeclaration | None = None) -> Tables:
    """Where the evidence of a prepared cohort lies, for interpreters of columns.

    For one library where it is given, and else everything; raises as `answered` and `read_prepared` do, and
    UnreadableRecord where a name has two readings and nothing says whose is meant.
    """
    manifest = read_prepared(folder)
    files = {each["file"]: each for each in manifest["files"]}
    numbers = {each["name"]: each["file"] for each in manifest["requirements"]}
    columns = {each["file"]: each["columns"] for each in manifest["requirements"]}
    shared = {each["file"]: each["shared"] for each in manifest["requirements"]}
    if library is not None:
        numbers = {each.name: each.number for each in answered(folder, manifest, library, site)}
    elif len(numbers) < len(columns):
        raise _refused(folder, "it was read for several protocols in different ways", "say for which protocol")

    def path(kind: str, number: str) -> str:
        name = f"{kind}/{number}.parquet"
        return str(folder / name) if name in files else ""

    found = {
        name: Entries(
            path("evidence", number),
            {role: role for role in columns[number]},
            path("absences", number),
            path("complete", number),
            tuple(path("shared", each) for each in shared[number]),
            is_exact=True,
        )
        for name, number in numbers.items()
    }
    return Tables(str(folder / f"{SUBJECTS}.parquet"), "subject", "id", found)


# --------------------------------------------------------------------------------------- people


def people_of_prepared(folder: Path, library: Library, site: SiteDeclaration | None = None) -> People:
    """Everybody of a prepared cohort as subjects of a library; then the records that were none.

    Raises as `read_prepared` and `answered` do, before the first person.
    """
    manifest = read_prepared(folder)
    reading = _Reading(folder, manifest, answered(folder, manifest, library, site))
    return reading.everybody(manifest["counts"]["people"])


def rejected_of(folder: Path) -> Iterator[Rejected]:
    """The records that were no people when the cohort was prepared."""
    import polars

    for place, kind, reason, id, outside in polars.read_parquet(folder / f"{REJECTS}.parquet").iter_rows():
        yield Rejected(place, reason, id, kind, tuple(outside))


def some_of_prepared(
    folder: Path, library: Library, site: SiteDeclaration | None, numbers: Sequence[int]
) -> Iterator[tuple[int, Subject]]:
    """Some people of a prepared cohort by their numbers, which ascend: each number with its subject."""
    import polars

    manifest = read_prepared(folder)
    reading = _Reading(folder, manifest, answered(folder, manifest, library, site))
    for first in range(0, len(numbers), reading.at_once):
        batch = numbers[first : first + reading.at_once]
        wanted = polars.col("subject").is_in(batch) & polars.col("subject").is_between(batch[0], batch[-1])
        yield from zip(batch, reading.subjects(reading.table(SUBJECTS).filter(wanted).collect()), strict=True)


def person_of_prepared(folder: Path, library: Library, site: SiteDeclaration | None, id: str) -> Subject:
    """One person by id. Raises UnreadableRecord where nobody has it, and as `people_of_prepared` does."""
    import polars

    manifest = read_prepared(folder)
    reading = _Reading(folder, manifest, answered(folder, manifest, library, site))
    found = reading.table(SUBJECTS).filter(polars.col("id") == id).collect()
    if not found.height:
        raise _refused(
            folder, "nobody of that id is in it; a record that was rejected is in `rejected.parquet`", ""
        )
    return next(reading.subjects(found))


class _Reading:
    """The tables of a folder that answer one library."""

    def __init__(self, folder: Path, manifest: Mapping[str, Any], asked: list[Asked]) -> None:
        self.folder, self.asked = folder, asked
        self.there = {each["file"] for each in manifest["files"]}
        self.entries = {each["file"]: each["entries"] for each in manifest["requirements"]}
        self.shared = {each["file"]: each["shared"] for each in manifest["requirements"]}
        self.rest = Rest({int(each.number): each for each in asked})
        every = sum(self.entries[each.number] for each in asked)
        self.at_once = max(1, min(_BATCH, manifest["counts"]["people"] * _ENTRIES // max(1, every)))

    def table(self, name: str) -> polars.LazyFrame:
        import polars

        return polars.scan_parquet(self.folder / f"{name}.parquet")

    def everybody(self, people: int) -> People:
        for first in range(0, people, self.at_once):
            yield from self.subjects(self.table(SUBJECTS).slice(first, self.at_once).collect())
        yield from rejected_of(self.folder)

    def subjects(self, people: Frame) -> Iterator[Subject]:
        """The subjects of some people, whose numbers ascend."""
        evidence: dict[int, dict[str, list[Evidence]]] = {}
        absences: dict[int, dict[str, list[Absence]]] = {}
        complete: dict[int, dict[str, Completeness]] = {}
        # A table of several requirements is read once for all of them.
        shared: dict[str, Frame] = {}
        for each in self.asked:
            name = each.name
            if self.entries[each.number]:
                for subject, rows in self.lists(each, people["subject"], shared).items():
                    evidence.setdefault(subject, {})[name] = rows
            if f"absences/{each.number}.parquet" in self.there:
                for subject, entry, low, high, about, origin, by in self.rows(
                    f"absences/{each.number}", people["subject"]
                ).iter_rows():
                    denied = None if about is None else frozenset(about)
                    absence = Absence(entry, name, Bounds(low, high), denied, origin, by)
                    absences.setdefault(subject, {}).setdefault(name, []).append(absence)
            if f"complete/{each.number}.parquet" in self.there:
                for subject, *said in self.rows(f"complete/{each.number}", people["subject"]).iter_rows():
                    complete.setdefault(subject, {})[name] = Completeness(*said)
        for number, id, place, extracted, synthetic, _, _, _, rest in people.iter_rows():
            yield Subject(
                id=id,
                evidence={name: tuple(rows) for name, rows in evidence.pop(number, {}).items()},
                absences={name: tuple(rows) for name, rows in absences.pop(number, {}).items()},
                complete=complete.pop(number, {}),
                extracted=extracted,
                synthetic=synthetic,
                **self.rest.of(rest, place),
            )

    def lists(self, each: Asked, numbers: polars.Series, shared: dict[str, Frame]) -> dict[int, list[Evidence]]:
        """The list of each of some people for one requirement, out of its own table and those that it shares."""
        columns = columns_of(each.requirement)
        lists: dict[int, list[list[Evidence]]] = {}
        tables = [self.rows(f"evidence/{each.number}", numbers)]
        for number in self.shared[each.number]:
            if number not in shared:
                shared[number] = self.rows(f"shared/{number}", numbers)
            tables.append(shared[number])
        for found in tables:
            rebuilding = Rebuilding(columns, found.columns)
            here: dict[int, list[Evidence]] = {}
            for row in found.iter_rows():
                rows = here.setdefault(row[0], [])
                rows.append(rebuilding.evidence(row, len(rows) + 1))
            for subject, rows in here.items():
                lists.setdefault(subject, []).append(rows)
        return {
            subject: several[0] if len(several) == 1 else in_one_list(columns.requirement.name, several)
            for subject, several in lists.items()
        }

    def rows(self, table: str, numbers: polars.Series) -> Frame:
        import polars

        wanted = polars.col("subject").is_between(numbers[0], numbers[-1])
        if len(numbers) <= numbers[-1] - numbers[0]:
            wanted &= polars.col("subject").is_in(numbers.implode())
        return self.table(table).filter(wanted).collect()
