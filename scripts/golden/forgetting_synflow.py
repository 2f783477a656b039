"""SynFlow (arXiv:2006.05467) in PyTorch and float64, on a tiny residual network.

Reads Tests/Fixtures/vision/models/resnet-cifar-padded and writes Tests/Fixtures/forgetting/synflow.safetensors:
for every convolution NAME the scores of the first pass (NAME.score, float32) and what is left after 100 passes
at a sparsity of 0.9 (NAME.alive, U8).

Usage: python -P scripts/golden/forgetting_synflow.py   (torch 2.13, safetensors)
"""

import json
import pathlib

import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file

FIXTURES = pathlib.Path(__file__).parents[2] / "Tests/Fixtures"
SPARSITY, PASSES, SIDE = 0.9, 100, 12


def normalized(x, tensors, name):
    return F.batch_norm(
        x, tensors[f"{name}.running_mean"], tensors[f"{name}.running_var"],
        tensors[f"{name}.weight"], tensors[f"{name}.bias"])


def forward(tensors, config, x):
    """The usual small network for CIFAR with zeros for missing channels, in evaluation mode."""
    x = F.relu(normalized(F.conv2d(x, tensors["conv1.weight"], padding=1), tensors, "bn1"))
    for stage, count in enumerate(config["blocks_per_stage"]):
        for block in range(count):
            name = f"layer{stage + 1}.{block}"
            stride = config["stage_strides"][stage] if block == 0 else 1
            out = F.conv2d(x, tensors[f"{name}.conv1.weight"], stride=stride, padding=1)
            out = F.relu(normalized(out, tensors, f"{name}.bn1"))
            out = F.conv2d(out, tensors[f"{name}.conv2.weight"], padding=1)
            out = normalized(out, tensors, f"{name}.bn2")
            border = (out.shape[1] - x.shape[1]) // 2
            short = F.pad(x[:, :, ::stride, ::stride], (0, 0, 0, 0, border, border))
            x = F.relu(out + short)
    return F.linear(x.mean((2, 3)), tensors["linear.weight"], tensors["linear.bias"])


def main():
    folder = FIXTURES / "vision/models/resnet-cifar-padded"
    config = json.loads((folder / "config.json").read_text())
    tensors = {
        name: tensor.double().abs() if tensor.is_floating_point() else tensor
        for name, tensor in load_file(folder / "model.safetensors").items()}
    names = sorted(name for name, tensor in tensors.items() if tensor.dim() == 4)
    weights = {name: tensors[name].clone() for name in names}
    alive = {name: torch.ones_like(weights[name]) for name in names}
    ones = torch.ones(1, config["num_channels"], SIDE, SIDE, dtype=torch.float64)
    golden = {}
    for number in range(1, PASSES + 1):
        masked = {name: (weights[name] * alive[name]).requires_grad_() for name in names}
        flow = forward({**tensors, **masked}, config, ones).sum()
        gradients = torch.autograd.grad(flow, [masked[name] for name in names])
        scores = [(masked[name].detach() * g).abs() for name, g in zip(names, gradients)]
        flat = torch.cat([score.flatten() for score in scores])
        gone = round((1 - (1 - SPARSITY) ** (number / PASSES)) * flat.numel())
        threshold = flat.kthvalue(gone).values if gone else -1.0
        above = flat[flat > threshold].min()
        if number == 1:
            golden.update({f"{n}.score": s.float() for n, s in zip(names, scores)})
        if number in (1, PASSES):
            print(f"pass {number}: {gone} gone, gap at the threshold {(above / threshold).item():.6f}")
        alive = {name: (score > threshold).double() for name, score in zip(names, scores)}
    golden.update({f"{name}.alive": alive[name].byte() for name in names})
    save_file(golden, FIXTURES / "forgetting/synflow.safetensors")


if __name__ == "__main__":
    main()
