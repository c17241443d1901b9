// SQL files.  See files.hpp.
#include "cli/files.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <iostream>
#include <sstream>

#include "cli/sql_text.hpp"

namespace accord::cli {

source_file read_file(const std::string& name) {
  std::stringstream text;
  if (name == "-") {
    text << std::cin.rdbuf();
    return {name, text.str()};
  }
  std::error_code ignored;
  if (std::filesystem::is_directory(name, ignored)) throw file_failure(fmt::format("\"{}\" is a directory", name));
  std::ifstream in(name, std::ios::binary);
  if (!in) throw file_failure(fmt::format("could not open file \"{}\": {}", name, std::strerror(errno)));
  text << in.rdbuf();
  if (in.bad()) throw file_failure(fmt::format("could not read file \"{}\"", name));
  return {name, text.str()};
}

void write_file(const std::string& name, const std::string& text) {
  std::ofstream out(name, std::ios::binary | std::ios::trunc);
  out << text << std::flush;
  if (!out) throw file_failure(fmt::format("could not write file \"{}\": {}", name, std::strerror(errno)));
}

std::string shown_name(const source_file& file) {
  return file.name == "-" ? "<stdin>" : file.name;
}

script::script(std::vector<source_file> files) : files_(std::move(files)) {
  int line = 1;
  for (const auto& file : files_) {
    first_line_.push_back(line);
    text_ += scan_sql(file.text).text;
    // A file that forgets its last semicolon must not swallow the first statement of the next.
    if (files_.size() > 1) text_ += "\n;\n";
    line = 1 + static_cast<int>(std::count(text_.begin(), text_.end(), '\n'));
  }
}

std::pair<std::string, int> script::place_of(int line) const {
  std::size_t i = files_.size();
  while (i > 0 && first_line_[i - 1] > line)
    --i;
  if (i == 0) return {};
  return {shown_name(files_[i - 1]), line - first_line_[i - 1] + 1};
}

}  // namespace accord::cli
