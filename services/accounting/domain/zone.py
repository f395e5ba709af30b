"""The inventory of a zone: its members' inventories, with what they pass to each other taken out.

    territorial:  net = direct + imported − exported
    enterprises:  sum of members = net + residual

Energy that one member sells to another is direct emissions of the seller and bought energy of the
buyer: a naive sum counts it twice. It is removed once. What buyers and sellers book differently
for it is the residual, a line of its own and never spread.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from services.accounting.domain import claim, transfer
from services.accounting.domain.activity import Kind
from services.accounting.domain.claim import BEYOND
from services.accounting.domain.enterprise import Enterprise, Label
from services.accounting.domain.inventory import LACKING, Coverage, Finding, FindingKind, State
from services.accounting.domain.line import Line
from services.accounting.domain.method import Method
from services.accounting.domain.transfer import (
    Inside,
    Member,
    Passage,
    Transfer,
    grams,
    inside_of,
    matched,
    passage_of,
)
from services.kernel import trust
from services.kernel.errors import Words
from services.kernel.names import ZONE_INVENTORY, inventory_id


class MemberCoverage(StrEnum):
    """Which members of a zone are counted; the contract says it in words."""

    ALL = "ALL"
    ABOVE_SCALE = "ABOVE_SCALE"

    def takes(self, enterprise: Enterprise, zone: str, year: int) -> bool:
        """Tell whether an enterprise is counted in a zone, by its name, in a year."""
        membership = enterprise.membership_in(zone, year)
        return membership is not None and (self is MemberCoverage.ALL or membership.above_scale)


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """What a zone's inventory was computed from."""

    revision: int
    """Accounting's, at which the members' inventories were read."""
    registry_revision: int
    """The registry's, at which the members were looked up."""
    member_coverage: MemberCoverage = MemberCoverage.ALL
    """Which of them were."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneInventory:
    """The inventory of a zone as it is now. All figures are grams of CO2 equivalent."""

    zone: str
    """The id of the zone."""
    accounting_year: int
    method_id: str
    gwp_set: str
    scope2_basis: str
    members: tuple[Member, ...]
    """Largest total first."""
    transfers: tuple[Transfer, ...]
    """By seller, buyer and subject."""
    findings: tuple[Finding, ...]
    direct_co2e_g: int
    imported_co2e_g: int
    exported_co2e_g: int
    claimed_inside_co2e_g: int
    """Green power that members claim for electricity bought inside; not negative."""
    coverage: Coverage
    status: trust.Status | None
    """None where nothing is reported."""
    label: Label | None
    """The least real among the members; None where there is none."""
    snapshot: Snapshot

    @property
    def name(self) -> str:
        """The resource name."""
        return ZONE_INVENTORY.format(
            zone=self.zone, inventory=inventory_id(self.accounting_year, self.method_id)
        )

    @property
    def internal_purchased_co2e_g(self) -> int:
        """What members bought from members, as the buyers book it."""
        return sum(each.bought_co2e_g for each in self.transfers)

    @property
    def internal_sold_co2e_g(self) -> int:
        """The same as the sellers book it."""
        return sum(each.sold_co2e_g for each in self.transfers)

    @property
    def naive_co2e_g(self) -> int:
        """Direct plus everything bought, nothing deducted: what a naive sum gives."""
        return self.direct_co2e_g + self.imported_co2e_g + self.internal_purchased_co2e_g

    @property
    def double_count_co2e_g(self) -> int:
        """What the naive sum counts twice."""
        return self.internal_purchased_co2e_g

    @property
    def net_co2e_g(self) -> int:
        """The zone's emissions."""
        return self.direct_co2e_g + self.imported_co2e_g - self.exported_co2e_g

    @property
    def members_total_co2e_g(self) -> int:
        """The sum of the members' totals."""
        return sum(member.total_co2e_g for member in self.members)

    @property
    def residual_co2e_g(self) -> int:
        """What members book for energy passed inside that the zone does not."""
        return (
            self.internal_purchased_co2e_g - self.internal_sold_co2e_g - self.claimed_inside_co2e_g
        )

    @property
    def state(self) -> State:
        """COMPLETE where there are members and every one's inventory is complete."""
        states = {member.state for member in self.members}
        return State.COMPLETE if states == {State.COMPLETE} else State.INCOMPLETE


