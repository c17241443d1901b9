// The words for hazards.  See hazard.hpp.
#include "rule/hazard.hpp"

#include <algorithm>
#include <iterator>

namespace accord::rule {

namespace {

constexpr std::string_view two_steps = "Add it NOT VALID, and VALIDATE it in a later transaction.";
constexpr std::string_view dual = "Stage it: accord.stage keeps a new column in step and fills it in small batches.";
constexpr std::string_view by_batches = "Add the column without it, set the default for new rows, fill the old ones in batches.";
constexpr std::string_view later = "Let lock_timeout end the wait, and try again.";

constexpr hazard_info list[] = {
    {"RW01", "A volatile default is computed for every row: the table is copied while nobody can read it.", by_batches},
    {"RW02", "A serial column is numbered in every row: the table is copied while nobody can read it.", by_batches},
    {"RW03", "An identity column is numbered in every row: the table is copied while nobody can read it.", by_batches},
    {"RW04", "A stored generated column is computed for every row: the table is copied while nobody can read it.",
     "Keep an ordinary column by trigger and fill it in batches; from 18 on a virtual one costs nothing."},
    {"RW05", "A domain with a constraint is checked by writing every row: the table is copied while nobody can read it.",
     "Add the column with the base type and a CHECK NOT VALID."},
    {"RW06", "The new type is stored in another way: the table is copied while nobody can read it.", dual},
    {"RW07", "A narrower type makes every value be looked at and written: the table is copied while nobody can read it.",
     "Keep the type and add a CHECK NOT VALID."},
    {"RW08", "With this TimeZone every timestamp gets another value: the table is copied while nobody can read it.",
     "SET TimeZone = 'UTC' if that is what the values mean."},
    {"RW09", "USING computes every value: the table is copied while nobody can read it.", dual},
    {"RW10", "A domain with a constraint is checked by writing every row: the table is copied while nobody can read it.",
     "Keep the type and add a CHECK NOT VALID."},
    {"RW11", "A new expression is computed for every row: the table is copied while nobody can read it.", "Add another column."},
    {"RW12", "Changing between logged and unlogged copies the table while nobody can read it.", "Do it while the table is empty."},
    {"RW13", "Another tablespace or access method copies the table while nobody can read it.",
     "REINDEX (TABLESPACE ...) CONCURRENTLY for indexes; a new table for the rest."},
    {"RW14", "CLUSTER copies the table while nobody can read it.", ""},
    {"RW15", "VACUUM FULL copies the table while nobody can read it.", "VACUUM without FULL."},
    {"RW16", "REFRESH computes the materialized view anew while nobody can read it.",
     "REFRESH MATERIALIZED VIEW CONCURRENTLY, with a unique index."},
    {"RW17", "The change copies every child or partition, all of them locked until the end.", "Change one after the other."},
    {"SC01", "SET NOT NULL reads every row while nobody else can.",
     "Add CHECK (... IS NOT NULL) NOT VALID, VALIDATE it, then SET NOT NULL; from 18 on ADD CONSTRAINT ... NOT NULL ... NOT VALID."},
    {"SC02", "Every row is checked while nobody can read the table.", two_steps},
    {"SC03", "A CHECK on a new column reads every row while nobody else can.", "Add the column, then the CHECK NOT VALID."},
    {"SC04", "NOT NULL reads every row while nobody else can.", two_steps},
    {"SC05", "Every row is looked up in the other table while nobody can write to either.", two_steps},
    {"SC06", "A referencing column with a default is looked up for every row while nobody can read the table.",
     "Add the column, then the foreign key NOT VALID."},
    {"SC07", "VALIDATE in the transaction that added the constraint reads every row under that one's lock.", "Two transactions."},
    {"SC08", "A long statement runs while the transaction holds a lock that it took before.", "Two transactions."},
    {"SC09", "A CHECK on the column is checked again for every row while nobody can read the table.",
     "Drop the CHECK, change the type, add it NOT VALID, VALIDATE."},
    {"SC10", "Attaching reads every row of the new partition while nobody else can.",
     "A valid CHECK that implies the bounds, before ATTACH."},
    {"SC11", "The default partition is read to its end while nobody can use it.",
     "A valid CHECK on the default partition that excludes the new bounds."},
    {"SC12", "Every table that uses the domain is read while nobody can write to it.",
     "Add it NOT VALID, which binds what is written; VALIDATE reads in the same way."},
    {"SC15", "The primary key makes its columns NOT NULL, which reads every row while nobody else can.",
     "Make them NOT NULL first, by way of a valid CHECK."},
    {"IX01", "Writers wait until the index is built.", "CREATE INDEX CONCURRENTLY."},
    {"IX02", "Readers and writers of the table wait for DROP INDEX, and it for them.", "DROP INDEX CONCURRENTLY."},
    {"IX03", "Nobody can read the table until the constraint's index is built.",
     "CREATE UNIQUE INDEX CONCURRENTLY, then ADD CONSTRAINT ... USING INDEX."},
    {"IX04", "Nobody can read the table until the new column's index is built.",
     "Add the column, CREATE UNIQUE INDEX CONCURRENTLY, then ADD CONSTRAINT ... USING INDEX."},
    {"IX05", "Nobody can read the table until the exclusion constraint's index is built.", ""},
    {"IX06", "Writers wait for REINDEX, and whoever plans a query on the table too.", "REINDEX ... CONCURRENTLY."},
    {"IX07", "Indexes of the column are built again while nobody can read the table.",
     "A new index with the collation, CONCURRENTLY, before."},
    {"IX08", "CONCURRENTLY does not work inside a transaction block.", "Run it outside."},
    {"IX09", "PostgreSQL has no CONCURRENTLY for this.", "Index the partitions one by one, then ATTACH."},
    {"IX11", "lock_timeout also ends the wait for old snapshots and leaves an INVALID index behind.",
     "lock_timeout = 0 for CONCURRENTLY; bound it by statement_timeout."},
    {"IX19", "The index is copied while nobody can use it.", "REINDEX (TABLESPACE ...) CONCURRENTLY."},
    {"PT01", "DETACH locks the whole partitioned table against readers.", "DETACH PARTITION ... CONCURRENTLY."},
    {"PT02", "A new partition locks the whole partitioned table against readers.", "CREATE TABLE (LIKE ...), then ATTACH PARTITION."},
    {"PT03", "Dropping a partition locks the whole partitioned table against readers.", "DETACH PARTITION ... CONCURRENTLY first."},
    {"PT04", "The change locks every partition or child against readers.", later},
    {"HL01", "Dropping a foreign key locks both tables against readers.", later},
    {"HL02", "Dropping the table locks every table that it refers to against readers.", "Drop its foreign keys one by one before."},
    {"HL03", "Writers of the referenced table wait.", "Add the foreign key later, NOT VALID."},
    {"HL04", "Foreign keys to several tables lock all of them at once.", "One foreign key a transaction."},
    {"HL05", "CASCADE locks and drops what depends on it.", "Name what is to be dropped."},
    {"HL06", "TRUNCATE CASCADE empties the tables that refer to it.", "Name the tables."},
    {"HL07", "CASCADE drops every column of the type, and locks their tables against readers.", "Drop the columns first."},
    {"TX01", "Whoever wants the table waits behind the statement while it waits for its lock.", "SET lock_timeout."},
    {"TX07", "The transaction block is begun or ended in a way that cannot be meant.", ""},
    {"BC01", "Whoever uses the old name of the table fails.", "A view with the old name."},
    {"BC02", "Whoever uses the old name of the column fails.", "Stage it: accord.stage keeps both names."},
    {"BC03", "Whoever uses the old name of the schema fails.", ""},
    {"BC04", "Whoever finds the table in its old schema fails.", "A view in the old schema."},
    {"BC05", "Whoever uses the old label fails.", "A new label, to which the rows are moved."},
    {"BC14", "Functions, views or triggers that use it are dropped too, or fail later.", "Name what is to be dropped."},
    {"DX01", "The table's rows are gone.", "Keep a dump."},
    {"DX02", "The column's values are gone.", "Keep a dump."},
    {"DX03", "All that is in the schema is gone.", "Keep a dump."},
    {"DX06", "The table's rows are gone.", "Keep a dump."},
    {"DX07", "Every row of the table, for want of a WHERE.", "A WHERE."},
    {"DX08", "The sequence's value is gone.", ""},
    {"MF01", "There are duplicates already.", "Find and remove them."},
    {"MF02", "There are NULLs already.", "Fill them."},
    {"MF03", "A value cannot be converted.", "A USING that can, or other values."},
    {"MF04", "There are rows that violate it already.", "Repair them, or add it NOT VALID."},
    {"DM02", "Rows are changed while the transaction holds a lock that it took before.", "Two transactions, and batches."},
};

}  // namespace

std::span<const hazard_info> hazards() {
  return list;
}

const hazard_info* find_hazard(std::string_view id) {
  const auto* found = std::find_if(std::begin(list), std::end(list), [&](const hazard_info& h) { return h.id == id; });
  return found == std::end(list) ? nullptr : found;
}

}  // namespace accord::rule
