"""The sentences about one determination that every form of it says: verdict, counts, assumptions, gaps."""

from __future__ import annotations

import datetime
import re
from collections import Counter

from screening.language import expression as e
from screening.language.expression import AnyNode, parts
from screening.language.library import Criterion, Library
from screening.outcome.determination import (
    NOT_APPLICABLE,
    Finding,
    Standing,
    Verdict,
    is_bar,
    rescreen_not_before,
)
from screening.reports.account import Account, sign_off
from screening.reports.label import favourable, own_sentence
from screening.reports.measure import label_of
from screening.reports.reason import is_judgement_open
from screening.reports.words import (
    DECISION_SUPPORT,
    NOT_ELIGIBLE,
    NOT_THE_SAME,
    OBTAINED,
    counted,
    joined,
    listed,
    safe,
    window,
)
from screening.values import calendar
from screening.values.frozen import dataclass
from screening.values.truth import FALSE, TRUE, UNKNOWN

STATUS = {"draft": "DRAFT, not for use in care", "retired": "RETIRED, not for use in care"}
_UNFIT = re.compile(r"\bdoes not mean\b")
_NAMED_TREATMENT = re.compile(r"\bketamine\b", re.IGNORECASE)


def status_of(library: Library) -> str:
    """Whether the rules may be used at all."""
    if library.status != "approved":
        return STATUS.get(library.status, STATUS["draft"])
    effective = dict(library.approval).get("effective", "")
    return f"status: approved, effective {safe(effective)}"


def not_yet_sentence(library: Library, as_of: datetime.date) -> str:
    """That a file does not hold yet on the day of the screening, where its effective date lies after it."""
    effective = dict(library.approval).get("effective", "")
    return f"the rules hold from {safe(effective)}, after the as-of date" if effective > as_of.isoformat() else ""


def signed_sentence(library: Library) -> str:
    """Who answers for a file, as far as it says so."""
    return ", ".join(f"{key} {safe(name)}" for key, name in library.approval if name)


def person_of(account: Account) -> str:
    """The pseudonym, whether the person is synthetic, and the day."""
    synthetic = "synthetic" if account.subject.synthetic else ""
    return joined((safe(account.subject.id), synthetic, f"as of {account.as_of.isoformat()}"))


@dataclass(frozen=True, slots=True)
class Sorted:
    """The criteria of a determination in the order in which they are told."""

    bars: tuple[Criterion, ...]
    review: tuple[Criterion, ...]
    not_arranged: tuple[Criterion, ...]
    met: tuple[Criterion, ...]
    absent: tuple[Criterion, ...]
    in_place: tuple[Criterion, ...]
    not_applicable: tuple[Criterion, ...]
    open: tuple[Criterion, ...]


def sort(account: Account) -> Sorted:
    """Each criterion in exactly one group: against, to review, not in place, met, absent, open and so on."""
    groups: dict[str, list[Criterion]] = {name: [] for name in Sorted.__dataclass_fields__}
    for criterion in sorted(account.library.criteria, key=_rank):
        groups[_group(account, criterion, account.findings[criterion.id])].append(criterion)
    return Sorted(**{name: tuple(found) for name, found in groups.items()})


def _rank(criterion: Criterion) -> int:
    """Inclusions first, then what is absolute, what is relative, what is to be arranged."""
    if criterion.strength == "administrative":
        return 3
    return 0 if criterion.category == "inclusion" else 2 if criterion.strength == "relative" else 1


def _group(account: Account, criterion: Criterion, finding: Finding) -> str:
    if finding.shown == NOT_APPLICABLE:
        return "not_applicable"
    if is_bar(criterion, finding.truth):
        return "bars"
    if criterion.id in account.determination.to_review and _is_cause(account, criterion, finding):
        return "review"
    if finding.truth is UNKNOWN:
        return "open"
    if criterion.strength == "administrative":
        return "in_place" if finding.truth is TRUE else "not_arranged"
    return "met" if criterion.category == "inclusion" else "absent"


def _is_cause(account: Account, criterion: Criterion, finding: Finding) -> bool:
    """Whether a criterion is reviewed for what is known of it.

    Where the verdict waits for data anyway, a relative criterion of which nothing is recorded is one more
    thing to obtain, and is listed and counted there.
    """
    if account.determination.verdict is Verdict.REVIEW:
        return True
    return finding.truth is TRUE or finding.contradicted or is_judgement_open(finding)


