"""A trained model as a network description and a safetensors file of integers.

Latent weights are read as float32, everything is computed in float64 and E is then rounded to float32, because that is
what the file holds and what every reader starts from:
  binary   +1 where w >= 0 (so also for 0 and -0), else -1;               E = mean |w|
  ternary  sign(w) where |w| > 0.7 mean |w|, else 0;                      E = mean |w| over the non-zero ones
  int n    clamp(floor(w/E + 1/2), -2^(n-1), 2^(n-1) - 1), E float32;     E = max |w| / (2^(n-1) - 1)
"""

import json
import os

import numpy as np

import safetensors


def quantise(w, kind):
    """(int8 integers, E as float32) of the float64 array `w`."""
    magnitude = np.abs(w)
    if kind == "binary":
        return np.where(w >= 0, 1, -1).astype(np.int8), np.float32(magnitude.mean())
    if kind == "ternary":
        kept = magnitude > 0.7 * magnitude.mean()
        return np.where(kept, np.sign(w), 0).astype(np.int8), np.float32(magnitude[kept].mean())
    top = 2 ** (int(kind[len("int"):]) - 1) - 1
    scale = np.float32(magnitude.max() / top)
    return np.clip(np.floor(w / float(scale) + 0.5), -top - 1, top).astype(np.int8), scale


def tensors_of(model):
    tensors = {}
    for layer in model.network["layers"]:
        name = layer["name"]
        if name not in model.weighted:
            continue
        module = model.weighted[name]
        w = module.weight.detach().numpy().astype(np.float64)
        if layer["op"] == "conv":
            w = w.transpose(0, 2, 3, 1)  # [out][in][kh][kw] -> [out][kh][kw][in]
        integers, scale = quantise(w, layer["weight"])
        tensors[f"{name}.weight"] = integers
        if "activation" in layer:  # raw accumulators have no scale
            tensors[f"{name}.weight_scale"] = np.array([scale], np.float32)
        if module.bn is not None:
            tensors[f"{name}.bn.gamma"] = module.bn.weight.detach().numpy()
            tensors[f"{name}.bn.beta"] = module.bn.bias.detach().numpy()
            tensors[f"{name}.bn.mean"] = module.bn.running_mean.numpy()
            tensors[f"{name}.bn.variance"] = module.bn.running_var.numpy()
    return tensors


def to_text(network):
    """The description with one line per layer."""
    parts = []
    for key, value in network.items():
        if key == "layers":
            layers = ",\n".join("    " + json.dumps(layer) for layer in value)
            parts.append(f'  "layers": [\n{layers}\n  ]')
        else:
            parts.append(f"  {json.dumps(key)}: {json.dumps(value)}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def write(model, directory):
    """Write NAME.json and NAME.safetensors; the path of the former."""
    network = model.network
    safetensors.write(os.path.join(directory, network["weights"]), tensors_of(model))
    path = os.path.join(directory, network["name"] + ".json")
    with open(path, "w") as file:
        file.write(to_text(network))
    return path
