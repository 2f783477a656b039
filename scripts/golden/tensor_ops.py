#!/usr/bin/env python3
"""Makes the golden numbers of LetheTensorTests with PyTorch's own Python front end.

    python3 scripts/golden/tensor_ops.py [folder]

writes into Tests/Fixtures/tensor:

    operations.safetensors  inputs and results of every operation, as `<case>.<tensor>`
    training.safetensors    gradients, optimiser steps and random numbers, named alike
    types.safetensors       one tensor of each element type, as the safetensors library writes it

Needs torch 2.13, numpy and safetensors. The same versions give the same bytes.
"""

import sys
from pathlib import Path

# The scripts beside this one must not stand in for Python's own modules.
sys.path = [entry for entry in sys.path if Path(entry).resolve() != Path(__file__).parent.resolve()]

import torch
import torch.nn.functional as F
from safetensors.torch import save_file

ROOT = Path(__file__).resolve().parents[2]


def numbers(seed, *shape, low=-2.0, high=2.0):
    """Evenly spread numbers that do not depend on any default generator."""
    generator = torch.Generator().manual_seed(seed)
    return torch.empty(*shape).uniform_(low, high, generator=generator)


def elementwise():
    x = numbers(1, 3, 4)
    positive = numbers(2, 3, 4, low=0.1, high=3)
    for name, function in {
        "negate": torch.neg, "absolute": torch.abs, "signs": torch.sign, "square": torch.square,
        "exponential": torch.exp, "sine": torch.sin, "cosine": torch.cos, "tanh": torch.tanh,
        "sigmoid": torch.sigmoid, "softplus": F.softplus, "relu": F.relu, "gelu": F.gelu,
        "gelu-tanh": lambda v: F.gelu(v, approximate="tanh"), "silu": F.silu,
        "error-function": torch.erf, "floor": torch.floor,
        "power": lambda v: v ** 3, "scalars": lambda v: (1 - (2 * v + 0.5) / 4) - 0.25,
        "clamp": lambda v: v.clamp(-0.5, 0.75), "clamp-minimum": lambda v: v.clamp(min=0.1),
    }.items():
        yield name, {"x": x, "out": function(x)}
    for name, function in {
        "square-root": torch.sqrt, "reciprocal": torch.reciprocal, "logarithm": torch.log,
        "logarithm-of-one-plus": torch.log1p, "divide-into": lambda v: 3 / v,
    }.items():
        yield name, {"x": positive, "out": function(positive)}
    halves = torch.tensor([-1.5, -0.5, 0.5, 1.5, 2.5, 0.4])
    yield "round", {"x": halves, "out": halves.round()}


def binary():
    a, b = numbers(3, 2, 3, 4), numbers(4, 3, 1, low=0.5, high=2)
    for name, function in {
        "add": torch.add, "subtract": torch.sub, "multiply": torch.mul, "divide": torch.div,
        "maximum-of-two": torch.maximum, "minimum-of-two": torch.minimum,
        "less": torch.lt, "greater": torch.gt,
        "where": lambda l, r: torch.where(l > r, l, r * 2),
    }.items():
        yield name, {"a": a, "b": b, "out": function(a, b)}
    m, n = numbers(5, 2, 3, 4), numbers(6, 4, 5)
    yield "matmul", {"a": m, "b": n, "out": m @ n}


def reductions():
    x = numbers(7, 2, 3, 4)
    for name, function in {
        "sum": lambda v: v.sum(), "sum-dimensions": lambda v: v.sum((0, 2)),
        "mean": lambda v: v.mean(), "mean-kept": lambda v: v.mean(-1, keepdim=True),
        "maximum": lambda v: v.amax(), "maximum-dimension": lambda v: v.amax(1),
        "minimum": lambda v: v.amin(), "variance": lambda v: v.var((0, 1)),
        "norm": lambda v: v.norm(), "norm-dimension": lambda v: v.norm(dim=2),
        "log-sum-exp": lambda v: v.logsumexp(2), "argument-maximum": lambda v: v.argmax(2),
        "argument-minimum": lambda v: v.argmin(1), "cumulative-sum": lambda v: v.cumsum(1),
        "softmax": lambda v: v.softmax(-1), "log-softmax": lambda v: v.log_softmax(1),
        "all": lambda v: (v > -1.9).all(), "any": lambda v: (v > 1.9).any(2),
    }.items():
        yield name, {"x": x, "out": function(x)}


