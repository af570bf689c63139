"""Extracts, searches, evidence: what they state is in the register, all of it, and proven."""

import io
import json
from collections.abc import Iterator
from datetime import timedelta
from fractions import Fraction
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pikepdf import Pdf

from audit.register import compare_register
from certificates.documents.accounting import (
    SPREADSHEET,
    Movement,
    roll_forward,
    spreadsheet,
    totals_of,
)
from certificates.documents.extracts import Content
from certificates.documents.ordering import Order, OrderError, order
from certificates.documents.statement import Section, Table
from certificates.documents.wording import plain
from certificates.drawing import words
from certificates.drawing.words import Words
from certificates.issuance import issue_waiting
from certificates.models import Certificate, CertificateState, Document, DocumentKind
from certificates.queries import (
    find_document,
    log_verifier_keys,
    proof_text,
    read_certificate,
)
from certificates.sealing import load_certificates, trust_pem, tsa_trust_pem
from certificates.status import Status, status_of
from certificates.verification import RegisterVerdict, verify_file
from ledger.state_map import commit_state_map
from primitives.clock import now_utc
from primitives.identifiers import new_reference
from registry.models import Party
from rights.grant import Grant
from rights.kinds import RightKind
from rights.queries import AsOf, portfolio_of
from rights.scope import Scope
from rights.surrender import Surrender
from rights.title import GrantTerms
from tests.factories import Office
from tests.titles import DAY, ONE, SECRET, THIRD, Estate, make_estate
from verifier.state import verify_state
from verifier.verdict import Outcome, Reason, Verdict
from verifier.verification import verify

MINUTE = timedelta(minutes=1)


@pytest.fixture
def estate(office: Office) -> Estate:
    return make_estate(office)


def issued(wanted: Order) -> Document:
    """Order a document and let the worker issue it, with whatever else waits."""
    at = now_utc()
    document = order(wanted, by=None, at=at)
    issue_waiting(at=at)
    document.refresh_from_db()
    assert document.state == CertificateState.ISSUED
    return document


def verdict_on(document: Document, pdf: bytes | None = None) -> Verdict:
    return verify(
        pdf or read_certificate(document),
        proof=proof_text(document),
        trust=load_certificates(trust_pem().encode()),
        tsa_trust=load_certificates(tsa_trust_pem().encode()),
        log_key=log_verifier_keys(),
        at=now_utc(),
    )


def statement_of(document: Document) -> dict[str, object]:
    found: dict[str, object] = json.loads(bytes(document.statement))
    return found


def words_in(document: Document) -> str:
    return bytes(document.statement).decode()


def every_kind(estate: Estate) -> Iterator[Order]:
    asset, company, bank = estate.asset, estate.company, estate.bank
    yield Order(kind=DocumentKind.STATUS, asset=asset, pending_cases=1)
    yield Order(kind=DocumentKind.SEARCH, query=asset.number)
    yield Order(kind=DocumentKind.SEARCH, query="DA-999999999")
    yield Order(kind=DocumentKind.PLEDGE, asset=asset, party=bank)
    yield Order(
        kind=DocumentKind.ACCOUNTING,
        party=company,
        since=estate.start + DAY,
        as_of=estate.start + 30 * DAY,
    )
    yield Order(kind=DocumentKind.CANCELLATION, asset=asset)
    yield Order(kind=DocumentKind.CIRCULATION, asset=asset)


def test_every_kind_of_document_is_sealed_entered_and_valid_offline(estate: Estate) -> None:
    for wanted in every_kind(estate):
        document = issued(wanted)
        verdict = verdict_on(document)
        assert verdict.outcome == Outcome.VALID, (document.kind, verdict.reasons)
        assert document.number.startswith("E")
    assert not list(compare_register())


def test_an_altered_document_is_found_out_and_one_under_another_proof(estate: Estate) -> None:
    document = issued(Order(kind=DocumentKind.STATUS, asset=estate.asset))
    other = issued(Order(kind=DocumentKind.SEARCH, query="DA-999999999"))
    pdf = read_certificate(document)
    assert verdict_on(document, pdf + b"\n").reasons == (Reason.ALTERED_AFTER_ISSUE,)
    assert verdict_on(document, read_certificate(other)).reasons == (
        Reason.NOT_THE_REGISTERED_BYTES,
    )


