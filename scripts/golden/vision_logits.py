#!/usr/bin/env python3
"""Writes Tests/Fixtures/vision/logits: what transformers computes for 64 real images with each
vision transformer in the shared data folder, and how many of the test images it gets right.

    python3 -P scripts/golden/vision_logits.py [SHARED_DATA] [FASHION_MNIST]

The files hold positions, labels and scores: no names and no images. Needs: numpy, pillow,
safetensors, torch, transformers (made with torch 2.13.0+cpu, transformers 5.23.0).
"""

import gzip
import io
import json
import sys
import tarfile
import tempfile
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from safetensors.torch import load_file, save_file
from transformers import AutoModelForImageClassification, ViTImageProcessorPil

ROOT = Path(__file__).resolve().parents[2]
SHARED = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT.parent / "shared/data"
FASHION = Path(sys.argv[2] if len(sys.argv) > 2 else "/usr/share/datasets/fashion-mnist")
OUT = ROOT / "Tests/Fixtures/vision/logits"
COUNT = 64


def faces():
    rows = (SHARED / "lfw62-112/index.tsv").read_text(encoding="utf-8").splitlines()[1:]
    rows = [row.split("\t") for row in rows]
    with tarfile.open(SHARED / "lfw62-112/images.tar") as archive:
        for split, label, _, member in rows:
            if split == "test":
                data = archive.extractfile(member).read()
                yield Image.open(io.BytesIO(data)).convert("RGB"), int(label)


def cifar(folder, label_bytes):
    data = np.frombuffer((SHARED / folder / "test.bin").read_bytes(), np.uint8)
    for row in data.reshape(-1, label_bytes + 3072):
        pixels = row[label_bytes:].reshape(3, 32, 32).transpose(1, 2, 0)
        yield Image.fromarray(np.ascontiguousarray(pixels)), int(row[label_bytes - 1])


def fashion():
    images = gzip.decompress((FASHION / "t10k-images-idx3-ubyte.gz").read_bytes())[16:]
    labels = gzip.decompress((FASHION / "t10k-labels-idx1-ubyte.gz").read_bytes())[8:]
    for pixels, label in zip(np.frombuffer(images, np.uint8).reshape(-1, 28, 28), labels):
        yield Image.fromarray(pixels), int(label)


SOURCES = {
    "vit-fashion-mnist-own": fashion,
    "vit-cifar10": lambda: cifar("cifar10-subset", 1),
    "vit-s14-cifar100": lambda: cifar("cifar100-subset", 2),
    "vit-s14-lfw62": faces,
}


def load(name):
    """The model in float32; the CIFAR-100 one is a delta over the faces one."""
    if name != "vit-s14-cifar100":
        return AutoModelForImageClassification.from_pretrained(
            SHARED / name, dtype=torch.float32)
    weights = load_file(SHARED / "vit-s14-lfw62/model.safetensors")
    weights.update(load_file(SHARED / name / "delta.safetensors"))
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "config.json").write_bytes((SHARED / name / "config.json").read_bytes())
        save_file(weights, Path(folder) / "model.safetensors", {"format": "pt"})
        return AutoModelForImageClassification.from_pretrained(folder, dtype=torch.float32)


@torch.inference_mode()
def record(name):
    model = load(name).eval()
    processor = ViTImageProcessorPil.from_pretrained(SHARED / name)
    samples = list(SOURCES[name]())
    predictions, scores = [], []
    chosen = [round(i * (len(samples) - 1) / (COUNT - 1)) for i in range(COUNT)]
    for start in range(0, len(samples), 50):
        part = [image for image, _ in samples[start:start + 50]]
        logits = model(**processor(part, return_tensors="pt")).logits
        predictions += logits.argmax(1).tolist()
        scores += [logits[i - start].tolist() for i in chosen if start <= i < start + 50]
    labels = [label for _, label in samples]
    correct = sum(p == l for p, l in zip(predictions, labels))
    result = {
        "count": len(samples), "correct": correct, "indices": chosen,
        "labels": [labels[i] for i in chosen], "predictions": [predictions[i] for i in chosen],
        "logits": [[round(value, 6) for value in row] for row in scores],
    }
    (OUT / f"{name}.json").write_text(json.dumps(result) + "\n")
    print(name, correct, "of", len(samples))


if __name__ == "__main__":
    OUT.mkdir(parents=True, exist_ok=True)
    for model_name in SOURCES:
        record(model_name)
