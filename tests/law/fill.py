"""Fills gaps of a record by chance, never contradicting what is recorded.

Choosing constructs are left out: at most one row for a value that a selection takes, no silence read
as an answer, nothing of a denied concept from after its denial, and no other window for a denial. Lists of
records may grow, lose a doubt, or be declared complete.
"""

from __future__ import annotations

import copy
import datetime
from random import Random
from typing import Any

from tests.agree import generate

LISTED = ("Records",)


def without_choosing(file: dict[str, Any]) -> dict[str, Any]:
    """The same rule file without silence read as an answer."""
    file = copy.deepcopy(file)
    for requirement in file["requirements"].values():
        requirement.pop("when_absent", None)
        requirement.pop("because", None)
        requirement.pop("readings", None)
    return file


def _is_list(requirement: dict[str, Any]) -> bool:
    return requirement["type"] in LISTED or "condition" in requirement


DENIALS = ("refuted", "absent")


def _denied(requirement: dict[str, Any], rows: list[dict[str, Any]], row: dict[str, Any]) -> bool:
    """Whether a row may be of something that another row denies, by its code, by a synonym or altogether."""
    codes = _codes(row)
    for denial in rows:
        if denial.get("status") not in DENIALS:
            continue
        named = _codes(denial)
        for group in requirement.get("synonyms", ()):
            named |= set(group) if named & set(group) else set()
        # What is coded as something else may be anything, and so may what is not coded at all.
        if not named or not codes or codes & (named | {"LOCAL 9"}):
            return True
    return False


def _codes(row: dict[str, Any]) -> set[str]:
    return {row["code"]} if "code" in row else set(row.get("codes", ()))


def gapped(file: dict[str, Any], seed: int) -> dict[str, Any]:
    """A person with gaps: no value recorded twice, partial dates, comparators, doubtful rows, open lists."""
    profile = generate.person(file, seed, withheld=0.4)
    for name, item in profile["evidence"].items():
        requirement = file["requirements"][name]
        if "records" not in item:
            continue
        rows = item["records"]
        if not _is_list(requirement):
            rows = [{k: v for k, v in row.items() if k != "status"} for row in rows[:1]]
            item.pop("complete", None)
        item["records"] = rows
    return profile


def filled(file: dict[str, Any], profile: dict[str, Any], seed: int) -> dict[str, Any]:
    """The same person with some gaps filled."""
    rng = Random(seed)
    evidence: dict[str, Any] = {}
    every = [row for item in profile["evidence"].values() for row in item.get("records", ())]
    denies = any(row.get("status") in DENIALS for row in every)
    for name, requirement in file["requirements"].items():
        # A denial is read as reaching a window that it may reach: a day that a window hangs on stays as it is.
        if denies and requirement["type"] == "Date":
            if name in profile["evidence"]:
                evidence[name] = profile["evidence"][name]
            continue
        item = copy.deepcopy(profile["evidence"].get(name))
        if item is None or item.get("records") == []:
            item = _new(rng, file, name, item)
        elif "records" in item:
            _settle(rng, requirement, item)
        if item is not None:
            evidence[name] = item
    return {**profile, "evidence": evidence}


def _new(rng: Random, file: dict[str, Any], name: str, item: Any) -> Any:
    requirement = file["requirements"][name]
    if _is_list(requirement):
        if item is not None and item.get("complete") == "true":
            return item
        if item is None:
            item = {"records": []}
        if "complete" not in item:
            _settle(rng, requirement, item)
        return item
    if rng.random() < 0.4:
        return item
    other = generate.person({"requirements": {name: requirement}}, rng.randrange(10**9), withheld=0)
    found = other["evidence"].get(name)
    if found is None or not found.get("records"):
        return item if "records" in (found or {"records": []}) else found
    row = {k: v for k, v in found["records"][0].items() if k != "status"}
    return {"records": [row]}


def _settle(rng: Random, requirement: dict[str, Any], item: dict[str, Any]) -> None:
    for row in item["records"]:
        # A denial without a date is of the day itself; it stays as it is.
        if rng.random() < 0.5 and (row.get("status") not in DENIALS or "date" in row):
            _more_exact(rng, requirement, row)
    if not _is_list(requirement):
        return
    for row in list(item["records"]):
        doubtful = row.get("status") in ("provisional", "unconfirmed")
        if doubtful and rng.random() < 0.5 and not _denied(requirement, item["records"], row):
            row["status"] = "confirmed"
    if item.get("complete") not in ("true",) and "complete" not in item and rng.random() < 0.6:
        for _ in range(rng.randrange(3)):
            extra = generate._item(rng, requirement)
            if extra.get("status") != "refuted" and not _denied(requirement, item["records"], extra):
                item["records"].append(extra)
        if rng.random() < 0.5:
            item["complete"] = "true"


def _more_exact(rng: Random, requirement: dict[str, Any], row: dict[str, Any]) -> None:
    for key in ("date", "stopped"):
        if key in row:
            row[key] = _day_within(rng, row[key])
        elif key == "date" or (key in requirement.get("fields", ()) and rng.random() < 0.5):
            row[key] = min(_any_day_within(rng, generate._date(rng)[:10]), generate.AS_OF.isoformat())
    value = row.get("value", "")
    if value.startswith("@"):
        row["value"] = "@" + _day_within(rng, value[1:])
    elif value and "'" not in value and "unit missing" in requirement and "plausible" not in requirement:
        row["value"] = f"{value} '{rng.choice(requirement['unit missing'])}'"
    elif value[:1] in ("<", ">") and "plausible" not in requirement:
        # A number that turns out not to be plausible is set aside: it is an error, no answer.
        row["value"] = _exact(rng, value)
    answers = {"kind": generate.WORDS, "weeks": [str(n) for n in range(20)], "good": ["TRUE", "FALSE"]}
    for name in requirement.get("fields", ()) if row.get("status") not in DENIALS else ():
        if name in answers:
            row.setdefault(name, rng.choice(answers[name]))


def _day_within(rng: Random, text: str) -> str:
    """A day of a partial date, never after the as-of date: what is on record by then happened by then."""
    found = _any_day_within(rng, text)
    latest = generate.AS_OF.isoformat()
    return latest if text < latest < found and len(text) < 10 and latest.startswith(text) else found


def _any_day_within(rng: Random, text: str) -> str:
    if len(text) == 4:
        return f"{text}-{rng.randrange(1, 13):02d}-{rng.randrange(1, 29):02d}"
    if len(text) == 7:
        year, month = int(text[:4]), int(text[5:])
        days = (datetime.date(year + month // 12, month % 12 + 1, 1) - datetime.timedelta(days=1)).day
        return f"{text}-{rng.randrange(1, days + 1):02d}"
    return text


def _exact(rng: Random, value: str) -> str:
    comparator = value[:2] if value[1:2] == "=" else value[:1]
    number, _, unit = value[len(comparator) :].partition(" ")
    if unit and comparator == "<" and float(number) == 0:
        return value
    step = 0 if comparator.endswith("=") else 1
    amount = float(number) + (-1 if comparator[0] == "<" else 1) * (step + rng.randrange(3))
    text = f"{max(amount, 0.0) if comparator[0] == '<' and unit else amount:g}"
    return f"{text} {unit}" if unit else text
