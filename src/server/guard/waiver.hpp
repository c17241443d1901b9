// waiver: the break-glass permission for one change, by whom, why and until when.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/verdict.hpp"
#include "server/registry/contract.hpp"

namespace accord::guard {

// Waivers that together cover every finding, those for one rule before those for any; nothing where they do not.
std::optional<std::vector<std::int64_t>> waivers_for(const registry::contract&, const std::vector<core::finding>&);

// Marks them used by the current user for `statement`, and writes the audit log.
void use_waivers(const registry::contract&, const std::vector<std::int64_t>&, const std::string& statement);

}  // namespace accord::guard
