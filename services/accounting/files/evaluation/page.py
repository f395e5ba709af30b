"""An evaluation as a PDF, set by typst with a Chinese font that is shipped with the product."""

from __future__ import annotations

import dataclasses
import json
from importlib.resources import files
from pathlib import Path
from typing import Final

import paperang_p2_fonts_cjk
import typst

from services.accounting.files.evaluation.content import Content
from services.accounting.files.evaluation.words import LABELS

_TEMPLATE: Final = Path(__file__).with_name("report.typ")
_FONTS: Final = Path(str(files(paperang_p2_fonts_cjk) / "fonts"))


def pdf(told: Content) -> bytes:
    """Return the report, A4, with the derivation of every indicator."""
    data = dataclasses.asdict(told)
    data["labels"] = {key: words.said(told.language) for key, words in LABELS.items()}
    return typst.compile(
        _TEMPLATE,
        format="pdf",
        font_paths=[_FONTS],
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
    )
