"""Acts that prolong, alter and end title in the real register: stored, folded and found equal."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from audit.auditing import audit
from audit.findings import FindingKind
from audit.register import compare_register
from certificates.issuance import issue_waiting
from certificates.models import Certificate
from certificates.queries import read_certificate
from certificates.status import Status
from certificates.verification import verify_file
from ledger.acts import open_act
from ledger.models import Entry
from primitives.identifiers import new_reference
from primitives.rules import RulesBrokenError
from registry.descriptions import description_json
from registry.models import DataAsset, Instrument, Party
from rights.acts import BY_REQUEST
from rights.cancellation import AssetCancellation
from rights.change import DescriptionChange, LimitsChange
from rights.correction import DescriptionCorrection, RemarkCorrection, RightCorrection
from rights.dealing import Dealing
from rights.facts import ActOfTitle, Facts, Request
from rights.grant import Grant
from rights.kinds import CancellationCause, CorrectionCause, RemarkKind, RightKind, SuccessionKind
from rights.models import Interest, Remark, Share
from rights.queries import (
    AsOf,
    described_as_of,
    estate_of,
    interests_of,
    portfolio_of,
    title_as_of,
)
from rights.recording import deal, keys_of
from rights.remarks import Body, Pledge, RemarkFacts
from rights.renewal import Renewal
from rights.scope import Scope
from rights.succession import Succession
from rights.surrender import Narrowing, Surrender
from rights.terms import term_end
from rights.title import Change
from tests.factories import NOON, Office, make_party, register_asset
from verifier.verdict import Outcome

DAY = timedelta(days=1)
LATER = NOON + 30 * DAY
NOW = LATER + 10 * DAY
END = term_end(NOON, 36)
WHOLE = Fraction(1)

pytestmark = pytest.mark.django_db(transaction=True)


@dataclass(frozen=True, kw_only=True)
class Laying:
    """A remark on a right, however it came there: these tests are not about how."""

    reference: str
    interest: str
    party: str
    body: Body
    valid_to: datetime

    @property
    def interests(self) -> tuple[str, ...]:
        return (self.interest,)

    @property
    def asset_numbers(self) -> tuple[str, ...]:
        return ()


def lay(facts: Facts[Laying]) -> Change:
    asked = facts.request
    asset = facts.title.interests[asked.interest].asset
    remark = RemarkFacts(
        reference=asked.reference,
        asset=asset,
        interest=asked.interest,
        party=asked.party,
        valid_from=facts.at,
        valid_to=asked.valid_to,
        until=asked.valid_to,
        rank=facts.rank(asset),
        body=asked.body,
    )
    return Change(remarks=(remark,))


@pytest.fixture(autouse=True)
def _laying(monkeypatch: pytest.MonkeyPatch) -> None:
    act = ActOfTitle(name="lay", request=Laying, rules=(), change=lay, article="")
    monkeypatch.setitem(BY_REQUEST, Laying, act)


@pytest.fixture
def parties(office: Office) -> list[Party]:
    return [make_party(office, serial) for serial in (1, 2, 3)]


@pytest.fixture
def asset(office: Office, parties: list[Party]) -> DataAsset:
    return register_asset(office, parties[0], resale_allowed=True)


@pytest.fixture
def paper(asset: DataAsset) -> str:
    return Instrument.objects.earliest("pk").reference


@pytest.fixture
def enter(office: Office) -> Callable[..., Entry]:
    def entered(
        *items: Request, by: list[Party], at: datetime = LATER, papers: tuple[str, ...] = ()
    ) -> Entry:
        dealing = Dealing(
            filing="F-EXAMPLE",
            items=items,
            applicants=frozenset(party.reference for party in by),
            instruments=frozenset(papers),
        )
        with open_act(
            recorded_at=at,
            actor=office.wang.reference,
            officer=office.zhao.reference,
            keys=keys_of(dealing),
        ) as act:
            return deal(act, dealing)

    return entered


@pytest.fixture(autouse=True)
def _the_register_equals_the_ledger_afterwards(db: None) -> Iterator[None]:
    yield
    assert list(compare_register()) == []


def right(asset: DataAsset, kind: RightKind = RightKind.OPERATE, at: datetime = LATER) -> Interest:
    return next(interest for interest in interests_of(asset, at=at) if interest.kind == kind)


def licence(parent: Interest, grantee: Party, **changes: Any) -> Grant:
    fields: dict[str, Any] = {
        "reference": new_reference("I"),
        "parent": parent.reference,
        "kind": RightKind.USE,
        "grantees": {grantee.reference: WHOLE},
        "valid_from": LATER,
        "valid_to": parent.until,
    } | changes
    return Grant(**fields)


def pledge(interest: Interest, pledgor: Party, pledgee: Party, **changes: Any) -> Laying:
    body = Pledge(secured_fen=100, burdens={pledgor.reference: WHOLE}, no_disposal=False, **changes)
    return Laying(
        reference=new_reference("N"),
        interest=interest.reference,
        party=pledgee.reference,
        body=body,
        valid_to=interest.until,
    )


def describing(asset: DataAsset, **after: Any) -> DescriptionChange:
    return DescriptionChange(reference=new_reference("N"), asset=asset.number, after=after)


def correcting(asset: DataAsset, paper: str, **after: Any) -> DescriptionCorrection:
    return DescriptionCorrection(
        reference=new_reference("N"),
        record=new_reference("N"),
        asset=asset.number,
        after=after,
        cause=CorrectionCause.REGISTRAR,
        paper=paper,
        words="示例：录入有误。",
    )


def test_r10_rights_grants_and_pledges_are_over_at_the_instant_and_nothing_had_to_run(
    parties: list[Party], asset: DataAsset, enter: Callable[..., Entry]
) -> None:
    anne, ben, carl = parties
    operate = right(asset)
    enter(licence(operate, ben), pledge(operate, anne, carl), by=[anne])
    entries = Entry.objects.count()

    second = timedelta(seconds=1)
    assert len(interests_of(asset, at=END - second)) == 4
    assert len(portfolio_of(ben, at=END - second)) == 1
    assert Remark.objects.get().in_force_at(END - second)
    assert interests_of(asset, at=END) == []
    assert portfolio_of(ben, at=END) == []
    assert not Remark.objects.get().in_force_at(END)
    assert Entry.objects.count() == entries
    assert not Interest.objects.filter(ended_by__isnull=False).exists()


def test_r4_a_surrender_ends_what_was_granted_and_pledged_in_one_entry(
    parties: list[Party], asset: DataAsset, enter: Callable[..., Entry]
) -> None:
    anne, ben, carl = parties
    operate = right(asset)
    grant = licence(operate, ben)
    enter(grant, pledge(operate, anne, carl), by=[anne])

    entry = enter(Surrender(interest=operate.reference, words="示例"), by=[anne], at=LATER + DAY)

    ended = {row.reference for row in Interest.objects.filter(ended_by=entry)}
    assert ended == {operate.reference, grant.reference}
    assert Remark.objects.get(kind=RemarkKind.PLEDGE).ended_by == entry
    marks = Remark.objects.filter(kind=RemarkKind.SOURCE_ENDED, entry=entry)
    assert {mark.body["ended"] for mark in marks} == ended
    assert right(asset, RightKind.HOLD, at=LATER + DAY).revision == 1
    assert Interest.objects.get(reference=operate.reference).in_force_at(LATER)


def test_a_narrowed_right_goes_on_in_a_second_revision(
    parties: list[Party], asset: DataAsset, enter: Callable[..., Entry]
) -> None:
    scope = Scope(purposes=frozenset({"credit"}))
    enter(Narrowing(interest=right(asset).reference, scope=scope), by=parties[:1])

    rows = Interest.objects.filter(reference=right(asset).reference).order_by("revision")
    assert [row.until for row in rows] == [LATER, END]
    assert rows[1].scope["purposes"] == ["credit"]


def test_a_renewal_lengthens_the_right_and_not_the_pledge(
    parties: list[Party], asset: DataAsset, enter: Callable[..., Entry]
) -> None:
    anne, _ben, carl = parties
    operate = right(asset)
    enter(pledge(operate, anne, carl), by=[anne])
    filed = END - 30 * DAY
    longer = Renewal(interest=operate.reference, valid_to=term_end(END, 60), filed_at=filed)

    enter(longer, by=[anne], at=END + DAY)

    now = right(asset, at=END + DAY)
    assert (now.reference, now.valid_from, now.until) == (operate.reference, END, longer.valid_to)
    assert right(asset, at=END - DAY).revision == 1
    assert not Remark.objects.get().in_force_at(END)
    with pytest.raises(RulesBrokenError) as refused:
        enter(
            Renewal(
                interest=right(asset, RightKind.HOLD).reference,
                valid_to=term_end(END, 60),
                filed_at=END,
            ),
            by=[anne],
            at=END + DAY,
        )
    assert [rule.number for rule in refused.value.rules] == ["REN-1"]


def test_r9_a_cancelled_asset_holds_nothing_and_takes_no_further_act(
    parties: list[Party], asset: DataAsset, enter: Callable[..., Entry]
) -> None:
    anne = parties[0]
    rights = tuple(interest.reference for interest in interests_of(asset, at=LATER))
    cancellation = AssetCancellation(
        reference=new_reference("N"),
        asset=asset.number,
        cause=CancellationCause.OWN_REQUEST,
        rights=rights,
        words="示例：不再提供。",
    )

    enter(cancellation, by=[anne])

    assert interests_of(asset, at=LATER) == []
    assert Remark.objects.get(kind=RemarkKind.CANCELLATION).words == "示例：不再提供。"
    with pytest.raises(RulesBrokenError) as refused:
        enter(describing(asset, region="华东"), by=[anne], at=LATER + DAY)
    assert "DEA-1" in [rule.number for rule in refused.value.rules]


def test_r9_a_right_that_is_left_stops_the_whole_cancellation(
    parties: list[Party], asset: DataAsset, enter: Callable[..., Entry]
) -> None:
    one = AssetCancellation(
        reference=new_reference("N"),
        asset=asset.number,
        cause=CancellationCause.OWN_REQUEST,
        rights=(right(asset).reference,),
    )
    entries = Entry.objects.count()

    with pytest.raises(RulesBrokenError) as refused:
        enter(one, by=parties[:1])

    assert [rule.number for rule in refused.value.rules] == ["TIT-3"]
    assert Entry.objects.count() == entries
    assert len(interests_of(asset, at=LATER)) == 3


def test_a_description_is_read_as_it_was_at_every_entry_and_instant(
    parties: list[Party], asset: DataAsset, enter: Callable[..., Entry], paper: str
) -> None:
    anne = parties[0]
    registered = description_json(asset)
    first = enter(describing(asset, name="新名称", period_to="2026-06-30"), by=[anne])
    second = enter(
        correcting(asset, paper, name="正确名称"), by=[], at=LATER + DAY, papers=(paper,)
    )
    third = enter(describing(asset, region="华东"), by=[anne], at=LATER + 2 * DAY)
    asset.refresh_from_db()

    def read(entry: Entry | None = None, at: datetime = NOW) -> dict[str, Any]:
        size = entry.leaf.index + 1 if entry else None
        values = description_json(described_as_of(asset, AsOf(at=at, size=size)))
        return {name: value for name, value in values.items() if value != registered[name]}

    changed = {"name": "新名称", "period_to": "2026-06-30"}
    assert read(asset.entry) == {}
    assert read(first) == changed
    assert read(second) == changed | {"name": "正确名称"}
    assert read(third) == read() == changed | {"name": "正确名称", "region": "华东"}
    # In legal time the name was never wrong: the correction reaches back to the change.
    assert read(at=LATER - DAY) == {}
    assert read(at=LATER) == changed | {"name": "正确名称"}
    assert read(first, at=LATER - DAY) == {}
    assert description_json(asset)["period_to"] == "2026-06-30"
    title = title_as_of(asset, AsOf(at=NOW, size=first.leaf.index + 1))
    assert title.assets[asset.number].description == registered | changed
    rows = Remark.objects.filter(kind=RemarkKind.DESCRIPTION).order_by("revision")
    assert [(row.valid_from, row.until) for row in rows][:2] == [
        (LATER, LATER),
        (LATER, LATER + 2 * DAY),
    ]
    assert Remark.objects.get(kind=RemarkKind.CORRECTION).body == {
        "wrong": rows[0].name,
        "cause": "REGISTRAR",
        "paper": paper,
    }


def test_a_first_description_is_put_right_from_the_registration_on(
    parties: list[Party], asset: DataAsset, enter: Callable[..., Entry], paper: str
) -> None:
    enter(correcting(asset, paper, record_count=7), by=[], papers=(paper,))
    asset.refresh_from_db()

    assert asset.record_count == 7
    size = asset.entry.leaf.index + 1
    assert described_as_of(asset, AsOf(at=NOON)).record_count == 7
    assert described_as_of(asset, AsOf(at=NOON, size=size)).record_count == 100


@pytest.fixture
def described(
    parties: list[Party], asset: DataAsset, enter: Callable[..., Entry]
) -> Iterator[DataAsset]:
    """Yield an asset whose name changed twice and whose region changed once; mend it after."""
    enter(describing(asset, name="名称二", region="华东"), by=parties[:1])
    enter(describing(asset, name="名称三"), by=parties[:1], at=LATER + DAY)
    asset.refresh_from_db()
    yield asset
    asset.save()


@pytest.mark.parametrize(
    ("field", "value", "index"),
    [
        ("name", "冒名", 2),
        ("name", "名称二", 2),
        ("name", "2025年全国城市人口数据表", 2),
        ("region", "全国", 1),
        ("region", "冒名", 1),
        ("summary", "冒名", 0),
        ("export_allowed", True, 0),
    ],
)
def test_l1_a_present_value_that_no_act_left_is_found_and_located(
    described: DataAsset, field: str, value: object, index: int
) -> None:
    DataAsset.objects.update(**{field: value})

    (found,) = compare_register()

    assert found.kind == FindingKind.ROW_ALTERED
    assert (found.table, found.pk, found.column) == (
        "registry_dataasset",
        str(described.pk),
        field,
    )
    registered = described.entry.leaf.index
    assert found.index == registered + index


def test_l1_an_audit_of_later_entries_alone_sees_the_values_that_they_left(
    described: DataAsset,
) -> None:
    last = Entry.objects.latest("pk").leaf.index
    assert list(compare_register(last)) == []

    DataAsset.objects.update(name="冒名")

    assert [finding.column for finding in compare_register(last)] == ["name"]


def test_l1_a_change_that_is_taken_away_is_missed(described: DataAsset) -> None:
    rows = list(Remark.objects.filter(kind=RemarkKind.DESCRIPTION).order_by("-revision"))
    last = rows[0]
    Remark.objects.filter(pk=last.pk).delete()

    found = {finding.kind for finding in compare_register()}

    assert FindingKind.ROW_MISSING in found
    last.save(force_insert=True)


def test_c2_a_certificate_states_the_registration_that_it_is_of_whatever_changed_since(
    parties: list[Party], asset: DataAsset, enter: Callable[..., Entry]
) -> None:
    old = asset.name
    enter(describing(asset, name="新名称", limit_users="仅限银行"), by=parties[:1])

    issue_waiting(at=LATER)

    certificate = Certificate.objects.get()
    verdict = verify_file(read_certificate(certificate), proof=None, at=LATER)
    assert verdict.verdict.outcome == Outcome.VALID
    stated: Any = verdict.verdict.certificate
    assert stated["asset"]["name"] == old
    # The register adds that the certificate after the change took its place.
    assert verdict.status == Status.SUPERSEDED


def test_a_corrected_right_stood_so_from_the_beginning_and_the_error_stays_on_record(
    parties: list[Party], asset: DataAsset, enter: Callable[..., Entry], paper: str
) -> None:
    anne, ben, _carl = parties
    wrong = right(asset)
    item = RightCorrection(
        record=new_reference("N"),
        interest=wrong.reference,
        cause=CorrectionCause.REGISTRAR,
        paper=paper,
        shares={anne.reference: Fraction(1, 3), ben.reference: Fraction(2, 3)},
        words="示例：份额录反。",
    )

    entry = enter(item, by=[], papers=(paper,))

    assert right(asset, at=NOON).revision == 2
    assert {share.fraction for share in right(asset, at=NOON).shares.all()} == {
        Fraction(1, 3),
        Fraction(2, 3),
    }
    wrong.refresh_from_db()
    assert (wrong.until, wrong.ended_by) == (wrong.valid_from, entry)
    assert Remark.objects.get(kind=RemarkKind.CORRECTION).words == "示例：份额录反。"


def test_e9_a_corrected_pledge_keeps_its_place_or_takes_that_of_its_entry(
    parties: list[Party], asset: DataAsset, enter: Callable[..., Entry], paper: str
) -> None:
    anne, ben, carl = parties
    operate = right(asset)
    first, second = pledge(operate, anne, ben), pledge(operate, anne, carl)
    enter(first, second, by=[anne])

    def put(fen: int, at: datetime) -> None:
        body = Pledge(secured_fen=fen, burdens={anne.reference: WHOLE}, no_disposal=False)
        item = RemarkCorrection(
            record=new_reference("N"),
            remark=first.reference,
            interest=operate.reference,
            cause=CorrectionCause.REGISTRAR,
            paper=paper,
            body=body,
        )
        enter(item, by=[], at=at, papers=(paper,))

    def order() -> list[str]:
        rows = Remark.objects.filter(kind=RemarkKind.PLEDGE, ended_by__isnull=True)
        return [row.reference for row in rows.order_by("rank_version", "rank_position")]

    put(fen=50, at=LATER + DAY)
    assert order() == [first.reference, second.reference]
    put(fen=200, at=LATER + 2 * DAY)
    assert order() == [second.reference, first.reference]


def test_limits_of_a_right_change_in_a_second_revision(
    parties: list[Party], asset: DataAsset, enter: Callable[..., Entry]
) -> None:
    enter(LimitsChange(interest=right(asset).reference, limits="示例：仅限科研。"), by=parties[:1])

    assert right(asset).limits == "示例：仅限科研。"


def test_a_merger_passes_everything_in_many_assets_in_one_entry(
    office: Office,
    parties: list[Party],
    asset: DataAsset,
    enter: Callable[..., Entry],
    paper: str,
) -> None:
    anne, ben, carl = parties
    other = register_asset(office, ben, data=b"other")
    bens = right(other)
    enter(pledge(bens, ben, anne), pledge(right(asset), anne, carl), by=[anne, ben])
    rights, remarks = estate_of(anne, at=LATER)
    merger = Succession(
        kind=SuccessionKind.MERGER,
        predecessor=anne.reference,
        successors={carl.reference: WHOLE},
        paper=paper,
        rights=tuple(row.reference for row in rights),
        favours={row.reference: carl.reference for row in remarks},
        assets=tuple({row.asset.number for row in remarks}),
    )

    entry = enter(merger, by=[carl], at=LATER + DAY, papers=(paper,))

    assert (len(rights), len(remarks)) == (3, 1)
    assert entry.keys.count() == 2
    assert portfolio_of(anne, at=LATER + DAY) == []
    assert len(portfolio_of(carl, at=LATER + DAY)) == 3
    assert estate_of(anne, at=LATER + DAY) == ([], [])
    passed = Remark.objects.get(reference=remarks[0].reference, ended_by__isnull=True)
    assert passed.party == carl
    burdened = Remark.objects.get(interest=right(asset).reference, ended_by__isnull=True)
    assert burdened.body["burdens"] == {carl.reference: "1/1"}
    assert portfolio_of(anne, at=LATER)


def test_l2_the_database_holds_one_open_revision_and_none_that_ends_before_it_begins(
    parties: list[Party], asset: DataAsset, enter: Callable[..., Entry]
) -> None:
    hold = right(asset, RightKind.HOLD)
    second = Interest.objects.get(pk=hold.pk)
    second.pk, second.revision = None, 2
    with pytest.raises(IntegrityError), transaction.atomic():
        second.save(force_insert=True)

    for until in (NOON - DAY, END + DAY):
        with pytest.raises(IntegrityError), transaction.atomic():
            Interest.objects.filter(pk=hold.pk).update(until=until, ended_by=hold.entry)


def test_l2_two_amendments_of_one_right_are_two_revisions_in_order(
    parties: list[Party], asset: DataAsset, enter: Callable[..., Entry]
) -> None:
    name = right(asset).reference
    enter(LimitsChange(interest=name, limits="示例一"), by=parties[:1])
    enter(LimitsChange(interest=name, limits="示例二"), by=parties[:1])

    rows = Interest.objects.filter(reference=name).order_by("revision")
    assert [(row.limits, row.valid_from, row.until) for row in rows] == [
        ("", NOON, LATER),
        ("示例一", LATER, LATER),
        ("示例二", LATER, END),
    ]
    assert Share.objects.filter(interest__in=rows).count() == 3


def test_a_whole_audit_finds_nothing_after_all_of_it(
    parties: list[Party], asset: DataAsset, enter: Callable[..., Entry], paper: str
) -> None:
    anne, ben, _carl = parties
    operate = right(asset)
    enter(licence(operate, ben), describing(asset, region="华东"), by=[anne])
    enter(correcting(asset, paper, region="华北"), by=[], papers=(paper,))
    enter(
        Surrender(interest=operate.reference),
        LimitsChange(interest=right(asset, RightKind.HOLD).reference, limits="示例"),
        by=[anne],
        at=LATER + DAY,
    )

    assert list(audit()) == []
