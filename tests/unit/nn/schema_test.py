#!/usr/bin/env python3
"""The JSON Schemas accept every shipped network, sweep and device, and refuse what an editor should underline.

Usage: schema_test.py SOURCE_ROOT. Exit code 77 (skipped) where the module jsonschema is not installed.
"""
import copy
import json
import pathlib
import sys

try:
    import jsonschema
except ImportError:
    print("python3-jsonschema is not installed")
    sys.exit(77)

ROOT = pathlib.Path(sys.argv[1])

NETWORK = {
    "format": "elbgen.network/1",
    "name": "tiny",
    "weights": "tiny.safetensors",
    "input": {"shape": [28, 28, 1], "activation": {"kind": "unsigned", "bits": 8, "scale": 0.5}},
    "layers": [
        {"name": "conv1", "op": "conv", "out_channels": 16, "kernel": 3, "padding": [1, 1, 0, 0], "weight": "int8",
         "bn": {"epsilon": 1e-5}, "activation": {"kind": "bipolar"}},
        {"name": "pool1", "op": "max_pool", "kernel": [2, 2], "stride": 2},
        {"name": "add1", "op": "add", "inputs": ["pool1", "pool1"], "activation": {"kind": "ternary", "bits": 2}},
        {"name": "fc1", "op": "fc", "out_channels": 10, "weight": "binary", "bias": True},
    ],
    "class_rule": "argmax",
}


def put(value, *path):
    def change(data):
        for key in path[:-1]:
            data = data[key]
        data[path[-1]] = value
    return change


def drop(*path):
    def change(data):
        for key in path[:-1]:
            data = data[key]
        del data[path[-1]]
    return change


BROKEN_NETWORKS = [
    put("elbgen.network/2", "format"), drop("name"), put("a b", "name"), put(3, "weights"), put({"seed": 1}, "weights"),
    put(1, "extra"), put([28, 28], "input", "shape"), put([28, 0, 1], "input", "shape"), put([1, 2], "input", "pixel_table"),
    put(9, "input", "activation", "bits"), drop("input", "activation", "bits"), put(0, "input", "activation", "scale"),
    put([], "layers"), put("dense", "layers", 0, "op"), put("int9", "layers", 0, "weight"), drop("layers", 0, "kernel"),
    put(256, "layers", 0, "kernel"), put([1, 1, 1], "layers", 0, "padding"), put(True, "layers", 0, "ceil_mode"),
    put({}, "layers", 0, "bn"), put(2, "layers", 0, "activation", "bits"), put("input", "layers", 1, "name"),
    put("int8", "layers", 1, "weight"), put(["pool1"], "layers", 2, "inputs"), drop("layers", 2, "inputs"),
    put(3, "layers", 3, "kernel"), put(["a", "b"], "layers", 3, "inputs"), put("argmin", "class_rule"),
]

BROKEN_SWEEPS = [
    put("elbgen.sweep/2", "format"), drop("device"), put(1, "extra"), put([0], "activation_bits"), put([], "activation_bits"),
    put(["int2"], "weights", "first"), drop("weights", "last"), put(["area"], "objectives"), put(0, "clock_mhz"),
]
BROKEN_DEVICES = [
    put("elbgen.device/2", "format"), drop("part"), put(1, "extra"), put(-1, "resources", "lut"), drop("resources", "dsp"),
    put("virtex", "family"), put(1, "shell", "lut"), put(0, "clock_mhz"), put(48, "memories", 0, "data_bits"),
    put(512, "memories", 0, "burst_beats"), put(-5, "memories", 0, "latency_ns"), drop("memories", 0, "source"),
]


def read(path):
    return json.loads(path.read_text())


def check(kind, folder, at_least, sound, changes):
    """Failures of one schema: each file below `folder` and `sound` pass, `sound` with any one of the changes does not."""
    schema = read(ROOT / f"configs/schema/{kind}.schema.json")
    jsonschema.Draft7Validator.check_schema(schema)
    validator = jsonschema.Draft7Validator(schema)
    files = sorted((ROOT / "configs" / folder).rglob("*.json"))
    found = [f"{path}: {e.json_path}: {e.message}" for path in files for e in validator.iter_errors(read(path))]
    found += [f"the sound {kind}: {e.json_path}: {e.message}" for e in validator.iter_errors(sound)]
    if len(files) < at_least:
        found.append(f"only {len(files)} files of a {kind} were found")
    for i, change in enumerate(changes):
        broken = copy.deepcopy(sound)
        change(broken)
        if validator.is_valid(broken):
            found.append(f"broken {kind} {i} is accepted")
    print("\n".join(found + [f"{kind}: {len(files)} shipped, {len(changes)} broken ones, {len(found)} failures"]))
    return len(found)


failed = check("network", "networks", 11, NETWORK, BROKEN_NETWORKS)
failed += check("sweep", "sweeps", 1, read(ROOT / "configs/sweeps/alexnet-zc706.json"), BROKEN_SWEEPS)
failed += check("device", "devices", 7, read(ROOT / "configs/devices/zc706.json"), BROKEN_DEVICES)
sys.exit(1 if failed else 0)
