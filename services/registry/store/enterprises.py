"""Enterprises in the database: every version stays."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from functools import lru_cache
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from services.kernel.errors import NotFound
from services.registry.domain.enterprise import (
    CodeSpan,
    Enterprise,
    MemberRole,
    Membership,
    Version,
)
from services.registry.domain.label import Label
from services.registry.store.pick import Pick
from services.registry.store.tables import metadata
from services.registry.store.versions import is_current
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
    role: sa.Named[str] = sa.Column(sa.Text)
    above_scale: sa.Named[bool] = sa.Column(sa.Boolean)


class CodeColumns(PartColumns):
    """One row a credit code of a version."""

    credit_code: sa.Named[str] = sa.Column(sa.Text, index=True)
    start_date: sa.Named[date | None] = sa.Column(sa.Date)
    change_reason: sa.Named[str] = sa.Column(sa.Text)


enterprises = sa.Table("enterprises", metadata, EnterpriseColumns)
memberships = sa.Table("memberships", metadata, MembershipColumns)
codes = sa.Table("credit_codes", metadata, CodeColumns)

_FIRST = 1
"""The version that every enterprise has, and has once."""


def _of_version(part: sa.Table) -> sa.ColumnElement[bool]:
    c = enterprises.c
    return sa.and_(part.c.enterprise == c.enterprise, part.c.version == c.version)


_WHOLE = (
    sa.select(
        enterprises,
        memberships.c.order_index.label("membership_index"),
        *(memberships.c.zone, memberships.c.join_date, memberships.c.leave_date),
        *(memberships.c.role, memberships.c.above_scale),
        codes.c.order_index.label("code_index"),
        *(codes.c.credit_code, codes.c.start_date, codes.c.change_reason),
    )
    .join(codes, _of_version(codes))
    .outerjoin(memberships, _of_version(memberships))
    .order_by(enterprises.c.enterprise, memberships.c.order_index, codes.c.order_index)
)
"""Versions with all their parts: a row for each membership with each code."""


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
                role=each.role.value,
                above_scale=each.above_scale,
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
    connection: sa.Connection,
    enterprise: str,
    caller: Caller,
    version: int = 0,
    as_of: int | None = None,
) -> Version | None:
    """Return a version of an enterprise, the current one for 0; None where there is none.

    None also where the caller may not see it now, or where it was not known at the revision
    `as_of`.
    """
    c = enterprises.c
    if not version and as_of is None:
        query = _current_seen_by(caller.role, caller.zones, caller.enterprises)
        rows = connection.execute(query, {"wanted": enterprise}).mappings().all()
        return _version(rows) if rows else None
    wanted = c.version == version if version else is_current(enterprises, as_of)
    found = _select(connection, c.enterprise == enterprise, wanted, _known(as_of), _visible(caller))
    return found[0] if found else None


@lru_cache(maxsize=1024)
def _current_seen_by(
    role: Role, zone_ids: frozenset[str], enterprise_ids: frozenset[str]
) -> sa.Select[*tuple[Any, ...]]:
    """Return the query of a current version as such a caller sees it: every call asks one."""
    return _WHOLE.where(
        enterprises.c.enterprise == sa.bindparam("wanted"),
        is_current(enterprises, None),
        _visible_to(role, zone_ids, enterprise_ids),
    )


def get(
    connection: sa.Connection,
    enterprise: str,
    caller: Caller,
    version: int = 0,
    as_of: int | None = None,
) -> Version:
    """Return what `find` does; raises NotFound."""
    found = find(connection, enterprise, caller, version, as_of)
    if found is None:
        raise NotFound(name=f"enterprises/{enterprise}")
    return found


def see(connection: sa.Connection, enterprise: str, caller: Caller, name: str = "") -> None:
    """Raise NotFound unless the caller may see `enterprise`: for `name`, what was asked for.

    Where no name is given, the enterprise itself was.
    """
    if not visible(connection, [enterprise], caller):
        raise NotFound(name=name or f"enterprises/{enterprise}")


def visible(
    connection: sa.Connection, enterprise_ids: Collection[str], caller: Caller
) -> frozenset[str]:
    """Return those of `enterprise_ids` that exist and that the caller may see."""
    c = enterprises.c
    found = connection.scalars(
        sa.select(c.enterprise).where(
            c.enterprise.in_(sorted(enterprise_ids)), c.version == _FIRST, _visible(caller)
        )
    )
    return frozenset(found)


def are_visible(
    ids: sa.ColumnElement[str], caller: Caller, zone: str = "", as_of: int | None = None
) -> sa.ColumnElement[bool]:
    """Return the condition that `ids` are of enterprises that the caller may see.

    With `zone`, of its members alone, now or ever: as of the revision `as_of`, or now for None.
    """
    c = enterprises.c
    seen = sa.select(c.enterprise).where(c.version == _FIRST, _visible(caller))
    if zone:
        seen = seen.where(_in_zones(frozenset({zone}), as_of))
    return ids.in_(seen)


def page(connection: sa.Connection, caller: Caller, zone: str, pick: Pick) -> list[Version]:
    """Return enterprises that `pick` picks, by id: of all, or of members of `zone`, now or ever."""
    c, wanted = enterprises.c, is_current(enterprises, pick.as_of)
    which = sa.and_(wanted, c.enterprise > pick.after, _visible(caller))
    if zone:
        which = sa.and_(which, _in_zones(frozenset({zone}), pick.as_of))
    ids = sa.select(c.enterprise).where(which).order_by(c.enterprise).limit(pick.size)
    return _select(connection, c.enterprise.in_(ids.correlate(None)), wanted)


def holder(connection: sa.Connection, credit_code: str) -> str:
    """Return the id of the enterprise that has or ever had `credit_code`; "" for none."""
    return (
        connection.execute(
            sa.select(codes.c.enterprise).where(codes.c.credit_code == credit_code).limit(1)
        ).scalar_one_or_none()
        or ""
    )


def visible_holders(
    connection: sa.Connection,
    credit_codes: Collection[str],
    caller: Caller,
    as_of: int | None = None,
) -> dict[str, str]:
    """Return the enterprise that has or ever had each code, where the caller may see it.

    Ever is up to the revision `as_of`; up to now, for None.
    """
    found = connection.execute(
        sa.select(codes.c.credit_code, codes.c.enterprise)
        .join(enterprises, _of_version(codes))
        .where(codes.c.credit_code.in_(sorted(credit_codes)), _known(as_of), _visible(caller))
        .distinct()
    )
    return {row.credit_code: row.enterprise for row in found}


def _known(as_of: int | None, version: sa.FromClause = enterprises) -> sa.ColumnElement[bool]:
    return sa.true() if as_of is None else version.c.revision <= as_of


@lru_cache
def _in_zones(zone_ids: frozenset[str], as_of: int | None = None) -> sa.ColumnElement[bool]:
    """Return the condition that an enterprise is or was in one of the zones.

    That is by what was known at the revision `as_of`; by what is known, for None.
    """
    membership, newer = memberships.alias("membership"), enterprises.alias("newer")
    newest = sa.select(sa.func.max(newer.c.version)).where(
        newer.c.enterprise == membership.c.enterprise, _known(as_of, newer)
    )
    return (
        sa.select(membership.c.enterprise)
        .where(
            membership.c.enterprise == enterprises.c.enterprise,
            membership.c.version == newest.scalar_subquery(),
            membership.c.zone.in_(sorted(zone_ids)),
        )
        .exists()
    )


def _visible(caller: Caller) -> sa.ColumnElement[bool]:
    """Return the condition that the caller may see an enterprise now, in whatever version."""
    return _visible_to(caller.role, caller.zones, caller.enterprises)


def _visible_to(
    role: Role, zone_ids: frozenset[str], enterprise_ids: frozenset[str]
) -> sa.ColumnElement[bool]:
    match role:
        case Role.DESK:
            return _in_zones(zone_ids)
        case Role.ENTERPRISE | Role.VERIFIER:
            return enterprises.c.enterprise.in_(sorted(enterprise_ids))
        case Role.ADMINISTRATOR | Role.SERVICE:
            return sa.true()


def _select(connection: sa.Connection, *which: sa.ColumnElement[bool]) -> list[Version]:
    rows = connection.execute(_WHOLE.where(*which)).mappings()
    return [_version(list(group)) for _, group in groupby(rows, lambda row: row["enterprise"])]


def _version(rows: Sequence[sa.RowMapping]) -> Version:
    """Return a version from its rows: each membership with each code."""
    row = rows[0]
    return Version(
        enterprise=Enterprise(
            enterprise=row["enterprise"],
            display_name=row["display_name"],
            industry_code=row["industry_code"],
            region_code=row["region_code"],
            label=Label(row["label"]),
            memberships=tuple(
                Membership(
                    zone=each["zone"],
                    join=each["join_date"],
                    leave=each["leave_date"],
                    role=MemberRole(each["role"]),
                    above_scale=each["above_scale"],
                )
                for each in rows
                if each["zone"] is not None and each["code_index"] == row["code_index"]
            ),
            codes=tuple(
                CodeSpan(
                    credit_code=each["credit_code"],
                    start=each["start_date"],
                    change_reason=each["change_reason"],
                )
                for each in rows
                if each["membership_index"] == row["membership_index"]
            ),
            merged_into=row["merged_into"],
            merge_date=row["merge_date"],
        ),
        version=row["version"],
        create_time=row["first_create_time"],
        revision=row["revision"],
    )
