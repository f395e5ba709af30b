"""What a workbook's package says that its cells alone do not: formulas, errors, how far it reaches.

calamine gives the values of cells. A formula and its result look alike there, an error is an
empty cell, and one cell at the far end of a sheet makes room for all before it. So the parts are
read once before, by expat, which neither follows entities nor keeps the document.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import IO, Final
from xml.parsers import expat

from services.accounting.domain.form.sheet import MOST_CELLS, too_wide
from services.kernel.errors import FileInvalid, LimitExceeded, Words

MOST_UNPACKED_BYTES: Final = 64 * 2**20
UNPACKED_LIMIT: Final = "report_file_unpacked_bytes"
_ADDRESS: Final = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")
_PART_BYTES: Final = 2**16
_WORKBOOK: Final = "xl/workbook.xml"
_RELATIONS: Final = "xl/_rels/workbook.xml.rels"

_BROKEN: Final = (
    *(zipfile.BadZipFile, zlib.error, expat.ExpatError, EOFError, OSError),
    # An encoding that nobody knows, an offset before the file, a part that is missing, packed in a
    # way of its own or with a password: as its writer or chance would have it.
    *(LookupError, ValueError, RuntimeError),
)

Place = tuple[int, int]
"""Row and column, from 0."""


@dataclass(slots=True, kw_only=True)
class Marked:
    """Cells of a sheet that are not what they seem."""

    formulas: set[Place] = field(default_factory=set)
    errors: dict[Place, str] = field(default_factory=dict)
    """Errors of the workbook, and formulas without a result as "="."""


def marked(content: bytes) -> Mapping[str, Marked]:
    """Return what is marked in each sheet, by its name.

    Raises:
        FileInvalid: it is no workbook, is broken, or a cell stands too far off.
        LimitExceeded: it is too large when unpacked.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            _check_size(package)
            paths = _paths(package)
            found = {path: _scanned(package, path) for path in _xml_parts(package)}
    except _BROKEN as error:
        raise broken(str(error)) from error
    return {name: found.get(path, Marked()) for name, path in paths.items()}


def broken(given: str) -> FileInvalid:
    """Return the error of a file that cannot be read as a workbook."""
    return FileInvalid(
        given=given,
        problem=Words(
            en="it cannot be read as a workbook; open it in a spreadsheet and save it as .xlsx "
            "anew",
            zh="无法作为工作簿读取；请用电子表格软件打开并重新另存为 .xlsx",
        ),
    )


def _check_size(package: zipfile.ZipFile) -> None:
    unpacked = sum(each.file_size for each in package.infolist())
    if unpacked > MOST_UNPACKED_BYTES:
        raise LimitExceeded(
            limit=UNPACKED_LIMIT,
            given=unpacked,
            allowed=MOST_UNPACKED_BYTES,
            way_out=Words(en="Copy the rows into a fresh template.", zh="请将数据复制到新模板中。"),
        )


def _xml_parts(package: zipfile.ZipFile) -> list[str]:
    """Return every part that may be a sheet, wherever it lies: calamine follows the relations."""
    return [
        each.filename
        for each in package.infolist()
        if each.filename not in {_WORKBOOK, _RELATIONS} and not each.is_dir()
        if _is_xml(package, each)
    ]


def _is_xml(package: zipfile.ZipFile, part: zipfile.ZipInfo) -> bool:
    """Tell whether a part begins as XML does, with or without a byte order mark."""
    with package.open(part) as opened:
        return b"<" in opened.read(4)


def _paths(package: zipfile.ZipFile) -> dict[str, str]:
    """Return where each sheet lies in the package, by its name."""
    targets = {
        attributes.get("Id", ""): attributes.get("Target", "")
        for name, attributes in _elements(package, _RELATIONS)
        if name == "Relationship"
    }
    return {
        attributes.get("name", ""): posixpath.normpath(
            posixpath.join("/xl", targets.get(attributes.get("id", ""), ""))
        ).lstrip("/")
        for name, attributes in _elements(package, _WORKBOOK)
        if name == "sheet"
    }


def _elements(package: zipfile.ZipFile, path: str) -> list[tuple[str, dict[str, str]]]:
    found: list[tuple[str, dict[str, str]]] = []
    _parse(package, path, start=lambda name, attributes: found.append((name, attributes)))
    return found


def _parse(
    package: zipfile.ZipFile,
    path: str,
    *,
    start: Callable[[str, dict[str, str]], object],
    end: Callable[[str], object] = lambda _: None,
    text: Callable[[str], object] = lambda _: None,
) -> None:
    """Tell what a part consists of, element by element, names without their namespaces."""
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True

    def begun(name: str, attributes: dict[str, str]) -> None:
        start(_local(name), {_local(key): value for key, value in attributes.items()})

    parser.StartElementHandler = begun
    parser.EndElementHandler = lambda name: end(_local(name))
    parser.CharacterDataHandler = text
    with package.open(path) as part:
        for chunk in _chunks(part):
            parser.Parse(chunk)
        parser.Parse(b"", True)  # noqa: FBT003 (expat takes it by position)


def _chunks(part: IO[bytes]) -> Iterator[bytes]:
    while chunk := part.read(_PART_BYTES):
        yield chunk


def _local(name: str) -> str:
    return name.rpartition(" ")[2]


@dataclass(slots=True)
class _Scan:
    """The cells of a sheet as they go by."""

    marked: Marked = field(default_factory=Marked)
    row: int = -1
    column: int = -1
    kind: str = ""
    value: str = ""
    is_value: bool = False
    has_value: bool = False
    has_formula: bool = False
    farthest: Place = (0, 0)

    def start(self, name: str, attributes: dict[str, str]) -> None:
        match name:
            case "row":
                given = attributes.get("r", "")
                self.row = int(given) - 1 if given.isdecimal() else self.row + 1
                self.column = -1
            case "c":
                place = _ADDRESS.fullmatch(attributes.get("r", ""))
                self.column += 1
                if place is not None:
                    self.column, self.row = _column(place[1]), int(place[2]) - 1
                self.kind, self.value = attributes.get("t", ""), ""
                self.has_value = self.has_formula = False
            case "f":
                self.has_formula = True
            case "v" | "is":
                self.has_value = self.is_value = True

    def text(self, characters: str) -> None:
        if self.is_value:
            self.value += characters

    def end(self, name: str) -> None:
        match name:
            case "v" | "is":
                self.is_value = False
            case "c":
                self._leave((self.row, self.column))

    def _leave(self, place: Place) -> None:
        if self.has_formula:
            self.marked.formulas.add(place)
            if not self.has_value:
                self.marked.errors[place] = "="
        if self.kind == "e":
            self.marked.errors[place] = self.value
        if self.has_value or self.has_formula:
            self.farthest = (max(self.farthest[0], place[0]), max(self.farthest[1], place[1]))
            rows, columns = self.farthest
            if (rows + 1) * (columns + 1) > MOST_CELLS:
                raise too_wide(rows + 1, self.value)


def _scanned(package: zipfile.ZipFile, path: str) -> Marked:
    scan = _Scan()
    _parse(package, path, start=scan.start, end=scan.end, text=scan.text)
    return scan.marked


def _column(letters: str) -> int:
    index = 0
    for letter in letters:
        index = index * 26 + ord(letter) - ord("A") + 1
    return index - 1
