#!/usr/bin/python3
"""Run the integer forward pass on the Fashion-MNIST test images and compare with the committed logits.

Without a network: every configs/networks/fmnist-*.json against tests/system/data/NAME.logits.json.
Needs numpy only. Exit code 0: all logits are the committed ones; 1: some differ; 2: a file is missing or unreadable.
"""

import argparse
import glob
import json
import os
import sys

import numpy as np

import dataset
import integer

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def compare(logits, labels, expected):
    """What differs, as a list of sentences."""
    faults = []
    if len(logits) != expected["images"]:
        return [f"{len(logits)} images, {expected['images']} were expected"]
    first = np.array(expected["first"], np.int32)
    wrong = np.argwhere(logits[:len(first)] != first)
    if len(wrong):
        image, output = wrong[0]
        faults.append(f"{len(wrong)} of the listed logits differ, first image {image} output {output}: "
                      f"expected {first[image, output]}, got {logits[image, output]}")
    sha256 = integer.digest(logits)
    if sha256 != expected["sha256"]:
        faults.append(f"SHA-256 of the logits is {sha256}, expected {expected['sha256']}")
    correct = int((logits.argmax(axis=1) == labels).sum())
    if correct != expected["correct"]:
        faults.append(f"{correct} images are classified correctly, {expected['correct']} were expected")
    return faults


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("network", nargs="?", metavar="NET.json", help="check this network only")
    parser.add_argument("--expected", metavar="FILE",
                        help="the logits to compare with (default tests/system/data/NAME.logits.json)")
    parser.add_argument("--logits", metavar="FILE.npy",
                        help="compare these int32 [10000][10] logits, as elbsim --output writes them, instead of numpy's")
    parser.add_argument("--data", default=dataset.DEFAULT_DIR, metavar="DIR",
                        help=f"the Fashion-MNIST files (default {dataset.DEFAULT_DIR})")
    arguments = parser.parse_args()
    if not arguments.network and (arguments.expected or arguments.logits):
        parser.error("--expected and --logits need NET.json")
    networks = [arguments.network] if arguments.network else sorted(
        glob.glob(os.path.join(ROOT, "configs", "networks", "fmnist-*.json")))
    if not networks:
        sys.exit("check.py: no configs/networks/fmnist-*.json")

    images, labels = dataset.load(arguments.data, "t10k")
    failed = 0
    for path in networks:
        name = os.path.basename(path)[:-len(".json")]
        with open(arguments.expected or integer.expected_path(os.path.join(ROOT, "tests", "system", "data"), name)) as file:
            expected = json.load(file)
        logits = np.load(arguments.logits) if arguments.logits else integer.all_logits(path, images)
        faults = compare(logits, labels, expected)
        failed += bool(faults)
        for fault in faults:
            print(f"{name}: {fault}")
        if not faults:
            print(f"{name}: {len(logits)} images, every logit as committed, "
                  f"accuracy {expected['correct'] / len(logits):.2%}")
    return 1 if failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (dataset.DatasetError, OSError, KeyError, ValueError) as error:
        print(f"check.py: {error}", file=sys.stderr)
        sys.exit(2)
