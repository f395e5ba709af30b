"""How the characters of a text file are written as bytes, found out without a guess."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from services.kernel.errors import FileInvalid, Words


class Encoding(StrEnum):
    """How the characters of a text are written as bytes."""

    UTF_8 = "UTF_8"
    UTF_8_BOM = "UTF_8_BOM"
    GB18030 = "GB18030"


CODECS: Final[Mapping[Encoding, str]] = {
    Encoding.UTF_8: "utf-8",
    Encoding.UTF_8_BOM: "utf-8-sig",
    Encoding.GB18030: "gb18030",
}
"""What Python calls the encodings."""

_BOM: Final = b"\xef\xbb\xbf"
_UTF_16: Final = (b"\xff\xfe", b"\xfe\xff")
_THREE_BYTES: Final = "\u0800"
"""The first character that UTF-8 writes in three bytes; every Chinese one lies beyond."""


def encoding_of(content: bytes) -> Encoding:
    """Return the encoding of a text: the one whose rules every byte keeps.

    >>> encoding_of("碳排放".encode("gb18030"))
    <Encoding.GB18030: 'GB18030'>

    Raises:
        FileInvalid: it is of none of the encodings, or could be of two that mean different things.
    """
    if content.startswith(_UTF_16):
        raise _unreadable("UTF-16")
    utf_8, gb18030 = _decoded(content, "utf-8"), _decoded(content, "gb18030")
    if content.startswith(_BOM) and utf_8 is not None:
        return Encoding.UTF_8_BOM
    if utf_8 is None:
        if gb18030 is None:
            raise _unreadable(content[:8].hex())
        return Encoding.GB18030
    # Two Chinese characters of GB18030 can be two letters of UTF-8; three bytes are no accident.
    if not utf_8.isascii() and max(utf_8) < _THREE_BYTES and gb18030 is not None:
        at = next(index for index, mark in enumerate(utf_8) if not mark.isascii())
        raise FileInvalid(
            given=utf_8[at : at + 8],
            problem=Words(
                en="its bytes can be UTF-8 or GB18030, and mean different things; save it as CSV "
                "UTF-8 with a byte order mark, or as XLSX",
                zh="其字节既可能是 UTF-8 也可能是 GB18030，含义不同；"
                "请另存为带 BOM 的 CSV UTF-8 或 XLSX",
            ),
        )
    return Encoding.UTF_8


def decoded(content: bytes) -> str:
    """Return a text without its byte order mark; raises as `encoding_of`."""
    return content.decode(CODECS[encoding_of(content)])


def _decoded(content: bytes, codec: str) -> str | None:
    try:
        return content.decode(codec)
    except UnicodeDecodeError:
        return None


def _unreadable(given: str) -> FileInvalid:
    return FileInvalid(
        given=given,
        problem=Words(
            en="it is neither XLSX nor text in UTF-8 or GB18030; save it as XLSX or as CSV UTF-8",
            zh="该文件既不是 XLSX，也不是 UTF-8 或 GB18030 编码的文本；请另存为 XLSX 或 CSV UTF-8",
        ),
    )
