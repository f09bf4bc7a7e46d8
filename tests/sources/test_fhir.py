"""Bundles as people: what the shared records say, whom they are about, and what was searched."""

from __future__ import annotations

import datetime
import json
import random
import time
from decimal import Decimal
from typing import Any

import pytest

from screening.errors import UnreadableRecord
from screening.language.library import DataRequirement
from screening.language.types import STRING, quantity
from screening.record.subject import SetAside, Subject
from screening.sources.fhir import read_bundle
from screening.sources.fhir_version import looks_like_fhir
from screening.sources.site import read_site
from screening.values.bounds import exactly
from screening.values.coding import word
from screening.values.truth import FALSE, TRUE, UNKNOWN
from tests.sources.bundles import (
    AGE,
    DEAD,
    DIASTOLIC,
    EVERYTHING,
    FIBROMYALGIA,
    GENDER,
    METHOTREXATE,
    PATIENT,
    RHEUMATOID,
    SYSTOLIC,
    asks,
    bundle,
    condition,
    every_shared,
    library,
    observation,
    prescription,
    read,
    resource,
    rows,
    shared,
)

LORITA = "pysynthea-raised-incidence/Lorita_Langosh_ad4d9fc7.json"
GLORIA = "pysynthea-raised-incidence/Gloria_Zelaya_bb31dafa.json"
SIGNED = """
site: Clinic
owner: A
signed by: B
date: 2026-11-01
complete:
  - {list: conditions, since: 2019-01-01, because: problem list kept}
"""


def person(path: str) -> Subject:
    return read_bundle(shared(path), library(*EVERYTHING), name=path)


# ------------------------------------------------------------------------- the shared bundles


@pytest.mark.parametrize("path", every_shared() or ["absent"])
def test_every_fact_of_a_shared_bundle_names_an_entry_of_it(path: str) -> None:
    tree = json.loads(shared(path))
    there = {f"{e['resource']['resourceType']}/{e['resource']['id']}" for e in tree["entry"]}
    subject = person(path)
    assert subject.evidence["Age"]
    for row in (row for listed in subject.evidence.values() for row in listed):
        for origin in row.origin.split("; "):
            assert origin.split(" ")[0] in there
    assert subject.complete == {}


def test_a_pressure_charted_as_panel_and_alone_is_one_reading() -> None:
    lorita = person(LORITA)
    latest = {name: lorita.evidence[name][-1] for name in ("Systolic", "Diastolic")}
    assert latest["Systolic"].value == exactly(Decimal("152.8"))
    assert latest["Diastolic"].value == exactly(Decimal("122.1"))
    for row in latest.values():
        assert row.when == exactly(datetime.date(2026, 10, 31))
        assert row.origin.count("Observation/") == 2
        assert "component LOINC" in row.origin
    assert len(lorita.evidence["Systolic"]) == 2


def test_both_codes_of_fibromyalgia_are_read() -> None:
    for path in (LORITA, "pysynthea/Alana_Kulas_66b522e2.json", "synthea-java/Suzi_Bechtelar.json"):
        assert [row.certainty for row in person(path).evidence["FM"]] == [TRUE]
    assert [row.when.low for row in person(LORITA).evidence["RA"]] == [datetime.date(2018, 5, 27)]


def test_a_resolved_disease_is_there_and_not_active() -> None:
    willy = person("synthea-java/Willy_Koepp.json")
    assert willy.evidence["RA"]
    assert "RA Active" not in willy.evidence


def test_the_dead_are_dead() -> None:
    laticia = person("synthea-java/Laticia_Dibbert.json")
    (row,) = laticia.evidence["Dead"]
    assert (row.value, row.when) == (TRUE, exactly(datetime.date(2013, 6, 2)))
    assert laticia.evidence["RA Active"]
    assert "Dead" not in person(LORITA).evidence


def test_methotrexate_by_its_product_and_nothing_else_for_certain() -> None:
    asa = person("synthea-java/Asa_Hermiston.json")
    assert [row.codes[0].code for row in asa.evidence["MTX"] if row.certainty is TRUE] == ["105586"]
    assert all(row.certainty is UNKNOWN for row in asa.evidence["MTX"] if row.codes[0].code != "105586")


def test_one_laboratory_value_under_two_units() -> None:
    asked = asks(
        "eGFR",
        "observation",
        "LOINC 33914-3",
        "LOINC 98979-8",
        "LOINC 62238-1",
        type=quantity("mL/min/{1.73_m2}"),
    )
    for path in every_shared():
        for row in read(shared(path), asked).evidence.get("eGFR", ()):
            assert row.written.endswith(("mL/min", "mL/min/{1.73_m2}"))


