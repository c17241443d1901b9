// Running another program.  See process.hpp.
#include "cli/process.hpp"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <pwd.h>
#include <sstream>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/files.hpp"

namespace accord::cli {

int run_program(const std::vector<std::string>& words, const std::string& log, const std::string& account) {
  pid_t child = fork();
  if (child < 0) return -1;
  if (child == 0) {
    if (!std::freopen("/dev/null", "r", stdin) || !std::freopen(log.c_str(), "a", stdout) || dup2(fileno(stdout), STDERR_FILENO) < 0)
      _exit(126);
    if (!account.empty()) {
      const passwd* user = getpwnam(account.c_str());
      if (!user || setgid(user->pw_gid) != 0 || setuid(user->pw_uid) != 0) _exit(126);
    }
    prctl(PR_SET_PDEATHSIG, SIGTERM);  // it does not outlive a killed tool
    std::vector<char*> argv;
    argv.reserve(words.size() + 1);
    for (const auto& word : words)
      argv.push_back(const_cast<char*>(word.c_str()));
    argv.push_back(nullptr);
    execv(argv[0], argv.data());
    _exit(127);
  }
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

std::string text_of_file(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

scratch_folder::scratch_folder() {
  const char* tmp = std::getenv("TMPDIR");
  path_ = std::string(tmp && *tmp ? tmp : "/tmp") + "/accord-load.XXXXXX";
  if (!mkdtemp(path_.data())) throw file_failure(fmt::format("could not make a folder \"{}\"", path_));
}

scratch_folder::~scratch_folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace accord::cli
