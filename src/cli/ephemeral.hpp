// A throw-away PostgreSQL cluster, started from the installed server, so that a CI job needs no
// database.
#pragma once

#include <string>

namespace accord::cli {

// Starts on construction; stopped and removed on destruction, and by a janitor process when this
// one dies of a signal, even kill -9. Only a socket in its own folder; as root the server runs as
// the user postgres (or nobody).  Throws connection_failure saying what went wrong.
class ephemeral_cluster {
 public:
  explicit ephemeral_cluster(const std::string& bindir);  // empty: found beside this tool, by pg_config or on PATH
  ~ephemeral_cluster();
  ephemeral_cluster(const ephemeral_cluster&) = delete;
  ephemeral_cluster& operator=(const ephemeral_cluster&) = delete;

  std::string connection_string() const;
  const std::string& bindir() const { return bindir_; }

 private:
  void start_janitor();
  void stop() noexcept;
  std::string bindir_, folder_, account_;
  int leash_ = -1;  // the janitor cleans up when this end of the pipe closes
  int janitor_ = -1;
};

}  // namespace accord::cli
