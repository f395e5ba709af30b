"""The archive of a bundle: a zip whose every byte is determined by what is in it.

Entries are stored without compression, in a fixed order and without times, so that the same files
always make the same bytes whatever the machine, and a digest of them can be quoted. It also makes
the archive its own guard: files are held against the digests in the manifest, and the bytes around
them against the archive that the product makes of the same files.
"""

from __future__ import annotations

import hashlib
import io
import json
import struct
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from services.accounting.files import shape
from services.kernel.errors import Words

MANIFEST: Final = "manifest.json"
FORMAT: Final = "zonecarbon-bundle"
FORMAT_VERSION: Final = 1

LARGEST_SIZE: Final = 2**30
"""Of an archive, in bytes: more than any year of an enterprise makes, and it fits into memory."""

_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
"""The earliest that a zip can say: it stands for no time."""
_UNIX: Final = 3
_READABLE: Final = 0o100644 << 16

_UNREADABLE: Final = (
    zipfile.BadZipFile,
    NotImplementedError,
    RuntimeError,
    EOFError,
    OSError,
    OverflowError,
    ValueError,
    struct.error,
)
"""What `zipfile` raises at bytes that are no zip, or not any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Something that a bundle may not be, and where."""

    path: str
    """The file in the archive; empty for the archive itself."""
    text: Words


class BundleWrong(Exception):
    """Bytes that are no bundle, or not what was exported."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__("; ".join(f"{each.path}: {each.text.en}" for each in faults))
        self.faults = faults


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """An archive that is whole."""

    sha256: str
    """Of all its bytes."""
    is_quoted: bool
    """Whether that is the digest which somebody quoted."""
    manifest: Mapping[str, Any]
    files: Mapping[str, bytes]
    """Without the manifest."""


def sha256(data: bytes) -> str:
    """Return the SHA-256 of `data`, 64 hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def document(content: Mapping[str, Any]) -> bytes:
    """Return an object as JSON: a field a line, and of a list of objects an object a line."""
    fields = (f"{_json(name)}: {_listed(value)}" for name, value in content.items())
    return ("{\n" + ",\n".join(fields) + "\n}\n").encode()


def _listed(value: Any) -> str:
    if not (isinstance(value, list) and value and isinstance(value[0], dict)):
        return _json(value)
    return "[\n" + ",\n".join(f" {_json(each)}" for each in value) + "\n]"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def parsed(data: bytes) -> Any:
    """Return what JSON says; it has no number but whole ones.

    Raises:
        ValueError: it is no such JSON.
    """

    def refuse(text: str) -> None:
        raise ValueError(f"{text[:40]} is no whole number; decimals are text")

    try:
        return json.loads(data, parse_float=refuse, parse_constant=refuse)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def packed(about: Mapping[str, Any], files: Mapping[str, bytes]) -> bytes:
    """Return the archive of `files`, and of a manifest that says `about` them what is given."""
    manifest = {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        **about,
        "files": [
            {"path": path, "size": len(data), "sha256": sha256(data)}
            for path, data in sorted(files.items())
        ],
    }
    return _zipped({MANIFEST: document(manifest), **files})