def test_c1_an_extract_states_every_right_and_all_that_lies_on_them(estate: Estate) -> None:
    document = issued(Order(kind=DocumentKind.STATUS, asset=estate.asset, pending_cases=2))
    said = words_in(document)
    now = AsOf(at=document.as_of)
    for right in now.in_force(estate.asset.interests.all()):
        assert right.reference in said
    for remark in now.in_force(estate.asset.remarks.all()):
        assert remark.reference in said
    for word in ("第 1 顺位", "第 2 顺位", "轮候", "2 件", "示例张三丰", "370102199001011234"):
        assert word in said
    assert SECRET not in said


def test_an_extract_for_a_past_day_states_that_day(estate: Estate) -> None:
    before_the_pledges = estate.start + 3 * DAY
    document = issued(Order(kind=DocumentKind.STATUS, asset=estate.asset, as_of=before_the_pledges))
    facts = statement_of(document)["facts"]
    assert isinstance(facts, dict)
    assert facts["remarks"] == []
    assert len(facts["rights"]) == 4


def test_a_pledgee_sees_its_rank_and_not_who_stands_beside_it(estate: Estate) -> None:
    document = issued(Order(kind=DocumentKind.PLEDGE, asset=estate.asset, party=estate.bank))
    said = words_in(document)
    assert "CNY 5,000,000.00" in said
    assert "第 2 顺位" in said, "it stands behind the one that it yielded to"
    assert "示例甲银行股份有限公司" in said
    ranks = next(
        section["blocks"][0]["rows"]
        for section in statement_of(document)["sections"]  # type: ignore[attr-defined]
        if section["title"]["zh"] == "顺位表"
    )
    assert [row[2]["zh"] for row in ranks] == ["他人", "示例甲银行股份有限公司"]
    # It yielded its place to the other bank and has one kept; neither says its name to that.
    other = issued(Order(kind=DocumentKind.PLEDGE, asset=estate.asset, party=estate.other_bank))
    assert "示例甲银行股份有限公司" not in words_in(other)


def test_c9_nothing_registered_is_proven_by_the_state_map(estate: Estate, tmp_path: Path) -> None:
    commit_state_map(at=now_utc())
    document = issued(Order(kind=DocumentKind.SEARCH, query="DA-999999999"))
    assert "未查得登记" in words_in(document)
    with Pdf.open(io.BytesIO(read_certificate(document))) as pdf:
        proof = pdf.attachments["search.state-proof"].get_file().read_bytes().decode()
    found = verify_state(proof, log_key=log_verifier_keys())
    assert found.outcome == Outcome.VALID
    assert found.proven
    assert found.proven.item is None


def test_a_search_finds_by_number_by_digest_and_by_holder_exactly(estate: Estate) -> None:
    version = estate.asset.versions.get()
    for query in (estate.asset.number, version.sha256, estate.company.identifier):
        facts = statement_of(issued(Order(kind=DocumentKind.SEARCH, query=query)))["facts"]
        assert isinstance(facts, dict)
        assert facts["assets"] or facts["interests"], query
    said = words_in(issued(Order(kind=DocumentKind.SEARCH, query=estate.asset.number[:-1])))
    assert "未查得登记" in said


def test_a_change_of_title_is_followed_by_a_certificate_that_supersedes_the_last(
    estate: Estate,
) -> None:
    issue_waiting(at=now_utc())
    issue_waiting(at=now_utc())
    first = Certificate.objects.get()
    changes = list(Document.objects.filter(kind=DocumentKind.TITLE).order_by("pk"))
    # Two grants and a transfer change who holds what; pledges and freezes do not.
    assert len(changes) == 3
    chain = [statement_of(document)["facts"]["supersedes"] for document in changes]  # type: ignore[index]
    assert chain == [first.number, changes[0].number, changes[1].number]
    assert all(document.number.startswith("SJ") for document in changes)
    assert len({first.number, *(document.number for document in changes)}) == 4
    assert verdict_on(changes[2]).outcome == Outcome.VALID
    assert issue_waiting(at=now_utc()) == 0


