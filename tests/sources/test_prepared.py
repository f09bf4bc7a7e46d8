"""A prepared cohort gives every subject back exactly as its door made it, whatever the source."""

from __future__ import annotations

import dataclasses
import datetime
import json
import os
import re
import sys
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars
import pytest

from screening import prepare, screen
from screening.errors import RequirementMismatch, RuleError, UnreadableRecord
from screening.everybody import covering
from screening.interpreters.reference import Law
from screening.language.library import DataRequirement, Library
from screening.language.types import DECIMAL, INTEGER, Type
from screening.outcome import coverage as counted
from screening.outcome.coverage import Coverage, measure
from screening.people import coverage, coverage_text, covered, is_prepared, people_of, person_of
from screening.reading.load import load
from screening.record.keys import may_be_one
from screening.record.people import Rejected
from screening.record.subject import Evidence, SetAside, Subject
from screening.record.tables import Entries
from screening.sources import fhir_shared, joint
from screening.sources.fhir_bulk import Bulk
from screening.sources.prepared import FORMAT, looked_for, read_prepared, tables_of
from screening.sources.prepared_cells import Form, cells_of, exact_data, exactly_of, value_of
from screening.sources.prepared_columns import Rebuilding, columns_of, rows_of
from screening.sources.prepared_part import Part, part_of
from screening.sources.site import SiteDeclaration, adapted, read_site
from screening.sources.unread import Unread
from screening.values.bounds import OPEN, Bounds, exactly
from screening.values.coding import Code, word
from screening.values.truth import FALSE, TRUE, UNKNOWN
from tests.agree import generate
from tests.checkout import ROOT, absent
from tests.sources import exports
from tests.sources.bundles import (
    EVERYTHING,
    LOINC,
    METHOTREXATE,
    UCUM,
    bundle,
    condition,
    library,
    observation,
    prescription,
)
from tests.sources.test_people import about, ndjson, person, put

SHARED = ROOT.parent / "shared" / "data"
SAMPLES = ["fhir/pysynthea", "fhir/pysynthea-raised-incidence", "fhir/synthea-java", "omop/synthea27nj"]
SITE = read_site((ROOT / "tests" / "sources" / "prepared-site.yaml").read_bytes(), "prepared-site.yaml")
AS_OF = generate.AS_OF


def made(
    source: Path, out: Path, *libraries: Library, site: SiteDeclaration | None = None, **more: Any
) -> dict[str, Any]:
    """The manifest of a cohort prepared for these libraries."""
    wanted = prepare.Preparation(source, libraries, site, **more)
    return dict(prepare.prepared(wanted, out, lambda read, total: None).manifest)


def given_back(source: Path, out: Path, asked: Library, site: SiteDeclaration | None = None, **more: Any) -> int:
    """Holds what is prepared against what the source says by itself; how many people that were."""
    plain, again = list(people_of(source, asked, site, **more)), list(people_of(out, asked, site))
    subjects, back = ([one for one in each if isinstance(one, Subject)] for each in (plain, again))
    for one, other in zip(subjects, back, strict=True):
        for field in dataclasses.fields(Subject):
            # Equal is not enough: 3.20 equals 3.2, and is not written like it.
            mine, theirs = repr(getattr(one, field.name)), repr(getattr(other, field.name))
            if field.name in ("evidence", "absences", "complete", "concepts"):
                mine, theirs = (repr(dict(sorted(getattr(each, field.name).items()))) for each in (one, other))
            assert theirs == mine, f"{one.id}: {field.name}"
        assert one == other
    key = repr
    rejected = [sorted((one for one in each if isinstance(one, Rejected)), key=key) for each in (plain, again)]
    assert rejected[0] == rejected[1]
    counted_alike(out, asked, again, site)
    return len(subjects)


def counted_alike(
    out: Path, asked: Library, people: Sequence[Subject | Rejected], site: SiteDeclaration | None = None
) -> Coverage:
    """Holds what is counted in columns, all at once and a few people at a time, against person by person."""
    wanted = measure(iter(people), adapted(asked, site), mapped=looked_for(out))
    for at_once in (covering.ENTRIES, 5):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(covering, "ENTRIES", at_once)
            found = coverage(out, asked, site)
        assert coverage_text(found) == coverage_text(wanted)
        assert covered(found, "cohort") == covered(wanted, "cohort")
        for one, other in zip(found.covered, wanted.covered, strict=True):
            assert one == other, one.requirement.name
    return wanted


