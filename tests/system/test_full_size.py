"""Full-size networks on a device, as their users run them: planned, generated, simulated with real photographs.

Everything but the short stream of frames runs with --all only: it is a quarter of an hour of one core.
"""
import json
import os
import resource
import tempfile
import time
import unittest

import numpy

import designs

PHOTOGRAPHS = "/usr/lib/python3/dist-packages/skimage/data"  # python3-skimage; tools/setup installs it
DEVICE = "zc706"
BOARD = ("--device", DEVICE)
AXI = {"protocol": "axi4", "data_bits": 128, "burst_beats": 16, "outstanding": 8, "latency_cycles": 40}


def photographs(*names):
    return [os.path.join(PHOTOGRAPHS, name) for name in names]


def write(name, content):
    path = os.path.join(designs.folder(), name)
    with open(path, "w", encoding="utf-8") as f:
        json.dump(content, f)
    return path


def shipped(network, **changes):
    with open(os.path.join(designs.ROOT, "configs", "networks", network + ".json"), encoding="utf-8") as f:
        return json.load(f) | changes


class Stopwatch:
    """Seconds since it was made: on the wall, and of processor time of programs that ended."""

    def __init__(self):
        self.began = time.monotonic(), self.children()

    @staticmethod
    def children():
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        return used.ru_utime + used.ru_stime

    def read(self):
        return time.monotonic() - self.began[0], self.children() - self.began[1]


def streamed(directory):
    """The stages of a plan that stream their weights."""
    with open(os.path.join(directory, "plan.json"), encoding="utf-8") as f:
        return {s["layer"]: s for s in json.load(f)["stages"] if s["weights"] == "stream"}


