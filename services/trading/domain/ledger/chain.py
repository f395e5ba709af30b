"""The chain of a book: each transfer's hash covers the hash before it and all that is stored of it.

    hash(n) = SHA-256(hash(n − 1) ‖ content(n)),   hash(0) = ""

`content` is the JSON array of the fields as `Transfer` has them, without spaces, UTF-8: dates as
2025-12-31, moments in microseconds since 1970, bytes in hexadecimal digits.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

import orjson

from services.kernel.errors import Words
from services.trading.domain.ledger.chart import INSIDE
from services.trading.domain.ledger.transfer import AccountKey, Phase, Transfer, microseconds

_KIND, _TIMEOUT_TIME, _RECORD_TIME, _DIGEST = (
    Transfer._fields.index(name) for name in ("kind", "timeout_time", "record_time", "digest")
)


class Head(NamedTuple):
    """The end of a chain; number 0 and no hash before the first transfer."""

    number: int = 0
    hash: bytes = b""
    record_time: datetime | None = None


class Standing(NamedTuple):
    """How a ledger account stands after an entry."""

    balance: int = 0
    reserved: int = 0
    version: int = 0

    @property
    def available(self) -> int:
        """What a transfer may take."""
        return self.balance - self.reserved


EMPTY = Standing()
"""Before the first entry."""


class Link(NamedTuple):
    """A transfer of a chain, and the one that it names."""

    transfer: Transfer
    target: Transfer | None = None
    """None where it names none, none that is ahead of it, or one that was settled before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that does not agree: at a place of the chain, or (0) in a ledger account."""

    number: int
    name: str
    text: Words


@dataclass(slots=True, kw_only=True)
class Walk:
    """What a walk along a chain came to."""

    head: Head = field(default_factory=Head)
    standings: dict[AccountKey, Standing] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    transfer_count: int = 0


def content(transfer: Transfer) -> bytes:
    """Return what of a transfer its hash covers: everything but the hash."""
    written: list[object] = [*transfer[:-1]]
    written[_KIND] = transfer.kind.name
    written[_TIMEOUT_TIME] = microseconds(transfer.timeout_time)
    written[_RECORD_TIME] = microseconds(transfer.record_time)
    written[_DIGEST] = transfer.digest.hex()
    return orjson.dumps(written)


def hash_of(previous: bytes, transfer: Transfer) -> bytes:
    """Return the hash of a transfer that follows one with the hash `previous`."""
    return hashlib.sha256(previous + content(transfer)).digest()


def walk(links: Iterable[Link]) -> Walk:
    """Walk along the chain of one book, in the order of its numbers, and compute all anew.

    A transfer that is wrong is found once: what follows is held against what it says of itself.
    Nothing of a transfer is kept once the walk has passed it but how its accounts stood.
    """
    found = Walk()
    for each, target in links:
        found.transfer_count += 1
        wrong = (
            _of_number(found.head, each)
            or _of_hash(found.head, each)
            or _of_record_time(found.head, each)
            or _of_target(target, each)
            or _of_standings(found.standings, each)
        )
        if wrong is not None:
            found.findings.append(Finding(number=each.number, name=each.name, text=wrong))
        found.head = Head(number=each.number, hash=each.hash, record_time=each.record_time)
        found.standings[each.debit_key] = Standing(
            each.debit_balance, each.debit_reserved, each.debit_version
        )
        found.standings[each.credit_key] = Standing(
            each.credit_balance, each.credit_reserved, each.credit_version
        )
    return found


def compare(
    found: Walk, book: str, head: Head, standings: Mapping[AccountKey, Standing]
) -> list[Finding]:
    """Return where the end of a chain and the accounts, as stored, differ from the walk."""
    wrong: list[Finding] = []
    if (head.number, head.hash) != (found.head.number, found.head.hash):
        text = Words(
            en=f"the chain ends at {found.head.number}, and its head says {head.number}: the end "
            "was cut off or the head changed. Restore the newest backup that is whole",
            zh=f"链止于 {found.head.number}，而链首记录为 {head.number}：末尾被截断或链首被改动。"
            "请恢复最近的完整备份",
        )
        wrong.append(Finding(number=found.head.number, name=f"accounts/{book}", text=text))
    for key in sorted({*found.standings, *standings}):
        computed, stored = found.standings.get(key, EMPTY), standings.get(key, EMPTY)
        if computed != stored:
            text = Words(
                en=f"it is stored as {_told(stored)}, its transfers come to {_told(computed)}. "
                "Restore the newest backup that is whole",
                zh=f"存储为 {_told(stored)}，按交易重算为 {_told(computed)}。请恢复最近的完整备份",
            )
            wrong.append(Finding(number=0, name=f"accounts/{book}/{key[1]}/{key[2]}", text=text))
    return wrong


def against(known: Head, there: bytes | None, book: str) -> list[Finding]:
    """Return what is wrong with a chain whose transfer at `known.number` has the hash `there`.

    `known` is a head that was exported before; None: the chain has no such transfer any more.
    """
    if known.number == 0 or there == known.hash:
        return []
    text = (
        Words(
            en=f"the chain went on to {known.number} when the head was exported, and does not any "
            "more: its end was cut off. Restore the newest backup that is whole",
            zh=f"导出链首时链已至 {known.number}，现已不足：末尾被截断。请恢复最近的完整备份",
        )
        if there is None
        else Words(
            en=f"the hash at {known.number} is not the one that was exported: something up "
            "to there was changed since. Restore the newest backup that is whole",
            zh=f"位置 {known.number} 的哈希与导出的不同：此前内容已被改动。请恢复最近的完整备份",
        )
    )
    return [Finding(number=known.number, name=f"accounts/{book}", text=text)]


def _told(standing: Standing) -> str:
    return f"{standing.balance} ({standing.reserved} reserved, version {standing.version})"


def _of_number(head: Head, each: Transfer) -> Words | None:
    if each.number == head.number + 1:
        return None
    return Words(
        en=f"it follows {head.number}: transfers between were deleted, or the order was changed",
        zh=f"其前为 {head.number}：中间交易被删除，或次序被改动",
    )


def _of_hash(head: Head, each: Transfer) -> Words | None:
    if each.hash == hash_of(head.hash, each):
        return None
    return Words(
        en="its hash is not that of its content after the transfer before: it was changed or moved",
        zh="其哈希与内容及前一交易不符：该交易被改动或移动",
    )


def _of_record_time(head: Head, each: Transfer) -> Words | None:
    if head.record_time is None or each.record_time >= head.record_time:
        return None
    return Words(en="it was known before the one ahead of it", zh="其入账时间早于前一交易")


def _of_target(target: Transfer | None, each: Transfer) -> Words | None:
    """Hold what it moves against its kind, or against the transfer that it names."""
    if each.target_number is None:
        of_kind = (each.kind.debit, each.kind.credit)
        moved = (each.unit_count, 0) if each.phase is Phase.POSTED else (0, each.reserved_count)
        wanted = (*of_kind, *moved, 0)
    elif target is None:
        return Words(
            en=f"it names transfer {each.target_number}, which is not open",
            zh=f"其所指交易 {each.target_number} 不存在或已了结",
        )
    elif each.phase is Phase.REVERSAL:
        wanted = (target.credit, target.debit, target.unit_count, 0, 0)
    else:
        moved_count = each.unit_count if each.phase is Phase.POST_PENDING else 0
        wanted = (target.debit, target.credit, moved_count, 0, target.reserved_count)
    stored = (
        each.debit,
        each.credit,
        each.unit_count,
        each.reserved_count,
        each.released_count,
    )
    if stored == wanted:
        return None
    return Words(
        en="it does not move what its kind or its target says", zh="其划转与业务类型或所指交易不符"
    )


def _of_standings(standings: Mapping[AccountKey, Standing], each: Transfer) -> Words | None:
    debit = standings.get(each.debit_key, EMPTY)
    credit = standings.get(each.credit_key, EMPTY)
    wanted = (
        Standing(debit.balance + each.unit_count, debit.reserved, debit.version + 1),
        Standing(
            credit.balance - each.unit_count,
            credit.reserved + each.reserved_count - each.released_count,
            credit.version + 1,
        ),
    )
    stored = (
        Standing(each.debit_balance, each.debit_reserved, each.debit_version),
        Standing(each.credit_balance, each.credit_reserved, each.credit_version),
    )
    if stored != wanted:
        return Words(
            en="the balances after it are not those before it and what it moves",
            zh="其后余额不等于其前余额加减所划转数量",
        )
    if each.credit in INSIDE and stored[1].available < 0:
        return Words(en="it takes more than was available", zh="其划转超过可用余额")
    return None
