# ruff: noqa: E501 (tables of texts, one case a line)
from __future__ import annotations

import hashlib
import os
import time
from pathlib import Path

import pytest

from screening.audit.verify import verify_trace
from screening.errors import CitationFault, NameFault, RuleError, SyntaxFault, TypeFault, UnitFault
from screening.interpreters import reference
from screening.language import expression as e
from screening.language.library import Citation, Library
from screening.reading.folders import find, look_up
from screening.reading.load import available, lent, load
from screening.reading.tree import nodes, references
from screening.values.bounds import OPEN, exactly
from tests.reading.made import AS_OF, CRITERION, HEAD, RULES, loaded, person, refused, rule_file

APPROVED = "status: approved\napproval: {author: A, reviewer: B, approver: C, effective: 2026-01-01}\n"
BASE = """library: base
version: "1"
status: approved
approval: {author: A, reviewer: B, approver: C, effective: 2026-01-01}
sources:
  report: Another report than the one that includes this
fixed words: [Words of the base.]
parameters:
  Limit: {type: Integer, value: 3, source: {report: page 9}}
requirements:
  Pain: {type: Integer, because: {report: page 8}, source: {report: page 8}}
  Seizure: {type: Boolean, condition: SNOMED 91175000}
definitions:
  Much Pain: {expression: Pain >= Limit, source: {report: page 7}}
criteria:
  - {id: BAS01, category: exclusion, text: a, source: {report: page 1}, expression: Seizure}
  - {id: BAS02, category: inclusion, text: b, source: {report: page 2}, expression: '"Much Pain"'}
  - {id: BAS03, category: exclusion, text: c, source: {report: page 3}, expression: not BAS01, until: 3 days after X}
"""


def including(entry: str, more: str = "requirements:\n  Anything: {type: Boolean}\n") -> str:
    return f"{HEAD}include:\n  - {{library: base, version: '1'{entry}}}\n{more}{CRITERION}"


@pytest.fixture
def base(tmp_path: Path) -> Path:
    rule_file(tmp_path, BASE, "base")
    return tmp_path


@pytest.fixture(scope="module")
def whole() -> Library:
    return load(RULES / "whole.yaml", [RULES])


# ------------------------------------------------------------------------------------ the order


def test_every_place_is_there_once(whole: Library) -> None:
    places = [node.place for _, tree in whole.order for node in nodes(tree)]
    assert "" not in places
    assert len(places) == len(set(places))
    assert all(tree.place == name for name, tree in whole.order)


def test_places_count_the_parts(whole: Library) -> None:
    criterion = whole.criterion("INC01").expression
    assert [part.place for part in e.parts(criterion)] == ["INC01.1", "INC01.2"]
    applies = whole.criterion("INC03").expression
    assert isinstance(applies, e.Implies)
    assert isinstance(whole.criterion("EXC02").expression, e.And)
    assert applies.left.place == "INC03.1"


def test_each_comes_after_what_it_refers_to(whole: Library) -> None:
    requirements = {r.name for r in whole.requirements}
    done: set[str] = set()
    for name, tree in whole.order:
        for other in references(tree):
            assert other in done or other in requirements, (name, other)
        done.add(name)
    assert [name for name, _ in whole.order][-4:] == ["eligible", "favourable", "review", "arranged"]


def test_what_is_evaluated_is_what_is_declared(whole: Library) -> None:
    behind = {d.name: d.expression for d in whole.definitions} | {c.id: c.expression for c in whole.criteria}
    assert behind == dict(whole.order)
    origins = {d.origin for d in whole.definitions}
    assert origins == {"requirement", "definition", "until", "favourable", "alert", "root"}
    assert "Creatinine" in behind
    assert whole.requirement("Creatinine").kind == "observation"


def test_the_law_and_the_verifier_take_it(whole: Library) -> None:
    trace = reference.trace(whole, person(), AS_OF)
    verify_trace(whole, person(), trace)
    values = reference.evaluate(whole, person(), AS_OF)
    assert set(values) == {name for name, _ in whole.order}


def test_what_nobody_uses_is_not_evaluated(tmp_path: Path) -> None:
    text = f"{HEAD}requirements:\n  Anything: {{type: Boolean}}\n  Idle: {{type: Integer}}\n{CRITERION}"
    library = loaded(tmp_path, text)
    assert [r.name for r in library.requirements] == ["Anything", "Idle"]
    assert "Idle" not in dict(library.order)
    assert dict(library.order)["arranged"].place == "arranged"


