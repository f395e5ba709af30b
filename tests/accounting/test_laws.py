"""Laws that hold for any report, and an oracle that computes the same the slow and obvious way."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from services.accounting.domain.activity import EmissionSource, Kind
from services.accounting.domain.line import Entry, Line
from services.accounting.domain.transfer import Member
from services.kernel import units
from services.kernel.period import Period
from services.kernel.quantity import Quantity
from tests.accounting import builders

FITTING = {
    Kind.FUEL_COMBUSTION: ("t", "kg", "lb", "ton(US)"),
    Kind.ELECTRICITY_PURCHASED: ("kWh", "MWh", "10^4 kWh", "GJ"),
    Kind.ELECTRICITY_EXPORTED: ("kWh", "MWh"),
    Kind.HEAT_PURCHASED: ("GJ", "MJ", "kcal(IT)"),
    Kind.HEAT_EXPORTED: ("GJ", "TJ"),
}
MONTHS = tuple(Period.month(2023, month) for month in range(1, 13))

amounts = st.decimals(min_value=0, max_value=10**4, places=4, allow_nan=False)
kinds = st.sampled_from(list(Kind))


@st.composite
def quantities(draw: st.DrawFn, kind: Kind) -> Quantity:
    return Quantity(value=draw(amounts), unit=draw(st.sampled_from(FITTING[kind])))


@st.composite
def entries(draw: st.DrawFn, kind: Kind) -> list[Entry]:
    """Records of one source in one month, a day each."""
    given_quantities = draw(st.lists(quantities(kind), min_size=1, max_size=10))
    return [
        Entry(
            name=f"r{day}",
            period=Period.parse(f"2023-01-{day:02d}", f"2023-01-{day + 1:02d}"),
            quantity=quantity,
        )
        for day, quantity in enumerate(given_quantities, start=1)
    ]


@st.composite
def lines(draw: st.DrawFn) -> Line:
    kind = draw(kinds)
    return builders.line(draw(entries(kind)), builders.source(kind))


@st.composite
def members(draw: st.DrawFn, ids: Sequence[str] = ("a", "b", "c")) -> list[Member]:
    """Members that burn, buy from each other and from outside, and sell, as chance has it."""
    found = []
    for id_ in ids:
        own: list[Line] = []
        for number in range(draw(st.integers(0, 4))):
            kind = draw(kinds)
            partner = draw(st.sampled_from([*ids, "grid"]))
            source = EmissionSource(
                source_id=f"s{number}",
                kind=kind,
                subject=kind.carrier or "bituminous-coal",
                counterparty=f"enterprises/{id_}/counterparties/{partner}" if kind.carrier else "",
            )
            for month in draw(st.sets(st.sampled_from(MONTHS), min_size=1, max_size=3)):
                entry = Entry(name="r", period=month, quantity=draw(quantities(kind)))
                own.append(builders.line([entry], source, enterprise=id_))
        found.append(builders.member(id_, own, {partner: partner for partner in ids}))
    return found


def oracle_g(kind: Kind, parts: Sequence[Entry]) -> int:
    """Grams of CO2, each record converted apart and all multiplied by hand; half up."""
    to, each = {
        "": ("t", Fraction("23.204") * Fraction("26.18") / 1000 * Fraction("0.93") * 44 / 12),
        "electricity": ("MWh", Fraction("0.6451")),
        "heat": ("GJ", Fraction("0.11")),
    }[kind.carrier]
    tonnes = sum(
        (
            Fraction(entry.quantity.text) * units.conversion(entry.quantity.unit, to) * each
            for entry in parts
        ),
        Fraction(0),
    )
    return int(tonnes * 10**6 + Fraction(1, 2))


@given(st.data())
def test_a_line_is_what_the_oracle_says(data: st.DataObject) -> None:
    kind = data.draw(kinds)
    parts = data.draw(entries(kind))

    assert builders.line(parts, builders.source(kind)).booked.co2_g == oracle_g(kind, parts)


@given(st.data())
def test_the_order_of_records_moves_nothing(data: st.DataObject) -> None:
    kind = data.draw(kinds)
    parts = data.draw(entries(kind))
    shuffled = data.draw(st.permutations(parts))
    source = builders.source(kind)

    assert builders.line(parts, source) == builders.line(shuffled, source)


@given(st.data())
def test_how_an_amount_is_split_moves_nothing(data: st.DataObject) -> None:
    kind = data.draw(kinds)
    whole = data.draw(quantities(kind))
    part = data.draw(st.decimals(min_value=0, max_value=whole.value, places=4))
    rest = Quantity(value=whole.value - part, unit=whole.unit)
    source = builders.source(kind)

    one = builders.line([builders.entry(str(whole))], source)
    two = builders.line(
        [
            builders.entry(f"{part} {whole.unit}", "2023-01-01 2023-01-09"),
            builders.entry(str(rest), "2023-01-09 2023-02-01"),
        ],
        source,
    )

    assert two.booked == one.booked
    assert two.activity == one.activity
    assert two.reported_day_count == one.reported_day_count


@given(st.data())
def test_the_unit_that_is_written_moves_nothing(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from([Kind.ELECTRICITY_PURCHASED, Kind.FUEL_COMBUSTION]))
    large, small = ("MWh", "kWh") if kind.carrier else ("t", "kg")
    amount = data.draw(amounts)
    source = builders.source(kind)

    one = builders.line([builders.entry(f"{amount} {large}")], source)
    other = builders.line([builders.entry(f"{amount * 1000} {small}")], source)

    assert one.booked == other.booked


@given(st.data(), st.integers(1, 1000))
def test_more_activity_is_more_emissions_in_proportion(data: st.DataObject, times: int) -> None:
    kind = data.draw(kinds)
    amount = data.draw(st.decimals(min_value=0, max_value=1000, places=4))
    source, unit = builders.source(kind), FITTING[kind][0]

    one = builders.line([builders.entry(f"{amount} {unit}")], source).booked.co2_g
    many = builders.line([builders.entry(f"{amount * times} {unit}")], source).booked.co2_g

    # The one was rounded by half a gram at the most, and so was the many.
    assert abs(many - times * one) <= (times + 1) / Decimal(2)


@given(st.lists(lines(), min_size=1, max_size=12))
def test_booked_lines_add_up_to_the_inventory(booked: list[Line]) -> None:
    inventory = builders.inventory(booked)
    signs = builders.method().terms

    assert inventory.total.co2_g == sum(
        signs[line.source.kind].sign * line.booked.co2_g for line in booked
    )
    assert inventory.direct.co2_g == inventory.co2_g_by_kind[Kind.FUEL_COMBUSTION]
    assert inventory.indirect.co2_g == inventory.total.co2_g - inventory.direct.co2_g


@given(members())
def test_a_zone_is_the_naive_sum_less_double_count_and_exports(found: list[Member]) -> None:
    zone = builders.zone(*found)

    assert zone.net_co2_g == zone.naive_co2_g - zone.double_count_co2_g - zone.exported_co2_g
    assert zone.members_total_co2_g == zone.net_co2_g + zone.residual_co2_g
    assert zone.residual_co2_g == sum(each.residual_co2_g for each in zone.transfers)


@given(st.data())
def test_the_order_of_members_moves_nothing(data: st.DataObject) -> None:
    found = data.draw(members())

    assert builders.zone(*found) == builders.zone(*data.draw(st.permutations(found)))


@given(members())
def test_a_zone_of_one_member_is_that_member(found: list[Member]) -> None:
    alone = builders.member("a", found[0].lines)

    zone = builders.zone(alone)

    assert zone.net_co2_g == alone.total_co2_g
    assert zone.transfers == ()


@given(members())
def test_what_crosses_the_boundary_does_not_depend_on_what_stays_inside(
    found: list[Member],
) -> None:
    crossing = [
        builders.member(
            member.enterprise.enterprise_id,
            [
                line
                for line in member.lines
                if not line.source.kind.carrier or line.source.counterparty.endswith("/grid")
            ],
        )
        for member in found
    ]

    assert builders.zone(*crossing).net_co2_g == builders.zone(*found).net_co2_g
