"""Synthesis of a generated design with yosys: every distinct module once, its netlist kept by content.

A module is synthesised alone, those that it instantiates being black boxes; leaves with parameters (rtl_templates/prim) are part of
whoever instantiates them. So nothing is optimised across modules, a module counts the same wherever it stands, and a design takes as
long as its distinct modules do. It has a run of yosys of its own, too: in one run with others its mapping would depend on theirs, by the
order in which names were first seen. Netlists lie in `work`, by the hash of the text, the memories that it reads, the ports of its
children and yosys' version: what two designs share is synthesised once.
"""
import concurrent.futures
import gzip
import hashlib
import json
import os
import re
import shlex
import shutil
import subprocess
import tempfile
import time

MODULE = re.compile(r"^module\s+(\w+)\s*(.*?\);)", re.S | re.M)
PARAMETER = re.compile(r"\bparameter\s+(?:\[[^\]]*\]\s*)?(\w+)")
WORD = re.compile(r"\b[A-Za-z_]\w*\b")
COMMENT = re.compile(r"//[^\n]*")
MEMORY = re.compile(r"\breg\b[^;]*\w\s*\[[^\]]*\]\s*;|\bcase[xz]?\b")  # an array, or what yosys may make a ROM of
FORMAT = "3"  # of the kept netlists and of the script
PARAMETERS_KEPT = re.compile(r"[A-Z]+REG$")  # of DSP slices


class BadDesign(Exception):
    """DIR is not what it should be."""


class YosysFailed(Exception):
    pass


class Design:
    """The sources of DIR: top, modules {name: text}, leaves {name: text}, technology, estimated, stages."""

    def __init__(self, directory):
        self.directory = directory
        try:
            with open(os.path.join(directory, "manifest.json"), encoding="utf-8") as f:
                self.manifest = json.load(f)
            self.top = self.manifest["top"]
            names = self._read(self.manifest.get("synthesis_filelist", "filelist.f")).split()
            texts = [self._read(name) for name in names]
        except (OSError, ValueError, KeyError) as e:
            raise BadDesign(f"{directory}: not a design of elbgen: {e}") from e
        self.technology = self.manifest.get("technology", "generic")
        self.modules, self.leaves, self.ports = {}, {}, {}
        for name, text in zip(names, texts):
            found = MODULE.findall(COMMENT.sub("", text))
            if len(found) != 1:
                raise BadDesign(f"{os.path.join(directory, name)}: {len(found)} modules in one file")
            module, header = found[0]
            parameters = set(PARAMETER.findall(header)) - {"MEM_DIR"}
            (self.leaves if parameters else self.modules)[module] = text
            self.ports[module] = f"(* blackbox *) module {module} {header}\nendmodule\n"
        if self.top not in self.modules:
            raise BadDesign(f"{directory}: no module {self.top}")
        known = set(self.modules) | set(self.leaves)
        self.uses = {name: sorted((set(WORD.findall(COMMENT.sub("", text))) & known) - {name})
                     for name, text in (self.modules | self.leaves).items()}
        self.memories = {m["file"]: os.path.join(directory, m["file"]) for m in self.manifest.get("memories", [])}

    def _read(self, name):
        with open(os.path.join(self.directory, name), encoding="utf-8") as f:
            return f.read()

    def leaves_of(self, name):
        """Leaves that a module is made of, with those that they are made of."""
        found, open_ = set(), [name]
        while open_:
            new = {leaf for leaf in self.uses[open_.pop()] if leaf in self.leaves} - found
            found |= new
            open_ += new
        return sorted(found)

    def children_of(self, name):
        return sorted({c for n in [name, *self.leaves_of(name)] for c in self.uses[n] if c in self.modules} - {name})

    def memories_of(self, name):
        return [path for file, path in self.memories.items() if f'"{os.path.basename(file)}"' in self.modules[name]]

    def bytes_of(self, name):
        return len(self.modules[name]) + sum(os.path.getsize(path) for path in self.memories_of(name))

    def key(self, name, version):
        """What the netlist of a module depends on."""
        digest = hashlib.sha256(f"{FORMAT} {version} {self.technology}\n".encode())
        for text in [self.modules[name], *(self.leaves[leaf] for leaf in self.leaves_of(name)), *(self.ports[c] for c in self.children_of(name))]:
            digest.update(text.encode() + b"\0")
        for path in self.memories_of(name):
            with open(path, "rb") as f:
                digest.update(f.read() + b"\0")
        return digest.hexdigest()


def family(technology):
    return "xcup" if technology == "xcup" else "xc7"


