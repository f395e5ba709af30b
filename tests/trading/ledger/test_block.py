"""Blocks of units: whatever is split and merged, children are disjoint and together the parent."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import pytest

from services.kernel.errors import BlockOverlap, BlockPartsUnequal, BlocksApart, FieldInvalid
from services.trading.domain.ledger.block import Block, checked, merge, split

OPERATIONS = 10_000


def block(start: int, end: int, id_: str = "b", *, instrument: str = "cea-2024") -> Block:
    return Block(
        book="chp",
        block=id_,
        instrument=instrument,
        start_number=start,
        end_number=end,
        evidence="registry notice",
    )


def numbers(blocks: Sequence[Block]) -> list[int]:
    """Return every serial number of blocks, in their order."""
    return [number for each in blocks for number in range(each.start_number, each.end_number + 1)]


def test_a_hundred_units_split_at_twenty_five() -> None:
    parts = split(block(0, 99), [("first", 25), ("second", 75)], "order 7")

    assert [(each.start_number, each.end_number) for each in parts] == [(0, 24), (25, 99)]
    assert [each.unit_count for each in parts] == [25, 75]
    assert {each.parents for each in parts} == {("b",)}
    assert merge(parts, "whole", "order 8").unit_count == 100


def operate(chance: random.Random, held: list[Block], number: int) -> list[Block]:
    """Split a block or merge neighbours, by chance; return what is held then."""
    place = chance.randrange(len(held))
    some = held[place : place + chance.randint(2, 4)]
    if len(some) > 1 and chance.random() < 0.5:
        made = [merge(some, f"m-{number}", "merged")]
    else:
        some = held[place : place + 1]
        if some[0].unit_count < 2:
            return held
        cuts = sorted(chance.sample(range(1, some[0].unit_count), 1))
        counts = [after - before for before, after in pairwise([0, *cuts, some[0].unit_count])]
        made = split(some[0], [(f"s-{number}-{i}", n) for i, n in enumerate(counts)], "split")
    assert numbers(made) == numbers(some), "disjoint, and together what there was"
    assert sum(each.unit_count for each in made) == sum(each.unit_count for each in some)
    return [*held[:place], *made, *held[place + len(some) :]]


def test_splits_and_merges_never_lose_or_double_a_number() -> None:
    chance = random.Random(3)  # noqa: S311 (which blocks)
    whole = block(1, 500)
    held = [whole]

    for number in range(OPERATIONS):
        held = operate(chance, held, number)

    assert numbers(held) == numbers([whole])


def test_an_end_that_is_one_too_far_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The planted fault: the first child of a split keeps one number more than its count."""
    right = split

    def off_by_one(of: Block, parts: Sequence[tuple[str, int]], evidence: str) -> list[Block]:
        first, *rest = right(of, parts, evidence)
        return [replace(first, end_number=first.end_number + 1), *rest]

    monkeypatch.setitem(globals(), "split", off_by_one)

    with pytest.raises(AssertionError):
        test_splits_and_merges_never_lose_or_double_a_number()


@pytest.mark.parametrize("other", [(1, 10), (10, 20), (20, 25), (12, 13), (1, 99)])
def test_a_number_that_another_block_has_is_refused(other: tuple[int, int]) -> None:
    with pytest.raises(BlockOverlap):
        checked(block(10, 20), [block(*other, "other")])


@pytest.mark.parametrize("other", [(1, 9), (21, 30)])
def test_neighbours_do_not_overlap(other: tuple[int, int]) -> None:
    assert checked(block(10, 20), [block(*other, "other")]) == block(10, 20)
    assert checked(block(10, 20), [block(10, 20, "x", instrument="ccer-1")]) == block(10, 20)


def test_what_cannot_be_split_or_merged_is_refused() -> None:
    with pytest.raises(FieldInvalid):
        checked(block(10, 9), [])
    assert checked(block(10, 10), []).unit_count == 1
    for counts in ((1, 8), (1, 10)):
        with pytest.raises(BlockPartsUnequal):
            split(block(1, 10), [("a", counts[0]), ("b", counts[1])], "x")
    apart = [block(1, 5, "a"), block(7, 9, "b")]
    overlapping = [block(1, 5, "a"), block(5, 9, "b")]
    mixed = [block(1, 5, "a"), block(6, 9, "b", instrument="ccer-1")]
    for blocks in (apart, overlapping, mixed):
        with pytest.raises(BlocksApart) as caught:
            merge(blocks, "c", "x")
        assert caught.value.field == "unit_blocks[1]"
