"""The states of an instruction, against an obvious model; and what its content says."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from services.kernel.errors import DomainError
from services.trading.domain.desk import instruction as domain
from services.trading.domain.desk.actor import Actor
from services.trading.domain.desk.instruction import Content, Instruction, State
from services.trading.domain.desk.trade import Side, Trade, transfers_of
from services.trading.domain.exchange import Mode
from services.trading.store.desk.content import from_json, to_json
from tests.trading.ledger import world

NOON = datetime(2026, 7, 21, 4, tzinfo=UTC)
PEOPLE = [
    Actor(principal=f"principals/{principal}", person=f"staff-{person}", role="DESK")
    for principal, person in (("a", 1), ("a-2", 1), ("b", 2), ("c", 3))
]
ACTORS = st.sampled_from(PEOPLE)


def content(count: int = 1, *, minutes: int = 60) -> Content:
    return Content(
        purpose="compliance",
        wanted=(world.wanted("t-1", f"SALE {count} cea-2024"),),
        trade=None,
        execute_time=None,
        expire_time=NOON + timedelta(minutes=minutes),
    )


class Desk(RuleBasedStateMachine):
    """People who do anything at any time; a model that remembers who did what."""

    def __init__(self) -> None:
        super().__init__()
        self.now = NOON
        step = domain.first(content(), PEOPLE[0], NOON)
        self.it = Instruction(
            account="chp",
            instruction="i-1",
            content=content(),
            maker=PEOPLE[0],
            steps=(step,),
        )
        self.maker = self.submitter = PEOPLE[0]
        self.count = 1
        self.executed = 0
        self.approved: int | None = None
        """The count that was approved and not changed since."""

    def attempt(self, state: State, who: Actor) -> bool:
        """Bring it into a state; tell whether that was allowed."""
        try:
            step = domain.followed(self.it, state, who, self.now, reason="why", link="")
        except DomainError:
            return False
        self.it = replace(self.it, steps=(*self.it.steps, step))
        return True

    @rule(who=ACTORS, count=st.integers(2, 9))
    def edit(self, who: Actor, count: int) -> None:
        """Anyone edits, until it is over."""
        wanted = content(count, minutes=600)
        try:
            step = domain.edited(self.it, wanted, who, self.now)
        except DomainError:
            assert self.it.state in {
                State.EXECUTED,
                State.RECORDED,
                State.WITHDRAWN,
                State.EXPIRED,
            }
            return
        self.it = replace(self.it, content=wanted, maker=who, steps=(*self.it.steps, step))
        self.maker, self.count, self.approved = who, count, None

    @rule(who=ACTORS)
    def submit(self, who: Actor) -> None:
        """Anyone submits."""
        if self.attempt(State.SUBMITTED, who):
            self.submitter = who

    @rule(who=ACTORS)
    def approve(self, who: Actor) -> None:
        """Only another person than who wrote and submitted it approves, in time."""
        if self.attempt(State.APPROVED, who):
            assert who.person not in {self.maker.person, self.submitter.person}
            assert self.now < self.it.content.expire_time
            self.approved = self.count

    @rule(who=ACTORS)
    def execute(self, who: Actor) -> None:
        """Only what was approved as it stands is executed."""
        if self.attempt(State.EXECUTED, who):
            assert self.approved == self.it.content.wanted[0].unit_count
            self.executed += 1

    @rule(
        who=ACTORS,
        state=st.sampled_from(
            [State.REJECTED, State.WITHDRAWN, State.FAILED, State.EXPIRED, State.RECORDED]
        ),
    )
    def end(self, who: Actor, state: State) -> None:
        """It ends in another way; recorded is only what was executed."""
        if self.attempt(state, who) and state is State.RECORDED:
            assert self.executed == 1

    @rule(minutes=st.integers(1, 40))
    def wait(self, minutes: int) -> None:
        """Time goes by."""
        self.now += timedelta(minutes=minutes)

    @invariant()
    def the_trail_is_whole(self) -> None:
        """Steps have no gaps, are of the content as it is, and execute it once."""
        assert [each.number for each in self.it.steps] == list(range(1, len(self.it.steps) + 1))
        assert self.it.last.digest == self.it.content.digest()
        assert self.executed <= 1


TestDesk = Desk.TestCase
TestDesk.settings = settings(max_examples=300, stateful_step_count=40)


def traded(**change: object) -> Trade:
    given: dict[str, object] = {
        "mode": Mode.BLOCK,
        "side": Side.SELL,
        "instrument": "cea-2025",
        "unit_count": 100_000,
        "price_cny_per_t": Decimal("90.15"),
        "trade_time": datetime(2026, 7, 21, 16, 30, tzinfo=UTC),
        "settlement_date": date(2026, 7, 22),
        "cash_instrument": "cny",
        "charge_fen": 300,
        "counterparty": "mill",
        "counter_account": "steel",
        "counter_charge_fen": 0,
        "evidence": "exchange note",
        **change,
    }
    return Trade(**given)  # type: ignore[arg-type]


def test_a_bargain_inside_the_zone_moves_both_books_against_each_other() -> None:
    found = [
        (each.book, each.kind.name if each.kind else "", each.unit_count, each.transfer)
        for each in transfers_of(traded(), "chp", "b-1")
    ]

    assert found == [
        ("chp", "SALE", 100_000, "b-1-units"),
        ("chp", "PROCEEDS", 901_500_000, "b-1-cash"),
        ("chp", "CHARGE", 300, "b-1-charge"),
        ("steel", "PURCHASE", 100_000, "b-1-units"),
        ("steel", "PAYMENT", 901_500_000, "b-1-cash"),
    ]


def test_the_day_of_a_trade_is_that_of_china() -> None:
    assert traded().trade_date == date(2026, 7, 22)


def test_every_part_of_a_content_changes_its_digest_and_is_stored_as_it_is() -> None:
    whole = replace(
        content(),
        wanted=transfers_of(traded(), "chp", "b-1"),
        trade=traded(),
        execute_time=NOON + timedelta(minutes=1),
    )
    others = [
        replace(whole, purpose="other"),
        replace(whole, wanted=whole.wanted[1:]),
        replace(whole, wanted=whole.wanted[::-1]),
        replace(whole, trade=None),
        replace(whole, trade=traded(charge_fen=None)),
        replace(whole, trade=traded(notice="n")),
        replace(whole, execute_time=None),
        replace(whole, expire_time=NOON),
    ]

    assert from_json(to_json(whole)) == whole
    assert len({each.digest() for each in (whole, *others)}) == 9
