// Releases: one schema with a view for each contract at the version that a release of the clients' code was written for.
//
// Clients choose it in their connection string, as code and schema version are deployed together.  The views are those of versions, but they
// stay where they are through complete and undo, whatever the migrations' own schemas do.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "pg/bridge.hpp"

namespace accord::cutover {

// pg_locks shows a session that works with a release (accord.use_release) as a shared advisory lock with this objsubid.
inline constexpr int release_lock_space = 19150;

struct release {
  std::int64_t id = 0;
  std::string name, schema, created_by;
};

release get_release(const std::string& name);  // throws 42704
std::vector<std::string> release_schemas();

}  // namespace accord::cutover
