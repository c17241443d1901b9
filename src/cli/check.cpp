// accord check: would these SQL files break a contract?
//
// The server judges (accord.check), so that the tool and the guard cannot disagree.  With
// --ephemeral the statements are then also executed, one by one, and what only an execution can
// tell is told by the guard itself.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <fmt/format.h>
#include <memory>

#include "cli/commands.hpp"
#include "cli/files.hpp"
#include "cli/output.hpp"
#include "cli/target.hpp"

namespace accord::cli {

namespace {

struct options {
  target_options where;
  format output = format::table;
  std::vector<std::string> files;
};

// The findings with the file and line in front, and without the statements that nothing is to be
// said of.
table located(const table& findings, const script& s) {
  table t;
  t.columns.push_back("place");
  t.kinds.push_back(value_kind::text);
  t.columns.insert(t.columns.end(), findings.columns.begin(), findings.columns.end());
  t.kinds.insert(t.kinds.end(), findings.kinds.begin(), findings.kinds.end());
  std::size_t line = findings.index_of("line");
  for (const auto& row : findings.rows) {
    auto& r = t.rows.emplace_back();
    r.push_back(row[line] ? std::optional(s.place(std::stoi(*row[line]))) : std::nullopt);
    r.insert(r.end(), row.begin(), row.end());
  }
  return t;
}

exit_status verdict(const table& findings) {
  exit_status worst = compatible;
  std::size_t severity = findings.index_of("severity");
  for (const auto& row : findings.rows) {
    if (row[severity] == "error") return incompatible;
    if (row[severity] == "unknown") worst = could_not_tell;
  }
  return worst;
}

// Executes the statements one by one, with the guard as judge.  A refusal is added to the findings
// and the script goes on without the guard for that statement, so that later ones meet the table
// they expect; a statement that ran is no longer unknown.
void execute_for_real(database& db, const script& s, table& findings) {
  table statements = db.query("SELECT line, statement FROM accord.statements($1)", {s.text()});
  std::size_t line = findings.index_of("line"), severity = findings.index_of("severity"), rule = findings.index_of("rule"),
              text = findings.index_of("statement");
  auto with_severity = [&](const std::optional<std::string>& at_line, const char* word) {
    return std::find_if(findings.rows.begin(), findings.rows.end(),
                        [&](const auto& row) { return row[line] == at_line && row[severity] == word; });
  };
  for (const auto& statement : statements.rows) {
    try {
      db.execute(*statement[1]);
    } catch (const sql_failure& e) {
      if (e.sqlstate != "AC001") throw sql_failure(e.sqlstate, fmt::format("{}: {}", s.place(std::stoi(*statement[0])), e.what()));
      if (with_severity(statement[0], "error") == findings.rows.end()) {
        auto& row = findings.rows.emplace_back(findings.columns.size());
        row[line] = statement[0];
        row[text] = statement[1];
        row[severity] = "error";
        row[rule] = "refused-by-guard";
        row[findings.index_of("element")] = e.what();
      }
      db.execute("SET accord.guard = off");
      db.execute(*statement[1]);
      db.execute("RESET accord.guard");
    }
    if (auto unknown = with_severity(statement[0], "unknown"); unknown != findings.rows.end()) findings.rows.erase(unknown);
  }
}

}  // namespace

void add_check(CLI::App& app, int& status) {
  auto o = std::make_shared<options>();
  auto* command = app.add_subcommand("check", "Judge SQL files, in order: would they break a contract?");
  command->add_option("files", o->files, "SQL files; - reads standard input")->required()->type_name("FILE");
  add_target_options(*command, o->where);
  add_format_option(*command, o->output);
  command->callback([o, &status] {
    std::vector<source_file> files;
    for (const auto& name : o->files)
      files.push_back(read_file(name));
    script s(std::move(files));
    target t(o->where);
    table findings = t.db().query("SELECT * FROM accord.check($1)", {s.text()});
    if (t.is_ephemeral()) execute_for_real(t.db(), s, findings);
    status = verdict(findings);
    if (findings.rows.empty() && o->output == format::table)
      std::puts("compatible");
    else
      print(located(findings, s), o->output);
  });
}

}  // namespace accord::cli
