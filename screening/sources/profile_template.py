"""An empty profile of a protocol, to be filled in: what is asked, grouped by how it is obtained."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from screening.language.library import DataRequirement, Library
from screening.language.types import NUMBERS
from screening.sources.worth import is_birth, is_gender, range_text
from screening.values.bounds import OPEN

OBTAINED = {
    "chart": "From the chart",
    "ask": "To ask",
    "questionnaire": "Questionnaires",
    "examine": "To examine",
    "blood": "From blood",
    "ECG": "From an ECG",
    "arrange": "To arrange",
    "judge": "To be judged, each by a named person",
}
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9 ()/+-]*[A-Za-z0-9)]\Z")
_WORDS = ("null", "true", "false", "yes", "no", "on", "off", "y", "n")
_WIDTH = 100

HEAD = """\
# A profile for {title}, version {version}. What is left empty is not known; nothing is assumed.
# Values: 9, 5.2 'mg/L', <5 'mg/L', @2026-08-15, @2026-08, 'word', SNOMED 203082005, TRUE, FALSE, UNKNOWN.
# With its date and source: {{value: 9, date: 2026-11-20, source: form 3, by: K7}}
# FALSE for a condition says that its absence was asked for; {{absent: true, date: 2026-11-20}} also says when.
subject: TO-FILL    # a pseudonym, never a name
synthetic:          # true for an invented person
extracted:          # the day of the source's extract
source:
evidence:
"""


def template(library: Library) -> str:
    """An empty profile in YAML with a comment on every item; read back, it holds no evidence."""
    lines = [HEAD.format(title=library.name, version=library.version)]
    for way, title in OBTAINED.items():
        asked = [r for r in library.requirements if r.obtain == way]
        if asked:
            lines.append(f"  # ---- {title}\n")
            lines += [f"{line}\n" for requirement in asked for line in _lines(requirement)]
    return "".join(lines)


def _lines(requirement: DataRequirement) -> Iterator[str]:
    for text in _wrapped(requirement.text):
        yield f"  # {text}"
    if requirement.type.name == "Records":
        yield f"  {key_text(requirement.name)}:  # {'; '.join(_about(requirement))}"
        keys = [f"{field.name}: " for field in requirement.fields]
        yield "  #   complete: false   # true only if the list is known to be whole"
        yield "  #   records:"
        yield "  #     - {" + ", ".join(["date: ", "code: ", *keys]) + "}"
        for field in requirement.fields:
            said = f"; {', '.join(field.values)}" if field.values else ""
            for line in _wrapped(f"{field.name}: {field.type.name}{said}"):
                yield f"  #       {line}"
        return
    yield f"  {key_text(requirement.name)}:  # {'; '.join(_about(requirement))}"


def _about(requirement: DataRequirement) -> Iterator[str]:
    type = requirement.type
    if is_birth(requirement):
        yield "{born: 1969-02}, or {age: 49, date: 2018-02-05}"
        return
    if is_gender(requirement):
        yield "male, female, other or unknown"
        return
    yield f"{type.name} in '{type.unit}'" if type.name == "Quantity" else type.name
    if type.name in NUMBERS and requirement.scale != OPEN:
        yield range_text(requirement.scale)
    if requirement.within:
        yield f"within {_comment(requirement.within)}"
    if requirement.readings > 1:
        yield f"{requirement.readings} readings, as records"
    if requirement.take not in ("", "latest"):
        yield f"the {_comment(requirement.take)} of several counts"


def key_text(name: str) -> str:
    """A name as a key of YAML, quoted where it could be read otherwise."""
    return name if _PLAIN.match(name) and name.casefold() not in _WORDS else json.dumps(name, ensure_ascii=False)


def _comment(text: str) -> str:
    return " ".join(text.split())


def _wrapped(text: str) -> Iterator[str]:
    line = ""
    for word in text.split():
        if line and len(line) + len(word) >= _WIDTH:
            yield line
            line = ""
        line = f"{line} {word}".strip()
    if line:
        yield line
