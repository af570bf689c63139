"""Our .tlog-proof files, judged one by one by programs of other people."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from interop.logs import Folder, SyntheticLog
from interop.programs import Answer, accepts, logcheck, refuses, spicy, tlogclient
from interop.register import Register
from tlog.note import NoteSigner
from tlog.proof import TlogProof

Change = Callable[[TlogProof, SyntheticLog], TlogProof]
Judge = Callable[[Path, str, Path], Answer]

INDEX = 65_000


def _ask_spicy(key: Path, proof: str, folder: Path) -> Answer:
    """Ask spicy, whose form has no header and no ``extra``: the entry is a file beside it."""
    lines = proof.splitlines(keepends=True)
    entry = folder / "entry"
    entry.write_bytes(TlogProof.parse(proof).extra or b"")
    entry.with_suffix(".spicy").write_text("".join(lines[2:]))
    return spicy(key, entry)


def _ask_with_file(program: Callable[..., Answer]) -> Judge:
    def ask(key: Path, proof: str, folder: Path) -> Answer:
        file = folder / "file.tlog-proof"
        file.write_text(proof)
        return program("proof", key, file)

    return ask


JUDGES: dict[str, Judge] = {
    "Go's note and tlog": _ask_with_file(logcheck),
    "torchwood's VerifyProof": _ask_with_file(tlogclient),
    "torchwood's spicy": _ask_spicy,
}
judged_by_each = pytest.mark.parametrize("judge", JUDGES.values(), ids=JUDGES)


@judged_by_each
def test_entries_of_the_register_are_proven_by_their_files(
    judge: Judge, register: Register, tmp_path: Path
) -> None:
    assert len(register.proofs) > 30
    for proof in register.proofs:
        accepts(judge(register.now.key, proof.format(), tmp_path))


@judged_by_each
def test_a_certificates_proof_file_holds(judge: Judge, register: Register, tmp_path: Path) -> None:
    accepts(judge(register.now.key, register.certificate_proof.read_text(), tmp_path))


@judged_by_each
def test_a_proof_in_a_large_log_holds(
    judge: Judge, large: Folder, large_log: SyntheticLog, tmp_path: Path
) -> None:
    for index in (0, 255, 256, 65_535, 65_536, 69_887, 69_888, 69_999):
        accepts(judge(large.key, large_log.prove(index).format(), tmp_path))


def _with_hashes(
    change: Callable[[list[bytes]], list[bytes]],
) -> Change:
    return lambda proof, _log: replace(proof, hashes=tuple(change(list(proof.hashes))))


def _with_checkpoint(change: Callable[[str], str]) -> Change:
    return lambda proof, _log: replace(proof, checkpoint=change(proof.checkpoint))


def _flipped(hash_: bytes) -> bytes:
    return bytes([hash_[0] ^ 1]) + hash_[1:]


def _signed_by_another_key(proof: TlogProof, log: SyntheticLog) -> TlogProof:
    stranger = SyntheticLog(NoteSigner.generate(log.signer.name), log.entries)
    return replace(proof, checkpoint=stranger.checkpoint(len(log.entries)))


CHANGES: dict[str, Change] = {
    "the entry": lambda proof, _: replace(proof, extra=b"another entry"),
    "the index, one less": lambda proof, _: replace(proof, index=INDEX - 1),
    "the index, one more": lambda proof, _: replace(proof, index=INDEX + 1),
    "the index, beyond the log": lambda proof, _: replace(proof, index=70_000),
    "a bit of a hash": _with_hashes(lambda hashes: [_flipped(hashes[0]), *hashes[1:]]),
    "a bit of the last hash": _with_hashes(lambda hashes: [*hashes[:-1], _flipped(hashes[-1])]),
    "the number of hashes, one less": _with_hashes(lambda hashes: hashes[:-1]),
    "the number of hashes, one more": _with_hashes(lambda hashes: [*hashes, hashes[-1]]),
    "the order of hashes": _with_hashes(lambda hashes: hashes[::-1]),
    "the size": _with_checkpoint(lambda text: text.replace("\n70000\n", "\n70001\n")),
    "the origin": _with_checkpoint(lambda text: text.replace("large", "small", 1)),
    "the signature": _with_checkpoint(lambda text: f"{text[:-20]}AAAA{text[-16:]}"),
    "the signature to none": _with_checkpoint(lambda text: text.partition("— ")[0]),
    "the checkpoint to an earlier one": lambda proof, log: replace(
        proof, checkpoint=log.checkpoint(69_000)
    ),
    "the key to another of its name": _signed_by_another_key,
}


@judged_by_each
@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_proof_is_refused_when_somebody_changes(
    change: Change, judge: Judge, large: Folder, large_log: SyntheticLog, tmp_path: Path
) -> None:
    proof = large_log.prove(INDEX)
    changed = change(proof, large_log)
    assert changed != proof
    refuses(judge(large.key, changed.format(), tmp_path))
