"""Every generated design is silent in three tools, the same bytes every time, movable, and not alone in the world."""
import json
import os
import shutil
import time
import unittest

import designs

# yosys flattens these within a minute on two idle cores. The other full-size networks, megabytes of ROM each, go through
# Verilator and Icarus with --all; their modules are of the kinds seen here.
QUICK = ("all-kinds", "alexnet-4-8218", "fmnist-2-8118", "fmnist-4-8218")


def shipped():
    folder = os.path.join(designs.ROOT, "configs", "networks")
    return sorted(name[:-len(".json")] for name in os.listdir(folder) if name.endswith(".json"))


def sources(directory):
    with open(os.path.join(directory, "filelist.f"), encoding="utf-8") as f:
        return [line for line in f.read().split("\n") if line.endswith(".v")]


def top(directory):
    with open(os.path.join(directory, "manifest.json"), encoding="utf-8") as f:
        return json.load(f)["top"]


def tree(directory):
    found = {}
    for folder, _, files in os.walk(directory):
        for name in files:
            path = os.path.join(folder, name)
            with open(path, "rb") as f:
                found[os.path.relpath(path, directory)] = f.read()
    return found


class Lint(unittest.TestCase):
    def silent(self, directory, *command):
        done = designs.run(*command, cwd=directory)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""), " ".join(command)[:200])

    def check(self, directory, with_yosys=True):
        began = time.time()
        self.silent(directory, "verilator", "--lint-only", "-Wall", "--top-module", top(directory), "-f", "filelist.f")
        self.silent(directory, "iverilog", "-g2005", "-Wall", "-o", os.devnull, "-f", "filelist.f")
        self.silent(directory, "iverilog", "-g2005", "-Wall", "-o", os.devnull, "-f", "filelist.f", "tb/elb_tb.v")
        linted = time.time()
        if with_yosys:
            self.silent(directory, "yosys", "-q", "-p", f"read_verilog {' '.join(sources(directory))}; hierarchy -check -top {top(directory)}; "
                        "proc; flatten; check -assert")
        said = f"yosys {time.time() - linted:.1f} s" if with_yosys else "not in yosys"
        print(f"  {top(directory)}: {len(sources(directory))} files, silent (verilator, iverilog {linted - began:.1f} s, {said})", flush=True)

    def test_all_kinds_under_three_plans(self):
        for plan in designs.ALL_KINDS_PLANS:
            with self.subTest(plan):
                self.check(designs.all_kinds(plan)[0])

    def test_shipped_networks(self):
        for name in shipped() if designs.LONG else QUICK:
            with self.subTest(name):
                if name.startswith("vgg16"):  # its largest stage needs more than the default
                    directory = designs.design(name, "--max-cycles", "10000000")[0]
                else:
                    directory = designs.design(name)[0]
                self.check(directory, name in QUICK)

    def test_a_wide_fmnist(self):
        self.check(designs.fmnist()[0])


class Whole(unittest.TestCase):
    def test_generated_twice_is_the_same(self):
        for options in (["fmnist-4-8218", "--max-cycles", "8000"], ["alexnet-4-8218"]):
            with self.subTest(options[0]):
                first = tree(designs.design(*options)[0])
                other = os.path.join(designs.folder(), "again-" + options[0], "deeper")
                os.makedirs(os.path.dirname(other))
                designs.must(designs.ELBGEN, *options, "-o", other, cwd="/")
                second = tree(other)
                self.assertEqual(sorted(first), sorted(second))
                for name in first:
                    self.assertEqual(first[name], second[name], name)
                print(f"  {options[0]}: {len(first)} files, {sum(map(len, first.values()))} bytes, the same twice")
                shutil.rmtree(other)

    def test_its_own_plan_gives_the_same_again(self):
        directory, _ = designs.all_kinds("ragged")
        again, _ = designs.design("all-kinds", "--plan", os.path.join(directory, "plan.json"))
        self.assertEqual(tree(directory), tree(again))

    def test_a_moved_directory_still_simulates(self):
        moved = os.path.join(designs.folder(), "moved to", "another place")
        os.makedirs(os.path.dirname(moved))
        copy = designs.copy_of(designs.all_kinds("wide")[0])
        os.rename(copy, moved)
        done = designs.run(designs.ELBSIM, "another place", "--work", designs.MODELS, "--json", "--input", designs.random_images(4, 12, 12, 3),
                           cwd=os.path.dirname(moved))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(json.loads(done.stdout)["mismatches"], 0)
        self.assertEqual(json.loads(done.stdout)["boundaries_compared"], 11)

    def test_two_networks_fit_into_one_design(self):
        two = os.path.join(designs.folder(), "two")
        os.mkdir(two)
        files, instances = {}, []
        for network, prefix in (("all-kinds", "left"), ("all-kinds", "right"), ("fmnist-4-8218", "")):
            directory, report = designs.design(network, "--max-cycles", "9000", *(["--prefix", prefix] if prefix else []))
            for name in sources(directory):
                content = tree(directory)[name]
                self.assertEqual(files.setdefault(name, content), content, f"two designs have different modules {name}")
            with open(os.path.join(directory, "manifest.json"), encoding="utf-8") as f:
                manifest = json.load(f)
            width = {way: -(-manifest[way]["lanes"] * manifest[way]["bits"] // 8) * 8 for way in ("input", "output")}
            instances.append((manifest["top"], directory, width["input"], width["output"]))
        for name, content in files.items():
            with open(os.path.join(two, name), "wb") as f:
                f.write(content)
        self.assertEqual(len({t for t, *_ in instances}), 3)
        ports = ["input  wire aclk", "input  wire aresetn"]
        body = []
        for i, (module, directory, wide_in, wide_out) in enumerate(instances):
            ports += [f"input  wire [{wide_in - 1}:0] s{i}_data", f"input  wire [2:0] s{i}", f"output wire [{wide_out - 1}:0] m{i}_data", f"output wire [3:0] m{i}"]
            body.append(f"  {module} #(.MEM_DIR(\"{directory}/mem/\")) u{i} (.aclk(aclk), .aresetn(aresetn), .s_axis_tdata(s{i}_data), .s_axis_tvalid(s{i}[0]),\n"
                        f"    .s_axis_tlast(s{i}[1]), .m_axis_tready(s{i}[2]), .s_axis_tready(m{i}[0]), .m_axis_tvalid(m{i}[1]), .m_axis_tlast(m{i}[2]),\n"
                        f"    .frame_error(m{i}[3]), .m_axis_tdata(m{i}_data));\n")
        with open(os.path.join(two, "all.v"), "w", encoding="utf-8") as f:
            f.write("`default_nettype none\nmodule all (\n  " + ",\n  ".join(ports) + "\n);\n" + "".join(body) + "endmodule\n`default_nettype wire\n")
        names = sorted(files) + ["all.v"]
        for command in (["verilator", "--lint-only", "-Wall", "--top-module", "all"], ["iverilog", "-g2005", "-Wall", "-o", os.devnull, "-s", "all"]):
            done = designs.run(*command, *names, cwd=two)
            self.assertEqual((done.returncode, done.stdout + done.stderr), (0, ""))
        print(f"  three designs in one: {len(names)} files")


if __name__ == "__main__":
    unittest.main()
