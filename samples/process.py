"""The process of a works: what it consumes and makes, and what crosses the boundary of one process.

Everything follows the product, month by month, at the rates of `zone.toml`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from samples import flows
from samples.flows import CONSUMED, MADE, PROCESS_INPUT, PROCESS_OUTPUT, Flow, Month, habit_of

RATE_NOISE_RATIO = 0.01
"""How far a month's rate strays from the year's, either way."""
_KG_PER_T = 1000


def flows_of(
    spec: Mapping[str, Any],
    entry: Mapping[str, Any],
    energy: Iterable[Flow],
    *,
    growth_ratio: float,
) -> Iterator[Flow]:
    """Yield what a fixed enterprise reports of its process; nothing where it tells none."""
    process = entry.get("process")
    if process is None:
        return
    product = _product(spec, entry, process["product"], growth_ratio)
    consumed = [
        _by_rate(spec, entry, each, product=product, kind=CONSUMED) for each in process["consumed"]
    ]
    yield product
    yield from consumed
    boundary = process["boundary"]
    known = {flow.source: flow for flow in (*energy, *consumed)}
    inputs = [
        replace(known[source], source=f"{boundary['facility']}-{source}", kind=PROCESS_INPUT)
        for source in boundary["inputs"]
    ]
    outputs = [
        _by_rate(spec, entry, each, product=product, kind=PROCESS_OUTPUT)
        for each in boundary["outputs"]
    ]
    for flow in (*inputs, *outputs):
        counted = {
            month: amount
            for month, amount in flow.amounts.items()
            if month[0] >= boundary["first_year"]
        }
        yield replace(flow, amounts=counted, facility=boundary["facility"])


def _product(
    spec: Mapping[str, Any],
    entry: Mapping[str, Any],
    product: Mapping[str, Any],
    growth_ratio: float,
) -> Flow:
    habit = habit_of(spec, entry, product["subject"])
    return Flow(
        enterprise=entry["id"],
        source=product["source"],
        subject=product["subject"],
        kind=MADE,
        unit=habit.unit,
        amounts=flows.by_month(
            flows.random_of(spec["seed"], f"{entry['id']}/{product['source']}"),
            annual_amount=float(product["amount"]),
            growth_ratio=growth_ratio,
            season=spec["season"][product["season"]],
            habit=habit,
        ),
    )


def _by_rate(
    spec: Mapping[str, Any],
    entry: Mapping[str, Any],
    rated: Mapping[str, Any],
    *,
    product: Flow,
    kind: str,
) -> Flow:
    """A flow of so many kilograms per tonne of product, give or take the noise of each month."""
    habit = habit_of(spec, entry, rated["subject"])
    random = flows.random_of(spec["seed"], f"{entry['id']}/{rated['source']}")
    amounts: dict[Month, Decimal] = {}
    for month in product.amounts:
        noise = 1 + RATE_NOISE_RATIO * (2 * float(random.random()) - 1)
        made_t = float(product.in_base_unit(month))
        amounts[month] = habit.write(made_t * float(rated["kg_per_t"]) / _KG_PER_T * noise)
    return Flow(
        enterprise=entry["id"],
        source=rated["source"],
        subject=rated["subject"],
        kind=kind,
        unit=habit.unit,
        amounts=amounts,
        facility=rated.get("facility", ""),
    )
