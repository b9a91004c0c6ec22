"""The networks that train.py knows, each as its network description (docs/network-format.md).

The description is the one source: model.py builds the PyTorch model from it, export.py writes it beside the weights,
integer.py runs it.
"""


def _fmnist(name, *, act_bits, act_scale, middle, channels, hidden):
    """8-bit first CONV, two `middle` CONVs, a binary FC and an 8-bit last FC that gives raw accumulators."""
    act = {"kind": "unsigned", "bits": act_bits, "scale": act_scale}
    bn = {"epsilon": 1e-5}
    c1, c2, c3 = channels
    return {
        "format": "elbgen.network/1",
        "name": name,
        "weights": f"{name}.safetensors",
        "input": {"shape": [28, 28, 1], "activation": {"kind": "unsigned", "bits": 8, "scale": 1 / 255}},
        "layers": [
            {"name": "conv1", "op": "conv", "out_channels": c1, "kernel": 3, "padding": 1, "weight": "int8",
             "bn": bn, "activation": act},
            {"name": "pool1", "op": "max_pool", "kernel": 2, "stride": 2},
            {"name": "conv2", "op": "conv", "out_channels": c2, "kernel": 3, "padding": 1, "weight": middle,
             "bn": bn, "activation": act},
            {"name": "pool2", "op": "max_pool", "kernel": 2, "stride": 2},
            {"name": "conv3", "op": "conv", "out_channels": c3, "kernel": 3, "padding": 1, "weight": middle,
             "bn": bn, "activation": act},
            {"name": "pool3", "op": "max_pool", "kernel": 3, "stride": 2},
            {"name": "fc1", "op": "fc", "out_channels": hidden, "weight": "binary", "bn": bn, "activation": act},
            {"name": "fc2", "op": "fc", "out_channels": 10, "weight": "int8"},
        ],
        "class_rule": "argmax",
    }


NETWORKS = {
    network["name"]: network
    for network in [
        _fmnist("fmnist-4-8218", act_bits=4, act_scale=0.1875, middle="ternary", channels=(16, 32, 64), hidden=128),
        _fmnist("fmnist-2-8118", act_bits=2, act_scale=0.625, middle="binary", channels=(16, 32, 64), hidden=128),
    ]
}
