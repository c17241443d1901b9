// accord: the companion tool of pg_accord.
#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/commands.hpp"
#include "cli/database.hpp"
#include "cli/files.hpp"

int main(int argc, char** argv) {
  using namespace accord::cli;
  CLI::App app{"Contracts, guarded DDL and staged migrations of PostgreSQL tables, for CI and operators."};
  app.set_version_flag("--version", "accord " ACCORD_VERSION);
  app.require_subcommand(1);
  app.footer("Exit status: 0 compatible (or done), 1 incompatible, 2 could not tell.");
  int status = could_not_tell;
  add_check(app, status);
  add_status(app, status);
  add_diff(app, status);
  add_plan(app, status);
  try {
    app.parse(argc, argv);
    return status;
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? compatible : could_not_tell;
  } catch (const sql_failure& e) {
    fmt::print(stderr, "accord: {}\n", e.what());
  } catch (const connection_failure& e) {
    fmt::print(stderr, "accord: {}\n", e.what());
  } catch (const file_failure& e) {
    fmt::print(stderr, "accord: {}\n", e.what());
  } catch (const std::exception& e) {
    fmt::print(stderr, "accord: unexpected: {}\n", e.what());
  }
  return could_not_tell;
}
