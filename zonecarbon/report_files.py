"""Reports as files: sent in parts, fetched in parts, and seen to be whole.

    done = send(client, File.of(Path("2024.xlsx")), parent="enterprises/chp")
    for error in done.result.cell_errors:
        print(error.cell, error.message)

A file has one effect, however often it is sent. So a stream that breaks is sent again here, with
the same `request_id`, and a caller that was cut off itself may send the file again too.
"""

from __future__ import annotations

import hashlib
import random
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Self, cast

import grpc

from zonecarbon.accounting.v1 import report_file_service_pb2 as pb
from zonecarbon.client import Client

PART_BYTES: Final = 2**20
DEADLINE_SECONDS: Final = 600.0
"""For one stream: an upload that hangs ends, and can be sent again."""

_ATTEMPTS: Final = 4
_BACKOFF_SECONDS: Final = 0.25


class FileBroken(Exception):
    """What has arrived is not the file that the service speaks of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file to be sent."""

    name: str
    content: bytes = field(repr=False)

    @classmethod
    def of(cls, path: Path) -> Self:
        """Return the file at `path`.

        Raises:
            OSError: it cannot be read.
        """
        return cls(name=path.name, content=path.read_bytes())


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What became of a file."""

    result: pb.UploadResult
    annotated: bytes = field(repr=False)
    """The annotated workbook, XLSX; empty where nothing is wrong or it was not asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What should become of a file."""

    validate_only: bool = False
    """Judge it and store nothing."""
    accept_good_rows: bool = False
    """Store the good rows although others are refused."""
    annotate: bool = False
    """Send the annotated workbook back where a cell is wrong."""
    request_id: str = field(default_factory=lambda: str(uuid.uuid4()))


def send(
    to: Client,
    file: File,
    *,
    parent: str,
    wanted: Wanted | None = None,
    progress: Callable[[pb.UploadProgress], object] = lambda _: None,
) -> Sent:
    """Return what became of a file of the enterprise `parent`; `progress` is told how far it is.

    While the service is away the file is sent again, four times in all.

    Raises:
        grpc.RpcError: the service refuses the file, or stays away.
    """
    header = _header(file, parent, wanted or Wanted())
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            return _sent_once(to, header, file.content, progress)
        except grpc.RpcError as error:
            away = cast("grpc.Call", error).code() is grpc.StatusCode.UNAVAILABLE
            if not away or attempt == _ATTEMPTS:
                raise
            time.sleep(_BACKOFF_SECONDS * 2**attempt * random.random())  # noqa: S311 (no secret)
    raise AssertionError("the last attempt returns or raises")


def fetch(to: Client, name: str) -> bytes:
    """Return the original of the report file `name`.

    Raises:
        grpc.RpcError: there is none of that name.
        FileBroken: what came is not what was stored.
    """
    stored = to.report_files.GetReportFile(pb.GetReportFileRequest(name=name))
    parts = to.report_files.DownloadReportFile(
        pb.DownloadReportFileRequest(name=name), timeout=DEADLINE_SECONDS
    )
    content = b"".join(each.chunk for each in parts)
    if hashlib.sha256(content).hexdigest() != stored.sha256:
        raise FileBroken("the file did not arrive as it is stored; fetch it again")
    return content


def _header(file: File, parent: str, wanted: Wanted) -> pb.ReportFileHeader:
    return pb.ReportFileHeader(
        parent=parent,
        file_name=file.name,
        file_size=len(file.content),
        sha256=hashlib.sha256(file.content).hexdigest(),
        request_id=wanted.request_id,
        validate_only=wanted.validate_only,
        accept_good_rows=wanted.accept_good_rows,
        annotate=wanted.annotate,
    )


def _sent_once(
    to: Client,
    header: pb.ReportFileHeader,
    content: bytes,
    progress: Callable[[pb.UploadProgress], object],
) -> Sent:
    result, annotated = pb.UploadResult(), bytearray()
    stream = to.report_files.UploadReportFile(_parts(header, content), timeout=DEADLINE_SECONDS)
    for message in stream:
        match message.WhichOneof("part"):
            case "progress":
                progress(message.progress)
            case "result":
                result = message.result
            case "annotated_chunk":
                annotated += message.annotated_chunk
    return Sent(result=result, annotated=bytes(annotated))


def _parts(header: pb.ReportFileHeader, content: bytes) -> Iterator[pb.UploadReportFileRequest]:
    yield pb.UploadReportFileRequest(header=header)
    for begin in range(0, len(content), PART_BYTES):
        yield pb.UploadReportFileRequest(chunk=content[begin : begin + PART_BYTES])
