"""Principals and their keys in the database."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from services.registry.domain.principal import Key, Principal, Role
from services.registry.store.tables import metadata
from services.runtime.columns import Instant
from services.runtime.revision import Revision
from services.runtime.stored import Stored


class PrincipalColumns(Stored):
    """One row a principal."""

    principal: sa.Named[str] = sa.Column(sa.Text, primary_key=True)
    display_name: sa.Named[str] = sa.Column(sa.Text)
    role: sa.Named[str] = sa.Column(sa.Text)
    scopes: sa.Named[str] = sa.Column(sa.Text)
    """Resource names, one a line."""
    person: sa.Named[str] = sa.Column(sa.Text)


class KeyColumns(Stored):
    """One row a key."""

    principal: sa.Named[str] = sa.Column(
        sa.Text, sa.ForeignKey("principals.principal"), primary_key=True
    )
    key: sa.Named[str] = sa.Column(sa.Text, primary_key=True)
    digest: sa.Named[str] = sa.Column(sa.Text, unique=True)


class RetirementColumns(sa.TypedColumns):
    """One row a key that was retired."""

    principal: sa.Named[str] = sa.Column(sa.Text, primary_key=True)
    key: sa.Named[str] = sa.Column(sa.Text, primary_key=True)
    retire_time: sa.Named[datetime] = sa.Column(Instant)
    revision: sa.Named[int] = sa.Column(sa.BigInteger)


principals = sa.Table("principals", metadata, PrincipalColumns)
keys = sa.Table("keys", metadata, KeyColumns)
retirements = sa.Table("key_retirements", metadata, RetirementColumns)


def add(connection: sa.Connection, principal: Principal, revision: Revision) -> None:
    """Insert `principal`."""
    connection.execute(
        sa.insert(principals).values(
            principal=principal.principal,
            display_name=principal.display_name,
            role=principal.role.value,
            scopes="\n".join(principal.scopes),
            person=principal.person,
            create_time=revision.commit_time,
            revision=revision.number,
        )
    )


def find(connection: sa.Connection, principal: str) -> tuple[Principal, datetime] | None:
    """Return a principal and when it was created, or None."""
    row = (
        connection.execute(sa.select(principals).where(principals.c.principal == principal))
        .mappings()
        .one_or_none()
    )
    return None if row is None else (_principal(row), row["create_time"])


def any_exists(connection: sa.Connection) -> bool:
    """Tell whether there is a principal at all."""
    return connection.execute(sa.select(principals.c.principal).limit(1)).first() is not None


def of_digest(connection: sa.Connection, digest: str) -> tuple[Principal, datetime] | None:
    """Return the principal of a good key by the digest of its secret, or None."""
    row = (
        connection.execute(
            sa.select(principals)
            .join(keys, keys.c.principal == principals.c.principal)
            .outerjoin(
                retirements,
                sa.and_(
                    retirements.c.principal == keys.c.principal, retirements.c.key == keys.c.key
                ),
            )
            .where(keys.c.digest == digest, retirements.c.key.is_(None))
        )
        .mappings()
        .one_or_none()
    )
    return None if row is None else (_principal(row), row["create_time"])


def add_key(connection: sa.Connection, key: Key, revision: Revision) -> None:
    """Insert `key`."""
    connection.execute(
        sa.insert(keys).values(
            principal=key.principal,
            key=key.key,
            digest=key.digest,
            create_time=key.create_time,
            revision=revision.number,
        )
    )


def find_key(connection: sa.Connection, principal: str, key: str) -> Key | None:
    """Return a key, or None."""
    row = (
        connection.execute(
            sa.select(keys, retirements.c.retire_time)
            .outerjoin(
                retirements,
                sa.and_(
                    retirements.c.principal == keys.c.principal, retirements.c.key == keys.c.key
                ),
            )
            .where(keys.c.principal == principal, keys.c.key == key)
        )
        .mappings()
        .one_or_none()
    )
    if row is None:
        return None
    return Key(
        principal=row["principal"],
        key=row["key"],
        digest=row["digest"],
        create_time=row["create_time"],
        retire_time=row["retire_time"],
    )


def retire(connection: sa.Connection, key: Key, revision: Revision) -> None:
    """Record that `key` is good no more."""
    connection.execute(
        sa.insert(retirements).values(
            principal=key.principal,
            key=key.key,
            retire_time=revision.commit_time,
            revision=revision.number,
        )
    )


def _principal(row: sa.RowMapping) -> Principal:
    return Principal(
        principal=row["principal"],
        display_name=row["display_name"],
        role=Role(row["role"]),
        scopes=tuple(row["scopes"].splitlines()),
        person=row["person"],
    )
