// Transactions of a process that has none around it: a background worker.
//
// Between them nothing of PostgreSQL is held but session locks, and the current memory context is the one from before.
#pragma once

#include <string>

#include "pg/bridge.hpp"
#include "pg/scope.hpp"

namespace accord {

namespace transaction_detail {
void begin();
void commit(MemoryContext outer);
void abort(bool pending, MemoryContext outer, reported_error&);
}  // namespace transaction_detail

// Runs f, which begins and commits transactions itself.  False: it failed, whatever was open is rolled back, and `error` says why;
// a cancel is an error like any other.
template <typename F>
bool outside_transaction(F&& f, reported_error& error) {
  MemoryContext outer = CurrentMemoryContext;
  bool pending = false;
  try {
    f();
    return true;
  } catch (const pg_wall::pg_error&) {
    pending = true;
  } catch (const core::failure& e) {
    error = {e.sqlstate, e.message, e.detail, e.hint, 0};
  }
  transaction_detail::abort(pending, outer, error);
  return false;
}

// Runs f in a transaction of its own.
template <typename F>
bool transaction(F&& f, reported_error& error) {
  MemoryContext outer = CurrentMemoryContext;
  return outside_transaction(
      [&] {
        transaction_detail::begin();
        f();
        transaction_detail::commit(outer);
      },
      error);
}

// Runs one statement as if a client had sent it outside a transaction block, so that it may commit on its way: CREATE INDEX
// CONCURRENTLY and the like.  To be called inside outside_transaction(), in a memory context that outlives transactions.
void run_at_top_level(const std::string& sql);

}  // namespace accord
