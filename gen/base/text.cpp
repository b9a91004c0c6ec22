#include "base/text.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <vector>

#include "base/diag.hpp"

namespace elb {
namespace fs = std::filesystem;
namespace {

[[noreturn]] void write_failed(const fs::path& path, const std::string& why) {
  throw UserError(Diag{.code = "io-write",
                       .place = path.string(),
                       .text = "cannot be written: " + why,
                       .notes = {},
                       .help = ""});
}

// Errors speak of `named`, the file that the user knows of.
void write_whole(const fs::path& path, const std::string& content, const fs::path& named) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (fd < 0) write_failed(named, std::strerror(errno));
  size_t done = 0;
  while (done < content.size()) {
    const ssize_t n = ::write(fd, content.data() + done, content.size() - done);
    if (n < 0) {
      const std::string why = std::strerror(errno);
      ::close(fd);
      write_failed(named, why);
    }
    done += static_cast<size_t>(n);
  }
  ::close(fd);
}

fs::path sibling(const fs::path& path, const char* what) {
  fs::path absolute = fs::absolute(path).lexically_normal();
  if (absolute.filename().empty()) absolute = absolute.parent_path();
  return absolute.parent_path() / fmt::format(".{}.{}-{}", absolute.filename().string(), what, ::getpid());
}

// What earlier runs left that were killed: .NAME.part-PID and .NAME.old-PID of processes that are no more.
void remove_leftovers(const fs::path& dir) {
  for (const char* what : {"part", "old"}) {
    const fs::path mine = sibling(dir, what);
    const std::string name = mine.filename().string();
    const std::string stem = name.substr(0, name.rfind('-') + 1);
    std::error_code ec;
    std::vector<fs::path> dead;
    for (const fs::directory_entry& e : fs::directory_iterator(mine.parent_path(), ec)) {
      const std::string other = e.path().filename().string();
      if (other.compare(0, stem.size(), stem) != 0) continue;
      const std::string pid = other.substr(stem.size());
      if (pid.empty() || pid.size() > 9 || pid.find_first_not_of("0123456789") != std::string::npos) continue;
      if (::kill(static_cast<pid_t>(std::stol(pid)), 0) != 0 && errno == ESRCH) dead.push_back(e.path());
    }
    for (const fs::path& p : dead) fs::remove_all(p, ec);
  }
}

// Whether the marker in `dir` begins like the new one, up to the version of its format.
bool is_ours(const fs::path& marker, const std::string& like) {
  const std::string begin = like.substr(0, like.find('/') + 1);
  std::ifstream in(marker, std::ios::binary);
  std::string found(begin.size(), '\0');
  return in.read(found.data(), static_cast<std::streamsize>(found.size())) && found == begin;
}

}  // namespace

std::string read_file(const fs::path& path) {
  std::error_code ec;
  const auto refuse = [&](const std::string& why) {
    throw UserError(Diag{.code = "io-read", .place = path.string(), .text = why, .notes = {}, .help = ""});
  };
  if (!fs::exists(path, ec)) refuse("no such file");
  if (fs::is_directory(path, ec)) refuse("is a directory, a file was expected");
  std::ifstream in(path, std::ios::binary);
  if (!in) refuse(std::string("cannot be read: ") + std::strerror(errno));
  std::string content((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  if (in.bad()) refuse("cannot be read to its end");
  return content;
}

void write_file(const fs::path& path, const std::string& content) {
  const fs::path temporary = sibling(path, "part");
  write_whole(temporary, content, path);
  std::error_code ec;
  fs::rename(temporary, path, ec);
  if (ec) {
    std::error_code ignored;
    fs::remove(temporary, ignored);
    write_failed(path, ec.message());
  }
}

void check_directory(const fs::path& dir, const std::string& marker, const std::string& content, bool force) {
  std::error_code ec;
  if (force || !fs::exists(fs::symlink_status(dir, ec))) return;
  if (fs::is_directory(dir, ec) && fs::is_empty(dir, ec)) return;
  if (is_ours(dir / marker, content)) return;
  throw UserError(
      Diag{.code = "io-write",
           .place = dir.string(),
           .text = fmt::format("exists and was not written by elbgen (it has no '{}' of elbgen)", marker),
           .notes = {},
           .help = "choose another directory, or --force to replace it"});
}

void write_directory(const fs::path& dir, const std::map<std::string, std::string>& files,
                     const std::string& marker, bool force) {
  check_directory(dir, marker, files.at(marker), force);
  std::error_code ec;
  const bool exists = fs::exists(fs::symlink_status(dir, ec));
  const fs::path part = sibling(dir, "part"), old = sibling(dir, "old");
  const auto clean = [&] {
    std::error_code ignored;
    fs::remove_all(part, ignored);
  };
  try {
    clean();
    remove_leftovers(dir);
    fs::create_directories(part, ec);
    if (ec) write_failed(dir, ec.message());
    for (const auto& [name, content] : files) {
      const fs::path file = part / name;
      fs::create_directories(file.parent_path(), ec);
      if (ec) write_failed(file, ec.message());
      write_whole(file, content, dir / name);
    }
    if (exists) {
      // One atomic exchange, so that no moment exists in which `dir` is absent or half there.
      if (::renameat2(AT_FDCWD, part.c_str(), AT_FDCWD, dir.c_str(), RENAME_EXCHANGE) != 0) {
        fs::rename(dir, old, ec);
        if (ec) write_failed(dir, ec.message());
        fs::rename(part, dir, ec);
        if (ec) write_failed(dir, ec.message());
        fs::remove_all(old, ec);
      } else {
        clean();
      }
    } else {
      fs::rename(part, dir, ec);
      if (ec) write_failed(dir, ec.message());
    }
  } catch (...) {
    clean();
    throw;
  }
}

std::vector<std::string> split(const std::string& s, char separator) {
  std::vector<std::string> out(1);
  for (char c : s) {
    if (c == separator) {
      out.emplace_back();
    } else {
      out.back() += c;
    }
  }
  return out;
}

bool is_identifier(const std::string& s) {
  if (s.empty() || (s[0] >= '0' && s[0] <= '9')) return false;
  for (char c : s) {
    const bool good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    if (!good) return false;
  }
  return true;
}

std::string human_bytes(int64_t n) {
  if (n < 1000) return fmt::format("{} B", n);
  const char* units[] = {"kB", "MB", "GB", "TB"};
  double v = static_cast<double>(n) / 1000;
  int u = 0;
  while (v >= 1000 && u < 3) {
    v /= 1000;
    ++u;
  }
  return fmt::format("{:.1f} {}", v, units[u]);
}

}  // namespace elb
