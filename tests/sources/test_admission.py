"""A raw entry against its requirement: semantics 2, 4 and 5.2."""

from __future__ import annotations

import datetime
from dataclasses import replace
from decimal import Decimal
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screening.errors import OutOfRange
from screening.language.library import DataRequirement
from screening.record.subject import Evidence, SetAside
from screening.sources.admission import STATUSES, Admission, FieldReading, Reading, admit, is_presence
from screening.values.bounds import OPEN, Bounds, exactly
from screening.values.coding import Code
from screening.values.truth import FALSE, TRUE, UNKNOWN
from tests.sources.protocol import library

D = Decimal
SCHIZOPHRENIA, SEROPOSITIVE = Code("SNOMED", "58214004"), Code("ICD-10-CM", "M05.79")
MARKER = "93847261"


def asked(name: str) -> DataRequirement:
    return library().requirement(name)


def admitted(name: str, *readings: Reading) -> Admission:
    return admit(asked(name), readings)


def only(name: str, **parts: object) -> Evidence:
    found = admitted(name, Reading("here", **parts))  # type: ignore[arg-type]
    assert not found.faults
    assert len(found.evidence) == 1
    return found.evidence[0]


def day(text: str) -> Bounds:
    return exactly(datetime.date.fromisoformat(text))


# -------------------------------------------------------------------------------------- values


def test_a_number_without_a_unit_lies_between_its_readings_where_the_file_says_so() -> None:
    crp = replace(asked("CRP"), unit_missing=("mg/L", "mg/dL"))
    found = admit(crp, [Reading("here", value=MARKER[:2]), Reading("there", value="5", comparator="<")])
    assert {row.value for row in found.evidence} == {Bounds(D(93), D(930)), Bounds(D(0), D("49.9999999"))}
    assert [notice.text for notice in found.notices] == [
        "2 values without unit, read as mg/L and as mg/dL, and known between the two alone"
    ]
    # With its unit, or with a wrong one, it is read as ever; and what is not known stays not known.
    assert admit(crp, [Reading("here", value="8", unit="mg/dL")]).evidence[0].value == Bounds(D(80), D(80))
    assert admit(crp, [Reading("here", value="8", unit="mm/h")]).evidence[0].value == SetAside(
        "unit of another dimension"
    )
    assert admit(crp, [Reading("here", value="UNKNOWN")]).evidence[0].value == OPEN
    assert only("CRP", value="8").value == SetAside("no unit")


def test_a_value_keeps_how_it_was_written() -> None:
    row = only("CRP", value="0.50", comparator="<", unit="mg/dL", date="2026-11-20T08:30:00+01:00", by="K7")
    assert row.value == Bounds(D(0), D("4.9999999"))
    assert row.written == "<0.50 mg/dL"
    assert (row.when, row.clock, row.by, row.origin, row.id) == (
        day("2026-11-20"),
        "08:30:00",
        "K7",
        "here",
        "CRP#1",
    )


@pytest.mark.parametrize(
    ("date", "clock"), [("2026", ""), ("2026-08", ""), ("2026-08-15", ""), ("2026-08-15T09:30", "09:30:00")]
)
def test_dates_are_the_days_they_may_be(date: str, clock: str) -> None:
    assert only("WPI", value="9", date=date).clock == clock


def test_a_period_is_the_days_it_may_be() -> None:
    assert only("WPI", value="9", date="2026-08/2026-09-03").when == Bounds(
        datetime.date(2026, 8, 1), datetime.date(2026, 9, 3)
    )
    assert only("WPI", value="9", date="2026-08-02/").when == Bounds(datetime.date(2026, 8, 2), None)
    assert only("WPI", value="9", date="2026-09/2026-08").when == OPEN


@pytest.mark.parametrize(
    "date", ["yesterday", "2026-02-30", "0000", "2026-08-15T25:00", "\u0662\u0660\u0662\u0666", "/", "2026-1-1"]
)
def test_a_date_that_cannot_be_read_is_no_date(date: str) -> None:
    found = admitted("WPI", Reading("here", value="9", date=date))
    assert found.evidence[0].when == OPEN
    assert found.notices[0].text == "1 entry with a date that cannot be read, taken as undated"