# ------------------------------------------------------------------------------------ the roots


def test_the_roots(whole: Library) -> None:
    order = dict(whole.order)
    eligible, review = order["eligible"], order["review"]
    assert isinstance(eligible, e.And)
    assert [type(part).__name__ for part in eligible.operands] == ["Reference"] * 3 + ["Not"] * 2
    assert isinstance(review, e.Or)
    assert [part.name for part in review.operands if isinstance(part, e.Reference)] == ["PCV01", "EXC03"]
    contradicted = {part.criterion: part for part in review.operands if isinstance(part, e.Contradicted)}
    assert (
        contradicted["INC02"].hard == ("Severity", "RA Recorded")[::-1] or "Severity" in contradicted["INC02"].hard
    )
    assert "Pain" in contradicted["INC02"].soft
    assert "Systolic Pressure" in contradicted["PCV01"].soft


def test_a_judgement_is_read_in_the_persons_favour(tmp_path: Path) -> None:
    text = f"""{HEAD}requirements:
  J: {{type: Judgement}}
  K: {{type: Judgement}}
  Anything: {{type: Boolean}}
definitions:
  Both: J and not K
criteria:
  - {{id: INC01, category: inclusion, text: a, source: {{report: x}}, expression: Both implies J}}
  - {{id: EXC01, category: exclusion, text: a, source: {{report: x}}, expression: 'if Anything then Both else not J'}}
  - {{id: EXC02, category: exclusion, strength: relative, text: a, source: {{report: x}}, expression: J}}
  - {{id: EXC03, category: exclusion, text: a, source: {{report: x}}, expression: EXC01 or Anything}}
"""
    order = dict(loaded(tmp_path, text).order)

    def favoured(name: str) -> list[tuple[str, str]]:
        found = [node for node in nodes(order[name]) if isinstance(node, e.Favoured)]
        return [(node.operand.name, node.toward.value) for node in found if isinstance(node.operand, e.Reference)]

    assert favoured("favourable:INC01") == [("J", "FALSE"), ("K", "TRUE"), ("J", "TRUE")]
    assert favoured("favourable:EXC01") == [("J", "FALSE"), ("K", "TRUE"), ("J", "TRUE")]
    assert favoured("favourable:EXC03") == favoured("favourable:EXC01")
    assert "favourable:EXC02" not in order
    assert list(references(order["favourable"])) == ["favourable:INC01", "favourable:EXC01", "favourable:EXC03"]


def test_judgements_through_ever_more_definitions_are_refused(tmp_path: Path) -> None:
    chain = "".join(f"  D{n}: D{n - 1} and D{n - 1}\n" for n in range(1, 60))
    text = f"{HEAD}requirements:\n  J: {{type: Judgement}}\ndefinitions:\n  D0: J\n{chain}{CRITERION}"
    start = time.process_time()
    found = refused(tmp_path, text.replace("Anything", "D59"))
    assert found == ["criterion `INC01` reaches its judgements through too many definitions"]
    assert time.process_time() - start < 5


def test_a_long_chain_of_definitions(tmp_path: Path) -> None:
    chain = "".join(f"  D{n}: D{n - 1} and Anything\n" for n in range(1, 1500))
    more = "requirements:\n  Anything: {type: Boolean}\ndefinitions:\n  D0: Anything\n"
    library = loaded(tmp_path, f"{HEAD}{more}{chain}{CRITERION}".replace("      Anything", "      D1499"))
    assert len(library.definitions) == 1505
    circle = chain.replace("D1: D0", "D1: D1499")
    assert len(refused(tmp_path, f"{HEAD}{more}{circle}{CRITERION}")) == 1


@pytest.mark.parametrize(
    "expression",
    [
        "not " * 95 + "Anything",
        "(Anything or " * 48 + "Anything" + ")" * 48 + " and true",
        "P" + " + P" * 95 + " > 3",
    ],
    ids=lambda text: text[:8],
)
def test_as_deep_as_it_may_be_it_is_evaluated(tmp_path: Path, expression: str) -> None:
    more = "requirements:\n  Anything: {type: Boolean}\n  P: {type: Integer}\n"
    library = loaded(tmp_path, f"{HEAD}{more}{CRITERION}".replace("      Anything", f"      {expression}"))
    verify_trace(library, person(), reference.trace(library, person(), AS_OF))


