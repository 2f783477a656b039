#!/usr/bin/env python3
"""Writes Tests/Fixtures/vision/models: tiny vision transformers with random weights, one folder
for each architecture, naming and element type, with what the reference computes for fixed inputs.

    python3 -P scripts/golden/vision_models.py

Needs: safetensors, timm, torch, transformers (made with torch 2.13.0+cpu, timm 1.0.31,
transformers 5.23.0). timm imports torchvision for its transforms and for a batch norm; neither is
used here, so where torchvision is absent empty stand-ins take its place.
"""

import importlib.abc
import importlib.machinery
import json
import sys
import types
from pathlib import Path

import torch
from safetensors.torch import save_file
from transformers import (
    DeiTConfig, DeiTForImageClassification, DeiTForImageClassificationWithTeacher, Dinov2Config,
    Dinov2ForImageClassification, ViTConfig, ViTForImageClassification,
)


class AnyMember(type):
    def __getattr__(cls, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return f"{cls.__name__}.{name}"


class StandIn(types.ModuleType):
    __path__ = []

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return AnyMember(name, (), {})


class StandInFinder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(self, name, path, target=None):
        if name.split(".")[0] == "torchvision":
            return importlib.machinery.ModuleSpec(name, self, is_package=True)

    def create_module(self, spec):
        return StandIn(spec.name)

    def exec_module(self, module):
        pass


sys.meta_path.append(StandInFinder())
from timm.models.vision_transformer import VisionTransformer  # noqa: E402
from timm.models.deit import VisionTransformerDistilled  # noqa: E402

OUT = Path(__file__).resolve().parents[2] / "Tests/Fixtures/vision/models"
SHAPE = dict(hidden_size=16, num_hidden_layers=2, num_attention_heads=2, image_size=16,
             patch_size=4, num_labels=5, num_channels=3)
TIMM = dict(img_size=16, patch_size=4, embed_dim=16, depth=2, num_heads=2)


def randomize(model, generator):
    """Nothing stays 0 or 1, so that a swapped or forgotten tensor shows."""
    for parameter in model.parameters():
        noise = torch.randn(parameter.shape, generator=generator) * 0.3
        parameter.data = noise + (1.0 if parameter.dim() == 1 and noise.numel() > 5 else 0.0)


def inputs(generator, channels, *sizes):
    return {f"images{height}x{width}": torch.randn(3, channels, height, width, generator=generator)
            for height, width in sizes}


@torch.inference_mode()
def expect(folder, images, logits_of, features_of):
    expected = dict(images)
    for name, values in images.items():
        expected[name.replace("images", "logits")] = logits_of(values).contiguous()
        expected[name.replace("images", "features")] = features_of(values).contiguous()
    save_file(expected, OUT / folder / "expected.safetensors")


def hugging_face(folder, model, sizes=((16, 16),), dtype=torch.float32):
    generator = torch.Generator().manual_seed(len(folder) + 20261122)
    randomize(model, generator)
    model = model.to(dtype).eval()
    model.save_pretrained(OUT / folder)
    model = model.float()
    images = inputs(generator, model.config.num_channels, *sizes)

    def features(values):
        tokens = model.base_model(values).last_hidden_state
        if isinstance(model, Dinov2ForImageClassification):
            return torch.cat([tokens[:, 0], tokens[:, 1:].mean(1)], 1)
        if isinstance(model, DeiTForImageClassificationWithTeacher):
            return torch.cat([tokens[:, 0], tokens[:, 1]], 1)
        return tokens[:, 0]

    expect(folder, images, lambda values: model(values).logits, features)


def timm(folder, model, architecture, arguments, pool="token"):
    generator = torch.Generator().manual_seed(len(folder) + 20261122)
    randomize(model, generator)
    model = model.eval()
    (OUT / folder).mkdir(parents=True, exist_ok=True)
    save_file(model.state_dict(), OUT / folder / "model.safetensors", {"format": "pt"})
    config = {"architecture": architecture, "num_classes": 5, "num_features": 16,
              "global_pool": pool, "model_args": arguments,
              "pretrained_cfg": {"input_size": [3, 16, 16], "crop_pct": 1.0, "num_classes": 5}}
    (OUT / folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")

    def features(values):
        tokens = model.forward_features(values)
        if isinstance(model, VisionTransformerDistilled):
            return torch.cat([tokens[:, 0], tokens[:, 1]], 1)
        return model.forward_head(tokens, pre_logits=True)

    expect(folder, inputs(generator, 3, (16, 16)), model, features)


if __name__ == "__main__":
    OUT.mkdir(parents=True, exist_ok=True)
    hugging_face("vit", ViTForImageClassification(ViTConfig(**SHAPE, intermediate_size=24)))
    hugging_face("vit-grey-tanh", ViTForImageClassification(ViTConfig(
        **{**SHAPE, "num_channels": 1}, intermediate_size=24, hidden_act="gelu_new",
        qkv_bias=False)))
    hugging_face("vit-quick-bf16", ViTForImageClassification(ViTConfig(
        **SHAPE, intermediate_size=24, hidden_act="quick_gelu")), dtype=torch.bfloat16)
    hugging_face("deit", DeiTForImageClassification(DeiTConfig(**SHAPE, intermediate_size=24)))
    hugging_face("deit-distilled-f16", DeiTForImageClassificationWithTeacher(DeiTConfig(
        **SHAPE, intermediate_size=24)), dtype=torch.float16)
    hugging_face("dinov2", Dinov2ForImageClassification(Dinov2Config(**SHAPE, mlp_ratio=2)),
                 sizes=((16, 16), (8, 12), (28, 20), (8, 32)))
    arguments = {"img_size": 16, "patch_size": 4, "embed_dim": 16, "depth": 2, "num_heads": 2}
    timm("timm-vit", VisionTransformer(num_classes=5, **TIMM), "vit_tiny_patch16_224", arguments)
    timm("timm-avg", VisionTransformer(num_classes=5, global_pool="avg", **TIMM),
         "vit_tiny_patch16_224", {**arguments, "global_pool": "avg"}, "avg")
    timm("timm-dinov2", VisionTransformer(num_classes=5, init_values=1e-5, **TIMM),
         "vit_small_patch14_dinov2.lvd142m", arguments)
    timm("timm-deit-distilled", VisionTransformerDistilled(num_classes=5, **TIMM),
         "deit_tiny_distilled_patch16_224.fb_in1k", arguments)
