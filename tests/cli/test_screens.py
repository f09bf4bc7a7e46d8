"""What people see, as golden texts: `pytest --bless` rewrites them; the diff is reviewed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from screening import screen
from tests.checkout import ROOT
from tests.cli.calls import RECORDS, RULES, SMALL, Called, call, check, infusion_day

GOLDEN = ROOT / "tests" / "golden" / "screens"
# A digest changes with every letter of a rule file; that it is shown is held against the library elsewhere.
DIGEST = re.compile(r"\b([0-9a-f]{4}) ([0-9a-f]{4}) ([0-9a-f]{4})\b|\b[0-9a-f]{64}\b")
PLACE = re.compile(r"\b(rules/[\w-]+\.yaml):\d+")
ENGINE = re.compile(r"\b(durable-rules|reference)( \d[\d.]*\d|$)", re.MULTILINE)

# Name of the golden text: arguments and exit status. Those of `FREE` may be longer than a screen.
SCREENS: dict[str, tuple[tuple[str, ...], int]] = {
    "index-completed": (("check", "rules/records/index-completed.yaml", "--as-of", "2026-11-22"), 0),
    "index-2018": (("check", "rules/records/index-2018.yaml", "--as-of", "2018-02-05"), 4),
    "eligible": (check("eligible"), 0),
    "ineligible": (check("ineligible"), 2),
    "undetermined": (check("index", as_of="2018-02-05"), 4),
    "review": (check("review"), 4),
    "contradicted": (check("contradicted"), 4),
    "alert": (check("alert", as_of="2026-11-01"), 2),
    "site": (
        check("alert", "--site", f"{RECORDS}/site.yaml", "--parameter", "Lowest Pain=6", as_of="2026-11-01"),
        2,
    ),
    "eligible-all": (check("eligible", "--all"), 0),
    "review-all": (check("review", "--all"), 4),
    "contradicted-all": (check("contradicted", "--all"), 4),
    "review-plain": (check("review", "--plain"), 4),
    "alert-plain": (check("alert", "--plain", as_of="2026-11-01"), 2),
    "review-trace": (check("review", "--trace"), 4),
    "show-protocol": (("show", "small", "--rules", RULES), 0),
    "show-exclusion": (("show", "small", "scv01a", "--rules", RULES), 0),
    "show-inclusion": (("show", "small", "INC06", "--rules", RULES), 0),
    "show-shipped": (("show", "ketamine-ra-fm", "SCV01A"), 0),
    "validate": (("validate", f"{RECORDS}/contradicted.yaml", *SMALL), 0),
    "lint": (("lint", "tests/cli/faulty"), 3),
    "next": (("next", f"{RECORDS}/index.yaml", *SMALL, "--as-of", "2018-02-05"), 4),
    "next-all": (("next", f"{RECORDS}/index.yaml", *SMALL, "--as-of", "2018-02-05", "--all"), 4),
    "next-settled": (("next", "rules/records/SYN-0018.yaml", "--as-of", "2026-11-22"), 2),
    "when-ineligible": (("when", "rules/records/SYN-0018.yaml", "--as-of", "2026-11-22"), 2),
    "when-eligible": (("when", "rules/records/index-completed.yaml", "--as-of", "2026-11-22", "--all"), 0),
    "what-if-range": (
        (
            "what-if",
            "ketamine-ra-fm",
            "rules/records",
            "--as-of",
            "2026-11-22",
            "--set",
            "Upper Systolic=120..180",
        ),
        0,
    ),
    "what-if-dropped": (
        (
            "what-if",
            "ketamine-ra-fm",
            "rules/records",
            "--as-of",
            "2026-11-22",
            "--drop",
            "SCV01A",
            "--attribution",
        ),
        0,
    ),
    "near-ineligible": (("near", "rules/records/SYN-0018.yaml", "--as-of", "2026-11-22"), 2),
    "near-review": (("near", "rules/records/SYN-0003.yaml", "--as-of", "2026-11-22"), 4),
    "near-eligible": (("near", "rules/records/index-completed.yaml", "--as-of", "2026-11-22"), 0),
    "near-undetermined": (("near", "rules/records/index-2018.yaml", "--as-of", "2018-02-05"), 4),
    "near-all": (("near", "rules/records/SYN-0018.yaml", "--as-of", "2026-11-22", "--all"), 2),
    "infusion-day-no-hold": (infusion_day("no-hold"), 0),
    "infusion-day-hold": (infusion_day("hold"), 4),
    "infusion-day-hold-plain": (infusion_day("hold", "--plain"), 4),
    "infusion-day-stop": (infusion_day("stop"), 2),
    "infusion-day-stop-all": (infusion_day("stop", "--all"), 2),
    "show-infusion-day": (("show", "ketamine-infusion-day"), 0),
    "show-infusion-day-hold": (("show", "ketamine-infusion-day", "DAY04H"), 0),
}
SCREENFULS = (
    "index-completed",
    "index-2018",
    "eligible",
    "ineligible",
    "undetermined",
    "review",
    "contradicted",
)
LONGER = ("alert", "site")
INFUSION_DAY = (
    ("infusion-day-no-hold", "no hold found"),
    ("infusion-day-hold", "HOLD"),
    ("infusion-day-stop", "STOP"),
)
OWN_WORDS = (*SCREENFULS[2:6], "alert", "site", "eligible-all", "review-plain")

FIXED = (
    "Decision support for qualified health professionals",
    "physician decides and is accountable",
    "not licensed",
)
NEVER = re.compile(
    r"\b(approved|cleared|passed|fit|qualifies|recommends?|recommended|verified|validated|certified|trusted|"
    r"exclusion met|positive|negative|patient|normal|nil|none recorded|no history of|rejected|unsuitable|"
    r"screen failure|candidate|match|likely|score|risk|chance|enrolment|eligible from|appointment|default|"
    r"standard|guideline|he|she|subject|alert sent|notified|item\(s\))\b",
    re.IGNORECASE,
)


def held(name: str, text: str, bless: bool) -> None:
    """Holds a text against its golden one."""
    path = GOLDEN / f"{name}.txt"
    masked = DIGEST.sub(lambda found: "." * len(found[0]) if found[1] is None else ".... .... ....", text)
    masked = PLACE.sub(r"\1:LINE", ENGINE.sub("ENGINE", masked))
    if bless:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(masked, encoding="utf-8", newline="\n")
        return
    assert path.exists(), f"no golden text {path}: run `pytest --bless`"
    assert masked == path.read_text(encoding="utf-8")


@pytest.fixture
def bless(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--bless"))


@pytest.mark.parametrize("name", SCREENS)
def test_the_screen_is_as_reviewed(name: str, bless: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    arguments, status = SCREENS[name]
    done = call(monkeypatch, *arguments)
    assert done.err == ""
    assert done.status == status
    held(name, f"$ screening {' '.join(arguments)}\n{done.out}", bless)


def golden(name: str) -> list[str]:
    path = GOLDEN / f"{name}.txt"
    assert path.exists(), f"no golden text {path}: run `pytest --bless`"
    return path.read_text(encoding="utf-8").splitlines()[1:]


@pytest.mark.parametrize("name", [n for n in SCREENS if n != "lint"])
def test_a_screen_has_80_columns(name: str) -> None:
    assert [line for line in golden(name) if len(line) > 80] == []


@pytest.mark.parametrize("name", [n for n in SCREENS if n != "validate"])
def test_a_screen_is_ascii_without_a_trailing_space(name: str) -> None:
    lines = golden(name)
    assert [line for line in lines if not line.isascii() or not line.isprintable()] == []
    assert [line for line in lines if line != line.rstrip()] == []


@pytest.mark.parametrize("name", SCREENFULS)
def test_a_screen_takes_22_rows(name: str) -> None:
    assert len(golden(name)) <= 22


@pytest.mark.parametrize("name", LONGER)
def test_an_alert_may_need_more_rows_and_shows_nothing_but_what_is_never_cut(name: str) -> None:
    lines = golden(name)
    assert len(lines) <= 30
    assert sum(line.startswith("?") for line in lines) == 1
    assert sum(line.startswith("+") for line in lines) == 1


@pytest.mark.parametrize("name", [*SCREENFULS, *LONGER, "eligible-all", "review-plain", "alert-plain"])
def test_what_is_never_cut_is_there(name: str) -> None:
    text = " ".join(" ".join(golden(name)).split())
    for words in FIXED:
        assert words in text
    assert "DRAFT" in text
    assert "site choice" in text
    assert "unverified" in text


@pytest.mark.parametrize(("name", "label"), INFUSION_DAY)
def test_the_day_of_infusion_says_its_own_words(name: str, label: str) -> None:
    lines = golden(name)
    text = " ".join(" ".join(lines).split())
    assert re.match(rf"[+?x] {label}  ", lines[3])
    assert "Outputs ends series:" in text
    assert "standing" not in text
    assert not re.search(r"\b(INELIGIBLE|UNDETERMINED|REVIEW|ELIGIBLE|eligible)\b", text)
    assert [found[0] for found in NEVER.finditer(text)] == []
    assert all(words in text for words in FIXED)
    assert "DRAFT" in text
    assert "advises no dose" in text


@pytest.mark.parametrize("name", [*SCREENFULS, *LONGER])
def test_the_mark_stands_in_column_1_with_its_word_on_its_line(name: str) -> None:
    lines = golden(name)
    words = {
        "x": ("present", "not met", "INELIGIBLE"),
        "!": ("present", "not recorded", "judgement open", "contradicted", "REVIEW", "ALERT", "unknown"),
        "?": ("unknown", "not in place", "not recorded", "UNDETERMINED"),
        "+": ("met", "ELIGIBLE"),
        "-": ("not applicable",),
    }
    found = [line for line in lines if re.match(r"(!!|[x!?+-]) ", line)]
    assert found
    for line in found:
        assert any(word in line for word in words[line[0]]), line


def test_bars_can_be_searched_for(monkeypatch: pytest.MonkeyPatch) -> None:
    done = call(monkeypatch, *check("ineligible"))
    bars = [line for line in done.out.splitlines() if re.match("^x", line)]
    assert [line.split()[1] for line in bars] == ["INELIGIBLE", "SHE03A", "SMD02"]
    assert "limit > 3 x 40" in bars[1]
    assert "13 days ago" in bars[2]


@pytest.mark.parametrize("name", OWN_WORDS)
def test_words_that_are_never_said(name: str) -> None:
    text = " ".join(" ".join(golden(name)).split())
    assert [found[0] for found in NEVER.finditer(text)] == []
    assert not re.search(r"\bsafe\b(?! for this person)", text)


def test_eligible_says_what_it_does_not_mean() -> None:
    text = " ".join(golden("index-completed"))
    assert "This does not mean that ketamine is indicated or safe for this person." in text


def test_prose_has_no_marks_columns_or_signs() -> None:
    for name in ("review-plain", "alert-plain"):
        lines = golden(name)
        assert [line for line in lines if re.match(r"[x!?+-] |!!", line)] == []
        assert [line for line in lines if re.search(r"[<>=]|  ", line)] == []
        text = " ".join(lines)
        assert "millimetres of mercury" in text
        assert "mmHg" not in text


def test_everything_counts_as_many_criteria_as_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    library = screen.load_library("small", [RULES])
    for name in ("eligible-all", "review-all", "contradicted-all"):
        shown = [line.split()[1] for line in golden(name) if re.match(r"[x!?+-] [A-Z]{3}", line)]
        ids = [id for id in shown if id not in ("ELIGIBLE", "REVIEW", "UNDETERMINED", "INELIGIBLE")]
        assert sorted(ids) == sorted(c.id for c in library.criteria)


class Refusing:
    """Stands for two engines that disagree, which no input of ours brings about."""

    def __call__(self, *_: object) -> None:
        raise screen.NotScreened(
            "the chaining engine and the reference interpreter disagree at INC03.2", "INC03.2"
        )


def test_not_screened(bless: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(screen, "trace", Refusing())
    done = called_on(monkeypatch, *check("ineligible"))
    assert done.status == 1
    assert "121" not in done.out
    assert "INELIGIBLE" not in done.out
    held("not-screened", f"$ screening check\n{done.out}", bless)


def test_not_screened_leaves_no_json(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(screen, "trace", Refusing())
    done = called_on(monkeypatch, *check("ineligible", "--format", "json"))
    assert (done.status, done.out) == (1, "")
    assert "NOT SCREENED" in done.err


def called_on(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> Called:
    """As `call`, on a patch that is already there."""
    with pytest.MonkeyPatch.context() as inner:
        return call(inner, *arguments)


def test_an_agreeing_and_a_refused_certificate(
    bless: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    made = call(monkeypatch, *check("review", "--format", "json"))
    path = tmp_path / "certificate.json"
    record = ("--record", f"{RECORDS}/review.yaml", "--rules", RULES)
    path.write_text(made.out, encoding="utf-8")
    done = call(monkeypatch, "verify", str(path), *record)
    assert done.status == 0
    held("verify", f"$ screening verify certificate.json --record review.yaml\n{done.out}", bless)
    path.write_text(made.out.replace('"REVIEW"', '"ELIGIBLE"'), encoding="utf-8")
    done = call(monkeypatch, "verify", str(path), *record)
    assert done.status == 5
    held("verify-refused", f"$ screening verify altered.json --record review.yaml\n{done.out}", bless)