def test_alerts(whole: Library) -> None:
    order = dict(whole.order)
    fires = [node for node in nodes(order["alert:EXC02"]) if isinstance(node, e.Fires)]
    assert len(fires) == 2
    assert isinstance(fires[0].source, e.Where)
    assert "Potassium" not in list(references(fires[0].condition))
    alert = whole.criterion("PCV01").alert
    assert alert is not None
    assert (alert.definition, alert.requirements) == ("alert:PCV01", ("Systolic Pressure",))
    assert alert.escalate == "the physician on call"


def test_lifts(whole: Library) -> None:
    order = dict(whole.order)
    assert isinstance(order["until:EXC01"], e.Shift)
    assert whole.criterion("EXC01").until_date == order["until:EXC01"]
    assert whole.criterion("EXC03").until == "three months later"
    assert whole.criterion("INC01").until_date is None


def test_words_stay_words(tmp_path: Path) -> None:
    more = "requirements:\n  Anything: {type: Boolean}\n"
    text = f"{HEAD}{more}{CRITERION}    until: 14 days after the swelling has gone\n"
    assert loaded(tmp_path, text).criterion("INC01").until == "14 days after the swelling has gone"


# ------------------------------------------------------------------------------------ inclusion


def test_what_comes_along(base: Path) -> None:
    library = loaded(base, including(", criteria: [BAS02]"))
    assert [c.id for c in library.criteria] == ["BAS02", "INC01"]
    assert library.criterion("BAS02").library == "base"
    # What only a criterion left behind refers to is not asked for.
    assert [r.name for r in library.requirements] == ["Pain", "Anything"]
    assert library.fixed_words == ("Words of the base.",)
    assert dict(library.sources) == {
        "report": "A report, 2020",
        "base:report": "Another report than the one that includes this",
    }
    assert library.criterion("BAS02").source == Citation("base:report", "page 2")
    assert library.requirement("Pain").source == Citation("base:report", "page 8")
    assert [p.source for p in library.parameters] == [Citation("base:report", "page 9")]
    assert [d.source for d in library.definitions if d.name == "Much Pain"] == [Citation("base:report", "page 7")]


def test_all_or_none(base: Path) -> None:
    assert len(loaded(base, including("")).criteria) == 4
    assert len(loaded(base, including(", criteria: all")).criteria) == 4
    assert len(loaded(base, including(", criteria: none")).criteria) == 1


def test_a_criterion_that_another_needs_cannot_stay_behind(base: Path) -> None:
    assert refused(base, including(", criteria: [BAS03]")) == [
        "criterion `BAS03` refers to `BAS01`, which is not included"
    ]


def test_a_strength_is_changed_with_a_source(base: Path) -> None:
    change = ", overrides: {BAS01: {strength: relative, source: {report: page 5}, until: 2 weeks after Onset}}"
    more = "requirements:\n  Anything: {type: Boolean}\n  Onset: {type: Date}\n"
    library = loaded(base, including(change, more))
    changed = library.criterion("BAS01")
    assert (changed.strength, changed.until) == ("relative", "2 weeks after Onset")
    assert changed.override == Citation("report", "page 5")
    assert dict(library.order)["until:BAS01"] == changed.until_date
    assert changed.until_date is not None


@pytest.mark.parametrize(
    ("change", "kind", "message"),
    [
        ("{BAS01: {strength: relative}}", CitationFault, "the change of criterion BAS01 has no `source:`"),
        ("{BAS02: {strength: relative, source: {report: x}}}", TypeFault, "an inclusion cannot be relative"),
        (
            "{BAS09: {strength: relative, source: {report: x}}}",
            NameFault,
            "library `base` has no criterion `BAS09`",
        ),
        ("{BAS01: {strength: relative, source: {raport: x}}}", CitationFault, "there is no source `raport`"),
    ],
)
def test_a_change_that_is_refused(base: Path, change: str, kind: type[RuleError], message: str) -> None:
    with pytest.raises(kind) as caught:
        loaded(base, including(f", overrides: {change}"))
    assert [d.message for d in caught.value.diagnostics] == [message]


