"""The formula language: read, proven in its units, computed exactly, open where something lacks."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.accounting.domain.indicator.expression import (
    Ask,
    Missing,
    Undefined,
    parse,
    parse_condition,
    root,
)
from services.kernel import units
from services.kernel.errors import FieldInvalid, UnitDimension, UnitUnknown

TCE, CNY, M3, ONE = (units.unit(code).vector for code in ("tce", "CNY", "m3", "1"))
INPUTS = {"energy": TCE, "value_added": CNY, "fresh": M3, "reused": M3, "factor": ONE}


def computed(text: str, **amounts: int) -> object:
    found = {Ask(input_id=name): Fraction(value) for name, value in amounts.items()}
    return parse(text).outcome(found.get)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("a + b × c", 14),
        ("(a + b) * c", 20),
        ("a − b − c", -5),
        ("a - b - c", -5),
        ("b ÷ c ÷ a", Fraction(3, 8)),
        ("-a + c", 2),
        ("−(a + c)", -6),
        ("a − -b", 5),
        ("max(a, b, c) / min(a, b)", 2),
        ("root(c, 2)", 2),
        ("root(a + b + b, 3)", 2),
        ("0.5 × a", 1),
    ],
)
def test_arithmetic_is_as_at_school(text: str, wanted: Fraction) -> None:
    assert computed(text, a=2, b=3, c=4) == wanted


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("energy / value_added", "tce/10^4 CNY"),
        ("reused / (fresh + reused)", "%"),
        ("value_added / fresh", "CNY/m3"),
        ("growth(energy, 3) / growth(value_added, 3)", "1"),
        ("1 − root((energy / value_added) / (energy[year − 3] / value_added[year - 3]), 3)", "%"),
        ('energy − 5 "10^4 tce"', "tce"),
        ("factor × energy", "tce"),
    ],
)
def test_the_unit_of_a_result_is_proven(text: str, unit: str) -> None:
    assert parse(text).vector(INPUTS) == units.unit(unit).vector


@pytest.mark.parametrize(
    "text",
    [
        "energy + value_added",
        "energy − fresh",
        "min(energy, fresh)",
        "root(energy, 2)",
        "energy + 5",
        'energy + 5 "t"',
    ],
)
def test_what_measures_different_things_is_never_added(text: str) -> None:
    with pytest.raises(UnitDimension, match="measures"):
        parse(text).vector(INPUTS)


def test_an_input_that_there_is_not_is_named_with_those_there_are() -> None:
    with pytest.raises(FieldInvalid, match=r"enrgy.*energy, value_added"):
        parse("enrgy / value_added").vector(INPUTS)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("", 1),
        ("a +", 4),
        ("a b", 3),
        ("(a", 3),
        ("__import__('os')", 1),
        ("a.b", 2),
        ("a[0]", 3),
        ("lambda: 1", 7),
        ("a := 1", 3),
        ("a ** b", 4),
    ],
)
def test_nothing_but_arithmetic_can_be_written(text: str, at: int) -> None:
    with pytest.raises(FieldInvalid, match=f"cannot be read at character {at}"):
        parse(text)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("exec(a)", "root\\(value, n\\)"),
        ("min(a)", "root\\(value, n\\)"),
        ("root(a, b)", "root\\(value, n\\)"),
        ("root(a, 0.5)", "whole degree"),
        ("root(a, 21)", "whole degree"),
        ("growth(a / b, 3)", "root\\(value, n\\)"),
        ("a[year − 21]", "20 years back"),
        ("a < b", "not a comparison"),
        ("+".join("a" for _ in range(300)), "at most 500"),
        ("(" * 31 + "a" + ")" * 31, "at most 30"),
    ],
)
def test_what_is_not_in_the_language_is_refused_with_the_way_out(text: str, problem: str) -> None:
    with pytest.raises(FieldInvalid, match=problem):
        parse(text)


def test_a_unit_of_a_number_is_one_of_the_list() -> None:
    with pytest.raises(UnitUnknown, match=r"formula\.unit_code"):
        parse('a + 5 "tons of coal"')


def test_every_input_that_lacks_is_named_at_once() -> None:
    outcome = computed("a / (b + c[year − 1]) + d", a=1)

    assert outcome == Missing(
        needs=frozenset({Ask(input_id="b"), Ask(input_id="c", years_before=1), Ask(input_id="d")})
    )


def test_a_division_by_nothing_is_a_state_and_never_a_figure() -> None:
    outcome = computed("a / (b − c)", a=1, b=2, c=2)

    assert isinstance(outcome, Undefined)
    assert "b, c makes 0" in outcome.reason.en
    assert "除数为零" in outcome.reason.zh


def test_what_lacks_is_told_before_what_cannot_be() -> None:
    assert isinstance(computed("a / b + c", a=1, b=0), Missing)


def test_a_root_of_less_than_nothing_does_not_exist() -> None:
    assert isinstance(computed("root(a − b, 2)", a=1, b=2), Undefined)


def test_growth_is_the_geometric_mean() -> None:
    amounts = {Ask(input_id="a"): Fraction(1331), Ask(input_id="a", years_before=3): Fraction(1000)}

    assert parse("growth(a, 3)").outcome(amounts.get) == Fraction(1, 10)


@pytest.mark.parametrize(
    ("text", "holds"),
    [("a < b", True), ("a ≥ b", False), ("a <= 2", True), ("a > 2", False), ("a ≤ b", True)],
)
def test_a_condition_compares_two_formulas(text: str, *, holds: bool) -> None:
    amounts = {Ask(input_id="a"): Fraction(2), Ask(input_id="b"): Fraction(3)}

    assert parse_condition(text).holds(amounts.get) is holds


def test_a_condition_that_cannot_be_said_is_neither_true_nor_false() -> None:
    assert isinstance(parse_condition("a > 2").holds(lambda _: None), Missing)


@given(
    st.integers(min_value=0, max_value=10**30),
    st.integers(min_value=1, max_value=10**12),
    st.integers(min_value=1, max_value=20),
)
def test_a_root_is_the_largest_with_forty_decimals_whose_power_fits(
    above: int, below: int, degree: int
) -> None:
    value, step = Fraction(above, below), Fraction(1, 10**40)

    found = root(value, degree)

    assert found**degree <= value < (found + step) ** degree


LEAVES = st.sampled_from(["a", "b", "c", "2", "0.5", "7"])
TEXTS = st.recursive(
    LEAVES,
    lambda inner: st.tuples(inner, st.sampled_from("+-*/"), inner).map(
        lambda parts: f"({parts[0]} {parts[1]} {parts[2]})"
    ),
    max_leaves=20,
)
AMOUNTS = st.fixed_dictionaries({name: st.integers(min_value=-9, max_value=9) for name in "abc"})


@given(TEXTS, AMOUNTS)
def test_a_formula_computes_what_python_makes_of_the_same_text(
    text: str, amounts: Mapping[str, int]
) -> None:
    try:
        wanted = by_python(ast.parse(text, mode="eval").body, amounts)
    except ZeroDivisionError:
        assert isinstance(computed(text, **amounts), Undefined)
    else:
        assert computed(text, **amounts) == wanted


def by_python(node: ast.expr, amounts: Mapping[str, int]) -> Fraction:
    """The slow, obvious way: Python's own tree, in fractions."""
    match node:
        case ast.Constant(value=int() | float() as value):
            return Fraction(str(value))
        case ast.Name(id=name):
            return Fraction(amounts[name])
        case ast.BinOp(left=left, op=op, right=right):
            one, other = by_python(left, amounts), by_python(right, amounts)
            match op:
                case ast.Add():
                    return one + other
                case ast.Sub():
                    return one - other
                case ast.Mult():
                    return one * other
                case ast.Div():
                    return one / other
    raise AssertionError(ast.dump(node))
