"""Exchanges: the steps that lead from the CO2 of one formula to that of another.

What both multiply with is exchanged figure by figure. Then what only the first multiplies with is
dropped, and what only the second does is taken up: ratios one by one, the rest at once, since a
carbon content without its 44/12 is no mass of CO2. Each step is booked as it is made, so what the
steps make adds up to the difference of the two, to the gram.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from services.accounting.domain import formula as formulas
from services.accounting.domain.binding import formula_of
from services.accounting.domain.formula import Chain, Constant, Difference, Known, Slot, Token
from services.accounting.domain.line import Line
from services.accounting.domain.method import Method
from services.kernel import mass, units
from services.kernel.errors import UnitDimension, Words
from services.kernel.mass import Gas, Rounding
from services.kernel.quantity import Quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What is multiplied with, and its figures: of a year there may be several."""

    name: Words
    figures: tuple[Quantity, ...] = ()

    @property
    def text(self) -> Words:
        """The name, with the figure or the span of the figures."""
        figures = sorted(set(self.figures), key=lambda each: each.fraction)
        if not figures:
            return self.name
        span = str(figures[0]) if len(figures) == 1 else f"{figures[0]} … {figures[-1]}"
        return Words(en=f"{self.name.en} {span}", zh=f"{self.name.zh} {span}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What was multiplied with before, and what after; nothing where it was or is not."""

    before: tuple[Part, ...]
    after: tuple[Part, ...]

    @property
    def is_factor(self) -> bool:
        """Whether one factor stands in the place of one other."""
        return len(self.before) == len(self.after) == 1 and all(
            part.figures for part in (*self.before, *self.after)
        )

    @property
    def text(self) -> Words:
        """`oxidation rate 93 % → 98 %`; the second name only where it is another."""
        before, after = _product(self.before), _product(self.after)
        if self.is_factor and self.before[0].name == self.after[0].name:
            bare = replace(self.after[0], name=Words(en="", zh="")).text
            after = Words(en=bare.en.strip(), zh=bare.zh.strip())
        return Words(en=f"{before.en} → {after.en}", zh=f"{before.zh} → {after.zh}")

    def __add__(self, other: Change) -> Change:
        """Return the same change with the figures of both."""
        return Change(
            before=_united(self.before, other.before), after=_united(self.after, other.after)
        )

    @property
    def key(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """What is changed, whatever the figures."""
        return tuple(p.name.en for p in self.before), tuple(p.name.en for p in self.after)


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """A step, and the grams of CO2 that it makes."""

    change: Change
    grams: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _State:
    """A formula on its way: its products of CO2 and the figures they are computed with."""

    chains: tuple[Chain, ...]
    known: Known

    def booked(self, line: Line, rounding: Rounding) -> int:
        """Return the CO2 that the activity of `line` makes, grams."""
        tonnes = Fraction(0)
        for chain in self.chains:
            steps = formulas.evaluate(chain, line.activity, line.activity_unit, self.known, None)
            tonnes += steps[-1].value
        return mass.grams(tonnes, rounding)


def exchanges(line: Line, other: Line, first: Method, second: Method) -> Iterator[Exchange]:
    """Yield the steps from the CO2 of `line` to that of `other`; they add up to the difference."""
    begin, end = _state(line, first), _state(other, second)
    difference = other.booked.co2_g - line.booked.co2_g
    try:
        steps = list(_steps(line, begin, end, first.rounding))
    except UnitDimension:
        change = Change(before=_parts(begin), after=_parts(end))
        steps = [Exchange(change=change, grams=difference)]
    yield from steps
    rest = difference - sum(step.grams for step in steps)
    if rest:
        yield Exchange(
            change=Change(before=(_part_of(first),), after=(_part_of(second),)), grams=rest
        )


def _steps(line: Line, begin: _State, end: _State, rounding: Rounding) -> Iterator[Exchange]:
    """Yield the steps, each booked by the rounding of the first.

    Raises:
        UnitDimension: a product on the way is no mass of CO2; the two are then told as wholes.
    """
    made = begin.booked(line, rounding)
    for change, state in _states(begin, end):
        booked = state.booked(line, rounding)
        yield Exchange(change=change, grams=booked - made)
        made = booked


def _states(begin: _State, end: _State) -> Iterator[tuple[Change, _State]]:
    shared = [slot for slot in _slots(begin) if slot in set(_slots(end))]
    state = begin
    for slot in shared:
        old, new = begin.known.figures[slot], end.known.figures[slot]
        if old == new:
            continue
        figures = {**state.known.figures, slot: new}
        state = replace(state, known=replace(state.known, figures=figures))
        yield Change(before=(_part(slot, begin),), after=(_part(slot, end),)), state
    if state.chains == end.chains:
        return
    if len(begin.chains) != 1 or len(end.chains) != 1:
        yield Change(before=_parts(begin), after=_parts(end)), end
        return
    yield from _restructured(state, end)


def _restructured(state: _State, end: _State) -> Iterator[tuple[Change, _State]]:
    """Yield the way from one product to another whose shared factors have the same figures."""
    old, new = state.chains[0].tokens, end.chains[0].tokens
    gone = [token for token in old if token not in new]
    come = [token for token in new if token not in old]
    figures = {**end.known.figures, **state.known.figures}
    known = replace(state.known, figures=figures)
    tokens = list(old)

    def now() -> _State:
        return _State(chains=(replace(end.chains[0], tokens=tuple(tokens)),), known=known)

    for token in [each for each in gone if _is_ratio(each, known)]:
        tokens.remove(token)
        gone.remove(token)
        yield Change(before=(_part(token, state),), after=()), now()
    ratios = [each for each in come if _is_ratio(each, known)]
    rest = [each for each in come if each not in ratios]
    if gone or rest:
        tokens = [*(each for each in tokens if each not in gone), *rest]
        change = Change(
            before=tuple(_part(each, state) for each in gone),
            after=tuple(_part(each, end) for each in rest),
        )
        yield change, now()
    for token in ratios:
        tokens.append(token)
        yield Change(before=(), after=(_part(token, end),)), now()


def _state(line: Line, method: Method) -> _State:
    """Return the products of CO2 of a line, each token with the subject that it is of."""
    formula = formula_of(method, line.binding, method.term_of(line.source, line.binding.item_id))
    known = line.binding.known
    subject = line.binding.subject
    chains = tuple(
        replace(
            chain,
            optional=False,
            tokens=tuple(_of(each, subject) for each in chain.tokens if known.takes(each)),
        )
        for chain in formula.taken(subject, known.figures.keys())
        if chain.gas is Gas.CO2
    )
    return _State(chains=chains, known=known)


def _of(token: Token, subject: str) -> Token:
    match token:
        case Constant():
            return token
        case Slot():
            return token.of(subject)
        case Difference():
            first = token.first if isinstance(token.first, Constant) else token.first.of(subject)
            return Difference(first=first, others=tuple(each.of(subject) for each in token.others))


def _slots(state: _State) -> list[Slot]:
    return list(dict.fromkeys(slot for chain in state.chains for slot in chain.slots()))


def _is_ratio(token: Token, known: Known) -> bool:
    _, unit = formulas.worth(token, known)
    return units.natural(unit) == "1"


def _parts(state: _State) -> tuple[Part, ...]:
    tokens = dict.fromkeys(token for chain in state.chains for token in chain.tokens)
    return tuple(_part(token, state) for token in tokens)


def _part(token: Token, state: _State) -> Part:
    name = formulas.called(token, state.known.subject)
    if isinstance(token, Slot):
        return Part(name=name, figures=(state.known.figures[token],))
    return Part(name=name)


def _part_of(method: Method) -> Part:
    name = method.rounding.value.lower().replace("_", " ")
    return Part(name=Words(en=f"rounding at the grain: {name}", zh=f"账目粒度取整：{name}"))


def _product(parts: Sequence[Part]) -> Words:
    if not parts:
        return Words(en="not applied", zh="不采用")
    texts = [part.text for part in parts]
    return Words(en=" × ".join(t.en for t in texts), zh=" × ".join(t.zh for t in texts))


def _united(one: Sequence[Part], other: Sequence[Part]) -> tuple[Part, ...]:
    return tuple(
        replace(left, figures=(*left.figures, *right.figures))
        for left, right in zip(one, other, strict=True)
    )
