"""What every servicer of accounting holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from services.accounting.domain.enterprise import Enterprise
from services.accounting.domain.method import Method
from services.accounting.domain.need import Reporter
from services.accounting.domain.steam import SteamTable
from services.accounting.neighbours import Registry
from services.accounting.store.inventories import Key
from services.kernel import names
from services.kernel.errors import FieldInvalid, NotFound
from services.kernel.names import HOME_METHOD
from services.kernel.period import EARLIEST, LATEST_END, SHANGHAI
from services.runtime.database import Database
from zonecarbon.accounting.v1 import accounting_service_pb2_grpc


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What accounting computes by: its data files."""

    methods: Mapping[str, Method]
    """By id, the home method first."""
    steam: SteamTable


class Base(accounting_service_pb2_grpc.AccountingServiceServicer):
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

    def _reporter(self, enterprise: Enterprise) -> Reporter:
        """Return an enterprise with the methods that may cover it, and the tables of steam."""
        return Reporter(
            enterprise=enterprise, methods=tuple(self._methods.values()), steam=self._steam
        )

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
