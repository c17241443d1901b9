// written_steps: SQL of the user's own that belongs to a migration, each statement with the one that takes it back.
//
// A type, a function or a table that the new version needs comes with it and goes with it: the steps run first in the transaction of stage, so
// that up and down can use what they make, and are taken back last by rollback, in reverse order.  Completion leaves what they made.
//
// Invariants: they run as the table's owner of the time of stage in a security-restricted operation, since who rolls back need not be who staged
// and a later owner has not written them; under the search_path of who staged; and the guard judges them like any other statement.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "pg/bridge.hpp"

namespace accord::migration {

struct written_step {
  std::string sql, undo;
};

// '[{"sql": "CREATE TYPE …", "undo": "DROP TYPE …"}]'; 22023 for anything else.
std::vector<written_step> written_steps_in(const std::string& steps);
void run_written_steps(Oid relation, const std::string& steps);
// Those of a migration, last one first.
void undo_written_steps(std::int64_t migration);
// Keeps them for undo_written_steps.
void save_written_steps(Oid relation, std::int64_t migration, const std::string& steps);

}  // namespace accord::migration
