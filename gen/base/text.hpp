// Files and text: reading whole files, writing a directory whole or not at all.
#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace elb {

// The whole file; UserError [io-read] when it cannot be read.
std::string read_file(const std::filesystem::path& path);
// Writes through a temporary sibling and a rename; UserError [io-write].
void write_file(const std::filesystem::path& path, const std::string& content);
// All of `files` (relative path -> content) become `dir`, or nothing does: written into a hidden sibling, then renamed
// over. An existing `dir` is replaced only when its file `marker` begins like the one in `files` (up to the first '/', the
// version of its format), or with `force`; otherwise UserError [io-write]. A reader never sees a half-written `dir`, also
// after kill -9; what killed runs left beside it goes with the next run.
void write_directory(const std::filesystem::path& dir, const std::map<std::string, std::string>& files,
                     const std::string& marker, bool force);

// What write_directory refuses of `dir`, asked before the work; `content` begins like that of `marker`.
void check_directory(const std::filesystem::path& dir, const std::string& marker, const std::string& content,
                     bool force);

std::vector<std::string> split(const std::string& s, char separator);
bool is_identifier(const std::string& s);  // [A-Za-z_][A-Za-z0-9_]*
std::string human_bytes(int64_t n);        // "10.9 MB"

}  // namespace elb
