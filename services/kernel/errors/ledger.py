"""Errors of a transfer or a block of units that the books do not take."""

from __future__ import annotations

from datetime import date

from services.kernel.errors.base import (
    Absent,
    AtField,
    FailedPrecondition,
    Invalid,
    Taken,
    Words,
)


class InstrumentUnknown(Invalid):
    """The ledger has no such instrument; none is made up."""

    given: str

    reason = "INSTRUMENT_UNKNOWN"
    en = '{field}: the ledger has no instrument "{given}". Choose one, or create it.'
    zh = "{field}：账簿中没有品种“{given}”。请从品种列表中选择，或先新建该品种。"


class TransferKindUnfit(Invalid):
    """A transfer of that kind does not exist for that kind of instrument."""

    given: str
    instrument: str | Words

    reason = "TRANSFER_KIND_UNFIT"
    en = (
        "{field}: there is no {given} of {instrument}. Choose a kind that the chart of "
        "accounts has for that instrument."
    )
    zh = "{field}：{instrument}没有 {given} 类业务。请选择科目表中该品种可用的业务类型。"


class SettlementBeforeTrade(Invalid):
    """Nothing is delivered before it is agreed."""

    given: date
    trade_date: date

    reason = "SETTLEMENT_BEFORE_TRADE"
    en = (
        "{field}: {given} is before the trade date {trade_date}. "
        "Correct one of the two; without a settlement date, the trade date counts."
    )
    zh = "{field}：交割日 {given} 早于成交日 {trade_date}。请更正其一；不填交割日则以成交日为准。"


class TimeoutPast(Invalid):
    """A reservation would end before it begins."""

    given: str

    reason = "TIMEOUT_PAST"
    en = "{field}: {given} has passed. Give a later moment, or leave it out: then it never ends."
    zh = "{field}：{given} 已过。请填写之后的时刻，或留空表示不设期限。"


class TransferIdReused(AtField, Taken):
    """The book has another transfer of that id."""

    name: str

    reason = "TRANSFER_ID_REUSED"
    en = (
        '{field}: "{name}" is in the books with other content; nothing was posted. '
        "Give a new transfer another id; to repeat that one, send it as it was."
    )
    zh = (
        "{field}：“{name}”已入账且内容不同，本次未记账。"
        "新业务请使用新的标识；如需重发，请保持内容一致。"
    )


class TransferMissing(AtField, Absent):
    """The transfer that is to be posted, voided or reversed does not exist."""

    name: str

    reason = "TRANSFER_MISSING"
    en = '{field}: there is no transfer "{name}". Name one that is in the same book.'
    zh = "{field}：没有交易“{name}”。请填写同一账簿中已有的交易。"


class TransferNotPending(AtField, FailedPrecondition):
    """Only a pending transfer is posted or voided."""

    name: str
    phase: str

    reason = "TRANSFER_NOT_PENDING"
    en = '{field}: "{name}" is {phase}, not PENDING. Name a pending one, or use a reversal.'
    zh = "{field}：“{name}”为 {phase}，不是 PENDING。请填写待定交易，或改用冲销。"


class TransferSettled(AtField, FailedPrecondition):
    """The pending transfer was posted, voided or timed out before."""

    name: str
    by: str
    phase: str

    reason = "TRANSFER_SETTLED"
    en = (
        '{field}: "{name}" was settled by "{by}", a {phase}. Check that one; nothing is left to do.'
    )
    zh = "{field}：“{name}”已由“{by}”（{phase}）了结。请核对该交易，无需再次处理。"


class TransferTimedOut(AtField, FailedPrecondition):
    """The reservation of the pending transfer has ended."""

    name: str
    timeout_time: str

    reason = "TRANSFER_TIMED_OUT"
    en = '{field}: "{name}" ended on {timeout_time}. Send a new pending transfer, or a posted one.'
    zh = "{field}：“{name}”已于 {timeout_time} 到期。请重新提交待定交易，或直接入账。"


class UnitsAbovePending(AtField, FailedPrecondition):
    """More would be posted than was reserved."""

    name: str
    given: int
    reserved: int

    reason = "UNITS_ABOVE_PENDING"
    en = '{field}: {given} is more than the {reserved} that "{name}" reserved. Give at most that.'
    zh = "{field}：{given} 超过“{name}”所预留的 {reserved}。请填写不超过预留的数量。"