def shapes():
    x = numbers(8, 2, 3, 4)
    for name, function in {
        "transposed": lambda v: v.transpose(0, 2), "permuted": lambda v: v.permute(2, 0, 1),
        "reshaped": lambda v: v.reshape(4, -1), "flattened": lambda v: v.flatten(1),
        "unsqueezed": lambda v: v.unsqueeze(1), "flipped": lambda v: v.flip((0, 2)),
        "expanded": lambda v: v[:, :1].expand(2, 5, 4), "repeated": lambda v: v.repeat(1, 2, 1),
        "narrowed": lambda v: v.narrow(2, 1, 2), "selected": lambda v: v.select(1, 2),
        "squeezed": lambda v: v[:, :1].squeeze(1),
        "concatenated": lambda v: torch.cat([v, v[:, :1]], 1),
        "stacked": lambda v: torch.stack([v[0], v[1]], 2),
        "split": lambda v: v.split([1, 3], 2)[1],
        "top-k-values": lambda v: v.topk(2, -1).values,
        "top-k-indices": lambda v: v.topk(2, -1).indices,
        "sorted-values": lambda v: v.sort(dim=1, descending=True, stable=True).values,
        "sorted-indices": lambda v: v.sort(dim=1, descending=True, stable=True).indices,
        "nonzero": lambda v: (v > 1).nonzero(),
    }.items():
        yield name, {"x": x, "out": function(x).contiguous()}
    rows = torch.tensor([1, 0, 1])
    yield "rows", {"x": x, "indices": rows, "out": x.index_select(0, rows)}
    slices = torch.tensor([3, 1])
    yield "slices", {"x": x, "indices": slices, "out": x.index_select(2, slices)}
    places = torch.tensor([[[0], [3], [1]], [[2], [2], [0]]])
    yield "gathered", {"x": x, "indices": places, "out": x.gather(2, places)}
    source = numbers(9, 3, 3, 4)
    yield "adding", {
        "x": x, "indices": rows, "source": source, "out": x.index_add(0, rows, source)}
    yield "one-hot", {"indices": slices, "out": F.one_hot(slices, 5)}


def network():
    x, weight, bias = numbers(10, 2, 5, 6), numbers(11, 4, 6), numbers(12, 4)
    yield "linear", {"x": x, "weight": weight, "bias": bias, "out": F.linear(x, weight, bias)}
    gain, shift = numbers(13, 6), numbers(14, 6)
    normalised = F.layer_norm(x, (6,), gain, shift, 1e-6)
    yield "layer-norm", {"x": x, "weight": gain, "bias": shift, "out": normalised}
    image, kernel = numbers(15, 2, 3, 8, 8), numbers(16, 4, 3, 3, 3)
    convolved = F.conv2d(image, kernel, bias, stride=2, padding=1)
    yield "convolved", {"x": image, "weight": kernel, "bias": bias, "out": convolved}
    depthwise = numbers(25, 3, 1, 3, 3)
    convolved = F.conv2d(image, depthwise, padding=1, groups=3)
    yield "convolved-depthwise", {"x": image, "weight": depthwise, "out": convolved}
    yield "average-pooled", {"x": image, "out": F.avg_pool2d(image, 3, 2, padding=1)}
    yield "maximum-pooled", {"x": image, "out": F.max_pool2d(image, 3, 2, padding=1)}
    yield from batch_norm(image)
    yield "unfolded", {"x": image, "out": F.unfold(image, 3, padding=1, stride=2)}
    q, k, v = numbers(17, 2, 2, 5, 4), numbers(18, 2, 2, 5, 4), numbers(19, 2, 2, 5, 4)
    attended = F.scaled_dot_product_attention(q, k, v)
    yield "attention", {"q": q, "k": k, "v": v, "out": attended}
    mask = numbers(20, 5, 5)
    attended = F.scaled_dot_product_attention(q, k, v, attn_mask=mask, scale=0.3)
    yield "attention-masked", {"q": q, "k": k, "v": v, "mask": mask, "out": attended}
    logits, labels = numbers(21, 5, 7), torch.tensor([0, 6, 3, 3, 1])
    for name, options in {
        "cross-entropy": {}, "cross-entropy-smoothed": {"label_smoothing": 0.1},
        "cross-entropy-none": {"reduction": "none"}, "cross-entropy-sum": {"reduction": "sum"},
    }.items():
        loss = F.cross_entropy(logits, labels, **options)
        yield name, {"x": logits, "labels": labels, "out": loss}


