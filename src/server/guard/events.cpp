// events: the four event triggers.
//
// ddl_command_start  the verdict from the parse tree, before any lock on the table is taken; and what the table looks like now
// table_rewrite      the last exit before a long rewrite
// sql_drop           contracted relations that go away, also through CASCADE
// ddl_command_end    the truth from the catalogs
//
// With accord.judge_at = 'commit' all of them note what they see, and the verdict is pending_judgement's.
//
// PostgreSQL's own errors come first: nothing is said about an object that is not there or that the caller does not own.
#include <algorithm>
#include <fmt/format.h>
#include <span>

#include "core/text.hpp"
#include "rule/rule.hpp"
#include "server/ddl/statement.hpp"
#include "server/guard/command_text.hpp"
#include "server/guard/descendants.hpp"
#include "server/guard/foreign_key.hpp"
#include "server/guard/guard.hpp"
#include "server/guard/judgement.hpp"
#include "server/guard/lost_rights.hpp"
#include "server/guard/migration_guard.hpp"
#include "server/guard/on_child.hpp"
#include "server/guard/pending.hpp"
#include "server/guard/publication.hpp"
#include "server/guard/reach.hpp"
#include "server/guard/rebinding.hpp"
#include "server/guard/row_type.hpp"
#include "server/guard/settings.hpp"
#include "server/guard/shadowing.hpp"
#include "server/registry/catalog.hpp"
#include "server/registry/lifecycle.hpp"
#include "server/registry/own_ddl.hpp"
#include "server/registry/rights.hpp"

#include "pg/pg.h"

namespace accord::guard {

namespace {

// Shapes as they are promised, so that what a statement says is compared with what clients rely on.
class promised_world : public ddl::catalog_world {
 public:
  explicit promised_world(const std::vector<reached>& reach) : reach_(reach) {}
  const core::shape* shape_of(Oid relation) override {
    for (const auto& r : reach_)
      if (r.relation == relation) return &r.p.version.shape;
    return reach_.empty() ? nullptr : &reach_.front().p.version.shape;  // a parent: its children have its columns
  }

