"""Cost flows and the journal: the golden example entry by entry, the laws, and an oracle beside."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.kernel.mass import Rounding, round_integer
from services.kernel.trust import Status
from services.trading import files
from services.trading.domain.ledger.chart import InstrumentKind
from services.trading.domain.portfolio.cost import Costs, Lot, Method, Order, Policy, costs
from services.trading.domain.portfolio.event import RECEIVED, Effect, Event
from services.trading.domain.portfolio.journal import Book, Journal, JournalEntry, journal

FIRST = date(2025, 1, 1)
KINDS = {"cea-2024": InstrumentKind.ALLOWANCE}
POLICY = Policy(
    method=Method.WEIGHTED_AVERAGE,
    sale_order=Order.BOUGHT_FIRST,
    other_order=Order.FREE_FIRST,
    evidence="accounting manual",
)


def event(  # noqa: PLR0913 (a field each)
    number: int,
    effect: Effect,
    count: int,
    amount_fen: int | None = None,
    *,
    link: str = "",
    instrument: str = "cea-2024",
    charge_fen: int = 0,
) -> Event:
    return Event(
        transfer=f"t-{number}",
        number=number,
        instrument=instrument,
        effect=effect,
        unit_count=count,
        day=FIRST + timedelta(days=number),
        amount_fen=amount_fen,
        charge_fen=charge_fen,
        link=link,
        evidence="note",
    )


# Example G23; amounts in fen.
G23 = (
    event(1, Effect.FREE, 50_000),
    event(2, Effect.BOUGHT, 10_000, 85_000_000),
    event(3, Effect.BOUGHT, 20_000, 159_200_000),
    event(4, Effect.SOLD, 5_000, 45_000_000),
    event(5, Effect.SOLD, 5_000, 35_000_000),
    event(6, Effect.SOLD, 1_000, 9_000_000),
    event(7, Effect.SURRENDERED, 60_000),
)
DECLARED = {"t-6": 1_000}


def booked(flows: Costs, start: date = FIRST, end: date = date(2026, 1, 1)) -> Journal:
    return journal(flows.flows, files.scheme(), KINDS, start=start, end=end)


def told(entry: JournalEntry) -> str:
    sides = [f"Dr {each.book} {each.debit_fen}" for each in entry.lines if each.debit_fen]
    sides += [f"Cr {each.book} {each.credit_fen}" for each in entry.lines if each.credit_fen]
    return f"{entry.transfer} {'; '.join(sides)} {entry.status}"


def test_the_golden_example_is_entered_entry_by_entry() -> None:
    found = booked(costs(G23, POLICY, DECLARED))

    assert [told(each) for each in found.entries] == [
        "t-2 Dr CARBON_ASSETS 85000000; Cr BANK 85000000 secondary",
        "t-3 Dr CARBON_ASSETS 159200000; Cr BANK 159200000 secondary",
        "t-4 Dr BANK 45000000; Cr CARBON_ASSETS 40700000; Cr INCOME 4300000 secondary",
        "t-5 Dr BANK 35000000; Dr EXPENSE 5700000; Cr CARBON_ASSETS 40700000 secondary",
        "t-6 Dr BANK 9000000; Cr INCOME 9000000 unverified",
        "t-7 Dr EXPENSE 89540000; Cr CARBON_ASSETS 89540000 unverified",
    ]
    assert found.missing == ()


def test_the_golden_example_closes_as_it_says() -> None:
    flows = costs(G23, POLICY, DECLARED)

    pool = flows.pools["cea-2024"]
    assert (pool.free_count, pool.bought_count, pool.cost_fen) == (0, 9_000, 73_260_000)
    surrender = flows.flows[-1]
    assert (surrender.free_count, surrender.bought_count) == (49_000, 11_000)
    assert [each.gain_fen for each in flows.flows[3:6]] == [4_300_000, -5_700_000, 9_000_000]
    movement = booked(flows).movement
    assert (movement.opening_count, movement.free_count, movement.bought_count) == (
        0,
        50_000,
        30_000,
    )
    assert (movement.surrendered_count, movement.sold_count) == (60_000, 11_000)
    assert (movement.closing_count, movement.closing_fen) == (9_000, 73_260_000)


def test_a_period_opens_with_what_the_one_before_closed_with() -> None:
    flows, day = costs(G23, POLICY, DECLARED), FIRST + timedelta(days=5)

    before, after = booked(flows, FIRST, day), booked(flows, day)

    assert after.movement.opening_count == before.movement.closing_count == 75_000
    assert after.movement.opening_fen == before.movement.closing_fen == 203_500_000
    assert len(before.entries) + len(after.entries) == 6


def test_first_in_first_out_takes_the_oldest_cost() -> None:
    flows = costs(G23, POLICY, DECLARED, Method.FIFO)

    assert [each.cost_fen for each in flows.flows[3:5]] == [42_500_000, 42_500_000]
    assert flows.pools["cea-2024"].lots == [Lot(unit_count=9_000, cost_fen=71_640_000)]


def test_charges_in_a_cost_are_told_to_rest_on_memory() -> None:
    flows = costs([event(1, Effect.BOUGHT, 10, 1010, charge_fen=10)], POLICY, {})

    assert [each.status for each in booked(flows).entries] == [Status.UNVERIFIED]


def test_what_is_not_known_is_not_made_up() -> None:
    unknown = (event(1, Effect.BOUGHT, 10), event(2, Effect.SOLD, 4, 500))

    flows = costs(unknown, POLICY, {})

    found = booked(flows)
    assert found.entries == ()
    assert [str(each).split(":")[0] for each in found.missing] == ["t-1", "t-2"]
    assert found.movement.closing_fen is None
    assert flows.pools["cea-2024"].cost_fen is None
    assert len(flows.findings) == 1


def test_a_declaration_that_cannot_be_is_told_and_the_policy_counts() -> None:
    flows = costs(G23, POLICY, {"t-4": 5_001})

    assert flows.flows[3].bought_count == 5_000
    assert "5001 free units are declared" in str(flows.findings[0])


def test_carried_over_units_keep_origin_and_cost() -> None:
    flows = costs(
        (
            event(1, Effect.FREE, 10),
            event(2, Effect.BOUGHT, 10, 1000),
            event(3, Effect.CARRIED_OUT, 15, link="over"),
            event(4, Effect.CARRIED_IN, 15, link="over", instrument="cea-2025"),
            event(5, Effect.CARRIED_IN, 3, link="nothing", instrument="cea-2025"),
        ),
        POLICY,
        {},
    )

    new = flows.pools["cea-2025"]
    assert (new.free_count, new.bought_count, new.cost_fen) == (13, 5, 500)
    assert len(flows.findings) == 1


OUT = sorted({*Effect} - RECEIVED - {Effect.CARRIED_OUT})


@st.composite
def histories(draw: st.DrawFn) -> list[Event]:
    """Whatever came and went, never more than there was."""
    found, there = list[Event](), 0
    for number in range(draw(st.integers(1, 25))):
        if there and draw(st.booleans()):
            count = draw(st.integers(1, there))
            effect = draw(st.sampled_from(OUT))
            amount = draw(st.integers(0, 10**9)) if effect is Effect.SOLD else None
            there -= count
        else:
            count = draw(st.integers(1, 1000))
            effect = draw(st.sampled_from([Effect.FREE, Effect.BOUGHT]))
            amount = draw(st.integers(1, 10**9)) if effect is Effect.BOUGHT else None
            there += count
        found.append(event(number, effect, count, amount))
    return found


policies = st.builds(
    Policy,
    method=st.sampled_from(Method),
    sale_order=st.sampled_from(Order),
    other_order=st.sampled_from(Order),
    evidence=st.just("manual"),
)


@given(histories(), policies)
def test_bought_is_sold_and_surrendered_and_held_in_tonnes_and_in_fen(
    events: Sequence[Event], policy: Policy
) -> None:
    flows = costs(events, policy, {})

    pool = flows.pools["cea-2024"]
    came = [each for each in flows.flows if each.event.effect in RECEIVED]
    went = [each for each in flows.flows if each.event.effect not in RECEIVED]
    for name in ("free_count", "bought_count", "cost_fen"):
        left = sum(getattr(each, name) for each in came) - sum(getattr(each, name) for each in went)
        assert getattr(pool, name) == left
    assert all(each.unit_count > 0 for each in pool.lots)
    assert booked(flows).movement.closing_count == pool.free_count + pool.bought_count
    assert booked(flows).movement.closing_fen == pool.cost_fen


@given(histories(), policies)
def test_debits_are_credits_in_every_entry_and_1489_is_the_cost_of_what_is_there(
    events: Sequence[Event], policy: Policy
) -> None:
    flows = costs(events, policy, {})

    entries = booked(flows).entries
    for each in entries:
        assert sum(line.debit_fen - line.credit_fen for line in each.lines) == 0
        assert all((line.debit_fen > 0) is not (line.credit_fen > 0) for line in each.lines)
    assets = [line for each in entries for line in each.lines if line.book is Book.CARBON_ASSETS]
    assert sum(line.debit_fen - line.credit_fen for line in assets) == (
        flows.pools["cea-2024"].cost_fen
    )


def oracle(events: Sequence[Event], policy: Policy, method: Method) -> tuple[int, int, int]:
    """Free, bought and cost that are left, unit by unit: slow and obvious."""
    free, bought, cost = 0, list[int](), Fraction(0)
    lots: dict[int, list[int]] = {}
    for each in events:
        if each.effect is Effect.FREE:
            free += each.unit_count
        elif each.effect is Effect.BOUGHT:
            bought += [each.number] * each.unit_count
            assert each.amount_fen is not None
            cost += each.amount_fen
            lots[each.number] = [each.unit_count, each.amount_fen]
        else:
            order = policy.sale_order if each.effect is Effect.SOLD else policy.other_order
            from_free = min(free, each.unit_count)
            if order is Order.BOUGHT_FIRST:
                from_free = each.unit_count - min(len(bought), each.unit_count)
            free -= from_free
            taken = bought[: each.unit_count - from_free]
            if taken and method is Method.WEIGHTED_AVERAGE:
                share = Fraction(cost * len(taken), len(bought))
                cost -= round_integer(share, Rounding.HALF_UP)
            for number in sorted(set(taken)) if method is Method.FIFO else ():
                count, price = lots[number]
                part = Fraction(price * taken.count(number), count)
                lots[number][0] -= taken.count(number)
                lots[number][1] -= round_integer(part, Rounding.HALF_UP)
                cost -= round_integer(part, Rounding.HALF_UP)
            bought = bought[len(taken) :]
    return free, len(bought), int(cost)


@pytest.mark.parametrize("method", Method)
@given(histories(), policies)
def test_the_flow_is_what_the_obvious_one_says(
    method: Method, events: Sequence[Event], policy: Policy
) -> None:
    pool = costs(events, policy, {}, method).pools["cea-2024"]

    assert (pool.free_count, pool.bought_count, pool.cost_fen) == oracle(events, policy, method)
