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
  move_planner(const request& r, const asked_move& asked, const moving_versions& versions)
      : request_(r),
        asked_(asked),
        target_(asked.target),
        versions_(versions),
        with_(asked.arrives ? versions.after : versions.before),
        moving_(asked.arrives ? versions.added : versions.removed) {}

  move make() {
    m_.target = target_.name;
    m_.arrives = asked_.arrives;
    m_.existing = asked_.existing;
    m_.partitioned = target_.kind == "partitioned table";
    check_tables();
    find_key();
    read_push();
    read_pull();
    asked_.arrives ? infer_push() : infer_pull();
    require_values();
    choose_kind();
    return std::move(m_);
  }

 private:
  [[noreturn]] void refuse(const std::string& why, const std::string& advice) const {
    throw errors::change_not_staged(fmt::format("columns of {}table {}", comes(), errors::quoted(target_.name.name)), why, advice);
  }
  bool is_new() const { return !asked_.arrives && !asked_.existing; }
  const char* comes() const { return is_new() ? "new " : ""; }
  const char* push_list() const { return asked_.arrives ? "down" : "up"; }
  const char* pull_list() const { return asked_.arrives ? "up" : "down"; }
  const char* other_clients() const { return asked_.arrives ? "new" : "old"; }
  std::string in_target(const std::string& column) const {
    return fmt::format("{}.{}", quote_identifier(target_.name.name), quote_identifier(column));
  }
  const other_table::column* find(std::string_view name) const {
    auto found = std::find_if(target_.columns.begin(), target_.columns.end(), [&](const auto& c) { return c.name == name; });
    return found == target_.columns.end() ? nullptr : &*found;
  }
  const core::column& source_column(std::string_view name) const { return *with_.shape.find_column(name); }

  // Columns of the source, in the version that has them, that an expression reads, and those of the target.
  names of_source(const std::string& expression) const {
    auto read = request_.columns_of(expression);
    std::erase_if(read, [&](const auto& name) { return !with_.find(name); });
    return read;
  }
  names of_target(const std::string& expression) const {
    auto read = request_.columns_of(expression);
    std::erase_if(read, [&](const auto& name) { return !find(name); });
    return read;
  }

  // The one column that is all of the expression; empty: it is more.
  static std::string bare(const names& read, const std::string& expression) {
    if (read.size() != 1) return {};
    auto begin = expression.find_first_not_of(" \t\n\r"), end = expression.find_last_not_of(" \t\n\r");
    auto text = expression.substr(begin, end - begin + 1);
    auto quoted = quote_identifier(read.front());
    return text == quoted || text.ends_with("." + quoted) ? read.front() : std::string();
  }
  std::string bare_source(const std::string& expression) const { return bare(of_source(expression), expression); }
  std::string bare_target(const std::string& expression) const { return bare(of_target(expression), expression); }

  void check_tables() const {
    if (target_.kind != "table" && !m_.partitioned)
      refuse(fmt::format("It is a {}.", target_.kind),
             fmt::format("Columns move {} an ordinary or a partitioned table only.", asked_.arrives ? "from" : "to"));
    if (m_.partitioned && !target_.has_partitions)
      refuse(
          "It has no partition that could take a row, and rows come from clients of the other version at once.",
          fmt::format("{}CREATE TABLE ... PARTITION OF {} ...;", is_new() ? "Add to the DDL: " : "", quote_identifier(target_.name.name)));
    if (target_.owner != request_.owner)
      refuse(fmt::format("It belongs to {}, and both tables are written in the name of {}, who owns {}.", errors::quoted(target_.owner),
                         errors::quoted(request_.owner), errors::quoted(request_.table.name)),
             fmt::format("{}ALTER TABLE {} OWNER TO {};", is_new() ? "Add to the DDL: " : "", quote_identifier(target_.name.name),
                         quote_identifier(request_.owner)));
  }

  // For people, as part of a table to be.
  std::string reference_to_source() const {
    const auto& constraints = versions_.before.shape.constraints;
    auto key = std::find_if(constraints.begin(), constraints.end(), [](const auto& c) { return c.kind == "primary key"; });
    auto source = quote_identifier(request_.table.name);
    if (key == constraints.end() || key->columns.size() < 2)
      return fmt::format("{}_id ... PRIMARY KEY REFERENCES {}", request_.table.name, source);
    auto columns = core::quote_list(key->columns);
    return fmt::format("PRIMARY KEY ({0}), FOREIGN KEY ({0}) REFERENCES {1}", columns, source);
  }

  void find_key() {
    const auto &target = target_.name.name, &source = request_.table.name;
    if (target_.references.empty())
      refuse(fmt::format("No foreign key tells which of its rows belongs to which of {}.", errors::quoted(source)),
             is_new() ? fmt::format("Let it reference the table, for example: CREATE TABLE {} ({}, ...).", quote_identifier(target),
                                    reference_to_source())
                      : fmt::format("Let it reference the table: ALTER TABLE {} ADD FOREIGN KEY (...) REFERENCES {};",
                                    quote_identifier(target), quote_identifier(source)));
    if (target_.references.size() > 1)
      refuse(fmt::format("It references {} more than once, so that it is not certain which of its rows belongs to which.",
                         errors::quoted(source)),
             is_new() ? "Add the other foreign keys when the migration is purged." : "Drop the other foreign keys first.");
    const auto& key = target_.references.front();
    if (key.deferrable)
      refuse("Its foreign key is deferrable, so that its rows could come before those that they belong to.",
             is_new()
                 ? "Leave DEFERRABLE out."
                 : fmt::format("ALTER TABLE {} ALTER CONSTRAINT {} NOT DEFERRABLE;", quote_identifier(target), quote_identifier(key.name)));
    if (asked_.existing && !key.cascades)
      refuse(
          fmt::format("Its foreign key has no ON DELETE CASCADE, and clients of the old version could no longer delete a row of {} for "
                      "which they have made one of it.",
                      errors::quoted(source)),
          fmt::format("ALTER TABLE {} DROP CONSTRAINT {}, ADD FOREIGN KEY ({}) REFERENCES {} ({}) ON DELETE CASCADE;", target_.name.sql(),
                      quote_identifier(key.name), core::quote_list(key.columns), request_.table.sql(), core::quote_list(key.referenced)));
    for (std::size_t i = 0; i < key.columns.size(); i++) {
      auto has = [&](const live_version& version) {
        return std::find_if(version.columns.begin(), version.columns.end(), [&](const auto& c) { return c.physical == key.referenced[i]; });
      };
      auto seen = has(with_);
      if (seen == with_.columns.end() || contains(versions_.replaced, has(versions_.before)->name))
        refuse(fmt::format("The column {} that it references is changed too.", errors::quoted(key.referenced[i])),
               "Stage the change of the key first, and move the columns in the next migration.");
      m_.key.push_back(seen->name);
      if (auto type = find(key.columns[i])->type; type != source_column(seen->name).type.text)
        refuse(fmt::format("Column {} is of type {} and references one of type {}.", errors::quoted(key.columns[i]), type,
                           source_column(seen->name).type.text),
               "Give both the same type.");
    }
    m_.target_key = key.columns;
    m_.operators = key.operators;
  }

  void read_push() {
    for (const auto& a : asked_.arrives ? asked_.down : asked_.up) {
      const auto* column = find(a.column);
      if (!column)
        throw core::failure(core::sqlstate::undefined_column, fmt::format("column \"{}\" in \"{}\" does not exist in {}table \"{}\"",
                                                                          a.column, push_list(), comes(), target_.name.name));
      auto at = std::find(m_.target_key.begin(), m_.target_key.end(), a.column);
      if (at != m_.target_key.end()) {
        if (bare_source(a.expression) == m_.key[static_cast<std::size_t>(at - m_.target_key.begin())]) continue;
        refuse(
            fmt::format("Column {} says to which row of {} a row belongs.", errors::quoted(a.column), errors::quoted(request_.table.name)),
            fmt::format("Leave it out of \"{}\".", push_list()));
      }
      if (contains(m_.columns, a.column)) throw errors::assigned_twice(push_list(), a.column);
      if (column->generated) throw errors::is_generated(a.column, push_list());
      if (asked_.existing && column->has_default)
        refuse(fmt::format("Column {} has a default, and whether a row has it from a client or from there cannot be told.",
                           errors::quoted(a.column)),
               fmt::format("Give it back when the migration is purged: ALTER TABLE {} ALTER COLUMN {} DROP DEFAULT;",
                           quote_identifier(target_.name.name), quote_identifier(a.column)));
      add_push(a.column, a.expression);
    }
    if (m_.columns.empty() && !asked_.arrives)
      refuse("\"down\" reads it, and \"up\" says nothing about it.",
             fmt::format("For example: up => {}.", core::dollar_quote(in_target("...") + " = ...")));
  }

  void add_push(const std::string& column, const std::string& expression) {
    m_.columns.push_back(column);
    m_.push.push_back(expression);
    for (const auto& name : of_source(expression))
      if (!contains(m_.reads, name)) m_.reads.push_back(name);
  }

  void read_pull() {
    for (const auto& a : asked_.arrives ? asked_.up : asked_.down) {
      if (!with_.find(a.column)) throw errors::no_such_column(pull_list(), a.column, with_.version.text());
      auto same = [&](const assignment& other) { return other.column == a.column; };
      const auto& own = asked_.arrives ? request_.up : request_.down;
      if (contains(m_.source_columns, a.column) || std::any_of(own.begin(), own.end(), same))
        throw errors::assigned_twice(pull_list(), a.column);
      if (!contains(moving_, a.column)) refuse_shared(a.column);
      add_pull(a.column, a.expression);
    }
    if (m_.source_columns.empty() && asked_.arrives)
      refuse("\"down\" gives it values, and \"up\" takes none from it.",
             fmt::format("For example: up => {}.", core::dollar_quote("... = " + in_target("..."))));
  }
  [[noreturn]] void refuse_shared(const std::string& column) const {
    auto table = quote_identifier(request_.table.name), name = quote_identifier(column);
    if (asked_.arrives)
      refuse(fmt::format("\"up\" takes column {} from it, which the old version of {} has too.", errors::quoted(column),
                         errors::quoted(request_.table.name)),
             fmt::format("Take it to a column of its own: ALTER TABLE {} ADD COLUMN ...;", table));
    refuse(fmt::format("\"down\" takes column {} from it, which the new version of {} has too.", errors::quoted(column),
                       errors::quoted(request_.table.name)),
           fmt::format("Drop the column in the DDL: ALTER TABLE {} DROP COLUMN {};", table, name));
  }

  void add_pull(const std::string& column, const std::string& expression) {
    m_.source_columns.push_back(column);
    m_.pull.push_back(expression);
    m_.absent.push_back(source_column(column).default_expression.value_or("NULL"));
    for (const auto& name : of_target(expression))
      if (!contains(m_.target_reads, name)) m_.target_reads.push_back(name);
  }

  // What is moved as it is needs no way back from the user.
  void infer_pull() {
    for (std::size_t i = 0; i < m_.columns.size(); i++) {
      auto name = bare_source(m_.push[i]);
      if (!name.empty() && contains(moving_, name) && !contains(m_.source_columns, name) &&
          find(m_.columns[i])->type == source_column(name).type.text)
        add_pull(name, quote_identifier(m_.columns[i]));
    }
    for (std::size_t i = 0; i < m_.columns.size(); i++)
      for (const auto& name : of_source(m_.push[i]))
        if (contains(moving_, name) && !contains(m_.source_columns, name))
          throw errors::down_missing(name,
                                     fmt::format("Column {} of {}table {} is computed from it.", errors::quoted(m_.columns[i]), comes(),
                                                 errors::quoted(target_.name.name)),
                                     core::dollar_quote(fmt::format("{} = {}", quote_identifier(name), in_target(m_.columns[i]))));
    if (m_.source_columns.empty())
      refuse(fmt::format("No column of the old version moves to it: {} keeps all that \"up\" reads.", errors::quoted(request_.table.name)),
             "Drop the columns that move in the DDL; what both versions have is not kept in a second table.");
  }
  void infer_push() {
    for (std::size_t i = 0; i < m_.source_columns.size(); i++) {
      auto name = bare_target(m_.pull[i]);
      if (!name.empty() && !contains(m_.columns, name) && !contains(m_.target_key, name) &&
          find(name)->type == source_column(m_.source_columns[i]).type.text)
        add_push(name, quote_identifier(m_.source_columns[i]));
    }
    for (std::size_t i = 0; i < m_.source_columns.size(); i++)
      for (const auto& name : of_target(m_.pull[i]))
        if (!contains(m_.columns, name) && !contains(m_.target_key, name))
          throw errors::down_missing(name, fmt::format("Column {} is computed from it.", errors::quoted(m_.source_columns[i])),
                                     core::dollar_quote(fmt::format("{} = {}", in_target(name), quote_identifier(m_.source_columns[i]))));
    if (m_.columns.empty())
      refuse("\"up\" reads no column of it but its key.", "Take the columns that move, or leave the table out of \"up\".");
  }

  void require_values() const {
    for (const auto& name : m_.source_columns) {
      const auto& column = source_column(name);
      if (column.generated || !column.identity.empty())
        refuse(fmt::format("The values of column {} are made by the server.", errors::quoted(name)), "Leave the column in its table.");
      if (column.not_null && !column.default_expression)
        refuse(
            fmt::format("Column {} takes no NULL and has no default, and clients of the {} version insert a row of {} before there is one "
                        "of {}.",
                        errors::quoted(name), asked_.arrives ? "old" : "new", errors::quoted(request_.table.name),
                        is_new() ? "the new table" : errors::quoted(target_.name.name)),
            asked_.arrives
                ? "Give it a default, or let it take NULL."
                : fmt::format("Say first what the column holds until then, for example: ALTER TABLE {} ALTER COLUMN {} SET DEFAULT ...;",
                              quote_identifier(request_.table.name), quote_identifier(name)));
    }
    for (const auto& column : target_.columns)
      if (column.not_null && !column.has_default && !contains(m_.columns, column.name) && !contains(m_.target_key, column.name))
        refuse(fmt::format("Column {} takes no NULL and has no default, and rows come from clients of the {} version too.",
                           errors::quoted(column.name), other_clients()),
               fmt::format("Give it a default, or say what it is: {} => {}.", push_list(),
                           core::dollar_quote(in_target(column.name) + " = ...")));
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
      refuse(fmt::format("It can have several rows for one row of {}, and nothing says which the {} version shows.",
                         errors::quoted(request_.table.name), other_clients()),
             asked_.existing ? fmt::format("Let its foreign key be unique: ALTER TABLE {} ADD UNIQUE ({});",
                                           quote_identifier(target_.name.name), core::quote_list(m_.target_key))
                             : fmt::format("Make its foreign key its primary key, PRIMARY KEY ({}); or the foreign key with what moves "
                                           "there, for a row for each value: PRIMARY KEY ({}).",
                                           core::quote_list(m_.target_key), core::quote_list(whole)));
    if (asked_.existing)
      refuse("It has a row for each value, and rows that it has already could stand for one or not.",
             "Move the columns to a table that the DDL creates.");
    if (m_.partitioned)
      refuse("It has a row for each value, and is partitioned.",
             fmt::format("Columns move {} an ordinary table then.", asked_.arrives ? "from" : "to"));
    m_.link = true;
    for (std::size_t i = 0; i < m_.columns.size(); i++) {
      auto from = bare_source(m_.push[i]);
      auto at = std::find(m_.source_columns.begin(), m_.source_columns.end(), from);
      if (at == m_.source_columns.end() || find(m_.columns[i])->type != source_column(from).type.text ||
          bare_target(m_.pull[static_cast<std::size_t>(at - m_.source_columns.begin())]) != m_.columns[i] ||
          m_.source_columns.size() != m_.columns.size())
        refuse(fmt::format("It has a row for each value, so that each of its columns must be a column of the {} version as it is.",
                           other_clients()),
               "Move the columns with their own type and without expressions.");
      if (m_.absent[static_cast<std::size_t>(at - m_.source_columns.begin())] != "NULL")
        refuse(fmt::format("It has a row for each value, and column {} has a default where there is none.", errors::quoted(from)),
               asked_.arrives ? "Leave the default out."
                              : fmt::format("Drop the default first: ALTER TABLE {} ALTER COLUMN {} DROP DEFAULT;",
                                            quote_identifier(request_.table.name), quote_identifier(from)));
      if (asked_.arrives && !find(m_.columns[i])->not_null)
        refuse(fmt::format("It has a row for each value, and column {} of it can hold none.", errors::quoted(m_.columns[i])),
               fmt::format("ALTER TABLE {} ALTER COLUMN {} SET NOT NULL;", quote_identifier(target_.name.name),
                           quote_identifier(m_.columns[i])));
    }
    in_order_of_columns();
  }

  // The source's values can then stand for those of the link.
  void in_order_of_columns() {
    names source_columns, pull;
    for (std::size_t i = 0; i < m_.columns.size(); i++) {
      source_columns.push_back(bare_source(m_.push[i]));
      pull.push_back(quote_identifier(m_.columns[i]));
    }
    m_.source_columns = std::move(source_columns);
    m_.pull = std::move(pull);
  }

  const request& request_;
  const asked_move& asked_;
  const other_table& target_;
  const moving_versions& versions_;
  const live_version& with_;  // the version of the source that has the columns
  const names& moving_;       // those that it has alone
  move m_;
};

