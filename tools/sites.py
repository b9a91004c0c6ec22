"""LUT sites of a netlist that yosys wrote (write_json), for a 7-series or UltraScale device.

A site is a LUT6, a LUT6_2, or two LUT1..5 that carry the same LUTNM within one module and have at most five different inputs
together; every other LUT is a site. LUT RAM counts by its shape, a shift register 1, an inverter 0 (it vanishes in the LUT or register
that it feeds). A pair with more inputs, or a name carried by one LUT or by three, is a BadPair: no tool could place it.

  sites.count(netlist, "elb_top")  ->  Counter with sites, srl, carry4, ff, bram36, dsp and every cell under its own name
"""
import collections
import re

RAM_SITES = {"RAM32M": 4, "RAM64M": 4, "RAM32M16": 8, "RAM64M8": 8, "RAM32X1S": 1, "RAM64X1S": 1, "RAM32X1D": 2, "RAM64X1D": 2,
             "RAM128X1S": 2, "RAM128X1D": 4, "RAM256X1S": 4, "RAM256X1D": 8}
SRL = ("SRL16", "SRL16E", "SRLC16", "SRLC16E", "SRLC32E")
INPUTS = re.compile(r"I[0-5]$")


class BadPair(Exception):
    pass


def paired(module, cells):
    """Sites saved by LUTNM pairs in one module."""
    groups = collections.defaultdict(list)
    for name, cell in cells:
        if "LUTNM" in cell.get("attributes", {}):
            groups[cell["attributes"]["LUTNM"]].append((name, cell))
    for label, members in groups.items():
        names = ", ".join(name for name, _ in members)
        if len(members) != 2:
            raise BadPair(f'{module}: LUTNM "{label}" stands on {len(members)} LUTs: {names}')
        if any(not re.fullmatch("LUT[1-5]", cell["type"]) for _, cell in members):
            raise BadPair(f'{module}: LUTNM "{label}" stands on {" and ".join(cell["type"] for _, cell in members)}: {names}')
        inputs = {bit for _, cell in members for port, bits in cell["connections"].items() if INPUTS.match(port) for bit in bits
                  if not isinstance(bit, str)}
        if len(inputs) > 5:
            raise BadPair(f'{module}: LUTNM "{label}" has {len(inputs)} inputs, a site has five: {names}')
    return len(groups)


def count_module(name, module, count_of):
    total = collections.Counter()
    luts = []
    for cell_name, cell in module["cells"].items():
        kind = cell["type"]
        below = count_of(kind)
        if below is not None:
            total += below
            continue
        total[kind] += 1
        if re.fullmatch("LUT[1-6]|LUT6_2", kind):
            luts.append((cell_name, cell))
            total["sites"] += 1
        elif kind in SRL:
            total["sites"] += 1
            total["srl"] += 1
        elif kind in RAM_SITES:
            total["sites"] += RAM_SITES[kind]
        elif kind.startswith(("RAM3", "RAM6", "RAM1", "RAM2", "RAM5", "CFGLUT", "SRL")):
            raise ValueError(f"{name}: the sites of a {kind} are not known")
        elif kind == "CARRY4":
            total["carry4"] += 1
        elif kind.startswith("FD"):
            total["ff"] += 1
        elif kind.startswith("RAMB36"):
            total["bram36"] += 1
        elif kind.startswith("RAMB18"):
            total["bram36"] += 0.5
        elif kind.startswith("DSP48"):
            total["dsp"] += 1
    total["sites"] -= paired(name, luts)
    return total


def count(netlist, top):
    """Of `top` with all that it instantiates."""
    done = {}
    def count_of(kind):
        module = netlist["modules"].get(kind)
        if module is None or "blackbox" in module.get("attributes", {}):
            return None
        if kind not in done:
            done[kind] = count_module(kind, module, count_of)
        return done[kind]
    total = count_of(top)
    if total is None:
        raise KeyError(f"no module {top}")
    return total
