"""The unified social credit code (统一社会信用代码)."""

from __future__ import annotations

from stdnum.cn import uscc
from stdnum.exceptions import InvalidChecksum, InvalidComponent, InvalidFormat, InvalidLength

from services.kernel.errors import CreditCodeInvalid, CreditCodeProblem

_PROBLEMS = {
    InvalidLength: CreditCodeProblem.LENGTH,
    InvalidFormat: CreditCodeProblem.CHARACTERS,
    InvalidComponent: CreditCodeProblem.REGION,
    InvalidChecksum: CreditCodeProblem.CHECK_DIGIT,
}


def check(code: str, field: str) -> str:
    """Return `code` in its plain form: 18 capitals and digits.

    Source: GB 32100-2015, annex A (check digit).

    Raises:
        CreditCodeInvalid: its length, characters, region or check digit is wrong.

    >>> check("91110000600037341L", "credit_code")
    '91110000600037341L'
    >>> check("91110000600037342L", "credit_code")
    Traceback (most recent call last):
    services.kernel.errors.fields.CreditCodeInvalid: credit_code is "91110000600037342L": its \
check digit is wrong, so one of its characters is mistyped. Copy the code from the business licence.
    """
    try:
        return str(uscc.validate(code))
    except tuple(_PROBLEMS) as error:
        problem = _PROBLEMS[type(error)]
        raise CreditCodeInvalid(field=field, given=code, problem=problem) from None
