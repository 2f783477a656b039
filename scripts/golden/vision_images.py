#!/usr/bin/env python3
"""Writes Tests/Fixtures/vision/images: small synthetic JPEG and PNG files of every kind that is
decoded, and what Pillow and transformers make of them.

    python3 -P scripts/golden/vision_images.py

Needs: numpy, pillow, safetensors, torch, transformers (made with pillow 13.0.0, transformers 5.23.0).
"""

import json
import os
import struct
import zlib
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from safetensors.numpy import save_file
from transformers import BitImageProcessorPil, DeiTImageProcessorPil, ViTImageProcessorPil
from transformers.image_transforms import convert_to_rgb

OUT = Path(__file__).resolve().parents[2] / "Tests/Fixtures/vision/images"
WIDTH, HEIGHT = 37, 23
rng = np.random.default_rng(20261122)


def scene(channels):
    """Smooth colours with edges and some noise, so that filters and chroma matter."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    planes = [127 + 120 * np.sin(x / (2.5 + c) + y / (4 - c)) for c in range(channels)]
    image = np.stack(planes, -1)
    image[8:15, 10:22] = rng.integers(0, 256, channels)
    image += rng.normal(0, 12, image.shape)
    return np.clip(image, 0, 255).astype(np.uint8)


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def interlaced_png(path, pixels):
    """Adam7, which Pillow reads but does not write."""
    height, width, channels = pixels.shape
    rows = b""
    for x0, y0, dx, dy in [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4),
                           (1, 0, 2, 2), (0, 1, 1, 2)]:
        part = pixels[y0::dy, x0::dx]
        if part.size:
            rows += b"".join(b"\0" + row.tobytes() for row in part)
    header = struct.pack(">IIBBBBB", width, height, 8, 2 if channels == 3 else 0, 0, 0, 1)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header)
                     + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def write_images():
    rgb, grey = scene(3), scene(1)[..., 0]
    alpha = np.linspace(0, 255, WIDTH * HEIGHT).reshape(HEIGHT, WIDTH).astype(np.uint8)
    Image.fromarray(rgb).save(OUT / "rgb.png")
    Image.fromarray(grey).save(OUT / "grey.png")
    Image.fromarray(np.dstack([rgb, alpha])).save(OUT / "rgb-alpha.png")
    Image.fromarray(np.dstack([grey, alpha]), "LA").save(OUT / "grey-alpha.png")
    Image.fromarray(rgb[:16, :16]).save(OUT / "square.png")
    palette = Image.fromarray(rgb).quantize(17)
    palette.save(OUT / "palette.png")
    palette.save(OUT / "palette-transparent.png", transparency=3)
    Image.fromarray(grey).convert("1").save(OUT / "one-bit.png")
    interlaced_png(OUT / "interlaced.png", rgb)
    Image.fromarray(rgb).save(OUT / "rgb-420.jpg", quality=85, subsampling=2)
    Image.fromarray(rgb).save(OUT / "rgb-444.jpg", quality=92, subsampling=0)
    Image.fromarray(rgb).save(OUT / "rgb-422-progressive.jpg", quality=80, subsampling=1,
                              progressive=True)
    Image.fromarray(grey).save(OUT / "grey.jpg", quality=85)
    Image.fromarray(rgb).convert("CMYK").save(OUT / "cmyk.jpg", quality=90)
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(rgb).save(OUT / "rotated-by-exif.jpg", quality=90, exif=exif)


def decoded(path):
    with Image.open(path) as image:
        if image.mode in ("L", "1", "LA"):
            has_alpha = image.mode == "LA"
            return np.asarray(convert_to_rgb(image, return_numpy=True)[..., :1] if has_alpha
                              else image.convert("L"))[..., None if not has_alpha else slice(None)]
        return convert_to_rgb(image, return_numpy=True)


def write_decoded():
    images = {p.name: np.ascontiguousarray(decoded(p)) for p in sorted(OUT.iterdir())
              if p.suffix in (".png", ".jpg")}
    save_file(images, OUT / "decoded.safetensors")
    return images


def write_resized(images):
    """Every filter, smaller and larger, both ways."""
    results = {}
    for channels, name in [(3, "rgb.png"), (1, "grey.png")]:
        image = Image.fromarray(images[name] if channels == 3 else images[name][..., 0])
        for resample in range(6):
            for width, height in [(9, 7), (50, 41), (WIDTH, 60), (12, HEIGHT), (1, 1)]:
                pixels = np.asarray(image.resize((width, height), resample))
                results[f"{name}/{resample}/{width}x{height}"] = np.ascontiguousarray(
                    pixels.reshape(height, width, channels))
    save_file(results, OUT / "resized.safetensors")


PROCESSORS = {
    "vit": (ViTImageProcessorPil, {}),
    "vit-small": (ViTImageProcessorPil, {"size": {"height": 20, "width": 18}, "resample": 3}),
    "deit": (DeiTImageProcessorPil, {"size": {"height": 32, "width": 32},
                                     "crop_size": {"height": 27, "width": 27}}),
    "bit": (BitImageProcessorPil, {"size": {"shortest_edge": 16},
                                   "crop_size": {"height": 13, "width": 15}}),
    "bit-padded": (BitImageProcessorPil, {"size": {"shortest_edge": 10}, "resample": 1,
                                          "crop_size": {"height": 21, "width": 24}}),
    "bare": (ViTImageProcessorPil, {"do_resize": False, "do_normalize": False}),
}


def write_preprocessed(images):
    results = {}
    for name, (kind, settings) in PROCESSORS.items():
        processor = kind(**settings)
        folder = OUT / "processors" / name
        folder.mkdir(parents=True, exist_ok=True)
        processor.save_pretrained(folder)
        values = processor(Image.fromarray(images["rgb-420.jpg"]), return_tensors="np")
        values = np.asarray(values["pixel_values"][0], np.float32)
        results[name] = values if name != "vit" else np.ascontiguousarray(values[:, ::16, ::16])
    save_file(results, OUT / "preprocessed.safetensors")


def timm_evaluation(image, settings):
    """timm's evaluation transform (timm/data/transforms_factory.py) by way of Pillow alone,
    because torchvision, which timm calls, cannot be loaded beside this torch."""
    size = settings["input_size"][1]
    scaled = int(np.floor(size / settings["crop_pct"]))
    width, height = image.size
    if settings["crop_mode"] == "squash":
        width = height = scaled
    elif width <= height:
        width, height = scaled, int(scaled * height / width)
    else:
        width, height = int(scaled * width / height), scaled
    resample = {"bicubic": 3, "bilinear": 2}[settings["interpolation"]]
    image = image.resize((width, height), resample)
    top, left = int(round((height - size) / 2.0)), int(round((width - size) / 2.0))
    pixels = np.asarray(image)[top:top + size, left:left + size]
    values = torch.from_numpy(pixels.copy()).permute(2, 0, 1).to(torch.float32).div(255)
    mean, std = (torch.tensor(settings[k]).view(3, 1, 1) for k in ("mean", "std"))
    return values.sub_(mean).div_(std).numpy()


def write_timm(images):
    results = {}
    for name, mode, fraction, filter in [("center", "center", 0.875, "bicubic"),
                                         ("squash", "squash", 0.9, "bilinear")]:
        settings = {"input_size": [3, 15, 15], "interpolation": filter, "crop_pct": fraction,
                    "crop_mode": mode, "mean": [0.485, 0.456, 0.406], "std": [0.5, 0.25, 0.125]}
        folder = OUT / "processors" / f"timm-{name}"
        folder.mkdir(parents=True, exist_ok=True)
        config = {"architecture": "vit_tiny_patch16_224", "pretrained_cfg": settings}
        (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")
        results[name] = np.ascontiguousarray(
            timm_evaluation(Image.fromarray(images["rgb-420.jpg"]), settings))
    save_file(results, OUT / "preprocessed-timm.safetensors")


def write_damaged():
    """Files that must be refused."""
    folder = OUT / "damaged"
    folder.mkdir(exist_ok=True)
    jpeg, png = (OUT / "rgb-420.jpg").read_bytes(), (OUT / "rgb.png").read_bytes()
    (folder / "half.jpg").write_bytes(jpeg[: len(jpeg) // 2])
    (folder / "half.png").write_bytes(png[: len(png) // 2])
    (folder / "header-only.jpg").write_bytes(jpeg[:20])
    flipped = bytearray(png)
    flipped[len(png) // 2] ^= 1
    (folder / "flipped-bit.png").write_bytes(bytes(flipped))
    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    (folder / "huge.png").write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header)
                                      + chunk(b"IDAT", zlib.compress(b"\0" * 100))
                                      + chunk(b"IEND", b""))
    (folder / "image.gif").write_bytes(b"GIF89a" + bytes(20))
    (folder / "empty.png").write_bytes(b"")


if __name__ == "__main__":
    os.makedirs(OUT, exist_ok=True)
    write_images()
    pictures = write_decoded()
    write_resized(pictures)
    write_preprocessed(pictures)
    write_timm(pictures)
    write_damaged()
