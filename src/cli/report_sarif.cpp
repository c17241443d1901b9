// SARIF 2.1.0.  See report.hpp.
#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/baseline.hpp"
#include "cli/report.hpp"

namespace accord::cli {

namespace {

using json = nlohmann::ordered_json;

std::string level_of(const finding& f) {
  return f.severity == "error" ? "error" : f.severity == "advice" ? "note" : "warning";
}

// A path as a relative reference: what may not stand in one is written as %XX.
std::string uri_of(const std::string& file) {
  if (file == "<stdin>") return "stdin";
  std::string uri;
  for (char c : file.starts_with("./") ? file.substr(2) : file) {
    bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                 std::string_view("-._~/").find(c) != std::string_view::npos;
    uri += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return uri.starts_with("/") ? "file://" + uri : uri;
}

json rule_object(const std::string& id) {
  auto text = text_of_rule(id);
  json rule{{"id", id}, {"shortDescription", {{"text", text.explanation}}}};
  if (!text.safe_way.empty()) rule["help"] = {{"text", text.safe_way}};
  return rule;
}

json location_of(const finding& f) {
  json physical{{"artifactLocation", {{"uri", uri_of(f.file)}}}};
  json region{{"startLine", f.file_line}};
  if (!f.statement.empty()) {
    region["endLine"] = f.file_line + static_cast<int>(std::count(f.statement.begin(), f.statement.end(), '\n'));
    region["snippet"] = {{"text", f.statement}};
  }
  physical["region"] = region;
  return {{"physicalLocation", physical}};
}

json result_of(const finding& f, std::size_t rule_index) {
  std::string message = message_of(f), safe = f.detail("safe_sql");
  if (!safe.empty()) message += "\nInstead: " + safe;
  json result{{"ruleId", f.rule}, {"ruleIndex", rule_index}, {"level", level_of(f)}, {"message", {{"text", message}}}};
  if (!f.file.empty()) result["locations"] = json::array({location_of(f)});
  result["partialFingerprints"] = {{"accordFinding/v1", fingerprint_of(f)}};
  if (f.suppressed)
    result["suppressions"] = json::array({{{"kind", f.suppressed->by == "comment" ? "inSource" : "external"},
                                           {"status", "accepted"},
                                           {"justification", fmt::format("{} (until {})", f.suppressed->reason, f.suppressed->until)}}});
  json properties = json::object();
  properties["severity"] = f.severity;
  for (const auto& [name, value] : f.details)
    if (value && name != "safe_sql") properties[name] = *value;
  result["properties"] = properties;
  return result;
}

}  // namespace

std::string as_sarif(const findings& found, int exit_status) {
  std::vector<std::string> ids;
  auto rules = json::array(), results = json::array();
  for (const auto& f : found.all) {
    if (f.severity == "ok") continue;
    auto at = std::find(ids.begin(), ids.end(), f.rule);
    if (at == ids.end()) {
      rules.push_back(rule_object(f.rule));
      at = ids.insert(ids.end(), f.rule);
    }
    results.push_back(result_of(f, static_cast<std::size_t>(at - ids.begin())));
  }
  json driver{{"name", "accord"}, {"version", ACCORD_VERSION}, {"rules", rules}};
  json invocation{{"executionSuccessful", exit_status != 2}, {"exitCode", exit_status}};
  json run{{"tool", {{"driver", driver}}},
           {"invocations", json::array({invocation})},
           {"columnKind", "unicodeCodePoints"},
           {"results", results}};
  json document{{"$schema", "https://json.schemastore.org/sarif-2.1.0.json"}, {"version", "2.1.0"}, {"runs", json::array({run})}};
  return document.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

}  // namespace accord::cli
