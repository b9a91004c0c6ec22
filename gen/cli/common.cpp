#include "cli/common.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "base/assert.hpp"
#include "base/json.hpp"

namespace elb::cli {
namespace {

std::string find_config(const std::string& folder, const std::string& what, const std::string& name) {
  namespace fs = std::filesystem;
  std::error_code ec;
  if (fs::exists(name, ec)) return name;
  const fs::path shipped = fs::path(ELB_CONFIG_DIR) / folder;
  for (const std::string& candidate : {name, name + ".json"}) {
    // Only plain names are looked up: a path that does not exist stays an error.
    if (name.find('/') == std::string::npos && fs::is_regular_file(shipped / candidate, ec))
      return (shipped / candidate).string();
  }
  std::vector<std::string> names;
  for (const fs::directory_entry& e : fs::directory_iterator(shipped, ec)) {
    if (e.path().extension() == ".json") names.push_back(e.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  Diag d{.code = "io-read", .place = name, .text = "no such file, and no shipped " + what + " of that name"};
  std::string list;
  for (const std::string& n : names) list += (list.empty() ? "" : ", ") + n;
  if (!list.empty()) d.notes.push_back("shipped: " + list);
  if (const std::string near = nearest(fs::path(name).stem().string(), names); !near.empty())
    d.help = "did you mean " + near + "?";
  throw UserError(d);
}

}  // namespace

int report_errors(const std::vector<Diag>& diags, int exit_code, bool json) {
  if (json) {
    fmt::print("{}", errors_json(diags, exit_code));
  } else {
    for (const Diag& d : diags) fmt::print(stderr, "{}\n", to_string(d));
  }
  return exit_code;
}

std::string errors_json(const std::vector<Diag>& diags, int exit_code) {
  JsonWriter w;
  w.begin_object().key("error").begin_object().field("exit_code", exit_code).key("diagnostics").begin_array();
  for (const Diag& d : diags) {
    w.begin_object()
        .field("code", d.code)
        .field("place", d.place)
        .field("text", d.text)
        .key("notes")
        .begin_array();
    for (const std::string& n : d.notes) w.value(n);
    w.end_array().field("help", d.help).end_object();
  }
  w.end_array().end_object().end_object();
  return w.text();
}

int run_program(int argc, char** argv, CLI::App& app, const bool& json, const std::function<int()>& body) {
  try {
    try {
      app.parse(argc, argv);
    } catch (const CLI::Success& e) {
      return app.exit(e);  // --help, --version
    } catch (const CLI::ParseError& e) {
      const bool wanted = json || std::any_of(argv + 1, argv + argc,
                                              [](const char* a) { return std::string(a) == "--json"; });
      const Diag d{.code = "cli-usage",
                   .place = app.get_name(),
                   .text = e.what(),
                   .notes = {},
                   .help = app.get_name() + " --help lists all options"};
      return report_errors({d}, kBadInput, wanted);
    }
    return body();
  } catch (const UserError& e) {
    return report_errors(e.diags(), kBadInput, json);
  } catch (const std::exception& e) {
    const Diag d{
        .code = "internal",
        .place = app.get_name(),
        .text = e.what(),
        .notes = {},
        .help = "this is a bug of elbgen, not of your input; please report it with the command line"};
    return report_errors({d}, kOurBug, json);
  }
}

void refuse(const std::string& place, const std::string& text, const std::string& help) {
  throw UserError(Diag{.code = "cli-usage", .place = place, .text = text, .notes = {}, .help = help});
}

void check_folder_of(const std::string& file) {
  const std::filesystem::path folder = std::filesystem::path(file).parent_path();
  std::error_code ec;
  if (file.empty() || folder.empty() || std::filesystem::is_directory(folder, ec)) return;
  throw UserError(Diag{.code = "io-write",
                       .place = file,
                       .text = fmt::format("there is no directory \"{}\"", folder.string()),
                       .notes = {},
                       .help = "make it first"});
}

std::string find_network(const std::string& name) {
  return find_config("networks", "network", name);
}

std::string find_device(const std::string& name) {
  return find_config("devices", "device", name);
}

std::string find_sweep(const std::string& name) {
  return find_config("sweeps", "sweep", name);
}

}  // namespace elb::cli
