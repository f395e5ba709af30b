"""A file that comes in parts: taken until it is whole, and seen to be what was announced."""

from __future__ import annotations

import hashlib
from collections.abc import Generator, Iterator
from typing import Final

from services.accounting.files import report as files
from services.kernel.errors import FieldInvalid, FieldRequired, LimitExceeded, Words
from zonecarbon.accounting.v1 import report_file_service_pb2 as pb

BYTES_LIMIT: Final = "report_file_bytes"


def header_of(request: Iterator[pb.UploadReportFileRequest]) -> pb.ReportFileHeader:
    """Return the header, which comes first.

    Raises:
        FieldRequired: something else comes first, or nothing.
        LimitExceeded: the file is too large.
    """
    first = next(request, None)
    if first is None or not first.HasField("header"):
        raise FieldRequired(field="header")
    size = first.header.file_size
    if size > files.MOST_BYTES:
        raise LimitExceeded(
            limit=BYTES_LIMIT,
            given=size,
            allowed=files.MOST_BYTES,
            way_out=Words(
                en="Split the file, for example by month.", zh="请拆分文件，例如按月拆分。"
            ),
        )
    return first.header


def received(
    header: pb.ReportFileHeader, request: Iterator[pb.UploadReportFileRequest]
) -> Generator[pb.UploadReportFileResponse, None, bytes]:
    """Return the file once it is whole; yield how far it is with each part.

    Raises:
        FieldInvalid: a second header comes, or the bytes are not those that the header says.
    """
    content = bytearray()
    for message in request:
        if message.HasField("header"):
            once = Words(en="the header once, first", zh="仅在开头发送一次")
            raise FieldInvalid(field="header", given=message.header.file_name, allowed=once)
        content += message.chunk
        if len(content) > header.file_size:
            break
        yield progress(len(content))
    if len(content) != header.file_size:
        raise FieldInvalid(
            field="header.file_size",
            given=str(header.file_size),
            allowed=Words(
                en=f"the number of bytes that come, here {len(content)} or more",
                zh=f"实际发送的字节数，本次为 {len(content)} 或更多",
            ),
        )
    whole = bytes(content)
    if (digest := hashlib.sha256(whole).hexdigest()) != header.sha256:
        raise FieldInvalid(field="header.sha256", given=header.sha256, allowed=digest)
    return whole


def progress(
    received_size: int, row_count: int = 0, judged_count: int = 0
) -> pb.UploadReportFileResponse:
    """Return the message of how far an upload is."""
    return pb.UploadReportFileResponse(
        progress=pb.UploadProgress(
            received_size=received_size, row_count=row_count, judged_count=judged_count
        )
    )
