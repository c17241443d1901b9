// script.  See script.hpp.
#include "server/check/script.hpp"

#include <fmt/format.h>
#include <iterator>
#include <optional>
#include <set>

#include "core/failure.hpp"
#include "server/check/clone.hpp"
#include "server/check/concurrent.hpp"
#include "server/check/contracts.hpp"
#include "server/check/data.hpp"
#include "server/check/execute.hpp"
#include "server/check/hazards.hpp"
#include "server/check/reach.hpp"
#include "server/check/statement_kind.hpp"
#include "server/check/transaction.hpp"
#include "server/check/waiting.hpp"

#include "pg/pg.h"

namespace accord::check {

namespace {

RawStmt* parsed(const std::string& text) {
  const char* sql = text.c_str();
  return pg([&] { return static_cast<RawStmt*>(linitial(raw_parser(sql, RAW_PARSE_DEFAULT))); });
}

class script_check : public ddl::reader {
 public:
  explicit script_check(const std::string& script) : script_(script), engine_(names_), world_(names_, engine_), contracts_(world_) {}

  std::vector<check_row> run() {
    local_settings settings;
    settings.set("client_min_messages", "error").set("check_function_bodies", "off").set("track_counts", "on");
    // Reading a definition waits for whoever holds the table against readers; then the parse trees have to do.
    if (LockTimeout == 0 || LockTimeout > 500) settings.set("lock_timeout", "500ms");
    auto searched = schemas_searched();
    prepare(searched);
    settings.set("search_path", names_.search_path(searched).c_str());
    ddl::read(script_, world_, *this);
    if (last_left_) judge_what_was_left(*last_left_, true);
    for (const auto& a : transaction_.at_end()) {
      check_row r;
      r.line = a.line;
      r.statement = a.statement;
      r.severity = a.what.severity;
      r.rule = a.what.id;
      r.element = a.what.element;
      r.basis = "text";
      rows_.push_back(std::move(r));
    }
    return std::move(rows_);
  }

  const std::set<Oid>& touched() const { return touched_; }

  void each(Node* tree, std::vector<ddl::statement> targets) override {
    const ddl::statement& s = targets.front();
    kind_of_statement kind = kind_of(tree);
    if (IsA(tree, VariableSetStmt)) set(reinterpret_cast<VariableSetStmt*>(tree));
    transaction_.begin_statement(tree, line_at(script_, s.location), s.text);
    if (auto due = transaction_.of_what_was_left(); due != transaction_watch::verdict::not_yet)
      if (judge_what_was_left(s, due == transaction_watch::verdict::due)) return;
    for (const auto& target : targets)
      if (!target.target.name.empty() && !OidIsValid(target.relation) && !kind.creates) {
        if (!target.missing_ok && !blind_) ddl::fail_at(script_, target.target_location, no_such_relation(target));
        rows_.push_back(row_for(s, target.missing_ok && !blind_ ? "ok" : "unknown"));
        return;
      }
    if (kind.executed && !on_temporary(targets)) {
      execute(tree, kind, targets);
      return;
    }
    bool unknown = kind.verdict == tellable::no;
    auto r = row_for(s, unknown ? "unknown" : "ok");
    r.basis = "parsed";
    rows_.push_back(std::move(r));
    if (unknown) blind_ = true;
  }

 private:
  static core::failure no_such_relation(const ddl::statement& s) {
    std::string name = s.target.schema.empty() ? s.target.name : s.target.schema + "." + s.target.name;
    return core::failure(core::sqlstate::undefined_table, fmt::format("relation \"{}\" does not exist", name));
  }

  static bool on_temporary(const std::vector<ddl::statement>& targets) {
    for (const auto& s : targets) {
      Oid relation = s.relation;
      if (OidIsValid(relation) && pg([&] { return get_rel_persistence(relation) == RELPERSISTENCE_TEMP; })) return true;
    }
    return false;
  }

  void prepare(const std::vector<std::string>& searched) {
    // The queries on the catalogs ask for a few rows by their oids, and name their tables in an order to join them in: planning them takes
    // longer than running them.
    local_settings plans;
    for (const char* other : {"enable_hashjoin", "enable_mergejoin", "enable_seqscan", "enable_material", "enable_memoize", "jit"})
      plans.set(other, "off");
    plans.set("join_collapse_limit", "1").set("from_collapse_limit", "1");
    reach_of_script reach = reach_of(script_);
    reach.schemas.insert(reach.schemas.end(), searched.begin(), searched.end());
    closure c = closure_of(reach);
    for (Oid user : users_of(c.types))
      touched_.insert(user);
    by_ = executor_for(c, script_, searched);
    names_.belong_to(by_.user);
    problems_ = clone(c, by_, names_);
    for (const auto& schema : searched)
      (void)names_.twin_of(schema);
    engine_.begin();
    contracts_.watch(engine_);
    waiting_.look(engine_);
  }