def test_only_the_last_certificate_after_a_change_is_in_force_and_only_until_the_next_act(
    estate: Estate,
) -> None:
    issue_waiting(at=now_utc())
    issue_waiting(at=now_utc())
    changes = list(Document.objects.filter(kind=DocumentKind.TITLE).order_by("pk"))
    found = [answer_on(document) for document in changes]
    assert [answer.status for answer in found] == [
        Status.SUPERSEDED,
        Status.SUPERSEDED,
        Status.IN_FORCE,
    ]
    assert [answer.outcome for answer in found] == [
        Outcome.INVALID,
        Outcome.INVALID,
        Outcome.VALID,
    ]
    use = estate.right(RightKind.USE).reference
    estate.enter(39, Surrender(interest=use), by=[estate.company])
    assert answer_on(changes[2]).status is Status.CHANGED
    assert answer_on(changes[2]).outcome == Outcome.INVALID
    last = estate.start + 5000 * DAY
    assert status_of(changes[2], last) is Status.ENDED
    other = issued(Order(kind=DocumentKind.STATUS, asset=estate.asset))
    assert answer_on(other).status is None
    assert answer_on(other).outcome == Outcome.VALID


def answer_on(document: Document) -> RegisterVerdict:
    return verify_file(read_certificate(document), proof=proof_text(document), at=now_utc())


def test_p2_an_extract_marks_each_source_whose_basis_is_unproven(estate: Estate) -> None:
    for basis, mark, other in (
        ("", words.UNPROVEN, words.PROVEN),
        (estate.right(RightKind.USE).reference, words.PROVEN, words.UNPROVEN),
    ):
        derived = estate.derive(basis.encode() or b"derived", basis=basis)
        said = words_in(issued(Order(kind=DocumentKind.STATUS, asset=derived)))
        assert estate.asset.number in said or estate.asset.name in said
        assert mark.zh in said
        assert other.zh not in said


def test_an_extract_states_a_right_that_is_registered_and_has_yet_to_begin(
    estate: Estate,
) -> None:
    grant = Grant(
        reference=new_reference("I"),
        parent=estate.right().reference,
        kind=RightKind.USE,
        grantees={estate.bank.reference: ONE},
        valid_from=now_utc().replace(microsecond=0) + 30 * DAY,
        valid_to=estate.end - 30 * DAY,
        scope=Scope(territories=frozenset({"CN-37"}), purposes=frozenset({"siting"})),
        terms=GrantTerms(may_sublicense=False),
    )
    estate.enter(39, grant, by=[estate.company, estate.person])
    for as_of, is_said in ((None, True), (estate.start + 38 * DAY, False)):
        document = issued(Order(kind=DocumentKind.STATUS, asset=estate.asset, as_of=as_of))
        assert (grant.reference in words_in(document)) is is_said
        assert ("尚未生效的权利" in words_in(document)) is is_said


def test_an_extract_says_how_many_cases_are_pending_or_that_nobody_counted(
    estate: Estate,
) -> None:
    for count, said in ((None, "未统计"), (0, "无"), (2, "2 件")):
        document = issued(Order(kind=DocumentKind.STATUS, asset=estate.asset, pending_cases=count))
        (value,) = (
            section["blocks"][0]["value"]["zh"]
            for section in statement_of(document)["sections"]  # type: ignore[attr-defined]
            if section["title"]["zh"] == "申领时的在办申请"
        )
        assert value.startswith(said)


def test_a1_the_roll_forward_adds_up_and_equals_the_portfolio_at_both_ends(
    estate: Estate,
) -> None:
    for party in (estate.company, estate.user, estate.person):
        for since, until in ((0, 11), (11, 13), (-1, 39), (5, 800)):
            start, end = estate.start + since * DAY + MINUTE, estate.start + until * DAY + MINUTE
            moved = roll_forward(party, since=start, as_of=AsOf(at=end))
            for total, kind in zip(totals_of(moved), RightKind, strict=True):
                assert total.opening == held(party, kind, start), (party, kind, since)
                assert total.closing == held(party, kind, end), (party, kind, until)


