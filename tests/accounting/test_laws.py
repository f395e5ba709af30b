"""Laws that hold for any report, and an oracle that computes the same the slow and obvious way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from services.accounting.domain import claim, transfer
from services.accounting.domain.activity import INSTRUMENTS, Kind
from services.accounting.domain.claim import BEYOND
from services.accounting.domain.line import Entry, Line
from services.accounting.domain.method import Basis
from services.accounting.domain.reconciliation import Row as Difference
from services.accounting.domain.reconciliation import Side, rows
from services.accounting.domain.row import Row
from services.accounting.domain.transfer import Member
from services.kernel import units
from services.kernel.period import Period
from services.kernel.quantity import Quantity
from tests.accounting import builders, ledgers
from tests.accounting.ledgers import MONTHS, Ledger, ledger, row

FITTING = {
    Kind.FUEL_COMBUSTION: ("t", "kg", "lb", "ton(US)"),
    Kind.ELECTRICITY_PURCHASED: ("kWh", "MWh", "10^4 kWh", "GJ"),
    Kind.ELECTRICITY_EXPORTED: ("kWh", "MWh"),
    Kind.HEAT_PURCHASED: ("GJ", "MJ", "kcal(IT)"),
    Kind.HEAT_EXPORTED: ("GJ", "TJ"),
}
amounts = st.decimals(min_value=0, max_value=10**4, places=4, allow_nan=False)
kinds = st.sampled_from(list(FITTING))
few = settings(max_examples=40)
fewer = settings(max_examples=15)


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


@few
@given(st.data())
def test_a_line_is_what_the_oracle_says(data: st.DataObject) -> None:
    kind = data.draw(kinds)
    parts = data.draw(entries(kind))

    assert builders.line(parts, builders.source(kind)).booked.co2_g == oracle_g(kind, parts)


@few
@given(st.data())
def test_the_order_of_records_moves_nothing(data: st.DataObject) -> None:
    kind = data.draw(kinds)
    parts = data.draw(entries(kind))
    shuffled = data.draw(st.permutations(parts))
    source = builders.source(kind)

    assert builders.line(parts, source) == builders.line(shuffled, source)


@few
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


@few
@given(st.data())
def test_the_unit_that_is_written_moves_nothing(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from([Kind.ELECTRICITY_PURCHASED, Kind.FUEL_COMBUSTION]))
    large, small = ("MWh", "kWh") if kind.carrier else ("t", "kg")
    amount = data.draw(amounts)
    source = builders.source(kind)

    one = builders.line([builders.entry(f"{amount} {large}")], source)
    other = builders.line([builders.entry(f"{amount * 1000} {small}")], source)

    assert one.booked == other.booked


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """Something that can be reported, in the units it can be reported in."""

    kind: Kind
    units: tuple[str, ...]
    subject: str = ""


EVERYWHERE = (
    Flow(kind=Kind.FUEL_COMBUSTION, subject="anthracite", units=("t", "kg", "lb")),
    Flow(kind=Kind.FUEL_COMBUSTION, subject="natural-gas", units=("10^4 Nm3", "Nm3")),
    Flow(kind=Kind.BIOMASS_COMBUSTION, subject="wood", units=("t", "kg")),
    Flow(kind=Kind.FEEDSTOCK_USED, subject="coke", units=("t",)),
    Flow(kind=Kind.MATERIAL_CONSUMED, subject="limestone", units=("t", "kg")),
    Flow(kind=Kind.PRODUCT_OUTPUT, subject="crude-steel", units=("t",)),
    Flow(kind=Kind.PRODUCT_OUTPUT, subject="aluminium", units=("t", "kg")),
    Flow(kind=Kind.PRODUCT_OUTPUT, subject="clinker-portland", units=("t",)),
    Flow(kind=Kind.PRODUCT_OUTPUT, subject="nitric-acid-high-pressure", units=("t",)),
    Flow(kind=Kind.GAS_RELEASED, subject="sf6", units=("kgSF6", "gSF6")),
    Flow(kind=Kind.TRANSFORMATION_INPUT, subject="coke", units=("t",)),
    Flow(kind=Kind.TRANSFORMATION_OUTPUT, subject="coke-oven-gas", units=("10^4 Nm3",)),
    Flow(kind=Kind.ELECTRICITY_PURCHASED, units=("MWh", "kWh", "GJ")),
    Flow(kind=Kind.ELECTRICITY_PURCHASED, subject="electricity-non-fossil", units=("MWh",)),
    Flow(kind=Kind.ELECTRICITY_PURCHASED, subject="electricity-fossil", units=("MWh",)),
    Flow(kind=Kind.ELECTRICITY_EXPORTED, units=("MWh",)),
    Flow(kind=Kind.HEAT_PURCHASED, units=("GJ", "MJ")),
    Flow(kind=Kind.HEAT_EXPORTED, units=("GJ",)),
    Flow(kind=Kind.GREEN_POWER_CLAIMED, subject="green-power-trade", units=("MWh",)),
    Flow(kind=Kind.GREEN_POWER_CLAIMED, subject="green-certificate", units=("MWh",)),
)
"""What an enterprise of any industry can report, and some method counts."""

OF_INDUSTRY = {
    "1713": (),
    "3120": (
        Flow(kind=Kind.FUEL_SOLD, subject="coke-oven-gas", units=("10^4 Nm3",)),
        Flow(kind=Kind.PROCESS_INPUT, subject="limestone", units=("t",)),
        Flow(kind=Kind.PROCESS_OUTPUT, subject="crude-steel", units=("t",)),
    ),
    "3216": (),
    "3011": (Flow(kind=Kind.MATERIAL_CONSUMED, subject="fly-ash", units=("t",)),),
    "4411": (),
}
"""By industry: together every kind but those whose factors are always the enterprise's own."""

