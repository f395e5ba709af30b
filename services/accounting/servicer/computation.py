"""Computations that store nothing."""

from __future__ import annotations

import grpc

from services.accounting.domain.activity import HEAT
from services.accounting.domain.binding import BoundFactor
from services.accounting.domain.computation import Question, answer, chosen_gwp_set, needs
from services.accounting.domain.need import enthalpy
from services.accounting.servicer.base import Base
from services.accounting.wire import computation as wire
from services.runtime import auth
from zonecarbon.accounting.v1 import accounting_service_pb2 as pb


class Computations(Base):
    def ComputeEmissions(
        self, request: pb.ComputeEmissionsRequest, context: grpc.ServicerContext
    ) -> pb.ComputeEmissionsResponse:
        method = self._method(request.method_id)
        question = Question(
            method=method,
            accounting_year=request.accounting_year,
            region_code=request.region_code,
            gwp_set=chosen_gwp_set(method, request.gwp_set),
        )
        activities = wire.to_activities(request.activities, self._enthalpy)
        wanted = needs(activities, question)
        found, registry_revision = self._registry.resolve(
            {query for each in wanted for query in each.need.queries}
        )
        results = answer(wanted, found)
        return wire.from_computed(results, question, registry_revision, auth.language())

    def _enthalpy(self, state: str) -> BoundFactor:
        found = enthalpy(state, HEAT, self._steam)
        assert found is not None, "asked for a state"
        return found
