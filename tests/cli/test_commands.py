"""The command line: exit statuses, refusals, consoles, help, and what is imported when."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import jsonschema
import pytest
import yaml

from screening import errors, screen
from screening.cli import main as program
from screening.cli import options
from tests.checkout import ROOT
from tests.cli.calls import RECORDS, RULES, SMALL, call, check, child, infusion_day

SHIPPED = sorted(path.stem for path in (ROOT / "rules").glob("*.yaml") if not path.name.endswith(".cases.yaml"))


# ---------------------------------------------------------------------------------- exit status


@pytest.mark.parametrize(
    ("outcome", "status"),
    [
        ("ELIGIBLE", 0),
        ("done", 0),
        ("INELIGIBLE", 2),
        ("UNDETERMINED", 4),
        ("REVIEW", 4),
        (errors.SyntaxFault("x"), 3),
        (errors.UnreadableRecord("x"), 3),
        (errors.UnsupportedError("x"), 3),
        (click.UsageError("x"), 3),
        (errors.VerificationError("x"), 5),
        (errors.EngineFault("x"), 1),
        (errors.DefectError("x"), 1),
        (screen.NotScreened("x"), 1),
        (RuntimeError("x"), 1),
        (KeyboardInterrupt(), 130),
        (click.Abort(), 130),
    ],
    ids=str,
)
def test_the_exit_status(outcome: str | BaseException, status: int) -> None:
    assert options.exit_status(outcome) == status


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("chekc",), "did you mean `check`"),
        (("check",), "missing argument"),
        (("check", "no-such-file.yaml"), "cannot be read"),
        (("check", "tests"), "it is a folder; `screening cohort` screens everybody in one"),
        (("check", f"{RECORDS}/index.yaml", "--as-of", "22.11.2026"), "2026-11-22"),
        (("check", f"{RECORDS}/index.yaml", "--as-of", "2026-02-30"), "no such day"),
        (("check", f"{RECORDS}/index.yaml", "--protocol", "smal", "--rules", RULES), "did you mean `small`"),
        (("check", f"{RECORDS}/index.yaml", *SMALL, "--parameter", "Lowest Pain"), "NAME=VALUE"),
        (("check", f"{RECORDS}/index.yaml", *SMALL, "--parameter", "Lowest Pan=3"), "did you mean"),
        (("check", f"{RECORDS}/index.yaml", *SMALL, "--parameter", "Lowest Pain=low"), "whole number"),
        (
            ("check", f"{RECORDS}/index.yaml", *SMALL, "--parameter", "A=1", "--parameter", "A=2"),
            "given twice",
        ),
        (("check", f"{RECORDS}/index.yaml", *SMALL, "--subject", "SYN-9"), "holds no person"),
        (("check", f"{RECORDS}/index.yaml", *SMALL, "--format", "xml"), "xml"),
        (("check", f"{RECORDS}/index.yaml", *SMALL, "--site", "no-such-site.yaml"), "cannot be read"),
        (("check", "/dev/null", *SMALL), "empty"),
        (("show", "small", "SCV01X", "--rules", RULES), "did you mean `SCV01"),
        (("show", "smal"), "no library"),
        (("template", "smal"), "no library"),
        (("verify", "no-such-file.json", "--record", f"{RECORDS}/index.yaml"), "cannot be read"),
        (("verify", f"{RECORDS}/index.yaml"), "--record"),
        (("schema", "certifcate"), "certificate"),
        (("schema", "certificate", "--protocol", "small"), "goes with"),
        (("validate", "no-such-file.yaml"), "cannot be read"),
        (("--no-such-option",), "no-such-option"),
    ],
    ids=lambda each: " ".join(each) if isinstance(each, tuple) else "",
)
def test_wrong_usage_or_input_ends_with_3_and_prints_no_verdict(
    arguments: tuple[str, ...], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = call(monkeypatch, *arguments)
    assert done.status == 3
    assert done.out == ""
    assert words.lower() in done.err.lower()
    assert "Traceback" not in done.err


@pytest.mark.parametrize(
    "text",
    [
        "subject: X\nevidence: {WPI: 29}\n",
        "subject: X\nevidence: {Wpii: 3}\n",
        "subject: X\nevidence: [1, 2]\n",
        "{" * 2000,
        "a: &a [*a, *a]",
        '{"resourceType": "Bundle", "type": "collection"',
        '{"resourceType": "Patient"}',
        "\x00\x01",
    ],
)
def test_a_broken_record_ends_with_3_and_no_traceback(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    done = call(monkeypatch, "check", "-", *SMALL, "--as-of", "2026-11-22", stdin=text.encode())
    assert (done.status, done.out) == (3, "")
    assert re.search(r"error: ", done.err)
    assert "29" not in done.err


def test_the_record_is_read_from_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    record = (ROOT / RECORDS / "eligible.yaml").read_bytes()
    done = call(monkeypatch, "check", "-", *SMALL, "--as-of", "2026-11-22", stdin=record)
    assert (done.status, done.err) == (0, "")
    assert "+ ELIGIBLE" in done.out


def test_today_is_the_default_and_is_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    before = options.today()
    done = call(monkeypatch, "check", f"{RECORDS}/eligible.yaml", *SMALL)
    assert re.search(rf"as of ({before}|{options.today()}) ", done.out)


# ------------------------------------------------------------------------------ our own faults


def test_a_fault_of_ours_is_one_line_without_a_value(monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(*_: object, **__: object) -> None:
        raise KeyError("121 U/L")

    monkeypatch.setattr(screen, "screen", failing)
    with pytest.MonkeyPatch.context() as inner:
        inner.delenv("SCREENING_DEBUG", raising=False)
        done = call(inner, *check("ineligible"))
    assert (done.status, done.out) == (1, "")
    assert done.err.count("\n") == 1
    assert "a fault in this program" in done.err
    assert "121" not in done.err
    with pytest.MonkeyPatch.context() as inner:
        inner.setenv("SCREENING_DEBUG", "1")
        done = call(inner, *check("ineligible"))
    assert "Traceback" in done.err


def test_an_interruption_ends_with_130(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(screen, "screen", interrupted)
    with pytest.MonkeyPatch.context() as inner:
        done = call(inner, *check("ineligible"))
    assert (done.status, done.out.strip()) == (130, "")
    assert "Traceback" not in done.err


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (FileNotFoundError(2, "x", "in/labs\x1b.csv"), r"no such file or directory: `in/labs\x1b.csv`"),
        (PermissionError(13, "x", Path("out/.run")), "permission denied: `out/.run`"),
        (OSError(28, "x"), "no space left on device"),
    ],
    ids=str,
)
def test_a_file_that_fails_is_named(wrong: OSError, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(*_: object, **__: object) -> None:
        raise wrong

    monkeypatch.setattr(screen, "screen", failing)
    with pytest.MonkeyPatch.context() as inner:
        done = call(inner, *check("ineligible"))
    assert (done.status, done.out) == (1, "")
    assert done.err == f"error: the output cannot be written, or a file cannot be read: {said}\n"


# ---------------------------------------------------------------------------------- consoles


def test_a_pipe_gets_no_colour_and_the_same_bytes_whatever_the_window() -> None:
    first = child(*check("review"), environment={"COLUMNS": "40", "TERM": "xterm-256color"})
    second = child(*check("review"), environment={"COLUMNS": "200", "NO_COLOR": "1", "TERM": "dumb"})
    assert first.returncode == second.returncode == 4
    assert first.stdout == second.stdout
    assert b"\x1b" not in first.stdout


@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "cp437", "utf-8"])
def test_any_console_can_show_a_record_in_any_words(encoding: str) -> None:
    environment = {"PYTHONIOENCODING": encoding}
    done = child("validate", f"{RECORDS}/contradicted.yaml", *SMALL, environment=environment)
    assert (done.returncode, done.stderr) == (0, b"")
    text = done.stdout.decode(encoding)
    assert "\\u202egolimumab" in text
    assert "\u202e" not in text
    assert ("\u6f22" in text) is (encoding == "utf-8")
    assert ("\xfc" in text) is (encoding != "ascii")


def test_screens_are_the_same_bytes_in_utf_8_and_cp1252() -> None:
    first, second = (
        child(*check("ineligible"), environment={"PYTHONIOENCODING": encoding}) for encoding in ("utf-8", "cp1252")
    )
    assert first.stdout == second.stdout


def test_a_closed_pipe_is_silent() -> None:
    command = f"{sys.executable} -m screening {' '.join(check('review', '--trace'))} | head -n 1"
    done = subprocess.run(["bash", "-c", command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout.startswith("small 0.1")
    assert done.stderr == ""


def test_a_full_disk_is_no_verdict() -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full here")
    command = f"{sys.executable} -m screening {' '.join(check('review'))} > /dev/full"
    done = subprocess.run(["bash", "-c", command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "cannot be written" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_closed_output_is_silent() -> None:
    command = f"{sys.executable} -m screening {' '.join(check('review'))} >&-"
    done = subprocess.run(["bash", "-c", command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (4, "")


def in_a_terminal(*arguments: str, environment: dict[str, str]) -> str:
    """What a colour terminal of 80 columns is sent."""
    pty = pytest.importorskip("pty")
    parent, inner = pty.openpty()
    kept = {n: v for n, v in os.environ.items() if n not in ("NO_COLOR", "COLORTERM", "TERM", "COLUMNS")}
    with subprocess.Popen(
        [sys.executable, "-m", "screening", *arguments],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=inner,
        stderr=inner,
        env={**kept, **environment},
    ) as process:
        os.close(inner)
        sent = b""
        while True:
            try:
                part = os.read(parent, 65536)
            except OSError:
                break
            if not part:
                break
            sent += part
        process.wait()
    os.close(parent)
    return sent.decode("utf-8").replace("\r\n", "\n")


ESCAPE = re.compile(r"\x1b\[([0-9;]*)m")


@pytest.mark.parametrize(
    ("environment", "against"),
    [
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor"}, "38;2;195;84;10"),
        ({"TERM": "xterm-256color"}, "38;5;131"),
        ({"TERM": "xterm"}, "1"),
    ],
)
def test_a_terminal_gets_colour_on_the_mark_the_verdict_and_the_alert(
    environment: dict[str, str], against: str
) -> None:
    sent = in_a_terminal(*check("ineligible"), environment=environment)
    plain = child(*check("ineligible")).stdout.decode()
    assert ESCAPE.sub("", sent) == plain
    assert f"\x1b[{against}mx\x1b[0m" in sent
    coloured = re.findall(r"\x1b\[[1-9][0-9;]*m([^\x1b]*)\x1b\[0m", sent)
    assert {text.strip() for text in coloured} <= {"x", "?", "!", "+", "INELIGIBLE"}
    alert = in_a_terminal(*check("alert", as_of="2026-11-01"), environment=environment)
    background = {"38;2;195;84;10": "48;2;195;84;10", "38;5;131": "48;5;131", "1": "7"}[against]
    assert re.search(rf"\x1b\[[0-9;]*{background}m!! ALERT", alert)


@pytest.mark.parametrize(
    ("more", "environment"),
    [
        ((), {"TERM": "xterm-256color", "NO_COLOR": "1"}),
        ((), {"TERM": "dumb"}),
        (("--plain",), {"TERM": "xterm-256color"}),
    ],
)
def test_a_terminal_gets_no_colour_where_none_is_wanted(
    more: tuple[str, ...], environment: dict[str, str]
) -> None:
    assert "\x1b" not in in_a_terminal(*check("ineligible", *more), environment=environment)


def test_eligible_gets_no_green_light() -> None:
    sent = in_a_terminal(*check("eligible"), environment={"TERM": "xterm-256color"})
    assert set(ESCAPE.findall(sent)) <= {"0", "1"}


# --------------------------------------------------------------------------------------- help


def commands() -> list[tuple[str, click.Command]]:
    context = click.Context(program.group, info_name="screening")
    found = [(name, program.group.get_command(context, name)) for name in program.COMMANDS]
    return [(name, command) for name, command in found if command is not None]


def test_every_command_of_the_table_is_there() -> None:
    assert [name for name, _ in commands()] == list(program.COMMANDS)


@pytest.mark.parametrize("name", program.COMMANDS)
@pytest.mark.parametrize("option", ["-h", "--help"])
def test_the_help_of_a_command_shows_an_example(name: str, option: str, monkeypatch: pytest.MonkeyPatch) -> None:
    done = call(monkeypatch, name, option)
    assert (done.status, done.err) == (0, "")
    assert re.search(rf"Examples:\n +screening {name}\b", done.out)
    assert [line for line in done.out.splitlines() if len(line) > 80] == []
    assert done.out.isascii()


def test_without_a_command_there_is_help(monkeypatch: pytest.MonkeyPatch) -> None:
    done = call(monkeypatch)
    assert done.status == 0
    assert all(name in done.out for name in program.COMMANDS)


def test_completion_names_commands_and_protocols() -> None:
    def completed(words: str, position: int) -> str:
        environment = {
            "_SCREENING_COMPLETE": "bash_complete",
            "COMP_WORDS": words,
            "COMP_CWORD": str(position),
        }
        return child(environment=environment).stdout.decode()

    assert "plain,check" in completed("screening che", 1)
    assert "plain,ketamine-ra-fm" in completed("screening show ketamine-r", 2)
    source = child(environment={"_SCREENING_COMPLETE": "bash_source"}).stdout.decode()
    assert "_screening_completion" in source


# ------------------------------------------------------------------------------- cold start


SLOW = ("pydantic", "rich", "lark", "yaml", "durable", "difflib", "email", "importlib.metadata")


def imported(*arguments: str) -> set[str]:
    """Which slow libraries a call imports."""
    code = (
        "import sys\n"
        "from screening.cli.main import run\n"
        f"status = run({list(arguments)!r})\n"
        f"sys.stderr.write(' '.join(m for m in {SLOW!r} if m in sys.modules))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(done.stderr.split())


@pytest.mark.parametrize("arguments", [("--version",), ("--help",), ()], ids=str)
def test_what_says_only_who_it_is_imports_nothing_slow(arguments: tuple[str, ...]) -> None:
    assert imported(*arguments) == set()


def test_a_check_in_a_pipe_imports_nothing_slow_once_the_rules_are_kept(tmp_path: Path) -> None:
    child(*check("review"))
    assert imported(*check("review")) == {"yaml"}
    text = (ROOT / RECORDS / "review.yaml").read_text(encoding="utf-8")
    path = tmp_path / "review.json"
    path.write_text(json.dumps(yaml.load(text, yaml.BaseLoader)), encoding="utf-8")
    assert imported(*(str(path) if part.endswith("review.yaml") else part for part in check("review"))) == set()


def test_the_version_names_the_digest_of_every_shipped_file(monkeypatch: pytest.MonkeyPatch) -> None:
    done = call(monkeypatch, "--version")
    assert done.status == 0
    for name in SHIPPED:
        if "\ncriteria:" not in (ROOT / "rules" / f"{name}.yaml").read_text(encoding="utf-8"):
            assert re.search(rf"^{name} ", done.out, re.MULTILINE)  # it lends; nobody is screened against it
            continue
        library = screen.load_library(name)
        digest = " ".join(library.digest[i : i + 4] for i in (0, 4, 8))
        line = next(line for line in done.out.splitlines() if line.startswith(f"{name} {library.version} "))
        assert line.endswith(f"{library.status.upper():<10}rules {digest}")


# -------------------------------------------------------------------------------------- data


@pytest.mark.parametrize("record", ["eligible", "ineligible", "review", "contradicted", "alert", "index"])
def test_the_certificate_follows_its_published_schema_and_agrees(
    record: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    done = call(monkeypatch, *check(record, "--format", "json"))
    data = json.loads(done.out)
    schema = json.loads(call(monkeypatch, "schema", "certificate").out)
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(data, schema)
    assert done.out.isascii()
    assert json.dumps(data, indent=2) + "\n" == done.out
    path = tmp_path / "certificate.json"
    path.write_text(done.out, encoding="utf-8")
    again = call(monkeypatch, "verify", str(path), "--record", f"{RECORDS}/{record}.yaml", "--rules", RULES)
    assert again.status == 0
    assert f"{len(data['steps']):,} of {len(data['steps']):,} steps agree" in again.out


@pytest.mark.parametrize(("record", "label"), [("no-hold", "no hold found"), ("hold", "HOLD"), ("stop", "STOP")])
def test_a_label_and_the_outputs_are_in_the_certificate_and_agree(
    record: str, label: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    done = call(monkeypatch, *infusion_day(record, "--format", "json"))
    data = json.loads(done.out)
    jsonschema.validate(data, json.loads(call(monkeypatch, "schema", "certificate").out))
    said = data["determination"]
    assert said["label"] == label
    told = {output["output"]: output["value"] for output in said["outputs"]}
    assert told["ends_series"] == ("TRUE" if record == "stop" else "FALSE")
    assert told["session"] == {"low": "6", "high": "6"} if record == "stop" else {"low": "3", "high": "3"}
    path = tmp_path / "certificate.json"
    path.write_text(done.out, encoding="utf-8")
    of = ("--record", f"rules/records/infusion-day-{record}.yaml")
    again = call(monkeypatch, "verify", str(path), *of)
    assert again.status == 0
    assert f"{label} ({said['verdict']})" in " ".join(again.out.split())
    path.write_text(done.out.replace(f'"label": "{label}"', '"label": "nothing"'), encoding="utf-8")
    assert call(monkeypatch, "verify", str(path), *of).status == 5


def test_yaml_holds_the_same_data(monkeypatch: pytest.MonkeyPatch) -> None:
    first = json.loads(call(monkeypatch, *check("review", "--format", "json")).out)
    second = yaml.safe_load(call(monkeypatch, *check("review", "--format", "yaml")).out)
    assert first == second


def test_a_certificate_with_parameters_and_a_site_agrees(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    site = ("--site", f"{RECORDS}/site.yaml")
    made = call(monkeypatch, *check("eligible", *site, "--parameter", "Lowest Pain=6", "--format", "json"))
    data = json.loads(made.out)
    assert {p["origin"] for p in data["parameters"] if p["name"] == "Lowest Pain"} == {"command line"}
    path = tmp_path / "certificate.json"
    path.write_text(made.out, encoding="utf-8")
    record = ("--record", f"{RECORDS}/eligible.yaml", "--rules", RULES)
    assert call(monkeypatch, "verify", str(path), *record, *site).status == 0
    assert call(monkeypatch, "verify", str(path), *record).status == 5


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        '"x"',
        "{}",
        '{"a": 1, "a": 1}',
        '{"library": {"name": "small"}, "x": NaN}',
        "[" * 100_000,
    ],
)
def test_what_is_no_certificate_is_refused(text: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "certificate.json"
    path.write_text(text, encoding="utf-8")
    done = call(monkeypatch, "verify", str(path), "--record", f"{RECORDS}/eligible.yaml", "--rules", RULES)
    assert done.status == 5
    assert done.out.startswith("x REFUSED")


def test_every_field_of_a_certificate_counts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    made = json.loads(call(monkeypatch, *check("review", "--format", "json")).out)
    path = tmp_path / "certificate.json"
    for key in made:
        altered: dict[str, Any] = {k: v for k, v in made.items() if k != key}
        path.write_text(json.dumps(altered), encoding="utf-8")
        record = ("--record", f"{RECORDS}/review.yaml", "--rules", RULES)
        assert call(monkeypatch, "verify", str(path), *record).status == 5, key


def test_diagnostics_follow_their_published_schema(monkeypatch: pytest.MonkeyPatch) -> None:
    schema = json.loads(call(monkeypatch, "schema", "diagnostic").out)
    jsonschema.Draft202012Validator.check_schema(schema)
    for path, status in (("tests/cli/faulty", 3), (RULES, 0), ("no-such-folder", 3)):
        done = call(monkeypatch, "lint", path, "--format", "json")
        assert done.status == status
        jsonschema.validate(json.loads(done.out), schema)


def test_the_schemas_of_a_ledger_are_printed_as_they_are_shipped(monkeypatch: pytest.MonkeyPatch) -> None:
    files = sorted((ROOT / "screening" / "schemas").glob("ledger-*.json"))
    assert len(files) == 5
    for path in files:
        said = call(monkeypatch, "schema", path.stem).out
        assert said == path.read_text(encoding="utf-8")
        jsonschema.Draft202012Validator.check_schema(json.loads(said))


def test_records_follow_the_published_schema(monkeypatch: pytest.MonkeyPatch) -> None:
    for more in ((), ("--protocol", "small", "--rules", RULES)):
        schema = json.loads(call(monkeypatch, "schema", "profile", *more).out)
        jsonschema.Draft202012Validator.check_schema(schema)
        for path in sorted((ROOT / RECORDS).glob("*.yaml")):
            if path.name != "site.yaml":
                data = yaml.load(path.read_text(encoding="utf-8"), yaml.BaseLoader)
                jsonschema.validate(data, schema)


# -------------------------------------------------------------------------------- other commands


def test_the_template_is_a_profile_of_which_nothing_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    made = call(monkeypatch, "template", "small", "--rules", RULES)
    assert (made.status, made.err) == (0, "")
    done = call(monkeypatch, "check", "-", *SMALL, "--as-of", "2026-11-22", stdin=made.out.encode())
    assert done.status == 4
    assert "? UNDETERMINED" in done.out


def test_protocols_lists_what_can_be_screened_against(monkeypatch: pytest.MonkeyPatch) -> None:
    done = call(monkeypatch, "protocols", "--rules", RULES)
    assert done.status == 0
    for name in (*SHIPPED, "small", "small-safety"):
        assert re.search(rf"^  {name} 0\.1  DRAFT +rules [0-9a-f ]{{14}}$", done.out, re.MULTILINE)


def test_protocols_lists_what_only_lends(monkeypatch: pytest.MonkeyPatch) -> None:
    done = call(monkeypatch, "protocols")
    assert done.status == 0
    _, _, lending = done.out.partition("Without criteria of their own")
    assert re.search(r"^  drugs 0\.1  DRAFT +rules [0-9a-f ]{14}$", lending, re.MULTILINE)


def test_protocols_names_a_file_that_cannot_be_used(monkeypatch: pytest.MonkeyPatch) -> None:
    done = call(monkeypatch, "protocols", "--rules", "tests/cli/faulty")
    assert done.status == 0
    assert re.search(r"^x +faulty: 3 errors", done.out, re.MULTILINE)


def test_the_shipped_rules_are_sound(monkeypatch: pytest.MonkeyPatch) -> None:
    done = call(monkeypatch, "lint")
    assert (done.status, done.err) == (0, "")
    assert done.out == f"{len(SHIPPED)} files, no errors; {len(SHIPPED)} DRAFT\n"


def test_the_demo_succeeds_whatever_the_verdicts(monkeypatch: pytest.MonkeyPatch) -> None:
    done = call(monkeypatch, "demo")
    assert (done.status, done.err) == (0, "")
    assert "$ screening check rules/records/index-2018.yaml --as-of 2018-02-05" in done.out
    assert "? UNDETERMINED" in done.out
    assert "+ ELIGIBLE" in done.out
