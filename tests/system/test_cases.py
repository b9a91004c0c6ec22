"""Golden against networks made by others (ELB_CASES, ELB_DATASETS) and against cases made up here."""
import json
import os
import random
import subprocess
import sys
import tempfile
import unittest

import case_files
from test_case2net import CASE2NET, ROOT, small_case

ELBSIM = os.path.join(ROOT, "build", "gen", "cli", "elbsim")


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(command)}: exit {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def elbsim(*arguments):
    return json.loads(run(ELBSIM, *arguments, "--json"))


def outside(variable, name):
    """A folder from outside: skipped where none was given, a failure where it lacks what was promised."""
    folder = os.environ.get(variable)
    if not folder:
        raise unittest.SkipTest(f"{variable} is not set")
    path = os.path.join(folder, name)
    if not os.path.exists(path):
        raise AssertionError(f"{path} is missing")
    return path


class Converted(unittest.TestCase):
    def setUp(self):
        work = tempfile.TemporaryDirectory()
        self.addCleanup(work.cleanup)
        self.work = work.name
        self.net_dir = os.path.join(self.work, "net")
        self.net = os.path.join(self.net_dir, "network.json")
        self.inputs = os.path.join(self.net_dir, "inputs.npy")

    def convert(self, case_dir):
        run(sys.executable, CASE2NET, case_dir, "-o", self.net_dir)

    def dumped(self, name):
        return case_files.read_npy(os.path.join(self.work, "dump", name + ".npy"))

    def output(self):
        return case_files.read_npy(os.path.join(self.work, "out.npy"))

    def simulate(self, engine, *more):
        return elbsim(self.net, "--input", self.inputs, "--engine", engine, "--output",
                      os.path.join(self.work, "out.npy"), "--dump", os.path.join(self.work, "dump"), *more)


class OutsideCases(Converted):
    def check_case(self, name, boundaries):
        case_dir = outside("ELB_CASES", name)
        self.convert(case_dir)
        report = self.simulate("integer")
        expected = case_files.int32_values(case_files.read(os.path.join(case_dir, "expected_last.bin")))
        self.assertEqual(self.output(), ("<i4", (100, len(expected) // 100), expected))
        classes = case_files.read(os.path.join(case_dir, "expected_class.bin"))
        self.assertEqual(report["classes"], list(classes))
        compared = 0
        for file_name in sorted(os.listdir(os.path.join(case_dir, "exp"))):
            layer, what, _ = file_name.split(".")
            data = case_files.read(os.path.join(case_dir, "exp", file_name))
            if what == "acc":
                values = case_files.int32_values(data)
            else:
                values = [v - 256 if v > 127 else v for v in data]
            dump = {"acc": layer + ".acc", "act": layer, "pool": layer + "_pool"}[what]
            if what == "act" and layer + ".weight" in self.raw_layers():
                values = self.bits_as_values(case_dir, layer, len(values))
            _, shape, got = self.dumped(dump)
            self.assertEqual(shape[0], 100)
            self.assertEqual(got[:len(values)], values, file_name)
            compared += 1
        self.assertEqual(compared, boundaries)

    def raw_layers(self):
        tensors = case_files.read_safetensors(os.path.join(self.net_dir, "weights.safetensors"))
        return {name for name in tensors if name.endswith(".weight") and name.replace(".weight", ".thresholds") not in tensors}

    def bits_as_values(self, case_dir, layer, count):
        """The case's last activation is the host's rule here: the raw accumulators that give these bits."""
        thresholds = case_files.int32_values(case_files.read(os.path.join(case_dir, layer + ".thr.bin")))
        act = case_files.read(os.path.join(case_dir, "exp", layer + ".act.bin"))
        raw = self.dumped(layer)[2][:count]
        bits = [1 if a >= thresholds[i % len(thresholds)] else 255 for i, a in enumerate(raw)]
        self.assertEqual(bits, list(act))
        return raw

    def test_the_cnv_case_agrees_everywhere(self):
        self.check_case("cnv-w1a1-cifar10", 19)

    def test_the_lfc_case_agrees_everywhere(self):
        self.check_case("lfc-w1a1-mnist", 8)

    def test_the_cnv_classifies_763_of_1000_photographs(self):
        images = outside("ELB_DATASETS", "cifar10_jpeg_test_1000.images.bin")
        labels = outside("ELB_DATASETS", "cifar10_jpeg_test_1000.labels.bin")
        self.convert(outside("ELB_CASES", "cnv-w1a1-cifar10"))
        report = elbsim(self.net, "--input", images, "--labels", labels, "--engine", "integer")
        self.assertEqual(report["images"], 1000)
        self.assertAlmostEqual(report["accuracy"], 0.763)

    def test_both_class_rules_on_digits_where_they_differ(self):
        images = outside("ELB_DATASETS", "mnist_t10k_1000.images.bin")
        self.convert(outside("ELB_CASES", "lfc-w1a1-mnist"))
        out = os.path.join(self.work, "out.npy")
        highest = elbsim(self.net, "--input", images, "--engine", "integer", "--output", out)["classes"]
        _, (count, outputs), values = self.output()
        thresholds = case_files.read_safetensors(os.path.join(self.net_dir, "weights.safetensors"))["class.thresholds"][2]
        rows = [values[i * outputs:(i + 1) * outputs] for i in range(count)]
        argmax = [row.index(max(row)) for row in rows]
        by_bits = [max([k for k in range(outputs) if row[k] >= thresholds[k]], default=0) for row in rows]
        self.assertEqual(highest, by_bits)
        self.assertEqual(sum(a != b for a, b in zip(argmax, by_bits)), 2)


class MadeUpCases(Converted):
    def check(self, case):
        case_dir = os.path.join(self.work, "case")
        case.write(case_dir)
        self.convert(case_dir)
        for engine in ("integer", "reference"):
            self.simulate(engine)
            self.assertEqual(self.output()[2], [v for e in case.expected for v in e[f"L{case.layers[-1].index}.acc"]])
            for layer in case.layers:
                names = {f"L{layer.index}.acc": f"L{layer.index}.acc"}
                if not layer.raw:
                    names[f"L{layer.index}.act"] = f"L{layer.index}"
                if layer.pool:
                    names[f"L{layer.index}.pool"] = f"L{layer.index}_pool"
                for ours, dump in names.items():
                    expected = [v for e in case.expected for v in e[ours]]
                    self.assertEqual(self.dumped(dump)[2], expected, f"{engine}: {dump}")

    def test_biases_pools_and_every_weight_format_agree(self):
        for seed in range(4):
            with self.subTest(seed=seed):
                self.check(small_case(seed))

    def test_random_activations_agree(self):
        r = random.Random(int(os.environ.get("ELB_SEED", "5")))
        for base, step, nthr in [(0, 1, 1), (0, 1, 3), (0, 1, 15), (0, 1, 255), (0, 1, 6), (-1, 2, 1), (-1, 1, 2), (-4, 1, 7),
                                 (-128, 1, 255), (-3, 2, 3), (-1, 1, 1), (2, 3, 4)]:
            with self.subTest(base=base, step=step, nthr=nthr):
                first = case_files.Layer(r, 0, "conv", [5, 5, 3], 6, 2, "i8", range(-9, 10), base, step, True, r.random() < 0.5,
                                         False, nthr)
                last = case_files.Layer(r, 1, "fc", first.pool_out(), 3, 1, "b1", (-1, 1), 0, 0, False, False, True)
                self.check(case_files.Case(r, [5, 5, 3], [p // 2 - 64 for p in range(256)], [first, last], 4, "argmax"))


if __name__ == "__main__":
    unittest.main()
