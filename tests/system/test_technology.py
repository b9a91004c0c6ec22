"""Designs whose dot products are primitives of 7-series or UltraScale: the same values, cycles as predicted, LUT sites as estimated."""
import json
import os
import sys
import unittest

import designs

sys.path.insert(0, os.path.join(designs.ROOT, "tools"))
import sites

CELLS = "/usr/share/yosys/xilinx/cells_sim.v"  # yosys' models of LUT6_2, CARRY4, CARRY8 and DSP48E1
DSP48E2 = os.path.join(designs.ROOT, "tests", "system", "data", "DSP48E2.v")
MAPPED = ("--technology", "xc7")


def read(directory, name):
    with open(os.path.join(directory, name), encoding="utf-8") as f:
        return f.read()


def all_kinds(plan, technology="xc7"):
    path = os.path.join(designs.folder(), f"{plan}-{technology}.plan.json")
    return designs.design("all-kinds", "--technology", technology, "--plan", designs.plan_file(path, designs.ALL_KINDS_PLANS[plan]))


def fmnist_xcup():
    return designs.design("fmnist-2-8118", "--technology", "xcup", "--max-cycles", "8000")


def fmnist_affine_xcup():
    return designs.design("fmnist-4-8218", "--technology", "xcup", "--max-cycles", "8000")


def top(directory):
    return json.loads(read(directory, "manifest.json"))["top"]


