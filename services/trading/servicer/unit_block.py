"""Blocks of units: recorded, split, merged."""

from __future__ import annotations

import grpc
import sqlalchemy as sa

from services.kernel import names
from services.kernel.batch import check_each_once
from services.kernel.errors import (
    AlreadyExists,
    BlockEnded,
    InstrumentUnknown,
    NotFound,
    PageTokenInvalid,
)
from services.runtime import outbox, paging, replay, revision
from services.runtime.revision import Revision
from services.trading import store
from services.trading.domain.ledger import block as domain
from services.trading.domain.ledger.block import BLOCK, Block
from services.trading.domain.ledger.transfer import INSTRUMENT
from services.trading.domain.versioned import Versioned
from services.trading.servicer.house import House
from services.trading.wire import unit_block as wire
from zonecarbon.trading.v1 import ledger_service_pb2, ledger_service_pb2_grpc, unit_block_pb2

_Split = ledger_service_pb2.SplitUnitBlockResponse
_KEY = " "


class UnitBlocks(ledger_service_pb2_grpc.LedgerServiceServicer):
    def __init__(self, house: House) -> None:
        self._house = house

    def RecordUnitBlock(
        self, request: ledger_service_pb2.RecordUnitBlockRequest, context: grpc.ServicerContext
    ) -> unit_block_pb2.UnitBlock:
        wanted = wire.to_block(request)
        tenant = self._house.registry.tenant()
        with self._house.database.write() as connection:
            store.accounts.get(connection, tenant, wanted.book)
            if store.ledger.instruments.find(connection, wanted.instrument) is None:
                given = INSTRUMENT.format(instrument=wanted.instrument)
                raise InstrumentUnknown(field="unit_block.instrument", given=given)
            stored = store.ledger.blocks.find(connection, wanted.book, wanted.block)
            if stored is not None and stored.value != wanted:
                raise AlreadyExists(name=wanted.name)
            if stored is None:
                domain.checked(wanted, store.ledger.blocks.overlapping(connection, wanted))
                (stored,) = _add(connection, [wanted], revision.take(connection))
        return wire.from_block(stored)

    def SplitUnitBlock(
        self, request: ledger_service_pb2.SplitUnitBlockRequest, context: grpc.ServicerContext
    ) -> ledger_service_pb2.SplitUnitBlockResponse:
        ids = BLOCK.parse(request.name)
        parts = wire.to_parts(request)
        check_each_once("parts", (id_ for id_, _ in parts))
        tenant = self._house.registry.tenant()
        with self._house.database.write() as connection:
            store.accounts.get(connection, tenant, ids["account"])
            if (kept := replay.find(connection, request, _Split)) is not None:
                return kept
            block = _open(connection, ids)
            made = domain.split(block, parts, request.evidence)
            taken = revision.take(connection)
            stored = _replace(connection, [block], made, taken)
            answer = _Split(unit_blocks=[wire.from_block(each) for each in stored])
            replay.keep(connection, request, answer, taken)
        return answer

    def MergeUnitBlocks(
        self, request: ledger_service_pb2.MergeUnitBlocksRequest, context: grpc.ServicerContext
    ) -> unit_block_pb2.UnitBlock:
        book = names.ACCOUNT.parse(request.parent, "parent")["account"]
        id_ = names.check_id("unit_block", request.unit_block_id)
        check_each_once("unit_blocks", request.unit_blocks)
        of = [
            BLOCK.parse(name, f"unit_blocks[{index}]")
            for index, name in enumerate(request.unit_blocks)
        ]
        tenant = self._house.registry.tenant()
        with self._house.database.write() as connection:
            store.accounts.get(connection, tenant, book)
            if (kept := replay.find(connection, request, unit_block_pb2.UnitBlock)) is not None:
                return kept
            blocks = [_open(connection, {**ids, "account": book}, ids) for ids in of]
            made = domain.merge(blocks, id_, request.evidence)
            taken = revision.take(connection)
            (stored,) = _replace(connection, blocks, [made], taken)
            answer = wire.from_block(stored)
            replay.keep(connection, request, answer, taken)
        return answer

    def ListUnitBlocks(
        self, request: ledger_service_pb2.ListUnitBlocksRequest, context: grpc.ServicerContext
    ) -> ledger_service_pb2.ListUnitBlocksResponse:
        book = names.ACCOUNT.parse(request.parent, "parent")["account"]
        after, size = _to_key(paging.start(request, book)), paging.size(request)
        tenant = self._house.registry.tenant()
        with self._house.database.read() as connection:
            store.accounts.get(connection, tenant, book)
            found = store.ledger.blocks.page(connection, book, after=after, size=size + 1)
        keys = [f"{each.value.instrument}{_KEY}{each.value.start_number}" for each in found]
        return ledger_service_pb2.ListUnitBlocksResponse(
            unit_blocks=[wire.from_block(each) for each in found[:size]],
            next_page_token=paging.next_token(keys, size, book),
        )


def _open(
    connection: sa.Connection, ids: dict[str, str], named: dict[str, str] | None = None
) -> Block:
    """Return a block that was not ended.

    Raises:
        NotFound: there is none in this book.
        BlockEnded: it was split or merged.
    """
    name = BLOCK.format(**(named or ids))
    found = store.ledger.blocks.find(connection, ids["account"], ids["unit_block"])
    if found is None or found.value.name != name:
        raise NotFound(name=name)
    if store.ledger.blocks.is_ended(connection, found.value):
        raise BlockEnded(name=name)
    return found.value


def _replace(
    connection: sa.Connection, ended: list[Block], made: list[Block], taken: Revision
) -> list[Versioned[Block]]:
    """End blocks and store those that they become."""
    for each in made:
        if store.ledger.blocks.find(connection, each.book, each.block) is not None:
            raise AlreadyExists(name=each.name)
    store.ledger.blocks.end(connection, ended, taken)
    return _add(connection, made, taken)


def _add(connection: sa.Connection, made: list[Block], taken: Revision) -> list[Versioned[Block]]:
    stored = store.ledger.blocks.add(connection, made, taken)
    outbox.publish(connection, taken, [(each.value.name, each.version) for each in stored])
    return stored


def _to_key(token: str) -> tuple[str, int] | None:
    if not token:
        return None
    instrument, _, number = token.partition(_KEY)
    if not (number.isascii() and number.isdigit()):
        raise PageTokenInvalid
    return instrument, int(number)
