"""Reports of activity: resolve outside the transaction, then judge, compute and store inside it."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final, TypeVar

import grpc
import sqlalchemy as sa

from services.accounting import store
from services.accounting.domain import report
from services.accounting.domain.binding import Query
from services.accounting.domain.enterprise import Enterprise
from services.accounting.domain.need import Reporter, enthalpy
from services.accounting.domain.posting import Occasion, Posting, post
from services.accounting.domain.report import Accepted, Books, Facts, Verdict
from services.accounting.domain.row import Row, checked
from services.accounting.servicer.ledger import (
    REGISTRY,
    Ledgers,
    Outdated,
    Unasked,
    earliest,
    needs_of,
    unasked,
)
from services.accounting.store.records import Place
from services.accounting.wire import activity
from services.accounting.wire import report as wire
from services.kernel import names
from services.kernel.errors import (
    NeighbourUnavailable,
    NotFound,
    PageTokenInvalid,
    SteamStateOutside,
)
from services.runtime import auth, outbox, paging, replay, revision, streams
from zonecarbon.accounting.v1 import accounting_service_pb2 as pb
from zonecarbon.accounting.v1 import activity_pb2

PART_ROWS: Final = 5_000
"""How many rows are stored in one transaction: some seconds' work, for which others wait."""

_Outcome = TypeVar("_Outcome")

_PLACE = re.compile(r"([0-9]{1,18}):([0-9]{1,9})")
"""A revision and the place in it, as a page token has them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A report with all that has to be known before it can be judged."""

    rows: Sequence[Row]
    facts: Facts
    registry_revision: int
    passed: Callable[[int], None] = lambda _: None
    """Is told how many of the rows are held against the facts."""
    is_wanted: Callable[[Sequence[Verdict]], bool] = lambda _: True
    """Tells whether what becomes of the rows is wanted at all."""


