"""Portfolios, cost policies and journals."""

from __future__ import annotations

from datetime import date

import grpc
import sqlalchemy as sa

from services.kernel import names
from services.kernel.errors import CostPolicyMissing, FieldInvalid, NotFound, Words
from services.runtime import auth, revision
from services.runtime.auth import Tenant
from services.runtime.wire import to_day
from services.trading import store
from services.trading.domain.ledger.transfer import TRANSFER
from services.trading.domain.portfolio.cost import Policy, costs
from services.trading.domain.portfolio.holding import portfolio
from services.trading.domain.portfolio.journal import Journal, journal
from services.trading.domain.versioned import Versioned
from services.trading.files import journal_file, table
from services.trading.servicer.house import House
from services.trading.wire import portfolio as wire
from services.trading.wire.ledger import to_as_of
from zonecarbon.trading.v1 import portfolio_pb2, portfolio_service_pb2_grpc
from zonecarbon.trading.v1 import portfolio_service_pb2 as pb


class Portfolios(portfolio_service_pb2_grpc.PortfolioServiceServicer):
    def __init__(self, house: House) -> None:
        self._house = house

    def DeclareCostPolicy(
        self, request: pb.DeclareCostPolicyRequest, context: grpc.ServicerContext
    ) -> portfolio_pb2.CostPolicy:
        book = names.ACCOUNT.parse(request.parent, "parent")["account"]
        wanted, tenant = wire.to_policy(request), self._house.registry.tenant()
        with self._house.database.write() as connection:
            taken = revision.take(connection)
            store.accounts.get(connection, tenant, book)
            before = store.portfolio.policy(connection, book)
            if before is None or before.value != wanted:
                before = store.portfolio.declare(connection, book, wanted, before, taken)
        return wire.from_policy(before)

    def DeclareDisposal(
        self, request: pb.DeclareDisposalRequest, context: grpc.ServicerContext
    ) -> pb.DeclareDisposalResponse:
        ids, tenant = TRANSFER.parse(request.name), self._house.registry.tenant()
        book, transfer = ids["account"], ids["transfer"]
        with self._house.database.write() as connection:
            taken = revision.take(connection)
            store.accounts.get(connection, tenant, book)
            found = store.ledger.transfers.find(connection, book, transfer)
            if found is None:
                raise NotFound(name=request.name)
            if request.free_count > found.unit_count:
                most = Words(en=f"at most {found.unit_count}", zh=f"不超过 {found.unit_count}")
                given = str(request.free_count)
                raise FieldInvalid(field="free_count", given=given, allowed=most)
            version = store.portfolio.declare_disposal(
                connection,
                book,
                transfer,
                free_count=request.free_count,
                evidence=request.evidence,
                principal=auth.caller().name,
                revision=taken,
            )
        return pb.DeclareDisposalResponse(resource_version=version)

    def GetPortfolio(
        self, request: pb.GetPortfolioRequest, context: grpc.ServicerContext
    ) -> portfolio_pb2.Portfolio:
        book = names.ACCOUNT.parse(request.parent, "parent")["account"]
        on, as_of = to_day(request.valuation_date, "valuation_date"), to_as_of(request.as_of)
        tenant, market = self._house.registry.tenant(), self._house.market
        with self._house.database.read() as connection:
            store.accounts.get(connection, tenant, book)
            facts = store.portfolio.facts(connection, book, market, on=on, as_of=as_of)
        return wire.from_portfolio(portfolio(facts))

    def ListPortfolios(
        self, request: pb.ListPortfoliosRequest, context: grpc.ServicerContext
    ) -> pb.ListPortfoliosResponse:
        on, as_of = to_day(request.valuation_date, "valuation_date"), to_as_of(request.as_of)
        tenant, market = self._house.registry.tenant(request.zone), self._house.market
        with self._house.database.read() as connection:
            books = [each.value.account for each in store.accounts.page(connection, tenant)]
            found = [
                portfolio(store.portfolio.facts(connection, book, market, on=on, as_of=as_of))
                for book in books
            ]
        return pb.ListPortfoliosResponse(
            portfolios=[wire.from_portfolio(each) for each in found], totals=wire.totals(found)
        )

    def GetJournal(
        self, request: pb.GetJournalRequest, context: grpc.ServicerContext
    ) -> portfolio_pb2.Journal:
        book = names.ACCOUNT.parse(request.parent, "parent")["account"]
        start, end = _period(request)
        tenant = self._house.registry.tenant()
        with self._house.database.read() as connection:
            found, policy = self._journal(connection, tenant, book, start, end)
        return wire.from_journal(book, found, policy, self._house.scheme)

    def ExportJournal(
        self, request: pb.ExportJournalRequest, context: grpc.ServicerContext
    ) -> pb.ExportJournalResponse:
        book = names.ACCOUNT.parse(request.parent, "parent")["account"]
        start, end = _period(request)
        tenant = self._house.registry.tenant()
        with self._house.database.read() as connection:
            found, _ = self._journal(connection, tenant, book, start, end)
        rows = journal_file.rows(found, self._house.scheme)
        name = f"journal-{book}-{start}-{end}"
        if request.format == pb.JOURNAL_FORMAT_XLSX:
            name, content = f"{name}.xlsx", table.xlsx_bytes("分录 Journal", rows)
        else:
            name, content = f"{name}.csv", table.csv_bytes(rows)
        return pb.ExportJournalResponse(
            file_name=name, content=content, entry_count=len(found.entries)
        )

    def _journal(
        self, connection: sa.Connection, tenant: Tenant, book: str, start: date, end: date
    ) -> tuple[Journal, Versioned[Policy]]:
        store.accounts.get(connection, tenant, book)
        policy = store.portfolio.policy(connection, book)
        if policy is None:
            raise CostPolicyMissing(name=names.ACCOUNT.format(account=book))
        declared = store.portfolio.declared(connection, book)
        flows = costs(store.portfolio.happened(connection, book), policy.value, declared)
        kinds = {
            each.value.instrument: each.value.kind
            for each in store.ledger.instruments.page(connection)
        }
        found = journal(flows.flows, self._house.scheme, kinds, start=start, end=end)
        missing = tuple(dict.fromkeys((*flows.findings, *found.missing)))
        return Journal(entries=found.entries, missing=missing, movement=found.movement), policy


def _period(request: pb.GetJournalRequest | pb.ExportJournalRequest) -> tuple[date, date]:
    start, end = to_day(request.start_date, "start_date"), to_day(request.end_date, "end_date")
    if end <= start:
        after = Words(en=f"a day after {start}", zh=f"晚于 {start} 的日期")
        raise FieldInvalid(field="end_date", given=str(end), allowed=after)
    return start, end
