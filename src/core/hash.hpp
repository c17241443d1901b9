// hash_of: the one hash behind fingerprints and shortened names.
//
// Both are stored and compared across servers, builds and years, so std::hash, which promises none
// of that, will not do.  FNV-1a over the bytes with a final mix; it tells different shapes apart
// and is no protection against somebody who forges one.
//
// Invariants: the value for a given text never changes; core/hash_test.cpp holds known values.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace accord::core {

constexpr std::uint64_t hash_of(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325u;
  for (char c : text) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100000001b3u;
  }
  // FNV leaves the high bits of short texts almost alike; the mix lets any part of the value stand
  // for the whole.
  hash ^= hash >> 33;
  hash *= 0xff51afd7ed558ccdu;
  hash ^= hash >> 33;
  hash *= 0xc4ceb9fe1a85ec53u;
  hash ^= hash >> 33;
  return hash;
}

// Sixteen lower case hexadecimal digits.
std::string hex_digits(std::uint64_t);

}  // namespace accord::core
