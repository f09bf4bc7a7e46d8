"""Random single edits of the pages of a cohort and of a ledger: what means anything is refused at its place.

A few are made in every run with a browser; `make long` makes PAGE_EDITS of them of each page, 2,000 by default.
"""

from __future__ import annotations

import contextlib
import copy
import hashlib
import json
import os
import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from screening.outcome.codec import canonical
from screening.reports.html import embedded
from screening.reports.seal import otherwise, seals
from tests.cli.cohorts import RECORDS, SMALL, called, cohort, made_people
from tests.reports import test_page_edits as of_one
from tests.reports.chromium import chromium, until, watched
from tests.reports.test_page_edits import SEAL, of_elements, of_scripts, of_seal, of_texts

DATA = re.compile(r'(<script type="application/json" id="data">)(.*?)(</script>)', re.DOTALL)
NAMED = ("--by", "K. Seven", "--role", "investigator")
SIGNED = ("--draft", "--key", "k7.pem")
WAIT = "!document.getElementById('checked')?.textContent.startsWith('Running.')"
SAID = (
    "['#checked', '#refused', '#refusals li'].flatMap((each) => Array.from("
    "document.querySelectorAll(each), (found) => found.textContent)).join(' ')"
)


def done(folder: Path, *arguments: str) -> str:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SCREENING_PASSPHRASE", "a long passphrase")
        found = called(folder, *arguments)
    assert found.status == 0, (arguments, found.err)
    return found.out


def signed_ledger(folder: Path) -> None:
    """A ledger of personal keys: a run, screenings, a review, a correction, something purged; and its page."""
    done(folder, "log", "init", "site.ledger", "--new-key", "k7.pem", *NAMED, "--site-name", "North")
    owner = ("--new", "k8.pem", "--name", "L. Eight", "--may", "review")
    done(folder, "log", "key", "site.ledger", *owner, *SIGNED[1:])
    done(folder, "log", "add", "site.ledger", "out", *SMALL[:4], *SIGNED)
    for name in ("review", "ineligible", "eligible"):
        done(folder, "log", "add", "site.ledger", str(RECORDS / f"{name}.yaml"), *SMALL, *SIGNED)
    reviewed = [f"--review={id}=accept" for id in ("SCV01B", "SMD07", "SAW01")]
    sign = ("sign", "SYN-0003", "--ledger", "site.ledger", *reviewed, "--reason", "again", "--draft")
    done(folder, *sign, "--key", "k8.pem")
    text = (RECORDS / "ineligible.yaml").read_text(encoding="utf-8").replace("121 'U/L'", "21 'U/L'")
    (folder / "right.yaml").write_text(text, encoding="utf-8")
    done(folder, "log", "correct", "site.ledger", "6", "right.yaml", "--reason", "misread", *SMALL, *SIGNED)
    done(folder, "log", "purge", "site.ledger", "7", "--reason", "never approached", *SIGNED[1:])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("lists")
    made_people(made / "people", 60)
    assert cohort(made, "people").status == 0
    done(made, "report", "out", "--out", "cohort.html")
    signed_ledger(made)
    done(made, "report", "site.ledger", "--out", "ledger.html")
    return made


@pytest.fixture(scope="module")
def pages(folder: Path) -> dict[str, str]:
    return {name: (folder / f"{name}.html").read_text(encoding="utf-8") for name in ("cohort", "ledger")}


def data_of(page: str) -> Any:
    found = DATA.search(page)
    assert found is not None
    return json.loads(found[2])


def with_data(page: str, data: Any) -> str:
    found = DATA.search(page)
    assert found is not None
    return page[: found.start(2)] + embedded(data) + page[found.end(2) :]


# ------------------------------------------------------------------------- without a browser


