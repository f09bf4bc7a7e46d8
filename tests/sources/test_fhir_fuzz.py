"""Thousands of spoilt bundles: each is a subject or a refusal, in bounded time, and no message holds a value."""

from __future__ import annotations

import copy
import json
import time
from functools import cache
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from screening.errors import RecordError
from screening.language.library import DataRequirement, RowField
from screening.language.types import CODE, DATE, INTEGER, STRING, Type
from screening.sources.fhir import read_bundle
from screening.sources.fhir_version import looks_like_fhir
from screening.sources.site import read_site
from screening.values.coding import Code
from tests.sources.bundles import EVERYTHING, SHARED, asks, bundle, condition, library, observation
from tests.sources.test_fhir_parity import FULL

MARK = "§geheim§"
SITE = read_site(
    """
site: Clinic
owner: A
signed by: B
date: 2026-11-01
complete:
  - {list: conditions, since: ever, because: list kept}
  - {list: medications, since: ever, because: list kept}
  - {list: allergies, since: ever, because: list kept}
""",
    "site.yaml",
)
FIELDS = (RowField("drug", CODE), RowField("started", DATE), RowField("stopped", DATE))
LIBRARY = library(
    *EVERYTHING,
    asks("Pain", "questionnaire", "linkId 2", "LOINC 72514-3", type=INTEGER),
    asks("Surgery", "procedure", "http://x c"),
    asks("Taken", "medication", "RxNorm 6851", type=Type("Records"), fields=FIELDS),
    asks("Onset", "condition", "http://x c", type=DATE),
    asks("Word", "observation", "http://x c", type=STRING),
    DataRequirement("Stay", DATE, "encounter", reasons=(Code("http://x", "c"),)),
    DataRequirement("Sex at Birth", STRING),
)
HOSTILE: tuple[Any, ...] = (
    None, True, False, 0, -1, 7.5, "", " ", MARK, f"{MARK} 1970-01-01", [], {}, [MARK], {"code": MARK}, [None],
    {"reference": MARK}, {"reference": "#"}, {"coding": [{"code": MARK, "system": MARK}]}, "9" * 400, "2026-02-30",
    "0000-00-00", "9999-12-31T23:59:59Z", "2026/2025", "\u0000", [[[]]], {"value": 1e300}, {"start": MARK},
    "Patient/p1", "entered-in-error", "refuted", "716186003", "http://snomed.info/sct", "NaN", {"value": -7},
)  # fmt: skip


@cache
def originals() -> tuple[str, ...]:
    """Whole people to spoil: one of every kind of entry, and, where they are there, two shared ones."""
    full = [{**tree, "id": f"f{n}"} for n, tree in enumerate(FULL) if tree["resourceType"] != "Patient"]
    found = [bundle(condition(), observation(valueInteger=7), *full, type="searchset")]
    for path, size in (("synthea-java/Asa_Hermiston.json", 30), ("pysynthea/Alana_Kulas_66b522e2.json", 30)):
        if (SHARED / path).exists():
            tree = json.loads((SHARED / path).read_bytes())
            found.append({**tree, "entry": tree["entry"][:size]})
    return tuple(json.dumps(tree) for tree in found)


def places(tree: Any) -> list[tuple[Any, Any]]:
    """Every part of a tree as what holds it and under which key."""
    keys = list(tree) if isinstance(tree, dict) else range(len(tree)) if isinstance(tree, list) else ()
    found = [(tree, key) for key in keys]
    for key in keys:
        found += places(tree[key])
    return found


def spoilt(chance: Random) -> bytes:
    """A bundle with some of its parts lost, changed, swapped, doubled or cut."""
    text = chance.choice(originals())
    tree = json.loads(text)
    # Places lost on the way stay in the list: what is done to them is done to nothing.
    every = places(tree)
    for _ in range(chance.choice((1, 1, 2, 3, 8, 40))):
        whole, key = chance.choice(every)
        try:
            match chance.randrange(6):
                case 0:
                    del whole[key]
                case 1 | 2:
                    whole[key] = copy.deepcopy(chance.choice(HOSTILE))
                case 3:
                    other, there = chance.choice(every)
                    whole[key], other[there] = copy.deepcopy(other[there]), copy.deepcopy(whole[key])
                case 4 if isinstance(whole, list):
                    whole.insert(chance.randrange(len(whole) + 1), copy.deepcopy(whole[key]))
                case 5 if isinstance(whole, dict):
                    named = chance.choice([*whole, "id", "code", "resourceType"])
                    whole[named] = whole.pop(key)
        except (IndexError, KeyError):
            continue
    data = json.dumps(tree, ensure_ascii=chance.random() < 0.5).encode()
    if chance.random() < 0.15:
        at = chance.randrange(len(data) + 1)
        data = data[:at] + chance.choice((b"", b"}", b'"', b"\xff", b"1e999", b"\\ud800", b",", b"[" * 90))
        data += chance.choice((b"", json.dumps(tree).encode()[at:]))
    return data


def judge(data: bytes) -> bool:
    """Whether a spoilt bundle was still read; it is refused in words otherwise, and soon."""
    looks_like_fhir(data)
    start = time.process_time()
    try:
        subject = read_bundle(data, LIBRARY, name="record.json", site=SITE)
        said = [part for notice in subject.notices for part in (notice.place, notice.text)]
    except RecordError as refused:
        subject, said = None, [str(refused)]
    assert time.process_time() - start < 2
    for text in said:
        assert text.isascii()
        assert "geheim" not in text
    return subject is not None


@settings(max_examples=600, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.randoms(use_true_random=False))
def test_a_spoilt_bundle_is_a_subject_or_a_refusal(chance: Random) -> None:
    judge(spoilt(chance))


def test_thousands_of_spoilt_bundles() -> None:
    chance = Random(20261122)
    read = sum(judge(spoilt(chance)) for _ in range(2_000))
    # Both roads are walked often.
    assert 200 < read < 1_800


@pytest.mark.long
def test_tens_of_thousands_of_spoilt_bundles() -> None:
    chance = Random(7)
    for _ in range(60_000):
        judge(spoilt(chance))


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_any_bytes(data: bytes) -> None:
    with pytest.raises(RecordError):
        read_bundle(data, LIBRARY, name="record.json")
