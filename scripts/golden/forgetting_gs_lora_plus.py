"""GS-LoRA++ on the tiny ViT of forgetting_gs_lora.py, and a head fitted anew, in PyTorch.

Reads the model and the inputs of Tests/Fixtures/forgetting/gs-lora. Writes, to
Tests/Fixtures/forgetting/gs-lora-plus: five steps with the terms on features (prototypes.*), five
steps with adapters everywhere and the proximal group step (proximal.*), and logistic regression
on frozen features (head.*). Formulas: methods.md 5.3 for the prototypes; the proximal step, the
pull on the features and the head are ours.

Usage: python -P scripts/golden/forgetting_gs_lora_plus.py   (torch 2.13, transformers, safetensors)
"""

import json
import math
import pathlib

import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file
from transformers import ViTForImageClassification

FIXTURES = pathlib.Path(__file__).parents[2] / "Tests/Fixtures/forgetting"
OUT = FIXTURES / "gs-lora-plus"
RANK, STEPS, FORGET_COUNT = 4, 5, 2
FORGOTTEN, EARLIER, RETAINED = [1], [4], [0, 2, 3, 5]
BASE = dict(
    rank=RANK, retainWeight=1.0, forgetWeight=0.7, forgetBound=4.0, suppressionWeight=0.0,
    retainDistillationWeight=0.0, forgetDistillationWeight=0.0, learningRate=0.01,
    finalLearningRateFraction=1.0, warmUpSteps=0, stepCount=STEPS, weightDecay=0.05,
    gradientNormLimit=1.0, blockDecay=0.5,
)
PROTOTYPES = BASE | dict(
    groupLassoWeight=0.0, prototypeForgetWeight=0.5, prototypeBound=1.5, prototypeRetainWeight=0.3,
    featureForgetWeight=0.4, groupLasso="subgradient", adapterPlace="feedForward",
)
PROXIMAL = BASE | dict(groupLassoWeight=14.3, groupLasso="proximal", adapterPlace="both")
FEED_FORWARD = ["intermediate.dense", "output.dense"]
ATTENTION = [
    "attention.attention.query", "attention.attention.key", "attention.attention.value",
    "attention.output.dense",
]


class LowRank(torch.nn.Module):
    """A frozen linear layer plus B A / r."""

    def __init__(self, base, a):
        super().__init__()
        self.base = base
        self.a = torch.nn.Parameter(a.clone())
        self.b = torch.nn.Parameter(torch.zeros(base.out_features, RANK))

    def forward(self, x):
        return self.base(x) + F.linear(F.linear(x, self.a), self.b) / RANK


def attach(model, names):
    """The low-rank layers of each block, in the order of the names, and what A starts from."""
    blocks, starts = [], {}
    for block in range(model.config.num_hidden_layers):
        layers = []
        for name in names:
            parent = model.get_submodule(f"vit.encoder.layer.{block}.{name}".rsplit(".", 1)[0])
            child = name.rsplit(".", 1)[1]
            base = getattr(parent, child)
            a = (torch.rand(RANK, base.in_features) * 2 - 1) / math.sqrt(base.in_features)
            starts[f"vit.encoder.layer.{block}.{name}.start"] = a
            layers.append((f"vit.encoder.layer.{block}.{name}", LowRank(base, a)))
            setattr(parent, child, layers[-1][1])
        blocks.append(layers)
    return blocks, starts


def features(model, images):
    return model.vit(images).last_hidden_state[:, 0]


def divergence(prototypes, embeddings):
    return F.kl_div(
        embeddings.log_softmax(1), prototypes.log_softmax(1), log_target=True, reduction="none"
    ).sum(1).mean()


def prototype_terms(recipe, embeddings, labels, prototypes, teacher):
    forget, retain = embeddings[:FORGET_COUNT], embeddings[FORGET_COUNT:]
    away = divergence(prototypes[labels[:FORGET_COUNT]], forget)
    resembled = torch.tensor(RETAINED)[teacher[:FORGET_COUNT][:, RETAINED].argmax(1)]
    pull = (F.normalize(forget, dim=1) - F.normalize(prototypes[resembled], dim=1)).square().sum(1).mean()
    return dict(
        prototypeForget=F.relu(recipe["prototypeBound"] - away),
        prototypeRetain=divergence(prototypes[labels[FORGET_COUNT:]], retain), featureForget=pull,
    )


def proximal(layers, threshold):
    """B of a block towards zero together; A keeps what lets B leave zero again."""
    ups = [layer.b for _, layer in layers]
    with torch.no_grad():
        norm = torch.sqrt(sum((b * b).sum() for b in ups))
        factor = max(0.0, 1 - threshold / norm.item()) if norm > 0 else 0.0
        for b in ups:
            b.mul_(factor)


