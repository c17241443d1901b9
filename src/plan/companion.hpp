// companion: what stands on a column that a migration replaces, and so gets a twin on the column that replaces it.
//
// An index, a key, a check or a foreign key is part of what clients rely on.  While both versions live each has its own; on completion the
// twins take the names, so that nobody can tell the table from one whose column was changed in place.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/name.hpp"

namespace accord::plan {

enum class companion_kind { none, index, unique, primary_key, exclusion, check, foreign_key, inbound_key, statistics, trigger, policy };
std::string_view name_of(companion_kind);
companion_kind companion_kind_of(std::string_view);

// The part of an index or foreign key of a partitioned table that is on one of its partitions.  A key to a partitioned table has parts too, on its
// own table and of one name each for the partitions that it references: they come and go with the key.
struct partition_part {
  core::qualified_name table;
  std::string name;         // as clients know it, in the schema of its table
  std::string twin;         // what its counterpart is called
  std::string parent_twin;  // of the counterpart's parent, quoted; empty: of the table itself
  bool leaf = true;         // has rows, and no partitions of its own; of the second kind none has

  bool operator==(const partition_part&) const = default;
};

// What a trigger or a policy is while both versions live.  Until completion it reads the old column, then the new one; a trigger that fires on
// UPDATE OF columns fires for those of both versions.  Statements over the names of the moment, the table's name left open.
struct retargeting {
  std::string original, widened, completed, purged;  // empty: nothing to do then

  bool operator==(const retargeting&) const = default;
};

struct companion {
  companion_kind kind = companion_kind::none;
  std::string name;        // as clients know it
  std::string original;    // the same while it is itself the twin of an earlier migration that is not complete; empty: its name
  std::string definition;  // of the twin: of an index what follows the table's name, of a constraint what follows its own
  std::string shown;       // the same as the new version's shape has it; of keys and unique indexes
  bool unique = false;     // index
  bool validated = true, deferrable = false, deferred = false;
  bool clustered = false, replica_identity = false;
  std::vector<std::pair<int, int>> statistics;  // column of the index and its target
  std::optional<std::string> comment;
  std::optional<std::string> index_comment = {};  // of the index behind a constraint
  std::vector<std::string> operators = {};        // of an exclusion constraint, one for each column of its index, as regoperator writes it
  bool proven = false;                            // an exclusion constraint holds for all rows
  std::string references;       // foreign key: the other table, quoted where need be; inbound key: the table whose constraint it is
  bool of_partitioned = false;  // a foreign key of a partitioned table: each partition has its own until the version opens
  std::vector<partition_part> partitions = {};  // parents before their children; as the catalogs have it now
  bool taken_in = false;                        // the index of a partitioned table is there, with those of its partitions
  bool late = false;                            // a foreign key to the table's own dual columns, which need their unique index first
  retargeting texts = {};                       // of a trigger or policy
  bool added = false;                           // by the DDL of the migration: the old version has none
  bool merged = false;                          // a check that a child has both from its parents and by itself
  std::string index_columns = {};               // of an added index: their names, joined as the server does to name those of partitions
  std::vector<std::string> key_columns = {};    // of an added index, as the new version calls them; when it is staged
  bool partial = false;                         // the same

  bool has_index() const {
    return kind == companion_kind::index || kind == companion_kind::unique || kind == companion_kind::primary_key ||
           kind == companion_kind::exclusion;
  }
  // A unique constraint once the new version opens.  A key that the DDL adds, or that is checked late, is a primary key from completion on.
  bool is_unique_constraint() const {
    return kind == companion_kind::unique || (kind == companion_kind::primary_key && (added || deferrable));
  }
  // What the new version has of it when it opens is a constraint, and not an index or statistics alone.
  bool opens_as_constraint() const {
    return kind == companion_kind::check || is_key_to_other() || is_unique_constraint() || kind == companion_kind::exclusion;
  }
  bool is_retargeted() const { return kind == companion_kind::trigger || kind == companion_kind::policy; }
  bool is_key_to_other() const { return kind == companion_kind::foreign_key || kind == companion_kind::inbound_key; }
  bool operator==(const companion&) const = default;
};

// Where the table's name goes in the texts of a retargeting.
inline constexpr char table_place = '\x1f';

// Pairs from the flat list of numbers that the catalogs give.
std::vector<std::pair<int, int>> statistics_of(const std::vector<std::string>& numbers);

// What the twin is called until completion (one without an original has its name from the start), and the original from then on.  PostgreSQL checks constraints in the order of their names: those
// of the twins sort last, so that clients see the name that they know.
std::string twin_name(std::int64_t migration, const companion&);
std::string twin_name(std::int64_t migration, companion_kind, std::string_view name);
std::string old_twin_name(std::int64_t migration, companion_kind, std::string_view name);
inline std::string old_twin_name(std::int64_t migration, const companion& c) {
  return old_twin_name(migration, c.kind, c.name);
}

// A constraint or index that the new version does not have.  It holds until purge: clients of the old version rely on it.
struct dropped_object {
  companion_kind kind = companion_kind::none;
  std::string name;

  bool operator==(const dropped_object&) const = default;
};

// What a column has beside its type: copied to the column that replaces it.
struct column_traits {
  std::string physical;
  std::vector<std::string> actions;                         // of ALTER TABLE, after ALTER COLUMN name
  std::vector<std::pair<std::string, std::string>> grants;  // SELECT; to whom, as GRANT writes it
};

// A sequence that a replaced column owns.
struct owned_sequence {
  std::string name;    // qualified, quoted
  std::string column;  // physical
  std::string type;    // that it has now
  bool identity = false;

  bool operator==(const owned_sequence&) const = default;
};

}  // namespace accord::plan
