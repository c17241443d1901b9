// accord plan: the steps that accord.stage would take, without taking them.
#include <CLI/CLI.hpp>
#include <memory>
#include <optional>

#include "cli/commands.hpp"
#include "cli/files.hpp"
#include "cli/output.hpp"
#include "cli/target.hpp"

namespace accord::cli {

void add_plan(CLI::App& app, int& status) {
  struct options {
    target_options where;
    format output = format::table;
    std::string contract, file;
    std::optional<std::string> up, down, to_version;
  };
  auto o = std::make_shared<options>();
  auto* command = app.add_subcommand("plan", "Show each step of a staged migration, its locks and its statements");
  command->add_option("contract", o->contract, "Table, as in SQL: flights, public.\"Flights\"")->required();
  command->add_option("file", o->file, "File with the ALTER TABLE statements; - reads standard input")->required();
  command->add_option("--up", o->up, "SET list that computes new columns from the old version");
  command->add_option("--down", o->down, "SET list that computes old columns from the new version");
  command->add_option("--to-version", o->to_version, "Version to make (default: computed)");
  add_target_options(*command, o->where);
  add_format_option(*command, o->output);
  command->callback([o, &status] {
    source_file ddl = read_file(o->file);
    target t(o->where);
    try {
      print(t.db().query("SELECT * FROM accord.plan($1::regclass, $2, up => $3, down => $4, to_version => $5)",
                         {o->contract, ddl.text, o->up, o->down, o->to_version}),
            o->output);
      status = compatible;
    } catch (const sql_failure& e) {
      if (e.sqlstate != "AC003") throw;
      std::fprintf(stderr, "accord: %s\n", e.what());  // a migration that cannot be staged
      status = incompatible;
    }
  });
}

}  // namespace accord::cli
