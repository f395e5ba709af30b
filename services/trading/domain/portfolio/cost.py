"""What goes out of what came in: free units and bought ones, and which bought ones at what cost.

    weighted average    cost of k of n = total · k / n, rounded half up to a fen
    first in first out  the oldest lots first; a part of a lot costs its total · k / n, likewise

What is left keeps the rest of the total, so costs are neither made nor lost:
bought = sold + surrendered + … + held, in tonnes and in fen. Which units a sale or a surrender
takes, and which cost flow holds, is the enterprise's declared policy: no rule prescribes it.
Costs flow within one instrument; carried over, units keep their origin and their cost.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from typing import Final

from services.kernel.errors import Words
from services.kernel.mass import Rounding, round_integer
from services.trading.domain.portfolio.event import RECEIVED, Effect, Event


class Method(StrEnum):
    """A cost flow; the contract says it in words."""

    WEIGHTED_AVERAGE = "WEIGHTED_AVERAGE"
    FIFO = "FIFO"


class Order(StrEnum):
    """Which units go first; the contract says it in words."""

    FREE_FIRST = "FREE_FIRST"
    BOUGHT_FIRST = "BOUGHT_FIRST"


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What an enterprise declared about its costs."""

    method: Method
    sale_order: Order
    other_order: Order
    """Of surrenders, cancellations, expiries and what is carried over."""
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lot:
    """Bought units that are still there of one purchase, or of all on average."""

    unit_count: int
    cost_fen: int | None
    """None where what was paid is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """What an event took or brought, by origin, at what cost."""

    event: Event
    free_count: int
    bought_count: int
    cost_fen: int | None
    """Of the bought units; None where it is not known."""
    proceeds_bought_fen: int | None = None
    """Of a sale: what the bought units brought, by their share of the units, half up."""
    proceeds_free_fen: int | None = None
    """Of a sale: the rest."""

    @property
    def gain_fen(self) -> int | None:
        """What a sale gained over its cost, negative: lost; None where one of both is not known."""
        if self.proceeds_bought_fen is None or self.proceeds_free_fen is None:
            return None
        if self.cost_fen is None:
            return None
        return self.proceeds_bought_fen + self.proceeds_free_fen - self.cost_fen


@dataclass(slots=True, kw_only=True)
class Pool:
    """What is there of one instrument."""

    free_count: int = 0
    lots: list[Lot] = field(default_factory=list)

    @property
    def bought_count(self) -> int:
        """Bought units, tonnes."""
        return sum(each.unit_count for each in self.lots)

    @property
    def cost_fen(self) -> int | None:
        """What they cost, fen; None where that of a part is not known."""
        return total(each.cost_fen for each in self.lots)


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """What came of all events."""

    pools: Mapping[str, Pool]
    flows: tuple[Flow, ...]
    findings: tuple[Words, ...]


Declared = Mapping[str, int]
"""By transfer: how many of its units are free ones, where somebody declared it."""


def costs(
    events: Iterable[Event], policy: Policy, declared: Declared, method: Method | None = None
) -> Costs:
    """Return what is there after some events, what each took, and what does not fit.

    Args:
        events: in the order in which they count.
        policy: what the enterprise declared.
        declared: of single transfers, which units they took.
        method: another cost flow than the policy's, to compare.
    """
    work = _Work(policy=policy, method=method or policy.method, declared=declared)
    flows = tuple(work.take(each) for each in events)
    return Costs(pools=dict(work.pools), flows=flows, findings=tuple(work.findings))


def total(amounts: Iterable[int | None]) -> int | None:
    """Return the sum of amounts; None where one of them is not known.

    >>> total([1, 2]), total([]), total([1, None])
    (3, 0, None)
    """
    found = 0
    for each in amounts:
        if each is None:
            return None
        found += each
    return found


@dataclass(slots=True, kw_only=True)
class _Work:
    policy: Policy
    method: Method
    declared: Declared
    pools: dict[str, Pool] = field(default_factory=lambda: defaultdict(Pool))
    carried: dict[str, list[tuple[int, list[Lot]]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    findings: list[Words] = field(default_factory=list)

    def take(self, event: Event) -> Flow:
        pool = self.pools[event.instrument]
        if event.effect in RECEIVED:
            return self._received(pool, event)
        free_count = self._free_count(pool, event)
        bought_count = event.unit_count - free_count
        taken = self._taken(pool, bought_count)
        pool.free_count -= free_count
        if event.effect is Effect.CARRIED_OUT:
            self.carried[event.link].append((free_count, taken))
        brought = _share(event, bought_count)
        return Flow(
            event=event,
            free_count=free_count,
            bought_count=bought_count,
            cost_fen=total(each.cost_fen for each in taken),
            proceeds_bought_fen=brought,
            proceeds_free_fen=None
            if event.amount_fen is None or brought is None
            else event.amount_fen - brought,
        )

    def _received(self, pool: Pool, event: Event) -> Flow:
        free_count, lots = event.unit_count, list[Lot]()
        if event.effect is Effect.BOUGHT:
            free_count = 0
            lots = [Lot(unit_count=event.unit_count, cost_fen=event.amount_fen)]
            if event.amount_fen is None:
                self._tell(event, "what was paid for it is not known", "未关联付款，成本未知")
        elif event.effect is Effect.CARRIED_IN:
            free_count, lots = self._carried_in(event)
        pool.free_count += free_count
        self._put(pool, lots)
        return Flow(
            event=event,
            free_count=free_count,
            bought_count=sum(each.unit_count for each in lots),
            cost_fen=total(each.cost_fen for each in lots),
        )

    def _carried_in(self, event: Event) -> tuple[int, list[Lot]]:
        """Return what was carried out under the same link, with its origin and cost."""
        there = self.carried.get(event.link, []) if event.link else []
        for index, (free_count, lots) in enumerate(there):
            if free_count + sum(each.unit_count for each in lots) == event.unit_count:
                del there[index]
                return free_count, lots
        self._tell(
            event,
            "nothing of that quantity was carried out under its link; it counts as free",
            "同一关联号下没有等量结转转出，按免费配额计",
        )
        return event.unit_count, []

    def _free_count(self, pool: Pool, event: Event) -> int:
        """Return how many of the units that go out are free ones."""
        count, bought = event.unit_count, pool.bought_count
        least, most = max(count - bought, 0), min(count, pool.free_count)
        if least > most:
            # The ledger refuses more than there is; only a settlement before its supply does this.
            self._tell(
                event,
                "it was settled before what it takes; its units count as free",
                "交割早于其来源，按免费配额计",
            )
            return count
        declared = self.declared.get(event.transfer)
        if declared is not None:
            if least <= declared <= most:
                return declared
            self._tell(
                event,
                f"{declared} free units are declared, {least} to {most} are possible; "
                "the policy counts",
                f"申报免费 {declared} 吨，可行范围为 {least} 至 {most} 吨；按政策处理",
            )
        order = self.policy.sale_order if event.effect is Effect.SOLD else self.policy.other_order
        return most if order is Order.FREE_FIRST else least

    def _taken(self, pool: Pool, count: int) -> list[Lot]:
        taken: list[Lot] = []
        while count and pool.lots:
            first = pool.lots[0]
            part = _part(first, min(count, first.unit_count))
            rest = first.unit_count - part.unit_count
            if rest:
                pool.lots[0] = Lot(unit_count=rest, cost_fen=_less(first.cost_fen, part.cost_fen))
            else:
                del pool.lots[0]
            taken.append(part)
            count -= part.unit_count
        return taken

    def _put(self, pool: Pool, lots: Iterable[Lot]) -> None:
        pool.lots += lots
        if self.method is Method.WEIGHTED_AVERAGE and len(pool.lots) > 1:
            pool.lots = [Lot(unit_count=pool.bought_count, cost_fen=pool.cost_fen)]

    def _tell(self, event: Event, en: str, zh: str) -> None:
        self.findings.append(Words(en=f"{event.transfer}: {en}", zh=f"{event.transfer}：{zh}"))


def _part(lot: Lot, count: int) -> Lot:
    if lot.cost_fen is None or count == lot.unit_count:
        return Lot(unit_count=count, cost_fen=lot.cost_fen)
    exact = Fraction(lot.cost_fen * count, lot.unit_count)
    return Lot(unit_count=count, cost_fen=round_integer(exact, Rounding.HALF_UP))


def _less(whole: int | None, part: int | None) -> int | None:
    return None if whole is None or part is None else whole - part


def _share(event: Event, bought_count: int) -> int | None:
    if event.effect is not Effect.SOLD or event.amount_fen is None:
        return None
    exact = Fraction(event.amount_fen * bought_count, event.unit_count)
    return round_integer(exact, Rounding.HALF_UP)


NOT_DECLARED: Final = Words(
    en="no cost policy is declared: cost and gain are not given",
    zh="未申报成本流转政策：不给出成本与损益",
)
