"""Tamper trials: whatever is changed behind the acts is found, where it is, and nothing else.

The short form makes each change once on a small register; the long form (``-m long``) makes each
ten times on one of some thousand acts and audits it a thousand times with acts between.
"""

import secrets

import pytest

from audit.checkpoints import OurKeys
from audit.walk import Walk
from tests.audit.trials.harness import findings, run
from tests.audit.trials.kinds import ADMINISTRATOR, KEYHOLDER, ONLY_A_COPY
from tests.audit.trials.register import build
from tlog.checkpoint import Checkpoint

EVERY_KIND = ADMINISTRATOR | KEYHOLDER


def _keep_leaves_only(walk: Walk, _index: int, hashes: list[bytes], *_stored: object) -> None:
    if walk._tree:  # noqa: SLF001 # the planted bug stands in for the walk's own method
        walk._tree.set_tile(hashes)  # noqa: SLF001 # as above


def _without_signatures(_keys: OurKeys, note: str) -> Checkpoint:
    return Checkpoint.parse(note.partition("\n\n")[0] + "\n")


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


PLANTED: dict[str, tuple[str, object, set[str]]] = {
    "compare_register": (
        "audit.auditing.compare_register",
        lambda *_: iter(()),
        {"text_of_an_asset", "name_of_a_person", "shares_moved", "right_deleted", "case_undone"},
    ),
    "files": (
        "audit.auditing.check_files",
        lambda *_: iter(()),
        {"sealed_file_changed", "paper_file_changed", "paper_file_deleted"},
    ),
    "marks": (
        "audit.auditing.check_marks",
        lambda: iter(()),
        {"mark_deleted", "mark_added", "writer_of_a_mark"},
    ),
    "numbers": ("audit.auditing.check_series", lambda: iter(()), {"counter_set_back"}),
    "copies": (
        "audit.auditing.check_copy",
        lambda _copy: iter(()),
        {*ONLY_A_COPY, "tail_cut_off"},
    ),
    "tiles": (
        "audit.walk.Walk._compare_tile",
        _keep_leaves_only,
        {"bit_of_a_tile", "tile_deleted"},
    ),
    "versions": ("audit.log.check_versions", lambda *_: iter(()), {"key_of_no_entry"}),
    "signatures": (
        "audit.checkpoints.OurKeys.open",
        _without_signatures,
        {"signature_changed", "checkpoint_of_another_log", "checkpoint_of_another_key"},
    ),
    "columns": (
        "audit.entries.StoredEntry.agrees",
        lambda _entry: True,
        {"column_of_an_entry", "key_deleted"},
    ),
    "triggers": (
        "ledger.guards.missing",
        lambda _connection: [],
        {"guard_left_off", "guard_hollowed_out"},
    ),
}
"""Checks that are taken out of the audit: what is missing, what stands there, what is missed."""

BYSTANDERS = {"root_of_a_head", "name_of_an_organisation", "queued_again"}


@pytest.mark.parametrize(
    "bugs",
    [pytest.param(3, id="some"), pytest.param(len(PLANTED), id="all", marks=pytest.mark.long)],
)
@pytest.mark.once
@pytest.mark.django_db
def test_the_harness_turns_red_when_a_check_is_taken_out(
    bugs: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    build(assets=2, parties=60)
    sampled = {name for _, _, missed in PLANTED.values() for name in missed} | BYSTANDERS
    changes = {name: EVERY_KIND[name] for name in sorted(sampled)}

    missed = {}
    for bug in secrets.SystemRandom().sample(list(PLANTED), bugs):
        target, planted, _expected = PLANTED[bug]
        with monkeypatch.context() as patch:
            patch.setattr(target, planted)
            missed[bug] = run(changes, instances=1, seed=1).missed

    register_kinds = {name for name in sampled if _is_about_rows(name)}
    expected = {bug: set(names) for bug, (_, _, names) in PLANTED.items()}
    expected["compare_register"] = register_kinds
    assert missed == {bug: expected[bug] for bug in missed}
    assert run(changes, instances=1, seed=1).missed == set()


def _is_about_rows(name: str) -> bool:
    # The fold also holds each entry's columns and keys against its bytes.
    folded = PLANTED["compare_register"][2] | PLANTED["columns"][2]
    return name in {*folded, "name_of_an_organisation"}


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
