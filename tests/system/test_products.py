"""Dot products and accumulators in DSP slices and LUTs: bodies equal their twins under all operands, designs are bit-exact and
cycle-exact however many slices the plan gives them, and yosys counts the sites and slices of the estimate.

Bodies with DSP slices are simulated, since SAT does not finish on multipliers: DSP48E1 with yosys' model of the slice (cells_sim.v), DSP48E2,
which yosys has none of, with data/DSP48E2.v, written from the data sheet and held against DSP48E1 where both slices do the same.
"""
import itertools
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
SLICES = 24  # with registers at random
DSP48E2 = os.path.join(designs.ROOT, "tests", "system", "data", "DSP48E2.v")
OPERAND_BITS = {"xc7": 24, "xcup": 26}  # of a slice's wide operand, beside its sign
MAPPED = ("--technology", "xc7")


def source(name):
    with open(os.path.join(PRIM, name), encoding="utf-8") as f:
        return f.read()


def differences(leaf, parameters, ports, cycles, stimulus, edit=lambda text: text, technology="xc7"):
    """In how many of `cycles` a clocked leaf's body and its twin differ; `stimulus` sets the inputs in cycle n."""
    body = f"{leaf}_{technology}.v"
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
                           ("body.v", edit(source(body)))):
            with open(os.path.join(work, name), "w", encoding="utf-8") as f:
                f.write(text)
        designs.must("iverilog", "-g2012", "-s", "bench", "-o", "bench", "bench.v", "twin.v", "body.v", CELLS, DSP48E2, cwd=work)
        return int(designs.must("vvp", "bench", cwd=work).split(" wrong")[0].split()[-1])


def pairs(lanes, x_signed, x_bits, y_bits, technology="xc7"):
    """Parameters and ports of elb_mul_pairs as hw/product_dot has them."""
    shift = OPERAND_BITS[technology] - x_bits
    high = x_bits + y_bits + (lanes - 1).bit_length()
    parameters = {"LANES": lanes, "X_SIGNED": x_signed, "X_BITS": x_bits, "Y_BITS": y_bits, "SHIFT": shift, "P_BITS": shift + high}
    return parameters, [("x0", lanes * x_bits), ("x1", lanes * x_bits), ("y", lanes * y_bits), ("p", shift + high)]


