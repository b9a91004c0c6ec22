"""The networks trained here in Verilog, on real test images with their labels."""
import os
import unittest

import designs

IMAGES = "100" if designs.LONG else "20"


class TrainedHere(unittest.TestCase):
    def check(self, network, *options):
        directory, generated = designs.design(network, *options)
        images, labels = (os.path.join(designs.FMNIST, f"t10k-{what}-ubyte.gz") for what in ("images-idx3", "labels-idx1"))
        code, report = designs.simulate(directory, "--input", images, "--labels", labels, "--count", IMAGES)
        self.assertEqual((code, report["mismatches"], report["failures"]), (0, 0, []))
        self.assertEqual(report["simulated"]["cycles_per_frame"], generated["cycles_per_frame"])
        self.assertEqual(generated["cycles_per_frame"], max(stage["cycles"] for stage in generated["stages"]))
        self.assertGreaterEqual(report["accuracy"], 0.75)
        print(f"  {network}: {report['images']} images, {report['values_compared']} values, 0 mismatches, {100 * report['accuracy']:.0f} % right, "
              f"{generated['cycles_per_frame']} cycles per frame, {report['cycles_per_second']:.0f} cycles/s")
        return report

    def test_fmnist_4_8218_in_verilog(self):
        self.check("fmnist-4-8218", "--max-cycles", "8000")

    def test_fmnist_2_8118_in_verilog(self):
        self.check("fmnist-2-8118", "--max-cycles", "8000")

    def test_elbsim_generates_by_itself(self):
        code, report = designs.simulate("fmnist-4-8218", "--max-cycles", "8000", "--count", "5", "--input", designs.fmnist_images(5))
        self.assertEqual((code, report["mismatches"], report["images"]), (0, 0, 5))
        code, again = designs.simulate(designs.fmnist()[0], "--engine", "integer", "--input", designs.fmnist_images(5))
        self.assertEqual((code, again["classes"]), (0, report["classes"]))


if __name__ == "__main__":
    unittest.main()
