"""Moments between changes, and changes of the factor library that are taken back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from google.protobuf import timestamp_pb2

from tests.accounting.world import World
from zonecarbon.accounting.v1 import line_pb2
from zonecarbon.registry.v1 import factor_service_pb2


def now() -> timestamp_pb2.Timestamp:
    """A moment after all that was done before it."""
    moment = timestamp_pb2.Timestamp()
    moment.FromDatetime(datetime.now(UTC))
    return moment


@contextmanager
def revise(
    world: World, binding: line_pb2.FactorBinding, value: str, index: int = 0
) -> Iterator[None]:
    """Load another figure under the name of a factor of a line; take it back at the end."""
    name = binding.factors[index].factor
    factors = world.running.administrator.factors
    before = factors.GetFactor(factor_service_pb2.GetFactorRequest(name=name))
    load(world, name, value)
    try:
        yield
    finally:
        load(world, name, before.quantity.value.value)


def load(world: World, name: str, value: str) -> None:
    """Load a figure under the name of a factor, and wait until the books follow."""
    factors = world.running.administrator.factors
    factor = factors.GetFactor(factor_service_pb2.GetFactorRequest(name=name))
    factor.quantity.value.value = value
    factors.ImportFactors(factor_service_pb2.ImportFactorsRequest(factors=[factor]))
    world.running.wait_for_restatement()
