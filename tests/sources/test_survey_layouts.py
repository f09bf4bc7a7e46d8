"""Layouts of public surveys and registers: what is coded missing there, gate questions, arrays, bands of ages."""

from __future__ import annotations

from pathlib import Path

import pytest

from screening.errors import RuleError
from screening.values.truth import TRUE, UNKNOWN, Truth
from tests.sources.test_tables import one_column, read

DRUGS = """
tables:
  people.csv: {people: true, id: id}
  drugs.csv: {id: id, rows: {%s, missing: ["55555", "."]}}
"""
NAMED = "list: medications, name: drug, names: {METHOTREXATE: MTX}, unlisted: something else"


@pytest.mark.parametrize(
    ("rows", "drug", "certainty"),
    [
        (NAMED, "METHOTREXATE", TRUE),
        (NAMED, "LISINOPRIL", None),
        # A drug that nobody could name, and one that nobody wrote down, may be any.
        (NAMED, "55555", UNKNOWN),
        (NAMED, "55555.0", UNKNOWN),
        (NAMED, "", UNKNOWN),
        ("list: medications, code: drug, system: RxNorm", "6851", TRUE),
        ("list: medications, code: drug, system: RxNorm", "55555", UNKNOWN),
        ("list: conditions, code: drug, system: SNOMED", "69322001", TRUE),
        ("list: conditions, code: drug, system: SNOMED", "38341003", None),
        ("list: conditions, code: drug, system: SNOMED", ".", UNKNOWN),
        ("for: MTX, code: drug, system: RxNorm", "6851", TRUE),
        ("for: MTX, code: drug, system: RxNorm", "", UNKNOWN),
        ("for: MTX, code: drug, system: RxNorm", "55555", UNKNOWN),
    ],
)
def test_an_entry_of_which_nobody_knows_what_it_is_may_be_anything(
    rows: str, drug: str, certainty: Truth | None, tmp_path: Path
) -> None:
    tables: dict[str, str | bytes] = {"people.csv": "id\n1\n", "drugs.csv": f"id,drug\n1,{drug}\n"}
    (subject,), rejected = read(tmp_path, DRUGS % rows, tables)
    name = "Psychosis" if "conditions" in rows else "MTX"
    found = [row.certainty for row in subject.evidence.get(name, ())]
    assert (found, rejected) == ([] if certainty is None else [certainty], [])


def test_a_field_of_a_row_has_codes_of_its_own_for_what_is_missing(tmp_path: Path) -> None:
    mapping = DRUGS % 'for: Trials, fields: {weeks: {column: weeks, missing: ["99"]}}'
    tables: dict[str, str | bytes] = {"people.csv": "id\n1\n", "drugs.csv": "id,weeks\n1,99.0\n1,12\n"}
    (subject,), _ = read(tmp_path, mapping, tables)
    assert sorted("weeks" in row.fields for row in subject.evidence["Trials"]) == [False, True]


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ("{for: Smoker, words: {1: TRUE, 2: FALSE, 9: }}", "the answer `9` is given no meaning"),
        ("{for: RA, words: {1: TRUE, 2: ''}}", "the answer `2` is given no meaning"),
        ("{for: Smoker, words: {1: yes, 2: FALSE}}", "`yes` is no answer to `Smoker`"),
        ("{for: Gender, words: {1: male, 2: F}}", "`F` is no answer to `Gender`"),
        ("{for: Psychosis, words: {1: present}}", "`present` is no answer to `Psychosis`"),
    ],
)
def test_an_answer_that_is_given_no_meaning_is_told_and_is_no_yes(
    columns: str, message: str, tmp_path: Path
) -> None:
    with pytest.raises(RuleError, match=message) as refused:
        one_column(tmp_path, "1", columns)
    assert all(each.help and each.span.line for each in refused.value.diagnostics)


@pytest.mark.parametrize("id", ["NaN", ".", "NA", "null", "#N/A", r"\N"])
def test_a_word_for_an_empty_cell_is_no_id_and_makes_nobody_of_several_people(id: str, tmp_path: Path) -> None:
    tables: dict[str, str | bytes] = {
        "people.csv": f"id\n1\n{id}\n{id}\n",
        "drugs.csv": f"id,drug\n{id},METHOTREXATE\n1,METHOTREXATE\n",
    }
    (subject,), rejected = read(tmp_path, DRUGS % NAMED, tables)
    assert (subject.id, len(subject.evidence["MTX"])) == ("1", 1)
    assert [one.place for one in rejected] == ["people.csv:3", "people.csv:4", "drugs.csv:2"]
    assert all("a word for an empty cell" in one.reason for one in rejected)
