// The throw-away cluster.  See ephemeral.hpp.
#include "cli/ephemeral.hpp"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <pwd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

#include "cli/database.hpp"
#include "cli/process.hpp"

namespace accord::cli {

namespace fs = std::filesystem;

namespace {

std::string output_of(const char* command) {
  std::string text;
  if (FILE* pipe = popen(command, "r")) {
    char buffer[256];
    while (std::fgets(buffer, sizeof buffer, pipe))
      text += buffer;
    pclose(pipe);
  }
  while (!text.empty() && text.back() == '\n')
    text.pop_back();
  return text;
}

bool has_server(const fs::path& bindir) {
  std::error_code ignored;
  return fs::exists(bindir / "initdb", ignored) && fs::exists(bindir / "pg_ctl", ignored) && fs::exists(bindir / "postgres", ignored);
}

std::string find_bindir() {
  std::error_code ignored;
  fs::path self = fs::read_symlink("/proc/self/exe", ignored).parent_path();
  if (has_server(self)) return self;
  fs::path configured = output_of("${PG_CONFIG:-pg_config} --bindir 2>/dev/null");
  if (has_server(configured)) return configured;
  throw connection_failure(
      "could not find the programs of a PostgreSQL server\n"
      "HINT:  Give their folder with --bindir, or pg_config on the PATH or in PG_CONFIG.");
}

}  // namespace

ephemeral_cluster::ephemeral_cluster(const std::string& bindir) : bindir_(bindir.empty() ? find_bindir() : bindir) {
  if (!has_server(bindir_)) throw connection_failure(fmt::format("no PostgreSQL server in folder \"{}\"", bindir_));
  const passwd* user = nullptr;
  if (geteuid() == 0) {
    account_ = getpwnam("postgres") ? "postgres" : "nobody";
    user = getpwnam(account_.c_str());
    if (!user) throw connection_failure("could not find an unprivileged user to run the server as");
  }
  const char* tmp = std::getenv("TMPDIR");
  std::string pattern = std::string(tmp && *tmp ? tmp : "/tmp") + "/accord.XXXXXX";
  if (!mkdtemp(pattern.data())) throw connection_failure(fmt::format("could not make a folder \"{}\"", pattern));
  folder_ = pattern;
  try {
    start_janitor();
    if (user && chown(folder_.c_str(), user->pw_uid, user->pw_gid) != 0)
      throw connection_failure(fmt::format("could not give folder \"{}\" to user {}", folder_, account_));
    const std::string data = folder_ + "/data", log = folder_ + "/log";
    std::ofstream(log).flush();
    fs::permissions(log, fs::perms::all);
    if (run_program({bindir_ + "/initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "-N"}, log, account_) !=
        0)
      throw connection_failure("could not initialize a throw-away cluster:\n" + text_of_file(log));
    std::ofstream(data + "/postgresql.conf", std::ios::app)
        << "listen_addresses = ''\nunix_socket_directories = '" << folder_
        << "'\nfsync = off\nfull_page_writes = off\nsynchronous_commit = off\nmax_connections = "
           "20\n"
           "shared_preload_libraries = 'pg_accord'\n";
    if (run_program({bindir_ + "/pg_ctl", "-D", data, "-w", "-s", "-l", folder_ + "/data/server.log", "start"}, log, account_) != 0)
      throw connection_failure("could not start a throw-away cluster:\n" + text_of_file(data + "/server.log") +
                               "HINT:  Is pg_accord installed in the PostgreSQL of \"" + bindir_ + "\"?");
  } catch (...) {
    stop();
    throw;
  }
}

void ephemeral_cluster::start_janitor() {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) throw connection_failure("could not make a socket pair");
  janitor_ = fork();
  if (janitor_ == 0) {
    setsid();  // out of reach of the terminal's Ctrl-C
    close(ends[1]);
    char byte;
    ssize_t told;
    while ((told = read(ends[0], &byte, 1)) < 0 && errno == EINTR) {
    }
    // Without a word the tool was killed, perhaps while initdb or pg_ctl was at work: what they still make goes too.
    const std::string data = folder_ + "/data";
    for (int gone = 0, tries = 0; gone < (told == 1 ? 1 : 10) && tries < 300; tries++) {
      std::error_code ignored;
      if (fs::exists(data + "/postmaster.pid", ignored))
        run_program({bindir_ + "/pg_ctl", "-D", data, "-m", "immediate", "-w", "-s", "stop"}, "/dev/null", account_);
      fs::remove_all(folder_, ignored);
      gone = fs::exists(folder_, ignored) ? 0 : gone + 1;
      if (told != 1) usleep(100'000);
    }
    _exit(0);
  }
  close(ends[0]);
  leash_ = ends[1];
  if (janitor_ < 0) throw connection_failure("could not start a process");
}

ephemeral_cluster::~ephemeral_cluster() {
  stop();
}

void ephemeral_cluster::stop() noexcept {
  if (leash_ >= 0) {
    (void)send(leash_, "", 1, MSG_NOSIGNAL);  // a good end
    close(leash_);
  }
  leash_ = -1;
  if (janitor_ > 0) waitpid(janitor_, nullptr, 0);
  janitor_ = -1;
}

std::string ephemeral_cluster::connection_string() const {
  return fmt::format("host={} user=postgres dbname=postgres application_name=accord", folder_);
}

}  // namespace accord::cli
