"""The factor library in the database: every version of every factor, rule and region stays."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TypeVar

import sqlalchemy as sa

from services.kernel.quantity import Quantity
from services.kernel.trust import Status, lowest
from services.registry.domain import custom_factor as custom
from services.registry.domain.factor import Factor, FactorRole, Region, RegionLevel, Rule, Version
from services.registry.domain.resolution import ANY_SUBJECT, Library, Query, places
from services.registry.store import custom_factors, enterprises
from services.registry.store.tables import metadata
from services.registry.store.versions import is_current, key_columns
from services.runtime.auth import Caller
from services.runtime.revision import Revision
from services.runtime.stored import Sourced, from_source, to_source


class FactorColumns(Sourced):
    """One row a version of a factor."""

    factor_set: sa.Named[str] = sa.Column(sa.Text, primary_key=True)
    factor: sa.Named[str] = sa.Column(sa.Text, primary_key=True)
    version: sa.Named[int] = sa.Column(sa.BigInteger, primary_key=True, autoincrement=False)
    display_name: sa.Named[str] = sa.Column(sa.Text)
    display_name_zh: sa.Named[str] = sa.Column(sa.Text)
    role: sa.Named[str] = sa.Column(sa.Text)
    subject: sa.Named[str] = sa.Column(sa.Text)
    value: sa.Named[str] = sa.Column(sa.Text)
    """The digits as its source wrote them."""
    unit_code: sa.Named[str] = sa.Column(sa.Text)
    region_code: sa.Named[str] = sa.Column(sa.Text)
    data_start_date: sa.Named[date | None] = sa.Column(sa.Date)
    data_end_date: sa.Named[date | None] = sa.Column(sa.Date)
    lower_value: sa.Named[str | None] = sa.Column(sa.Text)
    """The digits too: 1.5 and 1.50 are one number, but not the same publication."""
    upper_value: sa.Named[str | None] = sa.Column(sa.Text)


class RuleColumns(Sourced):
    """One row a version of an applicability rule."""

    method_id: sa.Named[str] = sa.Column(sa.Text, primary_key=True)
    accounting_year: sa.Named[int] = sa.Column(sa.Integer, primary_key=True, autoincrement=False)
    role: sa.Named[str] = sa.Column(sa.Text, primary_key=True)
    subject: sa.Named[str] = sa.Column(sa.Text, primary_key=True)
    factor_set: sa.Named[str] = sa.Column(sa.Text, primary_key=True)
    version: sa.Named[int] = sa.Column(sa.BigInteger, primary_key=True, autoincrement=False)
    region_levels: sa.Named[str] = sa.Column(sa.Text)
    """In order, with spaces between."""


class RegionColumns(Sourced):
    """One row a version of a province."""

    region_code: sa.Named[str] = sa.Column(sa.Text, primary_key=True)
    version: sa.Named[int] = sa.Column(sa.BigInteger, primary_key=True, autoincrement=False)
    grid_region_code: sa.Named[str] = sa.Column(sa.Text)
    display_name: sa.Named[str] = sa.Column(sa.Text)
    display_name_zh: sa.Named[str] = sa.Column(sa.Text)


factors = sa.Table("factors", metadata, FactorColumns)
rules = sa.Table("applicability_rules", metadata, RuleColumns)
regions = sa.Table("regions", metadata, RegionColumns)
sa.Index("factors_by_thing", factors.c.factor_set, factors.c.role, factors.c.subject)

_OF_VERSION = ("version", "create_time", "revision")
"""The columns that say nothing of the fact itself."""

Fact = Factor | Rule | Region

Kind = TypeVar("Kind", Factor, custom.CustomFactor)


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A row that is new, or differs from its current version."""

    table: sa.Table
    name: str
    columns: dict[str, object]
    version: int
    """The version it becomes."""


def differing(connection: sa.Connection, facts: Sequence[Fact]) -> list[Difference]:
    """Return those of `facts` that are new or differ from their current version."""
    found: list[Difference] = []
    for table, kind in ((factors, Factor), (rules, Rule), (regions, Region)):
        of_kind = [fact for fact in facts if isinstance(fact, kind)]
        if not of_kind:
            continue
        keys = key_columns(table)
        said = [column for column in table.c if column.name not in {*keys, *_OF_VERSION}]
        names = [*keys, *(column.name for column in said)]
        query = sa.select(table.c.version, *(table.c[name] for name in names))
        rows = connection.execute(query.where(is_current(table))).all()
        # Whole tuples are compared: an import mostly finds what is there already.
        current = {row[1 : len(keys) + 1]: row for row in rows}
        for fact in of_kind:
            columns = _columns(fact)
            content = tuple(columns[name] for name in names)
            known = current.get(content[: len(keys)])
            if known is None or known[1:] != content:
                version = known.version + 1 if known else 1
                found.append(
                    Difference(table=table, name=fact.name, columns=columns, version=version)
                )
    return found


