// Tables and JSON.  See output.hpp.
#include "cli/output.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/choice.hpp"

namespace accord::cli {

namespace {

// Characters as a terminal shows them: code points, which is right for all but combining and wide
// ones.
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (true) {
    auto end = text.find('\n');
    lines.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return lines;
    text.remove_prefix(end + 1);
  }
}

}  // namespace

std::string as_table(const table& t) {
  std::vector<std::size_t> shown, widths;
  for (std::size_t c = 0; c < t.columns.size(); c++) {
    bool empty = !t.rows.empty() && std::all_of(t.rows.begin(), t.rows.end(), [&](const auto& row) { return !row[c]; });
    if (empty) continue;
    std::size_t width = width_of(t.columns[c]);
    for (const auto& row : t.rows) {
      if (!row[c]) continue;
      for (auto line : lines_of(*row[c]))  // views of the cell, which must outlive them
        width = std::max(width, width_of(line));
    }
    shown.push_back(c);
    widths.push_back(width);
  }
  std::string text;
  auto put = [&](std::size_t i, std::string_view cell, bool right) {
    std::string padding(widths[i] - width_of(cell), ' ');
    if (i > 0) text += " | ";
    text += right ? padding : "";
    text += cell;
    text += right || i + 1 == shown.size() ? "" : padding;
  };
  for (std::size_t i = 0; i < shown.size(); i++)
    put(i, t.columns[shown[i]], false);
  text += '\n';
  for (std::size_t i = 0; i < shown.size(); i++)
    text += (i > 0 ? "-+-" : "") + std::string(widths[i], '-');
  text += '\n';
  for (const auto& row : t.rows) {
    std::size_t height = 1;
    for (auto c : shown)
      height = std::max(height, lines_of(row[c].value_or("")).size());
    for (std::size_t line = 0; line < height; line++) {
      for (std::size_t i = 0; i < shown.size(); i++) {
        std::string value = row[shown[i]].value_or("");
        auto lines = lines_of(value);
        put(i, line < lines.size() ? lines[line] : std::string_view{}, t.kinds[shown[i]] == value_kind::number);
      }
      text += '\n';
    }
  }
  return text + fmt::format("({} row{})\n", t.rows.size(), t.rows.size() == 1 ? "" : "s");
}

std::string as_json(const table& t) {
  auto rows = nlohmann::ordered_json::array();
  for (const auto& row : t.rows) {
    auto object = nlohmann::ordered_json::object();
    for (std::size_t c = 0; c < t.columns.size(); c++) {
      auto& value = object[t.columns[c]];
      if (!row[c])
        value = nullptr;
      else if (t.kinds[c] == value_kind::boolean)
        value = *row[c] == "t";
      else if (t.kinds[c] == value_kind::number || t.kinds[c] == value_kind::json)
        value = nlohmann::ordered_json::parse(*row[c], nullptr, false);
      else
        value = *row[c];
      if (value.is_discarded()) value = *row[c];  // NaN and Infinity have no number in JSON
    }
    rows.push_back(std::move(object));
  }
  return rows.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

void print(const table& t, format f, std::FILE* to) {
  std::fputs((f == format::json ? as_json(t) : as_table(t)).c_str(), to);
}

void add_format_option(CLI::App& app, format& chosen) {
  static const std::map<std::string, format> words{{"table", format::table}, {"json", format::json}};
  add_choice(app, "--format", words, chosen, "Output: table or json")->default_str("table");
}

}  // namespace accord::cli
