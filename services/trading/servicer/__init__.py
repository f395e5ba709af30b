"""Trading's servicer, one module a noun, and who may call which method."""

from __future__ import annotations

from services.runtime import auth
from services.trading.servicer.account import Accounts
from services.trading.servicer.allocation import Allocations
from services.trading.servicer.book import Books
from services.trading.servicer.compliance import Surrenders
from services.trading.servicer.counterparty import Counterparties
from services.trading.servicer.duty import Duties
from services.trading.servicer.holding import Holdings
from services.trading.servicer.house import House
from services.trading.servicer.instruction import Instructions
from services.trading.servicer.instrument import Instruments
from services.trading.servicer.limit import Limits
from services.trading.servicer.portfolio import Portfolios
from services.trading.servicer.position import Positions
from services.trading.servicer.price import Prices
from services.trading.servicer.quote import Quotes
from services.trading.servicer.reconciliation import Reconciliations
from services.trading.servicer.statement import Statements
from services.trading.servicer.transfer import Transfers
from services.trading.servicer.unit_block import UnitBlocks

_TRADING = "/zonecarbon.trading.v1.TradingService/"
_LEDGER = "/zonecarbon.trading.v1.LedgerService/"
_PORTFOLIO = "/zonecarbon.trading.v1.PortfolioService/"
_QUOTES = "/zonecarbon.trading.v1.QuoteService/"
_RECONCILIATION = "/zonecarbon.trading.v1.ReconciliationService/"
_DESK = "/zonecarbon.trading.v1.DeskService/"
_COMPLIANCE = "/zonecarbon.trading.v1.ComplianceService/"

