"""Everything that somebody can write, written into everything that takes a text: rules, records, tables, a ledger.

`injection.yaml` holds the texts. What a door refuses is refused there; what it takes must come out as text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from tests.checkout import ROOT
from tests.cli.cohorts import called

HERE = Path(__file__).resolve().parent
DAY = ("--as-of", "2026-11-22")
CORPUS: dict[str, str] = yaml.safe_load((HERE / "injection.yaml").read_text(encoding="utf-8"))
# An id may be no longer than 200 characters.
ID = "</script><img src=x onerror=alert(1)>{{7*7}}\u202e\"'; DROP TABLE people; --=HYPERLINK(1)"
# No rule file and no profile takes these; tables, options and lists of people do.
_REFUSED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff]")
TAKEN = {name: text for name, text in CORPUS.items() if not _REFUSED.search(text)}
REFUSED = {name: text for name, text in CORPUS.items() if _REFUSED.search(text)}


# What may be a word of a closed list, and is told from every other one.
WORDS = tuple(text for text in TAKEN.values() if "|" not in text and text.isprintable() and text == text.strip())


def quoted(text: str) -> str:
    """A text as a scalar of YAML, in ASCII."""
    return json.dumps(text)


def _criterion(number: int, text: str) -> tuple[str, str]:
    """A requirement and a criterion that say nothing but this text."""
    said = quoted(text)
    requirement = f"""
  H{number}:
    type: Boolean
    obtain: ask
    label: {said}
    text: {said}
    unverified: [{said}]
    source: {{report: {said}}}"""
    criterion = f"""
  - id: H{number}X
    category: exclusion
    text: {said}
    source: {{report: {said}}}
    note: {said}
    until: {said}
    chosen: [{said}]
    alert: {{expression: "H{number}", text: {said}, escalate: {said}}}
    expression: |
      H{number}"""
    return requirement, criterion


def rules(folder: Path) -> Path:
    """A folder with a rule file of which every text is one of the corpus."""
    folder.mkdir(parents=True, exist_ok=True)
    made = [_criterion(number, text) for number, text in enumerate(TAKEN.values(), 1)]
    every = quoted(" ".join(TAKEN.values()))
    words = ", ".join(map(quoted, WORDS))
    text = f"""library: hostile
version: {every}
title: {every}
status: draft
intended use: {every}
registration: {every}
sources: {{report: {every}}}
fixed words: [{every}]
parameters:
  Screening Date: Date
  Lowest: {{type: Integer, value: 4, chosen: true, source: {{report: {every}}}}}
requirements:{"".join(requirement for requirement, _ in made)}
  Pain: {{type: Integer, scale: [0, 10], obtain: ask, source: {{report: {every}}}}}
  Trials:
    type: Records
    obtain: chart
    source: {{report: {every}}}
    fields: {{drug: String, outcome: {{type: String, values: [failed, {words}]}}}}
definitions:
  Failed:
    text: {every}
    source: {{report: {every}}}
    expression: |
      Count("Trials" T where T.outcome = 'failed')
criteria:
  - id: INC06
    category: inclusion
    text: {every}
    source: {{report: {every}}}
    expression: |
      Pain >= "Lowest"
  - id: INC07
    category: inclusion
    text: {every}
    source: {{report: {every}}}
    expression: |
      Failed >= 2{"".join(criterion for _, criterion in made)}
"""
    (folder / "hostile.yaml").write_text(text, encoding="utf-8")
    return folder


def record(id: str, present: int, said: str) -> str:
    """A profile of somebody: of each second input of the corpus an entry, so many of them present."""
    text = quoted(said)
    lines = [f"subject: {quoted(id)}", "synthetic: true", f"source: {text}", f"note: {text}", "evidence:"]
    lines.append(f"  Pain: {{value: 7, date: 2026-11-20, source: {text}, by: {text}}}")
    for number, each in enumerate(TAKEN.values(), 1):
        value = "TRUE" if number <= present else "FALSE"
        if number % 2:
            lines.append(f"  H{number}: {{value: {value}, source: {quoted(each)}, by: {quoted(each)}}}")
    drugs = (f"      - {{drug: {quoted(each)}, outcome: failed}}" for each in TAKEN.values())
    lines += ["  Trials:", "    complete: true", "    records:", *drugs]
    return "\n".join(lines) + "\n"


def people(folder: Path, most: int = len(TAKEN)) -> Path:
    """A folder of people whose ids are texts of the corpus."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, text in enumerate(list(TAKEN.values())[:most]):
        (folder / f"{number:03d}.yaml").write_text(record(text, number % 3, text), encoding="utf-8")
    return folder


