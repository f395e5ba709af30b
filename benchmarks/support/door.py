"""What a message passes before anything is judged: metrics, authentication, the contract, arrays.

It is the server of the services, with a registry to know its callers by, and in place of accounting
one that answers as soon as it has what was sent.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from typing import Any

import grpc
from pydantic import SecretStr

from benchmarks.support.process import Begun
from services.__main__ import House
from services.accounting.domain.curve.block import Block
from services.accounting.servicer import ACCESS
from services.accounting.wire import curve as wire
from services.runtime import memory
from services.runtime.config import Settings
from services.runtime.identity import registry_authenticator
from services.runtime.metrics import Metrics
from services.runtime.server import Server
from services.runtime.service import Service
from zonecarbon.accounting.v1 import (
    accounting_service_pb2,
    curve_service_pb2,
)
from zonecarbon.client import channel
from zonecarbon.registry.v1 import principal_service_pb2_grpc

KEY = "zc-benchmark"
_LOOPBACK = "127.0.0.1:0"
_PACKAGE = "zonecarbon.accounting.v1"


def _reported(
    _: accounting_service_pb2.ReportActivityRequest, _context: grpc.ServicerContext
) -> accounting_service_pb2.ReportActivityResponse:
    return accounting_service_pb2.ReportActivityResponse()


def _streamed(
    requests: Iterator[curve_service_pb2.StreamCurveDaysRequest], _: grpc.ServicerContext
) -> Iterator[curve_service_pb2.StreamCurveDaysResponse]:
    for request in requests:
        block = wire.to_points(request.report)
        assert isinstance(block, Block), "they are no readings"
        yield curve_service_pb2.StreamCurveDaysResponse(
            sequence_number=request.sequence_number,
            # That all is there, and was read.
            report=curve_service_pb2.ReportCurveDaysResponse(revision=int(block.counts.sum())),
        )


def _answers(to: grpc.Server) -> None:
    """Add the two methods to a server."""
    report: grpc.RpcMethodHandler[Any, Any] = grpc.unary_unary_rpc_method_handler(
        _reported,
        request_deserializer=accounting_service_pb2.ReportActivityRequest.FromString,
        response_serializer=accounting_service_pb2.ReportActivityResponse.SerializeToString,
    )
    stream: grpc.RpcMethodHandler[Any, Any] = grpc.stream_stream_rpc_method_handler(
        _streamed,
        request_deserializer=curve_service_pb2.StreamCurveDaysRequest.FromString,
        response_serializer=curve_service_pb2.StreamCurveDaysResponse.SerializeToString,
    )
    for service, methods in (
        ("AccountingService", {"ReportActivity": report}),
        ("CurveService", {"StreamCurveDays": stream}),
    ):
        handler = grpc.method_handlers_generic_handler(f"{_PACKAGE}.{service}", methods)
        to.add_generic_rpc_handlers([handler])


def begin() -> Begun:
    """Begin to answer."""
    settings = Settings(
        registry_listen=_LOOPBACK,
        metrics_listen=_LOOPBACK,
        data_folder=tempfile.mkdtemp(),
        bootstrap_key=SecretStr(KEY),
    )
    house = House(settings, ["registry"])
    to_registry = channel(house.servers["registry"].address)
    principals = principal_service_pb2_grpc.PrincipalServiceStub(to_registry)
    server = Server(
        Service(
            name="accounting",
            register=[_answers],
            protos=[f"{_PACKAGE}.AccountingService", f"{_PACKAGE}.CurveService"],
            access=ACCESS,
            authenticate=registry_authenticator(principals),
            close=to_registry.close,
        ),
        _LOOPBACK,
        Metrics(),
    )
    server.start()
    memory.settle()
    return Begun(server.address, (server, house))
