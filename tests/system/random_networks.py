"""Random networks (DAGs of 3 to 10 layers, half of them with a branch) and random plans for them.

Choices lean towards what occurred least so far, so that a run of sixty covers every operator, kind, stride, padding and
group; `Coverage` counts what a finished run contained.
"""
import collections

WEIGHTS = ["binary", "ternary"] + [f"int{n}" for n in range(2, 9)]
ACTS = [("unsigned", n) for n in range(1, 9)] + [("signed", n) for n in range(2, 9)] + [("bipolar", 1), ("ternary", 2)]
OPS = ["conv", "grouped conv", "depthwise conv", "fc", "max_pool", "average_pool", "global_average_pool",
       "global_max_pool", "add", "concat", "quantize", "flatten", "argmax", "top_k"]
FETCHED = ("ram_block", "ram_distributed", "stream")
REQUIRED = ([f"op {op}" for op in OPS] + [f"weight {w}" for w in ("binary", "ternary", "int2..7", "int8")] +
            ["act unsigned", "act signed", "act bipolar", "act ternary", "stride 1", "stride 2", "stride 3", "padding none",
             "padding symmetric", "padding asymmetric", "pad_value not 0", "bipolar padded with 0", "dilation 2", "ceil_mode",
             "branch add", "branch concat", "p ragged", "s ragged", "l < p", "m > 1", "pixel_table", "weights fetched once",
             "weights streamed by conv", "weights streamed by fc", "several bands", "b > 1", "axi3", "memory port 64",
             "memory port 128", "memory port 256", "memory port 512"])


class Coverage(collections.Counter):
    """How often each feature occurred; `missing(n)` lists the required ones below n."""

    def missing(self, least):
        return [f"{name}: {self[name]}" for name in REQUIRED if self[name] < least]

    def text(self):
        return "\n".join(f"  {self[name]:4d}  {name}" for name in REQUIRED)