class Mapped(unittest.TestCase):
    def exact(self, directory, generated, images, *options):
        code, report = designs.simulate(directory, "--input", images, *options)
        self.assertEqual((code, report["mismatches"], report["failures"]), (0, 0, []))
        if "--stall" not in options:  # elbsim has compared every frame's cycles with the model
            self.assertEqual(report["simulated"]["cycles_per_frame"], generated["cycles_per_frame"])
        return report

    def test_all_kinds_under_three_plans(self):
        for plan in designs.ALL_KINDS_PLANS:
            with self.subTest(plan):
                directory, generated = all_kinds(plan)
                self.assertEqual(generated["cycles_per_frame"], designs.all_kinds(plan)[1]["cycles_per_frame"])
                images = designs.random_images(4, 12, 12, 3)
                self.exact(directory, generated, images)
                self.exact(directory, generated, images, "--stall", f"{designs.SEED}:50:50")
                if plan != "wide" or designs.LONG:  # the wiring of its products takes Verilator minutes
                    self.exact(directory, generated, images, "--mapped")

    def test_fmnist_2_8118(self):
        directory, generated = designs.design("fmnist-2-8118", *MAPPED, "--max-cycles", "8000")
        self.assertIn("elb_select_dot_binary", read(directory, "filelist.f"))
        self.exact(directory, generated, designs.fmnist_images(10))
        self.exact(directory, generated, designs.fmnist_images(10), "--mapped")

    def test_ultrascale(self):
        for directory, generated, images in ((*all_kinds("ones", "xcup"), designs.random_images(4, 12, 12, 3)), (*fmnist_xcup(), designs.fmnist_images(10)),
                                             (*fmnist_affine_xcup(), designs.fmnist_images(10))):
            with self.subTest(generated["network"]):
                self.assertEqual(json.loads(read(directory, "manifest.json"))["technology"], "xcup")
                self.exact(directory, generated, images)
                self.exact(directory, generated, images, "--mapped")

    def test_lists_are_silent(self):
        for name, (directory, _), technology in (("xc7", all_kinds("wide"), "xc7"), ("xcup", all_kinds("ragged", "xcup"), "xcup"), ("fmnist", fmnist_xcup(), "xcup"),
                                                ("affine", fmnist_affine_xcup(), "xcup")):
            with self.subTest(name):
                self.lists_are_silent(directory, technology)

    def lists_are_silent(self, directory, technology):
        synthesis = f"filelist_{technology}.f"
        plain, mapped, bodies = (read(directory, name).split() for name in ("filelist.f", "filelist_mapped.f", synthesis))
        wired = {name for name in mapped if name.endswith("_mapped.v")}
        self.assertEqual({name.split("_")[1] for name in wired} - {"array"}, {"select"})
        self.assertEqual({name.replace("_mapped", "") for name in wired} - set(plain), set())
        self.assertEqual(wired - set(bodies), set())
        self.assertTrue(all(name.endswith((f"_{technology}.v", "_xc7.v")) for name in set(bodies) - set(mapped)))
        self.assertIn(synthesis, read(directory, "vivado/synth.tcl"))
        for sources, cells in ((plain, ""), (mapped, ""), (bodies, f"read_verilog -lib {CELLS} {DSP48E2}; ")):
            done = designs.run("yosys", "-q", "-p", f"read_verilog {' '.join(sources)}; {cells}hierarchy -check -top {top(directory)}; proc; flatten; "
                               "check -assert", cwd=directory)
            self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))
        commands = [["verilator", "--lint-only", "-Wall", "--top-module", top(directory), "-f", "filelist.f"],
                    # X_mapped.v holds the module X.
                    ["verilator", "--lint-only", "-Wall", "-Wno-DECLFILENAME", "--top-module", top(directory), "-f", "filelist_mapped.f"],
                    ["iverilog", "-g2005", "-Wall", "-o", os.devnull, "-f", "filelist.f", "tb/elb_tb.v"],
                    ["iverilog", "-g2005", "-Wall", "-o", os.devnull, "-f", "filelist_mapped.f", "tb/elb_tb.v"],
                    ["iverilog", "-g2005-sv", "-s", "elb_tb", "-o", os.devnull, "-f", synthesis, "tb/elb_tb.v", CELLS, DSP48E2]]
        if technology == "xcup":  # a carry in a cell's vector waits for the bit below it; nothing is asked of the cells
            cells = os.path.join(designs.folder(), "cells.vlt")
            with open(cells, "w", encoding="utf-8") as f:
                f.write(f'`verilator_config\nlint_off -file "{CELLS}"\nlint_off -file "{DSP48E2}"\n')
            commands.append(["verilator", "--lint-only", "-Wno-UNOPTFLAT", "--top-module", top(directory), cells, "-f", synthesis, "-v", CELLS, "-v", DSP48E2])
        for command in commands:
            done = designs.run(*command, cwd=directory)
            self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))

    def test_bodies_of_a_design_that_has_them_all(self):
        xc7, xcup = ({n for n in read(directory, list_).split() if n not in read(directory, "filelist_mapped.f").split()}
                     for directory, list_ in ((all_kinds("wide")[0], "filelist_xc7.f"), (all_kinds("wide", "xcup")[0], "filelist_xcup.f")))
        shared = {f"elb_{leaf}_xc7.v" for leaf in ("accumulate", "at_least", "at_least_entry", "choose", "choose_block", "compress", "gate_add", "select_add")}
        self.assertEqual(xc7, shared | {"elb_carry_xc7.v", "elb_mul_pairs_xc7.v", "elb_field_borrow_xc7.v"})
        self.assertEqual(xcup, shared | {"elb_carry_xcup.v", "elb_mul_pairs_xcup.v"})

    def test_its_own_plan_gives_the_same_again(self):
        directory, _ = all_kinds("ragged")
        again, _ = designs.design("all-kinds", "--plan", os.path.join(directory, "plan.json"))
        self.assertEqual(read(directory, "manifest.json"), read(again, "manifest.json"))

    def test_sites_of_an_array_are_its_estimate(self):
        """An array of ternary kernels alone: what a stage is estimated at holds a window store and thresholds too."""
        for technology in ("xc7", "xcup"):
            directory, _ = all_kinds("wide", technology)
            bodies = read(directory, f"filelist_{technology}.f").split()
            name = next(n for n in bodies if n.startswith("elb_select_dot_ternary"))[:-len("_mapped.v")]
            sources = [n for n in bodies if n == name + "_mapped.v" or n.startswith(("elb_c", "elb_s")) and n.endswith(("_xc7.v", "_xcup.v"))]
            copy = designs.copy_of(directory)
            designs.must("yosys", "-q", "-p", f"read_verilog {' '.join(sources)}; synth_xilinx -family {technology} -flatten -noiopad -top {name}; "
                         f"write_json {name}.json", cwd=copy)
            total = sites.count(json.loads(read(copy, name + ".json")), name)
            said = int(read(directory, name + "_mapped.v").split(" LUT sites")[0].rsplit(" ", 1)[1])
            print(f"  {name}, {technology}: {total['sites'] - total['srl']} sites, estimated {said}", flush=True)
            with self.subTest(technology):
                self.assertEqual(total["sites"] - total["srl"], said)
                self.assertGreater(total["CARRY4" if technology == "xc7" else "CARRY8"], 0)


if __name__ == "__main__":
    unittest.main()
