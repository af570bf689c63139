"""Authorisation: data subjects agree to one scenario, and may take it back (一场景一授权).

A withdrawal ends the authorisation from then on (PIPL art. 15): what was done before stays lawful.
Rights granted for its scenario stay registered and get a mark; only a new use is a breach. Pure.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from primitives.rules import rule
from rights.facts import ActOfTitle, Facts
from rights.remarks import Authorisation, BasisWithdrawn, RemarkFacts
from rights.title import Change, InterestFacts, Title

ONE_CODE = re.compile(r"[^\s,;/|、，；]+")
"""One name and not a list of several."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Authorise:
    """That one ``party``, or a ``group`` of persons, lets its data be used for one scenario."""

    reference: str
    asset: str
    scenario: str
    party: str = ""
    group: str = ""
    valid_from: datetime
    valid_to: datetime
    paper: str
    words: str = ""

    @property
    def interests(self) -> tuple[str, ...]:
        """No single right."""
        return ()

    @property
    def asset_numbers(self) -> tuple[str, ...]:
        """The asset that holds the data."""
        return (self.asset,)


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawAuthorisation:
    """That an authorisation ends now.

    Attributes:
        marks: right -> reference of the mark that it gets if it was granted for the scenario.
        paper: reference of the withdrawal; a party that withdraws what it gave needs none.
    """

    authorisation: str
    asset: str
    marks: Mapping[str, str] = field(default_factory=dict)
    paper: str = ""
    words: str = ""

    @property
    def interests(self) -> tuple[str, ...]:
        """No right: those granted for the scenario stay as they are."""
        return ()

    @property
    def asset_numbers(self) -> tuple[str, ...]:
        """The asset that holds the data."""
        return (self.asset,)


AuthoriseFacts = Facts[Authorise]
WithdrawFacts = Facts[WithdrawAuthorisation]


@rule("AUT-1", source="一场景一授权; PIPL art. 6, 14", zh="每项授权载明唯一场景。")
def one_scenario_is_named(facts: AuthoriseFacts) -> bool:
    """An authorisation names one scenario, as one code."""
    return bool(ONE_CODE.fullmatch(facts.request.scenario))


@rule("AUT-2", source="PIPL art. 13, 14", zh="授权由一名个人或者一组个人作出。")
def somebody_authorises(facts: AuthoriseFacts) -> bool:
    """Either one party gives the authorisation or a group, named by one code."""
    asked = facts.request
    return bool(asked.party) != bool(asked.group) and (
        bool(asked.party) or bool(ONE_CODE.fullmatch(asked.group))
    )


@rule("AUT-3", source="PIPL art. 14", zh="授权期限截止于登记之后。")
def authorisation_lasts(facts: AuthoriseFacts) -> bool:
    """The term of an authorisation lasts, beyond the instant at which it is recorded."""
    asked = facts.request
    return max(asked.valid_from, facts.at) < asked.valid_to


@rule("AUT-4", source="PIPL art. 14", zh="授权书已作为材料提交。")
def consent_is_on_file(facts: AuthoriseFacts) -> bool:
    """The consent is among the papers of the dealing."""
    return facts.request.paper in facts.papers


@rule("AUT-5", source="PIPL art. 14", zh="由授权人或者该数据的权利人申请。")
def concerned_party_authorises(facts: AuthoriseFacts) -> bool:
    """Whoever gives the authorisation applies, or a holder of a right in the data."""
    entitled = facts.title.holders_of(facts.request.asset, at=facts.at) | {facts.request.party}
    return facts.order is not None or bool(entitled & facts.applicants)


@rule("AUT-6", source="PIPL art. 15", zh="所撤回的是该数据资产上有效的授权。")
def authorisation_stands(facts: WithdrawFacts) -> bool:
    """What is withdrawn is an authorisation of this asset that is in force."""
    return _withdrawn(facts) is not None


@rule("AUT-7", source="PIPL art. 15", zh="由授权人申请撤回；群体授权的撤回附书面证明。")
def giver_withdraws(facts: WithdrawFacts) -> bool:
    """Whoever gave the authorisation applies; that a group withdraws is shown by a paper."""
    remark = _withdrawn(facts)
    if remark is None or facts.order is not None:
        return True
    return remark.party in facts.applicants if remark.party else facts.request.paper in facts.papers


