"""How everything here is measured: repeated, interleaved with what it is compared to, medians."""

import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field

ROUNDS = 3


@dataclass(slots=True)
class Report:
    """The lines of one run, printed as they come and kept for the file of results."""

    title: str
    rows: list[dict[str, object]] = field(default_factory=list)

    def add(self, name: str, figure: str, *, ratio: float | None = None, to: str = "") -> None:
        """Print and keep one line: what was measured, its figure, and its ratio to what."""
        against = f"{ratio:6.2f} x {to}" if ratio is not None else ""
        print(f"  {name:58} {figure:>22} {against}", flush=True)  # noqa: T201 # a report is printed
        self.rows.append({"name": name, "figure": figure, "ratio": ratio, "to": to})

    def to_json(self) -> dict[str, object]:
        """Return the run for the file of results."""
        return asdict(self)


def seconds(work: Callable[[], object]) -> float:
    """Return how long the work takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def interleaved(
    base: Callable[[], float], variants: Sequence[Callable[[], float]], *, rounds: int = ROUNDS
) -> tuple[float, list[tuple[float, float]]]:
    """Return the median rate of ``base``, and of each variant its rate and its ratio to the base.

    Each round measures base, variant, base for every variant: what else the machine does meanwhile
    touches both. The ratio of a round is the variant's rate over the mean of the bases around it.
    """
    bases: list[float] = []
    results: list[tuple[float, float]] = []
    for variant in variants:
        rates, ratios = [], []
        for _ in range(rounds):
            before, rate, after = base(), variant(), base()
            bases += [before, after]
            rates.append(rate)
            ratios.append(rate / statistics.fmean([before, after]))
        results.append((statistics.median(rates), statistics.median(ratios)))
    return statistics.median(bases), results


def percentiles(samples: Iterable[float]) -> tuple[float, float]:
    """Return the 50th and the 99th percentile, in the samples' unit."""
    ordered = sorted(samples)
    return ordered[len(ordered) // 2], ordered[min(len(ordered) - 1, len(ordered) * 99 // 100)]
