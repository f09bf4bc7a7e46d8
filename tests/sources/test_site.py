"""What a site declares of itself: only what somebody signed for, and never more than it says."""

from __future__ import annotations

import datetime
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screening.errors import CitationFault, NameFault, RuleError, SyntaxFault
from screening.record.subject import Completeness
from screening.sources.profile import read_profile
from screening.sources.site import SiteDeclaration, adapted, completeness, parameters_in, read_site
from screening.values.coding import Code
from tests.sources.protocol import library

SITE = """\
site: Example Clinic
owner: head of the outpatient department
signed by: K7
date: 2026-11-01
complete:
  - {list: conditions, since: 2019-01-01, because: the problem list is reviewed at every visit}
  - {requirement: Trials, since: ever, because: the registry lists every biologic}
  - {list: medications, since: 2022-01-01, because: the pharmacy reconciles them, active: true}
codes:
  Psychosis: [LOCAL PSY1, [LOCAL SCHIZO, SNOMED 58214004]]
  Of Another Protocol: LOCAL 9
parameters:
  Upper Limit: 7
  Lower Limit: {value: 2, because: the ward's habit}
alerts:
  INC01: {text: Call now., escalate: "the duty physician, pager 12"}
note: for the tests
"""


def site(text: str = SITE) -> SiteDeclaration:
    return read_site(text, "site.yaml")


def refused(text: str) -> list[str]:
    with pytest.raises(RuleError) as caught:
        site(text)
    return [f"{d.span.line}:{d.span.column} {d.kind.__name__} {d.message}" for d in caught.value.diagnostics]


def test_a_declaration_is_read() -> None:
    found = site()
    assert (found.site, found.owner, found.signed_by) == (
        "Example Clinic",
        "head of the outpatient department",
        "K7",
    )
    assert found.date == datetime.date(2026, 11, 1)
    assert found.signed == "K7, 2026-11-01"
    assert found.label == f"Example Clinic, declaration of 2026-11-01, {found.digest[:12]}"
    assert found.codes["Psychosis"] == (
        frozenset({Code("LOCAL", "PSY1")}),
        frozenset({Code("LOCAL", "SCHIZO"), Code("SNOMED", "58214004")}),
    )
    assert dict(found.parameters) == {"Upper Limit": "7", "Lower Limit": "2"}
    assert found.alerts[0].escalate == "the duty physician, pager 12"
    assert site(SITE.replace("K7", "K8")).digest != found.digest


def test_what_it_says_of_a_list() -> None:
    signed = "K7, 2026-11-01"
    because = "the problem list is reviewed at every visit"
    psychosis, trials = library().requirement("Psychosis"), library().requirement("Trials")
    assert completeness(site(), psychosis) == Completeness(
        datetime.date(2019, 1, 1), "site declaration", because, signed
    )
    assert completeness(site(), trials) == Completeness(
        None, "site declaration", "the registry lists every biologic", signed
    )
    assert completeness(site(), library().requirement("WPI")) is None
    assert completeness(None, psychosis) is None


def test_a_list_of_what_is_active_answers_no_question_about_the_past() -> None:
    medicine = replace(library().requirement("Trials"), name="Other")
    assert completeness(site(), medicine) is None
    found = completeness(site(), replace(medicine, active_only=True))
    assert found is not None
    assert found.since == datetime.date(2022, 1, 1)


def test_of_two_declarations_the_one_that_reaches_further() -> None:
    text = SITE.replace("codes:", "  - {list: conditions, since: 2010-05-01, because: b, active: true}\ncodes:", 1)
    active = replace(library().requirement("Psychosis"), active_only=True)
    found = completeness(site(text), active)
    assert found is not None
    assert found.since == datetime.date(2010, 5, 1)


def test_its_codes_join_the_protocol() -> None:
    once = adapted(library(), site())
    assert once.requirement("Psychosis").concepts == (
        frozenset({Code("LOCAL", "SCHIZO"), Code("SNOMED", "58214004")}),
        frozenset({Code("SNOMED", "69322001")}),
        frozenset({Code("SNOMED", "13746004")}),
        frozenset({Code("LOCAL", "PSY1")}),
    )
    assert adapted(once, site()) == once
    assert adapted(library(), None) is library()
    assert once.requirement("WPI") == library().requirement("WPI")


def test_its_alert_says_what_the_site_says() -> None:
    alert = adapted(library(), site()).criterion("INC01").alert
    assert alert is not None
    assert (alert.text, alert.escalate) == ("Call now.", "the duty physician, pager 12")


