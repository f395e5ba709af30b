"""Energy that members of a zone pass to each other, as both sides report it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from services.accounting.domain.activity import ELECTRICITY, HEAT
from services.accounting.domain.enterprise import WHOLE_YEAR, Enterprise
from services.accounting.domain.inventory import (
    Finding,
    FindingKind,
    Inventory,
    State,
    restricted,
)
from services.accounting.domain.line import Amount, Line
from services.accounting.domain.method import Method
from services.kernel import units
from services.kernel.errors import Words

Inside = Mapping[str, Collection[int]]
"""The members of a zone by name, each with the months, from 1 to 12, that it is counted in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A member of the zone, and what it has reported for the months that it is counted in."""

    enterprise: Enterprise
    inventory: Inventory | None
    """Made of these months alone; None where it has reported nothing in the year."""
    lines: tuple[Line, ...] = ()
    """Those of these months."""
    partners: Mapping[str, str]
    """Counterparty → the registered enterprise behind it; those without one are outside.

    Those of other members may be among them.
    """
    months: Collection[int] = WHOLE_YEAR
    """From 1 to 12."""

    @property
    def name(self) -> str:
        """The resource name of the enterprise."""
        return self.enterprise.name

    @property
    def state(self) -> State:
        """The state of its inventory."""
        return State.INCOMPLETE if self.inventory is None else self.inventory.state

    @property
    def direct_co2e_g(self) -> int:
        """Its direct emissions."""
        return 0 if self.inventory is None else self.inventory.direct.under(self._gwp_set)

    @property
    def total_co2e_g(self) -> int:
        """Its direct plus indirect emissions."""
        return 0 if self.inventory is None else self.inventory.total.under(self._gwp_set)

    def crossing(self, inside: Inside) -> list[Line]:
        """Return its lines without those of energy passed between members."""
        return [line for line in self.lines if passage_of(self, line, inside) is None]

    @property
    def _gwp_set(self) -> str:
        return self.inventory.method.gwp_set if self.inventory else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One side of a transfer: how much it reports, and what it books for it."""

    value: Fraction
    unit: str
    co2e_g: int
    by_month: Mapping[int, Fraction]
    """In `unit`, of the months that it reports, from 1 to 12."""
    written: tuple[Amount, ...]
    """What was reported, one sum for each unit that was written, by unit."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Passage:
    """Who sells what to whom."""

    seller: str
    buyer: str
    subject: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """Energy that one member sold to another in the year; None where a side reports nothing."""

    passage: Passage
    sold: Side | None
    bought: Side | None

    @property
    def sold_co2e_g(self) -> int:
        """As the seller books it."""
        return self.sold.co2e_g if self.sold else 0

    @property
    def bought_co2e_g(self) -> int:
        """As the buyer books it."""
        return self.bought.co2e_g if self.bought else 0

    @property
    def residual_co2e_g(self) -> int:
        """Bought − sold."""
        return self.bought_co2e_g - self.sold_co2e_g


def member_of(
    enterprise: Enterprise,
    inventory: Inventory | None,
    lines: Iterable[Line],
    *,
    partners: Mapping[str, str],
    months: Collection[int] = WHOLE_YEAR,
) -> Member:
    """Return the member that an enterprise is, with the part of its year that the zone counts.

    `lines` are those of the whole year that its own basis counts.
    """
    if len(months) < len(WHOLE_YEAR):
        lines = [line for line in lines if line.month.start.month in months]
        inventory = restricted(inventory, lines) if inventory else None
    return Member(
        enterprise=enterprise,
        inventory=inventory,
        lines=tuple(lines),
        partners=partners,
        months=months,
    )


def passage_of(member: Member, line: Line, inside: Inside) -> Passage | None:
    """Return whom `line` passes energy to or from inside the zone; None for all other lines."""
    partner = member.partners.get(line.source.counterparty, "")
    kind = line.source.kind
    if not kind.carrier or line.month.start.month not in inside.get(partner, ()):
        return None
    seller, buyer = (member.name, partner) if kind.is_sale else (partner, member.name)
    return Passage(seller=seller, buyer=buyer, subject=kind.carrier)


def inside_of(members: Iterable[Member]) -> Inside:
    """Return the members by name, with the months that they are counted in."""
    return {member.name: member.months for member in members}


def grams(lines: Iterable[Line]) -> int:
    """Return the sum of what `lines` book, grams of CO2 equivalent under their method's own set."""
    return sum(line.booked.under(line.binding.gwp_sets[0]) for line in lines)


def matched(passed: Iterable[tuple[Passage, Line]]) -> tuple[Transfer, ...]:
    """Match what members sell to members with what those report to have bought."""
    sold: defaultdict[Passage, list[Line]] = defaultdict(list)
    bought: defaultdict[Passage, list[Line]] = defaultdict(list)
    for passage, line in passed:
        (sold if line.source.kind.is_sale else bought)[passage].append(line)
    return tuple(
        Transfer(passage=passage, sold=_side(sold[passage]), bought=_side(bought[passage]))
        for passage in sorted({*sold, *bought})
    )