industries = st.sampled_from(sorted(OF_INDUSTRY))


@st.composite
def reports(draw: st.DrawFn, industry: str, most: int = 8) -> list[Row]:
    """Rows of days that do not overlap, of all kinds, in a few months."""
    flows = st.sampled_from([*EVERYWHERE, *OF_INDUSTRY[industry]])
    days = st.tuples(flows, st.sampled_from(MONTHS[:3]), st.integers(1, 27))
    places = draw(st.lists(days, min_size=1, max_size=most, unique_by=_place))
    return [
        row(
            flow.kind,
            f"{draw(amounts)} {draw(st.sampled_from(flow.units))}",
            f"{month}-{day:02d} {month}-{day + 1:02d}",
            flow.subject,
        )
        for flow, month, day in places
    ]


def _place(at: tuple[Flow, str, int]) -> tuple[Any, ...]:
    flow, month, day = at
    return flow.kind, flow.subject, month, day


@st.composite
def books_of_any(draw: st.DrawFn) -> Ledger:
    """The books of an enterprise of some industry."""
    industry = draw(industries)
    return ledger("mill", industry, *draw(reports(industry)))


def figures(books: Ledger) -> tuple[dict[Any, Any], dict[Any, Any]]:
    """Return all that the books say, but for when it was written."""
    return (
        {
            line.line_id: replace(line, version=0, revision=0)
            for line in books.lines.values()
            if line.record_count
        },
        {
            key: replace(inventory, version=0, revision=0)
            for key, inventory in books.inventories.items()
        },
    )


def signed(side: Side) -> int:
    """Return the sum of the lines in a total and of what is given back beside them."""
    items = side.method.items
    beyond = sum(
        items[BEYOND].sign * each.booked.under(side.gwp_set)
        for each in side.inventory.items
        if each.item_id == BEYOND and side.method.counts(items[BEYOND].category, side.basis)
    )
    return beyond + sum(
        items[line.binding.item_id].sign * line.booked.under(side.gwp_set)
        for line in side.lines
        if side.method.counts(items[line.binding.item_id].category, side.basis)
    )


@few
@given(books_of_any())
def test_every_total_is_the_sum_of_its_items_and_of_its_lines(books: Ledger) -> None:
    for side in books.sides():
        items = side.method.items
        of_items = sum(
            items[each.item_id].sign * each.booked.under(side.gwp_set)
            for each in side.inventory.items
            if side.method.counts(items[each.item_id].category, side.basis)
        )

        assert side.total_g == of_items == signed(side)


@few
@given(books_of_any())
def test_what_is_booked_is_never_negative(books: Ledger) -> None:
    for line in books.lines.values():
        grams = dict(line.booked.co2e_g).values()
        assert min([line.booked.co2_g, *dict(line.booked.other_mg).values(), *grams]) >= 0


@few
@given(st.data())
def test_a_report_in_parts_and_in_any_order_makes_the_same_books(data: st.DataObject) -> None:
    industry = data.draw(industries)
    whole = data.draw(reports(industry))
    shuffled = data.draw(st.permutations(whole))
    cut = data.draw(st.integers(0, len(shuffled)))
    one, two = ledger("mill", industry, *whole), ledger("mill", industry)

    for part in (shuffled[:cut], shuffled[cut:]):
        if part:
            two.report(*part)

    assert figures(two) == figures(one)


