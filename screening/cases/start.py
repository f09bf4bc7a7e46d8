"""A rule file and a case file to begin with: commented, sound as they are, and to be replaced line by line.

They hold one criterion of each kind as an example; its source is the author's to name.
"""

from __future__ import annotations

RULES_SCHEMA, CASES_SCHEMA = "rules.schema.json", "cases.schema.json"

_RULES = """\
# yaml-language-server: $schema=@RULES@
# A rule file: every sentence of the protocol once, with its source. Replace the examples below.
# `screening lint @NAME@.yaml` checks it, `screening show @NAME@ --rules .` reads it back,
# `screening test @NAME@.yaml --watch` runs its worked cases whenever you save.
library: @NAME@                # the name of this file
version: "0.1"                 # the amendment of the protocol that is in force
title: TODO what this protocol is
status: draft                  # draft, approved or retired
approval: {author: "", reviewer: "", approver: "", effective: ""}
# intended use: who may use it, and for what
# registration: NCT...

# Where the sentences stand. A criterion names a key of these and the exact place.
sources:
  protocol: TODO author, title, version, year, and where to find it

# Values that a site may set otherwise. What no source states is `chosen: true`.
parameters:
  Least Age: {type: Integer, value: 18, chosen: true, text: Completed years}

# The inputs: type, unit in UCUM, codes, how old a value may be, how it is obtained.
# Silence is unknown. It is never an answer, unless `when_absent: false` says because of which source.
requirements:
  Age:
    type: Integer
    take: age on Screening Date
    obtain: ask
  Example Measurement:         # TODO rename; give `code: LOINC ...`, so that it is found in records
    type: Quantity
    unit: mmol/L
    take: latest
    within: 30 days
    chosen: window             # no source states the window
    obtain: blood
  Example Condition:           # TODO rename; give `condition: SNOMED ...`
    type: Boolean
    obtain: chart

# Named values that the criteria use: scores, counts. Delete this, or use it.
definitions: {}

# The sentences. A criterion without `strength:` is absolute; a relative exclusion leads to a review.
# Expressions are literal blocks (`|`); names of several words stand in double quotes, units in single ones.
criteria:
  - id: INC01                  # up to 8 capitals and digits
    category: inclusion
    text: TODO adults; the sentence of the protocol in your words
    source: {protocol: TODO section and page}
    expression: |
      Age >= "Least Age"
  - id: EXC01
    category: exclusion
    text: TODO a measurement above a limit
    source: {protocol: TODO section and page}
    chosen: limit
    expression: |
      "Example Measurement" > 5 'mmol/L'
  - id: EXC02
    category: exclusion
    strength: relative
    text: TODO a condition that somebody has to weigh
    source: {protocol: TODO section and page}
    expression: |
      "Example Condition"
"""

_CASES = """\
# yaml-language-server: $schema=@CASES@
# Worked cases: what is known of somebody, and what must come out. `screening test @NAME@.yaml` runs them.
protocol: @NAME@
base: none                     # or the path of a record, which the cases then change
as of: 2026-01-31
date: 2026-01-30               # of items that state none
given:                         # what every case has
  Age: {born: 1980-06-15}
  Example Measurement: "4.2 'mmol/L'"
  Example Condition: FALSE

cases:
  - case: as given
    why: nothing speaks against
    expect: {verdict: ELIGIBLE}
  - case: just above the limit
    why: the limit itself is still absent
    change: {Example Measurement: "5.1 'mmol/L'"}
    expect: {verdict: INELIGIBLE, criteria: {EXC01: TRUE}, reasons: [EXC01]}
  - case: at the limit
    why: more than 5 is not 5
    change: {Example Measurement: "5 'mmol/L'"}
    expect: {verdict: ELIGIBLE, criteria: {EXC01: FALSE}}
  - case: not measured
    why: what is not known never turns into eligible
    without given: [Example Measurement]
    expect: {verdict: UNDETERMINED, criteria: {EXC01: UNKNOWN}, obtain: [Example Measurement]}
  - case: somebody has to weigh it
    why: a relative exclusion is reviewed
    change: {Example Condition: TRUE}
    expect: {verdict: REVIEW, review exactly: [EXC02]}

# What a source works out and this form cannot say, with the reason.
# not expressible: {name of the case: why}
"""


def rule_text(name: str) -> str:
    """A rule file to begin with."""
    return _RULES.replace("@NAME@", name).replace("@RULES@", RULES_SCHEMA)


def case_text(name: str) -> str:
    """Its first worked cases."""
    return _CASES.replace("@NAME@", name).replace("@CASES@", CASES_SCHEMA)
