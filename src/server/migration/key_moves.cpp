// move_primary_key, set_primary_key and move_identity: what belongs to a table once passes from one column to another, at the moment of completion.
//
// A table has one primary key, and dropping it drops its index, which undo will need again.  So the constraint itself moves, with its number,
// name and comment, between two unique indexes that exist both and hold the same rows; a key to which no foreign key can point (one that is
// checked late, or that the other version has not) changes what it is instead, from a unique constraint to the primary key and back; and an identity's sequence moves between two
// columns, with its value, owner and rights.  Both are what ALTER TABLE does to the catalogs, without the part that throws something away.
//
// Invariants: the target is as good as the source before anything is changed: a valid, immediate, complete unique index on plain columns that
// take no NULL; a column that takes no NULL and has no default.
//
// Locking: the caller's ACCESS EXCLUSIVE on the table.
#include <fmt/format.h>

#include "pg/arguments.hpp"
#include "pg/spi.hpp"

#include "pg/pg.h"

namespace accord::migration {

namespace {

[[noreturn]] void cannot(const char* what, const std::string& name, const std::string& why) {
  throw failure(core::sqlstate::object_not_in_prerequisite_state, fmt::format("cannot move {} to \"{}\"", what, name), why);
}

struct key_columns {
  int count;
  AttrNumber columns[INDEX_MAX_KEYS];
};

// Inside pg().  What makes an index fit for a primary key; nullptr: it is.
const char* unfit_for_key(Oid index, Oid table, key_columns* key, bool immediate = true) {
  HeapTuple tuple = SearchSysCache1(INDEXRELID, ObjectIdGetDatum(index));
  if (!HeapTupleIsValid(tuple)) return "There is no such index.";
  auto* form = reinterpret_cast<Form_pg_index>(GETSTRUCT(tuple));
  const char* why = nullptr;
  if (form->indrelid != table) why = "It is an index of another table.";
  if (!form->indisunique || !form->indisvalid || (immediate && !form->indimmediate)) why = "It is not a valid unique index.";
  if (!heap_attisnull(tuple, Anum_pg_index_indpred, nullptr) || !heap_attisnull(tuple, Anum_pg_index_indexprs, nullptr))
    why = "It is partial or has expressions.";
  key->count = form->indnkeyatts;
  for (int i = 0; !why && i < key->count; i++) {
    key->columns[i] = form->indkey.values[i];
    HeapTuple column = SearchSysCache2(ATTNUM, ObjectIdGetDatum(table), Int16GetDatum(key->columns[i]));
    if (!HeapTupleIsValid(column) || !reinterpret_cast<Form_pg_attribute>(GETSTRUCT(column))->attnotnull)
      why = "One of its columns takes NULL.";
    if (HeapTupleIsValid(column)) ReleaseSysCache(column);
  }
  ReleaseSysCache(tuple);
  return why;
}

// Inside pg().
void set_primary(Oid index, bool primary) {
  Relation catalog = table_open(IndexRelationId, RowExclusiveLock);
  HeapTuple tuple = SearchSysCacheCopy1(INDEXRELID, ObjectIdGetDatum(index));
  reinterpret_cast<Form_pg_index>(GETSTRUCT(tuple))->indisprimary = primary;
  CatalogTupleUpdate(catalog, &tuple->t_self, tuple);
  heap_freetuple(tuple);
  table_close(catalog, RowExclusiveLock);
}

void depend(ObjectAddress on, Oid dependent_class, Oid dependent, DependencyType type) {
  ObjectAddress object;
  ObjectAddressSet(object, dependent_class, dependent);
  recordDependencyOn(&object, &on, type);
}

// Inside pg().  Those of INCLUDE too: what stands on a column goes with it.
void depend_on_columns_of(Oid index, Oid table, Oid dependent_class, Oid dependent) {
  HeapTuple tuple = SearchSysCache1(INDEXRELID, ObjectIdGetDatum(index));
  auto* form = reinterpret_cast<Form_pg_index>(GETSTRUCT(tuple));
  for (int i = 0; i < form->indnatts; i++) {
    ObjectAddress column;
    ObjectAddressSubSet(column, RelationRelationId, table, form->indkey.values[i]);
    depend(column, dependent_class, dependent, DEPENDENCY_AUTO);
  }
  ReleaseSysCache(tuple);
}

// Inside pg().
void rebuild_dependencies(Oid constraint, Oid table, Oid from, Oid to) {
  ObjectAddress object;
  (void)deleteDependencyRecordsForClass(ConstraintRelationId, constraint, RelationRelationId, DEPENDENCY_AUTO);
  depend_on_columns_of(to, table, ConstraintRelationId, constraint);
  // An index of a constraint goes with it, any other with its columns.
  (void)deleteDependencyRecordsForClass(RelationRelationId, from, ConstraintRelationId, DEPENDENCY_INTERNAL);
  depend_on_columns_of(from, table, RelationRelationId, from);
  (void)deleteDependencyRecordsForClass(RelationRelationId, to, RelationRelationId, DEPENDENCY_AUTO);
  ObjectAddressSet(object, ConstraintRelationId, constraint);
  depend(object, RelationRelationId, to, DEPENDENCY_INTERNAL);
}

// Inside pg().
void point_constraint(Oid constraint, Oid index, const key_columns& key) {
  Relation catalog = table_open(ConstraintRelationId, RowExclusiveLock);
  HeapTuple tuple = SearchSysCache1(CONSTROID, ObjectIdGetDatum(constraint));
  Datum values[Natts_pg_constraint] = {}, columns[INDEX_MAX_KEYS];
  bool nulls[Natts_pg_constraint] = {}, replaces[Natts_pg_constraint] = {};
  for (int i = 0; i < key.count; i++)
    columns[i] = Int16GetDatum(key.columns[i]);
  values[Anum_pg_constraint_conindid - 1] = ObjectIdGetDatum(index);
  replaces[Anum_pg_constraint_conindid - 1] = true;
  values[Anum_pg_constraint_conkey - 1] = PointerGetDatum(construct_array(columns, key.count, INT2OID, 2, true, TYPALIGN_SHORT));
  replaces[Anum_pg_constraint_conkey - 1] = true;
  HeapTuple changed = heap_modify_tuple(tuple, RelationGetDescr(catalog), values, nulls, replaces);
  CatalogTupleUpdate(catalog, &changed->t_self, changed);
  heap_freetuple(changed);
  ReleaseSysCache(tuple);
  table_close(catalog, RowExclusiveLock);
}

struct primary_key {
  Oid constraint, index;
};

primary_key primary_key_of(Oid table) {
  return pg([&] {
    Relation relation = table_open(table, NoLock);
    primary_key key{InvalidOid, accord_primary_key_index(relation)};
    table_close(relation, NoLock);
    if (OidIsValid(key.index)) key.constraint = get_index_constraint(key.index);
    return key;
  });
}

// Inside pg().
void set_kind(Oid constraint, char kind) {
  Relation catalog = table_open(ConstraintRelationId, RowExclusiveLock);
  HeapTuple tuple = SearchSysCacheCopy1(CONSTROID, ObjectIdGetDatum(constraint));
  reinterpret_cast<Form_pg_constraint>(GETSTRUCT(tuple))->contype = kind;
  CatalogTupleUpdate(catalog, &tuple->t_self, tuple);
  heap_freetuple(tuple);
  table_close(catalog, RowExclusiveLock);
}

// Inside pg().
void set_identity(Relation catalog, Oid table, AttrNumber column, char identity) {
  HeapTuple tuple = SearchSysCacheCopy2(ATTNUM, ObjectIdGetDatum(table), Int16GetDatum(column));
  reinterpret_cast<Form_pg_attribute>(GETSTRUCT(tuple))->attidentity = identity;
  CatalogTupleUpdate(catalog, &tuple->t_self, tuple);
  heap_freetuple(tuple);
}

struct identity_column {
  AttrNumber number;
  char identity;
  bool not_null, has_default;
};

identity_column column_of(Oid table, const std::string& name) {
  const char* text = name.c_str();
  return pg([&] {
    identity_column c{InvalidAttrNumber, 0, false, false};
    HeapTuple tuple = SearchSysCacheAttName(table, text);
    if (!HeapTupleIsValid(tuple)) return c;
    auto* form = reinterpret_cast<Form_pg_attribute>(GETSTRUCT(tuple));
    c = {form->attnum, form->attidentity, form->attnotnull, form->atthasdef};
    ReleaseSysCache(tuple);
    return c;
  });
}

void pass_identity(Oid table, const identity_column& from, const identity_column& to) {
  pg([&] {
    Relation catalog = table_open(AttributeRelationId, RowExclusiveLock);
    set_identity(catalog, table, from.number, '\0');
    set_identity(catalog, table, to.number, from.identity);
    table_close(catalog, RowExclusiveLock);
    CommandCounterIncrement();
  });
}

std::vector<Oid> partitions_of(Oid table) {
  List* below = pg([&] { return find_all_inheritors(table, AccessExclusiveLock, nullptr); });
  std::vector<Oid> partitions;
  for (int i = 0; i < list_length(below); i++)
    if (Oid relation = list_nth_oid(below, i); relation != table && pg([&] { return get_rel_relispartition(relation); }))
      partitions.push_back(relation);
  return partitions;
}

}  // namespace

}  // namespace accord::migration

