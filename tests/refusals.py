"""How a test asks for a refusal, and reads it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import grpc
import pytest
from google.protobuf.message import Message
from google.rpc import code_pb2, error_details_pb2, status_pb2

from zonecarbon import client

Detail = TypeVar("Detail", bound=Message)
Request = TypeVar("Request", bound=Message)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """The status of a refused call, taken apart."""

    status: status_pb2.Status

    @property
    def code(self) -> str:
        """The canonical code, "INVALID_ARGUMENT"."""
        return code_pb2.Code.Name(self.status.code)

    @property
    def message(self) -> str:
        """The sentence in the caller's language."""
        return self.status.message

    @property
    def reason(self) -> str:
        """The `ErrorReason`, or ""."""
        return client.reason(self.status)

    @property
    def metadata(self) -> dict[str, str]:
        """What the error speaks of."""
        return dict(self.only(error_details_pb2.ErrorInfo).metadata)

    @property
    def fields(self) -> list[str]:
        """The paths of the fields that are wrong."""
        found = self.all(error_details_pb2.BadRequest)
        return [violation.field for each in found for violation in each.field_violations]

    def all(self, kind: type[Detail]) -> list[Detail]:
        """Every detail of a kind."""
        found = []
        for detail in self.status.details:
            message = kind()
            if detail.Unpack(message):
                found.append(message)
        return found

    def only(self, kind: type[Detail]) -> Detail:
        """The one detail of a kind."""
        (found,) = self.all(kind)
        return found


def refused(call: Callable[[Request], object], request: Request) -> Refused:
    """Return how `call` refuses `request`; fails where it answers, or gives no status."""
    with pytest.raises(grpc.RpcError) as caught:
        call(request)
    status = client.status(caught.value)
    assert status is not None, caught.value
    return Refused(status=status)
