"""Arrow Flight: the peer that is made for columns on their way to arrays in another process."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import date

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import flight

from benchmarks.support.process import Begun

_SUM_BYTES = 8
_MINUTES_PER_DAY = 1440


class _Server(flight.FlightServerBase):  # type: ignore[misc]
    """Takes days of meters; answers with the sum of their counts."""

    def do_put(
        self,
        context: flight.ServerCallContext,
        descriptor: flight.FlightDescriptor,
        reader: flight.MetadataRecordBatchReader,
        writer: flight.FlightMetadataWriter,
    ) -> None:
        """Make arrays of what comes."""
        for chunk in reader:
            column = chunk.data.column("counts")
            whole = column.flatten() if pa.types.is_nested(column.type) else column
            counts = whole.to_numpy(zero_copy_only=True)
            writer.write(int(counts.sum()).to_bytes(_SUM_BYTES, "little", signed=True))


def begin() -> Begun:
    """Begin to take days."""
    server = _Server("grpc://127.0.0.1:0")
    threading.Thread(target=server.serve, daemon=True).start()
    return Begun(f"grpc://127.0.0.1:{server.port}", server)


def days(names: Sequence[str], first: date, counts: NDArray[np.int32]) -> pa.RecordBatch:
    """Return points as columns, a row a day of a meter; (meter, day, point)."""
    meters, day_count, points = counts.shape
    dates = np.datetime64(first) + np.arange(day_count)
    return pa.record_batch(
        {
            "meter": _meters(names, day_count),
            "date": pa.array(np.tile(dates, meters)),
            "counts": pa.FixedSizeListArray.from_arrays(pa.array(counts.reshape(-1)), points),
        }
    )


def points(names: Sequence[str], first: date, counts: NDArray[np.int32]) -> pa.RecordBatch:
    """Return the same with a row a point."""
    meters, day_count, a_day = counts.shape
    step = np.timedelta64(_MINUTES_PER_DAY // a_day, "m")
    times = np.datetime64(first, "us") + np.arange(day_count * a_day) * step
    return pa.record_batch(
        {
            "meter": _meters(names, day_count * a_day),
            "time": pa.array(np.tile(times, meters)),
            "counts": pa.array(counts.reshape(-1)),
        }
    )


def _meters(names: Sequence[str], row_count: int) -> pa.DictionaryArray:
    """Return the meter of each row, of so many rows a meter."""
    places = np.repeat(np.arange(len(names), dtype=np.int32), row_count)
    return pa.DictionaryArray.from_arrays(places, list(names))


def put(client: flight.FlightClient, batches: Sequence[pa.RecordBatch]) -> list[int]:
    """Send days by one DoPut; return the sums that were answered, once all are there."""
    descriptor = flight.FlightDescriptor.for_path("days")
    writer, answers = client.do_put(descriptor, batches[0].schema)
    with writer:
        for each in batches:
            writer.write_batch(each)
        writer.done_writing()
        return [int.from_bytes(answers.read().to_pybytes(), "little", signed=True) for _ in batches]
