"""Case files: what is wrong with one, at its place; what is otherwise than expected, in clinical words."""

# ruff: noqa: E501 (rows of case files stand as an author writes them)

from __future__ import annotations

import os
import re
import shutil
import xml.etree.ElementTree as Tree
from pathlib import Path

import pytest

from screening import author, screen
from screening.cases.run import Running
from screening.cases.watch import EVERY, Watch
from screening.outcome.case import CasesOutcome
from screening.reports.cases import differences

RULES = """\
library: trial
version: "1"
title: A trial
status: draft
sources:
  protocol: A protocol of nobody
parameters:
  Least Age: {type: Integer, value: 18, source: {protocol: section 1}}
requirements:
  Age: {type: Integer, take: age on Screening Date, obtain: ask}
  Potassium: {type: Quantity, unit: mmol/L, code: LOINC 2823-3, take: latest, obtain: blood}
  Sex: {type: String, obtain: ask}
  Last Dose: {type: Date, obtain: chart}
  Trials: {type: Records, obtain: chart, fields: {drug: String, days: Integer}}
  Burn: {type: Boolean, obtain: ask}
definitions:
  Is Female:
    source: {protocol: section 2}
    expression: |
      Sex = 'female'
  Twice Potassium:
    source: {protocol: section 2}
    expression: |
      Potassium * 2
  Long Trials:
    source: {protocol: section 2}
    expression: |
      Count(Trials T where T.days >= 30)
criteria:
  - id: INC01
    category: inclusion
    text: Adults
    source: {protocol: section 1}
    expression: |
      Age >= "Least Age"
  - id: EXC01
    category: exclusion
    text: Potassium above 5.2 mmol/L
    source: {protocol: section 2}
    expression: |
      Potassium > 5.2 'mmol/L'
  - id: EXC04
    category: exclusion
    strength: relative
    applies when: |
      "Is Female"
    text: Four or more trials
    source: {protocol: section 2}
    expression: |
      "Long Trials" >= 4 or "Twice Potassium" > 90 'mmol/L'
  - id: EXC02
    category: exclusion
    strength: relative
    text: A burn
    source: {protocol: section 3}
    expression: |
      Burn
  - id: EXC03
    category: exclusion
    text: A dose within 14 days
    source: {protocol: section 3}
    until: 14 days after "Last Dose"
    expression: |
      "Last Dose" 14 days or less before day of "Screening Date"
"""

HEAD = """\
protocol: trial
as of: 2026-11-22
date: 2026-11-20
given:
  Sex: male
  Age: {born: 1970-01-01}
  Potassium: "4.0 'mmol/L'"
  Burn: FALSE
  Last Dose: "@2026-01-01"
cases:
"""


def outcome(folder: Path, cases: str, head: str = HEAD, rules: str = RULES) -> CasesOutcome:
    (folder / "trial.yaml").write_text(rules)
    path = folder / "trial.cases.yaml"
    path.write_text(head + cases)
    return Running([folder]).run(path)


def one(folder: Path, expect: str, more: str = "") -> list[str]:
    """What is otherwise in one case with this expectation."""
    found = outcome(folder, f"  - case: one\n    why: to see\n{more}    expect: {expect}\n")
    assert [str(d) for d in found.diagnostics] == []
    return list(differences(found.cases[0]))


def wrong(folder: Path, cases: str, head: str = HEAD) -> list[str]:
    """The faults of a case file: place, message and help."""
    found = outcome(folder, cases, head)
    assert not found.cases
    return [
        f"{d.span.line}:{d.span.column} {d.message}" + (f"; {d.help}" if d.help else "") for d in found.diagnostics
    ]


