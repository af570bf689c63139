"""``quanji-verify``: its exit codes, its JSON and its words are a contract."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.verifier.example import NUMBER, Office
from verifier.cli import main

IN_TERM = "2027-06-01T00:00:00Z"


@pytest.fixture
def arguments(office: Office, certificate_path: Path, tmp_path: Path) -> list[str]:
    trust, key = tmp_path / "trust.pem", tmp_path / "log_key.txt"
    trust.write_text(office.pki.trust_pem)
    key.write_text(f"{office.log_key}\n")
    return [str(certificate_path), "--trust", str(trust), "--log-key", str(key), "--at", IN_TERM]


def test_a_valid_certificate_exits_0(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 0

    lines = capsys.readouterr().out.splitlines()
    assert [line[0] for line in lines[:6]] == ["✓"] * 6
    assert lines[-1].startswith(f"Valid: this is the certificate {NUMBER} as issued")


def test_an_altered_certificate_exits_1(
    arguments: list[str], certificate_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    size = certificate_path.stat().st_size
    certificate_path.write_bytes(certificate_path.read_bytes() + b"\n")

    assert main(arguments) == 1

    lines = capsys.readouterr().out.splitlines()
    assert [line[0] for line in lines[:6]] == ["–", "–", "–", "–", "✗", "–"]
    assert lines[-1] == (
        f"Not valid: The first {size} bytes are the issued certificate {NUMBER}; "
        "1 bytes were added after issue."
    )


def test_a_folder_is_a_table_with_a_line_for_each_file_and_answers_as_its_worst(
    arguments: list[str], certificate_path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, below = tmp_path / "folder", tmp_path / "folder" / "2026"
    below.mkdir(parents=True)
    proof = certificate_path.with_name("certificate.pdf.tlog-proof")
    for name in ("a.pdf", "2026/B.PDF"):
        (folder / name).write_bytes(certificate_path.read_bytes())
        (folder / f"{name}.tlog-proof").write_bytes(proof.read_bytes())
    (folder / "notes.txt").write_text("no certificate")
    asked = [str(folder), *arguments[1:]]
    assert main(asked) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split() for line in lines] == [
        ["valid", NUMBER, "2026/B.PDF"],
        ["valid", NUMBER, "a.pdf"],
    ]

    (folder / "a.pdf.tlog-proof").unlink()
    assert main(asked) == 2
    assert "PROOF_MISSING" in capsys.readouterr().out
    (below / "B.PDF").write_bytes(certificate_path.read_bytes() + b"\n")
    assert main([*asked, "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert found["verdict"] == "invalid"
    assert [(row["file"], row["verdict"]) for row in found["files"]] == [
        ("2026/B.PDF", "invalid"),
        ("a.pdf", "cannot_verify"),
    ]


def test_a_folder_without_certificates_or_with_one_proof_for_all_is_refused_in_words(
    arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty").mkdir()
    assert main([str(tmp_path / "empty"), *arguments[1:]]) == 2
    assert "holds no PDF" in capsys.readouterr().err
    assert main([str(tmp_path), *arguments[1:], "--proof", "x"]) == 2
    assert "--proof" in capsys.readouterr().err


def test_a_missing_proof_exits_2_and_says_so_in_chinese(
    arguments: list[str], certificate_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    certificate_path.with_name("certificate.pdf.tlog-proof").unlink()

    assert main([*arguments, "--lang", "zh"]) == 2
    assert "缺少证明文件" in capsys.readouterr().out


def test_the_proof_may_lie_elsewhere_and_the_key_may_be_text(
    office: Office, arguments: list[str], certificate_path: Path, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere.txt"
    certificate_path.with_name("certificate.pdf.tlog-proof").rename(elsewhere)
    arguments[4] = office.log_key

    assert main([*arguments, "--proof", str(elsewhere)]) == 0


def test_json_has_the_verdict_the_reasons_the_steps_and_the_certificate(
    office: Office, arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    arguments[-1] = "2039-01-01T00:00:00Z"

    assert main([*arguments, "--json"]) == 1

    answer = json.loads(capsys.readouterr().out)
    assert answer["verdict"] == "invalid"
    assert answer["reasons"] == ["TERM_ENDED"]
    assert [step["outcome"] for step in answer["steps"]] == ["passed"] * 5 + [
        "failed",
        "not_checked",
    ]
    assert all(step["detail"] for step in answer["steps"])
    assert answer["certificate"]["number"] == NUMBER
    head = office.log.head()
    assert answer["checkpoint"] == {
        "origin": head.origin,
        "size": head.size,
        "root": head.root.hex(),
    }


@pytest.mark.parametrize(
    ("position", "wrong", "message"),
    [
        (0, "missing.pdf", "missing.pdf cannot be read"),
        (2, "missing.pem", "missing.pem cannot be read"),
        (2, "log_key.txt", "holds no PEM certificate"),
        (4, "trust.pem", "holds no verifier key"),
        (4, "nonsense", "nonsense cannot be read"),
        (6, "yesterday", "'yesterday' is not an ISO 8601 instant"),
        (6, "2027-01-01", "has no time zone"),
    ],
)
def test_an_argument_that_cannot_be_used_exits_2_with_a_reason(
    arguments: list[str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    position: int,
    wrong: str,
    message: str,
) -> None:
    arguments[position] = wrong if position == 6 else str(tmp_path / wrong)

    assert main(arguments) == 2
    assert message in capsys.readouterr().err


def test_a_proof_that_is_named_must_exist(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*arguments, "--proof", "missing.tlog-proof"]) == 2
    assert "missing.tlog-proof cannot be read" in capsys.readouterr().err


def test_a_proof_that_is_not_text_is_a_malformed_proof(
    arguments: list[str], certificate_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    certificate_path.with_name("certificate.pdf.tlog-proof").write_bytes(b"\xff\xfe\x00")

    assert main([*arguments, "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["reasons"] == ["PROOF_MALFORMED"]


def test_the_module_runs_as_a_program(arguments: list[str]) -> None:
    assert run_python("-m", "verifier", *arguments) == 0


def test_the_verifier_needs_no_django() -> None:
    assert run_python("-c", "import sys, verifier.cli; sys.exit('django' in sys.modules)") == 0


def run_python(*arguments: str) -> int:
    command = [sys.executable, *arguments]
    return subprocess.run(command, check=False).returncode  # noqa: S603 # our own program
