"""Energy that members of a zone pass to each other, as both sides report it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from services.accounting.domain.activity import ELECTRICITY, HEAT
from services.accounting.domain.enterprise import Enterprise
from services.accounting.domain.inventory import Finding, FindingKind, Inventory, State
from services.accounting.domain.line import Line
from services.accounting.domain.method import Method
from services.kernel import units
from services.kernel.errors import Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A member of the zone, and what it has reported for the year."""

    enterprise: Enterprise
    inventory: Inventory | None
    """None where it has reported nothing."""
    lines: tuple[Line, ...] = ()
    partners: Mapping[str, str]
    """Counterparty → the registered enterprise behind it; those without one are outside.

    Those of other members may be among them.
    """

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

    def crossing(self, inside: Collection[str]) -> list[Line]:
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


def passage_of(member: Member, line: Line, inside: Collection[str]) -> Passage | None:
    """Return whom `line` passes energy to or from inside the zone; None for all other lines."""
    partner = member.partners.get(line.source.counterparty, "")
    kind = line.source.kind
    if partner not in inside or not kind.carrier:
        return None
    seller, buyer = (member.name, partner) if kind.is_sale else (partner, member.name)
    return Passage(seller=seller, buyer=buyer, subject=kind.carrier)


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
    value = sum(
        (line.activity * units.conversion(line.activity_unit, unit) for line in lines),
        Fraction(0),
    )
    return Side(value=value, unit=unit, co2e_g=grams(lines))


def findings(
    transfers: Iterable[Transfer], members: Iterable[Member], method: Method
) -> Iterator[Finding]:
    """Yield where a side is silent, or the two report different quantities.

    Nobody is called silent of what `method` does not count, nor of what it lacks a factor for.
    """
    by_name = {member.name: member for member in members}
    for transfer in transfers:
        seller, buyer = transfer.passage.seller, transfer.passage.buyer
        sold, bought = _told(transfer.sold), _told(transfer.bought)
        carrier = transfer.passage.subject
        text = Words(
            en=f"{carrier} from {seller} to {buyer}: the seller reports {sold.en}, the buyer "
            f"{bought.en}. Compare both meters and correct the wrong record.",
            zh=f"{seller} 供给 {buyer} 的{_CHINESE[carrier]}：供方填报{sold.zh}，"
            f"需方填报{bought.zh}。请核对双方计量表并更正有误的记录。",
        )
        if transfer.sold is None or transfer.bought is None:
            is_of_seller = transfer.sold is None
            silent = by_name[seller if is_of_seller else buyer]
            if _is_silent(silent, carrier, method, is_sale=is_of_seller):
                yield Finding(kind=FindingKind.TRANSFER_UNMATCHED, subject=silent.name, text=text)
        elif _differ(transfer.sold, transfer.bought):
            yield Finding(kind=FindingKind.TRANSFER_DIFFERS, subject=buyer, text=text)


def _is_silent(member: Member, carrier: str, method: Method, *, is_sale: bool) -> bool:
    """Tell whether a member has not reported what the method would have counted."""
    items = {
        term.item.item_id
        for term in method.terms
        if term.kind.carrier == carrier and term.kind.is_sale is is_sale
    }
    gaps = member.inventory.gaps if member.inventory else ()
    return bool(items) and not any(gap.item_id in items for gap in gaps)


_CHINESE = {ELECTRICITY: "电力", HEAT: "热力"}


def _differ(sold: Side, bought: Side) -> bool:
    return sold.value * units.conversion(sold.unit, bought.unit) != bought.value


def _told(side: Side | None) -> Words:
    if side is None:
        return Words(en="nothing", zh="为空")
    amount = f"{units.written(side.value)} {side.unit}"
    return Words(en=amount, zh=f" {amount}")
