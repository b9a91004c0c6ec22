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
SCHEMA = json.loads((ROOT / "configs/schema/network.schema.json").read_text())
jsonschema.Draft7Validator.check_schema(SCHEMA)
VALIDATOR = jsonschema.Draft7Validator(SCHEMA)

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


def broken(change):
    network = copy.deepcopy(NETWORK)
    change(network)
    return network


def put(value, *path):
    def change(network):
        for key in path[:-1]:
            network = network[key]
        network[path[-1]] = value
    return change


def drop(*path):
    def change(network):
        for key in path[:-1]:
            network = network[key]
        del network[path[-1]]
    return change


BROKEN = [
    put("elbgen.network/2", "format"), drop("name"), put("a b", "name"), put(3, "weights"), put({"seed": 1}, "weights"),
    put(1, "extra"), put([28, 28], "input", "shape"), put([28, 0, 1], "input", "shape"), put([1, 2], "input", "pixel_table"),
    put(9, "input", "activation", "bits"), drop("input", "activation", "bits"), put(0, "input", "activation", "scale"),
    put([], "layers"), put("dense", "layers", 0, "op"), put("int9", "layers", 0, "weight"), drop("layers", 0, "kernel"),
    put(256, "layers", 0, "kernel"), put([1, 1, 1], "layers", 0, "padding"), put(True, "layers", 0, "ceil_mode"),
    put({}, "layers", 0, "bn"), put(2, "layers", 0, "activation", "bits"), put("input", "layers", 1, "name"),
    put("int8", "layers", 1, "weight"), put(["pool1"], "layers", 2, "inputs"), drop("layers", 2, "inputs"),
    put(3, "layers", 3, "kernel"), put(["a", "b"], "layers", 3, "inputs"), put("argmin", "class_rule"),
]

failed = 0
networks = sorted((ROOT / "configs/networks").rglob("*.json"))
for path in networks:
    for error in VALIDATOR.iter_errors(json.loads(path.read_text())):
        print(f"{path}: {error.json_path}: {error.message}")
        failed += 1
for error in VALIDATOR.iter_errors(NETWORK):
    print(f"the sound network: {error.json_path}: {error.message}")
    failed += 1
for i, change in enumerate(BROKEN):
    if VALIDATOR.is_valid(broken(change)):
        print(f"broken network {i} is accepted")
        failed += 1
sweeps = sorted((ROOT / "configs/sweeps").glob("*.json"))
sweep_schema = json.loads((ROOT / "configs/schema/sweep.schema.json").read_text())
jsonschema.Draft7Validator.check_schema(sweep_schema)
for path in sweeps:
    for error in jsonschema.Draft7Validator(sweep_schema).iter_errors(json.loads(path.read_text())):
        print(f"{path}: {error.json_path}: {error.message}")
        failed += 1
sweep = json.loads(sweeps[0].read_text())
for change in (put("elbgen.sweep/2", "format"), drop("device"), put(1, "extra"), put([0], "activation_bits"), put([], "activation_bits"),
               put(["int2"], "weights", "first"), drop("weights", "last"), put(["area"], "objectives"), put(0, "clock_mhz")):
    network = copy.deepcopy(sweep)
    change(network)
    if jsonschema.Draft7Validator(sweep_schema).is_valid(network):
        print(f"a broken sweep is accepted: {network}")
        failed += 1
devices = sorted((ROOT / "configs/devices").glob("*.json"))
device_schema = json.loads((ROOT / "configs/schema/device.schema.json").read_text())
jsonschema.Draft7Validator.check_schema(device_schema)
for path in devices:
    for error in jsonschema.Draft7Validator(device_schema).iter_errors(json.loads(path.read_text())):
        print(f"{path}: {error.json_path}: {error.message}")
        failed += 1
device = json.loads((ROOT / "configs/devices/zc706.json").read_text())
for change in (put("elbgen.device/2", "format"), drop("part"), put(1, "extra"), put(-1, "resources", "lut"), drop("resources", "dsp"),
               put("virtex", "family"), put(1, "shell", "lut"), put(0, "clock_mhz"), put(48, "memories", 0, "data_bits"),
               put(512, "memories", 0, "burst_beats"), put(-5, "memories", 0, "latency_ns"), drop("memories", 0, "source")):
    network = copy.deepcopy(device)
    change(network)
    if jsonschema.Draft7Validator(device_schema).is_valid(network):
        print(f"a broken device is accepted: {network}")
        failed += 1
if len(networks) < 11:
    print(f"only {len(networks)} shipped networks were found")
    failed += 1
print(f"{len(networks)} shipped networks, {len(sweeps)} sweeps, {len(devices)} devices, {len(BROKEN)} broken ones, {failed} failures")
sys.exit(1 if failed else 0)
