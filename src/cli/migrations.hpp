// Folders of migration files: which of them are applied, and in which order.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/files.hpp"

namespace accord::cli {

// Files to execute as they are, and files to judge.
struct migration_files {
  std::vector<source_file> applied, pending;
};

// A file is itself.  A folder is read with all below it: as Flyway does where a name is like V1__x.sql (versions in order of their numbers,
// then repeatable R__x.sql by name; undo and baseline scripts are left out), else every *.sql in natural order of the names, without
// those that undo (x.down.sql, down.sql).  `after`: Flyway versions up to and including this one have been applied already.
// Throws file_failure.
migration_files read_migrations(const std::vector<std::string>& names, const std::optional<std::string>& after);

}  // namespace accord::cli