@rule("AUT-8", source="PIPL art. 15", zh="为该场景授予的每项权利均予标注。")
def rights_are_marked(facts: WithdrawFacts) -> bool:
    """There is a reference for the mark of every right that was granted for the scenario."""
    marked = (interest.reference for interest in _losing(facts))
    return all(facts.request.marks.get(reference) for reference in marked)


def is_authorised(title: Title, asset: str, scenario: str, *, at: datetime) -> bool:
    """Say whether an authorisation for exactly that scenario includes the instant."""
    return any(remark.in_force_at(at) for remark in _authorisations(title, asset, scenario))


def is_authorised_throughout(
    title: Title, asset: str, scenario: str, *, since: datetime, until: datetime
) -> bool:
    """Say whether authorisations for exactly that scenario cover [since, until) without a gap."""
    reached = since
    for remark in _authorisations(title, asset, scenario):
        if remark.valid_from <= reached:
            reached = max(reached, remark.until)
    return reached >= until


def granted_for(title: Title, asset: str, scenario: str, *, at: datetime) -> list[InterestFacts]:
    """Return the rights in the asset for that scenario that have not ended."""
    return [
        interest
        for interest in title.interests.values()
        if interest.asset == asset
        and interest.terms.scenario == scenario
        and max(interest.valid_from, at) < interest.until
    ]


def authorise(facts: AuthoriseFacts) -> Change:
    """Return the change: the authorisation lies on the asset."""
    asked = facts.request
    return Change(
        remarks=(
            RemarkFacts(
                reference=asked.reference,
                asset=asked.asset,
                party=asked.party,
                valid_from=asked.valid_from,
                valid_to=asked.valid_to,
                until=asked.valid_to,
                rank=facts.rank(asked.asset),
                body=Authorisation(scenario=asked.scenario, group=asked.group, paper=asked.paper),
                words=asked.words,
            ),
        )
    )


def withdraw(facts: WithdrawFacts) -> Change:
    """Return the change: the authorisation ends, and the rights that rest on it get their marks."""
    asked = facts.request
    return Change(
        remarks=tuple(
            RemarkFacts(
                reference=asked.marks[interest.reference],
                asset=asked.asset,
                interest=interest.reference,
                valid_from=max(interest.valid_from, facts.at),
                valid_to=interest.until,
                until=interest.until,
                rank=facts.rank(asked.asset),
                body=BasisWithdrawn(authorisation=asked.authorisation),
            )
            for interest in _losing(facts)
        ),
        ended={asked.authorisation: facts.at},
    )


AUTHORISE = ActOfTitle(
    name="authorise",
    request=Authorise,
    rules=(
        one_scenario_is_named,
        somebody_authorises,
        authorisation_lasts,
        consent_is_on_file,
        concerned_party_authorises,
    ),
    change=authorise,
    article="PIPL art. 13, 14, 23",
    is_barred=False,
)

WITHDRAW_AUTHORISATION = ActOfTitle(
    name="withdraw_authorisation",
    request=WithdrawAuthorisation,
    rules=(authorisation_stands, giver_withdraws, rights_are_marked),
    change=withdraw,
    article="PIPL art. 15",
    is_barred=False,
)


def _authorisations(title: Title, asset: str, scenario: str) -> Iterator[RemarkFacts]:
    """Yield the authorisations of a scenario, ended ones too, in order of their beginning."""
    for remark in sorted(title.remarks.values(), key=lambda remark: remark.valid_from):
        body = remark.body
        if isinstance(body, Authorisation) and (remark.asset, body.scenario) == (asset, scenario):
            yield remark


def _withdrawn(facts: WithdrawFacts) -> RemarkFacts | None:
    remark = facts.title.remarks.get(facts.request.authorisation)
    is_meant = (
        remark is not None
        and isinstance(remark.body, Authorisation)
        and remark.asset == facts.request.asset
        and remark.in_force_at(facts.at)
    )
    return remark if is_meant else None


def _losing(facts: WithdrawFacts) -> list[InterestFacts]:
    """Return the rights whose data was authorised by what is withdrawn."""
    remark = _withdrawn(facts)
    if remark is None or not isinstance(remark.body, Authorisation):
        return []
    return granted_for(facts.title, remark.asset, remark.body.scenario, at=facts.at)
