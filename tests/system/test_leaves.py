"""Leaves of rtl_templates/prim: each body equals its twin by SAT, and trees of them are sums by their wiring."""
import itertools
import json
import os
import random
import re
import tempfile
import unittest

import bit_matrix
import designs

PRIM = os.path.join(designs.ROOT, "rtl_templates", "prim")
CELLS = "+/xilinx/cells_sim.v"  # yosys' models of LUT6_2, CARRY4 and CARRY8
PORTS = {
    "elb_choose": lambda p: [("input", "d", p["WAYS"] * p["BITS"]), ("input", "s", 6), ("output", "y", p["BITS"])],
    "elb_compress": lambda p: [("input", "bits", 6 * p["POSITIONS"]), ("input", "carry_in", 1), ("output", "y", p["POSITIONS"] + 1),
                               ("output", "z", p["POSITIONS"])],
    "elb_accumulate": lambda p: [("input", "first", 1), ("input", "begin_with", p["BITS"]), ("input", "acc", p["BITS"]), ("input", "sum", p["BITS"]),
                                 ("input", "carry_in", 1), ("output", "y", p["BITS"])],
    "elb_gate_add": lambda p: [("input", "x0", p["BITS"]), ("input", "x1", p["BITS"]), ("input", "g0", 1), ("input", "g1", 1),
                               ("input", "carry_in", 1), ("output", "y", p["BITS"] + p["SHIFT"] + 1)],
    "elb_select_add": lambda p: [("input", "x0", p["BITS"]), ("input", "x1", p["BITS"]), ("input", "w0", p["TERNARY"] + 1),
                                 ("input", "w1", p["TERNARY"] + 1), ("input", "carry_in", 1), ("output", "y", p["BITS"] + 1)],
    "elb_at_least": lambda p: [("input", "t", p["WIDTH"]), ("input", "point", p["WIDTH"]), ("output", "y", 1)],
    "elb_at_least_entry": lambda p: [("input", "t", p["WIDTH"]), ("input", "address", 5), ("output", "y", 1)],
    "elb_select_row": lambda p: [("input", name, p["BITS"]) for name in ("addend", "x0", "x1", "sum")] +
                                [("input", "w", 2), ("output", "y", p["BITS"] + 1)],
    "elb_select_two": lambda p: [("input", "x", 2), ("input", "w", 2), ("output", "y", 2)],
}
BATCH = 16


def compress(kinds):
    return "elb_compress", {"POSITIONS": len(kinds), "KINDS": kinds}


class Pattern(str):
    """A parameter's value as it stands in Verilog."""


def entries(width, address, signed, points):
    word = sum(point % 2 ** width << i * width for i, point in enumerate(points))
    return "elb_at_least_entry", {"WIDTH": width, "SIGNED": signed, "ADDRESS": address, "POINTS": Pattern(f"{width << address}'h{word:x}")}


def bench(leaves):
    """A module with all these leaves side by side."""
    ports, instances = [], []
    for n, (name, parameters) in enumerate(leaves):
        sides = PORTS[name](parameters)
        ports += [f"{way} wire [{width - 1}:0] {port}_{n}" for way, port, width in sides]
        given = ", ".join(f".{key}({value if isinstance(value, Pattern) else json.dumps(value)})" for key, value in parameters.items())
        instances.append(f"  {name} #({given}) u_{n} ({', '.join(f'.{port}({port}_{n})' for _, port, _ in sides)});\n")
    return f"module bench ({', '.join(ports)});\n{''.join(instances)}endmodule\n"


def bodies_of(name):
    """Files that stand for a leaf, by technology."""
    with open(os.path.join(PRIM, name + ".json"), encoding="utf-8") as f:
        return json.load(f).get("bodies", {})


