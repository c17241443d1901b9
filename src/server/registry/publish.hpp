// publish: how the versions of a contract come into being.
//
// A version is what was promised, so it is never changed once the transaction that published it has committed.  Only a version that
// compatible DDL published by itself may still grow within its own transaction: several statements of one transaction make one version.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "server/registry/contract.hpp"

namespace accord::registry {

struct new_version {
  core::semantic_version version;
  std::string status = "active";
  std::optional<std::string> reason, statement;
};
// Inserts a version; no checks.  Records the columns that are gone since `before` as tombstones.
void insert_version(const contract&, const new_version&, const core::shape&, const core::shape* before = nullptr);

// The published version that the table itself carries: the latest that was not taken back, or while a migration is under way the one that it
// comes from.
std::optional<contract_version> base_version(std::int64_t contract);

// The next version by a step of this size that no other version, staged or published, has taken.
core::semantic_version next_free_version(std::int64_t contract, const core::semantic_version& from, core::bump step);

// The version that this transaction published by itself, if any; delete_version may take only such a one away.
std::optional<core::semantic_version> own_version(std::int64_t contract);
void delete_version(std::int64_t contract, const core::semantic_version&);

// What the guard judges a statement against: promised versions, latest first, without the one that this transaction published by itself,
// which nobody can rely on yet.
std::vector<contract_version> judged_versions(std::int64_t contract);

// Called by the guard after a compatible statement on a contracted table: publishes the next minor (or, where only comments changed, patch)
// version if the shape has something that the latest published one lacks.  Returns the version, or nothing where there was none to publish.
std::optional<core::semantic_version> publish_minor_if_additive(const contract&, const std::string& statement);

}  // namespace accord::registry
