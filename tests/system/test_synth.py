"""tools/synth: counts and paths of hand-made netlists and Verilog, refusals, and a whole design."""
import contextlib
import importlib.machinery
import importlib.util
import io
import json
import os
import sys
import tempfile
import unittest
import unittest.mock

import designs

TOOLS = os.path.join(designs.ROOT, "tools")
sys.path.insert(0, TOOLS)
import paths  # noqa: E402
import sites  # noqa: E402
import synthesis  # noqa: E402

SYNTH = os.path.join(TOOLS, "synth")
WORK = os.path.join(designs.ROOT, "build", "synth")


def cell(kind, **connections):
    return {"type": kind, "connections": {port: bits if isinstance(bits, list) else [bits] for port, bits in connections.items()}}


def netlist(ports, nets, **cells):
    return {"ports": {name: {"direction": direction, "bits": bits} for name, (direction, bits) in ports.items()}, "nets": nets, "cells": cells}


def register(d, q, **more):
    return cell("FDRE", D=d, Q=q, C=1, CE="1", R="0", **more)


def deepest(modules, top="top", kind="control"):
    path = paths.Analysis(modules).of(top).deepest[kind]
    return (path.lut_levels, path.chains, path.carry4, path.dsp), path.start, path.end


class HandMadePaths(unittest.TestCase):
    def one(self, kind="control", top="top", **cells):
        return deepest({top: netlist({}, {"from": [10], "to": [99]}, **cells)}, top, kind)

    def test_luts_in_a_row_and_names_of_both_ends(self):
        found = self.one(a=register(50, 10), l1=cell("LUT2", I0=10, I1=11, O=12), l2=cell("LUT6_2", I0=12, I5=10, O6=13, O5=14),
                         b=register(13, 99), c=register(14, 50))
        self.assertEqual(found, ((2, 0, 0, 0), "from", "to"))

    def test_o5_does_not_hear_i5(self):
        found = self.one(a=register(50, 10), l1=cell("LUT2", I0=10, I1=11, O=12), l2=cell("LUT6_2", I0=10, I5=12, O5=99), b=register(99, 50))
        self.assertEqual(found[0], (1, 0, 0, 0))

    def test_a_chain_counts_once_and_every_carry4(self):
        carry = dict(S=[20, 21, 22, 23], DI=[30, 31, 32, 33])
        cells = dict(a=register(50, 10), l=cell("LUT2", I0=10, I1=10, O=20), c0=cell("CARRY4", CI="0", CYINIT="0", CO=[40, 41, 42, 43], **carry),
                     c1=cell("CARRY4", CI=43, CYINIT="0", O=[60, 61, 62, 63], S=["0"] * 4, DI=["0"] * 4), b=register(62, 99))
        self.assertEqual(self.one(**cells)[0], (1, 1, 2, 0))
        # From the lowest sum alone there is one CARRY4; O[0] hears S[0], not the DI beside it.
        cells = dict(a=register(50, 10), c0=cell("CARRY4", CI="0", CYINIT="0", O=[99, 61, 62, 63], S=["0", 21, 22, 23], DI=[10, 31, 32, 33]), b=register(99, 50))
        self.assertEqual(self.one(**cells)[0], (0, 0, 0, 0))
        # A carry that goes through a LUT enters another chain.
        cells = dict(a=register(50, 10), c0=cell("CARRY4", CI=10, CYINIT="0", CO=[40, 41, 42, 43], **carry), l=cell("LUT1", I0=43, O=44),
                     c1=cell("CARRY4", CI=44, CYINIT="0", O=[60, 61, 62, 63], S=["0"] * 4, DI=["0"] * 4), b=register(63, 99))
        self.assertEqual(self.one(**cells)[0], (1, 2, 2, 0))

    def test_multiplexers_join_their_luts(self):
        cells = dict(a=register(50, 10), l0=cell("LUT6", I0=10, O=12), l1=cell("LUT6", I0=10, O=13), m=cell("MUXF7", I0=12, I1=13, S=11, O=14),
                     n=cell("MUXF8", I0=14, I1=15, S=16, O=99), b=register(99, 50))
        self.assertEqual(self.one(**cells)[0], (1, 0, 0, 0))
        self.assertEqual(self.one(**{**cells, "m": cell("MUXF7", I0=12, I1=13, S=13, O=14)})[0], (2, 0, 0, 0))

    def test_enables_and_resets_are_ends(self):
        self.assertEqual(self.one(a=register(50, 10), l=cell("LUT1", I0=10, O=12), b=cell("FDRE", D=10, Q=99, C=1, CE=12, R="0"))[2], "to.CE")

    def test_memories(self):
        block = cell("RAMB18E1", ADDRARDADDR=[12], DOADO=[13], CLKARDCLK=1)
        found = self.one(a=register(50, 10), l=cell("LUT1", I0=10, O=12), m=block, k=cell("LUT1", I0=13, O=14), b=register(14, 99))
        self.assertEqual(found[0], (1, 0, 0, 0))
        distributed = cell("RAM32M", ADDRA=[10], ADDRB=[15], ADDRD=[16], DOA=[13], DOB=[17], DIA=["0"], WCLK=1, WE="1")
        found = self.one(a=register(50, 10), m=distributed, k=cell("LUT1", I0=13, O=14), b=register(14, 99))
        self.assertEqual(found[0], (2, 0, 0, 0))
        found = self.one(a=register(50, 10), m=distributed, k=cell("LUT1", I0=17, O=14), b=register(14, 99))
        self.assertEqual(found, ((1, 0, 0, 0), "m.DOB", "to"))

    def test_a_slice_without_registers_is_passed(self):
        without = dict(AREG="0", BREG="0", MREG="0", PREG="0", CREG="1", DREG="1", ADREG="1")
        for parameters, expected in ((without, (1, 0, 0, 1)), ({**without, "PREG": "1"}, (1, 0, 0, 0)), ({**without, "AREG": "1"}, (1, 0, 0, 0))):
            dsp = {**cell("DSP48E1", A=[10], P=[13], CLK=1), "parameters": parameters}
            self.assertEqual(self.one(a=register(50, 10), m=dsp, k=cell("LUT1", I0=13, O=14), b=register(14, 99))[0], expected)

    def test_tiles_of_an_activation_are_counted_by_control(self):
        for end, kind in (("following_tile", "control"), ("tile_s2_1", "control"), ("alpha_q", "control"), ("code_0", "arithmetic"), ("points_l1_0_0_q", "arithmetic")):
            cells = dict(a=register(50, 10), l=cell("LUT1", I0=10, O=12), b=register(12, 99))
            for top, expected in (("elb_net_conv1_act", kind), ("elb_array_s2", "arithmetic"), ("elb_net", "control")):
                found = paths.Analysis({top: netlist({}, {"from": [10], end: [99]}, **cells)}).of(top).deepest
                self.assertEqual(list(found), [expected], (top, end))
        block = cell("RAMB18E1", ADDRARDADDR=[12], DOADO=[13], CLKARDCLK=1)
        cells = {"a": register(50, 10), "l": cell("LUT1", I0=10, O=12), "points_l0.0.0": block}
        found = paths.Analysis({"x_act": netlist({}, {"from": [10]}, **cells)}).of("x_act").deepest
        self.assertEqual(list(found), ["control"])

    def test_paths_go_through_modules(self):
        gate = netlist({"a": ("input", [2]), "y": ("output", [3])}, {}, l=cell("LUT1", I0=2, O=3))
        end = netlist({"d": ("input", [2]), "q": ("output", [4])}, {"held": [4]}, l=cell("LUT1", I0=2, O=3), r=register(3, 4))
        top = netlist({}, {}, e=cell("elb_array_end", d=[12], q=[10]), g=cell("gate", a=[10], y=[11]), h=cell("gate", a=[11], y=[12]))
        modules = {"gate": gate, "elb_array_end": end, "top": top}
        self.assertEqual(deepest(modules, kind="arithmetic"), ((3, 0, 0, 0), "e/held", "e/held"))
        summary = paths.Analysis(modules).of("top")
        self.assertEqual(list(summary.instances), ["e"])
        loop = netlist({}, {}, g=cell("gate", a=[10], y=[11]), h=cell("gate", a=[11], y=[10]))
        with self.assertRaises(paths.Loop):
            paths.Analysis({**modules, "top": loop}).of("top")


