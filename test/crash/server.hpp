// The server of a crash test: killed without warning, and back again.
#pragma once

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <gtest/gtest.h>

#include "session.hpp"

namespace accord_test {

inline int postmaster_pid() {
  std::ifstream file(std::string(std::getenv("ACCORD_CLUSTER")) + "/data/postmaster.pid");
  int pid = 0;
  file >> pid;
  return pid;
}

// After kill -9 of the postmaster.
inline void start_server() {
  const std::string start = std::string(std::getenv("ACCORD_PG_CTL")) + " start >/dev/null 2>&1";
  for (int i = 0; i < 100; i++) {
    if (std::system(start.c_str()) == 0) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(100));  // backends of the old server are still on their way out
  }
  FAIL() << "the server does not start";
}

inline void wait_for_server(const std::string& other_than = "") {
  const char* const checkpointer = "SELECT pid FROM pg_stat_activity WHERE backend_type = 'checkpointer'";
  for (int i = 0; i < 400; i++) {
    try {
      if (session().value(checkpointer) != other_than) return;
    } catch (const std::exception&) {
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  FAIL() << "the server does not come back";
}

// kill -9 of one process, until the postmaster has thrown everybody out and recovered.  A busy one goes on for a while with the others, and lets
// clients in; the next checkpointer is another.
inline void kill_process(int pid) {
  const std::string checkpointer = session().value("SELECT pid FROM pg_stat_activity WHERE backend_type = 'checkpointer'");
  kill(pid, SIGKILL);
  wait_for_server(checkpointer);
}

}  // namespace accord_test