using namespace accord;
using namespace accord::migration;

// missing_value(relation name, column_name name) -> never
ACCORD_FUNCTION(accord_missing_value) {
  arguments args(fcinfo);
  throw failure("23502", fmt::format("null value in column \"{}\" of relation \"{}\" violates not-null constraint",
                                     args.name(1, "column_name"), args.name(0, "relation")));
}

// move_primary_key(relation regclass, index_name name) -> void
ACCORD_FUNCTION(accord_move_primary_key) {
  arguments args(fcinfo);
  Oid table = args.oid(0, "relation");
  std::string name = args.name(1, "index_name");
  const char* text = name.c_str();
  pg([&] { LockRelationOid(table, AccessExclusiveLock); });
  auto key = primary_key_of(table);
  if (!OidIsValid(key.constraint)) cannot("the primary key", name, "The table has none that is not deferrable.");
  Oid to = pg([&] { return get_relname_relid(text, get_rel_namespace(table)); });
  key_columns columns{};
  const char* why = OidIsValid(to) ? pg([&] { return unfit_for_key(to, table, &columns); }) : "There is no such index.";
  if (why) cannot("the primary key", name, why);
  if (to == key.index) return Datum(0);
  pg([&] {
    set_primary(key.index, false);
    set_primary(to, true);
    point_constraint(key.constraint, to, columns);
    rebuild_dependencies(key.constraint, table, key.index, to);
    CacheInvalidateRelcacheByRelid(table);
    CommandCounterIncrement();
  });
  return Datum(0);
}

