// truth: executes each case of a truth table with the statements of old clients, before and after the change, and compares what happened
// with what the table says, and with whom the guard and accord.check name.
//
//   truth FILE…           TAP lines; RECORD=1: what was found, as lines for the file; ONLY=text: cases whose name has it
//
// Needs a throw-away server (scripts/cluster --preload) with the extension installed.
#include <cstdlib>
#include <fmt/format.h>
#include <iostream>
#include <memory>
#include <set>
#include <tuple>
#include <utility>

#include "clients.hpp"
#include "outcome.hpp"
#include "truth_file.hpp"

namespace accord::truth {

namespace {

using oracle::judgement;
using oracle::trial;

struct table_run {
  oracle::server& s;
  bool record = std::getenv("RECORD");
  const char* only = std::getenv("ONLY");
  std::unique_ptr<trial> current = nullptr;
  std::string current_key = {};
  int failed = 0;

  void check(const std::string& name, const std::string& wanted, const std::string& found) {
    if (wanted == found) {
      fmt::print("ok - {}{}\n", name, found.empty() ? "" : ": " + found);
      return;
    }
    failed++;
    fmt::print("not ok - {}\n  wanted: {}\n  found:  {}\n", name, wanted, found);
  }

  trial& trial_of(const truth_case& c) {
    std::string key;
    for (const auto& statement : c.setup)
      key += statement + "\n";
    for (const auto& own : c.clients)
      key += own.line + "\n";
    if (current && key == current_key) return *current;
    current.reset();
    current_key.clear();
    oracle::dice none(1);
    current = std::make_unique<trial>(s, c.setup, "app", "clients", readers_and_writers, none,
                                      [&](oracle::server& at, const oracle::table& t, const std::vector<oracle::probe>& known) {
                                        return added_probes(at, t, known, c.clients);
                                      });
    current_key = key;
    return *current;
  }

  // Copied anew by the change?  What accord.check says of that, and whom it names.
  struct asked {
    bool rewritten = false;
    std::string said_rewritten, basis;
    std::set<std::string> named;
  };
  asked ask(const trial& t, const truth_case& c, std::size_t passed) {
    asked a;
    std::string script;
    for (const auto& statement : c.change)
      script += statement + ";\n";
    const std::string file = fmt::format("SELECT pg_relation_filenode({})", t.of().oid);
    s.must("SAVEPOINT asking; SET LOCAL timezone = 'UTC'");
    const auto before = s.must(file);
    for (const auto& statement : c.change)
      s.must(statement);
    const auto after = s.must(file);
    a.rewritten = before != after && !after.empty() && after[0][0] != oracle::null_text;
    s.must("ROLLBACK TO asking; SET LOCAL accord.guard = on; SET LOCAL timezone = 'UTC'");
    const auto rows =
        s.must(fmt::format("SELECT coalesce(bool_or(rewrite), false), (SELECT string_agg(DISTINCT u, ',') FROM accord.check({0}) k, "
                           "unnest(k.consumers) u WHERE k.line <= {1}),"
                           " bool_or(basis = 'parsed') FROM accord.check({0})",
                           s.literal(script), passed));  // a statement a line; after a refusal comes none
    a.said_rewritten = rows[0][0] == "t" ? "yes" : "no";
    a.basis = rows[0][2] == "t" ? "parsed" : "executed";
    std::string name;
    for (char ch : (rows[0][1] == oracle::null_text ? "" : rows[0][1] + ","))
      if (ch == ',')
        a.named.insert(std::exchange(name, {}));
      else
        name += ch;
    s.must("ROLLBACK TO asking");
    return a;
  }

  // From which strictness on; the consumers of one side that it holds for must be those above it.
  static std::string hit_from(const judgement& j, const std::string& side, const std::set<std::string>& named) {
    std::string from, odd;
    for (const auto& c : j.consumers) {
      if (!c.consumer.starts_with(side + "_") || c.consumer.starts_with(side + "_of_")) continue;
      const bool hit = named.contains(c.consumer);
      if (hit && from.empty()) from = c.consumer.substr(side.size() + 1);
      if (!hit && !from.empty()) odd += " but not " + c.consumer;
    }
    return (from.empty() ? "nobody" : from) + odd;
  }

  // "all (reason)", "nobody (reason)", or names.
  static std::set<std::string> named_by(const std::string& text, const std::string& side, const judgement& j) {
    std::set<std::string> names;
    const std::string list = text.substr(0, text.find(" ("));
    for (const auto& consumer : j.consumers)
      if (consumer.consumer.starts_with(side) &&
          (list == "all" || (" " + list + " ").find(" " + consumer.consumer + " ") != std::string::npos))
        names.insert(consumer.consumer);
    return names;
  }

