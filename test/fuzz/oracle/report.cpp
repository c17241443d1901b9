// report.  See report.hpp.
#include "report.hpp"

#include <algorithm>
#include <cstdlib>
#include <fmt/format.h>
#include <iostream>

#include "director.hpp"
#include "false_alarm.hpp"
#include "rule/rule.hpp"

namespace accord::oracle {

namespace {

std::string joined(const std::set<std::string>& words) {
  std::string text;
  for (const auto& w : words)
    text += (text.empty() ? "" : ", ") + w;
  return text.empty() ? "none" : text;
}

std::string label_of(const random_change& change) {
  return change.kind.starts_with("two:") ? "two commands" : change.kind;
}

std::string columns_of(const table& t, const consumer& c) {
  std::set<std::string> names;
  for (std::size_t i = 0; i < t.columns.size(); i++)
    if (c.columns >> i & 1) names.insert(t.columns[i].name);
  return c.all ? "all columns" : joined(names);
}

// r_typed reads all columns, ww_data_3 writes a few.
std::string class_of(const std::string& consumer) {
  const std::string kind = consumer.substr(0, consumer.find('_'));
  return kind == "r" ? "readers" : kind == "rr" ? "readers of a few columns" : kind == "w" ? "writers" : "writers of a few columns";
}

long total(const std::map<std::string, long>& of) {
  long sum = 0;
  for (const auto& [label, n] : of)
    sum += n;
  return sum;
}

void print_all(const char* title, const std::map<std::string, long>& of) {
  fmt::print("\n{}: {}\n", title, total(of));
  std::vector<std::pair<long, std::string>> sorted;
  for (const auto& [label, n] : of)
    sorted.emplace_back(-n, label);
  std::sort(sorted.begin(), sorted.end());
  for (const auto& [n, label] : sorted)
    fmt::print("  {:6}  {}\n", -n, label);
}

double percent(long part, long whole) {
  return whole ? 100.0 * static_cast<double>(part) / static_cast<double>(whole) : 0;
}

}  // namespace

long number(const char* name, long otherwise) {
  const char* text = std::getenv(name);
  return text && *text ? std::atol(text) : otherwise;
}

std::string word(const char* name) {
  const char* text = std::getenv(name);
  return text ? text : "";
}

std::string case_id::text() const {
  return fmt::format("{}:{}:{} {}", seed, table, change, focus);
}

namespace {

bool reaches(const std::string& rule, const consumer& c) {
  const auto* info = rule::find_rule(rule);
  return (c.reads ? info->readers : info->writers) != core::effect::none && c.strictness >= (c.reads ? info->readers_at : info->writers_at);
}

bool guards_alone(const judged_change& judged, std::size_t consumer, const std::string& rule) {
  return judged.j.rules.contains(rule) && std::none_of(judged.j.rules.begin(), judged.j.rules.end(), [&](const std::string& other) {
           return other != rule && reaches(other, judged.of.consumers()[consumer]);
         });
}

}  // namespace

void switch_off(judged_change& judged, const std::string& rule) {
  judgement& j = judged.j;
  for (std::size_t i = 0; i < j.consumers.size(); i++)
    if (guards_alone(judged, i, rule)) j.consumers[i].named = false;
  if (j.rules == std::set{rule}) j.refused = false;
}

void report::show(const char* what, const judged_change& judged, const oracle::judged& c) {
  static const long most = number("SHOW", 40);
  if (shown_++ >= most) return;
  const auto& [id, level, schema, change, of, j] = judged;
  const auto& who =
      *std::find_if(of.consumers().begin(), of.consumers().end(), [&](const consumer& one) { return one.name == c.consumer; });
  fmt::print("\n{} {} level {}: consumer {} of {}, change \"{}\"\n", what, id.text(), level, c.consumer, columns_of(of.of(), who),
             change.kind);
  if (number("VERBOSE", 1))
    for (const auto& statement : schema.statements)
      if (!statement.starts_with("CREATE FUNCTION") && !statement.starts_with("INSERT INTO p") && !statement.starts_with("CREATE TABLE p "))
        fmt::print("    {};\n", statement);
  fmt::print("    role {}\n", schema.role);
  for (const auto& statement : change.statements)
    fmt::print("  {} {};\n", change.at_commit ? ">>" : ">", statement);
  fmt::print("  saw:   {}\n  guard: {}\n", c.evidence.empty() ? "nothing" : c.evidence,
             j.refused         ? j.detail
             : j.fault.empty() ? "lets it pass"
                               : j.fault);
  std::cout.flush();
}

void report::count(judged_change judged) {
  static const long each = number("EACH", 2);
  static const std::string mutated = word("MUTATE");
  judgement& j = judged.j;
  changes_++;
  if (!j.applicable) return;
  cases_++;
  const std::string label = label_of(judged.change);
  kinds_[label]++;
  switch_off(judged, mutated);
  if (!j.fault.empty()) {
    faults_[judged.change.kind + ": " + j.fault]++;
    show("fault", judged, j.consumers.front());
  }
  if (j.refused) refusals_++;
  for (const auto& rule : j.rules) {
    rules_[rule].hits++;
    for (const auto& other : j.rules)
      if (other != rule) rules_[rule].beside.insert(other);
  }
  bool anybody = false, shown = false;
  for (std::size_t i = 0; i < j.consumers.size(); i++) {
    const oracle::judged& c = j.consumers[i];
    const bool hit = !c.evidence.empty();
    verdicts_++;
    hit_ += hit;
    named_ += c.named;
    anybody |= hit;
    for (const auto& id : j.rules)
      if (hit && c.named && guards_alone(judged, i, id)) {
        auto& rule = rules_[id];
        if (!rule.alone++) rule.guarded = judged.id;
      }
    const std::string about = label + " (" + joined(j.rules) + ") " + class_of(c.consumer);
    if (hit && !c.named) {
      auto& list = j.refused ? unnamed_ : misses_;
      if (list[about]++ < each + 1 && !shown) show(j.refused ? "unnamed" : "MISS", judged, c), shown = true;
    }
    if (!hit && c.named) {
      false_named_++;
      reasons_[reason_of_false_alarm(judged, judged.of.consumers()[i])]++;
      if (false_alarms_[about]++ < each && !shown) show("false alarm", judged, c), shown = true;
    }
  }
  if (j.refused && !anybody) false_refusals_++;
}

void report::only_beside_others(const std::string& doubt) {
  beside_++;
  fmt::print("not again alone: {}\n", doubt);
}

std::map<std::string, long> report::hits() const {
  std::map<std::string, long> result;
  for (const auto& [rule, r] : rules_)
    result[rule] = r.hits;
  return result;
}

bool report::print(double seconds) {
  fmt::print("\n{:<32} {:>8} {:>14}\n", "rule", "hits", "guards alone");
  std::vector<std::pair<long, std::string_view>> rare;
  for (const auto* rule : rule::rules()) {
    const auto known = rules_.find(std::string(rule->id));
    const of_rule r = known == rules_.end() ? of_rule{} : known->second;
    fmt::print("{:<32} {:>8} {:>14}  {}\n", rule->id, r.hits, r.alone, out_of_reach(rule->id));
    if (out_of_reach(rule->id).empty()) rare.emplace_back(r.hits, rule->id);
  }
  std::sort(rare.begin(), rare.end());
  const auto few = std::count_if(rare.begin(), rare.end(), [](const auto& r) { return r.first < 200; });
  fmt::print("\nfewest hits: {} ({}); {} of {} rules that cases can hit have less than 200\n", rare[0].first, rare[0].second, few,
             rare.size());
  print_all("misses (consumer verdicts, by change, rules and whom)", misses_);
  print_all("hit, refused, but not named", unnamed_);
  print_all("false alarms (consumer verdicts, by change, rules and whom)", false_alarms_);
  print_all("the same by class (rules: why nothing showed)", reasons_);
  print_all("errors of the guard", faults_);
  print_all("changes by kind", kinds_);
  const double share = percent(false_named_, named_);
  fmt::print(
      "\n{} changes of {} tables, {} applicable, {} refused ({} of these hit nobody, {:.2f} %); {} verdicts for consumers, {} hit, {} "
      "named, false alarms {:.2f} %\n",
      changes_, tables_, cases_, refusals_, false_refusals_, percent(false_refusals_, refusals_), verdicts_, hit_, named_, share);
  fmt::print("{} cases came out otherwise after others than alone\n", beside_);
  fmt::print("{:.1f} s, {:.1f} cases a second\n", seconds, static_cast<double>(cases_) / seconds);
  return misses_.empty() && unnamed_.empty() && faults_.empty() && share <= 1.0;
}

}  // namespace accord::oracle
