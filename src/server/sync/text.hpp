// sync_text: the live migrations of a contract as the catalog tells them, before they are compiled.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "pg/bridge.hpp"

namespace accord::migration {

struct column_text {
  std::string name, physical;
  std::optional<std::string> default_expression;
};

struct version_text {
  int major = 0;
  std::vector<column_text> columns;

  const column_text* find(const std::string& name) const;
};

struct migration_text {
  std::int64_t id = 0;
  std::string from_version, to_version, marker;  // marker empty: none
};

struct transform_text {
  int migration = 0;  // index
  std::vector<std::string> old_columns, new_columns, up;
  std::vector<std::optional<std::string>> down;
  bool computed = false;  // a generated column of the new version: `up` is over that
};

struct sync_text {
  Oid relation = InvalidOid;  // of the contract
  std::string contract_name, schema, owner;
  std::vector<migration_text> migrations;  // in order of staging: the chain of versions
  std::vector<transform_text> transforms;  // in order of migrations
  std::vector<version_text> versions;

  const version_text& version(const std::string& semantic_version) const;
};

// With the latest snapshot, as the extension's owner.  Throws 55000 when the contract does not
// exist.
sync_text read_sync_text(std::int64_t contract);

}  // namespace accord::migration