def test_the_page_of_a_ledger_carries_every_entry_and_what_it_tells(folder: Path, pages: dict[str, str]) -> None:
    data = data_of(pages["ledger"])
    lines = [json.loads(line) for line in done(folder, "log", "export", "site.ledger").splitlines()]
    assert data["entries"] == [line for line in lines if "entry" in line]
    kinds = {each["digest"]: each["kind"] for entry in data["entries"] for each in entry["contents"]}
    assert {kinds[each["content"]] for each in data["contents"]} == {"correction", "criteria reviewed"}
    assert all(each in lines for each in data["contents"])
    assert data["holds"] is True and seals(pages["ledger"]) == json.loads(SEAL.search(pages["ledger"])[2])  # type: ignore[index]


def test_the_digest_that_is_printed_is_that_of_all_that_a_cohort_lists(
    folder: Path, pages: dict[str, str]
) -> None:
    data = data_of(pages["cohort"])
    said = done(folder, "report", "out", "--out", "again.html")
    digests = dict(data["digests"])
    digested(data)
    assert data["digests"] == digests
    assert said == f"{hashlib.sha256(canonical(digests)).hexdigest()}  what again.html lists\n"
    assert (folder / "again.html").read_text(encoding="utf-8") == pages["cohort"]
    manifest = hashlib.sha256((folder / "out" / "manifest.json").read_bytes()).hexdigest()
    assert data["run"]["manifest"] == manifest and manifest in pages["cohort"]


def test_a_page_is_held_against_what_it_is_made_from(folder: Path, pages: dict[str, str]) -> None:
    for name, source, old, new, place in (
        ("cohort", "out", ">60</td>", ">61</td>", "#part-sums"),
        ("cohort", "out", '"people":60', '"people":61', "#data/run/counts/people"),
        ("ledger", "site.ledger", '"verdict":"INEL', '"verdict":"EL', "#data/entries/5/statement/verdict"),
        ("ledger", "site.ledger", ">INELIGIBLE<", ">ELIGIBLE<", "#part-3"),
        ("ledger", "site.ledger", "<main", "<!--> --><main", "#"),
    ):
        assert old in pages[name]
        altered = pages[name].replace(old, new, 1)
        (folder / "altered.html").write_text(SEAL.sub(sealed_anew(altered), altered), encoding="utf-8")
        found = called(folder, "report", source, "--check", "altered.html")
        assert found.status == 5
        assert f"altered.html: REFUSED at {place}: it is otherwise than what it is made from\n" in found.out
    for name, source in (("cohort", "out"), ("ledger", "site.ledger")):
        said = done(folder, "report", source, "--check", f"{name}.html")
        assert said == f"{name}.html: accepted; it is the page that is made from this\n"
    record = str(RECORDS / "ineligible.yaml")
    done(folder, "report", record, *SMALL, "--out", "person.html")
    assert "accepted" in done(folder, "report", record, *SMALL, "--check", "person.html")
    found = called(folder, "report", str(RECORDS / "eligible.yaml"), *SMALL, "--check", "person.html")
    assert found.status == 5 and "REFUSED at #bundle/certificate/" in found.out
    assert called(folder, "report", "out", "--check", "cohort.html", "--out", "x.html").status == 3
    assert called(folder, "report", "out", "--check", "none.html").status == 3


def test_in_which_order_contents_stand_means_nothing(pages: dict[str, str]) -> None:
    page, data = pages["ledger"], data_of(pages["ledger"])
    first, second = contents = data["contents"]
    assert otherwise(with_data(page, {**data, "contents": [second, first]}), page) == []
    altered = {**second, "data": first["data"]}
    assert otherwise(with_data(page, {**data, "contents": [altered, first]}), page) == [
        f"#data/contents/{second['content']}/data"
    ]
    for other in ([first], [*contents, first], [first, first], [first, "x"], {"x": first}):
        assert len(otherwise(with_data(page, {**data, "contents": other}), page)) == 1


def sealed_anew(page: str) -> Callable[[re.Match[str]], str]:
    """The seal of a page that was altered."""
    return lambda found: found[1] + json.dumps(seals(page)) + found[3]


