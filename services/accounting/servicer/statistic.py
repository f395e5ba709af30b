"""StatisticService: facts that are not energy, of enterprises and of zones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime

import grpc
import sqlalchemy as sa

from services.accounting import store
from services.accounting.domain.indicator.statistic import Fact, Statistic, fact_of, faults
from services.accounting.neighbours import Registry
from services.accounting.servicer.access import ACCESS, ZONE_EVALUATION, ZONE_INVENTORY
from services.accounting.servicer.base import Base, Rules
from services.accounting.servicer.indicator_rules import IndicatorRules
from services.accounting.wire import statistic as wire
from services.kernel import names
from services.kernel.errors import NameInvalid, NotFound, PeriodInvalid
from services.kernel.period import SHANGHAI
from services.runtime import auth, outbox, paging, replay, revision
from services.runtime.database import Database
from services.runtime.revision import Revision
from zonecarbon.accounting.v1 import statistic_pb2, statistic_service_pb2_grpc
from zonecarbon.accounting.v1 import statistic_service_pb2 as pb


class Statistics(Base, statistic_service_pb2_grpc.StatisticServiceServicer):
    def __init__(
        self,
        database: Database,
        registry: Registry,
        rules: Rules,
        indicator_rules: IndicatorRules,
        today: Callable[[], date] = lambda: datetime.now(SHANGHAI).date(),
    ) -> None:
        super().__init__(database, registry, rules, today)
        self._catalogue = indicator_rules.catalogue

    def ListStatisticInputs(
        self, request: pb.ListStatisticInputsRequest, context: grpc.ServicerContext
    ) -> pb.ListStatisticInputsResponse:
        inputs = self._catalogue.inputs.values()
        return pb.ListStatisticInputsResponse(inputs=[wire.from_input(each) for each in inputs])

    def ReportStatistics(
        self, request: pb.ReportStatisticsRequest, context: grpc.ServicerContext
    ) -> pb.ReportStatisticsResponse:
        self._may(request.parent, request.parent, "parent", ZONE_EVALUATION)
        rows, wrong = wire.to_rows(request.parent, request.statistics)
        wrong |= faults(rows, self._catalogue, self._today())
        if wrong:
            return wire.refusal(wrong, len(request.statistics), auth.language())
        reported = [rows[index] for index in range(len(request.statistics))]
        if request.validate_only:
            return wire.from_stored(reported, stored_count=0, revision=0)
        with self._database.read() as connection:
            if answered := replay.find(connection, request, pb.ReportStatisticsResponse):
                return answered
        with self._database.write() as connection:
            taken = revision.take(connection)
            # Another may have come first while this one waited for its revision.
            if answered := replay.find(connection, request, pb.ReportStatisticsResponse):
                return answered
            answer = _stored(connection, reported, taken)
            replay.keep(connection, request, answer, taken)
            return answer

    def GetStatistic(
        self, request: pb.GetStatisticRequest, context: grpc.ServicerContext
    ) -> statistic_pb2.Statistic:
        fact = self._fact(request.name)
        with self._database.read() as connection:
            version, as_of = self._asked_version(connection, request)
            found = store.statistics.find(connection, fact, version=version, as_of=as_of)
        if found is None:
            raise NotFound(name=request.name)
        return wire.from_statistic(found)

    def ListStatistics(
        self, request: pb.ListStatisticsRequest, context: grpc.ServicerContext
    ) -> pb.ListStatisticsResponse:
        self._may(request.parent, request.parent, "parent", ZONE_INVENTORY)
        after, size = paging.start(request, request.parent), paging.size(request)
        with self._database.read() as connection:
            found = store.statistics.page(connection, request.parent, after=after, size=size + 1)
        ids = [each.fact.statistic_id for each in found]
        return pb.ListStatisticsResponse(
            statistics=[wire.from_statistic(each) for each in found[:size]],
            next_page_token=paging.next_token(ids, size, request.parent),
        )

    def _may(self, owner: str, wanted: str, field: str, zone_method: str) -> None:
        """Return where the caller may speak for an enterprise, or for a zone by a method.

        Raises:
            PermissionDenied: of a zone, it has not the role.
            NameInvalid, NotFound: as `_see`.
        """
        if names.ZONE.matches(owner):
            auth.permit(ACCESS, zone_method, auth.caller())
        self._see(owner, wanted, field)

    def _fact(self, name: str) -> Fact:
        """Return the fact of a name, of an owner that the caller may see."""
        for pattern, owner in (
            (names.STATISTIC, names.ENTERPRISE),
            (names.ZONE_STATISTIC, names.ZONE),
        ):
            if pattern.matches(name):
                ids = pattern.parse(name)
                statistic_id = ids.pop("statistic")
                whose = owner.format(**ids)
                self._may(whose, name, "name", ZONE_INVENTORY)
                try:
                    return fact_of(statistic_id, whose)
                except PeriodInvalid:
                    raise NotFound(name=name) from None
        raise NameInvalid(given=name, pattern=f"{names.STATISTIC} | {names.ZONE_STATISTIC}")


def _stored(
    connection: sa.Connection, reported: Sequence[Statistic], taken: Revision
) -> pb.ReportStatisticsResponse:
    """Store what says something new; return every fact as it is now."""
    before = store.statistics.current(connection, {each.fact for each in reported})
    reporter = auth.caller().name
    new = [
        replace(each, reporter=reporter, version=old.version + 1 if old else 1)
        for each in reported
        for old in (before.get(each.fact),)
        if old is None or not old.says_as(each)
    ]
    added = store.statistics.add(connection, new, taken)
    outbox.publish(connection, taken, [(each.fact.name, each.version) for each in added])
    now = before | {each.fact: each for each in added}
    return wire.from_stored(
        [now[each.fact] for each in reported],
        stored_count=len(added),
        revision=taken.number if added else 0,
    )