def test_the_order_of_reports_does_not_order_what_is_lacking() -> None:
    # No method but the home method and the park's knows a factor for it.
    fossil = [row(when=month, subject="electricity-fossil") for month in MONTHS[:2]]
    forwards, backwards = ledger("mill", "1713"), ledger("mill", "1713")

    for each, other in zip(fossil, reversed(fossil), strict=True):
        forwards.report(each)
        backwards.report(other)

    assert len(forwards.inventory("ghgp").gaps) == 4, "two items in two months"
    assert figures(backwards) == figures(forwards)


@few
@given(st.data())
def test_a_correction_that_is_taken_back_leaves_the_figures_as_they_were(
    data: st.DataObject,
) -> None:
    industry = data.draw(industries)
    whole = data.draw(reports(industry))
    books = ledger("mill", industry, *whole)
    before = figures(books)
    at = data.draw(st.integers(0, len(whole) - 1))
    quantity = whole[at].quantity
    assert quantity is not None
    wrong = Quantity(value=quantity.value + data.draw(amounts) + 1, unit=quantity.unit)

    books.report(replace(whole[at], quantity=wrong, corrects=books.name(at)))
    between = figures(books)
    books.report(replace(whole[at], corrects=books.name(-1)))

    assert between[0] != before[0], "the activity of some line was another"
    assert figures(books) == before


@few
@given(st.data())
def test_a_method_that_begins_late_begins_with_all_that_was_reported(data: st.DataObject) -> None:
    whole = data.draw(reports("1713"))
    cut = data.draw(st.integers(1, len(whole)))
    coal = row(Kind.FUEL_COMBUSTION, "3 t", "2024-05", "coke", source_id="late")
    early, late = ledger("mill", "3120", *whole, coal), ledger("mill", "1713", *whole[:cut])

    late.reporter = builders.reporter("mill", "3120")
    late.report(*whole[cut:], coal)

    assert figures(late) == figures(early)


@few
@given(st.data(), st.integers(1, 1000))
def test_more_activity_is_more_emissions_in_proportion(data: st.DataObject, times: int) -> None:
    industry = data.draw(industries)
    once = data.draw(reports(industry))
    one = ledger("mill", industry, *once)
    many = ledger("mill", industry, *(_times(each, times) for each in once))

    # Each line was rounded by half a gram or milligram at the most, the one as the many.
    bound = Decimal(times + 1) / 2
    for line_id, line in one.lines.items():
        other = many.lines[line_id]
        assert other.activity == times * line.activity
        for few_g, many_g in zip(_masses(line), _masses(other), strict=True):
            assert abs(many_g - times * few_g) <= bound


def _times(each: Row, times: int) -> Row:
    assert each.quantity is not None
    scaled = Quantity(value=each.quantity.value * times, unit=each.quantity.unit)
    return replace(each, quantity=scaled)


def _masses(line: Line) -> list[int]:
    booked = line.booked
    return [booked.co2_g, *dict(booked.other_mg).values(), *dict(booked.co2e_g).values()]


@fewer
@given(books_of_any())
def test_any_two_totals_are_reconciled_to_the_gram(books: Ledger) -> None:
    for first in books.sides():
        for second in books.sides():
            there, back = rows(first, second), rows(second, first)

            assert first.total_g + _sum(there) == second.total_g
            assert _sum(back) == -_sum(there)
            assert 0 not in {each.difference_g for each in there}
            assert len({_about(each) for each in there}) == len(there), "no cause is told twice"


def _sum(statement: Sequence[Difference]) -> int:
    return sum(each.difference_g for each in statement)


def _about(each: Difference) -> tuple[Any, ...]:
    return each.cause, each.from_item, each.to_item, each.subject, each.text


PASSED = (
    Flow(kind=Kind.FUEL_COMBUSTION, subject="anthracite", units=("t",)),
    Flow(kind=Kind.ELECTRICITY_PURCHASED, units=("MWh", "kWh")),
    Flow(kind=Kind.ELECTRICITY_PURCHASED, subject="electricity-non-fossil", units=("MWh",)),
    Flow(kind=Kind.ELECTRICITY_EXPORTED, units=("MWh", "kWh")),
    Flow(kind=Kind.ELECTRICITY_EXPORTED, subject="electricity-non-fossil", units=("MWh",)),
    Flow(kind=Kind.HEAT_PURCHASED, units=("GJ",)),
    Flow(kind=Kind.HEAT_EXPORTED, units=("GJ",)),
    Flow(kind=Kind.GREEN_POWER_CLAIMED, subject="green-power-trade", units=("MWh",)),
    Flow(kind=Kind.GREEN_POWER_CLAIMED, subject="green-certificate", units=("MWh",)),
)
ZONE_METHODS = ("gbt32150", "ghgp", "park910")
IDS = ("a", "b", "c")


