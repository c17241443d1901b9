// parsed: the verdict on a script of which nothing can be executed (a read-only transaction, a standby).
//
// Each statement is judged on the result of those before it, by the rules that the guard uses, from its parse tree.  What the tree cannot
// tell (DO, functions, triggers …) is said to be unknown and never taken for harmless.
//
// Locking: none on the relations of users but what the capture of a shape needs for a moment (ACCESS SHARE).
#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <set>

#include "pg/scope.hpp"
#include "pg/spi.hpp"
#include "rule/cost.hpp"
#include "rule/rule.hpp"
#include "rule/stage_call.hpp"
#include "server/check/row.hpp"
#include "server/check/script_world.hpp"
#include "server/check/statement_kind.hpp"
#include "server/ddl/statement.hpp"
#include "server/guard/judgement.hpp"
#include "server/guard/reach.hpp"

#include "pg/pg.h"

namespace accord::check {

using namespace guard;

namespace {

optional_text text_of(std::optional<bool> b) {
  if (!b) return std::nullopt;
  return *b ? "true" : "false";
}

class checker : public ddl::reader {
 public:
  checker(std::string script, optional_text why, std::set<Oid>* touched)
      : script_(std::move(script)), why_(std::move(why)), touched_(touched) {}

  void run() { ddl::read(script_, world_, *this); }

  void each(Node* tree, std::vector<ddl::statement> targets) override {
    kind_of_statement kind = kind_of(tree);
    if (kind.sets_search_path) pg([&] { set_search_path(tree); });
    for (auto& s : targets) {
      std::size_t first = rows_.size();
      one(tree, kind, s);
      if (touched_ && OidIsValid(s.relation) && s.relation != script_world::created) touched_->insert(s.relation);
      if (why_ && kind.executed) doubt(first);
    }
    if (kind.creates) world_.create(kind.creates);
    if (kind.verdict == tellable::no) blind_ = true;
  }

  std::vector<check_row> rows() { return std::move(rows_); }

 private:
  // What another could have told by executing it is not taken for harmless.
  void doubt(std::size_t first) {
    for (std::size_t i = first; i < rows_.size(); i++) {
      auto& r = rows_[i];
      if (r.severity != "ok" || (r.rewrite == "false" && r.scan == "false")) continue;
      r.severity = "unknown";
      if (!r.element) r.element = why_;
    }
  }

  static void set_search_path(Node* tree) {
    (void)set_config_option("search_path", ExtractSetVariableArgs(reinterpret_cast<VariableSetStmt*>(tree)), PGC_USERSET, PGC_S_SESSION,
                            GUC_ACTION_SAVE, true, 0, false);
  }

  check_row row_for(const ddl::statement& s, std::string severity) const {
    check_row r;
    r.line = line_at(script_, s.location);
    r.statement = s.text;
    r.severity = std::move(severity);
    r.basis = "parsed";
    return r;
  }

  void one(Node* tree, const kind_of_statement& kind, const ddl::statement& s) {
    bool names_relation = !s.target.name.empty();
    if (names_relation && !OidIsValid(s.relation)) {
      if (!s.missing_ok && !blind_) ddl::fail_at(script_, s.target_location, no_such_relation(s));
      rows_.push_back(row_for(s, s.missing_ok && !blind_ ? "ok" : "unknown"));
      return;
    }
    if (s.relation == script_world::created) {
      rows_.push_back(row_for(s, "ok"));
      return;
    }
    if (!names_relation) {
      rows_.push_back(row_for(s, kind.verdict == tellable::no ? "unknown" : "ok"));
      return;
    }
    auto reach = reach_of({s});
    add_below(reach, {s}, tree);
    if (reach.empty()) {
      auto r = row_for(s, "ok");
      if (s.understood) add_cost(r, s);
      rows_.push_back(std::move(r));
      carry_over(s);
      return;
    }
    for (const auto& affected : reach)
      judge(s, affected);
    carry_over(s);
  }

  static core::failure no_such_relation(const ddl::statement& s) {
    std::string name = s.target.schema.empty() ? s.target.name : s.target.schema + "." + s.target.name;
    return core::failure(core::sqlstate::undefined_table, fmt::format("relation \"{}\" does not exist", name));
  }

