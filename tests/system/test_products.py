"""Dot products of integer weights in DSP slices and LUTs: bodies equal their twins under all operands, designs are bit-exact and
cycle-exact however many slices the plan gives them, and yosys counts the sites and slices of the estimate.

Bodies with DSP48E1 are simulated with yosys' model of the slice (cells_sim.v): SAT does not finish on multipliers.
"""
import json
import os
import random
import sys
import tempfile
import unittest

import designs
import random_networks
import test_random

sys.path.insert(0, os.path.join(designs.ROOT, "tools"))
import sites

PRIM = os.path.join(designs.ROOT, "rtl_templates", "prim")
CELLS = "/usr/share/yosys/xilinx/cells_sim.v"
MAPPED = ("--technology", "xc7")


def source(name):
    with open(os.path.join(PRIM, name), encoding="utf-8") as f:
        return f.read()


def differences(leaf, parameters, ports, cycles, stimulus, edit=lambda text: text):
    """In how many of `cycles` a clocked leaf's body and its twin differ; `stimulus` sets the inputs in cycle n."""
    given = ", ".join(f".{key}({value})" for key, value in parameters.items())
    declared = "".join(f"  reg [{width - 1}:0] {name} = 0;\n" for name, width in ports[:-1])
    out, width = ports[-1]
    connected = ", ".join(f".{name}({name})" for name, _ in ports[:-1])
    bench = f"""module bench;
  reg clk = 0;
  integer n = 0, wrong = 0;
{declared}  wire [{width - 1}:0] a, b;
  twin #({given}) u_twin (.clk(clk), {connected}, .{out}(a));
  {leaf} #({given}) u_body (.clk(clk), {connected}, .{out}(b));
  always @(posedge clk) begin
    n <= n + 1;
    if (n > 10 && a !== b) wrong <= wrong + 1;
{stimulus}
  end
  initial begin
    repeat ({2 * cycles}) #1 clk = ~clk;
    $display("%0d wrong", wrong);
    $finish;
  end
endmodule
"""
    with tempfile.TemporaryDirectory(dir=designs.folder()) as work:
        for name, text in (("bench.v", bench), ("twin.v", source(leaf + ".v").replace(f"module {leaf} ", "module twin ")),
                           ("body.v", edit(source(leaf + "_xc7.v")))):
            with open(os.path.join(work, name), "w", encoding="utf-8") as f:
                f.write(text)
        designs.must("iverilog", "-g2012", "-s", "bench", "-o", "bench", "bench.v", "twin.v", "body.v", CELLS, cwd=work)
        return int(designs.must("vvp", "bench", cwd=work).split(" wrong")[0].split()[-1])


def pairs(lanes, x_signed, x_bits, y_bits):
    """Parameters and ports of elb_mul_pairs as hw/product_dot has them."""
    shift = 24 - x_bits
    high = x_bits + y_bits + (lanes - 1).bit_length()
    parameters = {"LANES": lanes, "X_SIGNED": x_signed, "X_BITS": x_bits, "Y_BITS": y_bits, "SHIFT": shift, "P_BITS": shift + high}
    return parameters, [("x0", lanes * x_bits), ("x1", lanes * x_bits), ("y", lanes * y_bits), ("p", shift + high)]


RANDOM = """    x0 <= n[4] ? {$random, $random} : {64{n[0]}};
    x1 <= n[4] ? {$random, $random} : {64{n[1]}};
    y <= n[4] ? {$random, $random} : {64{n[2]}};
    if (n[5:4] == 2) begin x0 <= LEAST_X; x1 <= LEAST_X; y <= LEAST_Y; end"""


