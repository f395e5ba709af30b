"""Evaluations: kept by what they were made from, and computed from it whenever one is read."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from services.accounting.domain.indicator import written, written_figures
from services.accounting.domain.indicator.evaluation import evaluate
from services.accounting.domain.indicator.input import Catalogue
from services.accounting.domain.indicator.kept import Kept, Knowledge
from services.accounting.store.tables import metadata
from services.runtime.columns import Instant
from services.runtime.revision import Revision
from services.runtime.stored import Stored


class EvaluationColumns(Stored):
    """One row an evaluation."""

    zone: sa.Named[str] = sa.Column(sa.Text, primary_key=True)
    """The resource name."""
    evaluation: sa.Named[str] = sa.Column(sa.Text, primary_key=True)
    system_zone: sa.Named[str] = sa.Column(sa.Text)
    system: sa.Named[dict[str, Any]] = sa.Column(sa.JSON)
    """Whole: a later release may hold another version of it."""
    question: sa.Named[dict[str, Any]] = sa.Column(sa.JSON)
    figures: sa.Named[list[dict[str, Any]]] = sa.Column(sa.JSON)
    members: sa.Named[list[str]] = sa.Column(sa.JSON)
    method_version: sa.Named[int] = sa.Column(sa.Integer)
    knowledge_time: sa.Named[datetime] = sa.Column(Instant)
    knowledge_revision: sa.Named[int] = sa.Column(sa.BigInteger)
    registry_revision: sa.Named[int] = sa.Column(sa.BigInteger)
    digest: sa.Named[str] = sa.Column(sa.Text)
    creator: sa.Named[str] = sa.Column(sa.Text)


evaluations = sa.Table("evaluations", metadata, EvaluationColumns)


def add(connection: sa.Connection, kept: Kept, revision: Revision) -> Kept:
    """Insert an evaluation; return it as it is stored."""
    made, knowledge = kept.evaluation, kept.knowledge
    connection.execute(
        sa.insert(evaluations).values(
            zone=made.question.zone,
            evaluation=kept.evaluation_id,
            system_zone=kept.system_zone,
            system=written.plain(made.system),
            question=written_figures.plain_question(made.question),
            figures=written_figures.plain_figures(made.figures),
            members=list(knowledge.members),
            method_version=knowledge.method_version,
            knowledge_time=knowledge.time,
            knowledge_revision=knowledge.revision,
            registry_revision=knowledge.registry_revision,
            digest=kept.digest,
            creator=kept.creator,
            create_time=revision.commit_time,
            revision=revision.number,
        )
    )
    return replace(kept, revision=revision.number, create_time=revision.commit_time)


def find(
    connection: sa.Connection, zone: str, evaluation: str, catalogue: Catalogue
) -> Kept | None:
    """Return an evaluation of a zone; None where there is none."""
    which = evaluations.c.evaluation == evaluation
    return next(iter(_select(connection, zone, which, catalogue, limit=1)), None)


def page(
    connection: sa.Connection, zone: str, catalogue: Catalogue, *, after: str, size: int
) -> list[Kept]:
    """Return the evaluations of a zone after an id, by id."""
    return _select(connection, zone, evaluations.c.evaluation > after, catalogue, limit=size)


def _select(
    connection: sa.Connection,
    zone: str,
    which: sa.ColumnElement[bool],
    catalogue: Catalogue,
    *,
    limit: int,
) -> list[Kept]:
    c = evaluations.c
    rows = connection.execute(
        sa.select(evaluations).where(c.zone == zone, which).order_by(c.evaluation).limit(limit)
    ).mappings()
    return [_kept(row, catalogue) for row in rows]


def _kept(row: sa.RowMapping, catalogue: Catalogue) -> Kept:
    return Kept(
        evaluation_id=row["evaluation"],
        system_zone=row["system_zone"],
        evaluation=evaluate(
            written.system(row["system"]),
            written_figures.question(row["question"]),
            written_figures.figures(row["figures"]),
            catalogue,
        ),
        knowledge=Knowledge(
            time=row["knowledge_time"],
            revision=row["knowledge_revision"],
            registry_revision=row["registry_revision"],
            method_version=row["method_version"],
            members=tuple(row["members"]),
        ),
        digest=row["digest"],
        creator=row["creator"],
        revision=row["revision"],
        create_time=row["create_time"],
    )