def save(connection: sa.Connection, differences: Sequence[Difference], revision: Revision) -> None:
    """Insert what differs."""
    stored = {"create_time": revision.commit_time, "revision": revision.number}
    for table in (factors, rules, regions):
        rows = [
            each.columns | stored | {"version": each.version}
            for each in differences
            if each.table is table
        ]
        if rows:
            connection.execute(sa.insert(table), rows)


def sets(connection: sa.Connection) -> dict[str, tuple[int, Status]]:
    """Return how many factors each set has, and the lowest status among them."""
    c = factors.c
    rows = connection.execute(
        sa.select(c.factor_set, c.status, sa.func.count())
        .where(is_current(factors))
        .group_by(c.factor_set, c.status)
    )
    found: dict[str, tuple[int, Status]] = {}
    for factor_set, said, counted in rows:
        count, status = found.get(factor_set, (0, Status.OFFICIAL))
        found[factor_set] = (count + counted, lowest(status, Status(said)))
    return dict(sorted(found.items()))


def find(connection: sa.Connection, factor_set: str, factor: str, version: int) -> Version | None:
    """Return a version of a factor, the current one for 0; None where there is none."""
    c = factors.c
    query = sa.select(factors).where(c.factor_set == factor_set, c.factor == factor)
    query = query.where(c.version == version) if version else query.order_by(c.version.desc())
    row = connection.execute(query.limit(1)).mappings().one_or_none()
    return None if row is None else _version(row)


def page(connection: sa.Connection, factor_set: str, *, after: str, size: int) -> list[Version]:
    """Return the current versions of a set's factors, by id after `after`."""
    rows = _current(
        connection,
        factors,
        sa.and_(factors.c.factor_set == factor_set, factors.c.factor > after),
        limit=size,
    )
    return [_version(row) for row in rows]


def library(
    connection: sa.Connection, queries: Collection[Query], caller: Caller, as_of: int | None = None
) -> tuple[Library, Mapping[str, Version | custom.Version]]:
    """Return what the answers to `queries` depend on, and the factors' versions by name.

    It is what was known at the revision `as_of`; what is known now, for None. Custom factors are
    those of enterprises that the caller may see now.
    """
    things = {(query.role, query.subject) for query in queries}
    related = _rules(connection, queries, as_of)
    sets = {rule.factor_set for of_thing in related.values() for rule in of_thing}
    provinces = {query.region_code for query in queries}
    here = regions.c.region_code.in_(sorted(provinces))
    listed = _current(connection, regions, here, as_of=as_of)
    grids = {row["region_code"]: _region(row) for row in listed}
    which = sa.and_(
        factors.c.factor_set.in_(sorted(sets)),
        sa.tuple_(factors.c.role, factors.c.subject).in_(
            sorted((role.value, subject) for role, subject in things)
        ),
        factors.c.region_code.in_(sorted(places(provinces, grids))),
    )
    published = [_version(row) for row in _current(connection, factors, which, as_of=as_of)]
    asked = {query.enterprise for query in queries} - {""}
    seen = enterprises.visible(connection, asked, caller)
    own = custom_factors.active(connection, seen, things, as_of)
    found = Library(
        rules=related,
        factors=_by_thing((each.factor.factor_set, each.factor) for each in published),
        grids=grids,
        custom_factors=_by_thing((each.factor.enterprise, each.factor) for each in own),
    )
    versions: list[Version | custom.Version] = [*published, *own]
    return found, {each.factor.name: each for each in versions}


def _by_thing(
    factors_of: Iterable[tuple[str, Kind]],
) -> Mapping[tuple[str, FactorRole, str], Sequence[Kind]]:
    """Return factors by whose they are, role and subject."""
    found: defaultdict[tuple[str, FactorRole, str], list[Kind]] = defaultdict(list)
    for whose, factor in factors_of:
        found[whose, factor.role, factor.subject].append(factor)
    return found