ACCESS: auth.Access = {
    _TRADING + "CreateAccount": auth.OFFICE,
    _TRADING + "GetAccount": auth.ANYONE,
    _TRADING + "ListAccounts": auth.ANYONE,
    _TRADING + "ListRulebooks": auth.ANYONE,
    _TRADING + "RecordHoldings": auth.OFFICE,
    _TRADING + "ListHoldings": auth.ANYONE,
    _TRADING + "AllocateAllowances": auth.OFFICE,
    _TRADING + "GetAllocation": auth.ANYONE,
    _TRADING + "GetPosition": auth.ANYONE,
    _TRADING + "ListPositions": auth.ANYONE,
    _TRADING + "ImportPrices": auth.ADMINISTRATORS,
    _TRADING + "GetPrice": auth.ANYONE,
    _TRADING + "ListPrices": auth.ANYONE,
    _TRADING + "GetFollowState": auth.ANYONE,
    _LEDGER + "CreateInstrument": auth.OFFICE,
    _LEDGER + "ListInstruments": auth.ANYONE,
    _LEDGER + "PostTransfer": auth.OFFICE,
    _LEDGER + "PostTransfers": auth.OFFICE,
    _LEDGER + "GetTransfer": auth.ANYONE,
    _LEDGER + "ListTransfers": auth.ANYONE,
    _LEDGER + "ListBalances": auth.ANYONE,
    _LEDGER + "ListEntries": auth.ANYONE,
    _LEDGER + "ExportStatement": auth.ANYONE,
    _LEDGER + "VerifyLedger": auth.ANYONE,
    _LEDGER + "RecordUnitBlock": auth.OFFICE,
    _LEDGER + "SplitUnitBlock": auth.OFFICE,
    _LEDGER + "MergeUnitBlocks": auth.OFFICE,
    _LEDGER + "ListUnitBlocks": auth.ANYONE,
    _PORTFOLIO + "DeclareCostPolicy": auth.OFFICE,
    _PORTFOLIO + "DeclareDisposal": auth.OFFICE,
    _PORTFOLIO + "GetPortfolio": auth.ANYONE,
    _PORTFOLIO + "ListPortfolios": auth.ANYONE,
    _PORTFOLIO + "GetJournal": auth.ANYONE,
    _PORTFOLIO + "ExportJournal": auth.ANYONE,
    _QUOTES + "ImportBulletin": auth.ADMINISTRATORS,
    _QUOTES + "ImportQuotes": auth.ADMINISTRATORS,
    _QUOTES + "ListQuotes": auth.ANYONE,
    _RECONCILIATION + "GetStatementTemplate": auth.OFFICE,
    _RECONCILIATION + "ImportStatement": auth.OFFICE,
    _RECONCILIATION + "GetStatement": auth.OFFICE,
    _RECONCILIATION + "ListStatements": auth.OFFICE,
    _RECONCILIATION + "GetStatementFile": auth.OFFICE,
    _RECONCILIATION + "ReconcileStatement": auth.OFFICE,
    _RECONCILIATION + "ListBreaks": auth.OFFICE,
    _RECONCILIATION + "ProposeCorrection": auth.OFFICE,
    _RECONCILIATION + "DecideCorrection": auth.OFFICE,
    _RECONCILIATION + "ListCorrections": auth.OFFICE,
    _RECONCILIATION + "ListAccountBlocks": auth.OFFICE,
    _DESK + "CreateInstruction": auth.OFFICE,
    _DESK + "GetInstruction": auth.ANYONE,
    _DESK + "ListInstructions": auth.ANYONE,
    _DESK + "EditInstruction": auth.OFFICE,
    _DESK + "SubmitInstruction": auth.OFFICE,
    _DESK + "ApproveInstruction": auth.OFFICE,
    _DESK + "RejectInstruction": auth.OFFICE,
    _DESK + "WithdrawInstruction": auth.OFFICE,
    _DESK + "RecordInstruction": auth.OFFICE,
    _DESK + "CheckInstruction": auth.OFFICE,
    _DESK + "CreateLimit": auth.ADMINISTRATORS,
    _DESK + "ApproveLimit": auth.ADMINISTRATORS,
    _DESK + "RejectLimit": auth.ADMINISTRATORS,
    _DESK + "ListLimits": auth.OFFICE_READERS,
    _DESK + "CreateTrustedCounterparty": auth.OFFICE,
    _DESK + "ApproveTrustedCounterparty": auth.OFFICE,
    _DESK + "RemoveTrustedCounterparty": auth.OFFICE,
    _DESK + "ListTrustedCounterparties": auth.ANYONE,
    _COMPLIANCE + "PlanSurrender": auth.ANYONE,
    _COMPLIANCE + "GetCarryOver": auth.ANYONE,
    _COMPLIANCE + "GetExposure": auth.ANYONE,
    _COMPLIANCE + "GetDifferentiatedIssue": auth.ANYONE,
    _COMPLIANCE + "ListDuties": auth.ANYONE,
    _COMPLIANCE + "RecordDuty": auth.OFFICE,
    _COMPLIANCE + "RecordOffsetRegistration": auth.OFFICE,
    _COMPLIANCE + "ListOffsetRegistrations": auth.ANYONE,
    _COMPLIANCE + "AssessReductions": auth.ANYONE,
    _COMPLIANCE + "ListTradingDays": auth.ANYONE,
    _COMPLIANCE + "CompareRulebookVersions": auth.ANYONE,
}


class Trading(Accounts, Holdings, Allocations, Positions, Prices):
    """TradingService: each noun in a module of its own."""

    def __init__(self, house: House) -> None:
        Accounts.__init__(self, house)


class Ledger(Instruments, Transfers, Books, UnitBlocks):
    """LedgerService: each noun in a module of its own."""

    def __init__(self, house: House) -> None:
        Instruments.__init__(self, house)


class Reconciliation(Statements, Reconciliations):
    """ReconciliationService: each noun in a module of its own."""

    def __init__(self, house: House) -> None:
        Statements.__init__(self, house)


class Desk(Instructions, Limits, Counterparties):
    """DeskService: each noun in a module of its own."""

    def __init__(self, house: House) -> None:
        Instructions.__init__(self, house)


class Compliance(Surrenders, Duties):
    """ComplianceService: each noun in a module of its own."""

    def __init__(self, house: House) -> None:
        Surrenders.__init__(self, house)


__all__ = [
    "ACCESS",
    "Compliance",
    "Desk",
    "House",
    "Ledger",
    "Portfolios",
    "Quotes",
    "Reconciliation",
    "Trading",
]