class HandMadeCounts(unittest.TestCase):
    def test_counts_are_those_of_all_instances(self):
        inner = netlist({}, {}, l=cell("LUT6", O=1), r=cell("FDRE", Q=2), m=cell("RAMB18E1"), c=cell("CARRY4"), i=cell("INV"))
        middle = netlist({}, {}, a=cell("inner"), b=cell("inner"), s=cell("SRL16E"), d=cell("DSP48E1"))
        top = netlist({}, {}, a=cell("middle"), b=cell("middle"), c=cell("inner"), r=cell("RAM32M"), k=cell("RAMB36E1"))
        total = sites.Counts({"inner": inner, "middle": middle, "top": top}).of("top")
        self.assertEqual({k: total[k] for k in ("sites", "cells", "ff", "bram36", "dsp", "srl", "carry4")},
                         {"sites": 5 + 2 + 4, "cells": 5 + 2 + 1, "ff": 5, "bram36": 3.5, "dsp": 2, "srl": 2, "carry4": 5})

    def test_an_unknown_cell_is_refused(self):
        with self.assertRaises(sites.UnknownCell):
            sites.Counts({"top": netlist({}, {}, a=cell("XYZ"))}).of("top")


TOP = """module elb_top (input wire aclk, input wire [7:0] x, output wire [7:0] y, output wire f);
  wire [7:0] t; wire ready;
  elb_first u_first (.clk(aclk), .x(x), .ready(ready), .t(t));
  elb_second u_second (.clk(aclk), .t(t), .ready(ready), .y(y), .f(f));
endmodule
"""
FIRST = """module elb_first (input wire clk, input wire [7:0] x, input wire ready, output reg [7:0] t);
  always @(posedge clk) if (ready) t <= x;
endmodule
"""
SECOND = """module elb_second (input wire clk, input wire [7:0] t, output wire ready, output reg [7:0] y, output wire f);
  assign ready = y[0];
  always @(posedge clk) y <= t + y;
  PAIR
endmodule
"""
PAIR = """wire g, h;
  (* LUTNM = "p" *) LUT3 #(.INIT(8'h96)) u_a (.I0(t[0]), .I1(t[1]), .I2(t[2]), .O(g));
  (* LUTNM = "p" *) LUT3 #(.INIT(8'h96)) u_b (.I0(t[0]), .I1(t[IN]), .I2(t[4]), .O(h));
  reg f_q;
  always @(posedge clk) f_q <= g;
  assign f = f_q ^ h;"""


