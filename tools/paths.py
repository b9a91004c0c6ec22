"""Deepest register-to-register paths of a mapped design, module by module, from the netlists of tools/synthesis.py.

What a path counts (7 series; UltraScale the same, a CARRY8 being two CARRY4):

  LUT       a LUT1..6, either output of a LUT6_2, and a read of LUT RAM or of a shift register by its address: one LUT level
  MUXF7..9  nothing behind the LUT that it joins in the slice; one LUT level from its select, or from anything but a LUT or such a multiplexer
  CARRY4    one CARRY4; where the chain is entered from other than the CARRY4 below, one chain
  DSP       a slice that is passed with no register on the way
  INV, BUF  nothing

The depth of a path is its levels: LUTs, carry chains, and three for a DSP slice; among equals more CARRY4. Paths begin at the outputs of
flip-flops, shift registers, block RAM, LUT RAM and DSP slices with a register, and end at their inputs, enables and resets included.

A path is arithmetic where it ends in an array, a dot product, a reduction or an activation, but for an activation's counters of tiles and
what reads constants by them; all else is control.

Of each module: the depth from every input port (all its bits together) and from its registers to every bit of an output, from every input
port to its registers, and between its registers. A module that is instantiated is these figures; so a path is followed through any number
of modules, and no module is looked at twice.
"""
import re

LUT = (1, 0, 1, 0, 0)  # levels, carry4, luts, chains, dsp
WIRE = (0, 0, 0, 0, 0)
CHAIN = (1, 0, 0, 1, 0)
DSP = (3, 0, 0, 0, 1)
CLOCKS = re.compile(r"C|G|CLK|WCLK|CLK[AB].*|CLK(ARD|BWR)CLK")
ARITHMETIC = re.compile(r"elb_(array|dot|select_dot|lanes|sum|rank|mul\w*|lut_multiplier)_|.*_act$")
ACTIVATION = re.compile(r".*_act$")
# In an activation: counters of tiles, and the read of constants by tile (hw/tile_constants.cpp).
BY_TILE = re.compile(r"((tile|tile_s\d+_\d+|following_tile|first_tile|behind_first|begun)(_last)?"
                     r"|(points_l0|reversed|alpha|alpha_low|alpha_high|beta|beta_low|beta_high|offset)(_q|(\.\d+)+))(\[\d+\])?(\.\w+)?")
RAM_PAIRS = (  # LUT RAM: which address reads which output
    (re.compile(r"RAM(32M|64M)\d*"), lambda port: {f"DO{port[-1]}"} if port.startswith("ADDR") else set()),
    (re.compile(r"RAM\d+X1D"), lambda port: {"DPO"} if port.startswith("DPRA") else {"SPO"} if port.startswith("A") else set()),
    (re.compile(r"RAM\d+X1S"), lambda port: {"O"} if port.startswith("A") else set()))


class Loop(Exception):
    """A path that comes back to itself without a register."""


def plus(a, b):
    return tuple(x + y for x, y in zip(a, b))


class Path:
    """Counts, and names of both ends."""

    def __init__(self, counts, start, end):
        self.counts, self.start, self.end = counts, start, end
        self.levels, self.carry4, self.lut_levels, self.chains, self.dsp = counts

    def within(self, instance):
        return Path(self.counts, f"{instance}/{self.start}", f"{instance}/{self.end}")

    def deeper(self, other):
        return other is None or self.counts[:2] > other.counts[:2]


class Summary:
    """Of a module. A state is (counts, name of the start); a source is an input port, or None for a register.

    outputs    {(port, bit): {source: state}}
    inputs     {port: {kind: (counts, name of the end)}}
    deepest    {kind: Path} from register to register
    instances  {instance: {kind: Path}} the same by the instance in which a path ends, "" for the module's own registers
    """

    def __init__(self):
        self.outputs, self.inputs, self.deepest, self.instances = {}, {}, {}, {}


def kind_of(module, end):
    """Of a path that ends in a module, at a register or memory of this label."""
    counts_tiles = ACTIVATION.match(module) and BY_TILE.fullmatch(end)
    return "arithmetic" if ARITHMETIC.match(module) and not counts_tiles else "control"


def is_output(kind, port):
    """Of a primitive of the device."""
    if kind.startswith(("LUT", "MUXF", "INV", "BUF")):
        return port in ("O", "O5", "O6")
    if kind.startswith("CARRY"):
        return port in ("O", "CO")
    if kind.startswith(("FD", "LD", "SRL")):
        return port.startswith("Q")
    if kind.startswith("RAMB") or kind.startswith("URAM"):
        return port.startswith(("DO", "CASCADEOUT", "CASDO", "DBITERR", "SBITERR", "ECCPARITY", "RDADDRECC", "CAS_OUT", "RDACCESS"))
    if kind.startswith("RAM"):
        return port.startswith(("DO", "DPO", "SPO")) or port == "O"
    if kind.startswith("DSP48"):
        return port in ("P", "PCOUT", "ACOUT", "BCOUT", "CARRYOUT", "CARRYCASCOUT", "MULTSIGNOUT", "OVERFLOW", "UNDERFLOW", "PATTERNDETECT",
                        "PATTERNBDETECT", "XOROUT")
    if kind in ("GND", "VCC"):
        return True
    raise ValueError(f"the ports of a {kind} are not known")


