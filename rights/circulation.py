"""Circulation filing: that data flowed from one party to another, and on what basis (流转备案).

Each filing bears a number of its asset's own series, counted without gaps under the asset's lock;
it is public, so that whoever holds the data can cite it. Pure.
"""

from dataclasses import dataclass
from datetime import datetime

from primitives.rules import rule
from rights.authorisation import is_authorised
from rights.export import abroad, is_cleared
from rights.facts import ActOfTitle, Facts
from rights.kinds import RightKind
from rights.remarks import Circulation, RemarkFacts
from rights.scope import Scope
from rights.terms import SECOND
from rights.title import AssetFacts, Change, InterestFacts, Title


@dataclass(frozen=True, slots=True, kw_only=True)
class FileCirculation:
    """That ``giver`` provided the data to ``taker`` at an instant.

    Attributes:
        interest: reference of the right that it rests on: the giver's to operate, or one of the
            taker's; empty if it rests on a paper alone.
        paper: reference of the paper that it rests on, if any.
        purpose, territory, channel: codes as in the scope of a right.
        scenario: for personal data, the scenario that was authorised.
    """

    reference: str
    asset: str
    giver: str
    taker: str
    occurred_at: datetime
    purpose: str
    territory: str
    channel: str
    interest: str = ""
    paper: str = ""
    scenario: str = ""
    words: str = ""

    @property
    def interests(self) -> tuple[str, ...]:
        """The right that it rests on."""
        return (self.interest,) if self.interest else ()

    @property
    def asset_numbers(self) -> tuple[str, ...]:
        """The asset, where no right of it is named."""
        return () if self.interest else (self.asset,)

    @property
    def scope(self) -> Scope:
        """What a right must cover to be its basis."""
        return Scope(
            purposes=frozenset({self.purpose}),
            territories=frozenset({self.territory}),
            channels=frozenset({self.channel}),
        )


CirculationFacts = Facts[FileCirculation]


@rule("CIR-1", source="SD4: 流转备案", zh="载明用途、地域和渠道。")
def flow_is_described(facts: CirculationFacts) -> bool:
    """Purpose, territory and channel are named."""
    asked = facts.request
    return bool(asked.purpose and asked.territory and asked.channel)


@rule("CIR-2", source="DSL art. 33", zh="提供方与接收方为不同主体，由其中一方或双方申报。")
def two_parties_are_named(facts: CirculationFacts) -> bool:
    """The data flowed between two different parties, and one of them files it."""
    parties = {facts.request.giver, facts.request.taker}
    return "" not in parties and len(parties) > 1 and bool(parties & facts.applicants)


@rule("CIR-3", source="DSL art. 33", zh="流转以登记的权利或者已提交的材料为依据。")
def basis_is_shown(facts: CirculationFacts) -> bool:
    """The flow rests on a right, or on a paper; the paper that it names is on file."""
    asked = facts.request
    return bool(asked.interest or asked.paper) and (not asked.paper or asked.paper in facts.papers)


@rule("CIR-4", source="NDA35 art. 3", zh="作为依据的权利属于该数据资产，流转时有效。")
def basis_is_in_force(facts: CirculationFacts) -> bool:
    """The right that it rests on lies in the asset, and was in force when the data flowed."""
    asked = facts.request
    if not asked.interest:
        return True
    basis = facts.title.in_force(asked.interest, asked.occurred_at)
    return basis is not None and basis.asset == asked.asset


@rule(
    "CIR-5",
    source="NDA35 art. 3",
    zh="作为依据的权利是提供方的经营权（被许可的须许可转售），或者接收方的权利。",
)
def basis_is_theirs(facts: CirculationFacts) -> bool:
    """It is the giver's right to operate, if granted with resale allowed, or one of the taker's."""
    basis = _basis(facts)
    if basis is None or facts.request.taker in basis.shares:
        return True
    return (
        facts.request.giver in basis.shares
        and basis.kind == RightKind.OPERATE
        and (basis.is_original or basis.terms.may_resell)
    )


