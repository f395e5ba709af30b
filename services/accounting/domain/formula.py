"""A formula: sums of products of an activity, factors and constants, as methods write them.

    AD × net_calorific_value × carbon_content_per_heat × oxidation_rate × 44/12
    AD × anode_carbon × (1 − sulphur_share − ash_share) × 44/12
    AD × net_calorific_value × carbon_content_per_heat[coal-unmeasured] × 44/12

`AD` is the activity. A word is a factor's role, of the activity's own subject unless another stands
in brackets; with `?` it is multiplied only where it is given. A difference stands in parentheses.
A constant, such as the 44/12 that makes CO2 of carbon, is one that the method's data declares.

Nothing is rounded between the steps: a chain that rounds on its way gives another answer.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Final

from services.accounting.domain.role import MANNERS, Role
from services.kernel import units
from services.kernel.errors import Words
from services.kernel.mass import Gas
from services.kernel.quantity import Quantity
from services.kernel.source import Source


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Slot:
    """A place in a formula for one factor."""

    role: Role
    subject: str = ""
    """Whose figure; empty: the activity's own subject."""
    optional: bool = False
    """Multiplied only where it is given."""

    def of(self, subject: str) -> Slot:
        """Return the slot for an activity of `subject`: what the factor is asked for by."""
        return Slot(role=self.role, subject=self.subject or subject)


@dataclass(frozen=True, slots=True, kw_only=True)
class Constant:
    """A number that the formula itself has."""

    text: str
    value: Fraction
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """The first minus the others; a 1 in front stands for the whole."""

    first: Slot | Constant
    others: tuple[Slot, ...]


Token = Slot | Constant | Difference

