"""Blocks of units with consecutive serial numbers: recorded, split, merged.

The numbers of a block are start to end, both included, so it has end − start + 1 units. Splitting
and merging make blocks that are disjoint and together exactly what there was.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from services.kernel.errors import BlockOverlap, BlockPartsUnequal, BlocksApart, FieldInvalid, Words
from services.kernel.names import Pattern

BLOCK: Final = Pattern("accounts/{account}/unitBlocks/{unit_block}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Units of one instrument in one book."""

    book: str
    block: str
    instrument: str
    start_number: int
    end_number: int
    evidence: str
    parents: tuple[str, ...] = ()
    """Ids of the blocks that it was made of."""

    @property
    def name(self) -> str:
        """The resource name."""
        return BLOCK.format(account=self.book, unit_block=self.block)

    @property
    def unit_count(self) -> int:
        """How many units it has, tonnes."""
        return self.end_number - self.start_number + 1


def checked(block: Block, there: Iterable[Block]) -> Block:
    """Return `block` if it has units, and none that a block of `there` has.

    Raises:
        FieldInvalid: it ends before it starts; at `unit_block.end_number`.
        BlockOverlap: a serial number is in another block of the instrument.
    """
    if block.end_number < block.start_number:
        first = block.start_number
        raise FieldInvalid(
            field="unit_block.end_number",
            given=str(block.end_number),
            allowed=Words(en=f"{first} or more, the start", zh=f"不小于起始编号 {first}"),
        )
    for other in there:
        if (
            other.instrument == block.instrument
            and other.start_number <= block.end_number
            and block.start_number <= other.end_number
        ):
            raise BlockOverlap(name=other.name)
    return block


def split(block: Block, parts: Sequence[tuple[str, int]], evidence: str) -> list[Block]:
    """Return the consecutive blocks that `block` becomes, each by its id and its count of units.

    Raises:
        BlockPartsUnequal: the counts do not add up to the block's; at `parts`.
    """
    total = sum(count for _, count in parts)
    if total != block.unit_count:
        raise BlockPartsUnequal(field="parts", given=total, allowed=block.unit_count)
    made: list[Block] = []
    start = block.start_number
    for id_, count in parts:
        made.append(
            Block(
                book=block.book,
                block=id_,
                instrument=block.instrument,
                start_number=start,
                end_number=start + count - 1,
                evidence=evidence,
                parents=(block.block,),
            )
        )
        start += count
    return made


def merge(blocks: Sequence[Block], id_: str, evidence: str) -> Block:
    """Return the block that consecutive `blocks` become.

    Raises:
        BlocksApart: one does not follow the one before; at `unit_blocks[i]`.
    """
    for index, (first, second) in enumerate(pairwise(blocks), start=1):
        follows = second.start_number == first.end_number + 1
        if not follows or second.instrument != first.instrument:
            raise BlocksApart(field=f"unit_blocks[{index}]", first=first.name, second=second.name)
    return Block(
        book=blocks[0].book,
        block=id_,
        instrument=blocks[0].instrument,
        start_number=blocks[0].start_number,
        end_number=blocks[-1].end_number,
        evidence=evidence,
        parents=tuple(each.block for each in blocks),
    )
