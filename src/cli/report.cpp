// Reports for people: table, JSON and GitHub annotations.  See report.hpp.
#include "cli/report.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "cli/output.hpp"

namespace accord::cli {

namespace {

std::optional<std::string> or_null(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

// Place, verdict and everything else that accord.check tells.
table as_rows(const findings& found, bool for_programs) {
  table t;
  auto column = [&](std::string name, value_kind kind) {
    t.columns.push_back(std::move(name));
    t.kinds.push_back(kind);
  };
  column("place", value_kind::text);
  if (for_programs) {
    column("file", value_kind::text);
    column("line", value_kind::number);
  }
  for (const char* name : {"statement", "rule", "severity", "element"})
    column(name, value_kind::text);
  for (const auto& [name, kind] : found.detail_columns)
    column(name, kind);
  if (for_programs)
    for (const char* name : {"suppressed_by", "reason", "until"})
      column(name, value_kind::text);
  else
    column("suppressed", value_kind::text);
  for (const auto& f : found.all) {
    auto& row = t.rows.emplace_back();
    row.push_back(or_null(f.place()));
    if (for_programs) {
      row.push_back(or_null(f.file));
      row.push_back(f.file_line ? std::optional(std::to_string(f.file_line)) : std::nullopt);
    }
    row.push_back(or_null(f.statement));
    row.push_back(or_null(f.rule));
    row.push_back(f.severity);
    row.push_back(or_null(f.element));
    for (const auto& [name, kind] : found.detail_columns)
      row.push_back(or_null(f.detail(name)));
    if (for_programs) {
      row.push_back(f.suppressed ? std::optional(f.suppressed->by) : std::nullopt);
      row.push_back(f.suppressed ? std::optional(f.suppressed->reason) : std::nullopt);
      row.push_back(f.suppressed ? std::optional(f.suppressed->until) : std::nullopt);
    } else {
      row.push_back(f.suppressed
                        ? std::optional(fmt::format("{} until {}: {}", f.suppressed->by, f.suppressed->until, f.suppressed->reason))
                        : std::nullopt);
    }
  }
  return t;
}

// GitHub's words: an error is what fails the step.
const char* word_for(const finding& f, fail_on from) {
  return fails(f, from) ? "error" : f.severity == "advice" ? "notice" : "warning";
}

// % is escaped in both; a property ends at a comma or colon as well.
std::string escaped(const std::string& text, bool property) {
  std::string result;
  for (char c : text) {
    if (c == '%' || c == '\r' || c == '\n' || (property && (c == ':' || c == ',')))
      result += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    else
      result += c;
  }
  return result;
}

}  // namespace

std::string as_report_table(const findings& found) {
  return found.all.empty() ? "compatible\n" : as_table(as_rows(found, false));
}

std::string as_report_json(const findings& found) {
  return as_json(as_rows(found, true));
}

std::string as_github(const findings& found, fail_on from) {
  std::string text;
  for (const auto& f : found.all) {
    if (!f.counts()) continue;
    std::string where = f.file.empty() || f.file == "<stdin>" ? "" : fmt::format("file={},line={},", escaped(f.file, true), f.file_line);
    std::string message = message_of(f), safe = f.detail("safe_sql");
    if (!safe.empty()) message += "\nInstead: " + safe;
    if (f.file == "<stdin>") message.insert(0, f.place() + ": ");
    text += fmt::format("::{} {}title={}::{}\n", word_for(f, from), where, escaped("accord: " + f.rule, true), escaped(message, false));
  }
  return text;
}

std::string summary_of(const findings& found) {
  auto count = [&](auto what) { return std::count_if(found.all.begin(), found.all.end(), what); };
  auto of = [&](const char* severity, const char* word) {
    auto n = count([&](const finding& f) { return f.counts() && f.severity == severity; });
    return fmt::format("{} {}{}", n, word, n == 1 || word == std::string_view("advice") ? "" : "s");
  };
  auto hidden = count([](const finding& f) { return f.suppressed.has_value(); });
  return fmt::format("{}, {}, {}, {}, {} suppressed", of("error", "error"), of("warning", "warning"), of("advice", "advice"),
                     of("unknown", "unknown"), hidden);
}

std::string in_format(report_format f, const findings& found, const script& s, fail_on from, int exit_status) {
  switch (f) {
    case report_format::json:
      return as_report_json(found);
    case report_format::junit:
      return as_junit(found, s, from);
    case report_format::sarif:
      return as_sarif(found, exit_status);
    case report_format::github:
      return as_github(found, from);
    case report_format::table:
      break;
  }
  return as_report_table(found);
}

}  // namespace accord::cli
