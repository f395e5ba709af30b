"""Reconciliation statements: why two methods differ over the same records."""

from __future__ import annotations

import grpc
import sqlalchemy as sa

from services.accounting import store
from services.accounting.domain.computation import chosen_gwp_set
from services.accounting.domain.method import Basis, Method
from services.accounting.domain.reconciliation import Side, rows
from services.accounting.servicer.base import Base
from services.accounting.store.inventories import Key
from services.accounting.wire import reconciliation as wire
from services.kernel import names
from services.kernel.errors import FieldInvalid, NotFound, within
from services.runtime import auth
from zonecarbon.accounting.v1 import accounting_service_pb2 as pb
from zonecarbon.accounting.v1 import reconciliation_pb2


class Reconciliations(Base):
    def ReconcileInventories(
        self, request: pb.ReconcileInventoriesRequest, context: grpc.ServicerContext
    ) -> reconciliation_pb2.Reconciliation:
        enterprise = names.ENTERPRISE.parse(request.parent, "parent")["enterprise"]
        self._registry.enterprise(request.parent)
        with self._database.read() as connection:
            first, second = (
                self._side(connection, enterprise, request.accounting_year, side, field)
                for side, field in ((getattr(request, "from"), "from"), (request.to, "to"))
            )
        return wire.from_rows(first, second, rows(first, second), auth.language())

    def _side(
        self,
        connection: sa.Connection,
        enterprise: str,
        year: int,
        asked: pb.ReconciledSide,
        field: str,
    ) -> Side:
        with within(f"{field}."):
            method = self._method(asked.method_id)
            gwp_set = chosen_gwp_set(method, asked.gwp_set)
            basis = chosen_basis(method, asked.scope2_basis)
        key = Key(enterprise=enterprise, accounting_year=year, method_id=method.method_id)
        found = store.inventories.find(connection, key, self._methods)
        if found is None:
            inventory = names.inventory_id(year, method.method_id)
            raise NotFound(name=names.INVENTORY.format(enterprise=enterprise, inventory=inventory))
        lines = store.lines.current(connection, [enterprise], year, method.method_id)
        return Side(inventory=found[0], lines=tuple(lines), gwp_set=gwp_set, basis=basis)


def chosen_basis(method: Method, given: str) -> Basis:
    """Return the basis that is named; the method's own where none is.

    Raises:
        FieldInvalid: the method has no such basis.
    """
    known = {basis.value: basis for basis in method.bases}
    if given and given not in known:
        raise FieldInvalid(field="scope2_basis", given=given, allowed=", ".join(known))
    return known.get(given, method.basis)
