"""Who an account may make block trades with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from services.kernel.errors import FieldInvalid, FieldRequired, Words
from services.kernel.names import Pattern

COUNTERPARTY: Final = Pattern("accounts/{account}/trustedCounterparties/{trusted_counterparty}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Counterparty:
    """A counterparty as it was proposed."""

    account: str
    """Whose."""
    counterparty: str
    display_name: str
    credit_code: str
    counter_account: str
    """Its account, where that is one of ours; else empty."""
    evidence: str

    @property
    def name(self) -> str:
        """The resource name."""
        return COUNTERPARTY.format(account=self.account, trusted_counterparty=self.counterparty)


def checked(counterparty: Counterparty) -> Counterparty:
    """Return `counterparty` if it is another one than the account, and proven.

    Raises:
        FieldRequired, FieldInvalid: at the field of `trusted_counterparty`.
    """
    if not counterparty.evidence.strip():
        raise FieldRequired(field="trusted_counterparty.evidence")
    if counterparty.counter_account == counterparty.account:
        raise FieldInvalid(
            field="trusted_counterparty.counterparty_account",
            given=f"accounts/{counterparty.counter_account}",
            allowed=Words(en="another account, or nothing", zh="其他账户，或留空"),
        )
    return counterparty