@pytest.fixture(scope="module")
def programme() -> Library:
    return screen.load_protocol("ketamine-ra-fm", (), None, {})


# ------------------------------------------------------------------------------- whole sources


@pytest.mark.parametrize("seed", range(3))
def test_generated_people_are_given_back_and_screened_alike(seed: int, tmp_path: Path) -> None:
    asked, number = None, seed * 100
    while asked is None:
        (tmp_path / "chance.yaml").write_text(json.dumps(generate.library(number)), encoding="utf-8")
        try:
            asked = load(tmp_path / "chance.yaml", [tmp_path])
        except RuleError:
            number += 1
    people = tmp_path / "people"
    people.mkdir()
    for each in range(60):
        profile = generate.person(generate.library(number), each)
        (people / f"{each:03d}.json").write_text(json.dumps(profile), encoding="utf-8")
    counts = made(people, tmp_path / "out", asked)["counts"]
    assert counts["read"] == counts["people"] + counts["rejected"] == 60
    assert given_back(people, tmp_path / "out", asked) == counts["people"] > 20
    law = Law(asked)
    pairs = zip(people_of(people, asked), people_of(tmp_path / "out", asked), strict=False)
    for one, other in pairs:
        if isinstance(one, Subject) and isinstance(other, Subject):
            assert law.trace(one, AS_OF).steps == law.trace(other, AS_OF).steps


@pytest.mark.parametrize("sample", SAMPLES)
def test_the_shared_samples_are_given_back(sample: str, programme: Library, tmp_path: Path) -> None:
    if not (SHARED / sample).is_dir():
        absent(f"no shared data {sample}")
    assert made(SHARED / sample, tmp_path / "out", programme)["counts"]["people"]
    assert given_back(SHARED / sample, tmp_path / "out", programme)


def test_records_with_a_site_are_given_back(programme: Library, tmp_path: Path) -> None:
    source = ROOT / "rules" / "records"
    made(source, tmp_path / "out", programme, site=SITE)
    assert given_back(source, tmp_path / "out", programme, SITE) == 7
    complete = [path.name for path in (tmp_path / "out" / "complete").iterdir()]
    assert complete, "the site declares lists complete"


def bulk(folder: Path, number: int = 25) -> Path:
    """A bulk export of so many people; one line is broken, and one entry is nobody's."""
    folder.mkdir(parents=True, exist_ok=True)
    ids = [f"p{n}" for n in range(number)]
    ndjson(folder / "Patient.ndjson", *(person(id) for id in ids))
    ndjson(
        folder / "Condition.ndjson",
        *(about(id, condition(id=f"c{id}")) for id in ids[::2]),
        b'{"resourceType": "Condi',
        about("stranger", condition(id="lost")),
    )
    ndjson(folder / "Observation.ndjson", *(about(id, observation(id=f"o{id}")) for id in ids[::3]))
    ndjson(folder / "MedicationRequest.ndjson", *(about(id, prescription(id=f"m{id}")) for id in ids[1::2]))
    return folder


def test_a_bulk_export_is_given_back(tmp_path: Path) -> None:
    asked = library(*EVERYTHING)
    counts = made(bulk(tmp_path / "bulk"), tmp_path / "out", asked)["counts"]
    assert (counts["read"], counts["people"], counts["rejected"]) == (27, 25, 2)
    assert given_back(tmp_path / "bulk", tmp_path / "out", asked) == 25


@pytest.mark.parametrize("spared", [1, 1 << 40], ids=["much is shared", "nothing is shared"])
def test_what_odd_exports_hold_is_counted_alike_wherever_it_lies(
    spared: int, programme: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prepare, "LEAST_IN_BLOCKS", 1)
    monkeypatch.setattr(fhir_shared, "LEAST_SPARED", spared)
    (tmp_path / "bulk").mkdir()
    exports.write(tmp_path / "bulk", programme, 30, odd=0.02, broken=0.02, parts=2)
    made(tmp_path / "bulk", tmp_path / "out", programme)
    assert (tmp_path / "out" / "shared").exists() is (spared == 1)
    found = counted_alike(tmp_path / "out", programme, list(people_of(tmp_path / "out", programme)))
    assert found.unmapped and found.rejected
    assert any(one.possible for one in found.covered)


