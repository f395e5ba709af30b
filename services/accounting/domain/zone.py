"""The inventory of a zone: its members' inventories, with what they pass to each other taken out.

    territorial:  net = direct + imported − exported
    enterprises:  sum of members = net + residual

Energy that one member sells to another is direct emissions of the seller and bought energy of the
buyer: a naive sum counts it twice. It is removed once. What buyers and sellers book differently
for it is the residual, a line of its own and never spread.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from services.accounting.domain import transfer
from services.accounting.domain.enterprise import Label
from services.accounting.domain.inventory import LACKING, Coverage, Finding, FindingKind, State
from services.accounting.domain.method import Method
from services.accounting.domain.transfer import Member, Transfer, grams, matched, passage_of
from services.kernel import trust
from services.kernel.errors import Words
from services.kernel.names import ZONE_INVENTORY


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The revisions that a zone's inventory was computed from."""

    revision: int
    """Accounting's, at which the members' inventories were read."""
    registry_revision: int
    """The registry's, at which the members were looked up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneInventory:
    """The inventory of a zone as it is now. All figures are grams of CO2."""

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
    direct_co2_g: int
    imported_co2_g: int
    exported_co2_g: int
    coverage: Coverage
    status: trust.Status | None
    """None where nothing is reported."""
    label: Label | None
    """The least real among the members; None where there is none."""
    snapshot: Snapshot

    @property
    def name(self) -> str:
        """The resource name."""
        return ZONE_INVENTORY.format(zone=self.zone, year=str(self.accounting_year))

    @property
    def internal_purchased_co2_g(self) -> int:
        """What members bought from members, as the buyers book it."""
        return sum(each.bought_co2_g for each in self.transfers)

    @property
    def internal_sold_co2_g(self) -> int:
        """The same as the sellers book it."""
        return sum(each.sold_co2_g for each in self.transfers)

    @property
    def naive_co2_g(self) -> int:
        """Direct plus everything bought, nothing deducted: what a naive sum gives."""
        return self.direct_co2_g + self.imported_co2_g + self.internal_purchased_co2_g

    @property
    def double_count_co2_g(self) -> int:
        """What the naive sum counts twice."""
        return self.internal_purchased_co2_g

    @property
    def net_co2_g(self) -> int:
        """The zone's emissions."""
        return self.direct_co2_g + self.imported_co2_g - self.exported_co2_g

    @property
    def members_total_co2_g(self) -> int:
        """The sum of the members' totals."""
        return sum(member.total_co2_g for member in self.members)

    @property
    def residual_co2_g(self) -> int:
        """What buyers and sellers inside book differently."""
        return self.internal_purchased_co2_g - self.internal_sold_co2_g

    @property
    def state(self) -> State:
        """COMPLETE where there are members and every one's inventory is complete."""
        states = {member.state for member in self.members}
        return State.COMPLETE if states == {State.COMPLETE} else State.INCOMPLETE


def of(
    zone: str,
    accounting_year: int,
    members: Iterable[Member],
    *,
    method: Method,
    snapshot: Snapshot,
) -> ZoneInventory:
    """Return the inventory of the zone that has these members."""
    ranked = sorted(members, key=lambda member: (-member.total_co2_g, member.name))
    inside = {member.name for member in ranked}
    transfers = matched(ranked, inside)
    crossing = [
        line
        for member in ranked
        for line in member.lines
        if passage_of(member, line, inside) is None
    ]
    return ZoneInventory(
        zone=zone,
        accounting_year=accounting_year,
        method_id=method.method_id,
        gwp_set=method.gwp_set,
        scope2_basis=method.scope2_basis,
        members=tuple(ranked),
        transfers=transfers,
        findings=(*_member_findings(ranked), *transfer.findings(transfers)),
        direct_co2_g=sum(member.direct_co2_g for member in ranked),
        imported_co2_g=grams(line for line in crossing if line.source.kind.is_purchase),
        exported_co2_g=grams(line for line in crossing if line.source.kind.is_sale),
        coverage=_coverage(ranked),
        status=_status(ranked),
        label=max(
            (member.enterprise.label for member in ranked), key=list(Label).index, default=None
        ),
        snapshot=snapshot,
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
            lacks = [LACKING[finding.kind] for finding in member.inventory.findings]
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


def _each_once(words: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(words))
