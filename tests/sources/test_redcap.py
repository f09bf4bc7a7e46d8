"""A REDCap export with its data dictionary: the mapping proposed reads it as it is meant, raw or in labels."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from screening.errors import UnreadableRecord
from screening.people import people_of
from screening.record.subject import Subject
from screening.sources.codebook import CodebookField, is_codebook
from screening.sources.proposal import propose
from screening.values.bounds import OPEN, Bounds
from screening.values.coding import word
from screening.values.truth import FALSE, TRUE, UNKNOWN
from tests.sources.test_tables import LIBRARY, values

PROJECT = Path(__file__).parent / "redcap"
DICTIONARY = PROJECT / "dictionary.csv"


def proposed(name: str) -> str:
    return propose([DICTIONARY, PROJECT / name], LIBRARY).text


def people(name: str, folder: Path, text: str = "") -> list[Subject]:
    mapping = folder / "map.yaml"
    mapping.write_text(text or proposed(name), encoding="utf-8")
    found = list(people_of(PROJECT / name, LIBRARY, mapping=mapping))
    assert all(isinstance(one, Subject) for one in found), found
    return [one for one in found if isinstance(one, Subject)]


def test_a_dictionary_is_told_from_a_table() -> None:
    assert is_codebook(DICTIONARY)
    assert not is_codebook(PROJECT / "export.csv")
    with pytest.raises(UnreadableRecord, match="no table is named beside it"):
        propose([DICTIONARY], LIBRARY)


def test_what_the_dictionary_says_stands_in_the_proposal() -> None:
    text = proposed("export.csv")
    for line in (
        "repeats: true",
        'lab1: {for: CRP, unit: "mg/dL"}',
        'sex: {for: Gender, words: {"1": female, "Female": female, "2": male, "Male": male}}',
        'words: {"1": TRUE, "Yes": TRUE, "2": FALSE, "No": FALSE}, missing: ["3", "Don\'t know"]',
        'missing: ["99", "Prefer not to answer"]',
        "form: baseline_complete, none: hist___8, missing: [hist____999]",
        "hist___1: Psychosis, hist___2: RA",
        "rows: {for: Trials, where: {redcap_repeat_instrument: drug_trials}, fields: {drug: drug, weeks: weeks}}",
    ):
        assert line in text, text
    assert "1970" not in text
    assert "methotrexate" not in text


@pytest.mark.parametrize("name", ["export.csv", "labels.csv"])
def test_a_project_is_read_as_it_is_meant(name: str, tmp_path: Path) -> None:
    # What a label of a number means is for a person to say.
    text = proposed(name).replace("nrs: {for: Pain,", "nrs: {for: Pain, words: {no pain: 0, worst: 10},")
    one, two, three, four, five = people(name, tmp_path, text)
    assert values(one, "CRP") == [Bounds(Decimal("5.2"), Decimal("5.2"))]
    assert values(one, "Gender") == [word("female")]
    assert values(one, "Psychosis") == [TRUE]
    assert "RA" in one.absences
    assert [row.fields["weeks"] for row in one.evidence["Trials"]] == [Bounds(12, 12)]
    assert [values(each, "Smoker") for each in (one, two, three, four)] == [[TRUE], [UNKNOWN], [FALSE], []]
    assert [values(each, "Pain") for each in (one, two, three)] == [[Bounds(7, 7)], [OPEN], [Bounds(0, 0)]]
    # Nothing is ticked: on a complete form that says no, on any other it says nothing.
    assert "Psychosis" in two.absences
    assert "Psychosis" not in {**three.absences, **three.evidence}
    assert "Psychosis" in four.absences  # none of these
    # A code says why nobody answered: not known, which no list that is complete makes a no of.
    assert ("Psychosis" in five.absences, values(five, "Psychosis")) == (False, [UNKNOWN])


def test_each_instance_is_an_entry_of_its_own_where_the_mapping_says_so(tmp_path: Path) -> None:
    text = proposed("export.csv").replace("rows: {for: Trials,", "rows: {for: Trials, apart: true,")
    one = people("export.csv", tmp_path, text)[0]
    assert len(one.evidence["Trials"]) == 2
    assert len({row.by for row in one.evidence["Trials"]}) == 2


@pytest.mark.parametrize(
    ("kind", "choices", "words", "untold"),
    [
        ("yesno", {}, {"1": "TRUE", "0": "FALSE", "Yes": "TRUE", "No": "FALSE"}, {}),
        ("truefalse", {}, {"1": "TRUE", "0": "FALSE", "True": "TRUE", "False": "FALSE"}, {}),
        ("radio", {"1": "Ja", "2": "Nein", "9": "Keine Angabe"},
         {"1": "TRUE", "Ja": "TRUE", "2": "FALSE", "Nein": "FALSE"}, {"9": "Keine Angabe"}),
        ("radio", {"1": "mild", "2": "severe"}, {}, {}),
        ("radio", {"1": "Yes, in the past", "2": "No"}, {"2": "FALSE", "No": "FALSE"}, {}),
    ],
)  # fmt: skip
def test_what_a_choice_says_is_never_guessed(
    kind: str, choices: dict[str, str], words: dict[str, str], untold: dict[str, str]
) -> None:
    found = CodebookField("f", "form", kind, "label", choices)
    assert found.yes_or_no == words
    assert found.untold == untold
