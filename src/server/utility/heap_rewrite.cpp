// CLUSTER and VACUUM FULL: they break no promise, since clients see the same rows, but they lock readers out while they rewrite the heap.
// Who did it and when is in the audit log.
#include "server/utility/handler.hpp"

#include "pg/pg.h"

namespace accord::utility {

namespace {

Oid named(RangeVar* name, Oid known) {
  if (OidIsValid(known) || !name) return known;
  return pg([&] { return RangeVarGetRelid(name, NoLock, true); });
}

}  // namespace

// Before it runs: both end the transaction that they were called in.
std::unique_ptr<judged> on_heap_rewrite(const statement& s) {
  bool cluster = IsA(s.tree, ClusterStmt);
  std::string action = cluster ? s.tag : "VACUUM FULL";
  std::vector<Oid> relations;
  if (cluster) {
    if (auto* name = reinterpret_cast<ClusterStmt*>(s.tree)->relation) relations.push_back(named(name, InvalidOid));
  } else {
    List* list = reinterpret_cast<VacuumStmt*>(s.tree)->rels;
    for (int i = 0; i < list_length(list); i++) {
      auto* r = static_cast<VacuumRelation*>(list_nth(list, i));
      relations.push_back(named(r->relation, r->oid));
    }
  }
  if (relations.empty() && guard::any_contract()) guard::record(0, action, s.text);
  for (Oid relation : relations)
    if (auto c = registry::find_contract(relation)) guard::record(c->id, action, s.text);
  return nullptr;
}

}  // namespace accord::utility
