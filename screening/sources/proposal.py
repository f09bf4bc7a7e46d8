"""A mapping file proposed for a site's tables, to be read and completed by somebody who knows them.

It places what a name says plainly and asks about the rest in comments; it never guesses what an answer means,
which unit a number has, or whether a day stands before its month.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from screening.errors import Diagnostic, Span, UnreadableRecord
from screening.language.library import DataRequirement, Library
from screening.sources.codebook import Codebook, is_codebook, read_codebook
from screening.sources.delimited import Delimited
from screening.sources.look import Look, Shape, look
from screening.sources.naming import DATE_WORDS, Named, Names, is_of_visit, plain, unit_of, unit_texts
from screening.sources.survey import asked_of_age, asked_of_answers, asked_of_codes, asked_of_zeros, likely_codes
from screening.sources.worth import is_birth, is_gender
from screening.values.frozen import dataclass

_IDS = (
    "id", "record id", "patient id", "person id", "subject id", "participant id", "pat id", "case id", "study id",
    "pid", "seqn", "seqno", "eid", "f eid", "idauniq", "hhidpn", "caseid", "pidp", "mergeid", "mrn", "pseudonym",
    "patient", "subject", "person", "usubjid", "subjid", "screening id",
)  # fmt: skip
_CODES = {
    "loinc": ("LOINC", "observations"), "loinc code": ("LOINC", "observations"),
    "icd10": ("ICD-10", "conditions"), "icd 10": ("ICD-10", "conditions"), "icd10 code": ("ICD-10", "conditions"),
    "icd10cm": ("ICD-10-CM", "conditions"), "icd 10 cm": ("ICD-10-CM", "conditions"),
    "rxnorm": ("RxNorm", "medications"), "rxcui": ("RxNorm", "medications"), "atc": ("ATC", "medications"),
    "atc code": ("ATC", "medications"),
}  # fmt: skip
_STATUS = ("status", "verification status", "verification", "certainty", "diagnosis certainty")
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_ .()/%-]*[A-Za-z0-9_)%]\Z|[A-Za-z_]\Z")
_WORDS = ("null", "true", "false", "yes", "no", "on", "off", "y", "n")
_GENDERS = {"m": "male", "male": "male", "f": "female", "female": "female", "w": "female"}
_WIDTH = 100
REPEATS = ("redcap_repeat_instrument", "redcap_repeat_instance", "redcap_event_name")
HEAD = """\
# What the columns of the tables are, for {title}, version {version}: proposed from their names.
# Read every line; what stands after `#` is for you to settle. What is not mapped is not known.
# All that a mapping may say: screening/mapping.md.
source:
extracted:          # the day of the source's extract
"""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A mapping file as text, how many columns it places, and those that it could not place, by table."""

    text: str
    placed: int
    columns: int
    unplaced: tuple[tuple[str, str], ...]


def propose(paths: Sequence[Path], library: Library) -> Proposal:
    """A mapping of these tables to the requirements of a library. Raises UnreadableRecord for what is no table."""
    books = [path for path in paths if is_codebook(path)]
    codebook = Codebook({each.name: each for path in books for each in read_codebook(path)})
    looks = [look(path) for path in paths if path not in books]
    if not looks:
        message = "this is a data dictionary, and no table is named beside it"
        raise UnreadableRecord(
            Diagnostic(Span(books[0].name), message, UnreadableRecord, help="name the export too")
        )
    names = Names(library)
    ids = [_id_of(one, looks) for one in looks]
    people = min(
        range(len(looks)), key=lambda n: (not _is_of_people(looks[n], ids[n]), -_demographic(looks[n], names), n)
    )
    lines = [HEAD.format(title=library.name, version=library.version)]
    named = [one.shapes[id] for one, id in zip(looks, ids, strict=True) if id]
    # Ids that are filled up with zeros to one width everywhere are written in one way.
    widths = {width for shape in named for width in shape.widths}
    is_padded = len(widths) == 1 and 0 not in widths
    if any(s.spelled for s in named) and all(s.whole == s.filled for s in named) and not is_padded:
        lines.append("ids: numbers        # 42.0, 0042 and 42 are one id; strike it out if they are not\n")
    lines.append("tables:\n")
    placed = columns = 0
    unplaced: list[tuple[str, str]] = []
    for number in (people, *(n for n in range(len(looks)) if n != people)):
        table = _Table(looks[number], names, ids[number], number == people, codebook)
        written = list(table.lines())
        if not table.is_people and not table.is_used:
            # A table of which nothing could be placed stands there to be completed, and is not read as it is.
            written = [f"  # {line[2:]}" for line in written]
        lines += [f"{line}\n" for line in written]
        placed += len(table.placed)
        columns += len(table.look.file.header)
        unplaced += [(table.look.file.name, column) for column in table.unplaced]
    return Proposal("".join(lines), placed, columns, tuple(unplaced))


