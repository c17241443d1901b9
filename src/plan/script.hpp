// script: the statements of one step, as they are collected.
#pragma once

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "plan/migration.hpp"

namespace accord::plan {

class script {
 public:
  script(const migration& m, phase p) : m_(m), phase_(p) {}

  // On the table, by its owner; several actions become one ALTER TABLE.
  void alter(const std::vector<std::string>& actions, std::string purpose, const char* lock = "ACCESS EXCLUSIVE") {
    if (actions.empty()) return;
    add(fmt::format("ALTER TABLE {} {}", m_.table.sql(), fmt::join(actions, ", ")), lock, std::move(purpose), runner::owner);
  }
  // The same for what each table of an inheritance tree has for itself.
  void alter_only(const std::vector<std::string>& actions, std::string purpose) {
    if (actions.empty()) return;
    add(fmt::format("ALTER TABLE {}{} {}", m_.is_in_tree() ? "ONLY " : "", m_.table.sql(), fmt::join(actions, ", ")), "ACCESS EXCLUSIVE",
        std::move(purpose), runner::owner);
  }
  void table(std::string sql, std::string purpose, runner who, const char* lock = "ACCESS EXCLUSIVE") {
    add(std::move(sql), lock, std::move(purpose), who);
  }
  void on(const core::qualified_name& table, std::string sql, std::string purpose, const char* lock) {
    statements_.push_back({phase_, std::move(sql), fmt::format("{} on {}", lock, table.display()), std::move(purpose), runner::extension});
  }
  void other(std::string sql, std::string purpose) {
    statements_.push_back({phase_, std::move(sql), "", std::move(purpose), runner::extension});
  }
  void all(const std::vector<std::string>& sql, const std::string& purpose) {
    for (const auto& one : sql)
      other(one, purpose);
  }
  void append(std::vector<statement> others) { std::move(others.begin(), others.end(), std::back_inserter(statements_)); }
  std::vector<statement> take() { return std::move(statements_); }

 private:
  void add(std::string sql, const char* lock, std::string purpose, runner who) {
    statements_.push_back({phase_, std::move(sql), fmt::format("{} on {}", lock, m_.table.display()), std::move(purpose), who});
  }
  const migration& m_;
  phase phase_;
  std::vector<statement> statements_;
};

}  // namespace accord::plan
