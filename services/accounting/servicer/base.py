"""What every servicer of accounting holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime

from services.accounting.domain.method import Method
from services.accounting.neighbours import Registry
from services.kernel.errors import FieldInvalid
from services.kernel.period import SHANGHAI
from services.runtime.database import Database
from zonecarbon.accounting.v1 import accounting_service_pb2_grpc

DEFAULT_METHOD = "gbt32150"


class Base(accounting_service_pb2_grpc.AccountingServiceServicer):
    """The database, the registry behind its channel, the methods, and what day it is."""

    def __init__(
        self,
        database: Database,
        registry: Registry,
        methods: Mapping[str, Method],
        today: Callable[[], date] = lambda: datetime.now(SHANGHAI).date(),
    ) -> None:
        self._database = database
        self._registry = registry
        self._methods = methods
        self._today = today

    def _method(self, method_id: str = "") -> Method:
        """Return a method, the default one where none is named.

        Raises:
            FieldInvalid: there is none of that id.
        """
        found = self._methods.get(method_id or DEFAULT_METHOD)
        if found is None:
            known = ", ".join(sorted(self._methods))
            raise FieldInvalid(field="method_id", given=method_id, allowed=known)
        return found
