"""What every node of the language is in CQL, so that its engines give our answers: bounds and three truths kept.

CQL's own operators are used where they mean the same (its connectives are Kleene's); where they would answer TRUE
or FALSE and we say UNKNOWN (counts, `if`, durations, partial dates), a function of `cql_values.cql` or
`cql_entries.cql` says both sides: an ordered value is a tuple of its two ends.
"""

from __future__ import annotations

from screening.interpreters.cql_name import constant, decimal, kind_of, list_of, named, number, text, token
from screening.interpreters.cql_number import call, constant_of, converted, gap, is_fraction
from screening.language import expression as e
from screening.language.expression import AnyNode, Rows
from screening.language.library import AS_OF, DataRequirement
from screening.values.bounds import Bounds
from screening.values.truth import TRUE

_COMPARED = {
    "number": {"<": "Less Than", "<=": "At Most", ">": "Greater Than", ">=": "At Least", "=": "Equal To"},
    "day": {"<": "Day Before", "<=": "Day At Most", ">": "Day After", ">=": "Day At Least", "=": "Same Day"},
    "instant": {
        "<": "Instant Before", "<=": "Instant At Most", ">": "Instant After", ">=": "Instant At Least",
        "=": "Same Instant",
    },
}  # fmt: skip
_OUTERMOST = {
    "day": {"Min": "Earliest", "Max": "Last Day"},
    "instant": {"Min": "Earliest Instant", "Max": "Latest Instant"},
}
_FUNCTIONS = {"Ln": "Logarithm", "Exp": "Exponential", "Sqrt": "Square Root", "Abs": "Absolute"}
_GATHERED = {"Min": "Least", "Max": "Greatest", "Sum": "Total", "Mean": "Average", "Agree": "Agreed"}
_KINDS = {"number": "Number", "day": "Day", "instant": "Instant", "truth": "Truth", "word": "Word"}
_TAKEN = {"latest": "Latest", "first": "First Taken", "highest": "Highest", "lowest": "Lowest"}


