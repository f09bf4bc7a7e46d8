# ruff: noqa: E501 (tables of texts, one case a line)
from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from screening.language.library import Citation, DataRequirement, Factor, RowField
from screening.language.types import INTEGER, Type, quantity
from screening.reading.concepts import SYSTEMS, code_of
from screening.reading.constants import NoConstant, constant_of, number_of
from screening.values.bounds import Bounds, exactly
from screening.values.coding import Code, word
from screening.values.truth import FALSE, TRUE
from tests.reading.made import CRITERION, HEAD, RULES, loaded, refused


def declared(folder: Path, text: str, more: str = "") -> DataRequirement:
    file = f"{HEAD}{more}requirements:\n  Anything: {{type: Boolean}}\n  It: {text}\n{CRITERION}"
    return loaded(folder, file).requirement("It")


def wrong(folder: Path, text: str, more: str = "") -> list[str]:
    file = f"{HEAD}{more}requirements:\n  Anything: {{type: Boolean}}\n  It: {text}\n{CRITERION}"
    return refused(folder, file)


def test_everything_that_can_be_declared(tmp_path: Path) -> None:
    text = """{type: Quantity, unit: mg/dL, codes: [LOINC 2160-0, LOINC 38483-4], take: highest, readings: 2,
      synonyms: [[LOINC 2160-0, LOINC 38483-4]], factor: {from: umol/L, by: "0.01131222", because: {report: p. 2}},
      plausible: [0.1, 30], scale: [0, 40], floor: 0, missing: ["77", "99"], uncoded: ignore, unusable: skip,
      because: {report: page 3}, obtain: blood, label: creatinine, text: in serum, chosen: [window], within: 14 days,
      unverified: true, source: {report: page 4}}"""
    found = declared(tmp_path, text)
    assert found.type == quantity("mg/dL")
    assert found.kind == "observation"
    assert found.concepts == (frozenset({Code("LOINC", "2160-0"), Code("LOINC", "38483-4")}),)
    assert (found.take, found.readings, found.within) == ("highest", 2, "14 days")
    assert found.factors == (Factor("umol/L", "0.01131222", "report, p. 2"),)
    assert (found.plausible, found.scale, found.floor) == (Bounds(Decimal("0.1"), 30), Bounds(0, 40), "0")
    assert (found.missing, found.uncoded, found.unusable) == (("77", "99"), "ignore", "skip")
    assert found.because == Citation("report", "page 3")
    assert found.source == Citation("report", "page 4")
    assert (found.obtain, found.label, found.text) == ("blood", "creatinine", "in serum")
    assert (found.chosen, found.unverified) == (("window",), ("all",))


@pytest.mark.parametrize(
    ("text", "kind", "obtain"),
    [
        ("{type: Integer}", "", "chart"),
        ("{type: Judgement}", "", "judge"),
        ("{type: Boolean, questionnaire: item.1}", "questionnaire", "questionnaire"),
        ("{type: Date, reason: SNOMED 1}", "encounter", "chart"),
        ("{type: Boolean, allergy: RxNorm 1}", "allergy", "chart"),
        ("{type: Integer, take: age on Screening Date}", "birth date", "chart"),
        ("{type: String, take: gender, obtain: ask}", "gender", "ask"),
        ("{type: Boolean, take: death}", "death", "chart"),
    ],
)
def test_where_a_requirement_is_found(tmp_path: Path, text: str, kind: str, obtain: str) -> None:
    found = declared(tmp_path, text)
    assert (found.kind, found.obtain) == (kind, obtain)


def test_link_ids_and_codes_of_a_questionnaire(tmp_path: Path) -> None:
    found = declared(tmp_path, "{type: Integer, questionnaire: [WPI/jaw left, LOINC 99999-9]}")
    assert found.codes == {Code("linkId", "WPI/jaw left"), Code("LOINC", "99999-9")}


def test_a_value_set_gives_its_concepts(tmp_path: Path) -> None:
    sets = "valuesets:\n  Psychotic Disorder:\n    concepts: [[SNOMED 1, ICD-10-CM F20.9], SNOMED 2]\n"
    sets += "    source: {report: page 1}\n"
    found = declared(tmp_path, "{type: Boolean, condition: Psychotic Disorder}", sets)
    assert [len(concept) for concept in found.concepts] == [2, 1]
    both = declared(tmp_path, "{type: Boolean, condition: [Psychotic Disorder, SNOMED 3]}", sets)
    assert len(both.concepts) == 3


def test_a_value_set_may_name_sets_before_it(tmp_path: Path) -> None:
    sets = "valuesets:\n  One: {concepts: [[SNOMED 1, RxNorm 1]], source: {report: page 1}}\n"
    sets += "  Two: {concepts: [One, SNOMED 2], source: {report: page 1}}\n"
    found = declared(tmp_path, "{type: Boolean, condition: Two}", sets)
    assert found.concepts == (
        frozenset({Code("SNOMED", "1"), Code("RxNorm", "1")}),
        frozenset({Code("SNOMED", "2")}),
    )


def test_a_value_set_names_no_set_after_it(tmp_path: Path) -> None:
    sets = "valuesets:\n  Nought: {concepts: [SNOMED 3], source: {report: page 1}}\n"
    sets += "  Two: {concepts: [One], source: {report: page 1}}\n"
    sets += "  One: {concepts: [SNOMED 1], source: {report: page 1}}\n"
    text = f"{HEAD}{sets}requirements:\n  Anything: {{type: Boolean}}\n{CRITERION}"
    assert refused(tmp_path, text) == ["`One` is neither a code nor a value set"]


