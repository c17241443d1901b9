// oracle: does the guard say of every change exactly what old clients experience?
//
//   CASES=n SEED=s SECONDS=t   random schemas and changes
//   JOBS=n                     connections, each with a database of its own; one report
//   MUTATE=rule                as if that rule were switched off: must fail
//   MUTANTS=1                  at the end each rule is switched off in a case that it guards alone, and must be missed
//   TABLE=t CHANGE=c FOCUS=f   one case again, from the id that was printed: s:t:c f
//   FOCUS=f                    all tables and three quarters of their changes are about this subject
//   SHOW=n EACH=n              how many findings are printed, at all and of each class
//
// Needs a throw-away server (scripts/cluster) with the extension installed.  Exit status 1 on a miss, or on false alarms above 1 %.
#include <algorithm>
#include <chrono>
#include <csignal>
#include <fmt/format.h>
#include <map>
#include <mutex>
#include <optional>
#include <thread>

#include "director.hpp"
#include "report.hpp"
#include "trial.hpp"

namespace accord::oracle {

namespace {

// Interrupted: what has been found is told all the same.
volatile std::sig_atomic_t interrupted = 0;

// A connection, and a database of its own with what every case stands in.
class worker {
 public:
  explicit worker(std::string database) : database_(std::move(database)) { renew(); }

  // What is rolled back stays in the catalogs' indexes, so that a database gets slower with each case.
  void renew() {
    s_.reset();
    server make;
    make.must("DROP DATABASE IF EXISTS " + database_);
    make.must("CREATE DATABASE " + database_ + " TEMPLATE template0");
    s_.emplace(database_);
    for (const auto& statement : world())  // its roles are of the cluster
      if (auto made = s_->last(statement); !made.ok() && made.state != "42710") throw std::runtime_error(made.message);
    s_->must("CREATE EXTENSION pg_accord");
  }

  // The changes of one table, or one of them; `use` gets each with its verdict.
  template <class Use>
  void each_change(const case_id& of, long only, long changes, Use use) {
    dice d(of.seed * 1000003 + static_cast<std::uint64_t>(of.table));
    random_schema schema = make_schema(d, of.focus);
    static const std::vector<std::string> levels = {"clients", "clients", "clients", "clients", "full", "readers", "writers"};
    const std::string level = d.one_of(levels);
    trial t(*s_, schema.statements, schema.role, level, all_kinds, d);
    if (!t.of().insertable) return;
    const parts p = parts::read(*s_, t.of());
    // Once something was left for the end of the transaction, the guard leaves there what follows.
    for (bool at_commit : {false, true})
      for (long c = 0; c < changes; c++) {
        dice own(of.seed * 1000003 + static_cast<std::uint64_t>(of.table) * 1009 + static_cast<std::uint64_t>(c) * 7919 + 17);
        const random_change change = make_change(own, p, of.focus);
        if (change.at_commit != at_commit || (only >= 0 && c != only)) continue;
        use(judged_change{{of.seed, of.table, c, of.focus}, level, schema, change, t, t.judge(change.statements, {}, change.at_commit)});
      }
  }

  // After an error of the trial itself.
  void recover() {
    s_->run("ROLLBACK");
    s_->run("DEALLOCATE ALL");
  }

 private:
  std::string database_;
  std::optional<server> s_;
};

// What does not come out as it should is judged once more by itself: a session remembers of keys and types what was rolled back.
bool is_doubtful(const judgement& j) {
  auto hit = [](const judged& c) { return !c.evidence.empty(); };
  return std::any_of(j.consumers.begin(), j.consumers.end(), [&](const judged& c) { return hit(c) && !c.named; }) ||
         (j.refused && std::none_of(j.consumers.begin(), j.consumers.end(), hit));
}

std::string doubt_of(const judged_change& judged) {
  for (const auto& c : judged.j.consumers)
    if (!c.evidence.empty() && !c.named)
      return fmt::format("{} \"{}\" {} {}: {}", judged.id.text(), judged.change.kind, judged.j.refused ? "unnamed" : "MISS", c.consumer,
                         c.evidence);
  return fmt::format("{} \"{}\" hit nobody", judged.id.text(), judged.change.kind);
}

class run {
 public:
  int all() {
    const auto jobs = static_cast<std::size_t>(only_ < 0 ? std::max(1L, number("JOBS", 1)) : 1);
    std::vector<std::unique_ptr<worker>> workers;
    for (std::size_t i = 0; i < jobs; i++)
      workers.push_back(std::make_unique<worker>(fmt::format("oracle_{}", i)));
    std::vector<std::thread> threads;
    for (auto& w : workers)
      threads.emplace_back([&] { work(*w); });
    for (auto& t : threads)
      t.join();
    const bool good = report_.print(elapsed());
    const bool noticed = !number("MUTANTS", 0) || mutants(*workers[0]);
    return good && noticed ? 0 : 1;
  }