def slices_that_differ(rng, fault=None):
    """In how many cycles a DSP48E1 and the model of a DSP48E2 differ, with registers at random; `fault` (right, wrong) breaks the model."""
    operands, cascades = {}, {}
    for operand in "AB":
        operands[operand] = rng.randrange(3)
        cascades[operand] = 1 if operands[operand] == 2 and rng.randrange(2) else operands[operand]
    registers = {f"{name}REG": rng.randrange(2) for name in ("AD", "ALUMODE", "CARRYIN", "CARRYINSEL", "C", "D", "INMODE", "M", "OPMODE", "P")}
    registers |= {f"{x}REG": n for x, n in operands.items()} | {f"{x}CASCREG": n for x, n in cascades.items()}
    registers |= {f"{x}_INPUT": rng.choice(('"DIRECT"', '"CASCADE"')) for x in "AB"}
    pre_adder = rng.randrange(2)
    fed_back = registers["PREG"] == 1
    simd = rng.choice(("ONE48", "ONE48", "ONE48", "TWO24", "FOUR12"))  # adders side by side leave no product and no shift
    whole = simd == "ONE48"
    registers |= {"USE_SIMD": f'"{simd}"'} | ({} if whole else {"USE_MULT": '"NONE"', "MREG": 0})
    xy = [5, 5, 5] * whole + [0, 8, 12, 3, 11, 15] + [2, 10, 14] * fed_back  # OPMODE[3:0]
    z = [0, 1, 3] + [5] * whole + [2] * fed_back + [6] * (fed_back and whole)
    enables = ("A1", "A2", "AD", "ALUMODE", "B1", "B2", "C", "CARRYIN", "CTRL", "D", "INMODE", "M", "P")
    resets = ("A", "ALLCARRYIN", "ALUMODE", "B", "C", "CTRL", "D", "INMODE", "M", "P")
    def words(values, width):
        return "{" + ", ".join(f"{width}'d{v}" for v in reversed(values)) + "}"
    def given(**more):
        return ", ".join(f".{key}({value})" for key, value in (registers | more).items())
    ports = [("A", 30, "{{6{r[23]}}, r[23:0]}"), ("ACIN", 30, "{{6{q[23]}}, q[23:0]}"), ("B", 18, "r[41:24]"), ("BCIN", 18, "q[41:24]"),
             ("C", 48, "{$random, q[57:42]}"), ("PCIN", 48, "{$random, r[57:42]}"), ("INMODE", 5, "q[62:58]"), ("ALUMODE", 4, "{2'd0, r[59:58]}"),
             ("CARRYIN", 1, "r[60]" if whole else "0"), *((f"CE{e}", 1, "$random % 4 != 0") for e in enables), *((f"RST{r}", 1, "n < 4 || $random % 16 == 0") for r in resets)]
    shared = ", ".join(f".{name}({name})" for name, _, _ in ports) + ", .CLK(clk), .CARRYINSEL(3'd0), .CARRYCASCIN(1'b0), .MULTSIGNIN(1'b0)"
    outputs = (("P", 48), ("PCOUT", 48), ("ACOUT", 30), ("BCOUT", 18))
    bench = f"""module bench;
  reg clk = 0;
  integer n = 0, wrong = 0;
  reg [63:0] r, q;
  reg [23:0] d;
  reg [6:0] opmode;
{"".join(f"  reg [{width - 1}:0] {name};" for name, width, _ in ports)}
{"".join(f"  wire [{width - 1}:0] {name}_1, {name}_2;" for name, width in outputs)}
  DSP48E1 #({given(USE_DPORT='"TRUE"' if pre_adder else '"FALSE"')}) u_1 ({shared}, .D({{d[23], d}}), .OPMODE(opmode),
    {", ".join(f".{name}({name}_1)" for name, _ in outputs)});
  DSP48E2 #({given(AMULTSEL='"AD"' if pre_adder else '"A"')}) u_2 ({shared}, .D({{{{3{{d[23]}}}}, d}}), .OPMODE({{2'd0, opmode}}),
    {", ".join(f".{name}({name}_2)" for name, _ in outputs)});
  wire [{4 * len(xy) - 1}:0] all_xy = {words(xy, 4)};
  wire [{3 * len(z) - 1}:0] all_z = {words(z, 3)};
  always @(negedge clk) begin
    n = n + 1;
    r = {{$random, $random}};
    q = {{$random, $random}};
    d = $random;
    opmode = {{all_z[{{$random}} % {len(z)} * 3 +: 3], all_xy[{{$random}} % {len(xy)} * 4 +: 4]}};
{"".join(f"    {name} = {value};" for name, _, value in ports)}
  end
  always @(posedge clk) if (n > 8 && ({" || ".join(f"{name}_1 !== {name}_2" for name, _ in outputs)})) wrong = wrong + 1;
  initial begin
    repeat (1000) #1 clk = ~clk;
    $display("%0d wrong", wrong);
    $finish;
  end
endmodule
"""
    with tempfile.TemporaryDirectory(dir=designs.folder()) as work:
        with open(DSP48E2, encoding="utf-8") as f:
            model = f.read()
        if fault:
            if fault[0] not in model:
                raise AssertionError(fault[0])
            model = model.replace(*fault)
        for name, text in (("bench.v", bench), ("model.v", model)):
            with open(os.path.join(work, name), "w", encoding="utf-8") as f:
                f.write(text)
        designs.must("iverilog", "-g2012", "-s", "bench", "-o", "bench", "bench.v", "model.v", CELLS, cwd=work)
        return int(designs.must("vvp", "bench", cwd=work).split(" wrong")[0].split()[-1])


RANDOM = """    x0 <= n[4] ? {$random, $random} : {64{n[0]}};
    x1 <= n[4] ? {$random, $random} : {64{n[1]}};
    y <= n[4] ? {$random, $random} : {64{n[2]}};
    if (n[5:4] == 2) begin x0 <= LEAST_X; x1 <= LEAST_X; y <= LEAST_Y; end"""


def accumulators(lanes, bits):
    return {"LANES": lanes, "BITS": bits}, [("first", 1), ("begin_with", lanes * bits), ("sum", lanes * bits), ("acc", lanes * bits)]


def mul_add(t, in_register, alpha, beta, total):
    return ({"T_BITS": t, "T_REG": in_register, "ALPHA_BITS": alpha, "BETA_BITS": beta, "SUM_BITS": total},
            [("t", t), ("alpha", alpha), ("beta", beta), ("sum", total)])


