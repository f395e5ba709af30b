"""Enterprises in the database: every version stays."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date, datetime

import sqlalchemy as sa

from services.kernel.errors import NotFound
from services.registry.domain.enterprise import CodeSpan, Enterprise, Membership, Version
from services.registry.domain.label import Label
from services.registry.store.tables import metadata
from services.runtime.auth import Caller, Role
from services.runtime.columns import Instant
from services.runtime.revision import Revision
from services.runtime.stored import Stored


class EnterpriseColumns(Stored):
    """One row a version of an enterprise."""

    enterprise: sa.Named[str] = sa.Column(sa.Text, primary_key=True)
    version: sa.Named[int] = sa.Column(sa.BigInteger, primary_key=True, autoincrement=False)
    display_name: sa.Named[str] = sa.Column(sa.Text)
    industry_code: sa.Named[str] = sa.Column(sa.Text)
    region_code: sa.Named[str] = sa.Column(sa.Text)
    label: sa.Named[str] = sa.Column(sa.Text)
    merged_into: sa.Named[str] = sa.Column(sa.Text)
    merge_date: sa.Named[date | None] = sa.Column(sa.Date)
    first_create_time: sa.Named[datetime] = sa.Column(Instant)


class PartColumns(sa.TypedColumns):
    """A row of a list inside a version."""

    enterprise: sa.Named[str] = sa.Column(sa.Text, primary_key=True)
    version: sa.Named[int] = sa.Column(sa.BigInteger, primary_key=True, autoincrement=False)
    order_index: sa.Named[int] = sa.Column(sa.Integer, primary_key=True, autoincrement=False)


class MembershipColumns(PartColumns):
    """One row a membership of a version."""

    zone: sa.Named[str] = sa.Column(sa.Text, sa.ForeignKey("zones.zone"))
    join_date: sa.Named[date] = sa.Column(sa.Date)
    leave_date: sa.Named[date | None] = sa.Column(sa.Date)


class CodeColumns(PartColumns):
    """One row a credit code of a version."""

    credit_code: sa.Named[str] = sa.Column(sa.Text, index=True)
    start_date: sa.Named[date | None] = sa.Column(sa.Date)
    change_reason: sa.Named[str] = sa.Column(sa.Text)


enterprises = sa.Table("enterprises", metadata, EnterpriseColumns)
memberships = sa.Table("memberships", metadata, MembershipColumns)
codes = sa.Table("credit_codes", metadata, CodeColumns)


def add(
    connection: sa.Connection, enterprise: Enterprise, revision: Revision, before: Version | None
) -> Version:
    """Insert `enterprise` as the version after `before`; return it."""
    stored = Version(
        enterprise=enterprise,
        version=before.version + 1 if before else 1,
        create_time=before.create_time if before else revision.commit_time,
        revision=revision.number,
    )
    key = {"enterprise": enterprise.enterprise, "version": stored.version}
    connection.execute(
        sa.insert(enterprises).values(
            **key,
            display_name=enterprise.display_name,
            industry_code=enterprise.industry_code,
            region_code=enterprise.region_code,
            label=enterprise.label.value,
            merged_into=enterprise.merged_into,
            merge_date=enterprise.merge_date,
            first_create_time=stored.create_time,
            create_time=revision.commit_time,
            revision=revision.number,
        )
    )
    for index, each in enumerate(enterprise.memberships):
        connection.execute(
            sa.insert(memberships).values(
                **key,
                order_index=index,
                zone=each.zone,
                join_date=each.join,
                leave_date=each.leave,
            )
        )
    for index, span in enumerate(enterprise.codes):
        connection.execute(
            sa.insert(codes).values(
                **key,
                order_index=index,
                credit_code=span.credit_code,
                start_date=span.start,
                change_reason=span.change_reason,
            )
        )
    return stored


def find(
    connection: sa.Connection, enterprise: str, caller: Caller, version: int = 0
) -> Version | None:
    """Return a version of an enterprise, the current one for 0; None where there is none.

    None also where the caller may not see it.
    """
    c = enterprises.c
    which = c.version == version if version else _is_current()
    found = _select(connection, caller, sa.and_(c.enterprise == enterprise, which), limit=1)
    return next(iter(found), None)


def get(connection: sa.Connection, enterprise: str, caller: Caller, version: int = 0) -> Version:
    """Return what `find` does; raises NotFound."""
    found = find(connection, enterprise, caller, version)
    if found is None:
        raise NotFound(name=f"enterprises/{enterprise}")
    return found


def visible(
    connection: sa.Connection, enterprise_ids: Collection[str], caller: Caller
) -> frozenset[str]:
    """Return those of `enterprise_ids` that exist and that the caller may see."""
    c = enterprises.c
    found = connection.scalars(
        sa.select(c.enterprise).where(
            c.enterprise.in_(sorted(enterprise_ids)), _is_current(), _visible(caller)
        )
    )
    return frozenset(found)


def page(
    connection: sa.Connection, caller: Caller, *, zone: str, after: str, size: int
) -> list[Version]:
    """Return current versions by id after `after`: of all, or of members of `zone`, now or ever."""
    which = sa.and_(_is_current(), enterprises.c.enterprise > after)
    if zone:
        which = sa.and_(which, _in_zones([zone]))
    return _select(connection, caller, which, limit=size)


def holder(connection: sa.Connection, credit_code: str) -> str:
    """Return the id of the enterprise that has or ever had `credit_code`; "" for none."""
    return (
        connection.execute(
            sa.select(codes.c.enterprise).where(codes.c.credit_code == credit_code).limit(1)
        ).scalar_one_or_none()
        or ""
    )


def visible_holders(
    connection: sa.Connection, credit_codes: Collection[str], caller: Caller
) -> dict[str, str]:
    """Return the enterprise that has or ever had each code, where the caller may see it."""
    found = connection.execute(
        sa.select(codes.c.credit_code, codes.c.enterprise)
        .join(enterprises, enterprises.c.enterprise == codes.c.enterprise)
        .where(codes.c.credit_code.in_(sorted(credit_codes)), _is_current(), _visible(caller))
    )
    return {row.credit_code: row.enterprise for row in found}


def _is_current() -> sa.ColumnElement[bool]:
    newer = enterprises.alias("newer")
    return enterprises.c.version == (
        sa.select(sa.func.max(newer.c.version))
        .where(newer.c.enterprise == enterprises.c.enterprise)
        .scalar_subquery()
    )


def _in_zones(zone_ids: Sequence[str]) -> sa.ColumnElement[bool]:
    return (
        sa.select(memberships.c.enterprise)
        .where(
            memberships.c.enterprise == enterprises.c.enterprise,
            memberships.c.version == enterprises.c.version,
            memberships.c.zone.in_(zone_ids),
        )
        .exists()
    )


def _visible(caller: Caller) -> sa.ColumnElement[bool]:
    match caller.role:
        case Role.DESK:
            return _in_zones(sorted(caller.zones))
        case Role.ENTERPRISE:
            return enterprises.c.enterprise.in_(sorted(caller.enterprises))
        case _:
            return sa.true()


def _select(
    connection: sa.Connection, caller: Caller, which: sa.ColumnElement[bool], *, limit: int
) -> list[Version]:
    rows = connection.execute(
        sa.select(enterprises)
        .where(which, _visible(caller))
        .order_by(enterprises.c.enterprise)
        .limit(limit)
    ).mappings()
    found = list(rows)
    keys = [(row["enterprise"], row["version"]) for row in found]
    zones_of = _memberships(connection, keys)
    codes_of = _codes(connection, keys)
    return [
        _version(row, zones_of[key], codes_of[key]) for row, key in zip(found, keys, strict=True)
    ]


def _version(
    row: sa.RowMapping, zones_of: Sequence[Membership], codes_of: Sequence[CodeSpan]
) -> Version:
    return Version(
        enterprise=Enterprise(
            enterprise=row["enterprise"],
            display_name=row["display_name"],
            industry_code=row["industry_code"],
            region_code=row["region_code"],
            label=Label(row["label"]),
            memberships=tuple(zones_of),
            codes=tuple(codes_of),
            merged_into=row["merged_into"],
            merge_date=row["merge_date"],
        ),
        version=row["version"],
        create_time=row["first_create_time"],
        revision=row["revision"],
    )


_Key = tuple[str, int]


def _memberships(
    connection: sa.Connection, keys: Sequence[_Key]
) -> defaultdict[_Key, list[Membership]]:
    c = memberships.c
    found: defaultdict[_Key, list[Membership]] = defaultdict(list)
    for enterprise, version, zone, join, leave in connection.execute(
        sa.select(c.enterprise, c.version, c.zone, c.join_date, c.leave_date)
        .where(sa.tuple_(c.enterprise, c.version).in_(keys))
        .order_by(c.enterprise, c.order_index)
    ):
        found[enterprise, version].append(Membership(zone=zone, join=join, leave=leave))
    return found


def _codes(connection: sa.Connection, keys: Sequence[_Key]) -> defaultdict[_Key, list[CodeSpan]]:
    c = codes.c
    found: defaultdict[_Key, list[CodeSpan]] = defaultdict(list)
    for enterprise, version, code, start, reason in connection.execute(
        sa.select(c.enterprise, c.version, c.credit_code, c.start_date, c.change_reason)
        .where(sa.tuple_(c.enterprise, c.version).in_(keys))
        .order_by(c.enterprise, c.order_index)
    ):
        span = CodeSpan(credit_code=code, start=start, change_reason=reason)
        found[enterprise, version].append(span)
    return found
