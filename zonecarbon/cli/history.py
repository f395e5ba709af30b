"""The versions of an inventory, and what made the difference, as lines to read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from google.protobuf import timestamp_pb2

from zonecarbon.accounting.v1 import inventory_pb2, restatement_pb2

_G_PER_T = 1_000_000


def of_versions(versions: Iterable[inventory_pb2.EnterpriseInventory]) -> Iterator[str]:
    """Yield a line a version: when, how much, and whether something is missing."""
    for each in versions:
        state = inventory_pb2.InventoryState.Name(each.state).removeprefix("INVENTORY_STATE_")
        yield (
            f"{each.resource_version:>4}  {_day(each.create_time)}  "
            f"{each.total_co2e_g / _G_PER_T:,.3f} tCO2e  {state}"
        )


def of_report(report: restatement_pb2.RestatementReport, language: str) -> Iterator[str]:
    """Yield the figures that differ, the lines that moved them, and why."""
    yield (
        f"{report.inventory}: version {report.from_version or 'none'} "
        f"({_day(report.from_time)}) → {report.to_version or 'none'} ({_day(report.to_time)})"
    )
    if not report.figures and not report.lines:
        yield "nothing differs"
    for figure in report.figures:
        before, after, difference = (
            f"{grams / _G_PER_T:,.6f}"
            for grams in (figure.before_g, figure.after_g, figure.difference_g)
        )
        yield f"{figure.figure}: {before} → {after} t ({difference})"
        for share in figure.causes:
            kind = restatement_pb2.CauseKind.Name(share.kind).removeprefix("CAUSE_KIND_")
            yield f"    {share.difference_g / _G_PER_T:+,.6f} t  {kind}"
    for line in report.lines:
        sign = "−" if line.deducted else "+"
        name = line.line.rpartition("/")[2] or line.item_id
        yield f"{sign} {name} ({line.item_id}), version {line.from_version} → {line.to_version}"
        for cause in line.causes:
            text = cause.text_zh if language == "zh" else cause.text
            yield f"    {cause.difference_co2e_g / _G_PER_T:+,.6f} t  {text}"
    for each in report.decisions:
        yield f"{_day(each.create_time)} {each.decider}: {each.reason}"


def _day(stamp: timestamp_pb2.Timestamp) -> str:
    return f"{stamp.ToDatetime():%Y-%m-%d %H:%M}Z" if stamp.seconds else "nothing was known"