class Speaker:
    """Says the nodes of one library in CQL. Raises UnsupportedError for what has no CQL."""

    def __init__(self, requirements: tuple[DataRequirement, ...]) -> None:
        self.requirements = {requirement.name: requirement for requirement in requirements}
        self.read: set[str] = set()

    def said(self, node: AnyNode) -> str:
        """One node with all its parts."""
        of = self.said
        match node:
            case e.Literal(value):
                return constant(value, self.kind(node))
            case e.Parameter(name):
                self.kind(node)
                return call("On", named(AS_OF)) if name == AS_OF else named(name)
            case e.Reference(name):
                return named(name)
            case e.Field(alias, name):
                return self._field(node, alias, name)
            # ---------------------------------------------------------------------------------- logic
            case e.And(operands):
                return "(" + " and ".join(of(operand) for operand in operands) + ")" if operands else "true"
            case e.Or(operands):
                return "(" + " or ".join(of(operand) for operand in operands) + ")" if operands else "false"
            case e.Not(operand):
                return f"not ({of(operand)})"
            case e.Implies(left, right):
                return f"({of(left)} implies {of(right)})"
            case e.Xor(left, right):
                return f"({of(left)} xor {of(right)})"
            case e.If(condition, then, otherwise):
                return call(f"Either {_KINDS[self.kind(node)]}", of(condition), of(then), of(otherwise))
            case e.Is(operand, state, negated):
                return f"({self._is(operand, state)})" if not negated else f"(not ({self._is(operand, state)}))"
            case e.Coalesce(operands):
                return self._coalesced(node, [of(operand) for operand in operands])
            case e.Favoured(operand, toward):
                return f"Coalesce({of(operand)}, {'true' if toward is TRUE else 'false'})"
            case e.CountTrue(operands):
                return call("How Many", "{ " + ", ".join(of(operand) for operand in operands) + " }")
            # -------------------------------------------------------------- comparisons and numbers
            case e.Compare(operator, left, right):
                return self._compared(node, operator, left, right)
            case e.Between(operand, low, high):
                return self._inside(node, of(operand), of(low), of(high), "<=", "<=")
            case e.InInterval(operand, low, high, low_closed, high_closed):
                ends = ["<=" if closed else "<" for closed in (low_closed, high_closed)]
                return self._inside(node, of(operand), of(low), of(high), ends[0], ends[1])
            case e.InSet(operand, _, codes):
                return self._member(node, of(operand), [token(code) for code in codes])
            case e.Negate(operand):
                return call("Minus", of(operand))
            case e.Arithmetic("^", left, right):
                fixed = constant_of(left)
                if fixed is not None and fixed > 0:
                    return call("Power Of", decimal(fixed), of(right))
                return self._power(node, of(left), right)
            case e.Arithmetic(operator, left, right):
                function = {"+": "Plus", "-": "Less", "*": "Times", "/": "Divided By"}[operator]
                return call(function, of(left), of(right))
            case e.Function("Round", operands):
                return call("Rounded", of(operands[0]), self._places(node, operands))
            case e.Function(name, operands) if name in _FUNCTIONS:
                return call(_FUNCTIONS[name], of(operands[0]))
            case e.Function(name, operands):
                return call(self._gathering(node, name), "{ " + ", ".join(of(one) for one in operands) + " }")
            case e.Convert(operand):
                return converted(node, of(operand))
            # ---------------------------------------------------------------------------------- dates
            case e.Timing():
                return self._timing(node)
            case e.Shift(operand, amount, unit, sign):
                moved = of(amount) if sign > 0 else call("Minus", of(amount))
                return call(self._shifting(node, operand, unit), of(operand), moved, text(unit))
            case e.DayOf(operand) if operand.type.name == "Date":
                return of(operand)
            case e.DayOf(operand):
                return call("Day Of", of(operand))
            case e.Duration("hours", left, right):
                return call("Hours Between", of(left), of(right))
            case e.Duration(unit, left, right):
                if "instant" in (self.kind(left), self.kind(right)):
                    raise gap(node, f"{unit} between instants are not exported")
                return call("Between", of(left), of(right), text(unit))
            case e.Age(born, on):
                return call("Age On", of(born), of(on))
            # ------------------------------------------------------------- records, counting, selection
            case e.Retrieve(requirement):
                self.read.add(requirement)
                return named(list_of(requirement))
            case e.Where(source, alias, condition):
                return call("Kept", f"({of(source)}) {self._tried(alias, condition)}")
            case e.Select(source, take, readings, scale):
                return self._selected(node, of(source), take, readings, scale)
            case e.DateOf(selection):
                return call("Date From", self._taken(node, selection))
            case e.Exists(source):
                return call("Exists In", of(source), self._concepts(source))
            case e.Silence(operand, source):
                silent = f"not exists (({of(source)}) E where E.kind != 'unlisted' return all 1)"
                return f"(if {silent} then Coalesce({of(operand)}, false) else {of(operand)})"
            case e.Count(source):
                return call("Count Of", of(source), self._concepts(source))
            case e.CountDistinct(source, key, cap):
                self._is_plain_key(node, source, key)
                most = "null as Decimal" if cap is None else decimal(cap)
                return call("Distinct Of", of(source), self._concepts(source), text(key), most)
            case e.RowValues(source, field_name, function):
                return self._over_rows(node, of(source), source, field_name, function)
            # -------------------------------------------------------------------------------- verdict
            case e.Contradicted():
                raise gap(node, "a contradiction stands for itself")
            case e.Fires(source, alias, condition):
                return self._fires(source, alias, condition)

    def kind(self, node: AnyNode) -> str:
        """As what a node is exported. Raises UnsupportedError for instants."""
        assert not isinstance(node, e.Retrieve | e.Where)
        kind = kind_of(node.type)
        if not kind:
            raise gap(node, f"a value of type {node.type.name} is not exported")
        return kind

    # ------------------------------------------------------------------------------- single nodes

    def _field(self, node: e.Field, alias: str, name: str) -> str:
        kind = self.kind(node)
        row = named(alias)
        match name:
            case "date":
                return call("Days", row)
            case "code":
                return f"{row}.codes"
            case "value":
                found = f"{row}.value"
            case _:
                found = call("Field", row, text(name))
        return {
            "number": call("Number In", found), "day": call("Day In", found), "instant": call("Instant In", found),
            "truth": f"{found}.truth", "word": f"{found}.codes",
        }[kind]  # fmt: skip

    def _is(self, operand: e.Expression, state: str) -> str:
        found = self.said(operand)
        if state != "null":
            return f"({found}) is {state}"
        match self.kind(operand):
            case "number":
                return call("Number Missing", found)
            case "day":
                return call("Day Missing", found)
            case "instant":
                return call("Instant Missing", found)
            case "word":
                return f"not exists ({found})"
        return f"({found}) is null"

    def _coalesced(self, node: e.Coalesce, parts: list[str]) -> str:
        kind = self.kind(node)
        if kind == "truth":
            return f"Coalesce({', '.join(parts)})"
        found = parts[-1]
        for part in reversed(parts[:-1]):
            found = call(f"{_KINDS[kind]} Or", part, found)
        return found

    def _compared(self, node: e.Compare, operator: str, left: e.Expression, right: e.Expression) -> str:
        kind, a, b = self.kind(left), self.said(left), self.said(right)
        if kind in _COMPARED:
            found = call(_COMPARED[kind]["=" if operator == "!=" else operator], a, b)
        elif kind == "truth":
            found = f"(({a}) = ({b}))"
        elif left.type.name == "Code" or right.type.name == "Code":
            raise gap(node, "two codings are compared by their systems, which CQL does not keep apart")
        else:
            found = call("Same Word", a, b)
        return f"not ({found})" if operator == "!=" else found

    def _inside(self, node: e.Between | e.InInterval, x: str, low: str, high: str, above: str, below: str) -> str:
        compared = _COMPARED[self.kind(node.operand)]
        return f"({call(compared[above], low, x)} and {call(compared[below], x, high)})"

    def _member(self, node: e.InSet, found: str, codes: list[str]) -> str:
        if all("|" not in code for code in codes):
            return call("Word In", found, _texts(codes))
        prefixes = [code[:-1] for code in codes if code.endswith("*")]
        whole = [code for code in codes if not code.endswith("*")] + [prefix.rstrip(".") for prefix in prefixes]
        systems = sorted({code.partition("|")[0] + "|" for code in codes})
        return call("Code In", found, _texts(sorted(set(whole))), _texts(sorted(prefixes)), _texts(systems))

    def _power(self, node: e.Arithmetic, base: str, exponent: e.Expression) -> str:
        known = constant_of(exponent)
        if isinstance(exponent, e.If) and {is_fraction(exponent.then), is_fraction(exponent.otherwise)} == {True}:
            powers = [self._power(node, base, branch) for branch in (exponent.then, exponent.otherwise)]
            return call("Either Number", self.said(exponent.condition), *powers)
        if known is None:
            raise gap(node, "a power is exported with a constant exponent alone")
        if known != known.to_integral_value():
            return call("Raised To", base, decimal(known))
        if known <= 0 or known > 1000:
            raise gap(node, "a whole exponent is exported from 1 to 1000")
        return call("Odd Power" if known % 2 else "Even Power", base, decimal(known))

    def _places(self, node: e.Function, operands: tuple[e.Expression, ...]) -> str:
        if len(operands) == 1:
            return "0"
        places = operands[1]
        if isinstance(places, e.Literal) and isinstance(places.value, Bounds):
            return str(int(places.value.low))
        raise gap(node, "a number is rounded to a constant number of places alone")

    def _gathering(self, node: e.Function, name: str) -> str:
        kind = self.kind(node.operands[0])
        if kind in _OUTERMOST:
            if name in _OUTERMOST[kind]:
                return _OUTERMOST[kind][name]
            raise gap(node, f"`{name}` of a {kind} is not exported")
        return _GATHERED[name]

    # -------------------------------------------------------------------------------------- dates

    def _shifting(self, node: AnyNode, operand: e.Expression, unit: str) -> str:
        if self.kind(operand) == "instant":
            return "Instants Shifted"
        if unit == "hours":
            raise gap(node, "hours from a day are not exported")
        return "Shifted"

    def _timing(self, node: e.Timing) -> str:
        x, amount, beside, unit = (
            self.said(node.operand), self.said(node.amount), self.said(node.reference), text(node.unit),
        )  # fmt: skip
        if self.kind(node.operand) != self.kind(node.reference):
            raise gap(node, "an instant beside a day is not exported")
        shifted = self._shifting(node, node.reference, node.unit)
        at_most = _COMPARED[self.kind(node.operand)]["<="]
        earlier = call(shifted, beside, call("Minus", amount), unit)
        later = call(shifted, beside, amount, unit)
        match node.kind:
            case "or less before":
                last = beside if node.inclusive else call(shifted, beside, '"Exactly"(-1.0)', "'days'")
                return f"({call(at_most, earlier, x)} and {call(at_most, x, last)})"
            case "or more before":
                return call(at_most, x, earlier)
            case "or less after":
                first = beside if node.inclusive else call(shifted, beside, '"Exactly"(1.0)', "'days'")
                return f"({call(at_most, first, x)} and {call(at_most, x, later)})"
            case "or more after":
                return call(at_most, later, x)
        return f"({call(at_most, earlier, x)} and {call(at_most, x, later)})"

    # ---------------------------------------------------------------------------- rows, selection

    def _tried(self, alias: str, condition: e.Expression) -> str:
        row = named(alias)
        return f"{row} return all {call('Weighed', row, f'{row}.certain and ({self.said(condition)})')}"

    def _requirement(self, rows: Rows) -> DataRequirement:
        while isinstance(rows, e.Where):
            rows = rows.source
        return self.requirements[rows.requirement]

    def _concepts(self, rows: Rows) -> str:
        """The positions of the concepts that a requirement's codes group into."""
        count = len(self._requirement(rows).concepts)
        return "{ " + ", ".join(map(str, range(count))) + " }" if count else "{} as List<Integer>"

    def _taken(self, node: AnyNode, selection: e.Select) -> str:
        if selection.take not in _TAKEN:
            raise gap(node, f"the day of a `{selection.take}` is not exported")
        return call(_TAKEN[selection.take], self.said(selection.source), str(selection.readings))

    def _selected(self, node: e.Select, source: str, take: str, readings: int, scale: Bounds) -> str:
        kind = self.kind(node)
        blank = number(scale) if kind == "number" else ""
        if take == "mean of latest day":
            return call("Mean Of Latest Day", source, str(readings), blank)
        if take not in _TAKEN:
            raise gap(node, f"`take: {take}` is not exported")
        taken = call(_TAKEN[take], source, str(readings))
        if take in ("highest", "lowest"):
            if kind != "number":
                raise gap(node, f"`take: {take}` of a {node.type.name} is not exported")
            return call(f"{_TAKEN[take]} From", source, taken, blank)
        from_taken = f"{_KINDS[kind]} From"
        return call(from_taken, taken, blank) if kind == "number" else call(from_taken, taken)

    def _is_plain_key(self, node: e.CountDistinct, source: Rows, key: str) -> None:
        declared = {field.name: field.type.name for field in self._requirement(source).fields}
        if declared.get(key) != "String":
            raise gap(
                node, "different things are counted by a word alone: codes of several systems may be one thing"
            )

    def _over_rows(self, node: e.RowValues, said: str, source: Rows, field_name: str, function: str) -> str:
        whole = call(
            "Whole List", said, self._concepts(source), "true" if function in ("Sum", "Mean") else "false"
        )
        of = named("E")
        value = f"{of}.value" if field_name == "value" else call("Field", of, text(field_name))
        kind = self.kind(node)
        if kind in _OUTERMOST:
            gathering, one, nothing = (
                _OUTERMOST[kind].get(function, ""),
                f"{_KINDS[kind]} In",
                f"Any {_KINDS[kind]}",
            )
        else:
            gathering, one, nothing = _GATHERED[function], "Number In", "Any Number"
        if not gathering:
            raise gap(node, f"`{function}` of a {kind} is not exported")
        values = call(gathering, f"({call('Sure', said)}) {of} return all {call(one, value)}")
        return f"(if {whole} then {values} else {call(nothing)})"

    def _fires(self, source: Rows, alias: str, condition: e.Expression) -> str:
        row = named(alias)
        foreign = ""
        if self._requirement(source).concepts:
            foreign = f" and ({row}.certain or not exists ({row}.codes) or exists ({row}.concepts))"
        holds = f"{row}.kind = 'entry'{foreign} and ({self.said(condition)}) is true"
        return f"exists (({self.said(source)}) {row} where {holds} return all 1)"

    # ------------------------------------------------------------------------------ contradictions

    def conflict(self, node: AnyNode) -> str:
        """Whether the evidence of one node contradicts itself; "" if it never does."""
        match node:
            case e.Function("Agree", operands):
                return call("Disagree", "{ " + ", ".join(self.said(one) for one in operands) + " }")
            case e.Select(source, take, readings) if take in ("latest", "first"):
                return call(
                    f"{_KINDS[self.kind(node)]} Conflict", call(_TAKEN[take], self.said(source), str(readings))
                )
            case e.Exists(source):
                said = self.said(source)
                contradicted = f"exists ({call('Contradicted', said)})"
                return f"(not exists ({call('Standing', said)}) and {contradicted})"
            case e.Count(source) | e.CountDistinct(source) | e.RowValues(source):
                return f"exists ({call('Contradicted', self.said(source))})"
        return ""


def _texts(words: list[str]) -> str:
    return "{ " + ", ".join(text(word) for word in words) + " }" if words else "{} as List<String>"
