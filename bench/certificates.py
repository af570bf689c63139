"""What a certificate costs: drawing, sealing, reading back, verifying, against what others need.

Every certificate is of its own statement: the demonstration's first, with other names, numbers,
digests and words, so that nothing is found drawn already that would not be in a day's work.
"""

import hashlib
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from io import BytesIO
from pathlib import Path
from random import Random  # noqa: TID251 # the same in each run
from statistics import median
from typing import Any, TypeVar

from django.core.management import call_command
from django.test.utils import override_settings
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from bench.measuring import Report, interleaved, seconds
from bench.stock import draw_stock, seal_stock
from certificates.issuance import draw_file
from certificates.models import Certificate
from certificates.paper import paper_text, printed_of
from certificates.proofreading import proofread
from certificates.queries import log_verifier_keys, proof_text, read_certificate
from certificates.sealing import (
    load_certificates,
    seal_suite,
    sealer,
    trust_pem,
    tsa_trust_pem,
)
from certificates.statement import Statement
from certificates.stating import openings_of, statement_of
from ledger.proofs import prove_entry
from ledger.publishing import publish
from primitives.clock import now_utc
from tlog.proof import TlogProof
from verifier.isolation import verify_isolated
from verifier.timestamp import to_asn1
from verifier.verification import verify

TIMES = 20
ROUNDS = 9
STOCK = 2
"""How often stock programs make the page in a round; they take long."""
PER_PROCESS = 200
THOUSAND = 1000
ItemT = TypeVar("ItemT")
COMMON = (
    "数据资产登记信息科技有限公司北京上海广州深圳杭州南京武汉成都西安天津重庆长沙青岛大连厦门宁波苏州"
    "无锡常州温州金华台州嘉兴湖州绍兴智慧城市交通医疗教育能源农业工业金融贸易物流仓储环境气象海洋地理"
    "测绘遥感影像视频语音文本图像模型算法平台服务运营管理咨询研究院中心集团股份控股投资发展建设工程技术"
)


@dataclass(frozen=True, slots=True)
class Job:
    """What there is before a certificate is drawn."""

    statement: Statement
    proof: TlogProof
    openings: bytes


def measure(report: Report) -> None:
    """Report each step of the way of a certificate, and the whole on one and two processes."""
    # The demonstration hands out its first certificate with the proof of it.
    with override_settings(LEDGER_PUBLISH_INLINE=True):
        call_command("load_demo", verbosity=0)
    publish(at=now_utc())
    certificate = Certificate.objects.order_by("pk")[0]
    proof = prove_entry(certificate.registration)
    job = Job(
        statement_of(certificate, proof=proof, issued_at=now_utc()),
        proof,
        openings_of(certificate),
    )
    _measure_issue(report, job)
    _measure_verdict(report, certificate)


def issue(job: Job) -> bytes:
    """Draw, seal and proofread a certificate."""
    at = now_utc()
    drawn = draw_file(job.statement, proof=job.proof, openings=job.openings, at=at)
    sealed = sealer().seal(drawn, at=at)
    proofread(sealed, job.statement)
    return sealed


def issue_others(job: Job, count: int, seed: int) -> None:
    """Issue certificates like that of the job, each of a statement of its own."""
    for other in _others(job, count, seed):
        issue(other)


def _measure_issue(report: Report, job: Job) -> None:
    issue_others(job, TIMES, seed=0)
    taken: dict[str, list[float]] = {}
    for seed in range(1, ROUNDS + 1):
        for name, cost in _round(job, seed).items():
            taken.setdefault(name, []).append(cost)
    raw = median(taken["raw RSA-3072 signature"])
    for name, costs in taken.items():
        ratio = median(costs) / raw
        report.add(f"certificate: {name}", _milliseconds(median(costs)), ratio=ratio, to="raw")
    ours, theirs = (median(taken[name]) for name in ("all of it", "plain ReportLab, stock pyHanko"))
    report.add("certificate: all of it against stock", "", ratio=ours / theirs, to="stock")
    one = PER_PROCESS / seconds(partial(issue_others, job, PER_PROCESS, 1))
    with ProcessPoolExecutor(2) as pool:
        work = partial(issue_others, job, PER_PROCESS)
        list(pool.map(work, (1, 2)))
        two = 2 * PER_PROCESS / seconds(lambda: list(pool.map(work, (3, 4))))
    report.add("certificates a second, one process", f"{one:.0f}")
    report.add("certificates a second, two processes", f"{two:.0f}", ratio=two / one, to="one")


