"""Entries for the enterprise's own books, and the movement of its allowances.

    purchase              Dr 1489, Cr bank, what was paid with charges
    sale of bought units  Dr bank, Cr 1489 at cost; the difference to 营业外收入 or 营业外支出
    sale of free units    Dr bank, Cr 营业外收入
    surrender, cancelling Dr 营业外支出, Cr 1489 at cost, of bought units; of free ones nothing
    allocation            nothing: free allowances are not recorded

Debits equal credits in every entry. What rests on a rule that was not read is `unverified`.

Source: 财会〔2019〕22号, read in parts on pages that repeat it; `rulebooks/journal.toml` says of
each rule how far it can be trusted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from services.kernel.errors import Words
from services.kernel.source import Source
from services.kernel.trust import Status, lowest
from services.trading.domain.ledger.chart import InstrumentKind
from services.trading.domain.portfolio.cost import Flow, total
from services.trading.domain.portfolio.event import Effect


class Book(StrEnum):
    """Which of the enterprise's own accounts."""

    CARBON_ASSETS = "CARBON_ASSETS"
    BANK = "BANK"
    INCOME = "INCOME"
    EXPENSE = "EXPENSE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Title:
    """An account of the enterprise's own books."""

    code: str
    name: Words
    status: Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheme:
    """Accounts and rules as this release ships them."""

    titles: Mapping[Book, Title]
    rules: Mapping[str, Source]


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalLine:
    """A debit or a credit, fen; one of both is 0."""

    book: Book
    debit_fen: int = 0
    credit_fen: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalEntry:
    """What is recorded of one event."""

    day: date
    transfer: str
    rule: str
    unit_count: int
    """Tonnes that it is about."""
    lines: tuple[JournalLine, ...]
    status: Status
    """The lowest of the rules and titles it rests on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """How allowances moved in a period: tonnes of all units, fen of bought ones."""

    opening_count: int = 0
    free_count: int = 0
    bought_count: int = 0
    other_in_count: int = 0
    surrendered_count: int = 0
    sold_count: int = 0
    other_out_count: int = 0
    opening_fen: int | None = 0
    bought_fen: int | None = 0
    other_in_fen: int | None = 0
    surrendered_fen: int | None = 0
    sold_fen: int | None = 0
    other_out_fen: int | None = 0

    @property
    def closing_count(self) -> int:
        """What is left, tonnes."""
        came = self.opening_count + self.free_count + self.bought_count + self.other_in_count
        return came - self.surrendered_count - self.sold_count - self.other_out_count

    @property
    def closing_fen(self) -> int | None:
        """What it cost, fen; None where a part is not known."""
        came = total((self.opening_fen, self.bought_fen, self.other_in_fen))
        went = total((self.surrendered_fen, self.sold_fen, self.other_out_fen))
        return None if came is None or went is None else came - went


@dataclass(frozen=True, slots=True, kw_only=True)
class Journal:
    """The entries of a period, what could not be entered, and the movement."""

    entries: tuple[JournalEntry, ...]
    missing: tuple[Words, ...]
    movement: Movement


_COLUMNS: Final = {
    Effect.FREE: "free",
    Effect.BOUGHT: "bought",
    Effect.CARRIED_IN: "other_in",
    Effect.SURRENDERED: "surrendered",
    Effect.SOLD: "sold",
    Effect.CANCELLED: "surrendered",
    Effect.EXPIRED: "other_out",
    Effect.CARRIED_OUT: "other_out",
}


def journal(
    flows: Sequence[Flow],
    scheme: Scheme,
    kinds: Mapping[str, InstrumentKind],
    *,
    start: date,
    end: date,
) -> Journal:
    """Return the entries of what was settled from `start` to before `end`, and the movement.

    Args:
        flows: all that ever happened to the account, by its declared policy.
        scheme: accounts and rules.
        kinds: what each instrument is.
        start: the first day of the period.
        end: the day after its last one.
    """
    entries: list[JournalEntry] = []
    missing: list[Words] = []
    within = [flow for flow in flows if start <= flow.event.day < end]
    for flow in within:
        for rule, lines in _recorded(flow):
            if lines is None:
                missing.append(_unknown(flow))
            elif lines:
                kind = kinds[flow.event.instrument]
                entries.append(_entry(flow, rule, lines, scheme, kind))
    before = _movement(Movement(), [flow for flow in flows if flow.event.day < start])
    opening = Movement(opening_count=before.closing_count, opening_fen=before.closing_fen)
    return Journal(
        entries=tuple(entries), missing=tuple(missing), movement=_movement(opening, within)
    )


def _recorded(flow: Flow) -> list[tuple[str, tuple[JournalLine, ...] | None]]:
    """Return what is recorded of a flow by which rule; None where an amount is not known."""
    effect = flow.event.effect
    if effect is Effect.BOUGHT:
        rule = "purchase_charges" if flow.event.charge_fen else "purchase"
        return [(rule, _moved(Book.CARBON_ASSETS, Book.BANK, flow.cost_fen))]
    if effect is Effect.SOLD:
        return _sold(flow)
    if effect in {Effect.SURRENDERED, Effect.CANCELLED, Effect.EXPIRED} and flow.bought_count:
        rule = "cancellation_bought" if effect is Effect.EXPIRED else "surrender_bought"
        return [(rule, _moved(Book.EXPENSE, Book.CARBON_ASSETS, flow.cost_fen))]
    return []


def _sold(flow: Flow) -> list[tuple[str, tuple[JournalLine, ...] | None]]:
    found: list[tuple[str, tuple[JournalLine, ...] | None]] = []
    if flow.bought_count:
        found.append(("sale_bought", _sale(flow.proceeds_bought_fen, flow.cost_fen)))
    if flow.free_count:
        lines = _moved(Book.BANK, Book.INCOME, flow.proceeds_free_fen)
        found.append(("sale_free", lines))
    return found


def _moved(debit: Book, credit: Book, amount_fen: int | None) -> tuple[JournalLine, ...] | None:
    if amount_fen is None:
        return None
    return _kept(
        JournalLine(book=debit, debit_fen=amount_fen),
        JournalLine(book=credit, credit_fen=amount_fen),
    )


def _sale(proceeds_fen: int | None, cost_fen: int | None) -> tuple[JournalLine, ...] | None:
    if proceeds_fen is None or cost_fen is None:
        return None
    gain = proceeds_fen - cost_fen
    return _kept(
        JournalLine(book=Book.BANK, debit_fen=proceeds_fen),
        JournalLine(book=Book.EXPENSE, debit_fen=max(-gain, 0)),
        JournalLine(book=Book.CARBON_ASSETS, credit_fen=cost_fen),
        JournalLine(book=Book.INCOME, credit_fen=max(gain, 0)),
    )


def _kept(*lines: JournalLine) -> tuple[JournalLine, ...]:
    """Return the lines that move something; an amount below 0 is on the other side."""
    turned = (
        JournalLine(
            book=each.book,
            debit_fen=max(each.debit_fen, 0) + max(-each.credit_fen, 0),
            credit_fen=max(each.credit_fen, 0) + max(-each.debit_fen, 0),
        )
        for each in lines
    )
    return tuple(each for each in turned if each.debit_fen or each.credit_fen)


def _entry(
    flow: Flow,
    rule: str,
    lines: tuple[JournalLine, ...],
    scheme: Scheme,
    kind: InstrumentKind,
) -> JournalEntry:
    rules = [scheme.rules[rule]]
    if kind is InstrumentKind.OFFSET:
        rules.append(scheme.rules["reductions"])
    statuses = [each.status for each in rules]
    statuses += [scheme.titles[line.book].status for line in lines]
    of_free = rule == "sale_free"
    return JournalEntry(
        day=flow.event.day,
        transfer=flow.event.transfer,
        rule=rule,
        unit_count=flow.free_count if of_free else flow.bought_count,
        lines=lines,
        status=lowest(*statuses),
    )


def _movement(opening: Movement, flows: Iterable[Flow]) -> Movement:
    counts = dict.fromkeys(_COLUMNS.values(), 0)
    amounts: dict[str, list[int | None]] = {name: [] for name in _COLUMNS.values()}
    for flow in flows:
        name = _COLUMNS[flow.event.effect]
        counts[name] += flow.event.unit_count
        amounts[name].append(flow.cost_fen)
    return Movement(
        opening_count=opening.opening_count,
        opening_fen=opening.opening_fen,
        free_count=counts["free"],
        bought_count=counts["bought"],
        other_in_count=counts["other_in"],
        surrendered_count=counts["surrendered"],
        sold_count=counts["sold"],
        other_out_count=counts["other_out"],
        bought_fen=total(amounts["bought"]),
        other_in_fen=total(amounts["other_in"]),
        surrendered_fen=total(amounts["surrendered"]),
        sold_fen=total(amounts["sold"]),
        other_out_fen=total(amounts["other_out"]),
    )


def _unknown(flow: Flow) -> Words:
    return Words(
        en=f"{flow.event.transfer}: its money is not known, so nothing is entered",
        zh=f"{flow.event.transfer}：金额未知，未生成分录",
    )
