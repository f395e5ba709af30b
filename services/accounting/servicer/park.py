"""Statements of parks, of which nothing is stored."""

from __future__ import annotations

import grpc

from services.accounting.domain.park.rule import ParkRules
from services.accounting.domain.park.statement import evaluate
from services.accounting.wire import park as wire
from zonecarbon.accounting.v1 import park_pb2, park_service_pb2, park_service_pb2_grpc


class Parks(park_service_pb2_grpc.ParkServiceServicer):
    """ParkService: the indicators as they are written, and no database."""

    def __init__(self, rules: ParkRules) -> None:
        self._rules = rules

    def EvaluatePark(
        self, request: park_service_pb2.EvaluateParkRequest, context: grpc.ServicerContext
    ) -> park_pb2.ParkStatement:
        return wire.from_statement(evaluate(wire.to_question(request), self._rules), request)