  void verdicts(const std::string& name, const truth_case& c, const judgement& j, const asked& a) {
    std::set<std::string> evident, named;
    std::map<std::string, std::string> reasons;
    for (const auto& c : j.consumers) {
      if (!c.evidence.empty()) evident.insert(c.consumer);
      if (c.named) named.insert(c.consumer);
      reasons[c.consumer] = c.evidence;
    }
    auto list = [](const std::set<std::string>& of, const std::string& side) {
      std::string text;
      for (const auto& n : of)
        if (n.starts_with(side)) text += " " + n;
      return text.empty() ? std::string("nobody") : text.substr(1);
    };
    for (const std::string side : {"reader", "writer"}) {
      std::string is = list(evident, side);
      // What statements cannot show, or a guard cannot know: the file says whom it names all the same, and why.
      if (const auto said = c.facts.find(side + "s named"); said != c.facts.end()) {
        const std::string expected = list(named_by(said->second, side, j), side);
        if (expected == is) {
          failed++;
          fmt::print("not ok - {}: {}s are named as they are hit, although the file says otherwise\n", name, side);
        }
        is = expected;
      }
      const std::string guard = list(named, side), asked = list(a.named, side);
      std::string is_asked = is;
      if (const auto said = c.facts.find("check of " + side + "s named"); said != c.facts.end())
        is_asked = list(named_by(said->second, side, j), side);
      for (const auto& [what, said, hit] : {std::tuple{"the guard", guard, is}, std::tuple{"accord.check", asked, is_asked}}) {
        if (said == hit) {
          fmt::print("ok - {}: {} names {}s as they are hit\n", name, what, side);
          continue;
        }
        failed++;
        fmt::print("not ok - {}: {} names {}s as they are hit\n  hit:    {}\n  named:  {}\n  guard:  {}\n", name, what, side, hit, said,
                   j.refused         ? j.detail
                   : j.fault.empty() ? "passes"
                                     : j.fault);
        int shown = 0;
        for (const auto& n : evident)
          if (n.starts_with(side) && said.find(n) == std::string::npos && shown++ < 3) fmt::print("  saw:    {}: {}\n", n, reasons[n]);
      }
    }
  }

  void run(const truth_case& c) {
    const std::string name = c.row.substr(0, c.row.find(' ')) + " " + c.name;
    if (only && name.find(only) == std::string::npos) return;
    try {
      trial& t = trial_of(c);
      const judgement j = t.judge(c.change, c.instead);
      if (!j.applicable) {
        check(name + ": refused by the server", c.facts.contains("server") ? c.facts.at("server") : "", j.fault.substr(0, 5));
        return;
      }
      const asked a = ask(t, c, j.passed);
      std::set<std::string> evident;
      for (const auto& consumer : j.consumers)
        if (!consumer.evidence.empty()) evident.insert(consumer.consumer);
      auto found = outcomes(t);
      found["codes"] = codes(t);
      found["rewrite"] = a.rewritten ? "yes" : "no";
      if (a.basis != "executed") found["check"] = a.basis;
      found["readers hit from"] = hit_from(j, "reader", evident);
      found["writers hit from"] = hit_from(j, "writer", evident);
      if (record) {
        fmt::print("{}\n", name);
        for (const char* fact : {"codes", "rewrite", "readers hit from", "writers hit from", "check"})
          if (found.contains(fact)) fmt::print("  {}: {}\n", fact, found[fact]);
        for (const auto& kind : kinds)
          if (found.contains(kind)) fmt::print("  {}: {}\n", kind, found[kind]);
      } else {
        for (const auto& [fact, value] : c.facts)
          if (!found.contains(fact) && !fact.ends_with("named") && fact != "check of rewrite") found[fact] = "";
        for (const auto& [fact, value] : found)
          check(name + ": " + fact, c.facts.contains(fact) ? c.facts.at(fact) : "", value);
        const auto other = c.facts.find("check of rewrite");
        check(name + ": accord.check says whether it is rewritten",
              other != c.facts.end() ? other->second.substr(0, other->second.find(' ')) : found["rewrite"], a.said_rewritten);
      }
      verdicts(name, c, j, a);
    } catch (const std::exception& e) {
      failed++;
      fmt::print("not ok - {}: {}\n", name, e.what());
      current.reset();
      current_key.clear();
      s.run("ROLLBACK");
      s.run("DEALLOCATE ALL");
    }
    std::cout.flush();
  }
};

int run_all(int count, char** files) {
  oracle::server s;
  const auto build =
      s.must("SELECT current_setting('server_version_num'), EXISTS (SELECT FROM pg_collation WHERE collname = 'en-x-icu')")[0];
  for (const auto& statement : oracle::world())
    if (auto made = s.last(statement); !made.ok() && made.state != "42710") throw std::runtime_error(made.message);
  s.must("CREATE EXTENSION pg_accord");
  table_run r{s};
  for (int i = 1; i < count; i++)
    for (const auto& c : read_truth(files[i], {std::stoi(build[0]), build[1] == "t"}))
      r.run(c);
  return r.failed > 0;
}

}  // namespace

}  // namespace accord::truth

int main(int count, char** arguments) {
  try {
    return accord::truth::run_all(count, arguments);
  } catch (const std::exception& e) {
    fmt::print("not ok - {}\n", e.what());
    return 2;
  }
}
