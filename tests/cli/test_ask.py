"""`screening ask` from the command line: its screens, files of answers, statuses, what it refuses."""

from __future__ import annotations

import datetime
import json
import re
import stat
from pathlib import Path

import pytest

from screening import screen
from tests.cli.calls import RECORDS, SMALL, Called, call, child
from tests.cli.test_screens import NEVER, held
from tests.interview.small import ALERTING, TYPED, until
from tests.sources.bundles import FM, UCUM, bundle, condition, observation

DAY = "2026-11-22"
ASK = ("ask", *SMALL, "--as-of", DAY, "--by", "K7")

BY_NAME = """
who: b
judge: rheumatologist K2
Systolic Pressure: 127+129
diastolic BP: 79+77
Consent: yes
age: 49
Pain: {value: 9, date: 2026-11-20}
Stroke: no
neck and airway: no
ECG Wanted: no
phenelzine, last dose: 2016
WPI: 9
SSS: 7
ALT: {value: 22 U/L, date: 2026-11-20}
ALT Upper Limit: 40
DMARDs tried: "adalimumab, TNF, failed; tofacitinib, JAK, failed; all"
"""


@pytest.fixture
def bless(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--bless"))


def asked(monkeypatch: pytest.MonkeyPatch, folder: Path, *lines: str, name: str = "answers.txt") -> Called:
    """The interview of somebody of whom nothing is known, answered out of a file."""
    answers = folder / name
    answers.write_text("\n".join(lines) + "\n", encoding="utf-8")
    path = folder / "SYN-0021.yaml"
    done = call(monkeypatch, *ASK, "--save", str(path), "--answers", str(answers))
    # Where the folder is makes a line of the screen longer, or breaks it.
    # A long path is broken over lines, wherever the line ends: how long this one is says nothing.
    place = r"(?:\s+)?".join(map(re.escape, f"{folder}/SYN-0021.yaml"))
    out = re.sub(rf"kept in\s+{place}", "kept in SYN-0021.yaml", done.out).replace(f"{folder}/", "")
    return Called(done.status, out, done.err.replace(f"{folder}/", ""))


SCREENS: dict[str, tuple[tuple[str, ...], int]] = {
    "ask": (TYPED, 0),
    "ask-alert": (("# one reading is enough for it", *ALERTING), 4),
    "ask-settled": ((*until("Age"), "1=n 2=? 4=17", "b"), 2),
    "ask-left": ((*until("Age"), "?", "b", "n", "p", "q"), 4),
}


@pytest.mark.parametrize("name", SCREENS)
def test_the_screens_are_as_reviewed(
    name: str, bless: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    lines, status = SCREENS[name]
    done = asked(monkeypatch, tmp_path, *lines)
    assert done.err == ""
    assert done.status == status
    held(name, f"$ screening ask --save SYN-0021.yaml\n{done.out}", bless)
    shown = done.out.splitlines()
    assert [line for line in shown if len(line) > 80] == []
    assert all(line.isascii() and line == line.rstrip() for line in shown if not line.startswith("> "))
    assert not NEVER.search(done.out), NEVER.search(done.out)
    questions = done.out.split("\n\n")
    assert max(len(question.splitlines()) for question in questions if question.startswith("Block")) <= 22


def test_the_saved_profile_gives_the_same_verdict(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    done = asked(monkeypatch, tmp_path, *TYPED)
    path = tmp_path / "SYN-0021.yaml"
    again = call(monkeypatch, "check", str(path), *SMALL, "--as-of", DAY)
    assert (done.status, again.status) == (0, 0)
    assert "+ ELIGIBLE" in again.out
    assert stat.S_IMODE(path.stat().st_mode) == 0o600, "answers of a person are for who asked"
    # Asked again, nothing is left to ask, and nothing of the file is touched.
    text = path.read_text(encoding="utf-8")
    more = call(monkeypatch, *ASK, str(path), "--answers", str(tmp_path / "answers.txt"))
    assert (more.status, more.err) == (0, "")
    assert "Block" not in more.out
    assert path.read_text(encoding="utf-8") == text


def test_answers_by_name_from_yaml_and_json(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    done = asked(monkeypatch, tmp_path, BY_NAME, name="answers.yaml")
    assert (done.status, done.err) == (0, "")
    first = (tmp_path / "SYN-0021.yaml").read_text(encoding="utf-8")
    assert "Pain: {value: 9, date: 2026-11-20, by: K7" in first
    (tmp_path / "SYN-0021.yaml").unlink()
    done = asked(monkeypatch, tmp_path, json.dumps({"who": "c", "Age": 17, "Pain": 9}), name="answers.json")
    assert done.status == 2
    assert "x INELIGIBLE" in done.out


def test_a_faulty_answer_in_a_file_ends_it_at_its_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    done = asked(monkeypatch, tmp_path, TYPED[0], "", "maybe so", "4=49")
    assert done.status == 3
    assert "answers.txt:3:1: error: this answer to question 2 (" in done.err
    assert ") was not taken: it is no answer to it; accepted: " in done.err
    assert "maybe" not in done.err
    assert "Age: {age: 49" in (tmp_path / "SYN-0021.yaml").read_text(encoding="utf-8")
    (tmp_path / "SYN-0021.yaml").unlink()
    done = asked(monkeypatch, tmp_path, "Age: 49", "Pain: 11", name="answers.yaml")
    assert done.status == 3
    assert "answers.yaml:1:1: error: this answer to question 1 (" in done.err
    assert "it lies outside of what can be answered" in done.err
    done = asked(monkeypatch, tmp_path, "Pian: 9", name="answers.yaml")
    assert done.status == 3
    assert "answers.yaml:1:1: error: this is the name of no question" in done.err and "`pain`" in done.err
    done = asked(monkeypatch, tmp_path, "pain: 9", "Pain: 8", name="answers.yaml")
    assert "answered twice" in done.err


SECRETS = ("4711", "zanzibar", "2031-05")
WRONG = (
    "zanzibar", "1=4711", "4=4711", "4=4711 zanzibar", "3 2031-05", "99=4711", "5=4711,5", "5=zanzibar",
    "1 1=4711",
        "4=2031-05", "5=9@2031-05", "zanzibar; 4711; all", "n b by zanzibar 4711", "5=9 5=4711", "4=49 on 4711",
    *(f"{n}=4711 zanzibar" for n in range(3, 6)), *(f"{n}=zanzibar 2031-05" for n in range(3, 6)),
)  # fmt: skip


@pytest.mark.parametrize("before", range(0, len(TYPED), 3))
def test_no_message_carries_what_was_answered(
    before: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for text in WRONG:
        (tmp_path / "SYN-0021.yaml").unlink(missing_ok=True)
        done = asked(monkeypatch, tmp_path, *TYPED[:before], text)
        assert not [secret for secret in SECRETS if secret in done.err], (text, done.err)
        if done.err:
            assert done.status == 3
            assert re.match(rf"answers.txt:{before + 1}:1: error: this answer", done.err), done.err


def test_no_message_carries_an_answer_by_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    names = [line.partition(":")[0] for line in BY_NAME.strip().splitlines()[2:]]
    for name in [*names, "zanzibar", "4711"]:
        for value in (
            "zanzibar 4711",
            "4711 zanzibar",
            "{value: 4711 zanzibar, date: 2031-05}",
            "[4711, zanzibar]",
        ):
            (tmp_path / "SYN-0021.yaml").unlink(missing_ok=True)
            done = asked(monkeypatch, tmp_path, f"{name}: {value}", name="answers.yaml")
            assert not [secret for secret in SECRETS if secret in done.err], (name, value, done.err)


def test_questions_are_never_read_from_a_pipe(tmp_path: Path) -> None:
    path = tmp_path / "SYN-0021.yaml"
    done = child(*ASK, "--save", str(path), stdin=b"n\nn\n")
    assert done.returncode == 3
    assert done.stdout == b""
    assert b"--answers FILE" in done.stderr
    assert not path.exists()
    done = child(*ASK, "--save", str(path), "--answers", "-", stdin=b"4=49 5=9 n b\n")
    assert done.returncode == 4
    assert b"Age: {age: 49" in path.read_bytes()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "say where the answers are kept"),
        (("none.yaml",), "cannot be read"),
        (("-",), "a record from standard input cannot be kept"),
        (("--save", "nowhere/SYN-1.yaml"), "there is no such folder"),
        (("--save", "SYN-1.yaml", "--by", "a\x1bb"), "say who asks"),
    ],
)
def test_what_cannot_be_kept_is_refused_before_anything_is_asked(
    arguments: tuple[str, ...], message: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    answers = tmp_path / "answers.txt"
    answers.write_text("?\n", encoding="utf-8")
    done = call(monkeypatch, *ASK, *arguments, "--answers", str(answers))
    assert done.status == 3
    assert message in done.err
    assert done.out == ""


def test_what_a_bundle_says_is_taken_over_and_answers_stand_beside_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    pressures = [
        observation("8480-6", id=f"o{n}", valueQuantity={"value": value, "code": "mm[Hg]", "system": UCUM})
        for n, value in enumerate((156, 127))
    ]
    made, kept = tmp_path / "bundle.json", tmp_path / "bundle.answers.yaml"
    made.write_text(json.dumps(bundle(*pressures, condition(FM))), encoding="utf-8")
    before = made.read_bytes()
    (tmp_path / "answers.txt").write_text("?\nq\n", encoding="utf-8")
    asking = ("ask", "--as-of", DAY, "--by", "K7", "--answers", str(tmp_path / "answers.txt"))
    done = call(monkeypatch, *asking, str(made))
    assert (done.status, done.err) == (4, "")
    assert made.read_bytes() == before
    text = kept.read_text(encoding="utf-8")
    assert "source: Observation/o0" in text and "not known" in text and "1970-05-01" in text
    # The profile says of the person what the bundle says, and is gone on with by its own name.
    library, day = screen.load_protocol("ketamine-ra-fm"), datetime.date.fromisoformat(DAY)
    own, now = (
        screen.screen(library, screen.read_record(path.read_bytes(), library, path.name), day).determination
        for path in (made, kept)
    )
    assert [f.truth for f in own.findings] == [f.truth for f in now.findings]
    assert (own.verdict, own.to_obtain, len(own.alerts)) == (now.verdict, now.to_obtain, len(now.alerts))


def test_answers_are_never_kept_in_a_bundle(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    made, kept, named = (tmp_path / name for name in ("b.json", "b.answers.yaml", "SYN-7.yaml"))
    made.write_text(json.dumps(bundle(condition(FM))), encoding="utf-8")
    before = made.read_bytes()
    (tmp_path / "answers.txt").write_text("?\nq\n", encoding="utf-8")
    asking = (*ASK, "--answers", str(tmp_path / "answers.txt"))
    assert call(monkeypatch, *asking, str(made)).status == 4
    text = kept.read_text(encoding="utf-8")
    again = call(monkeypatch, *asking, str(made))
    assert again.status == 3 and "b.answers.yaml` exists already; go on with it" in again.err
    assert kept.read_text(encoding="utf-8") == text
    assert call(monkeypatch, *asking, str(kept)).status == 4
    kept.unlink()
    assert call(monkeypatch, *asking, str(made), "--save", str(named)).status == 4
    assert named.read_text(encoding="utf-8") == text and not kept.exists()
    assert call(monkeypatch, *asking, "--save", str(made)).status == 4
    assert kept.read_text(encoding="utf-8") == text and made.read_bytes() == before


def test_a_broken_bundle_and_another_persons_file_are_not_written_to(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    made = tmp_path / "bundle.json"
    made.write_text('{"resourceType": "Bundle", "type": "collection", "entry": []}', encoding="utf-8")
    (tmp_path / "answers.txt").write_text("?\n", encoding="utf-8")
    done = call(monkeypatch, *ASK, str(made), "--answers", str(tmp_path / "answers.txt"))
    assert done.status == 3
    assert sorted(each.name for each in tmp_path.iterdir()) == ["answers.txt", "bundle.json"]
    other = tmp_path / "SYN-2.yaml"
    other.write_text("subject: SYN-2\nevidence:\n", encoding="utf-8")
    record = f"{RECORDS}/index.yaml"
    done = call(monkeypatch, *ASK, record, "--save", str(other), "--answers", str(tmp_path / "answers.txt"))
    assert done.status == 3
    assert "exists already" in done.err


def test_a_record_is_copied_where_save_names_another_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "answers.txt").write_text("q\n", encoding="utf-8")
    path = tmp_path / "SYN-3.yaml"
    record = f"{RECORDS}/index.yaml"
    done = call(monkeypatch, *ASK, record, "--save", str(path), "--answers", str(tmp_path / "answers.txt"))
    assert done.status in (2, 4)
    assert path.read_text(encoding="utf-8").startswith("#") or "subject:" in path.read_text(encoding="utf-8")


def test_a_record_of_an_editor_that_marks_its_encoding_is_gone_on_with(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / "SYN-1.yaml"
    path.write_bytes(b"\xef\xbb\xbfsubject: SYN-1\r\nevidence:\r\n  Pain: 9\r\n")
    (tmp_path / "answers.txt").write_text("?\nq\n", encoding="utf-8")
    done = call(monkeypatch, *ASK, str(path), "--answers", str(tmp_path / "answers.txt"))
    assert (done.status, done.err) == (4, "")
    assert "Pain: 9" in path.read_text(encoding="utf-8")


def test_a_site_says_what_is_to_be_done(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "answers.txt").write_text("\n".join(ALERTING), encoding="utf-8")
    site, path = f"{RECORDS}/site.yaml", tmp_path / "SYN-4.yaml"
    more = ("--site", site, "--answers", str(tmp_path / "answers.txt"))
    done = call(monkeypatch, *ASK, "--save", str(path), *more)
    assert "Site text:" in done.out
    assert "none set" not in done.out
    assert "The interview stops here." in done.out


def test_the_order_follows_what_a_site_declares(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "answers.txt").write_text("?\nq\n", encoding="utf-8")
    (tmp_path / "burdens.txt").write_text("blood: 0\nask: 50\n", encoding="utf-8")
    more = ("--answers", str(tmp_path / "answers.txt"), "--burdens", str(tmp_path / "burdens.txt"))
    done = call(monkeypatch, *ASK, "--save", str(tmp_path / "SYN-5.yaml"), *more)
    assert done.status == 4
    # What an alert watches comes first all the same.
    assert "question 1" in done.out.partition("blood: values")[0]
    assert "ask: history" not in done.out
