"""Emissions of a zone as a figure of a formula: what each member brings, and the residual apart.

    net = Σ members − residual

The residual is what members book differently for energy they pass each other. It is a share of its
own of the zone, never spread over members.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from services.accounting.domain.emission import Booked
from services.accounting.domain.indicator.expression import Ask
from services.accounting.domain.indicator.figure import Figure, Need, Share
from services.accounting.domain.indicator.input import Input
from services.accounting.domain.inventory import LACKING, State
from services.accounting.domain.zone import ZoneInventory
from services.accounting.domain.zone_brief import BriefMember, ZoneBrief
from services.kernel.errors import Words
from services.kernel.mass import G_PER_T
from services.kernel.names import ZONE

CO2 = "emissions_co2"
CO2E = "emissions_co2e"
DIRECT_CO2E = "direct_emissions_co2e"


def figure(ask: Ask, year: int, kind: Input, inventory: ZoneBrief) -> Figure:
    """Return a figure of a zone's inventory, in tonnes, exact to the gram.

    A member that reported nothing leaves it unsaid; one whose inventory lacks something leaves it
    said and lacking.
    """
    zone = ZONE.format(zone=inventory.zone)
    silent = [each for each in inventory.members if each.inventory is None]
    needs = lacking(kind, year, inventory)
    if silent or not inventory.members:
        return Figure(ask=ask, year=year, unit=kind.unit, amount=None, needs=needs)
    shares = [_share(each, kind.input_id) for each in inventory.members]
    residual_g = _residual_g(inventory, kind.input_id)
    if residual_g:
        shares.append(
            Share(name=inventory.name, version=0, owner=zone, amount=_tonnes(-residual_g))
        )
    return Figure(
        ask=ask,
        year=year,
        unit=kind.unit,
        amount=sum((share.amount for share in shares), Fraction(0)),
        shares=tuple(shares),
        needs=needs,
    )


def without_members(ask: Ask, year: int, kind: Input, zone: str) -> Figure:
    """Return the figure of a year in which the zone has no member."""
    text = Words(en=f"needs members of {zone} in {year}", zh=f"{zone} 在 {year} 年没有成员企业")
    need = Need(input_id=kind.input_id, year=year, owners=(zone,), text=text)
    return Figure(ask=ask, year=year, unit=kind.unit, amount=None, needs=(need,))


def lacking(kind: Input, year: int, inventory: ZoneBrief | ZoneInventory) -> tuple[Need, ...]:
    """Return what members have not reported, or lack in their inventories, for a figure."""
    return tuple(_needs(kind, year, inventory))


def grams(booked: Booked, input_id: str, gwp_set: str) -> int:
    """Return what is booked, by the gas of an input: of CO2 alone, or of CO2 equivalent."""
    return booked.co2_g if input_id == CO2 else booked.under(gwp_set)


def _share(member: BriefMember, input_id: str) -> Share:
    inventory = member.inventory
    assert inventory is not None, "it has reported"
    booked = inventory.direct if input_id == DIRECT_CO2E else inventory.total
    return Share(
        name=inventory.name,
        version=inventory.version,
        owner=member.name,
        amount=_tonnes(grams(booked, input_id, inventory.method.gwp_set)),
    )


def _residual_g(zone: ZoneBrief, input_id: str) -> int:
    """Return what members book for energy passed inside that the zone does not, in grams."""
    if input_id == DIRECT_CO2E:
        return 0
    return zone.residual.co2_g if input_id == CO2 else zone.residual.co2e_g


def _needs(kind: Input, year: int, inventory: ZoneBrief | ZoneInventory) -> Iterator[Need]:
    for member in inventory.members:
        if member.inventory is None:
            yield Need(
                input_id=kind.input_id,
                year=year,
                owners=(member.name,),
                text=Words(
                    en=f"needs the activity of {year} from {member.name}, which reported nothing",
                    zh=f"{member.name} 未填报 {year} 年度活动数据",
                ),
            )
        elif member.state is State.INCOMPLETE:
            lacks = [
                LACKING[each.kind] for each in member.inventory.findings if each.kind in LACKING
            ]
            en = ", ".join(dict.fromkeys(words.en for words in lacks)) or "a part"
            zh = "、".join(dict.fromkeys(words.zh for words in lacks)) or "部分数据"
            yield Need(
                input_id=kind.input_id,
                year=year,
                owners=(member.name,),
                text=Words(
                    en=f"needs {en} in {member.inventory.name} from {member.name}",
                    zh=f"{member.name} 的 {member.inventory.name} 缺少{zh}",
                ),
            )


def _tonnes(amount_g: int) -> Fraction:
    return Fraction(amount_g, G_PER_T)
