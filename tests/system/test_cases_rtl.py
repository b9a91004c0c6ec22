"""Networks and images made by others, through tools/case2net, elbgen and the Verilog (ELB_CASES; skipped without)."""
import os
import sys
import unittest

import numpy

import designs
from test_cases import CASE2NET, outside

IMAGES = 100 if designs.LONG else 20


class Rtl(unittest.TestCase):
    def check(self, name, last, files, *options):
        case_dir = outside("ELB_CASES", name)
        work = os.path.join(designs.folder(), name)
        net = os.path.join(work, "net")
        os.makedirs(work)
        designs.must(sys.executable, CASE2NET, case_dir, "-o", net)
        directory, generated = designs.design(os.path.join(net, "network.json"), *options)
        out, dump = os.path.join(work, "out.npy"), os.path.join(work, "dump")
        code, report = designs.simulate(directory, "--input", os.path.join(net, "inputs.npy"), "--count", str(IMAGES), "--output", out, "--dump", dump)
        self.assertEqual((code, report["mismatches"], report["failures"], report["images"]), (0, 0, [], IMAGES))
        expected = numpy.fromfile(os.path.join(case_dir, "expected_last.bin"), dtype="<i4").reshape(100, -1)
        numpy.testing.assert_array_equal(numpy.load(out), expected[:IMAGES])
        classes = numpy.fromfile(os.path.join(case_dir, "expected_class.bin"), dtype=numpy.uint8)
        self.assertEqual(report["classes"], classes[:IMAGES].tolist())
        # What others computed, against what the Verilog's stages sent (accumulators, which stay inside: golden's).
        compared = 0
        for file_name in sorted(os.listdir(os.path.join(case_dir, "exp"))):
            layer, what, _ = file_name.split(".")
            if what == "act" and layer == last:
                continue  # the host's rule here: the Verilog sends the raw scores
            dumped = numpy.load(os.path.join(dump, {"acc": layer + ".acc", "act": layer, "pool": layer + "_pool"}[what] + ".npy"))
            values = numpy.fromfile(os.path.join(case_dir, "exp", file_name), dtype="<i4" if what == "acc" else numpy.int8)
            numpy.testing.assert_array_equal(dumped.reshape(-1)[:values.size], values, file_name)
            compared += 1
        self.assertEqual(compared, files)
        self.assertEqual(report["simulated"]["cycles_per_frame"], generated["cycles_per_frame"])
        print(f"  {name}: {IMAGES} images, {report['values_compared']} values at {report['boundaries_compared']} boundaries, 0 mismatches, "
              f"{compared} maps as others computed them, {generated['cycles_per_frame']} cycles per frame, {report['cycles_per_second']:.0f} cycles/s")

    def test_the_cnv_case_in_verilog(self):
        self.check("cnv-w1a1-cifar10", "L8", 19, "--max-cycles", "60000")

    def test_the_lfc_case_in_verilog(self):
        self.check("lfc-w1a1-mnist", "L3", 7, "--max-cycles", "10000")


if __name__ == "__main__":
    unittest.main()