@pytest.mark.parametrize(
    ("expect", "more", "said"),
    [
        ("{verdict: ELIGIBLE, standing: NOT RULED OUT}", "", []),
        (
            "{verdict: INELIGIBLE}",
            "",
            ["verdict of case one: expected INELIGIBLE, is ELIGIBLE"],
        ),
        (
            "{verdict: ELIGIBLE}",
            "    change: {Potassium: \"5.3 'mmol/L'\"}\n",
            ["verdict of case one: expected ELIGIBLE, is INELIGIBLE; bars: EXC01"],
        ),
        (
            "{criteria: {EXC01: FALSE, INC01: UNKNOWN, EXC02: TRUE}}",
            "    change: {Potassium: \"5.3 'mmol/L'\"}\n",
            [
                "EXC01 of case one: expected absent, is present: Potassium 5.3 mmol/L, 2026-11-20 (limit > 5.2)",
                "INC01 of case one: expected unknown, is met: Age 56 years (limit >= 18)",
                "EXC02 of case one: expected present, is absent: Burn: no",
            ],
        ),
        (
            "{criteria: {EXC01: TRUE, EXC02: FALSE}}",
            "    without given: [Potassium, Burn]\n",
            [
                "EXC01 of case one: expected present, is unknown: Potassium: not recorded",
                "EXC02 of case one: expected absent, is not recorded: Burn: nobody has asked",
            ],
        ),
        ("{criteria: {INC01: met, EXC01: absent, EXC02: absent, EXC04: not applicable}}", "", []),
        ("{criteria: {EXC01: present, EXC02: unknown}}", "",
         ["EXC01 of case one: expected present, is absent: Potassium 4.0 mmol/L, 2026-11-20 (limit > 5.2)",
          "EXC02 of case one: expected not recorded, is absent: Burn: no"]),
        ("{values: {Twice Potassium: 8.0, Potassium: about 4.0, Age: 56, Long Trials: 0..}}", "", []),
        ("{values: {Twice Potassium: \"8000 'umol/L'\", Potassium: 3..4}}", "    change: {Potassium: \"<4 'mmol/L'\"}\n",
         ["Twice Potassium of case one: expected 8000 'umol/L', is at most 7.99999998 mmol/L",
          "Potassium of case one: expected 3..4 mmol/L, is at most 3.99999999 mmol/L"]),
        ("{values: {Sex: female, Last Dose: 2026-01-01}}", "    change: {Sex: male}\n",
         ["Sex of case one: expected female, is male"]),
        ("{values: {Last Dose: 2026-01-02, Burn: TRUE}}", "",
         ["Last Dose of case one: expected 2026-01-02, is 2026-01-01", "Burn of case one: expected TRUE, is FALSE"]),
        ("{values: {Potassium: unknown, Sex: unknown, Last Dose: unknown}}", "    without given: all\n", []),
        ("{until: {EXC03: 2026-12-01}, reasons: [EXC03]}", "    change: {Last Dose: \"@2026-11-20\"}\n",
         ["EXC03 of case one: expected until 2026-12-01, is 2026-12-04"]),
        ("{until: {EXC03: 2026-12-01}}", "", ["EXC03 of case one: expected until 2026-12-01, is no day"]),
        ("{review: [EXC02], review exactly: [EXC02], obtain exactly: [Burn]}", "    without given: [Burn]\n", []),
        ("{review: [EXC02], obtain: [Age], obtain exactly: [], reasons: [INC01], alerts: []}", "",
         ["bars of case one: expected INC01, is none", "to review of case one: expected EXC02, is none",
          "to obtain of case one: expected Age, is none"]),
        ("{verdict: ELIGIBLE}", "    parameters: {Least Age: 60}\n",
         ["verdict of case one: expected ELIGIBLE, is INELIGIBLE; bars: INC01"]),
    ],
)  # fmt: skip
def test_what_is_otherwise_is_said_in_clinical_words(
    tmp_path: Path, expect: str, more: str, said: list[str]
) -> None:
    assert one(tmp_path, expect, more) == said


