"""Bad input: exit code 2, one located line on stderr per mistake, stdout empty (or one object with --json), nothing written.

And kill -9 at any moment: the output directory is absent, old, or new and whole.
"""
import hashlib
import json
import os
import random
import shutil
import signal
import struct
import subprocess
import tempfile
import time
import unittest

import numpy

import designs

NETWORK = {
    "format": "elbgen.network/1", "name": "toy", "weights": {"synthetic": 1},
    "input": {"shape": [6, 6, 2], "activation": {"kind": "unsigned", "bits": 8}},
    "layers": [
        {"name": "conv1", "op": "conv", "out_channels": 4, "kernel": 3, "weight": "ternary", "activation": {"kind": "unsigned", "bits": 2}},
        {"name": "pool1", "op": "max_pool", "kernel": 2},
        {"name": "fc1", "op": "fc", "out_channels": 3, "weight": "binary"},
    ],
}
PLAN = {"format": "elbgen.plan/1", "stages": [{"layer": "conv1", "p": 2, "s": 1, "m": 1}]}


def changed(tree, path, value):
    """A copy with tree[path] = value; None deletes the key."""
    tree = json.loads(json.dumps(tree))
    at = tree
    for key in path[:-1]:
        at = at[key]
    if value is None:
        del at[path[-1]]
    else:
        at[path[-1]] = value
    return tree


def safetensors(tensors):
    header, body = {}, b""
    for name, (dtype, shape, data) in tensors.items():
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [len(body), len(body) + len(data)]}
        body += data
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + body


def bits(count):
    return bytes(1 if i % 3 else 255 for i in range(count))


SOUND_TENSORS = {"conv1.weight": ("I8", [4, 3, 3, 2], bits(72)), "fc1.weight": ("I8", [3, 16], bits(48)),
                 "conv1.thresholds": ("I32", [1, 3], struct.pack("<3i", -3, 100, 300))}

# path of the change, its value, and what the line must hold: place (a JSON pointer) and words
NETWORKS = [
    (["format"], "elbgen.network/2", "#/format", "elbgen.network/1"),
    (["name"], None, "#", "name"),
    (["name"], 7, "#/name", "string"),
    (["name"], "a b", "#/name", "a b"),
    (["colour"], "red", "#", "colour"),
    (["weights"], {"synthetic": -1}, "#/weights/synthetic", "-1"),
    (["weights"], {"synthetic": 1.5}, "#/weights/synthetic", "1.5"),
    (["weights"], "missing.safetensors", "missing.safetensors", "no such file"),
    (["input", "shape"], [6, 6], "#/input/shape", "2"),
    (["input", "shape"], [6, 0, 2], "#/input/shape/1", "0"),
    (["input", "shape"], [6, 2 ** 32 + 6, 2], "#/input/shape/1", "4294967302"),
    (["input", "shape"], [6, 3.7, 2], "#/input/shape/1", "3.7"),
    (["input", "shape"], [6, True, 2], "#/input/shape/1", "true"),
    (["input", "activation", "bits"], 9, "#/input/activation/bits", "9"),
    (["input", "pixel_table"], [0] * 255, "#/input/pixel_table", "255"),
    (["input", "pixel_table"], [0] * 255 + [256], "#/input/pixel_table", "256"),
    (["layers"], [], "#/layers", ""),
    (["layers"], {}, "#/layers", ""),
    (["layers", 0, "op"], "convolution", "#/layers/0/op", "convolution"),
    (["layers", 0, "weight"], "int9", "#/layers/0/weight", "int9"),
    (["layers", 0, "weight"], None, "#/layers/0", "weight"),
    (["layers", 0, "kernel"], 7, "#/layers/0", "7"),
    (["layers", 0, "kernel"], 0, "#/layers/0/kernel", "0"),
    (["layers", 0, "kernel"], "3", "#/layers/0/kernel", ""),
    (["layers", 0, "stride"], -1, "#/layers/0/stride", "-1"),
    (["layers", 0, "padding"], 3, "#/layers/0", "3"),
    (["layers", 0, "pad_value"], 256, "#/layers/0/pad_value", "256"),
    (["layers", 0, "groups"], 3, "#/layers/0/groups", "3"),
    (["layers", 0, "out_channels"], 0, "#/layers/0/out_channels", "0"),
    (["layers", 0, "dilation"], 4, "#/layers/0", ""),
    (["layers", 0, "kernal"], 3, "#/layers/0", "kernal"),
    (["layers", 0, "activation", "bits"], 0, "#/layers/0/activation/bits", "0"),
    (["layers", 0, "activation", "kind"], "relu", "#/layers/0/activation/kind", "relu"),
    (["layers", 0, "activation", "scale"], 0, "#/layers/0/activation/scale", "0"),
    (["layers", 0, "activation"], None, "#/layers/1", "conv1"),
    (["layers", 0, "thresholds"], 2, "#/layers/0/thresholds", "2"),
    (["layers", 0, "inputs"], ["pool1"], "#/layers/0/inputs/0", "pool1"),
    (["layers", 1, "inputs"], ["conv1", "conv1"], "#/layers/1/inputs", "2"),
    (["layers", 1, "name"], "conv1", "#/layers/1/name", "conv1"),
    (["layers", 1, "name"], "input", "#/layers/1/name", "input"),
    (["layers", 1, "kernel"], 5, "#/layers/1", "5"),
    (["layers", 1, "weight"], "binary", "#/layers/1", "weight"),
    (["layers", 2, "inputs"], ["conv1"], "#", "pool1"),  # pool1 is then read by nobody: two outputs
    (["output"], "conv2", "#/output", "conv2"),
    (["class_rule"], "best", "#/class_rule", "best"),
]

