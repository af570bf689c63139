"""``.state-proof`` files: what they prove offline, and that no changed line passes."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.verifier.example import REGISTERED_AT, log_signer
from tests.verifier.example_state import (
    ABSENT,
    BEFORE,
    BETWEEN,
    FIRST,
    PRESENT,
    SECOND,
    StateLog,
)
from tlog.merkle import tree_hash
from tlog.proof import TlogProof
from tlog.state_map import ItemProof, StateMap, item_hash
from tlog.state_proof import StateProof
from verifier.cli import main
from verifier.evidence import MAX_PROOF_CHARACTERS
from verifier.state import verify_state
from verifier.verdict import Outcome, Reason


@pytest.fixture
def log() -> StateLog:
    log = StateLog()
    for number in range(5):
        log.append("test.noted/1", {"number": number}, recorded_at=REGISTERED_AT)
    return log


@pytest.fixture
def commitment(log: StateLog) -> int:
    index = log.commit()
    for number in range(4):
        log.append("test.noted/1", {"number": number}, recorded_at=REGISTERED_AT)
    return index


def test_presence_is_proven_as_of_the_tree_that_was_committed_to(
    log: StateLog, commitment: int
) -> None:
    for index, key in enumerate(PRESENT):
        verdict = log.verify(log.state_proof(key, commitment))
        assert verdict.outcome == Outcome.VALID
        assert verdict.proven
        assert verdict.proven.item == log.items()[index]
        assert (verdict.proven.tree_size, verdict.proven.checkpoint.size) == (5, 10)


@pytest.mark.parametrize("key", ABSENT)
def test_absence_is_proven(log: StateLog, commitment: int, key: str) -> None:
    verdict = log.verify(log.state_proof(key, commitment))

    assert verdict.outcome == Outcome.VALID
    assert verdict.proven
    assert verdict.proven.item is None


@pytest.mark.parametrize("key", [*PRESENT, *ABSENT])
def test_a_proof_reads_as_it_was_written(log: StateLog, commitment: int, key: str) -> None:
    text = log.state_proof(key, commitment)

    assert StateProof.parse(text).format() == text


REASONS_OF_LINES = {
    r"quanji.state-proof/1": {Reason.PROOF_MALFORMED},
    r"present .*|absent .*": {
        Reason.PROOF_MALFORMED,
        Reason.STATE_NOT_SHOWN,
        Reason.STATE_KEY_UNKNOWN,
    },
    r"item .*": {Reason.PROOF_MALFORMED, Reason.STATE_ITEM_FALSE},
    r"c2sp.org/.*|": {Reason.PROOF_MALFORMED, Reason.LOG_SIGNATURE_FALSE},
    r"extra .*|index .*": {Reason.PROOF_MALFORMED, Reason.PROOF_FALSE},
    r"quanji.example/log|[0-9]+": {Reason.PROOF_MALFORMED, Reason.LOG_SIGNATURE_FALSE},
    r"[A-Za-z0-9+/]{43}=": {
        Reason.PROOF_MALFORMED,
        Reason.STATE_ITEM_FALSE,
        Reason.PROOF_FALSE,
        Reason.LOG_SIGNATURE_FALSE,
    },
    r"— .*": {Reason.PROOF_MALFORMED, Reason.LOG_SIGNATURE_FALSE, Reason.LOG_KEY_UNKNOWN},
}


def mutations(line: str) -> set[str | None]:
    """Return other lines: gone, doubled, cut, and with one letter changed here and there."""
    changed = [
        line[:place] + ("B" if line[place] == "A" else "A") + line[place + 1 :]
        for place in range(0, len(line), max(1, len(line) // 7))
    ]
    # A note may bear one signature twice.
    doubled = [] if line.startswith("— ") else [f"{line}\n{line}"]
    return {None, f"{line} ", line[:-1], *doubled, *changed} - {line}


@pytest.mark.parametrize("key", [*PRESENT, *ABSENT])
def test_no_changed_line_passes(log: StateLog, commitment: int, key: str) -> None:
    lines = log.state_proof(key, commitment).split("\n")
    for number, line in enumerate(lines[:-1]):
        expected = next(
            reasons for form, reasons in REASONS_OF_LINES.items() if re.fullmatch(form, line)
        )
        for mutation in mutations(line):
            other = [] if mutation is None else [mutation]
            verdict = log.verify("\n".join([*lines[:number], *other, *lines[number + 1 :]]))
            if verdict.proven and line == f"absent {key}":
                # Between the same neighbours another key is absent too; it says which.
                assert verdict.proven.key not in {key, *PRESENT}
            else:
                assert verdict.reason in expected, (line, mutation)


def claim_presence(proof: StateProof) -> StateProof:
    return replace(proof, is_present=True, items=proof.items[:1])


def claim_absence(proof: StateProof) -> StateProof:
    return replace(proof, is_present=False)


def ask_for_another(proof: StateProof) -> StateProof:
    return replace(proof, key="asset:DA-000000009")


def swap(proof: StateProof) -> StateProof:
    return replace(proof, items=proof.items[::-1])


@pytest.mark.parametrize(
    ("key", "forge"),
    [
        (FIRST, claim_absence),
        (SECOND, claim_absence),
        (SECOND, ask_for_another),
        (BETWEEN, claim_presence),
        (BETWEEN, ask_for_another),
        (BETWEEN, swap),
        (BEFORE, ask_for_another),
    ],
)
def test_items_that_do_not_show_the_claim_are_refused(
    log: StateLog, commitment: int, key: str, forge: Callable[[StateProof], StateProof]
) -> None:
    proof = StateProof.parse(log.state_proof(key, commitment))

    verdict = log.verify(forge(proof).format())

    assert (verdict.outcome, verdict.reason) == (Outcome.INVALID, Reason.STATE_NOT_SHOWN)


def test_a_later_version_that_the_log_does_not_hold_is_refused(
    log: StateLog, commitment: int
) -> None:
    proof = StateProof.parse(log.state_proof(SECOND, commitment))
    content = replace(log.items()[1], version=9).content()
    forged = replace(proof, items=(replace(proof.items[0], content=content),))

    assert log.verify(forged.format()).reason == Reason.STATE_ITEM_FALSE


def test_a_map_with_the_right_root_that_is_not_sorted_is_refused(log: StateLog) -> None:
    """The log commits to its items in another order, to hide SECOND between the others."""
    first, second, third = log.items()
    hashes = [item_hash(item.content()) for item in (third, first, second)]
    index = log.commit([], payload={"map_size": 3, "map_root": tree_hash(hashes).hex()})
    items = (
        ItemProof(place=0, content=third.content(), hashes=(hashes[1], hashes[2])),
        ItemProof(place=1, content=first.content(), hashes=(hashes[0], hashes[2])),
    )
    for key, shown in ((SECOND, items), (SECOND, items[::-1]), (SECOND, items[1:])):
        text = StateProof(
            key=key, is_present=False, items=shown, commitment=log.prove(index).format()
        ).format()
        assert log.verify(text).reason == Reason.STATE_NOT_SHOWN


def test_the_commitment_of_another_log_is_unknown(log: StateLog, commitment: int) -> None:
    text = log.state_proof(FIRST, commitment)

    verdict = verify_state(text, log_key=str(log_signer(b"x").verifier_key))

    assert (verdict.outcome, verdict.reason) == (Outcome.CANNOT_VERIFY, Reason.LOG_KEY_UNKNOWN)


def test_an_entry_of_another_kind_commits_to_nothing(log: StateLog, commitment: int) -> None:
    text = log.state_proof(FIRST, 2)

    assert log.verify(text).reason == Reason.PROOF_OF_ANOTHER_ACT


def test_a_commitment_without_its_members_commits_to_nothing(log: StateLog) -> None:
    index = log.commit(payload={"map_size": "3"})

    assert log.verify(log.state_proof(FIRST, index)).reason == Reason.PROOF_OF_ANOTHER_ACT


def test_a_commitment_that_speaks_of_entries_after_it_is_refused(log: StateLog) -> None:
    index = log.commit(payload={"tree_size": 6})

    assert log.verify(log.state_proof(FIRST, index)).reason == Reason.STATE_NOT_SHOWN


@pytest.mark.parametrize(
    "key",
    ["data:" + "0" * 64, "identity:" + "0" * 64, "asset:DA-1", "asset:da-000000001", "x"],
)
def test_that_nothing_stands_under_a_key_that_no_act_uses_says_nothing(
    log: StateLog, commitment: int, key: str
) -> None:
    verdict = log.verify(log.state_proof(key, commitment))

    assert (verdict.outcome, verdict.reason) == (Outcome.CANNOT_VERIFY, Reason.STATE_KEY_UNKNOWN)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "quanji.state-proof/1",
        "quanji.state-proof/1\n\n",
        "quanji.state-proof/1\npresent a\n\n",
        "quanji.state-proof/1\npresent a b\n\nx",
        "quanji.state-proof/1\nperhaps a\n\nx",
        "quanji.state-proof/1\nabsent a\nAAAA\n\nx",
        "quanji.state-proof/1\nabsent a\nitem\n\nx",
        "quanji.state-proof/1\nabsent a\nitem 01 {}\n\nx",
        "quanji.state-proof/1\nabsent a\nitem 1 {}\nAAAA\n\nx",
        "quanji.state-proof/1\nabsent a\nitem 1 {}\nitem 2 {}\nitem 3 {}\n\nx",
        "quanji.state-proof/1\nabsent a\n\nx",
        "x" * (MAX_PROOF_CHARACTERS + 1),
    ],
)
def test_what_is_no_state_proof_cannot_be_verified(log: StateLog, text: str) -> None:
    verdict = log.verify(text)

    assert (verdict.outcome, verdict.reason) == (Outcome.CANNOT_VERIFY, Reason.PROOF_MALFORMED)


@pytest.mark.parametrize(("is_present", "count"), [(True, 0), (True, 2), (False, 3)])
def test_a_proof_has_no_item_too_many_or_too_few(
    log: StateLog, commitment: int, *, is_present: bool, count: int
) -> None:
    whole = StateMap(log.items())
    items = tuple(item for key in PRESENT for item in whole.prove(key)[1])
    proof = StateProof(
        key=FIRST,
        is_present=is_present,
        items=items[:count],
        commitment=log.prove(commitment).format(),
    )

    assert log.verify(proof.format()).reason == Reason.PROOF_MALFORMED


def test_an_item_of_garbage_in_a_proven_map_is_refused(log: StateLog) -> None:
    hash_ = item_hash(b"{}")
    index = log.commit([], payload={"map_size": 1, "map_root": hash_.hex()})
    text = StateProof(
        key=FIRST,
        is_present=True,
        items=(ItemProof(place=0, content=b"{}", hashes=()),),
        commitment=log.prove(index).format(),
    ).format()

    assert log.verify(text).reason == Reason.STATE_ITEM_FALSE


@pytest.fixture
def arguments(log: StateLog, commitment: int, tmp_path: Path) -> Callable[[str], list[str]]:
    def write(key: str) -> list[str]:
        path = tmp_path / "asset.state-proof"
        path.write_text(log.state_proof(key, commitment), encoding="utf-8")
        return [str(path), "--log-key", str(log.signer.verifier_key)]

    return write


def test_the_command_says_which_act_is_the_latest(
    log: StateLog,
    arguments: Callable[[str], list[str]],
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(arguments(SECOND)) == 0

    answer, under = capsys.readouterr().out.splitlines()
    assert answer == (
        f"As of tree size 5 at 2026-11-25T02:30:00Z, the latest act on {SECOND} is entry 1 "
        f"(version 2, leaf hash {log.items()[1].leaf_hash.hex()})."
    )
    assert "entry 5, proven under its checkpoint of size 10" in under


def test_the_command_says_that_nothing_is_registered_in_chinese_too(
    arguments: Callable[[str], list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments(BETWEEN)) == 0
    assert f"nothing is registered under {BETWEEN}." in capsys.readouterr().out
    assert main([*arguments(BETWEEN), "--lang", "zh"]) == 0
    assert f"{BETWEEN} 下没有任何登记。" in capsys.readouterr().out


def test_the_commands_json_has_the_verdict_the_state_and_the_checkpoint(
    log: StateLog, arguments: Callable[[str], list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*arguments(SECOND), "--json"]) == 0

    answer = json.loads(capsys.readouterr().out)
    assert answer.pop("sentence").startswith("As of tree size 5")
    assert answer == {
        "verdict": "valid",
        "reasons": [],
        "state": {
            "key": SECOND,
            "tree_size": 5,
            "recorded_at": "2026-11-25T02:30:00Z",
            "commitment_index": 5,
            "entry": {
                "index": 1,
                "version": 2,
                "leaf_hash": log.items()[1].leaf_hash.hex(),
            },
        },
        "checkpoint": {
            "origin": log.signer.name,
            "size": 10,
            "root": log.head().root.hex(),
        },
    }


@pytest.mark.parametrize(
    ("old", "new", "code", "words"),
    [
        ('"version":2', '"version":3', 1, "Not valid: The proof is false: an item"),
        ("present", "absent", 1, "Not valid: The proof is false: the items"),
        ("index 5", "index x", 2, "Cannot verify: The proof is damaged"),
    ],
)
def test_the_command_refuses_a_changed_file_with_its_reason(
    arguments: Callable[[str], list[str]],
    capsys: pytest.CaptureFixture[str],
    *,
    old: str,
    new: str,
    code: int,
    words: str,
) -> None:
    path, *options = arguments(SECOND)
    text = Path(path).read_text(encoding="utf-8")
    assert old in text
    Path(path).write_text(text.replace(old, new), encoding="utf-8")

    assert main([path, *options]) == code
    assert capsys.readouterr().out.startswith(words)
    assert main([path, *options, "--json"]) == code
    assert json.loads(capsys.readouterr().out)["state"] is None


def test_a_certificate_needs_the_trust_file(
    arguments: Callable[[str], list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    path, *options = arguments(SECOND)
    Path(path).write_bytes(b"%PDF-1.7")

    assert main([path, *options]) == 2
    assert "a certificate needs --trust" in capsys.readouterr().err


def test_the_entry_of_the_commitment_travels_with_the_proof(log: StateLog, commitment: int) -> None:
    proof = StateProof.parse(log.state_proof(FIRST, commitment))

    assert TlogProof.parse(proof.commitment).extra == log.entries[commitment]