PRODUCTS = ((14, 1, 12, 24, 28), (25, 1, 18, 44, 45), (18, 0, 25, 47, 48), (19, 0, 18, 10, 38), (2, 1, 2, 3, 5), (25, 0, 2, 3, 20))
FACTORS = "    t <= n[4] ? $random : {48{n[0]}};\n    alpha <= n[5] ? $random : {48{n[1]}};\n    beta <= n[6] ? {$random, $random} : {48{n[2]}};"
RUNNING = "    first <= n < 8 || $random % 7 == 0;\n    sum <= n[4] ? {$random, $random} : {48{n[0] ^ n[3]}};\n    begin_with <= {$random, $random};"


class Leaves(unittest.TestCase):
    def test_accumulators_beside_each_other(self):
        shapes = ((1, 24), (2, 24), (2, 16), (2, 13), (3, 12), (4, 12), (4, 9), (4, 2), (1, 5))
        for technology, (lanes, bits) in itertools.product(OPERAND_BITS, shapes):
            with self.subTest(technology=technology, lanes=lanes, bits=bits):
                self.assertEqual(differences("elb_accumulate_lanes", *accumulators(lanes, bits), 5000, RUNNING, technology=technology), 0)

    def test_every_product_of_a_slice_beside_any_other(self):
        for technology, x_signed in itertools.product(OPERAND_BITS, (0, 1)):
            parameters, ports = pairs(1, x_signed, 8, 8, technology)
            for exact, other in (("x0", "x1"), ("x1", "x0")):
                with self.subTest(technology=technology, x_signed=x_signed, exact=exact):
                    stimulus = f"    {{{exact}, y}} <= n[15:0];\n    {other} <= n[16] ? $random : n[3] ^ n[9] ? 8'h80 : {{8{{n[1] ^ n[12]}}}};"
                    self.assertEqual(differences("elb_mul_pairs", parameters, ports, 2 * 65536 + 20, stimulus, technology=technology), 0)

    def test_chains_of_slices(self):
        for technology, lanes in itertools.product(OPERAND_BITS, (2, 3, 4)):
            for x_signed, x_bits, y_bits in ((0, 8, 8), (1, 8, 8), (0, 4, 8), (1, 3, 5)):
                parameters, ports = pairs(lanes, x_signed, x_bits, y_bits, technology)
                least = lambda bits: "{" + str(lanes) + "{1'b1, {" + str(bits - 1) + "{1'b0}}}}"
                stimulus = RANDOM.replace("LEAST_X", least(x_bits)).replace("LEAST_Y", least(y_bits))
                with self.subTest(technology, **parameters):
                    self.assertEqual(differences("elb_mul_pairs", parameters, ports, 5000, stimulus, technology=technology), 0)

    def test_a_product_and_a_sum(self):
        for shape in PRODUCTS:
            with self.subTest(shape):
                self.assertEqual(differences("elb_mul_add", *mul_add(*shape), 5000, FACTORS, technology="xcup"), 0)

    def test_operands_that_no_slice_holds_are_refused(self):
        for name, most in (("elb_mul_pairs", 26), ("elb_mul_pairs_xc7", 24), ("elb_mul_pairs_xcup", 26)):
            for operand in (most, most + 1):
                done = designs.run("iverilog", "-g2005-sv", "-Pelb_mul_pairs.X_BITS=8", f"-Pelb_mul_pairs.SHIFT={operand - 8}", "-s", "elb_mul_pairs",
                                   "-o", os.devnull, os.path.join(PRIM, name + ".v"), CELLS, DSP48E2)
                with self.subTest(name, operand=operand):
                    self.assertEqual("elb_mul_pairs_does_not_fit" in done.stderr, operand > most)

    def test_the_model_of_a_dsp48e2_is_a_dsp48e1_where_both_do_the_same(self):
        """Random registers, modes, enables and resets, one adder, two or four; operands of 25 bits, pre-adder sums that do not overflow."""
        for seed in range(SLICES):
            with self.subTest(seed):
                self.assertEqual(slices_that_differ(random.Random(designs.SEED * 100 + seed)), 0)

    def test_a_fault_in_the_model_is_found(self):
        for right, wrong in (("inmode[3] ? d_gated - addend", "inmode[3] ? addend - d_gated"), ("{{3{m[44]}}, m}", "{3'd0, m}"),
                             ("inmode[0] ? a1[26:0]", "inmode[0] ? a2[26:0]"), ("alumode == 1 ? ~z[f +: FIELD] + s", "alumode == 1 ? s - z[f +: FIELD]"),
                             ("if (RSTD) ad_q <= 0;", "if (RSTA) ad_q <= 0;"), ("opmode[6:4] == 5 ? {{17{PCIN[47]}}", "opmode[6:4] == 5 ? {{17{1'b0}}"),
                             ("ACASCREG == 1 && AREG == 2", "ACASCREG == 1"), ("inmode[4] ? b1 : b2", "inmode[4] ? b2 : b1"),
                             ('"FOUR12" ? 12', '"FOUR12" ? 24'), ('"TWO24" ? 24', '"TWO24" ? 48')):
            with self.subTest(wrong):
                self.assertTrue(any(slices_that_differ(random.Random(designs.SEED * 100 + seed), (right, wrong)) for seed in range(SLICES)))

    def test_borrows_of_all_operands(self):
        for lanes, bits in ((2, 1), (3, 2), (4, 2)):
            ports = [("x", lanes * bits), ("y", lanes * bits), ("u", bits), ("q", bits)]
            inputs = 2 * lanes * bits + bits
            with self.subTest(lanes=lanes):
                self.assertEqual(differences("elb_field_borrow", {"LANES": lanes, "BITS": bits}, ports, 20 + (1 << min(inputs, 18)),
                                             f"    {{u, y, x}} <= n[{inputs - 1}:0];"), 0)

    def test_a_fault_in_each_class_is_found(self):
        stimulus = "    x0 <= {$random, $random};\n    x1 <= {$random, $random};\n    y <= {$random, $random};"
        both = [(1, "low[X_BITS-1]", "1'b0"), (1, ".BREG(REGS), .BCASCREG(REGS)", ".BREG(1), .BCASCREG(1)"), (1, "wide_high << SHIFT", "wide_high << (SHIFT - 1)"),
                (0, "late[Y_BITS-1]", "1'b0"), (0, "REGS - 1 : REGS", "REGS - 1 : 1")]
        of_slice = {"xc7": [(1, "7'b0010101", "7'b0000101")],
                    "xcup": [(1, "9'b000010101", "9'b000000101"), (1, '"AD" : "A"', '"A" : "A"'), (1, "wide_low[26:0]", "wide_low[24:0]"),
                             (1, "5'b00100", "5'b00000"), (1, '.PREADDINSEL("A")', '.PREADDINSEL("B")'), (0, '.BMULTSEL("B")', '.BMULTSEL("AD")')]}
        for technology, faults in of_slice.items():
            for x_signed, right, wrong in both + faults:
                with self.subTest(technology, wrong=wrong):
                    self.assertIn(right, source(f"elb_mul_pairs_{technology}.v"))
                    self.assertGreater(differences("elb_mul_pairs", *pairs(3, x_signed, 8, 8, technology), 300, stimulus,
                                                   lambda text: text.replace(right, wrong), technology), 0)
        both = [(2, 24, '"TWO24"', '"ONE48"'), (4, 12, '"FOUR12"', '"TWO24"'), (2, 24, ".B(x[17:0])", ".B(x[18:1])"),
                (3, 9, "p[i*FIELD +: BITS]", "p[i*BITS +: BITS]")]
        of_slice = {"xc7": [(2, 16, "7'b0100011", "7'b0000011"), (2, 16, "? 7'b0110011", "? 7'b0100011"), (2, 16, "? 7'b0110011", "? 7'b0000011")],
                    "xcup": [(2, 16, "9'b000100011", "9'b000000011"), (2, 16, "? 9'b000110011", "? 9'b000100011"), (2, 16, "? 9'b000110011", "? 9'b000000011")]}
        for technology, faults in of_slice.items():
            for lanes, bits, right, wrong in both + faults:
                with self.subTest(technology, wrong=wrong):
                    self.assertIn(right, source(f"elb_accumulate_lanes_{technology}.v"))
                    self.assertGreater(differences("elb_accumulate_lanes", *accumulators(lanes, bits), 300, RUNNING,
                                                   lambda text: text.replace(right, wrong), technology), 0)
        for right, wrong in ((".MREG(1)", ".MREG(0)"), ("9'b000110101", "9'b000010101"), (".BREG(B_REGS), .BCASCREG(B_REGS)", ".BREG(0), .BCASCREG(0)"),
                             (".AREG(A_REGS), .ACASCREG(A_REGS)", ".AREG(0), .ACASCREG(0)"), ("T_BITS > 18 ? 1 : 0", "0"), (".CREG(0)", ".CREG(1)"),
                             ("beta[BETA_BITS-1]}}", "1'b0}}")):
            with self.subTest(wrong):
                self.assertIn(right, source("elb_mul_add_xcup.v"))
                self.assertTrue(any(differences("elb_mul_add", *mul_add(*shape), 300, FACTORS, lambda text: text.replace(right, wrong), "xcup")
                                    for shape in PRODUCTS[:2]))
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


