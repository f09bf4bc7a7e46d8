"""Libraries and people made by chance, from types, so that almost all are well formed.

A library is the text of a rule file and a person is a profile: what is generated goes through the
same doors as what an author and a clinic write. Evidence is withheld often, so that UNKNOWN is common.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from random import Random
from typing import Any

AS_OF = datetime.date(2026, 11, 22)
SOURCE = {"made": "by chance"}
WORDS = ["alpha", "beta", "gamma"]
CODES = ["SNOMED 100", "SNOMED 200", "SNOMED 300", "ICD-10-CM X10"]
DRUGS = ["RxNorm 1", "RxNorm 2", "RxNorm 3", "ATC A1", "ATC A2"]
UNITS = ["mg/L", "mg/dL", "g/L"]


@dataclass
class Pools:
    """Names to draw from, by type."""

    numbers: list[str]
    quantities: list[str]
    truths: list[str]
    judgements: list[str]
    dates: list[str]
    words: list[str]
    codes: list[str]
    records: list[str]
    listed: list[str]
    presences: list[str]


def _requirements(rng: Random) -> tuple[dict[str, Any], Pools]:
    found: dict[str, Any] = {}
    pools = Pools([], [], [], [], [], [], [], [], [], [])

    def selection() -> dict[str, Any]:
        more: dict[str, Any] = {}
        if rng.random() < 0.6:
            more["take"] = rng.choice(["latest", "first", "highest", "lowest", "mean of latest day"])
        if rng.random() < 0.2:
            more["readings"] = "2"
        if rng.random() < 0.4:
            more["within"] = rng.choice(["30 days", "6 months", "14 days", "1 years"])
        return more

    for i in range(3):
        name = f"Number {i}"
        more = {"scale": ["0", rng.choice(["3", "10", "19"])]} if rng.random() < 0.5 else {}
        found[name] = {"type": rng.choice(["Integer", "Decimal"]), **more, **selection()}
        pools.numbers.append(name)
        pools.listed.append(name)
    for i in range(2):
        name = f"Amount {i}"
        found[name] = {"type": "Quantity", "unit": rng.choice(UNITS), **selection()}
        if rng.random() < 0.4:
            found[name]["floor"] = "0"
        if rng.random() < 0.3:
            found[name]["plausible"] = ["0", "500"]
        if rng.random() < 0.3:
            found[name] |= {"unit missing": rng.sample(UNITS, rng.choice([2, 3])), "because": SOURCE}
        pools.quantities.append(name)
        pools.listed.append(name)
    for i in range(3):
        found[f"Truth {i}"] = {"type": "Boolean", "take": rng.choice(["latest", "first"])}
        pools.truths.append(f"Truth {i}")
    found["Judged"] = {"type": "Judgement", "obtain": "judge"}
    pools.judgements.append("Judged")
    for i in range(2):
        found[f"Day {i}"] = {"type": "Date", **({"within": "1 years"} if rng.random() < 0.2 else {})}
        pools.dates.append(f"Day {i}")
    found["Word"] = {"type": "String"}
    pools.words.append("Word")
    found["Term"] = {"type": "Code"}
    pools.codes.append("Term")
    found["Age"] = {"type": "Integer", "take": "age on Screening Date"}
    pools.numbers.append("Age")
    for i in range(2):
        name = f"Presence {i}"
        found[name] = {"type": "Boolean", "condition": rng.sample(CODES, rng.choice([1, 2, 3]))}
        if rng.random() < 0.3:
            found[name]["within"] = rng.choice(["6 months", "1 years"])
        if rng.random() < 0.25:
            found[name] |= {"when_absent": "false", "because": SOURCE}
        pools.truths.append(name)
        pools.presences.append(name)
    fields = {
        "kind": {"type": "String", "values": WORDS} if rng.random() < 0.5 else "String",
        "weeks": "Integer",
        "good": "Boolean",
        "stopped": "Date",
    }
    found["Trials"] = {"type": "Records", "fields": fields}
    pools.records.append("Trials")
    found["Drugs"] = {"type": "Records", "codes": DRUGS, "fields": {"good": "Boolean"}}
    if rng.random() < 0.5:
        found["Drugs"]["synonyms"] = [["RxNorm 1", "ATC A1"]]
    pools.presences.append("Drugs")
    return found, pools


class Expressions:
    """Well-typed expressions as text, drawn by chance."""

    def __init__(self, rng: Random, pools: Pools) -> None:
        self.rng, self.pools = rng, pools
        self.definitions: dict[str, list[str]] = {"truth": [], "number": []}
        self.judging = True

    def truth(self, depth: int) -> str:
        rng = self.rng
        if depth <= 0:
            return self.atom()
        match rng.randrange(9):
            case 0 | 1:
                return f"({self.truth(depth - 1)} and {self.truth(depth - 1)})"
            case 2 | 3:
                return f"({self.truth(depth - 1)} or {self.truth(depth - 1)})"
            case 4:
                return f"not ({self.truth(depth - 1)})"
            case 5:
                return f"({self.truth(depth - 1)} implies {self.truth(depth - 1)})"
            case 6:
                judging, self.judging = self.judging, False
                found = f"({self.truth(depth - 1)} xor {self.truth(depth - 1)})"
                self.judging = judging
                return found
            case 7:
                judging, self.judging = self.judging, False
                condition = self.truth(depth - 1)
                self.judging = judging
                return f"(if {condition} then {self.truth(depth - 1)} else {self.truth(depth - 1)})"
        return self.atom()

    def atom(self) -> str:
        rng, pools = self.rng, self.pools
        operator = rng.choice(["<", "<=", ">", ">=", "=", "!="])
        match rng.randrange(19):
            case 0 | 1:
                return f'"{rng.choice(pools.truths)}"'
            case 2 if self.judging:
                return '"Judged"'
            case 3 | 4:
                return f"{self.number(1)} {operator} {self.number(1)}"
            case 5:
                return f"{self.quantity()} {operator} {rng.choice([0, 1, 5, 12.5, 100])} '{rng.choice(UNITS)}'"
            case 6:
                return f"{self.number(1)} between {rng.randrange(5)} and {rng.randrange(5, 15)}"
            case 7:
                return self.timing(f'"{rng.choice(pools.dates)}"')
            case 8:
                return f"\"Word\" {rng.choice(['=', '!='])} '{rng.choice(WORDS)}'"
            case 9:
                return f"\"Word\" in {{'{rng.choice(WORDS)}', '{rng.choice(WORDS)}'}}"
            case 10:
                return f"exists (Trials T where {self.row('T', 1)})"
            case 11:
                return f"Count(Trials T where {self.row('T', 1)}) {operator} {rng.randrange(4)}"
            case 12:
                query = f"Trials T where {self.row('T', 1)} return T.kind"
                return f"Count(distinct ({query})) {operator} {rng.randrange(4)}"
            case 13:
                name = rng.choice(pools.presences + pools.listed)
                return f'exists ("{name}" R where {self.timing("R.date")})'
            case 14 if self.definitions["truth"] and self.judging:
                return f'"{rng.choice(self.definitions["truth"])}"'
            case 16:
                return f'Count("{rng.choice(pools.presences)}") {operator} {rng.randrange(4)}'
            case 17:
                condition = rng.choice(["D.good", self.timing("D.date"), 'D.date before day of "Screening Date"'])
                return f"Count(distinct (Drugs D where {condition} return D.code)) {operator} {rng.randrange(4)}"
            case 18:
                function = rng.choice(["Max", "Min", "Sum"])
                query = f"Trials T where {self.row('T', 0)} return T.weeks"
                return f"{function}(({query})) {operator} {rng.randrange(20)}"
            case 15:
                low = rng.randrange(6)
                closing = rng.choice(["]", ")"])
                opening = rng.choice(["[", "("])
                return f"{self.number(0)} in Interval{opening}{low}, {low + rng.randrange(1, 9)}{closing}"
        return f'"{rng.choice(pools.truths)}"'

    def timing(self, day: str) -> str:
        rng = self.rng
        amount, unit = rng.choice([14, 30, 3, 6, 1]), rng.choice(["days", "weeks", "months", "years"])
        how = rng.choice(["or less on or before", "or more before", "or less before", "or more on or before"])
        reference = rng.choice(['"Screening Date"', '"Screening Date"', f'"{rng.choice(self.pools.dates)}"'])
        return f"{day} {amount} {unit} {how} day of {reference}"

    def row(self, alias: str, depth: int) -> str:
        rng = self.rng
        if depth > 0 and rng.random() < 0.5:
            return f"({self.row(alias, depth - 1)} {rng.choice(['and', 'or'])} {self.row(alias, depth - 1)})"
        match rng.randrange(5):
            case 0:
                return f"{alias}.kind = '{rng.choice(WORDS)}'"
            case 1:
                return f"{alias}.weeks {rng.choice(['>=', '<', '='])} {rng.randrange(20)}"
            case 2:
                return f"{rng.choice(['', 'not '])}{alias}.good"
            case 3:
                return self.timing(f"{alias}.date")
        return self.timing(f"{alias}.stopped")

    def quantity(self) -> str:
        return f'"{self.rng.choice(self.pools.quantities)}"'

    def number(self, depth: int) -> str:
        rng, pools = self.rng, self.pools
        if depth <= 0 or rng.random() < 0.4:
            if rng.random() < 0.3:
                return str(rng.choice([0, 1, 2, 3, 5, 7, 10, 12.5, 0.25]))
            if self.definitions["number"] and rng.random() < 0.4:
                return f'"{rng.choice(self.definitions["number"])}"'
            return f'"{rng.choice(pools.numbers)}"'
        a, b = self.number(depth - 1), self.number(depth - 1)
        match rng.randrange(12):
            case 0 | 1:
                return f"({a} {rng.choice('+-*')} {b})"
            case 2:
                return f"({a} / {b})"
            case 3:
                return f"{rng.choice(['Ln', 'Sqrt', 'Abs'])}({a})"
            case 4:
                return f"{rng.choice(['Min', 'Max', 'Sum', 'Mean'])}({{{a}, {b}}})"
            case 5:
                return f"Agree({a}, {b})"
            case 6:
                judging, self.judging = self.judging, False
                condition = self.truth(0)
                self.judging = judging
                return f"(if {condition} then {a} else {b})"
            case 7:
                return f"Round({a}, {rng.randrange(3)})"
            case 8:
                unit = rng.choice(["years", "months", "weeks", "days"])
                return f'{unit} between "{rng.choice(pools.dates)}" and "Screening Date"'
            case 9:
                judging, self.judging = self.judging, False
                parts = ", ".join(self.truth(0) for _ in range(3))
                self.judging = judging
                return f"Count({{{parts}}} X where X)"
            case 10:
                return f"({a} ^ {rng.choice([2, 3, 0.5])})"
        return f"-({a})"


def library(seed: int) -> dict[str, Any]:
    """A rule file by chance, as data."""
    rng = Random(seed)
    requirements, pools = _requirements(rng)
    made = Expressions(rng, pools)
    definitions: dict[str, Any] = {}
    for i in range(rng.randrange(3)):
        definitions[f"Value {i}"] = {"expression": made.number(2)}
        made.definitions["number"].append(f"Value {i}")
    for i in range(rng.randrange(3)):
        definitions[f"Statement {i}"] = {"expression": made.truth(2)}
        made.definitions["truth"].append(f"Statement {i}")
    criteria = []
    for i in range(rng.randrange(3, 8)):
        category = rng.choice(["inclusion", "exclusion"])
        strengths = ["absolute", "absolute", "administrative" if category == "inclusion" else "relative"]
        criterion: dict[str, Any] = {
            "id": f"{category[:3].upper()}{i:02d}",
            "category": category,
            "strength": rng.choice(strengths),
            "text": "made by chance",
            "source": SOURCE,
            "expression": made.truth(rng.randrange(3)),
        }
        if rng.random() < 0.2:
            criterion["applies when"] = made.truth(0)
        if rng.random() < 0.2:
            criterion["alert"] = {"expression": f'"{rng.choice(pools.numbers[:3])}" >= 5', "text": "see this"}
        criteria.append(criterion)
    # Drawn apart, so that everything else of a seed stays what it was.
    apart = Random(f"until {seed}")
    for criterion in criteria:
        if criterion["strength"] == "absolute" and apart.random() < 0.4:
            day = f'"Day {apart.randrange(2)}" + {apart.choice([14, 30])} days'
            criterion["until"] = {"text": "it is over", "date": day}
    file: dict[str, Any] = {
        "library": "chance",
        "version": "1",
        "title": "made by chance",
        "status": "draft",
        "sources": {"made": "by chance"},
        "requirements": requirements,
        "criteria": criteria,
        "anchors": [rng.choice([name for name in pools.presences if name != "Drugs"])],
    }
    return file | ({"definitions": definitions} if definitions else {})


def _date(rng: Random) -> str:
    day = AS_OF - datetime.timedelta(
        days=rng.choice([-3, 0, 1, 13, 14, 15, 29, 30, 31, 60, 180, 183, 200, 365, 900])
    )
    text = day.isoformat()
    return rng.choice([text, text, text, text[:7], text[:4], f"{text}T09:00", f"{text}T10:30"])


def _number(rng: Random, requirement: dict[str, Any]) -> str:
    if "scale" in requirement:
        return str(rng.randrange(int(requirement["scale"][1]) + 1))
    if requirement["type"] == "Integer":
        return str(rng.randrange(-2, 20))
    return str(rng.choice([0, 1, 2.5, 3.2, 5, 7.25, 10, 12.5, 100]))


def is_coded(requirement: dict[str, Any]) -> bool:
    """Whether it lists coded things, of which each can be denied by its code and all by one statement."""
    return "condition" in requirement or "codes" in requirement


def _item(rng: Random, requirement: dict[str, Any]) -> dict[str, Any]:
    """One row for a requirement."""
    row: dict[str, Any] = {}
    match requirement["type"]:
        case "Integer" | "Decimal":
            row["value"] = _number(rng, requirement)
            if rng.random() < 0.1 and "scale" not in requirement:
                row["value"] = rng.choice(["<", "<=", ">", ">="]) + row["value"]
        case "Quantity":
            number = rng.choice([0, 0.5, 1, 5, 12.5, 99, 100, 501])
            unit = rng.choice([*UNITS, UNITS[0], "mm/h", ""])
            row["value"] = f"{rng.choice(['', '', '', '<', '>'])}{number}" + (f" '{unit}'" if unit else "")
        case "Boolean":
            if "condition" in requirement:
                row["code"] = rng.choice([*requirement["condition"], "LOCAL 9"])
            else:
                row["value"] = rng.choice(["TRUE", "FALSE"])
        case "Date":
            row["value"] = "@" + _date(rng)
        case "String":
            row["value"] = f"'{rng.choice(WORDS)}'"
        case "Code":
            row["value"] = rng.choice(CODES)
        case "Records" if "codes" in requirement:
            named = rng.sample([*DRUGS, "LOCAL 9"], rng.choice([1, 1, 1, 2]))
            row |= {"code": named[0]} if len(named) == 1 else {"codes": named}
            if rng.random() < 0.6:
                row["good"] = rng.choice(["TRUE", "FALSE"])
        case "Records":
            if rng.random() < 0.8:
                row["kind"] = rng.choice(WORDS)
            if rng.random() < 0.7:
                row["weeks"] = str(rng.randrange(20))
            if rng.random() < 0.6:
                row["good"] = rng.choice(["TRUE", "FALSE"])
            if rng.random() < 0.5:
                row["stopped"] = _date(rng)[:10]
    if rng.random() < 0.85:
        row["date"] = _date(rng)
    if rng.random() < 0.15:
        row["status"] = rng.choice(["provisional", "unconfirmed", "entered-in-error", "confirmed"])
    if is_coded(requirement) and rng.random() < 0.15:
        row["status"] = "refuted"
    return row


def person(file: dict[str, Any], seed: int, withheld: float = 0.35) -> dict[str, Any]:
    """A profile by chance; each requirement is left out with the given probability."""
    rng = Random(seed)
    evidence: dict[str, Any] = {}
    for name, requirement in file["requirements"].items():
        if rng.random() < withheld:
            continue
        if name == "Age":
            evidence[name] = {"born": rng.choice(["1970-05-04", "2008-11-22", "2008-11", "1999", "1960-02-29"])}
            continue
        if requirement["type"] == "Judgement":
            evidence[name] = {"value": rng.choice(["TRUE", "FALSE"]), "by": "K1", "date": "2026-11-20"}
            continue
        rows = [_item(rng, requirement) for _ in range(rng.choice([0, 1, 1, 1, 2, 3]))]
        if is_coded(requirement) and rng.random() < 0.2:
            rows.append({"status": "absent", "date": _date(rng)})
        item: dict[str, Any] = {"records": rows}
        listing = rng.random()
        if listing < 0.4:
            item["complete"] = "true"
        elif listing < 0.6:
            item["complete"] = {"since": "2026-01-01", "because": "reviewed", "signed": "site lead"}
        evidence[name] = item
    return {"subject": f"SYN-{seed}", "synthetic": "true", "evidence": evidence}


def shuffled(profile: dict[str, Any], seed: int) -> dict[str, Any]:
    """The same record with everything in another order."""
    rng = Random(seed)
    names = list(profile["evidence"])
    rng.shuffle(names)
    evidence = {}
    for name in names:
        item = dict(profile["evidence"][name])
        if "records" in item:
            item["records"] = rng.sample(item["records"], len(item["records"]))
        evidence[name] = item
    return {**profile, "evidence": evidence}
