// Scopes: state of the backend that is changed for a block and put back at its end.
//
// Each destructor only restores globals, so it is safe while an error unwinds.
#pragma once

#include <exception>

#include "pg/bridge.hpp"

namespace accord {

// Runs as another user, as a SECURITY DEFINER function does.  `restricted` adds a
// security-restricted operation: user-written expressions run under it, so that they cannot reach
// the caller's rights or leave anything behind in the session.
class as_user {
 public:
  explicit as_user(Oid user, bool restricted = false) {
    GetUserIdAndSecContext(&user_, &context_);
    SetUserIdAndSecContext(user, context_ | SECURITY_LOCAL_USERID_CHANGE | (restricted ? SECURITY_RESTRICTED_OPERATION : 0));
  }
  ~as_user() { SetUserIdAndSecContext(user_, context_); }
  as_user(const as_user&) = delete;
  as_user& operator=(const as_user&) = delete;

 private:
  Oid user_;
  int context_;
};

// The owner of pg_accord's own tables.
Oid extension_owner();

// Settings changed for a block: search_path pinned, session_replication_role, row_security ...
// While an exception unwinds the destructor leaves the work to the (sub)transaction's abort, which
// closes all nest levels above its own.
class local_settings {
 public:
  local_settings() : exceptions_(std::uncaught_exceptions()), level_(NewGUCNestLevel()) {}
  ~local_settings();
  local_settings(const local_settings&) = delete;
  local_settings& operator=(const local_settings&) = delete;

  // Sets with superuser rights whatever the current user may set; `name` and `value` are ours,
  // never a user's.
  local_settings& set(const char* name, const char* value);

 private:
  int exceptions_;
  int level_;
};

// What every internal query of ours runs under: search_path = pg_catalog, pg_temp, and constants printed so that they mean the same in every session.
class pinned_search_path : public local_settings {
 public:
  pinned_search_path();
};

// A memory context for a block.
class memory_scope {
 public:
  explicit memory_scope(const char* name);
  ~memory_scope();
  memory_scope(const memory_scope&) = delete;
  memory_scope& operator=(const memory_scope&) = delete;
  MemoryContext context() const { return context_; }

 private:
  MemoryContext context_, outer_;
};

// Runs f in a subtransaction: true and committed, or false, rolled back, and `error` filled with
// what PostgreSQL or C++ reported. A cancel is not caught: it goes on as an error after the
// rollback.
struct reported_error {
  std::string sqlstate, message, detail, hint;
  int cursor_position = 0;
};
template <typename F>
bool subtransaction(F&& f, reported_error& error);

namespace scope_detail {
struct subtransaction_state {
  MemoryContext context;
  ResourceOwner owner;
};
subtransaction_state begin_subtransaction();
void commit_subtransaction(const subtransaction_state&);
void abort_subtransaction(const subtransaction_state&, bool pending, reported_error&);
}  // namespace scope_detail

template <typename F>
bool subtransaction(F&& f, reported_error& error) {
  auto state = scope_detail::begin_subtransaction();
  bool pending = false;
  try {
    f();
    scope_detail::commit_subtransaction(state);
    return true;
  } catch (const pg_wall::pg_error&) {
    pending = true;
  } catch (const core::failure& e) {
    error = {e.sqlstate, e.message, e.detail, e.hint, 0};
  }
  scope_detail::abort_subtransaction(state, pending, error);
  if (error.sqlstate == "57014") throw core::failure(error.sqlstate, error.message, error.detail, error.hint);
  return false;
}

}  // namespace accord
