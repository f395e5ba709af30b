"""Whatever is reported, corrected, revised and decided: what was known stays known.

A machine does these things in any order to real services, beside a model that is as plain as can
be. In the end it asks for what was known at every moment in between.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any

from google.protobuf import timestamp_pb2
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.accounting import requests
from tests.accounting import world as worlds
from tests.accounting.moments import load, now
from tests.accounting.world import World
from tests.fixtures.house import Running
from tests.refusals import Refused, refused
from zonecarbon.accounting.v1 import (
    accounting_service_pb2,
    inventory_pb2,
    period_pb2,
    period_service_pb2,
    rollup_service_pb2,
)
from zonecarbon.registry.v1 import factor_service_pb2

MONTHS = [f"2023-{month:02d}" for month in range(1, 7)]
REASON = "a reason"
PINNED, LATEST = period_pb2.FACTOR_MODE_PINNED, period_pb2.FACTOR_MODE_LATEST

amounts = st.integers(0, 10**6)
units = st.sampled_from(["kWh", "MWh"])
factors = st.integers(1_000, 14_000).map(lambda value: Decimal(value) / 10_000)


@dataclass(slots=True, kw_only=True)
class _Model:
    """What must be known, in the plainest words: what counts in each month, and the factor."""

    kwh: dict[str, int] = field(default_factory=dict)
    record: dict[str, str] = field(default_factory=dict)
    library: Decimal
    """What the library says."""
    followed: Decimal
    """What the figures are made with."""
    pinned: Decimal | None = None
    state: str = "OPEN"

    @property
    def takes_reports(self) -> bool:
        return self.state in {"OPEN", "REOPENED"}

    def follow(self) -> None:
        """Take the factor that applies now."""
        self.followed = self.library if self.pinned is None else self.pinned

    def known(self) -> dict[str, int]:
        """Grams of each month, half up."""
        return {
            month: int(Fraction(kwh) * Fraction(self.followed) * 1000 + Fraction(1, 2))
            for month, kwh in self.kwh.items()
        }


class _Knowledge(RuleBasedStateMachine):
    """The year 2023 of one enterprise; everything about it can happen."""

    running: Running

    @initialize()
    def begin(self) -> None:
        self.world: World = worlds.in_zone(self.running)
        self.name = self.world.enterprise()
        example = self.world.enterprise()
        (line,) = self.world.report(example, requests.record(example)).lines
        self.factor = line.binding.factors[0].factor
        says = self.world.running.administrator.factors.GetFactor(
            factor_service_pb2.GetFactorRequest(name=self.factor)
        ).quantity.value.value
        self.before = says
        self.model = _Model(library=Decimal(says), followed=Decimal(says))
        self.history: list[tuple[timestamp_pb2.Timestamp, dict[str, int]]] = []

    def report(self, month: str, kwh: int, unit: str, corrects: str = "") -> Any:
        what = f"{kwh} kWh" if unit == "kWh" else f"{Decimal(kwh) / 1000} MWh"
        record = requests.record(self.name, what, month, corrects=corrects)
        return self.world.desk.accounting.ReportActivity(requests.report(self.name, record))

    def period(self, verb: str, **fields: Any) -> None:
        request = getattr(period_service_pb2, f"{verb}Request")
        call = getattr(self.world.desk.periods, verb)
        call(request(name=f"{self.name}/periods/2023", **fields))

    @rule(month=st.sampled_from(MONTHS), kwh=amounts, unit=units)
    def a_month_is_reported_or_corrected(self, month: str, kwh: int, unit: str) -> None:
        answer = self.report(month, kwh, unit, self.model.record.get(month, ""))

        if self.model.takes_reports:
            assert answer.accepted_count == 1, answer.results[0].error.message
            self.model.kwh[month] = kwh
            self.model.record[month] = answer.results[0].activity_record
        else:
            assert Refused(status=answer.results[0].error).reason == "PERIOD_CLOSED"

    @rule(value=factors)
    def the_factor_is_revised(self, value: Decimal) -> None:
        load(self.world, self.factor, str(value))
        self.model.library = value
        if self.model.takes_reports:
            self.model.follow()

    @precondition(lambda self: self.model.kwh and self.model.takes_reports)
    @rule()
    def the_year_is_handed_in(self) -> None:
        self.period("SubmitPeriod")
        self.model.state = "SUBMITTED"

    @precondition(lambda self: self.model.state == "SUBMITTED")
    @rule()
    def the_year_is_locked(self) -> None:
        self.period("LockPeriod")
        self.model.state = "LOCKED"

    @precondition(lambda self: not self.model.takes_reports)
    @rule()
    def the_year_is_reopened(self) -> None:
        self.period("ReopenPeriod", reason=REASON)
        self.model.state = "REOPENED"
        self.model.follow()

    @precondition(lambda self: self.model.kwh)
    @rule()
    def the_year_is_restated(self) -> None:
        self.period("RestatePeriod", reason=REASON, request_id=str(uuid.uuid4()))
        self.model.follow()

    @precondition(lambda self: self.model.kwh)
    @rule(pinned=st.booleans())
    def the_factors_are_pinned_or_released(self, pinned: bool) -> None:  # noqa: FBT001
        self.period("PinFactors", factor_mode=PINNED if pinned else LATEST, reason=REASON)
        self.model.pinned = self.model.library if pinned else None
        if self.model.takes_reports:
            self.model.follow()

    @invariant()
    def what_is_known_now_is_what_the_model_says(self) -> None:
        if not hasattr(self, "model"):
            return
        self.history.append((now(), self.model.known()))
        assert self.known() == self.model.known()
        if self.model.kwh:
            self.months_are_what_the_lines_add_up_to()

    def months_are_what_the_lines_add_up_to(self) -> None:
        rollups, name = self.world.desk.rollups, f"{self.name}/monthlyEmissions/2023"
        kept = rollups.GetMonthlyEmissions(
            rollup_service_pb2.GetMonthlyEmissionsRequest(name=name)
        ).months
        known = self.model.known()
        assert [each.total.co2_g for each in kept[: len(MONTHS)]] == [
            known.get(month, 0) for month in MONTHS
        ]
        for parent in (self.name, self.world.zone):
            check = rollup_service_pb2.CheckMonthlyEmissionsRequest(parent=parent)
            assert rollups.CheckMonthlyEmissions(check).difference_count == 0

    def teardown(self) -> None:
        if not hasattr(self, "model"):
            return
        for moment, known in self.history:
            assert self.known(moment) == known
        load(self.world, self.factor, self.before)

    def known(self, moment: timestamp_pb2.Timestamp | None = None) -> dict[str, int]:
        """Grams of each month, as the service says; nothing where there is no inventory."""
        request = accounting_service_pb2.GetEnterpriseInventoryRequest(
            name=f"{self.name}/inventories/2023",
            view=inventory_pb2.INVENTORY_VIEW_FULL,
            as_of_time=moment,
        )
        nothing = self.model.kwh if moment is None else self.known_by(moment)
        if not nothing:
            refusal = refused(self.world.desk.accounting.GetEnterpriseInventory, request)
            assert refusal.reason == "NOT_FOUND"
            return {}
        inventory = self.world.desk.accounting.GetEnterpriseInventory(request)
        assert sum(line.emissions.co2_g for line in inventory.lines) == inventory.total_co2_g
        return {
            line.name.removeprefix(f"{self.name}/lines/intake-"): line.emissions.co2_g
            for line in inventory.lines
        }

    def known_by(self, moment: timestamp_pb2.Timestamp) -> dict[str, int]:
        return next(known for then, known in self.history if then == moment)


def test_what_was_known_at_every_moment_stays_known(running: Running) -> None:
    class OfThese(_Knowledge):
        pass

    OfThese.running = running
    run_state_machine_as_test(
        OfThese,
        settings=settings(
            max_examples=5,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