_WHOLE: Final = Constant(text="1", value=Fraction(1), unit="1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """One product, and the gas whose mass it is."""

    gas: Gas
    tokens: tuple[Token, ...]
    """What the activity is multiplied with, in order."""
    optional: bool = False
    """Left out where one of its factors is not given: a gas nobody has a figure for."""

    def slots(self) -> tuple[Slot, ...]:
        """Return the places for factors, in order."""
        return _slots_of(self.tokens)


@dataclass(frozen=True, slots=True, kw_only=True)
class Formula:
    """One way to compute a term; a term takes the first that fits what is known."""

    formula_id: str
    chains: tuple[Chain, ...]
    needs: tuple[Slot, ...] = ()
    """Taken only where each of these is the emitter's own figure: given or measured."""
    unit: str = ""
    """Taken only where the activity is in units of this dimension; empty: any that fits."""
    first_year: int = 0
    last_year: int = 9999
    """The accounting years in which it may be taken."""
    words: Words
    clause: Source
    """Where it is written."""
    gwp_subjects: Mapping[Gas, str]
    """Which potential each gas takes: fossil and non-fossil methane differ."""

    def taken(self, subject: str, known: Collection[Slot]) -> tuple[Chain, ...]:
        """Return the chains that are computed where these factors are known."""
        return tuple(
            chain
            for chain in self.chains
            if not chain.optional or all(slot.of(subject) in known for slot in chain.slots())
        )

    def slots(self) -> tuple[Slot, ...]:
        """Return the places for factors, in order, each once."""
        return tuple(dict.fromkeys(slot for chain in self.chains for slot in chain.slots()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step from an activity to a mass of gas, exact."""

    formula: Words
    value: Fraction
    unit: str
    clause: Source | None
    """Where it is written; None for a conversion of units, which is nobody's rule."""
    slots: tuple[Slot, ...] = ()
    """The factors it was multiplied with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """The figures with which a formula is computed."""

    subject: str
    """Of the activity."""
    figures: Mapping[Slot, Quantity]
    """By the slot of their subject."""

    def takes(self, token: Token) -> bool:
        """Tell whether a token is multiplied: an optional one only where it is given."""
        if isinstance(token, Slot) and token.optional:
            return token.of(self.subject) in self.figures
        return True


def parse(
    text: str, gas: Gas, constants: Mapping[str, Constant], *, optional: bool = False
) -> Chain:
    """Return the chain that `text` writes.

    >>> [each.subject for each in parse("AD × co2_factor[limestone]", Gas.CO2, {}).slots()]
    ['limestone']

    Raises:
        ValueError: it writes none; a mistake in a method's data.
    """
    first, *rest = (part.strip() for part in text.split("×"))
    if first != "AD":
        raise ValueError(f"{text}: a product begins with the activity, AD")
    return Chain(gas=gas, tokens=tuple(_token(each, constants) for each in rest), optional=optional)


def evaluate(
    chain: Chain, activity: Fraction, unit: str, known: Known, clause: Source | None
) -> tuple[Step, ...]:
    """Return the steps from `activity`, in `unit`, to tonnes of the chain's gas.

    Raises:
        UnitDimension: the product measures something else than a mass of the gas.
    """
    steps: list[Step] = []
    value, codes = activity, [unit]
    name = Words(en="activity", zh="活动数据")
    pending: list[Words] = []
    taken: list[Slot] = []
    for token in chain.tokens:
        if not known.takes(token):
            continue
        number, code = worth(token, known)
        value, codes = value * number, [*codes, code]
        pending.append(called(token, known.subject))
        taken += (slot.of(known.subject) for slot in _slots(token))
        natural = units.natural(*codes)
        if natural is None:
            continue
        value *= units.coefficient(*codes, to=natural)
        result = _result(natural)
        steps.append(
            Step(
                formula=_equation(result, name, pending),
                value=value,
                unit=natural,
                clause=clause,
                slots=tuple(taken),
            )
        )
        name, codes, pending, taken = result, [natural], [], []
    value *= units.coefficient(*codes, to=f"t{chain.gas}")
    if not steps or steps[-1].unit != f"t{chain.gas}":
        result = _result(f"t{chain.gas}")
        steps.append(
            Step(
                formula=_equation(result, name, pending),
                value=value,
                unit=f"t{chain.gas}",
                clause=clause,
                slots=tuple(taken),
            )
        )
    return tuple(steps)


def below_nothing(chain: Chain, known: Known) -> Iterator[Words]:
    """Yield the differences of `chain` that come out negative: more is taken off than there is."""
    for token in chain.tokens:
        if isinstance(token, Difference) and worth(token, known)[0] < 0:
            yield called(token, known.subject)


def activity_unit(chain: Chain, known: Known) -> str:
    """Return the unit in which the activity of `chain` is added up: that its first factor is per.

    t for GJ(NCV)/t; tC where there is no factor but the constant 44/12; the gas itself where there
    is neither.
    """
    for token in sorted(chain.tokens, key=lambda each: isinstance(each, Constant)):
        if not known.takes(token):
            continue
        _, code = worth(token, known)
        above, slash, below = code.partition("/")
        if slash and above:
            return below
    return f"t{chain.gas}"


def worth(token: Token, known: Known) -> tuple[Fraction, str]:
    """Return what a token multiplies with: the number and its unit."""
    match token:
        case Constant():
            return token.value, token.unit
        case Slot():
            quantity = known.figures[token.of(known.subject)]
            return quantity.fraction, quantity.unit
        case Difference():
            value, code = worth(token.first, known)
            for slot in token.others:
                taken, unit = worth(slot, known)
                value -= taken * units.conversion(unit, code)
            return value, code


@cache
def _slots_of(tokens: tuple[Token, ...]) -> tuple[Slot, ...]:
    return tuple(slot for token in tokens for slot in _slots(token))


def _slots(token: Token) -> Iterator[Slot]:
    match token:
        case Slot():
            yield token
        case Difference():
            if isinstance(token.first, Slot):
                yield token.first
            yield from token.others
        case Constant():
            return


_WORD: Final = re.compile(r"(?P<role>[a-z0-9_]+)(?:\[(?P<subject>[a-z0-9-]+)\])?(?P<optional>\?)?")


def _token(text: str, constants: Mapping[str, Constant]) -> Token:
    if text in constants:
        return constants[text]
    if text.startswith("(") and text.endswith(")"):
        whole = {_WHOLE.text: _WHOLE, **constants}
        first, *others = (_token(part.strip(), whole) for part in text[1:-1].split("−"))
        if isinstance(first, Difference) or not all(isinstance(each, Slot) for each in others):
            raise ValueError(f"{text}: a difference is of factors")
        return Difference(
            first=first, others=tuple(each for each in others if isinstance(each, Slot))
        )
    found = _WORD.fullmatch(text)
    if found is None:
        raise ValueError(f"{text} is neither a role, a constant nor a difference")
    return Slot(
        role=Role(found["role"].upper()),
        subject=found["subject"] or "",
        optional=bool(found["optional"]),
    )


_RESULTS: Final[Mapping[str, Words]] = {
    "t": Words(en="mass", zh="质量"),
    "tC": Words(en="carbon", zh="碳量"),
    "tCO2": Words(en="emissions", zh="排放量"),
    "tCO2e": Words(en="emissions in CO2 equivalent", zh="排放量（二氧化碳当量）"),
    "GJ": Words(en="heat", zh="热量"),
    "GJ(NCV)": Words(en="heat", zh="热量"),
    "GJ(GCV)": Words(en="gross heat", zh="高位热量"),
    "1": Words(en="ratio", zh="比值"),
}


def _result(unit: str) -> Words:
    plain = unit.removeprefix("t") if unit.startswith("t") else unit
    return _RESULTS.get(unit, Words(en=plain, zh=plain))


def _equation(result: Words, name: Words, multiplied: Sequence[Words]) -> Words:
    return Words(
        en=f"{result.en} = " + " × ".join([name.en, *(each.en for each in multiplied)]),
        zh=f"{result.zh} = " + " × ".join([name.zh, *(each.zh for each in multiplied)]),
    )


def called(token: Token, subject: str) -> Words:
    """Return what a token is called in an equation about `subject`."""
    match token:
        case Constant():
            return Words(en=token.text, zh=token.text)
        case Slot():
            name = MANNERS[token.role].name
            of = token.subject if token.subject not in {"", subject} else ""
            return Words(
                en=f"{name.en} of {of}" if of else name.en, zh=f"{of} {name.zh}" if of else name.zh
            )
        case Difference():
            parts = [called(each, subject) for each in (token.first, *token.others)]
            return Words(
                en=f"({' − '.join(part.en for part in parts)})",
                zh=f"（{' − '.join(part.zh for part in parts)}）",
            )
