"""The services behind the door, asked over gRPC in the caller's name; their refusals as errors."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import grpc
from google.protobuf.descriptor import ServiceDescriptor
from google.protobuf.message_factory import GetMessageClass

from services.console.route import Route
from services.kernel.errors import (
    DeadlineExceeded,
    DomainError,
    Internal,
    NeighbourUnavailable,
)
from services.runtime.log import log
from services.runtime.status import Relayed
from zonecarbon import client


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbour:
    """A service: its channel, and what it serves."""

    name: str
    channel: grpc.Channel
    services: Sequence[ServiceDescriptor]

    def stub(self, route: Route) -> Any:
        """Return what calls the method, one of the four kinds by how it streams."""
        kinds: Mapping[tuple[bool, bool], Callable[..., Any]] = {
            (False, False): self.channel.unary_unary,
            (False, True): self.channel.unary_stream,
            (True, False): self.channel.stream_unary,
            (True, True): self.channel.stream_stream,
        }
        method = route.method
        return kinds[method.client_streaming, method.server_streaming](
            route.rpc,
            request_serializer=GetMessageClass(method.input_type).SerializeToString,
            response_deserializer=GetMessageClass(method.output_type).FromString,
        )

    def late(self, seconds: float | None) -> DeadlineExceeded:
        """Return the error that a call is which was given so many seconds."""
        return DeadlineExceeded(service=self.name, seconds=seconds or 0.0)

    def refusal(self, route: Route, error: grpc.RpcError, seconds: float | None) -> DomainError:
        """Return the error that a failed call is, which was given so many seconds."""
        code = cast("grpc.Call", error).code()
        if (found := client.status(error)) is not None:
            return Relayed(status=found.SerializeToString())
        if code is grpc.StatusCode.UNAVAILABLE:
            return NeighbourUnavailable(service=self.name)
        if code is grpc.StatusCode.DEADLINE_EXCEEDED:
            return self.late(seconds)
        return defect(route.rpc, error)


def defect(rpc: str, error: Exception) -> Internal:
    """Log a mistake of ours; return the error that does not show its text to the caller."""
    error_id = uuid.uuid4().hex[:12]
    log.error("defect", method=rpc, error_id=error_id, exc_info=error)
    return Internal(error_id=error_id)
