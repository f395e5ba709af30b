"""The archive: a zip with one part a table, and a manifest of what each of them must be.

It is written under a name that says that it is partial, and gets its own name once every byte is on
the disk. A zip ends with a comment: here that is the SHA-256 of all before it, the seal. So a byte
that changed is noticed wherever it is, and where a part holds it, the part is named.
"""

from __future__ import annotations

import hashlib
import os
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final

import orjson
from pydantic import BaseModel, ConfigDict, ValidationError

from services.kernel.errors import Words
from services.runtime.backup.rows import Kind, Row

MANIFEST: Final = "manifest.json"
FORMAT: Final = "zonecarbon-backup-1"

_SEAL_SIZE: Final = hashlib.sha256().digest_size * 2
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
_CHUNK_BYTES: Final = 1 << 20
_UNREADABLE: Final = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    KeyError,
    NotImplementedError,
    RuntimeError,
    ValueError,
)
"""What `zipfile` raises at bytes that are no zip, or not any more."""
_CUT: Final = Words(
    en="it is no archive that was written to its end; take another",
    zh="不是完整写入的归档文件；请改用其他备份",
)
_BETWEEN: Final = Words(
    en="bytes between its parts are not those that were written; take another",
    zh="各部分之间的字节与写入时不一致；请改用其他备份",
)
_CHANGED: Final = Words(
    en="its bytes are not those that were written; take another archive",
    zh="内容与写入时不一致；请改用其他备份",
)


class Part(BaseModel):
    """One table of an archive."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    table: str
    columns: dict[str, Kind]
    row_count: int
    sha256: str
    """Of the part's bytes as they are before they are compressed."""


class Manifest(BaseModel):
    """What an archive says that it is."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: str = FORMAT
    service: str
    release: str
    alembic_version: str
    revision: int
    """The newest that it holds."""
    cursors: dict[str, int]
    """How far this service had followed others."""
    create_time: str
    before_year: int | None = None
    """Of an archive of old rows: the year that all of them are before; None for a backup."""
    parts: list[Part]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that is wrong, and where: a part of an archive, or a table."""

    where: str
    text: Words


class ArchiveWrong(Exception):
    """A file that is no archive, or not as it was written."""

    def __init__(self, *findings: Finding) -> None:
        super().__init__("; ".join(f"{each.where}: {each.text.en}" for each in findings))
        self.findings = findings


@dataclass(frozen=True, slots=True, kw_only=True)
class Writer:
    """Takes the parts of an archive."""

    _zip: zipfile.ZipFile
    parts: list[Part] = field(default_factory=list)

    def add(self, table: str, columns: Mapping[str, Kind], rows: Iterable[Row]) -> None:
        """Write the rows of a table, one a line."""
        digest, count = hashlib.sha256(), 0
        with self._zip.open(_entry(part_name(table)), "w", force_zip64=True) as part:
            for row in rows:
                line = orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE)
                part.write(line)
                digest.update(line)
                count += 1
        self.parts.append(
            Part(table=table, columns=dict(columns), row_count=count, sha256=digest.hexdigest())
        )

    def close(self, manifest: Manifest) -> None:
        """Write the manifest, which comes last: an archive without one is not whole."""
        self._zip.writestr(_entry(MANIFEST), orjson.dumps(manifest.model_dump(mode="json")))


