#!/usr/bin/env python3
"""Reference values of SciPy and NumPy for the attacks of tier 3 (U-LiRA, RULI).

Writes Tests/Fixtures/statistics/twins.json: made-up scores of pairs of twins, and what the attacks find
in them by scipy.stats.norm and scipy.stats.mannwhitneyu; logits, and log(p / (1 - p)) of one label in
extended precision.

Needs SciPy 1.11 or newer: pip install scipy
"""

import json
import pathlib

import numpy
import scipy
from scipy.stats import mannwhitneyu, norm

FIXTURE = pathlib.Path(__file__).parents[2] / "Tests/Fixtures/statistics/twins.json"
random = numpy.random.default_rng(20261124)


def pairs(count, samples, learnt, forgotten, never):
    """Scores around three means; the halves of two neighbouring pairs are each other's rest."""
    made, offsets = [], random.normal(0, 1, samples)
    for number in range(count):
        if number % 2 == 0:
            half = random.permutation(samples) < samples // 2
        member = half if number % 2 == 0 else ~half
        draw = lambda mean: numpy.round(offsets + mean + random.normal(0, 0.7, samples), 4)
        made.append({
            "isMember": member, "original": numpy.where(member, draw(learnt), draw(never)),
            "unlearned": numpy.where(member, draw(forgotten), draw(never)), "retrained": draw(never),
        })
    return made


def fitted(made, model, members):
    """The mean of each sample, and one deviation within samples, over the models that count."""
    shown = numpy.array([p[model] for p in made])
    counts = numpy.array([numpy.ones_like(p["isMember"]) if members is None
                          else p["isMember"] == members for p in made])
    masked = numpy.ma.array(shown, mask=~counts)
    mean = masked.mean(axis=0)
    within = ((masked - mean) ** 2).sum() / (counts.sum(axis=0) - 1).sum()
    return numpy.asarray(mean), numpy.sqrt(within)


def attack(made, fit, one, other, first, second):
    (mean, deviation), (mean_other, deviation_other) = fitted(made[:fit], *one), fitted(made[:fit], *other)
    accuracies, firsts, seconds = [], [], []
    for pair in made[fit:]:
        ratios = []
        for model, members in (first, second):
            x = pair[model]
            ratio = norm.logpdf(x, mean, deviation) - norm.logpdf(x, mean_other, deviation_other)
            ratios.append(ratio[pair["isMember"] == members])
        accuracies.append(((ratios[0] > 0).mean() + (ratios[1] < 0).mean()) / 2)
        firsts.append(ratios[0])
        seconds.append(ratios[1])
    one, two = numpy.concatenate(firsts), numpy.concatenate(seconds)
    area = mannwhitneyu(one, two).statistic / (len(one) * len(two))
    # Every threshold, one after the other.
    rates = [(one > t).mean() for t in numpy.append(two, -numpy.inf) if (two > t).mean() <= 0.01]
    return {"accuracies": list(accuracies), "area": float(area), "hitRate": float(max(rates))}


def scene(name, learnt, forgotten, never, count=12, samples=20):
    made, fit = pairs(count, samples, learnt, forgotten, never), count // 4 * 2
    L, F = ("original", True), ("unlearned", True)
    N, I = ("retrained", None), ("retrained", True)
    designs = {
        "u-lira": (attack(made, fit, F, N, F, I), attack(made, fit, L, N, L, I)),
        "ruli-efficacy": (attack(made, fit, L, N, F, I), attack(made, fit, L, N, L, I)),
        "ruli-privacy": (
            attack(made, fit, F, ("unlearned", False), F, ("unlearned", False)),
            attack(made, fit, L, ("original", False), L, ("original", False))),
    }
    return {
        "name": name,
        "pairs": [
            {**{key: value.tolist() for key, value in pair.items()}, "averageGap": 0} for pair in made],
        "attacks": {
            key: {**found, "sanityAccuracies": sanity["accuracies"]}
            for key, (found, sanity) in designs.items()},
    }


def logits():
    rows = numpy.concatenate([random.normal(0, 3, (6, 5)), [[40, 0, -3, 1, 2], [-40, 3, 0, 0, 1]]])
    labels = [0, 1, 2, 3, 4, 0, 0, 0]
    exact = numpy.exp(rows.astype(numpy.longdouble))
    own = exact[range(len(labels)), labels]
    others = numpy.where(numpy.arange(5) == numpy.array(labels)[:, None], 0, exact).sum(axis=1)
    return {
        "rows": rows.flatten().tolist(), "labels": labels,
        "scaled": [float(x) for x in numpy.log(own) - numpy.log(others)]}


FIXTURE.write_text(
    json.dumps(
        {
            "scipy": scipy.__version__,
            "scenes": [
                scene("forgotten honestly", 3, 0, 0), scene("not forgotten", 3, 3, 0),
                scene("pushed too far", 3, -3, 0), scene("nothing was ever learnt", 0, 0, 0),
            ],
            "logits": logits(),
        },
        separators=(",", ":"),
    )
    + "\n"
)