def accumulator_layers(directory, network):
    """Name -> slices that hold accumulators of 12 bits at most, for every layer of the plan that may have such."""
    kinds = {layer["name"]: layer.get("weight", "") for layer in network["layers"]}
    return {row["layer"]: -(-row["p"] * row["m"] // 4) for row in json.loads(read(directory, "plan.json"))["stages"]
            if row["engine"] == "compute" and kinds.get(row["layer"]) in ("binary", "ternary")}


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
            network = json.load(f)
        most = integer_layers(directory, network) | accumulator_layers(directory, network)
        self.assertGreaterEqual(len(most), 5)
        for name, share in (("none", lambda n: 0), ("some", lambda n: n // 2 + 1), ("all", lambda n: n)):
            with self.subTest(name):
                slices = {layer: share(n) for layer, n in most.items()}
                design, generated = designs.design("fmnist-4-8218", "--plan", with_slices(directory, slices))
                code, report = designs.simulate(design, "--mapped", "--input", designs.fmnist_images(5))
                self.assertEqual((code, report["mismatches"], report["failures"]), (0, 0, []))
                self.assertEqual(report["simulated"]["cycles_per_frame"], generated["cycles_per_frame"])
                for leaf in ("elb_mul_pairs", "elb_accumulate_lanes"):
                    self.assertEqual(leaf in read(design, "filelist_xc7.f"), name != "none")

    def test_random_networks_of_integer_weights(self):
        work = tempfile.mkdtemp(dir=designs.folder())
        for i in range(12 if designs.LONG else 3):
            rng = random.Random(designs.SEED * 7919 + i)
            generator = random_networks.Generator(rng, random_networks.Coverage())
            net = generator.network(f"products_{i}", designs.SEED * 1000 + i, branch=i % 2 == 0)
            for layer in net["layers"]:
                if layer["op"] in ("conv", "fc"):
                    layer["weight"] = f"int{rng.randint(2, 8)}"
            plan = generator.plan(net) | {"technology": ("xc7", "xcup")[i % 2]}
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
        with open(os.path.join(designs.ROOT, "configs", "networks", "fmnist-4-8218.json"), encoding="utf-8") as f:
            network = json.load(f)
        for technology in OPERAND_BITS:
            directory, _ = designs.design("fmnist-4-8218", "--technology", technology, "--max-cycles", "8000")
            most = integer_layers(directory, network)
            design, _ = designs.design("fmnist-4-8218", "--plan", with_slices(directory, {layer: n // 2 + 1 for layer, n in most.items()}))
            bodies = read(design, f"filelist_{technology}.f").split()
            tops = [n[:-2] for n in bodies if n.startswith("elb_product_dot")]
            self.assertGreaterEqual(len(tops), 2)
            leaves = [n for n in bodies if n.endswith(("_xc7.v", "_xcup.v")) or n.startswith("elb_lut_multiplier")]
            copy = designs.copy_of(design)
            for top in tops:
                designs.must("yosys", "-q", "-p", f"read_verilog {top}.v {' '.join(leaves)}; synth_xilinx -family {technology} -flatten -noiopad -top {top}; "
                             f"write_json {top}.json", cwd=copy)
                total = sites.count(json.loads(read(copy, top + ".json")), top)
                words = read(design, top + ".v").split(" LUT sites")[0].split()
                with self.subTest(top, technology=technology):
                    print(f"  {top}, {technology}: {total['sites']} sites, {total['dsp']} slices", flush=True)
                    self.assertEqual((total["sites"], total["dsp"]), (int(words[-1]), int(words[-5])))


if __name__ == "__main__":
    unittest.main()
