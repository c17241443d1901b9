// JSON text of audit rows.  See detail.hpp.
#include "server/registry/detail.hpp"

#include <fmt/format.h>

namespace accord::registry {

namespace {

std::string quoted(std::string_view text) {
  std::string result = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\')
      (result += '\\') += c;
    else if (static_cast<unsigned char>(c) < 0x20)
      result += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    else
      result += c;
  }
  return result + '"';
}

}  // namespace

std::string json_detail(std::initializer_list<std::pair<std::string_view, std::optional<std::string>>> fields) {
  std::string json = "{";
  for (const auto& [name, value] : fields) {
    if (!value) continue;
    if (json.size() > 1) json += ',';
    json += quoted(name) + ':' + quoted(*value);
  }
  return json + "}";
}

}  // namespace accord::registry
