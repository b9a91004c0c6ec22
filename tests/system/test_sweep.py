"""elbsweep: every point of a Pareto list regenerates with elbgen to the figures that the sweep gave it."""
import copy
import csv
import filecmp
import json
import os
import shlex
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree

import designs

ELBSWEEP = os.path.join(designs.ROOT, "build", "gen", "cli", "elbsweep")
U4 = {"kind": "unsigned", "bits": 4}
NETWORK = {
    "format": "elbgen.network/1", "name": "small", "weights": {"synthetic": 3},
    "input": {"shape": [16, 16, 3], "activation": {"kind": "unsigned", "bits": 8}},
    "layers": [
        {"name": "conv1", "op": "conv", "out_channels": 8, "kernel": 3, "padding": 1, "weight": "int8", "activation": U4},
        {"name": "pool1", "op": "max_pool", "kernel": 2, "stride": 2},
        {"name": "conv2", "op": "conv", "out_channels": 16, "kernel": 3, "padding": 1, "weight": "ternary", "activation": U4},
        {"name": "pool2", "op": "max_pool", "kernel": 2, "stride": 2},
        {"name": "fc1", "op": "fc", "out_channels": 32, "weight": "binary", "activation": U4},
        {"name": "fc2", "op": "fc", "out_channels": 10, "weight": "int8"},
    ],
}
SWEEP = {
    "format": "elbgen.sweep/1", "name": "a <small> & \"quoted\", sweep", "network": "small.json", "device": "pynq-z1",
    "activation_bits": [8, 4, 1],
    "weights": {"first": ["int8", "int4"], "middle_conv": ["ternary", "binary"], "middle_fc": ["binary"], "last": ["int8", "ternary"]},
}
POINTS = 3 * 2 * 2 * 1 * 2


def write(folder, sweep, network=NETWORK):
    for name, content in (("small.json", network), ("sweep.json", sweep)):
        with open(os.path.join(folder, name), "w", encoding="utf-8") as f:
            json.dump(content, f)
    return os.path.join(folder, "sweep.json")


def read(*path):
    with open(os.path.join(*path), encoding="utf-8") as f:
        return f.read()


def files_of(folder):
    return sorted(os.path.relpath(os.path.join(d, f), folder) for d, _, files in os.walk(folder) for f in files)