def dsp_passes(cell):
    """Input ports of a DSP slice that reach P without a register."""
    stages = {name: int(value, 2) if isinstance(value, str) else value for name, value in cell.get("parameters", {}).items()}
    has = lambda name: stages.get(name, 1) > 0
    if has("PREG"):
        return set()
    passes = {"PCIN", "CARRYCASCIN", "MULTSIGNIN"}
    passes |= {port for port, register in (("C", "CREG"), ("OPMODE", "OPMODEREG"), ("ALUMODE", "ALUMODEREG"), ("CARRYIN", "CARRYINREG"))
               if not has(register)}
    if not has("MREG"):
        passes |= {port for port, register in (("A", "AREG"), ("B", "BREG"), ("INMODE", "INMODEREG"), ("ACIN", "AREG"), ("BCIN", "BREG"))
                   if not has(register)}
        if not has("DREG") and not has("ADREG"):
            passes.add("D")
    return passes


class Analysis:
    """Of a design: modules {name: netlist}. of(name) is a Summary."""

    def __init__(self, modules):
        self.modules_, self.of_ = modules, {}

    def of(self, name):
        if name not in self.of_:
            self.of_[name] = self._summary(name, self.modules_[name])
        return self.of_[name]

    def _summary(self, name, module):
        graph = Graph(name, module, self)
        states = graph.states()
        s = Summary()
        for port, p in module["ports"].items():
            if p["direction"] == "output":
                s.outputs |= {(port, i): states[bit] for i, bit in enumerate(p["bits"]) if states.get(bit)}

        def note(instance, kind, path):
            for best in (s.deepest, s.instances.setdefault(instance, {})):
                if path.deeper(best.get(kind)):
                    best[kind] = path

        def end(instance, kind, node, counts, label):
            for source, (before, start) in states.get(node, {}).items():
                whole = plus(before, counts)
                if source is None:
                    note(instance, kind, Path(whole, start, label))
                    continue
                best = s.inputs.setdefault(source, {})
                if kind not in best or whole[:2] > best[kind][0][:2]:
                    best[kind] = (whole, label)

        for bit, label in graph.ends:
            end("", kind_of(name, label), bit, WIRE, label)
        for instance, child in graph.children:
            for kind, path in child.deepest.items():
                note(instance, kind, path.within(instance))
            for port, kinds in child.inputs.items():
                for kind, (counts, label) in kinds.items():
                    end(instance, kind, (instance, port), counts, f"{instance}/{label}")
        return s


