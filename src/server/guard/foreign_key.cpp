// foreign_key.  See foreign_key.hpp.
#include "server/guard/foreign_key.hpp"

#include <algorithm>

#include "rule/statements.hpp"
#include "server/consumers/references.hpp"
#include "server/consumers/surroundings.hpp"
#include "server/ddl/tree.hpp"
#include "server/guard/command_text.hpp"
#include "server/guard/statement.hpp"
#include "server/registry/carried_keys.hpp"
#include "server/registry/catalog.hpp"
#include "server/registry/rights.hpp"

#include "pg/pg.h"

namespace accord::guard {

namespace {

struct foreign_key {
  Oid to = InvalidOid;
  consumers::reference_to says;  // columns: none where the statement means the primary key
};

struct foreign_keys_found {
  std::vector<foreign_key> keys;
  ddl::catalog_world as_is;

  void add(const Constraint* c, const char* column) {
    if (c->contype != CONSTR_FOREIGN || !c->pktable || !ACCORD_IS_ENFORCED(c)) return;
    keys.push_back({as_is.find(c->pktable),
                    {InvalidOid,
                     {},
                     column ? std::vector<std::string>{column} : ddl::strings(c->fk_attrs),
                     ddl::strings(c->pk_attrs),
                     ddl::action_name(c->fk_del_action),
                     ddl::action_name(c->fk_upd_action)}});
  }
  void add(const ColumnDef* column) {
    std::size_t known = keys.size();
    for (int i = 0; i < list_length(column->constraints); i++) {
      const auto* constraint = static_cast<Constraint*>(list_nth(column->constraints, i));
      if (ACCORD_IS_NOT_ENFORCED_CLAUSE(constraint)) keys.resize(known);
      known = keys.size();
      add(constraint, column->colname);
    }
  }
  void add(Node* element) {
    if (element && IsA(element, ColumnDef)) add(reinterpret_cast<ColumnDef*>(element));
    if (element && IsA(element, Constraint)) add(reinterpret_cast<Constraint*>(element), nullptr);
  }
  // One that was not enforced until now.
  void add_enforced(Oid table, const char* name) {
    static constinit spi::prepared statement{
        "SELECT c.confrelid,"
        "       array(SELECT a.attname::text FROM unnest(c.conkey) WITH ORDINALITY u(n, p)"
        "               JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = u.n ORDER BY p),"
        "       array(SELECT a.attname::text FROM unnest(c.confkey) WITH ORDINALITY u(n, p)"
        "               JOIN pg_attribute a ON a.attrelid = c.confrelid AND a.attnum = u.n ORDER BY p), c.confdeltype, c.confupdtype"
        "  FROM pg_constraint c WHERE c.conrelid = $1::oid AND c.conname = $2::name AND c.contype = 'f'"
        "   AND NOT coalesce((to_jsonb(c) ->> 'conenforced')::boolean, true)"};  // 18
    for (const auto& row : catalog::run(statement, {table, name}))
      keys.push_back(
          {row.oid(0),
           {InvalidOid, {}, row.texts(1), row.texts(2), ddl::action_name(row.text(3).front()), ddl::action_name(row.text(4).front())}});
  }
};

// Contracted tables whose rows are those of the table: itself, its partitions, and what it is a partition of.
std::vector<Oid> contracted_with(Oid table) {
  std::vector<Oid> all = {table};
  if (pg([&] { return get_rel_relkind(table); }) == RELKIND_PARTITIONED_TABLE) {
    List* below = pg([&] { return find_all_inheritors(table, NoLock, nullptr); });
    for (int i = 0; i < list_length(below); i++)
      if (list_nth_oid(below, i) != table) all.push_back(list_nth_oid(below, i));
  }
  if (pg([&] { return get_rel_relispartition(table); })) {
    List* above = pg([&] { return get_partition_ancestors(table); });
    for (int i = 0; i < list_length(above); i++)
      all.push_back(list_nth_oid(above, i));
  }
  return all.size() == 1 ? all : registry::contracted(all);
}

bool may_refer_to(Oid table) {
  return pg([&] {
    return pg_class_aclcheck(table, GetUserId(), ACL_REFERENCES) == ACLCHECK_OK ||
           pg_attribute_aclcheck_all(table, GetUserId(), ACL_REFERENCES, ACLMASK_ANY) == ACLCHECK_OK;
  });
}

// A key that is there already and lets no more pass: the new one takes its place, or says it again.
bool refers_already(Oid table, const consumers::reference_to& r) {
  static constinit spi::prepared statement{
      "SELECT FROM pg_constraint c WHERE c.conrelid = $1::oid AND c.confrelid = $2::oid AND c.contype = 'f'"
      "   AND coalesce((to_jsonb(c) ->> 'conenforced')::boolean, true)"
      "   AND (c.confdeltype NOT IN ('c', 'n') OR $3::boolean) AND (c.confupdtype NOT IN ('c', 'n') OR $4::boolean)"
      "   AND array(SELECT a.attname::text FROM unnest(c.conkey) WITH ORDINALITY u(n, p)"
      "               JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = u.n ORDER BY p) = $5::text[]"
      "   AND array(SELECT a.attname::text FROM unnest(c.confkey) WITH ORDINALITY u(n, p)"
      "               JOIN pg_attribute a ON a.attrelid = c.confrelid AND a.attnum = u.n ORDER BY p) = $6::text[]"};
  return !catalog::run(statement, {r.by, table, rule::gives_way(r.on_delete), rule::gives_way(r.on_update), spi::array_literal(r.own),
                                   spi::array_literal(r.columns)})
              .empty();
}

std::vector<std::string> primary_key_of(const core::shape& shape) {
  for (const auto& c : shape.constraints)
    if (c.kind == "primary key") return c.columns;
  return {};
}

// The table is what it was, so that there is nothing to say where nobody is known to meet it.
void judge_new(const promise& p, const rule::reference& r, const statement& s) {
  auto findings = rule::table_referenced(p.version.shape, r);
  auto consumers = consumers_of(p, findings);
  for (const auto& earlier : earlier_promises(p))
    for (auto& name : consumers_of(earlier, findings))
      consumers.push_back(std::move(name));
  if (consumers.empty()) return;
  std::sort(consumers.begin(), consumers.end());
  consumers.erase(std::unique(consumers.begin(), consumers.end()), consumers.end());
  verdict v = judge(p, findings, s, waive_hint(p.contract, "table-referenced"), consumers);
  if (v.what != outcome::kept) record(p, v, s.tag, s.text);
}

void judge_key(const foreign_key& key, const core::qualified_name& by_name, Oid by, const statement& s) {
  if (!OidIsValid(key.to) || key.to < FirstNormalObjectId || key.to == by) return;
  for (Oid contracted : contracted_with(key.to)) {
    auto p = promise_of(contracted);
    if (!p || !may_refer_to(key.to)) continue;
    consumers::reference_to r = key.says;
    r.by = by;
    r.name = by_name;
    if (r.columns.empty()) r.columns = primary_key_of(p->version.shape);
    bool gives_way = carried_keys::include(key.to, by_name);
    if (!OidIsValid(by) || !refers_already(key.to, r))
      judge_new(*p, {r.name.name, r.columns, gives_way ? "cascade" : r.on_delete, gives_way ? "cascade" : r.on_update}, s);
    consumers::remember_reference(p->contract.id, r);
  }
}

void judge_created(const CreateStmt* create, const char* schema, const std::string& tag, Node* tree) {
  if (create->relation->relpersistence == RELPERSISTENCE_TEMP) return;
  foreign_keys_found found;
  for (int i = 0; i < list_length(create->tableElts); i++)
    found.add(static_cast<Node*>(list_nth(create->tableElts, i)));
  if (found.keys.empty()) return;
  if (pg([&] { return OidIsValid(RangeVarGetRelid(create->relation, NoLock, true)); }))
    return;  // of that name: an error, or nothing is made
  auto name = ddl::written_name(create->relation);
  if (name.schema.empty())
    name.schema = schema ? schema : pg([&] { return get_namespace_name(RangeVarGetCreationNamespace(create->relation)); });
  for (const auto& key : found.keys)
    judge_key(key, name, InvalidOid, {tree, tag, text_of(tree).command});
}

void judge_altered(const AlterTableStmt* alter, const std::string& tag, Node* tree) {
  foreign_keys_found found;
  Oid by = InvalidOid;
  auto table = [&] { return OidIsValid(by) ? by : by = found.as_is.find(alter->relation); };
  for (int i = 0; i < list_length(alter->cmds); i++) {
    auto* command = static_cast<AlterTableCmd*>(list_nth(alter->cmds, i));
    if (command->subtype == AT_AddConstraint || command->subtype == AT_AddColumn) found.add(command->def);
    if (const char* enforced = accord_constraint_made_enforced(command); enforced && OidIsValid(table())) found.add_enforced(by, enforced);
  }
  if (found.keys.empty() || !OidIsValid(table()) || !rights::owns_relation(by)) return;
  for (const auto& key : found.keys)
    judge_key(key, found.as_is.name_of(by), by, {tree, tag, text_of(tree).command});
}

}  // namespace

void judge_references(Node* tree, const std::string& tag) {
  if (IsA(tree, CreateStmt)) judge_created(reinterpret_cast<CreateStmt*>(tree), nullptr, tag, tree);
  if (IsA(tree, AlterTableStmt)) judge_altered(reinterpret_cast<AlterTableStmt*>(tree), tag, tree);
  if (!IsA(tree, CreateSchemaStmt)) return;
  auto* schema = reinterpret_cast<CreateSchemaStmt*>(tree);
  for (int i = 0; i < list_length(schema->schemaElts); i++)
    if (auto* element = static_cast<Node*>(list_nth(schema->schemaElts, i)); IsA(element, CreateStmt))
      judge_created(reinterpret_cast<CreateStmt*>(element), schema->schemaname, tag, tree);
}

}  // namespace accord::guard