@dataclass(frozen=True, slots=True, kw_only=True)
class _Share:
    """What a member's lines are to the zone, in grams of CO2 equivalent."""

    member: Member
    passed: tuple[tuple[Passage, Line], ...]
    """Energy that it sells to members or buys of them."""
    bought_co2e_g: int
    """From outside, as everything below."""
    sold_co2e_g: int
    claimed_co2e_g: int
    beyond_co2e_g: int
    """What the zone gives back of its claims."""
    own_beyond_co2e_g: int
    """What its own total gives back of them."""


def of(  # noqa: PLR0913 (a zone's year, its members, and how they are seen)
    zone: str,
    accounting_year: int,
    members: Iterable[Member],
    *,
    method: Method,
    snapshot: Snapshot,
    inside: Inside | None = None,
    with_lines: bool = True,
) -> ZoneInventory:
    """Return the inventory of the zone that has these members.

    Where it is said beforehand who they are, and lines are not asked for, those of one are held
    at a time.
    """
    if inside is None:
        members = tuple(members)
        inside = inside_of(members)
    shares = sorted(
        (_share(member, inside, with_lines=with_lines) for member in members),
        key=lambda share: (-share.member.total_co2e_g, share.member.name),
    )
    ranked = tuple(share.member for share in shares)
    transfers = matched(passed for share in shares for passed in share.passed)
    beyond = sum(share.beyond_co2e_g for share in shares)
    return ZoneInventory(
        zone=zone,
        accounting_year=accounting_year,
        method_id=method.method_id,
        gwp_set=method.gwp_set,
        scope2_basis=method.basis.value,
        members=ranked,
        transfers=transfers,
        findings=(
            *_member_findings(ranked),
            *transfer.findings(transfers, ranked, method),
            *_claim_findings(shares),
        ),
        direct_co2e_g=sum(member.direct_co2e_g for member in ranked),
        imported_co2e_g=sum(share.bought_co2e_g - share.claimed_co2e_g for share in shares)
        + beyond,
        exported_co2e_g=sum(share.sold_co2e_g for share in shares),
        claimed_inside_co2e_g=beyond - sum(share.own_beyond_co2e_g for share in shares),
        coverage=_coverage(ranked),
        status=_status(ranked),
        label=max(
            (member.enterprise.label for member in ranked), key=list(Label).index, default=None
        ),
        snapshot=snapshot,
    )


def _share(member: Member, inside: Inside, *, with_lines: bool) -> _Share:
    crossing = member.crossing(inside)
    return _Share(
        member=member if with_lines else replace(member, lines=()),
        passed=tuple(
            (passage, line)
            for line in member.lines
            if (passage := passage_of(member, line, inside)) is not None
        ),
        bought_co2e_g=grams(line for line in crossing if line.source.kind.is_purchase),
        sold_co2e_g=grams(line for line in crossing if line.source.kind.is_sale),
        claimed_co2e_g=grams(
            line for line in crossing if line.source.kind is Kind.GREEN_POWER_CLAIMED
        ),
        beyond_co2e_g=beyond_of(member, inside),
        own_beyond_co2e_g=own_beyond_of(member),
    )


def counted(lines: Iterable[Line], method: Method) -> tuple[Line, ...]:
    """Return the lines that a zone's totals are made of: direct, and the method's own basis."""
    return tuple(
        line
        for line in lines
        if method.counts(method.items[line.binding.item_id].category, method.basis)
    )


