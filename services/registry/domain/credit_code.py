"""The unified social credit code (统一社会信用代码)."""

from __future__ import annotations

import re

from stdnum.cn import uscc

from services.kernel.errors import CreditCodeInvalid, CreditCodeProblem

_LENGTH = 18
_CHARACTERS = frozenset("0123456789ABCDEFGHJKLMNPQRTUWXY")
# A province of GB/T 2260, or 10 for the nation's own office; below it divisions come and go.
_REGION = re.compile(r"(1[0-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[12])[0-9]{4}")


def check(code: str, field: str) -> str:
    """Return `code` in its plain form: 18 capitals and digits.

    Source: GB 32100-2015, with the check digit of GB/T 17710.

    Raises:
        CreditCodeInvalid: its length, characters, region or check digit is wrong.

    >>> check("91110000600037341L", "credit_code")
    '91110000600037341L'
    >>> check("91110000600037342L", "credit_code")
    Traceback (most recent call last):
    services.kernel.errors.fields.CreditCodeInvalid: credit_code is "91110000600037342L": its \
check digit is wrong, so one of its characters is mistyped. Copy the code from the business licence.
    """
    plain = uscc.compact(code)
    problem = _problem(plain)
    if problem is not None:
        raise CreditCodeInvalid(field=field, given=code, problem=problem)
    return plain


def _problem(code: str) -> CreditCodeProblem | None:
    if len(code) != _LENGTH:
        return CreditCodeProblem.LENGTH
    if not _CHARACTERS.issuperset(code):
        return CreditCodeProblem.CHARACTERS
    if not _REGION.fullmatch(code[2:8]):
        return CreditCodeProblem.REGION
    if code[-1] != uscc.calc_check_digit(code):
        return CreditCodeProblem.CHECK_DIGIT
    return None