def test_what_asks_what_is_recorded_stays_administrative(tmp_path: Path) -> None:
    text = BASE + "  - {id: ADM01, category: inclusion, strength: administrative, text: d, source: {report: x}, "
    rule_file(tmp_path, text + "expression: Pain is not null}\n", "base")
    change = ", overrides: {ADM01: {strength: absolute, source: {report: page 5}}}"
    assert refused(tmp_path, including(change)) == [
        "the criterion asks what is recorded, and only an administrative one may"
    ]


def test_a_parameter_of_an_included_library(base: Path) -> None:
    library = loaded(base, including(", parameters: {Limit: {value: 5, source: {report: page 6}, chosen: true}}"))
    (limit,) = library.parameters
    assert (limit.value, limit.written, limit.origin) == (exactly(5), "5", "made")
    assert (limit.source, limit.chosen) == (Citation("report", "page 6"), True)


def test_parameters_from_outside(base: Path) -> None:
    library = loaded(base, including(""), parameters={"Limit": "7"}, parameter_origin="site.yaml")
    assert (library.parameters[0].value, library.parameters[0].origin) == (exactly(7), "site.yaml")
    assert refused(base, including(""), parameters={"Limits": "7"}) == ["the protocol has no parameter `Limits`"]
    assert refused(base, including(""), parameters={"Limit": "x"}) == ["parameter `Limit`: `x` is no whole number"]
    assert loaded(base, including("")).parameters[0].origin == "library"


def test_a_parameter_that_nobody_has_set(whole: Library) -> None:
    parameter = next(p for p in whole.parameters if p.name == "Infusion Day")
    assert (parameter.value, parameter.origin) == (OPEN, "not set")
    assert "Screening Date" not in [p.name for p in whole.parameters]


def test_a_library_that_two_include_is_one(base: Path) -> None:
    between = "library: {0}\nversion: '1'\nsources: {{report: A report}}\ninclude: [{{library: base, version: '1'{1}}}]\n"
    for name in ("left", "right"):
        rule_file(
            base,
            between.format(name, "") + CRITERION.replace("INC01", name.upper()).replace("Anything", "Seizure"),
            name,
        )
    both = f"{HEAD}include: [{{library: left, version: '1'}}, {{library: right, version: '1'}}]\n"
    library = loaded(base, both)
    assert [i.name for i in library.includes] == ["base", "left", "right"]
    assert [c.id for c in library.criteria] == ["BAS01", "BAS02", "BAS03", "LEFT", "RIGHT"]
    change = ", parameters: {Limit: {value: 4, source: {report: page 1}}}"
    rule_file(
        base,
        between.format("right", change) + CRITERION.replace("INC01", "RIGHT").replace("Anything", "Seizure"),
        "right",
    )
    assert refused(base, both) == ["the parameter `Limit` of library `right` differs from one included before"]


def test_libraries_that_include_one_another_are_refused(base: Path) -> None:
    rule_file(
        base, BASE.replace("requirements:", "include: [{library: made, version: '1'}]\nrequirements:"), "base"
    )
    assert refused(base, including("")) == ["library `made` includes itself"]


def test_a_value_set_of_another_library_is_not_replaced(base: Path) -> None:
    sets = "valuesets:\n  Set: {concepts: [SNOMED 1], source: {report: x}}\n"
    rule_file(base, BASE.replace("requirements:", f"{sets}requirements:"), "base")
    more = f"{sets}requirements:\n  Anything: {{type: Boolean}}\n"
    assert len(loaded(base, including("", more)).valuesets) == 1
    message = "an included library declares the value set `Set` otherwise"
    assert refused(base, including("", more.replace("SNOMED 1", "SNOMED 2"))) == [message]


def test_a_chain_of_libraries_has_an_end(tmp_path: Path) -> None:
    for n in range(20):
        more = f"include: [{{library: l{n + 1}, version: '1'}}]\n" if n < 19 else ""
        body = HEAD.replace("made", f"l{n}") + more + (CRITERION.replace("Anything", "true") if n == 0 else "")
        rule_file(tmp_path, body, f"l{n}")
    with pytest.raises(RuleError, match="more than 8 deep"):
        load(tmp_path / "l0.yaml", [tmp_path])


