"""Fashion-MNIST as Debian's dataset-fashion-mnist package installs it: IDX files, gzipped."""

import gzip
import os

import numpy as np

DEFAULT_DIR = "/usr/share/datasets/fashion-mnist"


class DatasetError(Exception):
    pass


def read_idx(path):
    """The unsigned-byte IDX file at `path` (gzipped or not) as a uint8 array."""
    if not os.path.exists(path):
        raise DatasetError(f"{path}: no such file (Debian: apt install dataset-fashion-mnist)")
    opener = gzip.open if path.endswith(".gz") else open
    with opener(path, "rb") as file:
        data = file.read()
    if len(data) < 4 or data[:3] != b"\0\0\x08":
        raise DatasetError(f"{path}: not an IDX file of unsigned bytes")
    rank = data[3]
    shape = np.frombuffer(data, ">i4", rank, 4).astype(int)
    values = np.frombuffer(bytearray(data), np.uint8, -1, 4 + 4 * rank)
    if values.size != shape.prod():
        raise DatasetError(f"{path}: {values.size} values, the header says {shape.prod()}")
    return values.reshape(shape)


def load(directory, split):
    """(images uint8 [n][28][28][1], labels int64 [n]); split is "train" or "t10k"."""
    images = read_idx(os.path.join(directory, f"{split}-images-idx3-ubyte.gz"))
    labels = read_idx(os.path.join(directory, f"{split}-labels-idx1-ubyte.gz"))
    return images[..., None], labels.astype(np.int64)
