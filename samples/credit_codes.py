"""Unified social credit codes (统一社会信用代码) that are valid and evidently invented.

A code is 91 (market regulation, enterprise), 320000 (registered with the province of Jiangsu), the
organisation body, its check character, and the check character of the whole. The body is nothing
but the enterprise's serial number in the sample after a row of zeros: valid for every check, and
plainly nobody's.
"""

from __future__ import annotations

from stdnum.cn import uscc

_BODY_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


def credit_code(serial: int) -> str:
    """The code of the sample's n-th enterprise.

    >>> credit_code(1)
    '91320000000000019W'
    """
    body = f"{serial:08d}"
    unchecked = f"91320000{body}{_body_check(body)}"
    return unchecked + uscc.calc_check_digit(unchecked)


def _body_check(body: str) -> str:
    """The check character of an organisation code's body, GB 11714-1997."""
    remainder = 11 - sum(int(digit) * w for digit, w in zip(body, _BODY_WEIGHTS, strict=True)) % 11
    return {10: "X", 11: "0"}.get(remainder, str(remainder))
