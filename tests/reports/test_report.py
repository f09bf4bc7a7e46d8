"""`screening report`: what stands on its pages, that they hold, and that nothing is written that may not be."""

from __future__ import annotations

import base64
import hashlib
import itertools
import json
import re
import stat
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from screening import report, screen
from screening.reports.html import embedded, filled
from screening.reports.packed import Packed
from tests.checkout import ROOT
from tests.cli.cohorts import RECORDS, SMALL, called, cohort, made_people, table
from tests.reports import hostile, made_pages
from tests.reports.made_pages import BY, STUB

RULES = ("--rules", str(ROOT / "tests" / "cli" / "rules"))


class Read(HTMLParser):
    """A page as tags with their attributes, the text outside of scripts and styles, and the texts of those."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.said: list[str] = []
        self.held: dict[str, list[str]] = {"script": [], "style": []}
        self._inside = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        self._inside = tag if tag in self.held else self._inside
        self.said.append("" if tag in ("a", "span", "strong", "code") else " ")

    def handle_endtag(self, tag: str) -> None:
        self._inside = "" if tag == self._inside else self._inside

    def handle_data(self, data: str) -> None:
        (self.held[self._inside] if self._inside else self.said).append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(self.said).split())

    def named(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.tags if name == tag]


def page_of(folder: Path, record: str = "ineligible", *more: str) -> str:
    done = called(folder, "report", str(RECORDS / f"{record}.yaml"), *SMALL, "--out", "page.html", *more)
    assert (done.status, done.out, done.err) == (0, "", "")
    return (folder / "page.html").read_text(encoding="utf-8")


def read(folder: Path, *arguments: str) -> Read:
    done = called(folder, "report", *arguments, "--out", "page.html")
    assert done.status == 0, done.err
    return Read((folder / "page.html").read_text(encoding="utf-8"))


# ------------------------------------------------------------------------------- what a page is


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return made_pages.pages(tmp_path_factory.mktemp("pages"))


def digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


@pytest.mark.parametrize("name", ["alert", "cohort", "ledger", "verifier"])
def test_a_page_admits_what_it_was_made_with_and_nothing_else(pages: dict[str, Path], name: str) -> None:
    page = Read(pages[name].read_text(encoding="utf-8"))
    (policy,) = [each["content"] for each in page.named("meta") if each.get("http-equiv")]
    rules = dict(each.strip().partition(" ")[::2] for each in policy.split(";"))
    scripts = page.named("script")
    run = [text for text, made in zip(page.held["script"], scripts, strict=True) if not made]
    assert rules["default-src"] == rules["base-uri"] == rules["form-action"] == "'none'"
    assert rules["style-src"] == " ".join(map(digest, page.held["style"]))
    assert rules.get("script-src", "") == " ".join(map(digest, run))
    assert ("require-trusted-types-for" in rules) == bool(run)
    assert "img-src" not in rules
    assert all(made in ({}, {"type": "application/json", "id": made.get("id", "")}) for made in scripts)
    assert [tag for tag, attributes in page.tags for key in attributes if key in ("src", "style", "action")] == []
    assert "http://" not in "".join(page.said) + "".join(run)
    assert [each["lang"] for each in page.named("html")] == ["en"]
    assert len(page.named("h1")) == len(page.named("main")) == 1
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1 and all(after <= before + 1 for before, after in itertools.pairwise(levels))
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {each["href"][1:] for each in page.named("a")} <= set(ids)


def test_a_page_is_for_its_owner_alone_and_the_same_for_the_same_input(tmp_path: Path) -> None:
    first = page_of(tmp_path)
    assert stat.S_IMODE((tmp_path / "page.html").stat().st_mode) == 0o600
    assert page_of(tmp_path) == first
    assert "Page made" not in first
    assert "<dt>Page made</dt>\n<dd>2026-11-28T09:00:00Z</dd>" in page_of(
        tmp_path, "ineligible", "--made-at", "2026-11-28T09:00:00Z"
    )


def test_a_page_that_cannot_be_written_leaves_what_was_there(tmp_path: Path) -> None:
    done = called(tmp_path, "report", str(RECORDS / "index.yaml"), *SMALL, "--out", "nowhere/page.html")
    assert (done.status, done.out) == (3, "")
    assert "cannot be written: no such file or directory" in done.err
    assert list(tmp_path.iterdir()) == []


def test_json_within_a_page_ends_nothing_and_is_the_same_data() -> None:
    data = {"said": list(hostile.CORPUS.values()), "\u2028<": "\ud800"}
    text = embedded(data)
    assert text.isascii() and not set("<>&\n") & set(text)
    assert json.loads(text) == data


@pytest.mark.parametrize("script", ["if (a) '</SCRIPT >'", "x = '<!--'"])
def test_a_script_that_would_end_its_own_element_is_no_script_of_ours(script: str) -> None:
    with pytest.raises(ValueError, match="end its own element"):
        filled("verifier.html", {"title": "", "footer": ()}, "", scripts=[script])


# ------------------------------------------------------------------------------- a determination


def test_the_verdict_comes_first_and_every_criterion_can_be_looked_into(tmp_path: Path) -> None:
    page = page_of(tmp_path)
    text = Read(page).text
    assert page.index('id="verdict"') < page.index('id="criteria"') < page.index('id="self-check"')
    assert "DRAFT, not for use in care. Eligibility report SYN-0018, as of 2026-11-22" in text
    assert "Verdict of the program: INELIGIBLE" in text
    assert "2 absolute exclusions; both may change; standing: RULED OUT" in text
    assert "This is not a judgement of the person's pain or need; usual care continues." in text
    assert len(re.findall(r'<details id="criterion-', page)) == 13
    of = page[page.index('<details id="criterion-SHE03A"') :]
    criterion = Read(of[: of.index("</details>")]).text
    for said in (
        "SHE03A present: ALT more than 3 times the upper limit of the laboratory",
        "until a repeat in 2 to 4 weeks is within the limit",
        "121 U/L",
        "2026-11-16",
        "> 3 x 40 (the laboratory's own) = 120",
        "laboratory, row 3",
        "NCT06943859; exclusion criteria",
        "small-safety, rules/small-safety.yaml:107",
        'holds ALT > 3 * "ALT Upper Limit"',
    ):
        assert said in criterion, said
    assert "SMD02 present: an irreversible MAO inhibitor within 14 days [unverified]" in text
    library = screen.load_library("small", [ROOT / "tests" / "cli" / "rules"])
    assert library.digest in text


def test_what_is_missing_says_how_it_is_obtained_and_what_to_ask_next(tmp_path: Path) -> None:
    text = Read(page_of(tmp_path, "index")).text
    assert "Verdict of the program: UNDETERMINED" in text
    assert "Nothing recorded speaks against. That is not the same as eligible." in text
    assert "What to ask next" in text and "a blood or urine sample ALT SHE03A" in text
    asked = text[text.index("What to ask next") : text.index("What is missing, and how it is obtained")]
    assert re.search(r"\b1 \S.* ask the person", asked)
    assert "neck and airway nobody has asked" in text[text.index("Not recorded input") :]


def test_an_alert_comes_before_the_verdict_with_what_the_site_wants_done(tmp_path: Path) -> None:
    page = page_of(tmp_path, "alert", "--site", str(RECORDS / "site.yaml"))
    text = Read(page).text
    assert page.index('id="alerts"') < page.index('id="verdict"')
    alerts = text[text.index("ALERT SCV01A") : text.index("Verdict of the program")]
    assert (
        "systolic BP 152.8 mmHg, diastolic BP 122.1 mmHg, 2026-10-31, 22 days ago; Observation 3c5ff05a" in alerts
    )
    assert "Limit: 1 reading of >= 180 systolic or >= 110 diastolic [site choice]" in alerts
    assert "Site text: Call 4711 and stay with this person" in alerts
    assert "Nobody has been told: this program sends no messages." in alerts
    assert "Site St Anna, pain unit" in text
    assert "Changed Lowest Pain 5 (site declaration)" in text


def test_nobody_is_shown_of_whom_nothing_may_be_concluded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: Any) -> None:
        raise screen.NotScreened(
            "the chaining engine and the reference interpreter disagree at INC03.2", "INC03.2"
        )

    monkeypatch.setattr(screen, "trace", fails)
    done = called(tmp_path, "report", str(RECORDS / "eligible.yaml"), *SMALL, "--out", "page.html")
    assert (done.status, done.out) == (1, "")
    assert "NOT SCREENED" in done.err
    assert list(tmp_path.iterdir()) == []


def test_a_certificate_is_held_against_rules_and_record_before_it_is_shown(tmp_path: Path) -> None:
    record = str(RECORDS / "review.yaml")
    made = called(tmp_path, "check", record, *SMALL, "--format", "json")
    (tmp_path / "it.json").write_text(made.out, encoding="utf-8")
    asked = ("it.json", "--record", record, *RULES)
    shown = read(tmp_path, *asked)
    assert shown.text == Read(page_of(tmp_path, "review")).text
    altered = made.out.replace('"verdict": "REVIEW"', '"verdict": "ELIGIBLE"')
    (tmp_path / "it.json").write_text(altered, encoding="utf-8")
    (tmp_path / "page.html").unlink()
    done = called(tmp_path, "report", *asked, "--out", "page.html")
    assert done.status == 5 and "REFUSED" in done.err
    assert not (tmp_path / "page.html").exists()


def test_the_bundle_stands_in_the_page(tmp_path: Path) -> None:
    page = Read(page_of(tmp_path))
    (bundle,) = [
        text
        for text, made in zip(page.held["script"], page.named("script"), strict=True)
        if made.get("id") == "bundle"
    ]
    made = called(tmp_path, "check", str(RECORDS / "ineligible.yaml"), *SMALL, "--format", "json")
    assert json.loads(bundle)["certificate"] == json.loads(made.out)


# ------------------------------------------------------------------------------------- a cohort


@pytest.fixture
def ran(tmp_path: Path) -> Path:
    made_people(tmp_path / "people", 24)
    (tmp_path / "people" / "broken.yaml").write_text("nothing", encoding="utf-8")
    assert cohort(tmp_path, "people").status == 0
    return tmp_path


def test_the_sums_of_a_cohort_add_up_and_people_stand_by_pseudonym(ran: Path) -> None:
    page = read(ran, "out")
    rows = table(ran / "out" / "people.csv")
    for said in (
        "records read 25",
        "rejected 1 1 unreadable",
        "people screened 24 + 1 = 25",
        "each adds up to 24",
    ):
        assert said in page.text, said
    for verdict in ("INELIGIBLE", "UNDETERMINED", "REVIEW", "ELIGIBLE"):
        assert f"{verdict} {sum(row['verdict'] == verdict for row in rows)} " in page.text
    deciding = sum("SMD02" in row["deciding_reasons"].split("|") for row in rows)
    reasons = sum("SMD02" in row["all_reasons"].split("|") for row in rows)
    assert re.search(rf"SMD02 .{{0,80}} {deciding} {reasons} 0 ", page.text)
    data = json.loads(page.held["script"][0])
    assert data["pseudonyms"] == [row["pseudonym"] for row in table(ran / "out" / "screening-log.csv")]
    assert not any(row["id"] in "".join(page.held["script"]) + page.text for row in rows)


@pytest.mark.parametrize(
    ("file", "before", "after", "said"),
    [
        ("people.csv", ",UNDETERMINED,", ",ELIGIBLE,", "are not of the same people"),
        ("screening-log.csv", ",UNDETERMINED,", ",ELIGIBLE,", "are not of the same people"),
        ("manifest.json", '"people": 24', '"people": 23', "are not those that the manifest counts"),
        ("manifest.json", '"id": "SMD02"', '"id": "SMD03"', "name what the manifest does not"),
    ],
)
def test_rows_that_do_not_add_up_are_refused(ran: Path, file: str, before: str, after: str, said: str) -> None:
    path = ran / "out" / file
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after, 1), encoding="utf-8")
    done = called(ran, "report", "out", "--out", "page.html")
    assert done.status == 3 and said in done.err
    assert not (ran / "page.html").exists()


def test_one_person_of_a_cohort_is_shown_if_the_row_still_holds(ran: Path) -> None:
    assert "Eligibility report SYN-0003" in read(ran, "out", "--subject", "SYN-0003").text
    person = ran / "people" / "0000.yaml"
    text = person.read_text(encoding="utf-8")
    person.write_text(f"{text[: text.index('evidence:')]}evidence: {{}}\n", encoding="utf-8")
    (ran / "page.html").unlink()
    done = called(ran, "report", "out", "--subject", "SYN-0000", "--out", "page.html")
    assert done.status == 5 and "differs from the row of the cohort" in done.err
    assert not (ran / "page.html").exists()


def test_columns_are_packed_and_say_the_same() -> None:
    column = Packed()
    for number in range(70_000):
        column.add("|".join(name for name, bit in (("a", 1), ("i", 2), ("j", 4)) if number % 7 & bit))
    packed = column.sets([*"abcdefghij"])
    bits, numbers = base64.b64decode(packed["sets"]), base64.b64decode(packed["index"])
    assert (packed["width"], packed["bytes"], len(numbers)) == (2, 1, 70_000)
    bit = {"a": 1, "i": 2, "j": 4}
    assert column.tally("aij") == {each: sum(n % 7 & bit[each] > 0 for n in range(70_000)) for each in "aij"}
    person = numbers[69_999] * 2  # 6 of 7: i and j
    assert (bits[person], bits[person + 1]) == (0, 3)
    many = Packed()
    for number in range(300):
        many.add(str(number))
    words = many.words()
    assert words["bytes"] == 2 and base64.b64decode(words["index"])[-2:] == (299).to_bytes(2, "little")


# ------------------------------------------------------------------------------------ a ledger


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    draft = ("--draft", *BY)
    called(tmp_path, "log", "init", "site.ledger", *BY, "--site-name", "North")
    for name in ("review", "ineligible"):
        called(tmp_path, "log", "add", "site.ledger", str(RECORDS / f"{name}.yaml"), *SMALL, *draft)
    reviewed = [f"--review={id}=accept" for id in ("SCV01B", "SMD07", "SAW01")]
    done = called(tmp_path, "sign", "SYN-0003", "--ledger", "site.ledger", *reviewed, "--reason", "again", *draft)
    assert done.status == 0, done.err
    text = (RECORDS / "ineligible.yaml").read_text(encoding="utf-8").replace("121 'U/L'", "21 'U/L'")
    (tmp_path / "right.yaml").write_text(text, encoding="utf-8")
    correct = ("--reason", "misread", *SMALL, *draft)
    done = called(tmp_path, "log", "correct", "site.ledger", "3", "right.yaml", *correct)
    assert done.status == 0, done.err
    return tmp_path


def test_a_ledger_stands_in_order_with_corrections_beside_what_they_correct(ledger: Path) -> None:
    page = read(ledger, "site.ledger")
    text = page.text
    assert "Ledger of North: every link holds, entries 1 to 6" in text
    assert "that nothing was cut off at its end: no head kept elsewhere was given" in text
    assert re.search(r"3 SYN-0018 \S+Z INELIGIBLE RULED OUT .* corrected by entry 5, re-screened by entry 6", text)
    assert "Corrects entry 3" in text and "Reason misread" in text
    assert re.search(r"ALT 121, 2026-11-16, .{0,60} 21, 2026-11-16, ", text)
    decisions = text[text.rindex("Human decisions, apart") : text.rindex("Every entry, in order")]
    assert "K. Seven investigator review of relative criteria" in decisions
    assert "SCV01B: accept" in decisions and "REVIEW" not in decisions
    entries = text[text.rindex("Every entry, in order") :]
    kinds = ("opened", "screened", "screened", "reviewed", "corrected", "re-screened")
    found = [entries.index(f" {number} {kind} ") for number, kind in enumerate(kinds, 1)]
    assert found == sorted(found)
    called(ledger, "log", "export", "site.ledger", "--out", "copy.jsonl")
    assert read(ledger, "copy.jsonl").text == text


def test_of_a_ledger_that_does_not_hold_only_what_holds_is_shown(ledger: Path) -> None:
    called(ledger, "log", "export", "site.ledger", "--out", "copy.jsonl")
    text = (ledger / "copy.jsonl").read_text(encoding="utf-8")
    altered = text.replace('"verdict":"INELIGIBLE"', '"verdict":"ELIGIBLE"', 1)
    assert altered != text
    (ledger / "copy.jsonl").write_text(altered, encoding="utf-8")
    done = called(ledger, "report", "copy.jsonl", "--out", "page.html")
    assert done.status == 5 and "does not hold" in done.err
    said = Read((ledger / "page.html").read_text(encoding="utf-8")).text
    assert "Ledger of North: DOES NOT HOLD, entries 1 to 2" in said
    assert "entry 3: its certificate has another verdict or day" in said and "rely on nothing after them" in said
    assert "SYN-0018" not in said
    head = "0" * 64
    done = called(ledger, "report", "site.ledger", "--expect-head", head, "--out", "page.html")
    assert done.status == 5
    said = Read((ledger / "page.html").read_text(encoding="utf-8")).text
    assert f"{head}, which was given, is not in it" in said


def test_what_people_decided_stands_apart_from_the_verdict(ledger: Path) -> None:
    text = read(ledger, "site.ledger", "--subject", "SYN-0003").text
    assert "Verdict of the program: REVIEW" in text
    start = text.index("Human decisions, apart from the verdict A decision")
    decided = text[start : text.index("Self-check", start)]
    assert "K. Seven investigator review of relative criteria" in decided
    assert "does not change it" in decided and "SAW01: accept" in decided
    assert "no ledger was looked into" in Read(page_of(ledger, "review")).text


def test_of_somebody_screened_under_several_protocols_the_one_that_is_named_is_shown(ledger: Path) -> None:
    other = ("--protocol", "fibromyalgia-acr-2016", "--as-of", "2026-11-22", "--draft", *BY)
    done = called(ledger, "log", "add", "site.ledger", str(RECORDS / "review.yaml"), *other)
    assert done.status == 0, done.err
    of = ("report", "site.ledger", "--subject", "SYN-0003", "--out", "x.html")
    done = called(ledger, *of)
    assert done.status == 3 and "small, fibromyalgia-acr-2016; say which is meant: --protocol NAME" in done.err
    for name in ("small", "fibromyalgia-acr-2016"):
        assert (
            f"Protocol {name} 0.1" in read(ledger, "site.ledger", "--subject", "SYN-0003", "--protocol", name).text
        )


def test_what_was_purged_of_a_correction_is_told_as_purged(ledger: Path) -> None:
    done = called(ledger, "log", "purge", "site.ledger", "5", "--reason", "asked for", *BY)
    assert done.status == 0, done.err
    assert "What was before and after: purged, or not kept." in read(ledger, "site.ledger").text


# ----------------------------------------------------------------------- the second verifier


def test_the_page_of_the_verifier_is_written_with_its_digest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report, "VERIFIER", STUB)
    done = called(tmp_path, "report", "--verifier", "verifier.html")
    data = (tmp_path / "verifier.html").read_bytes()
    assert (done.status, done.out) == (0, f"{hashlib.sha256(data).hexdigest()}  verifier.html\n")
    assert stat.S_IMODE((tmp_path / "verifier.html").stat().st_mode) == 0o600
    assert STUB.read_text(encoding="utf-8") in data.decode()


def test_without_a_verifier_none_is_promised(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "VERIFIER", tmp_path / "none.js")
    done = called(tmp_path, "report", "--verifier", "verifier.html")
    assert (done.status, done.out) == (3, "") and "no second verifier is shipped" in done.err
    assert list(tmp_path.iterdir()) == []
    assert "Not run: no second verifier is part of this page." in Read(page_of(tmp_path)).text


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("person.yaml",),
        ("--out", "x.html"),
        ("--verifier", "v.html", "--out", "x.html"),
        ("out", "--out", "x.html", "--as-of", "2026-11-22"),
        ("site.ledger", "--out", "x.html", "--protocol", "small", "--parameter", "Lowest Pain=3"),
        ("out", "--out", "x.html", "--protocol", "small"),
        ("out", "--out", "x.html", "--subject", "SYN-0003", "--protocol", "small"),
        ("site.ledger", "--out", "x.html", "--protocol", "small"),
        ("site.ledger", "--subject", "SYN-0003", "--expect-head", "ab", "--out", "x.html"),
        (str(RECORDS / "index.yaml"), *SMALL, "--record", "x.yaml", "--out", "x.html"),
        (str(RECORDS / "index.yaml"), *SMALL, "--subject", "SOMEBODY", "--out", "x.html"),
    ],
)
def test_what_does_not_go_together_is_refused(ledger: Path, arguments: tuple[str, ...]) -> None:
    made_people(ledger / "people", 3)
    cohort(ledger, "people")
    before = sorted(ledger.iterdir())
    done = called(ledger, "report", *arguments)
    assert (done.status, done.out) == (3, "") and done.err
    assert sorted(ledger.iterdir()) == before


@pytest.mark.parametrize("name", ["person.yaml", "export.jsonl"])
def test_a_page_never_takes_the_place_of_what_it_is_made_from(ledger: Path, name: str) -> None:
    (ledger / "person.yaml").write_bytes((RECORDS / "index.yaml").read_bytes())
    assert called(ledger, "log", "export", "site.ledger", "--out", "export.jsonl").status == 0
    before = {each.name: each.read_bytes() for each in ledger.iterdir() if each.is_file()}
    done = called(ledger, "report", name, "--out", f"./{name}", *(SMALL if name == "person.yaml" else ()))
    assert (done.status, done.out) == (3, "")
    assert "the place of what it is made from" in done.err
    done = called(ledger, "log", "export", "site.ledger", "--out", "site.ledger")
    assert (done.status, done.out) == (3, "")
    assert "not written over" in done.err
    assert {each.name: each.read_bytes() for each in ledger.iterdir() if each.is_file()} == before
