"""Our checkpoints before torchwood's litewitness, and its cosignatures before two programs."""

from collections.abc import Callable
from functools import partial
from itertools import count, pairwise
from pathlib import Path

import pytest

from interop.litewitness import NAME, LiteWitness
from interop.logs import SyntheticLog
from interop.programs import Answer, accepts, logcheck, refuses, tlogclient
from interop.register import Register
from tlog.cosignature import CosignatureSigner
from tlog.keys import parse_witness_key
from tlog.mldsa import MldsaSigner
from tlog.note import NoteSigner
from tlog.witness import (
    SIZE_TYPE,
    TEXT_TYPE,
    AddCheckpoint,
    Witness,
    WitnessConflictError,
    read_answer,
)
from witness.store import DirectoryStore

CHECKS: dict[str, Callable[..., Answer]] = {
    "Go's note": logcheck,
    "torchwood's policy": tlogclient,
}
checked_by_each = pytest.mark.parametrize("check", CHECKS.values(), ids=CHECKS)

SIZES = (1, 2, 3, 7, 8, 255, 256, 257, 1000)
_numbers = count()


@pytest.fixture
def log(witness: LiteWitness) -> SyntheticLog:
    """Return a log that the witness knows and has not seen anything of."""
    signer = NoteSigner.generate(f"log.example/{next(_numbers)}")
    witness.know(signer.verifier_key)
    return SyntheticLog(signer, (f"entry {number}".encode() for number in range(SIZES[-1])))


@pytest.fixture
def fork(log: SyntheticLog) -> SyntheticLog:
    """Return what the log would be with another fifth entry, under the same key."""
    return SyntheticLog(log.signer, [*log.entries[:4], b"another", *log.entries[5:]])


@pytest.fixture
def cosigned(log: SyntheticLog, witness: LiteWitness, tmp_path: Path) -> tuple[Path, Path, Path]:
    """Return the files of the log's key, the witness's key and a checkpoint that both signed."""
    status, line = witness.add_checkpoint(log.checkpoint(7), old=0)
    assert status == 200, line
    return _files(tmp_path, str(log.signer.verifier_key), witness.key, log.checkpoint(7) + line)


def test_it_cosigns_the_registers_checkpoints_one_after_another(
    register: Register, witness: LiteWitness, tmp_path: Path
) -> None:
    witness.know(register.key)
    assert len(register.checkpoints) > 4
    for old, size in pairwise([0, *register.checkpoints]):
        checkpoint = register.checkpoints[size]
        status, line = witness.add_checkpoint(checkpoint, old=old, proof=register.consistency[size])
        assert status == 200, line
        files = _files(tmp_path, str(register.key), witness.key, checkpoint + line)
        for check in CHECKS.values():
            accepts(check("cosigned", *files))
    assert witness.known_size(register.key.name) == size


def test_it_cosigns_every_step_of_a_log_from_its_first_entry(
    log: SyntheticLog, witness: LiteWitness
) -> None:
    for old, size in pairwise([0, *SIZES]):
        _add(witness, log, old, size, expect=200)


def test_it_cosigns_a_checkpoint_with_a_post_quantum_line(witness: LiteWitness) -> None:
    signer = NoteSigner.generate("post-quantum.example/log")
    witness.know(signer.verifier_key)
    log = SyntheticLog(signer, [b"entry"] * 9, MldsaSigner.generate(signer.name).at(0))
    assert log.checkpoint(8).count("— ") == 2
    _add(witness, log, 0, 8, expect=200)
    _add(witness, log, 8, 9, expect=200)


def test_our_client_reads_its_answers(log: SyntheticLog, witness: LiteWitness) -> None:
    for size, expected in ((7, 200), (7, 409)):
        status, body = witness.add_checkpoint(log.checkpoint(size), old=0)
        assert status == expected
        answer = partial(
            read_answer,
            status=status,
            content_type=SIZE_TYPE if status == 409 else TEXT_TYPE,
            body=body.encode(),
            checkpoint=log.checkpoint(size),
            keys=[parse_witness_key(witness.key)],
        )
        if status == 200:
            assert [cosignature.line for cosignature in answer()] == [body]
        else:
            with pytest.raises(WitnessConflictError, match="7"):
                answer()


@checked_by_each
def test_our_own_witnesss_cosignature_is_accepted(
    check: Callable[..., Answer], log: SyntheticLog, tmp_path: Path
) -> None:
    """Beside its post-quantum line, which these programs do not know and ignore."""
    keys = CosignatureSigner.generate("ours.example"), MldsaSigner.generate("ours.example")
    ours = Witness(
        cosigners=keys,
        logs={log.signer.name: [log.signer.verifier_key]},
        store=DirectoryStore(tmp_path / "state"),
    )
    request = AddCheckpoint(old_size=0, proof=(), checkpoint=log.checkpoint(7))
    answer = ours.add_checkpoint(request.format(), timestamp=1_800_000_000)
    assert answer.status == 200
    note = log.checkpoint(7) + answer.body
    assert note.count("— ours.example ") == 2
    files = _files(tmp_path, str(log.signer.verifier_key), str(keys[0].verifier_key), note)
    accepts(check("cosigned", *files))


