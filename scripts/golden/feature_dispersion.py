"""The term that spreads the features of a forgotten class, in PyTorch, with its gradient.

Writes Tests/Fixtures/forgetting/feature-dispersion.safetensors. The formula is ours: see
Sources/LetheForgetting/Methods/FeatureDispersion.swift.

Usage: python -P scripts/golden/feature_dispersion.py   (torch 2.13, safetensors)
"""

import pathlib

import torch
import torch.nn.functional as F
from safetensors.torch import save_file

OUT = pathlib.Path(__file__).parents[2] / "Tests/Fixtures/forgetting"


def main():
    draw = torch.Generator().manual_seed(0)
    scale_of = torch.randn(12, 5, generator=draw) * 3 + 1
    forget = torch.randn(8, 5, generator=draw) + 2
    forget.requires_grad_()
    retain = torch.randn(6, 5, generator=draw) - 1
    labels = torch.tensor([0, 0, 2, 0, 2, 3, 2, 1])

    def direction(features):
        return F.normalize((features - scale_of.mean(0)) / scale_of.std(0), dim=1)

    own, others = direction(forget), direction(retain)
    cosines = own @ own.T
    alike = labels[:, None] == labels[None]
    reference = torch.cat([cosines[~alike], (own @ others.T).flatten()]).mean().detach()
    pairs = alike & ~torch.eye(len(labels), dtype=torch.bool)
    value = F.relu(cosines[pairs] - reference).mean()
    value.backward()
    tensors = dict(
        scale=scale_of, forget=forget.detach(), retain=retain, labels=labels,
        value=value.detach()[None], gradient=forget.grad)
    save_file({k: v.contiguous() for k, v in tensors.items()},
              OUT / "feature-dispersion.safetensors")


if __name__ == "__main__":
    main()
