"""Cases in the format that tools/case2net reads, made from random integers, and readers of what it writes.

The forward pass here is the arithmetic that the format states, in plain Python; it shares nothing with elbgen.
"""
import array
import ast
import json
import os
import struct
import sys


def write(path, data):
    with open(path, "wb") as f:
        f.write(data)


def read(path):
    with open(path, "rb") as f:
        return f.read()


def int32_bytes(values):
    a = array.array("i", values)
    if sys.byteorder == "big":
        a.byteswap()
    return a.tobytes()


def int32_values(data):
    a = array.array("i", data)
    if sys.byteorder == "big":
        a.byteswap()
    return a.tolist()


def read_npy(path):
    """dtype, shape and the values as a flat list; int32 and uint8 only."""
    data = read(path)
    assert data[:8] == b"\x93NUMPY\x01\x00", path
    (length,) = struct.unpack("<H", data[8:10])
    header = ast.literal_eval(data[10:10 + length].decode())
    assert not header["fortran_order"] and (10 + length) % 16 == 0
    body = data[10 + length:]
    values = list(body) if header["descr"] == "|u1" else int32_values(body)
    return header["descr"], header["shape"], values


def read_safetensors(path):
    """name -> (dtype, shape, values)"""
    data = read(path)
    (length,) = struct.unpack("<Q", data[:8])
    tensors = {}
    for name, entry in json.loads(data[8:8 + length]).items():
        begin, end = entry["data_offsets"]
        body = data[8 + length + begin:8 + length + end]
        values = array.array("b", body).tolist() if entry["dtype"] == "I8" else int32_values(body)
        tensors[name] = (entry["dtype"], entry["shape"], values)
    return tensors


def pack(weights, fmt):
    if fmt == "i8":
        return bytes(w & 255 for w in weights)
    bits = 1 if fmt == "b1" else 2
    fields = [(w > 0) if fmt == "b1" else w & 3 for w in weights]
    per_byte = 8 // bits
    fields += [0] * (-len(fields) % per_byte)
    return bytes(sum(int(fields[i + j]) << (bits * j) for j in range(per_byte)) for i in range(0, len(fields), per_byte))


class Layer:
    """One layer line with its integers."""

    def __init__(self, r, index, kind, shape, out_c, k, wfmt, values, base, step, pool, bias, raw, thresholds=None):
        self.index, self.kind, self.shape, self.k, self.wfmt = index, kind, shape, k, wfmt
        self.out = [shape[0] - k + 1, shape[1] - k + 1, out_c] if kind == "conv" else [1, 1, out_c]
        self.fan_in = k * k * shape[2] if kind == "conv" else shape[0] * shape[1] * shape[2]
        self.base, self.step, self.pool = base, step, pool
        self.weights = [r.choice(values) for _ in range(out_c * self.fan_in)]
        self.bias = [r.randint(-40, 40) for _ in range(out_c)] if bias else []
        self.nthr = thresholds or 0
        reach = 6 * self.fan_in
        self.thresholds = [sorted(r.randint(-reach, reach) for _ in range(self.nthr)) for _ in range(out_c)]
        if self.thresholds and self.nthr > 1:
            self.thresholds[0][0] = -2**31      # always fires
            self.thresholds[-1][-1] = 2**31 - 1  # never fires
        self.raw = raw

    def line(self):
        h, w, c = self.shape if self.kind == "conv" else [1, 1, self.fan_in]
        fields = [self.index, self.kind, h, w, c, self.k, *self.out, self.wfmt, self.nthr, self.base, self.step,
                  2 if self.pool else 0, 1 if self.bias else 0, "none" if self.raw else "i8"]
        return "layer " + " ".join(map(str, fields))

    def accumulate(self, x):
        h, w, c = self.shape
        if self.kind == "fc":
            taps_of = [x]
        else:
            taps_of = [[x[((y + ky) * w + z + kx) * c + i] for ky in range(self.k) for kx in range(self.k) for i in range(c)]
                       for y in range(self.out[0]) for z in range(self.out[1])]
        acc = []
        for taps in taps_of:
            for o in range(self.out[2]):
                row = self.weights[o * self.fan_in:(o + 1) * self.fan_in]
                acc.append(sum(a * b for a, b in zip(row, taps)) + (self.bias[o] if self.bias else 0))
        return acc

    def activate(self, acc):
        channels = self.out[2]
        return [self.base + self.step * sum(a >= t for t in self.thresholds[i % channels]) for i, a in enumerate(acc)]

    def pool_out(self):
        return [self.out[0] // 2, self.out[1] // 2, self.out[2]] if self.pool else self.out

    def pooled(self, act):
        _, w, c = self.out
        ph, pw, _ = self.pool_out()
        return [max(act[((2 * y + dy) * w + 2 * x + dx) * c + i] for dy in (0, 1) for dx in (0, 1))
                for y in range(ph) for x in range(pw) for i in range(c)]


class Case:
    """A case on disk with what it must give: last accumulators, and per layer acc, act and pool of every image."""

    def __init__(self, r, shape, lut, layers, images, class_rule):
        self.layers = layers
        self.images = [[r.randint(0, 255) for _ in range(shape[0] * shape[1] * shape[2])] for _ in range(images)]
        self.shape, self.lut, self.class_rule = shape, lut, class_rule
        self.labels = [r.choice([0, 1, 2, 255]) for _ in range(images)]
        self.expected = [self.forward([lut[p] for p in image]) for image in self.images]

    def forward(self, x):
        maps = {}
        for layer in self.layers:
            acc = layer.accumulate(x)
            maps[f"L{layer.index}.acc"] = acc
            if layer.raw:
                return maps
            x = maps[f"L{layer.index}.act"] = layer.activate(acc)
            if layer.pool:
                x = maps[f"L{layer.index}.pool"] = layer.pooled(x)
        raise ValueError("the last layer must be raw")

    def write(self, folder):
        os.makedirs(folder, exist_ok=True)
        h, w, c = self.shape
        lines = ["elbgen-external-case 1", "name made_up", f"input u8 {len(self.images)} {h} {w} {c} inputs.bin",
                 "lut i8 input_lut.bin", "labels labels.bin", "# a comment"]
        lines += [layer.line() for layer in self.layers] + [f"class_rule {self.class_rule}", "detail_images_acc 1"]
        write(os.path.join(folder, "case.txt"), ("\n".join(lines) + "\n").encode())
        write(os.path.join(folder, "inputs.bin"), b"".join(map(bytes, self.images)))
        write(os.path.join(folder, "input_lut.bin"), bytes(v & 255 for v in self.lut))
        write(os.path.join(folder, "labels.bin"), bytes(self.labels))
        for layer in self.layers:
            name = os.path.join(folder, f"L{layer.index}")
            write(name + ".weights.bin", pack(layer.weights, layer.wfmt))
            if layer.nthr:
                write(name + ".thr.bin", int32_bytes(t for row in layer.thresholds for t in row))
            if layer.bias:
                write(name + ".bias.bin", int32_bytes(layer.bias))
