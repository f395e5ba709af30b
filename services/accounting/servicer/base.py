"""What every servicer of accounting holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, Protocol

import sqlalchemy as sa
from google.protobuf import timestamp_pb2

from services.accounting.domain.enterprise import Enterprise
from services.accounting.domain.metering.steam import SteamTable
from services.accounting.domain.method import Method
from services.accounting.domain.need import Reporter
from services.accounting.neighbours import Registry
from services.accounting.store.inventories import Key
from services.kernel import names
from services.kernel.errors import FieldInvalid, NameInvalid, NotFound, Words
from services.kernel.names import HOME_METHOD
from services.kernel.period import EARLIEST, LATEST_END, SHANGHAI
from services.runtime import revision, wire
from services.runtime.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What accounting computes by: its data files."""

    methods: Mapping[str, Method]
    """By id, the home method first."""
    steam: SteamTable


class Asked(Protocol):
    """A request that may ask for what was known at a moment."""

    @property
    def as_of_time(self) -> timestamp_pb2.Timestamp:
        """The moment."""

    def HasField(self, field_name: Literal["as_of_time"]) -> bool:
        """Tell whether it asks for one."""


class AskedVersion(Asked, Protocol):
    """A request that may ask for a version, or for what was known at a moment."""

    @property
    def resource_version(self) -> int:
        """The version; 0 for the current one."""


class Base:
    """The database, the registry behind its channel, the rules, and what day it is."""

    def __init__(
        self,
        database: Database,
        registry: Registry,
        rules: Rules,
        today: Callable[[], date] = lambda: datetime.now(SHANGHAI).date(),
    ) -> None:
        self._database = database
        self._registry = registry
        self._methods = rules.methods
        self._steam = rules.steam
        self._today = today

    def _method(self, method_id: str = "", field: str = "method_id") -> Method:
        """Return a method, the home method where none is named.

        Raises:
            FieldInvalid: there is none of that id.
        """
        found = self._methods.get(method_id or HOME_METHOD)
        if found is None:
            known = ", ".join(self._methods)
            raise FieldInvalid(field=field, given=method_id, allowed=known)
        return found

    def _as_of(self, connection: sa.Connection, asked: Asked) -> int | None:
        """Return the last revision that was closed at the moment asked for; None where it is now.

        Raises:
            FieldInvalid: it is no moment.
        """
        if not asked.HasField("as_of_time"):
            return None
        return revision.as_of(connection, wire.to_instant(asked.as_of_time, "as_of_time"))

    def _asked_version(
        self, connection: sa.Connection, asked: AskedVersion
    ) -> tuple[int, int | None]:
        """Return the version asked for, or 0 and what `_as_of` returns.

        Raises:
            FieldInvalid: both are asked for, or it is no moment.
        """
        if asked.resource_version and asked.HasField("as_of_time"):
            allowed = Words(en="0 where a moment is asked for", zh="指定时刻时应为 0")
            raise FieldInvalid(
                field="resource_version", given=str(asked.resource_version), allowed=allowed
            )
        return asked.resource_version, self._as_of(connection, asked)

    def _reporter(self, enterprise: Enterprise) -> Reporter:
        """Return an enterprise with the methods that may cover it, and the tables of steam."""
        return Reporter(
            enterprise=enterprise, methods=tuple(self._methods.values()), steam=self._steam
        )

    def _see(self, owner: str, wanted: str, field: str) -> None:
        """Return where the caller may see an enterprise or a zone.

        Raises:
            NameInvalid: `owner` is the name of neither; at `field`.
            NotFound: there is none of that name to be seen; for `wanted`.
        """
        if names.ZONE.matches(owner):
            self._registry.zone(owner, wanted=wanted)
        elif names.ENTERPRISE.matches(owner):
            self._registry.enterprise(owner, wanted=wanted)
        else:
            pattern = f"{names.ENTERPRISE} | {names.ZONE}"
            raise NameInvalid(field=field, given=owner, pattern=pattern)

    def _key(self, name: str) -> Key:
        """Return which inventory a name means.

        Raises:
            NameInvalid: it is no name of an inventory.
            NotFound: its year is out of bounds, or there is no such method.
        """
        ids = names.INVENTORY.parse(name)
        year, method_id = self._year_and_method(ids["inventory"], name)
        return Key(enterprise=ids["enterprise"], accounting_year=year, method_id=method_id)

    def _year_and_method(self, inventory: str, name: str) -> tuple[int, str]:
        year, method_id = names.of_inventory(inventory)
        if not EARLIEST.year <= year < LATEST_END.year or method_id not in self._methods:
            raise NotFound(name=name)
        return year, method_id

    def _seen_period(
        self, name: str, field: str = "name", *, wanted: str = ""
    ) -> tuple[Enterprise, int]:
        """Return the enterprise and year of a period, of one that the caller may see.

        Raises:
            NameInvalid: it is no name of a period; at `field`.
            NotFound: the caller may not, or the year is out of bounds; for `wanted`, what it asked
                for, where that is not the period itself.
        """
        ids = names.PERIOD.parse(name, field)
        parent = names.ENTERPRISE.format(enterprise=ids["enterprise"])
        wanted = wanted or name
        enterprise, year = self._registry.enterprise(parent, wanted=wanted), int(ids["year"])
        if not EARLIEST.year <= year < LATEST_END.year:
            raise NotFound(name=wanted)
        return enterprise, year
