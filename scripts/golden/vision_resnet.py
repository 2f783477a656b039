#!/usr/bin/env python3
"""Writes Tests/Fixtures/vision/models/resnet-*: tiny residual networks with random weights, one
folder for each kind, with what the reference computes for fixed inputs: logits and features, then
one forward and backward pass in training mode with gradients and the statistics after it.

    python3 -P scripts/golden/vision_resnet.py

Needs: safetensors, torch, torchvision, transformers (made with torch 2.13.0+cpu, torchvision
0.28.0, transformers 5.23.0). The two networks for CIFAR are written here from their sources'
descriptions: github.com/akamaster/pytorch_resnet_cifar10 and github.com/karanchahal/distiller.
"""

import json
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from torch import nn

# Where torchvision was built for another torch, its compiled operators are absent, and importing
# it fails unless these two are declared. None is used here.
LIBRARY = torch.library.Library("torchvision", "FRAGMENT")
for operator in ("nms", "qnms"):
    try:
        LIBRARY.define(f"{operator}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    except RuntimeError:
        pass

from torchvision.models import resnet as torchvision_resnet  # noqa: E402
from transformers import ResNetConfig, ResNetForImageClassification  # noqa: E402

OUT = Path(__file__).resolve().parents[2] / "Tests/Fixtures/vision/models"
CLASSES = 5


def norm_and_conv(inputs, outputs, kernel, stride):
    return (nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False),
            nn.BatchNorm2d(outputs))


class SmallBlock(nn.Module):
    def __init__(self, inputs, outputs, stride, option, relu_after_add):
        super().__init__()
        self.conv1, self.bn1 = norm_and_conv(inputs, outputs, 3, stride)
        self.conv2, self.bn2 = norm_and_conv(outputs, outputs, 3, 1)
        self.relu_after_add = relu_after_add
        self.shortcut = nn.Sequential()
        self.border = None
        if (stride != 1 or inputs != outputs) and option == "option_a":
            self.border = outputs // 4
        elif stride != 1 or inputs != outputs:
            self.shortcut = nn.Sequential(*norm_and_conv(inputs, outputs, 1, stride))

    def forward(self, x):
        out = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        if self.border is None:
            out = out + self.shortcut(x)
        else:
            out = out + F.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, self.border, self.border))
        return F.relu(out) if self.relu_after_add else out


class SmallResNet(nn.Module):
    def __init__(self, stem, channels, blocks, option, relu_after_add, pool):
        super().__init__()
        self.conv1, self.bn1 = norm_and_conv(3, stem, 3, 1)
        width = stem
        for stage, (outputs, count) in enumerate(zip(channels, blocks)):
            layers = []
            for index in range(count):
                stride = 2 if stage > 0 and index == 0 else 1
                layers.append(SmallBlock(width, outputs, stride, option, relu_after_add))
                width = outputs
            setattr(self, f"layer{stage + 1}", nn.Sequential(*layers))
        self.relu_after_add = relu_after_add
        self.pool = pool
        self.linear = nn.Linear(width * (4 if pool else 1), CLASSES)

    def features(self, x):
        x = F.relu(self.bn1(self.conv1(x)))
        for stage in (self.layer1, self.layer2, self.layer3):
            x = stage(x)
            x = x if self.relu_after_add else F.relu(x)
        if self.pool:
            return F.avg_pool2d(x, self.pool).flatten(1)
        return x.mean((2, 3))

    def forward(self, x):
        return self.linear(self.features(x))


