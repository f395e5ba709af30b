"""What another version of a rulebook changes: which rules, and for each account how much."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields

from services.kernel.errors import Words
from services.trading.domain.account import Account
from services.trading.domain.allocation import Allocation, derived_anew
from services.trading.domain.plan import Plan
from services.trading.domain.rulebook import Benchmark, Rulebook


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedRule:
    """A rule that differs between two versions of a rulebook."""

    rule: str
    """Its id. Examples: "benchmark.II", "gap_cap"."""
    text: Words
    """What it was and what it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """An account's allocation by two versions of a rulebook."""

    account: Account
    before: Allocation
    after: Allocation

    @property
    def difference_count(self) -> int:
        """After less before, tonnes."""
        return self.after.allowance_count - self.before.allowance_count


def compared(account: Account, old: Rulebook, new: Rulebook, stored: Allocation) -> Comparison:
    """Return what two versions make of the production of a stored allocation.

    A version that the stored allocation was made with is not computed again.
    """

    def by(rulebook: Rulebook) -> Allocation:
        if stored.rulebook_version == rulebook.version:
            return stored
        return derived_anew(account, rulebook, stored)

    return Comparison(account=account, before=by(old), after=by(new))


def changed_rules(old: Rulebook, new: Rulebook) -> tuple[ChangedRule, ...]:
    """Return the rules that differ, in words."""
    return tuple(_changes(old, new))


def _changes(old: Rulebook, new: Rulebook) -> Iterator[ChangedRule]:
    if old.source.status is not new.source.status:
        yield _changed("plan", f"{old.source.status.value}", f"{new.source.status.value}")
    if old.formula.expression != new.formula.expression:
        yield _changed("formula", old.formula.expression, new.formula.expression)
    yield from _changed_benchmarks(old, new)
    before, after = old.peak_factor, new.peak_factor
    if (before and before.expression, before and before.segments) != (
        after and after.expression,
        after and after.segments,
    ):
        yield _changed(
            "peak_factor", before.expression if before else "—", after.expression if after else "—"
        )
    yield from _changed_plan(old.plan, new.plan)
    if (old.vintages.first_year, old.vintages.last_year) != (
        new.vintages.first_year,
        new.vintages.last_year,
    ):
        yield _changed("vintages", old.vintages.text, new.vintages.text)
    if old.surrender_date != new.surrender_date:
        yield _changed("surrender", str(old.surrender_date), str(new.surrender_date))


def _changed_benchmarks(old: Rulebook, new: Rulebook) -> Iterator[ChangedRule]:
    known = {each.unit_class: each for each in old.benchmarks}
    for each in new.benchmarks:
        before = known.pop(each.unit_class, None)
        if before is None or _figures(before) != _figures(each):
            said = "—" if before is None else _figures(before)
            yield _changed(f"benchmark.{each.unit_class}", said, _figures(each))
    for unit_class, before in known.items():
        yield _changed(f"benchmark.{unit_class}", _figures(before), "—")


def _changed_plan(old: Plan, new: Plan) -> Iterator[ChangedRule]:
    for each in fields(Plan):
        before, after = getattr(old, each.name), getattr(new, each.name)
        if _content(before) == _content(after):
            continue
        yield ChangedRule(
            rule=each.name,
            text=Words(
                en=f"{before.text.en if before else '—'} → {after.text.en if after else '—'}",
                zh=f"{before.text.zh if before else '—'} → {after.text.zh if after else '—'}",
            ),
        )


def _content(rule: object) -> tuple[object, ...] | None:
    """Return what a rule says, without where it stands."""
    if rule is None:
        return None
    names = (each.name for each in fields(rule))  # type: ignore[arg-type]  # a rule of a plan
    return tuple(getattr(rule, name) for name in names if not name.endswith("rule"))


def _figures(benchmark: Benchmark) -> str:
    return f"{benchmark.power_t_per_mwh} t/MWh, {benchmark.heat_t_per_gj} t/GJ"


def _changed(rule: str, before: str, after: str) -> ChangedRule:
    return ChangedRule(rule=rule, text=Words(en=f"{before} → {after}", zh=f"{before} → {after}"))