class Leaves(unittest.TestCase):
    def test_every_product_of_a_slice_beside_any_other(self):
        for x_signed in (0, 1):
            parameters, ports = pairs(1, x_signed, 8, 8)
            for exact, other in (("x0", "x1"), ("x1", "x0")):
                with self.subTest(x_signed=x_signed, exact=exact):
                    stimulus = f"    {{{exact}, y}} <= n[15:0];\n    {other} <= n[16] ? $random : n[3] ^ n[9] ? 8'h80 : {{8{{n[1] ^ n[12]}}}};"
                    self.assertEqual(differences("elb_mul_pairs", parameters, ports, 2 * 65536 + 20, stimulus), 0)

    def test_chains_of_slices(self):
        for lanes in (2, 3, 4):
            for x_signed, x_bits, y_bits in ((0, 8, 8), (1, 8, 8), (0, 4, 8), (1, 3, 5)):
                parameters, ports = pairs(lanes, x_signed, x_bits, y_bits)
                least = lambda bits: "{" + str(lanes) + "{1'b1, {" + str(bits - 1) + "{1'b0}}}}"
                stimulus = RANDOM.replace("LEAST_X", least(x_bits)).replace("LEAST_Y", least(y_bits))
                with self.subTest(parameters):
                    self.assertEqual(differences("elb_mul_pairs", parameters, ports, 5000, stimulus), 0)

    def test_borrows_of_all_operands(self):
        for lanes, bits in ((2, 1), (3, 2), (4, 2)):
            ports = [("x", lanes * bits), ("y", lanes * bits), ("u", bits), ("q", bits)]
            inputs = 2 * lanes * bits + bits
            with self.subTest(lanes=lanes):
                self.assertEqual(differences("elb_field_borrow", {"LANES": lanes, "BITS": bits}, ports, 20 + (1 << min(inputs, 18)),
                                             f"    {{u, y, x}} <= n[{inputs - 1}:0];"), 0)

    def test_a_fault_in_each_class_is_found(self):
        parameters, ports = pairs(3, 1, 8, 8)
        codes = pairs(3, 0, 8, 8)
        stimulus = "    x0 <= {$random, $random};\n    x1 <= {$random, $random};\n    y <= {$random, $random};"
        faults = [(parameters, ports, "7'b0010101", "7'b0000101"), (parameters, ports, "low[X_BITS-1]", "1'b0"),
                  (parameters, ports, ".BREG(REGS)", ".BREG(1)"), (parameters, ports, "wide_high << SHIFT", "wide_high << (SHIFT - 1)"),
                  (*codes, "late[Y_BITS-1]", "1'b0"), (*codes, "REGS - 1 : REGS", "REGS - 1 : 1")]
        for given, sides, right, wrong in faults:
            with self.subTest(wrong):
                self.assertIn(right, source("elb_mul_pairs_xc7.v"))
                self.assertGreater(differences("elb_mul_pairs", given, sides, 300, stimulus, lambda text: text.replace(right, wrong)), 0)
        for lanes, bits, right, wrong in ((4, 2, "7ee87ee8", "7ee87ee9"), (3, 2, "9c63639c", "9c63639d"), (4, 2, "6ac06ac0", "6ac06ac8"),
                                          (2, 1, "late[1] & late[3]", "late[1] & late[2]"), (4, 2, "3*LANES +: 3", "3*LANES-3 +: 3")):
            ports = [("x", lanes * bits), ("y", lanes * bits), ("u", bits), ("q", bits)]
            with self.subTest(wrong):
                self.assertIn(right, source("elb_field_borrow_xc7.v"))
                self.assertGreater(differences("elb_field_borrow", {"LANES": lanes, "BITS": bits}, ports, 3000,
                                               "    {u, y, x} <= $random;", lambda text: text.replace(right, wrong)), 0)


def read(directory, name):
    with open(os.path.join(directory, name), encoding="utf-8") as f:
        return f.read()