def batch_norm(image):
    gain, shift = numbers(26, 3), numbers(27, 3)
    mean, variance = numbers(28, 3), numbers(29, 3, low=0.5, high=2)
    given = {"x": image, "weight": gain, "bias": shift, "mean": mean, "variance": variance}
    for name, training in {"batch-norm": False, "batch-norm-training": True}.items():
        new_mean, new_variance = mean.clone(), variance.clone()
        out = F.batch_norm(
            image, new_mean, new_variance, gain, shift, training, momentum=0.3, eps=1e-3)
        yield name, given | {"out": out, "new-mean": new_mean, "new-variance": new_variance}


def images():
    x = numbers(22, 1, 2, 6, 7, low=0, high=1)
    for name, options in {
        "nearest": {"size": (4, 9), "mode": "nearest"},
        "bilinear": {"size": (4, 9), "mode": "bilinear"},
        "bilinear-corners": {"size": (4, 9), "mode": "bilinear", "align_corners": True},
        "bilinear-antialias": {"size": (3, 4), "mode": "bilinear", "antialias": True},
        "bicubic": {"size": (4, 9), "mode": "bicubic"},
        "bicubic-antialias": {"size": (3, 4), "mode": "bicubic", "antialias": True},
        "bicubic-scaled": {"scale_factor": (1.51, 1.32), "mode": "bicubic"},
    }.items():
        yield f"resize-{name}", {"x": x, "out": F.interpolate(x, **options)}
    pixels = (numbers(23, 1, 3, 9, 11, low=0, high=255)).to(torch.uint8)
    for mode in ("bilinear", "bicubic"):
        small = F.interpolate(pixels, size=(4, 5), mode=mode, antialias=True)
        yield f"resize-{mode}-bytes", {"x": pixels, "out": small}
    yield "pad-constant", {"x": x, "out": F.pad(x, (1, 2, 0, 3), value=0.5)}
    yield "pad-reflect", {"x": x, "out": F.pad(x, (1, 2, 2, 1), mode="reflect")}
    yield "pad-replicate", {"x": x, "out": F.pad(x, (1, 2, 0, 3), mode="replicate")}


def conversions():
    x = numbers(24, 6, low=-3, high=3)
    for name, dtype in {"float16": torch.float16, "bfloat16": torch.bfloat16}.items():
        yield f"to-{name}", {"x": x, "out": x.to(dtype)}
    yield "to-int64", {"x": x, "out": x.to(torch.int64)}


def gradients():
    names = ["x", "gain", "shift", "weight1", "bias1", "weight2", "bias2"]
    sizes = [(4, 6), (6,), (6,), (8, 6), (8,), (3, 8), (3,)]
    leaves = [
        numbers(30 + i, *size, low=-1, high=1).requires_grad_() for i, size in enumerate(sizes)]
    x, gain, shift, weight1, bias1, weight2, bias2 = leaves
    labels = torch.tensor([2, 0, 1, 1])
    hidden = F.gelu(F.linear(F.layer_norm(x, (6,), gain, shift, 1e-5), weight1, bias1))
    loss = F.cross_entropy(F.linear(hidden, weight2, bias2), labels) + 0.1 * weight1.norm()
    loss.backward()
    tensors = {"labels": labels, "loss": loss.detach()}
    for name, leaf in zip(names, leaves):
        tensors[name] = leaf.detach()
        tensors[f"d-{name}"] = leaf.grad
    yield "gradients", tensors


