"""Random networks under random plans, weights on chip and in memory, all technologies in turn: RTL equals golden at every boundary, under random
stalls, behind a hostile memory and without; every frame's first and last beat at every boundary is in the cycle that the
model predicts, behind an ideal memory and behind one of fixed latency and bandwidth.

    tools/test -k random            a dozen networks
    tools/test --all -k random      sixty, with the coverage that they must reach
    ELB_SEED=7 ELB_ONLY=23 tools/test --all -k random     network 23 of that seed again, kept under out/random
"""
import json
import os
import random
import shutil
import subprocess
import tempfile
import time
import unittest

import numpy

import random_networks

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
CLI = os.path.join(ROOT, "build", "gen", "cli")
FRAMES = 4


class Failed(Exception):
    pass


def run(*command):
    """The JSON object that a program printed; Failed where it did not end with 0."""
    done = subprocess.run(command, capture_output=True, text=True)
    try:
        answer = json.loads(done.stdout)
    except json.JSONDecodeError:
        answer = done.stdout[-500:]
    if done.returncode != 0:
        raise Failed(f"{os.path.basename(command[0])} exited with {done.returncode}: {str(answer)[:700]} {done.stderr[-700:]}")
    return answer


def check(net, plan, rng, folder, work):
    """Generates, lints and simulates one network; returns its predicted cycles per frame."""
    path = lambda name: os.path.join(folder, name)
    with open(path("net.json"), "w", encoding="utf-8") as file:
        json.dump(net, file, indent=1)
    with open(path("plan.json"), "w", encoding="utf-8") as file:
        json.dump(plan, file, indent=1)
    numpy.save(path("in.npy"), numpy.random.default_rng(rng.getrandbits(32)).integers(0, 256, [FRAMES, *net["input"]["shape"]], numpy.uint8))
    run(os.path.join(CLI, "elbgen"), path("net.json"), "--plan", path("plan.json"), "-o", path("rtl"), "--force", "--json", "--max-cycles", "20000")
    with open(path("rtl/manifest.json"), encoding="utf-8") as file:
        manifest = json.load(file)
    mapped = manifest.get("mapped_filelist")
    for sources in ["filelist.f"] + [mapped] * (mapped is not None):
        waived = ["-Wno-DECLFILENAME"] * (sources == mapped)  # <module>_mapped.v
        lint = subprocess.run(["verilator", "--lint-only", "-Wall", *waived, "-F", path("rtl/" + sources), "--top-module", manifest["top"]],
                              capture_output=True, text=True)
        if lint.returncode or lint.stderr or lint.stdout:
            raise Failed(f"verilator --lint-only of {sources}: " + (lint.stderr + lint.stdout)[:700])
    simulate = [os.path.join(CLI, "elbsim"), path("rtl"), "--input", path("in.npy"), "--work", work, "--json"]
    free = run(*simulate)  # fails where any frame's first or last beat at any boundary is not as predicted
    if not free["timing"] or not free["timing"]["as_predicted"] or free["timing"]["frames"] != FRAMES:
        raise Failed(f"timing was not compared: {free['timing']}")
    if free["simulated"] != free["predicted"]:
        raise Failed(f"predicted {free['predicted']}, simulated {free['simulated']}")
    if mapped and run(*simulate, "--mapped")["simulated"] != free["simulated"]:
        raise Failed("the wiring that synthesis reads runs at other times")
    if manifest["memory"] is not None:
        rate = sorted(rng.randint(1, 5) for _ in range(2))
        slow = run(*simulate, "--dram", f"{rng.randint(0, 60)}:{rate[0]}/{rate[1]}")
        if not slow["timing"]["as_predicted"]:
            raise Failed(f"timing behind a slow memory: {slow['timing']}")
        run(*simulate, "--dram-random", f"{rng.randint(1, 10**6)}:200:30", "--seed", str(rng.randint(2, 10**6)))
    run(*simulate, "--stall", f"{rng.randint(1, 10**6)}:{rng.choice([10, 50, 90])}", "--seed", str(rng.randint(2, 10**6)))
    return free["predicted"]["cycles_per_frame"]


class Random(unittest.TestCase):
    def test_random_networks_under_random_plans_are_bit_exact(self):
        everything = bool(os.environ.get("ELB_ALL"))
        count = int(os.environ.get("ELB_COUNT", 60 if everything else 8))
        seed = int(os.environ.get("ELB_SEED", 1))
        only = os.environ.get("ELB_ONLY")
        print(f"  random networks: ELB_SEED={seed}, {count} of them", flush=True)
        coverage = random_networks.Coverage()
        failures, began = [], time.time()
        work = tempfile.mkdtemp(prefix="elbgen-work-")  # the simulation runtime is built once
        self.addCleanup(shutil.rmtree, work)
        for i in range(count):
            rng = random.Random(seed * 1000003 + i)
            generator = random_networks.Generator(rng, coverage)
            net = generator.network(f"random_{seed}_{i}", seed * 1000 + i, branch=i % 2 == 0)
            plan = {**generator.plan(net), "technology": ("generic", "xc7", "xcup")[i % 3]}
            if only and i != int(only):
                continue
            folder = os.path.join(ROOT, "out", "random", str(i)) if only else tempfile.mkdtemp(prefix="elbgen-")
            os.makedirs(folder, exist_ok=True)
            try:
                check(net, plan, rng, folder, work)
            except Failed as failure:
                failures.append(f"ELB_SEED={seed} ELB_ONLY={i}: {failure}")
                print("  " + failures[-1], flush=True)
            finally:
                if not only:
                    shutil.rmtree(folder)
        print(f"  {count} networks in {time.time() - began:.0f} s; how often each feature occurred:\n{coverage.text()}", flush=True)
        self.assertEqual(failures, [])
        if everything and not only:
            self.assertEqual(coverage.missing(5), [], "features that occurred fewer than five times")


if __name__ == "__main__":
    unittest.main()
