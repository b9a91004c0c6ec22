"""LUT sites of a netlist that yosys wrote (write_json), for a 7-series or UltraScale device.

A site is a LUT6, a LUT6_2, or two LUT1..5 that carry the same LUTNM within one module and have at most five different inputs
together; every other LUT is a site. LUT RAM counts by its shape, a shift register 1, an inverter 0 (it vanishes in the LUT or register
that it feeds). A pair with more inputs, or a name carried by one LUT or by three, is a BadPair: no tool could place it.

  sites.count(netlist, "elb_top")  ->  Counter with sites, cells (those that the sites are of), srl, carry4 (a CARRY8 is two), ff, bram36,
                                       dsp, uram and every cell under its own name
  sites.Counts(modules).of("elb_top")  the same of several modules of one design, each read once; own("elb_top") without what it instantiates
"""
import collections
import re

RAM_SITES = {"RAM32M": 4, "RAM64M": 4, "RAM32M16": 8, "RAM64M8": 8, "RAM32X1S": 1, "RAM64X1S": 1, "RAM32X1D": 2, "RAM64X1D": 2,
             "RAM128X1S": 2, "RAM128X1D": 4, "RAM256X1S": 4, "RAM256X1D": 8}
SRL = ("SRL16", "SRL16E", "SRLC16", "SRLC16E", "SRLC32E")
LUT = re.compile(r"LUT[1-6]|LUT6_2")
FF = re.compile(r"FD(RE|SE|CE|PE)(_1)?|LD(CE|PE)")
NO_SITE = re.compile(r"INV|GND|VCC|MUXF[789]|BUFG|\$scopeinfo")
INPUTS = re.compile(r"I[0-5]$")


class BadPair(Exception):
    pass


class UnknownCell(ValueError):
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


def primitive(name, kind):
    """What one cell of the device counts."""
    if LUT.fullmatch(kind):
        return {"sites": 1, "cells": 1}
    if kind in SRL:
        return {"sites": 1, "cells": 1, "srl": 1}
    if kind in RAM_SITES:
        return {"sites": RAM_SITES[kind], "cells": 1}
    if kind in ("CARRY4", "CARRY8"):
        return {"carry4": int(kind[-1]) // 4}
    if FF.fullmatch(kind):
        return {"ff": 1}
    if kind.startswith("RAMB"):
        return {"bram36": 1 if kind.startswith("RAMB36") else 0.5}
    if kind.startswith("DSP48E"):
        return {"dsp": 1}
    if kind.startswith("URAM288"):
        return {"uram": 1}
    if NO_SITE.fullmatch(kind):
        return {}
    raise UnknownCell(f"{name}: the sites of a {kind} are not known")


class Counts:
    def __init__(self, modules):
        self.modules_ = {name: m for name, m in modules.items() if "blackbox" not in m.get("attributes", {})}
        self.own_, self.of_ = {}, {}

    def own(self, name):
        """(Counter of the module's own cells, Counter of the modules that it instantiates)"""
        if name not in self.own_:
            total, below, luts = collections.Counter(), collections.Counter(), []
            for cell_name, cell in self.modules_[name]["cells"].items():
                kind = cell["type"]
                if kind in self.modules_:
                    below[kind] += 1
                    continue
                total[kind] += 1
                for what, amount in primitive(name, kind).items():
                    total[what] += amount
                if LUT.fullmatch(kind):
                    luts.append((cell_name, cell))
            total["sites"] -= paired(name, luts)
            self.own_[name] = total, below
        return self.own_[name]

    def of(self, name):
        if name not in self.of_:
            total, below = self.own(name)
            total = total.copy()
            for child, times in below.items():
                for what, amount in self.of(child).items():
                    total[what] += times * amount
            self.of_[name] = total
        return self.of_[name]


def count(netlist, top):
    """Of `top` with all that it instantiates."""
    return Counts(netlist["modules"]).of(top)
