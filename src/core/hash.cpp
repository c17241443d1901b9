// Printing of hashes.
#include "core/hash.hpp"

#include <fmt/format.h>

namespace accord::core {

std::string hex_digits(std::uint64_t value) {
  return fmt::format("{:016x}", value);
}

}  // namespace accord::core