def prove(leaves, edit=lambda text: text, technology="xc7"):
    """Whether the bodies equal their twins, by SAT; `edit` may break the bodies' text."""
    with tempfile.TemporaryDirectory(dir=designs.folder()) as work:
        def write(name, text):
            with open(os.path.join(work, name), "w", encoding="utf-8") as f:
                f.write(text)
            return name
        def source(name):
            with open(os.path.join(PRIM, name), encoding="utf-8") as f:
                return f.read()
        names = sorted({name for name, _ in leaves})
        top = write("bench.v", bench(leaves))
        bodies = [write(body, edit(source(body))) for body in sorted({body for name in names for body in bodies_of(name)[technology]})]
        twins = [os.path.join(PRIM, name + ".v") for name in names]
        side = "hierarchy -check -top bench; proc; flatten; opt -full; rename -top {0}; design -stash {0}; design -reset"
        script = "; ".join([f"read_verilog {' '.join(twins)} {top}", side.format("twin"),
                            f"read_verilog {' '.join(bodies)} {top} {CELLS}", side.format("body"),
                            "design -copy-from twin -as twin twin; design -copy-from body -as body body",
                            "miter -equiv -flatten twin body miter; hierarchy -top miter; opt -full",
                            "sat -verify -prove trigger 0 miter"])
        done = designs.run("yosys", "-q", "-p", script, cwd=work)
        if done.returncode and "proof did fail" not in done.stdout + done.stderr:
            raise AssertionError(done.stdout + done.stderr)
        return done.returncode == 0


def short_chains():
    """Every chain of up to three positions, and every counter above every other."""
    counters = ("06", "14", "2", "c")
    chains = set()
    for n in (1, 2, 3):
        for chosen in itertools.product(counters, repeat=n):
            body = "".join(chosen)
            for cut in ("", "6", "4"):
                if len(cut + body) <= (4 if cut else 3) or n == 2:
                    chains.add(cut + body)
    return sorted(chains | {"6", "4"})


def dots(*options):
    directory = os.path.join(tempfile.mkdtemp(dir=designs.folder()), "dots")
    return directory, json.loads(designs.must(os.path.join(designs.ROOT, "build", "gen", "cli", "elbdot"), *options, "-o", directory))


def leaves_in_use(directory):
    found = set()
    for name in os.listdir(directory):
        if not name.startswith("elb_select_dot"):
            continue
        with open(os.path.join(directory, name), encoding="utf-8") as f:
            for leaf, given in re.findall(r"(elb_(?:compress|select_add|select_two)) #\((.*?)\) u_", f.read()):
                found.add((leaf, given))
    for leaf, given in sorted(found):
        pairs = re.findall(r"\.(\w+)\((\"?)(\w+)\"?\)", given)
        yield leaf, {key: value if quote else int(value) for key, quote, value in pairs}