def script(name, leaves, technology, memory):
    """Commands of one run: the netlist of a module, which source.v holds with its leaves and the ports of its children."""
    cells = ["read_verilog -lib -specify +/xilinx/cells_sim.v"]
    if family(technology) == "xcup":
        cells.append("read_verilog -lib +/xilinx/cells_xtra.v")
    flatten = []
    if leaves:
        flatten = ["proc", f"setattr -mod -set keep_hierarchy 1 {name}", "flatten", f"delete $paramod* {' '.join(leaves)}",
                   f"setattr -mod -unset keep_hierarchy {name}"]
    synth = f"synth_xilinx -family {family(technology)} -noiopad -noclkbuf -run"
    steps = [f"{synth} prepare:check"]
    if not memory:  # a second of each run is the reading of the block RAMs' maps
        steps = [f"{synth} prepare:map_memory", "select -assert-none t:$mem*", f"{synth} map_ffram:check"]
    return "\n".join(["read_verilog source.v", *cells, "hierarchy -check", *flatten, *steps, f"select {name}", "json -o netlist.json"]) + "\n"


def pruned(module):
    """What counting and paths read of a module that yosys wrote."""
    cells = {}
    for name, cell in module["cells"].items():
        kept = {"type": cell["type"], "connections": cell["connections"]}
        if "LUTNM" in cell["attributes"]:
            kept["attributes"] = {"LUTNM": cell["attributes"]["LUTNM"]}
        parameters = {k: v for k, v in cell["parameters"].items() if PARAMETERS_KEPT.match(k)}
        if parameters:
            kept["parameters"] = parameters
        cells[name] = kept
    nets = {name: net["bits"] for name, net in module["netnames"].items() if not net["hide_name"]}
    return {"ports": module["ports"], "cells": cells, "nets": nets}


def run_yosys(design, name, yosys, running):
    """The pruned netlist of a module, whose process is in the set `running` meanwhile."""
    leaves = design.leaves_of(name)
    # With MEM_DIR as it is, so that the module has no parameter.
    texts = [design.modules[name].replace("#(.MEM_DIR(MEM_DIR)) ", ""), *(design.leaves[leaf] for leaf in leaves)]
    with tempfile.TemporaryDirectory(prefix="elb-synth-") as work:
        with open(os.path.join(work, "source.v"), "w", encoding="utf-8") as f:
            f.writelines([*texts, "`default_nettype wire\n", *(design.ports[child] for child in design.children_of(name))])
        os.mkdir(os.path.join(work, "mem"))
        for path in design.memories_of(name):  # a yosys in a sandbox follows no link
            shutil.copy(path, os.path.join(work, "mem"))
        with open(os.path.join(work, "script.ys"), "w", encoding="utf-8") as f:
            f.write(script(name, leaves, design.technology, any(MEMORY.search(COMMENT.sub("", text)) for text in texts)))
        with subprocess.Popen([*yosys, "-q", "-s", "script.ys"], cwd=work, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              errors="replace") as process:
            running.add(process)
            said = process.communicate()[0].strip().splitlines()
            running.discard(process)
        if process.returncode != 0:
            raise YosysFailed(f"{name}: exit code {process.returncode}\n" + "\n".join(said[-5:]))
        with open(os.path.join(work, "netlist.json"), encoding="utf-8") as f:
            return pruned(json.load(f)["modules"][name])


def reachable(design, name):
    """A module and all below it."""
    found, open_ = {name}, [name]
    while open_:
        new = set(design.children_of(open_.pop())) - found
        found |= new
        open_ += new
    return found


def version_of(yosys):
    try:
        done = subprocess.run([*yosys, "-V"], capture_output=True, text=True, errors="replace")
    except OSError as e:
        raise BadDesign(f"{shlex.join(yosys)}: {e.strerror}") from e
    if done.returncode != 0:
        raise BadDesign(f"{shlex.join(yosys)} -V: exit code {done.returncode}")
    return done.stdout.strip()


def synthesise(design, names, yosys, work, threads, progress):
    """{module: pruned netlist} of modules of a design. `progress(done, all, seconds, left)` counts modules."""
    version = version_of(yosys)
    os.makedirs(work, exist_ok=True)
    names = sorted(names)
    files = {name: os.path.join(work, design.key(name, version) + ".json.gz") for name in names}
    netlists, missing = {}, []
    for name in names:
        try:
            with gzip.open(files[name], "rt", encoding="utf-8") as f:
                netlists[name] = json.load(f)
        except (OSError, EOFError, ValueError):
            missing.append(name)

    def one(name):
        netlist = run_yosys(design, name, yosys, running)
        temporary = f"{files[name]}.{os.getpid()}"
        with gzip.open(temporary, "wt", encoding="utf-8", compresslevel=1) as f:
            json.dump(netlist, f)
        os.replace(temporary, files[name])
        return netlist

    begun, done_bytes, running = time.monotonic(), 0, set()
    missing.sort(key=design.bytes_of, reverse=True)  # what takes long begins first
    all_bytes = sum(design.bytes_of(name) for name in missing)
    with concurrent.futures.ThreadPoolExecutor(threads) as pool:
        futures = {pool.submit(one, name): name for name in missing}
        try:
            for future in concurrent.futures.as_completed(futures):
                name = futures[future]
                netlists[name] = future.result()
                done_bytes += design.bytes_of(name)
                spent = time.monotonic() - begun
                progress(len(netlists), len(names), spent, spent * (all_bytes - done_bytes) / done_bytes)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            for process in list(running):
                process.kill()
            raise
    return netlists
