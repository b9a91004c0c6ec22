"""The counter of LUT sites, and the cost of dot products that it yields."""
import json
import os
import sys
import tempfile
import unittest

import designs

sys.path.insert(0, os.path.join(designs.ROOT, "tools"))
import sites  # noqa: E402

# Most LUT sites per multiply-accumulate at 64 inputs, pipeline registers not included.
MOST = {("ternary", 1): 1.4, ("ternary", 2): 2.4, ("ternary", 3): 3.2, ("ternary", 4): 4.0, ("ternary", 8): 7.0,
        ("binary", 1): 1.2, ("binary", 2): 2.1, ("binary", 3): 2.9, ("binary", 4): 3.7, ("binary", 8): 6.7}


def lut(size, inputs, name=None):
    connections = {f"I{i}": [bit] for i, bit in enumerate(inputs)}
    return {"type": f"LUT{size}", "attributes": {"LUTNM": name} if name else {}, "connections": {**connections, "O": [99]}}


def count(*cells, **others):
    modules = {"top": {"cells": {f"c{i}": cell for i, cell in enumerate(cells)}}}
    modules.update({name: {"cells": {f"c{i}": cell for i, cell in enumerate(inner)}} for name, inner in others.items()})
    return sites.count({"modules": modules}, "top")


class Sites(unittest.TestCase):
    def test_pairs_are_one_site(self):
        self.assertEqual(count(lut(3, [1, 2, 3]), lut(4, [1, 2, 3, 4]))["sites"], 2)
        self.assertEqual(count(lut(3, [1, 2, 3], "p"), lut(4, [1, 2, 3, 4], "p"), lut(6, range(6)))["sites"], 2)
        self.assertEqual(count(lut(3, [1, 2, "0"], "p"), lut(4, [3, 4, 5, "1"], "p"))["sites"], 1)

    def test_bad_pairs_are_refused(self):
        for cells, said in (([lut(3, [1, 2, 3], "p"), lut(3, [4, 5, 6], "p")], "has 6 inputs"), ([lut(3, [1, 2, 3], "p")], "stands on 1 LUTs"),
                            ([lut(2, [1, 2], "p")] * 3, "stands on 3 LUTs"), ([lut(6, range(6), "p"), lut(2, [1, 2], "p")], "stands on LUT6")):
            with self.assertRaisesRegex(sites.BadPair, said):
                count(*cells)

    def test_the_same_name_in_two_modules_is_two_pairs(self):
        inner = [lut(2, [1, 2], "p"), lut(2, [1, 3], "p")]
        use = {"type": "inner", "connections": {}}
        total = count(lut(2, [1, 2], "p"), lut(2, [1, 2], "p"), use, use, inner=inner)
        self.assertEqual((total["sites"], total["LUT2"]), (3, 6))

    def test_memories_and_shift_registers(self):
        total = count({"type": "RAM64M", "connections": {}}, {"type": "SRL16E", "connections": {}}, {"type": "INV", "connections": {}},
                      {"type": "CARRY4", "connections": {}}, {"type": "RAMB18E1", "connections": {}}, {"type": "FDRE", "connections": {}})
        self.assertEqual((total["sites"], total["srl"], total["carry4"], total["bram36"], total["ff"]), (5, 1, 1, 0.5, 1))
        with self.assertRaises(ValueError):
            count({"type": "RAM512X1S", "connections": {}})


class Cost(unittest.TestCase):
    def test_every_plan_at_64_inputs_is_within_the_bounds(self):
        directory = os.path.join(tempfile.mkdtemp(dir=designs.folder()), "dots")
        rows = json.loads(designs.must(os.path.join(designs.ROOT, "build", "gen", "cli", "elbdot"), "--act-bits", "1,2,3,4,8", "--weights",
                                       "ternary,binary", "--inputs", "64", "-o", directory))
        self.assertEqual(len(rows), len(MOST))
        for row in rows:
            self.assertLessEqual(row["sites"] / 64, MOST[row["weights"], row["activation_bits"]], row)

    def test_synthesis_takes_what_is_planned(self):
        said = designs.must(os.path.join(designs.ROOT, "tools", "ce_cost"), "--bits", "2", "--inputs", "64", "--weights", "binary", "--json")
        (row,) = json.loads(said)
        self.assertEqual((row["activation_bits"], row["weights"], row["inputs"]), (2, "binary", 64))
        self.assertLess(row["lut_per_mac"], 1.7)
        self.assertGreater(row["behavioural_lut_per_mac"], 3.8)


if __name__ == "__main__":
    unittest.main()
