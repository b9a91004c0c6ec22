"""tools/case2net: what it writes, and what it refuses."""
import json
import os
import random
import subprocess
import sys
import tempfile
import unittest

import case_files

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
CASE2NET = os.path.join(ROOT, "tools", "case2net")


def convert(*arguments):
    return subprocess.run([sys.executable, CASE2NET, *arguments], capture_output=True, text=True)


def small_case(seed=1, class_rule="argmax", last_thresholds=None):
    r = random.Random(seed)
    lut = [max(-2, min(1, (p - 128) // 50)) for p in range(256)]
    first = case_files.Layer(r, 0, "conv", [6, 7, 2], 5, 3, "i8", range(-128, 128), 0, 1, True, True, False, 3)
    second = case_files.Layer(r, 1, "conv", first.pool_out(), 3, 1, "i2", (-1, 0, 1), -1, 1, False, False, False, 2)
    third = case_files.Layer(r, 2, "fc", second.out, 9, 1, "b1", (-1, 1), -1, 2, False, False, False, 1)
    last = case_files.Layer(r, 3, "fc", third.out, 4, 1, "i2", (-2, -1, 0, 1), 0, 0, False, True, True, last_thresholds)
    return case_files.Case(r, [6, 7, 2], lut, [first, second, third, last], 3, class_rule)


class Case2Net(unittest.TestCase):
    def setUp(self):
        self.work = tempfile.TemporaryDirectory()
        self.addCleanup(self.work.cleanup)
        self.case_dir = os.path.join(self.work.name, "case")
        self.net_dir = os.path.join(self.work.name, "net")

    def converted(self, case):
        case.write(self.case_dir)
        done = convert(self.case_dir, "-o", self.net_dir)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))
        with open(os.path.join(self.net_dir, "network.json"), encoding="utf-8") as f:
            network = json.load(f)
        return network, case_files.read_safetensors(os.path.join(self.net_dir, "weights.safetensors"))

    def refused(self, part):
        done = convert(self.case_dir, "-o", self.net_dir)
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        self.assertIn(part, done.stderr)
        self.assertFalse(os.path.exists(self.net_dir))

    def edit(self, old, new):
        path = os.path.join(self.case_dir, "case.txt")
        text = case_files.read(path).decode()
        self.assertEqual(text.count(old), 1)
        case_files.write(path, text.replace(old, new).encode())

    def test_kinds_follow_from_formats_and_values(self):
        network, tensors = self.converted(small_case())
        self.assertEqual(network["input"]["activation"], {"kind": "signed", "bits": 2})
        self.assertEqual([layer["name"] for layer in network["layers"]], ["L0", "L0_pool", "L1", "L2", "L3"])
        self.assertEqual([layer.get("weight") for layer in network["layers"]], ["int8", None, "ternary", "binary", "int2"])
        self.assertEqual([layer.get("activation", {}).get("kind") for layer in network["layers"]],
                         ["unsigned", None, "ternary", "bipolar", None])
        self.assertEqual([layer.get("bias") for layer in network["layers"]], [True, None, None, None, True])
        self.assertNotIn("class.thresholds", tensors)

    def test_tensors_are_the_case_s_integers(self):
        case = small_case()
        _, tensors = self.converted(case)
        for layer in case.layers:
            dtype, shape, values = tensors[f"L{layer.index}.weight"]
            self.assertEqual((dtype, shape[0], values), ("I8", layer.out[2], layer.weights))
            if layer.nthr:
                self.assertEqual(tensors[f"L{layer.index}.thresholds"],
                                 ("I32", [layer.out[2], layer.nthr], sum(layer.thresholds, [])))
        self.assertEqual(tensors["L0.bias"], ("I32", [5], case.layers[0].bias))
        self.assertEqual(tensors["L0.weight"][1], [5, 3, 3, 2])

    def test_images_and_labels(self):
        case = small_case()
        self.converted(case)
        self.assertEqual(case_files.read_npy(os.path.join(self.net_dir, "inputs.npy")),
                         ("|u1", (3, 6, 7, 2), sum(case.images, [])))
        self.assertEqual(case_files.read_npy(os.path.join(self.net_dir, "labels.npy")),
                         ("<i4", (3,), [-1 if v == 255 else v for v in case.labels]))

    def test_the_last_thresholds_become_the_class_rule(self):
        case = small_case(class_rule="highest_bit", last_thresholds=1)
        network, tensors = self.converted(case)
        self.assertEqual(network["class_rule"], "highest_bit")
        self.assertNotIn("thresholds", network["layers"][-1])
        self.assertEqual(tensors["class.thresholds"], ("I32", [4], sum(case.layers[3].thresholds, [])))

    def test_an_activation_between_two_kinds_takes_the_next_one(self):
        case = small_case()
        case.layers[0].base, case.layers[0].step = -3, 2  # -3, -1, 1, 3: signed 3 bit, every threshold twice
        network, tensors = self.converted(case)
        self.assertEqual(network["layers"][0]["activation"], {"kind": "signed", "bits": 3})
        rows = tensors["L0.thresholds"][2]
        a, b, c = case.layers[0].thresholds[1]
        self.assertEqual(rows[7:14], [-2**31, a, a, b, b, c, c])

    def test_a_damaged_file_is_named_with_both_sizes(self):
        small_case().write(self.case_dir)
        case_files.write(os.path.join(self.case_dir, "L2.weights.bin"), b"\0\0")
        self.refused("L2.weights.bin: the file has 2 bytes, the case asks for")

    def test_a_missing_file_is_named(self):
        small_case().write(self.case_dir)
        os.remove(os.path.join(self.case_dir, "L0.bias.bin"))
        self.refused("L0.bias.bin: no such file")

    def test_descending_thresholds_are_refused(self):
        case = small_case()
        case.layers[0].thresholds[2] = [5, 4, 6]
        case.write(self.case_dir)
        self.refused("L0.thr.bin: the thresholds of channel 2 descend")

    def test_what_the_format_does_not_define_is_refused_with_its_line(self):
        for old, new, part in [(" conv 6 7 2", " depthwise 6 7 2", "case.txt:7: layer kind"),
                               (" i2 2 ", " i4 2 ", "case.txt:8: weight format \"i4\" is not one of b1, i2, i8"),
                               ("class_rule argmax", "class_rule best", "case.txt:11: class_rule \"best\""),
                               ("labels labels.bin", "stride 2", "case.txt:5: \"stride\" is not an item"),
                               ("input u8 3", "input u16 3", "case.txt:3: input of type \"u16\""),
                               (" 4 5 5 ", " 6 7 5 ", "case.txt:7: the layer gives [6, 7, 5]"),
                               ("elbgen-external-case 1", "elbgen-external-case 2", "case.txt:1: expected"),
                               ("layer 1 ", "layer 7 ", "case.txt:8: layers are not numbered")]:
            with self.subTest(new):
                small_case().write(self.case_dir)
                self.edit(old, new)
                self.refused(part)

    def test_a_directory_of_others_is_left_alone(self):
        small_case().write(self.case_dir)
        os.mkdir(self.net_dir)
        kept = os.path.join(self.net_dir, "thesis.txt")
        case_files.write(kept, b"years of work")
        done = convert(self.case_dir, "-o", self.net_dir)
        self.assertEqual(done.returncode, 2)
        self.assertIn("--force", done.stderr)
        self.assertEqual(case_files.read(kept), b"years of work")
        self.assertEqual(convert(self.case_dir, "-o", self.net_dir, "--force").returncode, 0)
        self.assertFalse(os.path.exists(kept))

    def test_its_own_directory_is_renewed_and_the_bytes_are_the_same(self):
        case = small_case()
        self.converted(case)
        before = {name: case_files.read(os.path.join(self.net_dir, name)) for name in os.listdir(self.net_dir)}
        self.converted(case)
        after = {name: case_files.read(os.path.join(self.net_dir, name)) for name in os.listdir(self.net_dir)}
        self.assertEqual(before, after)
        self.assertEqual(sorted(os.listdir(self.work.name)), ["case", "net"])


if __name__ == "__main__":
    unittest.main()
