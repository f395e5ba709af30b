"""An evaluation as it is kept: what it was made from, so that it can be made again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from services.accounting.domain.indicator.evaluation import Evaluation
from services.kernel import names


@dataclass(frozen=True, slots=True, kw_only=True)
class Knowledge:
    """What was known when the figures of an evaluation were gathered."""

    time: datetime
    """The registry was asked as of this moment."""
    revision: int
    """Accounting's own."""
    registry_revision: int
    method_version: int
    """0 where no emissions were taken."""
    members: tuple[str, ...]
    """Names of the enterprises that belong to the zone in the year."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """An evaluation, what it was made from, and who asked for it."""

    evaluation_id: str
    system_zone: str
    """The id of the zone whose desk the system is of; empty of a published document."""
    evaluation: Evaluation
    knowledge: Knowledge
    digest: str
    """Of the evaluation when it was kept."""
    creator: str
    revision: int = 0
    create_time: datetime | None = None

    @property
    def name(self) -> str:
        """The resource name."""
        zone = names.ZONE.parse(self.evaluation.question.zone)["zone"]
        return names.EVALUATION.format(zone=zone, evaluation=self.evaluation_id)

    @property
    def system_name(self) -> str:
        """The resource name of the version of the system."""
        system = self.evaluation.system
        ids = {"indicator_system": system.system_id, "version": str(system.version)}
        if self.system_zone:
            return names.ZONE_INDICATOR_SYSTEM.format(zone=self.system_zone, **ids)
        return names.INDICATOR_SYSTEM.format(**ids)
