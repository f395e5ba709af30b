"""Computations that store nothing."""

from __future__ import annotations

import grpc

from services.accounting.domain.computation import Question, answer, needs
from services.accounting.servicer.base import Base
from services.accounting.wire import computation as wire
from services.runtime import auth
from zonecarbon.accounting.v1 import accounting_service_pb2 as pb


class Computations(Base):
    def ComputeEmissions(
        self, request: pb.ComputeEmissionsRequest, context: grpc.ServicerContext
    ) -> pb.ComputeEmissionsResponse:
        question = Question(
            method=self._method(request.method_id),
            accounting_year=request.accounting_year,
            region_code=request.region_code,
        )
        activities = wire.to_activities(request.activities)
        wanted = needs(activities, question)
        found, registry_revision = self._registry.resolve(
            {query for need in wanted for query in need.queries()}
        )
        results = answer(activities, wanted, found)
        return wire.from_computed(results, registry_revision, auth.language())
