"""Title by the size of the register: who holds what now, then, and as known then; and rank.

Each asset has three original rights and two licences, every seventh a right that was transferred,
every third two pledges. Beside each read through Django stands the same statement on the driver.
"""

import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from django.db import connection

from bench.filling import AT
from bench.log import reach
from bench.measuring import Report, percentiles
from registry.models import DataAsset, Party
from rights.models import Interest
from rights.queries import AsOf, interests_of, portfolio_of, remarks_of, title_as_of

PARTIES = 10_000
SAMPLES = 1_500
STEP = 7_919
YEAR = timedelta(days=365)
BEFORE = AT - timedelta(days=200)


def measure(report: Report, sizes: Sequence[int]) -> None:
    """Grow the register from size to size and read at each; the log is grown first if need be."""
    reach(sizes[-1])
    _parties()
    old = 0
    for size in sizes:
        _fill(old, size)
        _latencies(report, size)
        old = size


def _latencies(report: Report, size: int) -> None:
    numbers = [place * STEP % size for place in range(SAMPLES)]
    assets = [DataAsset(pk=number + 1, number=_number(number)) for number in numbers]
    later, known = AT + timedelta(days=1), size // 2
    key = _run(lambda asset: _driver(PRIMARY_KEY, [asset.pk * 6 - 3]), assets)
    report.add(f"primary-key read, driver, {size:,} assets", _figure(key))
    by_key = _run(lambda asset: Interest.objects.get(pk=asset.pk * 6 - 3), assets)
    report.add(f"primary-key read, Django, {size:,} assets", _figure(by_key))
    for name, on_driver, through_django in (
        (
            "title now",
            lambda asset: _driver(TITLE, [asset.pk, later, later]),
            lambda asset: interests_of(asset, at=later),
        ),
        (
            "title then, as known at half the tree",
            lambda asset: _driver(TITLE_KNOWN, [known, asset.pk, known, BEFORE, known, BEFORE]),
            lambda asset: interests_of(asset, at=BEFORE, size=known),
        ),
        (
            "rank list",
            lambda asset: _driver(RANK, [asset.pk, later, later]),
            lambda asset: remarks_of(asset, at=later),
        ),
    ):
        raw = _run(on_driver, assets)
        report.add(
            f"{name}, driver, {size:,} assets",
            _figure(raw),
            ratio=raw[1] / key[0],
            to="p50 of a key read on the driver (p99)",
        )
        django = _run(through_django, assets)
        report.add(
            f"{name}, Django, {size:,} assets",
            _figure(django),
            ratio=django[0] / raw[0],
            to="the same on the driver (p50)",
        )
    whole = _run(lambda asset: title_as_of(asset, AsOf(at=later)), assets[:300])
    report.add(f"whole title as facts, {size:,} assets", _figure(whole))
    party = Party.objects.latest("pk")
    portfolio = _run(lambda _asset: portfolio_of(party, at=later), assets[:50])
    report.add(f"portfolio of one party, {size:,} assets", _figure(portfolio))


def _run(work: Callable[[Any], object], arguments: Sequence[Any]) -> tuple[float, float]:
    for argument in arguments[:100]:
        work(argument)
    spent = []
    for argument in arguments:
        start = time.perf_counter()
        work(argument)
        spent.append(time.perf_counter() - start)
    return percentiles(spent)


def _figure(latency: tuple[float, float]) -> str:
    return f"p50 {latency[0] * 1e3:.3f} p99 {latency[1] * 1e3:.3f} ms"


def _driver(statement: str, parameters: list[Any]) -> object:
    """Run a statement on the driver, without Django around it."""
    if connection.vendor == "postgresql":
        return connection.connection.execute(statement, parameters, prepare=True).fetchall()
    texts = [
        f"{value:%Y-%m-%d %H:%M:%S}" if hasattr(value, "year") else value for value in parameters
    ]
    return connection.connection.execute(statement.replace("%s", "?"), texts).fetchall()


PRIMARY_KEY = "SELECT * FROM rights_interest WHERE id = %s"
SHARED = """
    SELECT i.*, s.numerator, s.denominator, p.reference, p.name
    FROM rights_interest i
    JOIN rights_share s ON s.interest_id = i.id JOIN registry_party p ON p.id = s.party_id"""
TITLE = f"{SHARED} WHERE i.asset_id = %s AND i.valid_from <= %s AND i.until > %s ORDER BY i.id"
TITLE_KNOWN = (
    SHARED
    + """
    JOIN ledger_leaf o ON o.entry_id = i.entry_id AND o."index" < %s
    LEFT JOIN ledger_leaf e ON e.entry_id = i.ended_by_id
    WHERE i.asset_id = %s AND (%s > 0) AND i.valid_from <= %s
    AND CASE WHEN e."index" < %s THEN i.until ELSE i.valid_to END > %s
    ORDER BY i.id"""
)
RANK = """
    SELECT r.*, p.name FROM rights_remark r LEFT JOIN registry_party p ON p.id = r.party_id
    WHERE r.asset_id = %s AND r.valid_from <= %s AND r.until > %s
    ORDER BY r.rank_version, r.rank_position"""


