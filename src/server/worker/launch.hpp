// Starting a background worker for a job.
#pragma once

#include <cstdint>
#include <string>

#include "pg/bridge.hpp"

namespace accord::worker {

// What a worker is told when it is started: plain data, copied through shared memory.
struct launch_request {
  std::int64_t job;
  Oid database;
  TransactionId after;  // the worker waits until this transaction has ended
};

// Registers a worker for a job that this transaction has written down.  False: no worker slot is free.
bool launch(std::int64_t job, const std::string& title);

}  // namespace accord::worker