def _round(job: Job, seed: int) -> dict[str, float]:
    """Return the seconds of CPU that each step took for one certificate, once around."""
    at, jobs = now_utc(), _others(job, TIMES, seed)
    codes = [paper_text(printed_of(each.statement.to_json())) for each in jobs]
    costs = {"raw RSA-3072 signature": _cpu(lambda _: seal_suite().sign(b"0" * 64), jobs)}
    drawn: list[bytes] = []
    costs["draw"] = _cpu(
        lambda each: drawn.append(
            draw_file(each.statement, proof=each.proof, openings=each.openings, at=at)
        ),
        jobs,
    )
    sealed: list[bytes] = []
    costs["seal (B-LT, time-stamp made here)"] = _cpu(
        lambda page: sealed.append(sealer().seal(page, at=at)), drawn
    )
    finished = list(zip(sealed, jobs, strict=True))
    costs["read back"] = _cpu(lambda pair: proofread(pair[0], pair[1].statement), finished)
    costs["all of it"] = _cpu(issue, _others(job, TIMES, seed + ROUNDS))
    stock = list(zip(jobs, codes, strict=True))[:STOCK]
    costs["plain ReportLab, stock pyHanko"] = _cpu(
        lambda pair: seal_stock(draw_stock(pair[0].statement, pair[1])), stock
    )
    return costs


def _others(job: Job, count: int, seed: int) -> list[Job]:
    random = Random(seed)  # noqa: S311 # no secret
    return [replace(job, statement=_other(job.statement, random)) for _ in range(count)]


def _other(statement: Statement, random: Random) -> Statement:
    """Return a statement that takes as much room and says something else."""

    def words(length: int) -> str:
        return "".join(random.choices(COMMON, k=length))

    def digest() -> str:
        return f"{random.getrandbits(256):064x}"

    name = f"{words(8)}有限公司"
    return replace(
        statement,
        number=f"SJ37020261{random.randrange(10**5):05}",
        check_code=f"{random.randrange(10**4):04}-{random.randrange(10**4):04}-7XZ6-EBJM",
        filing=f"F2026{random.randrange(10**7):07}",
        asset=replace(
            statement.asset,
            number=f"DA-{random.randrange(10**9):09}",
            name=words(len(statement.asset.name)),
            summary=words(len(statement.asset.summary)),
            sha256=digest(),
            sm3=digest(),
            size_bytes=random.randrange(10**9),
        ),
        rights=[
            replace(
                right,
                reference=f"I-{random.getrandbits(40):013}",
                limits=words(len(right.limits) // 2),
                holders=[replace(holder, name=name) for holder in right.holders],
            )
            for right in statement.rights
        ],
        provenance=[
            replace(source, activity=words(len(source.activity) // 2))
            for source in statement.provenance
        ],
        ledger=replace(statement.ledger, leaf_hash=digest(), root_hash=digest()),
    )


def _measure_verdict(report: Report, certificate: Certificate) -> None:
    pdf, proof = read_certificate(certificate), proof_text(certificate)
    seals, stamps = trust_pem().encode(), tsa_trust_pem().encode()
    trust, tsa_trust = load_certificates(seals), load_certificates(stamps)
    asked: dict[str, Any] = {
        "proof": proof,
        "trust": trust,
        "tsa_trust": tsa_trust,
        "log_key": log_verifier_keys(),
        "at": now_utc(),
    }
    roots = to_asn1([*trust, *tsa_trust])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "certificate.pdf"
        path.write_bytes(pdf)
        judges: dict[str, Callable[[], object]] = {
            "pyHanko alone": lambda: validate_pdf_signature(
                PdfFileReader(BytesIO(pdf)).embedded_regular_signatures[0],
                ValidationContext(trust_roots=roots),
            ),
            "pdfsig": lambda: subprocess.run(  # noqa: S603 # poppler on our own file
                ["pdfsig", "-nocert", path],  # noqa: S607 # from the PATH
                capture_output=True,
                check=True,
            ),
            "in a process of its own": lambda: verify_isolated(pdf, **asked),
            "SHA-256 of the file alone": lambda: hashlib.sha256(pdf).digest(),
        }
        base, results = interleaved(
            partial(_rate, partial(verify, pdf, **asked)),
            [partial(_rate, judge) for judge in judges.values()],
        )
    report.add("verdict, in process", _milliseconds(1 / base))
    cpu = median(_cpu(lambda _: verify(pdf, **asked), range(TIMES)) for _ in range(ROUNDS))
    report.add("verdict, in process, CPU", _milliseconds(cpu))
    for name, (rate, ratio) in zip(judges, results, strict=True):
        report.add(f"verdict: {name}", _milliseconds(1 / rate), ratio=ratio, to="its rate")


def _rate(work: Callable[[], object]) -> float:
    return TIMES / seconds(lambda: [work() for _ in range(TIMES)])


def _cpu(work: Callable[[ItemT], object], items: Sequence[ItemT]) -> float:
    """Return the seconds of CPU that the work takes for one of the items."""
    start = time.process_time()
    for item in items:
        work(item)
    return (time.process_time() - start) / len(items)


def _milliseconds(taken: float) -> str:
    return f"{THOUSAND * taken:.2f} ms"