class Leaves(unittest.TestCase):
    def all_proven(self, leaves, technology="xc7"):
        for i in range(0, len(leaves), BATCH):
            with self.subTest(leaves[i:i + BATCH]):
                self.assertTrue(prove(leaves[i:i + BATCH], technology=technology))

    def test_selections_equal_their_twins(self):
        self.all_proven([("elb_select_two", {"TERNARY": t}) for t in (0, 1)] +
                        [("elb_select_add", {"TERNARY": t, "BITS": b}) for t in (0, 1) for b in range(1, 10)] +
                        [("elb_select_row", {"SUBTRACT": t, "BITS": b}) for t in (0, 1) for b in range(1, 11)] +
                        [("elb_gate_add", {"BITS": b, "SHIFT": t}) for t in (0, 1) for b in range(2, 9)] +
                        [("elb_accumulate", {"BITS": b}) for b in range(2, 31)])

    def test_comparisons_equal_their_twins(self):
        self.all_proven([("elb_at_least", {"WIDTH": w, "SIGNED": s}) for w in [*range(1, 10), 18, 28, 33] for s in (0, 1)])
        source, leaves = random.Random(1), []
        for address in range(6):
            for width in (1, 2, 3, 4, 5, 7, 18):
                for signed in (0, 1):
                    points = [source.randrange(1 << width) for _ in range(1 << address)]
                    leaves.append(entries(width, address, signed, points))
        self.all_proven(leaves)

    def test_short_chains_equal_their_twins(self):
        self.all_proven([compress(kinds) for kinds in short_chains()])

    def test_choices_equal_their_twins(self):
        self.all_proven([("elb_choose", {"WAYS": 2, "BITS": b}) for b in (1, 2, 5, 16)] +
                        [("elb_choose", {"WAYS": w, "BITS": 1}) for w in range(3, 65)] + [("elb_choose", {"WAYS": 13, "BITS": 7})])

    def test_leaves_in_use_equal_their_twins(self):
        directory, _ = dots("--act-bits", "1,2,3,4,8", "--weights", "binary,ternary", "--inputs", "27,64,256")
        leaves = list(leaves_in_use(directory))
        self.assertGreater(len(leaves), 20)
        self.all_proven(leaves)
        print(f"  {len(leaves)} leaves in use proven", flush=True)

    def test_a_fault_in_each_class_is_found(self):
        # A bit of a LUT in which it matters, and a wire of the chain.
        faults = [(("elb_select_two", {"TERNARY": 1}), "5a005a00", "5a005a01"), (("elb_select_two", {"TERNARY": 0}), "33cc33cc", "33cc33cd"),
                  (("elb_accumulate", {"BITS": 5}), "1be4", "1be5"),
                  (("elb_gate_add", {"BITS": 4, "SHIFT": 1}), "LOW_SIGN ? 16'h7777", "LOW_SIGN ? 16'h7776"),
                  (("elb_gate_add", {"BITS": 3, "SHIFT": 0}), "x1[i-SHIFT]", "x1[0]"),
                  (("elb_select_add", {"TERNARY": 1, "BITS": 3}), "609f9f60", "609f9f61"),
                  (("elb_select_add", {"TERNARY": 0, "BITS": 8}), "_60606060", "_60602060"),
                  (("elb_select_row", {"SUBTRACT": 0, "BITS": 9}), "64'h0f3355ff", "64'h0f3355fe"),
                  (("elb_select_row", {"SUBTRACT": 1, "BITS": 1}), "f0ccaa00_0f", "f0ccaa00_8f"),
                  (("elb_select_row", {"SUBTRACT": 1, "BITS": 3}), ".ci(SUBTRACT == 1)", ".ci(1'b0)"),
                  (compress("06"), "69969669_96696996", "69969669_96696994"), (compress("0606"), "e8808000", "68808000"),
                  (compress("06"), "177e7ee8", "177e7ee9"), (compress("14"), "64'h69966996_ff00ff00", "64'h69966996_ff007f00"),
                  (compress("14"), "17e817e8", "17e817ea"), (compress("22"), "64'h66666666_aaaaaaaa", "64'h66666666_aaaaaaa2"),
                  (compress("2c2"), "69966996_e8e8e8e8", "69966996_e8e8e8e0"), (compress("2"), "96969696", "96969697"),
                  (("elb_at_least", {"WIDTH": 7, "SIGNED": 0}), "08ce08ce", "08ce08cc"), (("elb_at_least", {"WIDTH": 6, "SIGNED": 0}), "08ce08ce", "08ce00ce"),
                  (("elb_at_least", {"WIDTH": 6, "SIGNED": 1}), "3b023b02", "3b023b00"),
                  (("elb_at_least", {"WIDTH": 5, "SIGNED": 1}), "00100010", "00100000"),
                  (("elb_at_least", {"WIDTH": 5, "SIGNED": 0}), ".ci(1'b1)", ".ci(1'b0)"),
                  (entries(6, 2, 0, [5, 9, 60, 33]), "more = bit_of_t;", "more = bit_of_point;"),
                  (entries(6, 5, 1, range(32)), "t[i] ^ (SIGNED == 1", "t[i] ^ (SIGNED == 0"),
                  (entries(6, 3, 1, range(8)), "k - BITS < ADDRESS", "k - BITS < 2"),
                  (compress("220606"), ".CI(c[4*i-1])", ".CI(1'b0)"), (compress("ccc"), "bits[6*i+3]", "bits[6*i+2]"),
                  (("elb_choose", {"WAYS": 2, "BITS": 3}), "ff00cccc_f0f0aaaa", "ff00cccc_f0f0aaab"), (("elb_choose", {"WAYS": 7, "BITS": 2}), "N > 1 ? AT + 1", "N > 3 ? AT + 1"),
                  (("elb_choose", {"WAYS": 20, "BITS": 1}), "ff00f0f0_ccccaaaa", "ff00f0f0_cccdaaaa"), (("elb_choose", {"WAYS": 33, "BITS": 1}), "{2'd0, s[5:4]}", "{2'd0, s[4], s[4]}")]
        for leaf, right, wrong in faults:
            with self.subTest(leaf=leaf, wrong=wrong):
                with open(os.path.join(PRIM, leaf[0] + "_xc7.v"), encoding="utf-8") as f, \
                     open(os.path.join(PRIM, "elb_carry_xc7.v"), encoding="utf-8") as g, \
                     open(os.path.join(PRIM, "elb_choose_block_xc7.v"), encoding="utf-8") as h:
                    self.assertIn(right, f.read() + g.read() + h.read())
                self.assertFalse(prove([leaf], lambda text: text.replace(right, wrong)))

    def test_bodies_of_ultrascale_are_those_of_7_series_over_other_chains_and_slices(self):
        """So what is proven above holds there too, but for elb_carry_xcup.v (below) and what has a DSP slice."""
        for name in sorted(f[:-len(".json")] for f in os.listdir(PRIM) if f.endswith(".json")):
            bodies = bodies_of(name)
            with self.subTest(name):
                if "xc7" not in bodies:  # the slice that yosys infers of a 7-series, but not of UltraScale; test_products.py holds it
                    self.assertEqual(bodies, {"xcup": [name + "_xcup.v"]})
                    with open(os.path.join(PRIM, name + "_xcup.v"), encoding="utf-8") as f:
                        self.assertIn("DSP48E2 #(", f.read())
                    continue
                self.assertEqual(bodies.keys(), {"xc7", "xcup"})
                for seven, ultra in itertools.zip_longest(bodies["xc7"], bodies["xcup"]):
                    if ultra != seven:
                        self.assertEqual(ultra, seven.replace("_xc7.v", "_xcup.v"))

    def test_chains_of_carry8_are_equal_to_their_twins(self):
        source = random.Random(2)
        points = [entries(w, a, s, [source.randrange(1 << w) for _ in range(1 << a)]) for w in (8, 9, 18) for a in (0, 3, 5) for s in (0, 1)]
        self.all_proven([("elb_select_add", {"TERNARY": t, "BITS": b}) for t in (0, 1) for b in (*range(1, 11), 16, 17)] +
                        [("elb_select_row", {"SUBTRACT": t, "BITS": b}) for t in (0, 1) for b in (1, 7, 8, 9, 17)] +
                        [("elb_gate_add", {"BITS": b, "SHIFT": t}) for t in (0, 1) for b in (2, 7, 8, 9)] +
                        [("elb_accumulate", {"BITS": b}) for b in (2, 7, 8, 9, 16, 17, 30)] +
                        [("elb_at_least", {"WIDTH": w, "SIGNED": s}) for w in (1, 15, 16, 17, 18, 33) for s in (0, 1)] + points +
                        [compress(kinds) for kinds in ("2", "06", "14", "22222222", "222222222", "06060606", "606060606", "cccccccc2", "ccccccccc",
                                                       "2222222206060606", "2" * 17)], "xcup")

    def test_a_fault_in_a_chain_of_carry8_is_found(self):
        long = ("elb_select_add", {"TERNARY": 1, "BITS": 9})
        for leaf, right, wrong in ((long, "assign below = c[8*i-1];", "assign below = c[8*i-2];"), (long, "assign below = ci;", "assign below = 1'b0;"),
                                   (long, "SINGLE_CY8", "DUAL_CY4"), (long, "co = c[POSITIONS-1]", "co = c[8*SLICES-1]"),
                                   (("elb_select_row", {"SUBTRACT": 0, "BITS": 9}), ".DI(all_di[8*i +: 8])", ".DI(all_di[7:0])"),
                                   (("elb_at_least", {"WIDTH": 18, "SIGNED": 1}), "assign below = ci;", "assign below = 1'b0;"),
                                   (("elb_accumulate", {"BITS": 17}), "assign below = c[8*i-1];", "assign below = c[7];"),
                                   (("elb_compress", {"POSITIONS": 9, "KINDS": "2" * 9}), ".O(all_o[8*i +: 8])", ".O({all_o[8*i+1], all_o[8*i], all_o[8*i+2 +: 6]})")):
            with self.subTest(leaf=leaf, wrong=wrong):
                with open(os.path.join(PRIM, "elb_carry_xcup.v"), encoding="utf-8") as f:
                    self.assertIn(right, f.read())
                self.assertFalse(prove([leaf], lambda text: text.replace(right, wrong), "xcup"))

    def test_kinds_that_are_no_chain_are_refused(self):
        for kinds in ("0", "1", "16", "04", "00", "26", "24", "x", "62"):
            done = designs.run("iverilog", "-g2005", f"-Pelb_compress.POSITIONS={len(kinds)}", f'-Pelb_compress.KINDS="{kinds}"', "-s", "elb_compress",
                               "-o", os.devnull, os.path.join(PRIM, "elb_compress.v"))
            with self.subTest(kinds):
                if kinds == "62":
                    self.assertEqual(done.returncode, 0, done.stderr)
                else:
                    self.assertIn("elb_compress_no_such_kinds", done.stderr)


