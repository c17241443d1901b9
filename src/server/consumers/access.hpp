// What consumers may do with the tables that they subscribed to: the rights that they rely on, however they come by them.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <vector>

namespace accord::consumers {

struct held_right {
  std::int64_t contract = 0;
  std::string consumer, role;
  std::string uses;   // how it subscribed: version, access, columns
  std::string right;  // SELECT, UPDATE …, USAGE on the schema
  bool reads = false, writes = false;

  auto operator<=>(const held_right&) const = default;
};

// Of the subscriptions of consumers with a role, sorted; of one contract, or of consumers with one of these roles, only.
std::vector<held_right> rights_of_consumers(std::int64_t contract);
std::vector<held_right> rights_of_consumers(const std::vector<std::string>& roles);

}  // namespace accord::consumers