def test_fields_of_a_list(tmp_path: Path) -> None:
    text = """{type: Records, medication: RxNorm 1, fields: {drug: Code, reason: {type: Code, valueset: Reasons},
      dose: {type: Quantity, unit: mg}, kind: {type: String, values: [a, b], by code: {a: [RxNorm 1, RxNorm 2]}}}}"""
    sets = "valuesets:\n  Reasons: {concepts: [SNOMED 1], source: {report: page 1}}\n"
    found = declared(tmp_path, text, sets)
    assert found.type == Type("Records", records="It")
    assert [field.name for field in found.fields] == ["drug", "reason", "dose", "kind"]
    assert found.fields[1].valueset == "Reasons"
    assert found.fields[3] == RowField(
        "kind", Type("String"), ("a", "b"), "", (("a", (Code("RxNorm", "1"), Code("RxNorm", "2"))),)
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{type: Boolean, when_absent: false}", "`when_absent: false` has no `because:`"),
        ("{type: Integer, when_absent: false, because: {report: x}}", "silence cannot be a value of type Integer"),
        ("{type: Judgement, when_absent: false, because: {report: x}}", "silence cannot be a value of type Judgement"),
        ("{type: Boolean, when_absent: false, because: {reprot: x}}", "there is no source `reprot`"),
        ("{type: Integer, take: gender}", "`take: gender` gives a value of type String, declared is Integer"),
        ("{type: Integer, take: age on Screening Date, within: 3 days}", "`take: age on Screening Date` needs no code and no window"),
        ("{type: Integer, take: age on Nobody}", "`Nobody` is not declared"),
        ("{type: Integer, within: (It) days}", "`It` refers to itself: `It`, `It`"),
        ("{type: Integer, within: (3.5) days}", "`3.5` is no whole number"),
        ("{type: Integer, within: 3 days before Anything}", "`Anything` is of type Boolean, and a day is wanted"),
        ("{type: Integer, active: true}", "`active:` is for conditions, medicines and allergies"),
        ("{type: Integer, active: yes}", "`active:` cannot be `yes`"),
        ("{type: Integer, uncoded: ignore, because: x}", "`uncoded:` stands without codes"),
        ("{type: Integer, synonyms: [[SNOMED 1]]}", "`synonyms:` stands without `codes:`"),
        ("{type: Records, take: latest}", "`take: latest` does not go with a value of type Records"),
        ("{type: Integer, obtain: telepathy}", "`obtain:` cannot be `telepathy`"),
        ("{type: Integer, codes: [{a: b}]}", "a code is one text, synonyms are a list of texts"),
        ("{type: Integer, text: [a, b]}", "`text:` is one text"),
        ("{type: Integer, text: }", "`text:` is empty"),
        ("[type, Integer]", "requirement `It` is written as keys with values"),
        ("Integer", "requirement `It` is written as keys with values"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_told(tmp_path: Path, text: str, message: str) -> None:
    assert message in wrong(tmp_path, text)


def test_the_paradigm_of_the_house(tmp_path: Path) -> None:
    from screening.reading.load import load

    library = load(RULES / "PARADIGM-HF.yaml", [RULES])
    assert library.requirement("HF Hospital Stay").reasons == (Code("SNOMED", "84114007"),)
    assert library.requirement("Angioedema").when_absent == "unknown"
    assert library.criterion("INC01").source == Citation("report", "Methods, study patients")


@pytest.mark.parametrize("text", ["SNOMED 203082005", "ICD-10-CM M05.*", "LOCAL a-b_c", "LOINC 8480-6"])
def test_codes(text: str) -> None:
    assert str(code_of(text)) == text


@pytest.mark.parametrize("text", ["203082005", "snomed 1", "SNOMED", "SNOMED a b", "Psychotic Disorder", ""])
def test_what_is_no_code(text: str) -> None:
    assert code_of(text) is None
    assert "SNOMED" in SYSTEMS


@pytest.mark.parametrize(
    ("text", "type", "value"),
    [
        ("4", INTEGER, exactly(4)),
        ("-4", INTEGER, exactly(-4)),
        ("4.50", Type("Decimal"), exactly(Decimal("4.5"))),
        ("150", quantity("mm[Hg]"), exactly(Decimal(150))),
        ("1 'kg'", quantity("g"), exactly(Decimal(1000))),
        ("true", Type("Boolean"), TRUE),
        ("false", Type("Boolean"), FALSE),
        ("'a b'", Type("String"), word("a b")),
        ("plain", Type("String"), word("plain")),
        ("SNOMED 1", Type("Code"), (Code("SNOMED", "1"),)),
    ],
)
def test_constants(text: str, type: Type, value: object) -> None:
    assert constant_of(text, type) == value


@pytest.mark.parametrize(
    ("text", "type"),
    [
        ("4.0", "Integer"), ("four", "Decimal"), ("1e5", "Decimal"), ("NaN", "Decimal"), ("Infinity", "Decimal"),
        ("1" * 400, "Integer"), ("0." + "1" * 400, "Decimal"), ("yes", "Boolean"), ("TRUE", "Boolean"),
        ("2026-13", "Date"), ("tomorrow", "DateTime"), ("asthma", "Code"),
    ],
)  # fmt: skip
def test_what_is_no_constant(text: str, type: str) -> None:
    with pytest.raises(NoConstant):
        constant_of(text, Type(type))
    assert number_of("٣") is None
