"""What the office's pages are asked and told, for its tests."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.contrib.messages import get_messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from accounts.models import User
from filings.application import content_digest
from filings.cases import undeclared
from filings.checklist import CheckItem
from filings.models import Filing, Paper
from filings.workflow import Action
from registry.kinds import InstrumentKind, Stage
from registry.models import Party
from tests.factories import PAPER_KINDS, description

SignIn = Callable[[User], Client]


def page(name: str, filing: Filing) -> str:
    return reverse(f"admin:filings_filing_{name}", args=[filing.pk])


def said(response: Any) -> str:
    """Return the messages that a redirect carries to the next page."""
    return "\n".join(str(message) for message in get_messages(response.wsgi_request))


def description_data(applicant: Party, **changes: Any) -> dict[str, Any]:
    data = description(applicants=[applicant.pk], organisation="", period_from="", period_to="")
    limits = {f"limit_{name}": "" for name in ("users", "qualification", "environment")}
    return {**data, **limits, "limit_territory": "", "_save": "1", **changes}


def rights_data(
    *claims: dict[str, Any],
    sources: Sequence[dict[str, Any]] = (),
    responsible: Sequence[tuple[Stage, Party]] = (),
) -> Any:
    """Return the form of rights and sources; a claim's ``holders`` are (party, share) pairs."""
    data: dict[str, Any] = {"remarks": "", "_save": "1"}
    parts = {
        "claims": claims,
        "sources": sources,
        "participants": (),
        "responsibilities": responsible,
    }
    for prefix, rows in parts.items():
        data |= {f"{prefix}-TOTAL_FORMS": len(rows), f"{prefix}-INITIAL_FORMS": 0}
    for index, claim in enumerate(claims):
        holders = claim.pop("holders")
        start = f"claims-{index}"
        data |= {f"{start}-{name}": value for name, value in claim.items()}
        data |= {
            f"{start}-holders-TOTAL_FORMS": len(holders),
            f"{start}-holders-INITIAL_FORMS": 0,
        }
        for place, (party, share) in enumerate(holders):
            data |= {
                f"{start}-holders-{place}-party": party.pk,
                f"{start}-holders-{place}-share": share,
            }
    for index, source in enumerate(sources):
        data |= {f"sources-{index}-{name}": value for name, value in source.items()}
    for index, (stage, party) in enumerate(responsible):
        data |= {
            f"responsibilities-{index}-stage": stage,
            f"responsibilities-{index}-party": party.pk,
        }
    return data


def hand_in_all(
    client: Client, filing: Filing, kinds: Iterable[InstrumentKind] = PAPER_KINDS
) -> None:
    for kind in kinds:
        file = SimpleUploadedFile(f"{kind}.txt", f"示例 {kind}".encode())
        data = {"kind": kind, "title": f"示例{kind}", "file": file}
        assert client.post(page("papers", filing), data).status_code == 302


def take(client: Client, filing: Filing, action: Action, **data: Any) -> HttpResponse:
    address = reverse("admin:filings_filing_step", args=[filing.pk, action])
    if action == Action.SUBMIT:
        data.setdefault("declared", [row.name for row in undeclared(filing)])
    return client.post(address, data)  # type: ignore[return-value] # the test client adds to it


def answer_checklist(client: Client, filing: Filing) -> None:
    client.post(page("checks", filing), {item.value: "yes" for item in CheckItem})


def shown_digest(filing: Filing) -> str:
    return content_digest(Filing.objects.get(pk=filing.pk))


def paper_page(paper: Paper) -> str:
    return reverse("admin:filings_filing_paper", args=[paper.filing_id, paper.pk])