// set_primary_key(relation regclass, constraint_name name, is_primary boolean) -> void
ACCORD_FUNCTION(accord_set_primary_key) {
  arguments args(fcinfo);
  Oid relation = args.oid(0, "relation");
  std::string name = args.name(1, "constraint_name");
  bool primary = args.boolean(2, "is_primary");
  pg([&] { LockRelationOid(relation, AccessExclusiveLock); });
  auto keys = spi::query(
      "WITH RECURSIVE tree AS ("
      "  SELECT oid, conrelid, conindid FROM pg_catalog.pg_constraint WHERE conrelid = $1::oid AND conname = $2::name AND contype = "
      "$3::\"char\""
      "  UNION ALL SELECT c.oid, c.conrelid, c.conindid FROM pg_catalog.pg_constraint c JOIN tree ON c.conparentid = tree.oid)"
      " SELECT oid, conrelid, conindid FROM tree",
      {relation, name, primary ? "u" : "p"});
  if (keys.empty())
    cannot("the primary key", name, fmt::format("There is no {} of that name.", primary ? "unique constraint" : "primary key"));
  for (const auto& key : keys) {
    Oid constraint = key.oid(0), table = key.oid(1), index = key.oid(2);
    key_columns columns{};
    const char* why = primary ? pg([&] { return unfit_for_key(index, table, &columns, false); }) : nullptr;
    if (primary && !spi::query("SELECT FROM pg_catalog.pg_constraint WHERE conrelid = $1::oid AND contype = 'p'", {table}).empty())
      why = "The table has a primary key.";
    if (why) cannot("the primary key", name, why);
    pg([&] {
      set_primary(index, primary);
      set_kind(constraint, primary ? CONSTRAINT_PRIMARY : CONSTRAINT_UNIQUE);
      CacheInvalidateRelcacheByRelid(table);
      CommandCounterIncrement();
    });
  }
  return Datum(0);
}

// move_identity(relation regclass, from_column name, to_column name) -> void
ACCORD_FUNCTION(accord_move_identity) {
  arguments args(fcinfo);
  Oid table = args.oid(0, "relation");
  std::string from_name = args.name(1, "from_column"), to_name = args.name(2, "to_column");
  pg([&] { LockRelationOid(table, AccessExclusiveLock); });
  auto from = column_of(table, from_name), to = column_of(table, to_name);
  if (!from.number || !from.identity) cannot("the identity", to_name, fmt::format("Column \"{}\" has none.", from_name));
  if (!to.number) cannot("the identity", to_name, "There is no such column.");
  if (!to.not_null || to.has_default || to.identity) cannot("the identity", to_name, "The column takes NULL or has a default.");
  // From 17 on each partition has the identity too; the sequence is that of the table.
  for (Oid partition : partitions_of(table))
    if (auto own = column_of(partition, from_name); own.identity) pass_identity(partition, own, column_of(partition, to_name));
  pg([&] {
    Oid sequence = accord_identity_sequence(table, from.number);
    (void)deleteDependencyRecordsForClass(RelationRelationId, sequence, RelationRelationId, DEPENDENCY_INTERNAL);
    ObjectAddress column;
    ObjectAddressSubSet(column, RelationRelationId, table, to.number);
    depend(column, RelationRelationId, sequence, DEPENDENCY_INTERNAL);
    CommandCounterIncrement();
  });
  pass_identity(table, from, to);
  return Datum(0);
}