class Unwanted(Exception):
    """What becomes of the rows is not wanted; never leaves the servicer."""

    def __init__(self, verdicts: Sequence[Verdict]) -> None:
        super().__init__(verdicts)
        self.verdicts = verdicts


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What becomes of the rows, and what they make of the books."""

    verdicts: Sequence[Verdict]
    posting: Posting


class Reports(Ledgers):
    def ReportActivity(
        self, request: pb.ReportActivityRequest, context: grpc.ServicerContext
    ) -> pb.ReportActivityResponse:
        return self._reported_rows(request)

    def StreamActivity(
        self, request_iterator: Iterator[pb.StreamActivityRequest], context: grpc.ServicerContext
    ) -> Iterator[pb.StreamActivityResponse]:
        for request in streams.in_order(request_iterator):
            yield pb.StreamActivityResponse(
                sequence_number=request.sequence_number, report=self._reported_rows(request.report)
            )

    def _reported_rows(self, request: pb.ReportActivityRequest) -> pb.ReportActivityResponse:
        """Judge the rows of a message, and store and book those that pass."""
        enterprise_id = names.ENTERPRISE.parse(request.parent, "parent")["enterprise"]
        enterprise = self._registry.enterprise(request.parent)
        parts = _parts(request)
        answers = [] if request.validate_only else list(self._kept_answers(parts))
        if len(answers) == len(parts):
            return wire.whole(answers)
        rows = checked(wire.to_rows(request.records), enterprise=enterprise_id, today=self._today())
        if request.validate_only:
            return self._settled(enterprise, rows, self._foreseen_rows)
        for index in range(len(answers), len(parts)):
            start = index * PART_ROWS
            of_part = rows[start : start + PART_ROWS]
            answers.append(self._settled(enterprise, of_part, partial(self._stored, parts[index])))
        return wire.whole(answers)

    def _kept_answers(
        self, parts: Sequence[pb.ReportActivityRequest]
    ) -> Iterator[pb.ReportActivityResponse]:
        """Yield the stored answers to the first parts of a report, up to one that has none."""
        with self._database.read() as connection:
            for part in parts:
                known = replay.find(connection, part, pb.ReportActivityResponse)
                if known is None:
                    return
                yield known

    def _stored(
        self, request: pb.ReportActivityRequest, whole: Report
    ) -> pb.ReportActivityResponse:
        """Judge and store in one transaction; it is undone where a factor must be asked first."""
        with self._database.write() as connection:
            taken = revision.take(connection)
            # Whoever sent the same request at the same time has the revision before this one.
            if answered := replay.find(connection, request, pb.ReportActivityResponse):
                return answered
            self._check_newest(connection, whole.registry_revision)
            judged = self._judged(connection, whole, taken.number)
            recorded = self._recorded(connection, judged.posting, taken)
            number = taken.number if recorded else 0
            answer = wire.from_posting(
                judged.verdicts, judged.posting, recorded, number, auth.language()
            )
            replay.keep(connection, request, answer, taken)
            return answer

    def GetActivityRecord(
        self, request: pb.GetActivityRecordRequest, context: grpc.ServicerContext
    ) -> activity_pb2.ActivityRecord:
        ids = names.ACTIVITY_RECORD.parse(request.name)
        parent = names.ENTERPRISE.format(enterprise=ids["enterprise"])
        self._registry.enterprise(parent, wanted=request.name)
        with self._database.read() as connection:
            found = store.records.find(connection, ids["enterprise"], ids["record"])
            if found is None:
                raise NotFound(name=request.name)
            (told,) = store.report_files.with_rows(connection, ids["enterprise"], [found])
        return activity.from_record(told)

    def ListActivityRecords(
        self, request: pb.ListActivityRecordsRequest, context: grpc.ServicerContext
    ) -> pb.ListActivityRecordsResponse:
        enterprise = names.ENTERPRISE.parse(request.parent, "parent")["enterprise"]
        after, size = _place(paging.start(request, request.parent)), paging.size(request)
        self._registry.enterprise(request.parent)
        with self._database.read() as connection:
            found = store.records.page(connection, enterprise, after=after, size=size + 1)
            records = [record for _, record in found[:size]]
            told = store.report_files.with_rows(connection, enterprise, records)
        keys = [f"{place.revision}:{place.order_index}" for place, _ in found]
        return pb.ListActivityRecordsResponse(
            activity_records=[activity.from_record(record) for record in told],
            next_page_token=paging.next_token(keys, size, request.parent),
        )

    def _settled(
        self,
        enterprise: Enterprise,
        rows: Sequence[Row],
        outcome: Callable[[Report], _Outcome],
    ) -> _Outcome:
        """Return the outcome of rows, asked for again where books or library moved on meanwhile."""
        whole = self._asked(enterprise, rows)
        while True:
            try:
                return outcome(whole)
            except Unasked as more:
                # Another report came in between, with records of the same months.
                whole = self._asked_more(whole, more.queries)
            except Outdated:
                asked_at = whole.registry_revision
                whole = self._asked(enterprise, rows)
                if whole.registry_revision <= asked_at:
                    # An older copy of the registry was restored: wait until it is followed anew.
                    raise NeighbourUnavailable(service=REGISTRY) from None

    def _previewed(self, whole: Report) -> Judged:
        """Return what would become of the rows now.

        Raises:
            Unasked: a factor must be asked for first.
        """
        with self._database.read() as connection:
            return self._judged(connection, whole, 0)

    def _foreseen_rows(self, whole: Report) -> pb.ReportActivityResponse:
        """Return the answer to what would become of the rows now; raises as `_previewed`."""
        judged = self._previewed(whole)
        unnamed = [""] * len(judged.posting.accepted)
        answer = wire.from_posting(judged.verdicts, judged.posting, unnamed, 0, auth.language())
        if len(judged.verdicts) > PART_ROWS:
            answer.ClearField("lines")
        return answer

    def _asked(self, enterprise: Enterprise, rows: Sequence[Row]) -> Report:
        """Ask the registry, once for all rows, for what they name and need."""
        reporter = self._reporter(enterprise)
        rows = [_with_steam(row, reporter) for row in rows]
        with self._database.read() as connection:
            reporter, books = self._books(connection, reporter, rows)
        found, registry_revision = self._resolved(needs_of(rows, books, reporter), {})
        named = {name for row in rows for name in row.references}
        known = self._registry.own(enterprise.name, named)
        # Asked after the factors: so nothing here is older than `registry_revision` says.
        now = self._registry.enterprise(enterprise.name)
        if now.revision != enterprise.revision:
            return self._asked(now, rows)
        return Report(
            rows=rows,
            facts=Facts(reporter=reporter, known=known, found=found),
            registry_revision=registry_revision,
        )

    def _asked_more(self, whole: Report, queries: Collection[Query]) -> Report:
        """Return the report with the answers to further queries."""
        found, registry_revision = self._registry.resolve(queries)
        facts = replace(whole.facts, found={**whole.facts.found, **found})
        known = earliest(whole.registry_revision, registry_revision)
        return replace(whole, facts=facts, registry_revision=known)

    def _judged(self, connection: sa.Connection, whole: Report, number: int) -> Judged:
        """Judge the rows against what is stored, and compute what the accepted ones make of it.

        Raises:
            Unasked: a stored record of the same months needs a factor that was not asked for.
            Unwanted: what becomes of the rows is not wanted; nothing was computed.
        """
        rows = whole.rows
        reporter, books = self._books(connection, whole.facts.reporter, rows)
        enterprise = reporter.enterprise.enterprise_id
        missing = unasked(needs_of(rows, books, reporter), whole.facts.found)
        if missing:
            raise Unasked(missing)
        verdicts, entered = report.judge(_counted(rows, whole.passed), whole.facts, books)
        if not whole.is_wanted(verdicts):
            raise Unwanted(verdicts)
        accepted = [verdict for verdict in verdicts if isinstance(verdict, Accepted)]
        occasion = Occasion(
            reporter=reporter,
            found=whole.facts.found,
            revision=number,
            registry_revision=whole.registry_revision,
        )
        years = {each.period.start.year for each in accepted}
        before = self._before(connection, enterprise, years)
        return Judged(verdicts=verdicts, posting=post(accepted, entered, before, occasion))

    def _books(
        self, connection: sa.Connection, reporter: Reporter, rows: Sequence[Row]
    ) -> tuple[Reporter, Books]:
        """Return the reporter with the methods it has begun, and what is stored of the rows."""
        known, periods = self._begun(connection, reporter)
        years = {row.grain.month.start.year for row in rows if row.grain is not None}
        late = known.late_years(years)
        books = store.books.of(connection, known.enterprise.enterprise_id, rows, late)
        return known, replace(books, periods=periods)

    def _recorded(
        self, connection: sa.Connection, posting: Posting, taken: revision.Revision
    ) -> list[str]:
        """Store the posting, tell the followers, and return the names of the records."""
        if not posting.accepted:
            return []
        recorded = store.records.add(
            connection, posting.enterprise, posting.accepted, auth.caller().name, taken
        )
        self._keep(connection, posting, taken)
        outbox.publish(
            connection, taken, [(each.name, each.version) for each in posting.inventories]
        )
        return recorded


def _parts(request: pb.ReportActivityRequest) -> list[pb.ReportActivityRequest]:
    """Return what is stored of a report at a time, each part under an id of its own.

    The first has the id and the content of the whole, so that another report is told by it.
    """
    return [
        request
        if start == 0
        else pb.ReportActivityRequest(
            parent=request.parent,
            records=request.records[start : start + PART_ROWS],
            request_id=str(uuid.uuid5(uuid.UUID(request.request_id), str(start))),
        )
        for start in range(0, len(request.records), PART_ROWS)
    ]


def _with_steam(row: Row, reporter: Reporter) -> Row:
    """Return the row, refused where the tables do not hold the state of its steam."""
    try:
        enthalpy(row.steam, row.subject, reporter.steam)
    except SteamStateOutside as error:
        # Without a state no factor can be bound, and the row is refused for this alone.
        return replace(row.refused_for([error]), steam="")
    return row


def _counted(rows: Iterable[Row], passed: Callable[[int], None]) -> Iterator[Row]:
    for number, row in enumerate(rows, start=1):
        yield row
        passed(number)


def _place(key: str) -> Place:
    """Return the place that a page token speaks of; the beginning for none."""
    found = _PLACE.fullmatch(key or "0:0")
    if found is None:
        raise PageTokenInvalid(field="page_token")
    return Place(revision=int(found[1]), order_index=int(found[2]))
