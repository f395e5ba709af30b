"""Who may call which method."""

from __future__ import annotations

from services.runtime import auth

_ACCOUNTING = "/zonecarbon.accounting.v1.AccountingService/"
_CURVES = "/zonecarbon.accounting.v1.CurveService/"
_METERING = "/zonecarbon.accounting.v1.MeteringService/"
_PERIODS = "/zonecarbon.accounting.v1.PeriodService/"
_ROLLUPS = "/zonecarbon.accounting.v1.RollupService/"
_QUALITY = "/zonecarbon.accounting.v1.QualityService/"
_VERIFICATIONS = "/zonecarbon.accounting.v1.VerificationService/"
_REPORT_FILES = "/zonecarbon.accounting.v1.ReportFileService/"
_ZONES = "/zonecarbon.accounting.v1.ZoneAnalysisService/"
_BASE_YEARS = "/zonecarbon.accounting.v1.BaseYearService/"
_STATISTICS = "/zonecarbon.accounting.v1.StatisticService/"
_SYSTEMS = "/zonecarbon.accounting.v1.IndicatorSystemService/"
_EVALUATIONS = "/zonecarbon.accounting.v1.EvaluationService/"
ZONE_INVENTORY = _ACCOUNTING + "GetZoneInventory"
ZONE_EVALUATION = _EVALUATIONS + "CreateEvaluation"

ACCESS: auth.Access = {
    _ACCOUNTING + "ReportActivity": auth.REPORTERS,
    _ACCOUNTING + "StreamActivity": auth.REPORTERS,
    _ACCOUNTING + "GetActivityRecord": auth.ANYONE,
    _ACCOUNTING + "ListActivityRecords": auth.ANYONE,
    _ACCOUNTING + "ComputeEmissions": auth.ANYONE,
    _ACCOUNTING + "GetEnterpriseInventory": auth.ANYONE,
    _ACCOUNTING + "ListInventoryVersions": auth.ANYONE,
    _ACCOUNTING + "CompareInventory": auth.ANYONE,
    _ACCOUNTING + "ExportBundle": auth.ANYONE,
    ZONE_INVENTORY: auth.OFFICE_READERS,
    # Of a zone: whoever may read its inventory.
    _ACCOUNTING + "ExplainFigure": auth.ANYONE,
    _ACCOUNTING + "ReconcileInventories": auth.ANYONE,
    _ACCOUNTING + "ListMethods": auth.ANYONE,
    _ACCOUNTING + "ListChanges": auth.FOLLOWERS,
    _CURVES + "CreateCurve": auth.REPORTERS,
    _CURVES + "GetCurve": auth.ANYONE,
    _CURVES + "ListCurves": auth.ANYONE,
    _CURVES + "ReplaceMeter": auth.REPORTERS,
    _CURVES + "ReportCurveDays": auth.REPORTERS,
    _CURVES + "StreamCurveDays": auth.REPORTERS,
    _CURVES + "ListCurveDays": auth.ANYONE,
    _PERIODS + "GetPeriod": auth.ANYONE,
    _PERIODS + "SubmitPeriod": auth.REPORTERS,
    _PERIODS + "LockPeriod": auth.OFFICE,
    _PERIODS + "ReopenPeriod": auth.OFFICE,
    _PERIODS + "PinFactors": auth.OFFICE,
    _PERIODS + "RestatePeriod": auth.OFFICE,
    _VERIFICATIONS + "OpenVerification": auth.VERIFIERS,
    _VERIFICATIONS + "GetVerification": auth.ANYONE,
    _VERIFICATIONS + "ListVerifications": auth.ANYONE,
    _VERIFICATIONS + "RecordFinding": auth.VERIFIERS,
    _VERIFICATIONS + "RecordVerifiedFigures": auth.VERIFIERS,
    _VERIFICATIONS + "ConcludeVerification": auth.VERIFIERS,
    _BASE_YEARS + "SetBaseYear": auth.REPORTERS,
    _BASE_YEARS + "GetBaseYear": auth.ANYONE,
    _BASE_YEARS + "RestateBaseYear": auth.REPORTERS,
    _REPORT_FILES + "GetReportTemplate": auth.ANYONE,
    _REPORT_FILES + "UploadReportFile": auth.REPORTERS,
    _REPORT_FILES + "GetReportFile": auth.ANYONE,
    _REPORT_FILES + "ListReportFiles": auth.ANYONE,
    _REPORT_FILES + "DownloadReportFile": auth.ANYONE,
    # Of a zone: whoever may read its inventory.
    _ROLLUPS + "GetMonthlyEmissions": auth.ANYONE,
    _ROLLUPS + "CheckMonthlyEmissions": auth.OFFICE_READERS,
    _STATISTICS + "ListStatisticInputs": auth.ANYONE,
    # Of a zone: whoever may evaluate it; to read, whoever may read its inventory.
    _STATISTICS + "ReportStatistics": auth.REPORTERS,
    _STATISTICS + "GetStatistic": auth.ANYONE,
    _STATISTICS + "ListStatistics": auth.ANYONE,
    _SYSTEMS + "CreateIndicatorSystem": auth.OFFICE,
    # Of a zone: whoever may read its inventory.
    _SYSTEMS + "GetIndicatorSystem": auth.ANYONE,
    _SYSTEMS + "ListIndicatorSystems": auth.ANYONE,
    _SYSTEMS + "PublishIndicatorSystem": auth.OFFICE,
    _SYSTEMS + "RejectIndicatorSystem": auth.OFFICE,
    _SYSTEMS + "RetireIndicatorSystem": auth.OFFICE,
    ZONE_EVALUATION: auth.OFFICE,
    _EVALUATIONS + "GetEvaluation": auth.OFFICE_READERS,
    _EVALUATIONS + "ListEvaluations": auth.OFFICE_READERS,
    _EVALUATIONS + "RepeatEvaluation": auth.OFFICE_READERS,
    _EVALUATIONS + "CompareEvaluations": auth.OFFICE_READERS,
    _EVALUATIONS + "ExportEvaluation": auth.OFFICE_READERS,
    _EVALUATIONS + "RankEvaluations": auth.OFFICE_READERS,
    # Stores nothing and reads nothing but the request.
    "/zonecarbon.accounting.v1.ParkService/EvaluatePark": auth.ANYONE,
    _METERING + "ComputeHeat": auth.ANYONE,
    _METERING + "CorrectReading": auth.ANYONE,
    _METERING + "ConvertCoalEquivalent": auth.ANYONE,
    _QUALITY + "EstimateUncertainty": auth.ANYONE,
    _QUALITY + "GetDataQualityPlan": auth.ANYONE,
    _QUALITY + "UpdateDataQualityPlan": auth.REPORTERS,
    _QUALITY + "AssessDataQuality": auth.ANYONE,
    _QUALITY + "CheckShares": auth.ANYONE,
    _QUALITY + "GetEvidencePack": auth.ANYONE,
    _QUALITY + "FileEvidence": auth.REPORTERS,
    _ZONES + "ComputeZoneEnergy": auth.OFFICE_READERS,
    _ZONES + "AnalyzeTrend": auth.OFFICE_READERS,
    _ZONES + "DecomposeEmissions": auth.OFFICE_READERS,
    _ZONES + "TrackTarget": auth.OFFICE_READERS,
    # Of a zone: whoever may read its inventory.
    _ZONES + "ForecastYear": auth.ANYONE,
    _ZONES + "SimulateZone": auth.OFFICE_READERS,
    _ZONES + "GetPublicTable": auth.OFFICE_READERS,
}