def _zipped(files: Mapping[str, bytes]) -> bytes:
    """Return a zip of the files: the manifest first, the others by name."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as into:
        for path, data in sorted(files.items(), key=lambda each: (each[0] != MANIFEST, each[0])):
            entry = zipfile.ZipInfo(path, date_time=_EPOCH)
            entry.create_system, entry.external_attr = _UNIX, _READABLE
            into.writestr(entry, data)
    return buffer.getvalue()


def opened(data: bytes, quoted: str = "") -> Archive:
    """Return the archive of which `data` is every byte; `quoted` is its SHA-256, if it is known.

    Raises:
        BundleWrong: it is no bundle of a format that this release reads, or a byte of it is not as
            it was packed; names each file that differs, is missing or is one too many.
    """
    found = sha256(data)
    files, faults = _unzipped(data)
    if MANIFEST not in files:
        faults = faults or [_fault(MANIFEST, _MISSING)]
        raise BundleWrong(*faults)
    manifest = _manifest(files.pop(MANIFEST))
    damaged = {each.path for each in faults}
    faults += (each for each in _held_against(manifest, files) if each.path not in damaged)
    if not faults and packed(_about(manifest), files) != data:
        faults.append(_fault("", _REPACKED))
    if quoted and quoted.lower() != found:
        faults.append(_fault("", _OTHER, found=found))
    if faults:
        raise BundleWrong(*faults)
    return Archive(sha256=found, is_quoted=bool(quoted), manifest=manifest, files=files)


def _unzipped(data: bytes) -> tuple[dict[str, bytes], list[Fault]]:
    """Return the files that can be read, and what is wrong with the others."""
    if len(data) > LARGEST_SIZE:
        raise BundleWrong(_fault("", _TOO_LARGE))
    files: dict[str, bytes] = {}
    faults: list[Fault] = []
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for entry in archive.infolist():
                # Stored as it is, a file is no larger than the archive: nothing can burst.
                if entry.compress_type != zipfile.ZIP_STORED or entry.file_size > len(data):
                    faults.append(_fault(entry.filename, _COMPRESSED))
                    continue
                try:
                    files[entry.filename] = archive.read(entry)
                except _UNREADABLE:
                    faults.append(_fault(entry.filename, _DAMAGED))
    except _UNREADABLE:
        raise BundleWrong(_fault("", _NO_ZIP)) from None
    return files, faults


def _manifest(data: bytes) -> dict[str, Any]:
    try:
        manifest = parsed(data)
        shape.check(manifest, {"format": str, "format_version": int})
    except ValueError:
        raise BundleWrong(_fault(MANIFEST, _NO_MANIFEST)) from None
    version, release = manifest["format_version"], manifest.get("release")
    if manifest["format"] != FORMAT:
        raise BundleWrong(_fault(MANIFEST, _NO_MANIFEST))
    if version != FORMAT_VERSION:
        raise BundleWrong(_fault(MANIFEST, _OTHER_FORMAT, version=version, release=release))
    try:
        shape.check(manifest, shape.MANIFEST)
    except ValueError:
        raise BundleWrong(_fault(MANIFEST, _NO_MANIFEST)) from None
    return dict(manifest)


def _held_against(manifest: Mapping[str, Any], files: Mapping[str, bytes]) -> Iterator[Fault]:
    listed = {each["path"]: each for each in manifest["files"]}
    for path, wanted in listed.items():
        if path not in files:
            yield _fault(path, _MISSING)
        elif (len(files[path]), sha256(files[path])) != (wanted["size"], wanted["sha256"]):
            yield _fault(path, _DIFFERS, wanted=wanted["sha256"], found=sha256(files[path]))
    for path in files:
        if path not in listed:
            yield _fault(path, _EXTRA)


def _about(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a manifest says beside its format and its files."""
    made = {"format", "format_version", "files"}
    return {name: value for name, value in manifest.items() if name not in made}


def _fault(path: str, text: Words, **said: object) -> Fault:
    filled = Words(en=text.en.format(**said), zh=text.zh.format(**said))
    return Fault(path=path, text=filled)


_NO_ZIP: Final = Words(
    en="this is no bundle: no zip archive, or one that was cut off. Export it again.",
    zh="不是数据包：不是 zip 文件，或文件不完整。请重新导出。",
)
_TOO_LARGE: Final = Words(
    en=f"this is no bundle: it is larger than {LARGEST_SIZE} bytes.",
    zh=f"不是数据包：文件超过 {LARGEST_SIZE} 字节。",
)
_COMPRESSED: Final = Words(
    en="is compressed, or says to be larger than the archive: another program has packed it. "
    "Take the archive as it was exported.",
    zh="已被压缩，或所称大小超过压缩包本身：由其他程序重新打包。请使用原始导出的文件。",
)
_DAMAGED: Final = Words(
    en="is damaged: its bytes do not agree with the archive's own checksum.",
    zh="已损坏：内容与压缩包自身的校验和不一致。",
)
_MISSING: Final = Words(en="is missing.", zh="缺失。")
_EXTRA: Final = Words(en="is not in the manifest.", zh="不在清单中。")
_DIFFERS: Final = Words(
    en="differs from the manifest: SHA-256 {found}, the manifest says {wanted}.",
    zh="与清单不一致：SHA-256 为 {found}，清单为 {wanted}。",
)
_NO_MANIFEST: Final = Words(
    en="is no manifest of a bundle: this is no bundle, or not any more.",
    zh="不是数据包清单：该文件不是数据包，或已被改动。",
)
_OTHER_FORMAT: Final = Words(
    en="format version {version} is unknown here, this release reads "
    f"{FORMAT_VERSION}: take the release that made it, {{release}}.",
    zh="格式版本 {version} 无法识别，本版本读取 "
    f"{FORMAT_VERSION}：请使用生成它的版本 {{release}}。",
)
_REPACKED: Final = Words(
    en="the archive is not as it was packed: bytes around its files differ; the files are as the "
    "manifest says.",
    zh="压缩包与导出时不同：文件之外的字节有改动；各文件内容与清单一致。",
)
_OTHER: Final = Words(
    en="this is not the archive whose SHA-256 was quoted: its own is {found}.",
    zh="与所给 SHA-256 不符：本文件的 SHA-256 为 {found}。",
)
