"""Base years ⇄ their messages."""

from __future__ import annotations

from google.type import decimal_pb2

from services.accounting.domain.inventory import Inventory
from services.accounting.domain.knowledge.base_year import BaseYear
from services.accounting.domain.method import Method
from services.accounting.wire.inventory import from_state
from services.kernel.errors import within
from services.kernel.quantity import Quantity
from services.runtime import wire
from zonecarbon.accounting.v1 import base_year_pb2 as pb
from zonecarbon.accounting.v1 import restatement_pb2


def to_threshold(message: decimal_pb2.Decimal) -> Quantity:
    """Return a threshold in percent, its digits as written.

    Raises:
        QuantityInvalid: it is no decimal within bounds, or negative; at `threshold_percent.value`.
    """
    with within("threshold_percent."):
        return Quantity.parse(message.value, "%").non_negative()


def from_base_year(
    base_year: BaseYear,
    method: Method,
    current: Inventory,
    report: restatement_pb2.RestatementReport,
) -> pb.BaseYear:
    """Return the message of a base year, with what `report` says became of it."""
    policy, moment = base_year.policy, base_year.create_time
    return pb.BaseYear(
        name=base_year.name,
        accounting_year=policy.accounting_year,
        scope2_basis=policy.basis.value,
        gwp_set=policy.gwp_set,
        threshold_percent=decimal_pb2.Decimal(value=policy.threshold.text),
        inventory=base_year.inventory,
        figure=policy.figure(method),
        inventory_version=base_year.inventory_version,
        total_co2e_g=base_year.total_g,
        event=pb.BaseYearEvent.Value(f"BASE_YEAR_EVENT_{base_year.event.value}"),
        below_threshold=base_year.below_threshold,
        reason=base_year.reason,
        decider=base_year.decider,
        change=_from_change(base_year, current, report),
        resource_version=base_year.version,
        revision=base_year.revision,
        create_time=wire.from_instant(moment) if moment else None,
    )


def _from_change(
    base_year: BaseYear, current: Inventory, report: restatement_pb2.RestatementReport
) -> pb.BaseYearChange:
    change = base_year.change(current)
    percent = change.percent
    return pb.BaseYearChange(
        inventory_version=current.version,
        inventory_state=from_state(current.state),
        total_co2e_g=change.current_g,
        difference_co2e_g=change.difference_g,
        difference_percent=None if percent is None else wire.from_decimal(wire.shown(percent)),
        exceeds_threshold=change.exceeds(base_year.policy.threshold),
        report=report,
    )
