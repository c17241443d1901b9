// accord status: every live migration, its next statement, and what is in its way.
#include <CLI/CLI.hpp>
#include <memory>

#include "cli/commands.hpp"
#include "cli/output.hpp"
#include "cli/target.hpp"

namespace accord::cli {

void add_status(CLI::App& app, int& status) {
  struct options {
    target_options where;
    format output = format::table;
  };
  auto o = std::make_shared<options>();
  auto* command = app.add_subcommand("status", "Show every live migration, its next statement and what is in its way");
  add_target_options(*command, o->where);
  add_format_option(*command, o->output);
  command->callback([o, &status] {
    target t(o->where);
    table migrations = t.db().query("SELECT * FROM accord.status");
    if (migrations.rows.empty() && o->output == format::table)
      std::puts("no live migrations");
    else
      print(migrations, o->output);
    status = compatible;
  });
}

}  // namespace accord::cli