# ------------------------------------------------------------------------------------- edits


def leaves(data: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place of data below its root."""
    below = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in below:
        yield (*path, key)
        yield from leaves(value, (*path, key))


def other(value: Any, rng: Random) -> Any:
    """Another value of the same kind, where there is one."""
    match value:
        case bool():
            return not value
        case int():
            return value + rng.choice((-1, 1, 10))
        case "":
            return "x"
        case str():
            at = rng.randrange(len(value))
            return value[:at] + rng.choice("0aZ9 é"[: 5 + rng.randrange(2)]) + value[at + rng.randrange(2) :]
        case None:
            return "none"
        case list() if len(value) > 1:
            at = rng.randrange(len(value) - 1)
            return [*value[:at], value[at + 1], value[at], *value[at + 2 :]]
        case list():
            return [*value, "x"]
        case dict():
            return {**value, "x": 1}


def edited(data: Any, rng: Random) -> tuple[tuple[Any, ...], Any]:
    """The data with one place altered, taken out, put in twice, or another one put in its stead."""
    made = copy.deepcopy(data)
    path = rng.choice(list(leaves(made)))
    within = made
    for key in path[:-1]:
        within = within[key]
    key = path[-1]
    match rng.randrange(5):
        case 0:
            del within[key]
        case 1 if isinstance(within, list):
            within.insert(key, copy.deepcopy(within[key]))
        case _:
            within[key] = other(within[key], rng)
    return path, made


def chained(data: Any) -> None:
    """The hashes of a ledger written anew, as whoever has no keys could."""
    before = "0" * 64
    for entry in data["entries"]:
        entry["previous"] = before
        before = hashlib.sha256(canonical(entry)).hexdigest()


def digested(data: Any) -> None:
    """The digests of a cohort's list written anew."""
    del data["digests"]
    data["digests"] = {name: hashlib.sha256(canonical(part)).hexdigest() for name, part in data.items()}


def place_of(path: tuple[Any, ...], data: Any) -> tuple[str, ...]:
    """Where a refusal of this edit may be found: an entry, or what stands behind it; a part of the list."""
    match path:
        case ("entries", int(n), *_):
            return f"/entries/{n + 1}:", f"/entries/{n + 1}/", f"/entries/{n + 2}:", "#part-6:"
        case ("contents", int(n), *_):
            return ("/entries/", "/contents/")
        case (str(part), *_) if "digests" in data and part != "digests":
            # With digests that fit again, of a column the first person is told of whom it cannot be true.
            return (f"/{part}", f"#part-{part}", "/run", "#data", "#part-", "/pseudonyms/")
    return ("#", "/")


def of_data(page: str, rng: Random) -> tuple[str, tuple[str, ...]]:
    """An edit of what a page carries, half of them with hashes or digests that fit again."""
    data = data_of(page)
    path, made = edited(data, rng)
    places = place_of(path, data)
    if rng.random() < 0.5:
        with contextlib.suppress(KeyError, TypeError, ValueError):
            (chained if "entries" in made else digested)(made)
        # With digests that fit, nothing but the digest of the whole list tells what no sum shows.
        places += ("/digests",)
    return with_data(page, made), () if is_same(made, data) else places


def is_same(a: Any, b: Any) -> bool:
    """Whether two data say the same; in which order the contents of entries stand means nothing."""
    one, other = ({**each, "contents": sorted(each.get("contents") or (), key=json.dumps)} for each in (a, b))
    return bool(one == other)


def of_entries(page: str, rng: Random) -> tuple[str, tuple[str, ...]]:
    """Entries dropped, put elsewhere, put in twice, cut off at the end or at the beginning."""
    data = data_of(page)
    if "entries" not in data:
        return of_data(page, rng)
    entries = data["entries"]
    at = rng.randrange(len(entries))
    match rng.randrange(5):
        case 0:
            del entries[at]
        case 1:
            entries.insert(at, entries[at])
        case 2:
            entries.insert(rng.randrange(len(entries)), entries.pop(at))
        case 3:
            del entries[max(1, at) :]
        case _:
            del entries[: max(1, at)]
    if data == data_of(page):
        return page, ()
    if rng.random() < 0.5:
        for number, entry in enumerate(entries, 1):
            entry["number"] = number
        chained(data)
    return with_data(page, data), ("/entries/", "#part-", "#")


def placed(edit: Callable[[str, Random], str]) -> Callable[[str, Random], tuple[str, tuple[str, ...]]]:
    """An edit of what is seen, and the ids of the elements that it alters."""

    def found(page: str, rng: Random) -> tuple[str, tuple[str, ...]]:
        text = edit(page, rng)
        before, after = seals(page), seals(text)
        return text, tuple(f"#{id}:" for id in before.keys() | after.keys() if before.get(id) != after.get(id))

    return found


def of_attributes(page: str, rng: Random) -> str:
    """The value of an attribute."""
    body = page.index("<body")
    chosen = rng.choice(list(re.finditer(r' [a-z-]+="([^"]*)"', page[body : page.index("<script", body)])))
    return page[: body + chosen.start(1)] + f"{chosen[1]}x" + page[body + chosen.end(1) :]


KINDS = {
    "data": (8, of_data),
    "entries": (4, of_entries),
    "texts": (6, placed(of_texts)),
    "elements": (4, placed(of_elements)),
    "attributes": (2, placed(of_attributes)),
    "seal": (1, lambda page, rng: (of_seal(page, rng), ())),
    "scripts": (1, lambda page, rng: (of_scripts(page, rng), ())),
}  # fmt: skip


class Opened(of_one.Opened):
    """A window in which one page after the other is opened, whose check takes a while."""

    def said(self, text: str) -> str:
        """What the self-check of a page says, every place that it names."""
        self.open(text)
        until(self.page, WAIT)
        said = str(self.page.evaluate(SAID))
        if not said.startswith(("Accepted", "REFUSED", "Not run")):
            # Where what is said was taken out, the page says it elsewhere.
            self.page.wait_for_timeout(100)
            said = str(self.page.evaluate(SAID)).strip()
        return said

    def compared(self, digest: str) -> str:
        """What is said of a head or digest that was kept elsewhere."""
        self.page.fill("#expected", digest)
        self.page.keyboard.press("Enter")
        return str(self.page.locator("#compared").inner_text())


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    with chromium() as browser:
        yield Opened(browser.new_page(), tmp_path_factory.mktemp("edited") / "page.html")


def run(opened: Opened, page: str, count: int, seed: int) -> Counter[str]:
    """So many edits, each refused, by kind; a refusal names the place."""
    rng = Random(seed)
    found: Counter[str] = Counter()
    weights = [weight for weight, _ in KINDS.values()]
    while found.total() < count:
        [kind] = rng.choices(list(KINDS), weights)
        text, places = KINDS[kind][1](page, rng)
        if text == page or (kind not in ("seal", "scripts") and not places):
            continue
        said, where = opened.said(text), f"seed {seed}, edit {found.total()}: {kind}"
        assert "Accepted" not in said, where
        assert otherwise(text, page), where
        if kind == "scripts":
            # The page admits no script but its own, so that none runs that was altered.
            found[f"{kind}, {'refused' if 'REFUSED' in said else 'not run'}"] += 1
            continue
        assert "REFUSED at " in said, f"{where}: {said}"
        if places:
            assert any(place in said for place in places), f"{where}: {said} {places}"
        found[f"{kind}, refused at its place"] += 1
    return found


@pytest.mark.browser
@pytest.mark.parametrize("name", ["cohort", "ledger"])
def test_edits_are_refused_at_their_place(opened: Opened, pages: dict[str, str], name: str) -> None:
    assert run(opened, pages[name], 12, 20261128).total() == 12


@pytest.mark.browser
@pytest.mark.long
@pytest.mark.parametrize("name", ["cohort", "ledger"])
def test_two_thousand_edits_are_refused_at_their_place(opened: Opened, pages: dict[str, str], name: str) -> None:
    for kind, number in sorted(run(opened, pages[name], int(os.environ.get("PAGE_EDITS", "2000")), 1).items()):
        print(f"{name}: {number:6d}  {kind}")


# ---------------------------------------------------------------------------- what means nothing


@pytest.mark.browser
@pytest.mark.parametrize("name", ["cohort", "ledger"])
def test_another_spelling_of_the_same_page_is_accepted(opened: Opened, pages: dict[str, str], name: str) -> None:
    rng, page = Random(3), pages[name]

    def mixed(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        return dict(rng.sample(pairs, len(pairs)))

    def respelt(found: re.Match[str]) -> str:
        data = json.loads(found[2], object_pairs_hook=mixed)
        spelt = embedded(data).replace('","', '" , "')
        return f"{found[1]}\n {spelt} \n{found[3]}"

    spellings = {
        "as it was made": page,
        "keys in another order": SEAL.sub(respelt, DATA.sub(respelt, page)),
        "more white space": page.replace("</p>\n", "</p>\r\n\t").replace("<tr>", "\n <tr>"),
        "a comment": page.replace("<main", "<!-- seen --><main", 1),
        "attributes in another order": page.replace(
            'id="checked" role="status" class="phrase"', "class='phrase' id=\"checked\" role=status"
        ),
        "signs by number": page.replace(">Self-check</h2>", ">&#83;elf-check</h2>"),
    }
    for spelling, text in spellings.items():
        assert spelling == "as it was made" or text != page, spelling
        assert opened.said(text).startswith("Accepted: "), spelling
        # Where a comment ends is read in different ways; what could show something is refused.
        assert otherwise(text, page) == (["#"] if spelling == "a comment" else []), spelling


@pytest.mark.browser
def test_of_a_ledger_that_does_not_hold_the_self_check_says_so(opened: Opened, folder: Path) -> None:
    done(folder, "log", "export", "site.ledger", "--out", "copy.jsonl")
    text = (folder / "copy.jsonl").read_text(encoding="utf-8")
    for old, new, many in (
        ('"verdict":"INEL', '"verdict":"EL', "5 entries"),
        ('"number":1,', '"number":2,', "no entries"),
    ):
        (folder / "broken.jsonl").write_text(text.replace(old, new, 1), encoding="utf-8")
        assert called(folder, "report", "broken.jsonl", "--out", "broken.html").status == 5
        said = opened.said((folder / "broken.html").read_text(encoding="utf-8"))
        assert said.startswith("The ledger itself DID NOT HOLD when this page was made;"), said
        assert f"Accepted: {many}, each follows from the one before" in said


# ------------------------------------------------------------------- what a page alone cannot tell


@pytest.mark.browser
def test_what_was_cut_off_is_found_by_a_head_that_was_kept_elsewhere(
    opened: Opened, folder: Path, pages: dict[str, str]
) -> None:
    head, number = done(folder, "log", "head", "site.ledger"), len(data_of(pages["ledger"])["entries"])
    [kept] = re.findall(r"[0-9a-f]{64}", head)
    assert f"Head: {kept}." in opened.said(pages["ledger"])
    assert "10 signatures checked, every one fits" in opened.said(pages["ledger"])
    assert opened.compared(kept).startswith(f"The head is that of entry {number}: nothing before it was cut off")
    done(folder, "log", "exception", "site.ledger", "--reason", "a file was restored", *SIGNED[1:])
    done(folder, "report", "site.ledger", "--expect-head", kept, "--out", "later.html")
    later = (folder / "later.html").read_text(encoding="utf-8")
    [new] = re.findall(r"[0-9a-f]{64}", done(folder, "log", "head", "site.ledger"))
    assert opened.said(later).startswith("Accepted: ")
    assert "1 entry came after it" in opened.compared(kept[:16])
    # The page that was made before is whole, and does not have the entry that came after.
    assert opened.said(pages["ledger"]).startswith("Accepted: ")
    assert opened.compared(new).startswith("REFUSED: the head ")
    assert opened.compared("1234").startswith("A head is 64 digits")


@pytest.mark.browser
def test_a_list_that_was_digested_anew_is_found_by_a_digest_that_was_kept_elsewhere(
    opened: Opened, folder: Path, pages: dict[str, str]
) -> None:
    page = pages["cohort"]
    kept = done(folder, "report", "out", "--out", "again.html").split()[0]
    assert opened.said(page).startswith("Accepted: 60 people counted again")
    assert opened.compared(kept.upper()).startswith("The digest is that of this list: nobody in it")
    data = data_of(page)
    data["pseudonyms"][:2] = data["pseudonyms"][1::-1]
    digested(data)
    digest = hashlib.sha256(canonical(data["digests"])).hexdigest()
    text = with_data(page, data)
    assert "REFUSED at /digests: the page shows another digest of the list" in opened.said(text)
    text = text.replace(kept, digest)
    text = SEAL.sub(sealed_anew(text), text)
    assert opened.said(text).startswith("Accepted: 60 people")
    assert opened.compared(kept).startswith("REFUSED: this list has another digest")


@pytest.mark.browser
@pytest.mark.parametrize(
    ("name", "old", "new", "place"),
    [
        ("ledger", ">INELIGIBLE<", ">ELIGIBLE<", "REFUSED at /entries/6: the page shows it otherwise"),
        ("ledger", "SCV01B: accept", "SCV01B: refuse", "REFUSED at /entries/8: the page shows it otherwise"),
        ("ledger", ">121, 2026", ">12, 2026", "REFUSED at /entries/9: the page shows it otherwise"),
        ("ledger", "every signature fits", "no signature fits", "REFUSED at #part-1: the page shows"),
        ("cohort", ">60</td>", ">61</td>", "REFUSED at #part-sums"),
        ("cohort", "records read", "records met", "REFUSED at #part-sums"),
    ],
)
def test_a_page_sealed_anew_is_held_against_its_data(
    opened: Opened, pages: dict[str, str], name: str, old: str, new: str, place: str
) -> None:
    assert old in pages[name]
    text = pages[name].replace(old, new, 1)
    text = SEAL.sub(sealed_anew(text), text)
    assert place in opened.said(text)


@pytest.mark.browser
def test_without_ed25519_the_page_says_that_it_checks_no_signature(opened: Opened, folder: Path) -> None:
    window = opened.page.context.browser.new_context()
    window.add_init_script("Object.defineProperty(SubtleCrypto.prototype, 'importKey', {value: undefined})")
    page = window.new_page()
    page.goto((folder / "ledger.html").resolve().as_uri())
    until(page, WAIT)
    said = page.locator("#checked").inner_text()
    window.close()
    assert said.startswith("Accepted: 11 entries") and "SIGNATURES ARE NOT CHECKED HERE" in said


@pytest.mark.browser
def test_the_self_check_of_a_hundred_thousand_people_does_not_keep_the_list_waiting(
    opened: Opened, tmp_path: Path
) -> None:
    from tests.reports.made_pages import large_cohort

    file = tmp_path / "large.html"
    file.write_text(large_cohort(100_000), encoding="utf-8")
    with watched(opened.page.context.browser, file) as found:
        until(found.page, WAIT)
        assert found.page.locator("#checked").inner_text().startswith("Accepted: 100,000 people counted again")
        assert found.page.locator("#rows tr").count() == 200
    assert found.noticed == []