def test_a_fault_below_is_told_in_its_own_file(base: Path) -> None:
    rule_file(base, BASE.replace("not BAS01", "not BAS99"), "base")
    with pytest.raises(NameFault) as caught:
        loaded(base, including("").replace("Anything\n", "Anything and Pain > Nobody\n"))
    assert [d.span.file for d in caught.value.diagnostics] == [
        (base / "made.yaml").as_posix(),
        (base / "base.yaml").as_posix(),
    ]


def test_an_unreadable_library_hides_no_other_fault_and_makes_none(base: Path) -> None:
    rule_file(base, "{", "base")
    with pytest.raises(RuleError) as caught:
        loaded(base, including("").replace("Anything\n", "Pain > 3 and Anything > 3\n"))
    assert len(caught.value.diagnostics) == 2


def test_an_approved_protocol_of_drafts_is_a_draft(base: Path) -> None:
    assert loaded(base, including("").replace("sources:", f"{APPROVED}sources:")).status == "approved"
    rule_file(base, BASE.replace("approved", "draft"), "base")
    assert loaded(base, including("").replace("sources:", f"{APPROVED}sources:")).status == "draft"


# -------------------------------------------------------------------------------------- folders


def test_nothing_outside_the_folders_is_included(base: Path, tmp_path: Path) -> None:
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    inside.mkdir(), outside.mkdir()
    (outside / "secret.yaml").write_text(BASE.replace("library: base", "library: secret"))
    (inside / "secret.yaml").symlink_to(outside / "secret.yaml")
    (inside / "base.yaml").symlink_to(inside / "real.yaml")
    (inside / "real.yaml").write_text(BASE)
    assert look_up("secret", [inside]) is None
    assert look_up("base", [inside]) is not None
    for name in ("../outside/secret", str(outside / "secret"), "..", "", "secret.yaml", "a" * 300, "base\0"):
        assert look_up(name, [inside]) is None
    (inside / "made.yaml").write_text(including("").replace("library: base", "library: ../outside/secret"))
    with pytest.raises(NameFault, match="no library"):
        load(inside / "made.yaml", [inside])


def test_names_are_found_whatever_their_case(tmp_path: Path) -> None:
    rule_file(tmp_path, BASE, "Base_Rules")
    assert look_up("base-rules", [tmp_path]) == tmp_path / "Base_Rules.yaml"
    with pytest.raises(NameFault, match="did you mean `Base_Rules`"):
        find("base-rulse", [tmp_path])


def test_the_first_folder_counts(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        rule_file(tmp_path / name, BASE, "base")
    assert look_up("base", [tmp_path / "two", tmp_path / "one"]) == tmp_path / "two" / "base.yaml"
    assert look_up("base", [tmp_path / "nowhere", tmp_path / "one"]) == tmp_path / "one" / "base.yaml"


def test_a_file_of_value_sets_alone_can_be_included_and_not_screened_against(base: Path) -> None:
    sets = 'library: sets\nversion: "1"\nsources: {report: A report}\n'
    sets += "valuesets:\n  Set: {concepts: [SNOMED 1], source: {report: x}}\n"
    path = rule_file(base, sets, "sets")
    assert refused(base, f"{HEAD}include: [{{library: sets, version: '1', criteria: none}}]\n") == [
        "library `made` has no criteria"
    ]
    more = "include: [{library: sets, version: '1', criteria: none}]\n"
    more += "requirements:\n  Anything: {type: Boolean, condition: Set}\n"
    found = loaded(base, f"{HEAD}{more}{CRITERION}")
    assert [s.name for s in found.valuesets] == ["Set"]
    part = lent(path, [base])
    assert part is not None and found.includes == (part,)
    with pytest.raises(RuleError, match="name a protocol that includes it"):
        load(path, [base])


def test_nobody_is_asked_for_what_an_included_file_lends_and_nothing_reads(base: Path) -> None:
    lending = 'library: inputs\nversion: "1"\nrequirements:\n  Read: {type: Boolean}\n  Unread: {type: Boolean}\n'
    lending += "  Counted: {type: Records}\n  Uncounted: {type: Records}\n"
    rule_file(base, lending, "inputs")
    more = "include: [{library: inputs, version: '1', criteria: none}]\n"
    more += "requirements:\n  Own: {type: Boolean}\n"
    more += "definitions:\n  Anything:\n    expression: |\n      Read or exists Counted\n"
    found = loaded(base, f"{HEAD}{more}{CRITERION}")
    assert [requirement.name for requirement in found.requirements] == ["Read", "Counted", "Own"]


def test_what_lends_is_sound_and_has_no_criteria(base: Path) -> None:
    made = rule_file(base, f"{HEAD}requirements:\n  Anything: {{type: Boolean}}\n{CRITERION}")
    assert lent(made, [base]) is None
    assert lent(rule_file(base, f"{HEAD}requirements:\n  Anything: {{type: Wrong}}\n"), [base]) is None
    assert lent(rule_file(base, HEAD), [base]) is None


def test_what_is_available(base: Path) -> None:
    rule_file(base, "library: [", "broken")
    (base / "notes.txt").write_text("x")
    (base / ".hidden.yaml").write_text("x")
    assert available([base]) == [
        ("base", "1", "approved", "", base / "base.yaml"),
        ("broken", "", "faulty", "", base / "broken.yaml"),
    ]


def test_by_name_by_path_and_not_at_all(base: Path) -> None:
    more = "requirements:\n  X: {type: Date}\n"
    rule_file(base, BASE.replace("requirements:\n", more), "base")
    assert load("base", [base]) == load(base / "base.yaml", []) == load(str(base / "base.yaml"), [])
    with pytest.raises(NameFault, match="there is no rule file"):
        load(base / "other.yaml", [base])
    with pytest.raises(NameFault, match="there is no library"):
        load("other", [base])


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_a_pipe_is_no_rule_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "made.yaml")
    with pytest.raises(NameFault, match="there is no rule file"):
        load(tmp_path / "made.yaml", [tmp_path])
    assert available([tmp_path]) == []


