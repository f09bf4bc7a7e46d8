"""The steps of `features/report.feature`: pages as somebody reads them, made on the command line."""

from __future__ import annotations

import re
import stat
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from pytest_bdd import given, parsers, scenarios, then, when

from tests.cli.calls import Called
from tests.cli.cohorts import RECORDS, SMALL, called, cohort, made_people, table
from tests.reports.test_report import Read

scenarios("report.feature")
BY = ("--by", "K. Seven", "--role", "investigator", "--draft")
PEOPLE = {
    "a man on phenelzine whose ALT is three times the limit": "ineligible",
    "the index case as published": "index",
    "a woman with a blood pressure of 152/122": "alert",
}


@dataclass
class Desk:
    """Somebody's folder, what is to be shown, and what came of it."""

    folder: Path
    asked: tuple[str, ...] = ()
    done: Called = field(default_factory=lambda: Called(0, "", ""))

    @property
    def page(self) -> Path:
        return self.folder / "page.html"

    @property
    def read(self) -> Read:
        return Read(self.page.read_text(encoding="utf-8"))

    def do(self, *words: str, statuses: tuple[int, ...] = (0,)) -> Called:
        done = called(self.folder, *words)
        assert done.status in statuses, done.err
        return done

    def make(self) -> None:
        self.done = called(self.folder, "report", *self.asked, "--out", "page.html")


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@when(parsers.parse("the clinician makes the page of {who}"))
def _(desk: Desk, who: str) -> None:
    desk.asked = (str(RECORDS / f"{PEOPLE[who]}.yaml"), *SMALL)
    desk.make()
    assert (desk.done.status, desk.done.err) == (0, "")


@then("the page says INELIGIBLE and RULED OUT before anything else")
def _(desk: Desk) -> None:
    text = desk.read.text
    verdict = text.index("Verdict of the program: INELIGIBLE")
    assert verdict < text.index("standing: RULED OUT") < text.index("What decides") < text.index("Criteria all 13")


@then("it names both exclusions that decide, each with its value, its limit and its source")
def _(desk: Desk) -> None:
    text = desk.read.text
    decides = text[text.index("What decides") : text.index("Criteria all 13")]
    assert "ALT 121 U/L, 2026-11-16; limit > 3 x 40 (the laboratory's own) = 120; laboratory, row 3" in decides
    assert "phenelzine, last dose" in decides and "medicine list, row 4" in decides


@then(parsers.parse("each of {count:d} criteria unfolds down to the line of its rule file"))
def _(desk: Desk, count: int) -> None:
    page = desk.page.read_text(encoding="utf-8")
    parts = re.split(r'<details id="criterion-', page[: page.index('id="part-1"')])[1:]
    assert len(parts) == count
    assert all(re.search(r"small(-safety)?\.yaml:\d+", part) for part in parts)


@then("the draft is marked as one, and what a site chose needs its signature")
def _(desk: Desk) -> None:
    text = desk.read.text
    assert text.startswith("DRAFT, not for use in care.") and text.endswith("certificate " + text[-14:])
    signed = text[text.index("Needs sign-off", text.index("Near a limit", text.index("What decides"))) :]
    assert "SCV01A: limit [site choice]" in signed and "SMD02: 14 days [unverified]" in signed


@then("the page says UNDETERMINED, and that this is not the same as eligible")
def _(desk: Desk) -> None:
    text = desk.read.text
    assert "Verdict of the program: UNDETERMINED" in text
    assert "Nothing recorded speaks against. That is not the same as eligible." in text


@then("it says how each missing item is obtained, and what to ask next")
def _(desk: Desk) -> None:
    text = desk.read.text
    asked = text[text.index("What to ask next") :]
    assert "a blood or urine sample ALT SHE03A" in asked
    assert re.search(r"settles it for 1 [A-Za-z]", asked)
    assert "Stroke: nobody has asked" in text
    # The one exclusion whose silence is an answer is told as such.
    assert "not mentioned, read as no by the rule file: Lamotrigine." in text and "exclusions absent 1 " in text


@then("the alert stands before the verdict, and that nobody has been told")
def _(desk: Desk) -> None:
    text = desk.read.text
    assert text.index("ALERT SCV01A systolic BP 152.8 mmHg") < text.index("Nobody has been told")
    assert text.index("Nobody has been told") < text.index("Verdict of the program")


@then("no part of it is fetched from anywhere, and it is for its owner's eyes alone")
def _(desk: Desk) -> None:
    assert stat.S_IMODE(desk.page.stat().st_mode) == 0o600
    read = desk.read
    assert not [tag for tag, attributes in read.tags if {"src", "srcset", "data"} & attributes.keys()]
    assert all(each["href"].startswith("#") for each in read.named("a"))
    assert read.named("link") == read.named("img") == read.named("iframe") == []


@then("made again, it is the same byte for byte")
def _(desk: Desk) -> None:
    before = desk.page.read_bytes()
    desk.make()
    assert desk.page.read_bytes() == before