def test_without_a_unit_a_value_is_set_aside_and_keeps_its_place() -> None:
    found = admitted("CRP", Reading("a", value="2.1", date="2026-11-22"), Reading("b", value="3", unit="furlong"))
    assert [row.value for row in found.evidence] == [SetAside("unknown unit"), SetAside("no unit")]
    assert all(row.certainty is TRUE for row in found.evidence)
    assert [n.text for n in found.notices] == [
        "1 value with an unknown unit, set aside",
        "1 value without unit, set aside",
    ]
    assert found.notices[1].place == "a"


def test_an_implausible_value_is_set_aside_with_a_notice() -> None:
    found = admitted("Systolic Pressure", Reading("here", value="300", unit="mm[Hg]"))
    assert found.evidence[0].value == SetAside("not plausible")
    assert [n.text for n in found.notices] == ["1 value not plausible, set aside"]


def test_a_value_outside_its_scale_rejects_the_record_without_naming_it() -> None:
    for parts in ({"value": "4"}, {"value": "-1"}, {"value": "1e40"}, {"value": "3", "comparator": ">"}):
        found = admitted("Fatigue", Reading("row 7", **parts))  # type: ignore[arg-type]
        assert [f.kind for f in found.faults] == [OutOfRange]
        assert str(found.faults[0]).startswith("row 7: error: `Fatigue` lies outside its scale, 0 to 3\n")
    assert admitted("Fatigue", Reading("r", low="2", high="9")).faults
    assert not admitted("Fatigue", Reading("r", value="9", comparator="<")).faults


def test_a_stray_entry_cannot_reject_the_record() -> None:
    found = admitted("Fatigue", Reading("here", value="98", match=UNKNOWN))
    assert not found.faults
    assert found.evidence[0].value == SetAside("outside the scale")
    assert found.evidence[0].certainty is UNKNOWN


@pytest.mark.parametrize("parts", [{"value": "77"}, {"value": "NA"}, {"value_codes": (Code("LOCAL", "99"),)}])
def test_a_coded_missing_value_is_unknown_and_keeps_its_place(parts: dict[str, object]) -> None:
    found = admitted("Fatigue", Reading("here", **parts))  # type: ignore[arg-type]
    assert found.evidence[0].value == OPEN
    assert [n.text for n in found.notices] == ["1 entry coded as missing, taken as not known"]


def test_an_entry_that_says_it_has_no_value_leaves_no_gap() -> None:
    assert admitted("WPI", Reading("here", missing=True)) == Admission()


def test_an_entry_that_says_nothing_keeps_its_place() -> None:
    assert only("WPI", date="2026-11-22").value == OPEN
    assert only("Hand", date="2026-11-22").value == ()
    assert only("Pregnant", value="UNKNOWN").value is UNKNOWN


def test_unusable_entries() -> None:
    found = admitted("CRP", Reading("here", unusable="recorded as a curve"))
    assert found.evidence[0].value == SetAside("recorded as a curve")
    assert found.notices[0].text == "1 entry not usable (recorded as a curve), set aside"
    skipped = admitted("Skipped", Reading("here", value="3", unit="mg"), Reading("there", value="4"))
    assert [row.value for row in skipped.evidence] == [exactly(D(4))]
    assert "1 entry that cannot be used, passed over as the rule file says" in [n.text for n in skipped.notices]


def test_free_text_where_a_value_should_be_is_set_aside() -> None:
    for name in ("CRP", "Stop Reason", "Hand", "Pregnant", "Onset"):
        assert only(name, text="see letter").value == SetAside("recorded as text"), name
    assert only("CRP", value_codes=(Code("LOCAL", "HIGH"),)).value == SetAside("coded where a number is asked for")


def test_words_codes_dates_and_truths() -> None:
    assert only("Hand", value="left").value == (Code("", "left"),)
    assert only("Stop Reason", value="SNOMED 58848006").value == (Code("SNOMED", "58848006"),)
    codes = (Code("SNOMED", "2"), Code("LOCAL", "1"))
    assert only("Stop Reason", value_codes=codes).value == tuple(sorted(codes))
    assert only("Onset", value="@2026-08").value == Bounds(datetime.date(2026, 8, 1), datetime.date(2026, 8, 31))
    assert only("Onset", low="2026-08", high="2026-09").value == Bounds(
        datetime.date(2026, 8, 1), datetime.date(2026, 9, 30)
    )
    for text in ("soon", "2026-02-01/2026-02-05", "2026-02-01/", "/"):
        assert only("Onset", value=text).value == SetAside("not a date")
    assert only("Infusion", value="2026-08-15T09:30").value == exactly(datetime.datetime(2026, 8, 15, 9, 30))  # noqa: DTZ001
    assert only("Pregnant", value="false").value is FALSE
    assert only("Pregnant", value="maybe").value == SetAside("neither yes nor no")


