"""tools/pnr: a stage through a router (with --all), narrowed by elbgen's own plans; what it refuses."""
import importlib.machinery
import importlib.util
import json
import os
import tempfile
import unittest

import designs

PNR = os.path.join(designs.ROOT, "tools", "pnr")


def tool():
    loader = importlib.machinery.SourceFileLoader("pnr", PNR)
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("pnr", loader))
    loader.exec_module(module)
    return module


def ones():
    return designs.all_kinds("ones")[0]


class Narrowing(unittest.TestCase):
    def test_every_narrower_stage_is_one_that_elbgen_makes(self):
        pnr = tool()
        directory = designs.all_kinds("wide")[0]
        plan = pnr.read_json(directory, "plan.json")
        for layer, steps in (("conv1", 8), ("conv3", 9), ("pool1", 5), ("add1", 6)):
            row, seen = pnr.row_of(plan, layer), 0
            while (row := pnr.halved(row)) is not None:
                with tempfile.TemporaryDirectory(dir=designs.folder()) as work:
                    planned = pnr.row_of(pnr.elbgen(directory, work, pnr.plan_with(plan, row), "--plan-only"), layer)
                self.assertEqual({k: planned[k] for k in pnr.FACTORS}, pnr.factors(row), layer)
                seen += 1
            self.assertEqual((layer, seen), (layer, steps))

    def test_a_harness_reaches_every_port(self):
        pnr = tool()
        directory = ones()
        for stage in pnr.read_json(directory, "manifest.json")["boundaries"]:
            module, ports = pnr.stage_module(directory, pnr.read_json(directory, "manifest.json"), stage["wires"])
            copy = designs.copy_of(directory)
            with open(os.path.join(copy, "elb_pnr.v"), "w", encoding="utf-8") as f:
                f.write(pnr.harness(module, ports))
            done = designs.run("iverilog", "-g2005", "-Wall", "-s", "elb_pnr", "-o", os.devnull, "-f", "filelist.f", "elb_pnr.v", cwd=copy)
            self.assertEqual((done.returncode, done.stdout + done.stderr), (0, ""), module)


class Refused(unittest.TestCase):
    def test_what_is_no_stage_or_no_design(self):
        for command, said in (((ones(), "conv9"), "has no stage \"conv9\""), ((designs.folder(), "conv1"), "manifest.json cannot be read"),
                              ((ones(), "conv1", "--size", "100k"), "invalid choice"), ((ones(), "conv1", "--fill", "0"), "1 to 100 per cent"),
                              ((ones(), "conv1", "--keep", designs.folder()), "exists")):
            done = designs.run(PNR, *command)
            self.assertEqual((done.returncode, done.stdout), (2, ""), done.stderr)
            self.assertIn(said, done.stderr)


@unittest.skipUnless(designs.LONG, "installs yosys and nextpnr: --all")
class Routed(unittest.TestCase):
    def test_a_stage_as_planned(self):
        done = designs.run(PNR, ones(), "fc1", "--size", "12k", "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        r = json.loads(done.stdout)
        print(f"  fc1: {r['fmax_mhz']} MHz, {r['utilisation']['comb']['used']} LUT4, {r['seconds']} s", flush=True)
        self.assertEqual((r["routed"], r["narrowed"]), ({"p": 1, "s": 1, "m": 1}, False))
        self.assertGreater(r["fmax_mhz"], 80)
        self.assertGreater(r["utilisation"]["ff"]["used"], 100)
        self.assertLessEqual(1000 / r["fmax_mhz"] - r["critical_path"]["logic_ns"] - r["critical_path"]["routing_ns"], 0.01)

    def test_a_stage_that_is_narrowed_and_misses(self):
        directory = designs.all_kinds("wide")[0]
        done = designs.run(PNR, directory, "conv4", "--size", "12k", "--fill", "5", "--json", "--min-mhz", "2000")
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn("narrowed to", done.stderr)
        self.assertIn("2000 were asked for", done.stderr)
        r = json.loads(done.stdout)
        self.assertTrue(r["narrowed"])
        self.assertEqual(r["planned"], {"p": 4, "s": 12, "m": 3})
        self.assertLess(r["utilisation"]["comb"]["used"], 0.08 * r["utilisation"]["comb"]["available"])

    def test_a_stage_that_never_fits(self):
        done = designs.run(PNR, ones(), "fc1", "--size", "12k", "--fill", "1")
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("at P = S = M = 1", done.stderr)


if __name__ == "__main__":
    unittest.main()
