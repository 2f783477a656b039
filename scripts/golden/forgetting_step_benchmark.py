"""The step of `lethe bench step` in PyTorch: GS-LoRA on DeiT-tiny at 224, forward, backward, update.

Prints one JSON line: the median seconds of a step, every time, and the peak memory.
Usage: python -P scripts/golden/forgetting_step_benchmark.py [--steps 20] [--batch 16] [--threads 2]
"""

import argparse
import json
import math
import resource
import time

import torch
import torch.nn.functional as F

RANK = 8


class LowRank(torch.nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.base = torch.nn.Linear(inputs, outputs)
        self.base.requires_grad_(False)
        self.a = torch.nn.Parameter((torch.rand(RANK, inputs) * 2 - 1) / math.sqrt(inputs))
        self.b = torch.nn.Parameter(torch.zeros(outputs, RANK))

    def forward(self, x):
        return self.base(x) + F.linear(F.linear(x, self.a), self.b / RANK)


class Block(torch.nn.Module):
    def __init__(self, width, heads, inner):
        super().__init__()
        self.heads = heads
        self.norm1 = torch.nn.LayerNorm(width, eps=1e-6)
        self.qkv = torch.nn.Linear(width, 3 * width)
        self.output = torch.nn.Linear(width, width)
        self.norm2 = torch.nn.LayerNorm(width, eps=1e-6)
        self.requires_grad_(False)
        self.first = LowRank(width, inner)
        self.second = LowRank(inner, width)

    def forward(self, x):
        n, t, c = x.shape
        q, k, v = self.qkv(self.norm1(x)).reshape(n, t, 3, self.heads, c // self.heads).permute(2, 0, 3, 1, 4)
        x = x + self.output(F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(n, t, c))
        return x + self.second(F.gelu(self.first(self.norm2(x))))


class DeiTTiny(torch.nn.Module):
    def __init__(self, width=192, depth=12, heads=3, inner=768, classes=1000, size=224, patch=16):
        super().__init__()
        self.patches = torch.nn.Conv2d(3, width, patch, patch)
        self.token = torch.nn.Parameter(torch.zeros(1, 1, width))
        self.positions = torch.nn.Parameter(torch.randn(1, (size // patch) ** 2 + 1, width) * 0.02)
        self.norm = torch.nn.LayerNorm(width, eps=1e-6)
        self.head = torch.nn.Linear(width, classes)
        self.requires_grad_(False)
        self.blocks = torch.nn.ModuleList(Block(width, heads, inner) for _ in range(depth))

    def forward(self, x):
        x = self.patches(x).flatten(2).transpose(1, 2)
        x = torch.cat([self.token.expand(len(x), -1, -1), x], 1) + self.positions
        for block in self.blocks:
            x = block(x)
        return self.head(self.norm(x)[:, 0])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    torch.use_deterministic_algorithms(True)
    torch.manual_seed(1337)
    model = DeiTTiny()
    parameters = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(parameters, lr=1e-3, fused=True)
    images = torch.randn(arguments.batch, 3, 224, 224)
    half = arguments.batch // 2
    forget, retain = torch.zeros(half, dtype=torch.long), torch.ones(arguments.batch - half, dtype=torch.long)
    bound = 2 * math.log(1000)
    times = []
    for step in range(arguments.steps + 2):
        start = time.perf_counter()
        logits = model(images)
        groups = sum(
            torch.sqrt(sum((p * p).sum() for l in (b.first, b.second) for p in (l.a, l.b)) + 1e-12)
            for b in model.blocks
        )
        loss = F.cross_entropy(logits[half:], retain) + F.relu(bound - F.cross_entropy(logits[:half], forget))
        loss = loss + 1e-4 * groups
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        loss.item()
        if step >= 2:
            times.append(time.perf_counter() - start)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps(dict(
        medianSeconds=sorted(times)[len(times) // 2], stepSeconds=times, peakMemoryBytes=peak,
        batchSize=arguments.batch, threads=arguments.threads, torch=torch.__version__,
    )))


if __name__ == "__main__":
    main()