class Generator:
    def __init__(self, rng, coverage):
        self.rng = rng
        self.coverage = coverage
        self.shapes = {}  # of the present network: layer -> (input tensor, output tensor), (h, w, c, act) each

    def least(self, names, prefix):
        """One of `names`, the rarer so far the likelier."""
        weights = [1.0 / (1 + self.coverage[prefix + str(n)]) ** 2 for n in names]
        return self.rng.choices(names, weights)[0]

    def count(self, *names):
        for name in names:
            self.coverage[name] += 1

    def act(self):
        kind = self.least(["unsigned", "signed", "bipolar", "ternary"], "act ")
        self.count("act " + kind)
        bits = self.rng.choice([b for k, b in ACTS if k == kind])
        return {"kind": kind, "bits": bits}

    def weight(self):
        group = self.least(["binary", "ternary", "int2..7", "int8"], "weight ")
        self.count("weight " + group)
        return f"int{self.rng.randint(2, 7)}" if group == "int2..7" else group

    def window(self, layer, size, act, pool=False):
        """Adds kernel, stride, padding, dilation to `layer`; returns the output's (h, w) or None if it does not fit."""
        rng = self.rng
        kernel = [rng.randint(1, 4), rng.randint(1, 4)] if rng.random() < 0.3 else [rng.randint(1, 4)] * 2
        s = self.least([1, 2, 3], "stride ")
        stride = [s, s] if rng.random() < 0.7 else [s, rng.randint(1, 3)]
        dilation = 2 if not pool and self.least([1, 2], "dilation ") == 2 and max(kernel) <= 3 and max(kernel) > 1 else 1
        padding = [0] * 4
        style = self.least(["none", "symmetric", "asymmetric"], "padding ")
        extent = [(k - 1) * dilation + 1 for k in kernel]
        limit = [(k - 1) if pool else (e - 1) for k, e in zip(kernel, extent)]
        if style == "symmetric":
            v, h = rng.randint(0, limit[0]), rng.randint(0, limit[1])
            padding = [v, h, v, h]
        elif style == "asymmetric":
            padding = [rng.randint(0, limit[0]), rng.randint(0, limit[1]), rng.randint(0, limit[0]), rng.randint(0, limit[1])]
        out = [(n + padding[i] + padding[i + 2] - e) // s + 1 if n + padding[i] + padding[i + 2] >= e else 0
               for i, (n, e, s) in enumerate(zip(size, extent, stride))]
        if min(out) < 1:
            return None
        layer.update(kernel=kernel, stride=stride)
        if dilation > 1:
            layer["dilation"] = dilation
            self.count("dilation 2")
        else:
            self.count("dilation 1")
        padded = any(padding)
        if padded:
            layer["padding"] = padding
        symmetric = padding[:2] == padding[2:]
        self.count("stride " + str(stride[0]), "padding " + ("none" if not padded else "symmetric" if symmetric else "asymmetric"))
        if padded and layer["op"] in ("conv", "average_pool"):
            low, high = values(act)
            if act["kind"] == "bipolar":
                choice = rng.choice([-1, 0, 1])
                self.count("bipolar padded with 0" if choice == 0 else "pad_value not 0")
                if choice:
                    layer["pad_value"] = choice
            elif rng.random() < 0.4:
                layer["pad_value"] = rng.randint(low, high)
                if layer["pad_value"]:
                    self.count("pad_value not 0")
        if pool and rng.random() < 0.5:
            ceil = [-(-(n + padding[i] + padding[i + 2] - e) // s) + 1 for i, (n, e, s) in enumerate(zip(size, extent, stride))]
            # The last window must begin inside the map or its leading padding.
            out = [c - 1 if (c - 1) * s >= n + padding[i] else c for i, (c, s, n) in enumerate(zip(ceil, stride, size))]
            layer["ceil_mode"] = True
            self.count("ceil_mode")
        return out

    def layer(self, op, name, source, tensor):
        """One layer on `tensor` = (h, w, c, act); returns (layer, tensor) or None."""
        h, w, c, act = tensor
        rng = self.rng
        base = {"name": name, "op": op.split()[-1], "inputs": [source]}
        if op in ("conv", "grouped conv", "depthwise conv"):
            groups = 1
            if op == "grouped conv":
                options = [g for g in (2, 3, 4) if c % g == 0 and c > g]
                if not options:
                    return None
                groups = rng.choice(options)
            if op == "depthwise conv":
                groups = c
                if c < 2:
                    return None
            out_c = groups * rng.randint(1, max(1, 12 // groups)) if op != "depthwise conv" else c * rng.choice([1, 1, 2])
            base["out_channels"] = out_c
            size = self.window(base, (h, w), act)
            if size is None:
                return None
            if groups > 1:
                base["groups"] = groups
            base["weight"] = self.weight()
            base["activation"] = self.act()
            return base, (size[0], size[1], out_c, base["activation"])
        if op == "fc":
            if h * w * c > 600:
                return None
            base.update(out_channels=rng.randint(1, 20), weight=self.weight(), activation=self.act())
            return base, (1, 1, base["out_channels"], base["activation"])
        if op in ("max_pool", "average_pool"):
            size = self.window(base, (h, w), act, pool=True)
            if size is None:
                return None
            if op == "average_pool":
                base["activation"] = self.act()
                if "pad_value" in base or rng.random() < 0.5:
                    base["count_include_pad"] = True
                act = base["activation"]
            return base, (size[0], size[1], c, act)
        if op == "global_average_pool":
            base["activation"] = self.act()
            return base, (1, 1, c, base["activation"])
        if op == "global_max_pool":
            return base, (1, 1, c, act)
        if op == "quantize":
            base["activation"] = self.act()
            return base, (h, w, c, base["activation"])
        if op == "flatten":
            return base, (1, 1, h * w * c, act)
        raise AssertionError(op)

    def network(self, name, seed, branch):
        """A network as the dict that its JSON file holds."""
        for _ in range(1000):
            saved = collections.Counter(self.coverage)
            self.shapes = {}
            made = self.try_network(name, seed, branch)
            if made:
                return made
            self.coverage.clear()
            self.coverage.update(saved)
        raise AssertionError("no network found")

    def try_network(self, name, seed, branch):
        rng = self.rng
        shape = [rng.randint(4, 12), rng.randint(4, 12), rng.randint(1, 5)]
        net = {"format": "elbgen.network/1", "name": name, "weights": {"synthetic": seed}}
        if rng.random() < 0.5:
            act = self.act()
            low, high = values(act)
            step = 2 if act["kind"] == "bipolar" else 1
            tables = [[rng.randrange(low, high + 1, step) for _ in range(256)] for _ in range(rng.choice([1, shape[2]]))]
            net["input"] = {"shape": shape, "activation": act, "pixel_table": tables[0] if len(tables) == 1 else tables}
            self.count("pixel_table")
        else:
            act = {"kind": "unsigned", "bits": 8}
            net["input"] = {"shape": shape, "activation": act}
        layers = []
        source, tensor = "input", (*shape, act)
        wanted = rng.randint(3, 10)
        branch_at = rng.randint(0, max(0, wanted - 4)) if branch else -1

        def append(op, source, tensor, tries=8):
            for _ in range(tries):
                made = self.layer(op, f"l{len(layers)}", source, tensor)
                if made:
                    layers.append(made[0])
                    self.shapes[made[0]["name"]] = (tensor, made[1])
                    self.count("op " + op)
                    return made[0]["name"], made[1]
            return None

        while len(layers) < wanted - 1:
            if len(layers) >= branch_at >= 0:
                made = self.branch(layers, source, tensor)
                branch_at = -1
                if not made:
                    return None
                source, tensor = made
                continue
            spatial = tensor[0] > 1 or tensor[1] > 1
            ops = ["conv", "grouped conv", "depthwise conv", "quantize"]
            if spatial:
                ops += ["max_pool", "average_pool"]
                if len(layers) >= 2:
                    ops += ["global_average_pool", "global_max_pool", "flatten"]
            if len(layers) >= wanted - 3:
                ops += ["fc"]
            made = append(self.least(ops, "op "), source, tensor)
            if not made:
                continue
            source, tensor = made
        if len(layers) < 2 or branch_at >= 0:
            return None
        # The end: raw accumulators, an activation, or indices.
        op = self.least(["fc", "conv"], "op ") if tensor[0] * tensor[1] * tensor[2] <= 600 else "conv"
        made = append(op, source, tensor)
        if not made:
            return None
        source, tensor = made
        end = self.rng.random()
        if end < 0.4:
            del layers[-1]["activation"]
            tail = self.least(["none", "argmax", "top_k"], "op ")
            flat = tensor[0] * tensor[1] * tensor[2]
            if tail != "none" and flat <= 64 and tensor[0] == tensor[1] == 1:
                last = {"name": f"l{len(layers)}", "op": tail, "inputs": [source]}
                if tail == "top_k":
                    last["k"] = rng.randint(1, min(5, flat))
                layers.append(last)
                self.shapes[last["name"]] = (tensor, (1, 1, last.get("k", 1), None))
                self.count("op " + tail)
            else:
                self.count("op none")
        net["layers"] = layers
        return net if 3 <= len(layers) <= 12 else None

    def branch(self, layers, source, tensor):
        """A residual add or a concat on `source`; adds two or three layers."""
        h, w, c, act = tensor
        kind = self.least(["add", "concat"], "branch ")
        rng = self.rng
        first = len(layers)
        if kind == "add":
            k = rng.choice([1, 3])
            layers.append({"name": f"l{first}", "op": "conv", "inputs": [source], "out_channels": c, "kernel": k,
                           "padding": k // 2, "weight": self.weight(), "activation": self.act()})
            if act["kind"] == "bipolar" and k > 1:
                layers[-1]["pad_value"] = rng.choice([-1, 1])
            operands = [f"l{first}", source] if rng.random() < 0.5 else [source, f"l{first}"]
            layers.append({"name": f"l{first + 1}", "op": "add", "inputs": operands, "activation": self.act()})
            self.count("op conv", "op add", "branch add")
            middle, end = (h, w, c, layers[-2]["activation"]), (h, w, c, layers[-1]["activation"])
            self.shapes[f"l{first}"] = (tensor, middle)
            self.shapes[f"l{first + 1}"] = (middle, end)
            return f"l{first + 1}", end
        out = self.act()
        widths = [rng.randint(1, 8), rng.randint(1, 8)]
        for i in range(2):
            k = [1, 3][i]
            layers.append({"name": f"l{first + i}", "op": "conv", "inputs": [source], "out_channels": widths[i], "kernel": k,
                           "padding": k // 2, "weight": self.weight(), "activation": dict(out)})
            if act["kind"] == "bipolar" and k > 1:
                layers[-1]["pad_value"] = rng.choice([-1, 1])
            self.shapes[f"l{first + i}"] = (tensor, (h, w, widths[i], out))
            self.count("op conv")
        layers.append({"name": f"l{first + 2}", "op": "concat", "inputs": [f"l{first}", f"l{first + 1}"]})
        self.count("op concat", "branch concat")
        end = (h, w, sum(widths), out)
        self.shapes[f"l{first + 2}"] = (end, end)
        return f"l{first + 2}", end

    def plan(self, net):
        """A plan.json for `net`: random parallelism for half of its stages that have any; the others are chosen."""
        rows = []
        for layer in net["layers"]:
            op = layer["op"]
            (in_h, in_w, in_c, _), (out_h, out_w, out_c, _) = self.shapes[layer["name"]]
            row = {"layer": layer["name"]}
            groups = layer.get("groups", 1)
            depthwise = groups > 1 and groups == in_c and layer["out_channels"] == in_c
            if op == "fc":
                row.update(p=self.rng.randint(1, min(out_c, 7)), s=self.rng.randint(1, min(in_h * in_w * in_c, 7)))
            elif op == "conv" and not depthwise:
                row.update(p=self.rng.randint(1, min(out_c // groups, 7)), s=self.rng.randint(1, min(in_c // groups, 7)),
                           m=self.rng.randint(1, min(out_w, 4)))
            elif op.endswith("pool") or depthwise:
                row.update(s=self.rng.randint(1, min(in_c, 7)), m=self.rng.randint(1, min(out_w, 4)))
            else:
                continue
            if self.rng.random() < 0.3:
                row.pop("m", None)
            if "p" in row and self.rng.random() < 0.4:
                self.beats(row, out_c // groups, groups)
            if "p" in row and self.rng.random() < 0.7:
                self.residence(row, op == "fc", out_h)
            self.count(*(["p ragged"] if "p" in row and out_c // groups % row["p"] else []),
                       *(["s ragged"] if in_c // (1 if depthwise or op == "fc" else groups) % row["s"] else []),
                       *(["m > 1"] if row.get("m", 1) > 1 else []))
            rows.append(row)
        plan = {"format": "elbgen.plan/1", "network": net["name"], "stages": rows}
        if any(row.get("weights") in FETCHED for row in rows):
            plan["memory"] = self.memory()
        return plan

    def beats(self, row, kernels, groups):
        """Any number of channels per output beat that may be: beats, more than the folds of a tile among them."""
        p = row["p"]
        row["l"] = self.rng.choice([l for l in range(1, p + 1) if (p == kernels or p % l == 0) and (groups == 1 or kernels % l == 0)])
        self.count(*(["l < p"] if row["l"] < p else []), *(["l does not divide p"] if p % row["l"] else []))

    def residence(self, row, fc, out_h):
        """Where the weights of a row's layer live; half of them in memory, by what occurred least."""
        rng = self.rng
        kind = self.least(["in the bitstream", "fetched once", "streamed by " + ("fc" if fc else "conv")], "weights ")
        self.count("weights " + kind)
        if kind == "in the bitstream":
            row["weights"] = rng.choice(["rom_block", "rom_logic"])
        elif kind == "fetched once":
            row["weights"] = rng.choice(["ram_block", "ram_distributed"])
        else:
            row["weights"] = "stream"
            if fc:
                row["b"] = rng.randint(1, 5)
                self.count(*(["b > 1"] if row["b"] > 1 else []))
            elif rng.random() < 0.7:
                row["band_rows"] = rng.randint(1, out_h)
                self.count(*(["several bands"] if row["band_rows"] < out_h else []))
            if rng.random() < 0.5:
                row["weight_slots"] = rng.randint(1, 3)
            if fc and rng.random() < 0.3:
                row["reorder_places"] = row["b"] + rng.randint(0, 2)
            if fc and rng.random() < 0.3:
                row["window_capacity"] = rng.randint(1, 2 * row["b"])
            if rng.random() < 0.3:
                row["fifo_depth"] = rng.randint(1, 4)

    def memory(self):
        """A port to the memory, as plan.json has it; the memory behind it ideal."""
        rng = self.rng
        bits = self.least([64, 128, 256, 512], "memory port ")
        protocol = rng.choice(["axi3", "axi4"])
        self.count(f"memory port {bits}", *(["axi3"] if protocol == "axi3" else []))
        most = min(4 if protocol == "axi3" else 8, (4096 // (bits // 8)).bit_length() - 1)
        return {"protocol": protocol, "data_bits": bits, "burst_beats": 2 ** rng.randint(0, most), "outstanding": rng.randint(1, 8)}


def values(act):
    """Lowest and highest value of an activation."""
    bits = act["bits"]
    return {"unsigned": (0, 2 ** bits - 1), "signed": (-2 ** (bits - 1), 2 ** (bits - 1) - 1), "bipolar": (-1, 1), "ternary": (-1, 1)}[act["kind"]]
