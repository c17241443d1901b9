// name_partition_index: the index of a partition that a migration has built is called as if PostgreSQL had made it together with the table's.
//
// Until then it has a name of the migration's, or one that tells of its columns; or one with a number, because something that has gone since
// was called so.
//
// Locking: SHARE UPDATE EXCLUSIVE on the index.
#include "pg/arguments.hpp"

#include "pg/pg.h"

using namespace accord;

// name_partition_index(index regclass, columns text, label text) -> void
ACCORD_FUNCTION(accord_name_partition_index) {
  arguments args(fcinfo);
  Oid index = args.oid(0, "index");
  std::string columns = args.text(1, "columns"), label = args.text(2, "label");
  const char *joined = label == "pkey" ? nullptr : columns.c_str(), *kind = label.c_str();
  pg([&] {
    Oid table = IndexGetRelation(index, false);
    char* name = ChooseRelationName(get_rel_name(table), joined, kind, get_rel_namespace(table), OidIsValid(get_index_constraint(index)));
    const char* now = get_rel_name(index);
    if (!strstr(now, "_accord_") && strlen(name) >= strlen(now)) return;
    RenameRelationInternal(index, name, false, true);
    CommandCounterIncrement();
  });
  return Datum(0);
}
