"""The closed-form rank-one edit by numpy's SVD and solver, in float64.

Writes Tests/Fixtures/forgetting/closed-form-edit.safetensors: gradient G [7, 12], moments C [12, 12], and the
change of the matrix for a ridge of 0.1 and a drop of 3 (Sources/LetheForgetting/Delta/ClosedFormEdit.swift says
what it is).

Usage: python -P scripts/golden/closed_form_edit.py   (numpy, safetensors)
"""

import pathlib

import numpy
from safetensors.numpy import save_file

OUT = pathlib.Path(__file__).parents[2] / "Tests/Fixtures/forgetting/closed-form-edit.safetensors"


def main():
    generator = numpy.random.default_rng(20261123)
    gradient = numpy.outer(generator.normal(size=7), generator.normal(size=12))
    gradient += 0.2 * generator.normal(size=(7, 12))
    inputs = generator.normal(size=(40, 12)) * generator.uniform(0.3, 3, size=12)
    moments = inputs.T @ inputs / 40
    left, _, right = numpy.linalg.svd(gradient)
    ridge = 0.1 * numpy.trace(moments) / 12
    direction = numpy.linalg.solve(moments + ridge * numpy.eye(12), right[0])
    direction /= numpy.linalg.norm(direction)
    change = numpy.outer(left[:, 0], direction)
    change *= -3 / (gradient * change).sum()
    assert abs((gradient * change).sum() + 3) < 1e-9
    save_file({name: value.astype("float32") for name, value in {
        "gradient": gradient, "moments": moments, "change": change}.items()}, OUT)


if __name__ == "__main__":
    main()
