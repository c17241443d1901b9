// oracle: does the guard say of every change exactly what old clients experience?
//
//   oracle fuzz    CASES=n SEED=s SECONDS=t MUTATE=rule   random schemas and changes
//
// Needs a throw-away server (scripts/cluster) with the extension installed.  Exit status 1 on a miss, or on false alarms above 1 %.
#include <chrono>
#include <cstdlib>
#include <fmt/format.h>
#include <iostream>
#include <map>

#include "rule/rule.hpp"
#include "trial.hpp"

namespace accord::oracle {

namespace {

long number(const char* name, long otherwise) {
  const char* text = std::getenv(name);
  return text && *text ? std::atol(text) : otherwise;
}

struct statistics {
  struct of_rule {
    long hits = 0, alone = 0, false_alone = 0;
  };
  std::map<std::string, of_rule> rules;
  std::map<std::string, long> misses, unnamed, false_alarms, faults, kinds;
  long cases = 0, changes = 0, refusals = 0, verdicts = 0, hit = 0, named = 0, false_named = 0, false_refusals = 0;
};

std::string joined(const std::set<std::string>& words) {
  std::string text;
  for (const auto& w : words)
    text += (text.empty() ? "" : ", ") + w;
  return text.empty() ? "none" : text;
}

struct fuzzing {
  server s;
  statistics stats;
  std::string mutated;
  long shown = 0, show = number("SHOW", 40);

  void report(const char* what, const std::string& id, const random_schema& schema, const random_change& change, const judgement& j,
              const judged& c) {
    if (shown++ >= show) return;
    fmt::print("\n{} {}: consumer {}, change \"{}\"\n", what, id, c.consumer, change.kind);
    if (number("VERBOSE", 1))
      for (const auto& statement : schema.statements)
        if (statement.find("FUNCTION") == std::string::npos && statement.find(" p") == std::string::npos)
          fmt::print("    {};\n", statement);
    fmt::print("    role {}\n", schema.role);
    for (const auto& statement : change.statements)
      fmt::print("  > {};\n", statement);
    fmt::print("  saw:   {}\n  guard: {}\n", c.evidence.empty() ? "nothing" : c.evidence,
               j.refused         ? j.detail
               : j.fault.empty() ? "lets it pass"
                                 : j.fault);
    std::cout.flush();
  }

  void count(const std::string& id, const random_schema& schema, const random_change& change, judgement j) {
    stats.changes++;
    if (!j.applicable) return;
    stats.cases++;
    stats.kinds[change.kind.substr(0, 4) == "two:" ? "two commands" : change.kind]++;
    if (!mutated.empty() && j.rules == std::set{mutated}) {
      j.refused = false;
      for (auto& c : j.consumers)
        c.named = false;
    }
    if (!j.fault.empty()) {
      stats.faults[change.kind + ": " + j.fault]++;
      report("fault", id, schema, change, j, j.consumers.front());
    }
    if (j.refused) stats.refusals++;
    for (const auto& rule : j.rules)
      stats.rules[rule].hits++;
    bool anybody = false, reported = false;
    for (const auto& c : j.consumers) {
      const bool hit = !c.evidence.empty();
      stats.verdicts++;
      stats.hit += hit;
      stats.named += c.named;
      anybody |= hit;
      if (hit && c.named && j.rules.size() == 1) stats.rules[*j.rules.begin()].alone++;
      const std::string label = change.kind.substr(0, 4) == "two:" ? "two commands" : change.kind;
      if (hit && !c.named) {
        auto& list = j.refused ? stats.unnamed : stats.misses;
        if (list[label]++ < 3 && !reported) report(j.refused ? "unnamed" : "MISS", id, schema, change, j, c), reported = true;
      }
      if (!hit && c.named) {
        stats.false_named++;
        if (stats.false_alarms[label + " (" + joined(j.rules) + ")"]++ < 2 && !reported)
          report("false alarm", id, schema, change, j, c), reported = true;
      }
    }
    if (j.refused && !anybody) stats.false_refusals++;
  }

