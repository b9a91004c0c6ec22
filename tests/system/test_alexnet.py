"""Full-size AlexNet-4-8218 in golden: a real photograph, the same by both ways, at the promised speed."""
import os
import tempfile
import unittest

import case_files
from test_cases import elbsim

PHOTOGRAPH = "/usr/lib/python3/dist-packages/skimage/data/coffee.png"  # python3-skimage; tools/setup installs it


class AlexNet(unittest.TestCase):
    def test_a_photograph_runs_exactly_and_at_five_gmac_a_second(self):
        with tempfile.TemporaryDirectory() as work:
            out = os.path.join(work, "out.npy")
            fast = elbsim("alexnet-4-8218", "--input", PHOTOGRAPH, "--engine", "integer", "--count", "10", "--threads", "1",
                          "--output", out)
            _, shape, scores = case_files.read_npy(out)
            elbsim("alexnet-4-8218", "--input", PHOTOGRAPH, "--engine", "reference", "--output", out)
            _, _, reference = case_files.read_npy(out)
        self.assertEqual(shape, (10, 1000))
        self.assertEqual(scores[:1000], reference)
        self.assertEqual(scores, reference * 10)
        self.assertGreater(len(set(reference)), 500)
        self.assertEqual(fast["classes"], [reference.index(max(reference))] * 10)
        self.assertGreaterEqual(fast["gmac_per_second"], 5)


if __name__ == "__main__":
    unittest.main()