def test_the_older_release_is_refused_by_its_name() -> None:
    with pytest.raises(UnreadableRecord, match="this is FHIR DSTU1"):
        person("legacy-dstu1/rheum-pacer-sample-data.json")


def test_a_large_bundle_is_read_in_a_third_of_a_second() -> None:
    data, asked = shared(GLORIA), library(*EVERYTHING)
    spent = []
    for _ in range(3):
        start = time.process_time()
        read_bundle(data, asked, name="timed")
        spent.append(time.process_time() - start)
    assert min(spent) < 0.3


def test_the_order_of_entries_changes_nothing() -> None:
    tree = json.loads(shared(LORITA))
    before = read(tree, *EVERYTHING)
    random.Random(7).shuffle(tree["entry"])
    assert read(json.dumps(tree, indent=3), *EVERYTHING) == before


# --------------------------------------------------------------------------------- the person


def test_birth_gender_and_sex_at_birth() -> None:
    sex = DataRequirement("Sex at Birth", STRING)
    url = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-birthsex"
    patient = {**PATIENT, "gender": "other", "extension": [{"url": url, "valueCode": "F"}]}
    found = read(bundle(patient=patient), AGE, GENDER, sex).evidence
    assert found["Age"][0].value == exactly(datetime.date(1970, 5, 1))
    assert found["Gender"][0].value == ()
    assert found["Sex at Birth"][0].value == word("female")
    assert all(row.origin == "Patient/p1" for rows in found.values() for row in rows)


@pytest.mark.parametrize("code", ["UNK", "OTH", "ASKU", "f", None])
def test_sex_at_birth_is_unknown_by_any_other_code_and_never_the_gender(code: str | None) -> None:
    sex = DataRequirement("Sex at Birth", STRING)
    url = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-birthsex"
    patient = {**PATIENT, "gender": "female", "extension": [{"url": url, "valueCode": code}]}
    (row,) = rows(bundle(patient=patient), sex)
    assert isinstance(row.value, SetAside)
    assert rows(bundle(patient={**PATIENT, "gender": "female"}), sex) == ()


def test_what_a_patient_does_not_say_is_not_there() -> None:
    found = read(bundle(patient={"resourceType": "Patient", "id": "p1"}), AGE, GENDER, DEAD)
    assert found.evidence == {}


@pytest.mark.parametrize(
    ("said", "value"),
    [({"deceasedBoolean": True}, TRUE), ({"deceasedBoolean": False}, FALSE), ({"deceasedDateTime": "2025"}, TRUE)],
)
def test_death(said: dict[str, object], value: object) -> None:
    assert [row.value for row in rows(bundle(patient={**PATIENT, **said}), DEAD)] == [value]


def test_a_withheld_day_of_death_is_no_life() -> None:
    withheld = {**PATIENT, "_deceasedDateTime": {"extension": []}}
    (row,) = rows(bundle(patient=withheld), DEAD)
    assert row.value not in (TRUE, FALSE)


def test_no_patient_is_nobody() -> None:
    with pytest.raises(UnreadableRecord, match="holds no Patient"):
        read(bundle(condition(), patient=None))


def test_two_patients_are_named_and_one_can_be_chosen() -> None:
    other = {**PATIENT, "id": "p2"}
    theirs = condition(id="c2", subject={"reference": "http://server/fhir/Patient/p2/_history/3"})
    tree = bundle(other, condition(), theirs)
    with pytest.raises(UnreadableRecord, match=r"`Patient/p1`, `Patient/p2`; say which"):
        read(tree)
    assert [row.origin for row in rows(tree, RHEUMATOID, subject="p1")] == ["Condition/c1"]
    assert [row.origin for row in rows(tree, RHEUMATOID, subject="Patient/p2")] == ["Condition/c2"]
    assert read(tree, subject="p2").id == "p2"
    with pytest.raises(UnreadableRecord, match="does not hold the Patient asked for"):
        read(tree, subject="p3")


def test_an_entry_of_nobody_in_particular_is_the_one_persons_or_a_fault() -> None:
    alone = condition()
    del alone["subject"]
    assert rows(bundle(alone), RHEUMATOID)
    with pytest.raises(UnreadableRecord, match="`Condition/c1` does not say which of the Patients"):
        read(bundle({**PATIENT, "id": "p2"}, alone), subject="p1")


def test_an_entry_about_somebody_who_is_not_there_is_a_fault() -> None:
    with pytest.raises(UnreadableRecord, match="`Condition/c1` is about somebody who is not in the Bundle"):
        read(bundle(condition(subject={"reference": "Patient/p9"})))


