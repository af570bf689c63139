"""Each kind of document: its title, its opening sentence, and what it states."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from certificates.documents.accounting import accounting_evidence
from certificates.documents.extracts import (
    Content,
    cancellation_note,
    circulation_receipt,
    pledge_extract,
    status_extract,
    title_after_change,
)
from certificates.documents.search import search
from certificates.drawing.words import Words
from certificates.models import Document, DocumentKind
from rights.queries import AsOf


@dataclass(frozen=True, slots=True)
class Form:
    """A kind of document.

    Attributes:
        lead: what it certifies, in a sentence.
        state: from the document's row and the state of the register to what it says.
    """

    title: Words
    lead: Words
    state: Callable[[Document, AsOf], Content]


FORMS: Mapping[DocumentKind, Form] = {
    DocumentKind.TITLE: Form(
        Words("数据产权登记凭证", "Certificate of Data Property Rights, after a Change"),
        Words(
            "依照《数据产权登记工作指引（试行）》，下列数据产权经变更登记，特发此凭证，替代此前的凭证。",
            "The registered rights in data changed and stand as set out below; this certificate"
            " supersedes the earlier one.",
        ),
        title_after_change,
    ),
    DocumentKind.STATUS: Form(
        Words("数据产权登记簿摘录", "Extract of the Register of Data Property Rights"),
        Words(
            "截至下列时点，登记簿就本资产记载的全部有效权利、限制与备注如下，无所遗漏。",
            "As of the instant stated, these are all rights, restrictions and remarks in force on"
            " the asset.",
        ),
        status_extract,
    ),
    DocumentKind.SEARCH: Form(
        Words("数据产权登记查询证明", "Certificate of Search"),
        Words(
            "经查询登记簿，截至下列时点的结果如下。",
            "The register was searched; as of the instant stated the result is as follows.",
        ),
        search,
    ),
    DocumentKind.PLEDGE: Form(
        Words("数据产权质权登记摘录", "Extract of Registered Pledges"),
        Words(
            "截至下列时点，登记簿记载的质权及其顺位如下；顺位以登记先后为准。",
            "As of the instant stated, these pledges are registered; they rank in the order of"
            " their registration.",
        ),
        pledge_extract,
    ),
    DocumentKind.ACCOUNTING: Form(
        Words("数据资产会计证据摘录", "Accounting Evidence on Data Rights"),
        Words(
            "截至资产负债表日，登记簿就该主体记载的数据产权及其变动如下。本摘录不涉及价值。",
            "At the balance-sheet date the register holds these rights for the entity, and they"
            " moved as follows. Nothing here is a value.",
        ),
        accounting_evidence,
    ),
    DocumentKind.CANCELLATION: Form(
        Words("数据产权注销登记证明", "Note of Cancellation"),
        Words(
            "下列数据产权登记已经注销，此前的凭证随之失效。",
            "The registration below was cancelled; earlier certificates lost their effect.",
        ),
        cancellation_note,
    ),
    DocumentKind.CIRCULATION: Form(
        Words("公共数据流转备案回执", "Receipt for Circulation Filings"),
        Words(
            "下列数据流转已经备案。",
            "The circulation of data set out below is on file.",
        ),
        circulation_receipt,
    ),
}
