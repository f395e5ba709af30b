"""Instructions in the database: every version and every step stays."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa

from services.kernel.errors import NotFound
from services.runtime.auth import EVERYONE, Tenant
from services.runtime.revision import Revision
from services.trading.domain.desk.actor import Actor
from services.trading.domain.desk.instruction import OPEN, Content, Instruction, State, Step
from services.trading.store.accounts import accounts
from services.trading.store.desk.content import from_json, to_json
from services.trading.store.desk.tables import books, contents, standings, steps

_NEWER = contents.alias("newer")

Key = tuple[str, str]
"""Account and id."""


def begin(  # noqa: PLR0913, PLR0917 (what an instruction begins with)
    connection: sa.Connection,
    account: str,
    instruction: str,
    content: Content,
    step: Step,
    revision: Revision,
) -> Instruction:
    """Insert an instruction with its first step; return it."""
    begun = Instruction(
        account=account, instruction=instruction, content=content, maker=step.actor, steps=(step,)
    )
    _add_content(connection, begun, revision)
    _add_step(connection, begun, revision)
    return begun


def edit(
    connection: sa.Connection,
    before: Instruction,
    content: Content,
    step: Step,
    revision: Revision,
) -> Instruction:
    """Insert another version of the content with its step; return the instruction."""
    edited = replace(before, content=content, maker=step.actor, steps=(*before.steps, step))
    _add_content(connection, edited, revision)
    _add_step(connection, edited, revision)
    return edited


def add(
    connection: sa.Connection, before: Instruction, step: Step, revision: Revision
) -> Instruction:
    """Insert the next step; return the instruction."""
    moved = replace(before, steps=(*before.steps, step))
    _add_step(connection, moved, revision)
    return moved


def find(
    connection: sa.Connection, tenant: Tenant, account: str, instruction: str
) -> Instruction | None:
    """Return an instruction all of whose accounts are the tenant's, or None."""
    which = sa.and_(contents.c.account == account, contents.c.instruction == instruction)
    return next(iter(_select(connection, tenant, which)), None)


def get(connection: sa.Connection, tenant: Tenant, name: str, key: Key) -> Instruction:
    """Return an instruction as `find` does; raises NotFound for `name`."""
    found = find(connection, tenant, *key)
    if found is None:
        raise NotFound(name=name)
    return found


def page(  # noqa: PLR0913 (what a page is)
    connection: sa.Connection,
    tenant: Tenant,
    *,
    account: str,
    state: State | None,
    after: Key | None,
    size: int,
) -> list[Instruction]:
    """Return `size` of the tenant's instructions by account and id after a key.

    Of one account, or of all where it is empty; in one state, or in any.
    """
    c = contents.c
    which: list[sa.ColumnElement[bool]] = [c.account == account] if account else []
    if after is not None:
        keys = [sa.literal(part) for part in after]
        which.append(sa.tuple_(c.account, c.instruction) > sa.tuple_(*keys))
    if state is not None:
        which.append(_stands({state}))
    return _select(connection, tenant, *which, limit=size)


def due(connection: sa.Connection, now: datetime, limit: int) -> list[Instruction]:
    """Return approved instructions whose time to be executed has come, and is not over."""
    c = standings.c
    come = sa.or_(c.execute_time.is_(None), c.execute_time <= now)
    which = sa.and_(c.state == State.APPROVED.value, c.expire_time > now, come)
    return _standing(connection, which, limit)


