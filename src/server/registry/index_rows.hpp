// Rows of our own tables through an index, without SPI: for what the guard asks at every DDL statement.
//
// With the latest snapshot, because the guard must see what was committed after a serializable transaction began.
#pragma once

#include <initializer_list>

#include "pg/bridge.hpp"

#include "pg/pg.h"

namespace accord::registry {

struct index_condition {
  int column;  // of the table
  StrategyNumber strategy;
  RegProcedure compare;
  Datum key;
};

// Calls f(tuple, descriptor) for the rows of that table of accord_catalog until it returns false.  Inside pg(); no row where the extension is
// not there.
template <typename F>
void each_row(const char* table, const char* index, std::initializer_list<index_condition> conditions, F&& f) {
  Oid schema = get_namespace_oid("accord_catalog", true);
  if (!OidIsValid(schema)) return;
  Oid heap_oid = get_relname_relid(table, schema), index_oid = get_relname_relid(index, schema);
  if (!OidIsValid(heap_oid) || !OidIsValid(index_oid)) return;
  ScanKeyData keys[2];
  int count = 0;
  for (const auto& c : conditions)
    ScanKeyInit(&keys[count++], static_cast<AttrNumber>(c.column), c.strategy, c.compare, c.key);
  Relation heap = table_open(heap_oid, AccessShareLock);
  Snapshot snapshot = RegisterSnapshot(GetLatestSnapshot());
  SysScanDesc rows = systable_beginscan(heap, index_oid, true, snapshot, count, keys);
  HeapTuple tuple = systable_getnext(rows);
  while (HeapTupleIsValid(tuple) && f(tuple, RelationGetDescr(heap)))
    tuple = systable_getnext(rows);
  systable_endscan(rows);
  UnregisterSnapshot(snapshot);
  table_close(heap, AccessShareLock);
}

}  // namespace accord::registry
