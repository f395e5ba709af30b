"""How long what was reported must be kept: a published figure, with its source."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, PositiveInt

_FILE = Path(__file__).with_name("retention.toml")


class Retention(BaseModel):
    """The years that follow a year of reports and in which these are kept."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    retention_year_count: PositiveInt
    source: str
    status: str

    def newest_before(self, this_year: int) -> int:
        """Return the newest year before which nothing has to be kept any more.

        >>> Retention(retention_year_count=10, source="s", status="official").newest_before(2026)
        2016
        """
        return this_year - self.retention_year_count


@cache
def retention() -> Retention:
    """Return the retention that is in force."""
    return Retention.model_validate(tomllib.loads(_FILE.read_text("utf-8")))