class FullSize(unittest.TestCase):
    work = designs.MODELS

    def long(self):
        """Skips the test without --all. No model of an earlier run is used: compiling is part of what is measured."""
        if not designs.LONG:
            self.skipTest("minutes long; --all runs it")
        work = tempfile.TemporaryDirectory()
        self.addCleanup(work.cleanup)
        self.work = work.name

    def exact(self, directory, images, *options):
        """Simulates; every value right and, where the memory is the plan's, every frame in its cycles."""
        timing = os.path.join(designs.folder(), "timing.json")
        code, report = designs.simulate(directory, "--input", *images, "--timing", timing, *options, work=self.work)
        self.assertEqual((code, report["mismatches"], report["failures"]), (0, 0, []))
        if not any(o.startswith("--dram") for o in options):
            self.assertTrue(report["timing"]["as_predicted"])
            self.assertEqual(report["timing"]["frames"], report["images"])
            self.assertEqual(report["predicted"]["latency_cycles"], report["simulated"]["latency_cycles"])
        with open(timing, encoding="utf-8") as f:
            report["cycles"] = max(last for s in json.load(f)["streams"] for _, last in s["frames"])
        return report

    def tell(self, what, report, wall, processor):
        print(f"  {what}: {report['values_compared']:,} values at {report['boundaries_compared']} boundaries, {report['images']} frames, "
              f"{report['cycles']:,} cycles, {report['simulated']}, {report['cycles_per_second']:,.0f} cycles/s on the wall; "
              f"{wall:.0f} s on the wall, {processor:.0f} s of processor time")

    def test_three_photographs_through_alexnet(self):
        self.long()
        watch = Stopwatch()
        directory, plan = designs.design("alexnet-4-8218", *BOARD)
        self.assertTrue(plan["fits"])
        self.assertTrue({"fc6", "fc7"} <= streamed(directory).keys())
        images = photographs("rocket.jpg", "retina.jpg", "hubble_deep_field.jpg")
        report = self.exact(directory, images)
        wall, processor = watch.read()
        self.tell("alexnet-4-8218", report, wall, processor)
        self.assertEqual((report["images"], report["boundaries_compared"]), (3, 12))
        self.assertLess(processor, 300)

        # The model is there: what is left is the simulation, golden and the cycle model.
        watch = Stopwatch()
        hostile = self.exact(directory, images[:1], "--dram-random", f"{designs.SEED}:200:30")
        wall, processor = watch.read()
        self.tell("the same, one frame, random memory", hostile, wall, processor)
        self.assertEqual(hostile["classes"], report["classes"][:1])
        self.assertGreaterEqual(hostile["cycles"] / processor, 5000)

    def test_vgg16_of_reduced_height(self):
        self.long()
        net = shipped("vgg16-4-8218", name="vgg16_32")
        net["input"] = {"shape": [32, 224, 3], "activation": net["input"]["activation"]}
        # Bands that do not divide the map, and bands of one row; the rest is the planner's.
        bands = {"format": "elbgen.plan/1", "stages": [{"layer": "conv4_2", "weights": "stream", "band_rows": 3},
                                                       {"layer": "conv5_2", "weights": "stream", "band_rows": 1}]}
        watch = Stopwatch()
        directory, plan = designs.design(write("vgg16_32.json", net), *BOARD, "--plan", write("bands.json", bands))
        self.assertTrue(plan["fits"])
        stages = streamed(directory)
        self.assertTrue({"conv4_2", "conv5_2", "fc6", "fc7"} <= stages.keys(), stages.keys())
        self.assertEqual((stages["conv4_2"]["band_rows"], stages["conv5_2"]["band_rows"]), (3, 1))
        report = self.exact(directory, [designs.random_images(2, 32, 224, 3)])
        self.assertEqual((report["images"], report["boundaries_compared"]), (2, 22))
        self.tell("vgg16-4-8218, 32 rows", report, *watch.read())

    def test_vgg16_of_full_size_by_both_ways_of_golden(self):
        self.long()
        scores = {}
        for engine in ("integer", "reference"):
            watch = Stopwatch()
            output = os.path.join(self.work, engine + ".npy")
            code, report = designs.simulate("vgg16-4-8218", "--engine", engine, "--input", *photographs("coffee.png"), "--output", output, work=self.work)
            self.assertEqual((code, report["images"]), (0, 1))
            scores[engine] = numpy.load(output).reshape(-1)
            wall, processor = watch.read()
            print(f"  vgg16-4-8218, {engine}: class {report['classes'][0]}, {report['gmac_per_second']:.1f} GMAC/s, {wall:.1f} s on the wall, "
                  f"{processor:.1f} s of processor time")
        self.assertEqual(scores["integer"].shape, (1000,))
        self.assertEqual(scores["integer"].tolist(), scores["reference"].tolist())
        self.assertGreater(len(set(scores["integer"].tolist())), 100)

    def test_the_fc_layers_of_alexnet_behind_a_hostile_memory(self):
        self.long()
        net = shipped("alexnet-4-8218", name="alexnet_fc", input={"shape": [6, 6, 256], "activation": {"kind": "unsigned", "bits": 4}})
        net["layers"] = [layer for layer in net["layers"] if layer["op"] == "fc"]
        watch = Stopwatch()
        directory, plan = designs.design(write("alexnet_fc.json", net), *BOARD, "--max-cycles", "175000")
        self.assertEqual(streamed(directory).keys(), {"fc6", "fc7", "fc8"})
        images = [designs.random_images(3, 6, 6, 256)]
        calm = self.exact(directory, images)
        self.tell("fc6 to fc8 of alexnet-4-8218", calm, *watch.read())
        for options in (["--dram-random", f"{designs.SEED}:200:30"], ["--dram-random", "2:200:30", "--stall", "3:30", "--seed", "5"]):
            with self.subTest(options=options):
                watch = Stopwatch()
                hostile = self.exact(directory, images, *options)
                self.tell(" ".join(options), hostile, *watch.read())
                self.assertEqual(hostile["classes"], calm["classes"])
                self.assertGreater(hostile["cycles"], calm["cycles"])

    def test_three_frames_at_eight_a_pass_come_out_whole(self):
        net = {"format": "elbgen.network/1", "name": "passes", "weights": {"synthetic": 5},
               "input": {"shape": [6, 6, 16], "activation": {"kind": "unsigned", "bits": 8}},
               "layers": [{"name": "fc1", "op": "fc", "out_channels": 96, "weight": "binary", "activation": {"kind": "unsigned", "bits": 4}},
                          {"name": "fc2", "op": "fc", "out_channels": 64, "weight": "ternary", "activation": {"kind": "unsigned", "bits": 4}},
                          {"name": "fc3", "op": "fc", "out_channels": 10, "weight": "int8"}]}
        stages = [{"layer": layer, "p": p, "s": s, "m": 1, "weights": "stream", "b": 8} for layer, p, s in (("fc1", 8, 16), ("fc2", 4, 8), ("fc3", 1, 8))]
        plan = {"format": "elbgen.plan/1", "clock_mhz": 200, "memory": AXI, "stages": stages}
        directory, _ = designs.design(write("passes.json", net), "--plan", write("passes.plan.json", plan))
        self.assertEqual({s["b"] for s in streamed(directory).values()}, {8})
        for frames in (1, 3, 11):
            with self.subTest(frames=frames):
                watch = Stopwatch()
                report = self.exact(directory, [designs.random_images(frames, 6, 6, 16)])
                self.assertEqual((report["images"], report["values_compared"]), (frames, frames * (6 * 6 * 16 + 96 + 64 + 10)))
                self.tell("three layers, up to eight frames a pass", report, *watch.read())


if __name__ == "__main__":
    unittest.main()
