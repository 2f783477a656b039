#!/usr/bin/env python3
"""Reference values of SciPy and NumPy for the probes of the judge.

Writes Tests/Fixtures/statistics/probes.json: RF-JSD's divergence by
scipy.spatial.distance.jensenshannon, and the neighbour-class attack on made-up scores, where every
threshold between two neighbouring scores is tried one after the other.

Needs SciPy 1.11 or newer: pip install scipy
"""

import json
import pathlib

import numpy
import scipy
from scipy.spatial.distance import jensenshannon

FIXTURE = pathlib.Path(__file__).parents[2] / "Tests/Fixtures/statistics/probes.json"
random = numpy.random.default_rng(20261123)


def divergences():
    pairs = [random.dirichlet([0.3] * width, size=2) for width in (2, 3, 8, 62)]
    pairs += [numpy.array([[1.0, 0, 0], [0, 0.5, 0.5]]), numpy.array([[0.2, 0.8], [0.2, 0.8]])]
    return [
        {"left": list(p), "right": list(q), "bits": float(jensenshannon(p, q, base=2) ** 2)}
        for p, q in pairs
    ]


def attack(shift, counts):
    """Scores of two classes: the threshold with the largest |P(own <= t) - P(neighbour <= t)|."""
    own, neighbour = (random.normal(mean, 1, counts[0]) for mean in (shift, 0))
    tested = [random.normal(mean, 1, counts[1]) for mean in (shift, 0)]
    scores = numpy.sort(numpy.concatenate([own, neighbour]))
    thresholds = (scores[1:] + scores[:-1]) / 2
    gaps = [(own <= t).mean() - (neighbour <= t).mean() for t in thresholds]
    best = int(numpy.argmax(numpy.abs(gaps)))
    says_own = [(t > thresholds[best]) == (gaps[best] < 0) for t in tested]
    return {
        "own": list(own), "neighbour": list(neighbour), "testedOwn": list(tested[0]),
        "testedNeighbour": list(tested[1]),
        "right": [bool(x) for x in says_own[0]] + [not x for x in says_own[1]],
    }


def means():
    rows = numpy.log(random.dirichlet([0.5] * 5, size=7))
    return {"rows": [list(row) for row in rows], "column": int(numpy.exp(rows).mean(0).argmax())}


FIXTURE.write_text(
    json.dumps(
        {
            "scipy": scipy.__version__,
            "jensenShannon": divergences(),
            "attack": [attack(2, (13, 9)), attack(-1, (20, 15)), attack(0.2, (30, 10))],
            "largestMean": means(),
        },
        indent=1,
    )
    + "\n"
)
