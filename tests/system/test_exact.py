"""Predicted times equal simulated ones at every boundary: first and last beat of every frame, to the cycle. Minimised depths
are minimal in the Verilog as well."""
import json
import os
import random
import unittest

import numpy

import designs
import random_networks

FRAMES = 4


def times(path):
    """(layer, port) and [[first, last]] of every stream, in order."""
    with open(path, encoding="utf-8") as f:
        return [((s["layer"], s["port"]), s["frames"]) for s in json.load(f)["streams"]]


def both(folder, network, images, *options):
    """What elbgen predicts, before it makes any hardware, and what elbsim then sees."""
    path = lambda name: os.path.join(folder, name)
    designs.must(designs.ELBGEN, network, "--timing", path("predicted.json"), "--frames", str(FRAMES), *options)
    designs.must(designs.ELBGEN, network, "-o", path("rtl"), "--force", *options)
    code, report = designs.simulate(path("rtl"), "--input", images, "--timing", path("simulated.json"))
    if code != 0:
        raise AssertionError(report["failures"])
    return times(path("predicted.json")), times(path("simulated.json"))


class Exact(unittest.TestCase):
    def check(self, folder, network, images, stages, *options):
        predicted, simulated = both(folder, network, images, *options)
        self.assertGreaterEqual(len(predicted), stages + 1)  # the output port too
        self.assertEqual([name for name, _ in predicted], [name for name, _ in simulated])
        for (name, expected), (_, seen) in zip(predicted, simulated):
            self.assertEqual(len(seen), FRAMES)
            self.assertEqual(expected, seen, name)
        ends = [last for _, last in predicted[-1][1]]
        print(f"  {os.path.basename(folder)}: {len(predicted)} streams x {FRAMES} frames, all equal; "
              f"the last beat leaves in cycle {ends[-1]}", flush=True)
        return [b - a for a, b in zip(ends, ends[1:])]  # cycles per frame, from frame to frame

    def test_all_kinds(self):
        folder = os.path.join(designs.folder(), "exact")
        os.makedirs(folder)
        self.check(folder, "all-kinds", designs.random_images(FRAMES, 12, 12, 3), 11, "--max-cycles", "3000")

    def test_minimised_depths_keep_the_rate_and_one_place_less_loses_it(self):
        images = designs.random_images(FRAMES, 12, 12, 3)
        folder = os.path.join(designs.folder(), "minimised")
        os.makedirs(folder)
        rate = self.check(folder, "all-kinds", images, 11, "--max-cycles", "3000", "--minimise")
        with open(os.path.join(folder, "rtl", "plan.json"), encoding="utf-8") as f:
            plan = json.load(f)
        slowest = max(stage["cycles"] for stage in plan["stages"])
        self.assertEqual(rate, [slowest] * (FRAMES - 1))
        # Every place of every buffer in the long run, else the FIFO behind one stage.
        places = [(i, key, None) for i, stage in enumerate(plan["stages"]) for key in ("fifo_depth", "window_capacity") if stage[key]]
        places += [(i, "branch_fifos", k) for i, stage in enumerate(plan["stages"]) for k, depth in enumerate(stage["branch_fifos"]) if depth]
        if not designs.LONG:
            places = [(1, "fifo_depth", None)]
        lost = 0
        for stage, key, branch in places:
            less = json.loads(json.dumps(plan))
            row = less["stages"][stage]
            holder, at = (row, key) if branch is None else (row[key], branch)
            holder[at] -= 1
            if holder[at] == 0:
                continue
            folder = os.path.join(designs.folder(), f"less-{row['layer']}-{key}{'' if branch is None else branch}")
            os.makedirs(folder)
            path = os.path.join(folder, "plan.json")
            with open(path, "w", encoding="utf-8") as f:
                json.dump(less, f)
            with self.subTest(layer=row["layer"], depth=key, places=holder[at]):
                slower = self.check(folder, "all-kinds", images, 11, "--plan", path)
                self.assertGreater(slower[-1], slowest)
                lost += 1
        self.assertGreater(lost, 0)

    def test_random_networks_under_random_plans(self):
        coverage = random_networks.Coverage()
        for i in range(20 if designs.LONG else 2):
            with self.subTest(seed=designs.SEED, network=i):
                generator = random_networks.Generator(random.Random(designs.SEED * 7919 + i), coverage)
                net = generator.network(f"exact_{designs.SEED}_{i}", i, branch=i % 2 == 0)
                folder = os.path.join(designs.folder(), net["name"])
                os.makedirs(folder)
                network, plan = os.path.join(folder, "net.json"), os.path.join(folder, "plan.json")
                for path, content in ((network, net), (plan, generator.plan(net))):
                    with open(path, "w", encoding="utf-8") as f:
                        json.dump(content, f)
                images = os.path.join(folder, "in.npy")
                numpy.save(images, numpy.random.default_rng(i).integers(0, 256, (FRAMES, *net["input"]["shape"]), numpy.uint8))
                self.check(folder, network, images, 3, "--plan", plan, "--max-cycles", "20000")


if __name__ == "__main__":
    unittest.main()