def test_what_cells_do_not_say_is_counted_as_it_is_written(tmp_path: Path) -> None:
    """Numbers beyond a double, ends written otherwise, codes of surveys, codings and units of all kinds."""
    none: dict[str, Any] = {}
    mmhg = [{"unit": "mmHg", "system": UCUM, "code": "mm[Hg]"}, {"unit": "mmHg"}]
    worth: list[dict[str, Any]] = [
        {"value": value, **each}
        for each in (*mmhg, none)
        for value in ("77", "99", "7", "77.0", "98.00", "99.00000000000000001", "123.4567890123456789", "-1", "0")
    ]
    values = [json.loads(f'{{"valueQuantity": {json.dumps(each)}}}') for each in worth]
    for number in range(120, 150):
        values.append({"valueQuantity": {"value": f"{number}.50", **mmhg[0]}})
    values += [
        {"valueQuantity": {"value": "120", "comparator": "<", **mmhg[0]}},
        {"valueString": "not done"},
        {"dataAbsentReason": {"text": "refused"}},
        {"valueQuantity": {"value": "120", **mmhg[0]}, "status": "preliminary"},
    ]
    people = tmp_path / "people"
    people.mkdir()
    several = [{"system": LOINC, "code": "8480-6"}, {"system": LOINC, "code": "8462-4"}]
    strange = [{"system": "urn:a|b", "code": "[c"}, {"system": "urn:a", "code": "b|[c"}]
    for number in range(4):
        entries = []
        for at, each in enumerate(values[number::4]):
            code = {"coding": several if at % 3 == 0 else several[:1]} if at % 7 else {"coding": strange}
            day = f"20{10 + at % 9}-0{1 + at % 9}-1{at % 9}"
            entries.append(observation(id=f"o{at}", **{"code": code, "effectiveDateTime": day, **each}))
        entries += [condition(id="c1", code={"coding": strange}), condition(id="c2", code={"text": "pain"})]
        entries += [prescription(id="m1"), prescription("1234567", id="m2")]
        text = json.dumps(bundle(*entries)).replace('"id": "p1"', f'"id": "p{number}"')
        text = re.sub(r'("value": )"(-?[0-9.]+)"', r"\1\2", text)
        (people / f"{number}.json").write_text(text.replace("Patient/p1", f"Patient/p{number}"), encoding="utf-8")
    asked = library(*EVERYTHING)
    assert made(people, tmp_path / "out", asked)["counts"]["people"] == 4
    assert given_back(people, tmp_path / "out", asked) == 4
    found = coverage(tmp_path / "out", asked)
    by_name = {one.requirement.name: one for one in found.covered}
    assert by_name["Systolic"].people == 4
    assert by_name["Systolic"].numbers.codes
    assert by_name["Systolic"].units["no unit"]
    assert by_name["Systolic"].set_aside
    assert {code.system for code, _ in found.unmapped} >= {"urn:a|b", "urn:a"}


def test_of_codes_that_are_as_rare_the_same_are_given_up_in_whatever_order_they_came(
    programme: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counted, "MOST_CODES", 3)
    codes = [((Code("urn:a", str(number)), ""), 1 + (number == 5)) for number in range(8)]
    kept = []
    for each in (codes, codes[::-1], codes[3:] + codes[:3]):
        found = counted.begun(programme)
        found.unmapped.update(dict(each))
        counted.keep_most(found)
        kept.append([code.code for (code, _), _ in found.frequent])
    assert kept == [["5", "0", "1"]] * 3


def test_tables_with_a_mapping_are_given_back(programme: Library, tmp_path: Path) -> None:
    tables = ROOT / "tests" / "cli" / "tables"
    mapping = tables / "mapping.yaml"
    asked = load(ROOT / "tests" / "cli" / "rules" / "small.yaml", [ROOT / "tests" / "cli" / "rules"])
    found = made(tables, tmp_path / "out", asked, mapping=mapping)
    assert found["counts"]["people"] and found["mapping"]
    assert given_back(tables, tmp_path / "out", asked, mapping=mapping)


