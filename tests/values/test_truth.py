"""The three truths: Kleene's tables, and that no truth is ever used as a plain yes or no."""

from itertools import product

import pytest

from screening.values.truth import (
    FALSE,
    TRUE,
    UNKNOWN,
    agreeing,
    conjoin,
    disjoin,
    exclusive,
    implies,
    negate,
)

ALL = (TRUE, FALSE, UNKNOWN)
ORDER = {FALSE: 0, UNKNOWN: 1, TRUE: 2}


@pytest.mark.parametrize(("a", "b"), list(product(ALL, ALL)))
def test_kleene_is_least_and_greatest_of_false_unknown_true(a, b):
    assert ORDER[conjoin((a, b))] == min(ORDER[a], ORDER[b])
    assert ORDER[disjoin((a, b))] == max(ORDER[a], ORDER[b])
    assert implies(a, b) is disjoin((negate(a), b))
    assert negate(conjoin((a, b))) is disjoin((negate(a), negate(b)))


@pytest.mark.parametrize("a", ALL)
def test_what_an_unknown_side_leaves_open(a):
    assert exclusive(a, UNKNOWN) is UNKNOWN
    assert exclusive(UNKNOWN, a) is UNKNOWN
    assert agreeing(a, a) is a
    assert negate(negate(a)) is a


def test_empty_connectives():
    assert conjoin(()) is TRUE
    assert disjoin(()) is FALSE


@pytest.mark.parametrize("a", ALL)
def test_a_truth_is_no_bool(a):
    with pytest.raises(TypeError, match="three values"):
        bool(a)