TENSORS = [
    ("conv1.weight", None, "conv1.weight", "missing"),
    ("conv1.weight", ("I8", [4, 3, 2, 3], bits(72)), "conv1.weight", "[4][3][2][3]"),
    ("conv1.weight", ("F64", [4, 3, 3, 2], bytes(576)), "conv1.weight", "f64"),
    ("conv1.weight", ("I8", [4, 3, 3, 2], bytes([2] * 72)), "conv1.weight", "2"),
    ("conv1.weight", ("F32", [4, 3, 3, 2], struct.pack("<f", float("nan")) * 72), "conv1.weight", "nan"),
    ("conv1.weight", ("I8", [4, 3, 3, 2], bits(71)), "conv1.weight", "71"),
    ("fc1.weight", ("I8", [3, 16], bytes(48)), "fc1.weight", "0"),
    ("conv1.thresholds", ("I32", [1, 3], struct.pack("<3i", 5, 4, 6)), "conv1.thresholds", "descend"),
    ("conv1.thresholds", ("I32", [1, 2], struct.pack("<2i", 5, 6)), "conv1.thresholds", "[1][2]"),
    ("conv9.weight", ("I8", [1], b"\1"), "conv9.weight", ""),
]

PLANS = [
    (["format"], "elbgen.plan/2", "#/format", "elbgen.plan/1"),
    (["stages"], None, "#", "stages"),
    (["stages", 0, "layer"], "conv2", "#/stages/0", "conv2"),
    (["stages", 0, "p"], 0, "#/stages/0/p", "0"),
    (["stages", 0, "p"], 5, "#/stages/0/p", "5"),
    (["stages", 0, "s"], 3, "#/stages/0/s", "3"),
    (["stages", 0, "m"], 5, "#/stages/0/m", "5"),
    (["stages", 0, "p"], "two", "#/stages/0/p", ""),
    (["stages", 0, "b"], 2, "#/stages/0/b", ""),
    (["stages", 0, "engine"], "lanewise", "#/stages/0/engine", "lanewise"),
    (["stages", 0, "engine"], "magic", "#/stages/0/engine", "magic"),
    (["stages", 0, "weights"], "dvd", "#/stages/0/weights", "dvd"),
    (["stages", 0, "activation"], "relu", "#/stages/0/activation", "relu"),
    (["stages", 0, "fifo_depth"], 0, "#/stages/0/fifo_depth", "0"),
    (["stages", 0, "window_capacity"], 1, "#/stages/0/window_capacity", "1"),
    (["stages", 0, "wide"], 1, "#/stages/0", "wide"),
    (["network"], "other", "#/network", "other"),
    (["clock_mhz"], -5, "#/clock_mhz", ""),
    (["device"], "xc0", "xc0", "no such file"),
]


