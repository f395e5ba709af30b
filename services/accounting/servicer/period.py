"""PeriodService: the life of an accounting year, and its explicit restatement."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator

import grpc
import sqlalchemy as sa

from services.accounting import store
from services.accounting.domain.binding import BoundFactor, Need
from services.accounting.domain.enterprise import Enterprise
from services.accounting.domain.knowledge import rebooking
from services.accounting.domain.knowledge.rebooking import Bound
from services.accounting.domain.knowledge.restatement import Side, compare
from services.accounting.domain.line import Line
from services.accounting.domain.period import AccountingPeriod, State
from services.accounting.domain.posting import Posting
from services.accounting.servicer.ledger import Unasked
from services.accounting.servicer.restatement import Library, Loaded, Restatements
from services.accounting.wire import period as wire
from services.accounting.wire import restatement as restatement_wire
from services.kernel.errors import EtagMismatch, FieldInvalid, NotFound, Words
from services.runtime import auth, outbox, replay, revision
from zonecarbon.accounting.v1 import period_pb2, period_service_pb2_grpc, restatement_pb2
from zonecarbon.accounting.v1 import period_service_pb2 as pb

Decide = Callable[[AccountingPeriod], AccountingPeriod]
"""Makes the next version of a period, or leaves it as it is."""


class Periods(Restatements, period_service_pb2_grpc.PeriodServiceServicer):
    def GetPeriod(
        self, request: pb.GetPeriodRequest, context: grpc.ServicerContext
    ) -> period_pb2.AccountingPeriod:
        return self._read(*self._seen_period(request.name))

    def SubmitPeriod(
        self, request: pb.SubmitPeriodRequest, context: grpc.ServicerContext
    ) -> period_pb2.AccountingPeriod:
        def decide(period: AccountingPeriod) -> AccountingPeriod:
            return period.entered(State.SUBMITTED, decider=auth.caller().name)

        return self._decided(request.name, request.etag, decide)

    def LockPeriod(
        self, request: pb.LockPeriodRequest, context: grpc.ServicerContext
    ) -> period_pb2.AccountingPeriod:
        def decide(period: AccountingPeriod) -> AccountingPeriod:
            return period.entered(State.LOCKED, decider=auth.caller().name)

        return self._decided(request.name, request.etag, decide)

    def ReopenPeriod(
        self, request: pb.ReopenPeriodRequest, context: grpc.ServicerContext
    ) -> period_pb2.AccountingPeriod:
        def decide(period: AccountingPeriod) -> AccountingPeriod:
            return period.entered(State.REOPENED, decider=auth.caller().name, reason=request.reason)

        return self._decided(request.name, request.etag, decide)

    def PinFactors(
        self, request: pb.PinFactorsRequest, context: grpc.ServicerContext
    ) -> period_pb2.AccountingPeriod:
        wanted = self._pin(request)

        def decide(period: AccountingPeriod) -> AccountingPeriod:
            return period.pinned(wanted, decider=auth.caller().name, reason=request.reason)

        return self._decided(request.name, request.etag, decide)

    def RestatePeriod(
        self, request: pb.RestatePeriodRequest, context: grpc.ServicerContext
    ) -> pb.RestatePeriodResponse:
        enterprise, year = self._seen_period(request.name)
        library = Library(enterprises={enterprise.enterprise_id: enterprise})
        while True:
            try:
                if request.validate_only:
                    with self._database.read() as connection:
                        loaded = self._loaded(connection, enterprise, year)
                        posting = _reposted(loaded, library, 0)
                        return self._report(connection, loaded, posting, 0)
                return self._restated_year(request, enterprise, year, library)
            except Unasked as more:
                library = self._asked_library(library, more.queries)

    def _restated_year(
        self,
        request: pb.RestatePeriodRequest,
        enterprise: Enterprise,
        year: int,
        library: Library,
    ) -> pb.RestatePeriodResponse:
        with self._database.write() as connection:
            taken = revision.take(connection)
            if answered := replay.find(connection, request, pb.RestatePeriodResponse):
                return answered
            loaded = self._loaded(connection, enterprise, year)
            posting = _reposted(loaded, library, taken.number)
            answer = self._report(connection, loaded, posting, taken.number)
            decided = self._current(connection, enterprise, year).decided(
                decider=auth.caller().name, reason=request.reason
            )
            store.periods.add(connection, decided, taken)
            self._keep(connection, posting, taken)
            outbox.publish(
                connection,
                taken,
                [
                    *((each.name, each.version) for each in posting.inventories),
                    (decided.name, decided.version),
                ],
            )
            replay.keep(connection, request, answer, taken)
            return answer

    def _report(
        self, connection: sa.Connection, loaded: Loaded, posting: Posting, number: int
    ) -> pb.RestatePeriodResponse:
        """Return what a posting changes, a report for each method whose inventory it changes."""
        enterprise, year = posting.enterprise, loaded.accounting_year
        records = store.records.current(connection, enterprise, year, revision.newest(connection))
        reports: list[restatement_pb2.RestatementReport] = []
        for after in posting.inventories:
            method = after.method
            old = {
                each.line_id: each
                for each in loaded.before.lines
                if each.binding.method_id == method.method_id
            }
            new = old | {
                each.line_id: each
                for each in posting.lines
                if each.binding.method_id == method.method_id
            }
            before = loaded.before.inventories.get((year, method.method_id))
            found = compare(
                Side(inventory=before, lines=_counting(old.values()), records=records),
                Side(inventory=after, lines=_counting(new.values()), records=records),
                method,
            )
            reports.append(restatement_wire.from_comparison(found, method.gwp_set))
        return pb.RestatePeriodResponse(reports=reports, revision=number)

    def _decided(self, name: str, etag: str, decide: Decide) -> period_pb2.AccountingPeriod:
        """Store a decision, and what it makes of the figures where the year takes reports.

        Raises:
            NotFound: nothing was reported for the year.
            EtagMismatch: the period changed since the caller read it.
        """
        enterprise, year = self._seen_period(name)
        library = Library(enterprises={enterprise.enterprise_id: enterprise})
        while True:
            try:
                with self._database.write() as connection:
                    if year not in store.inventories.begun(connection, enterprise.enterprise_id):
                        raise NotFound(name=name)
                    before = self._current(connection, enterprise, year)
                    after = decide(before)
                    if after is before:
                        break
                    if etag and etag != before.etag:
                        raise EtagMismatch(name=name)
                    return wire.from_period(self._entered(connection, after, library))
            except Unasked as more:
                library = self._asked_library(library, more.queries)
        return self._read(enterprise, year)

    def _entered(
        self, connection: sa.Connection, period: AccountingPeriod, library: Library
    ) -> AccountingPeriod:
        """Store a version of a period; the figures of a year that takes reports follow at once."""
        taken = revision.take(connection)
        stored = store.periods.add(connection, period, taken)
        versions = [(period.name, period.version)]
        if period.state.takes_reports:
            enterprise = library.enterprises[period.enterprise]
            loaded = self._loaded(connection, enterprise, period.accounting_year)
            posting = _reposted(loaded, library, taken.number)
            self._keep(connection, posting, taken)
            versions += [(each.name, each.version) for each in posting.inventories]
        outbox.publish(connection, taken, versions)
        return stored

    def _pin(self, request: pb.PinFactorsRequest) -> int:
        """Return the revision of the library to pin to; 0 for none.

        Raises:
            FieldInvalid: the library has not come to it, or one is given that is to be released.
        """
        given = request.registry_revision
        if request.factor_mode != wire.PINNED:
            if given:
                allowed = Words(en="0 where factors are released", zh="解除固定时应为 0")
                raise FieldInvalid(field="registry_revision", given=str(given), allowed=allowed)
            return 0
        enterprise, year = self._seen_period(request.name)
        with self._database.read() as connection:
            bounds = self._bounds(connection, enterprise, year)
        queries = {query for each in bounds for query in self._need(each).queries}
        _, newest = self._registry.resolve(queries)
        if given > newest:
            raise FieldInvalid(
                field="registry_revision", given=str(given), allowed=f"1 to {newest}"
            )
        return given or newest

    def _read(self, enterprise: Enterprise, year: int) -> period_pb2.AccountingPeriod:
        with self._database.read() as connection:
            period = self._current(connection, enterprise, year)
            follows = period.state.takes_reports and not period.pinned_registry_revision
            bounds = set() if follows else self._bounds(connection, enterprise, year)
        return wire.from_period(period, self._superseded(bounds))

    def _bounds(self, connection: sa.Connection, enterprise: Enterprise, year: int) -> set[Bound]:
        """Return the bindings that the figures of a year are made with."""
        lines = store.lines.current(connection, [enterprise.enterprise_id], year)
        return {
            Bound(binding=line.binding, kind=line.source.kind, region_code=enterprise.region_code)
            for line in lines
        }

    def _need(self, bound: Bound) -> Need:
        return rebooking.need(bound, self._methods[bound.binding.method_id])

    def _superseded(
        self, bounds: Collection[Bound]
    ) -> Iterator[tuple[BoundFactor, BoundFactor | None]]:
        """Yield each published factor of bindings that the library has another one for."""
        needs = {bound: self._need(bound) for bound in bounds}
        found, _ = self._registry.resolve(
            {query for each in needs.values() for query in each.queries}
        )
        told: dict[tuple[str, int, str, int], tuple[BoundFactor, BoundFactor | None]] = {}
        for bound, need in needs.items():
            for factor, query in rebooking.published(bound, need):
                answer = found[query]
                newer = answer if isinstance(answer, BoundFactor) else None
                name, version = (newer.name, newer.version) if newer else ("", 0)
                if (name, version) != (factor.name, factor.version):
                    told[factor.name, factor.version, name, version] = factor, newer
        for _, pair in sorted(told.items()):
            yield pair

    def _current(
        self, connection: sa.Connection, enterprise: Enterprise, year: int
    ) -> AccountingPeriod:
        found = store.periods.find(connection, enterprise.enterprise_id, year)
        return found or AccountingPeriod(enterprise=enterprise.enterprise_id, accounting_year=year)


def _reposted(loaded: Loaded, library: Library, number: int) -> Posting:
    """Return what the records of a year make of its books.

    Raises:
        Unasked: factors must be asked for first.
    """
    if missing := loaded.unasked(library.found):
        raise Unasked(missing)
    return loaded.reposted(library, number)


def _counting(lines: Iterable[Line]) -> list[Line]:
    return [line for line in lines if line.record_count]
