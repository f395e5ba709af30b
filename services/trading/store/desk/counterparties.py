"""Trusted counterparties in the database: every version stays.

Each query names an account: who may see it has been settled by `accounts.get` before.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from services.runtime.revision import Revision
from services.trading.domain.desk.checks.case import Usable
from services.trading.domain.desk.counterparty import Counterparty
from services.trading.domain.desk.proposal import Proposal, Standing, State
from services.trading.store.desk.proposals import from_standing, to_standing
from services.trading.store.desk.tables import counterparties

_NEWER = counterparties.alias("newer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A counterparty, and from when on it may be traded with."""

    proposal: Proposal[Counterparty]
    usable_date: date | None
    """None unless active."""


def add(  # noqa: PLR0913, PLR0917 (what a version is)
    connection: sa.Connection,
    counterparty: Counterparty,
    standing: Standing,
    usable_date: date | None,
    before: Proposal[Counterparty] | None,
    revision: Revision,
) -> Listed:
    """Insert `counterparty` as the version after `before`; return it."""
    version = 1 if before is None else before.version + 1
    connection.execute(
        sa.insert(counterparties).values(
            account=counterparty.account,
            counterparty=counterparty.counterparty,
            version=version,
            display_name=counterparty.display_name,
            credit_code=counterparty.credit_code,
            counter_account=counterparty.counter_account,
            evidence=counterparty.evidence,
            usable_date=usable_date,
            create_time=revision.commit_time,
            revision=revision.number,
            **from_standing(standing),
        )
    )
    proposal = Proposal(
        name=counterparty.name,
        value=counterparty,
        standing=standing,
        version=version,
        create_time=revision.commit_time,
        revision=revision.number,
    )
    return Listed(proposal=proposal, usable_date=usable_date)


def find(connection: sa.Connection, account: str, counterparty: str) -> Listed | None:
    """Return the current version of a counterparty, or None."""
    which = counterparties.c.counterparty == counterparty
    return next(iter(_select(connection, account, which)), None)


def page(connection: sa.Connection, account: str, *, after: str, size: int) -> list[Listed]:
    """Return `size` counterparties of an account by id after `after`."""
    return _select(connection, account, counterparties.c.counterparty > after, limit=size)


def usable(connection: sa.Connection, account: str) -> dict[str, Usable]:
    """Return the counterparties on an account's list, by id, with the first day of use."""
    active = counterparties.c.state == State.ACTIVE.value
    return {
        each.proposal.value.counterparty: Usable(
            counter_account=each.proposal.value.counter_account, first_day=each.usable_date
        )
        for each in _select(connection, account, active)
        if each.usable_date is not None
    }


def _select(
    connection: sa.Connection,
    account: str,
    *which: sa.ColumnElement[bool],
    limit: int | None = None,
) -> list[Listed]:
    c, newer = counterparties.c, _NEWER
    current = (
        sa.select(sa.func.max(newer.c.version))
        .where(newer.c.account == c.account, newer.c.counterparty == c.counterparty)
        .scalar_subquery()
    )
    query = (
        sa.select(counterparties)
        .where(c.account == account, *which, c.version == current)
        .order_by(c.counterparty)
        .limit(limit)
    )
    return [_listed(row) for row in connection.execute(query).mappings()]


def _listed(row: sa.RowMapping) -> Listed:
    value = Counterparty(
        account=row["account"],
        counterparty=row["counterparty"],
        display_name=row["display_name"],
        credit_code=row["credit_code"],
        counter_account=row["counter_account"],
        evidence=row["evidence"],
    )
    proposal = Proposal(
        name=value.name,
        value=value,
        standing=to_standing(row),
        version=row["version"],
        create_time=row["create_time"],
        revision=row["revision"],
    )
    return Listed(proposal=proposal, usable_date=row["usable_date"])
