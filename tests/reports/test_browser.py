"""The pages in Chromium: nothing hostile runs, all is reachable by keyboard and readable, filters count right."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from screening.reports.words import safe
from tests.cli.cohorts import table
from tests.reports import hostile, made_pages
from tests.reports.chromium import chromium, until, watched

pytestmark = pytest.mark.browser
HOSTILE = ("determination", "cohort", "funnel", "copy", "worksheet", "ledger", "decided")
FORBIDDEN = ("style", "srcdoc", "action", "background", "formaction")
ALL = "Array.from(document.querySelectorAll('*'))"
UNFOLDED = "for (const each of document.querySelectorAll('details')) each.open = true"
# What the pages are made of; nothing else may come to stand in them.
WORDS = """
html head meta title style body script header nav main section footer div p span strong code a h1 h2 h3 h4
ol ul li dl dt dd details summary table caption thead tbody tr th td figure img figcaption
form label select option input textarea button
"""
ELEMENTS = frozenset(WORDS.split())


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pages")


@pytest.fixture(scope="module")
def pages(folder: Path) -> dict[str, Path]:
    return made_pages.pages(folder)


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> hostile.Hostile:
    return hostile.site(tmp_path_factory.mktemp("hostile"))


# ------------------------------------------------------------------------------ what is hostile


@pytest.mark.parametrize("name", HOSTILE)
def test_nothing_hostile_is_anything_but_text(browser: Any, attacked: hostile.Hostile, name: str) -> None:
    with watched(browser, attacked.pages[name]) as found:
        page = found.page
        page.evaluate(UNFOLDED)
        page.mouse.move(300, 300)
        page.wait_for_timeout(100)
        said = page.evaluate("document.body.innerText")
        tags = set(page.evaluate(f"{ALL}.map((each) => each.localName)"))
        assert tags <= ELEMENTS, tags - ELEMENTS
        names = page.evaluate(f"{ALL}.flatMap((each) => Array.from(each.attributes, (one) => one.name))")
        assert not [each for each in names if each.startswith("on") or each in FORBIDDEN]
        links = page.evaluate(f"{ALL}.flatMap((each) => each.getAttribute('href') ?? [])")
        assert all(re.fullmatch(r"#[A-Za-z0-9-]+", each) for each in links)
        images = page.evaluate(f"{ALL}.flatMap((each) => each.getAttribute('src') ?? [])")
        assert all(each.startswith("data:image/png;base64,") for each in images)
        scripts = page.evaluate("document.querySelectorAll('script:not([type=\"application/json\"])').length")
        # A page that checks itself carries the seal, the check, what asks it, and what folds, filters or verifies.
        assert scripts == {"determination": 4, "decided": 4, "cohort": 4, "ledger": 4}.get(name, 0)
        assert len(page.query_selector_all("style")) == len(page.query_selector_all("title")) == 1
    assert found.noticed == []
    hostile.assert_harmless(said.replace("\t", " "), name)


def test_what_is_hostile_is_still_told(browser: Any, attacked: hostile.Hostile) -> None:
    """A text that is left out would be safe and wrong."""
    with watched(browser, attacked.pages["determination"]) as found:
        said = " ".join(found.page.evaluate("document.body.textContent").split())
        title = found.page.title()
    for text in hostile.TAKEN.values():
        assert safe(text).strip() in said, text
    assert safe(hostile.ID) in title


# ------------------------------------------------------------------------- reading and operating


@pytest.mark.parametrize("name", ["alert", "index", "cohort", "ledger", "verifier"])
def test_axe_finds_nothing_in_light_and_dark(browser: Any, pages: dict[str, Path], name: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    with watched(browser, pages[name], color_scheme="light", reduced_motion="reduce") as found:
        # A few of each kind: what is folded is not looked at, and every one is made alike.
        found.page.evaluate(
            "for (const each of document.querySelectorAll('section')) {"
            " for (const folded of Array.from(each.querySelectorAll('details')).slice(0, 2)) folded.open = true; }"
        )
        # Rows are made alike too; a few of them will do.
        found.page.evaluate(
            "document.querySelectorAll('#rows tr:nth-child(n+9)').forEach((each) => each.remove())"
        )
        light = Axe().run(found.page, options={"resultTypes": ["violations"]})
        # In the dark nothing is otherwise but the colours.
        found.page.emulate_media(color_scheme="dark")
        dark = Axe().run(found.page, options={"resultTypes": ["violations"], "runOnly": ["color-contrast"]})
    violations = [*light.response["violations"], *dark.response["violations"]]
    assert [(each["id"], each["nodes"][0]["html"][:200]) for each in violations] == []
    assert found.noticed == []


@pytest.mark.parametrize("name", ["alert", "index", "cohort", "ledger", "verifier"])
def test_a_narrow_window_cuts_nothing_off(browser: Any, pages: dict[str, Path], name: str) -> None:
    for width in (1280, 400, 320):
        with watched(browser, pages[name], viewport={"width": width, "height": 800}) as found:
            over = found.page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            assert over <= 0, width


@pytest.mark.parametrize("name", ["ineligible", "cohort", "verifier", "ledger"])
def test_every_stop_of_the_keyboard_is_seen(browser: Any, pages: dict[str, Path], name: str) -> None:
    with watched(browser, pages[name]) as found:
        stops = []
        for _ in range(14):
            found.page.keyboard.press("Tab")
            stops.append(
                found.page.evaluate(
                    "(() => { const at = document.activeElement; const { outlineStyle, outlineWidth } ="
                    " getComputedStyle(at);"
                    " return [at.localName, at.matches(':focus-visible'), outlineStyle, outlineWidth]; })()"
                )
            )
    reached = [stop for stop in stops if stop[0] != "body"]
    assert len(reached) >= 5
    assert all(seen and line == "solid" and width == "2px" for _, seen, line, width in reached), reached


def test_a_criterion_unfolds_by_keyboard_and_by_a_link(browser: Any, pages: dict[str, Path]) -> None:
    with watched(browser, pages["ineligible"]) as found:
        page = found.page
        summary = page.locator("#criterion-SHE03A > summary")
        assert summary.inner_text().split()[:3] == ["■", "SHE03A", "present:"]
        summary.focus()
        page.keyboard.press("Enter")
        inside = page.locator("#criterion-SHE03A .inside")
        assert "121 U/L" in inside.inner_text() and "small-safety.yaml:" in inside.inner_text()
        assert "until a repeat in 2 to 4 weeks is within the limit" in inside.inner_text()
        page.keyboard.press("Enter")
        assert not inside.is_visible()
        # A link leads to what is folded, or left out of sight by a filter.
        page.get_by_role("button", name="inclusions met").click()
        assert page.locator("#shown").inner_text() == "3 of 13 criteria are shown."
        page.locator("#verdict a", has_text="SMD02").click()
        page.locator("#criterion-SMD02 .inside").wait_for(state="visible", timeout=5000)


def test_everything_is_unfolded_in_print_with_and_without_scripts(browser: Any, pages: dict[str, Path]) -> None:
    hidden = "(every) => every.filter((each) => !each.checkVisibility()).length"
    with watched(browser, pages["review"], scripts=False) as found:
        assert found.page.eval_on_selector_all(".inside", hidden) > 0
        found.page.emulate_media(media="print")
        assert found.page.eval_on_selector_all(".inside", hidden) == 0
        assert not found.page.locator("button").first.is_visible()
    with watched(browser, pages["review"]) as found:
        pdf = found.page.pdf(format="A4")
        assert pdf.startswith(b"%PDF-")
        assert found.page.locator("details[open]").count() == 0
    assert found.noticed == []


def test_without_scripts_all_is_readable_and_the_counts_stand(browser: Any, pages: dict[str, Path]) -> None:
    with watched(browser, pages["ineligible"], scripts=False) as found:
        page = found.page
        assert page.locator("#checked").inner_text() == "Not run: scripts are off."
        assert "INELIGIBLE" in page.locator("#verdict").inner_text()
        page.locator("#criterion-SHE03A > summary").click()
        assert "121 U/L" in page.locator("#criterion-SHE03A .inside").inner_text()
    with watched(browser, pages["cohort"], scripts=False) as found:
        said = found.page.locator("body").inner_text()
        assert "The list of people needs scripts, which are off." in said
        assert re.search(r"records read\s+250\b", said)
        assert not found.page.locator("#table").is_visible()


# ------------------------------------------------------------------------------- the self-check


def altered(page: Path, before: str, after: str) -> Path:
    text = page.read_text(encoding="utf-8")
    start = text.index('id="bundle"')
    assert before in text[start:]
    out = page.with_name("altered.html")
    out.write_text(text[:start] + text[start:].replace(before, after, 1), encoding="utf-8")
    return out


def test_the_second_verifier_runs_and_its_word_is_told(browser: Any, pages: dict[str, Path]) -> None:
    with watched(browser, pages["ineligible"]) as found:
        until(found.page, "document.getElementById('checked').textContent.startsWith('Accepted')")
        assert found.page.title().startswith("DRAFT, not for use in care. Eligibility report SYN-0018")
        found.page.locator("#check").click()
        said = found.page.locator("#checked").inner_text()
        assert "to the same verdict: INELIGIBLE for SYN-0018 as of 2026-11-22, certificate " in said
    assert found.noticed == []


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ('"certificate":{', '"none":{', "REFUSED at /certificate: there is no certificate"),
        ('"as_of":"2026-11-22"', '"as_of":"2026-11-23"', "REFUSED at /certificate/as_of: another day <b>"),
        ('"status":"draft"', '"status":"\\u003cbroken\\u003e"', "REFUSED at /: the second program failed"),
        ('{"certificate"', '{{"certificate"', "REFUSED at /: the second program failed"),
    ],
)
def test_a_page_that_is_refused_is_not_to_be_used(
    browser: Any, pages: dict[str, Path], before: str, after: str, said: str
) -> None:
    with watched(browser, altered(pages["ineligible"], before, after)) as found:
        until(found.page, "document.getElementById('checked').textContent.startsWith('REFUSED')")
        assert found.page.title() == found.page.locator("h1").inner_text() == "Do not use this page"
        verdict = found.page.locator("#verdict").inner_text()
        assert said in verdict and "INELIGIBLE" not in verdict
        assert found.page.locator("#checked").inner_text().startswith(said)
    assert found.noticed == []


def test_a_page_that_shows_another_verdict_than_its_certificate_is_not_to_be_used(
    browser: Any, pages: dict[str, Path]
) -> None:
    text = pages["ineligible"].read_text(encoding="utf-8")
    before = '<span class="against">INELIGIBLE</span>'
    assert before in text
    file = pages["ineligible"].with_name("shown.html")
    file.write_text(text.replace(before, '<span class="against">ELIGIBLE</span>', 1), encoding="utf-8")
    with watched(browser, file) as found:
        until(found.page, "document.getElementById('checked').textContent.startsWith('REFUSED')")
        assert found.page.locator("h1").inner_text() == "Do not use this page"
        assert "the page shows another verdict than its certificate" in found.page.locator("#verdict").inner_text()


def test_a_bundle_or_a_report_is_checked_on_the_page_of_the_verifier(browser: Any, pages: dict[str, Path]) -> None:
    with watched(browser, pages["verifier"]) as found:
        page, said = found.page, found.page.locator("#found")
        page.set_input_files("#file", pages["review"])
        until(page, "document.getElementById('found').textContent.includes('accepted')")
        assert re.fullmatch(
            "review.html: accepted; every step of the certificate leads to its verdict: REVIEW for SYN-[0-9]{4} "
            "as of 2026-11-22, certificate [0-9a-f]{64}. Compare this with what the page shows.",
            said.inner_text(),
        )
        page.fill("#text", '{"certificate": {"library": {}, "as_of": "2020-01-01"}}')
        page.locator("#check").click()
        assert said.inner_text().startswith("What was pasted: not accepted. REFUSED at /certificate/as_of:")
        assert page.locator("#refusals li").all_inner_texts() == ["REFUSED at /certificate/digest: another digest"]
        page.fill("#text", "<img src=x onerror=alert(1)>")
        page.locator("#check").click()
        assert "no bundle that can be read" in said.inner_text()
    assert found.noticed == []


def test_the_page_of_the_verifier_says_what_it_has_accepted(browser: Any, pages: dict[str, Path]) -> None:
    """A report may show another verdict or person than the bundle that it carries."""
    text = pages["ineligible"].read_text(encoding="utf-8")
    lying = pages["ineligible"].with_name("lying.html")
    lying.write_text(text.replace("INELIGIBLE</span>", "ELIGIBLE</span>"), encoding="utf-8")
    doubled = pages["ineligible"].with_name("doubled.html")
    start = '<script type="application/json" id="bundle">'
    other = pages["eligible"].read_text(encoding="utf-8").partition(start)[2].partition("</script>")[0]
    doubled.write_text(text.replace("<main", f"<!-- {start}{other}</script> --><main", 1), encoding="utf-8")
    with watched(browser, pages["verifier"]) as found:
        page, said = found.page, found.page.locator("#found")
        page.set_input_files("#file", lying)
        until(page, "document.getElementById('found').textContent.includes('accepted')")
        assert "leads to its verdict: INELIGIBLE for SYN-" in said.inner_text()
        page.set_input_files("#file", doubled)
        until(page, "document.getElementById('found').textContent.includes('doubled')")
        until(page, "!document.getElementById('found').textContent.includes('being read')")
        assert said.inner_text().startswith("doubled.html: not accepted")


# ------------------------------------------------------------------------------------ a cohort


def test_filters_count_what_the_run_holds(browser: Any, pages: dict[str, Path], folder: Path) -> None:
    rows = table(folder / "out" / "people.csv")
    pseudonyms = [row["pseudonym"] for row in table(folder / "out" / "screening-log.csv")]

    def holding(column: str, word: str) -> int:
        return sum(word in row[column].split("|") for row in rows)

    with watched(browser, pages["cohort"]) as found:
        page, said = found.page, found.page.locator("#found")
        assert said.inner_text() == "250 of 250 people, rows 1 to 200."
        assert page.locator("#rows tr").count() == 200
        page.locator("#next").focus()
        page.keyboard.press("Enter")
        assert said.inner_text() == "250 of 250 people, rows 201 to 250."
        shown = [each.split("\t")[0].strip() for each in page.locator("#rows tr").all_inner_texts()]
        assert shown == pseudonyms[200:]
        for field, label, column, word in (
            ("verdict", "INELIGIBLE", "verdict", "INELIGIBLE"),
            ("standing", "NOT RULED OUT", "standing", "NOT RULED OUT"),
            ("missing", "neck and airway", "missing_items", "Neck and Airway"),
            ("alert", "with an alert", "alerts", "SCV01A"),
        ):
            page.select_option(f"#filter-{field}", label=label)
            many = holding(column, word)
            assert many and said.inner_text().startswith(
                f"Filtered: {label}" if field == "alert" else "Filtered: "
            )
            assert f". {many} of 250 people" in said.inner_text(), field
            page.locator("#clear").click()
        reason = page.locator("#filter-reason option", has_text="SMD02").get_attribute("value")
        page.select_option("#filter-reason", reason)
        assert f" {holding('deciding_reasons', 'SMD02')} of 250 people" in said.inner_text()
        page.select_option("#filter-kind", "reasons")
        assert f" {holding('all_reasons', 'SMD02')} of 250 people" in said.inner_text()
        page.locator("#clear").click()
        page.fill("#filter-text", pseudonyms[7].lower())
        assert ". 1 of 250 people, rows 1 to 1." in said.inner_text()
        page.fill("#filter-text", "nobody")
        assert ". 0 of 250 people, no rows." in said.inner_text()
        page.fill("#filter-text", "")
        page.locator("#heads button").first.click()
        first = page.locator("#rows th").first.inner_text()
        assert first == min(pseudonyms)
        assert page.locator("#heads th").first.get_attribute("aria-sort") == "ascending"
    assert found.noticed == []


def test_a_hundred_thousand_people_stay_usable(browser: Any, tmp_path: Path) -> None:
    file = tmp_path / "large.html"
    file.write_text(made_pages.large_cohort(100_000), encoding="utf-8")
    assert file.stat().st_size < 10_000_000
    begun = time.monotonic()
    with watched(browser, file) as found:
        page = found.page
        page.wait_for_selector("#rows tr")
        loaded = time.monotonic() - begun
        took = page.evaluate(
            "() => { const text = document.getElementById('filter-text'); const begun = performance.now();"
            " text.value = 'B7'; text.dispatchEvent(new Event('input')); document.body.offsetHeight;"
            " return performance.now() - begun; }"
        )
        said = page.locator("#found").inner_text()
    assert loaded < 10 and took < 1500, (loaded, took)
    assert re.match(r"Filtered: pseudonym holds B7\. \d+ of 100,000 people, rows 1 to 200\.", said)
    assert found.noticed == []