def hand_made(directory, pair_input=3, **manifest):
    files = {"elb_top.v": TOP, "elb_first.v": FIRST, "elb_second.v": SECOND.replace("PAIR", PAIR.replace("IN]", f"{pair_input}]")),
             "filelist.f": "elb_top.v\nelb_first.v\nelb_second.v\n",
             "manifest.json": json.dumps({"top": "elb_top", "boundaries": [{"wires": "first"}, {"wires": "second"}], **manifest})}
    for name, text in files.items():
        with open(os.path.join(directory, name), "w", encoding="utf-8") as f:
            f.write(text)


def synth(directory, *options, work=WORK):
    done = designs.run(SYNTH, directory, "--json", "--quiet", "--work", work, *options)
    return done.returncode, json.loads(done.stdout) if done.stdout else done.stderr


class HandMadeVerilog(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.mkdtemp(dir=designs.folder())

    def test_counts_paths_and_pairs(self):
        hand_made(self.directory)
        code, said = synth(self.directory)
        self.assertEqual(code, 0)
        first, second = said["stages"]
        self.assertEqual([first["synthesised"][k] for k in ("lut", "ff", "carry4")], [0, 8, 0])
        # The sum: eight LUTs and two CARRY4. A pair of LUT3 in one site, an exclusive or.
        self.assertEqual([second["synthesised"][k] for k in ("lut", "cells", "ff", "carry4")], [10, 11, 9, 2])
        self.assertEqual({k: said["deepest_path"][k] for k in ("lut_levels", "carry_chains", "carry4")}, {"lut_levels": 1, "carry_chains": 1, "carry4": 2})
        self.assertTrue(said["deepest_path"]["end"].startswith("u_second/y["), said)
        self.assertIn(first["paths"]["control"]["start"], ("u_second/y[0]", "u_second/ready"))  # ready crosses to the other stage's enables
        self.assertIsNone(said["estimated"])

    def test_ultrascale(self):
        hand_made(self.directory, technology="xcup")
        code, said = synth(self.directory)
        self.assertEqual(code, 0)
        self.assertEqual([said["synthesised"][k] for k in ("lut", "ff", "carry4")], [10, 17, 2])
        self.assertEqual((said["technology"], said["deepest_path"]["carry4"]), ("xcup", 2))

    def test_a_pair_of_six_inputs_is_refused(self):
        hand_made(self.directory, pair_input=5)
        done = designs.run(SYNTH, self.directory, "--quiet", "--work", WORK)
        self.assertEqual(done.returncode, 0)  # t[0], t[1], t[2], t[5], t[4]: five
        path = os.path.join(self.directory, "elb_second.v")
        with open(path, encoding="utf-8") as f:
            text = f.read()
        with open(path, "w", encoding="utf-8") as f:
            f.write(text.replace("u_b (.I0(t[0])", "u_b (.I0(t[6])"))
        done = designs.run(SYNTH, self.directory, "--quiet", "--work", WORK)
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn('elb_second: LUTNM "p" has 6 inputs, a site has five: u_a, u_b', done.stderr)

    def test_check_holds_estimates_to_their_budget(self):
        def row(lut, ff, **more):
            return {"lut": lut, "ff": ff, "bram36": 0, "dsp": 0, **more}
        for second, total, expected in ((row(10, 9), row(10, 17), 0), (row(49, 9), row(10, 17), 0), (row(51, 9), row(10, 17), 1),
                                        (row(10, 9), row(11, 17), 1), ({**row(10, 9), "dsp": 1}, row(10, 17), 1)):
            stages = [row(0, 8, stage="first"), {**second, "stage": "second"}]
            hand_made(self.directory, estimated={"total": total, "memory_port": row(0, 0), "stages": stages})
            code, said = synth(self.directory, "--check")
            self.assertEqual((code, len(said["complaints"])), (expected, expected), said["complaints"])

    def test_bad_input_is_one_line(self):
        for options in (("/nowhere",), (self.directory,)):
            done = designs.run(SYNTH, *options)
            self.assertEqual((done.returncode, done.stdout, done.stderr.count("\n")), (2, "", 1), done.stderr)
        hand_made(self.directory)
        for options in (("--yosys", "/no/yosys"), ("--stage", "third")):
            done = designs.run(SYNTH, self.directory, "--quiet", "--work", WORK, *options)
            self.assertEqual((done.returncode, done.stdout, done.stderr.count("\n")), (2, "", 1), done.stderr)


class HeldOut(unittest.TestCase):
    """tools/held_out: exit code and rows say what tools/synth --check says."""
    HELD_OUT = os.path.join(TOOLS, "held_out")

    def test_a_network(self):
        done = designs.run(self.HELD_OUT, "--seed", "89457", "--count", "1", "--json")
        (row,) = json.loads(done.stdout)
        self.assertEqual((done.returncode, row["network"], row["refused"]), (0, "random_89457_0", []), done.stderr)
        self.assertEqual((row["bram36"][0], row["dsp"][0]), (row["bram36"][1], row["dsp"][1]))
        self.assertEqual(row["deepest"].keys(), {"arithmetic", "control"})
        for what in ("lut", "ff"):
            found, plan = row[what]
            self.assertTrue(found and abs(plan - found) <= 0.05 * found, row)

    def test_what_is_refused_is_said(self):
        loader = importlib.machinery.SourceFileLoader("held_out", self.HELD_OUT)
        held_out = importlib.util.module_from_spec(importlib.util.spec_from_loader("held_out", loader))
        loader.exec_module(held_out)
        row = {"network": "n", "stages": 2, **{w: [10, 11] for w in held_out.WHAT}, "deepest": {"arithmetic": 3, "control": 4}}
        for refused, code in (([], 0), (["l1: arithmetic path of 3 LUT"], 1)):
            said = io.StringIO()
            with unittest.mock.patch.object(held_out, "measure", lambda *_, r=refused: {**row, "refused": r}), \
                 unittest.mock.patch.object(sys, "argv", ["held_out", "--seed", "1", "--count", "2"]), contextlib.redirect_stdout(said):
                self.assertEqual(held_out.main(), code)
            lines = said.getvalue().splitlines()
            self.assertEqual(lines[2], f"| n | 2 | {code} | 10 / 11 (+10.0 %) | 10 / 11 (+10.0 %) | 10 / 11 (+10.0 %) | 10 / 11 (+10.0 %) | 3, 4 |")
            self.assertEqual(lines[4:], [f"n {line}" for line in refused] * 2)


class Designs(unittest.TestCase):
    def test_all_kinds(self):
        plan = designs.plan_file(os.path.join(designs.folder(), "ones-synth.plan.json"), designs.ALL_KINDS_PLANS["ones"])
        directory, generated = designs.design("all-kinds", "--technology", "xc7", "--plan", plan)
        code, said = synth(directory)
        self.assertEqual(code, 0)
        found, plan = said["synthesised"], said["estimated"]
        print(f"  all-kinds: {found['lut']} LUT, {found['ff']} FF, estimated {plan['lut']}, {plan['ff']}; worst stage {said['worst_stage']} "
              f"{100 * said['worst_stage_error']:.0f} %; {said['deepest_path']['lut_levels']} LUT levels", flush=True)
        self.assertEqual(plan, generated["resources"])
        self.assertEqual([s["stage"] for s in said["stages"]], list(designs.ALL_KINDS_PLANS["ones"]))
        for what in ("lut", "ff", "bram36", "dsp"):
            self.assertEqual(sum(s["synthesised"][what] for s in said["stages"]), found[what])
            self.assertEqual(sum(s["estimated"][what] for s in said["stages"]), plan[what])
            for stage in said["stages"]:
                for which in ("synthesised", "estimated"):
                    self.assertEqual(sum(part[which][what] for part in stage["parts"].values()), stage[which][what], (stage["stage"], what))
        self.assertIn("u_window", said["stages"][1]["parts"])
        for stage in said["stages"]:
            for kind, path in stage["paths"].items():
                self.assertLessEqual(path["levels"], {"arithmetic": 2, "control": 4}[kind], (stage["stage"], path))
        self.assertEqual((found["bram36"], found["dsp"]), (plan["bram36"], plan["dsp"]))
        # A module counts the same whatever else is synthesised, and what was kept of it.
        with tempfile.TemporaryDirectory() as empty:
            _, alone = synth(directory, "--stage", "conv2", "--stage", "fc1", work=empty)
        self.assertEqual([{**s, "paths": 0} for s in alone["stages"]], [{**s, "paths": 0} for s in said["stages"] if s["stage"] in ("conv2", "fc1")])

    def test_joins_of_repacked_inputs_hold_what_is_estimated(self):
        for kind in ("ragged", "wide"):
            plan = designs.plan_file(os.path.join(designs.folder(), kind + "-synth.plan.json"), designs.ALL_KINDS_PLANS[kind])
            directory, _ = designs.design("all-kinds", "--technology", "xc7", "--plan", plan)
            code, said = synth(directory, "--check")
            self.assertEqual((code, said["complaints"]), (0, []), kind)

    def test_fmnist_on_ultrascale_holds_what_is_estimated(self):
        directory, _ = designs.design("fmnist-4-8218", "--technology", "xcup", "--max-cycles", "8000")
        with open(os.path.join(directory, "filelist_xcup.f"), encoding="utf-8") as f:
            self.assertIn("elb_mul_add_xcup.v", f.read())
        code, said = synth(directory, "--check")
        self.assertEqual((code, said["complaints"]), (0, []))


if __name__ == "__main__":
    unittest.main()
