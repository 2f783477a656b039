"""Five GS-LoRA steps on a tiny ViT in PyTorch, and the loss terms on random numbers.

Writes Tests/Fixtures/forgetting/gs-lora: the model (config.json, model.safetensors), what the
steps start from (inputs.safetensors) and what comes out (golden.safetensors, golden.json).
Formulas: arXiv:2403.11530 and its code (methods: W + BA/r on both feed-forward layers, group
lasso over the four matrices of a block, relu(BND - mean CE), AdamW).

Usage: python -P scripts/golden/forgetting_gs_lora.py   (torch 2.13, transformers, safetensors)
"""

import json
import math
import pathlib

import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from transformers import ViTConfig, ViTForImageClassification

OUT = pathlib.Path(__file__).parents[2] / "Tests/Fixtures/forgetting/gs-lora"
RANK, CLASSES, STEPS = 4, 6, 5
FORGOTTEN, EARLIER = [1], [4]
RETAINED = [c for c in range(CLASSES) if c not in FORGOTTEN + EARLIER]
RECIPE = dict(
    rank=RANK, retainWeight=1.0, forgetWeight=0.7, forgetBound=4.0, groupLassoWeight=0.01,
    groupLassoEpsilon=1e-12, suppressionWeight=0.9, suppressionMargin=4.0,
    retainDistillationWeight=0.8, forgetDistillationWeight=0.6, learningRate=0.01,
    finalLearningRateFraction=0.1, warmUpSteps=2, stepCount=STEPS, weightDecay=0.05,
    gradientNormLimit=1.0,
)


class LowRank(torch.nn.Module):
    """A frozen linear layer plus B A / r."""

    def __init__(self, base, a):
        super().__init__()
        self.base = base
        self.a = torch.nn.Parameter(a.clone())
        self.b = torch.nn.Parameter(torch.zeros(base.out_features, RANK))

    def forward(self, x):
        return self.base(x) + F.linear(F.linear(x, self.a), self.b) / RANK


def rate(step):
    peak, last, warm = RECIPE["learningRate"], RECIPE["finalLearningRateFraction"], RECIPE["warmUpSteps"]
    if step < warm:
        return peak * (step + 1) / warm
    progress = (step - warm) / max(1, STEPS - warm)
    return peak * (last + (1 - last) * 0.5 * (1 + math.cos(math.pi * progress)))


def terms(logits, labels, forget_count, teacher, groups):
    zf, zr = logits[:forget_count], logits[forget_count:]
    retain = F.cross_entropy(zr, labels[forget_count:])
    forget = F.relu(RECIPE["forgetBound"] - F.cross_entropy(zf, labels[:forget_count]))
    gap = logits[:, FORGOTTEN + EARLIER] - logits[:, RETAINED].logsumexp(1, keepdim=True)
    suppression = F.relu(RECIPE["suppressionMargin"] + gap).max(1).values.mean()
    divergence = F.kl_div(
        logits[:, RETAINED].log_softmax(1), teacher[:, RETAINED].log_softmax(1),
        log_target=True, reduction="none",
    ).sum(1)
    lasso = sum(
        torch.sqrt(sum((p * p).sum() for p in group) + RECIPE["groupLassoEpsilon"]) for group in groups
    )
    return dict(
        retain=retain, forget=forget, suppression=suppression, groupLasso=lasso,
        forgetDistillation=divergence[:forget_count].mean(),
        retainDistillation=divergence[forget_count:].mean(),
    )


def total(t):
    return sum(RECIPE[name + "Weight"] * t[name] for name in t)


def main():
    torch.manual_seed(7)
    torch.set_num_threads(1)
    config = ViTConfig(
        image_size=8, patch_size=4, num_channels=1, hidden_size=16, num_hidden_layers=2,
        num_attention_heads=2, intermediate_size=24, num_labels=CLASSES,
        hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0,
        architectures=["ViTForImageClassification"], initializer_range=0.3,
    )
    model = ViTForImageClassification(config).eval()
    OUT.mkdir(parents=True, exist_ok=True)
    model.save_pretrained(OUT)
    for parameter in model.parameters():
        parameter.requires_grad_(False)

    images = torch.randn(20, 1, 8, 8)
    forget_count = 2
    per_step = 5
    labels = torch.tensor([[1, 1, 0, 2, 3], [1, 1, 5, 0, 2], [1, 1, 3, 5, 0], [1, 1, 2, 3, 5]]).flatten()
    order = torch.tensor([[0, 1, 2, 3, 4], [5, 6, 7, 8, 9], [10, 11, 12, 13, 14], [15, 16, 17, 18, 19],
                          [0, 6, 12, 18, 9]])
    with torch.no_grad():
        teacher = model(images).logits
    parameters, names, groups, starts = [], [], [], {}
    linears = {name: module for name, module in model.named_modules() if isinstance(module, torch.nn.Linear)}
    for block in range(config.num_hidden_layers):
        group = []
        matching = [n for n in linears if f".{block}." in n and "attention" not in n]
        assert len(matching) == 2, matching
        first, second = sorted(matching, key=lambda n: linears[n].out_features, reverse=True)
        for name in (first, second):
            base = linears[name]
            bound = 1 / math.sqrt(base.in_features)
            a = (torch.rand(RANK, base.in_features) * 2 - 1) * bound
            starts[f"block{block}.{'first' if name == first else 'second'}.A"] = a
            layer = LowRank(base, a)
            parent = model.get_submodule(name.rsplit(".", 1)[0])
            setattr(parent, name.rsplit(".", 1)[1], layer)
            names += [f"block{block}.{'first' if name == first else 'second'}.{m}" for m in "AB"]
            parameters += [layer.a, layer.b]
            group += [layer.a, layer.b]
        groups.append(group)
    optimizer = torch.optim.AdamW(parameters, lr=0, weight_decay=RECIPE["weightDecay"])
    history = []
    for step in range(STEPS):
        for group in optimizer.param_groups:
            group["lr"] = rate(step)
        rows = order[step]
        t = terms(model(images[rows]).logits, labels[rows], forget_count, teacher[rows], groups)
        loss = total(t)
        optimizer.zero_grad()
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(parameters, RECIPE["gradientNormLimit"])
        optimizer.step()
        history.append({k: v.item() for k, v in t.items()} | {"loss": loss.item(), "gradientNorm": norm.item()})
    with torch.no_grad():
        unmerged = model(images).logits
    golden = {name: p.detach().contiguous() for name, p in zip(names, parameters)}
    golden["logits"] = unmerged
    golden["teacher"] = teacher
    save_file({"images": images, "labels": labels, "order": order, **starts}, OUT / "inputs.safetensors")
    save_file(golden, OUT / "golden.safetensors")
    record = dict(recipe=RECIPE, forgotten=FORGOTTEN, earlier=EARLIER, retained=RETAINED,
                  forgetBatchSize=forget_count, retainBatchSize=per_step - forget_count, steps=history)
    (OUT / "golden.json").write_text(json.dumps(record, indent=1) + "\n")


if __name__ == "__main__":
    main()