  // False: there is nothing to say.
  bool judge_what_was_left(const ddl::statement& end, bool counts) {
    auto rows = contracts_.judge_all(engine_, row_for(end, "ok"));
    last_left_.reset();
    if (!counts || rows.empty()) return false;
    std::move(rows.begin(), rows.end(), std::back_inserter(rows_));
    return true;
  }

  // What a later statement meets: names, and how values are read.
  void set(VariableSetStmt* statement) {
    transaction_.set(statement);
    if (statement->kind != VAR_SET_VALUE || !statement->name) return;
    static constexpr const char* felt[] = {"search_path", "timezone", "datestyle", "intervalstyle", "default_table_access_method"};
    bool sets_path = pg_strcasecmp(statement->name, "search_path") == 0, any = false;
    for (const char* name : felt)
      any = any || pg_strcasecmp(statement->name, name) == 0;
    if (!any) return;
    pg([&] {
      (void)set_config_option(statement->name, ExtractSetVariableArgs(statement), PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0,
                              false);
    });
    if (!sets_path) return;
    std::string path = names_.search_path(schemas_searched());
    const char* value = path.c_str();
    pg([&] { (void)set_config_option("search_path", value, PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false); });
  }

  check_row row_for(const ddl::statement& s, std::string severity) const {
    check_row r;
    r.line = line_at(script_, s.location);
    r.statement = s.text;
    r.severity = std::move(severity);
    r.basis = problems_.empty() ? "executed" : "partial";
    return r;
  }

  void say(const check_row& base, hazard h, const char* basis = nullptr) {
    check_row r = base;
    r.rule = std::move(h.id);
    r.severity = std::move(h.severity);
    r.element = std::move(h.element);
    if (!h.safe_sql.empty()) r.safe_sql = std::move(h.safe_sql);
    if (basis) r.basis = basis;
    rows_.push_back(std::move(r));
  }

  void execute(Node* tree, const kind_of_statement& kind, const std::vector<ddl::statement>& targets) {
    const ddl::statement& s = targets.front();
    std::string text = on_schemas(tree, s.text, names_, kind.defines_qualified);
    concurrent_form form(tree, world_);
    if (auto why = form.refused(transaction_.in_block())) {
      say(row_for(s, "error"), {transaction_.in_block() ? "IX08" : "IX09", "error", *why, {}});
      return;
    }
    hazard_input in;
    in.written = tree;
    in.text = s.text;
    in.clones = &engine_;
    for (const auto& target : targets)
      if (OidIsValid(target.relation)) in.named.push_back(target.relation);
    for (Oid relation : also_named(tree, world_))
      in.named.push_back(relation);
    for (Oid clone : in.named)
      if (auto known = engine_.relations().find(clone); known != engine_.relations().end()) touched_.insert(known->second.original);
    RawStmt* raw = parsed(text);
    form.make_plain(raw->stmt);
    in.tree = pg([&] { return static_cast<Node*>(copyObjectImpl(raw->stmt)); });
    try_parts(raw, text, in);
    effects e;
    reported_error error;
    auto data = data_hazards(in.tree, text, s.relation, engine_, by_);
    if (!engine_.run([&] { run(raw, text); }, e, error)) {
      failed(s, error);
      return;
    }
    after_renaming_schema(tree, names_);
    read_rows(tree, in.named, e, engine_);
    form.correct(e, in.named, engine_);
    in.what = &e;
    for (const auto& l : e.locks)
      if (char k = engine_.at(l.clone).kind; l.mode >= ShareUpdateExclusiveLock && k != RELKIND_INDEX && k != RELKIND_PARTITIONED_INDEX)
        touched_.insert(engine_.at(l.clone).original);

    check_row base = row_for(s, "ok");
    if (form.applies()) base.basis = "measured";
    add_cost(base, e);
    std::size_t first = rows_.size();
    bool contract_spoke = false;
    if (transaction_.leaves_for_the_end()) {
      last_left_ = s;
      for (const auto& target : targets)
        contract_spoke |= contracts_.note(target);
    } else {
      for (auto& r : contracts_.judge(s, e, engine_, reaches_without_lock(tree), base))
        rows_.push_back(std::move(r));
      contract_spoke = rows_.size() > first;
    }
    if (form.waits_for_snapshots() && transaction_.has_lock_timeout())
      say(base,
          {"IX11", "advice", "lock_timeout also ends its wait for old snapshots, and then leaves an INVALID index",
           "SET lock_timeout = 0; " + s.text},
          "text");
    if (form.is_vacuum() && !e.rewritten.empty()) say(base, {"RW15", "warning", "the table is copied while nobody can read it", {}});
    if (!form.applies())
      for (auto& h : hazards_of(in))
        if (!contract_spoke || !(h.id.starts_with("BC") || h.id.starts_with("DX"))) say(base, std::move(h));
    for (auto& h : data)
      say(base, std::move(h), "data");
    for (auto& h : transaction_.end_statement(e, engine_, world_))
      say(base, std::move(h), "text");
    if (rows_.size() == first) rows_.push_back(std::move(base));
  }

