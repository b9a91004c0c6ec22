"""The network with all kinds at once under three plans, bit by bit at every boundary and cycle by cycle at the port."""
import unittest

import designs

FRAMES = 4
NETWORK_LAYERS = 11  # boundaries: the input and ten layers


def factors(stage):
    return tuple(stage[k] for k in "psm")


class AllKinds(unittest.TestCase):
    def check(self, plan):
        directory, generated = designs.all_kinds(plan)
        images = designs.random_images(FRAMES, 12, 12, 3)
        largest = max(stage["cycles"] for stage in generated["stages"])
        outputs = set()
        for seed in ("1", "77"):
            for source in (0, 50, 95):
                for sink in (0, 50, 95):
                    with self.subTest(power_up=seed, source=source, sink=sink):
                        code, report = designs.simulate(directory, "--input", images, "--seed", seed, "--stall",
                                                        f"{designs.SEED}:{source}:{sink}")
                        self.assertEqual((code, report["mismatches"], report["failures"]), (0, 0, []))
                        self.assertEqual(report["images"], FRAMES)
                        self.assertEqual(report["boundaries_compared"], NETWORK_LAYERS)
                        outputs.add((tuple(report["classes"]), report["values_compared"]))
                        if source == sink == 0:
                            self.assertEqual(report["simulated"]["cycles_per_frame"], generated["cycles_per_frame"])
                            self.assertEqual(report["predicted"]["cycles_per_frame"], generated["cycles_per_frame"])
                            self.assertEqual(generated["cycles_per_frame"], largest)
        self.assertEqual(len(outputs), 1)
        print(f"  {plan}: {largest} cycles per frame predicted and simulated, {outputs.pop()[1]} values per run, 18 runs, 0 mismatches")

    def test_all_ones(self):
        _, generated = designs.all_kinds("ones")
        self.assertTrue(all(factors(s) == (1, 1, 1) for s in generated["stages"]))
        self.check("ones")

    def test_ragged(self):
        _, generated = designs.all_kinds("ragged")
        # What each factor would have to divide: kernels of a group, channels of a group, columns.
        whole = {"conv1": (16, 3, 12), "pool1": (16, 16, 6), "conv2": (12, 8, 6), "conv3": (12, 12, 6), "add1": (24, 24, 6),
                 "average1": (24, 24, 3), "conv4": (8, 24, 3), "fc1": (20, 32, None), "fc2": (10, 20, None)}
        for stage in generated["stages"]:
            for factor, dimension in zip(factors(stage), whole.get(stage["layer"], ())):
                if dimension is not None:
                    self.assertNotEqual(dimension % factor, 0, stage)
        self.check("ragged")

    def test_wide(self):
        _, generated = designs.all_kinds("wide")
        self.assertTrue(all(s["m"] > 1 for s in generated["stages"] if not s["layer"].startswith("fc")))
        self.check("wide")


if __name__ == "__main__":
    unittest.main()