@contextmanager
def writing(path: Path) -> Iterator[Writer]:
    """Give what writes the archive `path`, which is there once all of it is; or nothing is.

    Raises:
        FileExistsError: `path` is there already.
    """
    if path.exists():
        raise FileExistsError(path)
    partial = path.with_name(f".{path.name}.partial")
    # It holds everything that was ever reported: it is for its owner alone.
    number = os.open(partial, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(number, "w+b") as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as zipped:
                zipped.comment = b"0" * _SEAL_SIZE
                yield Writer(_zip=zipped)
            _put_seal(file)
        partial.rename(path)
        _sync_folder(path.parent)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


def manifest(path: Path) -> Manifest:
    """Return what the archive says that it is.

    Raises:
        ArchiveWrong: it is no archive of this form.
    """
    with _opened(path) as zipped:
        return _manifest(zipped)


def rows(path: Path, part: Part) -> Iterator[Row]:
    """Yield the rows of a part of an archive that was found whole."""
    with _opened(path) as zipped, zipped.open(part_name(part.table)) as lines:
        for line in lines:
            yield orjson.loads(line)


def findings(path: Path) -> list[Finding]:
    """Return what is wrong with the archive `path`: nothing where it is whole."""
    try:
        with _opened(path) as zipped:
            said = _manifest(zipped)
            found = [*_of_names(zipped, said), *_of_parts(zipped, said)]
    except ArchiveWrong as wrong:
        return list(wrong.findings)
    if not found and seal(path) != _sealed(path):
        found.append(Finding(where=path.name, text=_BETWEEN))
    return found


def seal(path: Path) -> str:
    """Return the SHA-256 that the archive ends with, by which people can tell it from another."""
    with path.open("rb") as file:
        file.seek(-_SEAL_SIZE, os.SEEK_END)
        return file.read().decode("ascii", "replace")


def part_name(table: str) -> str:
    """Return the name of a table's part."""
    return f"tables/{table}.jsonl"


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _EPOCH)
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


def _put_seal(file: IO[bytes]) -> None:
    """Write the SHA-256 of all that is before it in its place, and bring it all to the disk."""
    end = file.seek(0, os.SEEK_END) - _SEAL_SIZE
    digest = _digest(file, end)
    file.seek(end)
    file.write(digest.encode())
    file.flush()
    os.fsync(file.fileno())


def _sealed(path: Path) -> str:
    with path.open("rb") as file:
        return _digest(file, path.stat().st_size - _SEAL_SIZE)


def _digest(file: IO[bytes], end: int) -> str:
    digest = hashlib.sha256()
    file.seek(0)
    while end > 0:
        chunk = file.read(min(end, _CHUNK_BYTES))
        digest.update(chunk)
        end -= len(chunk)
    return digest.hexdigest()


def _sync_folder(folder: Path) -> None:
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        zipped = zipfile.ZipFile(path)
    except _UNREADABLE:
        raise ArchiveWrong(Finding(where=path.name, text=_CUT)) from None
    with zipped:
        yield zipped


def _manifest(zipped: zipfile.ZipFile) -> Manifest:
    try:
        said: Any = orjson.loads(zipped.read(MANIFEST))
        found = Manifest.model_validate(said)
    except (*_UNREADABLE, ValidationError):
        raise ArchiveWrong(Finding(where=MANIFEST, text=_CHANGED)) from None
    if found.format != FORMAT:
        text = Words(
            en=f"it is of the form {found.format}, and this release reads {FORMAT}",
            zh=f"归档格式为 {found.format}，本版本只能读取 {FORMAT}",
        )
        raise ArchiveWrong(Finding(where=MANIFEST, text=text))
    return found


def _of_names(zipped: zipfile.ZipFile, said: Manifest) -> Iterator[Finding]:
    expected = [*(part_name(part.table) for part in said.parts), MANIFEST]
    there = zipped.namelist()
    for name in sorted({*there, *expected}):
        if there.count(name) != expected.count(name):
            yield Finding(
                where=name,
                text=Words(
                    en="it is not in the archive as the manifest says",
                    zh="归档内容与清单不符",
                ),
            )


def _of_parts(zipped: zipfile.ZipFile, said: Manifest) -> Iterator[Finding]:
    for part in said.parts:
        name = part_name(part.table)
        digest, count = hashlib.sha256(), 0
        try:
            with zipped.open(name) as lines:
                for line in lines:
                    digest.update(line)
                    count += 1
        except _UNREADABLE:
            pass  # What was read so far has another digest.
        if (digest.hexdigest(), count) != (part.sha256, part.row_count):
            yield Finding(where=name, text=_CHANGED)