def test_a_huge_file_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "made.yaml"
    with path.open("wb") as file:
        file.truncate(10**10)
    with pytest.raises(SyntaxFault, match="larger than 1 MiB"):
        load(path, [tmp_path])


# ------------------------------------------------------------------------- digest, errors, speed


def test_the_digest_is_of_the_bytes_and_of_what_is_included(base: Path) -> None:
    library = loaded(base, including(", criteria: none"))
    below = hashlib.sha256((base / "base.yaml").read_bytes()).hexdigest()
    whole = hashlib.sha256((base / "made.yaml").read_bytes() + below.encode()).hexdigest()
    assert library.digest == whole
    assert [(i.name, i.version, i.digest) for i in library.includes] == [("base", "1", below)]


def test_the_class_of_the_error_is_that_of_its_faults(tmp_path: Path) -> None:
    more = "requirements:\n  Anything: {type: Boolean}\n  P: {type: Quantity, unit: mmol/L}\n"
    for expression, kind in (("P > 3 'mg'", UnitFault), ("P > 3 'mg' and Q", RuleError)):
        with pytest.raises(RuleError) as caught:
            loaded(tmp_path, f"{HEAD}{more}{CRITERION}".replace("      Anything", f"      {expression}"))
        assert type(caught.value) is kind


def test_not_every_fault_of_thousands_is_printed(tmp_path: Path) -> None:
    many = "".join(f"  R{n}: {{type: Nonsense}}\n" for n in range(1000))
    found = refused(tmp_path, f"{HEAD}requirements:\n{many}{CRITERION}".replace("Anything", "R1"))
    assert len(found) == 201
    assert found[-1] == "the files were read no further after 200 errors"


def test_a_protocol_of_sixty_criteria_is_loaded_in_half_a_second(tmp_path: Path) -> None:
    requirements = "".join(
        f"  R{n}: {{type: Quantity, unit: mmol/L, code: LOINC 2823-3, within: 14 days}}\n" for n in range(60)
    )
    criteria = "".join(
        f"  - id: INC{n:02d}\n    category: inclusion\n    text: a\n    source: {{report: page {n}}}\n    expression: |\n"
        f"      (R{n} between 3 'mmol/L' and 5 'mmol/L' or R{n} > 90 'umol/L')\n"
        f'        and not (date of R{n} 3 months or more before day of "Screening Date")\n'
        for n in range(60)
    )
    path = rule_file(tmp_path, f"{HEAD}requirements:\n{requirements}criteria:\n{criteria}")
    load(path, [tmp_path])
    start = time.process_time()
    assert len(load(path, [tmp_path]).criteria) == 60
    assert time.process_time() - start < 0.5
