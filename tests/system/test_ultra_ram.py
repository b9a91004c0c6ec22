"""UltraRAM under technology xcup: as much as estimated, values and cycles of block RAM, and plans that use what a device has."""
import json
import os
import unittest

import designs

SYNTH = os.path.join(designs.ROOT, "tools", "synth")
WORK = os.path.join(designs.ROOT, "build", "synth")
FETCHED = {"conv2": "ram_block", "conv3": "stream", "conv4": "stream", "fc1": "stream"}  # of all-kinds


def written(name, value):
    path = os.path.join(designs.folder(), name)
    with open(path, "w", encoding="utf-8") as f:
        json.dump(value, f)
    return path


def all_kinds(ultra):
    """Every store, every buffer of fetched weights and every ring in UltraRAM, or none of them."""
    rows = []
    for layer in ("conv1", "pool1", "conv2", "conv3", "average1", "conv4", "fc1", "fc2"):
        weights = FETCHED.get(layer)
        row = {"layer": layer, "ultra": (["store"] + ["weights"] * bool(weights) + ["ring"] * (weights == "stream")) if ultra else []}
        rows.append({**row, "weights": weights} if weights else row)
    plan = written(f"ultra-{ultra}.plan.json", {"format": "elbgen.plan/1", "network": "all-kinds", "technology": "xcup", "stages": rows})
    return designs.design("all-kinds", "--max-cycles", "3000", "--plan", plan)


def depths(directory):
    with open(os.path.join(directory, "plan.json"), encoding="utf-8") as f:
        return [{k: v for k, v in row.items() if k != "ultra"} for row in json.load(f)["stages"]]


def planned(network, device):
    done = designs.run(designs.ELBGEN, network, "--device", device, "--plan-only", "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


class UltraRam(unittest.TestCase):
    def test_values_and_cycles_are_those_of_block_ram(self):
        images = designs.random_images(20, 12, 12, 3)
        reports = {}
        for ultra in (False, True):
            directory, generated = all_kinds(ultra)
            for stall in ((), ("--stall", f"{designs.SEED}:50:50")):
                code, report = designs.simulate(directory, "--input", images, *stall)
                self.assertEqual((code, report["mismatches"], report["failures"]), (0, 0, []))
                reports[ultra, bool(stall)] = report["simulated"]
            self.assertGreater(generated["resources"]["bram36"], 0)
            self.assertEqual(generated["resources"]["uram"] > 0, ultra)
        for stall in (False, True):
            self.assertEqual(reports[False, stall], reports[True, stall])
        self.assertEqual(*(depths(all_kinds(ultra)[0]) for ultra in (False, True)))

    def test_synthesis_takes_what_is_estimated(self):
        directory, generated = all_kinds(True)
        stages = ("pool1", "conv2", "conv4")  # a store; weights that are kept; a store, streamed weights and their ring
        done = designs.run(SYNTH, directory, "--json", "--quiet", "--work", WORK, *(o for s in stages for o in ("--stage", s)))
        self.assertEqual(done.returncode, 0, done.stderr)
        said = json.loads(done.stdout)
        print(f"  all-kinds: {said['synthesised']['uram']} UltraRAM, {said['synthesised']['bram36']:g} block RAM", flush=True)
        self.assertLess(said["synthesised"]["uram"], generated["resources"]["uram"])
        self.assertGreater(said["synthesised"]["uram"], len(stages))
        for row in said["stages"]:
            for what in ("uram", "bram36"):
                self.assertEqual(row["synthesised"][what], row["estimated"][what], row["stage"])
                for part, both in row["parts"].items():
                    self.assertEqual(both["synthesised"][what], both["estimated"][what], (row["stage"], part))

    def test_plans_use_what_the_device_has(self):
        with open(os.path.join(designs.ROOT, "configs", "devices", "kv260.json"), encoding="utf-8") as f:
            device = json.load(f)
        with_uram = planned("alexnet-4-8218", "kv260")
        device["resources"]["uram"] = 0
        without = planned("alexnet-4-8218", written("kv260-without.json", {**device, "name": "without"}))
        print(f"  alexnet-4-8218 on kv260: {with_uram['cycles_per_frame']} cycles per frame with {with_uram['resources']['uram']} UltraRAM, "
              f"{without['cycles_per_frame']} without", flush=True)
        self.assertLess(with_uram["cycles_per_frame"], without["cycles_per_frame"])
        self.assertGreater(with_uram["resources"]["uram"], 0)
        self.assertLessEqual(with_uram["utilisation"]["uram"], 1)
        self.assertEqual((without["resources"]["uram"], without["budget"]["uram"]), (0, 0))

    def test_other_technologies_do_not_speak_of_it(self):
        for options in (("--technology", "xc7"), ("--technology", "generic"), ("--device", "zc706")):
            done = designs.run(designs.ELBGEN, "all-kinds", *options, "--plan-only", "--json")
            self.assertEqual((done.returncode, "uram" in done.stdout), (0, False), options)


if __name__ == "__main__":
    unittest.main()
