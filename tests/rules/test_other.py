"""A wholly different protocol: heart failure, by a rule file alone. Nothing of the program was changed for it."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import pytest

from screening import screen
from tests.checkout import ROOT, tracked
from tests.cli.calls import Called, call
from tests.sources.bundles import bundle, concept, condition, observation

OTHER = Path("tests/rules/other")
DAY = ("--as-of", "2012-06-30")
PROTOCOL = ("--protocol", "paradigm-hf", "--rules", OTHER.as_posix())
ON = "date: 2012-06-20"

# Everything that the protocol asks for, as somebody eligible has it.
FULL = {
    "Age": "{born: 1950-03-01}",
    "LVEF": f"{{value: 30 '%', {ON}}}",
    "BNP": f"{{value: 220 'pg/mL', {ON}}}",
    "Potassium": f"{{value: 4.4 'mmol/L', {ON}}}",
    "Angioedema": f"{{value: false, {ON}, by: person}}",
}
PEOPLE: dict[str, tuple[dict[str, str], str, str]] = {
    "everything in range": ({}, "ELIGIBLE", ""),
    "low peptide and a stay for heart failure within 12 months": (
        {"BNP": f"{{value: 120 'pg/mL', {ON}}}", "HF Hospital Stay": "2011-07-01"},
        "ELIGIBLE",
        "",
    ),
    "the same, and the stay is 13 months ago": (
        {
            "BNP": f"{{value: 120 'pg/mL', {ON}}}",
            "NT-proBNP": f"{{value: 300 'pg/mL', {ON}}}",
            "HF Hospital Stay": "2011-05-20",
        },
        "INELIGIBLE",
        "INC04",
    ),
    "the other peptide, in its own limit": (
        {"BNP": f"{{value: 90 'pg/mL', {ON}}}", "NT-proBNP": f"{{value: 600 'pg/mL', {ON}}}"},
        "ELIGIBLE",
        "",
    ),
    "ejection fraction of 36": ({"LVEF": f"{{value: 36 '%', {ON}}}"}, "INELIGIBLE", "INC03"),
    "seventeen years old": ({"Age": "{born: 1994-07-01}"}, "INELIGIBLE", "INC01"),
    "potassium of 5.2": ({"Potassium": f"{{value: 5.2 'mmol/L', {ON}}}"}, "ELIGIBLE", ""),
    "potassium of 5.3": ({"Potassium": f"{{value: 5.3 'mmol/L', {ON}}}"}, "INELIGIBLE", "EXC02"),
    "angioedema": ({"Angioedema": f"{{value: true, {ON}}}"}, "INELIGIBLE", "EXC03"),
    "nobody asked for angioedema": ({"Angioedema": ""}, "UNDETERMINED", "EXC03"),
    "no potassium": ({"Potassium": ""}, "UNDETERMINED", "EXC02"),
    "an ejection fraction of last year": ({"LVEF": "{value: 30 '%', date: 2011-06-20}"}, "UNDETERMINED", "INC03"),
    "potassium without a unit": ({"Potassium": f"{{value: 4.4, {ON}}}"}, "UNDETERMINED", "EXC02"),
}
STATUS = {"ELIGIBLE": 0, "INELIGIBLE": 2, "UNDETERMINED": 4}


def called(*arguments: str) -> Called:
    with pytest.MonkeyPatch.context() as calling:
        return call(calling, *arguments)


def profile(changes: dict[str, str]) -> str:
    items = {name: item for name, item in {**FULL, **changes}.items() if item}
    return "subject: SYN-HF\nsynthetic: true\nevidence:\n" + "".join(f"  {n}: {i}\n" for n, i in items.items())


@pytest.mark.parametrize("name", PEOPLE)
def test_a_person_is_screened_by_the_file_alone(name: str, tmp_path: Path) -> None:
    changes, verdict, reason = PEOPLE[name]
    record = tmp_path / "person.yaml"
    record.write_text(profile(changes), encoding="utf-8")
    done = called("check", str(record), *PROTOCOL, *DAY, "--format", "json")
    assert done.err == ""
    assert done.status == STATUS[verdict]
    made = json.loads(done.out)["determination"]
    assert made["verdict"] == verdict
    if verdict == "INELIGIBLE":
        assert made["reasons"] == [reason]
    if verdict == "UNDETERMINED":
        assert [each["id"] for each in made["criteria"] if each["truth"] == "UNKNOWN"] == [reason]


def test_what_it_cannot_know_of_it_does_not_admit(tmp_path: Path) -> None:
    record = tmp_path / "person.yaml"
    record.write_text("subject: SYN-HF\nevidence: {}\n", encoding="utf-8")
    assert called("check", str(record), *PROTOCOL, *DAY).status == STATUS["UNDETERMINED"]


def test_a_bundle_is_read_by_the_codes_of_the_file(tmp_path: Path) -> None:
    def lab(id: str, code: str, value: float, unit: str) -> dict[str, object]:
        quantity = {"value": value, "unit": unit, "system": "http://unitsofmeasure.org", "code": unit}
        return observation(code, id=id, effectiveDateTime="2012-06-20", valueQuantity=quantity)

    denied = condition("41291007", verificationStatus=concept("refuted"), recordedDate="2012-06-20")
    denied["verificationStatus"]["coding"][0]["system"] = (
        "http://terminology.hl7.org/CodeSystem/condition-ver-status"
    )
    tree = bundle(
        lab("o1", "10230-1", 30, "%"),
        lab("o2", "33762-6", 650, "pg/mL"),
        lab("o3", "2823-3", 4.4, "mmol/L"),
        denied,
    )
    record = tmp_path / "bundle.json"
    record.write_text(json.dumps(tree), encoding="utf-8")
    done = called("check", str(record), *PROTOCOL, *DAY)
    assert (done.status, done.err) == (0, ""), done.out
    assert "ELIGIBLE" in done.out


def test_every_command_speaks_of_it(tmp_path: Path) -> None:
    record = tmp_path / "person.yaml"
    record.write_text(profile({}), encoding="utf-8")
    rules = ("--rules", OTHER.as_posix())
    assert "INC03     Ejection fraction of 35% or less" in called("show", "paradigm-hf", *rules).out
    assert "LVEF is at most 35 %" in called("show", "paradigm-hf", *rules, "--format", "text").out
    assert re.search(r"^\+  PARADIGM-HF +ELIGIBLE", called("match", str(record), *rules, *DAY).out, re.MULTILINE)
    assert called("lint", f"{OTHER}/paradigm-hf.yaml").status == 0
    assert "Angioedema" in called("template", "paradigm-hf", *rules).out


def code_words(text: str) -> str:
    """The names and texts of a Python file that run; comments and docstrings may show an example."""
    tree = ast.parse(text)
    shown = {node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    kept = (node for node in ast.walk(tree) if node not in shown)
    names = (getattr(node, "id", "") or getattr(node, "attr", "") or getattr(node, "value", "") for node in kept)
    return "\n".join(name for name in names if isinstance(name, str))


def test_the_program_knows_nothing_of_the_field() -> None:
    words = re.compile(r"PARADIGM|heart failure|ejection|LVEF|natriuretic|angioedema|84114007", re.IGNORECASE)
    files = [name for name in tracked() if name.startswith("screening/") and name.endswith(".py")]
    assert len(files) > 80
    assert [n for n in files if words.search(code_words((ROOT / n).read_text(encoding="utf-8")))] == []


def test_it_is_the_example_of_the_house() -> None:
    page = (ROOT / "screening" / "README.md").read_text(encoding="utf-8")
    example = re.search(r"```yaml\n(library: PARADIGM-HF.*?)```", page, re.DOTALL)
    assert example is not None
    written = (ROOT / OTHER / "paradigm-hf.yaml").read_text(encoding="utf-8")
    assert written.partition("\n")[2] == example[1]


def test_its_numbers_are_those_of_its_file() -> None:
    library = screen.load_library("paradigm-hf", [ROOT / OTHER])
    assert [c.id for c in library.criteria] == ["INC01", "INC03", "INC04", "EXC02", "EXC03"]
    assert library.registration == "NCT01035255"