def test_a_judgement_needs_a_name() -> None:
    assert only("Judged", value="TRUE", by="K1").value is TRUE
    assert only("Judged", value="OPEN", by="K1").value is UNKNOWN
    nameless = admitted("Judged", Reading("here", value="TRUE", by=" "))
    assert nameless.evidence[0].value == SetAside("nobody named")
    assert nameless.notices[0].text == "1 entry without the name of who judged, set aside"


def test_gender_other_or_unknown_answers_for_neither_sex() -> None:
    assert only("Gender", value="female").value == (Code("", "female"),)
    assert only("Gender", value="other").value == only("Gender", value="unknown").value == ()
    assert only("Gender", value="X").value == SetAside("none of the declared values")


def test_the_evidence_of_an_age_is_the_date_of_birth() -> None:
    assert only("Age", value="1969-02").value == Bounds(datetime.date(1969, 2, 1), datetime.date(1969, 2, 28))
    for text in ("49", "1968/1970", "/1970"):
        assert only("Age", value=text).value == SetAside("not a date")


# --------------------------------------------------------------------- presence, absence, status


def test_what_asks_for_presence() -> None:
    presences = {r.name for r in library().requirements if is_presence(r)}
    assert presences == {"Psychosis", "Arthritis", "Registry"}


def test_a_coded_row_is_certain_and_names_its_concept() -> None:
    row = only("Psychosis", codes=(Code("LOCAL", "x"), SCHIZOPHRENIA), date="2014")
    assert (row.value, row.certainty, row.concepts) == (TRUE, TRUE, frozenset({0}))
    assert row.codes == (Code("LOCAL", "x"), SCHIZOPHRENIA)


@pytest.mark.parametrize("status", ["entered-in-error", "cancelled", "family-history"])
def test_struck_out_rows_do_not_exist(status: str) -> None:
    for value in ("", "TRUE", "FALSE"):
        assert (
            admitted("Psychosis", Reading("here", value=value, codes=(SCHIZOPHRENIA,), status=status))
            == Admission()
        )


@pytest.mark.parametrize("status", ["provisional", "differential", "unconfirmed", "of a new kind"])
def test_doubtful_rows_are_possible(status: str) -> None:
    assert only("Psychosis", codes=(SCHIZOPHRENIA,), status=status).certainty is UNKNOWN
    assert only("WPI", value="9", status=status).certainty is UNKNOWN


def test_rows_of_another_code_are_out() -> None:
    assert admitted("Psychosis", Reading("here", match=FALSE)) == Admission()


def test_uncoded_rows_are_possible_unless_the_file_says_why_not() -> None:
    assert only("Psychosis", text="see letter", match=UNKNOWN).certainty is UNKNOWN
    found = admitted("Registry", Reading("here", text="see letter", match=UNKNOWN))
    assert not found.evidence
    assert (
        found.notices[0].text
        == "1 entry without a code that the protocol knows, passed over as the rule file says"
    )


def test_an_answer_that_is_neither_yes_nor_no_is_possible() -> None:
    for parts in ({"value": "perhaps"}, {"value": "UNKNOWN"}, {"unusable": "withheld"}):
        assert only("Psychosis", **parts).certainty is UNKNOWN  # type: ignore[arg-type]


def test_no_is_an_attested_absence() -> None:
    found = admitted("Psychosis", Reading("here", value="FALSE", date="2026-03-01", by="K7"))
    assert not found.evidence
    absence = found.absences[0]
    assert (absence.id, absence.concepts, absence.when, absence.by) == (
        "Psychosis#absent1",
        None,
        day("2026-03-01"),
        "K7",
    )
    coded = admitted("Psychosis", Reading("here", codes=(SCHIZOPHRENIA,), status="refuted"))
    assert coded.absences[0].concepts == frozenset({0})


