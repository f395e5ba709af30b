"""Instruments."""

from __future__ import annotations

import grpc

from services.kernel.errors import AlreadyExists
from services.runtime import outbox, paging, revision
from services.trading import store
from services.trading.servicer.house import House
from services.trading.wire import instrument as wire
from zonecarbon.trading.v1 import instrument_pb2, ledger_service_pb2, ledger_service_pb2_grpc


class Instruments(ledger_service_pb2_grpc.LedgerServiceServicer):
    def __init__(self, house: House) -> None:
        self._house = house

    def CreateInstrument(
        self, request: ledger_service_pb2.CreateInstrumentRequest, context: grpc.ServicerContext
    ) -> instrument_pb2.Instrument:
        wanted = wire.to_instrument(request)
        with self._house.database.write() as connection:
            stored = store.ledger.instruments.find(connection, wanted.instrument)
            if stored is None:
                taken = revision.take(connection)
                stored = store.ledger.instruments.add(connection, wanted, taken)
                outbox.publish(connection, taken, [(wanted.name, stored.version)])
        if stored.value != wanted:
            raise AlreadyExists(name=wanted.name)
        return wire.from_instrument(stored)

    def ListInstruments(
        self, request: ledger_service_pb2.ListInstrumentsRequest, context: grpc.ServicerContext
    ) -> ledger_service_pb2.ListInstrumentsResponse:
        after, size = paging.start(request), paging.size(request)
        with self._house.database.read() as connection:
            found = store.ledger.instruments.page(connection, after=after, size=size + 1)
        return ledger_service_pb2.ListInstrumentsResponse(
            instruments=[wire.from_instrument(each) for each in found[:size]],
            next_page_token=paging.next_token([each.value.instrument for each in found], size),
        )
