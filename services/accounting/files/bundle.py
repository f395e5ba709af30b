"""Bundles as files: the documents of an archive ⇄ the values that they are of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from services import RELEASE
from services.accounting.domain import written
from services.accounting.domain.activity import EmissionSource, Record
from services.accounting.domain.binding import Binding
from services.accounting.domain.bundle.content import BasisTotal, Bundle, Statement
from services.accounting.domain.inventory import Inventory, State
from services.accounting.domain.line import Line
from services.accounting.domain.method import Basis
from services.accounting.domain.written.line import Named, month, to_month
from services.accounting.domain.written.record import instant, to_instant
from services.accounting.files import shape
from services.accounting.files.archive import (
    MANIFEST,
    Archive,
    BundleWrong,
    Fault,
    document,
    packed,
    parsed,
)
from services.accounting.files.methods import method as read_method
from services.accounting.files.methods import method_texts
from services.kernel import names, unit_table
from services.kernel.errors import DomainError, Words

MEDIA_TYPE: Final = "application/zip"

README: Final = "README.txt"
INVENTORY: Final = "inventory.json"
LINES: Final = "lines.json"
RECORDS: Final = "records.json"
BINDINGS: Final = "bindings.json"
METHOD: Final = "method.toml"
UNITS: Final = "units.txt"
FILES: Final = frozenset({README, INVENTORY, LINES, RECORDS, BINDINGS, METHOD, UNITS})

_ABOUT: Final = (
    *("inventory", "version", "revision", "registry_revision", "create_time"),
    *("method_id", "method_version"),
)
"""What the manifest repeats of the files."""

_README_TEXT: Final = Path(__file__).with_name("bundle_readme.txt")

_UNFIT: Final = (
    DomainError,
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    TypeError,
    ValueError,
)
"""What the readers of our own files raise, to whom something else in them is a defect."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A bundle that was read."""

    bundle: Bundle
    sha256: str
    """Of the whole archive."""
    is_quoted: bool
    """Whether that is the digest which somebody quoted."""
    release: str
    """Of the product, that made it."""
    is_shipped: bool
    """Whether its method's data is, byte for byte, what this release ships."""


def pack(bundle: Bundle) -> bytes:
    """Return the archive of a bundle: in this release, the same bytes for the same bundle."""
    inventory = bundle.inventory
    method = inventory.method
    about = {
        "inventory": inventory.name,
        "version": inventory.version,
        "revision": inventory.revision,
        "registry_revision": inventory.registry_revision,
        "create_time": instant(bundle.create_time),
        "method_id": method.method_id,
        "method_version": method.version,
        "release": RELEASE,
    }
    bindings = dict.fromkeys(line.binding for line in bundle.lines)
    keys = {binding: written.binding.key(binding) for binding in bindings}
    documents = {
        INVENTORY: _from_inventory(bundle),
        LINES: {"lines": [_from_line(each, keys) for each in bundle.lines]},
        RECORDS: _from_records(bundle),
        BINDINGS: {
            "bindings": [
                {"binding": key, **written.binding.content(binding)}
                for binding, key in sorted(keys.items(), key=lambda each: each[1])
            ]
        },
    }
    return packed(
        about,
        {
            **{path: document(content) for path, content in documents.items()},
            METHOD: method_texts()[method.method_id].encode(),
            UNITS: unit_table.text().encode(),
            README: _README_TEXT.read_bytes(),
        },
    )


def file_name(inventory: Inventory) -> str:
    """Return what to call the archive of an inventory: "steel-2024-ghgp-v3.zip"."""
    ids = names.INVENTORY.parse(inventory.name)
    return f"{ids['enterprise']}-{ids['inventory']}-v{inventory.version}.zip"


def _from_inventory(bundle: Bundle) -> dict[str, Any]:
    statement = bundle.statement
    return {
        "name": bundle.inventory.name,
        "method_id": bundle.inventory.method.method_id,
        "method_version": bundle.method_version,
        "create_time": instant(bundle.create_time),
        "state": statement.state.value,
        "direct": written.booked.content(statement.direct),
        "totals": [
            {
                "scope2_basis": basis.value,
                "known": each.known,
                "indirect": written.booked.content(each.indirect),
                "total": written.booked.content(each.total),
            }
            for basis, each in statement.totals.items()
        ],
        **written.inventory.content(bundle.inventory),
    }


def _from_line(line: Line, keys: Mapping[Binding, str]) -> dict[str, Any]:
    return {
        "line": line.line_id,
        "source_id": line.source.source_id,
        "month": month(line.month),
        "binding": keys[line.binding],
        **written.line.content(line),
    }


def _from_records(bundle: Bundle) -> dict[str, Any]:
    sources = sorted({each.source for each in bundle.records})
    return {
        "sources": [written.record.from_source(each) for each in sources],
        "records": [written.record.content(each) for each in bundle.records],
    }


