"""Golden files for the mask of a pruned model (docs/FORMAT.md, "A mask").

Writes Tests/Fixtures/masks: weights.safetensors (F32, F16, BF16 and I8 tensors, some numbers zero, one of them
with a sign), mask.safetensors (their zeros, packed by numpy.packbits) and mask-wrong.safetensors (holds one number
that is not zero).

Usage: python -P scripts/golden/pruning_mask.py   (numpy, torch, safetensors)
"""

import pathlib

import numpy
import torch
from safetensors.torch import save_file

FOLDER = pathlib.Path(__file__).parents[2] / "Tests/Fixtures/masks"


def pack(alive):
    return torch.from_numpy(numpy.packbits(alive.flatten().numpy()))


def main():
    FOLDER.mkdir(exist_ok=True)
    generator = torch.Generator().manual_seed(20261123)
    shapes = {
        "conv.weight": ((4, 3, 3, 3), torch.float32), "half.weight": ((5, 7), torch.float16),
        "brain.weight": ((3, 5), torch.bfloat16), "few.weight": ((1, 6, 4), torch.int8)}
    weights = {"conv.bias": torch.zeros(4)}
    for name, (shape, kind) in shapes.items():
        values = torch.randn(shape, generator=generator) * 40
        weights[name] = (values * (torch.rand(shape, generator=generator) > 0.6)).to(kind)
    held = (weights["conv.weight"] == 0).flatten().nonzero()[0, 0]
    weights["conv.weight"].view(-1)[held] = -0.0
    masks = {name: pack(weights[name] != 0) for name in shapes}
    metadata = {"kind": "lethe.mask.v1"}
    save_file(weights, FOLDER / "weights.safetensors", {"format": "pt"})
    save_file(masks, FOLDER / "mask.safetensors", metadata)
    alive = (weights["brain.weight"] != 0).flatten()
    alive[alive.nonzero()[-1, 0]] = False
    save_file({**masks, "brain.weight": pack(alive)}, FOLDER / "mask-wrong.safetensors", metadata)


if __name__ == "__main__":
    main()