def test_of_two_records_of_one_id_the_second_is_rejected_wherever_they_stand(tmp_path: Path) -> None:
    source, asked = tmp_path / "people", library(*EVERYTHING)
    source.mkdir()
    for number in range(30):
        id = f"p{number % 20}"
        # One of them cannot be read; nobody knows which of the two of that id is right.
        more = {"code": "no concept"} if number == 5 else {}
        put(source / f"{number:02d}.json", bundle(about(id, condition(), **more), patient=person(id)))
    with pytest.MonkeyPatch.context() as small:
        small.setattr(prepare, "PART_RECORDS", 2)
        counts = made(source, tmp_path / "out", asked)["counts"]
    assert counts["rejected_by_kind"] == {"duplicate id": 10, "unreadable": 1}
    assert given_back(source, tmp_path / "out", asked) == 19


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the name of a file is a text")
def test_a_file_of_a_name_that_is_no_text_stops_nothing(tmp_path: Path) -> None:
    asked = load(ROOT / "tests" / "cli" / "rules" / "small.yaml", [ROOT / "tests" / "cli" / "rules"])
    source = tmp_path / "people"
    source.mkdir()
    for name in (b"a\xff.yaml", b"b.yaml"):
        Path(os.fsdecode(os.fsencode(source) + b"/" + name)).write_text(
            f"subject: {name[:1].decode()}\nevidence: {{}}\n", encoding="utf-8"
        )
    assert made(source, tmp_path / "out", asked)["counts"]["people"] == 2
    assert [one.id for one in people_of(tmp_path / "out", asked)] == ["a", "b"]


# --------------------------------------------------------------------------- several protocols


def test_each_of_several_protocols_finds_what_it_would_have_read_alone(tmp_path: Path) -> None:
    if not (SHARED / "omop/synthea27nj").is_dir():
        absent("no shared data")
    names = ("ketamine-ra-fm", "nct05639322", "nct00833755")
    several = [screen.load_protocol(name, (), None, {}) for name in names]
    made(SHARED / "omop/synthea27nj", tmp_path / "out", *several)
    for asked in several:
        assert given_back(SHARED / "omop/synthea27nj", tmp_path / "out", asked)
    with pytest.raises(UnreadableRecord, match="for several protocols in different ways"):
        tables_of(tmp_path / "out")
    for asked in several:
        assert set(tables_of(tmp_path / "out", asked).requirements) == {r.name for r in asked.requirements}


def test_a_medicine_is_possible_or_another_one_by_the_codes_of_each_protocol_alone(tmp_path: Path) -> None:
    """One protocol lists the product as another drug's; to one that does not it may be methotrexate."""
    adalimumab = dataclasses.replace(
        METHOTREXATE, name="Adalimumab", concepts=(frozenset({Code("RxNorm", "327361")}),)
    )
    knows = dataclasses.replace(library(METHOTREXATE, adalimumab), name="knows", path="knows.yaml")
    knows_not = dataclasses.replace(library(METHOTREXATE), name="knows-not", path="knows-not.yaml")
    source = tmp_path / "bulk"
    source.mkdir()
    ndjson(source / "all.ndjson", person("p1"), about("p1", prescription("327361")))
    made(source, tmp_path / "out", knows, knows_not)
    for asked, rows in ((knows, 0), (knows_not, 1)):
        assert given_back(source, tmp_path / "out", asked) == 1
        found = next(people_of(tmp_path / "out", asked))
        assert isinstance(found, Subject)
        assert len(found.evidence.get(METHOTREXATE.name, ())) == rows


def test_one_name_of_two_declarations_is_refused_and_both_files_are_named(tmp_path: Path) -> None:
    one = DataRequirement("Pain", INTEGER, scale=Bounds(0, 10))
    first = dataclasses.replace(library(one), name="first", path="first.yaml")
    second = dataclasses.replace(
        library(dataclasses.replace(one, scale=Bounds(0, 100))), name="second", path="second.yaml"
    )
    (tmp_path / "a.yaml").write_text("subject: a\nevidence: {}\n", encoding="utf-8")
    with pytest.raises(RuleError) as refused:
        made(tmp_path / "a.yaml", tmp_path / "out", first, second)
    said = str(refused.value.diagnostics[0])
    assert "first.yaml" in said and "second.yaml" in said and "`Pain`" in said


def test_what_is_made_of_evidence_later_makes_no_other_reading() -> None:
    one = DataRequirement("Pain", INTEGER, within="30 days", label="pain")
    other = dataclasses.replace(one, within="7 days", label="worst pain", obtain="ask")
    assert joint.declared_as(one, library(one)) == joint.declared_as(other, library(other))


def test_every_part_of_a_declaration_is_known_to_be_read_or_not() -> None:
    assert set(joint.READ) | set(joint.NOT_READ) == {field.name for field in dataclasses.fields(DataRequirement)}
    assert not set(joint.READ) & set(joint.NOT_READ)


