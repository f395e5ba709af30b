"""What a service is made of."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any, ParamSpec, Protocol, TypeVar, cast

import grpc

from services.runtime import auth

_Asked = ParamSpec("_Asked")
_Answer = TypeVar("_Answer")


class Job(Protocol):
    """Work in the background."""

    def stop(self) -> None:
        """Stop and wait until it has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """What a service is made of; its `__main__` puts it together."""

    name: str
    register: Sequence[Callable[[grpc.Server], None]]
    """The generated functions that add its servicers, bound to them."""
    protos: Sequence[str]
    """Full names of its protobuf services."""
    access: auth.Access
    authenticate: auth.Authenticator
    close: Callable[[], None]
    """Closes its database and channels."""
    jobs: Sequence[Callable[[], Job]] = field(default=())
    """Background jobs, begun once it serves."""
    looped: bool = False
    """Whether one thread answers, see `looped`: for a service whose methods that are called most
    wait together, and none of whose methods streams."""


def awaited(method: Callable[_Asked, Coroutine[Any, Any, _Answer]]) -> Callable[_Asked, _Answer]:
    """Return a method of a looped service as the generated servicer declares it: it is awaited."""
    return cast("Callable[_Asked, _Answer]", method)
