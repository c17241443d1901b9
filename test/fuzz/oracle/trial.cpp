// trial.  See trial.hpp.
#include "trial.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <stdexcept>

namespace accord::oracle {

namespace {

using core::strictness;

constexpr strictness every[] = {strictness::data,     strictness::text, strictness::typed,
                                strictness::prepared, strictness::star, strictness::exact};

std::string array_of(const table& t, column_set columns) {
  std::string list;
  for (std::size_t c = 0; c < t.columns.size(); c++)
    if (columns >> c & 1) list += (list.empty() ? "" : ",") + t.columns[c].name;
  return "'{" + list + "}'";
}

// The words between two marks: "Consumers affected: a, b."
std::set<std::string> words_between(const std::string& text, const std::string& mark, char end) {
  std::set<std::string> words;
  const std::size_t at = text.find(mark);
  if (at == std::string::npos) return words;
  std::string word;
  for (std::size_t i = at + mark.size(); i < text.size(); i++) {
    const char c = text[i];
    if (c == end || c == ',') {
      words.insert(word);
      word.clear();
      if (c == end) break;
    } else if (c != ' ') {
      word += c;
    }
  }
  return words;
}

std::set<std::string> rules_in(const std::string& detail) {
  std::set<std::string> rules;
  static const std::string mark = "(rule ";
  for (std::size_t at = 0; (at = detail.find(mark, at)) != std::string::npos;) {
    at += mark.size();
    rules.insert(detail.substr(at, detail.find(')', at) - at));
  }
  return rules;
}

}  // namespace

std::vector<consumer> all_kinds(const table& t, dice& d) {
  std::vector<consumer> result;
  for (bool reads : {true, false})
    for (strictness at : every)
      result.push_back({fmt::format("{}_{}", reads ? "r" : "w", core::name_of(at)), at, reads, t.all, true});
  for (int i = 0; i < 6; i++) {
    const bool reads = i % 2 == 0;
    const strictness at = every[d.below(4)];  // who uses SELECT * uses all columns
    auto one = [&] {
      std::size_t c = 0;
      do
        c = d.below(t.columns.size());
      while (!reads && t.columns[c].generated);  // nobody writes it
      return column_set{1} << c;
    };
    column_set few = one();
    if (d.chance(50)) few |= one();
    if (!reads) few |= t.needed;
    result.push_back({fmt::format("{}_{}_{}", reads ? "rr" : "ww", core::name_of(at), i), at, reads, few, false});
  }
  return result;
}

trial::trial(server& s, const std::vector<std::string>& schema, std::string role, std::string level,
             std::vector<consumer> (*consumers)(const table&, dice&), dice& d, const more_probes& more)
    : s_(s), role_(std::move(role)), level_(std::move(level)), all_probes_(more != nullptr) {
  s.must("BEGIN");
  s.must("SET LOCAL search_path = early, shop, public; SET LOCAL client_min_messages = error; SET LOCAL timezone = 'America/New_York'");
  s.must("SET LOCAL accord.guard = off; SET LOCAL accord.allow_unused = on");
  s.must("SET LOCAL search_path = shop, early, public");
  for (const auto& statement : schema)
    s.must(statement);
  s.must("SET LOCAL search_path = early, shop, public");
  table_ = table::read(s, "shop.t");
  s.must(fmt::format("SELECT accord.register_contract('shop.t', level => '{}')", level_));
  s.must("SET LOCAL ROLE " + role_);
  const auto rows = insertable(s, table_);
  s.must("RESET ROLE");
  table_.insertable = rows.has_value();
  if (rows) table_.needed = rows->needed();
  consumers_ = consumers(table_, d);
  for (const consumer& c : consumers_)
    s.must(fmt::format(
        "SELECT accord.register_consumer('{0}', role => '{5}'); SELECT accord.subscribe('shop.t', '{0}', access => '{1}', strictness => "
        "'{2}', "
        "columns => {3}){4}",
        c.name, c.reads ? "read" : "write", core::name_of(c.strictness), c.all ? "NULL" : array_of(table_, c.columns), "", role_));
  s.must("SET LOCAL ROLE " + role_);
  probes_ = probes_for(s, table_, rows);
  if (more)
    for (probe& p : more(s, table_, probes_))
      probes_.push_back(std::move(p));
  s.must("RESET ROLE");
  s.must("SAVEPOINT prepared");
  then_ = reading_of(s, table_);
  s.must("SAVEPOINT observed");
  fresh_files();
  const std::vector<bool> all(probes_.size(), true);
  before_.resize(probes_.size());
  observe(s, probes_, all, then_, role_, before_);
  // What differs without any change is no sign of one.
  std::vector<outcome> again(probes_.size());
  observe(s, probes_, all, then_, role_, again);
  s.must("ROLLBACK TO observed");
  for (std::size_t i = 0; i < before_.size(); i++)
    for (std::size_t c = 0; c < table_.columns.size(); c++)
      for (std::size_t r = 0; r < std::min(before_[i].added.size(), again[i].added.size()); r++)
        if (before_[i].added[r][c] != again[i].added[r][c]) before_[i].unstable |= column_set{1} << c;
}

trial::~trial() {
  s_.run("ROLLBACK");
  s_.run("DEALLOCATE ALL");
}

void trial::prepare() {
  std::string all = "DEALLOCATE ALL; SET LOCAL ROLE " + role_;
  for (const probe& p : probes_)
    if (!p.prepare.empty()) all += "; " + p.prepare;
  s_.must(all + "; RESET ROLE");
}

std::size_t trial::ask_guard(std::vector<std::string> change, bool at_commit, judgement& j) {
  std::size_t passed = 0;
  const std::size_t statements = change.size();
  if (at_commit) {
    change.insert(change.begin(), "SET LOCAL accord.judge_at = 'commit'");
    change.emplace_back("SET CONSTRAINTS ALL IMMEDIATE");
  }
  s_.must("SAVEPOINT guard; SET LOCAL accord.guard = on; SET LOCAL timezone = 'UTC'");
  for (const auto& statement : change) {
    reply r = s_.last(statement);
    passed++;
    if (r.ok()) continue;
    if (r.state == "AC001") {
      j.refused = true;
      j.detail = r.detail;
      j.rules = rules_in(r.detail);
      auto named = words_between(r.detail, "Consumers affected: ", '.');
      for (auto& c : j.consumers)
        c.named = named.contains(c.consumer);
    } else {
      j.fault = r.state + ": " + r.message;
    }
    break;
  }
  s_.must("ROLLBACK TO guard");
  return at_commit ? statements : passed;
}

// In the transaction's present state the guard's event triggers are off: what is made has no verdict, and costs a third.
constexpr const char* without_guard =
    "SET LOCAL allow_system_table_mods = on; UPDATE pg_event_trigger SET evtenabled = 'D' WHERE evtname LIKE 'accord%';"
    " SET LOCAL allow_system_table_mods = off";

// Statements that are rolled back leave dead rows in the files, and each later one reads past them: new files, that are rolled back too.
// (Not where a constraint excludes: after ALTER COLUMN TYPE without a rewrite PostgreSQL 15 looks for its index in the default tablespace.)
void trial::fresh_files() {
  s_.must(
      fmt::format("DO $$ DECLARE r record; BEGIN FOR r IN WITH RECURSIVE tree AS (SELECT {}::oid AS oid UNION SELECT inhrelid FROM "
                  "pg_inherits JOIN tree ON inhparent = oid), indexes AS (SELECT indexrelid AS oid, indisexclusion FROM pg_index JOIN "
                  "tree ON indrelid = tree.oid), files AS (SELECT oid FROM tree UNION SELECT oid FROM indexes) SELECT oid::regclass AS "
                  "name, relkind FROM files JOIN pg_class USING (oid) WHERE relkind IN ('r', 'i') AND NOT EXISTS (SELECT FROM indexes "
                  "WHERE indisexclusion) LOOP EXECUTE format('ALTER %s %s SET TABLESPACE scratch', CASE r.relkind WHEN 'i' THEN "
                  "'INDEX' ELSE 'TABLE' END, r.name); END LOOP; END $$",
                  table_.oid));
}

bool trial::is_promised(bool writer) const {
  return !level_.starts_with(writer ? "readers" : "writers") && level_ != "none";
}

// Can what happens to this probe be noticed by that consumer?  As compare() has it.
bool trial::waits_for(const consumer& c, std::size_t i) const {
  const probe& p = probes_[i];
  const outcome& was = before_[i];
  auto has = [&](column_set columns) { return (columns & ~c.columns) == 0; };
  if (c.reads != p.writes) return was.answer.ok() && c.strictness >= p.at && has(p.uses) && (!p.whole || c.all);
  if (!c.reads) return false;
  if (p.others) return true;
  if (was.answer.ok()) return !p.optional && c.strictness >= p.at;
  // Of what failed before, only that it is accepted now can be a difference, and only where a promise kept it out.
  return p.varied && c.strictness >= strictness::typed && has(p.varied) &&
         (was.answer.state == "22P02" || was.answer.state.starts_with("23"));
}

// Some of the probes are enough for most of the consumers; the others are sent for those who have noticed nothing yet.
void trial::notice(judgement& j) {
  const reading now = reading_of(s_, table_);
  after.assign(probes_.size(), {});
  differences.clear();
  std::vector<bool> sent(probes_.size());
  for (std::size_t each : {16, 4, 1}) {
    std::vector<bool> wanted(probes_.size());
    for (std::size_t i = 0; i < probes_.size(); i++) {
      if (sent[i] || (probes_[i].writes && i % each != 0)) continue;
      for (std::size_t k = 0; k < consumers_.size() && !wanted[i]; k++)
        wanted[i] = j.consumers[k].evidence.empty() && is_promised(!consumers_[k].reads) && waits_for(consumers_[k], i);
      if (all_probes_) wanted[i] = true;
      sent[i] = sent[i] || wanted[i];
    }
    observe(s_, probes_, wanted, now, role_, after);
    for (difference& d : compare(s_, table_, probes_, wanted, before_, after, then_, now)) {
      for (std::size_t i = 0; i < consumers_.size() && is_promised(d.writer); i++) {
        const consumer& c = consumers_[i];
        if (!j.consumers[i].evidence.empty() || c.reads == d.writer || c.strictness < d.at || (d.whole && !c.all)) continue;
        if ((d.uses & ~c.columns) != 0 || (d.touches != 0 && (d.touches & c.columns) == 0)) continue;
        j.consumers[i].evidence = probes_[d.probe].sql + " : " + d.what;
      }
      differences.push_back(std::move(d));
    }
  }
}

judgement trial::judge(const std::vector<std::string>& change, const std::vector<std::string>& instead, bool at_commit) {
  judgement j;
  for (const consumer& c : consumers_)
    j.consumers.push_back({c.name, {}, false});
  s_.must("SAVEPOINT change; SET LOCAL timezone = 'UTC'");
  s_.must(without_guard);
  auto make = [&](const std::vector<std::string>& list, std::size_t statements) {
    for (std::size_t i = 0; i < statements; i++)
      if (const reply r = s_.last(list[i]); !r.ok()) {
        j.fault = r.state + ": " + r.message;
        s_.must("ROLLBACK TO change");
        return false;
      }
    return true;
  };
  if (!make(change, change.size())) return j;
  j.applicable = true;
  s_.must("ROLLBACK TO change; SET LOCAL timezone = 'UTC'");
  // What comes after a refusal never happens, so that nobody is to be warned of it either.
  const std::size_t passed = j.passed = ask_guard(change, at_commit, j);
  s_.must(without_guard);
  fresh_files();
  prepare();
  s_.must("SET LOCAL timezone = 'UTC'");
  if (!(instead.empty() ? make(change, passed) : make(instead, instead.size())))
    throw std::runtime_error("a change that could be made cannot be made again");
  s_.must("RESET ROLE; SET LOCAL timezone = 'America/New_York'");
  notice(j);
  s_.must("ROLLBACK TO change");
  return j;
}

}  // namespace accord::oracle
