// executor: as whom a script is executed on the clones.
//
// Planning alone evaluates what a table's owner wrote: an index, a check, a default, a policy, a view calls functions, and those that are
// immutable run when their arguments are constants.  What belongs to others must not run with the caller's rights, and what the caller wrote
// not with another's.  So the clones belong to the caller where nobody else's code can be reached; to the owner of the tables where the caller has his
// rights anyway, in a security-restricted operation; and else nothing is executed.
#pragma once

#include <string>

#include "pg/scope.hpp"
#include "server/check/closure.hpp"

namespace accord::check {

struct executor {
  Oid user = InvalidOid;
  bool restricted = false;
};

// SQLSTATE of a script that can be executed as nobody; the message says why.
inline constexpr const char* nobodys = "AC997";

// Throws core::failure(nobodys).  `searched`: the schemas of the search_path.
executor executor_for(const closure&, const std::string& script, const std::vector<std::string>& searched);

class as_executor : public as_user {
 public:
  explicit as_executor(const executor& e) : as_user(e.user, e.restricted) {}
};

}  // namespace accord::check