 private:
  double elapsed() const { return std::chrono::duration<double>(std::chrono::steady_clock::now() - started_).count(); }

  // The next table, of a subject that has been hit little; false: it is enough.
  bool next(case_id& of) {
    const std::lock_guard lock(one_at_a_time_);
    of = {seed_, next_++, -1, only_ < 0 && focus_.empty() ? choose_focus(report_.hits(), directing_) : focus_};
    if (only_ >= 0) return of.table == only_;
    return report_.cases() < wanted_ && (!seconds_ || elapsed() < static_cast<double>(seconds_)) && !broken_ && !interrupted;
  }
  void only_beside_others(const std::string& doubt) {
    const std::lock_guard lock(one_at_a_time_);
    report_.only_beside_others(doubt);
  }
  void count(judged_change judged) {
    const std::lock_guard lock(one_at_a_time_);
    report_.count(std::move(judged));
  }

  void work(worker& w) {
    const long changes = 36, only = number("CHANGE", -1);
    long tables = 0;
    for (case_id of; next(of);) {
      if (++tables % 50 == 0) w.renew();
      try {
        std::map<long, std::string> doubtful;
        w.each_change(of, only, std::max(changes, only + 1), [&](judged_change judged) {
          if (only_ < 0 && is_doubtful(judged.j))
            doubtful[judged.id.change] = doubt_of(judged);
          else
            count(std::move(judged));
        });
        for (const auto& [c, doubt] : doubtful)
          w.each_change(of, c, c + 1, [&](judged_change judged) {
            const bool again = is_doubtful(judged.j);
            count(std::move(judged));
            if (!again) only_beside_others(doubt);
          });
        const std::lock_guard lock(one_at_a_time_);
        report_.table_done();
      } catch (const std::exception& e) {
        w.recover();
        const std::string what = e.what();
        if (what.starts_with("23")) continue;  // its own rows do not fit it
        const std::lock_guard lock(one_at_a_time_);
        fmt::print("schema {} cannot be made: {}\n", of.text(), what);
        report_.fault("schema");
        broken_ = ++unmade_ > 20;
      }
    }
  }

  // Switches off one rule after the other, each in a case that it guards alone.
  bool mutants(worker& w) {
    bool all = true;
    fmt::print("\n{:<32} {:<24} {}\n", "rule switched off", "case", "clients missed");
    for (const auto& [rule, r] : report_.rules()) {
      if (!r.alone) {
        std::string others;
        for (const auto& other : r.beside)
          others += (others.empty() ? "" : ", ") + other;
        fmt::print("{:<32} {:<24} never alone: always with {}\n", rule, "-", others);
        continue;
      }
      long missed = 0;
      w.each_change(r.guarded, r.guarded.change, r.guarded.change + 1, [&](judged_change judged) {
        switch_off(judged, rule);
        for (const auto& c : judged.j.consumers)
          missed += !c.evidence.empty() && !c.named;
      });
      all = all && missed;
      fmt::print("{:<32} {:<24} {}\n", rule, r.guarded.text(), missed ? fmt::format("{} missed, as it must be", missed) : "NOT NOTICED");
    }
    return all;
  }

  const std::uint64_t seed_ = static_cast<std::uint64_t>(number("SEED", 1));
  const long wanted_ = number("CASES", 2000), seconds_ = number("SECONDS", 0), only_ = number("TABLE", -1);
  const std::string focus_ = word("FOCUS");
  const std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
  std::mutex one_at_a_time_;  // what follows
  report report_;
  dice directing_{seed_};
  long next_ = std::max(0L, only_), unmade_ = 0;
  bool broken_ = false;
};

}  // namespace

}  // namespace accord::oracle

int main() {
  for (int signal : {SIGINT, SIGTERM})
    std::signal(signal, [](int) { accord::oracle::interrupted = 1; });
  try {
    return accord::oracle::run{}.all();
  } catch (const std::exception& e) {
    fmt::print(stderr, "oracle: {}\n", e.what());
    return 2;
  }
}
