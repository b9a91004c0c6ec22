"""Checks that the wiring of a mapped dot product is a sum: each activation bit selected once by its own weight, every bit of a
leaf's sum used once, in a place of its own weight and in the cycle in which it is there.

With the leaves proven (test_leaves.py) this makes the whole tree a proven sum, which SAT does not finish on.
"""
import collections
import json

import designs

LEAVES = ("elb_select_add", "elb_select_two", "elb_compress")
MOST = {"6": 6, "4": 4, "2": 2, "1": 1, "0": 0, "c": 4}


class Fault(Exception):
    pass


def netlist(directory, module):
    leaves = " ".join(leaf + ".v" for leaf in LEAVES)
    out = designs.must("yosys", "-q", "-p", f"read_verilog {module}_mapped.v; read_verilog -lib {leaves}; proc; opt_dff; opt_clean; write_json {module}.json",
                       cwd=directory)
    if out:
        raise Fault(out)
    with open(f"{directory}/{module}.json", encoding="utf-8") as f:
        return json.load(f)["modules"][module]


def parameter(cell, name):
    value = cell["parameters"][name]
    return int(value, 2) if set(value) <= {"0", "1"} and len(value) == 32 else value


class Matrix:
    def __init__(self, module, row):
        self.bits, self.lanes, self.columns = row["activation_bits"], row["inputs"], row["sum_bits"]
        self.weight_bits = 2 if row["weights"] == "ternary" else 1
        ports = {name: port["bits"] for name, port in module["ports"].items()}
        self.place = {bit: ("act", i) for i, bit in enumerate(ports["act"])}
        self.place.update({bit: ("wgt", i) for i, bit in enumerate(ports["wgt"])})
        self.register = {}
        self.leaves = []
        for name, cell in module["cells"].items():
            if cell["type"] == "$sdff" and (cell["connections"]["SRST"] != ports["rst"] or int(cell["parameters"]["SRST_VALUE"], 2) != 0):
                raise Fault(f"{name}: a register that is not 0 in reset alone")
            if cell["type"] in ("$dff", "$sdff"):
                self.register.update(zip(cell["connections"]["Q"], cell["connections"]["D"]))
            elif cell["type"] in LEAVES:
                self.leaves.append((name, cell))
            elif cell["type"] not in ("$reduce_and", "$reduce_bool"):  # _unused
                raise Fault(f"{name}: a {cell['type']} stands in the tree")
        self.made = {}  # bit -> (weight, cycle)
        self.used = collections.Counter()
        self.selected = collections.Counter()
        self.sum = ports["sum"]

    def origin(self, bit):
        """The leaf output behind a bit and the registers between."""
        cycles = 0
        while bit in self.register:
            bit, cycles = self.register[bit], cycles + 1
        return bit, cycles

    def take(self, where, bits):
        """[(weight, cycle) or None for a constant 0] of bits that a leaf takes."""
        taken = []
        for bit in bits:
            if bit == "0":
                taken.append(None)
                continue
            source, cycles = self.origin(bit)
            if source not in self.made:
                raise Fault(f"{where} takes a bit that no leaf made")
            weight, cycle = self.made[source]
            self.used[source] += 1
            taken.append((weight, cycle + cycles))
        return taken

    def select(self, where, x, w):
        """Weight of the one activation bit x, selected by the weight of its lane."""
        if x == "0":
            return None
        kind, i = self.place.get(x, ("nothing", 0))
        if kind != "act":
            raise Fault(f"{where} selects what is no activation")
        lane, weight = divmod(i, self.bits)
        if [self.place.get(b) for b in w] != [("wgt", lane * self.weight_bits + k) for k in range(self.weight_bits)]:
            raise Fault(f"{where} selects lane {lane} by another weight")
        self.selected[i] += 1
        return weight

    def add_select_two(self, name, cell):
        c = cell["connections"]
        for k in range(2):
            weight = self.select(name, c["x"][k], c["w"] if self.weight_bits == 2 else [c["w"][k]])
            if weight is not None:
                self.made[c["y"][k]] = (weight, 0)

    def add_select_add(self, name, cell):
        c = cell["connections"]
        for x, w in (("x0", "w0"), ("x1", "w1")):
            if [self.select(name, bit, c[w]) for bit in c[x]] != list(range(self.bits)):
                raise Fault(f"{name}.{x} is no whole lane")
        if any(taken not in (None, (0, 0)) for taken in self.take(name, c["carry_in"])):
            raise Fault(f"{name}.carry_in is no bit of weight 1 of this cycle")
        self.made.update({bit: (i, 0) for i, bit in enumerate(c["y"])})

    def add_compress(self, name, cell):
        c = cell["connections"]
        kinds = parameter(cell, "KINDS")[::-1]
        bits = self.take(name, c["bits"])
        places = [(weight - i // 6, cycle) for i, taken in enumerate(bits) if taken for weight, cycle in [taken]]
        places += [taken for taken in self.take(name, c["carry_in"]) if taken]
        if len(set(places)) != 1:
            raise Fault(f"{name} adds bits of other weights or cycles: {sorted(set(places))}")
        column, cycle = places[0]
        for i, kind in enumerate(kinds):
            if any(bits[6 * i + MOST[kind]:6 * i + 6]):
                raise Fault(f"{name}: position {i} is given more bits than it takes")
            self.made[c["y"][i]] = (column + i, cycle)
            if kind == "c":
                self.made[c["z"][i]] = (column + i + 1, cycle)
        if kinds[0] == "c" and c["carry_in"] != ["0"]:
            raise Fault(f"{name}: a carry_in below a c")
        if kinds[-1] in "64":
            if column + len(kinds) < self.columns:
                raise Fault(f"{name} loses carries")
        else:
            self.made[c["y"][len(kinds)]] = (column + len(kinds), cycle)

    def check(self, latency):
        waiting = list(self.leaves)
        while waiting:
            later = []
            for name, cell in waiting:
                inputs = cell["connections"].get("bits", []) + cell["connections"].get("carry_in", [])
                if all(bit == "0" or self.origin(bit)[0] in self.made for bit in inputs):
                    getattr(self, "add_" + cell["type"][4:])(name, cell)
                else:
                    later.append((name, cell))
            if len(later) == len(waiting):
                raise Fault(f"{later[0][0]} takes a bit that no leaf made")
            waiting = later
        if self.take("sum", self.sum) != [(i, latency) for i in range(self.columns)]:
            raise Fault("the sum's bits are of other weights or another cycle")
        if self.selected != {i: 1 for i in range(self.bits * self.lanes)}:
            raise Fault("an activation bit is selected twice or never")
        for bit, (weight, _) in self.made.items():
            if self.used[bit] != (1 if weight < self.columns else 0):
                raise Fault(f"a bit of weight 2^{weight} is used {self.used[bit]} times")


def check(directory, row):
    """Raises Fault; `row` is elbdot's."""
    Matrix(netlist(directory, row["mapped"]), row).check(row["latency"])
