"""Whatever is posted in whatever order, the books agree with an obvious model of them: R2."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import Phase as Step
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from services.kernel.errors import DomainError
from services.trading.domain.ledger import posting
from services.trading.domain.ledger.chain import EMPTY, Head, walk
from services.trading.domain.ledger.chart import INSIDE, InstrumentKind, Kind
from services.trading.domain.ledger.posting import Books
from services.trading.domain.ledger.transfer import Phase, Transfer
from tests.trading.ledger import world

BEGIN = datetime(2025, 11, 1, tzinfo=UTC)
KINDS = {id_: kind for id_, (kind, *_) in world.INSTRUMENTS.items()}


@dataclass(slots=True)
class Model:
    """Slow and obvious: every balance is summed up from what was ever taken."""

    moved: list[tuple[str, str, str, int]] = field(default_factory=list)
    """Instrument, debit, credit, count."""
    pending: dict[str, tuple[str, str, str, int, datetime | None]] = field(default_factory=dict)
    movements: dict[str, tuple[str, str, str, int]] = field(default_factory=dict)
    """Those that may be reversed, by id."""

    def balance(self, instrument: str, purpose: str) -> int:
        """Return what came less what went."""
        comes = sum(n for i, to, _, n in self.moved if (i, to) == (instrument, purpose))
        goes = sum(n for i, _, of, n in self.moved if (i, of) == (instrument, purpose))
        return comes - goes

    def reserved(self, instrument: str, purpose: str) -> int:
        """Return what is still pending."""
        return sum(
            n for i, _, of, n, _ in self.pending.values() if (i, of) == (instrument, purpose)
        )

    def allows(self, instrument: str, credit: str, count: int) -> bool:
        """Tell whether so much is available."""
        available = self.balance(instrument, credit) - self.reserved(instrument, credit)
        return credit not in {each.value for each in INSIDE} or count <= available


class Ledger(RuleBasedStateMachine):
    """Posts by chance, and holds the books against the model after every step."""

    def __init__(self) -> None:
        super().__init__()
        self.model = Model()
        self.books = Books(heads={"chp": Head()}, instruments=dict(KINDS))
        self.chain: list[Transfer] = []
        self.now = BEGIN
        self.number = 0

    def post(self, what: str, *, timeout: datetime | None = None) -> str:
        """Post one transfer; return its id, or "" where it is refused."""
        self.number += 1
        sent = world.wanted(f"t-{self.number}", what, timeout=timeout)
        try:
            self.chain += posting.post(
                self.books, [sent], principal="principals/desk", link="", now=self.now
            )
        except DomainError:
            return ""
        return sent.transfer

    @rule(
        kind=st.sampled_from(Kind),
        instrument=st.sampled_from([*KINDS]),
        count=st.integers(1, 40),
    )
    def move(self, kind: Kind, instrument: str, count: int) -> None:
        """Post at once."""
        fits = KINDS[instrument] in kind.instruments
        allowed = fits and self.model.allows(instrument, kind.credit.value, count)

        id_ = self.post(f"{kind.name} {count} {instrument}")

        assert bool(id_) is allowed
        if allowed:
            movement = (instrument, kind.debit.value, kind.credit.value, count)
            self.model.moved.append(movement)
            self.model.movements[id_] = movement

    @rule(
        kind=st.sampled_from(
            [each for each in Kind if InstrumentKind.ALLOWANCE in each.instruments]
        ),
        count=st.integers(1, 40),
        lasts=st.none() | st.integers(1, 20),
    )
    def reserve(self, kind: Kind, count: int, lasts: int | None) -> None:
        """Reserve, for a while or for ever."""
        until = None if lasts is None else self.now + timedelta(hours=lasts)
        allowed = self.model.allows("cea-2024", kind.credit.value, count)

        id_ = self.post(f"PENDING {kind.name} {count} cea-2024", timeout=until)

        assert bool(id_) is allowed
        if allowed:
            self.model.pending[id_] = (
                "cea-2024",
                kind.debit.value,
                kind.credit.value,
                count,
                until,
            )

    @precondition(lambda self: self.model.pending)
    @rule(data=st.data(), part=st.integers(0, 45))
    def settle(self, data: st.DataObject, part: int) -> None:
        """Post what was reserved, or a part."""
        target = data.draw(st.sampled_from([*self.model.pending]))
        instrument, debit, credit, count, until = self.model.pending[target]
        allowed = part <= count and (until is None or self.now < until)

        id_ = self.post(f"POST_PENDING {target} {part}")

        assert bool(id_) is allowed
        if allowed:
            del self.model.pending[target]
            movement = (instrument, debit, credit, part or count)
            self.model.moved.append(movement)
            self.model.movements[id_] = movement

    @precondition(lambda self: self.model.pending)
    @rule(data=st.data())
    def void(self, data: st.DataObject) -> None:
        """Release what was reserved."""
        target = data.draw(st.sampled_from([*self.model.pending]))

        assert self.post(f"VOID_PENDING {target}")
        del self.model.pending[target]

    @precondition(lambda self: self.model.movements)
    @rule(data=st.data())
    def reverse(self, data: st.DataObject) -> None:
        """Move back."""
        target = data.draw(st.sampled_from([*self.model.movements]))
        instrument, debit, credit, count = self.model.movements[target]
        allowed = self.model.allows(instrument, debit, count)

        assert bool(self.post(f"REVERSAL {target}")) is allowed
        if allowed:
            self.model.moved.append((instrument, credit, debit, count))
            del self.model.movements[target]

    @rule(hours=st.integers(1, 10))
    def advance(self, hours: int) -> None:
        """Let time pass."""
        self.now += timedelta(hours=hours)

    @rule(data=st.data(), phase=st.sampled_from(["POST_PENDING", "VOID_PENDING", "REVERSAL"]))
    def settle_what_cannot_be(self, data: st.DataObject, phase: str) -> None:
        """Name a transfer that allows it no more, or never did."""
        ids = [each.transfer for each in self.chain]
        open_ = self.model.movements if phase == "REVERSAL" else self.model.pending
        closed = [id_ for id_ in ids if id_ not in open_]
        target = data.draw(st.sampled_from([*closed, "nowhere"]))

        assert not self.post(f"{phase} {target}")

    @precondition(lambda self: self.chain)
    @rule(data=st.data())
    def repeat(self, data: st.DataObject) -> None:
        """Send again what was taken."""
        each = data.draw(st.sampled_from(self.chain))
        if each.phase is not Phase.POSTED:
            return
        what = f"{each.kind.name} {each.unit_count} {each.instrument}"
        sent = world.wanted(each.transfer, what)

        again = posting.post(self.books, [sent], principal="x", link="", now=self.now)

        assert again == [each]

    @invariant()
    def agrees(self) -> None:
        """Hold the books against the model, and the chain against itself."""
        for (_, instrument, purpose), standing in self.books.standings.items():
            assert standing.balance == self.model.balance(instrument, purpose.value)
            assert standing.reserved == self.model.reserved(instrument, purpose.value)
            assert purpose not in INSIDE or standing.balance >= standing.reserved >= 0
        for instrument in KINDS:
            of = [s.balance for (_, i, _), s in self.books.standings.items() if i == instrument]
            assert sum(of) == 0, "what one has another gave"
        walked = walk(world.linked(self.chain))
        assert walked.findings == []
        assert all(
            walked.standings.get(key, EMPTY) == standing
            for key, standing in self.books.standings.items()
        )


TestLedger = Ledger.TestCase
TestLedger.settings = settings(max_examples=200, stateful_step_count=30, deadline=None)


WIDE = settings(
    max_examples=500,
    stateful_step_count=30,
    deadline=None,
    print_blob=False,
    phases=[Step.generate],
)


@pytest.mark.parametrize("fault", ["INSIDE", "_settled_late", "reserved"])
def test_a_check_that_is_missing_is_noticed(monkeypatch: pytest.MonkeyPatch, fault: str) -> None:
    """The planted faults: one check after the other is taken out."""
    if fault == "INSIDE":
        monkeypatch.setattr(posting, "INSIDE", frozenset())
    elif fault == "_settled_late":
        right = posting._settled  # noqa: SLF001 (it is broken here)
        monkeypatch.setattr(
            posting, "_settled", lambda each, target, _, now: right(each, target, None, now)
        )
    else:
        monkeypatch.setattr(
            "services.trading.domain.ledger.chain.Standing.available",
            property(lambda standing: standing.balance),
        )

    with pytest.raises((AssertionError, ExceptionGroup)):
        run_state_machine_as_test(Ledger, settings=WIDE)
