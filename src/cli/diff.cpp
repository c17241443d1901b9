// accord diff: what changed between two versions of a contract, or between a version and the table
// as it stands.
#include <CLI/CLI.hpp>
#include <memory>
#include <optional>

#include "cli/commands.hpp"
#include "cli/output.hpp"
#include "cli/target.hpp"

namespace accord::cli {

void add_diff(CLI::App& app, int& status) {
  struct options {
    target_options where;
    format output = format::table;
    std::string contract;
    std::optional<std::string> from, to;
  };
  auto o = std::make_shared<options>();
  auto* command = app.add_subcommand("diff", "Show what changed between two versions of a contract");
  command->add_option("contract", o->contract, "Table, as in SQL: flights, public.\"Flights\"")->required();
  command->add_option("from", o->from, "Version (default: the latest published one)");
  command->add_option("to", o->to, "Version (default: the table as it stands)");
  add_target_options(*command, o->where);
  add_format_option(*command, o->output);
  command->footer("Exit status 1 when the difference needs a new major version.");
  command->callback([o, &status] {
    target t(o->where);
    table changes = t.db().query("SELECT * FROM accord.diff($1::regclass, $2, $3)", {o->contract, o->from, o->to});
    if (changes.rows.empty() && o->output == format::table)
      std::puts("no differences");
    else
      print(changes, o->output);
    status = compatible;
    for (std::size_t i = 0; i < changes.rows.size(); i++)
      if (changes.at(i, "bump") == "major") status = incompatible;
  });
}

}  // namespace accord::cli
