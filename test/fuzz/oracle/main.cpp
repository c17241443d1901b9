// oracle: does the guard say of every change exactly what old clients experience?
//
//   CASES=n SEED=s SECONDS=t   random schemas and changes
//   MUTATE=rule                as if that rule were switched off: must fail
//   MUTANTS=1                  at the end each rule is switched off in a case that it guards alone, and must be missed
//   TABLE=t CHANGE=c FOCUS=f   one case again, from the id that was printed: s:t:c f
//   SHOW=n EACH=n              how many findings are printed, at all and of each class
//
// Needs a throw-away server (scripts/cluster) with the extension installed.  Exit status 1 on a miss, or on false alarms above 1 %.
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fmt/format.h>
#include <iostream>
#include <map>

#include "director.hpp"
#include "rule/rule.hpp"
#include "trial.hpp"

namespace accord::oracle {

namespace {

long number(const char* name, long otherwise) {
  const char* text = std::getenv(name);
  return text && *text ? std::atol(text) : otherwise;
}
std::string word(const char* name) {
  const char* text = std::getenv(name);
  return text ? text : "";
}

struct case_id {
  long table = 0, change = 0;
  std::string focus;
};

struct statistics {
  struct of_rule {
    long hits = 0, alone = 0;
    case_id guarded;  // the first that it guards alone
    std::set<std::string> beside;
  };
  std::map<std::string, of_rule> rules;
  std::map<std::string, long> misses, unnamed, false_alarms, faults, kinds;
  long tables = 0, cases = 0, changes = 0, refusals = 0, verdicts = 0, hit = 0, named = 0, false_named = 0, false_refusals = 0;
};

std::string joined(const std::set<std::string>& words) {
  std::string text;
  for (const auto& w : words)
    text += (text.empty() ? "" : ", ") + w;
  return text.empty() ? "none" : text;
}

std::string label_of(const random_change& change) {
  return change.kind.starts_with("two:") ? "two commands" : change.kind;
}

// r_typed reads all columns, ww_data_3 writes a few.
std::string class_of(const std::string& consumer) {
  const std::string kind = consumer.substr(0, consumer.find('_'));
  return kind == "r" ? "readers" : kind == "rr" ? "readers of a few columns" : kind == "w" ? "writers" : "writers of a few columns";
}

void switch_off(judgement& j, const std::string& rule) {
  if (rule.empty() || j.rules != std::set{rule}) return;
  j.refused = false;
  for (auto& c : j.consumers)
    c.named = false;
}

struct fuzzing {
  server s = {};
  statistics stats = {};
  const std::uint64_t seed = static_cast<std::uint64_t>(number("SEED", 1));
  const std::string mutated = word("MUTATE");
  long shown = 0, show = number("SHOW", 40), each = number("EACH", 2);

