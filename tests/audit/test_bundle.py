"""A bundle is accepted from itself alone; edits of it are refused at their place.

The golden bundles are worked examples for whoever writes another verifier; `expected.json` says which are
accepted.
"""

from __future__ import annotations

import copy
import datetime
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from screening import screen, verifying
from screening.audit import bundle as door
from screening.errors import DefectError, VerificationError
from screening.language import expression as e
from screening.outcome import tree
from screening.outcome.bundle_schema import SCHEMAS
from screening.reading.encoding import NODES
from screening.reading.load import load
from tests.agree import generate
from tests.audit import bundles
from tests.audit.test_certificate import RECORD, RULES
from tests.cli.calls import call

GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "bundles"
PACKAGE = Path(screen.__file__).parent
CHANCE = (1, 2, 3, 5, 9)


def _record(**evidence: Any) -> dict[str, Any]:
    return {**RECORD, "evidence": {**RECORD["evidence"], **evidence}}  # type: ignore[dict-item]


RECORDS = {
    "ineligible": RECORD,
    "eligible": _record(ALT={"value": "30 'U/L'", "date": "2026-11-16"}, Stable="TRUE"),
    "review": _record(ALT={"value": "30 'U/L'", "date": "2026-11-16"}),
    "undetermined": _record(
        ALT={"value": "> 30 'U/L'", "date": "2026-11-16"}, Pain={"value": "7", "date": "2026-11"}
    ),
}


def made(folder: Path) -> dict[str, dict[str, Any]]:
    """Bundles that are accepted, by name."""
    found = {name: bundles.bundle_of(RULES, record, folder) for name, record in RECORDS.items()}
    found["rest"] = bundles.bundle_of(bundles.REST, bundles.REST_RECORD, folder)
    for seed in CHANCE:
        bundle = bundles.by_chance(seed, seed + 1, folder)
        assert bundle is not None
        found[f"chance-{seed}"] = bundle
    return found


def _at(data: Any, *path: Any) -> Any:
    for key in path:
        data = data[key]
    return data


def _step(bundle: dict[str, Any], place: str) -> dict[str, Any]:
    return next(s for s in bundle["certificate"]["steps"] if s["place"] == place and "row" not in s)


def _entry(bundle: dict[str, Any], name: str) -> Any:
    return next(entry["expression"] for entry in bundle["tree"]["order"] if entry["name"] == name)


def _criterion(bundle: dict[str, Any], id: str) -> Any:
    return next(each for each in bundle["tree"]["criteria"] if each["id"] == id)


def _fact(bundle: dict[str, Any], id: str, part: str = "record") -> dict[str, Any]:
    return next(fact for fact in bundle[part]["facts"] if fact["id"] == id)