def test_a_doubtful_no_says_nothing() -> None:
    found = admitted("Psychosis", Reading("here", value="FALSE", status="provisional"))
    assert (found.evidence, found.absences) == ((), ())
    assert found.notices


def test_refuted_without_a_usable_code_says_nothing() -> None:
    found = admitted("Psychosis", Reading("here", text="see letter", status="refuted", match=UNKNOWN))
    assert (found.evidence, found.absences) == ((), ())
    assert found.notices[0].text == "1 entry refuted, without a code that the protocol knows, not used"


def test_refuting_a_no_says_neither() -> None:
    found = admitted("Psychosis", Reading("here", value="FALSE", status="refuted"))
    assert not found.absences
    assert found.evidence[0].certainty is UNKNOWN
    plain = admitted("Pregnant", Reading("here", value="FALSE", status="refuted"))
    assert plain.evidence[0].value == SetAside("refuted and denied")


def test_an_absent_plain_answer_is_no() -> None:
    assert only("Pregnant", status="absent").value is FALSE
    assert only("Judged", status="absent").value == SetAside("nobody named")
    assert admitted("Trials", Reading("here", status="absent")).absences[0].concepts is None


def test_a_refuted_leaf_refutes_no_category_and_is_not_built_on() -> None:
    leaf = Reading("a", codes=(SEROPOSITIVE,), date="2020-01-01")
    denied = Reading("b", codes=(SEROPOSITIVE,), date="2024-01-01", status="refuted")
    found = admitted("Arthritis", leaf, denied)
    assert found.absences[0].concepts == frozenset()
    assert found.evidence[0].certainty is UNKNOWN
    later = admitted("Arthritis", replace(leaf, date="2025-01-01"), denied)
    assert later.evidence[0].certainty is TRUE
    whole = admitted("Arthritis", replace(denied, codes=(Code("ICD-10-CM", "M05"),)))
    assert whole.absences[0].concepts == frozenset({0})
    synonym = admitted("Arthritis", replace(denied, codes=(Code("ICD-10-CM", "M06.9"),)))
    assert synonym.absences[0].concepts == frozenset({1})


# --------------------------------------------------------------------------------- rows, fields


def test_fields_of_a_row() -> None:
    fields = {
        "drug": FieldReading("RxNorm 6851"),
        "outcome": FieldReading("failed"),
        "days": FieldReading("<90"),
        "dose": FieldReading("0.015 'g'"),
        "stopped": FieldReading("2026-08"),
    }
    row = only("Trials", fields=fields, codes=(Code("RxNorm", "6851"),))
    assert row.fields == {
        "drug": (Code("RxNorm", "6851"),),
        "mechanism": (Code("", "csDMARD"),),
        "outcome": (Code("", "failed"),),
        "days": Bounds(None, 89),
        "dose": exactly(D(15)),
        "stopped": Bounds(datetime.date(2026, 8, 1), datetime.date(2026, 8, 31)),
    }
    assert row.value is TRUE


def test_a_field_that_is_not_known_is_not_there() -> None:
    assert only("Trials", fields={"days": FieldReading("UNKNOWN"), "outcome": FieldReading()}).fields == {}


def test_a_stated_field_goes_before_what_its_codes_say() -> None:
    codes = (Code("RxNorm", "6851"), Code("RxNorm", "214555"))
    assert "mechanism" not in only("Trials", codes=codes).fields
    stated = only("Trials", codes=codes, fields={"mechanism": FieldReading("TNF")})
    assert stated.fields["mechanism"] == (Code("", "TNF"),)


def test_a_field_that_cannot_be_used_is_set_aside() -> None:
    fields = {
        "outcome": FieldReading("gave up"),
        "drug": FieldReading(text="the white tablets"),
        "dose": FieldReading("15"),
    }
    found = admitted("Trials", Reading("here", fields=fields))
    assert {
        name: value.why for name, value in found.evidence[0].fields.items() if isinstance(value, SetAside)
    } == {
        "outcome": "none of the declared values",
        "drug": "recorded as text",
        "dose": "no unit",
    }
    assert [n.text for n in found.notices] == [
        f"1 entry whose `{name}` cannot be used, that field set aside" for name in ("dose", "drug", "outcome")
    ]
    assert found.evidence[0].certainty is TRUE