  void report(const char* what, const case_id& id, const std::string& level, const random_schema& schema, const random_change& change,
              const judgement& j, const judged& c) {
    if (shown++ >= show) return;
    fmt::print("\n{} {}:{}:{} {} level {}: consumer {}, change \"{}\"\n", what, seed, id.table, id.change, id.focus, level, c.consumer,
               change.kind);
    if (number("VERBOSE", 1))
      for (const auto& statement : schema.statements)
        if (statement.find("FUNCTION") == std::string::npos && !statement.starts_with("INSERT INTO p") &&
            !statement.starts_with("CREATE TABLE p "))
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

  void count(const case_id& id, const std::string& level, const random_schema& schema, const random_change& change, judgement j) {
    stats.changes++;
    if (!j.applicable) return;
    stats.cases++;
    const std::string label = label_of(change);
    stats.kinds[label]++;
    switch_off(j, mutated);
    if (!j.fault.empty()) {
      stats.faults[change.kind + ": " + j.fault]++;
      report("fault", id, level, schema, change, j, j.consumers.front());
    }
    if (j.refused) stats.refusals++;
    for (const auto& rule : j.rules) {
      stats.rules[rule].hits++;
      for (const auto& other : j.rules)
        if (other != rule) stats.rules[rule].beside.insert(other);
    }
    bool anybody = false, reported = false;
    for (const auto& c : j.consumers) {
      const bool hit = !c.evidence.empty();
      stats.verdicts++;
      stats.hit += hit;
      stats.named += c.named;
      anybody |= hit;
      if (hit && c.named && j.rules.size() == 1) {
        auto& rule = stats.rules[*j.rules.begin()];
        if (!rule.alone++) rule.guarded = id;
      }
      if (hit && !c.named) {
        auto& list = j.refused ? stats.unnamed : stats.misses;
        if (list[label + " (" + joined(j.rules) + ") " + class_of(c.consumer)]++ < each + 1 && !reported)
          report(j.refused ? "unnamed" : "MISS", id, level, schema, change, j, c), reported = true;
      }
      if (!hit && c.named) {
        stats.false_named++;
        if (stats.false_alarms[label + " (" + joined(j.rules) + ") " + class_of(c.consumer)]++ < each && !reported)
          report("false alarm", id, level, schema, change, j, c), reported = true;
      }
    }
    if (j.refused && !anybody) stats.false_refusals++;
  }

  // The changes of one table, or one of them; `use` gets each with its verdict.
  template <class Use>
  void each_change(long table, const std::string& focus, long only, long changes, Use use) {
    dice d(seed * 1000003 + static_cast<std::uint64_t>(table));
    random_schema schema = make_schema(d, focus);
    static const std::vector<std::string> levels = {"clients", "clients", "clients", "clients", "full", "readers", "writers"};
    const std::string level = d.one_of(levels);
    trial t(s, schema.statements, schema.role, level, all_kinds, d);
    if (!t.of().insertable) return;
    const parts p = parts::read(s, t.of());
    // Once something was left for the end of the transaction, the guard leaves there what follows.
    for (bool at_commit : {false, true})
      for (long c = 0; c < changes; c++) {
        dice own(seed * 1000003 + static_cast<std::uint64_t>(table) * 1009 + static_cast<std::uint64_t>(c) * 7919 + 17);
        const random_change change = make_change(own, p, focus);
        if (change.at_commit != at_commit) continue;
        if (only < 0 || c == only) use(case_id{table, c, focus}, level, schema, change, t.judge(change.statements, {}, change.at_commit));
      }
  }

  // What does not come out as it should is judged once more by itself: a session remembers of keys and types what was rolled back.
  static bool is_doubtful(const case_id&, const std::string&, const random_schema&, const random_change&, const judgement& j) {
    auto hit = [](const judged& c) { return !c.evidence.empty(); };
    const bool nobody = std::none_of(j.consumers.begin(), j.consumers.end(), hit);
    return std::any_of(j.consumers.begin(), j.consumers.end(), [&](const judged& c) { return hit(c) && !c.named; }) ||
           (j.refused && nobody);
  }
  static long number_of(const case_id& id, const std::string&, const random_schema&, const random_change&, const judgement&) {
    return id.change;
  }

  int run() {
    const long wanted = number("CASES", 2000), seconds = number("SECONDS", 0);
    const long only = number("TABLE", -1), only_change = number("CHANGE", -1);
    const auto started = std::chrono::steady_clock::now();
    auto elapsed = [&] { return std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count(); };
    for (const auto& statement : world())  // its roles stay when a run has ended
      if (auto made = s.last(statement); !made.ok() && made.state != "42710") throw std::runtime_error(made.message);
    s.must("CREATE EXTENSION pg_accord");
    const long changes = 36;
    dice directing(seed);
    for (long table = only < 0 ? 0 : only; stats.cases < wanted && (!seconds || elapsed() < static_cast<double>(seconds)); table++) {
      std::map<std::string, long> hits;
      for (const auto& [rule, r] : stats.rules)
        hits[rule] = r.hits;
      const std::string focus = only < 0 ? choose_focus(hits, directing) : word("FOCUS");
      try {
        std::vector<long> doubtful;
        each_change(table, focus, only_change, std::max(changes, only_change + 1), [&](auto&&... judged) {
          if (only < 0 && is_doubtful(judged...))
            doubtful.push_back(number_of(judged...));
          else
            count(judged...);
        });
        for (long c : doubtful)
          each_change(table, focus, c, c + 1, [&](auto&&... judged) { count(judged...); });
        stats.tables++;
      } catch (const std::exception& e) {
        s.run("ROLLBACK");
        s.run("DEALLOCATE ALL");
        const std::string what = e.what();
        if (!what.starts_with("23")) {  // else its own rows do not fit it
          fmt::print("schema {}:{} {} cannot be made: {}\n", seed, table, focus, what);
          if (stats.faults["schema"]++ > 20) return summary(elapsed());
        }
      }
      if (only >= 0) break;
      if (table % 50 == 49)
        for (const char* of : {"pg_catalog.pg_class", "pg_catalog.pg_attribute", "pg_catalog.pg_depend", "pg_catalog.pg_type",
                               "pg_catalog.pg_constraint", "pg_catalog.pg_proc", "accord_catalog.subscription", "accord_catalog.consumer",
                               "accord_catalog.contract", "accord_catalog.contract_version"})
          s.run(fmt::format("VACUUM {}", of));
    }
    const bool good = summary(elapsed()) == 0;
    const bool noticed = !number("MUTANTS", 0) || mutants();
    return good && noticed ? 0 : 1;
  }

  // Switches off one rule after the other, each in a case that it guards alone.
  bool mutants() {
    bool all = true;
    fmt::print("\n{:<32} {:<24} {}\n", "rule switched off", "case", "clients missed");
    for (const auto& [rule, r] : stats.rules) {
      if (!r.alone) {
        fmt::print("{:<32} {:<24} never alone: always with {}\n", rule, "-", joined(r.beside));
        continue;
      }
      long missed = 0;
      const case_id& id = r.guarded;
      each_change(id.table, id.focus, id.change, id.change + 1,
                  [&](const case_id&, const std::string&, const random_schema&, const random_change&, judgement j) {
                    switch_off(j, rule);
                    for (const auto& c : j.consumers)
                      missed += !c.evidence.empty() && !c.named;
                  });
      all = all && missed;
      fmt::print("{:<32} {:<24} {}\n", rule, fmt::format("{}:{}:{} {}", seed, id.table, id.change, id.focus),
                 missed ? fmt::format("{} missed, as it must be", missed) : "NOT NOTICED");
    }
    return all;
  }

  static long total(const std::map<std::string, long>& of) {
    long sum = 0;
    for (const auto& [label, n] : of)
      sum += n;
    return sum;
  }
  static void print(const char* title, const std::map<std::string, long>& of) {
    fmt::print("\n{}: {}\n", title, total(of));
    std::vector<std::pair<long, std::string>> sorted;
    for (const auto& [label, n] : of)
      sorted.emplace_back(-n, label);
    std::sort(sorted.begin(), sorted.end());
    for (const auto& [n, label] : sorted)
      fmt::print("  {:6}  {}\n", -n, label);
  }

  int summary(double seconds) {
    fmt::print("\n{:<32} {:>8} {:>14}\n", "rule", "hits", "guards alone");
    for (const auto* rule : rule::rules()) {
      const auto& r = stats.rules[std::string(rule->id)];
      fmt::print("{:<32} {:>8} {:>14}  {}\n", rule->id, r.hits, r.alone, out_of_reach(rule->id));
    }
    auto rarest = std::min_element(stats.rules.begin(), stats.rules.end(), [](const auto& a, const auto& b) {
      return std::pair(!out_of_reach(a.first).empty(), a.second.hits) < std::pair(!out_of_reach(b.first).empty(), b.second.hits);
    });
    fmt::print("\nfewest hits: {} ({})\n", rarest->second.hits, rarest->first);
    std::erase_if(stats.rules, [](const auto& r) { return !r.second.hits; });
    print("misses (consumer verdicts, by change, rules and whom)", stats.misses);
    print("hit, refused, but not named", stats.unnamed);
    print("false alarms (consumer verdicts, by change, rules and whom)", stats.false_alarms);
    print("errors of the guard", stats.faults);
    print("changes by kind", stats.kinds);
    const double share = stats.named ? 100.0 * static_cast<double>(stats.false_named) / static_cast<double>(stats.named) : 0;
    const double of_refusals = stats.refusals ? 100.0 * static_cast<double>(stats.false_refusals) / static_cast<double>(stats.refusals) : 0;
    fmt::print(
        "\n{} changes of {} tables, {} applicable, {} refused ({} of these hit nobody, {:.2f} %); {} verdicts for consumers, {} hit, {} "
        "named, false alarms {:.2f} %\n",
        stats.changes, stats.tables, stats.cases, stats.refusals, stats.false_refusals, of_refusals, stats.verdicts, stats.hit, stats.named,
        share);
    fmt::print("{:.1f} s, {:.0f} cases a minute\n", seconds, static_cast<double>(stats.cases) / seconds * 60);
    const bool good = stats.misses.empty() && stats.unnamed.empty() && stats.faults.empty() && share <= 1.0;
    return good ? 0 : 1;
  }
};

}  // namespace

}  // namespace accord::oracle

int main() {
  try {
    return accord::oracle::fuzzing{}.run();
  } catch (const std::exception& e) {
    fmt::print(stderr, "oracle: {}\n", e.what());
    return 2;
  }
}
