"""What a book has: balances, entries, statements, and whether it is whole."""

from __future__ import annotations

import grpc

from services.kernel import names
from services.kernel.errors import FieldInvalid, LimitExceeded, Words
from services.runtime import paging
from services.runtime.wire import to_day
from services.trading import files, store
from services.trading.domain.ledger.statement import Statement
from services.trading.servicer.house import House
from services.trading.servicer.transfer import to_number
from services.trading.wire import ledger as wire
from zonecarbon.trading.v1 import ledger_service_pb2, ledger_service_pb2_grpc

_LONGEST_STATEMENT = 100_000
_MOST_FINDINGS = 100


class Books(ledger_service_pb2_grpc.LedgerServiceServicer):
    def __init__(self, house: House) -> None:
        self._house = house

    def ListBalances(
        self, request: ledger_service_pb2.ListBalancesRequest, context: grpc.ServicerContext
    ) -> ledger_service_pb2.ListBalancesResponse:
        book = names.ACCOUNT.parse(request.parent, "parent")["account"]
        as_of, instrument = wire.to_as_of(request.as_of), wire.to_instrument(request.instrument)
        tenant = self._house.registry.tenant()
        with self._house.database.read() as connection:
            store.accounts.get(connection, tenant, book)
            found = store.ledger.balances.standings(
                connection, book, as_of=as_of, instrument=instrument
            )
        return ledger_service_pb2.ListBalancesResponse(
            balances=[wire.from_balance(key, found[key]) for key in sorted(found)]
        )

    def ListEntries(
        self, request: ledger_service_pb2.ListEntriesRequest, context: grpc.ServicerContext
    ) -> ledger_service_pb2.ListEntriesResponse:
        book = names.ACCOUNT.parse(request.parent, "parent")["account"]
        instrument, purpose = (
            wire.to_instrument(request.instrument),
            wire.to_purpose(request.purpose),
        )
        as_of = wire.to_as_of(request.as_of)
        scope = ("by the chain", book, instrument, purpose.value, repr(as_of))
        after, size = to_number(paging.start(request, *scope)), paging.size(request)
        tenant = self._house.registry.tenant()
        with self._house.database.read() as connection:
            store.accounts.get(connection, tenant, book)
            found = store.ledger.transfers.entries(
                connection, book, instrument, purpose, as_of=as_of, after=after, size=size + 1
            )
        return ledger_service_pb2.ListEntriesResponse(
            entries=[wire.from_entry(each, purpose) for each in found[:size]],
            next_page_token=paging.next_token([str(each.number) for each in found], size, *scope),
        )

    def ExportStatement(
        self, request: ledger_service_pb2.ExportStatementRequest, context: grpc.ServicerContext
    ) -> ledger_service_pb2.ExportStatementResponse:
        book = names.ACCOUNT.parse(request.parent, "parent")["account"]
        start, end = (
            to_day(request.start_date, "start_date"),
            to_day(request.end_date, "end_date"),
        )
        if end <= start:
            after = Words(en=f"a day after {start}", zh=f"晚于 {start} 的日期")
            raise FieldInvalid(field="end_date", given=str(end), allowed=after)
        tenant = self._house.registry.tenant()
        with self._house.database.read() as connection:
            store.accounts.get(connection, tenant, book)
            transfers = store.ledger.transfers.settled_in(
                connection, book, start, end, _LONGEST_STATEMENT + 1
            )
            opening = store.ledger.balances.before(connection, book, start)
            head = store.ledger.chains.head(connection, book)
        if len(transfers) > _LONGEST_STATEMENT:
            raise LimitExceeded(limit="entries", given=len(transfers), allowed=_LONGEST_STATEMENT)
        statement = Statement(book=book, start=start, end=end, opening=opening, transfers=transfers)
        return ledger_service_pb2.ExportStatementResponse(
            file_name=statement.file_name,
            content=files.statement_csv(statement),
            entry_count=2 * len(transfers),
            head=wire.from_head(book, head),
        )

    def VerifyLedger(
        self, request: ledger_service_pb2.VerifyLedgerRequest, context: grpc.ServicerContext
    ) -> ledger_service_pb2.VerifyLedgerResponse:
        book = names.ACCOUNT.parse(request.parent, "parent")["account"]
        exported = wire.to_head(request.head) if request.HasField("head") else None
        tenant = self._house.registry.tenant()
        with self._house.database.read() as connection:
            store.accounts.get(connection, tenant, book)
            walk, findings = store.ledger.chains.verify(connection, book, exported)
        return ledger_service_pb2.VerifyLedgerResponse(
            head=wire.from_head(book, walk.head),
            transfer_count=walk.transfer_count,
            findings=[wire.from_finding(each) for each in findings[:_MOST_FINDINGS]],
        )