@pytest.mark.parametrize(
    ("cases", "said"),
    [
        (
            "  - {case: a, why: b, expect: {verdit: ELIGIBLE}}\n",
            ["11:32 `expect:` has no key `verdit`; did you mean `verdict`"],
        ),
        (
            "  - {case: a, why: b, expect: {verdict: ELIGABLE, standing: RULED}}\n",
            [
                "11:41 `verdict:` cannot be `ELIGABLE`; did you mean `ELIGIBLE`",
                "11:61 `standing:` cannot be `RULED`; it is `RULED OUT`, `NOT RULED OUT` or `NO ANCHOR EVIDENCE`",
            ],
        ),
        (
            "  - {case: a, why: b, expect: {criteria: {INC1: TRUE, EXC01: met}, values: {Potasium: 4, Trials: 1}}}\n",
            [
                "11:43 trial has no criterion `INC1`; did you mean `INC01`",
                "11:62 EXC01 cannot be `met`; of this criterion it is said that it is `present`, `absent`, `unknown` or `not applicable`",
                "11:77 trial has no value `Potasium`; did you mean `Potassium`",
                "11:90 `Trials` is a list of records and has no single value",
            ],
        ),
        (
            "  - {case: a, why: b, expect: {criteria: {INC1: TRUE}, values: {Potasium: 4, Trials: 1}, obtain: [Ag]}}\n",
            [
                "11:43 trial has no criterion `INC1`; did you mean `INC01`",
                "11:65 trial has no value `Potasium`; did you mean `Potassium`",
                "11:78 `Trials` is a list of records and has no single value",
                "11:99 trial has no requirement `Ag`; did you mean `Age`",
            ],
        ),
        (
            "  - case: a\n    why: b\n    change: {Potasium: 3, Potassium: often}\n    expect: {verdict: ELIGIBLE}\n",
            [
                "13:14 `Potasium` is no requirement of trial; did you mean `Potassium`",
                "13:38 `Potassium` is not a number with its unit; write `5.2 'mg/L'`",
            ],
        ),
        (
            "  - {case: a, why: b, expect: {values: {Potassium: \"4 'mg'\", Burn: yes, Last Dose: soon, Age: old}}}\n",
            [
                "11:52 `4 'mg'` cannot be expected; Potassium is a value of type Quantity in `mmol/L`; its unit is `mmol/L`",
                "11:68 `yes` cannot be expected; Burn is a value of type Boolean; write TRUE, FALSE or UNKNOWN",
                "11:84 `soon` cannot be expected; Last Dose is a value of type Date; write a day as 2026-11-22, bounds as "
                "2026-11-01..2026-11-30, or `unknown`",
                "11:95 `old` cannot be expected; Age is a value of type Integer; write a number, `about 4.48`, bounds as "
                "`5..8`, or `unknown`",
            ],
        ),
        (
            "  - {case: a, why: b, expect: {verdict: ELIGIBLE}}\n  - {case: a, why: b, expect: {verdict: ELIGIBLE}}\n",
            ["12:12 a second case is called `a`; the first stands in line 11"],
        ),
        (
            "  - {case: a, why: b, without: [Sex], without given: [Sexe], expect: {verdict: ELIGIBLE}}\n",
            [
                "11:33 the base record says nothing of `Sex`, so that it cannot be left out",
                "11:55 `Sexe` is not given, so that it cannot be left out; did you mean `Sex`",
            ],
        ),
        (
            "  - {case: a, why: b, without: [Sex], expect: {verdict: ELIGIBLE}}\n",
            ["11:33 the base record says nothing of `Sex`, so that it cannot be left out"],
        ),
        (
            "  - {case: a, why: b, base: nowhere.yaml, expect: {verdict: ELIGIBLE}}\n",
            [
                "11:29 there is no record `nowhere.yaml`; its path is told from the folder of the case file, or from `records` in it"
            ],
        ),
        (
            "  - {case: a, why: b, protocol: trail, expect: {verdict: ELIGIBLE}}\n",
            ["11:33 there is no library `trail` in the rules folders; did you mean `trial`"],
        ),
        (
            "  - {case: a, why: b, parameters: {Leest Age: 3}, expect: {verdict: ELIGIBLE}}\n",
            ["11:36 the protocol has no parameter `Leest Age`; did you mean `Least Age`"],
        ),
        (
            "  - {case: a, why: b, as of: today, expect: {until: {EXC03: soon}}}\n",
            ["11:30 `as of:` is a day; write it as 2026-11-22", "11:61 `until:` is a day; write it as 2026-11-22"],
        ),
        (
            "  - {why: b, expect: {verdict: ELIGIBLE}}\n  - {case: b}\nnot expressible: {dose: }\n",
            [
                "11:5 a case has no `case:`; give it a name",
                "12:5 case `b` has no `why:`; say in a few words what it shows",
                "12:5 case `b` has no `expect:`; say what is expected: `expect: {verdict: ...}`",
                "13:19 `dose` does not say why it cannot be expressed",
            ],
        ),
    ],
)
def test_what_is_wrong_with_a_case_file_is_said_at_its_place(tmp_path: Path, cases: str, said: list[str]) -> None:
    assert wrong(tmp_path, cases) == said