def test_it_cosigns_the_same_checkpoint_again(log: SyntheticLog, witness: LiteWitness) -> None:
    _add(witness, log, 0, 8, expect=200)
    _add(witness, log, 8, 8, expect=200)


def test_it_refuses_a_fork_of_the_same_size(
    log: SyntheticLog, fork: SyntheticLog, witness: LiteWitness
) -> None:
    _add(witness, log, 0, 8, expect=200)
    _add(witness, fork, 8, 8, expect=422)
    _add(witness, log, 8, 255, expect=200)


def test_it_refuses_a_fork_that_has_grown(
    log: SyntheticLog, fork: SyntheticLog, witness: LiteWitness
) -> None:
    _add(witness, log, 0, 8, expect=200)
    _add(witness, fork, 8, 257, expect=422)
    assert witness.known_size(log.signer.name) == 8
    _add(witness, log, 8, 257, expect=200)


def test_it_cosigns_what_a_fork_has_in_common(
    log: SyntheticLog, fork: SyntheticLog, witness: LiteWitness
) -> None:
    """The control: the very same requests pass as long as the fork has not parted."""
    _add(witness, log, 0, 3, expect=200)
    _add(witness, fork, 3, 8, expect=200)
    _add(witness, log, 8, 257, expect=422)


def test_it_refuses_a_log_that_was_set_back(log: SyntheticLog, witness: LiteWitness) -> None:
    _add(witness, log, 0, 256, expect=200)
    assert _add(witness, log, 0, 7, expect=409) == "256\n"
    assert _add(witness, log, 3, 7, expect=409) == "256\n"
    status, _answer = witness.add_checkpoint(log.checkpoint(7), old=256)
    assert status == 400
    assert witness.known_size(log.signer.name) == 256


def test_it_refuses_a_proof_that_is_missing_or_false(
    log: SyntheticLog, witness: LiteWitness
) -> None:
    _add(witness, log, 0, 7, expect=200)
    proof = list(log.consistency_proof(7, 255))
    for false in ([], proof[:-1], proof[::-1], [*proof, proof[-1]], [bytes(32), *proof[1:]]):
        status, answer = witness.add_checkpoint(log.checkpoint(255), old=7, proof=false)
        assert status == 422, answer


def test_it_refuses_another_key_of_the_logs_name(log: SyntheticLog, witness: LiteWitness) -> None:
    stranger = SyntheticLog(NoteSigner.generate(log.signer.name), log.entries)
    _add(witness, stranger, 0, 7, expect=403)


def test_it_refuses_a_log_that_it_does_not_know(witness: LiteWitness) -> None:
    stranger = SyntheticLog(NoteSigner.generate("stranger.example/log"), [b"entry"])
    _add(witness, stranger, 0, 1, expect=404)


@checked_by_each
def test_a_cosignature_is_not_accepted_on_another_checkpoint(
    check: Callable[..., Answer], cosigned: tuple[Path, Path, Path], log: SyntheticLog
) -> None:
    accepts(check("cosigned", *cosigned))
    line = cosigned[2].read_text().splitlines()[-1]
    cosigned[2].write_text(f"{log.checkpoint(8)}{line}\n")
    refuses(check("cosigned", *cosigned))


@checked_by_each
def test_a_checkpoint_without_the_cosignature_is_not_accepted(
    check: Callable[..., Answer], cosigned: tuple[Path, Path, Path], log: SyntheticLog
) -> None:
    cosigned[2].write_text(log.checkpoint(7))
    refuses(check("cosigned", *cosigned))


@checked_by_each
def test_a_cosignature_without_the_logs_own_signature_is_not_accepted(
    check: Callable[..., Answer], cosigned: tuple[Path, Path, Path]
) -> None:
    lines = cosigned[2].read_text().splitlines(keepends=True)
    cosigned[2].write_text("".join([*lines[:4], lines[5]]))
    assert lines[5].startswith(f"— {NAME} ")
    refuses(check("cosigned", *cosigned))


def _files(folder: Path, *contents: str) -> tuple[Path, Path, Path]:
    paths = folder / "log_key.txt", folder / "witness_key.txt", folder / "cosigned"
    for path, content in zip(paths, contents, strict=True):
        path.write_text(content)
    return paths


def _add(witness: LiteWitness, log: SyntheticLog, old: int, size: int, *, expect: int) -> str:
    """Send a checkpoint with the log's own true proof and return the answer."""
    proof = log.consistency_proof(old, size) if old < size else ()
    status, answer = witness.add_checkpoint(log.checkpoint(size), old=old, proof=proof)
    assert status == expect, answer
    return answer
