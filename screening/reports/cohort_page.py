"""A run over many people as a page: its sums, each said to add up, and everybody by pseudonym, to be searched.

Without scripts it says the sums and the counts of each criterion; nobody is listed then.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from screening.errors import UnreadableRecord
from screening.outcome.codec import canonical
from screening.outcome.determination import Standing, Verdict
from screening.outcome.row import NOT_SCREENED
from screening.reports.cohort import MEANS, settings
from screening.reports.html import embedded, filled, packaged
from screening.reports.packed import Packed
from screening.reports.page import Fact, Section, Table
from screening.reports.seal import sealed
from screening.reports.words import DECISION_SUPPORT_FULL, LONG_OBTAINED, SITE_CHOICE, counted, safe

_VERDICTS = (Verdict.INELIGIBLE, Verdict.UNDETERMINED, Verdict.REVIEW, Verdict.ELIGIBLE)
_TEXTS = ("standing", "verdict")
_LISTS = ("deciding", "reasons", "missing", "alerts")
PRIVACY = (
    "This page names people by the random pseudonyms of the screening log alone; who they are stands in the "
    "identification list. It holds conclusions about each of them: keep it as you keep the records. It asks for "
    "nothing from outside and sends nothing anywhere."
)
SELF_CHECK = (
    "A second program, part of this page, counts everybody in the list again, holds the sums, the counts of "
    "each criterion and of each missing item and all else that is shown against the list, and computes the "
    "digest of the list (above at List: run, people, statuses and reasons) anew.",
    "It shows that list and sums are of one piece. It does not show that they are those of the run: whoever "
    "alters a page can write its digest, and its check, anew. So compare the digest that screening report "
    "printed when the page was made, and was kept elsewhere; or make the page again from the run's folder: "
    "the same run gives the same digest. The run's manifest is named by its SHA-256 (above at Manifest: "
    "sha256sum manifest.json); the rows themselves, which hold more than this page, are bound by the "
    "ledger's entry of the run (screening log prove).",
)
NO_SCRIPTS = (
    "The list of people needs scripts, which are off. The sums above and below stand without them; everybody is "
    "in people.csv and screening-log.csv of the run."
)


def cohort_page(
    manifest: Mapping[str, Any], people: Iterable[tuple[str, ...]], at: str = "", manifest_digest: str = ""
) -> tuple[str, str]:
    """The page as one file, and the digest of all that it lists.

    `people` are pseudonym, standing, verdict, the four lists, and the first day; `manifest_digest` is that of the
    manifest's file, "" where there is none.

    Raises UnreadableRecord where the rows are not those that the manifest counts, or name what it does not.
    """
    pseudonyms: list[str] = []
    columns = {name: Packed() for name in (*_TEXTS, *_LISTS, "not_before")}
    for pseudonym, *cells in people:
        pseudonyms.append(pseudonym)
        for column, cell in zip(columns.values(), cells, strict=True):
            column.add(cell)
    _refuse_other(manifest, columns, len(pseudonyms))
    criteria = [each["id"] for each in manifest["criteria"]]
    items = [each["name"] for each in manifest["requirements"]]
    try:
        packed = {name: columns[name].sets(items if name == "missing" else criteria) for name in _LISTS}
        tallies = {name: columns[name].tally(items if name == "missing" else criteria) for name in _LISTS}
    except KeyError:
        raise UnreadableRecord("the rows name what the manifest does not; run `screening cohort` again") from None
    data: dict[str, Any] = {
        "run": _run(manifest, manifest_digest),
        "people": len(pseudonyms),
        "pseudonyms": [safe(each) for each in pseudonyms],
        "criteria": [{"id": each["id"], "text": safe(each["text"])} for each in manifest["criteria"]],
        "items": [safe(each["label"]) for each in manifest["requirements"]],
        **{name: columns[name].words() for name in (*_TEXTS, "not_before")},
        **packed,
    }
    # Each part by itself, so that a page tells in which of them it was altered.
    data["digests"] = {name: _digest(part) for name, part in data.items()}
    digest = _digest(data["digests"])
    protocol = manifest["protocol"]
    named = f"{safe(protocol['name'])} {safe(protocol['version'])}"
    status = f"{safe(protocol['said'])}. Cohort report {named}, as of {manifest['as_of']}"
    page = filled(
        "cohort.html",
        {
            "title": f"Cohort report: {named}",
            "head": _head(manifest, at, manifest_digest, digest),
            "self_check_words": SELF_CHECK,
            "sections": (_sums(manifest), _by_criterion(manifest, tallies), _by_item(manifest, tallies)),
            "people": len(pseudonyms),
            "no_scripts": NO_SCRIPTS,
            "data": embedded(data),
            "footer": tuple(dict.fromkeys((DECISION_SUPPORT_FULL, *map(safe, protocol["words"]), PRIVACY))),
        },
        status,
        styles=("page.css", "report.css"),
        scripts=list(map(packaged, ("seal.js", "page_check.js", "cohort.js", "cohort_check.js"))),
    )
    return sealed(page), digest


def _digest(part: Any) -> str:
    return hashlib.sha256(canonical(part)).hexdigest()


def _run(manifest: Mapping[str, Any], digest: str) -> dict[str, Any]:
    """Of the run what the page shows beside its people."""
    protocol, run, counts = manifest["protocol"], manifest["run"], manifest["counts"]
    return {
        "manifest": digest,
        "protocol": {name: safe(protocol[name]) for name in ("name", "version", "said", "digest")},
        "as_of": manifest["as_of"],
        "started": safe(run["started"]),
        "finished": safe(run["finished"]),
        "counts": {
            **{
                name: counts[name] for name in ("read", "rejected", "people", "not_screened", "people_with_alerts")
            },
            "rejected_by_kind": {safe(kind): number for kind, number in counts["rejected_by_kind"].items()},
            "standing": dict(counts["standing"]),
            "verdict": dict(counts["verdict"]),
        },
    }


def _refuse_other(manifest: Mapping[str, Any], columns: Mapping[str, Packed], people: int) -> None:
    """Counts that do not add up are no cohort of this manifest."""
    counts = manifest["counts"]
    found = {name: dict(zip(columns[name].cells, columns[name].counts(), strict=True)) for name in _TEXTS}
    alerts = sum(n for cell, n in zip(columns["alerts"].cells, columns["alerts"].counts(), strict=True) if cell)
    same = all(Counter(found[name]) == Counter(counts[name]) for name in _TEXTS)
    adds_up = counts["read"] == counts["rejected"] + counts["people"] and counts["people"] == people
    if not same or not adds_up or alerts != counts["people_with_alerts"]:
        raise UnreadableRecord("the rows are not those that the manifest counts; run `screening cohort` again")


def _head(manifest: Mapping[str, Any], at: str, manifest_digest: str, digest: str) -> tuple[Fact, ...]:
    # With words as long as they are: what stands on two lines of a screen is one fact here.
    first, second = (" ".join(" ".join(pair).split()) for pair in settings(manifest))
    protocol, run = manifest["protocol"], manifest["run"]
    told = (
        ("Rules", first),
        ("Day and site", second),
        ("Digest", protocol["digest"]),
        ("Run", f"{run['started']} to {run['finished']}"),
        ("Manifest", manifest_digest),
        ("List", digest),
        ("Page made", safe(at)),
    )
    return tuple(Fact(name, (safe(text),)) for name, text in told if text)


def _sums(manifest: Mapping[str, Any]) -> Section:
    counts = manifest["counts"]
    kinds = ", ".join(f"{number:,} {safe(kind)}" for kind, number in counts["rejected_by_kind"].items())
    read = (
        ("records read", f"{counts['read']:,}", ""),
        ("rejected", f"{counts['rejected']:,}", kinds),
        ("people screened", f"{counts['people']:,}", f"+ {counts['rejected']:,} = {counts['read']:,}"),
    )
    words = [each.value for each in Standing]
    verdicts = [each.value for each in _VERDICTS]
    if counts["not_screened"]:
        words, verdicts = [*words, NOT_SCREENED], [*verdicts, NOT_SCREENED]
    alerts = counts["people_with_alerts"]
    texts = [f"{counted(alerts, 'person', 'people', 'nobody')} with an alert, of any standing: see these first."]
    if alerts:
        texts.append("Nobody has been told: this program sends no messages.")
    if counts["not_screened"]:
        texts.append(
            f"{NOT_SCREENED}: {counts['not_screened']:,}. A fault in the program, not in the record: conclude "
            "nothing about them; their alerts were not evaluated either."
        )
    tables = (
        Table("Records", ("what", "number", "of which"), read),
        _counted("Standing", words, counts["standing"], counts["people"]),
        _counted("Verdict", verdicts, counts["verdict"], counts["people"]),
    )
    return Section("Sums", texts=tuple(text[:1].upper() + text[1:] for text in texts), tables=tables)


def _counted(title: str, words: Sequence[str], counts: Mapping[str, int], people: int) -> Table:
    rows = [(word, f"{counts.get(word, 0):,}", MEANS.get(word, "")) for word in words]
    return Table(title, (title.lower(), "people", "meaning"), (*rows, ("each adds up to", f"{people:,}", "")))


def _by_criterion(manifest: Mapping[str, Any], tallies: Mapping[str, Mapping[str, int]]) -> Section:
    rows = tuple(
        (
            each["id"],
            safe(each["text"]) + (f" {SITE_CHOICE}" if each["site_choice"] else ""),
            *(f"{tallies[name][each['id']]:,}" for name in ("deciding", "reasons", "alerts")),
        )
        for each in manifest["criteria"]
    )
    table = Table("People by criterion", ("criterion", "text", "decides", "keeps from ELIGIBLE", "alerts"), rows)
    return Section("Reasons", texts=("One person may be counted at several criteria.",), tables=(table,))


def _by_item(manifest: Mapping[str, Any], tallies: Mapping[str, Mapping[str, int]]) -> Section:
    found = sorted(manifest["requirements"], key=lambda each: (-tallies["missing"][each["name"]], each["name"]))
    rows = tuple(
        (safe(each["label"]), LONG_OBTAINED.get(each["obtain"], safe(each["obtain"])), f"{number:,}")
        for each in found
        if (number := tallies["missing"][each["name"]])
    )
    if not rows:
        return Section("Missing", texts=("Nothing is missing of anybody.",))
    table = Table("People by missing item", ("item", "how it is obtained", "people"), rows)
    return Section("Missing", tables=(table,))