# --------------------------------------------------------------------------------- the folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, programme: Library) -> Path:
    found = tmp_path_factory.mktemp("prepared") / "out"
    made(ROOT / "rules" / "records", found, programme)
    return found


def test_one_person_is_found_by_id(folder: Path, programme: Library) -> None:
    everybody = {one.id: one for one in people_of(folder, programme) if isinstance(one, Subject)}
    assert person_of(folder, programme, None, "SYN-0003") == everybody["SYN-0003"]
    with pytest.raises(UnreadableRecord, match="nobody of that id"):
        person_of(folder, programme, None, "SYN-9999")


def test_a_library_that_was_not_asked_is_refused_by_the_names_of_its_inputs(folder: Path) -> None:
    other = screen.load_protocol("nct05639322", (), None, {})
    with pytest.raises(RequirementMismatch) as refused:
        people_of(folder, other)
    said = str(refused.value.diagnostics[0])
    assert "`Recorded Neuropathic Pain`" in said and "screening prepare" in said


def test_another_site_declaration_is_refused(folder: Path, programme: Library) -> None:
    with pytest.raises(RequirementMismatch, match="prepared without a site"):
        people_of(folder, programme, SITE)


def test_the_tables_are_where_they_are_said_to_be(folder: Path, programme: Library) -> None:
    tables = tables_of(folder, programme)
    people = polars.read_parquet(tables.people)
    assert people[tables.key].to_list() == list(range(people.height))
    assert list(tables.requirements) == [r.name for r in programme.requirements]
    for name, entries in tables.requirements.items():
        assert isinstance(entries, Entries)
        schema = polars.read_parquet_schema(entries.table)
        assert set(entries.columns.values()) <= set(schema), name
        subjects = polars.read_parquet(entries.table, columns=["subject"])["subject"]
        assert subjects.is_sorted()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda data: data | {"format": "screening-prepared-9"}, "`screening-prepared-9`"),
        (lambda data: {key: value for key, value in data.items() if key != "files"}, "is broken"),
    ],
)
def test_another_format_is_said(change: Any, words: str, tmp_path: Path, programme: Library) -> None:
    made(ROOT / "rules" / "records", tmp_path / "out", programme)
    path = tmp_path / "out" / "manifest.json"
    path.write_text(json.dumps(change(json.loads(path.read_text(encoding="utf-8")))), encoding="utf-8")
    assert is_prepared(tmp_path / "out")
    with pytest.raises(UnreadableRecord, match=words):
        people_of(tmp_path / "out", programme)


def test_a_table_that_is_not_the_one_written_is_said(tmp_path: Path, programme: Library) -> None:
    out = tmp_path / "out"
    assert made(ROOT / "rules" / "records", out, programme)["format"] == FORMAT
    path = out / "subjects.parquet"
    data = bytearray(path.read_bytes())
    data[100] ^= 1
    path.write_bytes(bytes(data))
    assert read_prepared(out)
    with pytest.raises(UnreadableRecord, match=r"`subjects.parquet` is not the file"):
        read_prepared(out, by_digest=True)
    path.write_bytes(bytes(data) + b"x")
    with pytest.raises(UnreadableRecord, match=r"`subjects.parquet` is not the file"):
        people_of(out, programme)


# --------------------------------------------------------------------------------- single rows

DAY, INSTANT = datetime.date(2026, 11, 20), datetime.datetime(2026, 11, 20, 8, 30)  # noqa: DTZ001, instants of a record say no zone
PAIN = DataRequirement("Pain", DECIMAL)


def row_of(requirement: DataRequirement, *evidence: Evidence) -> list[dict[str, Any]]:
    columns = columns_of(requirement)
    names = list(columns.held)
    rows = list(rows_of(columns, 7, evidence))
    rebuilding = Rebuilding(columns, names)
    back = [rebuilding.evidence(row, place) for place, row in enumerate(rows, 1)]
    assert [repr(row) for row in back] == [repr(each) for each in evidence]
    return [dict(zip(names, row, strict=True)) for row in rows]


def reading(value: Any, **more: Any) -> Evidence:
    return Evidence("Pain#1", "Pain", value, **more)


