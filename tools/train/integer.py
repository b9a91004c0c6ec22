"""The integer forward pass in numpy, from the exported files alone: the contract of docs/network-format.md.

It shares nothing with elbgen but that contract, so that each can find the other's mistakes.
"""

import hashlib
import json
import os

import numpy as np

import safetensors

LISTED = 100  # images whose logits stand in full in NAME.logits.json


def load(path):
    """(description, tensors) of the network at `path`."""
    with open(path) as file:
        network = json.load(file)
    return network, safetensors.read(os.path.join(os.path.dirname(path), network["weights"]))


def _windows(x, kernel, stride):
    """[n][h][w][c] -> [n][oh][ow][c][kernel][kernel], a view."""
    view = np.lib.stride_tricks.sliding_window_view(x, (kernel, kernel), axis=(1, 2))
    return view[:, ::stride, ::stride]


def _convolve(x, weight, layer):
    pad = layer.get("padding", 0)
    x = np.pad(x, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    windows = _windows(x, layer["kernel"], layer.get("stride", 1)).transpose(0, 1, 2, 4, 5, 3)
    n, h, w = windows.shape[:3]
    # Products of float64 integers are exact: every partial sum lies far below 2^53.
    columns = windows.reshape(n * h * w, -1).astype(np.float64)
    return (columns @ weight.reshape(len(weight), -1).T.astype(np.float64)).reshape(n, h, w, -1).astype(np.int64)


def _connect(x, weight):
    flat = x.reshape(len(x), -1).astype(np.float64)
    return (flat @ weight.T.astype(np.float64)).astype(np.int64).reshape(len(x), 1, 1, -1)


def _activate(acc, layer, tensors, input_scale):
    """f(acc) = clamp(floor((gamma (S acc - mu) / sqrt(var + eps) + beta) / scale + 1/2), 0, 2^a - 1), in float64."""
    name, activation = layer["name"], layer["activation"]

    def bn(key):
        return tensors[f"{name}.bn.{key}"].astype(np.float64)

    s = float(tensors[f"{name}.weight_scale"][0]) * input_scale
    v = bn("gamma") * (s * acc.astype(np.float64) - bn("mean"))
    v = v / np.sqrt(bn("variance") + layer["bn"]["epsilon"]) + bn("beta")
    v = np.floor(v / activation["scale"] + 0.5)
    return np.clip(v, 0, 2 ** activation["bits"] - 1).astype(np.int64)


def forward(network, tensors, images):
    """int32 [n][outputs]: the raw accumulators of the last layer for uint8 images [n][h][w][c]."""
    x, scale = images.astype(np.int64), network["input"]["activation"]["scale"]
    for layer in network["layers"]:
        if layer["op"] == "max_pool":
            x = _windows(x, layer["kernel"], layer.get("stride", layer["kernel"])).max(axis=(-2, -1))
            continue
        weight = tensors[f"{layer['name']}.weight"]
        x = _convolve(x, weight, layer) if layer["op"] == "conv" else _connect(x, weight)
        if "activation" in layer:
            x = _activate(x, layer, tensors, scale)
            scale = layer["activation"]["scale"]
    return x.reshape(len(x), -1).astype(np.int32)


def all_logits(path, images, chunk=250):
    network, tensors = load(path)
    return np.concatenate([forward(network, tensors, images[i:i + chunk]) for i in range(0, len(images), chunk)])


def digest(logits):
    """SHA-256 of the logits as little-endian int32, image by image."""
    return hashlib.sha256(np.ascontiguousarray(logits, "<i4").tobytes()).hexdigest()


def expected_path(directory, name):
    return os.path.join(directory, f"{name}.logits.json")


def write_expected(path, images, labels):
    """Write NAME.logits.json beside the network NAME.json at `path`; the accuracy as a fraction."""
    logits = all_logits(path, images)
    correct = int((logits.argmax(axis=1) == labels).sum())
    rows = ",\n".join("    " + json.dumps(row) for row in logits[:LISTED].tolist())
    directory, file_name = os.path.split(path)
    with open(expected_path(directory, file_name[:-len(".json")]), "w") as file:
        file.write(f'{{\n  "images": {len(images)},\n  "correct": {correct},\n  "sha256": "{digest(logits)}",\n'
                   f'  "first": [\n{rows}\n  ]\n}}\n')
    return correct / len(labels)
