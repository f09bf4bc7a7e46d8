from __future__ import annotations

import json

from screening import matching, screen
from screening.reports.account import Account
from screening.reports.unused import Unused, texts, unused
from tests.reports.several import AS_OF, RULES
from tests.sources.bundles import Tree, bundle, concept, condition, observation

RA = "69896004"
CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"


def resolved(**parts: object) -> Tree:
    return condition(RA, clinicalStatus=concept("resolved", CLINICAL), **parts)


def told(record: bytes, protocol: str = "trial-open") -> tuple[Account, list[Unused]]:
    library = screen.load_library(protocol, [RULES])
    subject = screen.read_record(record, library, "record.json")
    account = screen.account(screen.screen(library, subject, AS_OF))
    return account, unused(account)


def of(tree: Tree, protocol: str = "trial-open") -> list[tuple[str, str]]:
    """Of each unused fact its requirement and why."""
    return [(each.requirements[0], each.why) for each in told(json.dumps(tree).encode(), protocol)[1]]


def test_a_resolved_condition_is_told_where_only_what_holds_counts() -> None:
    assert of(bundle(resolved())) == [("RA", "over by the record, and only what holds now counts")]


def test_the_same_condition_is_used_where_it_counts_whenever_it_was() -> None:
    assert of(bundle(resolved()), "local") == []


def test_a_value_outside_the_window_is_told_with_the_window() -> None:
    old = ("date: 2026-01-10", "date: 2026-11-01")
    rows = "".join(f"      - {{value: 5, {day}}}\n" for day in old)
    text = f"subject: SYN-1\nevidence:\n  Pain:\n    records:\n{rows}"
    account, found = told(text.encode())
    (pain,) = found
    assert (pain.why, pain.entries) == ("outside what is asked, within 7 days", 2)
    assert (pain.first, pain.last, pain.criteria) == ("2026-01-10", "2026-11-01", ("INC02",))
    (sentence,) = texts(account)
    assert sentence.startswith("INC02  pain: 2 entries, 2026-01-10 to 2026-11-01: outside what is asked")


def test_an_older_value_is_told_where_a_later_one_was_taken() -> None:
    text = (
        "subject: SYN-1\nevidence:\n  Pain:\n    records:\n"
        "      - {value: 5, date: 2026-11-20}\n      - {value: 3, date: 2026-11-18}\n"
    )
    _, (pain,) = told(text.encode())
    assert (pain.why, pain.first, pain.last) == ("a later one was taken", "2026-11-18", "2026-11-18")


def test_a_value_that_cannot_be_used_is_told_with_why() -> None:
    text = (
        "subject: SYN-1\nevidence:\n  Pain:\n    records:\n"
        "      - {value: 5, date: 2026-11-20}\n      - {value: 3, date: 2026-12-20}\n"
    )
    _, (pain,) = told(text.encode())
    assert pain.why == "1 entry dated after the as-of date, not used"


def test_a_code_of_another_system_is_told_where_it_settles_nothing() -> None:
    # Coded by nobody's system beside one that is surely present: the possible one adds nothing.
    other = condition(RA, id="c2", code=concept("714.0", "http://hl7.org/fhir/sid/icd-9-cm"))
    found = of(bundle(condition(RA), other), "local")
    assert found == [("RA", "only possible: coded in ICD-9-CM alone")]


def test_nothing_of_another_code_is_told() -> None:
    assert of(bundle(condition("203082005"), observation("8480-6"))) == []


def test_what_was_used_is_not_told() -> None:
    assert of(bundle(condition(RA)), "local") == []
    data = matching.match_data([told(json.dumps(bundle(resolved())).encode())[0]], [])
    assert data["protocols"][0]["unused"][0]["places"] == ["Condition/c1"]
