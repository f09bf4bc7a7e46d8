"""What another record says, written as a profile: read back it says the same to the last row, or it is refused."""

from __future__ import annotations

import datetime

import pytest

from screening import screen
from screening.errors import RecordError, UnsupportedError
from screening.language.types import STRING
from screening.sources.fhir import read_bundle
from screening.sources.profile import read_profile
from screening.sources.profile_written import profile_of
from screening.sources.site import read_site
from screening.values.bounds import Bounds
from tests.sources.bundles import (
    AGE,
    GENDER,
    METHOTREXATE,
    RHEUMATOID,
    SYSTOLIC,
    UCUM,
    asks,
    bundle,
    concept,
    condition,
    every_shared,
    library,
    observation,
    prescription,
    read,
    shared,
)

DAY = datetime.date(2026, 11, 22)
SITE = """
{site: A, owner: O, signed by: K1, date: 2026-11-01,
 complete: [{list: conditions, since: ever, because: all are entered}]}
"""


@pytest.mark.parametrize("path", every_shared()[::4] or ["absent"])
def test_a_shared_bundle_is_the_same_person(path: str) -> None:
    """Written, read back and held against it within `profile_of`; and the law says the same of both."""
    data, asked = shared(path), screen.load_protocol("ketamine-ra-fm")
    subject = read_bundle(data, asked, name=path)
    again = read_profile(profile_of(subject, asked, None, path), asked, name="profile")
    own, now = (screen.screen(asked, each, DAY).determination for each in (subject, again))
    assert [f.truth for f in own.findings] == [f.truth for f in now.findings]
    assert (own.verdict, own.to_obtain, len(own.alerts)) == (now.verdict, now.to_obtain, len(now.alerts))


def measured(value: object, unit: str, id: str = "o1", **more: object) -> dict[str, object]:
    quantity = {"value": value, **({"code": unit, "system": UCUM} if unit else {}), **more}
    return observation("8480-6", id=id, valueQuantity=quantity)


UNSURE = {
    "verificationStatus": concept("provisional", "http://terminology.hl7.org/CodeSystem/condition-ver-status")
}
DENIED = {"verificationStatus": concept("refuted", "http://terminology.hl7.org/CodeSystem/condition-ver-status")}
MADE = {
    "a number": [measured(131, "mm[Hg]")],
    "two of one minute": [measured(131, "mm[Hg]"), measured(127, "mm[Hg]", "o2")],
    "of another unit": [measured(17.46534, "kPa")],
    "below a limit": [measured(60, "mm[Hg]", comparator="<")],
    "without a unit": [measured(131, "")],
    "beyond what is plausible": [measured(1e9, "mm[Hg]")],
    "a condition": [condition()],
    "of a year": [condition(onsetDateTime="2018")],
    "of a period": [condition(onsetPeriod={"start": "2018-02", "end": "2019-03-04"}, onsetDateTime=None)],
    "not certain": [condition(**UNSURE)],
    "denied": [condition(**DENIED)],
    "a medicine that goes on": [prescription()],
    "an unknown medicine": [prescription("999999999")],
    "nothing": [],
}


@pytest.mark.parametrize("name", MADE)
@pytest.mark.parametrize("site", [None, SITE], ids=["no site", "a site"])
def test_every_kind_of_entry_is_the_same(name: str, site: str | None) -> None:
    """`profile_of` refuses what is not: nothing is nearly the same."""
    declared = read_site(site, "site.yaml") if site else None
    asked = (
        RHEUMATOID,
        SYSTOLIC,
        METHOTREXATE,
        AGE,
        GENDER,
        asks("Smoking", "observation", "LOINC 72166-2", type=STRING),
    )
    made = [{key: part for key, part in each.items() if part is not None} for each in MADE[name]]
    subject = read(bundle(*made), *asked, site=declared)
    text = profile_of(subject, library(*asked), declared, "record.json")
    again = read_profile(text, library(*asked), name="profile", site=declared)
    assert again.id == subject.id == "p1"
    for each in (*subject.evidence, *again.evidence):
        assert len(subject.evidence[each]) == len(again.evidence[each])
    assert subject.complete == again.complete and bool(subject.complete) is bool(site)
    assert {n: len(a) for n, a in subject.absences.items()} == {n: len(a) for n, a in again.absences.items()}


def test_what_cannot_be_said_is_refused_and_named() -> None:
    subject = read(bundle(measured(131, "mm[Hg]")), SYSTOLIC)
    # Meanwhile the number is not plausible any more: read back it would be set aside.
    narrow = asks("Systolic", "observation", "LOINC 8480-6", type=SYSTOLIC.type, plausible=Bounds(0, 100))
    with pytest.raises(UnsupportedError, match="`Systolic` cannot be written"):
        profile_of(subject, library(narrow), None, "record.json")


@pytest.mark.parametrize("date", ["2019-01-01/", "/2019-01-01", "2019/2020-02"])
def test_a_period_of_a_profile_may_be_open(date: str) -> None:
    text = f"subject: S\nevidence:\n  MTX: {{records: [{{value: TRUE, date: {date}}}]}}\n"
    (row,) = read_profile(text, library(METHOTREXATE), name="p.yaml").evidence["MTX"]
    assert (row.when.low is None, row.when.high is None) == (date.startswith("/"), date.endswith("/"))


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("{value: \"131 'mm[Hg]'\", low: \"130 'mm[Hg]'\"}", "`value` and `low and high` at once"),
        ('{coded: ["drug: RxNorm 1"]}', "`coded` of `Systolic` is not written as FIELD: SYSTEM CODE"),
        ('{coded: ["value: zanzibar"]}', "`coded` of `Systolic` is not written as FIELD: SYSTEM CODE"),
        ("{possible: perhaps, value: \"131 'mm[Hg]'\"}", "`possible` of `Systolic` is true or false"),
    ],
)
def test_a_slip_in_what_programs_write_is_refused_at_its_place(row: str, message: str) -> None:
    with pytest.raises(RecordError, match=message) as refused:
        read_profile(
            f"subject: S\nevidence:\n  Systolic: {{records: [{row}]}}\n", library(SYSTOLIC), name="p.yaml"
        )
    assert "zanzibar" not in str(refused.value) and "131" not in str(refused.value)
    assert refused.value.diagnostics[0].span.line == 3
