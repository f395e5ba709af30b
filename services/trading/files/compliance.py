"""The files on offsets, carry-over, penalties and dates → values of the domain."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path

from services.kernel.errors import Words
from services.kernel.mass import Rounding
from services.kernel.money import FEN_PER_YUAN
from services.trading.domain.carry_over import Scheme
from services.trading.domain.compliance import ArrearRule, Compliance, PenaltyPrice
from services.trading.domain.duty import Actor, Duty, Kind
from services.trading.domain.market import Sector
from services.trading.domain.offset import Eligibility, OffsetRules, ProjectRules
from services.trading.domain.penalty import PenaltyRule, PenaltyStep
from services.trading.domain.plan import Said, Vintages
from services.trading.domain.rule import Rule
from services.trading.files.exchange import trading_days
from services.trading.files.rules import (
    FOLDER,
    Sources,
    Table,
    optional_decimal,
    read,
    row_source,
    rows,
    rule,
    source,
    words,
)


def compliance(folder: Path = FOLDER) -> Compliance:
    """Return the rules that hold across sectors and years."""
    carried, penalties = read(folder / "carry_over.toml"), read(folder / "penalties.toml")
    of_carried, of_penalties = _sources(carried), _sources(penalties)
    return Compliance(
        offsets=_offsets(read(folder / "offsets.toml")),
        schemes=tuple(_scheme(each, of_carried) for each in carried["schemes"]),
        arrears=_arrears(carried["arrears"], of_carried),
        penalties=tuple(_penalty(each, of_penalties) for each in penalties["penalties"]),
        penalty_price=PenaltyPrice(
            product=penalties["price"]["product"],
            reading=penalties["price"]["reading"],
            rule=rule(penalties["price"], of_penalties),
        ),
        calendar=tuple(_duty(row) for row in rows(folder / "calendar.csv")),
        trading_days=trading_days(folder),
        differentiated_steps=_said(read(folder / "differentiated.toml"), "steps"),
    )


def _sources(book: Table) -> Sources:
    return {each["id"]: source(each) for each in book["sources"]}


def _said(book: Table, name: str) -> Said:
    return Said(text=words(book[name]), rule=rule(book[name], _sources(book)))


def _offsets(book: Table) -> OffsetRules:
    sources, share = _sources(book), book["share"]
    return OffsetRules(
        share_ratio=Decimal(share["ratio"]),
        rounding=Rounding(share["rounding"]["mode"]),
        share_rule=rule(share, sources),
        rounding_rule=rule(share["rounding"], sources),
        exclusion_rule=rule(book["exclusion"], sources),
        eligibilities=tuple(_eligibility(each, sources) for each in book["eligibility"]),
        project=_project(book["project"], sources),
    )


def _eligibility(table: Table, sources: Sources) -> Eligibility:
    return Eligibility(
        first_year=table["first_year"],
        last_year=table["last_year"],
        registered_from=table.get("registered_from"),
        registered_before=table.get("registered_before"),
        usable_until=table.get("usable_until"),
        text=words(table),
        rule=rule(table, sources),
    )


def _project(table: Table, sources: Sources) -> ProjectRules:
    return ProjectRules(
        construction_after=table["construction_after"],
        generated_after=table["generated_after"],
        years_before_application=table["years_before_application"],
        construction_rule=rule(table["construction"], sources),
        generated_rule=rule(table["generated"], sources),
    )


def _scheme(table: Table, sources: Sources) -> Scheme:
    return Scheme(
        scheme=table["scheme"],
        sectors=frozenset(Sector[each.upper()] for each in table["sectors"]),
        first_vintage_year=table["first_vintage_year"],
        last_vintage_year=table["last_vintage_year"],
        target_vintage_year=table["target_vintage_year"],
        base_count=table["base"]["count"],
        multiplier=Decimal(table["multiplier"]["ratio"]),
        window_start=table.get("window_start"),
        window_end=table.get("window_end"),
        holding_date=table.get("holding_date"),
        surrendered_years=tuple(table["surrendered_years"]),
        apply_from=table.get("apply_from"),
        apply_until=table.get("apply_until"),
        text=words(table),
        rule=rule(table, sources),
        base_rule=rule(table["base"], sources),
        multiplier_rule=rule(table["multiplier"], sources),
    )


def _arrears(table: Table, sources: Sources) -> ArrearRule:
    return ArrearRule(
        first_year=table["compliance_first_year"],
        last_year=table["compliance_last_year"],
        vintages=Vintages(
            first_year=table["first_vintage_year"],
            last_year=table["last_vintage_year"],
            text=table["text"],
            rule=rule(table, sources),
        ),
    )


def _penalty(table: Table, sources: Sources) -> PenaltyRule:
    return PenaltyRule(
        penalty=table["penalty"],
        first_date=table["first_date"],
        before_date=table.get("before_date"),
        steps=tuple(_step(each, sources) for each in table["steps"]),
        cuts_allocation=table["cuts_allocation"],
        text=words(table),
        rule=rule(table, sources),
    )


def _step(table: Table, sources: Sources) -> PenaltyStep:
    return PenaltyStep(
        step=table["step"],
        text=words(table),
        least_fen=_fen(table, "least_cny"),
        most_fen=_fen(table, "most_cny"),
        least_multiple=optional_decimal(table, "least_multiple"),
        most_multiple=optional_decimal(table, "most_multiple"),
        rule=rule(table, sources),
    )


def _fen(table: Table, key: str) -> int | None:
    yuan = table.get(key)
    return None if yuan is None else yuan * FEN_PER_YUAN


def _duty(row: Mapping[str, str]) -> Duty:
    return Duty(
        duty=row["id"],
        kind=Kind(row["kind"]),
        actor=Actor(row["actor"]),
        compliance_year=int(row["compliance_year"]),
        sectors=frozenset(Sector[each.upper()] for each in row["sectors"].split()),
        due_date=date.fromisoformat(row["due_date"]),
        text=Words(en=row["text_en"], zh=row["text_zh"]),
        rule=Rule(source=row_source(row)),
    )
