#!/usr/bin/env python3
"""Reference values of SciPy for the statistics of the judge.

Writes Tests/Fixtures/statistics/binomial.json. With --table it prints, in Markdown, the bounds that
small and large test sets can give, as docs/FORMAT.md shows them.

Needs SciPy 1.11 or newer: pip install scipy
"""

import json
import math
import pathlib
import sys

import scipy
from scipy.special import betainc
from scipy.stats import beta, binom

FIXTURE = pathlib.Path(__file__).parents[2] / "Tests/Fixtures/statistics/binomial.json"


def upper(successes, trials, alpha):
    """One-sided Clopper-Pearson upper bound; isf keeps its digits for a tiny alpha."""
    if successes == trials:
        return 1.0
    return float(beta.isf(alpha, successes + 1, trials - successes))


def lower(successes, trials, alpha):
    """One-sided Clopper-Pearson lower bound."""
    if successes == 0:
        return 0.0
    return float(beta.ppf(alpha, successes, trials - successes + 1))


def drop(lost, gained, trials, alpha):
    """Upper bound of the paired drop: two one-sided bounds that share alpha."""
    return upper(lost, trials, alpha / 2) - lower(gained, trials, alpha / 2)


def largest_consistent(trials, chance, level):
    """The largest count that a one-sided exact binomial test of p <= chance does not reject."""
    return max(k for k in range(trials + 1) if k == 0 or binom.sf(k - 1, trials, chance) > level)


def spent(alpha, sequence_number, bounds):
    """The error probability of one bound of the certificate of this number."""
    return alpha * 6 / (math.pi**2 * sequence_number**2) / bounds


def golden():
    """All reference values, by the name of the function that they check."""
    levels = [0.05, 0.0152, 3.8e-4, 1e-7]
    counts = [(0, 1), (1, 1), (0, 50), (1, 50), (2, 50), (25, 50), (49, 50), (50, 50), (3, 200),
              (0, 1000), (117, 1000), (999, 1000), (150, 9000), (4500, 9000), (0, 50000)]
    arguments = [(a, b) for a in (1, 2, 7.5, 50, 900) for b in (1, 3, 40, 8000)]
    points = [1e-6, 0.001, 0.02, 0.1, 0.5, 0.9, 0.999]
    pairs = [(0, 0, 50), (12, 4, 420), (10, 4, 320), (350, 190, 9000), (0, 20, 1800),
             (60, 30, 1600)]
    tests = [(50, 1 / 62), (18, 1 / 62), (200, 0.01), (1000, 0.1), (10000, 0.1), (1, 0.5),
             (7, 0.9)]
    return {
        "scipy": scipy.__version__,
        "incompleteBeta": [
            {"a": a, "b": b, "x": x, "value": float(betainc(a, b, x))}
            for a, b in arguments for x in points
        ],
        "clopperPearson": [
            {"successes": k, "trials": n, "errorProbability": level,
             "lower": lower(k, n, level), "upper": upper(k, n, level)}
            for k, n in counts for level in levels
        ],
        "pairedDrop": [
            {"lost": b, "gained": c, "trials": n, "errorProbability": level,
             "upper": drop(b, c, n, level)}
            for b, c, n in pairs for level in levels
        ],
        "largestConsistentCount": [
            {"trials": n, "chance": chance, "level": level,
             "count": largest_consistent(n, chance, level)}
            for n, chance in tests for level in (0.05, 0.01)
        ],
        "errorProbability": [
            {"budget": 0.05, "sequenceNumber": t, "boundCount": m, "value": spent(0.05, t, m)}
            for t, m in ((1, 1), (1, 2), (2, 3), (4, 5), (50, 51))
        ],
    }


def row(*cells):
    """One line of a Markdown table."""
    print("| " + " | ".join(str(cell) for cell in cells) + " |")


def percent(value):
    """A fraction with one decimal place."""
    return f"{100 * value:.1f} %"


def table():
    """What a test split can prove at certificate t of a line, which covers t requests."""
    certificates = (1, 2, 3, 4, 8)
    names = [f"t = {t}" for t in certificates]
    row("test images", "chance", "still right", *names, "right answers that guessing explains")
    row(*["---:"] * 9)
    for trials, chance in ((50, 1 / 62), (200, 0.01), (1000, 0.1)):
        limit = largest_consistent(trials, chance, 0.05)
        for hits in sorted({0, 1, 2, limit}):
            bounds = [percent(upper(hits, trials, spent(0.05, t, t + 1))) for t in certificates]
            row(trials, percent(chance), hits, *bounds, f"{limit} ({percent(limit / trials)})")
    print()
    row("retained images", "lost", "gained", "drop", *names)
    row(*["---:"] * 9)
    for trials, lost, gained in (
        (470, 9, 3), (320, 10, 4), (320, 0, 0), (1600, 60, 30), (9000, 250, 150), (8000, 400, 240),
    ):
        bounds = [percent(drop(lost, gained, trials, spent(0.05, t, t + 1))) for t in certificates]
        row(trials, lost, gained, percent((lost - gained) / trials), *bounds)


if __name__ == "__main__":
    if sys.argv[1:] == ["--table"]:
        table()
    else:
        FIXTURE.parent.mkdir(parents=True, exist_ok=True)
        FIXTURE.write_text(json.dumps(golden(), indent=1) + "\n")
