"""Code systems by their URI, membership of medicines, and the few codes that say yes, no or "no known".

The URIs are those of HL7 Terminology. Every code here that decides something was looked up in a public
copy of its terminology; the comments say what it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from screening.language.library import DataRequirement, Library
from screening.values.coding import Code, Codings, is_covered
from screening.values.truth import FALSE, TRUE, UNKNOWN, Truth

LOCAL = "LOCAL"
LINK = "linkId"
# The systems whose codes name products and doses as well as substances, by kind of record.
PRODUCTS = {"medication": ("RxNorm", "SNOMED", "NDC", "PZN"), "allergy": ("RxNorm", "NDC", "PZN")}
_SYSTEMS = {
    "http://snomed.info/sct": "SNOMED",
    "urn:oid:2.16.840.1.113883.6.96": "SNOMED",
    "http://loinc.org": "LOINC",
    "urn:oid:2.16.840.1.113883.6.1": "LOINC",
    "http://www.nlm.nih.gov/research/umls/rxnorm": "RxNorm",
    "urn:oid:2.16.840.1.113883.6.88": "RxNorm",
    "http://hl7.org/fhir/sid/icd-10-cm": "ICD-10-CM",
    "urn:oid:2.16.840.1.113883.6.90": "ICD-10-CM",
    "http://hl7.org/fhir/sid/icd-10": "ICD-10",
    "urn:oid:2.16.840.1.113883.6.3": "ICD-10",
    "http://hl7.org/fhir/sid/icd-9-cm": "ICD-9-CM",
    "urn:oid:2.16.840.1.113883.6.103": "ICD-9-CM",
    "http://www.whocc.no/atc": "ATC",
    "urn:oid:2.16.840.1.113883.6.73": "ATC",
    "http://unitsofmeasure.org": "UCUM",
    "urn:oid:2.16.840.1.113883.6.8": "UCUM",
    "http://hl7.org/fhir/sid/cvx": "CVX",
    "urn:oid:2.16.840.1.113883.12.292": "CVX",
    "http://hl7.org/fhir/sid/ndc": "NDC",
    "urn:omop:concept": "OMOP",
    "http://fdasis.nlm.nih.gov": "UNII",
    "http://www.ama-assn.org/go/cpt": "CPT",
    "http://www.cms.gov/Medicare/Coding/ICD10": "ICD-10-PCS",
    "http://hl7.org/fhir/sid/icpc-2": "ICPC-2",
    "http://fhir.de/CodeSystem/bfarm/icd-10-gm": "ICD-10-GM",
    "http://fhir.de/CodeSystem/bfarm/ops": "OPS",
    "http://fhir.de/CodeSystem/bfarm/atc": "ATC",
    "http://fhir.de/CodeSystem/ifa/pzn": "PZN",
}


def system_of(uri: str | None) -> str:
    """The rule files' short name of a code system; an unknown one keeps its URI, none at all is local."""
    if uri is None or not uri.strip():
        return LOCAL
    uri = uri.strip()
    bare = uri.rstrip("/")
    # SNOMED CT names editions and versions below its URI.
    if bare.startswith("http://snomed.info/sct/"):
        return "SNOMED"
    return _SYSTEMS.get(bare, uri)


def is_known(system: str) -> bool:
    """Whether a system has a short name, so that its codes are codes and not somebody's words."""
    return system in _SYSTEMS.values()


# ----------------------------------------------------------------------------------- membership


class Matcher:
    """Membership in the codes of one requirement, as `values.coding.member` says, made quick."""

    __slots__ = ("exact", "prefixes", "systems", "wanted")

    def __init__(self, wanted: Iterable[Code]) -> None:
        self.wanted = frozenset(wanted)
        self.exact = frozenset(code for code in self.wanted if not code.code.endswith("*"))
        self.prefixes = self.wanted - self.exact
        self.systems = frozenset(code.system for code in self.wanted)

    def match(self, codings: Codings) -> Truth:
        """Membership by system and code; any coding counts."""
        # SPEC: semantics 4.1; a test holds it against `member`, which would look at every pair.
        covered = False
        for code in codings:
            if code.system not in self.systems:
                continue
            if code in self.exact:
                return TRUE
            if self.prefixes and any(is_covered(code, wanted) for wanted in self.prefixes):
                return TRUE
            covered = True
        return FALSE if covered else UNKNOWN


