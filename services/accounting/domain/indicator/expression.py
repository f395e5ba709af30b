"""Formulas: expressions over named inputs whose unit is proven before anything is computed.

A formula is computed exactly, as fractions in the base units of its inputs; a root is taken to 40
decimals, cut. What is missing stays missing: every input that lacks is named, and a division by
nothing is a state with its reason. Neither is ever 0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache
from typing import Final

from lark import Tree
from lark.lexer import Token

from services.accounting.domain.indicator import grammar
from services.kernel import units
from services.kernel.errors import FieldInvalid, UnitDimension, Words, within
from services.kernel.unit_table import Vector, product_vector

FARTHEST_YEARS: Final = 20
"""How far back an input can be asked for."""

DIMENSIONLESS: Final[Vector] = ()
_MOST_ROOT: Final = 20
_ROOT_DECIMALS: Final = 40


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Ask:
    """An input of a formula: which, and of how many years before the year evaluated."""

    input_id: str
    years_before: int = 0

    def __str__(self) -> str:
        before = f"[year − {self.years_before}]" if self.years_before else ""
        return f"{self.input_id}{before}"


class Operator(StrEnum):
    """What a formula does with two or more parts."""

    PLUS = "plus"
    MINUS = "minus"
    TIMES = "times"
    OVER = "over"
    MIN = "min"
    MAX = "max"
    ROOT = "root"


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """A number that the formula itself has, in base units of its dimension."""

    value: Fraction
    vector: Vector


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """An operator over its parts."""

    operator: Operator
    parts: tuple[Node, ...]
    text: str
    """As it is written, for a reader."""


Node = Number | Ask | Operation


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """A result that waits for inputs."""

    needs: frozenset[Ask]


@dataclass(frozen=True, slots=True, kw_only=True)
class Undefined:
    """A result that does not exist, and why."""

    reason: Words


Outcome = Fraction | Missing | Undefined

Amounts = Callable[[Ask], Fraction | None]
"""Returns an input in base units of its dimension; None where nobody has it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expression:
    """A formula, as it was written and as it is computed."""

    text: str
    node: Node

    def asks(self) -> tuple[Ask, ...]:
        """Return the inputs that it takes, each once, in the order of the formula."""
        return tuple(dict.fromkeys(_asks(self.node)))

    def vector(self, inputs: Mapping[str, Vector]) -> Vector:
        """Return the dimension of its result, by the dimensions of the inputs.

        Raises:
            FieldInvalid: it names an input that there is not; at `formula`.
            UnitDimension: it adds or compares what measures different things.
        """
        return _vector(self.node, inputs)

    def outcome(self, amounts: Amounts) -> Outcome:
        """Return its result in base units of its dimension, exact but for roots."""
        return _outcome(self.node, amounts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """A comparison of two formulas: when a requirement holds."""

    text: str
    left: Expression
    compared: str
    """One of < <= > >=."""
    right: Expression

    def asks(self) -> tuple[Ask, ...]:
        """Return the inputs of both sides, each once."""
        return tuple(dict.fromkeys((*self.left.asks(), *self.right.asks())))

    def check(self, inputs: Mapping[str, Vector]) -> None:
        """Raise as `Expression.vector` where the sides cannot be compared."""
        _same([self.left.vector(inputs), self.right.vector(inputs)], self.text)

    def holds(self, amounts: Amounts) -> bool | Missing | Undefined:
        """Tell whether it holds, or why that cannot be said."""
        sides = (self.left.outcome(amounts), self.right.outcome(amounts))
        found = _first_trouble(sides)
        if found is not None:
            return found
        left, right = (side for side in sides if isinstance(side, Fraction))
        return _COMPARED[self.compared](left, right)


_COMPARED: Final[Mapping[str, Callable[[Fraction, Fraction], bool]]] = {
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
}


@lru_cache(maxsize=2048)
def parse(text: str, field: str = "formula") -> Expression:
    """Return the formula that `text` writes.

    >>> parse("reused_water ÷ (fresh_water + reused_water)").asks()[1]
    Ask(input_id='fresh_water', years_before=0)

    Raises:
        FieldInvalid: it writes none; says where.
        UnitUnknown, UnitAmbiguous: a number has a unit that is none of the list.
    """
    tree = grammar.read(text, field)
    if tree.data == "comparison":
        allowed = Words(en="a value, not a comparison", zh="数值表达式，而非比较式")
        raise FieldInvalid(field=field, given=text, allowed=allowed)
    return Expression(text=text, node=_Reader(text, field).node(tree))


@lru_cache(maxsize=2048)
def parse_condition(text: str, field: str = "when") -> Condition:
    """Return the comparison that `text` writes; raises as `parse`."""
    tree = grammar.read(text, field)
    if tree.data != "comparison":
        allowed = Words(en="a comparison with <, ≤, > or ≥", zh="用 <、≤、> 或 ≥ 连接的比较式")
        raise FieldInvalid(field=field, given=text, allowed=allowed)
    reader = _Reader(text, field)
    left, compared, right = tree.children
    assert isinstance(compared, Token), "the grammar puts the sign between"
    sides = [Expression(text=text, node=reader.node(side)) for side in (left, right)]
    return Condition(text=text, left=sides[0], compared=grammar.plain(compared), right=sides[1])


@dataclass(frozen=True, slots=True)
class _Reader:
    """Makes nodes of the tree of one formula."""

    text: str
    field: str

    def node(self, tree: Tree[Token] | Token) -> Node:
        assert isinstance(tree, Tree), "tokens stand inside their rules"
        match tree.data:
            case "number":
                return self._number(tree)
            case "input":
                return self._input(tree)
            case "call":
                return self._call(tree)
            case "negative":
                nothing = Number(value=Fraction(-1), vector=DIMENSIONLESS)
                return self._operation(Operator.TIMES, nothing, self.node(tree.children[1]))
            case _:
                left, _, right = tree.children
                return self._operation(Operator(tree.data), self.node(left), self.node(right))

    def _operation(self, operator: Operator, *parts: Node) -> Operation:
        return Operation(operator=operator, parts=parts, text=self.text)

    def _number(self, tree: Tree[Token]) -> Number:
        number, *unit = (str(token) for token in tree.children)
        if not unit:
            return Number(value=Fraction(number), vector=DIMENSIONLESS)
        with within(f"{self.field}."):
            found = units.unit(unit[0].strip('"'))
        return Number(value=Fraction(number) * found.scale, vector=found.vector)

    def _input(self, tree: Tree[Token]) -> Ask:
        name, *before = (str(token) for token in tree.children)
        years = int(before[-1]) if before else 0
        if years > FARTHEST_YEARS:
            raise self._refused(
                f"at most {FARTHEST_YEARS} years back", f"最多回溯 {FARTHEST_YEARS} 年"
            )
        return Ask(input_id=name, years_before=years)

    def _call(self, tree: Tree[Token]) -> Node:
        name, *parts = tree.children
        nodes = [self.node(part) for part in parts]
        match str(name), nodes:
            case ("min" | "max") as called, [_, _, *_]:
                return self._operation(Operator(called), *nodes)
            case "root", [value, Number() as degree]:
                return self._root(value, degree)
            case "growth", [Ask(years_before=0) as ask, Number() as years]:
                return self._growth(ask, years)
        raise self._refused(
            "root(value, n), growth(input, years), min(a, b, …) and max(a, b, …)",
            "root(值, n)、growth(数据项, 年数)、min(a, b, …)、max(a, b, …)",
        )

    def _root(self, value: Node, degree: Number) -> Operation:
        whole = degree.value.denominator == 1 and not degree.vector
        if not whole or not 1 <= degree.value <= _MOST_ROOT:
            raise self._refused(
                f"a whole degree or number of years from 1 to {_MOST_ROOT}",
                f"1 至 {_MOST_ROOT} 的整数次数或年数",
            )
        return self._operation(Operator.ROOT, value, degree)

    def _growth(self, ask: Ask, years: Number) -> Operation:
        """Return the mean annual growth over some years, geometric: root(x / x_before, n) − 1."""
        before = Ask(input_id=ask.input_id, years_before=int(years.value))
        ratio = self._operation(Operator.OVER, ask, before)
        one = Number(value=Fraction(1), vector=DIMENSIONLESS)
        return self._operation(Operator.MINUS, self._root(ratio, years), one)

    def _refused(self, en: str, zh: str) -> FieldInvalid:
        return FieldInvalid(field=self.field, given=self.text, allowed=Words(en=en, zh=zh))


def _asks(node: Node) -> Iterator[Ask]:
    match node:
        case Ask():
            yield node
        case Operation():
            for part in node.parts:
                yield from _asks(part)
        case Number():
            return


def _vector(node: Node, inputs: Mapping[str, Vector]) -> Vector:
    match node:
        case Number():
            return node.vector
        case Ask():
            if node.input_id not in inputs:
                allowed = ", ".join(inputs)
                raise FieldInvalid(field="formula", given=node.input_id, allowed=allowed)
            return inputs[node.input_id]
        case Operation():
            vectors = [_vector(part, inputs) for part in node.parts]
            match node.operator:
                case Operator.TIMES:
                    return product_vector(*((vector, 1) for vector in vectors))
                case Operator.OVER:
                    return product_vector((vectors[0], 1), (vectors[1], -1))
                case Operator.ROOT:
                    return _same([vectors[0], DIMENSIONLESS], node.text)
                case _:
                    return _same(vectors, node.text)


def _same(vectors: list[Vector], text: str) -> Vector:
    """Return the one dimension of all parts.

    Raises:
        UnitDimension: there are several.
    """
    first, *others = vectors
    for other in others:
        if other != first:
            given, wanted = (units.measured(vector) for vector in (other, first))
            raise UnitDimension(
                field="formula",
                given=text,
                given_dimension=given,
                wanted_dimension=wanted,
                choices=units.measuring(first),
            )
    return first


def _outcome(node: Node, amounts: Amounts) -> Outcome:
    match node:
        case Number():
            return node.value
        case Ask():
            found = amounts(node)
            return Missing(needs=frozenset({node})) if found is None else found
        case Operation():
            parts = [_outcome(part, amounts) for part in node.parts]
            trouble = _first_trouble(parts)
            if trouble is not None:
                return trouble
            return _applied(node, [part for part in parts if isinstance(part, Fraction)])


def _first_trouble(parts: tuple[Outcome, ...] | list[Outcome]) -> Missing | Undefined | None:
    """Return all that is missing, or else the first that does not exist."""
    needs = [part.needs for part in parts if isinstance(part, Missing)]
    if needs:
        return Missing(needs=frozenset().union(*needs))
    return next((part for part in parts if isinstance(part, Undefined)), None)


_APPLIED: Final[Mapping[Operator, Callable[[list[Fraction]], Fraction]]] = {
    Operator.PLUS: lambda parts: parts[0] + parts[1],
    Operator.MINUS: lambda parts: parts[0] - parts[1],
    Operator.TIMES: lambda parts: parts[0] * parts[1],
    Operator.OVER: lambda parts: parts[0] / parts[1],
    Operator.MIN: min,
    Operator.MAX: max,
    Operator.ROOT: lambda parts: root(parts[0], int(parts[1])),
}


def _applied(node: Operation, parts: list[Fraction]) -> Outcome:
    if node.operator is Operator.OVER and not parts[1]:
        return _no_divisor(node.parts[1])
    if node.operator is Operator.ROOT and parts[0] < 0:
        return Undefined(
            reason=Words(
                en=f"a root of less than nothing in {node.text}", zh=f"{node.text} 中对负数开方"
            )
        )
    return _APPLIED[node.operator](parts)


def _no_divisor(divisor: Node) -> Undefined:
    named = ", ".join(str(ask) for ask in dict.fromkeys(_asks(divisor))) or "the divisor"
    return Undefined(
        reason=Words(
            en=f"a division by nothing: {named} makes 0", zh=f"除数为零：{named} 的结果为 0"
        )
    )


def root(value: Fraction, degree: int) -> Fraction:
    """Return the root of a value that is not negative, cut to 40 decimals.

    Whole arithmetic, so it is the same on every machine to the last digit.

    >>> root(Fraction(9, 4), 2)
    Fraction(3, 2)
    >>> float(root(Fraction(2), 2))
    1.4142135623730951
    """
    scale = 10**_ROOT_DECIMALS
    wanted = value.numerator * scale**degree // value.denominator
    return Fraction(_whole_root(wanted, degree), scale)


def _whole_root(wanted: int, degree: int) -> int:
    """Return the largest whole number whose power is at most `wanted`, by Newton's method."""
    if wanted == 0:
        return 0
    guess = 1 << -(-wanted.bit_length() // degree)
    while True:
        better = ((degree - 1) * guess + wanted // guess ** (degree - 1)) // degree
        if better >= guess:
            return guess
        guess = better
