"""Reports of activity: resolve outside the transaction, then judge, compute and store inside it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import grpc
import sqlalchemy as sa

from services.accounting import store
from services.accounting.domain import report
from services.accounting.domain.enterprise import Enterprise
from services.accounting.domain.posting import Before, Occasion, Posting, post
from services.accounting.domain.report import Accepted, Facts, Verdict
from services.accounting.domain.row import Row, checked
from services.accounting.servicer.base import Base
from services.accounting.store.records import Place
from services.accounting.wire import activity
from services.accounting.wire import report as wire
from services.kernel import names
from services.kernel.errors import NotFound, PageTokenInvalid
from services.runtime import auth, outbox, paging, replay, revision
from zonecarbon.accounting.v1 import accounting_service_pb2 as pb
from zonecarbon.accounting.v1 import activity_pb2

_PLACE = re.compile(r"([0-9]{1,18}):([0-9]{1,9})")
"""A revision and the place in it, as a page token has them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Report:
    """A report with all that has to be known before it can be judged."""

    enterprise: Enterprise
    rows: Sequence[Row]
    facts: Facts
    registry_revision: int


class Reports(Base):
    def ReportActivity(
        self, request: pb.ReportActivityRequest, context: grpc.ServicerContext
    ) -> pb.ReportActivityResponse:
        enterprise_id = names.ENTERPRISE.parse(request.parent, "parent")["enterprise"]
        enterprise = self._registry.enterprise(request.parent)
        if not request.validate_only:
            with self._database.read() as connection:
                if answered := replay.find(connection, request, pb.ReportActivityResponse):
                    return answered
        rows = wire.to_rows(request.records)
        whole = self._asked(
            enterprise, checked(rows, enterprise=enterprise_id, today=self._today())
        )
        if request.validate_only:
            with self._database.read() as connection:
                verdicts, posting = self._judged(connection, whole, 0)
            unnamed = [""] * len(posting.accepted)
            return wire.from_posting(verdicts, posting, unnamed, 0, auth.language())
        with self._database.write() as connection:
            taken = revision.take(connection)
            # Whoever sent the same request at the same time has the revision before this one.
            if answered := replay.find(connection, request, pb.ReportActivityResponse):
                return answered
            verdicts, posting = self._judged(connection, whole, taken.number)
            answer = self._saved(connection, verdicts, posting, taken)
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
        return activity.from_record(found)

    def ListActivityRecords(
        self, request: pb.ListActivityRecordsRequest, context: grpc.ServicerContext
    ) -> pb.ListActivityRecordsResponse:
        enterprise = names.ENTERPRISE.parse(request.parent, "parent")["enterprise"]
        after, size = _place(paging.start(request, request.parent)), paging.size(request)
        self._registry.enterprise(request.parent)
        with self._database.read() as connection:
            found = store.records.page(connection, enterprise, after=after, size=size + 1)
        keys = [f"{place.revision}:{place.order_index}" for place, _ in found]
        return pb.ListActivityRecordsResponse(
            activity_records=[activity.from_record(record) for _, record in found[:size]],
            next_page_token=paging.next_token(keys, size, request.parent),
        )

    def _asked(self, enterprise: Enterprise, rows: Sequence[Row]) -> _Report:
        """Ask the registry, once for all rows, for what they name and need."""
        region, method = enterprise.region_code, self._method()
        needs = [need for row in rows if (need := row.need(method, region)) is not None]
        found, registry_revision = self._registry.resolve(
            {query for need in needs for query in need.queries()}
        )
        named = {name for row in rows for name in row.references}
        known = self._registry.own(enterprise.name, named)
        return _Report(
            enterprise=enterprise,
            rows=rows,
            facts=Facts(region_code=region, known=known, found=found),
            registry_revision=registry_revision,
        )

    def _judged(
        self, connection: sa.Connection, whole: _Report, number: int
    ) -> tuple[list[Verdict], Posting]:
        """Judge the rows against what is stored, and compute what the accepted ones make of it."""
        enterprise, rows = whole.enterprise.enterprise_id, whole.rows
        books = store.records.books(
            connection,
            enterprise,
            source_ids={row.source_id for row in rows},
            grains={row.grain for row in rows if row.grain is not None},
            corrects={row.corrects for row in rows},
        )
        method = self._method()
        verdicts = list(report.judge(rows, method, whole.facts, books))
        accepted = [verdict for verdict in verdicts if isinstance(verdict, Accepted)]
        occasion = Occasion(
            enterprise=whole.enterprise,
            method=method,
            revision=number,
            registry_revision=whole.registry_revision,
        )
        before = _before(connection, enterprise, accepted)
        return verdicts, post(accepted, books, before, occasion)

    def _saved(
        self,
        connection: sa.Connection,
        verdicts: Sequence[Verdict],
        posting: Posting,
        taken: revision.Revision,
    ) -> pb.ReportActivityResponse:
        """Store the posting, tell the followers, and return the answer."""
        recorded: list[str] = []
        if posting.accepted:
            recorded = store.records.add(
                connection, posting.enterprise, posting.accepted, auth.caller().name, taken
            )
            store.lines.add(connection, posting.lines, taken)
            store.inventories.add(connection, posting.inventories, taken)
            outbox.publish(
                connection, taken, [(each.name, each.version) for each in posting.inventories]
            )
        number = taken.number if recorded else 0
        return wire.from_posting(verdicts, posting, recorded, number, auth.language())


def _before(connection: sa.Connection, enterprise: str, accepted: Sequence[Accepted]) -> Before:
    years = {each.period.start.year for each in accepted}
    inventories = {
        year: found
        for year in years
        if (found := store.inventories.find(connection, enterprise, year))
    }
    return Before(
        lines={
            line.grain: line
            for year in years
            for line in store.lines.current(connection, [enterprise], year)
        },
        versions={year: inventory.version for year, (inventory, _) in inventories.items()},
    )


def _place(key: str) -> Place:
    """Return the place that a page token speaks of; the beginning for none."""
    found = _PLACE.fullmatch(key or "0:0")
    if found is None:
        raise PageTokenInvalid(field="page_token")
    return Place(revision=int(found[1]), order_index=int(found[2]))
