// libpqxx behind database.hpp.
#include "cli/database.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <pqxx/pqxx>

namespace accord::cli {

namespace {

value_kind kind_of(pqxx::oid type) {
  switch (type) {
    case 16:
      return value_kind::boolean;
    case 20:
    case 21:
    case 23:
    case 26:
    case 700:
    case 701:
    case 1700:
      return value_kind::number;
    case 114:
    case 3802:
      return value_kind::json;
    default:
      return value_kind::text;
  }
}

// libpqxx looks at the characters of what it quotes, and the server would refuse the same.
std::string quoted(const pqxx::work& transaction, const std::string& value) {
  try {
    return transaction.quote(value);
  } catch (const std::exception&) {
    throw sql_failure("22021", "the text is not valid in the encoding of the session (client_encoding)");
  }
}

}  // namespace

struct database::implementation {
  pqxx::connection connection;
  explicit implementation(const std::string& c) : connection(c) {}
};

std::size_t table::index_of(std::string_view column) const {
  auto found = std::find(columns.begin(), columns.end(), column);
  if (found == columns.end()) throw std::logic_error(fmt::format("result has no column \"{}\"", column));
  return static_cast<std::size_t>(found - columns.begin());
}

const std::optional<std::string>& table::at(std::size_t row, std::string_view column) const {
  return rows.at(row).at(index_of(column));
}

database::database(const std::string& connection_string) {
  try {
    self_ = std::make_unique<implementation>(connection_string);
  } catch (const std::exception& e) {
    throw connection_failure(e.what());
  }
}

database::~database() = default;
database::database(database&&) noexcept = default;

void database::require_extension() {
  auto installed = query("SELECT extversion FROM pg_catalog.pg_extension WHERE extname = 'pg_accord'");
  if (installed.rows.empty())
    throw connection_failure(
        "extension \"pg_accord\" is not installed in this database\n"
        "HINT:  Run CREATE EXTENSION pg_accord in it, or use --ephemeral.");
  if (installed.rows[0][0] != ACCORD_VERSION)
    throw connection_failure(
        fmt::format("extension \"pg_accord\" is version {} in this database, but this tool is version {}\n"
                    "HINT:  Use the tool of the same version, or run ALTER EXTENSION pg_accord UPDATE.",
                    *installed.rows[0][0], ACCORD_VERSION));
}

table database::query(std::string_view sql, const std::vector<std::optional<std::string>>& params) {
  try {
    pqxx::work transaction(self_->connection);
    // Parameters are put in as quoted literals: the one way that all versions of libpqxx share.
    std::string text;
    for (std::size_t i = 0; i < sql.size(); i++) {
      if (sql[i] == '$' && i + 1 < sql.size() && sql[i + 1] >= '1' && sql[i + 1] <= '9') {
        const auto& value = params.at(static_cast<std::size_t>(sql[++i] - '1'));
        text += value ? quoted(transaction, *value) : std::string("NULL");
      } else {
        text += sql[i];
      }
    }
    pqxx::result result = transaction.exec(text);
    table t;
    for (pqxx::row_size_type c = 0; c < result.columns(); c++) {
      t.columns.emplace_back(result.column_name(c));
      t.kinds.push_back(kind_of(result.column_type(c)));
    }
    for (pqxx::result::size_type r = 0; r < result.size(); r++) {
      auto& row = t.rows.emplace_back();
      for (pqxx::row_size_type c = 0; c < result.columns(); c++)
        row.push_back(result[r][c].is_null() ? std::nullopt : std::optional<std::string>(result[r][c].c_str()));
    }
    transaction.commit();
    return t;
  } catch (const pqxx::broken_connection& e) {
    throw connection_failure(e.what());
  } catch (const pqxx::sql_error& e) {
    throw sql_failure(std::string(e.sqlstate()), e.what());
  }
}

void database::execute(const std::string& sql) {
  try {
    pqxx::nontransaction session(self_->connection);
    session.exec(sql);
  } catch (const pqxx::broken_connection& e) {
    throw connection_failure(e.what());
  } catch (const pqxx::sql_error& e) {
    throw sql_failure(std::string(e.sqlstate()), e.what());
  }
}

}  // namespace accord::cli
