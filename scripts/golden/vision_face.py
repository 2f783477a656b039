#!/usr/bin/env python3
"""Writes Tests/Fixtures/vision/models/face: a tiny face transformer with random weights, with what
its equations give for fixed inputs: features, logits with and without the margin, gradients.

    python3 -P scripts/golden/vision_face.py

The equations are written down again here, with plain matrix products, from the description of
GS-LoRA's face model (github.com/bjzhb666/GS-LoRA, vit_pytorch_face); tensor names are the ones
there. Needs: safetensors, torch (made with 2.13.0+cpu).
"""

import json
import math
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import save_file

OUT = Path(__file__).resolve().parents[2] / "Tests/Fixtures/vision/models/face"
SIDE, PATCH, WIDTH, DEPTH, HEADS, INNER, CLASSES = 16, 4, 16, 2, 4, 24, 5
SCALE, MARGIN = 64.0, 0.35


def shapes():
    grid = SIDE // PATCH
    yield "cls_token", (1, 1, WIDTH)
    yield "pos_embedding", (1, grid * grid + 1, WIDTH)
    yield "patch_to_embedding.weight", (WIDTH, PATCH * PATCH * 3)
    yield "patch_to_embedding.bias", (WIDTH,)
    for index in range(DEPTH):
        attention, feed = (f"transformer.layers.{index}.{part}.fn" for part in (0, 1))
        for norm in (f"{attention}.norm", f"{feed}.norm"):
            yield f"{norm}.weight", (WIDTH,)
            yield f"{norm}.bias", (WIDTH,)
        yield f"{attention}.fn.to_qkv.weight", (3 * WIDTH, WIDTH)
        yield f"{attention}.fn.to_out.0.weight", (WIDTH, WIDTH)
        yield f"{attention}.fn.to_out.0.bias", (WIDTH,)
        yield f"{feed}.fn.net.0.weight", (INNER, WIDTH)
        yield f"{feed}.fn.net.0.bias", (INNER,)
        yield f"{feed}.fn.net.3.weight", (WIDTH, INNER)
        yield f"{feed}.fn.net.3.bias", (WIDTH,)
    yield "mlp_head.0.weight", (WIDTH,)
    yield "mlp_head.0.bias", (WIDTH,)
    yield "loss.weight", (CLASSES, WIDTH)


def patches(images):
    """One patch after the other, row by row; in it one pixel after the other with its channels."""
    rows = []
    for top in range(0, SIDE, PATCH):
        for left in range(0, SIDE, PATCH):
            patch = images[:, :, top:top + PATCH, left:left + PATCH]
            rows.append(patch.permute(0, 2, 3, 1).flatten(1))
    return torch.stack(rows, 1)


def norm(tensors, name, tokens):
    mean = tokens.mean(-1, keepdim=True)
    variance = ((tokens - mean) ** 2).mean(-1, keepdim=True)
    scaled = (tokens - mean) / torch.sqrt(variance + 1e-5)
    return scaled * tensors[f"{name}.weight"] + tensors[f"{name}.bias"]


def attention(tensors, name, tokens):
    fused = tokens @ tensors[f"{name}.to_qkv.weight"].T
    query, key, value = fused[..., :WIDTH], fused[..., WIDTH:2 * WIDTH], fused[..., 2 * WIDTH:]
    size, mixed = WIDTH // HEADS, []
    for head in range(HEADS):
        part = slice(head * size, (head + 1) * size)
        products = query[..., part] @ key[..., part].transpose(1, 2) / math.sqrt(WIDTH)
        mixed.append(products.softmax(-1) @ value[..., part])
    out = torch.cat(mixed, -1) @ tensors[f"{name}.to_out.0.weight"].T
    return out + tensors[f"{name}.to_out.0.bias"]


def feed_forward(tensors, name, tokens):
    inner = tokens @ tensors[f"{name}.net.0.weight"].T + tensors[f"{name}.net.0.bias"]
    inner = inner * 0.5 * (1 + torch.erf(inner / math.sqrt(2)))
    return inner @ tensors[f"{name}.net.3.weight"].T + tensors[f"{name}.net.3.bias"]


def features(tensors, images):
    embedded = patches(images) @ tensors["patch_to_embedding.weight"].T
    embedded = embedded + tensors["patch_to_embedding.bias"]
    start = tensors["cls_token"].expand(len(images), 1, WIDTH)
    tokens = torch.cat([start, embedded], 1) + tensors["pos_embedding"]
    for index in range(DEPTH):
        name = f"transformer.layers.{index}.0.fn"
        tokens = tokens + attention(tensors, f"{name}.fn", norm(tensors, f"{name}.norm", tokens))
        name = f"transformer.layers.{index}.1.fn"
        tokens = tokens + feed_forward(
            tensors, f"{name}.fn", norm(tensors, f"{name}.norm", tokens))
    return norm(tensors, "mlp_head.0", tokens[:, 0])


def logits(tensors, rows, labels=None):
    weight = tensors["loss.weight"]
    cosines = (rows / rows.norm(dim=1, keepdim=True)) @ (
        weight / weight.norm(dim=1, keepdim=True)).T
    if labels is not None:
        cosines = cosines - MARGIN * F.one_hot(labels, CLASSES)
    return SCALE * cosines


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    generator = torch.Generator().manual_seed(20261122)
    tensors = {}
    for name, shape in shapes():
        noise = torch.randn(shape, generator=generator) * 0.3
        tensors[name] = noise + (1.0 if name.endswith("norm.weight") else 0.0)
    save_file(tensors, OUT / "model.safetensors", {"format": "pt"})
    config = {
        "architectures": ["FaceTransformer"], "image_size": SIDE, "patch_size": PATCH,
        "num_channels": 3, "hidden_size": WIDTH, "num_hidden_layers": DEPTH,
        "num_attention_heads": HEADS, "intermediate_size": INNER, "num_labels": CLASSES}
    (OUT / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    images = torch.randn(3, 3, SIDE, SIDE, generator=generator)
    labels = torch.tensor([0, 4, 2])
    for tensor in tensors.values():
        tensor.requires_grad_()
    rows = features(tensors, images)
    with_margin = logits(tensors, rows, labels)
    F.cross_entropy(with_margin, labels).backward()
    expected = {
        "images": images, "labels": labels, "features": rows, "logits": logits(tensors, rows),
        "margin.logits": with_margin}
    expected |= {f"gradient.{name}": tensor.grad for name, tensor in tensors.items()}
    expected = {name: tensor.detach().contiguous().clone() for name, tensor in expected.items()}
    save_file(expected, OUT / "expected.safetensors")


if __name__ == "__main__":
    main()