def test_parameters_of_other_protocols_are_passed_over() -> None:
    assert parameters_in(site(), library()) == {"Upper Limit": "7"}


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("Psychosis:", "Psychosiss:", "`every-kind` has no `Psychosiss`"),
        ("requirement: Trials", "requirement: trials", "`every-kind` has no `trials`"),
        ("Upper Limit:", "Uper Limit:", "`every-kind` has no `Uper Limit`"),
        ("INC01:", "inc01:", "`every-kind` has no `inc01`"),
    ],
)
def test_a_name_nearly_right_is_a_fault(old: str, new: str, message: str) -> None:
    with pytest.raises(NameFault) as caught:
        adapted(library(), site(SITE.replace(old, new, 1)))
    assert [d.message for d in caught.value.diagnostics] == [message]
    assert all(d.help.startswith("did you mean `") for d in caught.value.diagnostics)


@pytest.mark.parametrize("key", ["owner", "signed by", "date"])
def test_nobody_signed(key: str) -> None:
    lines = [line for line in SITE.splitlines() if not line.startswith(f"{key}:")]
    for text in ("\n".join(lines), "\n".join([*lines, f"{key}:"])):
        with pytest.raises(CitationFault) as caught:
            site(text)
        assert [d.message for d in caught.value.diagnostics] == [f"`{key}` is missing"]
        assert caught.value.diagnostics[0].why == "absence would be evidence that nobody answers for"


def test_everything_wrong_is_said_at_once() -> None:
    text = """\
site: [a]
ownr: somebody
owner: x
signed by: y
date: 2026-02-30
complete:
  - {list: condition, since: 2019, because: z}
  - {since: ever}
  - {requirement: A, list: conditions, since: ever, because: z}
codes: {Psychosis: 4711}
parameters: {A: [1]}
alerts: {X: {txt: a}}
"""
    assert refused(text) == [
        "1:7 SyntaxFault `site` is one text",
        "2:1 SyntaxFault a site declaration has no key `ownr`",
        "5:7 SyntaxFault `date` is a day",
        "7:5 NameFault there is no such list",
        "7:30 SyntaxFault `since` is a day",
        "8:5 CitationFault `because` is missing",
        "8:5 SyntaxFault an entry names either a `requirement` or a `list`",
        "9:5 SyntaxFault an entry names either a `requirement` or a `list`",
        "10:20 SyntaxFault this is not a code",
        "11:14 SyntaxFault a parameter has one value",
        "12:14 SyntaxFault an alert has no key `txt`",
    ]


def test_one_list_is_declared_once() -> None:
    entry = "  - {list: conditions, since: 2020-01-01, because: x}\n"
    assert refused(SITE.replace("codes:", entry + "codes:", 1)) == [
        "9:5 SyntaxFault this list is declared for the second time"
    ]


@pytest.mark.parametrize(
    "text", ["", "[]", "x", "{}", "a: *b", "site: x", "complete: 3\nsite: x", '{"site": "x"}']
)
def test_what_is_no_declaration(text: str) -> None:
    assert refused(text)


@given(st.integers(0, len(SITE)), st.integers(0, 6), st.text(max_size=3))
def test_a_mangled_declaration_is_refused_or_read(at: int, cut: int, put: str) -> None:
    text = SITE[:at] + put + SITE[at + cut :]
    try:
        found = site(text)
    except RuleError:
        assert refused(text)
        return
    assert found.owner
    assert found.signed_by
    assert all(one.because for one in found.complete)


# ---------------------------------------------------------------------------------- on a profile


def test_a_list_counts_where_the_profile_looked_into_it() -> None:
    looked = read_profile("subject: S\nevidence: {Psychosis: {records: []}}", library(), name="p", site=site())
    assert looked.complete["Psychosis"].basis == "site declaration"
    assert looked.site == site().label
    silent = read_profile("subject: S\nevidence: {Psychosis: }", library(), name="p", site=site())
    absent = read_profile("subject: S", library(), name="p", site=site())
    assert not silent.complete
    assert not absent.complete


def test_the_record_speaks_for_its_own_list() -> None:
    text = "subject: S\nevidence: {Psychosis: {complete: false, records: []}}"
    assert not read_profile(text, library(), name="p", site=site()).complete


def test_a_site_code_is_a_code_of_the_protocol() -> None:
    text = "subject: S\nevidence: {Psychosis: {records: [{code: LOCAL PSY1}, {code: LOCAL 0}]}}"
    found = read_profile(text, library(), name="p", site=site())
    assert [row.concepts for row in found.evidence["Psychosis"]] == [frozenset({3})]
    assert found.concepts["Psychosis"] == 4
    without = read_profile(text, library(), name="p")
    assert [row.certainty.value for row in without.evidence["Psychosis"]] == ["UNKNOWN", "UNKNOWN"]


def test_syntax_is_a_syntax_fault() -> None:
    with pytest.raises(SyntaxFault):
        site("a: [")