def _rules(
    connection: sa.Connection, queries: Collection[Query], as_of: int | None
) -> Mapping[tuple[str, FactorRole, str], Sequence[Rule]]:
    """Return the rules of `as_of` that `queries` can meet, by method, role and subject."""
    asked = {
        (query.method, query.role.value, subject)
        for query in queries
        for subject in (query.subject, ANY_SUBJECT)
    }
    c = rules.c
    which = sa.and_(
        c.method_id.in_(sorted({query.method for query in queries})),
        c.role.in_(sorted({query.role.value for query in queries})),
        c.subject.in_(sorted({query.subject for query in queries} | {ANY_SUBJECT})),
    )
    found: defaultdict[tuple[str, FactorRole, str], list[Rule]] = defaultdict(list)
    for row in _current(connection, rules, which, as_of=as_of):
        # The three lists together let more through than was asked for.
        if (row["method_id"], row["role"], row["subject"]) in asked:
            rule = _rule(row)
            found[rule.method, rule.role, rule.subject].append(rule)
    return found


def _current(
    connection: sa.Connection,
    table: sa.Table,
    which: sa.ColumnElement[bool] | None = None,
    *,
    as_of: int | None = None,
    limit: int | None = None,
) -> Sequence[sa.RowMapping]:
    """Return the version of each row of `table` that is current, or was at `as_of`, by key."""
    query = sa.select(table).where(is_current(table, as_of))
    if which is not None:
        query = query.where(which)
    query = query.order_by(*(table.c[name] for name in key_columns(table))).limit(limit)
    return connection.execute(query).mappings().all()


def _columns(fact: Fact) -> dict[str, object]:
    match fact:
        case Factor():
            own: dict[str, object] = {
                "factor_set": fact.factor_set,
                "factor": fact.factor,
                "display_name": fact.display_name,
                "display_name_zh": fact.display_name_zh,
                "role": fact.role.value,
                "subject": fact.subject,
                "value": fact.quantity.text,
                "unit_code": fact.quantity.unit,
                "region_code": fact.region_code,
                "data_start_date": fact.data_start,
                "data_end_date": fact.data_end,
                "lower_value": None if fact.lower is None else str(fact.lower),
                "upper_value": None if fact.upper is None else str(fact.upper),
            }
        case Rule():
            own = {
                "method_id": fact.method,
                "accounting_year": fact.accounting_year,
                "role": fact.role.value,
                "subject": fact.subject,
                "factor_set": fact.factor_set,
                "region_levels": " ".join(level.value for level in fact.region_levels),
            }
        case Region():
            own = {
                "region_code": fact.region_code,
                "grid_region_code": fact.grid_region_code,
                "display_name": fact.display_name,
                "display_name_zh": fact.display_name_zh,
            }
    return own | from_source(fact.source)


def _version(row: sa.RowMapping) -> Version:
    return Version(
        factor=_factor(row),
        version=row["version"],
        create_time=row["create_time"],
        revision=row["revision"],
    )


def _factor(row: sa.RowMapping) -> Factor:
    return Factor(
        factor_set=row["factor_set"],
        factor=row["factor"],
        display_name=row["display_name"],
        display_name_zh=row["display_name_zh"],
        role=FactorRole(row["role"]),
        subject=row["subject"],
        quantity=Quantity.parse(row["value"], row["unit_code"]),
        region_code=row["region_code"],
        data_start=row["data_start_date"],
        data_end=row["data_end_date"],
        lower=_decimal(row["lower_value"]),
        upper=_decimal(row["upper_value"]),
        source=to_source(row),
    )


def _decimal(digits: str | None) -> Decimal | None:
    return None if digits is None else Decimal(digits)


def _rule(row: sa.RowMapping) -> Rule:
    return Rule(
        method=row["method_id"],
        accounting_year=row["accounting_year"],
        role=FactorRole(row["role"]),
        subject=row["subject"],
        factor_set=row["factor_set"],
        region_levels=tuple(RegionLevel(level) for level in row["region_levels"].split()),
        source=to_source(row),
    )


def _region(row: sa.RowMapping) -> Region:
    return Region(
        region_code=row["region_code"],
        grid_region_code=row["grid_region_code"],
        display_name=row["display_name"],
        display_name_zh=row["display_name_zh"],
        source=to_source(row),
    )