void announce_move(const request& r, const move& m, const other_table& target, names& announcements) {
  names columns, moved, required, staying;
  for (const auto& name : m.source_columns)
    columns.push_back(errors::quoted(name));
  for (const auto& name : m.columns)
    moved.push_back(errors::quoted(name));
  for (const auto& column : target.columns) {
    if (column.not_null && contains(m.columns, column.name)) required.push_back(errors::quoted(column.name));
    if (!contains(m.columns, column.name) && !contains(m.target_key, column.name)) staying.push_back(errors::quoted(column.name));
  }
  auto table = errors::quoted(m.target.name);
  const char* clients = m.arrives ? "new" : "old";
  if (m.link) {
    announcements.push_back(
        fmt::format("Where table {} has several rows, clients of the {} version see one of them in {}, and change that one.", table,
                    clients, errors::listed(columns)));
  } else {
    if (m.existing)
      announcements.push_back(fmt::format(
          "A row of table {} comes with the backfill, and when clients of the old version fill {}, where there is none: who inserts one of "
          "his own "
          "then has to expect it.  It stays when they empty {}, and when the migration is rolled back.  A new row that leaves {} NULL gets "
          "what {} "
          "has.",
          table, errors::listed(columns), columns.size() == 1 ? "it" : "them", errors::listed(moved), errors::quoted(r.table.name)));
    else
      announcements.push_back(
          fmt::format("A row of table {} goes when clients of the {} version empty {}, and when its row of {} is deleted.", table, clients,
                      errors::listed(columns), errors::quoted(r.table.name)));
    if (!required.empty() && (m.existing || m.source_columns.size() > 1))
      announcements.push_back(fmt::format("Clients of the {} version get an error where they leave NULL for {} of table {}{}.", clients,
                                          errors::listed(required), table, m.existing ? "" : " and fill another column of it"));
    std::string meet = "Of two clients that write the same column of one row at once, one of each version, one can get 40001.";
    if (!contains(announcements, meet)) announcements.push_back(std::move(meet));
  }
  if (m.partitioned && !target.takes_any_row)
    announcements.push_back(
        fmt::format("Clients of the {} version get an error where no partition of table {} takes their row.", clients, table));
  if (m.arrives) {
    if (m.link) announcements.push_back("What the others hold is lost when the migration is purged, which purge refuses without force.");
    if (!staying.empty())
      announcements.push_back(fmt::format("{} {} of table {} {} not move, and what {} is lost when the migration is purged.",
                                          staying.size() == 1 ? "Column" : "Columns", errors::listed(staying), table,
                                          staying.size() == 1 ? "does" : "do", staying.size() == 1 ? "it holds" : "they hold"));
    return;
  }
  if (m.existing) return;
  auto truncate = fmt::format("TRUNCATE of {} needs CASCADE, as of any table that is referenced.", errors::quoted(r.table.name));
  if (r.versions.back().shape.kind == "partitioned table")
    truncate = fmt::format(
        "TRUNCATE of {0} or of a partition needs CASCADE, as of any table that is referenced, and a partition is detached only when no row "
        "of {1} belongs to one of its rows.",
        errors::quoted(r.table.name), table);
  if (!contains(announcements, truncate)) announcements.push_back(std::move(truncate));
}

}  // namespace

std::vector<move> plan_moves(const request& r, const moving_versions& versions, names& announcements) {
  std::vector<move> moves;
  for (const auto& asked : r.moves) {
    moves.push_back(move_planner(r, asked, versions).make());
    const auto& made = moves.back();
    announce_move(r, made, asked.target, announcements);
    if (made.arrives != moves.front().arrives)
      throw errors::change_not_staged(
          "columns that leave a table and columns that arrive in it",
          fmt::format("Table {} goes, and table {} comes.", errors::quoted((made.arrives ? made : moves.front()).target.name),
                      errors::quoted((made.arrives ? moves.front() : made).target.name)),
          "Stage one migration after the other.");
    for (const auto& name : made.source_columns)
      for (std::size_t i = 0; i + 1 < moves.size(); i++)
        if (contains(moves[i].source_columns, name)) throw errors::assigned_twice(made.arrives ? "up" : "down", name);
  }
  return moves;
}

}  // namespace accord::plan