class BadInput(unittest.TestCase):
    def setUp(self):
        work = tempfile.TemporaryDirectory()
        self.addCleanup(work.cleanup)
        self.work = work.name

    def write(self, name, content):
        path = os.path.join(self.work, name)
        if not isinstance(content, (str, bytes)):
            content = json.dumps(content, indent=1)
        with open(path, "wb") as f:
            f.write(content.encode() if isinstance(content, str) else content)
        return path

    def refused(self, command, place, words, lines=1):
        """Exit 2, one line per mistake with place and words, the same as JSON, and nothing new on disk."""
        before = self.listing()
        plain = designs.run(*command, cwd=self.work, timeout=60)
        self.assertEqual((plain.returncode, plain.stdout), (2, ""), plain.stderr)
        self.assertTrue(plain.stderr.endswith("\n"))
        told = plain.stderr[:-1].split("\n")
        if lines:
            self.assertEqual(len(told), lines, plain.stderr)
        for line in told:
            self.assertRegex(line, r"^\S.*: error \[[a-z0-9-]+\]: .")
        self.assertTrue(any(place in t.split(": error [")[0] and words in t for t in told), f"{place} | {words} | {plain.stderr}")
        with_json = designs.run(*command, "--json", cwd=self.work, timeout=60)
        self.assertEqual((with_json.returncode, with_json.stderr), (2, ""))
        error = json.loads(with_json.stdout)["error"]
        self.assertEqual((error["exit_code"], len(error["diagnostics"])), (2, len(told)))
        self.assertEqual(self.listing(), before)

    def listing(self):
        found = {}
        for folder, folders, files in os.walk(self.work):
            for name in folders + files:
                path = os.path.join(folder, name)
                found[path] = os.stat(path).st_mtime_ns
        return found

    def test_networks_that_are_wrong(self):
        for path, value, place, words in NETWORKS:
            with self.subTest(path=path, value=str(value)[:40]):
                net = self.write("net.json", changed(NETWORK, path, value))
                place = "net.json" + place if place.startswith("#") else place
                self.refused([designs.ELBGEN, net, "-o", "rtl"], place, words, lines=None if path == ["layers"] else 1)
                images = designs.random_images(1, 6, 6, 2)
                self.refused([designs.ELBSIM, net, "--input", images, "--engine", "integer"], place, words, lines=None)
        print(f"  {len(NETWORKS)} wrong networks, both programs")

    def test_text_that_is_no_json(self):
        for text, place in [("", ":1:"), ("{", ":1:"), ('{"a": 1,}', ":1:"), ('{"a": 1}\n{', ":2:"), ("[" * 100000, ""), ('{"a": 1e999}', ""),
                            ("\xff\xfe", ":1:"), ('{"format": "elbgen.network/1", "format": "x"}', "")]:
            with self.subTest(text=text[:20]):
                net = self.write("net.json", text.encode("latin-1"))
                self.refused([designs.ELBGEN, net, "-o", "rtl"], "net.json" + place, "", lines=None)
                self.refused([designs.ELBGEN, "all-kinds", "-o", "rtl", "--plan", net], "net.json" + place, "", lines=None)

    def test_every_mistake_has_a_line(self):
        net = changed(changed(changed(NETWORK, ["layers", 0, "weight"], "int9"), ["layers", 0, "stride"], -1), ["colour"], "red")
        self.refused([designs.ELBGEN, self.write("net.json", net), "-o", "rtl"], "net.json#/layers/0/stride", "-1", lines=3)

    def test_tensors_that_are_wrong(self):
        net = changed(changed(NETWORK, ["weights"], "w.safetensors"), ["layers", 0, "thresholds"], 3)
        path = self.write("net.json", net)
        self.write("w.safetensors", safetensors(SOUND_TENSORS))
        designs.must(designs.ELBGEN, path, "-o", os.path.join(designs.folder(), "sound-tensors"))
        for name, tensor, place, words in TENSORS:
            with self.subTest(name=name, words=words):
                tensors = {k: v for k, v in {**SOUND_TENSORS, name: tensor}.items() if v is not None}
                self.write("w.safetensors", safetensors(tensors))
                before = self.listing()
                done = designs.run(designs.ELBGEN, path, "-o", "rtl", cwd=self.work)
                self.assertEqual((done.returncode, done.stdout, self.listing()), (2, "", before), done.stderr)
                self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
                self.assertIn(place, done.stderr)
                self.assertIn(words, done.stderr.lower())
        sound = safetensors(SOUND_TENSORS)
        for damaged in (b"", sound[:7], sound[:40], sound[:-1], sound + b"x", struct.pack("<Q", 2 ** 60) + sound[8:], b"\xff" * 64,
                        sound.replace(b'"shape": [4', b'"shape": [-'), sound.replace(b"data_offsets", b"data_0ffsets", 1)):
            with self.subTest(damaged=damaged[:16]):
                self.write("w.safetensors", damaged)
                self.refused([designs.ELBGEN, path, "-o", "rtl"], "w.safetensors", "", lines=None)

    def test_plans_that_are_wrong(self):
        net = self.write("net.json", NETWORK)
        designs.must(designs.ELBGEN, net, "-o", os.path.join(designs.folder(), "sound-plan"), "--plan", self.write("plan.json", PLAN))
        for path, value, place, words in PLANS:
            with self.subTest(path=path, value=value):
                plan = self.write("plan.json", changed(PLAN, path, value))
                place = "plan.json" + place if place.startswith("#") else place
                self.refused([designs.ELBGEN, net, "-o", "rtl", "--plan", plan], place, words)
        twice = {**PLAN, "stages": PLAN["stages"] * 2}
        self.refused([designs.ELBGEN, net, "-o", "rtl", "--plan", self.write("plan.json", twice)], "plan.json#/stages/1", "conv1")
        print(f"  {len(PLANS) + 1} wrong plans")

    def test_devices_that_are_wrong_or_too_small(self):
        net = self.write("net.json", NETWORK)
        with open(os.path.join(designs.ROOT, "configs", "devices", "zc706.json"), encoding="utf-8") as f:
            zc706 = json.load(f)
        for path, value, place in [(["part"], None, ""), (["resources", "lut"], -1, "#/resources/lut"), (["shell", "lut"], 1, "#/shell/lut"),
                                   (["memories", 0, "burst_beats"], None, "#/memories/0"), (["memories", 1, "burst_beats"], 256, "#/memories/1/burst_beats"),
                                   (["memories", 0, "gbytes_per_s"], 50, "#/memories/0/gbytes_per_s"), (["memories", 0, "latency_ns"], -5, "#/memories/0/latency_ns")]:
            with self.subTest(path=path):
                device = self.write("device.json", changed(zc706, path, value))
                self.refused([designs.ELBGEN, net, "-o", "rtl", "--device", device], "device.json" + place, "")
        tiny = self.write("tiny.json", changed(zc706, ["resources", "lut"], 400))
        self.refused([designs.ELBGEN, net, "-o", "rtl", "--device", tiny], "net.json", "lut binds")
        self.refused([designs.ELBGEN, net, "-o", "rtl", "--device", tiny, "--plan", self.write("plan.json", PLAN)], "toy", "lut of")
        self.refused([designs.ELBGEN, net, "-o", "rtl", "--target-fps", "100"], "--target-fps", "--device")
        self.refused([designs.ELBGEN, net, "-o", "rtl", "--device", "zc706", "--target-fps", "1e9"], "--target-fps", "cycles")
        designs.must(designs.ELBGEN, net, "-o", os.path.join(designs.folder(), "too-large"), "--device", tiny, "--no-fit")

    def test_command_lines_that_are_wrong(self):
        images = designs.random_images(1, 6, 6, 2)
        net = self.write("net.json", NETWORK)
        for more, place, words in [([], "elbgen", "-o DIR"), (["-o", "rtl", "--clock-mhz", "0"], "--clock-mhz", "0"),
                                   (["-o", "rtl", "--clock-mhz", "fast"], "elbgen", "fast"), (["-o", "rtl", "--clock-mhz", "nan"], "", "nan"),
                                   (["-o", "rtl", "--device", "xc0"], "xc0", "no such file"), (["-o", "rtl", "--max-cycles", "0"], "elbgen", "0"),
                                   (["-o", "rtl", "--max-cycles", "99999999999999999999"], "elbgen", ""), (["-o", "rtl", "--prefix", "a-b"], "--prefix", "a-b"),
                                   (["-o", "rtl", "--timing", "no/such/t.json"], "no/such/t.json", "there is no directory"),
                                   (["-o", "rtl", "--technology", "xc8"], "elbgen", "xc8 not in {generic,xc7,xcup}"),
                                   (["-o", "rtl", "--plan", "none.json"], "none.json", "no such file"), (["-o", "rtl", "extra"], "elbgen", "extra"),
                                   (["-o", "/proc/rtl"], "/proc/rtl", ""), (["-o", "net.json"], "net.json", "")]:
            with self.subTest(more=more):
                self.refused([designs.ELBGEN, net, *more], place, words)
        self.refused([designs.ELBGEN, "alexnet-4-8219", "-o", "rtl"], "alexnet-4-8219", "alexnet-4-8218")
        self.refused([designs.ELBGEN, self.work, "-o", "rtl"], self.work, "")
        for more, place, words in [([], "elbsim", "--input"), (["--input", images, "--engine", "fast"], "elbsim", "fast"),
                                   (["--input", images, "--count", "0"], "elbsim", "0"), (["--input", images, "--stall", "5"], "--stall", "5"),
                                   (["--input", images, "--stall", "1:100"], "--stall", "1:100"), (["--input", images, "--stall", "1:2:3:4"], "--stall", ""),
                                   (["--input", images, "--seed", "0"], "elbsim", "0"), (["--input", images, "--threads", "-1"], "elbsim", "-1"),
                                   (["--input", images, "--engine", "integer", "--output", "no/such/o.npy"], "no/such/o.npy", "there is no directory"),
                                   (["--input", images, "--timing", "no/such/t.json"], "no/such/t.json", "there is no directory"),
                                   (["--input", images, "--engine", "integer", "--dump", "net.json"], "net.json", ""),
                                   (["--input", images, "--engine", "integer", "--labels", "none.npy"], "none.npy", "no such file")]:
            with self.subTest(more=more):
                self.refused([designs.ELBSIM, net, *more], place, words)

    def test_images_that_are_wrong(self):
        net = self.write("net.json", NETWORK)
        with open(designs.random_images(1, 6, 6, 2), "rb") as f:
            sound = f.read()
        cases = {"none.png": None, "empty.png": b"", "text.png": b"hello", "cut.png": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "cut.jpg": b"\xff\xd8\xff\xe0\0\x10JFIF",
                 "empty.npy": b"", "cut.npy": sound[:-1], "long.npy": sound + b"x", "header.npy": sound[:50], "short.bin": bytes(71), "empty.bin": b"",
                 "cut.idx": b"\0\0\x08\x03\0\0\0\1", "cut.gz": b"\x1f\x8b\x08\0\0", "photo.tiff": b"II*\0"}
        for name, content in cases.items():
            with self.subTest(name):
                if content is not None:
                    self.write(name, content)
                self.refused([designs.ELBSIM, net, "--input", name, "--engine", "integer"], name, "")
        for shape, dtype in [((1, 6, 6, 3), "u1"), ((1, 6, 5, 2), "u1"), ((6, 6, 2, 1, 1), "u1"), ((1, 6, 6, 2), "f4"), ((1, 6, 6, 2), "i4"), ((0, 6, 6, 2), "u1")]:
            with self.subTest(shape=shape, dtype=dtype):
                numpy.save(os.path.join(self.work, "x.npy"), numpy.zeros(shape, dtype=dtype))
                self.refused([designs.ELBSIM, net, "--input", "x.npy", "--engine", "integer"], "x.npy", "")
        numpy.save(os.path.join(self.work, "x.npy"), numpy.zeros((2, 6, 6, 2), dtype="u1"))
        for labels in (numpy.zeros(3, dtype="u1"), numpy.zeros((2, 2), dtype="u1"), numpy.zeros(2, dtype="f4")):
            numpy.save(os.path.join(self.work, "labels.npy"), labels)
            self.refused([designs.ELBSIM, net, "--input", "x.npy", "--labels", "labels.npy", "--engine", "integer"], "labels.npy", "")

    def test_designs_that_are_damaged(self):
        net = self.write("net.json", NETWORK)
        images = designs.random_images(1, 6, 6, 2)
        rtl = os.path.join(self.work, "rtl")
        for what, place in [("manifest.json", "manifest.json"), ("filelist.f", "filelist.f"), ("network/network.json", "network.json"), ("elb_toy.v", "filelist.f"),
                            ("mem", "manifest.json")]:
            with self.subTest(missing=what):
                designs.must(designs.ELBGEN, net, "-o", rtl)
                os.rename(os.path.join(rtl, what), os.path.join(self.work, "away"))
                self.refused([designs.ELBSIM, rtl, "--input", images], place, "", lines=None)
                os.rename(os.path.join(self.work, "away"), os.path.join(rtl, what))
        with open(os.path.join(rtl, "manifest.json"), encoding="utf-8") as f:
            manifest = json.load(f)
        for path, value in [(["format"], "x"), (["top"], "no name"), (["input", "shape"], [6, 6, 3]), (["output", "layer"], "conv1"), (["boundaries", 0, "bits"], 3),
                            (["boundaries"], None), (["predicted", "cycles_per_frame"], -1)]:
            with self.subTest(path=path):
                with open(os.path.join(rtl, "manifest.json"), "w", encoding="utf-8") as f:
                    json.dump(changed(manifest, path, value), f)
                self.refused([designs.ELBSIM, rtl, "--input", images], "manifest.json", "", lines=None)

    def test_what_elbgen_did_not_write_stays(self):
        net = self.write("net.json", NETWORK)
        os.mkdir(os.path.join(self.work, "thesis"))
        self.write("thesis/thesis.txt", "years of work")
        self.write("thesis/manifest.json", '{"manifest_version": 3}')  # as others have, too
        self.refused([designs.ELBGEN, net, "-o", "thesis"], "thesis", "--force")
        self.write("file", "content")
        self.refused([designs.ELBGEN, net, "-o", "file"], "file", "--force")
        designs.must(designs.ELBGEN, net, "-o", "thesis", "--force", cwd=self.work)
        self.assertFalse(os.path.exists(os.path.join(self.work, "thesis", "thesis.txt")))
        self.assertEqual(sorted(os.listdir(self.work)), ["file", "net.json", "thesis"])

    def test_a_target_out_of_reach_is_a_no(self):
        before = self.listing()
        done = designs.run(designs.ELBGEN, "all-kinds", "-o", os.path.join(self.work, "rtl"), "--max-cycles", "2")
        self.assertEqual((done.returncode, done.stdout, done.stderr.count("\n")), (1, "", 1), done.stderr)
        self.assertEqual(self.listing(), before)