class Sweep(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.work = tempfile.mkdtemp(dir=designs.folder())
        cls.sweep = write(cls.work, SWEEP)
        cls.out = os.path.join(cls.work, "out")
        cls.report = json.loads(designs.must(ELBSWEEP, cls.sweep, "-o", cls.out, "--json", "--threads", "2"))

    def rows(self, name):
        with open(os.path.join(self.out, name), newline="", encoding="utf-8") as f:
            return list(csv.DictReader(f))

    def test_every_point_of_the_list_regenerates_with_elbgen_to_the_same_figures(self):
        points = {p["name"]: p for p in self.report["points"]}
        rows = self.rows("pareto.csv")
        self.assertGreater(len(rows), 1)
        for row in rows:
            with self.subTest(row["name"]):
                program, *options = shlex.split(row["command"])
                self.assertEqual((program, options[-2:]), ("elbgen", ["-o", "rtl/"]))
                plan = json.loads(designs.must(designs.ELBGEN, *options[:-2], "--plan-only", "--json", cwd=self.out))
                point = points[row["name"]]
                self.assertEqual(plan["network"], row["name"])
                for key in ("cycles_per_frame", "latency_cycles", "frames_per_second", "fits", "binds"):
                    self.assertEqual(plan[key], point[key], key)
                self.assertEqual(plan["resources"], {key: point[key] for key in ("lut", "ff", "bram36", "dsp")})
                self.assertEqual(str(point["cycles_per_frame"]), row["cycles_per_frame"])
                self.assertEqual(str(point["lut"]), row["lut"])
        print(f"  {len(rows)} points regenerated")

    def test_one_generated_design_runs_as_its_point_says(self):
        point = next(p for p in self.report["points"] if p["pareto"])
        folder = os.path.join(self.out, "pareto", point["name"])
        rtl = os.path.join(self.work, "rtl")
        designs.must(designs.ELBGEN, os.path.join(folder, "network.json"), "--plan", os.path.join(folder, "plan.json"), "--device",
                     os.path.join(self.out, "device.json"), "-o", rtl)
        code, report = designs.simulate(rtl, "--input", designs.random_images(3, 16, 16, 3))
        self.assertEqual(code, 0)
        self.assertEqual(report["mismatches"], 0)
        self.assertEqual(report["simulated"], {key: point[key] for key in ("cycles_per_frame", "latency_cycles")})

    def test_all_points_are_there_and_the_files_agree(self):
        rows = self.rows("points.csv")
        self.assertEqual(len(rows), POINTS)
        self.assertEqual(len({row["name"] for row in rows}), POINTS)
        self.assertEqual([row["name"] for row in rows], [p["name"] for p in self.report["points"]])
        self.assertEqual(json.loads(read(self.out, "results.json")), self.report)
        listed = [row["name"] for row in rows if row["pareto"] == "yes"]
        self.assertEqual(listed, [row["name"] for row in self.rows("pareto.csv")])
        self.assertEqual(sorted(listed), sorted(os.listdir(os.path.join(self.out, "pareto"))))
        self.assertEqual(rows[0]["name"], "small-8-8218")
        self.assertEqual([rows[0][k] for k in ("activation_bits", "first", "middle_conv", "middle_fc", "last")],
                         ["8", "int8", "ternary", "binary", "int8"])
        for row in rows:
            self.assertEqual(row["latency_cycles"] == "", row["figures"] == "closed_form")

    def test_points_of_a_device_with_ultra_ram_say_how_much_they_take(self):
        folder = tempfile.mkdtemp(dir=designs.folder())
        with open(os.path.join(designs.ROOT, "configs", "devices", "kv260.json"), encoding="utf-8") as f:
            device = json.load(f)
        device["name"], device["resources"]["bram36"] = "little", 2
        with open(os.path.join(folder, "little.json"), "w", encoding="utf-8") as f:
            json.dump(device, f)
        network = copy.deepcopy(NETWORK)
        network["input"]["shape"], network["layers"][0]["out_channels"] = [128, 128, 3], 64
        one = {key: [values[0]] for key, values in SWEEP["weights"].items()}
        sweep = write(folder, {**SWEEP, "device": "little.json", "activation_bits": [8], "weights": one,
                               "objectives": ["frames_per_second", "uram"]}, network)
        out = os.path.join(folder, "out")
        point, = json.loads(designs.must(ELBSWEEP, sweep, "-o", out, "--json", "--threads", "1"))["points"]
        self.assertGreater(point["uram"], 0)
        with open(os.path.join(out, "pareto.csv"), newline="", encoding="utf-8") as f:
            row, = csv.DictReader(f)
        self.assertEqual(row["uram"], str(point["uram"]))
        plan = json.loads(designs.must(designs.ELBGEN, *shlex.split(row["command"])[1:-2], "--plan-only", "--json", cwd=out))
        self.assertEqual(plan["resources"], {key: point[key] for key in ("lut", "ff", "bram36", "dsp", "uram")})
        self.assertIn("URAM", read(out, "README.md"))
        self.assertNotIn("uram", "".join(self.rows("points.csv")[0]))

    def test_the_picture_is_xml_with_a_title_per_point(self):
        svg = ElementTree.fromstring(read(self.out, "sweep.svg"))
        titles = [t.text for t in svg.iter("{http://www.w3.org/2000/svg}title")]
        self.assertIn(SWEEP["name"], titles[0])
        self.assertEqual(len(titles), 1 + sum(p["fits"] for p in self.report["points"]))

    def test_the_same_bytes_whatever_the_threads_and_over_an_older_result(self):
        other = os.path.join(self.work, "other")
        for threads in ("1", "3"):
            designs.must(ELBSWEEP, self.sweep, "-o", other, "--threads", threads)
            self.assertEqual(files_of(other), files_of(self.out))
            self.assertEqual(filecmp.cmpfiles(self.out, other, files_of(other), shallow=False)[1:], ([], []))

    def test_a_point_alone_is_what_elbgen_plans(self):
        name = self.report["points"][0]["name"]
        shown = json.loads(designs.must(ELBSWEEP, self.sweep, "--point", name, "--json"))
        self.assertEqual(shown["network"], name)
        network = os.path.join(self.work, "point.json")
        point = copy.deepcopy(NETWORK)
        point["name"] = name
        for layer in point["layers"]:
            if "activation" in layer:
                layer["activation"] = {"kind": "unsigned", "bits": 8}
        with open(network, "w", encoding="utf-8") as f:
            json.dump(point, f)
        self.assertEqual(json.loads(designs.must(designs.ELBGEN, network, "--device", "pynq-z1", "--plan-only", "--json")), shown)
        self.assertIn("conv1", designs.must(ELBSWEEP, self.sweep, "--point", name))

    def test_a_point_of_the_shipped_sweep_is_the_shipped_network(self):
        shown = designs.must(ELBSWEEP, "alexnet-zc706", "--point", "alexnet-4-8218", "--json")
        self.assertEqual(shown, designs.must(designs.ELBGEN, "alexnet-4-8218", "--device", "zc706", "--plan-only", "--json"))

    def refused(self, options, place, words, folder=None):
        done = designs.run(ELBSWEEP, *options, cwd=folder or self.work)
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertEqual(done.stdout, "")
        self.assertTrue(done.stderr.startswith(place), done.stderr)
        self.assertIn(words, done.stderr)

    def test_what_is_wrong_is_refused_with_place_and_remedy(self):
        def sweep(**keys):
            return {**SWEEP, **keys}
        weights = SWEEP["weights"]
        bipolar, one_class = copy.deepcopy(NETWORK), copy.deepcopy(NETWORK)
        bipolar["layers"][0]["activation"] = {"kind": "bipolar"}
        del one_class["layers"][4]
        signed = copy.deepcopy(NETWORK)
        signed["layers"][2]["activation"] = {"kind": "signed", "bits": 4}
        for content, network, place, words in [
                (sweep(netwrok="x"), NETWORK, "sweep.json#: error [json-key]: unknown key \"netwrok\"", "did you mean \"network\"?"),
                (sweep(network="smal"), NETWORK, "sweep.json#/network: error [io-read]", "\"smal\""),
                (sweep(device="zc707"), NETWORK, "sweep.json#/device: error [io-read]", "did you mean zc706?"),
                (sweep(activation_bits=[9]), NETWORK, "sweep.json#/activation_bits/0: error [json-value]", "1..8"),
                (sweep(weights={**weights, "last": ["int9"]}), NETWORK, "sweep.json#/weights/last/0: error [json-value]", "did you mean"),
                (sweep(), bipolar, "small.json#/layers/0/activation: error [sweep-network]", "unsigned"),
                (sweep(), signed, "small.json#/layers/2/activation/bits: error [json-value]", "asked for by sweep.json#/activation_bits/2"),
                (sweep(), {**NETWORK, "weights": "small.safetensors"}, "small.json#/weights: error [sweep-network]", "synthetic"),
                (sweep(weights={**weights, "middle_fc": ["binary", "int8"]}), one_class, "sweep.json#/weights/middle_fc: error [json-value]", "no such layer"),
                (sweep(format="elbgen.network/1"), NETWORK, "sweep.json#/format: error [json-value]", "elbgen.sweep/1")]:
            with self.subTest(words):
                folder = tempfile.mkdtemp(dir=designs.folder())
                write(folder, content, network)
                self.refused(["sweep.json", "-o", "out"], place, words, folder)
                self.assertEqual(sorted(os.listdir(folder)), ["small.json", "sweep.json"])
        for options, place, words in [([], "elbsweep: error [cli-usage]", ""), (["sweep.json"], "elbsweep: error [cli-usage]", "-o DIR"),
                                      (["alexnet-zc70", "-o", "x"], "alexnet-zc70: error [io-read]", "did you mean alexnet-zc706?"),
                                      (["sweep.json", "-o", "x", "--point", "small-8-8218"], "elbsweep: error [cli-usage]", "exclude"),
                                      (["sweep.json", "--point", "small-8-8219"], "--point: error [cli-usage]", "did you mean small-8-8218?"),
                                      (["sweep.json", "-o", "x", "--threads", "0"], "elbsweep: error [cli-usage]", ""),
                                      (["sweep.json", "-o", self.work], self.work + ": error [io-write]", "--force")]:
            with self.subTest(options=options):
                self.refused(options, place, words)


if __name__ == "__main__":
    unittest.main()
