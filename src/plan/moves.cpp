// See moves.hpp.
#include "plan/moves.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "core/text.hpp"
#include "plan/errors.hpp"

namespace accord::plan {

namespace {

using core::contains;
using core::quote_identifier;
using names = std::vector<std::string>;

class move_planner {
 public:
  move_planner(const request& r, const asked_move& asked, const live_version& old, const names& removed, const names& replaced)
      : request_(r), asked_(asked), target_(asked.target), old_(old), removed_(removed), replaced_(replaced) {}

  move make() {
    m_.target = target_.name;
    check_tables();
    find_key();
    read_up();
    read_down();
    infer_down();
    require_values();
    choose_kind();
    return std::move(m_);
  }

 private:
  [[noreturn]] void refuse(const std::string& why, const std::string& advice) const {
    throw errors::change_not_staged(fmt::format("columns of new table {}", errors::quoted(target_.name.name)), why, advice);
  }
  std::string in_target(const std::string& column) const {
    return fmt::format("{}.{}", quote_identifier(target_.name.name), quote_identifier(column));
  }
  const new_table::column* find(std::string_view name) const {
    auto found = std::find_if(target_.columns.begin(), target_.columns.end(), [&](const auto& c) { return c.name == name; });
    return found == target_.columns.end() ? nullptr : &*found;
  }
  const core::column& old_column(std::string_view name) const { return *old_.shape.find_column(name); }

  // Columns of the old version that an expression reads, and those of the target.
  names of_old(const std::string& expression) const {
    auto read = request_.columns_of(expression);
    std::erase_if(read, [&](const auto& name) { return !old_.find(name); });
    return read;
  }
  names of_target(const std::string& expression) const {
    auto read = request_.columns_of(expression);
    std::erase_if(read, [&](const auto& name) { return !find(name); });
    return read;
  }

  // The one column that is all of the expression; empty: it is more.
  std::string bare(const std::string& expression) const {
    auto read = of_old(expression);
    if (read.size() != 1) return {};
    auto begin = expression.find_first_not_of(" \t\n\r"), end = expression.find_last_not_of(" \t\n\r");
    auto text = expression.substr(begin, end - begin + 1);
    auto quoted = quote_identifier(read.front());
    return text == quoted || text.ends_with("." + quoted) ? read.front() : std::string();
  }

  void check_tables() const {
    if (target_.kind != "table") refuse(fmt::format("It is a {}.", target_.kind), "Move the columns to an ordinary table.");
    if (old_.shape.kind != "table")
      refuse(fmt::format("Table {} is partitioned, and rows of partitioned tables are not kept in step with those of others.",
                         errors::quoted(request_.table.name)),
             "Give the new columns to the table that has the old ones.");
    if (target_.owner != request_.owner)
      refuse(fmt::format("It belongs to {}, and both tables are written in the name of {}, who owns {}.", errors::quoted(target_.owner),
                         errors::quoted(request_.owner), errors::quoted(request_.table.name)),
             fmt::format("Add to the DDL: ALTER TABLE {} OWNER TO {};", quote_identifier(target_.name.name),
                         quote_identifier(request_.owner)));
  }

  void find_key() {
    if (target_.references.empty())
      refuse(fmt::format("No foreign key tells which of its rows belongs to which of {}.", errors::quoted(request_.table.name)),
             fmt::format("Let it reference the table, for example: CREATE TABLE {} ({}_id ... PRIMARY KEY REFERENCES {}, ...).",
                         quote_identifier(target_.name.name), request_.table.name, quote_identifier(request_.table.name)));
    if (target_.references.size() > 1)
      refuse(fmt::format("It references {} more than once, so that it is not certain which of its rows belongs to which.",
                         errors::quoted(request_.table.name)),
             "Add the other foreign keys when the migration is purged.");
    const auto& key = target_.references.front();
    if (key.deferrable)
      refuse("Its foreign key is deferrable, so that its rows could come before those that they belong to.", "Leave DEFERRABLE out.");
    for (std::size_t i = 0; i < key.columns.size(); i++) {
      auto seen = std::find_if(old_.columns.begin(), old_.columns.end(), [&](const auto& c) { return c.physical == key.referenced[i]; });
      if (seen == old_.columns.end() || contains(replaced_, seen->name))
        refuse(fmt::format("The column {} that it references is changed too.", errors::quoted(key.referenced[i])),
               "Stage the change of the key first, and move the columns in the next migration.");
      m_.key.push_back(seen->name);
      if (auto type = find(key.columns[i])->type; type != old_column(seen->name).type.text)
        refuse(fmt::format("Column {} is of type {} and references one of type {}.", errors::quoted(key.columns[i]), type,
                           old_column(seen->name).type.text),
               "Give both the same type.");
    }
    m_.target_key = key.columns;
    m_.operators = key.operators;
  }