class Graph:
    """Of a module's combinational paths. A node is a bit of the netlist, or (instance, port) for all bits that go into a port.

    arcs      {node: [(node before, counts)]}
    starts    {node: [(counts, name)]} from registers
    ends      [(node, name)]
    children  [(instance, Summary)]
    """

    def __init__(self, name, module, analysis):
        self.name, self.module = name, module
        self.arcs, self.starts, self.ends, self.children, self.driver = {}, {}, [], [], {}
        self.names = {}
        for net, bits in module["nets"].items():
            for i, bit in enumerate(bits):
                if bit not in self.names or len(self.names[bit]) > len(net) + 4:
                    self.names[bit] = f"{net}[{i}]" if len(bits) > 1 else net
        self.inputs = {bit: port for port, p in module["ports"].items() if p["direction"] != "output" for bit in p["bits"]}
        cells = module["cells"]
        for cell_name, cell in cells.items():
            if cell["type"] not in analysis.modules_:
                for port, bits in cell["connections"].items():
                    if is_output(cell["type"], port):
                        for bit in bits:
                            self.driver[bit] = cell["type"], port
        for cell_name, cell in cells.items():
            if cell["type"] in analysis.modules_:
                self._instance(cell_name, cell, analysis.of(cell["type"]))
            else:
                self._primitive(cell_name, cell)

    def _arc(self, to, before, counts):
        if not isinstance(before, str) and not isinstance(to, str):
            self.arcs.setdefault(to, []).append((before, counts))

    def _instance(self, instance, cell, child):
        self.children.append((instance, child))
        connections = cell["connections"]
        ports = set(child.inputs) | {source for states in child.outputs.values() for source in states if source is not None}
        for port in ports:
            for bit in set(connections.get(port, [])):
                self._arc((instance, port), bit, WIRE)
        for (port, i), states in child.outputs.items():
            bits = connections.get(port, [])
            if i >= len(bits):
                continue
            for source, (counts, start) in states.items():
                if source is None:
                    self.starts.setdefault(bits[i], []).append((counts, f"{instance}/{start}"))
                else:
                    self._arc(bits[i], (instance, source), counts)

    def _label(self, cell_name, cell, port):
        """A register by the name of what it holds; another cell by its own name."""
        held = next((self.names[b] for b in cell["connections"].get("Q", []) if b in self.names), None)
        name = held or cell_name
        return name if port in ("D", "Q") else f"{name}.{port}"

    def _primitive(self, cell_name, cell):
        kind, connections = cell["type"], cell["connections"]
        outputs = {port: bits for port, bits in connections.items() if is_output(kind, port)}
        inputs = {port: bits for port, bits in connections.items() if port not in outputs}
        if kind.startswith("CARRY"):
            return self._carry(connections)
        if kind.startswith(("LUT", "INV", "BUF", "MUXF")):
            for port, bits in inputs.items():
                for bit in bits:
                    counts = LUT if kind.startswith("LUT") else WIRE
                    if kind.startswith("MUXF"):
                        joined = port != "S" and self.driver.get(bit, ("",))[0].startswith(("LUT", "MUXF"))
                        counts = WIRE if joined else LUT
                    for out, out_bits in outputs.items():
                        if not (out == "O5" and port == "I5"):
                            self._arc(out_bits[0], bit, counts)
            return None
        passes, passed, reads = set(), WIRE, lambda port: set(outputs)
        if kind.startswith("DSP48"):
            passes, passed = dsp_passes(cell), DSP
        elif kind.startswith("SRL"):
            passes, passed, reads = {p for p in inputs if p.startswith("A")}, LUT, lambda port: {"Q"} & set(outputs)
        elif kind.startswith("RAM") and not kind.startswith("RAMB"):
            read = next(f for pattern, f in RAM_PAIRS if pattern.fullmatch(kind))
            passes, passed, reads = {p for p in inputs if read(p)}, LUT, lambda port: read(port) & set(outputs)
        for port, bits in inputs.items():
            for bit in bits:
                if isinstance(bit, str) or CLOCKS.fullmatch(port):
                    continue
                self.ends.append((bit, self._label(cell_name, cell, port)))
                if port in passes:
                    for out in reads(port):
                        for to in outputs[out]:
                            self._arc(to, bit, passed)
        for port, bits in outputs.items():
            for bit in bits:
                self.starts.setdefault(bit, []).append((WIRE, self._label(cell_name, cell, port)))
        return None

    def _carry(self, connections):
        """Bit by bit: CO[i] of all up to i, O[i] of S[i] and what is below."""
        def bits_of(port):
            return connections.get(port, [])
        size = max(len(bits_of("S")), 1)
        below = []
        for port in ("CI", "CYINIT", "CI_TOP"):
            for bit in bits_of(port):
                chained = port == "CI" and self.driver.get(bit, ("", ""))[0].startswith("CARRY") and self.driver[bit][1] == "CO"
                below.append((bit, WIRE if chained else CHAIN))
        for i in range(size):
            one = (0, i // 4 + 1, 0, 0, 0)
            s, di = bits_of("S")[i], bits_of("DI")[i]
            for port, into in (("O", [*below, (s, CHAIN)]), ("CO", [*below, (s, CHAIN), (di, CHAIN)])):
                if i < len(bits_of(port)):
                    for bit, counts in into:
                        self._arc(bits_of(port)[i], bit, plus(counts, one))
            below += [(s, CHAIN), (di, CHAIN)]

    def states(self):
        """{node: {source: (counts, name of the start)}} of every node that a register or an input port reaches."""
        done, states = set(), {}
        for root in [*self.arcs, *self.starts, *self.inputs]:
            stack = [(root, False)]
            while stack:
                node, after = stack.pop()
                if after:
                    states[node] = self._merged(node, states)
                    done.add(node)
                elif node not in states and node not in done:
                    states[node] = None  # on the way
                    stack.append((node, True))
                    for before, _ in self.arcs.get(node, ()):
                        if before in done:
                            continue
                        if before in states:
                            raise Loop(f"{self.name}: a combinational loop through {self.names.get(node, node)}")
                        stack.append((before, False))
        return states

    def _merged(self, node, states):
        best = {}
        if node in self.inputs:
            best[self.inputs[node]] = (WIRE, None)
        for counts, name in self.starts.get(node, ()):
            if None not in best or counts[:2] > best[None][0][:2]:
                best[None] = (counts, name)
        for before, counts in self.arcs.get(node, ()):
            for source, (earlier, name) in states[before].items():
                whole = plus(earlier, counts)
                if source not in best or whole[:2] > best[source][0][:2]:
                    best[source] = (whole, name)
        return best
