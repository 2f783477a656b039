"""Writes Tests/Fixtures/vision/quantization.safetensors: weights on symmetric grids, one scale a
channel, and activations on unsigned grids over an averaged range, with the gradients of both.

    python3 -P scripts/golden/vision_quantization.py

Needs: safetensors, torch (made with torch 2.13.0+cpu). Values and gradients are those of torch's
fake_quantize functions, ranges and grids of activations those of its MovingAverageMinMaxObserver.
"""

from pathlib import Path

import torch
from safetensors.torch import save_file
from torch.ao.quantization import MovingAverageMinMaxObserver

OUT = Path(__file__).resolve().parents[2] / "Tests/Fixtures/vision/quantization.safetensors"


def main():
    torch.manual_seed(20)
    tensors = {"weight": torch.randn(5, 3, 2, 2), "weight.upstream": torch.randn(5, 3, 2, 2)}
    for bits in (8, 4, 2):
        limit = 2 ** (bits - 1) - 1
        weight = tensors["weight"].clone().requires_grad_()
        scale = weight.detach().abs().amax(dim=(1, 2, 3)) / limit
        zeros = torch.zeros(5, dtype=torch.int32)
        result = torch.fake_quantize_per_channel_affine(weight, scale, zeros, 0, -limit, limit)
        result.backward(tensors["weight.upstream"])
        tensors[f"weight.{bits}"] = result.detach()
        tensors[f"weight.{bits}.gradient"] = weight.grad
        tensors[f"weight.{bits}.scale"] = scale
    for kind in ("signed", "rectified"):
        batches = torch.randn(4, 6, 10) * torch.tensor([1.0, 1.5, 0.5, 2.5]).reshape(4, 1, 1)
        if kind == "rectified":
            batches = batches.relu()
        tensors[kind] = batches
        tensors[f"{kind}.upstream"] = torch.randn(6, 10)
        for bits in (8, 4, 2):
            last = 2**bits - 1
            observer = MovingAverageMinMaxObserver(0.01, torch.quint8, quant_min=0, quant_max=last)
            for batch in batches[:3]:
                observer(batch)
            scale, zero = observer.calculate_qparams()
            outside = batches[3].clone().requires_grad_()
            result = torch.fake_quantize_per_tensor_affine(outside, scale, zero, 0, last)
            result.backward(tensors[f"{kind}.upstream"])
            tensors[f"{kind}.{bits}"] = result.detach()
            tensors[f"{kind}.{bits}.gradient"] = outside.grad
    save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, OUT)


if __name__ == "__main__":
    main()
