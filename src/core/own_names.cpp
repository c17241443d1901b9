// See own_names.hpp.
#include "core/own_names.hpp"

#include <cstring>

namespace accord::core {

namespace {

bool is_decimal(char c) {
  return c >= '0' && c <= '9';
}
bool is_in_word(char c) {
  return is_decimal(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$' || static_cast<unsigned char>(c) >= 0x80;
}
bool begins(const char* text, const char* with) {
  return std::strncmp(text, with, std::strlen(with)) == 0;
}

// The length of the prefix that begins here; 0: none.
std::size_t own_prefix(const char* text) {
  constexpr const char* word = "accord_";
  if ((text[0] != '_' && text[0] != '~') || !begins(text + 1, word)) return 0;
  const char* p = text + 1 + std::strlen(word);
  if (!is_decimal(*p)) return 0;
  while (is_decimal(*p))
    p++;
  if (*p++ != '_') return 0;
  if (begins(p, "not_null_") || begins(p, "pending")) return 0;
  constexpr const char* old = "old_";
  if (begins(p, old)) p += std::strlen(old);
  return static_cast<std::size_t>(p - text);
}

}  // namespace

void strip_own_prefixes(char* text) noexcept {
  char before = ' ';
  char* to = text;
  for (const char* from = text; *from != '\0';) {
    if (!is_in_word(before))
      if (auto length = own_prefix(from)) from += length;
    if (*from == '\0') break;
    before = *to++ = *from++;
  }
  *to = '\0';
}

}  // namespace accord::core