  void read_up() {
    for (const auto& a : asked_.up) {
      const auto* column = find(a.column);
      if (!column)
        throw core::failure(core::sqlstate::undefined_column,
                            fmt::format("column \"{}\" in \"up\" does not exist in new table \"{}\"", a.column, target_.name.name));
      auto at = std::find(m_.target_key.begin(), m_.target_key.end(), a.column);
      if (at != m_.target_key.end()) {
        if (bare(a.expression) == m_.key[static_cast<std::size_t>(at - m_.target_key.begin())]) continue;
        refuse(
            fmt::format("Column {} says to which row of {} a row belongs.", errors::quoted(a.column), errors::quoted(request_.table.name)),
            "Leave it out of \"up\".");
      }
      if (contains(m_.columns, a.column)) throw errors::assigned_twice("up", a.column);
      if (column->generated) throw errors::is_generated(a.column, "up");
      m_.columns.push_back(a.column);
      m_.up.push_back(a.expression);
      for (const auto& name : of_old(a.expression))
        if (!contains(m_.reads, name)) m_.reads.push_back(name);
    }
    if (m_.columns.empty())
      refuse("\"down\" reads it, and \"up\" says nothing about it.",
             fmt::format("For example: up => {}.", core::dollar_quote(in_target("...") + " = ...")));
  }

  void read_down() {
    for (const auto& a : asked_.down) {
      if (!old_.find(a.column)) throw errors::no_such_column("down", a.column, old_.version.text());
      if (contains(m_.old_columns, a.column)) throw errors::assigned_twice("down", a.column);
      if (!contains(removed_, a.column))
        refuse(fmt::format("\"down\" takes column {} from it, which the new version of {} has too.", errors::quoted(a.column),
                           errors::quoted(request_.table.name)),
               fmt::format("Drop the column in the DDL: ALTER TABLE {} DROP COLUMN {};", quote_identifier(request_.table.name),
                           quote_identifier(a.column)));
      add_down(a.column, a.expression);
    }
  }

  void add_down(const std::string& column, const std::string& expression) {
    m_.old_columns.push_back(column);
    m_.down.push_back(expression);
    m_.absent.push_back(old_column(column).default_expression.value_or("NULL"));
    for (const auto& name : of_target(expression))
      if (!contains(m_.target_reads, name)) m_.target_reads.push_back(name);
  }

  // What is moved as it is needs no way back from the user.
  void infer_down() {
    for (std::size_t i = 0; i < m_.columns.size(); i++) {
      auto name = bare(m_.up[i]);
      if (!name.empty() && contains(removed_, name) && !contains(m_.old_columns, name) &&
          find(m_.columns[i])->type == old_column(name).type.text)
        add_down(name, quote_identifier(m_.columns[i]));
    }
    for (std::size_t i = 0; i < m_.columns.size(); i++)
      for (const auto& name : of_old(m_.up[i]))
        if (contains(removed_, name) && !contains(m_.old_columns, name))
          throw errors::down_missing(name,
                                     fmt::format("Column {} of new table {} is computed from it.", errors::quoted(m_.columns[i]),
                                                 errors::quoted(target_.name.name)),
                                     core::dollar_quote(fmt::format("{} = {}", quote_identifier(name), in_target(m_.columns[i]))));
    if (m_.old_columns.empty())
      refuse(fmt::format("No column of the old version moves to it: {} keeps all that \"up\" reads.", errors::quoted(request_.table.name)),
             "Drop the columns that move in the DDL; what both versions have is not kept in a second table.");
  }

  void require_values() const {
    for (const auto& name : m_.old_columns) {
      const auto& column = old_column(name);
      if (column.generated || !column.identity.empty())
        refuse(fmt::format("The values of column {} are made by the server.", errors::quoted(name)), "Leave the column in its table.");
      if (column.not_null && !column.default_expression)
        refuse(
            fmt::format("Column {} takes no NULL and has no default, and clients of the new version insert a row of {} before there is one "
                        "of the new table.",
                        errors::quoted(name), errors::quoted(request_.table.name)),
            fmt::format("Say first what the column holds until then, for example: ALTER TABLE {} ALTER COLUMN {} SET DEFAULT ...;",
                        quote_identifier(request_.table.name), quote_identifier(name)));
    }
    for (const auto& column : target_.columns)
      if (column.not_null && !column.has_default && !contains(m_.columns, column.name) && !contains(m_.target_key, column.name))
        refuse(fmt::format("Column {} takes no NULL and has no default, and rows come from clients of the old version too.",
                           errors::quoted(column.name)),
               fmt::format("Give it a default, or say what it is: up => {}.", core::dollar_quote(in_target(column.name) + " = ...")));
  }

