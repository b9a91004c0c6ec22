"""Predicted times equal simulated ones at every boundary: first and last beat of every frame, to the cycle. Minimised depths
are minimal in the Verilog as well."""
import json
import os
import random
import sys
import unittest

import numpy

import designs
import random_networks
from test_cases import CASE2NET, outside

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

    def test_elbsim_holds_a_run_against_the_plan_beside_the_verilog(self):
        directory, _ = designs.design("all-kinds", "--max-cycles", "3000", "--no-minimise")
        images = designs.random_images(FRAMES, 12, 12, 3)
        code, report = designs.simulate(directory, "--input", images)
        self.assertEqual((code, report["timing"]),
                         (0, {"as_predicted": True, "boundaries": 13, "frames": FRAMES, "first_difference": None}))
        code, report = designs.simulate(directory, "--input", images, "--stall", "3:20")
        self.assertEqual((code, report["timing"]), (0, None))
        other = designs.copy_of(directory)  # the plan of other hardware
        with open(os.path.join(other, "plan.json"), encoding="utf-8") as f:
            plan = json.load(f)
        plan["stages"][0]["fifo_depth"] = 1
        with open(os.path.join(other, "plan.json"), "w", encoding="utf-8") as f:
            json.dump(plan, f)
        code, report = designs.simulate(other, "--input", images)
        self.assertEqual((code, report["mismatches"], report["timing"]["as_predicted"]), (1, 0, False))
        self.assertRegex(report["timing"]["first_difference"], r"^frame 0 passes '\w+' in cycles \d+ to \d+, predicted \d+ to \d+$")
        self.assertEqual(report["failures"], ["timing: " + report["timing"]["first_difference"]])

    def check_minimised(self, name, network, images, stages, sample, *options):
        """Full rate with the smallest depths; one place less anywhere loses it. `sample`: the only place that a short run breaks."""
        folder = os.path.join(designs.folder(), "minimised-" + name)
        os.makedirs(folder)
        rate = self.check(folder, network, images, stages, *options)
        with open(os.path.join(folder, "rtl", "plan.json"), encoding="utf-8") as f:
            plan = json.load(f)
        slowest = max(stage["cycles"] for stage in plan["stages"])
        self.assertEqual(rate, [slowest] * (FRAMES - 1))
        places = [(i, key, None) for i, stage in enumerate(plan["stages"]) for key in ("fifo_depth", "window_capacity") if stage[key]]
        places += [(i, "branch_fifos", k) for i, stage in enumerate(plan["stages"]) for k, depth in enumerate(stage["branch_fifos"]) if depth]
        if not designs.LONG:
            places = [sample]
        lost = 0
        for stage, key, branch in places:
            less = json.loads(json.dumps(plan))
            row = less["stages"][stage]
            holder, at = (row, key) if branch is None else (row[key], branch)
            holder[at] -= 1
            folder = os.path.join(designs.folder(), f"{name}-less-{row['layer']}-{key}{'' if branch is None else branch}")
            os.makedirs(folder)
            path = os.path.join(folder, "plan.json")
            with open(path, "w", encoding="utf-8") as f:
                json.dump(less, f)
            command = [designs.ELBGEN, network, "--plan", path, "-o", os.path.join(folder, "rtl")]
            with self.subTest(layer=row["layer"], depth=key, places=holder[at]):
                if designs.run(*command).returncode != 0:
                    self.refused(row["layer"], key, command)
                    continue
                slower = self.check(folder, network, images, stages, "--plan", path)  # all depths are given
                self.assertGreater(slower[-1], slowest)
                lost += 1
        self.assertGreater(lost, 0)

    def refused(self, layer, key, command):
        """A place less that no plan can have: the smallest depth that works at all."""
        done = designs.run(*command)
        self.assertIn(done.returncode, (1, 2))
        self.assertTrue(key in done.stderr or "locks up" in done.stderr, done.stderr)
        print(f"  {layer}: one place less of {key} is refused: {done.stderr.strip().splitlines()[0]}", flush=True)

    def test_minimised_depths_of_a_residual_network(self):
        self.check_minimised("residual", "all-kinds", designs.random_images(FRAMES, 12, 12, 3), 11, (1, "fifo_depth", None), "--max-cycles", "3000")

    def test_minimised_depths_of_the_cnv_case(self):
        work = os.path.join(designs.folder(), "cnv-for-depths")
        designs.must(sys.executable, CASE2NET, outside("ELB_CASES", "cnv-w1a1-cifar10"), "-o", work)
        images = os.path.join(work, "four.npy")
        numpy.save(images, numpy.load(os.path.join(work, "inputs.npy"))[:FRAMES])
        self.check_minimised("cnv", os.path.join(work, "network.json"), images, 8, (2, "fifo_depth", None), "--max-cycles", "60000")

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
