"""The networks trained here, on all 10,000 test images: golden against the trainer's own integer forward pass.

The trainer (tools/train/integer.py) has committed the SHA-256 of its int32 scores, and the first hundred in full.
"""
import hashlib
import json
import os
import tempfile
import unittest

import case_files
from test_cases import ROOT, elbsim

DATA = "/usr/share/datasets/fashion-mnist"  # Debian's dataset-fashion-mnist; tools/setup installs it


class TrainedHere(unittest.TestCase):
    def check(self, name, least_accuracy):
        with open(os.path.join(ROOT, "tests", "system", "data", name + ".logits.json"), encoding="utf-8") as f:
            trainer = json.load(f)
        with tempfile.TemporaryDirectory() as work:
            out = os.path.join(work, "out.npy")
            report = elbsim(name, "--input", os.path.join(DATA, "t10k-images-idx3-ubyte.gz"), "--labels",
                            os.path.join(DATA, "t10k-labels-idx1-ubyte.gz"), "--engine", "integer", "--output", out)
            _, shape, scores = case_files.read_npy(out)
            again = elbsim(name, "--input", os.path.join(DATA, "t10k-images-idx3-ubyte.gz"), "--engine", "reference",
                           "--count", "200", "--output", out)
            _, _, reference = case_files.read_npy(out)
        self.assertEqual((report["images"], shape), (10000, (10000, 10)))
        self.assertEqual(scores[:1000], sum(trainer["first"], []))
        self.assertEqual(hashlib.sha256(case_files.int32_bytes(scores)).hexdigest(), trainer["sha256"])
        self.assertAlmostEqual(report["accuracy"] * 10000, trainer["correct"], places=3)
        self.assertGreaterEqual(report["accuracy"], least_accuracy)
        self.assertEqual(reference, scores[:2000])
        self.assertEqual(again["classes"], report["classes"][:200])

    def test_fmnist_4_8218_scores_as_the_trainer_says(self):
        self.check("fmnist-4-8218", 0.90)

    def test_fmnist_2_8118_scores_as_the_trainer_says(self):
        self.check("fmnist-2-8118", 0.85)


if __name__ == "__main__":
    unittest.main()
