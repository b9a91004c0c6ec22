#include "sim/harness/process.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <map>

#include "base/assert.hpp"

namespace elb::harness {
namespace {

pid_t start(const Command& command) {
  std::vector<char*> argv;
  for (const std::string& a : command.argv) argv.push_back(const_cast<char*>(a.c_str()));
  argv.push_back(nullptr);
  const pid_t pid = ::fork();
  ELB_ASSERT(pid >= 0, "fork failed");
  if (pid != 0) return pid;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  const int log = ::open(command.log.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
  const int none = ::open("/dev/null", O_RDONLY);
  if (log < 0 || none < 0) ::_exit(127);
  ::dup2(none, 0);
  ::dup2(log, 1);
  ::dup2(log, 2);
  ::execvp(argv[0], argv.data());
  ::_exit(127);
}

int status_of(int raw) {
  return WIFEXITED(raw) ? WEXITSTATUS(raw) : 128 + WTERMSIG(raw);
}

}  // namespace

int run_command(const Command& command) {
  const pid_t pid = start(command);
  int raw = 0;
  while (::waitpid(pid, &raw, 0) < 0) ELB_ASSERT(errno == EINTR, "waitpid failed");
  return status_of(raw);
}

int run_commands(const std::vector<Command>& commands, int jobs, const std::function<void(int)>& tick) {
  std::map<pid_t, size_t> running;
  size_t next = 0;
  int failed = -1, ended = 0;
  while ((next < commands.size() && failed < 0) || !running.empty()) {
    if (next < commands.size() && failed < 0 && static_cast<int>(running.size()) < jobs) {
      running[start(commands[next])] = next;
      ++next;
      continue;
    }
    // Only our own children: this process may have others.
    for (auto it = running.begin(); it != running.end();) {
      int raw = 0;
      if (::waitpid(it->first, &raw, WNOHANG) != it->first) {
        ++it;
        continue;
      }
      const int index = static_cast<int>(it->second);
      if (status_of(raw) != 0 && (failed < 0 || index < failed)) failed = index;
      it = running.erase(it);
      ++ended;
    }
    if (tick) tick(ended);
    ::usleep(2000);
  }
  return failed;
}

}  // namespace elb::harness
