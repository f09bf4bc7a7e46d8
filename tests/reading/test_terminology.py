from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from screening.language.library import Library
from screening.reading.encoding import decode, encode
from screening.reports.account import sign_off
from screening.values.coding import Code, Terminology, ValueSet
from tests.reading.made import CRITERION, HEAD, loaded, refused, rule_file

BODY = f"requirements:\n  Anything: {{type: Boolean, condition: Arthritis}}\n{CRITERION}"
STATED = """terminologies:
  ICD-10-CM: {version: "2026", origin: NCHS, licence: none needed}
"""


def sets(entry: str, before: str = "") -> str:
    return f"{HEAD}{before}valuesets:\n  Arthritis: {entry}\n{BODY}"


def made(folder: Path, entry: str, before: str = "") -> ValueSet:
    (found,) = loaded(folder, sets(entry, before)).valuesets
    return found


def kept(library: Library) -> list[tuple[object, ...]]:
    """Every field of every value set, those that make no other set of it too."""
    return [tuple(getattr(found, each.name) for each in fields(ValueSet)) for found in library.valuesets]


def test_a_set_carries_its_source_its_words_and_its_unverified_codes(tmp_path: Path) -> None:
    found = made(
        tmp_path,
        "{concepts: [SNOMED 69896004, SNOMED 1], source: {report: page 2}, unverified: [SNOMED 1], text: RA}",
    )
    assert found.source == (("report", "page 2"),)
    assert found.unverified == (Code("SNOMED", "1"),)
    assert found.text == "RA"
    all_of_it = made(tmp_path, "{concepts: [SNOMED 1, SNOMED 2], source: {report: page 2}, unverified: true}")
    assert all_of_it.unverified == (Code("SNOMED", "1"), Code("SNOMED", "2"))


def test_what_the_licence_of_the_codes_says_is_known_and_a_version_is_never_guessed(tmp_path: Path) -> None:
    found = made(tmp_path, "{concepts: [SNOMED 69896004, ATC L04AX03], source: {report: page 2}}")
    atc, snomed = found.terminologies
    assert atc == Terminology("ATC")
    assert (snomed.system, snomed.version) == ("SNOMED", "")
    assert "affiliate licence" in snomed.licence
    assert "SNOMED International" in snomed.origin


def test_a_file_states_its_terminologies_once(tmp_path: Path) -> None:
    found = made(tmp_path, "{concepts: [ICD-10-CM M05.*, ATC L04AX03], source: {report: page 2}}", STATED)
    assert found.terminologies[1] == Terminology("ICD-10-CM", "2026", "NCHS", "none needed")


def test_a_set_of_one_system_may_say_otherwise(tmp_path: Path) -> None:
    entry = '{concepts: [ICD-10-CM M05.*], source: {report: page 2}, version: "2025"}'
    assert made(tmp_path, entry, STATED).terminologies == (
        Terminology("ICD-10-CM", "2025", "NCHS", "none needed"),
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            sets('{concepts: [SNOMED 1, ATC A], source: {report: page 2}, version: "1"}'),
            "`version:` of a set of 2 code systems",
        ),
        (
            sets("{concepts: [SNOMED 1], source: {report: page 2}}", "terminologies:\n  SNOMD: {version: '1'}\n"),
            "there is no code system `SNOMD`",
        ),
        (
            sets("{concepts: [SNOMED 1], source: {report: page 2}}", "terminologies:\n  ATC: {edition: '1'}\n"),
            "terminology `ATC` has no key `edition`",
        ),
        (
            sets("{concepts: [SNOMED 1], source: {report: page 2}, unverified: [SNOMED 2]}"),
            "`SNOMED 2` is not in this value set",
        ),
    ],
)
def test_what_is_wrong_is_told(tmp_path: Path, text: str, message: str) -> None:
    assert refused(tmp_path, text) == [message]


def test_a_kept_library_holds_all_of_it(tmp_path: Path) -> None:
    library = loaded(
        tmp_path,
        sets(
            "{concepts: [[SNOMED 1, ICD-10-CM M05.*]], source: {report: page 2}, unverified: true, text: x}",
            STATED,
        ),
    )
    assert kept(decode(encode(library))) == kept(library)
    assert kept(library)[0][2:4] == ((("report", "page 2"),), (Code("ICD-10-CM", "M05.*"), Code("SNOMED", "1")))


def test_the_digest_follows_what_is_said_of_a_terminology(tmp_path: Path) -> None:
    entry = "{concepts: [ICD-10-CM M05.*], source: {report: page 2}}"
    digests = {loaded(tmp_path, sets(entry, before)).digest for before in ("", STATED)}
    assert len(digests) == 2


def test_an_unverified_code_is_to_be_signed(tmp_path: Path) -> None:
    library = loaded(tmp_path, sets("{concepts: [SNOMED 1], source: {report: page 2}, unverified: [SNOMED 1]}"))
    assert sign_off(library).limits == (("Arthritis", "SNOMED 1"),)


def test_a_set_may_name_sets_before_it_and_takes_their_unverified_codes_along(tmp_path: Path) -> None:
    entry = "{concepts: [SNOMED 1], source: {report: page 2}, unverified: true}"
    both = "  Both: {concepts: [Arthritis, ATC L04AX03], source: {report: page 3}}\n"
    library = loaded(tmp_path, sets(entry).replace("requirements:", both + "requirements:"))
    assert library.valuesets[1].codes == {Code("SNOMED", "1"), Code("ATC", "L04AX03")}
    assert library.valuesets[1].unverified == (Code("SNOMED", "1"),)
    assert sign_off(library).limits == (("Arthritis", "SNOMED 1"),)


def test_two_files_may_say_different_things_of_one_set(tmp_path: Path) -> None:
    entry = "{concepts: [SNOMED 1], source: {report: page 2}}"
    base = sets(entry, "fixed words: [x]\n").replace("library: made", "library: base")
    rule_file(tmp_path, base, "base")
    including = 'include:\n  - {library: base, version: "1", criteria: none}\n'
    own = sets("{concepts: [SNOMED 1], source: {report: page 3}}", including).replace(
        "  Anything: {type: Boolean, condition: Arthritis}", "  Other: {type: Boolean}"
    )
    (found,) = loaded(tmp_path, own).valuesets
    assert found.source == (("report", "page 3"),)


def test_a_source_of_an_included_set_keeps_its_own_citation(tmp_path: Path) -> None:
    entry = "{concepts: [SNOMED 1], source: {report: page 2}}"
    base = sets(entry).replace("library: made", "library: base").replace("A report, 2020", "Another report")
    rule_file(tmp_path, base, "base")
    including = f'{HEAD}include:\n  - {{library: base, version: "1"}}\n'
    library = loaded(tmp_path, including)
    (found,) = library.valuesets
    assert dict(library.sources)[found.source[0][0]] == "Another report"
