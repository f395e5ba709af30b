"""What became of an evaluation: each indicator's change, by causes that add up to it exactly.

Between two evaluations a value moves because an input moved or because another formula is computed.
The part of each is its Shapley value: the mean of what replacing it does, over every order of
replacing. So the parts do not depend on an order, and they add up to the change to the last digit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from itertools import combinations
from math import factorial
from typing import Final

from services.accounting.domain.indicator.evaluation import Evaluation
from services.accounting.domain.indicator.expression import Ask, Expression
from services.accounting.domain.indicator.figure import Figure, Share
from services.accounting.domain.indicator.result import Result
from services.kernel import units
from services.kernel.errors import Words

MOST_INPUTS: Final = 8
"""Of a formula whose change is split by Shapley values; of more, they move together."""


class Cause(StrEnum):
    """Why a figure is another."""

    DATA = "DATA"
    """A fact was reported or corrected, or the records of an inventory were."""
    FACTOR = "FACTOR"
    """An inventory is by other factors."""
    METHOD = "METHOD"
    """Another method, formula, limit or system version."""
    MEMBERS = "MEMBERS"
    """Enterprises joined or left the zone."""
    YEAR = "YEAR"
    """It is the figure of another year."""
    ANSWER = "ANSWER"
    """The desk answered otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareChange:
    """What one fact brought before and brings after, as far as one cause moved it."""

    owner: str
    before: Share | None
    after: Share | None
    """None where it brings nothing."""
    cause: Cause
    difference: Fraction
    """By this cause, in the unit of the input."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What one input did to a value by one cause, or what another formula or answer did."""

    input_id: str
    """Empty for the formula, and for an answer."""
    years_before: int
    cause: Cause
    before: Fraction | None
    after: Fraction | None
    unit: str
    """Of `before` and `after`; empty for the formula."""
    effect: Fraction | None
    """In the unit of the indicator; None where the value is not there on both sides."""
    shares: tuple[ShareChange, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What became of one indicator; a side is None where its system has none like it."""

    indicator_id: str
    before: Result | None
    after: Result | None
    effects: tuple[Effect, ...]

    @property
    def difference(self) -> Fraction | None:
        """After minus before, in the unit of the indicator; None unless both are there."""
        if self.before is None or self.after is None:
            return None
        if self.before.value is None or self.after.value is None:
            return None
        if self.before.indicator.unit != self.after.indicator.unit:
            return None
        return self.after.value - self.before.value


CausesOf = Callable[[str, Share | None, Share | None], Sequence[tuple[Cause, Fraction]]]
"""Tells why a share of an input moved: causes and what each brought, which add up to the whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """Two evaluations, and what tells why a share moved."""

    before: Evaluation
    after: Evaluation
    members_before: frozenset[str]
    members_after: frozenset[str]
    causes_of: CausesOf


def changes(sides: Sides) -> tuple[Change, ...]:
    """Return every indicator that is another: in value, verdict, score, or what it is judged by."""
    before = {each.indicator.indicator_id: each for each in sides.before.results}
    after = {each.indicator.indicator_id: each for each in sides.after.results}
    found = (
        _change(indicator_id, before.get(indicator_id), after.get(indicator_id), sides)
        for indicator_id in dict.fromkeys([*before, *after])
    )
    return tuple(each for each in found if _is_other(each))


def _is_other(change: Change) -> bool:
    before, after = change.before, change.after
    if before is None or after is None:
        return True
    same = (before.value, before.verdict, before.score) == (after.value, after.verdict, after.score)
    return bool(change.effects) or not same


def _change(indicator_id: str, before: Result | None, after: Result | None, sides: Sides) -> Change:
    effects: tuple[Effect, ...] = ()
    if before is not None and after is not None:
        effects = tuple(_effects(before, after, sides))
    return Change(indicator_id=indicator_id, before=before, after=after, effects=effects)


def _effects(before: Result, after: Result, sides: Sides) -> Iterator[Effect]:
    if before.answer != after.answer:
        yield _of_answer(before, after)
        return
    moved = _moved(before, after)
    parts = _parts(before, after, moved)
    for ask in moved:
        yield from _of_input(ask, _figure(before, ask), _figure(after, ask), parts.get(ask), sides)
    if _written(before) != _written(after):
        yield Effect(
            input_id="",
            years_before=0,
            cause=Cause.METHOD,
            before=None,
            after=None,
            unit="",
            effect=parts.get(None),
        )


def _of_input(
    ask: Ask, old: Figure | None, new: Figure | None, part: Fraction | None, sides: Sides
) -> Iterator[Effect]:
    """Yield what an input did, cause by cause, in proportion to what each brought to it."""
    shares = tuple(_shares(ask.input_id, old, new, sides))
    whole = sum((each.difference for each in shares), Fraction(0))
    for cause in dict.fromkeys(each.cause for each in shares) or [_without_shares(old, new)]:
        own = tuple(each for each in shares if each.cause is cause)
        moved = sum((each.difference for each in own), Fraction(0))
        yield Effect(
            input_id=ask.input_id,
            years_before=ask.years_before,
            cause=cause,
            before=old.amount if old else None,
            after=new.amount if new else None,
            unit=(new or old or _NOWHERE).unit,
            effect=part * moved / whole if part is not None and whole else part,
            shares=own,
        )


def _without_shares(old: Figure | None, new: Figure | None) -> Cause:
    """Return why a figure is another though all that it is made of is the same."""
    if old is None or new is None:
        return Cause.METHOD
    return Cause.DATA if old.year == new.year else Cause.YEAR


_NOWHERE: Final = Figure(ask=Ask(input_id=""), year=0, unit="", amount=None)


def _of_answer(before: Result, after: Result) -> Effect:
    both = before.value is not None and after.value is not None
    return Effect(
        input_id="",
        years_before=0,
        cause=Cause.ANSWER,
        before=before.value,
        after=after.value,
        unit=after.indicator.unit,
        effect=(after.value or Fraction(0)) - (before.value or Fraction(0)) if both else None,
    )


def _moved(before: Result, after: Result) -> list[Ask]:
    """Return the inputs of either formula that are not the same on both sides."""
    asks = dict.fromkeys([*before.indicator.asks(), *after.indicator.asks()])
    return [ask for ask in asks if _amount(before, ask) != _amount(after, ask)]


def _amount(result: Result, ask: Ask) -> Fraction | None:
    figure = _figure(result, ask)
    return None if figure is None else figure.amount


def _figure(result: Result, ask: Ask) -> Figure | None:
    return next((each for each in result.figures if each.ask == ask), None)


def _written(result: Result) -> tuple[object, ...]:
    indicator = result.indicator
    return (
        indicator.formula.text if indicator.formula else "",
        [
            (case.case_id, case.requirement and str(case.requirement.limit))
            for case in indicator.cases
        ],
        str(indicator.reference),
        str(indicator.weight),
    )


Mover = Ask | None
"""An input, or None for the formula."""


def _parts(before: Result, after: Result, moved: Sequence[Ask]) -> Mapping[Mover, Fraction]:
    """Return what each mover did to the value, in the unit of the indicator; exact and complete.

        φ_i = Σ over sets S without i of |S|! (n − |S| − 1)! / n! × (v(S + i) − v(S))

    Nothing where the value cannot be computed with some of them replaced.
    """
    one, other = before.indicator.formula, after.indicator.formula
    if one is None or other is None or before.indicator.unit != after.indicator.unit:
        return {}
    movers: list[Mover] = [*moved]
    if one.text != other.text:
        movers.append(None)
    if len(movers) > MOST_INPUTS:
        return {}
    try:
        worth = _worth(before, after, movers, (one, other))
    except _Unworthy:
        return {}
    count = len(movers)
    found: dict[Mover, Fraction] = {}
    for mover in movers:
        others = [each for each in movers if each != mover]
        found[mover] = sum(
            (
                Fraction(factorial(size) * factorial(count - size - 1), factorial(count))
                * (worth[frozenset([*some, mover])] - worth[frozenset(some)])
                for size in range(count)
                for some in combinations(others, size)
            ),
            Fraction(0),
        )
    return found


class _Unworthy(Exception):
    """A mixture of both sides cannot be computed."""


def _worth(
    before: Result, after: Result, movers: Sequence[Mover], formulas: tuple[Expression, Expression]
) -> Mapping[frozenset[Mover], Fraction]:
    """Return the value with each set of movers as they are after, all others as before."""
    scale = units.unit(after.indicator.unit).scale
    found: dict[frozenset[Mover], Fraction] = {}
    for size in range(len(movers) + 1):
        for some in combinations(movers, size):
            replaced = frozenset(some)

            def amount(ask: Ask, replaced: frozenset[Mover] = replaced) -> Fraction | None:
                sides = (after, before) if ask in replaced else (before, after)
                figure = _figure(sides[0], ask) or _figure(sides[1], ask)
                return figure.base if figure else None

            outcome = formulas[None in replaced].outcome(amount)
            if not isinstance(outcome, Fraction):
                raise _Unworthy
            found[replaced] = outcome / scale
    return found


def _shares(
    input_id: str, before: Figure | None, after: Figure | None, sides: Sides
) -> Iterator[ShareChange]:
    is_other_year = before is not None and after is not None and before.year != after.year
    old = {share.owner + share.name: share for share in before.shares} if before else {}
    new = {share.owner + share.name: share for share in after.shares} if after else {}
    for key in dict.fromkeys([*old, *new]):
        was, now = old.get(key), new.get(key)
        if was == now:
            continue
        owner = (now or was or _NO_SHARE).owner
        causes = _of_share(input_id, was, now, sides)
        if is_other_year:
            causes = [(Cause.YEAR, _moved_by(was, now))]
        for cause, difference in causes:
            yield ShareChange(
                owner=owner, before=was, after=now, cause=cause, difference=difference
            )


_NO_SHARE: Final = Share(name="", version=0, owner="", amount=Fraction(0))


def _of_share(
    input_id: str, was: Share | None, now: Share | None, sides: Sides
) -> Sequence[tuple[Cause, Fraction]]:
    owner = (now or was or _NO_SHARE).owner
    joined = owner in sides.members_after - sides.members_before
    left = owner in sides.members_before - sides.members_after
    if (was is None and joined) or (now is None and left):
        return [(Cause.MEMBERS, _moved_by(was, now))]
    return sides.causes_of(input_id, was, now)


def _moved_by(was: Share | None, now: Share | None) -> Fraction:
    return (now.amount if now else Fraction(0)) - (was.amount if was else Fraction(0))


def told(cause: Cause) -> Words:
    """Return a cause in words."""
    return _TOLD[cause]


_TOLD: Final[Mapping[Cause, Words]] = {
    Cause.DATA: Words(en="reported data", zh="填报数据"),
    Cause.FACTOR: Words(en="emission factors", zh="排放因子"),
    Cause.METHOD: Words(en="method, formula or limit", zh="方法、公式或限值"),
    Cause.MEMBERS: Words(en="members of the zone", zh="成员企业变动"),
    Cause.YEAR: Words(en="another year", zh="年度不同"),
    Cause.ANSWER: Words(en="the desk's answer", zh="填报答复"),
}