def held(party: Party, kind: RightKind, at: object) -> Fraction:
    """The sum of a party's shares, read by another way than the roll-forward goes."""
    rights = portfolio_of(party, at=at)  # type: ignore[arg-type]
    return sum(
        (
            share.fraction
            for right in rights
            if right.kind == kind
            for share in right.shares.all()
            if share.party_id == party.pk
        ),
        Fraction(0),
    )


def test_a_transfer_is_out_for_one_and_in_for_the_other(estate: Estate) -> None:
    period = {"since": estate.start + 11 * DAY, "as_of": AsOf(at=estate.start + 13 * DAY)}
    for party, gained, lost in ((estate.company, 0, THIRD), (estate.user, THIRD, 0)):
        hold = totals_of(roll_forward(party, **period))[0]  # type: ignore[arg-type]
        assert [hold.gained, hold.lost, hold.lapsed] == [gained, lost, 0]


SHARES = st.fractions(min_value=0, max_value=1, max_denominator=1000)


@given(st.lists(st.tuples(SHARES, SHARES, SHARES, SHARES), max_size=6))
def test_a1_sums_of_movements_are_exact(parts: list[tuple[Fraction, ...]]) -> None:
    name = Words("数据持有权", "Right to hold")
    total = Movement(name)
    for part in parts:
        total = total.plus(Movement(name, *part))
    assert total.closing == sum(
        (opening + gained - lost - lapsed for opening, gained, lost, lapsed in parts), Fraction(0)
    )


def test_accounting_evidence_carries_its_tables_as_a_workbook(estate: Estate) -> None:
    document = issued(
        Order(
            kind=DocumentKind.ACCOUNTING,
            party=estate.company,
            since=estate.start + DAY,
            as_of=estate.start + 13 * DAY,
        )
    )
    with Pdf.open(io.BytesIO(read_certificate(document))) as pdf:
        content = pdf.attachments[SPREADSHEET].get_file().read_bytes()
    book = openpyxl.load_workbook(io.BytesIO(content))
    moved = next(sheet for sheet in book if sheet.title.startswith("变动表"))
    assert [cell.value for cell in moved[2]] == ["数据持有权", "1", "0", "1/3", "0", "2/3"]
    said = words_in(document)
    for word in ("期后事项", "财会〔2023〕11号", "由企业提供"):
        assert word in said


def test_a_name_that_looks_like_a_formula_stays_text_in_the_workbook() -> None:
    names = ["=1+1", "+1", "@SUM(1)", "-1", '=HYPERLINK("http://x.example")']
    table = Table((Words("名称", "Name"),), (100,), [[plain(name)] for name in names])
    content = Content([Section(Words("表", "Table"), [table])], {})
    book = openpyxl.load_workbook(io.BytesIO(spreadsheet(content, written_at=now_utc())))
    cells = [row[0] for row in book.worksheets[0].iter_rows(min_row=2)]
    assert [(cell.value, cell.data_type) for cell in cells] == [(name, "s") for name in names]


@pytest.mark.parametrize(
    ("wanted", "why"),
    [
        ({"kind": DocumentKind.STATUS}, "data asset"),
        ({"kind": DocumentKind.SEARCH, "query": " "}, "searched for"),
        ({"kind": DocumentKind.ACCOUNTING}, "party"),
        ({"kind": DocumentKind.SEARCH, "query": "x", "as_of": now_utc() + DAY}, "earlier"),
        ({"kind": DocumentKind.SEARCH, "query": "x", "since": now_utc() + DAY}, "begin before"),
    ],
)
@pytest.mark.django_db
def test_an_order_without_sense_takes_no_number(wanted: dict[str, object], why: str) -> None:
    with pytest.raises(OrderError, match=why):
        order(Order(**wanted), by=None, at=now_utc())  # type: ignore[arg-type]
    assert not Document.objects.exists()


def test_a_document_is_found_by_number_and_code_alone(estate: Estate) -> None:
    document = issued(Order(kind=DocumentKind.STATUS, asset=estate.asset))
    assert find_document(document.number, document.check_code) == document
    assert find_document(document.number, "0000-0000-0000-0000") is None
