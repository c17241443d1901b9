// Where a command runs.  See target.hpp.
#include "cli/target.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/files.hpp"

namespace accord::cli {

void add_target_options(CLI::App& app, target_options& o) {
  auto* where =
      app.add_option("-d,--dbname", o.connection_string, "Database or connection string (default: the PG* environment variables)");
  auto* ephemeral = app.add_flag("--ephemeral", o.ephemeral, "Start a throw-away cluster from the installed PostgreSQL");
  app.add_option("--prepare", o.prepare, "SQL file that makes tables and contracts in it; may be given several times")
      ->type_name("FILE")
      ->needs(ephemeral);
  app.add_option("--bindir", o.bindir, "Folder of the PostgreSQL programs for --ephemeral")->needs(ephemeral);
  ephemeral->excludes(where);
}

target::target(const target_options& o) {
  std::vector<source_file> files;
  for (const auto& name : o.prepare)
    files.push_back(read_file(name));  // before the server starts: a wrong name costs nothing
  std::string where = o.connection_string;
  if (o.ephemeral) {
    cluster_ = std::make_unique<ephemeral_cluster>(o.bindir);
    where = cluster_->connection_string();
  } else if (!where.empty() && where.find('=') == std::string::npos && where.find("://") == std::string::npos) {
    where = "dbname='" + where + "'";
  }
  db_ = std::make_unique<database>(where);
  if (o.ephemeral) db_->execute("CREATE EXTENSION pg_accord");
  db_->require_extension();
  for (const auto& file : files) {
    try {
      db_->execute(file.text);
    } catch (const sql_failure& e) {
      throw sql_failure(e.sqlstate, fmt::format("{}: {}", file.name, e.what()));
    }
  }
}

}  // namespace accord::cli