@dataclass(frozen=True)
class Hostile:
    """A site of which every text is hostile: its folder, and the pages that were made of it."""

    folder: Path
    pages: dict[str, Path]

    @property
    def asked(self) -> tuple[str, ...]:
        return ("--protocol", "hostile", "--rules", "rules", *DAY)


def site(folder: Path) -> Hostile:
    """Everything that the program writes as HTML, made at a site of which every text is hostile."""
    rules(folder / "rules")
    people(folder / "people", 8)
    every = " ".join(TAKEN.values())
    (folder / "one.yaml").write_text(record(ID, 4, every), encoding="utf-8")
    (folder / "site.yaml").write_text(
        f"site: {quoted(every)}\nowner: {quoted(every)}\nsigned by: {quoted(every)}\ndate: 2026-11-01\n"
        f"alerts: {{H1X: {{escalate: {quoted(every)}}}}}\n",
        encoding="utf-8",
    )
    made = Hostile(folder, {})
    asked = (*made.asked, "--site", "site.yaml")
    _done(
        folder, "report", "one.yaml", *asked, "--out", "determination.html", "--made-at", " ".join(CORPUS.values())
    )
    _done(folder, "cohort", "people", *asked, "--out", "out")
    _done(folder, "report", "out", "--out", "cohort.html")
    page = _done(folder, "funnel", "out", "--format", "html")
    (folder / "funnel.html").write_text(page, encoding="utf-8")
    _done(folder, "show", "hostile", "--rules", "rules", "--format", "html", "--out", "copy.html")
    sheet = _done(folder, "worksheet", "one.yaml", *asked, "--format", "html")
    (folder / "worksheet.html").write_text(sheet, encoding="utf-8")
    ledger(folder)
    _done(folder, "report", "site.ledger", "--out", "ledger.html")
    _done(folder, "report", "site.ledger", "--subject", "CODE-1", "--out", "decided.html")
    names = ("determination", "cohort", "funnel", "copy", "worksheet", "ledger", "decided")
    return Hostile(folder, {name: folder / f"{name}.html" for name in names})


def ledger(folder: Path) -> None:
    """A ledger in which everybody who types anything types the whole corpus."""
    every = " ".join(text for text in CORPUS.values() if "\0" not in text)
    asked = ("--protocol", "hostile", "--rules", "rules", *DAY)
    by = ("--by", every, "--role", every)
    _done(folder, "log", "init", "site.ledger", *by, "--site-name", every)
    _done(folder, "log", "add", "site.ledger", "one.yaml", *asked, "--as", "CODE-1", "--draft", *by)
    decide = ("--decision", "more-needed", "--reason", every, "--draft")
    _done(folder, "sign", "CODE-1", "--ledger", "site.ledger", *decide, *by)
    text = (folder / "one.yaml").read_text(encoding="utf-8").replace("value: 7", "value: 3", 1)
    (folder / "corrected.yaml").write_text(text, encoding="utf-8")
    correct = ("--reason", every, "--draft", *by)
    _done(folder, "log", "correct", "site.ledger", "2", "corrected.yaml", *asked, *correct)
    _done(folder, "sign", "CODE-1", "--ledger", "site.ledger", *decide, *by)


def _done(folder: Path, *arguments: str) -> str:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("COLUMNS", "80")
        done = called(folder, *arguments)
    assert done.status in (0, 2, 4), (arguments[:3], done.err)
    assert_harmless(done.out, *arguments[:2])
    assert_harmless(done.err, *arguments[:2])
    return done.out


def harmful(text: str) -> Iterator[str]:
    """The characters of a text that a terminal would do something with, or that turn the direction of writing."""
    return (c for c in text if c != "\n" and not c.isprintable())


def assert_harmless(text: str, *what: str) -> None:
    found = sorted({f"U+{ord(c):04X}" for c in harmful(text)})
    assert not found, (what, found)


__all__ = ["CORPUS", "REFUSED", "ROOT", "TAKEN", "Hostile", "assert_harmless", "site"]
