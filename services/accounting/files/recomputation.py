"""A recomputation, written for people: what was computed, what differs, what was taken as given."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from services import RELEASE
from services.accounting.domain.bundle.figure import Value
from services.accounting.domain.bundle.recomputation import Differing, Recomputation
from services.accounting.domain.written.record import instant
from services.accounting.files.archive import BundleWrong
from services.accounting.files.bundle import Opened
from services.kernel import units
from services.kernel.errors import Language, Words
from services.kernel.trust import Status

_STATUSES = {
    Status.OFFICIAL: Words(en="official", zh="官方文本"),
    Status.DRAFT: Words(en="draft", zh="征求意见稿"),
    Status.SECONDARY: Words(en="secondary", zh="转引"),
    Status.UNVERIFIED: Words(en="unverified", zh="未核实"),
}


def told(opened: Opened, found: Recomputation, language: Language) -> Iterator[str]:
    """Yield line by line what became of a bundle that was computed again."""
    for each in (*_about(opened), *_differing(found), *_given(opened, found)):
        yield _in(language, each)
    if found.differing:
        for each in _why(opened):
            yield _in(language, each)


def refused(wrong: BundleWrong, language: Language) -> Iterator[str]:
    """Yield line by line why bytes are no bundle, or not what was exported."""
    for fault in wrong.faults:
        path = f"{fault.path}: " if fault.path else ""
        yield _printable(path) + _in(language, fault.text)


def _in(language: Language, words: Words) -> str:
    return _printable(words.said(language))


def _printable(text: str) -> str:
    """Return text that a terminal shows and does not obey."""
    return "".join(mark if mark.isprintable() else "�" for mark in text)


def _about(opened: Opened) -> Iterator[Words]:
    bundle = opened.bundle
    inventory, method = bundle.inventory, bundle.inventory.method
    stored = instant(bundle.create_time)
    yield Words(
        en=f"{inventory.name}, version {inventory.version}, stored {stored} at revision "
        f"{inventory.revision}, factors known at registry revision {inventory.registry_revision}",
        zh=f"{inventory.name}，第 {inventory.version} 版，{stored} 存储，修订号 "
        f"{inventory.revision}，因子知识修订号 {inventory.registry_revision}",
    )
    quoted = (
        Words(en="as quoted", zh="与所给一致")
        if opened.is_quoted
        else Words(
            en="to be compared with the one its sender quotes", zh="请与移交方提供的摘要核对"
        )
    )
    yield Words(
        en=f"packed by release {opened.release}, SHA-256 {opened.sha256}, {quoted.en}",
        zh=f"由版本 {opened.release} 打包，SHA-256 {opened.sha256}，{quoted.zh}",
    )
    as_shipped = (
        Words(en="as this release ships it", zh="与本版本随附文件一致")
        if opened.is_shipped
        else Words(en="NOT as this release ships it", zh="与本版本随附文件不一致")
    )
    status = _STATUSES[method.status]
    yield Words(
        en=f"method {method.method_id}, version {method.version} ({status.en}), {as_shipped.en}",
        zh=f"核算方法 {method.method_id}，第 {method.version} 版（{status.zh}），{as_shipped.zh}",
    )


def _differing(found: Recomputation) -> Iterator[Words]:
    count = len(found.differing)
    if count:
        yield Words(en=f"differing figures: {count}", zh=f"不一致的数据：{count} 项")
    for each in found.differing:
        yield _row(each)


def _row(each: Differing) -> Words:
    where = " ".join(filter(None, (each.place, each.name)))
    if each.text is not None:
        return Words(en=f"  {where}: {each.text.en}", zh=f"  {where}：{each.text.zh}")
    stored, again = _written(each.stored), _written(each.recomputed)
    by = "" if each.difference is None else units.written(each.difference)
    return Words(
        en=f"  {where}: stored {stored.en}, recomputed {again.en}" + (by and f", difference {by}"),
        zh=f"  {where}：存储值 {stored.zh}，复算值 {again.zh}" + (by and f"，差值 {by}"),
    )


def _written(value: Value | None) -> Words:
    if value is None:
        return Words(en="nothing", zh="无")
    text = units.written(value) if isinstance(value, Fraction) else str(value)
    return Words(en=text, zh=text)


def _given(opened: Opened, found: Recomputation) -> Iterator[Words]:
    bundle = opened.bundle
    lines, records = len(bundle.lines), len(bundle.records)
    agreeing = Words(en="", zh="") if found.differing else Words(en="; all agree", zh="，全部一致")
    yield Words(
        en=f"{found.figure_count} figures of {lines} lines recomputed from {records} records, of "
        f"which the method leaves out {found.uncounted_count}{agreeing.en}",
        zh=f"由 {records} 条记录（其中该方法不计入 {found.uncounted_count} 条）复算 {lines} 行、"
        f"共 {found.figure_count} 项数据{agreeing.zh}",
    )
    status = _STATUSES[bundle.inventory.status]
    yield Words(
        en=f"the inventory is {bundle.inventory.state.value} and {status.en}",
        zh=f"清单状态 {bundle.inventory.state.value}，可信状态为{status.zh}",
    )
    counts = found.factor_counts.items()
    yield Words(
        en="taken as given: the values of the factors and that they were applicable ("
        + ", ".join(f"{count} {_STATUSES[each].en}" for each, count in counts)
        + f"), {len(bundle.inventory.gaps)} gaps for want of a factor, the industry",
        zh="未复核：因子数值及其适用性（"
        + "、".join(f"{_STATUSES[each].zh} {count} 个" for each, count in counts)
        + f"）、因子缺失造成的 {len(bundle.inventory.gaps)} 处缺口、所属行业",
    )


def _why(opened: Opened) -> Iterator[Words]:
    """Yield what may make a difference beside a changed figure."""
    version = opened.bundle.inventory.method.version
    if opened.release != RELEASE:
        yield Words(
            en=f"made by release {opened.release}, recomputed by {RELEASE}, which may read the "
            f"method otherwise: compute again with {opened.release}",
            zh=f"由版本 {opened.release} 生成，本次由版本 {RELEASE} 复算，对核算方法的"
            f"读取可能不同：请使用版本 {opened.release} 再次复算",
        )
    if opened.bundle.method_version != version:
        yield Words(
            en=f"the inventory was made with version {opened.bundle.method_version} of the "
            f"method, the bundle holds version {version}",
            zh=f"清单由核算方法第 {opened.bundle.method_version} 版得出，数据包内为第 {version} 版",
        )