@rule(
    "CIR-6",
    source="NDA35 Annex 2; SD3: 规范交易后的数据用途",
    zh="用途、地域和渠道在作为依据的权利范围之内。",
)
def basis_covers_it(facts: CirculationFacts) -> bool:
    """The right that it rests on covers purpose, territory and channel."""
    basis = _basis(facts)
    return basis is None or basis.scope.includes(facts.request.scope)


@rule("CIR-7", source="SD4: 流转备案", zh="流转不在备案之后。")
def flow_is_past(facts: CirculationFacts) -> bool:
    """The data flowed no later than the filing."""
    return facts.request.occurred_at <= facts.at


@rule(
    "CIR-8",
    source="SD4: 严格管控未依法依规公开的原始公共数据",
    zh="未依法依规公开的原始公共数据不得流转。",
)
def raw_public_data_stays(facts: CirculationFacts) -> bool:
    """Raw public data that was not lawfully opened does not circulate."""
    asset = _asset(facts)
    return asset is None or not asset.is_raw_public


@rule(
    "CIR-9",
    source="PIPL art. 38; DSL art. 31",
    zh="流转出境的，登记允许出境，且有流转时有效的出境依据。",
)
def export_was_cleared(facts: CirculationFacts) -> bool:
    """What flowed abroad may be exported, and was cleared for that territory at that time."""
    asked, asset = facts.request, _asset(facts)
    territories = frozenset({asked.territory})
    if asset is None or not abroad(territories):
        return True
    return asset.export_allowed and is_cleared(
        facts.title, asked.asset, territories, at=asked.occurred_at
    )


@rule(
    "CIR-10",
    source="一场景一授权; PIPL art. 23",
    zh="个人信息的流转，有针对权利所载场景、流转时有效的个人授权。",
)
def personal_data_was_authorised(facts: CirculationFacts) -> bool:
    """Personal data flowed under an authorisation then in force, for the scenario of the right."""
    asked, asset, basis = facts.request, _asset(facts), _basis(facts)
    if asset is None or not asset.is_personal:
        return True
    return (basis is None or basis.terms.scenario in ("", asked.scenario)) and is_authorised(
        facts.title, asked.asset, asked.scenario, at=asked.occurred_at
    )


def filings_of(title: Title, asset: str) -> list[RemarkFacts]:
    """Return the circulation filings of an asset, first entered first."""
    filings = (
        remark
        for remark in title.remarks.values()
        if remark.asset == asset and isinstance(remark.body, Circulation)
    )
    return sorted(filings, key=lambda remark: remark.rank)


def next_number(title: Title, asset: str) -> str:
    """Return the number of the asset's next filing, e.g. ``DA-000000001-LZ-1``."""
    return f"{asset}-LZ-{len(filings_of(title, asset)) + 1}"


def file_circulation(facts: CirculationFacts) -> Change:
    """Return the change: the filing is recorded under its number."""
    asked = facts.request
    return Change(
        remarks=(
            RemarkFacts(
                reference=asked.reference,
                asset=asked.asset,
                interest=asked.interest,
                party=asked.taker,
                valid_from=asked.occurred_at,
                valid_to=asked.occurred_at + SECOND,
                until=asked.occurred_at + SECOND,
                rank=facts.rank(asked.asset),
                body=Circulation(
                    number=next_number(facts.title, asked.asset),
                    giver=asked.giver,
                    purpose=asked.purpose,
                    territory=asked.territory,
                    channel=asked.channel,
                    scenario=asked.scenario,
                    paper=asked.paper,
                ),
                words=asked.words,
            ),
        )
    )


FILE_CIRCULATION = ActOfTitle(
    name="file_circulation",
    request=FileCirculation,
    rules=(
        flow_is_described,
        two_parties_are_named,
        basis_is_shown,
        basis_is_in_force,
        basis_is_theirs,
        basis_covers_it,
        flow_is_past,
        raw_public_data_stays,
        export_was_cleared,
        personal_data_was_authorised,
    ),
    change=file_circulation,
    article="NDA35 art. 3; DSL art. 33",
    needs_force=False,
)


def _basis(facts: CirculationFacts) -> InterestFacts | None:
    return facts.title.interests.get(facts.request.interest)


def _asset(facts: CirculationFacts) -> AssetFacts | None:
    return facts.title.assets.get(facts.request.asset)