class Trees(unittest.TestCase):
    def test_the_wiring_is_the_sum(self):
        directory, rows = dots("--act-bits", "1,2,3,4,5,8", "--weights", "binary,ternary", "--inputs", "1,2,3,7,64,147")
        for row in rows:
            with self.subTest(row["mapped"]):
                bit_matrix.check(directory, row)

    def test_a_wrong_wire_is_found(self):
        directory, (row,) = dots("--act-bits", "2", "--weights", "ternary", "--inputs", "12")
        path = os.path.join(directory, row["mapped"] + "_mapped.v")
        with open(path, encoding="utf-8") as f:
            text = f.read()
        for right, wrong, said in (("select_1[0]", "select_1[1]", "other weights"), (".x1(act[3:2])", ".x1(act[1:0])", "by another weight"),
                                   (".w0(wgt[1:0])", ".w0(wgt[3:2])", "by another weight"), ("select_1[0]", "select_2[0]", "used"),
                                   ("select_1[0]", "select_0_y[0]", "other weights or cycles"), ("select_1[0]", "1'd0", "used 0 times")):
            self.assertIn(right, text)
            with open(path, "w", encoding="utf-8") as f:
                f.write(text.replace(right, wrong, 1))
            with self.subTest(wrong):
                with self.assertRaisesRegex(bit_matrix.Fault, said):
                    bit_matrix.check(directory, row)

    def test_a_million_vectors_agree_with_the_generic_tree(self):
        directory, rows = dots("--act-bits", "1,2,4,8", "--weights", "binary,ternary", "--inputs", "64")
        cycles = 1_000_000 // len(rows)
        with open(os.path.join(directory, "compare.v"), "w", encoding="utf-8") as f:
            f.write(comparison(rows, cycles))
        designs.must("verilator", "--binary", "-O3", "-Wno-lint", "-Wno-fatal", "-CFLAGS", "-O1", "--top-module", "compare", "-f", "filelist_mapped.f",
                     "compare.v", cwd=directory)
        said = designs.must(os.path.join(directory, "obj_dir", "Vcompare"))
        self.assertIn(f"{len(rows) * cycles} vectors agree", said)