@st.composite
def members(draw: st.DrawFn, by: str) -> list[Member]:
    """Members that burn, buy from each other and from outside, sell and claim, as chance has it."""
    found = []
    for id_ in IDS:
        flows = draw(st.lists(st.sampled_from(PASSED), max_size=4, unique=True))
        own = [
            row(
                flow.kind,
                f"{draw(amounts)} {draw(st.sampled_from(flow.units))}",
                draw(st.sampled_from(MONTHS[:2])),
                flow.subject,
                enterprise=id_,
                partner=draw(st.sampled_from([*IDS, "grid"])),
            )
            for flow in flows
        ]
        books = ledger(id_, "1713", *own)
        found.append(books.member(by, {partner: partner for partner in IDS}))
    return found


@few
@given(st.data(), st.sampled_from(ZONE_METHODS))
def test_a_zone_and_its_members_differ_by_the_residual_alone(data: st.DataObject, by: str) -> None:
    zone = ledgers.zone(*data.draw(members(by)), by=by)

    assert zone.net_co2e_g == (zone.naive_co2e_g - zone.double_count_co2e_g - zone.exported_co2e_g)
    assert zone.members_total_co2e_g == zone.net_co2e_g + zone.residual_co2e_g
    assert zone.residual_co2e_g + zone.claimed_inside_co2e_g == sum(
        each.residual_co2e_g for each in zone.transfers
    )


@few
@given(st.data(), st.sampled_from(ZONE_METHODS))
def test_the_order_of_members_moves_nothing(data: st.DataObject, by: str) -> None:
    found = data.draw(members(by))

    shuffled = data.draw(st.permutations(found))

    assert ledgers.zone(*found, by=by) == ledgers.zone(*shuffled, by=by)


@few
@given(st.data(), st.sampled_from(ZONE_METHODS))
def test_a_zone_of_one_member_without_partners_is_that_member(data: st.DataObject, by: str) -> None:
    alone = replace(data.draw(members(by))[0], partners={})

    zone = ledgers.zone(alone, by=by)

    assert zone.net_co2e_g == alone.total_co2e_g
    assert zone.transfers == ()
    assert zone.claimed_inside_co2e_g == 0


@few
@given(st.data(), st.sampled_from(ZONE_METHODS))
def test_what_crosses_the_boundary_does_not_depend_on_what_stays_inside(
    data: st.DataObject, by: str
) -> None:
    found = data.draw(members(by))
    inside = transfer.inside_of(found)
    crossing = [replace(each, lines=tuple(each.crossing(inside))) for each in found]

    assert ledgers.zone(*crossing, by=by).net_co2e_g == ledgers.zone(*found, by=by).net_co2e_g


@st.composite
def claimants(draw: st.DrawFn) -> tuple[Ledger, int, dict[str, int]]:
    """Books, the MWh bought from the grid, and the MWh claimed by instrument."""
    whole = st.integers(0, 100)
    bought = {month: draw(whole) for month in MONTHS[:2]}
    claims = draw(
        st.dictionaries(
            st.tuples(st.sampled_from(INSTRUMENTS), st.sampled_from(MONTHS[:3])),
            whole,
            min_size=1,
        )
    )
    books = ledger(
        "mill",
        "1713",
        *(row(what=f"{mwh} MWh", when=month) for month, mwh in bought.items()),
        *(
            row(Kind.GREEN_POWER_CLAIMED, f"{mwh} MWh", month, instrument)
            for (instrument, month), mwh in claims.items()
        ),
    )
    by_instrument = {
        wanted: sum(mwh for (instrument, _), mwh in claims.items() if instrument == wanted)
        for wanted in INSTRUMENTS
    }
    return books, sum(bought.values()), by_instrument


@few
@given(claimants())
def test_claims_deduct_what_is_claimed_and_never_more_than_was_bought(
    found: tuple[Ledger, int, dict[str, int]],
) -> None:
    books, bought, claimed = found
    market = books.inventory("ghgp").indirect_by(Basis.MARKET).under("gwp100-ar5")
    park = books.inventory("park910").total.under("gwp100-ar5")
    left = max(0, bought - sum(claimed.values()))

    assert (market, park) == (left * 585_600, left * 832_500)


@few
@given(claimants())
def test_a_certificate_is_matched_only_where_every_trade_is(
    found: tuple[Ledger, int, dict[str, int]],
) -> None:
    books, bought, claimed = found
    first, second = INSTRUMENTS
    lines = books.current("ghgp")

    left = {line.line_id for line in claim.unmatched(lines)}

    trades = {line.line_id for line in lines if line.source.subject == first}
    certificates = {
        line.line_id for line in lines if line.source.subject == second and line.activity
    }
    assert (left & trades == set()) == (claimed[first] <= bought)
    if claimed[first] >= bought:
        assert certificates <= left
    if sum(claimed.values()) <= bought:
        assert left == set()