@given("a certificate in which the verdict was changed")
def _(desk: Desk) -> None:
    record = str(RECORDS / "index.yaml")
    made = desk.do("check", record, *SMALL, "--format", "json", statuses=(4,))
    text = made.out.replace('"verdict": "UNDETERMINED"', '"verdict": "ELIGIBLE"')
    assert text != made.out
    (desk.folder / "it.json").write_text(text, encoding="utf-8")
    desk.asked = ("it.json", "--record", record, *SMALL[2:4])


@when("the auditor makes its page")
@when("the coordinator makes its page")
@when("the inspector makes its page")
def _(desk: Desk) -> None:
    desk.make()


@then("it is refused, and no page is written")
def _(desk: Desk) -> None:
    assert desk.done.status == 5 and "REFUSED" in desk.done.err
    assert not desk.page.exists()


@given("a cohort of 24 people and a record that nobody can read")
def _(desk: Desk) -> None:
    made_people(desk.folder / "people", 24)
    (desk.folder / "people" / "broken.yaml").write_text("nothing", encoding="utf-8")
    assert cohort(desk.folder, "people").status == 0
    desk.asked = ("out",)


@then("the counts of records, standings and verdicts add up")
def _(desk: Desk) -> None:
    text = desk.read.text
    assert "people screened 24 + 1 = 25" in text
    for title, end in (
        ("Standing standing people", "Verdict verdict"),
        ("Verdict verdict people", "each adds up to 24"),
    ):
        part = text[text.index(title) :]
        part = part[: part.index(end, 10)] if end.startswith("Verdict") else part[: part.index("People", 10)]
        numbers = [int(n) for n in re.findall(r"\b(\d+)\b", part)]
        assert sum(numbers[:-1]) == numbers[-1] == 24


@then("everybody stands there by pseudonym, and nobody by the id of the source")
def _(desk: Desk) -> None:
    page = desk.page.read_text(encoding="utf-8")
    assert all(row["pseudonym"] in page for row in table(desk.folder / "out" / "screening-log.csv"))
    assert not any(row["id"] in page for row in table(desk.folder / "out" / "people.csv"))


@given("a ledger with a review, a decision and a correction")
def _(desk: Desk) -> None:
    desk.do("log", "init", "site.ledger", *BY[:4])
    for name in ("review", "ineligible"):
        desk.do("log", "add", "site.ledger", str(RECORDS / f"{name}.yaml"), *SMALL, *BY)
    given = [f"--review={id}=accept" for id in ("SCV01B", "SMD07", "SAW01")]
    desk.do("sign", "SYN-0003", "--ledger", "site.ledger", *given, "--reason", "seen again", *BY)
    more = ("--decision", "more-needed", "--reason", "one more visit")
    desk.do("sign", "SYN-0003", "--ledger", "site.ledger", *more, *BY)
    text = (RECORDS / "ineligible.yaml").read_text(encoding="utf-8").replace("121 'U/L'", "21 'U/L'")
    (desk.folder / "right.yaml").write_text(text, encoding="utf-8")
    desk.do("log", "correct", "site.ledger", "3", "right.yaml", "--reason", "misread", *SMALL, *BY)
    desk.asked = ("site.ledger",)


@then("every entry stands in order, and the page says that every link holds")
def _(desk: Desk) -> None:
    text = desk.read.text
    assert desk.done.status == 0 and "every link holds, entries 1 to 7" in text
    entries = text[text.rindex("Every entry, in order") :]
    kinds = ("opened", "screened", "screened", "reviewed", "decided", "corrected", "re-screened")
    assert re.search(".*".join(f" {number} {kind} " for number, kind in enumerate(kinds, 1)), entries)


@then("what was corrected stands beside what was there before")
def _(desk: Desk) -> None:
    assert re.search(
        r"as it was entered as corrected ALT 121, 2026-11-16, .{0,60} 21, 2026-11-16,", desk.read.text
    )


@then("the decision of a person stands apart from the verdict of the program")
def _(desk: Desk) -> None:
    text = desk.read.text
    decided = text[text.rindex("Human decisions, apart from") : text.rindex("Every entry, in order")]
    assert "final decision on eligibility more needed" in decided and "one more visit" in decided
    assert not re.search("INELIGIBLE|UNDETERMINED|REVIEW", decided)


@given("a copy of a ledger in which a verdict was changed")
def _(desk: Desk) -> None:
    desk.do("log", "init", "site.ledger", *BY[:4])
    for name in ("review", "ineligible"):
        desk.do("log", "add", "site.ledger", str(RECORDS / f"{name}.yaml"), *SMALL, *BY)
    desk.do("log", "export", "site.ledger", "--out", "copy.jsonl")
    text = (desk.folder / "copy.jsonl").read_text(encoding="utf-8")
    changed = text.replace('"verdict":"INELIGIBLE"', '"verdict":"ELIGIBLE"', 1)
    assert changed != text
    (desk.folder / "copy.jsonl").write_text(changed, encoding="utf-8")
    desk.asked = ("copy.jsonl",)


@then("the page says where it does not hold, and shows nothing after that")
def _(desk: Desk) -> None:
    text = desk.read.text
    assert desk.done.status == 5
    assert "DOES NOT HOLD, entries 1 to 2" in text and "entry 3: its certificate" in text
    assert "SYN-0018" not in text
