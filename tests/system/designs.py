"""Designs that several system tests share: networks under given plans, generated and simulated once per run.

Models are kept under build/system-models between runs (elbsim --work finds them by content).
"""
import atexit
import functools
import gzip
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
    return subprocess.run(command, capture_output=True, text=True, errors="replace", cwd=cwd, timeout=timeout)


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
def fmnist():
    return design("fmnist-4-8218", "--max-cycles", "8000")


@functools.lru_cache(maxsize=None)
def fmnist_images(count):
    path = os.path.join(folder(), f"fmnist-{count}.npy")
    with gzip.open(os.path.join(FMNIST, "t10k-images-idx3-ubyte.gz")) as f:
        pixels = numpy.frombuffer(f.read()[16:], dtype=numpy.uint8)
    numpy.save(path, pixels.reshape(-1, 28, 28, 1)[:count])
    return path


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


def copy_of(directory):
    """A copy that may be broken."""
    path = tempfile.mkdtemp(dir=folder())
    return shutil.copytree(directory, os.path.join(path, "rtl"))


def flip_bit(path, word, bit):
    """Turns one bit of one word of a $readmemh file around."""
    with open(path, encoding="utf-8") as f:
        lines = f.read().split("\n")
    places = [i for i, line in enumerate(lines) if line and not line.startswith("//")]
    line = lines[places[word]]
    lines[places[word]] = f"{int(line, 16) ^ (1 << bit):0{len(line)}x}"
    with open(path, "w", encoding="utf-8") as f:
        f.write("\n".join(lines))


def mem_words(path):
    with open(path, encoding="utf-8") as f:
        return [int(line, 16) for line in f.read().split("\n") if line and not line.startswith("//")]


def used_bit(rng, directory, memory):
    """(word, bit) whose flip is another weight.

    In the first word, where no lane is ragged. A ternary weight of 0 has a sign bit that nothing reads, so the bit that tells
    zero from nonzero is taken; of an n-bit weight the highest.
    """
    words = mem_words(os.path.join(directory, memory["file"]))
    with open(os.path.join(directory, "network", "network.json"), encoding="utf-8") as f:
        kind = next(layer["weight"] for layer in json.load(f)["layers"] if layer["name"] == memory["layer"])
    bits = {"binary": 1, "ternary": 2}.get(kind) or int(kind[3:])
    lane = rng.randrange(memory["width"] // bits) * bits
    if kind != "ternary":
        return 0, lane + bits - 1
    codes = {(word >> at) & 3 for word in words for at in range(0, memory["width"], 2)} - {0}
    assert codes in ({1, 3}, {2, 3}), codes
    return 0, lane + (min(codes) - 1)


def decisive_fc_bit(rng, directory, memory, dump):
    """The same for an fc layer of a design with all factors 1, chosen where golden's values (elbsim --dump) say that the flip
    changes an output of `layer`: fc outputs are few, and most single weights decide nothing."""
    name = memory["layer"]
    with open(os.path.join(directory, "network", "network.json"), encoding="utf-8") as f:
        layers = json.load(f)["layers"]
    at = next(i for i, layer in enumerate(layers) if layer["name"] == name)
    def load(what):
        values = numpy.load(os.path.join(dump, what + ".npy"))
        return values.reshape(len(values), -1).astype(numpy.int64)
    x, acc, act = load(layers[at - 1]["name"]), load(name + ".acc"), load(name)
    words = numpy.array(mem_words(os.path.join(directory, memory["file"])), dtype=numpy.int64).reshape(acc.shape[1], x.shape[1])
    def weights_of(w):
        return 1 - 2 * w if memory["width"] == 1 else w - 256 * (w >> 7)
    if not numpy.array_equal(x @ weights_of(words).T, acc):
        raise AssertionError(f"{memory['file']} is not what golden computes with")
    bipolar = layers[at - 1].get("activation", {}).get("kind") == "bipolar"
    scale, codes = (2, (x + 1) // 2) if bipolar else (1, x)
    bit = memory["width"] - 1
    for word in rng.sample(range(words.size), words.size):
        out, tap = divmod(word, x.shape[1])
        if memory["width"] == 1:  # a selector: e or its complement; what the complement costs is a constant elsewhere
            step = (1 - 2 * words[out, tap]) * (15 - 2 * codes[:, tap])
        else:
            step = (weights_of(words[out, tap] ^ (1 << bit)) - weights_of(words[out, tap])) * codes[:, tap]
        changed = acc[:, out] + scale * step
        raw = numpy.array_equal(act, acc)
        low, high = act[:, out] < act[:, out].max(), act[:, out] == act[:, out].max()
        if raw and (changed != acc[:, out]).any():
            return word, bit
        if not raw and low.any() and acc[low, out].max() < acc[high, out].min() and ((changed[low] >= acc[high, out].min()).any() or (changed[high] <= acc[low, out].max()).any()):
            return word, bit
    raise AssertionError(f"no weight of {name} decides anything on these images")


def decisive_point(rng, directory, memory, dump):
    """(word, bit): the highest bit of a constant of an activation that golden's codes say is decided by.

    Points of the search for one lane have the address {tile, code so far}: one with codes on both sides of it. Affine factors
    and offsets: of a channel with several codes. 4-bit activations.
    """
    name = memory["layer"]
    with open(os.path.join(directory, "manifest.json"), encoding="utf-8") as f:
        lanes = next(b["lanes"] for b in json.load(f)["boundaries"] if b["layer"] == name)
    def load(what):
        values = numpy.load(os.path.join(dump, what + ".npy"))
        return values.reshape(-1, values.shape[-1]).astype(numpy.int64)
    codes, acc = load(name), load(name + ".acc")
    part = memory["file"].rsplit("_act_", 1)[1][:-len(".mem")]
    channels = rng.sample(range(codes.shape[1]), codes.shape[1])
    if part in ("alpha", "beta"):
        assert lanes == 1, memory
        return next((c, memory["width"] - 1) for c in channels if len(set(codes[:, c])) > 1)
    level, lane = (int(n) for n in part[1:].split("_"))
    span = 16 >> level  # codes that a node of this level tells apart
    assert memory["depth"] == codes.shape[1] // lanes << level, memory
    for channel in channels:
        if channel % lanes != lane:
            continue
        column = codes[:, channel]
        if column[acc[:, channel].argmax()] < column[acc[:, channel].argmin()]:
            column = 15 - column  # a channel whose code falls: the complement of what is found
        for node in range(1 << level):
            lower = (column >= node * span) & (column < node * span + span // 2)
            upper = (column >= node * span + span // 2) & (column < (node + 1) * span)
            if lower.any() and upper.any():
                return channel // lanes << level | node, memory["width"] - 1
    raise AssertionError(f"no point of {memory['file']} decides anything on these images")
