"""Random operator changes in generated Verilog, one at a time, and a proof that a survivor is no fault.

A survivor counts as harmless where yosys proves the changed module equal to the original (induction over all states, all
inputs), where ABC proves it equal in every state that is reached from registers of 0 (a counter that passes other codes in as
many steps), or, for a constant, where x in its place reaches no output of the design's own bench in Icarus: a lane beyond the map
that nobody reads. (The Verilog selects by ?:, which passes x on; a value that mattered would show.)
"""
import os
import re
import subprocess

import designs

# Declarations, parameters, comments and the text of $readmemh stay as they are: only expressions are changed.
SKIPPED = re.compile(r"\s*(//|`|module|endmodule|localparam|parameter|input|output|reg \[?|initial|elb_|\.)")
SWAPS = [("plus", re.compile(r" \+ "), " - "), ("minus", re.compile(r" - "), " + "), ("and", re.compile(r" & "), " | "),
         ("or", re.compile(r" \| "), " & "), ("less", re.compile(r" < "), " <= "), ("equal", re.compile(r" == "), " != "),
         ("unequal", re.compile(r" != "), " == ")]
CONSTANT = re.compile(r"(\d+)'(s?)d(\d+)")
ARMS = re.compile(r"\? ([\w\[\]:.']+) : ([\w\[\]:.']+)([;)])")


def mutations(text):
    """Every (kind, start, end, replacement) in the expressions of one file."""
    found, at = [], 0
    for line in text.split("\n"):
        code = line.split("//")[0]
        if not SKIPPED.match(code) and "wire _unused" not in code:  # a sink for lint that nothing reads
            for kind, pattern, new in SWAPS:
                found += [(kind, at + m.start(), at + m.end(), new) for m in pattern.finditer(code)]
            for m in CONSTANT.finditer(code):
                width, value = int(m.group(1)), int(m.group(3))
                for step in (1, -1):
                    if 0 <= value + step < (1 << width):
                        found.append((f"constant {step:+d}", at + m.start(3), at + m.end(3), str(value + step)))
            for m in ARMS.finditer(code):
                found.append(("swapped arms", at + m.start(), at + m.end(), f"? {m.group(2)} : {m.group(1)}{m.group(3)}"))
        at += len(line) + 1
    return found


def choose(rng, directory, count):
    """`count` mutations: file by chance, then kind by chance, then place by chance, so that no kind drowns the others."""
    with open(os.path.join(directory, "filelist.f"), encoding="utf-8") as f:
        files = [line for line in f.read().split("\n") if line.endswith(".v")]
    chosen = []
    while len(chosen) < count:
        name = rng.choice(files)
        with open(os.path.join(directory, name), encoding="utf-8") as f:
            found = mutations(f.read())
        if not found:
            continue
        kind = rng.choice(sorted({m[0] for m in found}))
        mutation = (name, *rng.choice([m for m in found if m[0] == kind]))
        if mutation not in chosen:
            chosen.append(mutation)
    return chosen


def apply(directory, mutation):
    """Writes the change; what the line was and is."""
    name, _, start, end, new = mutation
    path = os.path.join(directory, name)
    with open(path, encoding="utf-8") as f:
        text = f.read()
    changed = text[:start] + new + text[end:]
    with open(path, "w", encoding="utf-8") as f:
        f.write(changed)
    line = text.count("\n", 0, start)
    return f"{name}:{line + 1}: {text.split(chr(10))[line].split('//')[0].strip()}  =>  {changed.split(chr(10))[line].split('//')[0].strip()}"


def proven_equal(original, changed, name):
    """Whether module `name` of two directories is proven equal."""
    module = os.path.splitext(name)[0]
    script = []
    for side, directory in (("gold", original), ("gate", changed)):
        with open(os.path.join(directory, "filelist.f"), encoding="utf-8") as f:
            files = [os.path.join(directory, line) for line in f.read().split("\n") if line.endswith(".v")]
        script += [f"read_verilog {' '.join(files)}", f"chparam -set MEM_DIR \"{directory}/mem/\" {module}" if parametrised(directory, name) else "",
                   f"hierarchy -top {module}", "proc", "flatten", "memory -nomap", "memory_map", "opt -full", f"rename -top {side}", f"design -stash {side}"]
    script += ["design -copy-from gold -as gold gold", "design -copy-from gate -as gate gate"]
    script = [s for s in script if s]
    everywhere = ["equiv_make gold gate equiv", "hierarchy -top equiv", "opt_clean", "equiv_simple -undef", "equiv_induct -undef -seq 4", "equiv_status -assert"]
    try:
        return designs.run("yosys", "-q", "-p", "; ".join(script + everywhere), timeout=120).returncode == 0 or equal_where_reached(script)
    except subprocess.TimeoutExpired:
        return False


def equal_where_reached(script):
    """Whether ABC's property-directed reachability finds no input by which modules gold and gate of a yosys script differ."""
    aiger = os.path.join(designs.folder(), "miter.aig")
    script = script + ["miter -equiv -make_assert -flatten gold gate miter", "hierarchy -top miter", "flatten", "opt -full", "techmap", "dffunmap",
                       "setundef -undriven -zero", "setundef -init -zero", "aigmap", "opt_clean", f"write_aiger -zinit {aiger}"]
    designs.must("yosys", "-q", "-p", "; ".join(script))
    return "Property proved" in designs.must("yosys-abc", "-c", f"read_aiger {aiger}; pdr -T 60")


def parametrised(directory, name):
    with open(os.path.join(directory, name), encoding="utf-8") as f:
        return "parameter MEM_DIR" in f.read()


def is_unread(sound, mutation):
    """Whether x instead of the changed constant leaves the bench at PASS. Only for constants."""
    name, kind, start, end, _ = mutation
    if not kind.startswith("constant"):
        return False
    changed = designs.copy_of(sound)
    with open(os.path.join(changed, name), encoding="utf-8") as f:
        text = f.read()
    start = text.rindex("'", 0, start)
    width_at = start
    while text[width_at - 1].isdigit():
        width_at -= 1
    with open(os.path.join(changed, name), "w", encoding="utf-8") as f:
        f.write(f"{text[:width_at]}{{{text[width_at:start]}{{1'bx}}}}{text[end:]}")
    return bench(changed) == "PASS\n"


def bench(directory):
    """What the design's own bench prints in Icarus."""
    designs.must("iverilog", "-g2005", "-Wall", "-f", "filelist.f", "tb/elb_tb.v", cwd=directory)
    return designs.must("vvp", "a.out", cwd=directory)
