"""Of the module TOP in the folder that this runs in: sites, registers, half block RAMs and DSP slices, then the deepest path of each kind."""
import json
import os
import sys

tools, top, technology = sys.argv[1:]
sys.path.insert(0, tools)
import paths  # noqa: E402
import sites  # noqa: E402
import synthesis  # noqa: E402

memories = [{"file": os.path.join("mem", name)} for name in sorted(os.listdir("mem"))]
with open("manifest.json", "w", encoding="utf-8") as f:
    json.dump({"top": top, "technology": technology, "synthesis_filelist": "synthesised.f", "memories": memories}, f)
design = synthesis.Design(".")
netlists = synthesis.synthesise(design, synthesis.reachable(design, top), ["yosys"], "netlists", 1, lambda *_: None)
found = sites.Counts(netlists).of(top)
print(found["sites"], found["ff"], int(2 * found["bram36"]), found["dsp"])
for kind, path in sorted(paths.Analysis(netlists).of(top).deepest.items()):
    print(kind, path.lut_levels, path.chains, path.dsp, path.start, path.end)