# The letters and digits of an ATC code that names a substance; a shorter one names a class.
_ATC_SUBSTANCE = 7


class Vocabulary:
    """The codes that a library names anywhere, and which of them it calls synonyms."""

    def __init__(self, library: Library) -> None:
        groups = [concept for valueset in library.valuesets for concept in valueset.concepts]
        self._groups: dict[Code, set[Code]] = {}
        for requirement in library.requirements:
            groups += [*requirement.concepts, *(frozenset({code}) for code in requirement.reasons)]
            by_code = (codes for field in requirement.fields for _, codes in field.by_code)
            groups += [frozenset({code}) for codes in by_code for code in codes]
        for group in groups:
            for code in group:
                self._groups.setdefault(code, set()).update(group)
        self._prefixes = Matcher(code for code in self._groups if code.code.endswith("*"))

    def is_named(self, code: Code) -> bool:
        """Whether any table of the library names this code."""
        return code in self._groups or self._prefixes.match((code,)) is TRUE

    def match_substance(self, codings: Codings, matcher: Matcher, products: tuple[str, ...]) -> Truth:
        """Membership of a medicine or an allergen: only a code named for another drug says no.

        A product code (RxNorm SCD or SBD) that no table names may be a product of the drug asked for;
        `products` are the systems whose codes name products and doses as well as substances.
        """
        found = matcher.match(codings)
        if found is not FALSE:
            return found
        named = (code for code in codings if code.system in matcher.systems)
        return FALSE if any(self._is_another(code, matcher, products) for code in named) else UNKNOWN

    def others(self, requirement: DataRequirement, products: tuple[str, ...]) -> Codings:
        """The codes of products that are named here, and not for what a requirement asks for."""
        wanted = requirement.codes or frozenset(requirement.reasons)
        systems = {code.system for code in wanted} & set(products)
        named = (code for code in self._groups if code.system in systems)
        # A category is told apart by its leaves, whichever set it stands in.
        found = (code for code in named if code.code.endswith("*") or not self._groups[code] & wanted)
        return tuple(sorted(found))

    def _is_another(self, code: Code, matcher: Matcher, products: tuple[str, ...]) -> bool:
        """Whether a code is known to mean another substance than those wanted."""
        if code.system == "ATC":
            return not self._is_class_above(code, matcher)
        if code.system not in products:
            return True
        return self.is_named(code) and not self._groups.get(code, {code}) & matcher.wanted

    def _is_class_above(self, code: Code, matcher: Matcher) -> bool:
        """Whether an ATC code is a class that one of the wanted substances belongs to."""
        above = (w.code.removesuffix("*") for w in matcher.wanted if w.system == "ATC")
        return len(code.code) < _ATC_SUBSTANCE and any(wanted.startswith(code.code) for wanted in above)


def vocabularies(library: Library) -> Mapping[str, Vocabulary]:
    """For each requirement of a library the codes that the library names, or the one that it was joined from."""
    # Asked for with every person, and nearly always for the library of the person before.
    for known, found in _LAST:
        if known is library:
            return found
    if library.asked_by:
        made = {id(one): Vocabulary(one) for _, one in library.asked_by}
        found = {name: made[id(one)] for name, one in library.asked_by}
    else:
        found = dict.fromkeys((r.name for r in library.requirements), Vocabulary(library))
    _LAST[:] = [*_LAST[-3:], (library, found)]
    return found


_LAST: list[tuple[Library, Mapping[str, Vocabulary]]] = []


def others(requirement: DataRequirement, library: Library) -> Codings:
    """The codes that say of a medicine or an allergen that it is another one than a requirement asks for.

    Together with the requirement itself they are everything of a library that bears upon its evidence.
    """
    products = PRODUCTS.get(requirement.kind)
    return () if products is None else vocabularies(library)[requirement.name].others(requirement, products)


# --------------------------------------------------------------------------------- yes and no

