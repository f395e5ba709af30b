"""Which checks an instruction must pass, and whether it does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from services.kernel.errors import CheckFailed, DomainError, Language, Words
from services.trading.domain.desk.checks import FUNCTIONS
from services.trading.domain.desk.checks.case import Case, Wrong
from services.trading.domain.desk.instruction import Content
from services.trading.domain.ledger.transfer import Wanted
from services.trading.domain.rule import Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A check as the table has it."""

    number: int
    name: str
    demand: Words
    """What it demands."""
    fault: Words
    """What is wrong where it fails, with places for what was found."""
    rule: Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Checks:
    """The tables: checks by number, and the numbers of each kind of transaction in order."""

    checks: Mapping[int, Check]
    kinds: Mapping[str, Sequence[int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """A check that was run."""

    check: Check
    field: str
    kind: str
    fault: Words | None
    """None where it passes."""

    @property
    def error(self) -> DomainError:
        """What the caller is told where it fails."""
        assert self.fault is not None, "it passes"
        return CheckFailed(
            field=self.field,
            number=self.check.number,
            name=self.check.name,
            rule=self.fault,
            source=str(self.check.rule),
        )


def run(checks: Checks, whole: Case) -> list[Result]:
    """Return every check of an instruction in order: those of its trade, then of each transfer.

    Of `whole`, which stands for the instruction, all but the transaction is taken.
    """
    return [
        _result(checks.checks[number], case)
        for case in _cases(whole)
        for number in checks.kinds[case.kind]
    ]


def kind_of(wanted: Wanted) -> str:
    """Return which kind of transaction a transfer is."""
    return wanted.phase.value if wanted.kind is None else wanted.kind.name


def kinds_of(content: Content) -> list[str]:
    """Return which kinds of transactions an instruction has, in order."""
    trade = [] if content.trade is None else [f"TRADE_{content.trade.mode.value}"]
    return trade + [kind_of(each) for each in content.wanted]


def _cases(whole: Case) -> Iterator[Case]:
    trade = whole.content.trade
    if trade is not None:
        yield replace(whole, field="trade", kind=f"TRADE_{trade.mode.value}")
    for index, each in enumerate(whole.content.wanted):
        yield replace(whole, field=f"transfers[{index}]", kind=kind_of(each), index=index)


def _result(check: Check, case: Case) -> Result:
    wrong = FUNCTIONS[check.number](case)
    if wrong is None:
        fault = None
    else:
        fault = Words(
            en=_filled(check.fault.en, wrong, "en"),
            zh=_filled(check.fault.zh, wrong, "zh"),
        )
    return Result(check=check, field=case.field, kind=case.kind, fault=fault)


def _filled(text: str, wrong: Wrong, language: Language) -> str:
    said = {
        name: value.said(language) if isinstance(value, Words) else value
        for name, value in wrong.items()
    }
    return text.format_map(said)
