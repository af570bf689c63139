"""Title by the size of the register: who holds what now, then, and as known then; and rank.

Each asset has three original rights and two licences, every seventh a right that was transferred,
every third two pledges. Beside each read through Django stands the same statement on the driver.
"""

import statistics
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

import psycopg
from django.db import connection

from bench.filling import AT
from bench.log import reach
from bench.measuring import Report, percentiles
from registry.models import DataAsset, Party
from rights.models import Interest
from rights.queries import (
    AsOf,
    interests_of,
    portfolio_of,
    remarks_as_of,
    remarks_of,
    rights_as_of,
    title_as_of,
)
from rights.reading import REMARKS, RIGHTS, parameters, statement

PARTIES = 10_000
SAMPLES = 1_500
ROUNDS = 3
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
    for name, form, as_of, through_django in (
        ("title now", RIGHTS, AsOf(at=later), rights_as_of),
        (
            "title then, as known at half the tree",
            RIGHTS,
            AsOf(at=BEFORE, size=known),
            rights_as_of,
        ),
        ("rank list", REMARKS, AsOf(at=later), remarks_as_of),
    ):
        sql = statement(form, with_size=as_of.size is not None)
        raw = _run(
            partial(_by_driver, sql, as_of),
            assets,
        )
        report.add(
            f"{name}, driver, {size:,} assets",
            _figure(raw),
            ratio=raw[1] / key[0],
            to="p50 of a key read on the driver (p99)",
        )
        django = _run(partial(_as_facts, through_django, as_of), assets)
        report.add(
            f"{name}, as facts, {size:,} assets",
            _figure(django),
            ratio=django[0] / raw[0],
            to="the same on the driver (p50)",
        )
    for name, rows_of in (("title now", interests_of), ("rank list", remarks_of)):
        shown = _run(partial(rows_of, at=later), assets[:300])
        report.add(f"{name}, as rows for a page, {size:,} assets", _figure(shown))
    whole = _run(lambda asset: title_as_of(asset, AsOf(at=later)), assets[:300])
    report.add(f"whole title as facts, {size:,} assets", _figure(whole))
    party = Party.objects.latest("pk")
    portfolio = _run(lambda _asset: portfolio_of(party, at=later), assets[:50])
    report.add(f"portfolio of one party, {size:,} assets", _figure(portfolio))


def _run(work: Callable[[Any], object], arguments: Sequence[Any]) -> tuple[float, float]:
    """Return the 50th and 99th percentile over the arguments of the median of three rounds.

    What else the machine does meanwhile rarely meets the same argument twice.
    """
    for argument in arguments[:100]:
        work(argument)
    rounds = [[_seconds(work, argument) for argument in arguments] for _ in range(ROUNDS)]
    return percentiles(map(statistics.median, zip(*rounds, strict=True)))


def _seconds(work: Callable[[Any], object], argument: object) -> float:
    start = time.perf_counter()
    work(argument)
    return time.perf_counter() - start


def _figure(latency: tuple[float, float]) -> str:
    return f"p50 {latency[0] * 1e3:.3f} p99 {latency[1] * 1e3:.3f} ms"


def _by_driver(sql: str, as_of: AsOf, asset: DataAsset) -> object:
    return _driver(sql, parameters(asset.pk, as_of.at, as_of.size))


def _as_facts(read: Callable[[DataAsset, AsOf], object], as_of: AsOf, asset: DataAsset) -> object:
    return read(asset, as_of)


def _driver(statement: str, values: Sequence[object]) -> object:
    """Run a statement on the driver, without Django around it."""
    if connection.vendor == "postgresql":
        with psycopg.Cursor(connection.connection) as cursor:
            return cursor.execute(statement, values).fetchall()
    return connection.connection.execute(statement.replace("%s", "?"), values).fetchall()


PRIMARY_KEY = "SELECT * FROM rights_interest WHERE id = %s"


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
