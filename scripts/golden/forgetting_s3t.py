"""Two stages of S3T as PEFT computes them: names, rank-stabilised scale and scores.

Reads the tiny ViT of Tests/Fixtures/forgetting/gs-lora and writes Tests/Fixtures/forgetting/s3t: for
each stage a file of PEFT's own tensors (stage-1.safetensors: the upper block; stage-2.safetensors: both)
and golden.safetensors with images and PEFT's scores.

Usage: python -P scripts/golden/forgetting_s3t.py   (torch 2.13, transformers, peft 0.21, safetensors)
"""

import pathlib
import re

import torch
from peft import LoraConfig, get_peft_model, get_peft_model_state_dict
from safetensors.torch import save_file
from transformers import ViTForImageClassification

FIXTURES = pathlib.Path(__file__).parents[2] / "Tests/Fixtures/forgetting"
OUT = FIXTURES / "s3t"
RANK, ALPHA = 4, 6


def stored(name):
    """The checkpoint's name of a layer; transformers 5 gives it another one in memory."""
    name = re.sub(r"vit\.layers\.(\d+)\.attention\.", r"vit.encoder.layer.\1.attention.attention.", name)
    return name.replace("q_proj", "query").replace("v_proj", "value")


def stage(blocks, generator):
    base = ViTForImageClassification.from_pretrained(FIXTURES / "gs-lora").eval()
    model = get_peft_model(base, LoraConfig(
        r=RANK, lora_alpha=ALPHA, use_rslora=True, layers_to_transform=blocks,
        target_modules=["q_proj", "v_proj"],
        modules_to_save=["classifier"])).eval()
    for parameter in model.parameters():
        if parameter.requires_grad:
            parameter.data = torch.randn(parameter.shape, generator=generator) * 0.3
    scales = {module.scaling["default"] for module in model.modules() if hasattr(module, "lora_A")}
    assert len(scales) == 1
    return model, str(scales.pop())


def main():
    OUT.mkdir(exist_ok=True)
    generator = torch.Generator().manual_seed(16)
    golden = {"images": torch.randn(5, 1, 8, 8, generator=generator)}
    for number, blocks in enumerate([[1], [0, 1]], start=1):
        model, scale = stage(blocks, generator)
        with torch.no_grad():
            golden[f"logits{number}"] = model(golden["images"]).logits
        tensors = {stored(name): value for name, value in get_peft_model_state_dict(model).items()}
        save_file(tensors, OUT / f"stage-{number}.safetensors", metadata={"scale": scale})
    save_file(golden, OUT / "golden.safetensors")


if __name__ == "__main__":
    main()
