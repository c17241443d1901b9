// Baselines.  See baseline.hpp.
#include "cli/baseline.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/sql_text.hpp"
#include "core/hash.hpp"

namespace accord::cli {

namespace {

using json = nlohmann::ordered_json;

[[noreturn]] void malformed(const std::string& file, const std::string& why) {
  throw file_failure(fmt::format("\"{}\" is not a baseline: {}", file, why));
}

std::string statement_print(const finding& f) {
  return core::hex_digits(core::hash_of(scan_sql(f.statement).bare));
}

bool matches(const baseline_entry& e, const finding& f) {
  return e.rule == f.rule && e.element == f.element && may_be_suppressed(f) && e.statement == statement_print(f);
}

}  // namespace

std::string fingerprint_of(const finding& f) {
  return core::hex_digits(core::hash_of(f.rule + '\n' + f.element + '\n' + statement_print(f)));
}

baseline read_baseline(const std::string& file) {
  json document = json::parse(read_file(file).text, nullptr, false);
  if (document.is_discarded()) malformed(file, "it is not JSON");
  if (!document.is_object() || document.value("format", 0) != 1) malformed(file, "its format is not 1");
  if (!document.contains("findings") || !document["findings"].is_array()) malformed(file, "it has no list of findings");
  baseline entries;
  for (const auto& item : document["findings"]) {
    auto text = [&](const char* key) {
      if (!item.is_object() || !item.contains(key) || !item[key].is_string())
        malformed(file, fmt::format("entry {} has no \"{}\"", entries.size() + 1, key));
      return item[key].get<std::string>();
    };
    baseline_entry e{text("rule"), text("element"), text("statement"), text("place"), text("reason"), text("until")};
    if (e.reason.find_first_not_of(" \t\r\n") == std::string::npos)
      malformed(file, fmt::format("entry {} gives no reason", entries.size() + 1));
    if (!is_date(e.until)) malformed(file, fmt::format("\"{}\" of entry {} is not a date", e.until, entries.size() + 1));
    entries.push_back(std::move(e));
  }
  return entries;
}

void apply_baseline(findings& found, const script& s, const baseline& entries, const std::string& file) {
  for (const auto& e : entries) {
    bool expired = e.until < today();
    const finding* again = nullptr;
    for (auto& f : found.all) {
      if (f.suppressed || !matches(e, f)) continue;
      if (expired)
        again = &f;
      else
        f.suppressed = suppression{"baseline", e.reason, e.until};
    }
    if (again) {
      std::string statement = again->statement;
      found.add(s, again->line, std::move(statement), "warning", tool_rule::baseline_expired,
                fmt::format("the entry of baseline \"{}\" for rule {} expired on {}", file, e.rule, e.until));
    }
  }
}

void write_baseline(const std::string& file, const findings& found, const baseline& old, const std::string& reason,
                    const std::string& until) {
  auto list = json::array();
  std::vector<std::string> written;
  auto put = [&](const finding& f, const std::string& why, const std::string& date) {
    std::string print = fingerprint_of(f);
    if (std::find(written.begin(), written.end(), print) != written.end()) return;
    written.push_back(print);
    list.push_back({{"rule", f.rule},
                    {"element", f.element},
                    {"statement", statement_print(f)},
                    {"place", f.place()},
                    {"reason", why},
                    {"until", date}});
  };
  for (const auto& f : found.all) {
    bool about_comments = f.rule.starts_with("ignore-") || f.rule == tool_rule::baseline_expired;
    if (f.counts() && may_be_suppressed(f) && !about_comments)
      put(f, reason, until);
    else if (f.suppressed && f.suppressed->by == "baseline")
      put(f, f.suppressed->reason, f.suppressed->until);
  }
  // What this run did not look at stays.
  for (const auto& e : old) {
    bool seen = std::any_of(found.all.begin(), found.all.end(), [&](const finding& f) { return matches(e, f); });
    if (!seen)
      list.push_back({{"rule", e.rule},
                      {"element", e.element},
                      {"statement", e.statement},
                      {"place", e.place},
                      {"reason", e.reason},
                      {"until", e.until}});
  }
  write_file(file, json{{"format", 1}, {"findings", list}}.dump(2, ' ', false, json::error_handler_t::replace) + "\n");
}

}  // namespace accord::cli
