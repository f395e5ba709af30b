"""Services in processes of their own, as they are deployed: who asks takes none of their time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

import grpc

from services.runtime.config import Settings
from tests.fixtures.killable import Killable
from tests.fixtures.ports import free_port
from zonecarbon.client import Addresses

_PATIENCE_S = 60.0


@contextmanager
def serving(settings: Settings, names: Sequence[str]) -> Iterator[Addresses]:
    """Give the addresses of services that answer, each on a port of loopback."""
    addresses = {name: f"127.0.0.1:{free_port()}" for name in names}
    listening = settings.model_copy(
        update={
            f"{name}_{end}": address
            for name, address in addresses.items()
            for end in ("listen", "address")
        }
    )
    with ExitStack() as stack:
        for name in names:
            service = Killable(name=name, settings=listening)
            service.start()
            stack.callback(service.kill)
        for address in addresses.values():
            with grpc.insecure_channel(address) as probe:
                grpc.channel_ready_future(probe).result(_PATIENCE_S)
        yield Addresses(**addresses)
