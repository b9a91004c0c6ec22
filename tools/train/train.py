#!/usr/bin/python3
"""Train an extremely-low-bit network on Fashion-MNIST and export it for elbgen.

Writes into the output directory, after every epoch:
  checkpoint.pt          latent weights, optimiser, epoch; a run that was cut off goes on from here
  NAME.json, NAME.safetensors, NAME.logits.json
                         the network as elbgen reads it and what its integer forward pass gives on the test images
  log.txt                one line per epoch

The same seed, thread count and machine give the same weights, whether or not the run was cut off in between.
"""

import argparse
import math
import os
import sys
import time

import numpy as np
import torch
from torch.nn import functional as F

import dataset
import export
import integer
from model import Model
from networks import NETWORKS


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter,
                                     epilog="example: train.py --network fmnist-4-8218 --seed 1 --epochs 15 --out out/4")
    parser.add_argument("--network", required=True, choices=sorted(NETWORKS), help="which network to train")
    parser.add_argument("--out", required=True, metavar="DIR", help="where everything is written; made if missing")
    parser.add_argument("--seed", type=int, default=1, help="initial weights, order and augmentation (default 1)")
    parser.add_argument("--epochs", type=int, default=15, help="length of the learning-rate schedule (default 15)")
    parser.add_argument("--batch", type=int, default=128, help="images per step (default 128)")
    parser.add_argument("--rate", type=float, default=3e-3, help="peak learning rate of Adam (default 0.003)")
    parser.add_argument("--threads", type=int, default=1, help="threads of PyTorch (default 1)")
    parser.add_argument("--data", default=dataset.DEFAULT_DIR, metavar="DIR",
                        help=f"the four Fashion-MNIST files (default {dataset.DEFAULT_DIR})")
    parser.add_argument("--restart", action="store_true", help="ignore a checkpoint in DIR and begin anew")
    parser.add_argument("--export-only", metavar="CKPT", help="train nothing: export this checkpoint into DIR")
    arguments = parser.parse_args()
    for name in ("epochs", "batch", "threads"):
        if getattr(arguments, name) < 1:
            parser.error(f"--{name} must be at least 1")
    return arguments


def augment(images, rng):
    """Mirror half of the images and shift each by -1, 0 or 1 pixels both ways."""
    n, h, w, _ = images.shape
    padded = np.pad(images, ((0, 0), (1, 1), (1, 1), (0, 0)))
    dy, dx = rng.integers(0, 3, (2, n, 1))
    columns = np.arange(w)[None] + dx
    mirrored = rng.integers(0, 2, (n, 1)) == 1
    columns = np.where(mirrored, columns[:, ::-1], columns)
    rows = np.arange(h)[None] + dy
    return padded[np.arange(n)[:, None, None], rows[:, :, None], columns[:, None, :]]


def learning_rate(peak, step, steps):
    """A short linear warm-up, then half a cosine down to 0."""
    warm_up = min(200, steps // 10 + 1)
    if step < warm_up:
        return peak * (step + 1) / warm_up
    return peak * 0.5 * (1 + math.cos(math.pi * (step - warm_up) / (steps - warm_up)))


def train_epoch(model, optimiser, images, labels, arguments, epoch):
    rng = np.random.default_rng([arguments.seed, epoch])
    order = rng.permutation(len(images))
    per_epoch = len(order) // arguments.batch
    model.train()
    start = time.time()
    losses, shown = [], start
    for step in range(per_epoch):
        chosen = order[step * arguments.batch:(step + 1) * arguments.batch]
        rate = learning_rate(arguments.rate, epoch * per_epoch + step, arguments.epochs * per_epoch)
        for group in optimiser.param_groups:
            group["lr"] = rate
        batch = torch.from_numpy(augment(images[chosen], rng))
        loss = F.cross_entropy(model(batch), torch.from_numpy(labels[chosen]))
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
        if time.time() - shown > 5:
            shown = time.time()
            done = epoch * per_epoch + step + 1
            left = (arguments.epochs * per_epoch - done) * (shown - start) / (step + 1)
            print(f"epoch {epoch + 1}/{arguments.epochs}  step {step + 1}/{per_epoch}  "
                  f"loss {np.mean(losses[-50:]):.3f}  about {left / 60:.0f} min left", flush=True)
    return float(np.mean(losses))


def save_checkpoint(path, state):
    torch.save(state, path + ".new")
    os.replace(path + ".new", path)


def export_and_measure(model, arguments, test_images, test_labels):
    """Write the network, run its integer forward pass on the test images, write what it gave; the accuracy."""
    path = export.write(model, arguments.out)
    return integer.write_expected(path, test_images, test_labels)


def main():
    arguments = parse_arguments()
    torch.set_num_threads(arguments.threads)
    torch.use_deterministic_algorithms(True)
    os.makedirs(arguments.out, exist_ok=True)
    test_images, test_labels = dataset.load(arguments.data, "t10k")

    torch.manual_seed(arguments.seed)
    model = Model(NETWORKS[arguments.network])
    if arguments.export_only:
        state = torch.load(arguments.export_only)
        if state["network"] != arguments.network:
            sys.exit(f"{arguments.export_only}: a checkpoint of {state['network']}, not of {arguments.network}")
        model.load_state_dict(state["model"])
        accuracy = export_and_measure(model, arguments, test_images, test_labels)
        print(f"{arguments.network}: {accuracy:.2%} of {len(test_labels)} test images")
        return

    images, labels = dataset.load(arguments.data, "train")
    optimiser = torch.optim.Adam(model.parameters(), lr=arguments.rate)
    checkpoint = os.path.join(arguments.out, "checkpoint.pt")
    schedule = {"network": arguments.network, "seed": arguments.seed, "epochs": arguments.epochs,
                "batch": arguments.batch, "rate": arguments.rate}
    first = 0
    if os.path.exists(checkpoint) and not arguments.restart:
        state = torch.load(checkpoint)
        for key, value in schedule.items():
            if state[key] != value:
                sys.exit(f"{checkpoint}: {key} is {state[key]}, asked for {value}; --restart begins anew")
        model.load_state_dict(state["model"])
        optimiser.load_state_dict(state["optimiser"])
        first = state["epoch"]
        print(f"going on after epoch {first}")
    print(f"{arguments.network}: {model.macs} MAC per image, {sum(p.numel() for p in model.parameters())} parameters")
    for epoch in range(first, arguments.epochs):
        start = time.time()
        loss = train_epoch(model, optimiser, images, labels, arguments, epoch)
        trained = time.time() - start
        save_checkpoint(checkpoint, {**schedule, "epoch": epoch + 1, "model": model.state_dict(),
                                     "optimiser": optimiser.state_dict()})
        accuracy = export_and_measure(model, arguments, test_images, test_labels)
        line = (f"epoch {epoch + 1}/{arguments.epochs}  loss {loss:.4f}  integer test accuracy {accuracy:.2%}  "
                f"{trained:.0f} s")
        print(line, flush=True)
        with open(os.path.join(arguments.out, "log.txt"), "a") as log:
            log.write(line + "\n")


if __name__ == "__main__":
    try:
        main()
    except (dataset.DatasetError, OSError) as error:
        print(f"train.py: {error}", file=sys.stderr)
        sys.exit(2)
