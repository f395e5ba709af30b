"""A report of activity ⇄ its messages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from services.accounting.domain.line import Grain, Line
from services.accounting.domain.posting import Posting
from services.accounting.domain.report import Accepted, Verdict
from services.accounting.domain.row import Row
from services.accounting.wire import line
from services.accounting.wire.activity import collected, to_kind, to_quantity, to_steam
from services.kernel.errors import AtField, Language
from services.kernel.period import Period
from services.runtime import contract, status, wire
from zonecarbon.accounting.v1 import accounting_service_pb2, activity_pb2, line_pb2
from zonecarbon.type.v1 import period_pb2


def to_rows(messages: Sequence[activity_pb2.ActivityRecord]) -> list[Row]:
    """Return the rows of a report, each with the errors that reading it found."""
    return [to_row(message, f"records[{index}]") for index, message in enumerate(messages)]


def from_posting(
    verdicts: Sequence[Verdict],
    posting: Posting,
    names: Sequence[str],
    revision: int,
    language: Language,
) -> accounting_service_pb2.ReportActivityResponse:
    """Return the answer to a report; `names` are those of the accepted rows, in their order."""
    given = iter(names)
    return accounting_service_pb2.ReportActivityResponse(
        results=[
            accounting_service_pb2.RowResult(activity_record=next(given))
            if isinstance(verdict, Accepted)
            else accounting_service_pb2.RowResult(error=status.violations(verdict.errors, language))
            for verdict in verdicts
        ],
        lines=from_lines(posting),
        revision=revision,
        accepted_count=len(posting.accepted),
        refused_count=len(verdicts) - len(posting.accepted),
    )


def whole(
    answers: Sequence[accounting_service_pb2.ReportActivityResponse],
) -> accounting_service_pb2.ReportActivityResponse:
    """Return the answer to a report that was stored in parts; without lines where in several."""
    if len(answers) == 1:
        return answers[0]
    return accounting_service_pb2.ReportActivityResponse(
        results=[result for each in answers for result in each.results],
        revision=max(each.revision for each in answers),
        accepted_count=sum(each.accepted_count for each in answers),
        refused_count=sum(each.refused_count for each in answers),
    )


def from_lines(posting: Posting) -> list[line_pb2.EmissionLine]:
    """Return the lines that a report touched, of each source and month by the first method."""
    return line.from_lines(_judged_by(posting.lines))


def _judged_by(lines: Iterable[Line]) -> Iterator[Line]:
    """Yield the lines of each source and month by the first method that has any."""
    first: dict[Grain, str] = {}
    for each in lines:
        if first.setdefault(each.grain, each.binding.method_id) == each.binding.method_id:
            yield each


def to_row(message: activity_pb2.ActivityRecord, path: str) -> Row:
    """Return the row that is called `path`, with the errors that reading it found."""
    errors: list[AtField] = []
    quantity = to_quantity(message.quantity, errors) if message.HasField("quantity") else None
    period = _to_period(message.period, errors) if message.HasField("period") else None
    row = Row(
        path=path,
        content=message.SerializeToString(deterministic=True),
        source_id=message.source_id,
        kind=to_kind(message.kind),
        subject=message.subject,
        quantity=quantity,
        period=period,
        facility=message.facility,
        meter=message.meter,
        counterparty=message.counterparty,
        evidence=message.evidence,
        certificate=message.certificate,
        corrects=message.corrects,
        steam=to_steam(message.steam, errors) if message.HasField("steam") else "",
        value_chain_category=message.value_chain_category_number,
    )
    return row.refused_for([*contract.violations(message), *errors])


def _to_period(message: period_pb2.Period, errors: list[AtField]) -> Period | None:
    if not (message.HasField("start_date") and message.HasField("end_date")):
        return None  # The contract's own rules name the day that is missing.
    with collected(errors):
        return wire.to_period(message)
    return None
