"""Tamper trials: whatever is changed behind the acts is found, where it is, and nothing else.

The short form makes each change once on a small register; the long form (``-m long``) makes each
ten times on one of some thousand acts and audits it a thousand times with acts between.
"""

import secrets

import pytest

from tests.audit.trials.harness import findings, run
from tests.audit.trials.kinds import ADMINISTRATOR, KEYHOLDER
from tests.audit.trials.register import build

EVERY_KIND = ADMINISTRATOR | KEYHOLDER


@pytest.mark.django_db
def test_every_change_behind_the_acts_is_found_where_it_is() -> None:
    build(assets=3, parties=270)

    report = run(EVERY_KIND, instances=1, seed=secrets.randbelow(10**6))

    assert report.trials == len(EVERY_KIND) >= 30
    assert (report.undetected, report.unlocated) == ([], [])


@pytest.mark.django_db
def test_clean_audits_with_acts_between_raise_no_false_alarm() -> None:
    register = build(assets=1, parties=20)

    for number in range(20):
        register.enter_party(is_natural=number % 2 == 0)
        assert findings() == []


@pytest.mark.long
@pytest.mark.django_db
def test_ten_instances_of_every_change_are_found_in_a_register_of_some_thousand_acts() -> None:
    build(assets=12, parties=2000)
    seed = secrets.randbelow(10**6)

    report = run(EVERY_KIND, instances=10, seed=seed)

    print(f"{report.trials} trials of {len(EVERY_KIND)} kinds with seed {seed}")  # noqa: T201 # the long form reports
    assert (report.undetected, report.unlocated) == ([], [])


@pytest.mark.long
@pytest.mark.django_db
def test_a_thousand_clean_audits_raise_no_false_alarm() -> None:
    register = build(assets=2, parties=200)

    for number in range(1000):
        register.enter_party(is_natural=number % 5 == 0)
        if number % 100 == 0:
            register.register_asset(register.enter_party())
        assert findings() == []