  void judge(const ddl::statement& s, const reached& affected) {
    auto changes = s.changes;
    if (affected.inherited) std::erase_if(changes, [](const change::any_change& c) { return !reaches_children(c); });
    const core::shape* before = world_.shape_of(affected.relation);
    core::shape after = before ? *before : affected.p.version.shape;
    core::shape now = after;
    apply(s, changes, after);

    const core::shape& promised = affected.p.version.shape;
    auto& renames = renames_[affected.relation];
    auto earlier = renames;
    for (const auto& c : changes)
      if (const auto* renamed = std::get_if<change::column_renamed>(&c)) follow(renames, promised, renamed->column, renamed->to);
    auto findings = rule::worse(rule::judge(promised, after, renames), rule::judge(promised, now, earlier));
    for (const auto& c : changes)
      if (loses_values(c, promised, after)) add_new(findings, rule::judge(c, promised, promised));
    if (affected.relation != s.relation) world_.set_shape(affected.relation, after);

    if (findings.empty()) {
      auto r = row_for(s, s.understood ? "ok" : "unknown");
      if (s.understood) add_cost(r, s);
      rows_.push_back(std::move(r));
      return;
    }
    verdict v = decide(affected.p, findings);
    for (const auto& f : findings) {
      bool broken = std::find(v.broken.begin(), v.broken.end(), f) != v.broken.end();
      auto r = row_for(s, broken && v.what == outcome::refused ? "error" : broken ? "warning" : "ok");
      r.rule = f.rule;
      r.element = f.element;
      r.readers = std::string(core::name_of(f.readers));
      r.writers = std::string(core::name_of(f.writers));
      r.consumers = spi::array_literal(registry::visible_consumers(affected.p.contract, consumers_of(affected.p, {f})));
      add_cost(r, s);
      if (broken)
        if (auto sql = rule::stage_call(affected.p.contract.name, promised, changes);
            !sql.empty() && !std::holds_alternative<change::relation_dropped>(changes.front()))
          r.safe_sql = sql;
      rows_.push_back(std::move(r));
    }
    if (!s.understood) rows_.push_back(row_for(s, "unknown"));
  }

  // A promised column that is dropped and made again compares equal and is empty.
  static bool loses_values(const change::any_change& c, const core::shape& promised, const core::shape& after) {
    if (std::holds_alternative<change::relation_dropped>(c)) return true;
    const auto* dropped = std::get_if<change::column_dropped>(&c);
    return dropped && promised.find_column(dropped->column) && after.find_column(dropped->column);
  }

  static void add_new(std::vector<core::finding>& to, std::vector<core::finding> more) {
    for (auto& f : more)
      if (std::none_of(to.begin(), to.end(), [&](const core::finding& known) { return known.rule == f.rule; })) to.push_back(std::move(f));
  }

  static void follow(change::renames& renames, const core::shape& promised, const std::string& from, const std::string& to) {
    for (auto& [name, current] : renames)
      if (current == from) {
        current = to;
        return;
      }
    if (promised.find_column(from)) renames[from] = to;
  }

  void apply(const ddl::statement& s, const std::vector<change::any_change>& changes, core::shape& shape) {
    core::failure problem("XX000", "");
    try {
      shape = change::applied(shape, changes);
      return;
    } catch (const core::failure& f) {
      problem = f;
    }
    ddl::fail_at(script_, s.location, problem);
  }

  void carry_over(const ddl::statement& s) {
    if (s.relation == script_world::created || !OidIsValid(s.relation)) return;
    for (const auto& c : s.changes)
      if (std::holds_alternative<change::relation_dropped>(c)) {
        world_.drop(s.relation);
        return;
      }
    const core::shape* before = s.changes.empty() ? nullptr : world_.shape_of(s.relation);
    if (!before) return;
    core::shape after = *before;
    apply(s, s.changes, after);
    world_.set_shape(s.relation, std::move(after));
  }

  void add_cost(check_row& r, const ddl::statement& s) {
    const core::shape* before = world_.shape_of(s.relation);
    if (!before || s.changes.empty()) return;
    rule::cost cost = rule::cost_of(s.changes, *before);
    std::string mode(rule::name_of(cost.held));
    r.locks = mode + " on " + s.target.sql();
    if (!cost.also_locked.empty()) *r.locks += ", " + mode + " on " + cost.also_locked;
    r.rewrite = text_of(cost.rewrite);
    r.scan = text_of(cost.scan);
    if (!cost.rewrite || !cost.scan) return;
    std::int64_t bytes = *cost.rewrite || *cost.scan ? bytes_of(s.relation) : 0;
    if (bytes < 0) return;
    r.bytes = std::to_string(bytes);
    r.estimate = time_for(bytes, *cost.rewrite);
  }

  std::string script_;
  optional_text why_;  // nothing is executed
  std::set<Oid>* touched_;
  script_world world_;
  std::map<Oid, change::renames> renames_;  // promised name -> name after the statements so far
  bool blind_ = false;                      // a statement before may have made or dropped anything
  std::vector<check_row> rows_;
};

}  // namespace

std::vector<check_row> parsed_verdict(const std::string& script, optional_text why, std::set<Oid>* touched) {
  checker c(script, std::move(why), touched);
  {
    local_settings path;  // a search_path that the script sets ends with it
    c.run();
  }
  return c.rows();
}

}  // namespace accord::check