def _number(place: int) -> str:
    return f"DA-{place + 1:09d}"


def _parties() -> None:
    Party.objects.bulk_create(
        (
            Party(
                reference=f"P-{place}",
                kind="LEGAL",
                name=f"Example {place}",
                identifier_scheme="FOREIGN",
                identifier=str(place),
                is_example=True,
                entry_id=place + 1,
            )
            for place in range(PARTIES)
        ),
        batch_size=5_000,
    )


CHUNK = 20_000


def _fill(old: int, size: int) -> None:
    for first in range(old, size, CHUNK):
        places = range(first, min(first + CHUNK, size))
        _insert("registry_dataasset", [_asset(place) for place in places])
        _insert("rights_interest", [row for place in places for row in _interests(place)])
        _insert("rights_share", [row for place in places for row in _shares(place)])
        _insert("rights_remark", [row for place in places for row in _pledges(place)])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


Row = dict[str, Any]


def _asset(place: int) -> Row:
    described: Row = {
        "name": f"示例数据{place}",
        "summary": "",
        "kind": "RESOURCE",
        "industry_section": "I",
        "industry_division": "65",
        "source_kind": "COLLECTED",
        "situation": "OWN_BUSINESS",
        "region_scope": "NATIONAL",
        "region": "",
        "update_frequency": "YEARLY",
        "form": "TABLE",
        "structure": "STRUCTURED",
    }
    defaults = {
        str(field.column): field.get_default()
        for field in DataAsset._meta.fields  # noqa: SLF001 # Django's public model API
        if field.column != "id"
    }
    own = {"number": _number(place), "registered_at": AT - YEAR, "entry_id": place + 1}
    return {"id": place + 1, **defaults, **described, **own}


def _interests(place: int) -> list[Row]:
    kinds = ("HOLD", "USE", "OPERATE", "USE", "USE")
    rows = [_interest(place, turn, kind) for turn, kind in enumerate(kinds)]
    if place % 7 == 0:
        moved = rows[0] | {
            "id": place * 6 + 6,
            "revision": 2,
            "valid_from": AT - timedelta(days=100),
        }
        rows[0] |= {"until": AT - timedelta(days=100), "ended_by_id": place + 1}
        rows.append(moved)
    return rows


def _interest(place: int, turn: int, kind: str) -> Row:
    return {
        "id": place * 6 + turn + 1,
        "reference": f"I-{place}-{turn}",
        "revision": 1,
        "asset_id": place + 1,
        "kind": kind,
        "valid_from": AT - YEAR,
        "valid_to": AT + YEAR,
        "until": AT + YEAR,
        "granted_from": f"I-{place}-2" if turn > 2 else "",  # noqa: PLR2004 # the licences
        "scope": "{}",
        "terms": "{}",
        "limits": "",
        "entry_id": place + 1,
        "ended_by_id": None,
    }


def _shares(place: int) -> list[Row]:
    return [
        {
            "interest_id": interest["id"],
            "party_id": (interest["id"] * STEP) % PARTIES + 1,
            "numerator": 1,
            "denominator": 1,
        }
        for interest in _interests(place)
    ]


def _pledges(place: int) -> list[Row]:
    if place % 3:
        return []
    return [
        {
            "reference": f"N-{place}-{turn}",
            "revision": 1,
            "asset_id": place + 1,
            "kind": "PLEDGE",
            "interest": f"I-{place}-2",
            "party_id": (place + turn) % PARTIES + 1,
            "valid_from": AT - YEAR,
            "valid_to": AT + YEAR,
            "until": AT + YEAR,
            "rank_version": turn + 2,
            "rank_position": 0,
            "body": '{"burdens": {"P-1": "1/1"}, "secured_fen": 100000000}',
            "words": "",
            "entry_id": place + 1,
            "ended_by_id": None,
        }
        for turn in range(2)
    ]


def _insert(table: str, rows: list[Row]) -> None:
    if not rows:
        return
    columns = ", ".join(rows[0])
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(list(row.values()))
        else:
            places = ", ".join(["%s"] * len(rows[0]))
            values = [
                [f"{v:%Y-%m-%d %H:%M:%S}" if hasattr(v, "year") else v for v in row.values()]
                for row in rows
            ]
            cursor.execute("BEGIN IMMEDIATE")
            cursor.executemany(f"INSERT INTO {table} ({columns}) VALUES ({places})", values)  # noqa: S608 # our columns
            cursor.execute("COMMIT")