def test_one_reading_charted_twice_is_one() -> None:
    loose = Reading("loose", value="152", unit="mm[Hg]", codes=(Code("LOINC", "8480-6"),), date="2026-11-20T09:00")
    found = admitted("Systolic Pressure", loose, replace(loose, origin="panel", value="152.0", codes=()))
    assert len(found.evidence) == 1
    assert found.evidence[0].origin == "loose; panel"
    assert [n.text for n in found.notices] == ["1 entry charted again, counted once"]
    other = replace(loose, date="2026-11-20T09:05")
    assert len(admitted("Systolic Pressure", loose, other).evidence) == 2


def test_two_facts_of_one_instant_are_two() -> None:
    one = Reading("a", codes=(SCHIZOPHRENIA,), date="2026-11-20T09:00")
    other = replace(one, origin="b", codes=(Code("SNOMED", "13746004"),))
    assert len(admitted("Psychosis", one, other).evidence) == 2
    assert len(admitted("Psychosis", one, replace(one, origin="b")).evidence) == 1


# ------------------------------------------------------------------------------------ properties

_DATES = st.sampled_from(
    ["", "2026", "2026-11", "2026-11-20", "2026-11-20T09:00", "2026-11-21T08:00:00Z", "when?"]
)
_VALUES = st.sampled_from(
    ["", "0", "3", "5.20", "5.2", "12345678.123456789", "TRUE", "FALSE", "77", "x", "2026-08"]
)
_CODES = st.lists(
    st.sampled_from([SCHIZOPHRENIA, SEROPOSITIVE, Code("LOCAL", "1"), Code("RxNorm", "6851")]), max_size=2
).map(tuple)
_READINGS = st.lists(
    st.builds(
        Reading,
        origin=st.sampled_from(["a", "b", "c"]),
        value=_VALUES,
        comparator=st.sampled_from(["", "", "<", ">=", "?"]),
        unit=st.sampled_from(["", "mg/L", "mg/dL", "umol/L", "mm/h", "?"]),
        value_codes=_CODES,
        text=st.sampled_from(["", "see letter"]),
        codes=_CODES,
        match=st.sampled_from([TRUE, TRUE, UNKNOWN, FALSE]),
        date=_DATES,
        status=st.sampled_from([*STATUSES, "new"]),
        by=st.sampled_from(["", "K1"]),
        unusable=st.sampled_from(["", "", "withheld"]),
        missing=st.booleans(),
        fields=st.dictionaries(
            st.sampled_from(["drug", "outcome", "days", "dose"]), st.builds(FieldReading, _VALUES)
        ),
    ),
    max_size=6,
)
_NAMES = st.sampled_from([r.name for r in library().requirements])


@given(_NAMES, _READINGS, st.integers())
def test_the_order_of_entries_leaves_no_trace(name: str, readings: list[Reading], seed: int) -> None:
    shuffled = Random(seed).sample(readings, len(readings))
    first, again = admitted(name, *readings), admitted(name, *shuffled)
    assert (first.evidence, first.absences, first.notices) == (again.evidence, again.absences, again.notices)
    ids = [row.id for row in first.evidence] + [absence.id for absence in first.absences]
    assert len(set(ids)) == len(ids)


@given(_NAMES, _READINGS)
def test_no_message_holds_a_value(name: str, readings: list[Reading]) -> None:
    marked = [
        replace(
            r,
            value=r.value and f"{r.value}{MARKER}",
            text=MARKER,
            unit=MARKER,
            by=MARKER,
            date=f"{r.date}{MARKER}",
        )
        for r in readings
    ]
    found = admitted(name, *marked)
    said = [f"{n.requirement} {n.place} {n.text}" for n in found.notices] + [str(f) for f in found.faults]
    assert MARKER not in " ".join(said)
    assert all(MARKER not in row.value.why for row in found.evidence if isinstance(row.value, SetAside))


@given(_NAMES, _READINGS)
def test_doubt_and_silence_are_never_certain(name: str, readings: list[Reading]) -> None:
    doubtful = [replace(r, status="provisional" if r.status == "confirmed" else r.status) for r in readings]
    for row in admitted(name, *doubtful).evidence:
        assert row.certainty is UNKNOWN or row.value is FALSE or isinstance(row.value, SetAside)