def tree_hash(path):
    h = hashlib.sha256()
    for folder, folders, files in os.walk(path):
        folders.sort()
        for name in sorted(files):
            full = os.path.join(folder, name)
            h.update(os.path.relpath(full, path).encode())
            with open(full, "rb") as f:
                h.update(hashlib.sha256(f.read()).digest())
    return h.hexdigest()


class Killed(unittest.TestCase):
    def test_kill_at_ten_random_moments(self):
        rng = random.Random(designs.SEED)
        with tempfile.TemporaryDirectory() as work:
            whole, began = os.path.join(work, "whole"), time.time()
            designs.must(designs.ELBGEN, "alexnet-4-8218", "-o", whole)
            seconds = time.time() - began
            new = tree_hash(whole)
            rtl = os.path.join(work, "rtl")
            old, outcomes = None, []
            for i in range(10):
                if i >= 5:  # another design stands there
                    designs.must(designs.ELBGEN, "fmnist-4-8218", "-o", rtl)
                    old = tree_hash(rtl)
                process = subprocess.Popen([designs.ELBGEN, "alexnet-4-8218", "-o", rtl], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                # Half of the moments lie where files are written: after the first of them has appeared.
                if i % 2:
                    while process.poll() is None and not any(n.endswith(f"-{process.pid}") for n in os.listdir(work)):
                        time.sleep(0.001)
                    time.sleep(rng.uniform(0, 0.05 * seconds))
                else:
                    time.sleep(rng.uniform(0, seconds))
                process.send_signal(signal.SIGKILL)
                process.wait()
                state = tree_hash(rtl) if os.path.exists(rtl) else None
                self.assertIn(state, (None if old is None else old, old, new), f"kill {i} left a half directory")
                outcomes.append("whole" if state == new else "old" if state else "absent")
                shutil.rmtree(rtl, ignore_errors=True)
            designs.must(designs.ELBGEN, "alexnet-4-8218", "-o", rtl)
            self.assertEqual(tree_hash(rtl), new)
            self.assertEqual(sorted(os.listdir(work)), ["rtl", "whole"])
            print(f"  seed {designs.SEED}: {seconds:.1f} s for a whole run, killed ten times: {', '.join(outcomes)}; then whole again")


if __name__ == "__main__":
    unittest.main()
