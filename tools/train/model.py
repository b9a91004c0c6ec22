"""The PyTorch model of a network description: quantised forward pass, straight-through gradients.

Latent weights stay float32. The forward pass sees what the exported integers stand for (quantised weight times E), the
backward pass takes the quantiser as the identity (activations: inside the clamp only).
"""

import torch
from torch import nn
from torch.nn import functional as F


def binary(w):
    """Eq. 1 of arXiv 1808.04311: sign(w) * mean |w|; 0 counts as +1."""
    return torch.where(w >= 0, 1.0, -1.0) * w.abs().mean()


def ternary(w):
    """Eq. 2: sign(w) where |w| > 0.7 * mean |w|, else 0; scaled by the mean of |w| over the ones that remain."""
    magnitude = w.abs()
    kept = magnitude > 0.7 * magnitude.mean()
    return torch.where(kept, w.sign(), torch.zeros_like(w)) * magnitude[kept].mean()


def integer(w, bits):
    top = 2 ** (bits - 1) - 1
    scale = w.abs().max() / top
    return torch.clamp(torch.floor(w / scale + 0.5), -top - 1, top) * scale


def quantise_weight(w, kind):
    with torch.no_grad():
        if kind == "binary":
            q = binary(w)
        elif kind == "ternary":
            q = ternary(w)
        else:
            q = integer(w, int(kind[len("int"):]))
        difference = q - w
    return w + difference


class _Activation(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, scale, top):
        steps = torch.floor(x / scale + 0.5)
        ctx.save_for_backward((steps >= 0) & (steps <= top))
        return steps.clamp_(0, top).mul_(scale)

    @staticmethod
    def backward(ctx, grad):
        (inside,) = ctx.saved_tensors
        return grad * inside, None, None


class _Weighted(nn.Module):
    """conv or fc, then batch normalisation where the layer has it."""

    def __init__(self, layer, shape):
        super().__init__()
        self.layer = layer
        _, _, in_channels = shape
        out = layer["out_channels"]
        k = layer.get("kernel")
        size = (out, in_channels, k, k) if k else (out, shape[0] * shape[1] * in_channels)
        self.weight = nn.Parameter(torch.empty(size))
        nn.init.kaiming_normal_(self.weight, nonlinearity="relu")
        self.bn = None
        if "bn" in layer:
            make = nn.BatchNorm2d if k else nn.BatchNorm1d
            self.bn = make(out, eps=layer["bn"]["epsilon"])

    def forward(self, x):
        w = quantise_weight(self.weight, self.layer["weight"])
        if self.layer["op"] == "conv":
            x = F.conv2d(x, w, stride=self.layer.get("stride", 1), padding=self.layer.get("padding", 0))
        else:
            if x.dim() == 4:
                x = x.permute(0, 2, 3, 1).flatten(1)  # flattened in HWC order
            x = F.linear(x, w)
        return self.bn(x) if self.bn is not None else x


def _output_shape(layer, shape):
    h, w, c = shape
    if layer["op"] == "fc":
        return (1, 1, layer["out_channels"])
    k, pad = layer["kernel"], layer.get("padding", 0)
    stride = layer.get("stride", k if layer["op"] == "max_pool" else 1)
    return ((h + 2 * pad - k) // stride + 1, (w + 2 * pad - k) // stride + 1, layer.get("out_channels", c))


class Model(nn.Module):
    """A chain of conv, fc and max_pool. Takes uint8 images [n][h][w][c], gives float logits [n][outputs]."""

    def __init__(self, network):
        super().__init__()
        self.network = network
        self.weighted = nn.ModuleDict()
        shape = tuple(network["input"]["shape"])
        self.macs = 0
        for layer in network["layers"]:
            out_shape = _output_shape(layer, shape)
            if layer["op"] in ("conv", "fc"):
                module = _Weighted(layer, shape)
                self.weighted[layer["name"]] = module
                self.macs += module.weight.numel() * out_shape[0] * out_shape[1]
            shape = out_shape

    def forward(self, images):
        x = images.permute(0, 3, 1, 2).float() * self.network["input"]["activation"]["scale"]
        pending = None
        for layer in self.network["layers"]:
            if layer["op"] == "max_pool":
                # The quantiser is monotone, so pooling first gives the same values, from less work and with fewer ties.
                x = F.max_pool2d(x, layer["kernel"], layer.get("stride", layer["kernel"]))
                continue
            x = self._activate(x, pending)
            x = self.weighted[layer["name"]](x)
            pending = layer.get("activation")
        return self._activate(x, pending)

    @staticmethod
    def _activate(x, activation):
        if activation is None:
            return x
        return _Activation.apply(x, activation["scale"], 2 ** activation["bits"] - 1)
