"""Another service, asked over gRPC in the name of the caller."""

from __future__ import annotations

from typing import TypeVar

import grpc
from google.protobuf.message import Message

from services.kernel.errors import NeighbourUnavailable
from services.runtime import auth
from services.runtime.status import Relayed
from zonecarbon import client

Request = TypeVar("Request", bound=Message)
Answer = TypeVar("Answer", bound=Message)

_DEADLINE_SECONDS = 10.0


def ask(
    service: str,
    method: grpc.UnaryUnaryMultiCallable[Request, Answer],
    request: Request,
    *,
    key: str | None = None,
) -> Answer:
    """Return the answer of `service` to the current caller, or to the principal of `key`.

    Raises:
        NeighbourUnavailable: it does not answer.
        Relayed: it refused; the caller gets its status.
    """
    secret = auth.caller().key if key is None else key
    metadata = (
        ("authorization", f"Bearer {secret}"),
        ("accept-language", auth.language()),
    )
    try:
        return method(request, timeout=_DEADLINE_SECONDS, metadata=metadata)
    except grpc.RpcError as error:
        refusal = client.status(error)
        if refusal is None:
            raise NeighbourUnavailable(service=service) from error
        raise Relayed(status=refusal.SerializeToString()) from error