class TinyTorchvision(torchvision_resnet.ResNet):
    """torchvision's own network with a thirty-second of its channels."""

    def __init__(self, block, layers, stem):
        self.is_small = stem == "cifar"
        super().__init__(block, layers)
        self.conv1 = (nn.Conv2d(3, 4, 3, 1, 1, bias=False) if self.is_small
                      else nn.Conv2d(3, 4, 7, 2, 3, bias=False))
        self.bn1 = nn.BatchNorm2d(4)
        self.maxpool = nn.Identity() if self.is_small else self.maxpool
        self.fc = nn.Linear(16 * block.expansion, CLASSES)

    def _make_layer(self, block, planes, blocks, stride=1, dilate=False):
        if planes == 64:
            self.inplanes = 4
        return super()._make_layer(block, planes // 32, blocks, stride, dilate)

    def features(self, x):
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        for stage in (self.layer1, self.layer2, self.layer3, self.layer4):
            x = stage(x)
        return self.avgpool(x).flatten(1)


def randomize(model, generator):
    """Nothing stays 0 or 1, so that a swapped or forgotten tensor shows."""
    for parameter in model.parameters():
        noise = torch.randn(parameter.shape, generator=generator)
        spread = (2 / max(1, parameter[0].numel())) ** 0.5 if parameter.dim() > 1 else 0.3
        parameter.data = noise * spread + (1.0 if parameter.dim() == 1 else 0.0)
    for name, buffer in model.named_buffers():
        if buffer.dim() == 0:
            buffer.fill_(7)
        else:
            noise = torch.randn(buffer.shape, generator=generator)
            buffer.copy_(noise.abs() + 0.5 if name.endswith("var") else noise * 0.3)


def record(folder, model, features_of, logits_of, side):
    generator = torch.Generator().manual_seed(len(folder) + 20261123)
    images = torch.randn(4, 3, side, side, generator=generator)
    labels = torch.tensor([0, 4, 2, 1])
    expected = {"images": images, "labels": labels}
    model.eval()
    with torch.no_grad():
        expected["features"], expected["logits"] = features_of(images), logits_of(images)
    model.train()
    logits = logits_of(images)
    F.cross_entropy(logits, labels).backward()
    expected["training.logits"] = logits.detach()
    for name, parameter in model.named_parameters():
        expected[f"gradient.{name}"] = parameter.grad
    for name, buffer in model.named_buffers():
        expected[f"after.{name}"] = buffer
    expected = {name: tensor.contiguous().clone() for name, tensor in expected.items()}
    save_file(expected, OUT / folder / "expected.safetensors")


def own(folder, model, config, side):
    randomize(model, torch.Generator().manual_seed(len(folder) + 20261122))
    (OUT / folder).mkdir(parents=True, exist_ok=True)
    save_file(model.state_dict(), OUT / folder / "model.safetensors", {"format": "pt"})
    config = {**config, "image_size": side, "num_channels": 3, "num_labels": CLASSES}
    (OUT / folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    record(folder, model, model.features, model, side)


def torchvision(folder, block, layers, stem, side):
    kind = {"basic": torchvision_resnet.BasicBlock, "bottleneck": torchvision_resnet.Bottleneck}
    expansion = kind[block].expansion
    own(folder, TinyTorchvision(kind[block], layers, stem), {
        "architectures": ["ResNet"], "block": block, "stem": stem, "stem_channels": 4,
        "stage_channels": [width * expansion for width in (2, 4, 8, 16)],
        "blocks_per_stage": layers}, side)


def hugging_face(folder, side, dtype=torch.float32, **settings):
    model = ResNetForImageClassification(ResNetConfig(
        num_channels=3, num_labels=CLASSES, embedding_size=4, **settings))
    randomize(model, torch.Generator().manual_seed(len(folder) + 20261122))
    model = model.to(dtype)
    model.save_pretrained(OUT / folder)
    model = model.float()
    record(folder, model, lambda x: model.resnet(x).pooler_output.flatten(1),
           lambda x: model(x).logits, side)


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    own("resnet-cifar-padded", SmallResNet(4, (4, 8, 16), (2, 1, 1), "option_a", True, None), {
        "architectures": ["CifarResNet"], "blocks_per_stage": [2, 1, 1], "stem_channels": 4,
        "stage_channels": [4, 8, 16], "stage_strides": [1, 2, 2], "shortcut": "option_a: zeros",
        "relu_after_add": True, "pool": "global average"}, 12)
    own("resnet-cifar-projected", SmallResNet(8, (4, 8, 8), (2, 1, 2), "option_b", False, 2), {
        "architectures": ["CifarResNet"], "blocks_per_stage": [2, 1, 2], "stem_channels": 8,
        "stage_channels": [4, 8, 8], "stage_strides": [1, 2, 2], "shortcut": "option_b: 1x1",
        "relu_after_add": False, "relu_after_stage": True,
        "pool": "average 2x2 -> 2x2 map, flattened to 32"}, 16)
    torchvision("resnet-basic", "basic", [2, 1, 1, 1], "imagenet", 33)
    torchvision("resnet-basic-small-stem", "basic", [1, 1, 2, 1], "cifar", 16)
    torchvision("resnet-bottleneck", "bottleneck", [1, 2, 1, 1], "imagenet", 33)
    torchvision("resnet-bottleneck-small-stem", "bottleneck", [1, 1, 1, 1], "cifar", 16)
    hugging_face("resnet-transformers", 25, layer_type="basic", depths=[1, 2],
                 hidden_sizes=[4, 12], downsample_in_first_stage=True)
    hugging_face("resnet-transformers-f16", 25, torch.float16, layer_type="bottleneck",
                 depths=[2, 1], hidden_sizes=[8, 16])
    hugging_face("resnet-transformers-shrinking-first", 25, layer_type="bottleneck",
                 depths=[1, 1], hidden_sizes=[8, 16], downsample_in_bottleneck=True)


if __name__ == "__main__":
    main()
