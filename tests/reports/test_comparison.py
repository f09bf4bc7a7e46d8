from __future__ import annotations

from pathlib import Path

import pytest

from screening import matching
from screening.errors import NameFault
from screening.reports import comparison
from screening.reports.comparison import Difference, differences, edition, sentences
from screening.reports.line import plain_text
from screening.values.truth import FALSE, TRUE, UNKNOWN
from tests.reports.several import RULES, accounts, editions, person

WIDE = {"Areas": "9", "Severity": "6"}


def compared(**items: str) -> list[comparison.Edition]:
    return [edition(account) for account in editions(person(**items))]


def parted(**items: str) -> list[Difference]:
    return differences(compared(**items))


def test_what_names_the_family_is_an_edition_and_what_they_share_names_none() -> None:
    found = matching.editions(matching.shelf([RULES]), "aches")
    assert [library.name for library in found.libraries] == [
        "aches-1990",
        "aches-2010",
        "aches-2016",
        "aches-2020",
    ]


def test_an_unknown_family_is_told_with_the_one_that_may_be_meant() -> None:
    with pytest.raises(NameFault, match="no rule file is of the family `achse`") as caught:
        matching.editions(matching.shelf([RULES]), "achse")
    assert "aches" in str(caught.value)


def test_a_limit_that_the_other_edition_does_not_ask_for_makes_the_difference() -> None:
    (found,) = parted(**WIDE, Regions="3")
    assert found == Difference("Regions", "2016", FALSE, ">= 4", "3, 2026-11-20", (("", ("2010", "2020")),))
    assert found.value in sentences(compared(**WIDE, Regions="3"))[0]


def test_a_limit_that_the_other_edition_sets_otherwise_makes_the_difference() -> None:
    found = {d.by: d for d in parted(Areas="8", Severity="6", Regions="4")}
    assert found["2020"].others == ((">= 7", ("2010", "2016")),)
    assert set(found) == {"2020"}


def test_a_leaf_that_both_editions_have_makes_no_difference() -> None:
    # Severity 4 keeps 2010 and 2016 out, 2020 asks for the areas alone.
    found = parted(Areas="9", Severity="4", Regions="4")
    assert {(d.label, d.by, d.others) for d in found} == {
        ("Severity", "2010", (("", ("2020",)),)),
        ("Severity", "2016", (("", ("2020",)),)),
    }


def test_each_of_several_differences_has_a_line_of_its_own() -> None:
    found = sentences(compared(Areas="9", Severity="4", Regions="4"))
    assert found[:3] == [
        "They disagree on Severity:",
        "Severity: 2010 asks for >= 5 and finds 4, 2026-11-20; 2020 does not ask for it.",
        "Severity: 2016 asks for >= 5 and finds 4, 2026-11-20; 2020 does not ask for it.",
    ]


def test_an_unknown_edition_disagrees_with_nobody() -> None:
    found = compared(**WIDE)
    assert [one.truth for one in found] == [UNKNOWN, TRUE, UNKNOWN, TRUE]
    assert differences(found) == []
    assert sentences(found) == [
        "No two editions disagree: 2 met, 2 unknown; an unknown one may still become either."
    ]
    assert not any(one.settling for one in found if one.truth is UNKNOWN)


def test_every_difference_holds_in_the_traces() -> None:
    """What is said of a fact is what the traces hold: FALSE where it bars, and not asked where it is not."""
    found = compared(**WIDE, Regions="3", Tender_Points="5")
    for difference in differences(found):
        barred = next(one for one in found if one.name == difference.by)
        leaves = [leaf for leaf in barred.settling if leaf.point.label == difference.label]
        assert leaves
        assert all(barred.account.step(leaf.node).value is FALSE for leaf in leaves)
        for how, names in difference.others:
            for name in names:
                other = next(one for one in found if one.name == name)
                labels = {leaf.point.label for leaf in other.every}
                assert (difference.label in labels) is bool(how)


def test_classes_are_compared_in_their_own_words() -> None:
    found = sentences(compared(**WIDE, Grade="5"))
    assert found[-1] == "They disagree on the class: mild by Ache (1990, 2016 and 2020); severe by Ache (2010)."


WIDER = """library: aches-2030
version: "1"
title: Aches, edition of 2030, made of that of 2010
family: aches
sources: {report: A made-up report}
include:
  - {library: aches-2010, version: "1", criteria: none}
criteria:
  - {id: ACHE2030, category: inclusion, text: Aches, source: {report: page 9}, expression: Areas >= 3}
"""


def test_an_edition_that_another_includes_says_so(tmp_path: Path) -> None:
    for path in RULES.glob("aches-*.yaml"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "aches-2030.yaml").write_text(WIDER, encoding="utf-8")
    every = matching.shelf([tmp_path])
    assert every.faulty == ()
    found = accounts(person(**WIDE), matching.editions(every, "aches"), [tmp_path])
    lines = plain_text(matching.compared("aches", found, [])).splitlines()
    row = next(n for n, line in enumerate(lines) if line.startswith("+  2010"))
    assert "included by 2030" in " ".join(lines[row : row + 2])
    assert sum("included by" in line for line in lines) == 1


def test_the_screen_says_whose_record_what_status_and_that_it_is_no_diagnosis() -> None:
    text = plain_text(matching.compared("aches", editions(person(**WIDE, Regions="3")), []))
    first, second, *_ = text.splitlines()
    assert first == "aches, 4 editions, all DRAFT, not for use in care"
    assert second == "SYN-1, synthetic, as of 2026-11-22" + " " * 26 + "site: none declared"
    assert "Meeting a set is classification, not diagnosis." in text
    assert max(map(len, text.splitlines())) <= 80
    assert [line[0] for line in text.splitlines() if line[:1] in "+x?" and line[:1]] == ["?", "+", "x", "+"]


def test_the_data_name_the_place_of_every_leaf() -> None:
    data = matching.comparison_data("aches", editions(person(**WIDE, Regions="3")), [])
    by_name = {each["protocol"]: each for each in data["editions"]}
    assert [each["place"] for each in by_name["aches-2016"]["settled_by"]] == ["ACHE2016.3"]
    assert by_name["aches-1990"]["truth"] == "UNKNOWN"
    assert by_name["aches-1990"]["to_obtain"] == ["Tender Points"]
    assert data["differences"][0]["others"] == [{"asks": None, "editions": ["2010", "2020"]}]
    assert data["as_of"] == "2026-11-22"