_YES = frozenset(
    {
        Code("SNOMED", "373066001"),  # Yes (qualifier value)
        Code("SNOMED", "10828004"),  # Positive (qualifier value)
        Code("SNOMED", "52101004"),  # Present (qualifier value)
        Code("SNOMED", "260373001"),  # Detected (qualifier value)
        Code("LOINC", "LA33-6"),  # Yes
        Code("LOINC", "LA6576-8"),  # Positive
        Code("LOINC", "LA9633-4"),  # Present
        Code("http://terminology.hl7.org/CodeSystem/v2-0136", "Y"),
    }
)
_NO = frozenset(
    {
        Code("SNOMED", "373067005"),  # No (qualifier value)
        Code("SNOMED", "260385009"),  # Negative (qualifier value)
        Code("SNOMED", "2667000"),  # Absent (qualifier value)
        Code("SNOMED", "260415000"),  # Not detected (qualifier value)
        Code("LOINC", "LA32-8"),  # No
        Code("LOINC", "LA6577-6"),  # Negative
        Code("LOINC", "LA9634-2"),  # Absent
        Code("http://terminology.hl7.org/CodeSystem/v2-0136", "N"),
    }
)


def answer_of(codings: Codings) -> Truth:
    """Yes or no of a coded answer; UNKNOWN if it says neither, or both."""
    yes, no = any(code in _YES for code in codings), any(code in _NO for code in codings)
    return UNKNOWN if yes is no else TRUE if yes else FALSE


# ---------------------------------------------------------------------------------- "no known"

_IPS = "http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips"
ALLERGIES, DRUGS, PROCEDURES, NOTHING = "allergies", "allergies to drugs", "procedures", "nothing"
PROBLEMS_NOW, MEDICINES_NOW = "problems at present", "medicines at present"
AT_PRESENT = (PROBLEMS_NOW, MEDICINES_NOW)
# INVARIANT: whoever writes "no known allergy" into a list of problems has said nothing of problems.
_SPEAKS_OF = {
    ALLERGIES: "allergy",
    DRUGS: "allergy",
    PROCEDURES: "procedure",
    PROBLEMS_NOW: "condition",
    MEDICINES_NOW: "medication",
}
_NO_KNOWN = {
    Code("SNOMED", "716186003"): ALLERGIES,  # No known allergy (situation)
    Code("SNOMED", "409137002"): DRUGS,  # No known drug allergy (situation)
    Code(_IPS, "no-known-allergies"): ALLERGIES,
    Code(_IPS, "no-known-medication-allergies"): DRUGS,
    # The next two speak of the present: who has no current problem may have had one.
    Code("SNOMED", "160245001"): PROBLEMS_NOW,  # No current problems or disability (situation)
    Code("SNOMED", "787481004"): MEDICINES_NOW,  # No known medications (situation)
    Code("SNOMED", "787480003"): PROCEDURES,  # No known procedures (situation)
    # IPS: "no known ... or none that is relevant for this record", so they attest nothing.
    Code(_IPS, "no-known-problems"): NOTHING,
    Code(_IPS, "no-known-medications"): NOTHING,
    Code(_IPS, "no-known-procedures"): NOTHING,
    Code(_IPS, "no-problem-info"): NOTHING,
    Code(_IPS, "no-medication-info"): NOTHING,
    Code(_IPS, "no-procedure-info"): NOTHING,
    Code(_IPS, "no-allergy-info"): NOTHING,
    Code(_IPS, "no-known-food-allergies"): NOTHING,
    Code(_IPS, "no-known-environmental-allergies"): NOTHING,
}


def no_known(codings: Codings) -> str:
    """What a "no known ..." code speaks of; "" if none of the codings is one."""
    return next((_NO_KNOWN[code] for code in codings if code in _NO_KNOWN), "")


def drug_codes(requirement: DataRequirement) -> Codings:
    """The codes of a requirement's concepts that are drugs for certain: those with an RxNorm or ATC code."""
    return tuple(
        sorted(
            code
            for concept in requirement.concepts
            if any(code.system in ("RxNorm", "ATC") for code in concept)
            for code in concept
        )
    )


def denied_by(requirement: DataRequirement, attests: str) -> Codings | None:
    """What a "no known ..." entry denies of a requirement: these codes, all of it (no code), or nothing (None)."""
    if requirement.kind != _SPEAKS_OF.get(attests):
        return None
    if attests == DRUGS:
        return drug_codes(requirement) or None
    # SPEC: semantics 4.2; "no current problems" denies nothing that a person ever had.
    return () if attests not in AT_PRESENT or requirement.active_only else None
