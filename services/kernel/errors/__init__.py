"""What can go wrong, as types. Each says what was given, what is allowed and the way out.

DomainError
├── Invalid                   INVALID_ARGUMENT: the request itself is wrong, at `field`
│   ├── FieldRequired           a required field is empty
│   ├── FieldInvalid            a field breaks its documented constraint
│   ├── FieldUnknown            the request has no such field
│   ├── BodyMalformed           the body of an HTTP request cannot be read
│   ├── NameInvalid             a resource name does not have the form of its kind
│   ├── UnitUnknown             the unit is not on the closed list
│   ├── UnitAmbiguous           the spelling stands for several units
│   ├── UnitDimension           the unit measures something else than is needed
│   ├── QuantityInvalid         not a finite decimal within bounds, or of the wrong sign
│   ├── PeriodInvalid           empty, reversed, out of bounds or not inside one month
│   ├── PeriodOverlap           the source already reported a part of the period
│   ├── DuplicateRow            the same row stands in the batch twice
│   ├── FactorMissing           no factor is applicable
│   ├── FactorNotApplicable     the factor is not applicable to the year
│   ├── FactorImplausible       a factor lies outside the plausible band of its class
│   ├── FactorPeriodSplit       the period spans two versions of a custom factor
│   ├── FuelCountedTwice        the same fuel comes by mass and by volume or heat
│   ├── GwpSetMismatch          figures of different GWP sets would meet
│   ├── SteamStateOutside       outside the enthalpy tables
│   ├── BalanceNegative         more carbon leaves than came in
│   ├── ParameterUndeclared     nobody declared what the document leaves open
│   ├── SourceFed               another feeds the emission source in the month
│   ├── RegisterImplausible     a register advanced by too much, or fell
│   ├── CreditCodeInvalid       the unified social credit code is malformed
│   ├── FileInvalid             a file cannot be read as the form it should be
│   ├── TemplateOutdated        a file fills in another version of the template
│   ├── InstrumentUnknown       the ledger has no such instrument
│   ├── TransferKindUnfit       no such transfer of that instrument
│   ├── SettlementBeforeTrade   delivered before it is agreed
│   ├── TimeoutPast             a reservation would end before it begins
│   ├── BlockPartsUnequal       the parts are not together the block
│   ├── DutyUnknown             the calendar has no such duty
│   ├── BlocksApart             the blocks are not consecutive
│   └── PageTokenInvalid        the page token is broken or belongs to another request
├── FailedPrecondition        FAILED_PRECONDITION: the stored state does not allow it
│   ├── FactorConflict          several factors are equally applicable (carries `field`)
│   ├── StateWrong              the resource is in another state than the call needs
│   ├── PeriodClosed            the accounting year takes no more reports
│   ├── RulebookMissing         no rulebook covers the sector and year
│   ├── CarryOverMissing        no rules of carry-over are known
│   ├── PenaltyMissing          no rule on short surrender is known for the day
│   ├── TradingDaysUnknown      the holidays of a year are not known
│   ├── TransferNotPending      only a pending transfer is posted or voided
│   ├── TransferSettled         it was posted, voided or timed out before
│   ├── TransferTimedOut        its reservation has ended
│   ├── UnitsAbovePending       more than was reserved
│   ├── TransferIrreversible    it moved nothing that goes back
│   ├── TransferReversed        it was reversed before
│   ├── BalanceInsufficient     not so much is available
│   ├── BalanceOverflow         beyond the bounds of the books
│   ├── BlockEnded              it was split or merged before
│   ├── CostPolicyMissing       nobody declared how costs flow
│   ├── BreakUncorrectable      no transfer of ours would put the break right
│   ├── MandateExceeded         more than the mandate allows
│   ├── InstructionExpired      its time is over
│   ├── CheckFailed             a check of the desk fails (carries `field`)
│   └── InventoryIncomplete     the inventory lacks what the figure needs
├── Absent                    NOT_FOUND
│   ├── NotFound                the resource does not exist, or is not the caller's to see
│   ├── RouteUnknown            no call has this path and HTTP method
│   ├── TransferMissing         no transfer of that name in the book
│   ├── RulebookVersionMissing  the rulebook is not there in that version
│   └── PriceMissing            no price on or before the date
├── Taken                     ALREADY_EXISTS
│   ├── CertificateRetired      a green-power certificate was claimed before (carries `field`)
│   ├── AlreadyExists           a resource of that name exists
│   ├── TransferIdReused        the book has another transfer of that id
│   ├── BlockOverlap            a serial number is in another block
│   ├── StatementLineReused     a statement's line came before with other content
│   └── RequestIdReused         the request id was used for other content
├── Aborted                   ABORTED
│   └── EtagMismatch            the resource changed since the caller read it
├── Unauthenticated           UNAUTHENTICATED: no key, or no valid one
├── PermissionDenied          PERMISSION_DENIED: the role may not call the method
├── FourEyes                  PERMISSION_DENIED: the proposer may not decide
├── SamePerson                PERMISSION_DENIED: another principal, the same person
├── InstructionRequired       PERMISSION_DENIED: nobody posts alone
├── Exhausted                 RESOURCE_EXHAUSTED: more than is taken at a time
│   └── LimitExceeded           a stated limit is exceeded
├── Late                      DEADLINE_EXCEEDED
│   └── DeadlineExceeded        a service gave no answer in the time of the call
├── Unavailable               UNAVAILABLE: worth sending again later
│   ├── Busy                    others are writing for too long
│   ├── NeighbourUnavailable    another service does not answer
│   └── StorageUnavailable      the database is full, read-only, gone or damaged
└── Internal                  INTERNAL: a defect of ours, found in the log by its id

`Several` tells some of them at once, where a request is wrong at more than one place.

Those that carry `field` (every Invalid, FactorConflict, CertificateRetired and what a transfer
is refused for) are also `AtField`;
`within` puts the path of the part in front of it:

>>> from services.kernel import errors
>>> error = errors.FieldRequired(field="period").within("records[3].")
>>> error.field
'records[3].period'
>>> error.metadata()
{'field': 'records[3].period'}
>>> error.text("en")
'records[3].period is empty. It is required: fill it in and send the request again.'
"""