 private:
  const std::vector<reached>& reach_;
};

bool is_ours() {
  if (own_ddl::active() || IsBinaryUpgrade) return true;
  return creating_extension && pg([] { return CurrentExtensionObject == get_extension_oid("pg_accord", true); });
}

bool drops_relations(Node* tree) {
  if (!IsA(tree, DropStmt)) return false;
  ObjectType kind = reinterpret_cast<DropStmt*>(tree)->removeType;
  return kind == OBJECT_TABLE || kind == OBJECT_VIEW || kind == OBJECT_MATVIEW || kind == OBJECT_FOREIGN_TABLE;
}

watched& watch(frame& f, Oid relation) {
  for (auto& w : f.relations)
    if (w.relation == relation) return w;
  f.relations.push_back(
      {relation, registry::capture_shape(relation), columns_of(relation), sync_triggers_of(relation), machinery_of(relation, relation)});
  return f.relations.back();
}

// What a live migration of the table above has put on one that it names.
void watch_below(frame& f, Oid relation, Oid migrating) {
  watched w{relation, {}, columns_of(relation), sync_triggers_of(relation), machinery_of(relation, migrating)};
  w.migrating = migrating;
  f.relations.push_back(std::move(w));
}

struct migrating_child {
  Oid relation, above;
};

std::vector<migrating_child> migrating_children(const std::vector<ddl::statement>& named) {
  std::vector<migrating_child> found;
  for (const auto& s : named)
    if (OidIsValid(s.relation) && s.relation >= FirstNormalObjectId)
      if (Oid above = registry::migrating_table_above(s.relation); OidIsValid(above) && !registry::find_contract(s.relation))
        found.push_back({s.relation, above});
  return found;
}

// Views of a contract version are not contracted themselves, nor need tables be to which columns move.
void protect_uncontracted(const std::vector<ddl::statement>& named, Node* tree, const std::string& tag) {
  for (const auto& s : named)
    if (OidIsValid(s.relation) && s.relation >= FirstNormalObjectId) {
      protect_view(s.relation, tag);
      protect_moved_to(s.relation, tree, tag);
    }
}

bool has_policies(Oid relation) {
  static constinit spi::prepared statement{"SELECT FROM pg_policy WHERE polrelid = $1::oid LIMIT 1"};
  return !catalog::run(statement, {relation}).empty();
}

const core::constraint* check_in(const change::any_change& c) {
  const auto* added = std::get_if<change::constraint_added>(&c);
  const auto* dropped = std::get_if<change::constraint_dropped>(&c);
  const core::constraint* constraint = added ? &added->constraint : dropped ? &dropped->constraint : nullptr;
  return constraint && constraint->kind == "check" ? constraint : nullptr;
}

// One that goes, and one of a column of it that comes.
bool may_replace_each_other(const change::any_change& a, const change::any_change& b) {
  const auto *one = check_in(a), *other = check_in(b);
  if (!one || !other || a.index() == b.index()) return false;
  return one->columns.empty() || other->columns.empty() ||
         std::any_of(one->columns.begin(), one->columns.end(), [&](const auto& column) { return core::contains(other->columns, column); });
}

// A check is known by its words only before it is there, so whether one replaces another is seen afterwards, unless the statement breaks
// something else, and then what it may do is said at once; and what row security does depends on policies that may have been made a moment ago.
void leave_to_the_truth(std::vector<change::any_change>& changes, const reached& r) {
  auto security = [](const change::any_change& c) { return std::holds_alternative<change::row_security_changed>(c); };
  // Together with something else it is refused at the end, where all are known whom it hits.
  if (std::any_of(changes.begin(), changes.end(), security) && has_policies(r.relation)) return changes.clear();
  auto sure = changes;
  std::erase_if(sure, [&](const change::any_change& one) {
    return std::any_of(changes.begin(), changes.end(), [&](const auto& other) { return may_replace_each_other(one, other); });
  });
  if (sure.size() < changes.size() && !breaks(r.p, foreseen(r.p, sure))) return changes.clear();
  // A restore adds what a live migration has on the table; whose columns it is on, only the catalogs know.
  std::erase_if(changes, [](const change::any_change& c) {
    const auto* added = std::get_if<change::constraint_added>(&c);
    return added && (added->constraint.name.starts_with("_accord_") || added->constraint.name.starts_with("~accord_"));
  });
}

// `from`: the first that has not been judged yet.
void judge_intent(Node* tree, const std::vector<reached>& reach, std::size_t from, frame& f) {
  promised_world promised(reach);
  command_text text = text_of(tree);
  f.text = text.command;
  auto statements = ddl::from_tree(tree, promised, text.source);
  for (const auto& s : statements)
    if (!OidIsValid(s.relation) && !s.missing_ok && !s.target.name.empty()) return;  // PostgreSQL will say so
  for (const auto& r : std::span(reach).subspan(from)) {
    if (r.statement >= statements.size()) continue;
    auto changes = statements[r.statement].changes;
    if (r.inherited) std::erase_if(changes, [](const change::any_change& change) { return !reaches_children(change); });
    const auto told = changes;
    leave_to_the_truth(changes, r);
    f.changes = changes;
    if (f.later || changes.empty()) f.lost[r.relation] = lost_values(r.p, told);
    if (!f.later && rights::owns_relation(r.inherited ? statements[r.statement].relation : r.relation))
      act_on_intent(r.p, foreseen(r.p, changes), f);
  }
}

std::vector<consumers::held_right> rights_in(const std::vector<std::int64_t>& contracts) {
  std::vector<consumers::held_right> all;
  for (std::int64_t id : contracts)
    for (auto& r : consumers::rights_of_consumers(id))
      all.push_back(std::move(r));
  std::sort(all.begin(), all.end());
  return all;
}

// What is put on one partition or child is judged by what the contracts above it promise.
void start_below(Node* tree, const std::vector<named_child>& below, frame& f) {
  ddl::catalog_world as_is;
  command_text text = text_of(tree);
  f.text = text.command;
  auto statements = ddl::from_tree(tree, as_is, text.source);
  for (const auto& child : below) {
    const core::shape* before = as_is.shape_of(child.relation);
    if (!before || child.statement >= statements.size() || !rights::owns_relation(child.relation)) continue;
    for (Oid parent : child.parents) {
      auto p = promise_of(parent);
      if (!p) continue;
      charges put = charged(*p, will_be_put(*p, statements[child.statement].changes, *before));
      put.hint = hint_to_waive(*p);
      act_on_intent(*p, put, f);
      watch(f, parent).named_children[child.relation] = *before;
    }
  }
}

void start(Node* tree, const std::string& tag) {
  if (is_on()) {
    protect_from_intent(tree);
    protect_tree(tree, tag);
  }
  if (is_on() && !restores()) judge_references(tree, tag);
  ddl::catalog_world as_is;
  auto named = ddl::concerned(tree, as_is);
  // Rights on a version's view never reach further than those on the table, and a restore gives them back one by one.
  if (is_on() && nodeTag(tree) != T_GrantStmt) protect_uncontracted(named, tree, tag);
  auto reach = reach_of(named);
  // Those below are looked for when those named have passed, so that a refusal does not take longer with a thousand partitions.
  const std::size_t named_first = is_on() ? reach.size() : 0;
  if (named_first == 0) add_below(reach, named, tree);
  auto indirect = users_of_altered_type(tree);
  for (auto* more : {users_of_altered_collation, users_of_altered_schema, users_of_altered_extension, users_of_altered_function,
                     relations_of_rights, relations_of_publication})
    for (Oid relation : more(tree))
      indirect.push_back(relation);
  auto rows_elsewhere = users_of_row_type(tree, named);
  indirect.insert(indirect.end(), rows_elsewhere.begin(), rows_elsewhere.end());
  auto above = relations_above(tree, named);
  auto names = is_on() ? names_at_stake(tree) : std::vector<consumers::bound_name>{};
  auto access = is_on() ? contracts_of_access(tree) : std::vector<std::int64_t>{};
  // No shape tells what was on a partition or child alone, so a restore could not be told from a change.
  auto below = restores() ? std::vector<named_child>{} : named_children(tree, named);
  auto migrating = is_on() && !drops_relations(tree) ? migrating_children(named) : std::vector<migrating_child>{};
  if (reach.empty() && indirect.empty() && above.empty() && below.empty() && names.empty() && access.empty() && migrating.empty()) return;
  if (!is_on()) {
    for (const auto& r : reach)
      log_passing(tag, r.p.contract.display());
    return;
  }
  frame& f = frames::push(tree);
  f.tag = tag;
  f.later = pending::applies_to(tree);
  f.names = std::move(names);
  f.rights = rights_in(access);
  f.access = std::move(access);
  judge_intent(tree, reach, 0, f);
  if (named_first != 0) {
    add_below(reach, named, tree);
    if (reach.size() > named_first) judge_intent(tree, reach, named_first, f);
  }
  if (!f.later && !rows_elsewhere.empty() && rights::owns_relation(named.front().relation))
    for (Oid relation : rows_elsewhere)
      if (auto p = promise_of(relation))
        act_on_intent(*p, foreseen(*p, attributes_altered(tree, named.front().relation, p->version.shape)), f);
  for (Oid relation : above) {
    if (auto p = promise_of(relation); p && rights::owns_relation(relation)) act_on_intent(*p, detached_concurrently(tree, *p), f);
    watch(f, relation).children = children_of(relation, tree, named);
  }
  if (drops_relations(tree)) return;  // sql_drop sees to it
  if (!below.empty()) start_below(tree, below, f);
  for (const auto& r : reach)
    watch(f, r.relation);
  for (Oid relation : indirect)
    watch(f, relation);
  for (const auto& child : migrating)
    watch_below(f, child.relation, child.above);
}

watched* watched_in(frame* f, Oid relation) {
  if (f)
    for (auto& w : f->relations)
      if (w.relation == relation) return &w;
  return nullptr;
}

// With what the text alone has said.
truth seen_after(const promise& p, const watched& w, frame& f) {
  truth t = seen(p, w);
  for (const auto& finding : f.lost[w.relation])
    t.add(finding);
  return t;
}

void rewrite(Node* tree) {
  frame* f = frames::find(tree);
  Oid relation = pg([] { return DatumGetObjectId(DirectFunctionCall1(pg_event_trigger_table_rewrite_oid, Datum(0))); });
  watched* w = watched_in(f, relation);
  if (!w || f->later) return;
  auto p = promise_of(relation);
  if (p) act_on_intent(*p, seen_after(*p, *w, *f), *f);
}

// What is left of a table when something that it depends on was dropped with CASCADE.
void watch_damaged(Node* tree, const std::string& tag, Oid relation) {
  frame* f = frames::find(tree);
  if (watched_in(f, relation)) return;
  auto p = promise_of(relation);
  if (!p) return;
  if (!f) {
    f = &frames::push(tree);
    f->tag = tag;
    f->text = text_of(tree).command;
    f->later = pending::applies_to(tree);
  }
  f->relations.push_back({relation, p->version.shape, {}, {}});
}

// An index that is gone no longer says whose it was.
std::vector<Oid> tables_promised_index(const std::string& schema, const std::string& index) {
  static constinit spi::prepared statement{
      "SELECT DISTINCT k.relation::oid FROM accord_catalog.contract k JOIN pg_class c ON c.oid = k.relation"
      "  JOIN pg_namespace n ON n.oid = c.relnamespace JOIN accord_catalog.contract_version v ON v.contract_id = k.id"
      " WHERE n.nspname = $1::name AND v.status <> 'retired'"
      "   AND v.shape -> 'constraints' @> jsonb_build_array(jsonb_build_object('kind', 'unique index', 'name', $2::text))"};
  std::vector<Oid> tables;
  for (const auto& row : catalog::run(statement, {schema, index}))
    tables.push_back(row.oid(0));
  return tables;
}

void dropped_relation(Node* tree, const std::string& tag, Oid relation, const core::qualified_name& last) {
  auto c = registry::find_contract(relation);
  if (!c) return;
  c->name = last;
  auto p = promise_of(*c);
  if (!p || !is_on()) {
    if (p) log_passing(tag, c->display());
    registry::relation_dropped(relation, last);
    return;
  }
  frame* f = frames::find(tree);
  frame own;
  if (!f) {
    own.tag = tag;
    own.text = text_of(tree).command;
    own.later = pending::applies_to(tree);
    f = &own;
  }
  if (f->later) {  // one of that name may be there again at the end
    watched* known = watched_in(f, relation);
    pending::add(*p, known ? *known : watched{relation, p->version.shape, {}, {}, {}}, *f, &last);
    registry::relation_dropped(relation, last);
    return;
  }
  change::any_change change = change::relation_dropped{last};
  std::vector<std::string> affected;
  for (const auto& e : earlier_promises(*p))
    for (auto& name : consumers_of(e, rule::judge(change, e.version.shape, e.version.shape)))
      affected.push_back(std::move(name));
  verdict v = decide(*p, rule::judge(change, p->version.shape, p->version.shape), affected);
  if (v.what == outcome::refused) refuse(*p, v, f->tag, {change});
  if (v.what == outcome::warned) warn(*p, v, *f, {change});
  record_drop(*p, v, last, f->text.empty() ? f->tag : f->text);
}

void drop(Node* tree, const std::string& tag) {
  static constinit spi::prepared statement{
      "SELECT CASE WHEN classid = 'pg_class'::regclass AND objsubid = 0 THEN objid END, schema_name, object_name,"
      "       CASE WHEN array_length(address_names, 1) = 3 THEN to_regclass(format('%I.%I', address_names[1], address_names[2]))::oid END,"
      "       CASE WHEN object_type = 'trigger' THEN address_names[3] END, object_type = 'table constraint',"
      "       object_type = 'index'"
      "  FROM pg_event_trigger_dropped_objects()"
      " WHERE NOT is_temporary AND (classid = 'pg_class'::regclass AND object_type IN ('table', 'view', 'materialized view', 'foreign "
      "table')"
      "       OR object_type IN ('table column', 'table constraint', 'default value', 'trigger', 'policy', 'rule')"
      "       OR object_type = 'index' AND normal)"};  // with what its expressions call, not with its table
  for (const auto& row : catalog::run(statement)) {
    const Oid damaged = row.is_null(3) ? InvalidOid : row.oid(3);
    if (!row.is_null(4) && is_on()) protect_move_trigger(row.text(4), damaged, tag);
    if (row.boolean(5) && OidIsValid(damaged) && is_on()) protect_move_key(damaged, tag);
    if (row.boolean(6) && is_on()) {
      for (Oid table : tables_promised_index(row.text_or(1, ""), row.text_or(2, "")))
        watch_damaged(tree, tag, table);
      continue;
    }
    if (!row.is_null(0))
      dropped_relation(tree, tag, row.oid(0), {row.text_or(1, ""), row.text_or(2, "")});
    else if (OidIsValid(damaged) && is_on())
      watch_damaged(tree, tag, damaged);
  }
}

void end(Node* tree) {
  frame* f = frames::find(tree);
  if (!f) return;
  if (f->later)
    for (auto& w : f->relations)
      add_created(tree, w);
  for (const auto& w : f->relations) {
    if (pg([&] { return get_rel_relkind(w.relation); }) == '\0') continue;
    auto c = registry::find_contract(OidIsValid(w.migrating) ? w.migrating : w.relation);
    if (!c) continue;
    if (OidIsValid(w.migrating)) {
      c->name = ddl::catalog_world().name_of(w.relation);
      protect_from_truth(*c, w, f->tag);
      continue;
    }
    protect_from_truth(*c, w, f->tag);
    protect_from_rows(*c, w, f->tag);
    registry::relation_renamed(w.relation);
    auto p = promise_of(*c);
    if (!p) continue;
    p->contract.name = w.before.relation;  // what a refusal speaks of is what will be there again
    if (f->later && w.named_children.empty()) {
      pending::add(*p, w, *f);
      continue;
    }
    truth t = seen_after(*p, w, *f);
    if (w.children) add_moved_rows(t, *p, w, f->text.empty() ? f->tag : f->text);
    for (const auto& [child, before] : w.named_children)
      for (const auto& finding : was_put(*p, child, before)) {
        t.add(finding);
        t.hint = hint_to_waive(*p);
      }
    act_on_truth(*p, t, *f);
  }
  if (!f->access.empty()) judge_lost_rights(f->rights, rights_in(f->access), {tree, f->tag, f->text.empty() ? f->tag : f->text});
  if (!f->names.empty()) judge_names(f->names, bound_again(f->names), {tree, f->tag, f->text.empty() ? f->tag : f->text});
  frames::pop(tree);
}

EventTriggerData* called_by(FunctionCallInfo call) {
  if (!CALLED_AS_EVENT_TRIGGER(call)) throw core::failure("39P03", "the function can be called by an event trigger only");
  return reinterpret_cast<EventTriggerData*>(call->context);
}

std::string tag_of(const EventTriggerData* data) {
  return pg([&] { return GetCommandTagName(data->tag); });
}

}  // namespace

}  // namespace accord::guard

namespace accord {

void guard_init() {
  guard::settings_init();
  guard::frames::init();
  guard::command_text_init();
}

}  // namespace accord

using namespace accord;

ACCORD_FUNCTION(accord_on_ddl_command_start) {
  auto* data = guard::called_by(fcinfo);
  if (!guard::is_ours()) guard::start(data->parsetree, guard::tag_of(data));
  PG_RETURN_VOID();
}

ACCORD_FUNCTION(accord_on_table_rewrite) {
  auto* data = guard::called_by(fcinfo);
  if (!guard::is_ours() && guard::is_on()) guard::rewrite(data->parsetree);
  PG_RETURN_VOID();
}

ACCORD_FUNCTION(accord_on_sql_drop) {
  auto* data = guard::called_by(fcinfo);
  if (!guard::is_ours()) guard::drop(data->parsetree, guard::tag_of(data));
  PG_RETURN_VOID();
}

ACCORD_FUNCTION(accord_on_ddl_command_end) {
  auto* data = guard::called_by(fcinfo);
  if (guard::is_ours()) PG_RETURN_VOID();
  guard::follow_new_partition(data->parsetree);
  if (guard::is_on()) guard::end(data->parsetree);
  PG_RETURN_VOID();
}