def _side(lines: Sequence[Line]) -> Side | None:
    if not lines:
        return None
    unit = lines[0].activity_unit
    by_month: defaultdict[int, Fraction] = defaultdict(Fraction)
    written: defaultdict[str, Fraction] = defaultdict(Fraction)
    for line in lines:
        converted = line.activity * units.conversion(line.activity_unit, unit)
        by_month[line.month.start.month] += converted
        for amount in line.activities:
            written[amount.unit] += Fraction(amount.value)
    return Side(
        value=sum(by_month.values(), Fraction(0)),
        unit=unit,
        co2e_g=grams(lines),
        by_month=dict(by_month),
        written=tuple(Amount(value=value, unit=unit) for unit, value in sorted(written.items())),
    )


def findings(
    transfers: Iterable[Transfer], members: Iterable[Member], method: Method
) -> Iterator[Finding]:
    """Yield where a side is silent, or the two report different quantities, units or months.

    Nobody is called silent of what `method` does not count, nor of what it lacks a factor for.
    """
    by_name = {member.name: member for member in members}
    for transfer in transfers:
        sold, bought = transfer.sold, transfer.bought
        if sold is None or bought is None:
            silent = by_name[transfer.passage.seller if sold is None else transfer.passage.buyer]
            if _is_silent(silent, transfer.passage.subject, method, is_sale=sold is None):
                yield _told(transfer, FindingKind.TRANSFER_UNMATCHED, silent.name, _COMPARE)
        elif (kind := _difference(sold, bought)) is not None:
            yield _told(transfer, kind, transfer.passage.buyer, _WAYS_OUT[kind])


def _difference(sold: Side, bought: Side) -> FindingKind | None:
    """Return in what the two sides of a transfer differ; None where they agree, month by month."""
    ratio = units.conversion(sold.unit, bought.unit)
    by_month = {month: value * ratio for month, value in sold.by_month.items()}
    moved = {
        month: difference
        for month in {*by_month, *bought.by_month}
        if (difference := bought.by_month.get(month, Fraction(0)) - by_month.get(month, 0))
    }
    if not moved:
        return None
    if not sum(moved.values(), Fraction(0)):
        return FindingKind.TRANSFER_PERIOD_SHIFTED
    if _only_the_unit_differs(sold, bought):
        return FindingKind.TRANSFER_UNIT_DIFFERS
    return FindingKind.TRANSFER_DIFFERS


def _only_the_unit_differs(sold: Side, bought: Side) -> bool:
    """Tell whether both write the same number, each in another unit: one of them is a slip."""
    if len(sold.written) != 1 or len(bought.written) != 1:
        return False
    (one,), (other,) = sold.written, bought.written
    return one.unit != other.unit and Fraction(one.value) == Fraction(other.value)


_COMPARE: Final = Words(
    en="Compare both meters and correct the wrong record.", zh="请核对双方计量表并更正有误的记录。"
)
_WAYS_OUT: Final = {
    FindingKind.TRANSFER_DIFFERS: _COMPARE,
    FindingKind.TRANSFER_UNIT_DIFFERS: Words(
        en="The numbers are the same, the units are not: one side wrote a wrong unit. Ask which "
        "and correct that record.",
        zh="双方数值相同而计量单位不同，其中一方的单位填写有误。请核实并更正该记录。",
    ),
    FindingKind.TRANSFER_PERIOD_SHIFTED: Words(
        en="The year is the same, the months are not: the two read their meters on other days. "
        "Agree on the days, and move the records of one side.",
        zh="全年合计一致而月份不同，双方抄表日期不一致。请统一抄表日期并调整其中一方的记录。",
    ),
}


def _is_silent(member: Member, carrier: str, method: Method, *, is_sale: bool) -> bool:
    """Tell whether a member has not reported what the method would have counted."""
    items = {
        term.item.item_id
        for term in method.terms
        if term.kind.carrier == carrier and term.kind.is_sale is is_sale
    }
    gaps = member.inventory.gaps if member.inventory else ()
    return bool(items) and not any(gap.item_id in items for gap in gaps)


_CHINESE: Final = {ELECTRICITY: "电力", HEAT: "热力"}


def _told(transfer: Transfer, kind: FindingKind, subject: str, way_out: Words) -> Finding:
    """Return a finding with both reports in its text."""
    passage = transfer.passage
    sold, bought = _reported(transfer.sold, kind), _reported(transfer.bought, kind)
    return Finding(
        kind=kind,
        subject=subject,
        text=Words(
            en=f"{passage.subject} from {passage.seller} to {passage.buyer}: the seller reports "
            f"{sold.en}, the buyer {bought.en}. {way_out.en}",
            zh=f"{passage.seller} 供给 {passage.buyer} 的{_CHINESE[passage.subject]}：供方填报"
            f"{sold.zh}，需方填报{bought.zh}。{way_out.zh}",
        ),
    )


def _reported(side: Side | None, kind: FindingKind) -> Words:
    if side is None:
        return Words(en="nothing", zh="为空")
    match kind:
        case FindingKind.TRANSFER_UNIT_DIFFERS:
            (amount,) = side.written
            text = f"{units.written(Fraction(amount.value))} {amount.unit}"
        case FindingKind.TRANSFER_PERIOD_SHIFTED:
            months = (f"{each}: {units.written(side.by_month[each])}" for each in _months(side))
            text = f"{units.written(side.value)} {side.unit} ({', '.join(months)})"
        case _:
            text = f"{units.written(side.value)} {side.unit}"
    return Words(en=text, zh=f" {text}")


def _months(side: Side) -> list[int]:
    return sorted(side.by_month)