  void run(RawStmt* tree, const std::string& text) {
    as_executor owner(by_);
    run_tree(tree, text.c_str());
  }

  // What each subcommand of an ALTER TABLE would do alone, to tell which of them makes the whole costly.
  void try_parts(RawStmt* raw, const std::string& text, hazard_input& in) {
    if (!IsA(raw->stmt, AlterTableStmt)) return;
    List* commands = reinterpret_cast<AlterTableStmt*>(raw->stmt)->cmds;
    if (list_length(commands) < 2) return;
    for (int i = 0; i < list_length(commands); i++) {
      auto* part = pg([&] {
        auto* copy = static_cast<RawStmt*>(copyObjectImpl(raw));
        auto* statement = reinterpret_cast<AlterTableStmt*>(copy->stmt);
        statement->cmds = list_make1(list_nth(statement->cmds, i));
        return copy;
      });
      effects e;
      reported_error error;
      bool known = engine_.probe([&] { run(part, text); }, e, error);
      in.parts.push_back(known ? std::optional(std::move(e)) : std::nullopt);
    }
  }

  void failed(const ddl::statement& s, const reported_error& error) {
    std::string message = names_.restored(error.message);
    bool sure = !blind_ && problems_.empty();
    if (sure && (error.sqlstate == core::sqlstate::undefined_table || error.sqlstate == "42703"))
      ddl::fail_at(script_, s.location, core::failure(error.sqlstate, message, names_.restored(error.detail), names_.restored(error.hint)));
    // What the caller may not do, a new label before its commit, or what could not be copied, says nothing about the statement.
    bool knows = sure && error.sqlstate != "42501" && error.sqlstate != "55P04" && error.sqlstate != no_copy;
    auto r = row_for(s, knows ? "error" : "unknown");
    if (!knows) r.basis = "parsed";
    // The guard refuses before PostgreSQL sees what depends on it.
    if (!transaction_.leaves_for_the_end())
      for (auto& foreseen : contracts_.foresee(s, r))
        rows_.push_back(std::move(foreseen));
    r.rule = "statement-fails";
    r.element = message;
    rows_.push_back(std::move(r));
  }

  void add_cost(check_row& r, const effects& e) {
    std::string text;
    for (const auto& l : e.locks)
      text += (text.empty() ? "" : ", ") + mode_name(l.mode) + " on " + engine_.at(l.clone).name.sql();
    if (!text.empty()) r.locks = text;
    bool rewrite = !e.rewritten.empty(), scan = !e.scanned.empty();
    r.rewrite = rewrite ? "true" : "false";
    r.scan = scan ? "true" : "false";
    r.sessions = waiting_.in_the_way(e, engine_);
    std::set<Oid> touched(e.rewritten.begin(), e.rewritten.end());
    touched.insert(e.scanned.begin(), e.scanned.end());
    if (text.empty() && touched.empty()) return;
    std::int64_t bytes = 0;
    for (Oid clone : touched) {
      std::int64_t size = bytes_of(engine_.at(clone).original);
      if (size < 0) return;
      bytes += size;
    }
    r.bytes = std::to_string(bytes);
    r.estimate = time_for(bytes, rewrite);
  }

  std::string script_;
  executor by_;
  clone_names names_;
  engine engine_;
  clone_world world_;
  contracts contracts_;
  transaction_watch transaction_;
  waiting_sessions waiting_;
  std::set<Oid> touched_;
  std::vector<std::string> problems_;        // of the copy
  bool blind_ = false;                       // a statement before may have made or dropped anything
  std::optional<ddl::statement> last_left_;  // the last of those that are judged with their transaction
  std::vector<check_row> rows_;
};

}  // namespace

std::vector<check_row> executed_verdict(const std::string& script, std::set<Oid>* touched) {
  script_check c(script);
  auto rows = c.run();
  if (touched) *touched = c.touched();
  return rows;
}

}  // namespace accord::check