Edit = Callable[[dict[str, Any]], Any]
# From which bundle, what is altered, whether digests are written anew, and the place that a refusal names.
EDITS: dict[str, tuple[str, Edit, bool, str]] = {
    "step-value": ("ineligible", lambda b: _step(b, "INC02").update(value="FALSE"), True, "INC02"),
    "step-facts": ("ineligible", lambda b: _step(b, "ALT").update(facts=["x"]), True, "ALT"),
    "step-missing": ("ineligible", lambda b: b["certificate"]["steps"].pop(), True, "arranged"),
    "step-order": ("ineligible", lambda b: b["certificate"]["steps"].reverse(), True, "ALT.1"),
    "verdict": (
        "review",
        lambda b: b["certificate"]["determination"].update(verdict="ELIGIBLE"),
        True,
        "/determination/verdict",
    ),
    "standing": (
        "ineligible",
        lambda b: b["certificate"]["determination"].update(standing="NOT RULED OUT"),
        True,
        "/determination/standing",
    ),
    "alert": (
        "ineligible",
        lambda b: b["certificate"]["determination"]["alerts"].append({"criterion": "EXC01", "facts": []}),
        True,
        "/determination/alerts",
    ),
    "limit": (
        "ineligible",
        lambda b: _entry(b, "EXC01")["right"]["left"].update(value={"low": "4", "high": "4"}),
        True,
        "EXC01.2.1",
    ),
    "operator": ("ineligible", lambda b: _entry(b, "INC02").update(operator="<"), True, "INC02"),
    "tree-not-cited": ("ineligible", lambda b: _entry(b, "INC02").update(operator="<"), False, "/tree"),
    "fact": (
        "ineligible",
        lambda b: b["record"]["facts"][0].update(value={"low": "90", "high": "90"}),
        True,
        "ALT",
    ),
    "fact-of-later": (
        "rest",
        lambda b: b["certificate"]["facts"].insert(2, copy.deepcopy(b["record"]["facts"][2])),
        True,
        "/facts",
    ),
    "notice-dropped": ("rest", lambda b: b["certificate"]["notices"].pop(), True, "/notices/0"),
    "parameter": (
        "ineligible",
        lambda b: b["tree"]["parameters"][0].update(value={"low": "9", "high": "9"}),
        True,
        "INC02.2",
    ),
    "conversion": (
        "rest",
        lambda b: b["record"]["conversions"][0].update(factor="1/10"),
        True,
        "/record/conversions/0/factor",
    ),
    "convert": (
        "rest",
        lambda b: _entry(b, "INC01")["operands"][0]["right"].update(factor="1/10"),
        True,
        "/tree/order",
    ),
    "digests-swapped": (
        "ineligible",
        lambda b: b["certificate"]["rests_on"].update(
            tree=b["certificate"]["rests_on"]["record"], record=b["certificate"]["rests_on"]["tree"]
        ),
        False,
        "/rests_on",
    ),
    "unknown-member": ("ineligible", lambda b: b["record"].update(more=""), True, "/record/more"),
    "member-missing": ("ineligible", lambda b: _entry(b, "INC02").pop("operator"), True, "operator"),
    "condition-of-none": (
        "ineligible",
        lambda b: b["tree"]["criteria"][0].update(applies=True),
        True,
        "/tree/criteria/0/applies",
    ),
    "condition-of-another-form": (
        "ineligible",
        lambda b: _criterion(b, "INC03").update(applies=True),
        True,
        "/tree/criteria/2/applies",
    ),
    "newer-format": ("ineligible", lambda b: b.update(bundle="screening-bundle-2"), False, "/bundle"),
    "unknown-node": ("ineligible", lambda b: _entry(b, "INC02").update(node="Guess"), True, "/node"),
    "number-spelling": (
        "ineligible",
        lambda b: b["record"]["facts"][0].update(value={"low": "121.0", "high": "121.0"}),
        True,
        "/record/facts/0/value/low",
    ),
    "not-approved": (
        "ineligible",
        lambda b: b["certificate"]["library"].update(status="approved"),
        True,
        "/library",
    ),
}


def _text_edits(text: str) -> dict[str, tuple[str, str]]:
    """What only the text of a bundle can show."""
    first = '"bundle":"screening-bundle-1"'
    number = '"readings":1,'
    assert first in text and number in text
    return {
        "duplicate-key": (text.replace(first, f"{first},{first}", 1), "bundle"),
        "fraction": (text.replace(number, '"readings":1.0,', 1), ""),
        "not-json": (text[:-3], ""),
    }


def written(folder: Path) -> dict[str, tuple[str, str | None]]:
    """Every golden bundle: its text, and where it is refused; None if it is accepted."""
    accepted = made(folder)
    found: dict[str, tuple[str, str | None]] = {
        f"accepted-{name}": (bundles.text_of(bundle), None) for name, bundle in accepted.items()
    }
    backwards = json.loads(bundles.text_of(accepted["eligible"]), object_pairs_hook=lambda p: dict(reversed(p)))
    found["accepted-otherwise-written"] = (json.dumps(backwards, indent=1) + "\n", None)
    for name, (base, edit, is_restated, place) in EDITS.items():
        bundle = copy.deepcopy(accepted[base])
        edit(bundle)
        if is_restated:
            bundles.restated(bundle)
        found[f"refused-{name}"] = (bundles.text_of(bundle), place)
    for name, (text, place) in _text_edits(bundles.text_of(accepted["ineligible"])).items():
        found[f"refused-{name}"] = (text, place)
    return found


def verified(text: str) -> None:
    verifying.verify_bundle(verifying.document_of(text.encode()))