def comparison(rows, cycles):
    """Both trees of every row under the same random words; the first sixteen are the corners."""
    text = ["module compare;", "  reg clk = 0;", "  integer n = 0;", "  integer wrong = 0;", "  always @(posedge clk) n <= n + 1;"]
    checks = []
    for i, row in enumerate(rows):
        act, wgt = row["activation_bits"] * row["inputs"], (2 if row["weights"] == "ternary" else 1) * row["inputs"]
        s, late = row["sum_bits"], row["latency"] - row["generic_latency"]
        for name, bits, corner in (("act", act, "n[1], n[0]"), ("wgt", wgt, "n[3], n[2]")):
            words = ", ".join(["$random"] * ((bits + 31) // 32))
            text += [f"  reg [{bits - 1}:0] {name}_{i};",
                     f"  always @(posedge clk) if (n < 16) {name}_{i} <= {{{bits}{{{corner}}}}}; else {name}_{i} <= {{{words}}};"]
        text += [f"  wire [{s - 1}:0] a_{i}, b_{i};",
                 f"  {row['generic']} g_{i} (.clk(clk), .act(act_{i}), .wgt(wgt_{i}), .sum(a_{i}));",
                 f"  {row['mapped']} m_{i} (.clk(clk), .act(act_{i}), .wgt(wgt_{i}), .sum(b_{i}));"]
        early, other = (f"a_{i}", f"b_{i}") if late >= 0 else (f"b_{i}", f"a_{i}")
        for k in range(abs(late)):
            text += [f"  reg [{s - 1}:0] {early}_{k};", f"  always @(posedge clk) {early}_{k} <= {early}{f'_{k - 1}' if k else ''};"]
        checks.append(f"({early}{f'_{abs(late) - 1}' if late else ''} !== {other})")
    text += [f"  always @(posedge clk) if (n >= 20) wrong <= wrong + {' + '.join(checks)};",
             f"  initial begin repeat ({2 * cycles + 60}) #1 clk = ~clk;",
             f'    if (wrong == 0) $display("{len(rows) * cycles} vectors agree"); else $display("%0d differ", wrong);',
             "    $finish;", "  end", "endmodule"]
    return "\n".join(text) + "\n"


if __name__ == "__main__":
    unittest.main()
