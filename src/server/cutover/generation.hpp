// Generations of a consumer: schemas with one view for each contract it is subscribed to, exactly its columns in its version.
//
// A switch makes a new schema and points new sessions to it; a running session goes on with the views it started with.  So nothing that
// is in use is ever locked, and the way back is one more generation.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/name.hpp"
#include "server/consumers/consumer.hpp"
#include "server/registry/contract.hpp"

namespace accord::cutover {

struct subscription {
  std::int64_t contract = 0;
  int major = 0;
  std::optional<std::vector<std::string>> columns;  // none: all
  std::string access;
};

struct generation {
  int number = 0;
  std::string schema;
  std::map<std::int64_t, int> versions;                                     // contract -> major
  std::map<std::int64_t, std::optional<std::vector<std::string>>> columns;  // what was subscribed then
  std::map<std::int64_t, subscription> left;                                // contract -> what the move to this version left behind
};

struct view_column {
  std::string name, physical;
  std::optional<std::string> default_expression;
};

// A view of one version of a contract, cut to the columns of a subscription.
struct consumer_view {
  std::string name;
  core::qualified_name table;
  std::vector<view_column> columns;

  std::string select() const;
};

std::vector<subscription> subscriptions_of(const consumers::consumer&);
std::vector<generation> generations_of(const consumers::consumer&);  // latest first
// `role`: who will use it, and may have privileges on some columns only; 42501 where no view can serve it.
consumer_view make_view(const registry::contract&, const subscription&, const std::optional<std::string>& role);
std::vector<std::string> map_subscribed_columns(std::int64_t contract, const std::vector<std::string>& columns, int from, int to);

// Creates schema, views and rights; gives back what was made.  `left`: for contracts that move, what they were subscribed to.
generation create_generation(const consumers::consumer&, const std::vector<subscription>&, std::map<std::int64_t, subscription> left);
// Writes down what a generation shows; "<contract>@<major>" is what was left behind.
void save_contents(const consumers::consumer&, const generation&);
// Schemas of all generations of the consumer, as they may stand in a search_path.
std::vector<std::string> generation_schemas(const consumers::consumer&);

// Drops schemas of earlier generations that no session of the consumer can still use; gives back their names.
std::vector<std::string> drop_unused(const consumers::consumer&);

}  // namespace accord::cutover