@pytest.mark.parametrize(
    ("head", "said"),
    [
        ("protocol: trial\nbase: none\ncases:\n", ["4:5 case `a` has no `as of:`; say it once, above `cases:`"]),
        ("as of: 2026-11-22\ncases:\n", ["3:5 case `a` has no `protocol:`; say it once, above `cases:`"]),
        (
            "protocol: trial\nas of: 2026-11-22\ngiven: {Agee: {born: 1970}}\ncases:\n",
            ["3:9 this is no requirement of trial; did you mean `Age`"],
        ),
    ],
)
def test_what_is_wrong_with_the_head(tmp_path: Path, head: str, said: list[str]) -> None:
    assert wrong(tmp_path, "  - {case: a, why: b, expect: {verdict: UNDETERMINED}}\n", head) == said


def test_faulty_rules_are_told_once_at_their_own_place(tmp_path: Path) -> None:
    two = "".join(f"  - {{case: {n}, why: b, expect: {{verdict: ELIGIBLE}}}}\n" for n in "ab")
    found = outcome(tmp_path, two, rules=RULES.replace("Potassium > 5.2", "Potasium > 5.2"))
    assert [str(d.span).rpartition("/")[2] for d in found.diagnostics] == ["trial.yaml:41:7"]


def test_a_part_may_be_named_and_used_again(tmp_path: Path) -> None:
    cases = (
        "  - {case: a, why: b, change: &high {Potassium: \"6 'mmol/L'\"}, expect: {reasons: [EXC01]}}\n"
        "  - {case: b, why: b, change: *high, expect: {reasons: [EXC01]}}\n"
    )
    found = outcome(tmp_path, cases)
    assert [case.differences for case in found.cases] == [(), ()]


def test_what_is_named_may_be_changed_where_it_is_used(tmp_path: Path) -> None:
    cases = (
        "  - case: a\n    why: b\n    change: &high\n      Potassium: \"6 'mmol/L'\"\n      Burn: TRUE\n    expect: {reasons: [EXC01]}\n"
        "  - case: b\n    why: b\n    change:\n      <<: *high\n      Burn: FALSE\n    expect: {criteria: {EXC01: TRUE, EXC02: FALSE}}\n"
    )
    assert [list(differences(case)) for case in outcome(tmp_path, cases).cases] == [[], []]
    assert wrong(tmp_path, "  - {case: &a x, <<: *a, why: b, expect: {verdict: REVIEW}}\n") == [
        "11:12 `<<` takes over a mapping, and this is none"
    ]


def test_a_comma_that_ends_a_text_is_told(tmp_path: Path) -> None:
    assert wrong(tmp_path, "  - {case: a, why: coded, without a summary, expect: {verdict: ELIGIBLE}}\n") == [
        "11:27 a case has no key `without a summary`; a text with a comma in it stands in double quotes"
    ]


def test_an_alias_of_nothing_and_one_that_stands_for_too_much(tmp_path: Path) -> None:
    assert wrong(tmp_path, "  - *high\n") == ["11:5 nothing before this is named `&high`"]
    bomb = "".join(f"  x{n}: &x{n} [{', '.join([f'*x{n - 1}'] * 9 if n else ['a'] * 9)}]\n" for n in range(9))
    assert wrong(tmp_path, f"  []\ngiven:\n{bomb}", "cases:\n")[-1].endswith(
        "the file has more than 50000 entries"
    )


