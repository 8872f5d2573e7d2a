"""The petition's tables, one file per subject; everything is imported from here."""

from campaign.petitions.models.counting import (
    CollectedTally,
    ConfirmationDelay,
    Dimension,
    SignatureRollup,
    SignatureTally,
    TallyDelta,
)
from campaign.petitions.models.decisions import DecidedSignature, Decision
from campaign.petitions.models.exports import Export, ExportFormat, ExportState, ExportSubject
from campaign.petitions.models.imports import ImportState, Origin, SignatureImport
from campaign.petitions.models.invalidations import Invalidation, InvalidationState
from campaign.petitions.models.removals import Removal, RemovalReason
from campaign.petitions.models.reports import CommentReport, ReportReason
from campaign.petitions.models.screening import (
    Listing,
    ListSubject,
    ScreeningAction,
    ScreeningEntry,
    ScreeningKey,
    ScreeningRules,
)
from campaign.petitions.models.signatures import (
    ByteOrderedText,
    CommentState,
    Signal,
    Signature,
    SignatureSignal,
    SignatureState,
)

__all__ = [
    "ByteOrderedText",
    "CollectedTally",
    "CommentReport",
    "CommentState",
    "ConfirmationDelay",
    "DecidedSignature",
    "Decision",
    "Dimension",
    "Export",
    "ExportFormat",
    "ExportState",
    "ExportSubject",
    "ImportState",
    "Invalidation",
    "InvalidationState",
    "ListSubject",
    "Listing",
    "Origin",
    "Removal",
    "RemovalReason",
    "ReportReason",
    "ScreeningAction",
    "ScreeningEntry",
    "ScreeningKey",
    "ScreeningRules",
    "Signal",
    "Signature",
    "SignatureImport",
    "SignatureRollup",
    "SignatureSignal",
    "SignatureState",
    "SignatureTally",
    "TallyDelta",
]
