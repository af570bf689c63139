"""Applications and their cases: what is applied for, its papers, and every step with its person."""

from filings.models.case import (
    Check,
    Declaration,
    Letter,
    Likeness,
    ListAnswer,
    Message,
    NearMatch,
    Part,
    Participation,
    Step,
)
from filings.models.filing import (
    AskedAct,
    ClaimedResponsibility,
    ClaimedRight,
    ClaimedShare,
    ClaimedSource,
    Filing,
    FusionParticipant,
    GivenConsent,
    OrderBehind,
    Paper,
)
from filings.models.objection import (
    Inquiry,
    Objection,
    Proceeding,
    Proposal,
)
from filings.models.office import (
    Batch,
    BatchState,
    CalendarYear,
    ListedItem,
)

__all__ = [
    "AskedAct",
    "Batch",
    "BatchState",
    "CalendarYear",
    "Check",
    "ClaimedResponsibility",
    "ClaimedRight",
    "ClaimedShare",
    "ClaimedSource",
    "Declaration",
    "Filing",
    "FusionParticipant",
    "GivenConsent",
    "Inquiry",
    "Letter",
    "Likeness",
    "ListAnswer",
    "ListedItem",
    "Message",
    "NearMatch",
    "Objection",
    "OrderBehind",
    "Paper",
    "Part",
    "Participation",
    "Proceeding",
    "Proposal",
    "Step",
]