def test_a_base_record_is_changed_item_by_item(tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_text(
        "subject: SYN-1\nsynthetic: true\nevidence:\n  Age: {born: 1970-01-01}\n  Burn: {value: TRUE, date: 2026-11-01}\n"
        "  Potassium: {records: [{value: \"6 'mmol/L'\", date: 2026-11-01}]}\n"
    )
    cases = (
        "  - {case: a, why: b, expect: {reasons: [EXC01], criteria: {EXC02: TRUE}}}\n"
        "  - {case: b, why: b, change: {Burn: FALSE}, expect: {reasons: [EXC01], criteria: {EXC02: FALSE}}}\n"
        "  - {case: c, why: b, without: [Potassium], expect: {reasons: [], criteria: {EXC01: UNKNOWN}}}\n"
    )
    head = "protocol: trial\nbase: base.yaml\nas of: 2026-11-22\ncases:\n"
    assert [list(differences(case)) for case in outcome(tmp_path, cases, head).cases] == [[], [], []]


def test_items_of_other_libraries_do_not_matter_and_are_no_slips(tmp_path: Path) -> None:
    (tmp_path / "other.yaml").write_text(
        "library: other\nversion: '1'\nrequirements:\n  Burns: {type: Boolean}\n  Agea: {type: Boolean}\n"
    )
    cases = "  - {case: a, why: b, change: {Burns: TRUE}, expect: {verdict: ELIGIBLE}}\n"
    assert not outcome(tmp_path, cases).cases[0].differences
    assert wrong(tmp_path, cases.replace("Burns", "Burnt")) == [
        "11:32 `Burnt` is no requirement of trial; did you mean `Burn`",
    ]


def test_a_base_record_may_stand_in_records(tmp_path: Path) -> None:
    (tmp_path / "records").mkdir()
    (tmp_path / "records" / "base.yaml").write_text("subject: SYN-1\nevidence:\n  Burn: TRUE\n")
    cases = "  - {case: a, why: b, base: base.yaml, without given: [Burn], expect: {review exactly: [EXC02]}}\n"
    assert not outcome(tmp_path, cases).cases[0].differences


def test_a_base_record_may_be_a_bundle(tmp_path: Path) -> None:
    observation = (
        '{"resourceType": "Observation", "id": "o", "status": "final", "code": {"coding": [{"system": "http://loinc.org",'
        '"code": "2823-3"}]}, "subject": {"reference": "Patient/p"}, "effectiveDateTime": "2026-11-01",'
        '"valueQuantity": {"value": 6, "system": "http://unitsofmeasure.org", "code": "mmol/L"}}'
    )
    patient = '{"resourceType": "Patient", "id": "p", "birthDate": "1970-01-01"}'
    entries = ", ".join(f'{{"resource": {each}}}' for each in (patient, observation))
    (tmp_path / "base.json").write_text(
        f'{{"resourceType": "Bundle", "type": "collection", "entry": [{entries}]}}'
    )
    cases = (
        "  - {case: a, why: b, expect: {reasons: [EXC01], values: {Age: 56}}}\n"
        "  - {case: b, why: b, change: {Potassium: \"4 'mmol/L'\"}, expect: {reasons: [], values: {Age: 56}}}\n"
    )
    head = "protocol: trial\nbase: base.json\nas of: 2026-11-22\ncases:\n"
    found = outcome(tmp_path, cases, head)
    assert [list(differences(case)) for case in found.cases] == [[], []]


def test_a_faulty_base_record_is_told_in_its_own_file(tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_text("subject: SYN-1\nevidence:\n  Age: {bron: 1970-01-01}\n")
    head = "protocol: trial\nbase: base.yaml\nas of: 2026-11-22\ncases:\n"
    found = outcome(tmp_path, "  - {case: a, why: b, expect: {verdict: ELIGIBLE}}\n", head)
    assert [Path(d.span.file).name for d in found.diagnostics] == ["base.yaml"]


def test_a_site_counts_in_every_case(tmp_path: Path) -> None:
    site = tmp_path / "site.yaml"
    site.write_text(
        "site: Clinic\nowner: A. Owner\nsigned by: B. Signer\ndate: 2026-11-01\n"
        "parameters: {Least Age: {value: 60, because: as agreed}}\n"
    )
    (tmp_path / "trial.yaml").write_text(RULES)
    path = tmp_path / "trial.cases.yaml"
    path.write_text(HEAD + "  - {case: a, why: b, expect: {verdict: INELIGIBLE}}\n")
    assert Running([tmp_path]).run(path).differing
    assert not Running([tmp_path], screen.read_site(site)).run(path).differing


def test_definitions_that_a_file_only_lends_have_cases_too(tmp_path: Path) -> None:
    lent = RULES.partition("criteria:\n")[0]
    cases = "  - {case: a, why: b, expect: {values: {Twice Potassium: 8}}}\n"
    found = outcome(tmp_path, cases, rules=lent)
    assert [list(differences(case)) for case in found.cases] == [[]]
    refused = outcome(tmp_path, "  - {case: a, why: b, expect: {verdict: ELIGIBLE}}\n", rules=lent)
    assert [d.message for d in refused.diagnostics] == ["trial has no criteria, and so there is no verdict"]
    faulty = outcome(tmp_path, cases, rules=lent.replace("Potassium * 2", "Potasium * 2"))
    assert [d.message for d in faulty.diagnostics] == ["`Potasium` is not declared"]


def test_the_case_file_of_the_house_page_runs(tmp_path: Path) -> None:
    root = Path(__file__).parents[2]
    page = (root / "screening" / "README.md").read_text(encoding="utf-8")
    (block,) = [b for b in re.findall(r"^```yaml\n(.*?)^```", page, re.MULTILINE | re.DOTALL) if "\ncases:\n" in b]
    shutil.copy(root / "tests" / "reading" / "rules" / "PARADIGM-HF.yaml", tmp_path)
    path = tmp_path / "PARADIGM-HF.cases.yaml"
    path.write_text(block)
    found = Running([tmp_path]).run(path)
    assert (found.diagnostics, [case.differences for case in found.cases]) == ((), [(), ()])


# ----------------------------------------------------------------------------- which files are meant


def test_which_case_files_a_path_means(tmp_path: Path) -> None:
    for name in ("trial.yaml", "trial.cases.yaml", "trial.ecg.cases.yaml", "trial2.cases.yaml", "other.yaml"):
        (tmp_path / name).write_text("x")

    def named(path: str) -> list[str]:
        return [file.name for file in author.case_files([path], [tmp_path])[0]]

    both = ["trial.cases.yaml", "trial.ecg.cases.yaml"]
    assert named(str(tmp_path / "trial.yaml")) == both == named("trial")
    assert named(str(tmp_path)) == [*both, "trial2.cases.yaml"]
    assert named(str(tmp_path / "trial.ecg.cases.yaml")) == ["trial.ecg.cases.yaml"]
    _, missing = author.case_files([str(tmp_path / "other.yaml"), "nowhere"], [tmp_path])
    assert [d.message.rpartition("/")[2] for d in missing] == ["other.yaml`", "there is no `nowhere`"]


# ------------------------------------------------------------------------------------- watching


def watched(folder: Path, cases: str = "  - {case: a, why: b, expect: {verdict: ELIGIBLE}}\n") -> Watch:
    for name in ("trial", "second"):
        (folder / f"{name}.yaml").write_text(RULES.replace("library: trial", f"library: {name}"))
        (folder / f"{name}.cases.yaml").write_text(HEAD.replace("protocol: trial", f"protocol: {name}") + cases)
    found = author.watch(lambda: author.case_files([str(folder)], [folder])[0], [folder])
    assert [bool(outcome.differing) for outcome in found.first()] == [False, False]
    return found


def saved(path: Path, text: str) -> None:
    """Saves a file as an editor does, with a time of its own."""
    before = path.stat().st_mtime_ns if path.exists() else 0
    path.write_text(text)
    os.utime(path, ns=(before + 10**9, before + 10**9))


def names(outcomes: object) -> list[tuple[str, int]]:
    return [(Path(outcome.file).name, len(outcome.differing)) for outcome in outcomes]  # type: ignore[attr-defined]


def test_only_what_a_change_affects_is_run_again(tmp_path: Path) -> None:
    watch = watched(tmp_path)
    assert watch.changed() == ()
    saved(tmp_path / "trial.yaml", RULES.replace("Potassium > 5.2", "Potassium > 3.9"))
    changed = watch.changed()
    assert [Path(name).name for name in changed] == ["trial.yaml"]
    assert names(watch.again(changed)) == [("trial.cases.yaml", 1)]
    assert watch.changed() == ()
    saved(tmp_path / "trial.yaml", RULES.replace("Potassium > 5.2", "Potasium > 3.9"))
    (broken,) = watch.again(watch.changed())
    assert broken.diagnostics
    saved(tmp_path / "trial.yaml", RULES)
    assert names(watch.again(watch.changed())) == [("trial.cases.yaml", 0)]


def test_case_files_come_and_go(tmp_path: Path) -> None:
    watch = watched(tmp_path)
    shutil.copy(tmp_path / "trial.cases.yaml", tmp_path / "trial.more.cases.yaml")
    assert names(watch.again(watch.changed())) == [("trial.more.cases.yaml", 0)]
    (tmp_path / "second.cases.yaml").unlink()
    assert names(watch.again(watch.changed())) == []
    assert sorted(path.name for path in watch.outcomes) == ["trial.cases.yaml", "trial.more.cases.yaml"]
    assert watch.changed() == ()


def test_of_a_changed_expectation_nobody_is_screened_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch = watched(tmp_path)
    (rules,) = (r for r in watch.running.rules.values() if r.library.name == "trial")
    monkeypatch.setattr(rules.law, "evaluate", None)
    text = (tmp_path / "trial.cases.yaml").read_text()
    saved(tmp_path / "trial.cases.yaml", "# a line more\n" + text.replace("ELIGIBLE", "REVIEW"))
    assert names(watch.again(watch.changed())) == [("trial.cases.yaml", 1)]


def test_a_changed_base_record_is_seen(tmp_path: Path) -> None:
    base = tmp_path / "base.yaml"
    base.write_text("subject: SYN-1\nevidence:\n  Age: {born: 1970-01-01}\n")
    watch = watched(
        tmp_path, "  - {case: a, why: b, base: base.yaml, without given: [Age], expect: {verdict: ELIGIBLE}}\n"
    )
    saved(base, "subject: SYN-1\nevidence:\n  Age: {born: 2020-01-01}\n")
    changed = watch.changed()
    assert [Path(name).name for name in changed] == ["base.yaml"]
    assert sorted(names(watch.again(changed))) == [("second.cases.yaml", 1), ("trial.cases.yaml", 1)]


def test_changes_are_waited_for_and_not_fetched_in_a_busy_loop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch = watched(tmp_path)
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 3:
            saved(tmp_path / "trial.yaml", RULES + "# a comment\n")

    monkeypatch.setattr("screening.cases.watch.time.sleep", sleep)
    _, outcomes = next(watch.changes())
    assert names(outcomes) == [("trial.cases.yaml", 0)]
    assert slept == [EVERY] * 3
    assert EVERY <= 0.25


# --------------------------------------------------------------------------------------- JUnit


def test_junit_counts_what_happened(tmp_path: Path) -> None:
    found = outcome(
        tmp_path,
        "  - {case: a, why: b, expect: {verdict: ELIGIBLE}}\n"
        "  - {case: b & <c>, why: to see, expect: {verdict: REVIEW, reasons: [EXC01]}}\n"
        "not expressible: {dose: doses are not screened}\n",
    )
    broken = outcome(tmp_path, "  - {case: a, why: b, expect: {verdict: ELIGABLE}}\n")
    root = Tree.fromstring(author.junit_text([found, broken]))
    assert root.tag == "testsuites"
    suites = root.findall("testsuite")
    assert [(s.get("tests"), s.get("failures"), s.get("errors"), s.get("skipped")) for s in suites] == [
        ("3", "1", "0", "1"),
        ("1", "0", "1", "0"),
    ]
    for key in ("tests", "failures", "errors", "skipped"):
        assert root.get(key) == str(sum(int(suite.get(key, "")) for suite in suites))
    for suite in suites:
        cases = suite.findall("testcase")
        assert len(cases) == int(suite.get("tests", ""))
        for case in cases:
            assert case.get("name") and case.get("classname") and float(case.get("time", "")) >= 0
    (failure,) = suites[0].iter("failure")
    assert failure.get("message") == "verdict of case b & <c>: expected REVIEW, is ELIGIBLE"
    assert "bars of case b & <c>: expected EXC01, is none" in (failure.text or "")
    assert suites[0].findall("testcase")[1].get("line") == "12"
    (error,) = suites[1].iter("error")
    assert "cannot be `ELIGABLE`" in (error.get("message") or "")
