"""Block of units ⇄ its message."""

from __future__ import annotations

from services.kernel import names
from services.kernel.errors import within
from services.runtime import wire
from services.trading.domain.ledger.block import BLOCK, Block
from services.trading.domain.ledger.transfer import INSTRUMENT
from services.trading.domain.versioned import Versioned
from zonecarbon.trading.v1 import ledger_service_pb2, unit_block_pb2


def to_block(request: ledger_service_pb2.RecordUnitBlockRequest) -> Block:
    """Return the block that is to be recorded; raises NameInvalid."""
    message = request.unit_block
    return Block(
        book=names.ACCOUNT.parse(request.parent, "parent")["account"],
        block=names.check_id("unit_block", request.unit_block_id),
        instrument=INSTRUMENT.parse(message.instrument, "unit_block.instrument")["instrument"],
        start_number=message.start_number,
        end_number=message.end_number,
        evidence=message.evidence,
    )


def to_parts(request: ledger_service_pb2.SplitUnitBlockRequest) -> list[tuple[str, int]]:
    """Return the parts by id and count of units; raises NameInvalid at `parts[i]`."""
    found: list[tuple[str, int]] = []
    for index, part in enumerate(request.parts):
        with within(f"parts[{index}]."):
            found.append((names.check_id("unit_block", part.unit_block_id), part.unit_count))
    return found


def from_block(stored: Versioned[Block]) -> unit_block_pb2.UnitBlock:
    """Return the message of a block."""
    block = stored.value
    return unit_block_pb2.UnitBlock(
        name=block.name,
        instrument=INSTRUMENT.format(instrument=block.instrument),
        start_number=block.start_number,
        end_number=block.end_number,
        evidence=block.evidence,
        unit_count=block.unit_count,
        parents=[BLOCK.format(account=block.book, unit_block=each) for each in block.parents],
        create_time=wire.from_instant(stored.create_time),
        revision=stored.revision,
    )
