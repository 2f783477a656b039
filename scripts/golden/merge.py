"""Golden files for LetheStorage's DeltaMerge (the function lethe.merge.v1 of docs/FORMAT.md).

    python scripts/golden/merge.py

Writes base, delta and merged.safetensors into three folders of Tests/Fixtures/merging: `random` has
F32, F16 and BF16 weights from subnormal to large, `ties` has sums that lie exactly between two
numbers of the file's type, `pointwise` has convolutions of one pixel, in PEFT's shapes. The arithmetic is numpy's float32 in the specified order of operations;
the rounding to F16 and BF16 is torch's. Needs numpy, torch and safetensors.
"""

import pathlib

import numpy
import torch
from safetensors.torch import save_file

FOLDER = pathlib.Path(__file__).parents[2] / "Tests" / "Fixtures" / "merging"
TYPES = {"f32": torch.float32, "f16": torch.float16, "bf16": torch.bfloat16}
MANTISSA_BITS = {"f32": 23, "f16": 10, "bf16": 7}


def merged(weight, down, up, scale):
    """W + scale * sum over k of B[:, k] A[k, :], one float32 operation after the other."""
    total = numpy.zeros_like(weight)
    for k in range(len(down)):
        total = total + up[:, k : k + 1] * down[k : k + 1, :]
    return weight + scale * total


def random_layer(generator, number):
    rows, columns, rank = 5 + number, 7 + number, 3
    weight = generator.normal(size=(rows, columns))
    weight *= 10.0 ** generator.integers(-8, 4, size=weight.shape)
    down = generator.normal(size=(rank, columns))
    up = generator.normal(size=(rows, rank))
    up[0] = 0  # A row that the delta leaves alone.
    return weight, down, up


def tied_layer(bits):
    """1 + n steps, each followed by a quarter, a half and three quarters of a step up and down."""
    step = 2.0**-bits
    weight = numpy.repeat(1 + step * numpy.arange(6).reshape(6, 1), 6, axis=1)
    down = step * numpy.array([[0.25, 0.5, 0.75, -0.25, -0.5, -0.75]])
    up = numpy.full((6, 1), 2.0)
    return weight, down, up


def with_kernel(matrix, kernel):
    return torch.from_numpy(matrix).reshape(matrix.shape + kernel)


def write(name, layers, scale, kernel=()):
    base, delta, result = {}, {}, {}
    for key, (weight, down, up) in layers.items():
        weight = with_kernel(weight, kernel).to(torch.float32).to(TYPES[key])
        down, up = down.astype(numpy.float32), up.astype(numpy.float32)
        base[f"block.{key}.weight"] = weight
        delta[f"base_model.model.block.{key}.lora_A.weight"] = with_kernel(down, kernel)
        delta[f"base_model.model.block.{key}.lora_B.weight"] = with_kernel(up, kernel)
        rows = weight.to(torch.float32).numpy().reshape(len(up), -1)
        after = with_kernel(merged(rows, down, up, scale), kernel)
        result[f"block.{key}.weight"] = after.to(TYPES[key])
    for key, tensor in {"block.f32.bias": torch.arange(5.0), "counter": torch.tensor([7])}.items():
        base[key] = result[key] = tensor
    folder = FOLDER / name
    folder.mkdir(parents=True, exist_ok=True)
    save_file(base, folder / "base.safetensors", metadata={"format": "pt"})
    save_file(result, folder / "merged.safetensors", metadata={"format": "pt"})
    # Only one entry: safetensors leaves the order of several to chance.
    save_file(delta, folder / "delta.safetensors", metadata={"scale": repr(float(scale))})


def main():
    generator = numpy.random.default_rng(20261122)
    layers = {key: random_layer(generator, number) for number, key in enumerate(TYPES)}
    write("random", layers, scale=numpy.float32(1 / 3))
    layers = {key: tied_layer(bits) for key, bits in MANTISSA_BITS.items()}
    write("ties", layers, scale=numpy.float32(0.5))
    layers = {key: random_layer(generator, number) for number, key in enumerate(TYPES)}
    write("pointwise", layers, scale=numpy.float32(1 / 8), kernel=(1, 1))


if __name__ == "__main__":
    main()