def ending(connection: sa.Connection, now: datetime, limit: int) -> list[Instruction]:
    """Return instructions that were to be executed before `now` and were not."""
    c = standings.c
    which = sa.and_(c.state.in_(_values(OPEN)), c.expire_time <= now)
    return _standing(connection, which, limit)


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How many instructions wait or failed, at a moment."""

    waiting: Mapping[State, int]
    """By each state that still leads on."""
    overdue_count: int
    """Those whose time to be executed, or to end, has come."""
    failed_count: int


def counts(connection: sa.Connection, now: datetime) -> Counts:
    """Return how many instructions wait or failed, of all tenants."""
    c = standings.c
    told = _values({*OPEN, State.FAILED})
    query = sa.select(c.state, sa.func.count()).where(c.state.in_(told)).group_by(c.state)
    found = {State(row[0]): row[1] for row in connection.execute(query).all()}
    executable = sa.and_(c.state == State.APPROVED.value, c.execute_time <= now)
    over = sa.and_(c.state.in_(_values(OPEN)), sa.or_(c.expire_time <= now, executable))
    overdue = connection.execute(sa.select(sa.func.count()).where(over)).scalar_one()
    return Counts(
        waiting={state: found.get(state, 0) for state in sorted(OPEN)},
        overdue_count=overdue,
        failed_count=found.get(State.FAILED, 0),
    )


def _standing(
    connection: sa.Connection, which: sa.ColumnElement[bool], limit: int
) -> list[Instruction]:
    """Return instructions by where they stand: their keys first, so that an index finds them."""
    c, key = standings.c, sa.tuple_(contents.c.account, contents.c.instruction)
    query = sa.select(c.account, c.instruction).where(which)
    keys = connection.execute(query.order_by(c.account, c.instruction).limit(limit)).all()
    if not keys:
        return []
    return _select(connection, EVERYONE, key.in_([(row[0], row[1]) for row in keys]))


def _values(states: Collection[State]) -> list[str]:
    return sorted(state.value for state in states)


def _stands(states: Collection[State]) -> sa.ColumnElement[bool]:
    """Return the condition that the last step of an instruction led to one of `states`."""
    return sa.exists().where(
        standings.c.account == contents.c.account,
        standings.c.instruction == contents.c.instruction,
        standings.c.state.in_(_values(states)),
    )


def _select(
    connection: sa.Connection,
    tenant: Tenant,
    *which: sa.ColumnElement[bool],
    limit: int | None = None,
) -> list[Instruction]:
    c, newer = contents.c, _NEWER
    newest = (
        sa.select(sa.func.max(newer.c.version))
        .where(newer.c.account == c.account, newer.c.instruction == c.instruction)
        .scalar_subquery()
    )
    query = (
        sa.select(contents)
        .where(*which, c.version == newest, _covered(tenant))
        .order_by(c.account, c.instruction)
        .limit(limit)
    )
    rows = connection.execute(query).mappings().all()
    told = _steps(connection, [(row["account"], row["instruction"]) for row in rows])
    return [
        Instruction(
            account=row["account"],
            instruction=row["instruction"],
            content=from_json(row["content"]),
            maker=Actor(principal=row["maker"], person=row["maker_person"], role=row["maker_role"]),
            steps=tuple(told[row["account"], row["instruction"]]),
        )
        for row in rows
    ]


def _covered(tenant: Tenant) -> sa.ColumnElement[bool]:
    """Return the condition that no version of an instruction has an account of others."""
    own = accounts.alias("own")
    strange = (
        sa.select(sa.literal(1))
        .select_from(books.join(own, own.c.account == books.c.book))
        .where(
            books.c.account == contents.c.account,
            books.c.instruction == contents.c.instruction,
            sa.not_(tenant.clause(own.c.enterprise)),
        )
        .correlate(contents)
        .exists()
    )
    main = accounts.alias("main")
    seen = sa.exists().where(main.c.account == contents.c.account, tenant.clause(main.c.enterprise))
    return sa.and_(seen, sa.not_(strange))


def _steps(connection: sa.Connection, keys: Sequence[Key]) -> dict[Key, list[Step]]:
    found: dict[Key, list[Step]] = defaultdict(list)
    if not keys:
        return found
    c = steps.c
    query = (
        sa.select(steps)
        .where(sa.tuple_(c.account, c.instruction).in_(list(keys)))
        .order_by(c.account, c.instruction, c.number)
    )
    for row in connection.execute(query).mappings():
        found[row["account"], row["instruction"]].append(
            Step(
                number=row["number"],
                state=State(row["state"]),
                version=row["version"],
                digest=bytes(row["digest"]),
                actor=Actor(principal=row["principal"], person=row["person"], role=row["role"]),
                reason=row["reason"],
                link=row["link"],
                record_time=row["create_time"],
            )
        )
    return found


def _add_content(connection: sa.Connection, each: Instruction, revision: Revision) -> None:
    key = {
        "account": each.account,
        "instruction": each.instruction,
        "version": each.last.version,
    }
    connection.execute(
        sa.insert(contents).values(
            **key,
            content=to_json(each.content),
            digest=each.last.digest,
            execute_time=each.content.execute_time,
            expire_time=each.content.expire_time,
            maker=each.maker.principal,
            maker_person=each.maker.person,
            maker_role=each.maker.role,
            create_time=each.last.record_time,
            revision=revision.number,
        )
    )
    for book in sorted(each.content.books):
        connection.execute(sa.insert(books).values(**key, book=book))


def _add_step(connection: sa.Connection, each: Instruction, revision: Revision) -> None:
    step, submitter = each.last, each.submitter
    connection.execute(
        sa.insert(steps).values(
            account=each.account,
            instruction=each.instruction,
            number=step.number,
            state=step.state.value,
            version=step.version,
            digest=step.digest,
            principal=step.actor.principal,
            person=step.actor.person,
            role=step.actor.role,
            reason=step.reason,
            link=step.link,
            maker_person=each.maker.person,
            submitter_person="" if submitter is None else submitter.person,
            create_time=step.record_time,
            revision=revision.number,
        )
    )
