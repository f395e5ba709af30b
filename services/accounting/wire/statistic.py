"""Statistics ⇄ their messages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from services.accounting.domain.indicator.input import Input
from services.accounting.domain.indicator.statistic import Fact, Statistic
from services.kernel.errors import AtField, Language, within
from services.runtime import status, wire
from zonecarbon.accounting.v1 import statistic_pb2 as pb
from zonecarbon.accounting.v1 import statistic_service_pb2 as service_pb


def from_input(each: Input) -> pb.StatisticInput:
    """Return the message of an input."""
    return pb.StatisticInput(
        input_id=each.input_id,
        display_name=each.name.en,
        display_name_zh=each.name.zh,
        unit_code=each.unit,
        origin=pb.InputOrigin.Value(f"INPUT_ORIGIN_{each.origin}"),
        holder=pb.InputHolder.Value(f"INPUT_HOLDER_{each.holder}"),
        year_by=pb.InputYearBy.Value(f"INPUT_YEAR_BY_{each.year_by}"),
        by_subject=each.by_subject,
        by_price=each.by_price,
        note=each.note.en,
        note_zh=each.note.zh,
    )


def to_rows(
    owner: str, messages: Sequence[pb.Statistic]
) -> tuple[dict[int, Statistic], dict[int, AtField]]:
    """Return the facts that can be read, by row, and what is wrong with the other rows."""
    read: dict[int, Statistic] = {}
    wrong: dict[int, AtField] = {}
    for index, message in enumerate(messages):
        try:
            read[index] = _to_statistic(owner, message)
        except AtField as error:
            wrong[index] = error
    return read, wrong


def from_statistic(statistic: Statistic) -> pb.Statistic:
    """Return the message of a fact."""
    fact, moment = statistic.fact, statistic.create_time
    return pb.Statistic(
        name=fact.name,
        input_id=fact.input_id,
        subject=fact.subject,
        period=wire.from_period(fact.period),
        quantity=wire.from_quantity(statistic.quantity),
        price_base_year=statistic.price_base_year,
        source=statistic.source,
        evidence=statistic.evidence,
        reporter=statistic.reporter,
        resource_version=statistic.version,
        create_time=wire.from_instant(moment) if moment else None,
        revision=statistic.revision,
    )


def refusal(
    wrong: Mapping[int, AtField], count: int, language: Language
) -> service_pb.ReportStatisticsResponse:
    """Return the answer to a report of which some rows are wrong; nothing of it was stored."""
    results = [service_pb.StatisticResult() for _ in range(count)]
    for index, error in wrong.items():
        at = error.within(f"statistics[{index}].")
        results[index].error.CopyFrom(status.violations([at], language))
    return service_pb.ReportStatisticsResponse(results=results, refused_count=len(wrong))


def from_stored(
    stored: Sequence[Statistic], *, stored_count: int, revision: int
) -> service_pb.ReportStatisticsResponse:
    """Return the answer to a report whose rows are all right."""
    return service_pb.ReportStatisticsResponse(
        results=[service_pb.StatisticResult(statistic=from_statistic(each)) for each in stored],
        stored_count=stored_count,
        revision=revision,
    )


def _to_statistic(owner: str, message: pb.Statistic) -> Statistic:
    with within("quantity."):
        quantity = wire.to_quantity(message.quantity)
    return Statistic(
        fact=Fact(
            owner=owner,
            input_id=message.input_id,
            subject=message.subject,
            period=wire.to_period(message.period),
        ),
        quantity=quantity,
        price_base_year=message.price_base_year,
        source=message.source,
        evidence=message.evidence,
    )