def verdict_phrase(account: Account, found: Sorted) -> str:
    """What stands beside the verdict."""
    match account.determination.verdict:
        case Verdict.ELIGIBLE:
            return "no bar was found in the data given"
        case Verdict.INELIGIBLE:
            return _bars_phrase(found.bars)
        case Verdict.REVIEW:
            return f"no absolute bar; {len(found.review)} to be reviewed"
    unknown = sum(f.truth is UNKNOWN for f in account.determination.findings)
    every = counted(len(account.library.criteria), "criterion", "criteria")
    missing = counted(len(found.not_arranged), "arrangement")
    if not unknown:
        return f"{missing} not in place"
    also = f"; {missing} not in place" if found.not_arranged else ""
    return f"{unknown} of {every} {'is' if unknown == 1 else 'are'} unknown{also}"


def _bars_phrase(bars: tuple[Criterion, ...]) -> str:
    exclusions = sum(c.category == "exclusion" for c in bars)
    inclusions = len(bars) - exclusions
    parts = [
        counted(exclusions, "absolute exclusion") if exclusions else "",
        f"{counted(inclusions, 'inclusion')} not met" if inclusions else "",
    ]
    passing = sum(bool(c.until) for c in bars)
    change = ""
    if passing and passing == len(bars):
        change = {1: "it may change", 2: "both may change"}.get(passing, "all may change")
    elif passing:
        change = f"{passing} of them may change"
    return joined((", ".join(part for part in parts if part), change), "; ")


def verdict_sentence(account: Account, found: Sorted) -> str:
    """The sentences below the verdict: those that every protocol says, and the protocol's own."""
    return joined((_verdict_sentence(account, found), own_sentence(account)), " ")


def _verdict_sentence(account: Account, found: Sorted) -> str:
    other = favourable(account.library)
    match account.determination.verdict:
        case Verdict.ELIGIBLE:
            said = next((w for w in account.library.fixed_words if _UNFIT.search(w)), "")
            return said or f"This does not mean that {_treatment(account)} is indicated or safe for this person."
        case Verdict.UNDETERMINED if not found.review:
            return f"Nothing recorded speaks against. {NOT_THE_SAME.format(other)}"
        case Verdict.UNDETERMINED:
            return f"No absolute bar is recorded; {len(found.review)} to be reviewed. {NOT_ELIGIBLE.format(other)}"
    return ""


def _treatment(account: Account) -> str:
    """What the protocol is about, where its title says so."""
    named = _NAMED_TREATMENT.search(account.library.title)
    return named[0].lower() if named is not None else "treatment"


def counts_sentence(found: Sorted) -> str:
    """Every group of criteria with its count."""
    parts = [
        counted(len(found.bars), "bar") if found.bars else "",
        f"{len(found.review)} to be reviewed" if found.review else "",
        f"{counted(len(found.met), 'inclusion')} met" if found.met else "",
        f"{counted(len(found.absent), 'exclusion')} absent" if found.absent else "",
        f"{len(found.not_applicable)} not applicable" if found.not_applicable else "",
        f"{counted(len(found.in_place), 'arrangement')} made" if found.in_place else "",
        f"{counted(len(found.not_arranged), 'arrangement')} not in place" if found.not_arranged else "",
        f"{len(found.open)} unknown" if found.open else "",
    ]
    said = ", ".join(part for part in parts if part)
    if len(said) >= window() - 2:
        said = re.sub(r" arrangements? made", " arranged", said)
    return f"{said}." if said else ""


def categories(criteria: tuple[Criterion, ...]) -> str:
    """How many criteria of which kind: `36 exclusions and 6 arrangements`."""
    kinds = Counter("arrangement" if c.strength == "administrative" else c.category for c in criteria)
    relative = sum(c.strength == "relative" for c in criteria)
    of_them = f" ({relative} relative)" if relative else ""
    named = {"inclusion": "", "exclusion": of_them, "arrangement": ""}
    return listed([counted(kinds[kind], kind) + more for kind, more in named.items() if kinds[kind]])


def searched_sentence(account: Account) -> str:
    """What the record holds at all, and what its silence means."""
    rows = sum(len(rows) for rows in account.subject.evidence.values())
    absences = sum(len(rows) for rows in account.subject.absences.values())
    complete = len(account.subject.complete)
    lists = f"{counted(complete, 'list')} complete" if complete else "no list complete"
    facts = counted(rows + absences, "fact")
    return f"Searched: {facts}, {lists}; silence is unknown, not a no."


def sign_off_sentence(library: Library, whole: bool = False) -> str:
    """What nobody has signed: site choices by number, what is unverified by criterion; `whole`: each limit."""
    missing = sign_off(library)
    if library.status == "approved":
        choices = f"site choices: {missing.choices}"
    elif missing.choices:
        choices = f"missing for {counted(missing.choices, 'site choice')}"
    else:
        choices = "missing"
    # Never cut: each criterion that reads a number which nobody has verified stands on every screen.
    codes = (counted(missing.codes, "code"),) if missing.codes else ()
    named = missing.unverified if whole or not library.criteria else (*missing.criteria, *codes)
    return joined((choices, f"unverified: {', '.join(map(safe, named))}" if named else ""), "; ")


