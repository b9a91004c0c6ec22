"""The two bodies of a module, the plain one that is simulated and the wired one that is synthesised, are equal in every cycle, and a wrong
wire is found, by their comparison and by elbsim --mapped."""
import json
import os
import re
import tempfile
import unittest

import bodies
import designs

MAPPED = ("--technology", "xc7")
VECTORS = 1_000_000


def all_kinds(plan):
    path = designs.plan_file(os.path.join(designs.folder(), plan + "-bodies.plan.json"), designs.ALL_KINDS_PLANS[plan])
    return designs.design("all-kinds", *MAPPED, "--plan", path)[0]


def fmnist():
    return designs.design("fmnist-4-8218", *MAPPED, "--max-cycles", "8000")[0]


def narrowed(network, *options):
    """The design again with at most three kernels by three pixels in arrays of integer weights: every kind of its dot products, with
    as many slices."""
    directory, _ = designs.design(network, *options)
    with open(os.path.join(directory, "plan.json"), encoding="utf-8") as f:
        plan = json.load(f)
    for row in plan["stages"]:
        for key in ("fifo_depth", "window_capacity", "branch_fifos", "l"):
            row.pop(key, None)
        if row.get("dsp") is None:
            continue
        units = -(-row["p"] * row["m"] // 2)
        row["p"], row["m"] = min(row["p"], 3), min(row["m"], 3)
        row["dsp"] = -(-row["dsp"] * -(-row["p"] * row["m"] // 2) // units)
    path = os.path.join(tempfile.mkdtemp(dir=designs.folder()), "plan.json")
    with open(path, "w", encoding="utf-8") as f:
        json.dump(plan, f)
    return designs.design(network, "--plan", path, *(o for o in options if o != "--fit"), "--no-fit")[0]


class Bodies(unittest.TestCase):
    def equal(self, directory, names, vectors=VECTORS):
        self.assertTrue(names)
        found = bodies.differences(directory, names, vectors)
        self.assertEqual(found, {name: 0 for name in names})
        print(f"  {len(names)} modules, {vectors:,} words each: {' '.join(names)}", flush=True)

    def test_every_module_of_small_designs(self):
        seen = set()
        for directory in (all_kinds("ones"), all_kinds("ragged"), fmnist()):
            names = [name for name in bodies.pairs(directory) if name not in seen]
            seen |= set(names)
            self.equal(directory, names, VECTORS if designs.LONG else VECTORS // 10)

    def test_every_dot_product_of_alexnet(self):
        if not designs.LONG:
            self.skipTest("minutes long; --all runs it")
        directory = narrowed("alexnet-4-8218", "--device", "zc706")
        self.equal(directory, bodies.pairs(directory))

    def test_a_wrong_wire_is_found(self):
        directory = all_kinds("ragged")
        names = bodies.pairs(directory)
        images = designs.random_images(2, 12, 12, 3)
        for stem, wire in (("elb_select_dot", r"\.x1\(act\[(\d+):(\d+)\]\)"), ("elb_array_int", r"\.wgt\(wgt\[(\d+):(\d+)\]\)")):
            name = next(name for name in names if name.startswith(stem))
            with self.subTest(name):
                def broken(module, text):  # two wires of a connection change places
                    if module != name:
                        return text
                    found = re.search(wire, text)
                    high, low = (int(n) for n in found.groups())
                    bus = found.group(0)[found.group(0).index("(") + 1:found.group(0).index("[")]
                    turned = f"{{{bus}[{high - 1}:{low}], {bus}[{high}]}}"
                    return text[:found.start()] + f"{found.group(0).split('(')[0]}({turned})" + text[found.end():]
                self.assertGreater(bodies.differences(directory, [name], 2000, broken)[name], 0)
                copy = designs.copy_of(directory)
                text = bodies.read(copy, name + "_mapped.v")
                with open(os.path.join(copy, name + "_mapped.v"), "w", encoding="utf-8") as f:
                    f.write(broken(name, text))
                self.assertEqual(designs.simulate(copy, "--input", images)[0], 0)
                code, report = designs.simulate(copy, "--mapped", "--input", images)
                self.assertEqual(code, 1)
                self.assertGreater(report["mismatches"], 0)

    def test_a_design_of_one_body_is_refused(self):
        directory, _ = designs.all_kinds("ones")
        done = designs.run(designs.ELBSIM, directory, "--mapped", "--input", designs.random_images(2, 12, 12, 3))
        self.assertEqual((done.returncode, done.stdout, done.stderr.count("\n")), (2, "", 1))
        self.assertIn("leave --mapped out", done.stderr)


if __name__ == "__main__":
    unittest.main()
