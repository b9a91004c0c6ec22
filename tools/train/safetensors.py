"""Just enough of the safetensors format: an 8-byte little-endian header length, a JSON header, the tensors' bytes."""

import json

import numpy as np

DTYPES = {"I8": "<i1", "I32": "<i4", "F32": "<f4"}


def write(path, tensors):
    """`tensors`: name -> array of int8, int32 or float32. The same tensors give the same bytes."""
    names = {np.dtype(dtype): name for name, dtype in DTYPES.items()}
    header, blobs, offset = {}, [], 0
    for name, tensor in sorted(tensors.items()):
        blob = np.ascontiguousarray(tensor).tobytes()
        header[name] = {"dtype": names[tensor.dtype], "shape": list(tensor.shape),
                        "data_offsets": [offset, offset + len(blob)]}
        offset += len(blob)
        blobs.append(blob)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(len(text).to_bytes(8, "little") + text + b"".join(blobs))


def read(path):
    """name -> array, as `write` took it."""
    with open(path, "rb") as file:
        data = file.read()
    start = 8 + int.from_bytes(data[:8], "little")
    tensors = {}
    for name, entry in json.loads(data[8:start]).items():
        if name == "__metadata__":
            continue
        begin, end = (start + offset for offset in entry["data_offsets"])
        tensors[name] = np.frombuffer(data[begin:end], DTYPES[entry["dtype"]]).reshape(entry["shape"])
    return tensors
