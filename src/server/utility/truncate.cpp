// TRUNCATE of contracted tables.
//
// A contract promises its readers that rows do not vanish behind their backs.  Its owner decides about the data and may empty the table by
// its name, or where the contract lets partitions go whoever may empty one of those; anybody else who has the TRUNCATE privilege may not, and nobody by way of CASCADE from another table.  Where there is nothing to
// lose nothing is said: pg_restore -j truncates each table that it has just made.
#include <algorithm>

#include "rule/statements.hpp"
#include "server/guard/descendants.hpp"
#include "server/registry/rights.hpp"
#include "server/utility/handler.hpp"

#include "pg/pg.h"

namespace accord::utility {

namespace {

struct emptied {
  registry::promise p;
  bool named;
  bool retention;  // of partitions only, which the contract lets go
};

void add(std::vector<emptied>& to, Oid relation, bool named, bool by_partition = false) {
  for (auto& known : to)
    if (known.p.contract.relation == relation) return;
  if (auto p = registry::promise_of(relation)) {
    const bool retention = by_partition && p->contract.partitions_may_go;
    to.push_back({std::move(*p), named, retention});
  }
}

// The relations that the statement names, with their partitions and children.  Nothing where PostgreSQL will say no.
List* named_relations(TruncateStmt* truncate) {
  List* relations = NIL;
  ListCell* cell;
  foreach (cell, truncate->relations) {
    auto* name = static_cast<RangeVar*>(lfirst(cell));
    Oid relation = RangeVarGetRelid(name, NoLock, true);
    if (!OidIsValid(relation) || pg_class_aclcheck(relation, GetUserId(), ACL_TRUNCATE) != ACLCHECK_OK) return NIL;
    relations = list_concat_unique_oid(relations, name->inh ? find_all_inheritors(relation, NoLock, nullptr) : list_make1_oid(relation));
  }
  return relations;
}

// Those that refer to them, and so on.
List* cascaded_relations(List* relations) {
  List *all = list_copy(relations), *cascaded = NIL;
  while (List* more = heap_truncate_find_FKs(all)) {
    all = list_concat_unique_oid(all, more);
    cascaded = list_concat_unique_oid(cascaded, more);
  }
  return cascaded;
}

// A partition's rows are rows of the tables above it.
List* with_ancestors(List* relations) {
  List* all = list_copy(relations);
  ListCell* cell;
  foreach (cell, relations)
    if (get_rel_relispartition(lfirst_oid(cell))) all = list_concat_unique_oid(all, get_partition_ancestors(lfirst_oid(cell)));
  return all;
}

// Asks the file, under a lock that is not waited for.
bool holds_rows(List* relations) {
  ListCell* cell;
  foreach (cell, relations) {
    Oid relation = lfirst_oid(cell);
    char kind = get_rel_relkind(relation);
    if (kind == RELKIND_PARTITIONED_TABLE) continue;
    if (kind != RELKIND_RELATION || !ConditionalLockRelationOid(relation, AccessShareLock)) return true;
    Relation opened = try_table_open(relation, NoLock);
    if (!opened) return true;
    BlockNumber blocks = RelationGetNumberOfBlocks(opened);
    table_close(opened, AccessShareLock);
    if (blocks > 0) return true;
  }
  return false;
}

std::vector<emptied> emptied_by(TruncateStmt* truncate) {
  List* named = pg([&] { return named_relations(truncate); });
  std::vector<emptied> result;
  List* all = pg([&] { return with_ancestors(named); });
  bool retires = true;
  for (int i = 0; i < list_length(named); i++)
    retires = retires && guard::retires(list_nth_oid(named, i));
  for (int i = 0; i < list_length(all); i++) {
    Oid relation = list_nth_oid(all, i);
    add(result, relation, true, retires && !list_member_oid(named, relation));
  }
  List* reached = named != NIL && truncate->behavior == DROP_CASCADE ? pg([&] { return cascaded_relations(named); }) : NIL;
  List* cascaded = pg([&] { return with_ancestors(reached); });
  for (int i = 0; i < list_length(cascaded); i++)
    add(result, list_nth_oid(cascaded, i), false);
  if (!result.empty() && !pg([&] { return holds_rows(list_concat_unique_oid(list_copy(named), reached)); })) return {};
  return result;
}

bool owns(const registry::contract& c) {
  return rights::is_admin() || rights::is_member_of(c.owner);
}

class judged_truncate : public judged {
 public:
  explicit judged_truncate(const statement& s) : tag_(s.tag), text_(s.text) {}
  void add(registry::promise p, guard::verdict v) { passing_.emplace_back(std::move(p), std::move(v)); }
  void after() override {
    for (const auto& [p, v] : passing_)
      guard::record(p, v, tag_, text_);
  }

 private:
  std::string tag_, text_;
  std::vector<std::pair<registry::promise, guard::verdict>> passing_;
};

}  // namespace

std::unique_ptr<judged> on_truncate(const statement& s) {
  auto relations = emptied_by(reinterpret_cast<TruncateStmt*>(s.tree));
  if (relations.empty()) return nullptr;
  auto result = std::make_unique<judged_truncate>(s);
  for (auto& r : relations) {
    std::vector<core::finding> findings;
    if (!r.retention && (!r.named || !owns(r.p.contract))) findings.push_back(rule::table_truncated(r.p.contract.name.name));
    auto v = guard::judge(r.p, findings, s, guard::waive_hint(r.p.contract, "table-truncated"));
    result->add(std::move(r.p), std::move(v));
  }
  return result;
}

}  // namespace accord::utility
