"""The archive of a bundle: every byte is determined; one that changes is noticed and located."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services import RELEASE, kernel
from services.accounting.domain.activity import Kind
from services.accounting.files import archive
from services.accounting.files import bundle as files
from services.accounting.files.archive import BundleWrong, Fault
from services.accounting.files.methods import METHODS
from tests.accounting.bundles import bundle_of, forged, opened, repacked, spans
from tests.accounting.ledgers import ledger, row
from tests.accounting.library import COAL

many = settings(max_examples=300)


@cache
def exported() -> bytes:
    """A bundle of two lines."""
    books = ledger(
        "mill",
        "1713",
        row(Kind.FUEL_COMBUSTION, "12.5 t", subject=COAL, evidence="发票 17"),
        row(),
    )
    return files.pack(bundle_of(books))


def faults(data: bytes, quoted: str = "") -> Sequence[Fault]:
    """What is wrong with bytes that are no whole bundle."""
    with pytest.raises(BundleWrong) as caught:
        files.read(archive.opened(data, quoted))
    assert all(each.text.en and each.text.zh for each in caught.value.faults)
    return caught.value.faults


def fault(data: bytes, quoted: str = "") -> Fault:
    """The one thing that is wrong."""
    (found,) = faults(data, quoted)
    return found


def zipped(contents: dict[str, bytes], compression: int = zipfile.ZIP_STORED) -> bytes:
    """Files packed by another program."""
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w", compression) as packing:
        for path, data in contents.items():
            packing.writestr(path, data)
    return into.getvalue()


def contents(data: bytes) -> dict[str, bytes]:
    """All files of an archive."""
    with zipfile.ZipFile(io.BytesIO(data)) as read:
        return {name: read.read(name) for name in read.namelist()}


def test_the_same_bundle_makes_the_same_bytes() -> None:
    made = opened(exported()).bundle

    assert files.pack(made) == exported()


def test_any_program_can_open_it_and_finds_the_manifest_first() -> None:
    with zipfile.ZipFile(io.BytesIO(exported())) as read:
        assert read.testzip() is None
        names = read.namelist()

    assert names == ["manifest.json", *sorted(files.FILES)]


def test_the_method_and_the_units_are_those_that_are_shipped() -> None:
    found = contents(exported())

    assert found["method.toml"] == (METHODS / "gbt32150.toml").read_bytes()
    assert found["units.txt"] == (Path(kernel.__file__).parent / "units.txt").read_bytes()


def test_the_manifest_says_what_it_is_and_from_when() -> None:
    manifest = archive.opened(exported()).manifest

    assert (manifest["format"], manifest["format_version"]) == ("zonecarbon-bundle", 1)
    assert manifest["inventory"] == "enterprises/mill/inventories/2024"
    assert (manifest["version"], manifest["release"]) == (1, RELEASE)
    assert (manifest["method_id"], manifest["method_version"]) == ("gbt32150", 2)
    assert manifest["create_time"] == "2025-01-31T08:00:00.000000Z"


def test_quantities_are_as_they_were_written_and_each_record_has_a_line() -> None:
    text = contents(exported())["records.json"].decode()

    (burnt,) = (line for line in text.splitlines() if "发票 17" in line)
    assert '"value": "12.5", "unit_code": "t"' in burnt


def test_the_verifier_is_told_in_two_languages_what_to_do() -> None:
    text = contents(exported())["README.txt"].decode()

    assert text.count("python -m services recompute") == 2
    for path in files.FILES - {files.README} | {archive.MANIFEST}:
        assert text.count(path) >= 2


@many
@given(st.data())
def test_a_changed_byte_is_noticed_and_named(data: st.DataObject) -> None:
    whole = exported()
    index = data.draw(st.integers(0, len(whole) - 1))
    other = data.draw(st.integers(0, 255).filter(lambda byte: byte != whole[index]))
    changed = whole[:index] + bytes([other]) + whole[index + 1 :]

    found = {each.path for each in faults(changed)}

    holders = {path for path, span in spans(whole).items() if index in span}
    assert holders <= found


@pytest.mark.parametrize("flipped", [0x01, 0x80, 0xFF])
def test_a_changed_byte_between_the_files_is_noticed(flipped: int) -> None:
    whole = exported()
    inside = {index for span in spans(whole).values() for index in span}
    between = [index for index in range(len(whole)) if index not in inside]

    assert len(between) > 500
    for index in between:
        changed = whole[:index] + bytes([whole[index] ^ flipped]) + whole[index + 1 :]
        assert faults(changed)


@many
@given(st.data())
def test_a_part_of_an_archive_is_no_bundle(data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(exported()) - 1))

    assert faults(exported()[:cut])


def test_bytes_around_an_archive_are_noticed() -> None:
    for data in (exported() + b"\0", b"\0" + exported(), exported() * 2):
        assert "bytes around its files" in fault(data).text.en


def test_a_file_that_differs_is_missing_or_is_one_too_many_is_named() -> None:
    whole = contents(exported())

    changed = zipped({**whole, "lines.json": whole["lines.json"] + b" "})
    lacking = zipped({path: data for path, data in whole.items() if path != "records.json"})
    extra = zipped({**whole, "note.txt": b"x"})

    (differs,) = faults(changed)
    assert (differs.path, "differs from the manifest" in differs.text.en) == ("lines.json", True)
    assert [(each.path, each.text.en) for each in faults(lacking)] == [
        ("records.json", "is missing.")
    ]
    assert [(each.path, each.text.en) for each in faults(extra)] == [
        ("note.txt", "is not in the manifest.")
    ]


def test_another_digest_than_the_quoted_one_is_told() -> None:
    own = archive.sha256(exported())

    assert archive.opened(exported(), own.upper()).is_quoted
    assert not archive.opened(exported()).is_quoted
    assert own in fault(exported(), "0" * 64).text.en


def test_the_same_files_packed_by_another_program_are_told_apart_from_changed_ones() -> None:
    stored, squeezed = (
        zipped(contents(exported()), each) for each in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
    )

    assert "bytes around its files" in fault(stored).text.en
    assert all("another program has packed it" in each.text.en for each in faults(squeezed))


def test_a_file_that_would_burst_is_not_unpacked() -> None:
    bomb = zipped({"manifest.json": b"0" * 50_000_000}, zipfile.ZIP_DEFLATED)
    assert len(bomb) < 100_000

    assert "another program has packed it" in fault(bomb).text.en


def test_a_file_that_says_to_be_larger_than_the_archive_is_not_read() -> None:
    data = bytearray(zipped({"manifest.json": b"{}"}))
    begin = data.index(b"PK\x01\x02")
    for offset in (20, 24):
        struct.pack_into("<I", data, begin + offset, 0xFFFFFF00)

    assert fault(bytes(data)).path == "manifest.json"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"PK",
        b"no archive at all",
        b"PK\x05\x06" + bytes(18),
        zipped({"readme.txt": b"hello"}),
        zipped({"manifest.json": b"{"}),
        zipped({"manifest.json": b"[" * 100_000}),
        zipped({"manifest.json": b'{"format": "other", "format_version": 1}'}),
        zipped({"manifest.json": b'{"format": "zonecarbon-bundle", "format_version": 1}'}),
        zipped({"manifest.json": b'{"format": "zonecarbon-bundle", "format_version": true}'}),
    ],
    ids=["nothing", "two", "text", "empty", "foreign", "cut", "deep", "other", "bare", "truth"],
)
def test_what_is_no_bundle_is_called_so(data: bytes) -> None:
    assert fault(data).text.en


def test_a_format_of_another_release_is_told_with_the_release() -> None:
    manifest = b'{"format": "zonecarbon-bundle", "format_version": 2, "release": "9.1"}'

    told = fault(zipped({"manifest.json": manifest})).text

    assert "format version 2" in told.en
    assert "9.1" in told.en
    assert "9.1" in told.zh


def test_without_its_method_it_is_no_bundle() -> None:
    told = fault(repacked(exported(), {files.METHOD: None}))

    assert told.path == archive.MANIFEST
    assert "method.toml" in told.text.en


UNREADABLE = {
    "another method": (files.METHOD, b"method = 1"),
    "a method of another time": (files.METHOD, b'method = "gbt32150"\nformulas = "other"'),
    "no text": (files.METHOD, b"\xff"),
    "no list of units": (files.UNITS, b"== units"),
    "a line without figures": (files.LINES, b'{"lines": [{"line": "x"}]}'),
    "no lines": (files.LINES, b'{"lines": 1}'),
    "a number": (files.RECORDS, b"1.5"),
    "not a number": (files.BINDINGS, b"NaN"),
}


@pytest.mark.parametrize(("path", "data"), UNREADABLE.values(), ids=UNREADABLE)
def test_what_this_release_cannot_read_is_told_with_the_release_that_wrote_it(
    path: str, data: bytes
) -> None:
    told = fault(repacked(exported(), {path: data}, release="0.0.9"))

    assert told.path == path
    assert "it was written by 0.0.9" in told.text.en


WRONG_IN_A_LINE: dict[str, dict[str, Any]] = {
    "digits as text": {"co2_g": "5"},
    "a truth for a number": {"co2_g": True},
    "an exponent that fills the memory": {"activity": "1e999999999"},
    "a division by nothing": {"activity": "1/0"},
    "a source that there is not": {"source_id": "unheard-of"},
    "a binding that there is not": {"binding": "unheard-of"},
    "a month that there is not": {"month": "2024-13"},
    "half a period": {"days": [["2024-01-01"]]},
}
WRONG_IN_A_RECORD: dict[str, dict[str, Any]] = {
    "a unit that there is not": {"unit_code": "cubit"},
    "no number": {"value": "much"},
    "somebody else's": {"name": "enterprises/a/activityRecords/r"},
    "null": {"facility": None},
    "days of two months": {"end_date": "2024-03-01"},
}
WRONG_IN_AN_INVENTORY = {
    "no name of an inventory": {"name": "enterprises/mill"},
    "no status": {"status": "certain"},
}
WRONG: dict[str, tuple[str, Callable[[Any], Any], dict[str, Any]]] = {
    **{
        name: (files.LINES, lambda it: it["lines"][0], fields)
        for name, fields in WRONG_IN_A_LINE.items()
    },
    **{
        name: (files.RECORDS, lambda it: it["records"][0], fields)
        for name, fields in WRONG_IN_A_RECORD.items()
    },
    **{
        name: (files.INVENTORY, lambda it: it, fields)
        for name, fields in WRONG_IN_AN_INVENTORY.items()
    },
    "no role": (files.BINDINGS, lambda it: it["bindings"][0]["factors"][0], {"role": "LUCK"}),
}


@pytest.mark.parametrize(("path", "part", "fields"), WRONG.values(), ids=WRONG)
def test_what_a_document_may_not_hold_is_told_with_its_name(
    path: str, part: Callable[[Any], Any], fields: dict[str, Any]
) -> None:
    data = forged(exported(), path, lambda content: part(content).update(fields))

    assert fault(data).path == path


def test_a_manifest_that_speaks_of_another_inventory_is_told() -> None:
    told = fault(repacked(exported(), {}, version=7))

    assert told.path == archive.MANIFEST
    assert told.text.en == "says version 7; the files say 1."