  int run() {
    const long wanted = number("CASES", 2000), seconds = number("SECONDS", 0);
    const auto seed = static_cast<std::uint64_t>(number("SEED", 1));
    const long only = number("TABLE", -1), only_change = number("CHANGE", -1);
    if (const char* text = std::getenv("MUTATE")) mutated = text;
    const auto started = std::chrono::steady_clock::now();
    auto elapsed = [&] { return std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count(); };
    for (const auto& statement : world())  // its roles stay when a run has ended
      if (auto made = s.last(statement); !made.ok() && made.state != "42710") throw std::runtime_error(made.message);
    s.must("CREATE EXTENSION pg_accord");
    static const std::vector<std::string> levels = {"clients", "clients", "clients", "clients", "full", "readers", "writers"};
    const long each = 16;
    for (long number = only < 0 ? 0 : only; stats.cases < wanted && (!seconds || elapsed() < static_cast<double>(seconds)); number++) {
      dice d(seed * 1000003 + static_cast<std::uint64_t>(number));
      random_schema schema = make_schema(d);
      const std::string level = d.one_of(levels);
      try {
        trial t(s, schema.statements, schema.role, level, all_kinds, d);
        const parts p = parts::read(s, t.of());
        for (long c = 0; c < each && stats.cases < wanted; c++) {
          dice own(seed * 1000003 + static_cast<std::uint64_t>(number) * 1009 + static_cast<std::uint64_t>(c) * 7919 + 17);
          random_change change = make_change(own, p);
          if (only_change >= 0 && c != only_change) continue;
          count(fmt::format("{}:{}:{} level {}", seed, number, c, level), schema, change, t.judge(change.statements));
        }
      } catch (const std::exception& e) {
        s.run("ROLLBACK");
        s.run("DEALLOCATE ALL");
        const std::string what = e.what();
        if (what.starts_with("23")) continue;  // its own rows do not fit it
        fmt::print("schema {}:{} cannot be made: {}\n", seed, number, what);
        if (stats.faults["schema"]++ > 20) return summary(elapsed());
      }
      if (only >= 0) break;
      if (number % 50 == 49)
        s.run("VACUUM pg_catalog.pg_class; "), s.run("VACUUM pg_catalog.pg_attribute"), s.run("VACUUM pg_catalog.pg_depend"),
            s.run("VACUUM pg_catalog.pg_type"), s.run("VACUUM pg_catalog.pg_constraint"), s.run("VACUUM pg_catalog.pg_proc"),
            s.run("VACUUM accord_catalog.subscription"), s.run("VACUUM accord_catalog.consumer"), s.run("VACUUM accord_catalog.contract"),
            s.run("VACUUM accord_catalog.contract_version");
    }
    return summary(elapsed());
  }

  static long total(const std::map<std::string, long>& of) {
    long sum = 0;
    for (const auto& [label, n] : of)
      sum += n;
    return sum;
  }
  static void print(const char* title, const std::map<std::string, long>& of) {
    fmt::print("\n{}: {}\n", title, total(of));
    for (const auto& [label, n] : of)
      fmt::print("  {:6}  {}\n", n, label);
  }

  int summary(double seconds) {
    fmt::print("\n{:<32} {:>8} {:>14}\n", "rule", "hits", "guards alone");
    for (const auto* rule : rule::rules()) {
      const auto& r = stats.rules[std::string(rule->id)];
      fmt::print("{:<32} {:>8} {:>14}\n", rule->id, r.hits, r.alone);
    }
    print("misses (consumer verdicts, by kind of change)", stats.misses);
    print("hit, refused, but not named", stats.unnamed);
    print("false alarms (consumer verdicts, by kind of change and rules)", stats.false_alarms);
    print("errors of the guard", stats.faults);
    print("changes by kind", stats.kinds);
    const double share = stats.named ? 100.0 * static_cast<double>(stats.false_named) / static_cast<double>(stats.named) : 0;
    fmt::print(
        "\n{} changes, {} applicable, {} refused ({} of these hit nobody); {} verdicts for consumers, {} hit, {} named, false alarms "
        "{:.2f} %\n",
        stats.changes, stats.cases, stats.refusals, stats.false_refusals, stats.verdicts, stats.hit, stats.named, share);
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
