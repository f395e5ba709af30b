"""A journal → CSV or XLSX, headed in both languages."""

from __future__ import annotations

from services.kernel.money import yuan
from services.trading.domain.portfolio.journal import Journal, Movement, Scheme

_HEADING = (
    "日期 Date",
    "划转 Transfer",
    "科目编码 Account",
    "科目 Title",
    "借方（元） Debit (CNY)",
    "贷方（元） Credit (CNY)",
    "数量（吨） Quantity (t)",
    "规则 Rule",
    "可信状态 Status",
)
_MOVEMENT = {
    "opening": "期初 Opening",
    "free": "本期增加：免费分配 Increase: free",
    "bought": "本期增加：购入 Increase: bought",
    "other_in": "本期增加：其他 Increase: other",
    "surrendered": "本期减少：履约 Decrease: surrendered",
    "sold": "本期减少：出售 Decrease: sold",
    "other_out": "本期减少：其他 Decrease: other",
    "closing": "期末 Closing",
}


def rows(journal: Journal, scheme: Scheme) -> list[list[str]]:
    """Return the rows of a journal: entries, what could not be entered, and the movement.

    Amounts are yuan with two decimals; one that is not known is a question mark.
    """
    found: list[list[str]] = [list(_HEADING)]
    for entry in journal.entries:
        for line in entry.lines:
            title = scheme.titles[line.book]
            found.append(
                [
                    entry.day.isoformat(),
                    entry.transfer,
                    title.code,
                    f"{title.name.zh} {title.name.en}",
                    str(yuan(line.debit_fen)) if line.debit_fen else "",
                    str(yuan(line.credit_fen)) if line.credit_fen else "",
                    str(entry.unit_count),
                    entry.rule,
                    entry.status.value,
                ]
            )
    found += [[f"{each.zh} {each.en}"] for each in journal.missing]
    return [*found, [], *_movement(journal.movement)]


def _movement(movement: Movement) -> list[list[str]]:
    table = [["变动 Movement", "数量（吨） Quantity (t)", "金额（元） Amount (CNY)"]]
    for name, title in _MOVEMENT.items():
        cost_fen = 0 if name == "free" else getattr(movement, f"{name}_fen")
        amount = "?" if cost_fen is None else str(yuan(cost_fen))
        table.append([title, str(getattr(movement, f"{name}_count")), amount])
    return table