from __future__ import annotations

from services.kernel.errors.base import (
    Aborted,
    Absent,
    AtField,
    DomainError,
    Exhausted,
    FailedPrecondition,
    Invalid,
    Language,
    Late,
    Several,
    Taken,
    Unavailable,
    Words,
    within,
)
from services.kernel.errors.desk import (
    CheckFailed,
    InstructionExpired,
    InstructionRequired,
    MandateExceeded,
    SamePerson,
)
from services.kernel.errors.door import (
    BodyMalformed,
    BodyProblem,
    DeadlineExceeded,
    FieldUnknown,
    RouteUnknown,
)
from services.kernel.errors.fields import (
    CreditCodeInvalid,
    CreditCodeProblem,
    DuplicateRow,
    FieldInvalid,
    FieldRequired,
    FileInvalid,
    NameInvalid,
    PageTokenInvalid,
    PeriodInvalid,
    PeriodOverlap,
    PeriodProblem,
    QuantityInvalid,
    QuantityProblem,
    RegisterImplausible,
    SourceFed,
    TemplateOutdated,
    UnitAmbiguous,
    UnitDimension,
    UnitUnknown,
)
from services.kernel.errors.ledger import (
    BalanceInsufficient,
    BalanceOverflow,
    BlockEnded,
    BlockOverlap,
    BlockPartsUnequal,
    BlocksApart,
    BreakUncorrectable,
    CostPolicyMissing,
    InstrumentUnknown,
    SettlementBeforeTrade,
    StatementLineReused,
    TimeoutPast,
    TransferIdReused,
    TransferIrreversible,
    TransferKindUnfit,
    TransferMissing,
    TransferNotPending,
    TransferReversed,
    TransferSettled,
    TransferTimedOut,
    UnitsAbovePending,
)
from services.kernel.errors.market import (
    CarryOverMissing,
    DutyUnknown,
    PenaltyMissing,
    RulebookVersionMissing,
    TradingDaysUnknown,
)
from services.kernel.errors.states import (
    AlreadyExists,
    BalanceNegative,
    Busy,
    CertificateRetired,
    EtagMismatch,
    FactorConflict,
    FactorImplausible,
    FactorMissing,
    FactorNotApplicable,
    FactorPeriodSplit,
    FourEyes,
    FuelCountedTwice,
    GwpSetMismatch,
    Internal,
    InventoryIncomplete,
    LimitExceeded,
    NeighbourUnavailable,
    NotFound,
    ParameterUndeclared,
    PeriodClosed,
    PermissionDenied,
    PriceMissing,
    RequestIdReused,
    RulebookMissing,
    StateWrong,
    SteamStateOutside,
    StorageProblem,
    StorageUnavailable,
    Unauthenticated,
)

