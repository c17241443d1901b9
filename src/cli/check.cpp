// accord check: would these SQL files break a contract, or block those who use the tables?
//
// The server judges (accord.check), so that the tool and the guard cannot disagree.  With --ephemeral the statements are then also
// executed, one by one, and what only an execution can tell is told by the guard itself.
#include <algorithm>
#include <fmt/format.h>
#include <memory>
#include <regex>

#include "cli/baseline.hpp"
#include "cli/choice.hpp"
#include "cli/commands.hpp"
#include "cli/execution.hpp"
#include "cli/files.hpp"
#include "cli/findings.hpp"
#include "cli/ignores.hpp"
#include "cli/migrations.hpp"
#include "cli/report.hpp"
#include "cli/sql_text.hpp"
#include "cli/target.hpp"

namespace accord::cli {

namespace {

struct options {
  target_options where;
  report_format format = report_format::table;
  fail_on from = fail_on::data;
  std::vector<std::string> files;
  std::optional<std::string> after;
  std::string output, baseline_file, new_baseline, reason, until;
};

exit_status verdict(const findings& found, fail_on from) {
  exit_status worst = compatible;
  for (const auto& f : found.all) {
    if (fails(f, from)) return incompatible;
    if (f.counts() && f.severity == "unknown") worst = could_not_tell;
  }
  return worst;
}

// What the server cannot read, as one finding with a place; the message is shown at once, since a report may go to a file.
void add_failure(findings& found, const script& s, int line, const char* rule, const std::string& what) {
  const auto& f = found.add(s, line, "", "unknown", rule, what);
  fmt::print(stderr, "accord: {}{}\n", f.place().empty() ? "" : f.place() + ": ", what);
}

int line_of_error(const std::string& message) {
  static const std::regex form("(?:^|\\n)LINE ([0-9]+):");
  std::smatch m;
  return std::regex_search(message, m, form) ? std::stoi(m[1]) : 0;
}

// The whole script for the server, and what the tool itself reads from it.
struct reading {
  std::string text;
  std::vector<text_piece> comments, psql_only;
};

reading read_script(const script& s) {
  reading r;
  for (std::size_t i = 0; i < s.files().size(); i++) {
    auto scanned = scan_sql(s.files()[i].text);
    auto gather = [&](std::vector<text_piece>& to, std::vector<text_piece>& from) {
      for (auto& piece : from)
        to.push_back({piece.line + s.first_lines()[i] - 1, std::move(piece.text)});
    };
    gather(r.comments, scanned.comments);
    gather(r.psql_only, scanned.psql_only);
  }
  r.text = s.text();
  return r;
}

// False: the script is not for the server.
bool is_plain_sql(const reading& r, const script& s, findings& found) {
  for (const auto& piece : r.psql_only)
    add_failure(
        found, s, piece.line, tool_rule::not_plain_sql,
        piece.text.starts_with("\\")
            ? fmt::format("\"{}\" is a command of psql, not SQL\nHINT:  Give the files that \\i names as arguments, in their order; "
                          "write other commands as SQL.",
                          piece.text)
            : fmt::format("\"{}\" reads its rows from the client\nHINT:  Write them as INSERT, or give the file with --prepare.",
                          piece.text));
  return r.psql_only.empty();
}

void judge(const options& o, const script& s, const reading& r, const std::vector<source_file>& applied, findings& found) {
  target t(o.where, applied);
  try {
    std::vector<text_piece> statements;
    for (const auto& row : t.db().query("SELECT line, statement FROM accord.statements($1)", {r.text}).rows)
      statements.push_back({std::stoi(*row[0]), *row[1]});
    try {
      found.add_rows(t.db().query("SELECT * FROM accord.check($1)", {r.text}), s);
    } catch (const sql_failure&) {
      if (!t.is_ephemeral()) throw;  // where a statement could not be told, a later one seems to fail; the execution knows
    }
    if (t.is_ephemeral()) {
      if (t.db().query("SELECT FROM accord.contracts").rows.empty())
        fmt::print(stderr, "accord: there is no contract that anything could break; load some with --contracts\n");
      execute_for_real(t.db(), s, statements, found);
      for (const auto& f : found.all)
        if (f.rule == tool_rule::failed) fmt::print(stderr, "accord: {}: {}\n", f.place(), f.element);
    }
    apply_ignores(found, s, r.comments, statements);
  } catch (const sql_failure& e) {
    add_failure(found, s, line_of_error(e.what()), tool_rule::failed, e.what());
  }
}

int check(const options& o) {
  if (!o.new_baseline.empty() && !is_date(o.until)) throw file_failure(fmt::format("--until: \"{}\" is not a date", o.until));
  if (!o.new_baseline.empty() && o.reason.find_first_not_of(" \t\r\n") == std::string::npos)
    throw file_failure("--reason: a baseline needs a reason");
  baseline known;
  if (!o.baseline_file.empty()) known = read_baseline(o.baseline_file);
  auto files = read_migrations(o.files, o.after);
  script s(std::move(files.pending));
  auto r = read_script(s);
  findings found;
  if (is_plain_sql(r, s, found)) judge(o, s, r, files.applied, found);
  if (!o.baseline_file.empty()) apply_baseline(found, s, known, o.baseline_file);
  found.sort();
  int status = verdict(found, o.from);
  if (!o.new_baseline.empty()) {
    write_baseline(o.new_baseline, found, known, o.reason, o.until);
    bool complete = std::none_of(found.all.begin(), found.all.end(), [](const finding& f) { return !may_be_suppressed(f); });
    status = complete ? compatible : could_not_tell;  // what may be in the baseline is in it now
  }
  std::string report = in_format(o.format, found, s, o.from, status);
  if (o.output.empty()) {
    std::fputs(report.c_str(), stdout);
  } else {
    write_file(o.output, report);
    fmt::print("{}\n", summary_of(found));
  }
  return status;
}

}  // namespace

void add_check(CLI::App& app, int& status) {
  auto o = std::make_shared<options>();
  auto* command = app.add_subcommand("check", "Judge SQL files, in order: would they break a contract, or block those who use the tables?");
  command->add_option("files", o->files, "SQL files, folders of migrations (Flyway or plain), or - for standard input")
      ->required()
      ->type_name("FILE");
  add_target_options(*command, o->where);
  command->add_option("--after", o->after, "Flyway version that is applied already: with --ephemeral those up to it are executed first")
      ->type_name("VERSION");
  static const std::map<std::string, report_format> words{{"table", report_format::table},
                                                          {"json", report_format::json},
                                                          {"junit", report_format::junit},
                                                          {"sarif", report_format::sarif},
                                                          {"github", report_format::github}};
  add_choice(*command, "--format", words, o->format, "Report: table, json, junit, sarif (2.1.0) or github (annotations)")
      ->default_str("table");
  static const std::map<std::string, fail_on> levels{
      {"error", fail_on::error}, {"data", fail_on::data}, {"warning", fail_on::warning}, {"advice", fail_on::advice}};
  add_choice(*command, "--fail-on", levels, o->from,
             "Exit status 1 for: error (breaks a contract, or fails), data (or reads or copies a table that holds rows under a lock), "
             "warning, advice")
      ->default_str("data");
  command->add_option("--output", o->output, "Write the report to this file, and a summary to standard output")->type_name("FILE");
  command->add_option("--baseline", o->baseline_file, "Findings that were there already: let pass until their dates")->type_name("FILE");
  auto* reason = command->add_option("--reason", o->reason, "Why what --write-baseline writes may pass");
  auto* until = command->add_option("--until", o->until, "Until when, as 2027-01-31")->type_name("DATE");
  auto* write = command->add_option("--write-baseline", o->new_baseline, "Write all findings to this file, to let them pass from now on")
                    ->type_name("FILE")
                    ->needs(reason)
                    ->needs(until);
  reason->needs(write);
  until->needs(write);
  command->callback([o, &status] { status = check(*o); });
}

}  // namespace accord::cli