def test_an_observation_of_a_child_or_a_device_is_not_the_persons() -> None:
    value: dict[str, Any] = {
        "valueQuantity": {"value": 150, "system": "http://unitsofmeasure.org", "code": "mm[Hg]"}
    }
    child = observation(focus=[{"reference": "RelatedPerson/child"}], **value)
    device = observation(id="o2", subject={"reference": "Device/d"}, **value)
    subject = read(bundle(child, device), SYSTOLIC)
    assert "Systolic" not in subject.evidence
    assert [notice.place for notice in subject.notices] == ["Observation/o1", "Observation/o2"]


def test_references_by_urn() -> None:
    tree = bundle(condition(subject={"reference": "urn:uuid:1"}))
    tree["entry"][0]["fullUrl"] = "urn:uuid:1"
    assert rows(tree, RHEUMATOID)


def test_the_same_entry_twice_is_one_and_two_versions_are_a_fault() -> None:
    assert len(rows(bundle(condition(), condition()), RHEUMATOID)) == 1
    with pytest.raises(UnreadableRecord, match="`Condition/c1` stands in the Bundle twice, with different"):
        read(bundle(condition(), condition(onsetDateTime="2019")))


# -------------------------------------------------------------- what was searched, what is complete


def test_what_was_searched() -> None:
    tree = bundle(condition(), condition(id="c2", onsetDateTime="2009-03"), observation(effectiveDateTime="2026"))
    found = read(tree, FIBROMYALGIA, DIASTOLIC, METHOTREXATE, AGE).searched
    said = {name: (s.codes, s.records, s.of, s.first, s.last) for name, s in found.items()}
    assert said == {
        "FM": (2, 2, "conditions", "2009", "2018"),
        "Diastolic": (1, 1, "laboratory results and vital signs", "2026", "2026"),
        "MTX": (3, 0, "medicines", "", ""),
    }


def test_a_bundle_is_complete_for_what_the_site_signs_and_for_nothing_else() -> None:
    site = read_site(SIGNED, "site.yaml")
    tree = bundle(condition())
    assert read(tree, RHEUMATOID, METHOTREXATE).complete == {}
    subject = read(tree, RHEUMATOID, METHOTREXATE, site=site)
    assert list(subject.complete) == ["RA"]
    assert subject.complete["RA"].since == datetime.date(2019, 1, 1)
    assert subject.site.startswith("Clinic")


@pytest.mark.parametrize("more", [{"link": [{"relation": "next", "url": "http://x"}]}, {"total": 900}])
def test_one_page_of_a_search_is_complete_for_nothing(more: dict[str, Any]) -> None:
    subject = read(bundle(condition(), type="searchset", **more), RHEUMATOID, site=read_site(SIGNED, "site.yaml"))
    assert subject.complete == {}
    assert "the search goes on on a page that is not here" in [notice.text for notice in subject.notices]


def test_types_that_are_not_read_are_said() -> None:
    reports = [resource("DiagnosticReport", f"d{n}") for n in range(2)]
    texts = [notice.text for notice in read(bundle(*reports, {"resourceType": "Practitioner"})).notices]
    assert texts == ["2 resources of type DiagnosticReport, which is not read"]


def test_extract_day_and_test_data() -> None:
    marked = {**PATIENT, "meta": {"security": [{"code": "HTEST"}]}}
    subject = read(bundle(patient=marked, timestamp="2026-11-20T08:00:00+01:00"))
    assert subject.extracted == datetime.date(2026, 11, 20)
    assert subject.synthetic
    assert not read(bundle()).synthetic


def test_the_digest_is_of_what_is_said() -> None:
    one, two = condition(), prescription()
    assert read(bundle(one, two)).digest == read(json.dumps(bundle(two, one), indent=2)).digest
    assert read(bundle(one)).digest != read(bundle(condition(onsetDateTime="2019"))).digest
    whole = json.dumps(bundle(observation(valueInteger=1)))
    assert read(whole).digest != read(whole.replace('"valueInteger": 1', '"valueInteger": 1.0')).digest


# ------------------------------------------------------------------------------- what FHIR looks like


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b'{"resourceType": "Bundle"}', True),
        (b'\xef\xbb\xbf [{"resourceType": "Patient"}]', True),
        ("<Bundle xmlns='http://hl7.org/fhir'/>", True),
        (b'{"subject": "SYN-1"}', False),
        ("subject: SYN-1", False),
        ("", False),
    ],
)
def test_what_looks_like_fhir(data: str | bytes, expected: bool) -> None:
    assert looks_like_fhir(data) is expected