def is_direct(line: Line) -> bool:
    """Tell whether a line is of direct emissions: neither bought nor sold nor claimed energy."""
    kind = line.source.kind
    return not kind.carrier and kind is not Kind.GREEN_POWER_CLAIMED


def is_import(line: Line, passage: Passage | None) -> bool:
    """Tell whether a line is of energy from outside, or of green power claimed for it."""
    kind = line.source.kind
    return (kind.is_purchase and passage is None) or kind is Kind.GREEN_POWER_CLAIMED


def beyond_of(member: Member, inside: Inside) -> int:
    """Return what the zone gives back of a member's claims, grams of CO2 equivalent.

    Claims are matched with what the member takes in from outside: within the zone, electricity is
    what its generation makes it, whatever its buyer claims.
    """
    if member.inventory is None:
        return 0
    method = member.inventory.method
    given_back = claim.beyond(member.crossing(inside), method).values()
    return sum(booked.under(method.gwp_set) for booked in given_back)


def own_beyond_of(member: Member) -> int:
    """Return what its own total gives back of a member's claims, grams of CO2 equivalent.

    Nothing where the method's own basis counts no claims: then none of them is in the total.
    """
    if member.inventory is None:
        return 0
    method = member.inventory.method
    return sum(
        each.booked.under(method.gwp_set)
        for each in member.inventory.items
        if each.item_id == BEYOND and method.counts(method.items[BEYOND].category, method.basis)
    )


def _coverage(members: Iterable[Member]) -> Coverage:
    each = [member.inventory.coverage for member in members if member.inventory]
    return Coverage(
        reported_day_count=sum(coverage.reported_day_count for coverage in each),
        source_day_count=sum(coverage.source_day_count for coverage in each),
    )


def _status(members: Iterable[Member]) -> trust.Status | None:
    each = [member.inventory.status for member in members if member.inventory]
    return trust.lowest(*each) if each else None


def _member_findings(members: Iterable[Member]) -> Iterator[Finding]:
    for member in sorted(members, key=lambda member: member.name):
        if member.inventory is None:
            yield Finding(
                kind=FindingKind.NOTHING_REPORTED,
                subject=member.name,
                text=Words(
                    en=f"{member.name} has reported nothing for the year and is in no total. "
                    "Ask it to report.",
                    zh=f"{member.name} 本年度未填报任何数据，未计入各项合计。请督促其填报。",
                ),
            )
        elif member.state is State.INCOMPLETE:
            lacks = [
                LACKING[finding.kind]
                for finding in member.inventory.findings
                if finding.kind in LACKING
            ]
            yield Finding(
                kind=FindingKind.MEMBER_INCOMPLETE,
                subject=member.name,
                text=Words(
                    en=f"{member.name} lacks {_each_once(words.en for words in lacks)}: so do the "
                    "zone's totals. Its own inventory says what to do.",
                    zh=f"{member.name} 缺少{_each_once(words.zh for words in lacks)}，"
                    "园区合计相应缺失。处理办法见该企业的清单。",
                ),
            )


def _claim_findings(shares: Iterable[_Share]) -> Iterator[Finding]:
    for share in sorted(shares, key=lambda share: share.member.name):
        if share.beyond_co2e_g > share.own_beyond_co2e_g:
            name = share.member.name
            yield Finding(
                kind=FindingKind.CLAIM_BEYOND_CONSUMPTION,
                subject=name,
                text=Words(
                    en=f"{name} claims green power for electricity bought inside the zone. "
                    "Its own total is less by it; the zone's is not, since nothing was taken in. "
                    "Claim for what comes from outside, or report the supply as non-fossil.",
                    zh=f"{name} 对自园区内购入的电力声明了绿色电力：企业合计相应扣减，"
                    "园区合计因无调入电量不予扣减。请改为对园区外购入电量声明，"
                    "或将该供电填报为非化石电力。",
                ),
            )


def _each_once(words: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(words))
