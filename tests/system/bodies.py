"""Holds the two bodies of a module against each other: the plain Verilog that is simulated and the wiring that is synthesised (X.v and
X_mapped.v of a design), side by side in one Verilator bench, under corners and random words."""
import os
import re
import shutil
import tempfile

import designs

RESET_CYCLES = 8
PORT = re.compile(r"^  (input|output) +wire +(?:signed +)?(?:\[(\d+):0\] )? *(\w+)", re.M)
# Of a lane of n bits: all zeros, all ones, the sign bit alone, all but the sign bit.
CORNERS = (lambda n: 0, lambda n: 2 ** n - 1, lambda n: 1 << n - 1, lambda n: 2 ** (n - 1) - 1)


def read(directory, name):
    with open(os.path.join(directory, name), encoding="utf-8") as f:
        return f.read()


def pairs(directory):
    """Names of the modules with two bodies."""
    plain, mapped = (set(read(directory, name).split()) for name in ("filelist.f", "filelist_mapped.f"))
    return sorted(name[:-2] for name in plain if name[:-2] + "_mapped.v" in mapped)


def lane_bits(text):
    """{port: bits of a lane} from the head of a module."""
    act = int(re.search(r"act_bits=(\d+)", text).group(1))
    wgt = re.search(r"weight_bits=(\d+)", text) or re.search(r"weights=int(\d+)", text)
    return {"act": act, "wgt": int(wgt.group(1))}


def bench(directory, names, cycles):
    """Words of a tile follow one another, as a stage sends them; T counts where its valid says so, and a dot product's sum always."""
    text = ["module bench;", "  reg clk = 0, rst = 1;", "  integer n = 0;", "  always @(posedge clk) begin n <= n + 1; rst <= n < %d; end" % RESET_CYCLES]
    wrong = []
    for i, name in enumerate(names):
        source = read(directory, name + ".v")
        ports = [(way, int(high or 0) + 1, port) for way, high, port in PORT.findall(source[:source.index(");")])]
        latency, lanes = int(re.search(r"latency (\d+)", source).group(1)), lane_bits(source)
        folds = re.search(r"_f(\d+)_", name)
        folds = int(folds.group(1)) if folds else 1
        text.append(f"  integer fold_{i} = 0;")
        text.append(f"  always @(posedge clk) fold_{i} <= rst | fold_{i} == {folds - 1} ? 0 : fold_{i} + 1;")
        sides = {"plain": [], "wired": []}
        for way, width, port in ports:
            if port in ("clk", "rst"):
                for side in sides.values():
                    side.append(f".{port}({port})")
                continue
            if way == "output":
                for side in sides:
                    text.append(f"  wire [{width - 1}:0] {port}_{side}_{i};")
                    sides[side].append(f".{port}({port}_{side}_{i})")
                continue
            for side in sides.values():
                side.append(f".{port}({port}_{i})")
            if port in ("valid", "first", "last"):
                value = {"valid": "!rst", "first": f"fold_{i} == 0", "last": f"fold_{i} == {folds - 1}"}[port]
                text.append(f"  wire {port}_{i} = {value};")
                continue
            bits = lanes[port]
            corners = [f"{{{width // bits}{{{bits}'d{corner(bits)}}}}}" for corner in CORNERS]
            random = ", ".join(["$random"] * -(-width // 32))
            at = "n[3:2]" if port == "act" else "n[5:4]"  # each pair of corners for four words
            text += [f"  reg [{width - 1}:0] {port}_{i};", f"  always @(posedge clk) {port}_{i} <= n < 128 ? ({at} == 0 ? {corners[0]} : {at} == 1 ? "
                     f"{corners[1]} : {at} == 2 ? {corners[2]} : {corners[3]}) : n[7:0] == 0 ? {corners[1]} : {{{random}}};"]
        text += [f"  {name} u_plain_{i} ({', '.join(sides['plain'])});", f"  {name}_wired u_wired_{i} ({', '.join(sides['wired'])});"]
        outputs = [port for way, _, port in ports if way == "output"]
        data = next(port for port in outputs if port in ("sum", "out_t"))
        differs = f"{data}_plain_{i} != {data}_wired_{i}"
        if "out_valid" in outputs:
            differs = f"out_valid_plain_{i} != out_valid_wired_{i} | out_valid_plain_{i} & ({differs})"
        text += [f"  integer wrong_{i} = 0;", f"  always @(posedge clk) if (n >= {RESET_CYCLES + latency + 4} & ({differs})) wrong_{i} <= wrong_{i} + 1;"]
        wrong.append(f'    $display("{name} %0d", wrong_{i});')
    return "\n".join([*text, "  initial begin", f"    repeat ({2 * cycles}) #1 clk = ~clk;", *wrong, "    $finish;", "  end", "endmodule", ""])


def differences(directory, names, cycles, edit=lambda name, text: text):
    """{module: cycles in which its bodies differ}; `edit` may break the wired body's text."""
    work = tempfile.mkdtemp(dir=designs.folder())
    sources = [name for name in dict.fromkeys(read(directory, "filelist.f").split() + read(directory, "filelist_mapped.f").split())]
    wired = {name + "_mapped.v": name for name in pairs(directory)}
    kept = []
    for source in sources:
        text = read(directory, source)
        if source in wired:
            name = wired[source]
            if name not in names:
                continue
            text = edit(name, text.replace(f"\nmodule {name} ", f"\nmodule {name}_wired ", 1))
        with open(os.path.join(work, source), "w", encoding="utf-8") as f:
            f.write(text)
        kept.append(source)
    with open(os.path.join(work, "bench.v"), "w", encoding="utf-8") as f:
        f.write(bench(directory, names, cycles))
    designs.must("verilator", "--binary", "-O3", "-Wno-lint", "-Wno-fatal", "-CFLAGS", "-O1", "--x-initial", "unique", "--output-split", "20000",
                 "--top-module", "bench", *kept, "bench.v", cwd=work)
    said = designs.must(os.path.join(work, "obj_dir", "Vbench"))
    shutil.rmtree(work)
    return {name: int(count) for name, count in re.findall(r"^(\w+) (\d+)$", said, re.M)}