def read(archive: Archive) -> Opened:
    """Return the bundle in an archive.

    Raises:
        BundleWrong: a file lacks, or holds what this release cannot read; says which release can.
    """
    about = archive.manifest
    if archive.files.keys() != FILES:
        wanted = ", ".join(sorted(FILES))
        raise _wrong(MANIFEST, Words(en=f"does not list {wanted}.", zh=f"所列文件应为：{wanted}。"))
    with _reading(archive, METHOD) as data:
        method_text = data.decode()
        method = read_method(method_text)
    with _reading(archive, UNITS) as data:
        units = unit_table.definitions(data.decode())
    with _reading(archive, INVENTORY) as data:
        content = _shaped(data, shape.INVENTORY)
        enterprise = names.INVENTORY.parse(content["name"])["enterprise"]
        inventory = written.inventory.of(content, enterprise=enterprise, method=method)
        statement = _to_statement(content)
        create_time = to_instant(content["create_time"])
    _check_same(about, {**content, "method_version": method.version, "inventory": inventory.name})
    with _reading(archive, RECORDS) as data:
        sources, records = _to_records(_shaped(data, shape.RECORDS), enterprise)
    with _reading(archive, BINDINGS) as data:
        kept = {each.pop("binding"): each for each in _shaped(data, shape.BINDINGS)["bindings"]}
        bindings = {key: written.binding.of(each) for key, each in kept.items()}
    with _reading(archive, LINES) as data:
        lines = tuple(
            _to_line(each, enterprise, sources, bindings)
            for each in _shaped(data, shape.LINES)["lines"]
        )
    return Opened(
        sha256=archive.sha256,
        is_quoted=archive.is_quoted,
        release=about["release"],
        is_shipped=method_texts().get(method.method_id) == method_text,
        bundle=Bundle(
            inventory=inventory,
            statement=statement,
            create_time=create_time,
            method_version=content["method_version"],
            lines=lines,
            records=records,
            digests={key: written.binding.digest(each) for key, each in kept.items()},
            units=units,
        ),
    )


@contextmanager
def _reading(archive: Archive, path: str) -> Iterator[bytes]:
    """Give a file; what is wrong with it is told with its name and the release that wrote it."""
    try:
        yield archive.files[path]
    except _UNFIT as error:
        release = archive.manifest["release"]
        why = f"{type(error).__name__}: {error}"
        raise _wrong(
            path,
            Words(
                en=f"cannot be read by this release; it was written by {release}. {why}",
                zh=f"本版本无法读取；该文件由版本 {release} 生成。{why}",
            ),
        ) from None


def _wrong(path: str, text: Words) -> BundleWrong:
    return BundleWrong(Fault(path=path, text=text))


def _shaped(data: bytes, of: Mapping[str, Any]) -> Any:
    content = parsed(data)
    shape.check(content, of)
    return content


def _check_same(about: Mapping[str, Any], content: Mapping[str, Any]) -> None:
    """Refuse a manifest that speaks of another inventory or method than there is."""
    for name in _ABOUT:
        if about[name] != content[name]:
            given, found = about[name], content[name]
            raise _wrong(
                MANIFEST,
                Words(
                    en=f"says {name} {given}; the files say {found}.",
                    zh=f"清单中 {name} 为 {given}，文件中为 {found}。",
                ),
            )


def _to_statement(content: Mapping[str, Any]) -> Statement:
    return Statement(
        state=State(content["state"]),
        direct=written.booked.of(content["direct"]),
        totals={
            Basis(each["scope2_basis"]): BasisTotal(
                known=each["known"],
                indirect=written.booked.of(each["indirect"]),
                total=written.booked.of(each["total"]),
            )
            for each in content["totals"]
        },
    )


def _to_records(
    content: Mapping[str, Any], enterprise: str
) -> tuple[dict[str, EmissionSource], tuple[Record, ...]]:
    sources = {each["source_id"]: written.record.to_source(each) for each in content["sources"]}
    records = tuple(
        written.record.of(each, sources[each["source_id"]]) for each in content["records"]
    )
    for record in records:
        if names.ACTIVITY_RECORD.parse(record.name)["enterprise"] != enterprise:
            raise ValueError(f"{record.name} is no record of {enterprise}")
        record.period.one_month()
    return sources, records


def _to_line(
    content: Mapping[str, Any],
    enterprise: str,
    sources: Mapping[str, EmissionSource],
    bindings: Mapping[str, Binding],
) -> Line:
    return written.line.of(
        content,
        Named(
            enterprise=enterprise,
            line_id=content["line"],
            source=sources[content["source_id"]],
            month=to_month(content["month"]),
        ),
        written.line.made(content, bindings[content["binding"]]),
    )
