// Where a command runs.  See target.hpp.
#include "cli/target.hpp"

#include <CLI/CLI.hpp>
#include <filesystem>
#include <fmt/format.h>

#include "cli/files.hpp"
#include "cli/loading.hpp"

namespace accord::cli {

void add_target_options(CLI::App& app, target_options& o) {
  auto* where =
      app.add_option("-d,--dbname", o.connection_string, "Database or connection string (default: the PG* environment variables)");
  auto* ephemeral = app.add_flag("--ephemeral", o.ephemeral, "Start a throw-away cluster from the installed PostgreSQL");
  app.add_option("--prepare", o.prepare, "SQL file, folder of migrations or dump that makes the tables in it; may be given several times")
      ->type_name("FILE")
      ->needs(ephemeral);
  app.add_option("--contracts", o.contracts,
                 "The same for contracts: calls of accord.register_contract and others, or a dump of accord_catalog")
      ->type_name("FILE")
      ->needs(ephemeral);
  app.add_option("--bindir", o.bindir, "Folder of the PostgreSQL programs for --ephemeral")->needs(ephemeral);
  ephemeral->excludes(where);
}

namespace {

void insist_on_files(const std::vector<std::string>& names) {
  for (const auto& name : names) {
    std::error_code ignored;
    if (name != "-" && !std::filesystem::exists(name, ignored)) throw file_failure(fmt::format("there is no file \"{}\"", name));
  }
}

}  // namespace

target::target(const target_options& o, const std::vector<source_file>& applied) {
  insist_on_files(o.prepare);  // before the server starts: a wrong name costs nothing
  insist_on_files(o.contracts);
  std::string where = o.connection_string;
  if (o.ephemeral) {
    cluster_ = std::make_unique<ephemeral_cluster>(o.bindir);
    where = cluster_->connection_string();
  } else if (!where.empty() && where.find('=') == std::string::npos && where.find("://") == std::string::npos) {
    where = "dbname='" + where + "'";
  }
  db_ = std::make_unique<database>(where);
  if (o.ephemeral) {
    db_->execute("CREATE EXTENSION pg_accord");
    load_target to{*db_, where, cluster_->bindir()};
    for (const auto& name : o.prepare)
      load(to, name);
    for (const auto& file : applied)
      load(to, file);
    for (const auto& name : o.contracts)
      load(to, name);
    db_ = std::make_unique<database>(where);  // a session that no file has changed the settings of
  }
  db_->require_extension();
}

}  // namespace accord::cli