@pytest.mark.parametrize(
    ("value", "low", "exact", "odd"),
    [
        (exactly(Decimal("5.2")), 5.2, False, False),
        (exactly(Decimal("5.20")), 5.2, True, False),
        (exactly(Decimal(7)), 7.0, False, False),
        (exactly(7), 7.0, True, False),
        (exactly(Decimal("1E+3")), 1000.0, True, False),
        (exactly(Decimal("12345678901234567.1")), 12345678901234568.0, True, True),
        (exactly(Decimal("1234567890.1234567")), 1234567890.1234567, False, True),
        (Bounds(None, Decimal("4.9")), None, False, False),
        (OPEN, None, False, False),
    ],
)
def test_numbers_lie_in_columns_and_come_back_with_every_zero(
    value: Any, low: Any, exact: bool, odd: bool
) -> None:
    (row,) = row_of(PAIN, reading(value))
    assert (row["low"], row["exact"] is not None, row["odd"]) == (low, exact, odd)


@pytest.mark.parametrize(
    ("form", "value"),
    [
        (Form("truth"), TRUE),
        (Form("truth"), UNKNOWN),
        (Form("number", True), exactly(12)),
        (Form("day"), Bounds(DAY, None)),
        (Form("instant"), exactly(INSTANT)),
        (Form("word"), word("female")),
        (Form("word"), ()),
        (Form("word"), (Code("LOCAL", "a|b"),)),
    ],
)
def test_a_value_comes_back_out_of_its_cells(form: Form, value: Any) -> None:
    made_of = cells_of(form, value)
    assert made_of.is_exact and not made_of.is_odd
    assert value_of(form, made_of.cells) == value == exactly_of(exact_data(value))


@pytest.mark.parametrize("value", [(Code("A", "1"), Code("B", "2")), exactly(DAY), FALSE])
def test_a_value_of_another_type_is_odd_and_kept_exactly(value: Any) -> None:
    (row,) = row_of(PAIN, reading(value))
    assert row["odd"] and row["exact"] and row["low"] is None


def test_what_is_set_aside_keeps_its_place_and_its_reason() -> None:
    (row,) = row_of(PAIN, reading(SetAside("no unit"), when=exactly(DAY), written="5", status="unconfirmed"))
    assert (row["set_aside"], row["why"], row["odd"]) == (True, "no unit", False)


def test_clock_times_are_kept_as_seconds_of_the_day() -> None:
    rows = row_of(
        PAIN, *(reading(exactly(Decimal(n)), clock=clock) for n, clock in enumerate(("18:00:00", "", "08:15:00")))
    )
    assert [row["clock"] for row in rows] == [64801, None, 29701]
    assert not any(row["time"] or row["odd"] for row in rows)
    (row,) = row_of(PAIN, reading(exactly(Decimal(1)), clock="8 o'clock"))
    assert (row["clock"], row["time"], row["odd"]) == (None, "8 o'clock", True)


def test_entries_are_apart_only_where_no_two_may_be_one() -> None:
    other = datetime.date(2026, 11, 1)
    first, second = (reading(exactly(Decimal(4)), when=exactly(day)) for day in (DAY, other))
    undated = reading(exactly(Decimal(4)))
    assert [row["apart"] for row in row_of(PAIN, first, second)] == [True, True]
    assert may_be_one(first, undated)
    assert [row["apart"] for row in row_of(PAIN, first, second, undated)] == [False] * 3


def test_several_codings_are_odd_and_kept_in_full() -> None:
    both = (Code("ICD-10", "M05"), Code("SNOMED", "69896004"))
    (row,) = row_of(
        DataRequirement("Pain", Type("Boolean")), reading(TRUE, codes=both, concepts=frozenset({0, 2}))
    )
    assert (row["code"], row["concept"], row["odd"], row["concepts"]) == (None, None, True, [0, 2])


# ---------------------------------------------------------------------------------- in columns


class Half(Bulk):
    """A door that does every second person in columns, and leaves the others to be read one by one."""

    def in_columns(
        self, joint: joint.Joint, records: Sequence[tuple[int, Unread]]
    ) -> tuple[Part, Sequence[tuple[int, Unread]]]:
        mine = [(n, [one], place) for n, record in records[::2] for one, place in self.read(record)]
        return part_of(joint, mine), records[1::2]


def test_what_a_door_does_in_columns_and_what_it_leaves_are_put_together_in_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, source = library(*EVERYTHING), bulk(tmp_path / "bulk", 40)
    made(source, tmp_path / "plain", asked)
    monkeypatch.setattr("screening.sources.fhir_bulk.Bulk", Half)
    made(source, tmp_path / "half", asked)
    plain, half = (
        {path.relative_to(each): path.read_bytes() for path in each.rglob("*.*")}
        for each in (tmp_path / "plain", tmp_path / "half")
    )
    assert plain == half
