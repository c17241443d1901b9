// observed.  See observed.hpp.
#include "server/check/observed.hpp"

#include <bit>

#include "pg/pg.h"

namespace accord::check {

std::map<Oid, locked_relation> own_locks() {
  std::map<Oid, locked_relation> locks;
  LockData* all = pg([] { return GetLockStatusData(); });
  for (int i = 0; i < all->nelements; i++) {
    const LockInstanceData& l = all->locks[i];
    if (l.pid != MyProcPid || l.locktag.locktag_type != LOCKTAG_RELATION || l.locktag.locktag_field1 != MyDatabaseId ||
        l.locktag.locktag_field2 < FirstNormalObjectId || l.holdMask == 0)
      continue;
    auto& known = locks[l.locktag.locktag_field2];
    known.held |= static_cast<unsigned>(l.holdMask);
    known.strongest = std::bit_width(known.held) - 1;
  }
  pg([&] {
    if (all->nelements > 0) pfree(all->locks);
    pfree(all);
  });
  return locks;
}

std::optional<relation_facts> facts_of(Oid relation) {
  struct plain {
    const char *schema, *name;
    char kind;
    Oid file, table;
  };
  auto found = pg([&]() -> plain {
    HeapTuple tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relation));
    if (!HeapTupleIsValid(tuple)) return {};
    auto* form = reinterpret_cast<Form_pg_class>(GETSTRUCT(tuple));
    plain p{get_namespace_name(form->relnamespace), pstrdup(NameStr(form->relname)), form->relkind, form->relfilenode, InvalidOid};
    ReleaseSysCache(tuple);
    if (p.kind == RELKIND_INDEX || p.kind == RELKIND_PARTITIONED_INDEX) p.table = IndexGetRelation(relation, true);
    return p;
  });
  if (!found.name || !found.schema) return std::nullopt;
  return relation_facts{found.schema, found.name, found.kind, found.file, found.table};
}

std::int64_t scans_of(Oid relation) {
  return pg([&] { return DatumGetInt64(DirectFunctionCall1(pg_stat_get_xact_numscans, ObjectIdGetDatum(relation))); });
}

}  // namespace accord::check