def train(recipe, inputs, name):
    model = ViTForImageClassification.from_pretrained(FIXTURES / "gs-lora").eval()
    for parameter in model.parameters():
        parameter.requires_grad_(False)
    images, labels, order = inputs["images"], inputs["labels"], inputs["order"]
    with torch.no_grad():
        embeddings = features(model, images)
        teacher = model.classifier(embeddings)
    prototypes = torch.zeros(6, embeddings.shape[1])
    for label in labels.unique():
        prototypes[label] = embeddings[labels == label].mean(0)
    names = FEED_FORWARD if recipe["adapterPlace"] == "feedForward" else FEED_FORWARD + ATTENTION
    blocks, starts = attach(model, names)
    last = len(blocks) - 1
    groups = [
        dict(params=[p for _, l in layers for p in (l.a, l.b)],
             lr=recipe["learningRate"] * recipe["blockDecay"] ** (last - i))
        for i, layers in enumerate(blocks)
    ]
    parameters = [p for group in groups for p in group["params"]]
    optimizer = torch.optim.AdamW(groups, weight_decay=recipe["weightDecay"])
    history = []
    for step in range(STEPS):
        rows = order[step]
        embeddings = features(model, images[rows])
        logits = model.classifier(embeddings)
        terms = dict(
            retain=F.cross_entropy(logits[FORGET_COUNT:], labels[rows][FORGET_COUNT:]),
            forget=F.relu(recipe["forgetBound"] - F.cross_entropy(logits[:FORGET_COUNT], labels[rows][:FORGET_COUNT])),
        )
        if "prototypeForgetWeight" in recipe:
            terms |= prototype_terms(recipe, embeddings, labels[rows], prototypes, teacher[rows])
        loss = sum(recipe[k + "Weight"] * v for k, v in terms.items())
        optimizer.zero_grad()
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(parameters, recipe["gradientNormLimit"])
        optimizer.step()
        if recipe["groupLasso"] == "proximal":
            for group, layers in zip(groups, blocks):
                proximal(layers, group["lr"] * recipe["groupLassoWeight"])
        norms = [math.sqrt(sum(l.b.square().sum().item() for _, l in layers)) for layers in blocks]
        history.append({k: v.item() for k, v in terms.items()} | dict(loss=loss.item(), gradientNorm=norm.item()))
        print(name, step, history[-1], norms)
    tensors = {k: v for k, v in starts.items()}
    for layers in blocks:
        for layer_name, layer in layers:
            tensors[f"{layer_name}.A"] = layer.a.detach().contiguous()
            tensors[f"{layer_name}.B"] = layer.b.detach().contiguous()
    tensors["prototypes"] = prototypes
    save_file(tensors, OUT / f"{name}.safetensors")
    record = dict(recipe=recipe, forgotten=FORGOTTEN, earlier=EARLIER, retained=RETAINED,
                  forgetBatchSize=FORGET_COUNT, steps=history)
    (OUT / f"{name}.json").write_text(json.dumps(record, indent=1) + "\n")


def head():
    """Multinomial logistic regression on standardised features, full-batch AdamW."""
    labels = torch.arange(40) % 4
    points = torch.randn(40, 12) * torch.linspace(0.1, 5, 12) + torch.randn(4, 12)[labels] * 2 + 3
    points[:, 5] = 7
    mean = points.mean(0)
    deviation = points.std(0).clamp(min=1e-6)
    standard = (points - mean) / deviation
    weight = torch.zeros(4, 12, requires_grad=True)
    bias = torch.zeros(4, requires_grad=True)
    optimizer = torch.optim.AdamW([weight, bias], lr=0.05, weight_decay=0.01)
    for _ in range(50):
        optimizer.zero_grad()
        F.cross_entropy(F.linear(standard, weight, bias), labels).backward()
        optimizer.step()
    others = torch.randn(8, 12) * 3 + 3
    logits = F.linear((others - mean) / deviation, weight, bias).detach()
    save_file(dict(features=points, labels=labels, others=others, logits=logits), OUT / "head.safetensors")


def main():
    torch.manual_seed(11)
    torch.set_num_threads(1)
    OUT.mkdir(parents=True, exist_ok=True)
    inputs = load_file(FIXTURES / "gs-lora/inputs.safetensors")
    train(PROTOTYPES, inputs, "prototypes")
    train(PROXIMAL, inputs, "proximal")
    head()


if __name__ == "__main__":
    main()
