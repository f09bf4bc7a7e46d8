"""`python -m tests.cql [PATH...]`: the table of the published tests, or of any files of their form."""

from __future__ import annotations

import sys
from pathlib import Path
from xml.etree import ElementTree

from tests.cql.conformance import outcomes
from tests.cql.suite import VARIABLE, found, tests
from tests.cql.table import summary, table

_HELP = f"""python -m tests.cql [PATH...]

Prints how the language stands to the CQL conformance tests in PATH: XML files of the published form, or folders
of them. Without PATH, those that {VARIABLE} names, or that lie beside the checkout.
Exit status: 0 nothing failed, 5 a test inside the subset failed, 3 no tests."""


def main(arguments: list[str]) -> int:
    if "--help" in arguments or "-h" in arguments:
        print(_HELP)
        return 0
    here = found()
    paths = [Path(argument) for argument in arguments] or ([here] if here else [])
    missing = [path for path in paths if not path.exists()]
    try:
        ran = [] if missing else outcomes(tests(paths))
    except ElementTree.ParseError as error:
        print(f"not XML: {error}", file=sys.stderr)
        return 3
    if not ran:
        print("no tests: " + (", ".join(map(str, missing)) or "name a folder of XML files"), file=sys.stderr)
        return 3
    print(table(ran))
    print(summary(ran))
    return 5 if any(outcome.state == "fail" for outcome in ran) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