CATALOGUE: tuple[type[DomainError], ...] = (
    FieldRequired,
    FieldInvalid,
    NameInvalid,
    UnitUnknown,
    UnitAmbiguous,
    UnitDimension,
    QuantityInvalid,
    PeriodInvalid,
    PeriodOverlap,
    DuplicateRow,
    FactorMissing,
    FactorConflict,
    FactorNotApplicable,
    FactorImplausible,
    CreditCodeInvalid,
    PageTokenInvalid,
    RequestIdReused,
    NotFound,
    AlreadyExists,
    EtagMismatch,
    Unauthenticated,
    PermissionDenied,
    RulebookMissing,
    PriceMissing,
    InventoryIncomplete,
    NeighbourUnavailable,
    Internal,
    FactorPeriodSplit,
    FourEyes,
    StateWrong,
    FuelCountedTwice,
    CertificateRetired,
    GwpSetMismatch,
    SteamStateOutside,
    BalanceNegative,
    ParameterUndeclared,
    Busy,
    PeriodClosed,
    LimitExceeded,
    StorageUnavailable,
    FileInvalid,
    TemplateOutdated,
    SourceFed,
    RegisterImplausible,
    FieldUnknown,
    BodyMalformed,
    RouteUnknown,
    DeadlineExceeded,
    InstrumentUnknown,
    TransferKindUnfit,
    SettlementBeforeTrade,
    TimeoutPast,
    TransferIdReused,
    TransferMissing,
    TransferNotPending,
    TransferSettled,
    TransferTimedOut,
    UnitsAbovePending,
    TransferIrreversible,
    TransferReversed,
    BalanceInsufficient,
    BalanceOverflow,
    BlockOverlap,
    BlockEnded,
    BlockPartsUnequal,
    BlocksApart,
    StatementLineReused,
    BreakUncorrectable,
    CostPolicyMissing,
    InstructionRequired,
    MandateExceeded,
    SamePerson,
    InstructionExpired,
    CheckFailed,
)
"""Every error that can be raised, in the order of the contract's `ErrorReason`."""

__all__ = [
    "CATALOGUE",
    "Aborted",
    "Absent",
    "AlreadyExists",
    "AtField",
    "BalanceInsufficient",
    "BalanceNegative",
    "BalanceOverflow",
    "BlockEnded",
    "BlockOverlap",
    "BlockPartsUnequal",
    "BlocksApart",
    "BodyMalformed",
    "BodyProblem",
    "BreakUncorrectable",
    "Busy",
    "CarryOverMissing",
    "CertificateRetired",
    "CheckFailed",
    "CostPolicyMissing",
    "CreditCodeInvalid",
    "CreditCodeProblem",
    "DeadlineExceeded",
    "DomainError",
    "DuplicateRow",
    "DutyUnknown",
    "EtagMismatch",
    "Exhausted",
    "FactorConflict",
    "FactorImplausible",
    "FactorMissing",
    "FactorNotApplicable",
    "FactorPeriodSplit",
    "FailedPrecondition",
    "FieldInvalid",
    "FieldRequired",
    "FieldUnknown",
    "FileInvalid",
    "FourEyes",
    "FuelCountedTwice",
    "GwpSetMismatch",
    "InstructionExpired",
    "InstructionRequired",
    "InstrumentUnknown",
    "Internal",
    "Invalid",
    "InventoryIncomplete",
    "Language",
    "Late",
    "LimitExceeded",
    "MandateExceeded",
    "NameInvalid",
    "NeighbourUnavailable",
    "NotFound",
    "PageTokenInvalid",
    "ParameterUndeclared",
    "PenaltyMissing",
    "PeriodClosed",
    "PeriodInvalid",
    "PeriodOverlap",
    "PeriodProblem",
    "PermissionDenied",
    "PriceMissing",
    "QuantityInvalid",
    "QuantityProblem",
    "RegisterImplausible",
    "RequestIdReused",
    "RouteUnknown",
    "RulebookMissing",
    "RulebookVersionMissing",
    "SamePerson",
    "SettlementBeforeTrade",
    "Several",
    "SourceFed",
    "StateWrong",
    "StatementLineReused",
    "SteamStateOutside",
    "StorageProblem",
    "StorageUnavailable",
    "Taken",
    "TemplateOutdated",
    "TimeoutPast",
    "TradingDaysUnknown",
    "TransferIdReused",
    "TransferIrreversible",
    "TransferKindUnfit",
    "TransferMissing",
    "TransferNotPending",
    "TransferReversed",
    "TransferSettled",
    "TransferTimedOut",
    "Unauthenticated",
    "Unavailable",
    "UnitAmbiguous",
    "UnitDimension",
    "UnitUnknown",
    "UnitsAbovePending",
    "Words",
    "within",
]
