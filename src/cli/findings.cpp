// Findings.  See findings.hpp.
#include "cli/findings.hpp"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <fmt/format.h>
#include <map>
#include <regex>

#include "rule/hazard.hpp"
#include "rule/rule.hpp"

namespace accord::cli {

namespace {

const std::map<std::string, rule_text>& own_rules() {
  static const std::map<std::string, rule_text> texts{
      {tool_rule::server_refuses, {"PostgreSQL would refuse the statement.", "Repair it."}},
      {tool_rule::cannot_tell,
       {"What the statement does cannot be told without running it.", "Check it in a throw-away cluster, with --ephemeral."}},
      {tool_rule::refused, {"The guard refused the statement when it was executed.", "Do what the error's hint says."}},
      {tool_rule::failed, {"The statement fails, so nothing after it was looked at.", "Repair it."}},
      {tool_rule::not_plain_sql, {"Only psql understands it; the server and other clients do not.", "Write it as SQL."}},
      {tool_rule::ignore_expired, {"The date of an ignore comment has passed, so it hides nothing any more.", "Repair what it hid."}},
      {tool_rule::ignore_malformed,
       {"An ignore comment cannot be read, so it hides nothing.", "Write: -- accord: ignore RULE reason=\"…\" until=YYYY-MM-DD"}},
      {tool_rule::ignore_unused, {"An ignore comment hides nothing.", "Remove it."}},
      {tool_rule::baseline_expired, {"The date of a baseline's entry has passed, so it hides nothing any more.", "Repair what it hid."}},
  };
  return texts;
}

}  // namespace

bool belongs(const finding& f, const text_piece& statement) {
  return f.line == statement.line && f.statement == statement.text;
}

std::string finding::place() const {
  return file.empty() ? "" : fmt::format("{}:{}", file, file_line);
}

std::string finding::detail(std::string_view column) const {
  for (const auto& [name, value] : details)
    if (name == column) return value.value_or("");
  return "";
}

bool may_be_suppressed(const finding& f) {
  return f.severity != "ok" && f.rule != tool_rule::failed && f.rule != tool_rule::not_plain_sql;
}

rule_text text_of_rule(const std::string& id) {
  if (auto own = own_rules().find(id); own != own_rules().end()) return own->second;
  if (const auto* hazard = rule::find_hazard(id)) return {std::string(hazard->explanation), std::string(hazard->safe_way)};
  if (const auto* rule = rule::find_rule(id)) return {std::string(rule->explanation), std::string(rule->safe_way)};
  return {id, ""};
}

bool finding::is_hazard() const {
  return rule::find_hazard(rule) != nullptr;
}

bool finding::is_contract_error() const {
  return severity == "error" && !is_hazard() && rule != tool_rule::server_refuses;
}

bool fails(const finding& f, fail_on from) {
  if (!f.counts() || f.severity == "unknown") return false;
  if (f.severity == "error") return true;
  if (f.severity == "warning") {
    if (from >= fail_on::warning) return true;
    bool long_lock = f.detail("rewrite") == "t" || f.detail("scan") == "t";
    std::string bytes = f.detail("bytes");
    return from == fail_on::data && f.is_hazard() && long_lock && !bytes.empty() && bytes != "0";
  }
  return from == fail_on::advice;
}

void findings::add_rows(const table& rows, const script& s) {
  static const std::vector<std::string> own{"line", "statement", "severity", "rule", "element"};
  std::vector<std::size_t> others;
  for (std::size_t c = 0; c < rows.columns.size(); c++) {
    if (std::find(own.begin(), own.end(), rows.columns[c]) != own.end()) continue;
    others.push_back(c);
    detail_columns.emplace_back(rows.columns[c], rows.kinds[c]);
  }
  for (std::size_t r = 0; r < rows.rows.size(); r++) {
    std::string severity = rows.at(r, "severity").value_or("unknown"), rule = rows.at(r, "rule").value_or("");
    if (rule.empty() && severity == "unknown") rule = tool_rule::cannot_tell;
    auto& f = add(s, std::stoi(rows.at(r, "line").value_or("0")), rows.at(r, "statement").value_or(""), severity, rule,
                  rows.at(r, "element").value_or(""));
    for (auto c : others)
      f.details.emplace_back(rows.columns[c], rows.rows[r][c]);
  }
}

finding& findings::add(const script& s, int line, std::string statement, std::string severity, std::string rule, std::string element) {
  auto& f = all.emplace_back();
  f.line = line;
  std::tie(f.file, f.file_line) = s.place_of(line);
  f.statement = std::move(statement);
  f.severity = std::move(severity);
  f.rule = std::move(rule);
  f.element = std::move(element);
  return f;
}

void findings::set_detail(finding& f, const std::string& column, std::string value) {
  auto known = [&](const auto& c) { return c.first == column; };
  if (std::none_of(detail_columns.begin(), detail_columns.end(), known)) detail_columns.emplace_back(column, value_kind::text);
  f.details.emplace_back(column, std::move(value));
}

void findings::sort() {
  std::stable_sort(all.begin(), all.end(), [](const finding& a, const finding& b) { return a.line < b.line; });
}

std::string message_of(const finding& f) {
  std::string text = f.element.empty() ? text_of_rule(f.rule).explanation : f.element;
  std::string effects;
  for (const char* who : {"readers", "writers"}) {
    std::string effect = f.detail(who);
    if (effect.empty() || effect == "none") continue;
    effects += effects.empty() ? "" : ", ";
    effects += effect == "breaks" ? fmt::format("breaks {}", who) : fmt::format("{} for {}", effect, who);
  }
  if (!effects.empty()) text += ": " + effects;
  std::string consumers = f.detail("consumers");
  if (consumers.size() > 2) text += "; consumers: " + consumers.substr(1, consumers.size() - 2);
  return text;
}

std::string today() {
  std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  std::tm parts{};
  gmtime_r(&now, &parts);
  return fmt::format("{:04}-{:02}-{:02}", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday);
}

bool is_date(const std::string& text) {
  static const std::regex form("([0-9]{4})-([0-9]{2})-([0-9]{2})");
  std::smatch m;
  if (!std::regex_match(text, m, form)) return false;
  std::chrono::year_month_day date{std::chrono::year(std::stoi(m[1])), std::chrono::month(static_cast<unsigned>(std::stoi(m[2]))),
                                   std::chrono::day(static_cast<unsigned>(std::stoi(m[3])))};
  return date.ok();
}

}  // namespace accord::cli