def integer_layers(directory, network):
    """Name -> slices for all its products, for every layer of the plan that has a choice."""
    kinds = {layer["name"]: layer.get("weight", "") for layer in network["layers"]}
    return {row["layer"]: row["s"] * -(-row["p"] * row["m"] // 2) for row in json.loads(read(directory, "plan.json"))["stages"]
            if row["engine"] == "compute" and kinds.get(row["layer"], "").startswith("int")}


def with_slices(directory, slices):
    """A copy of the design's plan with so many slices by layer; depths are chosen anew, since latencies change."""
    plan = json.loads(read(directory, "plan.json"))
    for row in plan["stages"]:
        for depth in ("fifo_depth", "window_capacity", "branch_fifos"):
            row.pop(depth, None)
        if row["layer"] in slices:
            row["dsp"] = slices[row["layer"]]
    path = os.path.join(tempfile.mkdtemp(dir=designs.folder()), "plan.json")
    with open(path, "w", encoding="utf-8") as f:
        json.dump(plan, f)
    return path


class Designs(unittest.TestCase):
    def test_fmnist_4_8218_with_no_some_and_all_slices(self):
        directory, _ = designs.design("fmnist-4-8218", *MAPPED, "--max-cycles", "8000")
        with open(os.path.join(designs.ROOT, "configs", "networks", "fmnist-4-8218.json"), encoding="utf-8") as f:
            most = integer_layers(directory, json.load(f))
        self.assertGreaterEqual(len(most), 2)
        for name, share in (("none", lambda n: 0), ("some", lambda n: n // 2 + 1), ("all", lambda n: n)):
            with self.subTest(name):
                slices = {layer: share(n) for layer, n in most.items()}
                design, generated = designs.design("fmnist-4-8218", "--plan", with_slices(directory, slices))
                code, report = designs.simulate(design, "--input", designs.fmnist_images(5))
                self.assertEqual((code, report["mismatches"], report["failures"]), (0, 0, []))
                self.assertEqual(report["simulated"]["cycles_per_frame"], generated["cycles_per_frame"])
                self.assertEqual("elb_mul_pairs" in read(design, "filelist.f"), name != "none")

    def test_random_networks_of_integer_weights(self):
        work = tempfile.mkdtemp(dir=designs.folder())
        for i in range(12 if designs.LONG else 3):
            rng = random.Random(designs.SEED * 7919 + i)
            generator = random_networks.Generator(rng, random_networks.Coverage())
            net = generator.network(f"products_{i}", designs.SEED * 1000 + i, branch=i % 2 == 0)
            for layer in net["layers"]:
                if layer["op"] in ("conv", "fc"):
                    layer["weight"] = f"int{rng.randint(2, 8)}"
            plan = generator.plan(net) | {"technology": "xc7"}
            folder = tempfile.mkdtemp(dir=designs.folder())
            for name, value in (("net.json", net), ("plan.json", plan)):
                with open(os.path.join(folder, name), "w", encoding="utf-8") as f:
                    json.dump(value, f)
            designs.must(designs.ELBGEN, os.path.join(folder, "net.json"), "--plan", os.path.join(folder, "plan.json"), "-o",
                         os.path.join(folder, "rtl"), "--max-cycles", "20000")
            made = json.loads(read(os.path.join(folder, "rtl"), "plan.json"))
            bits = {b["layer"]: b["bits"] for b in json.loads(read(os.path.join(folder, "rtl"), "manifest.json"))["boundaries"]}
            most = integer_layers(os.path.join(folder, "rtl"), net)
            sources = {layer["name"]: layer.get("inputs", [before])[0] for before, layer in
                       zip(["input"] + [l["name"] for l in net["layers"]], net["layers"])}
            def code_bits(name):  # of what the layer reads
                name = sources[name]
                return bits[name] if name in bits else code_bits(name)
            for row in made["stages"]:
                if row["layer"] in most and code_bits(row["layer"]) > 1:
                    row["dsp"] = rng.randint(0, most[row["layer"]])
            with self.subTest(i):
                try:
                    test_random.check(net, made, rng, tempfile.mkdtemp(dir=designs.folder()), work)
                except test_random.Failed as failure:
                    self.fail(f"ELB_SEED={designs.SEED}, network {i}: {failure}")

    def test_sites_and_slices_of_dot_products_are_their_estimate(self):
        directory, _ = designs.design("fmnist-4-8218", *MAPPED, "--max-cycles", "8000")
        with open(os.path.join(designs.ROOT, "configs", "networks", "fmnist-4-8218.json"), encoding="utf-8") as f:
            most = integer_layers(directory, json.load(f))
        design, _ = designs.design("fmnist-4-8218", "--plan", with_slices(directory, {layer: n // 2 + 1 for layer, n in most.items()}))
        bodies = read(design, "filelist_xc7.f").split()
        tops = [n[:-2] for n in bodies if n.startswith("elb_product_dot")]
        self.assertGreaterEqual(len(tops), 2)
        leaves = [n for n in bodies if n.endswith("_xc7.v") or n.startswith("elb_lut_multiplier")]
        copy = designs.copy_of(design)
        for top in tops:
            designs.must("yosys", "-q", "-p", f"read_verilog {top}.v {' '.join(leaves)}; synth_xilinx -family xc7 -flatten -noiopad -top {top}; "
                         f"write_json {top}.json", cwd=copy)
            total = sites.count(json.loads(read(copy, top + ".json")), top)
            words = read(design, top + ".v").split(" LUT sites")[0].split()
            with self.subTest(top):
                print(f"  {top}: {total['sites']} sites, {total['dsp']} slices", flush=True)
                self.assertEqual((total["sites"], total["dsp"]), (int(words[-1]), int(words[-5])))


if __name__ == "__main__":
    unittest.main()
