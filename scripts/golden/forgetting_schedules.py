"""Learning rates of torch's own schedulers, step by step.

Writes Tests/Fixtures/forgetting/schedules.json. Usage: python -P scripts/golden/forgetting_schedules.py
"""

import json
import pathlib
import warnings

import torch

OUT = pathlib.Path(__file__).parents[2] / "Tests/Fixtures/forgetting/schedules.json"


def rates(make, steps):
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.01)
    scheduler = make(optimizer)
    result = []
    for _ in range(steps):
        result.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return result


def main():
    warnings.simplefilter("ignore")
    schedulers = torch.optim.lr_scheduler
    cosine = rates(lambda o: schedulers.CosineAnnealingLR(o, T_max=100, eta_min=1e-5), 100)
    one_cycle = rates(
        lambda o: schedulers.OneCycleLR(o, max_lr=0.003, total_steps=200, pct_start=0.3, cycle_momentum=False), 200
    )
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(json.dumps(dict(cosine=cosine, oneCycle=one_cycle)) + "\n")


if __name__ == "__main__":
    main()
