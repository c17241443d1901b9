// own_ddl: tells the guard that a DDL statement is pg_accord's own.
//
// A backend-local counter and never a setting, which a user could set.  (Sub)transaction callbacks
// put it back after an error, since a longjmp can skip the scope's destructor only when the scope
// lies between two pg() calls, and an abort always ends what it was for.
#pragma once

namespace accord {

class own_ddl {
 public:
  own_ddl();
  ~own_ddl();
  own_ddl(const own_ddl&) = delete;
  own_ddl& operator=(const own_ddl&) = delete;

  static bool active();
  // For a background worker, which runs nothing but our own statements and may commit in the middle of one.
  static void for_this_process();
};

// Called once from _PG_init.
void own_ddl_init();

}  // namespace accord