def optimizers():
    """Five steps; the second parameter has no gradient in the first and the third."""
    steps = torch.stack([numbers(40 + i, 3, 4) for i in range(5)])
    steps2 = torch.stack([numbers(50 + i, 5) for i in range(5)])
    for name, make in {
        "adamw": lambda p: torch.optim.AdamW(p, lr=0.01, weight_decay=0.05, betas=(0.9, 0.98)),
        "sgd": lambda p: torch.optim.SGD(p, lr=0.1),
        "sgd-momentum": lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9, weight_decay=1e-2),
        "sgd-nesterov": lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9, nesterov=True),
    }.items():
        first, second = numbers(60, 3, 4), numbers(61, 5)
        start = {"first": first.clone(), "second": second.clone()}
        optimizer = make([first.requires_grad_(), second.requires_grad_()])
        firsts, seconds = [], []
        for step in range(5):
            first.grad = steps[step].clone()
            second.grad = None if step in (0, 2) else steps2[step].clone()
            optimizer.step()
            firsts.append(first.detach().clone())
            seconds.append(second.detach().clone())
        yield name, start | {
            "gradients-first": steps, "gradients-second": steps2,
            "firsts": torch.stack(firsts), "seconds": torch.stack(seconds)}


def clipping():
    first, second = torch.zeros(3, 4), torch.zeros(5)
    first.grad, second.grad = numbers(70, 3, 4), numbers(71, 5)
    before = {"first": first.grad.clone(), "second": second.grad.clone()}
    norm = torch.nn.utils.clip_grad_norm_([first, second], 0.7)
    yield "clipping", before | {
        "norm": norm, "clipped-first": first.grad, "clipped-second": second.grad}


def random():
    def generator():
        return torch.Generator().manual_seed(7)

    yield "random", {
        "normal": torch.empty(5, 8).normal_(0.5, 2, generator=generator()),
        "normal-few": torch.empty(5).normal_(0, 1, generator=generator()),
        "uniform": torch.empty(4, 5).uniform_(-1, 3, generator=generator()),
        "permutation": torch.randperm(20, generator=generator()),
        "truncated": torch.nn.init.trunc_normal_(
            torch.empty(20, 10), std=0.02, a=-0.04, b=0.04, generator=generator()),
    }
    torch.manual_seed(7)
    x = numbers(80, 6, 5)
    yield "dropout", {"x": x, "out": F.dropout(x, 0.3, training=True)}


def named(*groups):
    tensors = {}
    for group in groups:
        for case, members in group:
            for name, tensor in members.items():
                key = f"{case}.{name}"
                assert key not in tensors, key
                tensors[key] = tensor.detach().clone().contiguous()
    return tensors


def types():
    x = numbers(90, 2, 3, low=0, high=100)
    names = {
        "float32": torch.float32, "float16": torch.float16, "bfloat16": torch.bfloat16,
        "float64": torch.float64, "int64": torch.int64, "int32": torch.int32,
        "int16": torch.int16, "int8": torch.int8, "uint8": torch.uint8, "bool": torch.bool,
    }
    tensors = {f"of.{name}": (x > 50 if name == "bool" else x.to(t)) for name, t in names.items()}
    return tensors | {"empty": torch.zeros(0, 3), "a single number": torch.tensor(2.5)}


def main():
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "Tests" / "Fixtures" / "tensor"
    folder.mkdir(parents=True, exist_ok=True)
    operations = named(
        elementwise(), binary(), reductions(), shapes(), network(), images(), conversions())
    save_file(operations, folder / "operations.safetensors")
    training = named(gradients(), optimizers(), clipping(), random())
    save_file(training, folder / "training.safetensors")
    save_file(types(), folder / "types.safetensors", metadata={"format": "pt"})
    for path in sorted(folder.glob("*.safetensors")):
        print(f"{path.name}: {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