class TransferIrreversible(AtField, FailedPrecondition):
    """Only what moved units, and not back already, is reversed."""

    name: str
    phase: str

    reason = "TRANSFER_IRREVERSIBLE"
    en = '{field}: "{name}" is {phase}, which has nothing to move back. Void it, or send anew.'
    zh = "{field}：“{name}”为 {phase}，不可冲销。请作废该待定交易，或重新提交。"


class TransferReversed(AtField, FailedPrecondition):
    """The transfer was reversed before; that happens once."""

    name: str
    by: str

    reason = "TRANSFER_REVERSED"
    en = '{field}: "{name}" was reversed by "{by}". Check that one; to move again, send a new one.'
    zh = "{field}：“{name}”已由“{by}”冲销。请核对该交易；如需再次划转，请提交新交易。"


class BalanceInsufficient(AtField, FailedPrecondition):
    """The credited account has not so much available."""

    account: str
    purpose: str
    instrument: str
    given: int
    available: int

    reason = "BALANCE_INSUFFICIENT"
    en = (
        "{field}: {given} of {instrument} is more than the {available} that {account} has "
        "available as {purpose}: balance less reserved. Give less, or void what reserves it."
    )
    zh = (
        "{field}：{account} 的 {purpose} 科目中 {instrument} 可用 {available}（余额减预留），"
        "不足 {given}。请减少数量，或先作废占用预留的交易。"
    )


class BalanceOverflow(AtField, FailedPrecondition):
    """A balance would leave the bounds of the books."""

    account: str
    purpose: str
    instrument: str
    given: int

    reason = "BALANCE_OVERFLOW"
    en = (
        "{field}: with {given} of {instrument} more, the balance of {account} as {purpose} would "
        "leave the bounds of the books. Check the unit: cash is in fen, allowances in tonnes."
    )
    zh = (
        "{field}：再计入 {given}（{instrument}）后，{account} 的 {purpose} 科目余额将超出账簿上限。"
        "请核对计量单位：资金以分计，配额以吨计。"
    )


class BlockOverlap(Taken):
    """A serial number of the block is in another one of the book."""

    name: str

    reason = "BLOCK_OVERLAP"
    en = 'Serial numbers of the block are in "{name}" already. Correct them; each is held once.'
    zh = "该编号段与“{name}”重叠。请更正编号；每个编号只能登记一次。"


class BlockEnded(FailedPrecondition):
    """The block was split or merged before."""

    name: str

    reason = "BLOCK_ENDED"
    en = '"{name}" was split or merged before. Use the blocks that were made of it.'
    zh = "“{name}”已被拆分或合并。请使用由其产生的编号段。"


class BlockPartsUnequal(Invalid):
    """The parts are not together what the block is."""

    given: int
    allowed: int

    reason = "BLOCK_PARTS_UNEQUAL"
    en = "{field}: the parts have {given} units together, the block {allowed}. Correct them."
    zh = "{field}：各部分合计 {given}，而编号段共 {allowed}。请更正各部分数量。"


class BlocksApart(Invalid):
    """The blocks are not consecutive, or of different instruments."""

    first: str
    second: str

    reason = "BLOCKS_APART"
    en = (
        '{field}: "{second}" does not follow "{first}" in the same instrument. Name blocks that do.'
    )
    zh = "{field}：“{second}”与“{first}”不相连或不属同一品种。请填写首尾相连的编号段。"


class StatementLineReused(AtField, Taken):
    """A line of that number was imported for the account before, with other content."""

    account: str
    line: str
    statement: str

    reason = "STATEMENT_LINE_REUSED"
    en = (
        "{field}: line {line} of {account} came before, in {statement}, with other content; "
        "nothing was imported. Have its issuer say which of both holds, and correct the other."
    )
    zh = (
        "{field}：{account} 的流水号 {line} 曾在 {statement} 中导入且内容不同，本次未导入。"
        "请向出具方核实以何者为准。"
    )


class BreakUncorrectable(FailedPrecondition):
    """No transfer of ours would put the break right."""

    name: str
    kind: Words
    problem: Words

    reason = "BREAK_UNCORRECTABLE"
    en = "{name} ({kind}) has no correction: {problem}. Choose another way to settle it."
    zh = "{name}（{kind}）无可提议的更正：{problem}。请另行处理。"