def _id_of(one: Look, looks: Sequence[Look]) -> str:
    """The column that seems to say whose a row is: by its name, else the one that all tables share."""
    by_name = {plain(column): column for column in reversed(one.file.header)}
    found = next((by_name[name] for name in _IDS if name in by_name), "")
    if found or len(looks) < 2:
        return found
    shared = [name for name in one.file.header if all(name in other.file.header for other in looks)]
    return next((name for name in shared if plain(name).endswith("id")), "")


def _is_of_people(one: Look, id: str) -> bool:
    """Whether each id stands in a table once."""
    return bool(id) and id not in one.repeated


def _demographic(one: Look, names: Names) -> int:
    """How many columns say what belongs to a person and to no event: birth, age, gender."""
    found = [named.requirement for column in one.file.header if (named := names.named(column)) is not None]
    return sum(is_birth(requirement) or is_gender(requirement) for requirement in found)


class _Table:
    """The proposal for one table."""

    def __init__(self, seen: Look, names: Names, id: str, is_people: bool, codebook: Codebook) -> None:
        self.look, self.names, self.id, self.is_people, self.codebook = seen, names, id, is_people, codebook
        self.header = [column for column in seen.file.header if column]
        self.placed: set[str] = {id} if id else set()
        self.dates = [name for name in self.header if seen.shapes[name].is_date and name != id]
        self.unplaced: list[str] = []
        self.is_used = False
        # A REDCap project with events or repeating forms has several rows a person.
        self.placed |= {name for name in self.header if name.casefold() in REPEATS}
        self.is_repeated = any(name.casefold() in REPEATS for name in self.header)

    def lines(self) -> Iterator[str]:
        """The lines of YAML."""
        file, people = self.look.file, self.is_people
        yield f"  {_quoted(file.name)}:"
        if people:
            yield "    people: true"
        if self.id:
            yield f"    id: {_quoted(self.id)}"
        else:
            yield "    id: TO-FILL    # no column looks like an id: name the one that says whose a row is"
        if people and self.is_repeated:
            yield "    repeats: true    # a row for each event, and for each time that a form was filled in"
        elif people and self.id in self.look.repeated:
            yield "    # some ids stand twice, or none: the second is out; `repeats: true` makes it an entry more,"
            yield "    # and `id: [STATE, NUMBER]` an id of several columns"
        yield from self.written()
        body = [*self.columns()]
        groups = [*self.boxes()]
        rows = [*self.rows()]
        self.is_used = bool(body or rows) or any("# " not in line for line in groups)
        date = self.date()
        if date and is_of_visit(date):
            self.placed.add(date)
            yield f"    date: {_quoted(date)}    # of every value of a row that names no other"
        elif date:
            yield f"    # date: {_quoted(date)}    # is it the day of every value of a row that names no other?"
        if body:
            yield "    columns:"
            yield from body
        yield from groups
        yield from rows
        if not body and not groups and not rows:
            yield "    columns: {}    # nothing of it could be placed"
        self.unplaced = [name for name in self.header if name not in self.placed]
        if self.unplaced:
            yield from _comment(f"not placed: {', '.join(self.unplaced)}", "    ")
            shapes = self.look.shapes
            likely = {name: codes for name in self.unplaced if (codes := likely_codes(shapes[name]))}
            if likely:
                said = "; ".join(f"{name} {', '.join(codes)}" for name, codes in likely.items())
                ask = f"numbers there that may say that there is no value, for `missing:` of a column: {said}"
                yield from _comment(ask, "    ")
            if zeros := asked_of_zeros(shapes, self.unplaced):
                yield from _comment(zeros, "    ")

    def written(self) -> Iterator[str]:
        file, shapes = self.look.file, self.look.shapes
        if isinstance(file, Delimited):
            if file.encoding != "utf-8":
                yield f"    encoding: {file.encoding}"
            if file.delimiter != ",":
                yield f"    delimiter: {'tab' if file.delimiter == chr(9) else json.dumps(file.delimiter)}"
            if sum(shape.commas for shape in shapes.values()) > 0 and file.delimiter != ",":
                yield '    decimal: ","'
        forms = {form for name in self.dates if (form := shapes[name].date_form())}
        known = sorted(forms - {"?"})
        if known:
            yield f"    dates: [{', '.join(known)}]"
        if "?" in forms:
            yield "    # dates like 03/04/2024: say `dates: DD/MM/YYYY` or `dates: MM/DD/YYYY`"
        words = sorted({word for shape in shapes.values() for word in shape.missing})
        if words:
            yield f"    missing: [{', '.join(map(json.dumps, words))}]    # strike out what is an answer"
        if self.look.broken:
            yield f"    # {self.look.broken} of the first rows cannot be read; they would be rejected"

    def date(self) -> str:
        """The day of the rows: one column of days is left that is named so, or that answers nothing itself."""
        left = [name for name in self.dates if name not in self.placed]
        named = [name for name in left if is_of_visit(name)]
        return named[0] if len(named) == 1 else left[0] if len(left) == 1 else ""

    def columns(self) -> Iterator[str]:
        taken: set[str] = set()
        for column in self.header:
            shape = self.look.shapes[column]
            named = None if column == self.id or "___" in column else self.named(column)
            if named is None:
                continue
            if (
                shape.is_date
                and named.requirement.type.name not in ("Date", "DateTime")
                and not is_birth(named.requirement)
            ):
                continue
            if named.requirement.type.name == "Records" or (named.requirement.name in taken and not named.is_sure):
                continue
            taken.add(named.requirement.name)
            self.placed.add(column)
            yield from self.column(column, named, shape)

    def named(self, column: str) -> Named | None:
        """What a column is likely to answer, by its name, else by its label in the data dictionary."""
        found, field = self.names.named(column), self.codebook.of(column)
        if field is None:
            return found
        by_label = self.names.named(field.label)
        if found is None and by_label is not None:
            found = by_label._replace(is_sure=False)
        if found is not None and not found.unit:
            units = (by_label.unit if by_label else "", *unit_texts(field.label), field.note)
            unit = next((known for text in units if (known := unit_of(text, found.requirement))), "")
            found = found._replace(unit=unit)
        return found

    def column(self, column: str, named: Named, shape: Shape) -> Iterator[str]:
        requirement, field = named.requirement, self.codebook.of(column)
        told = requirement.missing if field is None else (*requirement.missing, *field.untold)
        parts = [f"for: {_quoted(requirement.name)}"]
        asks: list[str] = [] if named.is_sure else [f"by resemblance to {requirement.name}: is it?"]
        if named.is_age:
            parts.append("as: age")
            day = self.date_of(column) or (self.dates[0] if len(self.dates) == 1 else "")
            parts.append(f"date: {_quoted(day)}" if day else "on: TO-FILL")
            if not day:
                asks.append("on which day, or in which year, was the age told")
            elif not self.date_of(column) and not is_of_visit(day):
                asks.append(f"was the age told on the day in {day}? else `on:` says the day, or the year")
            asks += asked_of_age(shape)
        if requirement.type.name == "Quantity":
            if named.unit:
                parts.append(f"unit: {json.dumps(named.unit)}")
            else:
                usual = requirement.type.unit or "1"
                asks.append(f"in which unit? `unit: {json.dumps(usual)}`; without one no value can be used")
        day = "" if named.is_age or is_birth(requirement) else self.date_of(column)
        if day:
            self.placed.add(day)
            parts.append(f"date: {_quoted(day)}")
        if is_gender(requirement):
            words = {word: _GENDERS[word] for word in sorted(shape.words) if word in _GENDERS}
            if field is not None and field.genders:
                parts.append(_words(field.genders))
            elif shape.words and len(words) == len(shape.words):
                cased = {each for word in words for each in (word, word.upper(), word.title())}
                parts.append(f"words: {{{', '.join(f'{w}: {_GENDERS[w.casefold()]}' for w in sorted(cased))}}}")
            else:
                asks.append("what do the answers mean? `words: {1: male, 2: female}`")
        elif requirement.type.name in ("Boolean", "Judgement") and field is not None and field.yes_or_no:
            parts.append(_words(field.yes_or_no))
        elif requirement.type.name in ("Boolean", "Judgement") and not shape.words <= {"true", "false"}:
            asks.append(asked_of_answers(shape))
        if field is not None and field.untold:
            parts.append(
                f"missing: [{', '.join(json.dumps(each) for pair in field.untold.items() for each in pair)}]"
            )
        asks += asked_of_codes(requirement, shape, told)
        yield f"      {_quoted(column)}: {{{', '.join(parts)}}}"
        for ask in asks:
            yield from _comment(ask, "      ")

    def date_of(self, column: str) -> str:
        """A column of days that is named after another one: `crp_date` beside `crp_mg_l`."""
        words = plain(column)
        bare = self.names.parted(words)[0]
        wanted = {f"{name} {word}" for name in (words, bare) for word in DATE_WORDS}
        wanted |= {f"date {name}" for name in (words, bare)} | {f"date of {name}" for name in (words, bare)}
        return next((name for name in self.dates if plain(name) in wanted), "")

    def boxes(self) -> Iterator[str]:
        """Groups of boxes as REDCap exports them: `conditions___1`, and the form that they stand in."""
        groups: dict[str, list[str]] = {}
        for column in self.header:
            name, mark, _ = column.partition("___")
            if mark and name:
                groups.setdefault(name, []).append(column)
        lines: list[str] = []
        for columns in groups.values():
            last = self.header.index(columns[-1])
            form = next((name for name in self.header[last:] if name.casefold().endswith("_complete")), "")
            of_form = f"form: {_quoted(form)}, " if form else ""
            self.placed |= {form} if form else set()
            answers, untold = [], []
            for column in columns:
                kind, label = self.codebook.answer(column)
                named = self.names.named(label or column.partition("___")[2])
                if kind == "none":
                    of_form += f"none: {_quoted(column)}, "
                elif kind == "missing":
                    untold.append(_quoted(column))
                elif named is not None and named.requirement.type.name in ("Boolean", "Records"):
                    answers.append(f"{_quoted(column)}: {_quoted(named.requirement.name)}")
                else:
                    continue
                self.placed.add(column)
            of_form += f"missing: [{', '.join(untold)}], " if untold else ""
            if answers:
                lines.append(f"      - {{{of_form}columns: {{{', '.join(answers)}}}}}")
            else:
                # Nobody can tell from a number which answer it is.
                lines.append(f"      # - {{{of_form}columns: {{{columns[0]}: NAME OF A REQUIREMENT}}}}")
        if lines:
            yield "    checkboxes:" if any("# -" not in line for line in lines) else "    # checkboxes:"
        yield from lines

    def rows(self) -> Iterator[str]:
        """A table of coded entries."""
        by_name = {plain(column): column for column in reversed(self.header)}
        for name, (system, listed) in _CODES.items():
            if name not in by_name or self.is_people:
                continue
            parts = [f"list: {listed}", f"code: {_quoted(by_name[name])}", f"system: {system}"]
            self.placed.add(by_name[name])
            codes: list[str] = []
            for key, usual in (("value", ("value", "result")), ("unit column", ("unit", "units"))):
                column = next((by_name[one] for one in usual if one in by_name), "")
                if column and listed == "observations":
                    self.placed.add(column)
                    parts.append(f"{key}: {_quoted(column)}")
                    codes += self.look.shapes[column].odd_codes() if key == "value" else []
            yield f"    rows: {{{', '.join(parts)}}}"
            said = next((by_name[one] for one in _STATUS if one in by_name), "")
            if said:
                ask = (
                    f"does {said} say that an entry is refuted, absent or only suspected? then `status:` names it"
                )
                yield from _comment(ask, "    ")
            if codes:
                ask = f"does {' or '.join(codes)} say that there is no value? then `missing:` beside it names them"
                yield from _comment(ask, "    ")
            return
        rows_of = None if self.is_people and not self.is_repeated else self.names.listed(self.header)
        if rows_of is not None:
            yield from self.entries(*rows_of)

    def entries(self, requirement: DataRequirement, fields: dict[str, str]) -> Iterator[str]:
        """A table of which each row is one entry of a requirement, by the names of its fields."""
        parts = [f"for: {_quoted(requirement.name)}"]
        if self.is_repeated:
            # Of a repeating form each row is an entry; the other rows of the table are of other forms.
            form = next(iter(self.codebook.forms(fields)), "") or "TO-FILL"
            column = next((name for name in self.header if name.casefold() == REPEATS[0]), "")
            parts += [f"where: {{{column}: {_quoted(form)}}}"] if column else []
        for key, starts in (("date", ("start", "begin", "from")), ("until", ("stop", "end", "until", "to"))):
            day = next((name for name in self.dates if plain(name).startswith(starts)), "")
            if day:
                self.placed.add(day)
                parts.append(f"{key}: {_quoted(day)}")
        self.placed |= set(fields.values())
        named = ", ".join(f"{field}: {_quoted(column)}" for field, column in fields.items())
        yield f"    rows: {{{', '.join(parts)}, fields: {{{named}}}}}"
        closed = [f.name for f in requirement.fields if f.name in fields and f.values]
        if closed:
            yield from _comment(
                f"by the names of its fields; {', '.join(closed)} take declared words alone", "    "
            )


def _words(words: Mapping[str, str]) -> str:
    return f"words: {{{', '.join(f'{json.dumps(word)}: {meaning}' for word, meaning in words.items())}}}"


def _quoted(text: str) -> str:
    return text if _PLAIN.match(text) and text.casefold() not in _WORDS else json.dumps(text, ensure_ascii=False)


def _comment(text: str, indent: str) -> Iterator[str]:
    line = ""
    # What is to be copied stays on one line.
    for word in re.findall(r"[^\s`]*`[^`]*`\S*|\S+", text):
        if line and len(indent) + len(line) + len(word) > _WIDTH:
            yield f"{indent}# {line}"
            line = " "
        line += f" {word}" if line.strip() else word if not line else f" {word}"
    yield f"{indent}# {line}"