  static bool same(names a, names b) {
    std::sort(a.begin(), a.end());
    std::sort(b.begin(), b.end());
    return a == b;
  }

  // One row for each of the old table's, or a row for each value.
  void choose_kind() {
    auto has_key = [&](const names& columns) {
      return std::any_of(target_.keys.begin(), target_.keys.end(), [&](const auto& key) { return same(key, columns); });
    };
    if (has_key(m_.target_key)) return;
    auto whole = m_.target_key;
    whole.insert(whole.end(), m_.columns.begin(), m_.columns.end());
    if (!has_key(whole))
      refuse(fmt::format("It can have several rows for one row of {}, and nothing says which the old version shows.",
                         errors::quoted(request_.table.name)),
             fmt::format("Make its foreign key its primary key, PRIMARY KEY ({}); or the foreign key with what moves there, for a row for "
                         "each value: PRIMARY KEY ({}).",
                         core::quote_list(m_.target_key), core::quote_list(whole)));
    m_.link = true;
    for (std::size_t i = 0; i < m_.columns.size(); i++) {
      auto from = bare(m_.up[i]);
      auto at = std::find(m_.old_columns.begin(), m_.old_columns.end(), from);
      if (at == m_.old_columns.end() || find(m_.columns[i])->type != old_column(from).type.text ||
          m_.down[static_cast<std::size_t>(at - m_.old_columns.begin())].find(m_.columns[i]) == std::string::npos ||
          m_.old_columns.size() != m_.columns.size())
        refuse("It has a row for each value, so that each of its columns must be a column of the old version as it is.",
               "Move the columns with their own type and without expressions.");
      if (m_.absent[static_cast<std::size_t>(at - m_.old_columns.begin())] != "NULL")
        refuse(fmt::format("It has a row for each value, and column {} has a default where there is none.", errors::quoted(from)),
               fmt::format("Drop the default first: ALTER TABLE {} ALTER COLUMN {} DROP DEFAULT;", quote_identifier(request_.table.name),
                           quote_identifier(from)));
    }
    in_order_of_columns();
  }

  // The old version's values can then stand for those of the link.
  void in_order_of_columns() {
    names old_columns, down;
    for (std::size_t i = 0; i < m_.columns.size(); i++) {
      old_columns.push_back(bare(m_.up[i]));
      down.push_back(quote_identifier(m_.columns[i]));
    }
    m_.old_columns = std::move(old_columns);
    m_.down = std::move(down);
  }

  const request& request_;
  const asked_move& asked_;
  const new_table& target_;
  const live_version& old_;
  const names &removed_, &replaced_;
  move m_;
};

void announce_move(const request& r, const move& m, const new_table& target, names& announcements) {
  names columns, required;
  for (const auto& name : m.old_columns)
    columns.push_back(errors::quoted(name));
  for (const auto& column : target.columns)
    if (column.not_null && contains(m.columns, column.name)) required.push_back(errors::quoted(column.name));
  auto table = errors::quoted(m.target.name);
  if (m.link) {
    announcements.push_back(
        fmt::format("Where table {} has several rows, clients of the old version see one of them in {}, and change that one.", table,
                    errors::listed(columns)));
  } else {
    announcements.push_back(
        fmt::format("A row of table {} goes when clients of the old version empty {}, and when its row of {} is deleted.", table,
                    errors::listed(columns), errors::quoted(r.table.name)));
    if (!required.empty() && m.old_columns.size() > 1)
      announcements.push_back(
          fmt::format("Clients of the old version get an error where they leave NULL for {} of table {} and fill another column of it.",
                      errors::listed(required), table));
  }
  auto truncate = fmt::format("TRUNCATE of {} needs CASCADE, as of any table that is referenced.", errors::quoted(r.table.name));
  if (!contains(announcements, truncate)) announcements.push_back(std::move(truncate));
}

}  // namespace

std::vector<move> plan_moves(const request& r, const live_version& old, const names& removed, const names& replaced, names& announcements) {
  std::vector<move> moves;
  for (const auto& asked : r.moves) {
    moves.push_back(move_planner(r, asked, old, removed, replaced).make());
    announce_move(r, moves.back(), asked.target, announcements);
    for (const auto& name : moves.back().old_columns) {
      for (const auto& a : r.down)
        if (a.column == name) throw errors::assigned_twice("down", name);
      for (std::size_t i = 0; i + 1 < moves.size(); i++)
        if (contains(moves[i].old_columns, name)) throw errors::assigned_twice("down", name);
    }
  }
  return moves;
}

}  // namespace accord::plan
