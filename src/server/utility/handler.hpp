// What the utility hook hands to those who judge a statement, and what it gets from them.
#pragma once

#include <memory>
#include <string>

#include "server/guard/statement.hpp"

namespace accord::utility {

using guard::statement;

// What is known before the statement runs and needed afterwards.
class judged {
 public:
  virtual ~judged() = default;
  virtual void after() = 0;  // it has run; an error here undoes it
};

// A statement that is only recorded, once it has run; `text` as it goes into the audit log.
std::unique_ptr<judged> recorded(std::string tag, std::string text);

// Called before the statement runs, and before it locks anything: refuses by throwing.  Nothing: it needs no second look.
using handler = std::unique_ptr<judged> (*)(const statement&);

std::unique_ptr<judged> on_truncate(const statement&);
std::unique_ptr<judged> on_heap_rewrite(const statement&);     // CLUSTER, VACUUM FULL
std::unique_ptr<judged> on_role_change(const statement&);      // GRANT and REVOKE of roles, ALTER and DROP ROLE, REASSIGN OWNED
std::unique_ptr<judged> on_stored_setting(const statement&);   // ALTER ROLE, DATABASE and SYSTEM SET
std::unique_ptr<judged> on_session_setting(const statement&);  // SET session_replication_role
std::unique_ptr<judged> on_guard_tampering(const statement&);  // the guard's event triggers

}  // namespace accord::utility
