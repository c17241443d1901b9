// Filling a throw-away cluster: from SQL files, folders of migrations, and dumps.
#pragma once

#include <string>

#include "cli/database.hpp"
#include "cli/files.hpp"

namespace accord::cli {

struct load_target {
  database& db;
  std::string connection_string;
  std::string bindir;  // psql and pg_restore, where a dump needs them
};

// What pg_dump wrote in any format, or anything that `read_migrations` reads.  Roles that it names and that do not exist are made, without a
// password or LOGIN.  Throws sql_failure with the file's name, file_failure, connection_failure.
void load(const load_target&, const std::string& name);
void load(const load_target&, const source_file&);

}  // namespace accord::cli
