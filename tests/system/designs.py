"""Designs that several system tests share: networks under given plans, generated and simulated once per run.

Models are kept under build/system-models between runs (elbsim --work finds them by content).
"""
import atexit
import functools
import json
import os
import shutil
import subprocess
import tempfile

import numpy

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
ELBGEN = os.path.join(ROOT, "build", "gen", "cli", "elbgen")
ELBSIM = os.path.join(ROOT, "build", "gen", "cli", "elbsim")
MODELS = os.path.join(ROOT, "build", "system-models")
LONG = bool(os.environ.get("ELB_ALL"))
SEED = int(os.environ.get("ELB_SEED", "1"))
FMNIST = "/usr/share/datasets/fashion-mnist"  # Debian's dataset-fashion-mnist; tools/setup installs it

# (p, s, m) of every stage of configs/networks/all-kinds.json; one number: channels per beat.
ALL_KINDS_PLANS = {
    "ones": {"input": (1, 1), "conv1": (1, 1, 1), "pool1": (1, 1), "conv2": (1, 1, 1), "conv3": (1, 1, 1), "add1": (1, 1),
             "average1": (1, 1), "conv4": (1, 1, 1), "concat1": (1, 1), "fc1": (1, 1, 1), "fc2": (1, 1, 1)},
    # No factor divides its dimension.
    "ragged": {"input": (2, 5), "conv1": (5, 2, 5), "pool1": (3, 4), "conv2": (5, 3, 4), "conv3": (7, 5, 5), "add1": (5, 4),
               "average1": (7, 2), "conv4": (3, 7, 2), "fc1": (7, 5, 1), "fc2": (3, 7, 1)},
    # Several pixels per cycle in every spatial stage.
    "wide": {"input": (3, 4), "conv1": (16, 3, 4), "pool1": (8, 3), "conv2": (6, 8, 3), "conv3": (6, 12, 3), "add1": (12, 3),
             "average1": (8, 3), "conv4": (4, 12, 3), "concat1": (8, 3), "fc1": (10, 16, 1), "fc2": (5, 10, 1)},
}


@functools.lru_cache(maxsize=None)
def folder():
    """Where this run writes; gone when it ends."""
    path = tempfile.mkdtemp(prefix="elb-system-")
    atexit.register(shutil.rmtree, path, ignore_errors=True)
    return path


def run(*command, cwd=None, timeout=None):
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, timeout=timeout)


def must(*command, cwd=None):
    done = run(*command, cwd=cwd)
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(command)}: exit {done.returncode}\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
    return done.stdout


def plan_file(path, rows):
    stages = []
    for layer, factors in rows.items():
        if len(factors) == 3:
            stages.append(dict(zip(("layer", "p", "s", "m"), (layer, *factors))))
        else:
            stages.append({"layer": layer, "p": factors[0], "m": factors[1]})
    with open(path, "w", encoding="utf-8") as f:
        json.dump({"format": "elbgen.plan/1", "stages": stages}, f)
    return path


@functools.lru_cache(maxsize=None)
def design(network, *options):
    """(DIR, elbgen's report) of a network with options."""
    path = os.path.join(folder(), "design" + str(len(os.listdir(folder()))))
    os.mkdir(path)
    report = must(ELBGEN, network, "-o", os.path.join(path, "rtl"), "--json", *options)
    return os.path.join(path, "rtl"), json.loads(report)


@functools.lru_cache(maxsize=None)
def all_kinds(plan):
    return design("all-kinds", "--plan", plan_file(os.path.join(folder(), plan + ".plan.json"), ALL_KINDS_PLANS[plan]))


@functools.lru_cache(maxsize=None)
def random_images(count, height, width, channels):
    path = os.path.join(folder(), f"images-{count}-{height}-{width}-{channels}.npy")
    values = numpy.random.default_rng(SEED).integers(0, 256, (count, height, width, channels), dtype=numpy.uint8)
    numpy.save(path, values)
    return path


def simulate(directory, *options, work=MODELS):
    """Exit code and report of elbsim, which must be 0 or 1."""
    done = run(ELBSIM, directory, "--work", work, "--json", *options)
    if done.returncode not in (0, 1):
        raise AssertionError(f"elbsim {directory} {' '.join(options)}: exit {done.returncode}\n{done.stdout}{done.stderr}")
    return done.returncode, json.loads(done.stdout)


def mem_files(directory):
    with open(os.path.join(directory, "manifest.json"), encoding="utf-8") as f:
        return json.load(f)["memories"]