def test_the_golden_bundles_are_as_made_and_accepted_or_refused_as_said(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    every = written(tmp_path)
    expected = [
        {"file": f"{name}.json", "accepted": place is None, **({} if place is None else {"place": place})}
        for name, (_, place) in sorted(every.items())
    ]
    listed = json.dumps(expected, indent=1) + "\n"
    if request.config.getoption("--bless"):
        GOLDEN.mkdir(parents=True, exist_ok=True)
        for name, (text, _) in every.items():
            (GOLDEN / f"{name}.json").write_text(text, encoding="utf-8")
        (GOLDEN / "expected.json").write_text(listed, encoding="utf-8")
    assert (GOLDEN / "expected.json").read_text(encoding="utf-8") == listed
    assert {path.stem for path in GOLDEN.glob("*.json")} == {*every, "expected"}
    validator = jsonschema.Draft202012Validator(SCHEMAS["bundle"])
    for name, (text, place) in every.items():
        assert (GOLDEN / f"{name}.json").read_text(encoding="utf-8") == text, name
        if place is None:
            verified(text)
            validator.validate(json.loads(text))
            continue
        with pytest.raises(VerificationError) as refused:
            verified(text)
        assert place in str(refused.value), name


def _twice(part: str) -> Edit:
    def edit(bundle: dict[str, Any]) -> None:
        for listed in (bundle["tree"][part], *([bundle["certificate"][part]] if part == "parameters" else [])):
            listed.append(copy.deepcopy(listed[-1]))

    return edit


def _dated(member: str, value: Any) -> Edit:
    def edit(bundle: dict[str, Any]) -> None:
        for part in ("record", "certificate"):
            _fact(bundle, "ALT Limit#1", part)[member] = value

    return edit


INSTANT = {"low": "@2026-11-01T09:30:00", "high": "@2026-11-01T09:30:00"}
# What no program writes, and two readers could take for two things.
ODD: dict[str, tuple[Edit, str]] = {
    "clock-24": (_dated("clock", "24:00:00"), "/record/facts/1/clock"),
    "clock-short": (_dated("clock", "9:30"), "/record/facts/1/clock"),
    "instant": (_dated("when", INSTANT), "/record/facts/1/when"),
    "parameter-twice": (_twice("parameters"), "/tree/parameters/1/name"),
    "label-twice": (_twice("labels"), "/tree/labels/4/verdict"),
    "requirement-twice": (_twice("requirements"), "/tree/requirements/6/name"),
}


@pytest.mark.parametrize("name", ODD)
def test_what_could_be_read_in_two_ways_is_refused(name: str, tmp_path: Path) -> None:
    edit, place = ODD[name]
    bundle = bundles.bundle_of(RULES, RECORD, tmp_path)
    edit(bundle)
    with pytest.raises(VerificationError, match=place):
        verified(json.dumps(bundles.restated(bundle)))


def test_every_kind_of_node_stands_in_a_golden_bundle_and_in_the_table_and_the_schema() -> None:
    shown = {
        kind
        for path in GOLDEN.glob("accepted-*.json")
        for kind in bundles.kinds(json.loads(path.read_text(encoding="utf-8"))["tree"])
    }
    names = {cls.__name__ for cls in NODES}
    assert shown == names == set(tree.CLASSES)
    branches = {key.removeprefix("node_") for key in SCHEMAS["bundle"]["$defs"] if key.startswith("node_")}
    assert branches == names | {"rows"}
    page = (PACKAGE / "certificate.md").read_text(encoding="utf-8")
    assert not [name for name in names if f"`{name}`" not in page]


def test_the_table_names_every_field_of_every_node() -> None:
    for cls, form in tree.FORMS.items():
        fields = set(cls.__dataclass_fields__) - {"span", "place", "type", "text"}
        if cls is e.DateOf:
            fields = fields - {"selection"} | {"source", "take", "readings"}
        assert fields == set(form) - {"factor", "offset"}, cls


@pytest.mark.parametrize("name", ["certificate", "bundle"])
def test_the_schema_that_is_shipped_is_the_one_that_is_published(
    name: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = PACKAGE / "schemas" / f"{name}.schema.json"
    published = call(monkeypatch, "schema", name).out
    if request.config.getoption("--bless"):
        path.write_text(published, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == published
    jsonschema.Draft202012Validator.check_schema(json.loads(published))


def test_it_is_held_against_rule_files_and_a_record_where_they_are_named(tmp_path: Path) -> None:
    bundle = bundles.bundle_of(RULES, RECORD, tmp_path)
    library = load(tmp_path / "small.yaml", [tmp_path])
    subject = screen.read_record(json.dumps(RECORD).encode(), library, "record.json")
    held, known = verifying.verify_bundle(bundle, library, subject)
    assert (held.digest, known.digest) == (library.digest, subject.digest)
    other_rules = copy.deepcopy(RULES)
    other_rules["criteria"][1]["expression"] = 'Pain > "Lowest Pain"'  # type: ignore[index]
    (tmp_path / "small.yaml").write_text(json.dumps(other_rules), encoding="utf-8")
    with pytest.raises(VerificationError, match=r"/tree/\S+ is not what the rule files give"):
        verifying.verify_bundle(bundle, load(tmp_path / "small.yaml", [tmp_path]))
    other = screen.read_record(json.dumps(RECORDS["review"]).encode(), library, "record.json")
    with pytest.raises(VerificationError, match=r"/record/\S+ is not what the record gives"):
        verifying.verify_bundle(bundle, None, other)


def test_the_commands_write_and_verify_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rules, record, path = (tmp_path / name for name in ("small.yaml", "person.json", "bundle.json"))
    rules.write_text(json.dumps(RULES), encoding="utf-8")
    record.write_text(json.dumps(RECORD), encoding="utf-8")
    folder = ("--rules", str(tmp_path))
    day = generate.AS_OF.isoformat()
    done = call(
        monkeypatch, "check", str(record), "--protocol", "small", *folder, "--as-of", day, "--format", "bundle"
    )
    assert done.status == 2
    path.write_text(done.out, encoding="utf-8")
    jsonschema.Draft202012Validator(SCHEMAS["bundle"]).validate(json.loads(done.out))
    alone = call(monkeypatch, "verify", str(path))
    assert alone.status == 0
    assert "--rules" in alone.out and "--record" in alone.out
    whole = call(monkeypatch, "verify", str(path), *folder, "--record", str(record))
    assert whole.status == 0
    assert "--rules" not in whole.out
    altered = done.out.replace('"operator": ">="', '"operator": "<"', 1)
    assert altered != done.out
    path.write_text(altered, encoding="utf-8")
    refused = call(monkeypatch, "verify", str(path))
    assert refused.status == 5
    assert "REFUSED" in refused.out and "/tree" in refused.out
    certificate = tmp_path / "certificate.json"
    certificate.write_text(json.dumps(json.loads(done.out)["certificate"]), encoding="utf-8")
    assert call(monkeypatch, "verify", str(certificate)).status == 3
    assert call(monkeypatch, "verify", str(certificate), *folder, "--record", str(record)).status == 0


def test_a_fault_of_the_verifier_itself_is_told_as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of rule files and a record that was read nobody else can be at fault; of a bundle alone it is open."""
    library = screen.load_library("stop-bang")
    person = screen.read_record(b"subject: SYN-1\nevidence: {}\n", library, "r.yaml")
    certificate = screen.screen(library, person, datetime.date(2026, 11, 22)).certificate
    data = json.loads(json.dumps(verifying.bundle(certificate, library, person)))
    verifying.verify_bundle(data, library, person)

    def failing(with_what: Exception) -> Callable[..., None]:
        def fail(*_: object) -> None:
            raise with_what

        return fail

    monkeypatch.setattr(door, "verify_certificate", failing(IndexError("somebody's value")))
    with pytest.raises(DefectError, match="a fault in this program, not in the bundle: IndexError") as ours:
        verifying.verify_bundle(data, library, person)
    for rules, record in ((None, None), (library, None), (None, person)):
        with pytest.raises(VerificationError, match="or this program fails at it") as refused:
            verifying.verify_bundle(data, rules, record)
        assert "somebody's value" not in f"{refused.value}{ours.value}"
    # What no value of a bundle can bring about is never a refusal.
    monkeypatch.setattr(door, "verify_certificate", failing(NameError()))
    with pytest.raises(NameError):
        verifying.verify_bundle(data)


def test_what_cannot_be_written_in_canonical_form_is_refused_and_a_fault_of_its_writer_is_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    data = json.loads((GOLDEN / "accepted-rest.json").read_text(encoding="utf-8"))

    def failing(*_: object) -> str:
        raise NameError

    monkeypatch.setattr(door.codec, "digest", failing)
    with pytest.raises(NameError):
        verifying.verify_bundle(data)
