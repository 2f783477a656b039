#!/usr/bin/env python3
"""Writes Tests/Fixtures/vision/models/efficientnet-lite: a tiny EfficientNet-Lite with random
weights, with what the reference computes for fixed inputs: logits and features, then one forward
and backward pass in training mode with gradients and the statistics after it.

    python3 -P scripts/golden/vision_efficientnet_lite.py

Needs: efficientnet-lite-pytorch (0.1.0, installed with --no-deps), safetensors, torch (made with
2.13.0+cpu).
"""

import json
from pathlib import Path

import torch
import torch.nn.functional as F
from efficientnet_lite_pytorch.model import EfficientNet
from efficientnet_lite_pytorch.utils import BlockArgs, GlobalParams
from safetensors.torch import save_file

OUT = Path(__file__).resolve().parents[2] / "Tests/Fixtures/vision/models/efficientnet-lite"
# Odd and even sizes occur on the way down, so that every kind of padding does.
SIDE, CLASSES, STEM, HEAD = 42, 5, 8, 16
STAGES = [dict(blocks=1, channels=8, stride=1, kernel=3, expansion=1),
          dict(blocks=2, channels=8, stride=2, kernel=5, expansion=2),
          dict(blocks=2, channels=16, stride=2, kernel=3, expansion=3)]


def reference():
    blocks, inputs = [], STEM
    for stage in STAGES:
        blocks.append(BlockArgs(
            num_repeat=stage["blocks"], kernel_size=stage["kernel"], stride=stage["stride"],
            expand_ratio=stage["expansion"], input_filters=inputs,
            output_filters=stage["channels"], se_ratio=None, id_skip=True))
        inputs = stage["channels"]
    model = EfficientNet(blocks, GlobalParams(
        width_coefficient=1.0, depth_coefficient=1.0, image_size=SIDE, dropout_rate=0.0,
        num_classes=CLASSES, batch_norm_momentum=0.99, batch_norm_epsilon=1e-3,
        drop_connect_rate=0.0, depth_divisor=8, min_depth=None, relu_fn="relu6",
        fix_head_stem=False, local_pooling=False, use_se=False))
    # The package has 32 channels behind the stem and 1,280 before the head.
    stem, head = model._conv_stem, model._conv_head
    stem.weight = torch.nn.Parameter(stem.weight[:STEM].clone())
    head.weight = torch.nn.Parameter(head.weight[:HEAD].clone())
    model._bn0 = torch.nn.BatchNorm2d(STEM, 1e-3, 0.01)
    model._bn1 = torch.nn.BatchNorm2d(HEAD, 1e-3, 0.01)
    model._fc = torch.nn.Linear(HEAD, CLASSES)
    return model


def randomize(model, generator):
    """Nothing stays 0 or 1, so that a swapped or forgotten tensor shows; ReLU6 cuts both ways."""
    for parameter in model.parameters():
        noise = torch.randn(parameter.shape, generator=generator)
        spread = (2 / max(1, parameter[0].numel())) ** 0.5 if parameter.dim() > 1 else 0.5
        parameter.data = noise * spread + (2.0 if parameter.dim() == 1 else 0.0)
    for name, buffer in model.named_buffers():
        if buffer.dim() == 0:
            buffer.fill_(7)
        else:
            noise = torch.randn(buffer.shape, generator=generator)
            buffer.copy_(noise.abs() + 0.5 if name.endswith("var") else noise * 0.3)


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    generator = torch.Generator().manual_seed(20261122)
    model = reference()
    randomize(model, generator)
    save_file(model.state_dict(), OUT / "model.safetensors", {"format": "pt"})
    config = {
        "architectures": ["EfficientNetLite"], "image_size": SIDE, "num_channels": 3,
        "num_labels": CLASSES, "stem_channels": STEM, "head_channels": HEAD,
        "blocks_per_stage": [stage["blocks"] for stage in STAGES],
        **{f"stage_{name}": [stage[name[:-1] if name != "channels" else name] for stage in STAGES]
           for name in ("channels", "strides", "kernels", "expansions")}}
    (OUT / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    images = torch.randn(4, 3, SIDE, SIDE, generator=generator)
    labels = torch.tensor([0, 4, 2, 1])
    expected = {"images": images, "labels": labels}
    model.eval()
    with torch.no_grad():
        expected["features"] = model.extract_features(images).mean((2, 3))
        expected["logits"] = model(images)
    model.train()
    logits = model(images)
    F.cross_entropy(logits, labels).backward()
    expected["training.logits"] = logits.detach()
    for name, parameter in model.named_parameters():
        expected[f"gradient.{name}"] = parameter.grad
    for name, buffer in model.named_buffers():
        expected[f"after.{name}"] = buffer
    expected = {name: tensor.contiguous().clone() for name, tensor in expected.items()}
    save_file(expected, OUT / "expected.safetensors")


if __name__ == "__main__":
    main()
