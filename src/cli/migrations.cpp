// Folders of migration files.  See migrations.hpp.
#include "cli/migrations.hpp"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <regex>

namespace accord::cli {

namespace {

namespace fs = std::filesystem;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// A number of any length, so that 20260102030405 compares as it should.
int compare_numbers(std::string_view a, std::string_view b) {
  while (a.size() > 1 && a.front() == '0')
    a.remove_prefix(1);
  while (b.size() > 1 && b.front() == '0')
    b.remove_prefix(1);
  if (a.size() != b.size()) return a.size() < b.size() ? -1 : 1;
  return a.compare(b);
}

std::string_view digits_at(std::string_view text, std::size_t at) {
  std::size_t end = at;
  while (end < text.size() && is_digit(text[end]))
    end++;
  return text.substr(at, end - at);
}

// 2_x before 10_x.
bool natural_less(const std::string& a, const std::string& b) {
  std::size_t i = 0, j = 0;
  while (i < a.size() && j < b.size()) {
    if (is_digit(a[i]) && is_digit(b[j])) {
      auto m = digits_at(a, i), n = digits_at(b, j);
      if (int order = compare_numbers(m, n)) return order < 0;
      i += m.size();
      j += n.size();
    } else if (a[i] != b[j]) {
      return static_cast<unsigned char>(a[i]) < static_cast<unsigned char>(b[j]);
    } else {
      i++;
      j++;
    }
  }
  return a.size() - i < b.size() - j;
}

using flyway_version = std::vector<std::string>;

flyway_version parse_version(const std::string& text) {
  flyway_version parts;
  std::string part;
  for (char c : text) {
    if (c == '.' || c == '_') {
      parts.push_back(part);
      part.clear();
    } else {
      part += c;
    }
  }
  parts.push_back(part);
  return parts;
}

int compare(const flyway_version& a, const flyway_version& b) {
  for (std::size_t i = 0; i < std::max(a.size(), b.size()); i++)
    if (int order = compare_numbers(i < a.size() ? a[i] : "0", i < b.size() ? b[i] : "0")) return order;
  return 0;
}

struct flyway_file {
  std::string path;
  flyway_version version;
  std::string description;
};

struct flyway_folder {
  std::vector<flyway_file> versioned, repeatable;
  bool is_one = false;
  std::string misnamed;
};

flyway_folder as_flyway(const std::vector<std::string>& paths) {
  static const std::regex named("([VUB])([0-9]+(?:[._][0-9]+)*)__(.+)\\.sql"), repeated("R__(.+)\\.sql"), meant("[VUBR]_?[0-9_].*\\.sql");
  flyway_folder folder;
  for (const auto& path : paths) {
    std::string name = fs::path(path).filename();
    std::smatch m;
    if (std::regex_match(name, m, named)) {
      folder.is_one = true;
      if (m[1] == "V") folder.versioned.push_back({path, parse_version(m[2]), m[3]});
    } else if (std::regex_match(name, m, repeated)) {
      folder.is_one = true;
      folder.repeatable.push_back({path, {}, m[1]});
    } else if (std::regex_match(name, meant)) {
      folder.misnamed = path;
    }
  }
  std::sort(folder.versioned.begin(), folder.versioned.end(),
            [](const flyway_file& a, const flyway_file& b) { return compare(a.version, b.version) < 0; });
  std::sort(folder.repeatable.begin(), folder.repeatable.end(),
            [](const flyway_file& a, const flyway_file& b) { return a.description < b.description; });
  return folder;
}

void insist_on_order(const flyway_folder& folder) {
  if (!folder.misnamed.empty())
    throw file_failure(
        fmt::format("\"{}\" is not named as a Flyway migration\nHINT:  Names are V1.2__description.sql, R__description.sql and "
                    "U1.2__description.sql, with two underscores.",
                    folder.misnamed));
  for (std::size_t i = 1; i < folder.versioned.size(); i++)
    if (compare(folder.versioned[i - 1].version, folder.versioned[i].version) == 0)
      throw file_failure(fmt::format("\"{}\" and \"{}\" have the same version", folder.versioned[i - 1].path, folder.versioned[i].path));
}

std::vector<std::string> sql_files_below(const std::string& folder) {
  std::vector<std::string> paths;
  std::error_code error;
  for (fs::recursive_directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    std::error_code ignored;
    if (entry->path().extension() == ".sql" && entry->is_regular_file(ignored)) paths.push_back(entry->path().string());
  }
  if (error) throw file_failure(fmt::format("could not read folder \"{}\": {}", folder, error.message()));
  if (paths.empty()) throw file_failure(fmt::format("there is no SQL file in folder \"{}\"", folder));
  return paths;
}

bool undoes(const std::string& path) {
  return path.ends_with(".down.sql") || fs::path(path).filename() == "down.sql";
}

void read_folder(const std::string& name, const std::optional<flyway_version>& after, migration_files& to) {
  auto paths = sql_files_below(name);
  auto flyway = as_flyway(paths);
  if (flyway.is_one) {
    insist_on_order(flyway);
    for (const auto& file : flyway.versioned)
      (after && compare(file.version, *after) <= 0 ? to.applied : to.pending).push_back(read_file(file.path));
    for (const auto& file : flyway.repeatable)
      to.pending.push_back(read_file(file.path));
    return;
  }
  if (after) throw file_failure(fmt::format("--after needs a folder of Flyway migrations, which \"{}\" is not", name));
  std::sort(paths.begin(), paths.end(), natural_less);
  for (const auto& path : paths)
    if (!undoes(path)) to.pending.push_back(read_file(path));
}

}  // namespace

migration_files read_migrations(const std::vector<std::string>& names, const std::optional<std::string>& after) {
  static const std::regex version("[0-9]+(?:[._][0-9]+)*");
  if (after && !std::regex_match(*after, version)) throw file_failure(fmt::format("\"{}\" is not a Flyway version", *after));
  std::optional<flyway_version> last;
  if (after) last = parse_version(*after);
  migration_files files;
  for (const auto& name : names) {
    std::error_code ignored;
    if (fs::is_directory(name, ignored))
      read_folder(name, last, files);
    else
      files.pending.push_back(read_file(name));
  }
  return files;
}

}  // namespace accord::cli