def assumed_sentence(account: Account) -> str:
    """Where a rule file or a site lets silence be an answer, and denials that are old; each by name."""
    by_rule: list[str] = []
    by_site: list[str] = []
    names = dict.fromkeys(name for f in account.determination.findings for name in f.silences)
    for name in names:
        requirement = account.requirements[name]
        complete = account.subject.complete.get(name)
        declared = complete is not None and complete.basis == "site declaration"
        (by_site if declared else by_rule).append(label_of(requirement))
    old = _old_denials(account)
    if not by_rule and not by_site and not old:
        return "nothing: no silence was read as an answer"
    parts = [
        f"not mentioned, read as no by the rule file: {listed(by_rule)}" if by_rule else "",
        f"read as no because the site declares the list complete: {listed(by_site)}" if by_site else "",
        f"denied more than a year ago or without a date, read as still so: {listed(old)}" if old else "",
    ]
    return joined(parts, "; ")


def _old_denials(account: Account) -> list[str]:
    """What an attested absence answered that is undated or older than a year, which is for a person to weigh."""
    # SPEC: semantics 1.2; a denial is read as standing until something later is recorded.
    last_year = calendar.beside(account.trace.as_of, -365)
    answering = (s.facts for s in account.trace.steps if s.reason == "absence attested" and s.value is FALSE)
    denials = (denial for facts in answering for denial in account.denials(facts))
    old = (denial for denial in denials if denial.when.high is None or denial.when.high < last_year)
    return list(dict.fromkeys(label_of(account.requirements[denial.requirement]) for denial in old))


def protocol_words(library: Library) -> list[str]:
    """The fixed words of a protocol beside those that every screen says anyway."""
    every = [safe(words) for words in library.fixed_words]
    return [words for words in every if not words.startswith(DECISION_SUPPORT[:16])]


def changed_sentence(library: Library) -> str:
    """Parameters whose value in force is not the rule file's own.

    What an included file sets of another one is its own: it was so when the file was included. One that no
    file gives a value has been changed by nobody.
    """
    own = ("library", "run", "not set", *(included.name for included in library.includes))
    changed = [
        f"{safe(p.name)} {safe(p.written)} ({safe(p.origin)})" for p in library.parameters if p.origin not in own
    ]
    return ", ".join(changed)


def missing_sentence(library: Library) -> str:
    """What a file does not hold of its protocol, and what follows from it."""
    return f"{safe(library.incomplete).rstrip('.')}: never ELIGIBLE" if library.incomplete else ""


def rescreen_sentence(account: Account, found: Sorted) -> str:
    """When a new screening could differ by the passing of time alone."""
    if account.determination.verdict is not Verdict.INELIGIBLE:
        return ""
    day = rescreen_not_before(account.determination)
    if day is None:
        undated = [c for c in found.bars if account.findings[c.id].until is None]
        if undated and all(_may_pass(account, c.expression) for c in undated):
            return "whether a date alone is enough is told by `screening when`"
        lifted = any(c.until for c in found.bars)
        return "no date alone is enough: something has to change or be repeated" if lifted else ""
    return f"not before {day.isoformat()}, if nothing else changes"


def _may_pass(account: Account, node: AnyNode, seen: frozenset[str] = frozenset()) -> bool:
    """Whether a criterion asks how long ago something was, so that it may be over by time alone."""
    match node:
        case e.Timing() | e.Duration() | e.Age():
            return True
        case e.Select() | e.DateOf():
            # That a reading becomes too old makes nothing absent.
            return False
        case e.Reference(name) if name in seen:
            return False
        case e.Reference(name):
            return _may_pass(account, account.expressions[name], seen | {name})
    return any(_may_pass(account, part, seen) for part in parts(node))


@dataclass(frozen=True, slots=True)
class ToObtain:
    """Open items of one way of obtaining."""

    way: str
    labels: tuple[str, ...]
    count: int


def to_obtain(account: Account) -> list[ToObtain]:
    """What is to be obtained, grouped by how; what is to be arranged comes last."""
    groups: dict[str, list[str]] = {}
    for item in account.determination.to_obtain:
        groups.setdefault(item.obtain, []).append(label_of(account.requirements[item.requirement]))
    order = [way for way in OBTAINED if way in groups] + [way for way in groups if way not in OBTAINED]
    return [ToObtain(way, tuple(dict.fromkeys(groups[way])), len(groups[way])) for way in order]


def standing_phrase(standing: Standing) -> str:
    """The standing in the words of the screens."""
    return f"standing: {standing.value}"
