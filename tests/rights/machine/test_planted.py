"""Bugs planted into the law: each is found by the machine, in a bounded number of histories."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

import rights.correction
import rights.dealing
import rights.ending
import rights.freezes
import rights.renewal
import rights.transfer
from rights.acts import BY_REQUEST
from rights.facts import ActOfTitle, Facts
from rights.freeze import FreezeLifting
from rights.freezes import effects
from rights.grant import Grant
from rights.pledge import ChangePledge
from rights.title import Change, InterestFacts, Title
from rights.transfer import Transfer
from tests.rights.machine.machines import PureMachine, drive

Plant = Callable[[pytest.MonkeyPatch], None]
HISTORIES = 1000


def without(monkeypatch: pytest.MonkeyPatch, request: type, *numbers: str) -> None:
    """Take rules from an act, and from those that hold at the end."""
    act = BY_REQUEST[request]
    rules = tuple(rule for rule in act.rules if rule.number not in numbers)
    monkeypatch.setitem(BY_REQUEST, request, replace(act, rules=rules))
    final = tuple(rule for rule in rights.dealing.FINAL_RULES if rule.number not in numbers)
    monkeypatch.setattr(rights.dealing, "FINAL_RULES", final)


def changing(
    monkeypatch: pytest.MonkeyPatch,
    request: type,
    other: Callable[[ActOfTitle[Any], Facts[Any]], Change],
) -> None:
    """Let an act make another change."""
    act = BY_REQUEST[request]
    monkeypatch.setitem(BY_REQUEST, request, replace(act, change=lambda facts: other(act, facts)))


def a_self_transfer_mints_shares(monkeypatch: pytest.MonkeyPatch) -> None:
    def moved(shares: Any, *, giver: str, takers: Any) -> dict[str, Any]:
        after = {**shares, giver: shares[giver] - sum(takers.values())}
        for taker, part in takers.items():
            after[taker] = shares.get(taker, 0) + part
        return {party: share for party, share in after.items() if share}

    without(monkeypatch, Transfer, "TRF-3", "TIT-1")
    monkeypatch.setattr(rights.transfer, "moved", moved)


def a_consent_is_reused(monkeypatch: pytest.MonkeyPatch) -> None:
    after = Title.after
    forgetful = lambda self, change: replace(after(self, change), used=self.used)  # noqa: E731
    monkeypatch.setattr(Title, "after", forgetful)


def a_renewal_is_taken_a_day_late(monkeypatch: pytest.MonkeyPatch) -> None:
    window = rights.renewal.window

    def longer(valid_to: datetime, months: int) -> tuple[datetime, datetime]:
        opens, closes = window(valid_to, months)
        return opens, closes + timedelta(days=1)

    monkeypatch.setattr(rights.renewal, "window", longer)


def a_freeze_is_lifted_out_of_order(monkeypatch: pytest.MonkeyPatch) -> None:
    def first_in_the_queue(act: ActOfTitle[Any], facts: Facts[Any]) -> Change:
        named = facts.title.remarks[facts.request.remark]
        queue = [
            effect.remark
            for effect in effects(facts.title)
            if effect.remark.asset == named.asset and effect.until > facts.at
        ]
        return Change(ended={queue[0].reference: facts.at})

    changing(monkeypatch, FreezeLifting, first_in_the_queue)


def a_waiting_freeze_binds_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rights.freezes, "_is_ahead", lambda *_: False)


def a_child_outlives_its_parent(monkeypatch: pytest.MonkeyPatch) -> None:
    without(monkeypatch, Grant, "GRT-2", "TIT-2")


def a_rank_is_improved_by_amendment(monkeypatch: pytest.MonkeyPatch) -> None:
    def first(act: ActOfTitle[Any], facts: Facts[Any]) -> Change:
        change = act.change(facts)
        return replace(change, remarks=tuple(replace(r, rank=(0, 0)) for r in change.remarks))

    changing(monkeypatch, ChangePledge, first)


def a_rank_is_kept_by_a_correction_that_enlarges(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rights.correction, "enlarges", lambda *_: False)


def a_pledge_does_not_follow(monkeypatch: pytest.MonkeyPatch) -> None:
    without(monkeypatch, Transfer, "TIT-7")
    monkeypatch.setattr(rights.transfer, "_followed", lambda *_, **__: iter(()))


def a_licence_stays_when_its_source_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    def falling(title: Title, references: Any, *, at: datetime) -> list[InterestFacts]:
        return [title.interests[name] for name in references if name in title.interests]

    without(monkeypatch, Grant, "TIT-2")
    monkeypatch.setattr(rights.ending, "falling", falling)


@pytest.mark.parametrize(
    "plant",
    [
        a_self_transfer_mints_shares,
        a_consent_is_reused,
        a_renewal_is_taken_a_day_late,
        a_freeze_is_lifted_out_of_order,
        a_waiting_freeze_binds_at_once,
        a_child_outlives_its_parent,
        a_rank_is_improved_by_amendment,
        a_rank_is_kept_by_a_correction_that_enlarges,
        a_pledge_does_not_follow,
        a_licence_stays_when_its_source_is_given_up,
    ],
    ids=lambda plant: plant.__name__,
)
def test_the_machine_finds_a_planted_bug(plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(monkeypatch)
    # What the machine says is an assertion of its own, and not an error that the bug caused.
    with pytest.raises(AssertionError) as red:
        drive(PureMachine, histories=HISTORIES)
    assert "history of seed" in red.value.__notes__[0]
